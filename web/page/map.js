// SPDX-License-Identifier: Apache-2.0
// The route map: recorded places, lettered in the order of the journey, and lines between them by mode of transport.

import { svg } from './dom.js';
import { land } from './land.js';

const width = 350;
const height = 200;
/** Degrees of latitude are drawn longer than those of longitude, as they are where most goods travel. */
const stretch = 1.3;
const spanMin = 8;
const radius = 10;

/** Places as people group them: of one country, and of one town by the last part of the English name. */
const townOf = (site) => {
  const english = site.places.find(({ language }) => language.startsWith('en')) ?? site.places[0];
  return site.country + (english ? english.text.split(',').pop().trim() : site.gln);
};

/** [{letter, site, longitude, latitude}] in order, and the stops [{place, mode}] of each step that has a site. */
export function route(steps) {
  const places = new Map();
  const stops = [];
  for (const { site, details } of steps) {
    if (!site) continue;
    const town = townOf(site);
    if (!places.has(town)) places.set(town, { letter: String.fromCharCode(65 + (places.size % 26)), site, ...site });
    const place = places.get(town);
    const last = stops.at(-1);
    if (last?.place === place) last.mode ??= details.mode;
    else stops.push({ place, mode: details.mode ?? null });
  }
  return { places: [...places.values()], stops, letterOf: (site) => places.get(townOf(site))?.letter };
}

/** The projection that shows all places with room around them. */
function frame(places) {
  const longitudes = places.map(({ longitude }) => longitude);
  const latitudes = places.map(({ latitude }) => latitude);
  const middle = (list) => (Math.min(...list) + Math.max(...list)) / 2;
  const extent = (list) => Math.max(...list) - Math.min(...list);
  const span = Math.max(spanMin, extent(longitudes) * 1.24, (extent(latitudes) * stretch * 1.7 * width) / height);
  const scale = width / span;
  const [x0, y0] = [middle(longitudes), middle(latitudes)];
  return (longitude, latitude) => [
    width / 2 + (longitude - x0) * scale,
    // A little above the middle, because lines over the sea bend down.
    height * 0.42 - (latitude - y0) * scale * stretch,
  ];
}

const round = (n) => Math.round(n * 10) / 10;
const points = (list) => list.map(([x, y]) => `${round(x)} ${round(y)}`);

function coast(project) {
  const outlines = land.map((line) =>
    points(
      line
        .trim()
        .split(/\s+/)
        .map((pair) => project(...pair.split(',').map(Number))),
    ),
  );
  return svg('path', { class: 'land', d: outlines.map((outline) => `M${outline.join('L')}Z`).join('') });
}

function leg(from, to, mode, project) {
  const [x1, y1] = project(from.longitude, from.latitude);
  const [x2, y2] = project(to.longitude, to.latitude);
  const bend = mode === 'sea' ? 0.16 : mode === 'air' ? -0.12 : 0;
  const control = `${round((x1 + x2) / 2)} ${round((y1 + y2) / 2 + Math.hypot(x2 - x1, y2 - y1) * bend)}`;
  return svg('path', {
    class: `leg ${mode ?? 'road'}`,
    d: `M${round(x1)} ${round(y1)}Q${control} ${round(x2)} ${round(y2)}`,
  });
}

/** Where a letter can stand: the nearest free spot around its dot. */
function labelSpot([x, y], taken) {
  const free = (spot) =>
    taken.every(([a, b]) => Math.hypot(a - spot[0], b - spot[1]) > radius * 2 + 1) &&
    spot[0] > radius &&
    spot[0] < width - radius &&
    spot[1] > radius &&
    spot[1] < height - radius;
  for (const distance of [17, 22, 30, 40]) {
    for (let turn = 0; turn < 12; ++turn) {
      const angle = ((turn * 5) / 12) * 2 * Math.PI - Math.PI / 3;
      const spot = [x + Math.cos(angle) * distance, y + Math.sin(angle) * distance];
      if (free(spot)) return spot;
    }
  }
  return [x, y];
}

function labels(places, project) {
  const dots = places.map((place) => project(place.longitude, place.latitude));
  const taken = [];
  return places.flatMap(({ letter }, i) => {
    const spot = labelSpot(dots[i], taken);
    taken.push(spot);
    const [[x, y], [a, b]] = [dots[i], spot].map((point) => point.map(round));
    return [
      svg('path', { class: 'lead', d: `M${x} ${y}L${a} ${b}` }),
      svg('circle', { class: 'dot', cx: x, cy: y, r: 3 }),
      svg('circle', { class: 'label', cx: a, cy: b, r: radius - 1 }),
      svg('text', { x: a, y: b + 4 }, letter),
    ];
  });
}

/** The map as a picture; null without places. */
export function map({ places, stops }, label) {
  if (places.length === 0) return null;
  const project = frame(places);
  const legs = stops.slice(1).map(({ place, mode }, i) => leg(stops[i].place, place, mode, project));
  const frameOf = { class: 'map', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label };
  return svg('svg', frameOf, coast(project), legs, labels(places, project));
}
