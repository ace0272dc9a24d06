// SPDX-License-Identifier: Apache-2.0
// Who and what the records of a proof name. Only for records whose state paths were checked.

import { EncodingError, decode } from './bcs.js';
import { records, space } from './format.js';
import { hex } from './sha256.js';
import { treeKey } from './state.js';

export const role = {
  carrier: 2,
  warehouse: 4,
  retailer: 8,
  certifier: 16,
  customs: 32,
  auditor: 1024,
  regulator: 2048,
  validator: 4096,
  witness: 8192,
};

const nowhere = { names: [], places: [], country: '' };

/** The record of a stored key, decoded; null for a namespace or a form that this page does not read. */
export function readRecord({ key, record }) {
  const codec = records[key[0]];
  try {
    return codec ? decode(codec, record) : null;
  } catch (error) {
    if (error instanceof EncodingError) return null;
    throw error;
  }
}

export class Book {
  #parties = new Map();
  #byKey = new Map();

  constructor(proof) {
    for (const entry of [...proof.histories, ...proof.records]) {
      const record = readRecord(entry);
      if (record === null) continue;
      this.#byKey.set(hex(entry.key), record);
      if (entry.key[0] === space.member) this.#parties.set(hex(treeKey(entry.key)), record);
    }
  }
  #find(namespace, id) {
    return this.#byKey.get(hex(Uint8Array.of(namespace, ...new TextEncoder().encode(id)))) ?? null;
  }
  /** A member by its party id in hexadecimal digits; one without a record has its id for a name. */
  party(id) {
    const member = this.#parties.get(id);
    return member ? { ...member, id } : { id, names: [], short_name: id.slice(0, 8), country: '', roles: 0 };
  }
  member(gln) {
    return this.#find(space.member, gln);
  }
  site(gln) {
    const site = this.#find(space.site, gln);
    return (
      site && {
        ...nowhere,
        ...site,
        latitude: site.latitude_micro / 1e6 - 90,
        longitude: site.longitude_micro / 1e6 - 180,
      }
    );
  }
  product(gtin) {
    return this.#find(space.product, gtin)?.product ?? null;
  }
  /** Who registered a product: only the holder of its prefix can. */
  brand(gtin) {
    const found = this.#find(space.product, gtin ?? '');
    return found && hex(found.party);
  }
  recipe(gln, name) {
    return this.#find(space.recipe, gln + name)?.recipe ?? null;
  }
  certificates() {
    return [...this.#byKey].filter(([key]) => key.startsWith('06')).map(([, record]) => record);
  }
}
