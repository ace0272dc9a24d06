// SPDX-License-Identifier: Apache-2.0
// Names of subjects (docs/proof.md, check 4).

import { bytesOf } from './bcs.js';
import { space } from './format.js';
import { fromHex, hex } from './sha256.js';

const stem = 'https://id.gs1.org/';

/** Modulo-10 over all but the last digit, weights 3 and 1 from the right (GS1 General Specifications 7.9). */
export function hasCheckDigit(digits) {
  const sum = [...digits].reverse().reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3), 0);
  return /^[0-9]+$/.test(digits) && sum % 10 === 0;
}

/** Percent-encoded but for letters, digits, "-", "." and "_". */
const escaped = (value) =>
  encodeURIComponent(value).replace(/[!~*'()]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());

/** The canonical name of a path such as /01/9521001000109/21/S000042, or null. */
export function nameOfPath(path) {
  let parts;
  try {
    parts = path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return null;
  }
  if (parts.length < 2 || parts.length % 2 !== 0) return null;
  const elements = new Map();
  for (let i = 0; i < parts.length; i += 2) elements.set(parts[i], parts[i + 1]);
  const [primary] = elements.keys();
  let value = elements.get(primary);
  if (primary === '01' && /^([0-9]{8}|[0-9]{12,14})$/.test(value)) value = value.padStart(14, '0');
  const digits = { '00': 18, '01': 14, 414: 13, 417: 13 }[primary];
  if (digits !== undefined && (value.length !== digits || !hasCheckDigit(value))) return null;
  const qualifier = primary === '01' ? ['21', '10'].find((ai) => elements.has(ai)) : undefined;
  const tail = qualifier === undefined ? '' : `/${qualifier}/${escaped(elements.get(qualifier))}`;
  return `${stem}${primary}/${escaped(value)}${tail}`;
}

const stored = (namespace, id) => Uint8Array.of(namespace, ...id);

/** The stored key that a canonical name speaks of. */
export function keyOfName(name) {
  if (/^0x[0-9a-f]{64}$/.test(name)) return stored(space.contract, fromHex(name));
  const member = /^https:\/\/id\.gs1\.org\/417\/([0-9]{13})$/.exec(name);
  if (member) return stored(space.member, bytesOf(member[1]));
  const id = bytesOf(name);
  if (/^https:\/\/id\.gs1\.org\/01\/[0-9]{14}\/21\/[^/]+$/.test(name)) return stored(space.item, id);
  if (/^https:\/\/id\.gs1\.org\/01\/[0-9]{14}\/10\/[^/]+$/.test(name)) return stored(space.lot, id);
  if (/^https:\/\/id\.gs1\.org\/00\/[0-9]{18}$/.test(name)) return stored(space.unit, id);
  return stored(space.thing, id);
}

/** The name of a subject by its stored key; bytes that are no UTF-8 are shown as U+FFFD. */
export function nameOfKey(key) {
  const id = key.subarray(1);
  if (key[0] === space.contract) return '0x' + hex(id);
  const name = new TextDecoder().decode(id);
  return key[0] === space.member ? `${stem}417/${name}` : name;
}

/** {gtin, lot, serial, sscc, gln} as far as a canonical name has them. */
export function partsOfName(name) {
  if (!name.startsWith(stem)) return {};
  const [ai, primary, qualifier, value] = name.slice(stem.length).split('/');
  const decoded = value === undefined ? undefined : decodeURIComponent(value);
  if (ai === '01') return { gtin: primary, [{ 10: 'lot', 21: 'serial' }[qualifier] ?? 'other']: decoded };
  if (ai === '00') return { sscc: primary };
  return ai === '414' || ai === '417' ? { gln: primary } : {};
}
