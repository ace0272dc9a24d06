// SPDX-License-Identifier: Apache-2.0
// Two servers of one network: whether what they show of one height is the same block, and if not, who signed both.

import { decode, struct } from './bcs.js';
import { Finality, ResultHeader } from './format.js';
import { faultOfFinality, signersOf } from './proof.js';
import { hash, hex, same, tag } from './sha256.js';

/** A header and its finality as a server gives them for a height (/header/HEIGHT); null for bytes that are none. */
export function readFinal(bytes) {
  try {
    return decode(struct({ header: ResultHeader, finality: Finality }), bytes);
  } catch {
    return null;
  }
}

/** The hash of a result, as hexadecimal digits. */
export const resultOf = (header) => hex(hash(tag.resultHeader, header.raw));

/**
 * Holds `other` {header, finality} against `proof`, a checked proof of the same height. {state}: "same"; "conflict"
 * when both are final, with `guilty`, the keys that signed both; "unproved" when the other is not final, with `detail`.
 */
export async function compareFinal(proof, other, subtle) {
  const { header, finality, validators } = proof;
  if (same(header.raw, other.header.raw)) return { state: 'same' };
  const isOne = same(header.chain, other.header.chain) && header.height === other.header.height;
  const isBySame =
    finality.type === other.finality.type && same(header.validators_hash, other.header.validators_hash);
  const fault =
    isOne && isBySame
      ? await faultOfFinality(other.finality, other.header, validators, subtle)
      : 'another chain, height or set of validators';
  if (fault) return { state: 'unproved', detail: fault };
  const [mine, theirs] = await Promise.all([finality, other.finality].map((one) => signersOf(one, validators)));
  return { state: 'conflict', guilty: mine.filter((key) => theirs.includes(key)) };
}

/** A proof of nothing but `other`'s finality, which tally proof accuse takes beside the bytes of `proof`. */
export function evidenceOf(bytes, proof, other) {
  const before = bytes.subarray(0, proof.header.raw.byteOffset - bytes.byteOffset);
  // No histories, records, siblings, absences, witnesses.
  return Uint8Array.of(...before, ...other.raw, 0, 0, 0, 0, 0);
}
