// SPDX-License-Identifier: Apache-2.0
// Who says so: what the server says, what this browser checked, how to check without either; and what that proves.

import { fingerprint } from './anchor.js';
import { el, glyph } from './dom.js';

const marks = {
  yes: { d: 'M4 12.500l5 5l11-11' },
  no: { d: 'M5 5l14 14M19 5l-14 14' },
  open: { d: 'M3 12h18' },
};
const mark = (kind) => glyph(`mark ${kind}`, marks[kind]);
const line = (kind, text) => el('li', { class: kind }, mark(kind), el('span', {}, text));

/** Which line of the list a failed check belongs to; the lines before it hold. */
const lineOf = {
  form: 0,
  chain: 0,
  anchor: 0,
  conflict: 0,
  finality: 0,
  subject: 2,
  state_path: 2,
  history: 1,
  event_content: 2,
  links: 1,
};

function checkLines(result, f, t) {
  const { verdict, summary, testClock, nowMs } = result;
  const { checks } = t;
  const histories = verdict.histories?.length ?? 0;
  const age = nowMs - Number(verdict.proof?.header.time_ms ?? 0);
  const all = [
    ['signatures', checks.signatures(f, verdict.signatures, verdict.validators, verdict.quorum)],
    [
      'events',
      summary.linked ? checks.eventsOpen(f, summary.shown) : checks.events(f, summary.shown, summary.signed, histories),
    ],
    ['content', checks.content],
    ['age', testClock ? checks.ageTest : checks.age(f.age(age))],
  ];
  const failedAt = verdict.failed ? lineOf[verdict.failed] : all.length;
  return all.map(([name, text], i) => {
    const unchecked = line('open', checks.unchecked(checks.words[name]));
    if (i === failedAt) return line('no', checks.failing(verdict.failed, verdict.detail));
    // The age is the signed header's, so it is known once signatures hold.
    if (name === 'age') return failedAt === 0 ? unchecked : line(testClock || summary.stale ? 'open' : 'yes', text);
    return i < failedAt && !(failedAt === 2 && name === 'events') ? line('yes', text) : unchecked;
  });
}

function pinText({ pin }, f, t) {
  if (pin.source === 'kept' && pin.differs) return t.pinned.differs(fingerprint(pin.anchor.validators_hash));
  return pin.source === 'kept' ? t.pinned.kept(f.date(pin.since)) : t.pinned[pin.source];
}

const level = (ring, title, ...content) =>
  el('li', { class: 'level' }, ring, el('div', {}, el('h3', {}, title), ...content));
const ring = (number) => el('span', { class: 'ring' }, String(number));
const ringMark = (kind) => el('span', { class: `ring ${kind}` }, mark(kind));

export function trust(result, actions, f, t) {
  const failed = result.verdict.failed !== null;
  const command = t.alone(el('code', {}, `tally proof verify ${result.fileName} --genesis genesis.json`));
  const print = el('code', { class: 'print' }, fingerprint(result.pin.server.validators_hash));
  const replace = el('button', { type: 'button', onclick: actions.replace }, t.pinned.replace);
  return el(
    'section',
    { class: 'trust' },
    el('h2', {}, t.trust),
    el('p', { class: 'lead' }, t.trustText),
    el(
      'ol',
      { class: 'levels' },
      level(
        failed ? ringMark('no') : ring(1),
        t.levels[0],
        el('p', { class: 'lead' }, failed ? t.serverWrong : t.serverSays(f, result.summary.shown)),
      ),
      level(ringMark(failed ? 'no' : 'yes'), t.levels[1], el('ul', { class: 'lines' }, checkLines(result, f, t))),
      level(
        ring(3),
        t.levels[2],
        el('p', { class: 'lead' }, ...command),
        el('p', { class: 'lead' }, t.compare, ' ', print),
        el('p', { class: 'note' }, pinText(result, f, t)),
      ),
    ),
    result.pin.source === 'kept' && result.pin.differs ? replace : null,
    el('button', { type: 'button', onclick: actions.save }, failed ? t.saveFinding : t.save),
  );
}

function list(kind, items) {
  return el(
    'ul',
    { class: 'lines' },
    items.map((text) => line(kind, text)),
  );
}

export function limits(result, f, t) {
  const { verdict, summary, registered } = result;
  const whole = [...t.provesList, ...(registered ? [t.provesOwner] : [])];
  const some = verdict.histories ? [t.provesFailed(f, summary.signed), t.provesFailedToo] : [t.provesNothing];
  return el(
    'section',
    { class: 'limits' },
    el('h2', {}, t.limits),
    el('h3', {}, t.proves),
    list(verdict.failed && !verdict.histories ? 'open' : 'yes', verdict.failed ? some : whole),
    el('h3', {}, t.provesNot),
    list('open', verdict.failed ? t.provesNotFailed : t.provesNotList),
  );
}
