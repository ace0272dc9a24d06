// SPDX-License-Identifier: Apache-2.0
// A ledger of one block, for tests: records, histories and certified proofs of them, in the bytes of docs/proof.md.

import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { partyPair } from './bip340.mjs';
import { leafHash, logRoot, rangeProof, sha256, sharedSiblings, stateRoot, tagged } from './trees.mjs';
import { needsOf } from '../../verify/links.js';
import * as w from './writer.mjs';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const bytesOf = (text) => new TextEncoder().encode(text);
const zero = new Uint8Array(32);
const roles = ['lot', 'made_from', 'into', 'out_of', 'contract'];
const lists = ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList'];
const kinds = ['event', 'operation', 'deadline', 'plain'];

/** A validator's key pair from one repeated byte. */
function pair(byte) {
  const seed = Buffer.alloc(32, byte);
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const key = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { key: new Uint8Array(key), sign: (message) => new Uint8Array(sign(null, message, secret)) };
}

export const treeKey = (key) => tagged(5, key);
export const party = (gln) => treeKey(key(0x01, gln));
export const key = (space, id) => w.join(w.u8(space), typeof id === 'string' ? bytesOf(id) : id);

export class Ledger {
  #records = new Map();
  #subjects = new Map();
  #log = 0;
  timeMs = 0;
  height = 1;

  constructor(chain, validators = 4) {
    this.chain = sha256(bytesOf(chain));
    this.pairs = Array.from({ length: validators }, (_, i) => pair(i + 1));
    this.validators = w.join(w.list(this.pairs.map(({ key }) => key)), zero);
  }
  anchor() {
    return { chain: hex(this.chain), validators_hash: hex(tagged(9, this.validators)) };
  }
  put(storedKey, record) {
    this.#records.set(hex(storedKey), { key: storedKey, record });
  }
  /** A record that ends with a history. */
  subject(storedKey, record) {
    this.#subjects.set(hex(storedKey), { key: storedKey, record, leaves: [] });
  }
  next(storedKey) {
    return this.#subjects.get(hex(storedKey)).leaves.length;
  }
  #append(actor, timeMs, kind, payload, viewLeaves, touches, show) {
    const logIndex = this.#log++;
    const viewRoot = logRoot(viewLeaves);
    for (const { subject, links = [] } of touches) {
      const { leaves } = this.#subjects.get(hex(subject));
      const leaf = w.join(
        w.u16(1),
        treeKey(subject),
        w.u64(leaves.length),
        w.u64(logIndex),
        w.u64(this.height),
        w.u16(0),
        w.u8(kinds.indexOf(kind)),
        kind === 'deadline' ? zero : party(actor),
        w.u64(timeMs),
        sha256(payload),
        viewRoot,
        w.u32(viewLeaves.length),
        w.list(links.map((link) => w.join(w.u8(roles.indexOf(link.role)), treeKey(link.to), w.u64(link.sequence)))),
      );
      const parsed = links.map((link) => ({ ...link, key: treeKey(link.to), sequence: BigInt(link.sequence) }));
      leaves.push({ leaf, links: parsed, shown: show(subject) });
    }
  }
  /** An EPCIS event and the subjects whose histories it enters. */
  event(actor, timeMs, event, touches, kind = 'event') {
    const payload = bytesOf(JSON.stringify(event));
    const cut = Object.fromEntries(
      Object.entries(event).map(([name, value]) => [name, lists.includes(name) ? [] : value]),
    );
    const head = bytesOf(JSON.stringify(cut));
    const entries = lists.flatMap((name, place) =>
      (event[name] ?? []).map((link, i) => ({ link, bytes: w.join(w.u8(place), w.u32(i), w.list([w.text(link)])) })),
    );
    const leaves = [head, ...entries.map(({ bytes }) => bytes)].map(leafHash);
    this.#append(actor, timeMs, kind, payload, leaves, touches, (subject) => {
      const name = Buffer.from(subject.subarray(1)).toString();
      const own = entries.flatMap(({ link, bytes }, i) =>
        link === name ? [{ index: i + 1, bytes, path: rangeProof(leaves, i + 1, i + 2) }] : [],
      );
      return { head, headPath: rangeProof(leaves, 0, 1), entries: own };
    });
  }
  /** An operation's or a deadline's bytes. */
  act(actor, timeMs, kind, payload, touches) {
    const show = () => ({ head: payload, headPath: [], entries: [] });
    this.#append(actor, timeMs, kind, payload, [leafHash(payload)], touches, show);
  }
  #state() {
    const all = [...this.#records.values()];
    for (const { key: storedKey, record, leaves } of this.#subjects.values()) {
      const root = leaves.length === 0 ? zero : logRoot(leaves.map(({ leaf }) => leafHash(leaf)));
      all.push({ key: storedKey, record: w.join(record, w.u64(leaves.length), root) });
    }
    return all.map((one) => ({ ...one, stored: one.key, key: treeKey(one.key), hash: tagged(4, one.record) }));
  }
  #header(stateRootHash) {
    const set = tagged(9, this.validators);
    const ends = [zero, w.u64(this.#log), zero, set, set, zero];
    const names = [w.u64(1), w.u64(this.height), w.u64(this.height), w.u64(this.timeMs)];
    return w.join(
      w.u16(1),
      this.chain,
      ...names,
      sha256(w.u64(this.height)),
      stateRootHash,
      zero,
      ...ends.slice(1),
    );
  }
  #certified(header, signers) {
    const ballot = [this.chain, w.u64(1), w.u64(this.height), w.u64(this.height), sha256(w.u64(this.height))];
    const signed = w.join(...ballot, tagged(8, header));
    const digest = tagged(0x13, signed);
    const bitmap = Uint8Array.from({ length: Math.ceil(this.pairs.length / 8) }, (_, byte) =>
      signers.filter((i) => i >> 3 === byte).reduce((sum, i) => sum | (1 << (i & 7)), 0),
    );
    const signatures = signers.map((i) => this.pairs[i].sign(digest));
    return w.join(this.validators, header, w.u8(0), w.u8(2), signed, w.blob(bitmap), w.list(signatures));
  }
  /** The header and its finality alone, as /header/HEIGHT gives them. */
  final(signers = this.pairs.map((_, i) => i)) {
    return this.#certified(this.#header(stateRoot(this.#state())), signers).subarray(this.validators.length);
  }
  /** A key of a member that may co-sign, from one repeated byte. */
  witness(gln, byte, { kind = 1, revoked = null } = {}) {
    const scope = [w.u32(0), w.list([]), w.list([])];
    const record = [party(gln), w.u8(kind), ...scope, w.u64(0), w.u64(0), w.option(revoked && w.u64(revoked))];
    this.put(key(0x02, partyPair(byte).key), w.join(...record));
  }
  /** By the keys of these bytes, each at its time. */
  #cosignatures(header, witnesses) {
    const made = witnesses.map(({ byte, timeMs }) => {
      const { key: own, sign } = partyPair(byte);
      const time = w.u64(timeMs);
      return w.join(own, time, sign(tagged(0x18, this.chain, tagged(8, header), time)));
    });
    return made.sort(Buffer.compare);
  }
  /** The ranges of this subject's last leaves and of all subjects that their links lead to. */
  #ranges(first, last) {
    const from = Math.max(0, first.leaves.length - last);
    const ranges = new Map([[hex(treeKey(first.key)), { subject: first, from, to: first.leaves.length }]]);
    for (let grown = true; grown;) {
      grown = false;
      for (const { subject, from, to } of [...ranges.values()]) {
        for (const need of needsOf(subject.leaves.slice(from, to))) {
          const other = [...this.#subjects.values()].find((one) => hex(treeKey(one.key)) === need.subject);
          const known = ranges.get(need.subject) ?? { subject: other, from: Number(need.first), to: 0 };
          const range = { subject: other, from: Math.min(known.from, Number(need.first)) };
          range.to = Math.max(known.to, Number(need.last ?? other.leaves.length));
          grown ||= range.from !== known.from || range.to !== known.to;
          ranges.set(need.subject, range);
        }
      }
    }
    return [...ranges.values()];
  }
  /**
   * The bytes of the proof of a subject; `last`: only its last leaves; `witnesses`: [{byte, timeMs}]. All records
   * without history come with it.
   */
  prove(storedKey, { signers = this.pairs.map((_, i) => i), last = Infinity, witnesses = [] } = {}) {
    const state = this.#state();
    const record = (wanted) => state.find(({ stored }) => hex(stored) === hex(wanted)).record;
    const ranges = this.#ranges(this.#subjects.get(hex(storedKey)), last);
    const histories = ranges.map(({ subject, from, to }) => ({
      key: subject.key,
      record: record(subject.key),
      leaves: subject.leaves.slice(from, to).map(({ leaf, shown }) => ({
        raw: w.shownLeaf(leaf, shown.head, shown.headPath, shown.entries),
      })),
      hashes: rangeProof(
        subject.leaves.map(({ leaf }) => leafHash(leaf)),
        from,
        to,
      ),
    }));
    const all = [...histories, ...this.#records.values()];
    const depths = new Map();
    const siblings = sharedSiblings(
      state,
      all.map((one) => treeKey(one.key)),
      depths,
    );
    const placed = (one) => ({ ...one, depth: depths.get(hex(treeKey(one.key))) });
    const header = this.#header(stateRoot(state));
    const certified = this.#certified(header, signers);
    const records = [...this.#records.values()].map(placed);
    return w.join(
      w.u16(3),
      this.chain,
      w.u8(0),
      certified,
      w.list(histories.map(placed).map(w.history)),
      w.list(records.map((one) => w.join(w.blob(one.key), w.blob(one.record), w.u8(one.depth)))),
      w.list(siblings),
      w.u8(0),
      w.list(this.#cosignatures(header, witnesses)),
    );
  }
}
