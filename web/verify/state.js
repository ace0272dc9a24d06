// SPDX-License-Identifier: Apache-2.0
// The state tree (docs/encoding.md): the root that a key, its record or its absence, and a path give.

import { hash, hex, same, tag } from './sha256.js';

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

/**
 * The root that records {key: a tree key, record, depth} and the hashes beside their paths give; null when they do not
 * fit exactly. No key twice.
 */
export function sharedRoot(records, siblings) {
  const sorted = records.map((one) => ({ ...one, order: hex(one.key) })).sort((a, b) => (a.order < b.order ? -1 : 1));
  let next = 0;
  const node = (some, depth) => {
    if (some.length === 0) return siblings[next++];
    if (some.length === 1 && some[0].depth === depth) return leafHash(some[0].key, hash(tag.record, some[0].record));
    if (depth === 255) return null;
    const at = some.findIndex(({ key }) => bit(key, depth) === 1);
    const cut = at < 0 ? some.length : at;
    const left = node(some.slice(0, cut), depth + 1);
    const right = left && node(some.slice(cut), depth + 1);
    return right && hash(tag.stateNode, left, right);
  };
  const out = node(sorted, 0);
  return out && next === siblings.length ? out : null;
}
