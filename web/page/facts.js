// SPDX-License-Identifier: Apache-2.0
// What a person asks first, answered from the signed records and the steps: from, when, owner, recall, inspected.

import { readRecord } from '../verify/book.js';
import { space } from '../verify/format.js';
import { hex } from '../verify/sha256.js';
import { badge, el } from './dom.js';
import { placeOf } from './step.js';

const making = ['produce', 'transform'];
const earthRadiusKm = 6371;

/** Great-circle distance (haversine). */
function distanceKm(a, b) {
  const [lat1, lat2, dLon] = [a.latitude, b.latitude, b.longitude - a.longitude].map(
    (degrees) => (degrees * Math.PI) / 180,
  );
  const h = Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(dLon / 2) ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.sqrt(h));
}

/** Each place once, then its country: "Wujiang and Suzhou, China". */
function origin(steps, f, t) {
  const sites = steps.filter(({ kind, site }) => making.includes(kind) && site).map(({ site }) => site);
  const byCountry = new Map();
  for (const site of sites) {
    const places = byCountry.get(site.country) ?? new Set();
    byCountry.set(site.country, places.add(placeOf(site, f)));
  }
  const said = [...byCountry].map(([country, places]) => t.facts.place(f.list([...places]), f.country(country)));
  const far = sites.flatMap((a) => sites.map((b) => distanceKm(a, b)));
  return { text: said.join('; '), km: Math.ceil(Math.max(0, ...far) / 5) * 5, steps: sites.length };
}

function row(name, value, note = null) {
  return el('div', { class: 'fact' }, el('dt', {}, name), el('dd', {}, ...value, note ? el('small', {}, note) : null));
}
const bold = (text) => el('b', {}, text);

function ownerRow(story, f, t) {
  const record = readRecord(story.histories[0]);
  const sale = story.steps.findLast(({ kind }) => kind === 'sale');
  const soldAt = sale ? ['', f.date(sale.timeMs), ...(sale.site ? [placeOf(sale.site, f)] : [])].join(t.comma) : '';
  const key = story.histories[0].key[0];
  if (key === space.lot) return [[t.facts.lotOwner]];
  if (key !== space.item || !record) return null;
  if (record.claimed_by) return [[bold(t.facts.registered[0]), soldAt], t.facts.registered[1]];
  // A recall takes the place of the status; the sale still stands in the history.
  if (record.status === 'sold' || (record.status === 'recalled' && sale))
    return [[bold(t.facts.notRegistered[0]), soldAt], t.facts.notRegistered[1]];
  return [[bold(t.facts.notSold[0])], t.facts.notSold[1](f.party(story.book.party(hex(record.owner))))];
}

function inspectionRow(story, f, t) {
  const { facts } = t;
  const isWhole = story.summary.state !== 'failed' && !story.summary.partial;
  if (!isWhole && !story.steps.some(({ source, holds }) => source === 'inspector' && holds)) {
    return [[bold(facts.inspectionUnknown[0]), facts.inspectionUnknown[1]]];
  }
  const found = story.steps.filter(({ kind }) => kind === 'inspect');
  const best = found.findLast(({ source }) => source === 'inspector') ?? found.at(-1);
  if (!best) return [[bold(facts.noInspection)]];
  const result = best.details.disposition === 'conformant' ? facts.result.pass : facts.result.fail;
  const who = facts.by(f.date(best.timeMs), f.party(best.parties[0]));
  return [[bold(result), who], best.source === 'inspector' ? facts.independent : facts.ownCheck];
}

function whenRow(steps, f, t) {
  const made = steps.findLast(({ kind }) => making.includes(kind));
  const sold = steps.findLast(({ kind }) => kind === 'sale');
  const sameYear = made && sold && f.year(made.timeMs) === f.year(sold.timeMs);
  const said = [
    made ? t.facts.finished(sameYear ? f.day(made.timeMs) : f.date(made.timeMs)) : null,
    sold ? t.facts.sold(f.date(sold.timeMs)) : null,
  ];
  return said.some(Boolean) ? [[f.list2(said, t.comma)]] : null;
}

function sourceRow({ histories }, t) {
  const unrooted = histories.some((history) => history.key[0] === space.lot && readRecord(history)?.unrooted);
  return unrooted ? [[badge(t.facts.unrooted[0])], t.facts.unrooted[1]] : null;
}

function recallRow({ summary }, t) {
  if (summary.recalled) return [[bold(t.facts.recallYes)]];
  const [none, where] = summary.state === 'failed' ? t.facts.recallNoneSigned : t.facts.recallNone;
  return [[bold(none), where]];
}

/** The fact rows; in an alarm its own row comes first. */
export function facts(story, f, t) {
  const from = origin(story.steps, f, t);
  const failed = story.summary.state === 'failed';
  const within = from.steps > 1 ? t.facts.within(f, from.km) : null;
  const rows = {
    from: from.text ? [[from.text], failed ? t.facts.received(f, story.summary.shown) : within] : null,
    when: whenRow(story.steps, f, t),
    owner: ownerRow(story, f, t),
    recall: recallRow(story, t),
    source: sourceRow(story, t),
    inspected: inspectionRow(story, f, t),
  };
  const order = story.summary.recalled ? ['recall', 'from', 'source', 'when', 'owner', 'inspected'] : Object.keys(rows);
  const { header } = story.proof;
  const height = f.number(Number(header.height));
  const upTo = failed ? t.facts.stateOf : t.facts.upTo;
  return el(
    'section',
    { class: 'facts' },
    el('h2', { class: 'unseen' }, t.facts.heading),
    el(
      'dl',
      {},
      order.filter((name) => rows[name]).map((name) => row(t.facts[name], ...rows[name])),
    ),
    el('p', { class: 'note' }, upTo(f.time(Number(header.time_ms)), height)),
  );
}
