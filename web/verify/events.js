// SPDX-License-Identifier: Apache-2.0
// The distinct events of a proof, one for each log index, oldest first; and where some are missing.

import { isEvent } from './format.js';
import { needsOf } from './links.js';
import { hex } from './sha256.js';
import { partsOfName } from './subject.js';

/** The operation that registers an owner: its place in the format's list of operations. */
const claimOperation = 12;

/** A CBV word in any of its notations: bare, CURIE, URN, Web URI. */
export const word = (term) =>
  typeof term === 'string' ? term.replace(/^.*[/:]/, '').replace(/^(BizStep|Disp)-/, '') : '';

const handovers = ['offer', 'accept', 'reject', 'withdraw', 'sale', 'return'];
const steps = {
  inspecting: 'inspect',
  departing: 'depart',
  arriving: 'arrive',
  sensor_reporting: 'sensors',
  customs_export: 'customs',
  customs_import: 'customs',
  customs_hold: 'customs',
  customs_release: 'customs',
};

function kindOfObject(event) {
  const handover = event['tally:handover'];
  if (handovers.includes(handover)) return handover;
  if (event.action === 'ADD') return 'produce';
  if (event.action === 'DELETE') return 'destroy';
  if (word(event.disposition) === 'recalled') return 'recall';
  return steps[word(event.bizStep)] ?? 'observe';
}

function kindOf(leaf, content) {
  if (leaf.links.some(({ role }) => role === 'contract')) return 'title';
  if (!isEvent(leaf)) return content?.payload?.[0] === claimOperation ? 'claim' : 'other';
  const event = content?.event;
  if (!event) return 'altered';
  if (event.errorDeclaration) return 'correction';
  if (event.type === 'TransformationEvent') return 'transform';
  if (event.type === 'AggregationEvent' && event.action !== 'OBSERVE')
    return event.action === 'ADD' ? 'pack' : 'unpack';
  return event.type === 'ObjectEvent' ? kindOfObject(event) : 'observe';
}

const byOrder = (a, b) => a.timeMs - b.timeMs || Number(a.index - b.index);

/**
 * `balanced`: not plain; `holds`: a leaf of it is signed for, with this content; `altered`: one had another.
 */
export function eventsOf(histories) {
  const found = new Map();
  for (const history of histories) {
    for (const { leaf, content } of history.leaves) {
      const known = found.get(leaf.log_index);
      const one = known ?? { index: leaf.log_index, subjects: new Map(), entries: [], holds: false, altered: false };
      // A copy in a history whose root holds is the signed one.
      if (!known || (history.holds && !known.holds)) {
        const { kind, event = null } = { kind: kindOf(leaf, content), event: content?.event };
        Object.assign(one, { kind, event, actor: hex(leaf.actor), viewSize: leaf.view_size });
        one.balanced = leaf.kind !== 'plain';
        one.timeMs = Number(leaf.event_time_ms);
      }
      one.holds ||= history.holds && content !== null;
      one.altered ||= content === null;
      one.subjects.set(history.subject, history);
      one.entries.push(...(content?.own ?? []));
      found.set(leaf.log_index, one);
    }
  }
  return [...found.values()].sort(byOrder);
}

/** The range [from, to) that must be shown of each history: of the subject from its first leaf, of others as asked. */
function expectedRanges(histories) {
  const [{ subject: first, shown, own }] = histories;
  const ranges = new Map([[first, { from: shown[0]?.sequence ?? own.count, to: own.count }]]);
  for (const history of histories) {
    for (const { subject, first: from, last } of needsOf(history.shown)) {
      const other = histories.find((one) => one.subject === subject);
      if (!other) continue;
      const known = ranges.get(subject) ?? { from, to: 0n };
      const to = last ?? other.own.count;
      ranges.set(subject, { from: from < known.from ? from : known.from, to: to > known.to ? to : known.to });
    }
  }
  return ranges;
}

/** Gaps in the sequences of one history: [{after, before, size}], by log indexes. */
function gapsOf({ shown }, range) {
  const gaps = [];
  if (!range || shown.some(({ sequence }, i) => i > 0 && sequence <= shown[i - 1].sequence)) return gaps;
  let next = range.from;
  let after = -1n;
  for (const leaf of [...shown, null]) {
    const sequence = leaf?.sequence ?? range.to;
    if (sequence > next) gaps.push({ after, before: leaf?.log_index ?? null, size: sequence - next });
    if (leaf) {
      next = sequence + 1n;
      after = leaf.log_index;
    }
  }
  return gaps;
}

/** Where at least how many signed events are missing: [{after, size}], `after` a log index. */
export function missingEvents(histories) {
  const ranges = expectedRanges(histories);
  const gaps = histories
    .flatMap((history) => gapsOf(history, ranges.get(history.subject)))
    .sort((a, b) => Number(a.after - b.after));
  const merged = [];
  for (const gap of gaps) {
    const last = merged.at(-1);
    const overlaps = last && (last.before === null || gap.after < last.before);
    if (!overlaps) {
      merged.push({ ...gap });
      continue;
    }
    last.after = gap.after;
    if (gap.before !== null && (last.before === null || gap.before < last.before)) last.before = gap.before;
    if (gap.size > last.size) last.size = gap.size;
  }
  return merged.map(({ after, size }) => ({ after, size: Number(size) }));
}

/** The GTIN of an event's goods: of its class elements, else of its own entries. */
export function gtinOf(link) {
  return partsOfName(link ?? '').gtin ?? null;
}
