// SPDX-License-Identifier: Apache-2.0
// SHA-256 with a domain tag in front (docs/encoding.md). One path for all browsers: WebCrypto has no digest on plain
// http, and for the 65 bytes of a tree node its promise costs more than the hash.

import { sha256 as digest } from '../vendor/noble.js';

export const tag = {
  logLeaf: 0x00,
  logNode: 0x01,
  stateLeaf: 0x02,
  stateNode: 0x03,
  record: 0x04,
  key: 0x05,
  resultHeader: 0x08,
  validatorSet: 0x09,
  finalize: 0x13,
  cosign: 0x18,
};

export function sha256(...parts) {
  const hash = digest.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256(tag ‖ parts). */
export const hash = (first, ...parts) => sha256(Uint8Array.of(first), ...parts);

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
export const hex = (bytes) => bytes.reduce((text, byte) => text + digits[byte], '');

/** Of hexadecimal digits with or without 0x; null for anything else. */
export function fromHex(text) {
  const digits = text.replace(/^0x/, '');
  if (!/^([0-9a-f]{2})*$/.test(digits)) return null;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.substr(2 * i, 2), 16));
}

export const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
