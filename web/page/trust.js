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
  witness: 1,
  subject: 3,
  state_path: 3,
  history: 2,
  event_content: 3,
  links: 2,
};
/** The last date that JavaScript knows: a witness may say any time. */
const lastMs = 8.64e15;

/** A line for each member that co-signed, each once. */
export function witnessTexts({ verdict, story }, f, t) {
  const found = new Map(verdict.witnesses.map((one) => [one.party, one]));
  const texts = [...found.values()].map(({ party, timeMs }) =>
    t.cosigned(story ? f.party(story.book.party(party)) : party.slice(0, 16), f.time(Math.min(timeMs, lastMs))),
  );
  return texts.length > 0 ? texts : [t.notCosigned];
}

function checkLines(result, f, t) {
  const { verdict, summary, testClock, nowMs } = result;
  const { checks } = t;
  const histories = verdict.histories?.length ?? 0;
  const age = nowMs - Number(verdict.proof?.header.time_ms ?? 0);
  const all = [
    ['signatures', checks.signatures(f, verdict.signatures, verdict.validators, verdict.quorum)],
    ['witness', ''],
    [
      'events',
      summary.linked ? checks.eventsOpen(f, summary.shown) : checks.events(f, summary.shown, summary.signed, histories),
    ],
    ['content', checks.content],
    ['age', testClock ? checks.ageTest : checks.age(f.age(age))],
  ];
  const failedAt = verdict.failed ? lineOf[verdict.failed] : all.length;
  // Known once the state is, which is checked before order and content.
  const isWitnessed = !verdict.failed || ['history', 'event_content', 'links'].includes(verdict.failed);
  const witnessed = () =>
    witnessTexts(result, f, t).map((text) => line(verdict.witnesses.length > 0 ? 'yes' : 'open', text));
  return all.flatMap(([name, text], i) => {
    const unchecked = line('open', checks.unchecked(checks.words[name]));
    if (i === failedAt) return line('no', checks.failing(verdict.failed, verdict.detail));
    if (name === 'witness') return isWitnessed ? witnessed() : unchecked;
    // The age is the signed header's, so it is known once signatures hold.
    if (name === 'age') return failedAt === 0 ? unchecked : line(testClock || summary.stale ? 'open' : 'yes', text);
    return i < failedAt && !(failedAt === 3 && name === 'events') ? line('yes', text) : unchecked;
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

/** What a second server said, or the field that asks one. */
function second({ compared }, actions, f, t) {
  const field = el('input', { type: 'text', inputmode: 'url', id: 'second', autocomplete: 'off', spellcheck: 'false' });
  const ask = (event) => {
    event.preventDefault();
    actions.compare(field.value);
  };
  const kinds = { same: 'yes', newer: 'yes', older: 'yes', conflict: 'no', failed: 'no' };
  const said = compared && line(kinds[compared.state] ?? 'open', t.second[compared.state](f, compared));
  const command = el('code', {}, 'tally proof accuse first.proof second.proof --genesis genesis.json');
  return [
    el(
      'form',
      { class: 'ask', onsubmit: ask },
      el('label', { for: 'second' }, t.second.title),
      el('p', { class: 'note' }, t.second.text),
      field,
      el('button', {}, t.second.ask),
    ),
    el('div', { role: 'status', id: 'compared' }, said ? el('ul', { class: 'lines' }, said) : null),
    compared?.state === 'conflict' ? el('p', { class: 'lead' }, ...t.second.accuse(command)) : null,
  ];
}

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
        ...(result.verdict.proof && (!failed || result.compared) ? second(result, actions, f, t) : []),
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
