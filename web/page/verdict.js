// SPDX-License-Identifier: Apache-2.0
// What the page says first, from what the check found (design: look, "Verdicts"; the first that applies).

import { readRecord } from '../verify/book.js';
import { missingEvents } from '../verify/events.js';
import { space } from '../verify/format.js';

/** A healthy network certifies at least every ten seconds (idle_block_ms); this is sixty of those. */
const staleAfterMs = 600_000;

/** Which of the failing titles belongs to a check. */
function reasonOf(verdict, missing) {
  if (verdict.failed === 'finality') return verdict.signatures < verdict.quorum ? 'signatures' : 'altered';
  if (['history', 'links'].includes(verdict.failed) && missing.length > 0) return 'missing';
  return (
    { form: 'form', chain: 'chain', anchor: 'chain', subject: 'subject', conflict: 'conflict' }[verdict.failed] ??
    'altered'
  );
}

/** Whether the signed state says that the subject, or the lot that it is of, is recalled. */
export function isRecalled(histories, events) {
  const status = histories.some(
    (history) =>
      [space.item, space.lot].includes(history.key[0]) &&
      isOwn(history, histories) &&
      readRecord(history)?.status === 'recalled',
  );
  return status || events.some((event) => event.kind === 'recall' && event.holds && touchesOwn(event, histories));
}

/** The subject itself, and the lot that an item is of; not what these were made from. */
function isOwn(history, histories) {
  const subject = readRecord(histories[0]);
  const name = new TextDecoder().decode(history.key.subarray(1));
  return history === histories[0] || (history.key[0] === space.lot && subject?.lot === name);
}
const touchesOwn = (event, histories) => [...event.subjects.values()].some((history) => isOwn(history, histories));

/**
 * {state, …}: state is failed, recalled, stale, partial or complete. `seen` is what Anchors.see said; `testClock` and
 * `now` decide whether the header's age means anything.
 */
export function judge(verdict, events, { testClock, now, seen }) {
  const shown = events.length;
  const missing = verdict.histories ? missingEvents(verdict.histories) : [];
  const lost = missing.reduce((sum, { size }) => sum + size, 0);
  const recalled = verdict.histories !== undefined && isRecalled(verdict.histories, events);
  const signed = shown + (verdict.failed ? lost : 0);
  const out = { shown, signed, missing: [], recalled, reason: null };
  if (verdict.failed) {
    const reason = reasonOf(verdict, missing);
    return { ...out, state: 'failed', reason, lost, missing: reason === 'missing' ? missing : [] };
  }
  const earlier = Number(verdict.histories[0].first);
  const timeMs = Number(verdict.proof.header.time_ms);
  const stale = seen === 'older' || (!testClock && now - timeMs > staleAfterMs);
  const partial = verdict.partial.length > 0;
  const state = recalled ? 'recalled' : stale ? 'stale' : partial ? 'partial' : 'complete';
  return { ...out, state, stale, partial, earlier, signed: shown + earlier, linked: partial && earlier === 0 };
}
