// SPDX-License-Identifier: Apache-2.0
// A step in words: what the titles of the languages are made of.

import { role } from '../verify/book.js';

export const placeOf = (site, f) => f.name(site.places, f.name(site.names));

/** The figures of a step's title, in the page's language. */
export function figuresOf(step, story, f, t) {
  const { details } = step;
  const product = details.gtin ? story.book.product(details.gtin) : null;
  const amount = details.quantity ? f.quantity(details.quantity, details.unit, t) : '';
  const verbs = (details.recipe ?? '').split(/[^a-z]+/).filter((word) => word in t.verbs);
  const bits = details.receiver?.roles ?? 0;
  const to = ['retailer', 'carrier', 'warehouse'].find((name) => (bits & role[name]) !== 0);
  const isPieces = details.unit === 'EA' && details.quantity;
  const onUnit = step.events.every(({ subjects }) => [...subjects.values()].some(({ key }) => key[0] === 0x0b));
  return {
    ...details,
    product: product ? f.name(product.names) : '',
    amount,
    verbs,
    to,
    receiver: details.receiver ? f.party(details.receiver) : '',
    count: isPieces ? f.number(details.quantity) : null,
    sample: isPieces && onUnit ? f.number(details.quantity) : null,
    result: details.disposition === 'conformant' ? t.pass : t.fail,
    cleared: step.source === 'customs',
    balanced: step.balanced,
    children: f.number(details.children ?? 0),
  };
}
