// SPDX-License-Identifier: Apache-2.0
// Ed25519 as libsodium accepts it: canonical encodings, no point of small order, S below the group's order, the
// equation without cofactor. WebCrypto checks the last two; the points are judged before, by the carried library,
// which also does the rest where WebCrypto has no Ed25519 (older browsers, plain http).

import { Point, sha512 } from '../vendor/noble.js';

const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

const littleEndian = (bytes) => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** The point of a canonical encoding that is not of small order; null for any other bytes. */
function pointOf(bytes) {
  try {
    const point = Point.fromBytes(bytes, false);
    return point.isSmallOrder() ? null : point;
  } catch {
    return null;
  }
}

/** S·B = R + H(R ‖ A ‖ M)·A, on the group of the carried library. */
function holds(a, r, s, key, message, signature) {
  const digest = sha512.create().update(signature.subarray(0, 32)).update(key).update(message).digest();
  const challenge = littleEndian(digest) % order;
  return Point.BASE.multiply(s, false).equals(r.add(a.multiply(challenge, false)));
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
  const a = pointOf(key);
  const r = pointOf(signature.subarray(0, 32));
  const s = littleEndian(signature.subarray(32));
  if (a === null || r === null || s >= order) return false;
  const native = subtle ? await holdsNatively(subtle, key, message, signature) : null;
  return native ?? holds(a, r, s, key, message, signature);
}
