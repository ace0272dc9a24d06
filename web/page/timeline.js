// SPDX-License-Identifier: Apache-2.0
// The journey: its map, its steps in three parts with who signed each, and what the glyphs mean.

import { badge, el, glyph } from './dom.js';
import { map, route } from './map.js';
import { figuresOf, placeOf } from './step.js';

const upperHalf = 'M1 3h22v7h-3l-3-4l-3 4h-4l-3-4l-3 4h-3z';
const glyphs = {
  both: [{ d: upperHalf }, { d: 'M1 21h22v-8h-3l-3 4l-3-4h-4l-3 4l-3-4h-3z' }],
  one: [{ d: upperHalf }, { d: 'M2 20.500h20v-6.500h-2l-3 4l-3-4h-4l-3 4l-3-4h-2z', class: 'open' }],
  inspector: [{ d: 'M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM15.300 15.300l6.200 6.200', class: 'line' }],
  customs: [
    { d: 'M12 2l11 6v1.500h-22v-1.500z' },
    { d: 'M4 11h2.500v7h-2.500zM10.750 11h2.500v7h-2.500zM17.500 11h2.500v7h-2.500zM1 19.500h22v2.500h-22z' },
  ],
};
const sourceGlyph = (source) => glyph(`source ${source}`, ...glyphs[source]);

/** The second line: when, what else, where. */
function noteOf(step, shown, story, f, t) {
  const { details, site } = step;
  const day = shown.oneYear ? f.day(step.timeMs) : f.date(step.timeMs);
  const notes = [day];
  if (['produce', 'transform', 'move'].includes(step.kind)) notes.push(f.party(step.parties[0]));
  if (details.report && step.source === 'inspector') notes.push(t.report(details.report));
  else if (step.kind === 'inspect') notes.push(t.itsOwnCheck(f.party(step.parties[0])));
  else if (details.receiver && step.kind === 'handover') notes.push(t.to(f.party(details.receiver)));
  if (details.serial && details.serial === story.subject.serial) notes.push(t.getsNumber(details.serial));
  if (details.disposition === 'mismatch_quantity') notes.push(t.mismatch);
  if (details.disposition === 'damaged') notes.push(t.damaged);
  if (site) {
    const letter = shown.route.letterOf(site);
    notes.push(placeOf(site, f) + (shown.lettered.has(letter) ? '' : ` (${letter})`));
    shown.lettered.add(letter);
  }
  if (!step.holds) notes.push(t.unconfirmed);
  return notes.join(' · ');
}

function stepItem(step, number, shown, story, f, t) {
  const names = step.parties.map((party) => f.party(party)).join(' + ');
  return el(
    'li',
    { class: step.holds ? 'step' : 'step doubted' },
    el('span', { class: 'ring' }, String(number)),
    el('h4', {}, t.titleOf(f, step.kind, figuresOf(step, story, f, t))),
    step.balanced ? null : el('p', {}, badge(t.notBalanced)),
    el('p', { class: 'note' }, noteOf(step, shown, story, f, t)),
    names
      ? el(
          'p',
          { class: 'party' },
          sourceGlyph(step.source),
          el('span', { class: 'unseen' }, t.sources[step.source] + ': '),
          names,
        )
      : null,
  );
}

function missingItem({ size, number }, f, t) {
  return el(
    'li',
    { class: 'step missing' },
    el('span', { class: 'ring' }, '?'),
    el('h4', {}, size === 1 ? t.missingStep(f, number) : t.missingSteps(f, size)),
    el('p', { class: 'note' }, t.missingNote),
  );
}

/** Steps and gaps in order: a gap stands behind the step that has the event before it. */
function rowsOf(story) {
  const rows = story.steps.map((step, i) => ({ step, number: i + 1 }));
  for (const gap of story.summary.missing) {
    const before = rows.findLastIndex(({ step }) => step?.events.some(({ index }) => index <= gap.after));
    rows.splice(before + 1, 0, { gap });
  }
  return rows;
}

/** Above so many steps, the earlier ones wait behind a button. */
const stepsMax = 40;

export function journey(story, f, t) {
  const { steps, summary } = story;
  const years = new Set(steps.map(({ timeMs }) => f.year(timeMs)));
  const [year] = years.size === 1 ? years : [null];
  const shown = { oneYear: year !== null, route: route(steps), lettered: new Set() };
  const rows = rowsOf(story);
  const hidden = Math.max(0, rows.length - stepsMax);
  const groups = [];
  let part = null;
  for (const { step, number, gap } of rows.slice(hidden)) {
    if (step && step.part !== part) {
      part = step.part;
      groups.push(el('h3', { class: 'part' }, t.parts[part]), el('ol', { class: 'steps' }));
    }
    if (groups.length === 0) groups.push(el('ol', { class: 'steps' }));
    groups.at(-1).append(gap ? missingItem(gap, f, t) : stepItem(step, number, shown, story, f, t));
  }
  const said = shown.route.places.map(({ letter, site }) => `${letter} ${placeOf(site, f)}`);
  const used = [...new Set(steps.map(({ source }) => source))];
  return el(
    'section',
    {},
    el('h2', {}, t.journey),
    el('p', { class: 'lead' }, t.journeyText(f, summary.shown, steps.length, year, summary.state === 'failed')),
    map(shown.route, t.mapLabel(f, f.list(said))),
    said.length > 0 ? el('p', { class: 'note' }, t.mapNote) : null,
    hidden > 0 ? el('p', { class: 'note' }, t.hiddenSteps(f, hidden)) : null,
    ...groups,
    el(
      'ul',
      { class: 'legend' },
      Object.keys(glyphs)
        .filter((source) => used.includes(source))
        .map((source) => el('li', {}, sourceGlyph(source), t.sources[source])),
    ),
  );
}
