// SPDX-License-Identifier: Apache-2.0
// RFC 6962 trees: the root that a range of leaves and the hashes beside it give (docs/encoding.md, "Merkle logs").

import { hash, sha256, tag } from './sha256.js';

export const leafHash = (bytes) => hash(tag.logLeaf, bytes);
const nodeHash = (left, right) => hash(tag.logNode, left, right);

/** The largest power of two below a count above 1. */
function split(count) {
  let power = 1n;
  while (power * 2n < count) power *= 2n;
  return power;
}

/** Counts are BigInt. Null when leaves and hashes do not fit the count exactly. */
export function rangeRoot(count, first, leaves, hashes) {
  const last = first + BigInt(leaves.length);
  if (last > count) return null;
  if (count === 0n) return hashes.length === 0 ? sha256() : null;
  let next = 0;
  const root = (begin, size) => {
    if (begin >= last || begin + size <= first) return next < hashes.length ? hashes[next++] : null;
    if (size === 1n) return leaves[Number(begin - first)];
    const half = split(size);
    const left = root(begin, half);
    const right = left && root(begin + half, size - half);
    return right && nodeHash(left, right);
  };
  const out = root(0n, count);
  return next === hashes.length ? out : null;
}

/** The root over the leaves' bytes. */
export const logRoot = (leaves) => rangeRoot(BigInt(leaves.length), 0n, leaves.map(leafHash), []);
