// SPDX-License-Identifier: Apache-2.0
// BIP-340 signatures over secp256k1, which organisations sign with: no browser has them of its own.

import { SecpPoint as Point } from '../vendor/noble.js';
import { bytesOf } from './bcs.js';
import { hex, sha256 } from './sha256.js';

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const number = (bytes) => BigInt('0x' + hex(bytes));
const tag = sha256(bytesOf('BIP0340/challenge'));

/** The point of an even y with this x; throws for an x that has none. */
const lift = (x) => Point.fromBytes(Uint8Array.of(2, ...x));

/** True when the 64 bytes are a signature of the 32-byte message under the 32 bytes of the key. */
export function verify(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const [r, s] = [signature.subarray(0, 32), number(signature.subarray(32))];
  if (s >= order) return false;
  const challenge = number(sha256(Uint8Array.of(...tag, ...tag, ...r, ...key, ...message))) % order;
  try {
    const point = Point.BASE.multiply(s, false).add(lift(key).negate().multiply(challenge, false));
    const { x, y } = point.toAffine();
    return !point.is0() && y % 2n === 0n && x === number(r);
  } catch {
    return false;
  }
}
