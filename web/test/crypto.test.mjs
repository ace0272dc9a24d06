// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign, webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { Point, sha512 } from '../vendor/noble.js';
import { verify } from '../verify/ed25519.js';
import { fromHex, sha256, hash, hex } from '../verify/sha256.js';

/** Without WebCrypto, as on plain http, and with it: node's may not know Ed25519 and then counts as without. */
const ways = [null, webcrypto.subtle];
const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
const littleEndian = (value) => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
const number = (bytes) => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

async function judge(key, message, signature) {
  const said = [];
  for (const subtle of ways) said.push(await verify(key, message, signature, subtle));
  assert.equal(said[0], said[1], 'both ways agree');
  return said[0];
}

function pair() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  return { key, sign: (message) => new Uint8Array(sign(null, message, privateKey)) };
}

test('SHA-256 is SHA-256, in parts too', () => {
  for (const size of [0, 1, 55, 56, 63, 64, 65, 1000, 100_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
    const expected = createHash('sha256').update(bytes).digest('hex');
    assert.equal(hex(sha256(bytes)), expected);
    assert.equal(hex(sha256(bytes.subarray(0, size >> 1), bytes.subarray(size >> 1))), expected);
  }
  assert.equal(hex(hash(7, Uint8Array.of(1))), createHash('sha256').update(Uint8Array.of(7, 1)).digest('hex'));
});

test('Ed25519: RFC 8032, section 7.1', async () => {
  const vectors = [
    [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
        '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
        '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ];
  for (const [key, message, signature] of vectors) {
    assert.ok(await judge(fromHex(key), fromHex(message), fromHex(signature)));
    assert.ok(!(await judge(fromHex(key), fromHex(message + '00'), fromHex(signature))));
  }
});

test('Ed25519: another key, message or bit is refused', async () => {
  const [one, other] = [pair(), pair()];
  const message = sha256(Uint8Array.of(1));
  const signature = one.sign(message);
  assert.ok(await judge(one.key, message, signature));
  assert.ok(!(await judge(other.key, message, signature)));
  for (const at of [0, 31, 32, 63]) {
    const changed = signature.slice();
    changed[at] ^= 1;
    assert.ok(!(await judge(one.key, message, changed)), `byte ${at}`);
  }
  assert.ok(!(await judge(one.key.subarray(1), message, signature)));
  assert.ok(!(await judge(one.key, message, signature.subarray(1))));
});

test('Ed25519: S of the group’s order and above is refused', async () => {
  const one = pair();
  const message = sha256(Uint8Array.of(2));
  const signature = one.sign(message);
  const above = Uint8Array.from([
    ...signature.subarray(0, 32),
    ...littleEndian(number(signature.subarray(32)) + order),
  ]);
  assert.ok(!(await judge(one.key, message, above)));
});

/** The points of small order, with the encodings of them that are not canonical. */
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(fromHex);

test('Ed25519: keys and R of small order are refused', async () => {
  const one = pair();
  const zero = new Uint8Array(32);
  for (const point of smallOrder) {
    for (let i = 0; i < 16; ++i) {
      const message = sha256(Uint8Array.of(3, i));
      // With S = 0, R + kA = 0 holds for some messages when both are of small order.
      for (const r of smallOrder) assert.ok(!(await verify(point, message, Uint8Array.from([...r, ...zero]), null)));
    }
    const signature = Uint8Array.from([...point, ...one.sign(zero).subarray(32)]);
    assert.ok(!(await judge(one.key, zero, signature)));
  }
});

test('Ed25519: a signature that holds only after multiplying by the cofactor is refused', async () => {
  const secret = 12345678901234567890n;
  const nonce = 98765432109876543210n;
  const key = Point.BASE.multiply(secret).toBytes();
  const torsion = Point.fromBytes(smallOrder[5], false);
  const message = sha256(Uint8Array.of(4));
  const r = Point.BASE.multiply(nonce).add(torsion).toBytes();
  const challenge = number(sha512(Uint8Array.from([...r, ...key, ...message]))) % order;
  const signature = Uint8Array.from([...r, ...littleEndian((nonce + challenge * secret) % order)]);
  assert.ok(!(await judge(key, message, signature)));
  const plain = Point.BASE.multiply(nonce).toBytes();
  const again = number(sha512(Uint8Array.from([...plain, ...key, ...message]))) % order;
  assert.ok(await judge(key, message, Uint8Array.from([...plain, ...littleEndian((nonce + again * secret) % order)])));
});
