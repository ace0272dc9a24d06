// SPDX-License-Identifier: Apache-2.0
// What follows from all events together: quantities with their slack, certificates, carbon.

import { hex } from '../verify/sha256.js';
import { gtinOf } from '../verify/events.js';
import { el, svg } from './dom.js';

const barWidth = 124;

/** Kilograms of a quantity of a product; null where its mass is not registered. */
function massKg(book, gtin, quantity) {
  const perUnit = Number(book.product(gtin)?.unit_mass_micro_kg ?? 0n) / 1e6;
  return perUnit > 0 && quantity !== null ? Number(quantity) * perUnit : null;
}

function inputKg(book, event) {
  const inputs = Array.isArray(event.inputQuantityList) ? event.inputQuantityList : [];
  const masses = inputs.map((one) => massKg(book, gtinOf(one.epcClass), one.quantity?.text ?? null));
  return masses.length > 0 && !masses.includes(null) ? masses.reduce((sum, mass) => sum + mass, 0) : null;
}

/** What could still hide in a step: the audited yield of what went in, less what came out. */
function slackKg(step, book, outputKg) {
  const recipe = step.site && step.details.recipe ? book.recipe(step.site.gln, step.details.recipe) : null;
  const input = inputKg(book, step.events[0].event);
  if (!recipe || recipe.balance !== 'mass' || input === null) return null;
  return Math.max(0, (input * recipe.yield_ppm) / 1e6 - outputKg);
}

function measured(story) {
  const { book, steps } = story;
  return steps
    .filter(({ kind, details, balanced }) => balanced && ['produce', 'transform'].includes(kind) && details.gtin)
    .map((step) => ({ step, kg: massKg(book, step.details.gtin, step.details.quantity) }))
    .filter(({ kg }) => kg !== null)
    .map((row) => ({ ...row, slack: row.step.kind === 'transform' ? slackKg(row.step, book, row.kg) : 0 }));
}

function quantityRow({ step, kg, slack }, largest, story, f, t) {
  const product = story.book.product(step.details.gtin);
  const name = f.name(product.names);
  const pieces = step.details.unit === 'EA' ? t.comma + f.quantity(step.details.quantity, 'EA', t) : '';
  const length = (mass) => Math.max(mass > 0 ? 1.5 : 0, (mass / largest) * barWidth);
  const bars = [svg('rect', { class: 'bar', width: length(kg), height: 12 })];
  if (slack) bars.push(svg('rect', { class: 'slack', x: length(kg) + 0.5, y: 0.5, width: length(slack), height: 11 }));
  const width = Math.ceil(length(kg) + length(slack ?? 0)) + 2;
  const picture = svg('svg', { width, height: 12, viewBox: `0 0 ${width} 12`, 'aria-hidden': 'true' }, bars);
  const value = el('td', {}, el('div', { class: 'measure' }, picture, el('span', {}, f.quantity(kg, 'KGM', t))));
  return el('tr', {}, el('th', { scope: 'row' }, name + pieces), value);
}

export function quantities(story, f, t) {
  const rows = measured(story);
  if (rows.length === 0) return null;
  const largest = Math.max(...rows.map(({ kg, slack }) => kg + (slack ?? 0)));
  const made = rows.filter(({ step }) => step.kind === 'transform');
  const known = made.every(({ slack }) => slack !== null);
  const list = f.list(made.map(({ slack }) => f.quantity(Math.round(slack), 'KGM', t)));
  const note = made.length === 0 ? null : el('p', { class: 'note' }, known ? t.slack(f, list) : t.slackUnknown);
  const table = el(
    'table',
    { class: 'quantities' },
    el(
      'tbody',
      {},
      rows.map((row) => quantityRow(row, largest, story, f, t)),
    ),
  );
  return el('section', {}, el('h2', {}, t.quantities), table, note);
}

function validity(record, nowMs, f, t) {
  const { valid_from_ms: from, valid_until_ms: until } = record.certificate;
  if (record.revoked_ms !== null) return t.validity.revoked(f.date(Number(record.revoked_ms)));
  if (nowMs >= Number(until)) return t.validity.expired;
  return nowMs < Number(from) ? t.validity.future : t.validity.valid;
}

function certificate(record, nowMs, story, f, t) {
  const { certificate: one, issuer, used } = record;
  const unit = story.book.product(one.products[0] ?? '')?.unit ?? 'KGM';
  const amount = (micro) => f.quantity(Number(micro) / 1e6, unit, t);
  const names = one.products
    .map((gtin) => story.book.product(gtin))
    .filter(Boolean)
    .map((product) => f.name(product.names));
  const scope =
    one.quota !== null ? t.used(f, amount(used), amount(one.quota)) : names.length > 0 ? t.covers(f.list(names)) : null;
  // Valid until means: not on that day any more.
  const period = t.validFromTo(f.date(Number(one.valid_from_ms)), f.date(Number(one.valid_until_ms) - 1));
  return el(
    'li',
    {},
    el('h3', {}, one.scheme),
    el('p', { class: 'note' }, `${one.number} · ${f.party(story.book.party(hex(issuer)))}`),
    el('p', { class: 'note' }, f.list2([scope, period], ' · '), ' · ', el('b', {}, validity(record, nowMs, f, t))),
  );
}

/** Validity is told for `nowMs`: the header's time, which on a test clock is the only today there is. */
export function certificates(story, nowMs, f, t) {
  const found = story.book.certificates();
  const list = el(
    'ul',
    { class: 'certificates' },
    found.map((record) => certificate(record, nowMs, story, f, t)),
  );
  return el(
    'section',
    {},
    el('h2', {}, t.certificates),
    found.length > 0 ? list : el('p', { class: 'note' }, t.noCertificates),
  );
}

/** No figure is recorded by this ledger yet: the whole bar is unknown. */
export function carbon(t) {
  const hatch = svg(
    'svg',
    { class: 'carbon', viewBox: '0 0 350 20', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg(
      'defs',
      {},
      svg(
        'pattern',
        { id: 'hatch', width: 7, height: 7, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(-45)' },
        svg('path', { d: 'M0 0V7', class: 'hatching' }),
      ),
    ),
    svg('rect', { x: 0.5, y: 0.5, width: 349, height: 19, rx: 2, fill: 'url(#hatch)', class: 'frame' }),
  );
  const [word, rest] = t.carbonUnknown;
  return el(
    'section',
    {},
    el('h2', {}, t.carbon),
    el('p', {}, el('b', {}, word), rest),
    hatch,
    el('p', { class: 'note' }, t.carbonNote),
  );
}

export const notShown = (t) =>
  el('section', {}, el('h2', {}, t.notShown[0]), el('p', { class: 'lead' }, t.notShown[1]));
