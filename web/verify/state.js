// SPDX-License-Identifier: Apache-2.0
// The state tree (docs/encoding.md): the root that a key, its record or its absence, and a path give.

import { hash, same, tag } from './sha256.js';

const empty = new Uint8Array(32);
const leafHash = (key, recordHash) => hash(tag.stateLeaf, key, recordHash);
const bit = (key, i) => (key[i >> 3] >> (7 - (i & 7))) & 1;

/** H(05 ‖ namespace ‖ id): the place of a stored key in the tree, and the name of a subject. */
export const treeKey = (storedKey) => hash(tag.key, storedKey);

function start(key, record, path) {
  if (record !== null) return path.other === null ? leafHash(key, hash(tag.record, record)) : null;
  if (path.other === null) return empty;
  if (same(path.other.key, key)) return null;
  for (let i = 0; i < path.siblings.length; ++i) {
    if (bit(path.other.key, i) !== bit(key, i)) return null;
  }
  return leafHash(path.other.key, path.other.record_hash);
}

/** `key` is a tree key; `record` its bytes, null to prove absence. Null for a path that cannot be the key's. */
export function rootOf(key, record, path) {
  let node = start(key, record, path);
  const last = path.siblings.length - 1;
  if (node === null || (last >= 0 && same(path.siblings[last], empty))) return null;
  for (let i = last; i >= 0; --i) {
    const beside = path.siblings[i];
    node = bit(key, i) === 0 ? hash(tag.stateNode, node, beside) : hash(tag.stateNode, beside, node);
  }
  return node;
}
