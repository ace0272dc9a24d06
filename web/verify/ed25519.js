// SPDX-License-Identifier: Apache-2.0
// Ed25519 as libsodium accepts it: canonical encodings, no point of small order, S below the group's order, the
// equation without cofactor. WebCrypto checks the last, and that the key is a point; the rest is judged before, by the
// numbers alone. Where WebCrypto has no Ed25519 (older browsers, plain http) the carried library does its part.

import { Point, sha512 } from '../vendor/noble.js';
import { hex } from './sha256.js';

const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
const field = 2n ** 255n - 19n;
/** y of the points whose order divides 8: no other point has one of these. */
const smallOrder = [
  0n,
  1n,
  field - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
];

const littleEndian = (bytes) => BigInt('0x' + hex(Uint8Array.from(bytes).reverse()));

/** Whether the bytes may encode a point: y is below the field's order, and not one of small order. */
function mayBePoint(bytes) {
  const y = BigInt.asUintN(255, littleEndian(bytes));
  return y < field && !smallOrder.includes(y);
}

/** S·B = R + H(R ‖ A ‖ M)·A, on the group of the carried library. */
function holds(key, message, signature, s) {
  const digest = sha512.create().update(signature.subarray(0, 32)).update(key).update(message).digest();
  const challenge = littleEndian(digest) % order;
  try {
    const [a, r] = [key, signature.subarray(0, 32)].map((bytes) => Point.fromBytes(bytes, false));
    return Point.BASE.multiply(s, false).equals(r.add(a.multiply(challenge, false)));
  } catch {
    return false;
  }
}

async function holdsNatively(subtle, key, message, signature) {
  try {
    const imported = await subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
    return await subtle.verify({ name: 'Ed25519' }, imported, signature, message);
  } catch {
    return null;
  }
}

/**
 * True when the 64 bytes are a signature of the message under the 32 bytes of the key. `subtle` is WebCrypto, or
 * undefined to do without.
 */
export async function verify(key, message, signature, subtle = globalThis.crypto?.subtle) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const s = littleEndian(signature.subarray(32));
  if (!mayBePoint(key) || !mayBePoint(signature.subarray(0, 32)) || s >= order) return false;
  const native = subtle ? await holdsNatively(subtle, key, message, signature) : null;
  return native ?? holds(key, message, signature, s);
}
