// SPDX-License-Identifier: Apache-2.0
// The verdict band and the tally strip: two notched halves, above what is shown, below what validators signed.

import { el, glyph, svg } from './dom.js';

/** More cells than these cannot be told apart on a phone. */
export const cellsMax = 40;

const icons = {
  complete: [
    { d: 'M12 0a12 12 0 1 0 0 24a12 12 0 0 0 0-24z', class: 'solid' },
    { d: 'M6.5 12.5l4 4l7.5-8.5', class: 'cut' },
  ],
  failed: [
    { d: 'M2 0h20v24h-20z', class: 'solid' },
    { d: 'M7.5 7.5l9 9M16.5 7.5l-9 9', class: 'cut' },
  ],
  recalled: [
    { d: 'M7 0h10l7 7v10l-7 7h-10l-7-7v-10z', class: 'solid' },
    { d: 'M12 5.5v8M12 17v1.5', class: 'cut' },
  ],
  waiting: [{ d: 'M12 1.5a10.5 10.5 0 1 0 10.5 10.5', class: 'line' }],
  none: [{ d: 'M12 1.5a10.5 10.5 0 1 0 0 21a10.5 10.5 0 0 0 0-21zM7 12h10', class: 'line' }],
};
icons.partial = [{ d: 'M2 5h20M2 12h20M2 19h9', class: 'line' }];
icons.stale = [{ d: 'M12 1.5a10.5 10.5 0 1 0 0 21a10.5 10.5 0 0 0 0-21zM12 6v6.5l4 2.5', class: 'line' }];
icons.unreachable = icons.none;

const width = 350;
const half = 14;
const gap = 3;
const notchDepth = 9;

/** A half's outline from cell `from` to `to`, notched on the inner side; `down` says where that is. */
function halfPath(from, to, cell, down) {
  const outer = down ? 0 : half * 2 + gap;
  const inner = down ? half : half + gap;
  const depth = down ? -notchDepth : notchDepth;
  const notch = Math.min(cell * 0.32, 6.5);
  const points = [`M${from * cell} ${outer}H${to * cell}V${inner}`];
  for (let i = to - 1; i >= from; --i) {
    const middle = (i + 0.5) * cell;
    points.push(`L${middle + notch} ${inner}L${middle} ${inner + depth}L${middle - notch} ${inner}`);
  }
  return points.join('') + `H${from * cell}Z`;
}

/** `cells`: one for each event that the validators signed for, false where it is missing. */
export function strip(cells, words) {
  const drawn = cells.slice(-cellsMax);
  const cell = width / drawn.length;
  const paths = [svg('path', { d: halfPath(0, drawn.length, cell, false) })];
  for (let from = 0; from < drawn.length;) {
    let to = from;
    while (to < drawn.length && drawn[to] === drawn[from]) ++to;
    if (drawn[from]) paths.push(svg('path', { d: halfPath(from, to, cell, true) }));
    else {
      const box = { x: from * cell + 1, y: 1, width: (to - from) * cell - 2, height: half - 2, class: 'gone' };
      paths.push(svg('rect', box));
    }
    from = to;
  }
  const picture = { class: 'strip', viewBox: `0 0 ${width} ${half * 2 + gap}`, role: 'img', 'aria-label': words.label };
  return el(
    'div',
    { class: 'tally' },
    el('p', { class: 'counts' }, el('span', {}, words.shown), words.missing ? el('strong', {}, words.missing) : null),
    svg('svg', picture, paths),
    el('p', { class: 'counts' }, el('span', {}, words.signed)),
  );
}

/** `tone` colours the band; `more` stands below the text: the strip, buttons. */
export function band(tone, title, text, ...more) {
  return el(
    'section',
    { class: `band ${tone}`, role: 'status' },
    el(
      'div',
      { class: 'said' },
      glyph('icon', ...(icons[tone] ?? icons.complete)),
      el('div', {}, el('h2', {}, title), el('p', {}, text)),
    ),
    more,
  );
}
