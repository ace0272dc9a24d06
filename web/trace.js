// SPDX-License-Identifier: Apache-2.0
// The trace page: fetches the proof of the subject in the address, checks it, and shows what holds.

import { Anchors } from './page/anchor.js';
import { band, cellsMax, strip } from './page/band.js';
import { compareWith, originOf } from './page/compare.js';
import { el } from './page/dom.js';
import { facts } from './page/facts.js';
import { carbon, certificates, notShown, quantities } from './page/sections.js';
import { journey } from './page/timeline.js';
import { placeOf } from './page/step.js';
import { limits, trust } from './page/trust.js';
import { judge } from './page/verdict.js';
import { chooseLanguage, formatter, header, rememberLanguage, rememberedLanguage, wordsOf } from './page/words.js';
import { Book, readRecord } from './verify/book.js';
import { eventsOf } from './verify/events.js';
import { space } from './verify/format.js';
import { verifyTrace } from './verify/proof.js';
import { hash, hex, tag } from './verify/sha256.js';
import { stepsOf } from './verify/steps.js';
import { nameOfPath, partsOfName } from './verify/subject.js';

const path = location.pathname;
const name = nameOfPath(path);
const subject = name === null ? {} : partsOfName(name);
const nowMs = Date.now();
let language = chooseLanguage(location.search, [rememberedLanguage(), ...navigator.languages]);
let words = await wordsOf(language);
let result = null;

/** localStorage, or what stands in for it where the browser forbids it. */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** The number of each gap's first event on the strip, and the strip's cells: true where both halves match. */
function place(events, missing) {
  const cells = events.map(({ holds, altered }) => holds && !altered);
  let inserted = 0;
  const gaps = missing.map((gap) => ({ ...gap, at: events.findIndex(({ index }) => index === gap.after) + 1 }));
  gaps.sort((a, b) => a.at - b.at);
  for (const gap of gaps) {
    gap.number = gap.at + inserted + 1;
    // A server may claim a gap of any size; the strip shows its last cells only.
    const size = Math.min(gap.size, cellsMax);
    cells.splice(gap.at + inserted, 0, ...Array(size).fill(false));
    inserted += size;
  }
  return { cells, gaps };
}

/** What the verified records and leaves tell; null when the check ended before any record was signed for. */
function readStory(verdict, summary, events) {
  if (!verdict.histories) return null;
  try {
    const book = new Book(verdict.proof);
    const { cells, gaps } = place(events, summary.missing);
    const known = { ...summary, missing: gaps };
    return { book, cells, subject, summary: known, steps: stepsOf(events, book), ...verdict };
  } catch (error) {
    // Bytes that fail the check may hold anything. What passed it and cannot be read is our own fault.
    if (verdict.failed) return null;
    throw error;
  }
}

async function load() {
  if (name === null) return { none: true };
  // Rather a state that is some seconds old and that witnesses co-signed.
  const [said, answer] = await Promise.all([fetch('/anchor.json'), fetch(`/proof${path}?witnessed=20`)]);
  if (answer.status === 404 || answer.status === 400) return { none: true };
  if (!answer.ok || !said.ok) throw new Error(`status ${answer.status}`);
  const anchors = new Anchors(storage(), location.search, nowMs);
  const anchorSaid = await said.json();
  const found = await check(new Uint8Array(await answer.arrayBuffer()), anchorSaid, anchors);
  if (found.seen !== 'older') return found;
  // This browser has seen a newer one.
  const newest = await fetch(`/proof${path}`);
  return newest.ok ? check(new Uint8Array(await newest.arrayBuffer()), anchorSaid, anchors) : found;
}

async function check(bytes, anchorSaid, anchors) {
  const pin = anchors.choose(anchorSaid);
  if (pin === null) throw new Error('anchor.json');
  const { anchor, server } = pin;
  pin.differs = anchor.chain !== server.chain || anchor.validators_hash !== server.validators_hash;
  const verdict = await verifyTrace(bytes, name, anchor);
  let seen = null;
  if (pin.differs && !verdict.histories)
    Object.assign(verdict, { failed: 'anchor', detail: server.validators_hash.slice(0, 16) });
  if (!verdict.failed) {
    const { header } = verdict.proof;
    seen = anchors.see(anchor.chain, { height: header.height, result: hex(hash(tag.resultHeader, header.raw)) });
    if (seen === 'conflict') Object.assign(verdict, { failed: 'conflict', detail: `height ${header.height}` });
  }
  const testClock = anchorSaid.test_clock === true;
  const events = verdict.histories ? eventsOf(verdict.histories) : [];
  const summary = judge(verdict, events, { testClock, now: nowMs, seen });
  const story = readStory(verdict, summary, events);
  const record = story ? readRecord(verdict.histories[0]) : null;
  const registered = Boolean(record?.claimed_by);
  const fileName = `${subject.serial ?? subject.lot ?? subject.sscc ?? 'record'}.proof`.replace(/[^\w.-]/g, '_');
  const found = { verdict, summary, story, record, registered, pin, testClock, nowMs, bytes, fileName };
  return { ...found, anchors, events, seen };
}

function saveAs(name, bytes) {
  const link = el('a', { href: URL.createObjectURL(new Blob([bytes])), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** The proof; of two that exclude each other both. */
function save() {
  const { evidence } = result.compared ?? {};
  if (!evidence) return saveAs(result.fileName, result.bytes);
  ['first.proof', 'second.proof'].forEach((name, i) => saveAs(name, evidence[i]));
}

/** Asks a second member's server, whose address the person typed. */
async function compare(typed) {
  const origin = originOf(typed);
  if (origin === null) return;
  const { pin, bytes, verdict, summary } = result;
  const compared = await compareWith(origin, path, name, pin.anchor, { bytes, proof: verdict.proof });
  result = { ...result, compared };
  if (compared.state === 'conflict') {
    Object.assign(verdict, { failed: 'conflict', detail: `height ${compared.height}` });
    result.summary = { ...summary, state: 'failed', reason: 'conflict', lost: 0 };
  }
  show();
  document.getElementById('compared')?.scrollIntoView({ block: 'center' });
}

function replacePin() {
  result.anchors.replace(result.pin.server);
  location.reload();
}

/** Opens this page at another server, whose address the person types. */
function askAnother(t) {
  const field = el('input', {
    type: 'text',
    inputmode: 'url',
    'aria-label': t.otherAddress,
    placeholder: t.otherAddress,
  });
  const go = () => {
    const address = field.value.trim().replace(/\/+$/, '');
    if (address !== '') location.assign((/^https?:\/\//.test(address) ? address : `http://${address}`) + path);
  };
  field.addEventListener('keydown', (event) => event.key === 'Enter' && go());
  const asked = el('div', { class: 'ask', hidden: true }, field, el('button', { type: 'button', onclick: go }, t.ask));
  const open = () => {
    asked.hidden = false;
    field.focus();
  };
  const again = el('button', { type: 'button', onclick: () => location.reload() }, t.again);
  return [
    el(
      'div',
      { class: 'buttons' },
      el('button', { type: 'button', class: 'first', onclick: open }, t.askAnother),
      again,
    ),
    asked,
  ];
}

/** The strip; none where a check failed that no single event shows, because all notches would match. */
function stripOf({ story, summary }, f, t) {
  if (story === null || (summary.state === 'failed' && !story.cells.includes(false))) return null;
  const total = story.cells.length;
  const isCut = summary.earlier > 0 || total > cellsMax;
  const last = summary.earlier > 0 ? summary.shown : Math.min(summary.shown, cellsMax);
  const gaps = story.summary.missing.map(({ number }) => number);
  const broken = summary.state === 'failed' ? t.strip.altered : null;
  return strip(story.cells, {
    shown: isCut ? t.strip.lastShown(f, last, summary.signed) : t.strip.shown(f, summary.shown),
    signed: t.strip.signed(f, summary.signed),
    missing: gaps.length > 0 ? t.strip.missing(f, gaps) : broken,
    label: t.strip.label(f, summary.shown, summary.signed),
  });
}

function failedBand({ summary, verdict }, f, t) {
  const title = t.failed.titles[summary.reason](f, summary.lost);
  if (summary.reason === 'missing') return [title, t.failed.missing(f, summary.shown, summary.signed)];
  return [title, t.failed[verdict.failed === 'anchor' ? 'chain' : summary.reason] ?? t.failed.other];
}

function recalledBand({ story, verdict }, f, t) {
  const recall = story.steps.findLast(({ kind, holds }) => kind === 'recall' && holds);
  const who = recall && !verdict.failed ? f.party(recall.parties[0]) : null;
  return [t.recalled.title, t.recalled.text(f, who, recall ? f.date(recall.timeMs) : null)];
}

function verdictBand(f, t) {
  const { verdict, summary } = result;
  const { signatures: m, validators: v } = verdict;
  const texts = {
    failed: () => failedBand(result, f, t),
    recalled: () => recalledBand(result, f, t),
    stale: () => [t.stale.title(f, f.time(Number(verdict.proof.header.time_ms))), t.stale.text],
    partial: () => [
      summary.linked ? t.partial.linked(f, summary.shown) : t.partial.title(f, summary.shown, summary.signed),
      t.partial.text(f, m, v),
    ],
    complete: () => [t.complete.title, t.complete.text(f, summary.shown, m, v)],
  };
  const buttons = summary.state === 'failed' || summary.state === 'stale' ? askAnother(t) : [];
  return band(summary.state, ...texts[summary.state](), stripOf(result, f, t), ...buttons);
}

function identity(f, t) {
  const { book } = result?.story ?? {};
  const gtin = subject.gtin ?? result?.record?.gtin;
  const product = book?.product(gtin ?? '');
  const maker = book && result.story.steps.findLast(({ kind }) => kind === 'transform' || kind === 'produce');
  const by = maker ? f.list2([f.party(maker.parties[0]), maker.site ? placeOf(maker.site, f) : ''], t.comma) : '';
  const number = subject.serial
    ? t.number(subject.serial)
    : subject.lot
      ? t.lot(subject.lot)
      : subject.sscc
        ? t.unit(subject.sscc)
        : '';
  const title = product ? f.name(product.names) : number || t.product;
  return el(
    'div',
    { class: 'identity' },
    el('h1', {}, title),
    by ? el('p', {}, by) : null,
    title === number ? null : el('p', {}, el('bdi', {}, number)),
  );
}

function sections(f, t) {
  const { story, verdict, summary } = result;
  const derived = () => [
    quantities(story, f, t),
    certificates(story, Number(verdict.proof.header.time_ms), f, t),
    carbon(t),
  ];
  return [
    ...(story ? [facts(story, f, t), journey(story, f, t)] : []),
    ...(summary.state === 'failed' || !story ? [notShown(t)] : derived()),
    trust(result, { save, compare, replace: replacePin }, f, t),
    limits(result, f, t),
  ];
}

function show() {
  const t = words;
  const f = formatter(language);
  document.documentElement.lang = language;
  document.title = t.product;
  const page = document.getElementById('page');
  const clock = result?.testClock
    ? el('p', { class: 'clock' }, el('b', {}, t.testClock[0]), ' ', t.testClock[1])
    : null;
  const bare = (state) => band(state, t[state].title, t[state].text, ...(state === 'unreachable' ? askAnother(t) : []));
  const state = result === null ? 'waiting' : result.none ? 'none' : result.unreachable ? 'unreachable' : null;
  const body = state ? [bare(state)] : [verdictBand(f, t), ...sections(f, t).filter(Boolean)];
  page.replaceChildren(
    header(t, language, speak),
    el('main', { 'data-state': state ?? result.summary.state }, clock, identity(f, t), ...body),
    el('footer', {}, t.footer),
  );
}

async function speak(code) {
  words = await wordsOf(code);
  language = code;
  rememberLanguage(code);
  show();
  document.querySelector('select').focus();
}

show();
load()
  .catch(() => ({ unreachable: true }))
  .then((found) => {
    result = found;
    show();
  });
