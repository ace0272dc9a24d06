// SPDX-License-Identifier: Apache-2.0
// The trees of a ledger, naively: what the verifier's own code is judged by.

import { createHash } from 'node:crypto';

export function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}
export const tagged = (tag, ...parts) => sha256(Uint8Array.of(tag), ...parts);

export const leafHash = (bytes) => tagged(0, bytes);

function split(count) {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

export function logRoot(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  const half = split(leaves.length);
  return tagged(1, logRoot(leaves.slice(0, half)), logRoot(leaves.slice(half)));
}

/** The hashes beside the leaves [first, last). */
export function rangeProof(leaves, first, last, begin = 0, size = leaves.length) {
  if (size === 0) return [];
  if (begin >= last || begin + size <= first) return [logRoot(leaves.slice(begin, begin + size))];
  if (size === 1) return [];
  const half = split(size);
  return [
    ...rangeProof(leaves, first, last, begin, half),
    ...rangeProof(leaves, first, last, begin + half, size - half),
  ];
}

const bit = (key, i) => (key[i >> 3] >> (7 - (i & 7))) & 1;
const empty = new Uint8Array(32);

/** The root of {key, hash} leaves that share their first `depth` bits. */
export function stateRoot(leaves, depth = 0) {
  if (leaves.length === 0) return empty;
  if (leaves.length === 1) return tagged(2, leaves[0].key, leaves[0].hash);
  const [left, right] = [0, 1].map((side) => leaves.filter(({ key }) => bit(key, depth) === side));
  return tagged(3, stateRoot(left, depth + 1), stateRoot(right, depth + 1));
}

/** The hashes beside the paths of some keys that are there, depth first; `depths` gets each key's depth by its hex. */
export function sharedSiblings(leaves, keys, depths, depth = 0) {
  if (keys.length === 0) return [stateRoot(leaves, depth)];
  if (leaves.length === 1) {
    depths.set(Buffer.from(keys[0]).toString('hex'), depth);
    return [];
  }
  return [0, 1].flatMap((side) =>
    sharedSiblings(
      leaves.filter(({ key }) => bit(key, depth) === side),
      keys.filter((key) => bit(key, depth) === side),
      depths,
      depth + 1,
    ),
  );
}

/** {siblings, other} of a key that may be absent. */
export function statePath(leaves, key) {
  const siblings = [];
  let here = leaves;
  while (here.length > 1) {
    const depth = siblings.length;
    siblings.push(
      stateRoot(
        here.filter((leaf) => bit(leaf.key, depth) !== bit(key, depth)),
        depth + 1,
      ),
    );
    here = here.filter((leaf) => bit(leaf.key, depth) === bit(key, depth));
  }
  const [found] = here;
  const isOther = found && Buffer.compare(found.key, key) !== 0;
  return { siblings, other: isOther ? { key: found.key, record_hash: found.hash } : null };
}
