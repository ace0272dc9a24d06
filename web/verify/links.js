// SPDX-License-Identifier: Apache-2.0
// What the links of shown leaves ask of other histories (docs/proof.md, "What belongs to a proof"), and whether a proof
// has it.

import { nameOfKey } from './subject.js';
import { hex } from './sha256.js';

/** Where a stay ends that begins at leaf `begin`: behind the unit's leaf that the next way out names; null: open. */
function endOfStay(leaves, begin, unit) {
  for (const leaf of leaves.slice(begin + 1)) {
    const out = leaf.links.find((link) => link.role === 'out_of' && hex(link.key) === unit);
    if (out) return out.sequence + 1n;
  }
  return null;
}

/** The leaves [first, last) that the links lead to; `last` null: to the history's end. */
export function needsOf(leaves) {
  const needs = [];
  leaves.forEach((leaf, i) => {
    for (const { role, key, sequence } of leaf.links) {
      const subject = hex(key);
      if (role === 'lot') needs.push({ role, subject, first: 0n, last: null });
      if (role === 'made_from') needs.push({ role, subject, first: 0n, last: sequence + 1n });
      if (role === 'into') needs.push({ role, subject, first: sequence, last: endOfStay(leaves, i, subject) });
    }
  });
  return needs;
}

/** The other half of a link: the leaf that it points to, when it is here. */
function agrees(leaf, link, history) {
  if (link.sequence >= history.own.count) return false;
  const other = history.at(link.sequence);
  if (!other) return true;
  const sameEvent = link.role === 'into' || link.role === 'out_of';
  return other.height <= leaf.height && (!sameEvent || other.log_index === leaf.log_index);
}

function covers(history, need, isSubject) {
  const last = need.last ?? history.own.count;
  if (need.first >= last) return false;
  // What is not shown of the subject is named.
  if (isSubject) return true;
  const shown = history.shown.filter(({ sequence }) => sequence >= need.first && sequence < last);
  return BigInt(shown.length) === last - need.first;
}

/**
 * Follows every link from the first of the histories (as proof.js opens them). Returns {fault, missing}: what is wrong,
 * in words or null, and the subjects that a link leads to and that are not here.
 */
export function judgeLinks(histories) {
  const bySubject = new Map(histories.map((history) => [history.subject, history]));
  for (const history of histories) {
    for (const leaf of history.shown) {
      for (const link of leaf.links) {
        const other = bySubject.get(hex(link.key));
        if (other && !agrees(leaf, link, other)) {
          return { fault: `leaf ${leaf.sequence} of ${nameOfKey(history.key)} and its ${link.role} disagree` };
        }
      }
    }
  }
  const missing = new Map();
  const reached = new Set([histories[0]]);
  for (const from of reached) {
    for (const need of needsOf(from.shown)) {
      const to = bySubject.get(need.subject);
      const what = `${need.role} of ${nameOfKey(from.key)}`;
      if (!to) missing.set(need.subject, what);
      else if (!covers(to, need, to === histories[0])) return { fault: `what is ${what}` };
      else reached.add(to);
    }
  }
  const astray = histories.find((history) => !reached.has(history));
  return { fault: astray ? `nothing leads to ${nameOfKey(astray.key)}` : null, missing };
}
