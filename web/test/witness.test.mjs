// SPDX-License-Identifier: Apache-2.0
// Co-signatures: whose count, and what makes them count for nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verify as verifyParty } from '../verify/bip340.js';
import { fromHex } from '../verify/sha256.js';
import { compareFinal, evidenceOf, readFinal, verifyTrace } from '../verify/index.js';
import { decode } from '../verify/bcs.js';
import { TraceProof } from '../verify/format.js';
import { silk, subjectName } from './story/silk.mjs';

const timeMs = Date.parse('2026-11-23T14:31:02Z');
const [auditor, certifier, customs, warehouse] = [0x51, 0x52, 0x53, 0x54];
const keys = [
  { code: 'AUDIT', byte: auditor },
  { code: 'CERTA', byte: certifier },
  { code: 'CNCUST', byte: customs },
  // A validator.
  { code: 'MAASHUB', byte: warehouse },
];

async function check(bytes, registered = keys, change = (proof) => proof) {
  const { ledger, item } = silk({ witnesses: registered });
  const proof = ledger.prove(item, { witnesses: bytes.map((byte) => ({ byte, timeMs })) });
  return verifyTrace(change(proof), subjectName, ledger.anchor());
}

test('auditors and certifiers are named with the time of their clocks', async () => {
  const verdict = await check([auditor, certifier]);
  assert.equal(verdict.failed, null, verdict.detail);
  assert.equal(verdict.witnesses.length, 2);
  assert.ok(verdict.witnesses.every((one) => one.timeMs === timeMs && /^[0-9a-f]{64}$/.test(one.party)));
  assert.deepEqual((await check([])).witnesses, []);
});

test('others are refused by name', async () => {
  const refused = async (detail, ...told) => {
    const { failed, detail: found, witnesses } = await check(...told);
    assert.equal(failed, 'witness');
    assert.match(found, detail);
    assert.deepEqual(witnesses, []);
  };
  await refused(/no witness/, [customs]);
  await refused(/no witness/, [warehouse]);
  await refused(/no member's key/, [auditor], []);
  await refused(/not valid/, [auditor], [{ code: 'AUDIT', byte: auditor, revoked: 1 }]);
  await refused(/no witness/, [auditor], [{ code: 'AUDIT', byte: auditor, kind: 3 }]);
  await refused(/ascend/, [auditor, auditor]);
  // The last byte is the signature's; 70 bytes before, the time's.
  const flip = (back) => (proof) => Uint8Array.from(proof, (byte, i) => (i === proof.length - back ? byte ^ 1 : byte));
  await refused(/did not sign/, [auditor], keys, flip(1));
  await refused(/did not sign/, [auditor], keys, flip(70));
});

test('a witness that signed another state signed nothing here', async () => {
  const { ledger, item } = silk({ witnesses: keys });
  const other = silk({ witnesses: keys, observations: 1 });
  const witnesses = [{ byte: auditor, timeMs }];
  const [mine, theirs] = [ledger.prove(item, { witnesses }), other.ledger.prove(other.item, { witnesses })];
  const swapped = Uint8Array.of(...mine.subarray(0, -64), ...theirs.subarray(-64));
  assert.equal((await verifyTrace(swapped, subjectName, ledger.anchor())).failed, 'witness');
});

// https://github.com/bitcoin/bips/blob/master/bip-0340/test-vectors.csv: 0, 1, 4 hold; 5 to 13 do not.
const field = 'fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f';
const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
const key = 'dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659';
const message = '243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89';
const r = '6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de3341';
const s = '8906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a';

test('BIP-340 signatures hold and fail as published', () => {
  const holds = (one, said, signature) => verifyParty(fromHex(one), fromHex(said), fromHex(signature));
  assert.ok(holds(key, message, r + s));
  assert.ok(
    holds(
      'f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9',
      '0'.repeat(64),
      'e907831f80848d1069a5371b402410364bdf1c5f8307b0084c55f1ce2dca8215' +
        '25f66a4a85ea8b71e482a74f382d2ce5ebeee8fdb2172f477df4900d310536c0',
    ),
  );
  assert.ok(
    holds(
      'd69c3509bb99e412e68b0fe8544e72837dfa30746d8be2aa65975f29d22dc7b9',
      '4df3c3f68fcc83b27e9d42c90431a72499f17875c81a599b566c9889b9696703',
      '00000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c63' +
        '76afb1548af603b3eb45c9f8207dee1060cb71c04e80f593060b07d28308d7f4',
    ),
  );
  const no = [
    // The key is no point.
    ['eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34', r + s],
    [field.replace(/2f$/, '30'), r + s],
    // An odd y, a negated message, a negated s.
    [
      key,
      'fff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556' +
        '3cc27944640ac607cd107ae10923d9ef7a73c643e166be5ebeafa34b1ac553e2',
    ],
    [
      key,
      '1fa62e331edbc21c394792d2ab1100a7b432b013df3f6ff4f99fcb33e0e1515f' +
        '28890b3edb6e7189b630448b515ce4f8622a954cfe545735aaea5134fccdb2bd',
    ],
    [key, r + '961764b3aa9b2ffcb6ef947b6887a226e8d7c93e00c5ed0c1834ff0d0c2e6da6'],
    // A point at infinity, r no x of a point, r = p, s = n.
    [key, '0'.repeat(64) + '123dda8328af9c23a94c1feecfd123ba4fb73476f0d594dcb65c6425bd186051'],
    [key, '0'.repeat(63) + '1' + '7615fbaf5ae28864013c099742deadb4dba87f11ac6754f93780d5a1837cf197'],
    [key, '4a298dacae57395a15d0795ddbfd1dcb564da82b0f269bc70a74f8220429ba1d' + s],
    [key, field + s],
    [key, r + order],
  ];
  for (const [one, signature] of no) assert.equal(holds(one, message, signature), false, signature);
});

test('two servers: the same block, a conflict with its keys, a block that is not final', async () => {
  const { ledger, item } = silk();
  const bytes = ledger.prove(item);
  const proof = decode(TraceProof, bytes);
  assert.deepEqual(await compareFinal(proof, readFinal(ledger.final())), { state: 'same' });
  const other = silk({ observations: 1 }).ledger;
  const found = await compareFinal(proof, readFinal(other.final([1, 2, 3])));
  assert.equal(found.state, 'conflict');
  assert.deepEqual(found.guilty, [1, 2, 3].map((place) => Buffer.from(ledger.pairs[place].key).toString('hex')));
  const evidence = decode(TraceProof, evidenceOf(bytes, proof, readFinal(other.final([1, 2, 3]))));
  assert.deepEqual([evidence.header.height, evidence.histories.length], [proof.header.height, 0]);
  assert.equal((await compareFinal(proof, readFinal(other.final([1, 2])))).state, 'unproved');
  assert.equal(readFinal(bytes), null);
});
