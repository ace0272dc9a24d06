// SPDX-License-Identifier: Apache-2.0
// What this browser trusts: the link's anchor (?anchor=), else what it saw first here, else what the server says now.

const bare = (text) => (typeof text === 'string' ? text.replace(/^0x/, '') : '');
/** One for each origin: a network's name is what its server says it is. */
const keptUnder = 'tally.anchor';
const isHash = (text) => /^[0-9a-f]{64}$/.test(text);

function read(storage, name) {
  try {
    return JSON.parse(storage.getItem(name));
  } catch {
    return null;
  }
}
function write(storage, name, value) {
  try {
    storage.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The first eight bytes of the validators' hash in groups of four digits. */
export const fingerprint = (validatorsHash) => validatorsHash.slice(0, 16).replace(/....(?=.)/g, '$& ');

export class Anchors {
  constructor(storage, search, now) {
    this.storage = storage;
    this.search = new URLSearchParams(search);
    this.now = now;
  }
  /** {anchor, source, since, server}: `server` is what the server says, `anchor` what proofs are judged by. */
  choose(said) {
    const server = { chain: bare(said.chain), validators_hash: bare(said.validators_hash) };
    if (!isHash(server.chain) || !isHash(server.validators_hash)) return null;
    const [chain, validatorsHash] = (this.search.get('anchor') ?? '').split('.').map(bare);
    if (isHash(chain) && isHash(validatorsHash ?? '')) {
      return { anchor: { chain, validators_hash: validatorsHash }, source: 'link', server };
    }
    const kept = read(this.storage, keptUnder);
    if (kept && isHash(kept.chain) && isHash(kept.validators_hash)) {
      return { anchor: kept, source: 'kept', since: kept.since, server };
    }
    return { anchor: server, source: this.#keep(server) ? 'first' : 'none', server };
  }
  #keep(anchor) {
    return write(this.storage, keptUnder, { ...anchor, since: this.now });
  }
  /** Trust the server's anchor from now on, in place of the one that was kept. */
  replace(server) {
    this.#keep(server);
  }
/** Remembers a finalized header {height, result}: "conflict", "older" than one seen before, or null. */
  see(chain, { height, result }) {
    const name = `tally.newest.${chain}`;
    const kept = read(this.storage, name);
    if (kept && BigInt(kept.height) > height) return 'older';
    if (kept && BigInt(kept.height) === height && kept.result !== result) return 'conflict';
    write(this.storage, name, { height: String(height), result });
    return null;
  }
}
