// SPDX-License-Identifier: Apache-2.0
// Elements, always from text: nothing that a server or a record says is ever read as markup.

const svgSpace = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

export const el = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
export const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(svgSpace, name), attributes, children);

/** A glyph of 24 units, unseen by screen readers: the words beside it say the same. */
export const glyph = (className, ...paths) =>
  svg(
    'svg',
    { class: className, viewBox: '0 0 24 24', 'aria-hidden': 'true' },
    paths.map((path) => svg('path', path)),
  );

export const badge = (text) => el('span', { class: 'badge' }, text);
