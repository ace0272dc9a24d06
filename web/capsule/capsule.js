// SPDX-License-Identifier: Apache-2.0
// A capsule: one file that keeps a proof with what checks it. It opens from disk when every server is gone, so it says
// what was so at the header's time, and never that it still is.

import { record as words } from '../i18n/en-record.js';
import { fingerprint } from '../page/anchor.js';
import { el } from '../page/dom.js';
import { figuresOf, placeOf } from '../page/step.js';
import { isRecalled } from '../page/verdict.js';
import { formatter } from '../page/words.js';
import { Book } from '../verify/book.js';
import { eventsOf } from '../verify/events.js';
import { verifyTrace } from '../verify/proof.js';
import { stepsOf } from '../verify/steps.js';
import { partsOfName } from '../verify/subject.js';

const f = formatter('en');

function bandOf(verdict, count, recalled) {
  if (verdict.failed) return ['failed', `Check failed: ${verdict.failed}`, verdict.detail];
  const time = f.time(Number(verdict.proof.header.time_ms));
  const { signatures: m, validators: v } = verdict;
  const said = words.complete.text(f, count, m, v);
  if (recalled) return ['recalled', words.recalled.title, words.recalled.text(f, null, null)];
  if (verdict.absent) return ['absent', `Nothing is recorded under this number up to ${time}`, ''];
  if (verdict.partial.length > 0) return ['partial', `Not all is here, up to ${time}`, verdict.partial.join('; ')];
  return ['complete', `Complete up to ${time}; later is unknown`, said];
}

function stepRow(step, number, story) {
  const who = step.parties.map((party) => f.party(party)).join(' + ');
  const notes = [f.date(step.timeMs), step.site ? placeOf(step.site, f) : '', who, words.sources[step.source]];
  if (!step.balanced) notes.push(words.notBalanced);
  const title = words.titleOf(f, step.kind, figuresOf(step, story, f, words));
  return el('li', { value: String(number) }, el('b', {}, title), el('p', {}, notes.filter(Boolean).join(' · ')));
}

/** What the capsule can check by itself, and what it cannot. */
function lines(verdict, anchor, age, book) {
  const { header } = verdict.proof ?? {};
  const witnesses = verdict.failed ? [] : verdict.witnesses;
  const cosigned = witnesses.map(({ party, timeMs }) =>
    words.cosigned(f.party(book.party(party)), f.time(Math.min(timeMs, 8.64e15))),
  );
  return [
    `Pinned in this file: chain ${anchor.chain.slice(0, 16)}…, validators of the genesis ${fingerprint(
      anchor.validators_hash,
    )}. Compare them with what the network's members publish: whoever made this file chose them.`,
    header ? `Signed state of block ${header.height}, ${age} old by this computer's clock.` : '',
    ...(verdict.failed || cosigned.length > 0 ? cosigned : [words.notCosigned]),
    'Offline nobody can show what was recorded later. Ask a server of the network for that.',
    ...words.provesNotList,
  ].filter(Boolean);
}

/** Shows the proof of `name`, judged by `anchor`, in `root`. */
export async function show(root, bytes, name, anchor, now = Date.now()) {
  const verdict = await verifyTrace(bytes, name, anchor);
  const events = verdict.histories && !verdict.failed ? eventsOf(verdict.histories) : [];
  const recalled = events.length > 0 && isRecalled(verdict, events);
  const [state, title, text] = bandOf(verdict, events.length, recalled);
  const subject = partsOfName(name);
  const story = { book: verdict.failed ? null : new Book(verdict.proof), subject };
  const steps = verdict.failed ? [] : stepsOf(events, story.book);
  const product = story.book?.product(subject.gtin ?? '');
  const age = verdict.proof ? f.age(now - Number(verdict.proof.header.time_ms)) : '';
  const items = steps.map((step, i) => stepRow(step, i + 1, story));
  root.replaceChildren(
    el('h1', {}, product ? f.name(product.names) : 'Product record'),
    el('p', {}, el('code', {}, name)),
    el('div', { class: `band ${state}`, role: 'status' }, el('h2', {}, title), el('p', {}, text)),
    el('ol', {}, items),
    el('h2', {}, 'What this file shows, and what it does not'),
    el('ul', {}, lines(verdict, anchor, age, story.book).map((line) => el('li', {}, line))),
  );
  root.dataset.state = state;
}
