// SPDX-License-Identifier: Apache-2.0
// What the page says first, from what the check found (design: look, "Verdicts"; the first that applies).

import { Book, readRecord } from '../verify/book.js';
import { missingEvents } from '../verify/events.js';
import { space } from '../verify/format.js';
import { nameOfKey, partsOfName } from '../verify/subject.js';

/** A healthy network certifies at least every twenty seconds (idle_block_ms); this is thirty of those. */
const staleAfterMs = 600_000;

/** Which of the failing titles belongs to a check. */
function reasonOf(verdict, missing) {
  if (verdict.failed === 'finality') return verdict.signatures < verdict.quorum ? 'signatures' : 'altered';
  if (['history', 'links'].includes(verdict.failed) && missing.length > 0) return 'missing';
  return (
    {
      form: 'form',
      chain: 'chain',
      anchor: 'chain',
      subject: 'subject',
      witness: 'witness',
      conflict: 'conflict',
    }[verdict.failed] ?? 'altered'
  );
}

/**
 * Whether the brand recalled the subject or its lot. In accounts the ledger has judged who recalls: the status says it.
 * Elsewhere it counts when who registered the product says so.
 */
export function isRecalled({ histories, proof }, events) {
  const [first] = histories;
  if (first.key[0] === space.thing) {
    const brand = new Book(proof).brand(partsOfName(nameOfKey(first.key)).gtin);
    return events.some(({ kind, holds, actor }) => kind === 'recall' && holds && actor === brand);
  }
  const own = (history) => history === first || nameOfKey(history.key) === readRecord(first)?.lot;
  return histories.some((history) => readRecord(history)?.status === 'recalled' && own(history));
}

/**
 * {state, …}: state is failed, recalled, stale, partial or complete. `seen` is what Anchors.see said; `testClock` and
 * `now` decide whether the header's age means anything.
 */
export function judge(verdict, events, { testClock, now, seen }) {
  const shown = events.length;
  const missing = verdict.histories ? missingEvents(verdict.histories) : [];
  const lost = missing.reduce((sum, { size }) => sum + size, 0);
  const recalled = verdict.histories !== undefined && isRecalled(verdict, events);
  const signed = shown + (verdict.failed ? lost : 0);
  const out = { shown, signed, missing: [], recalled, reason: null };
  if (verdict.failed) {
    const reason = reasonOf(verdict, missing);
    return { ...out, state: 'failed', reason, lost, missing: reason === 'missing' ? missing : [] };
  }
  const [{ own, shown: leaves }] = verdict.histories;
  const earlier = Number(own.count) - leaves.length;
  const timeMs = Number(verdict.proof.header.time_ms);
  const stale = seen === 'older' || (!testClock && now - timeMs > staleAfterMs);
  const partial = verdict.partial.length > 0;
  const state = recalled ? 'recalled' : stale ? 'stale' : partial ? 'partial' : 'complete';
  return { ...out, state, stale, partial, earlier, signed: shown + earlier, linked: partial && earlier === 0 };
}
