// SPDX-License-Identifier: Apache-2.0
// Signs as organisations do (BIP-340), for tests: nothing here keeps a secret from whoever measures time.

import { SecpPoint as Point } from '../../vendor/noble.js';
import { sha256 } from './trees.mjs';

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const number = (bytes) => BigInt('0x' + Buffer.from(bytes).toString('hex'));
const bytesOf = (value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
/** The scalar whose point has an even y, and that point's x. */
function even(scalar) {
  const { x, y } = Point.BASE.multiply(scalar).toAffine();
  return { scalar: y % 2n === 0n ? scalar : order - scalar, x: bytesOf(x) };
}

/** A key pair from one repeated byte. */
export function partyPair(byte) {
  const { scalar: secret, x: key } = even(number(Buffer.alloc(32, byte)));
  const tag = sha256('BIP0340/challenge');
  const sign = (message) => {
    const { scalar: nonce, x: r } = even(number(sha256(bytesOf(secret), message)) % order);
    const challenge = number(sha256(tag, tag, r, key, message));
    return Buffer.concat([r, bytesOf((nonce + challenge * secret) % order)]);
  };
  return { key: new Uint8Array(key), sign };
}
