// SPDX-License-Identifier: Apache-2.0
// RFC 6962 trees: the root that some leaves and the hashes beside them give (docs/encoding.md, "Merkle logs").

import { hash, sha256, tag } from './sha256.js';

export const leafHash = (bytes) => hash(tag.logLeaf, bytes);
const nodeHash = (left, right) => hash(tag.logNode, left, right);

/** The largest power of two below a count above 1. */
function split(count) {
  let power = 1n;
  while (power * 2n < count) power *= 2n;
  return power;
}

/**
 * The root that leaves {place, hash} and the hashes beside them give. Counts and places are BigInt, places ascend. Null
 * when leaves and hashes do not fit the count exactly.
 */
export function placesRoot(count, leaves, hashes) {
  if (leaves.some(({ place }, i) => place >= count || (i > 0 && place <= leaves[i - 1].place))) return null;
  if (count === 0n) return hashes.length === 0 ? sha256() : null;
  let next = 0;
  const root = (begin, size, shown) => {
    if (shown.length === 0) return hashes[next++];
    if (size === 1n) return shown[0].hash;
    const middle = begin + split(size);
    const at = shown.findIndex(({ place }) => place >= middle);
    const cut = at < 0 ? shown.length : at;
    const left = root(begin, middle - begin, shown.slice(0, cut));
    const right = left && root(middle, begin + size - middle, shown.slice(cut));
    return right && nodeHash(left, right);
  };
  const out = root(0n, count, leaves);
  return out && next === hashes.length ? out : null;
}

/** The same for the leaves in a row from `first` on. */
export const rangeRoot = (count, first, leaves, hashes) =>
  placesRoot(
    count,
    leaves.map((hash, i) => ({ place: first + BigInt(i), hash })),
    hashes,
  );

/** The root over the leaves' bytes. */
export const logRoot = (leaves) => rangeRoot(BigInt(leaves.length), 0n, leaves.map(leafHash), []);
