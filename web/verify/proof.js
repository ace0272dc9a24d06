// SPDX-License-Identifier: Apache-2.0
// Checks a proof against a pinned anchor, written from docs/proof.md and not from the C++ verifier.

import { EncodingError, decode } from './bcs.js';
import { verify as verifySignature } from './ed25519.js';
import { History, TraceProof, ViewEntry, isEvent, space } from './format.js';
import { isObject, parseJson } from './json.js';
import { judgeLinks } from './links.js';
import { leafHash, placesRoot, rangeRoot } from './merkle.js';
import { hash, hex, same, sha256, tag } from './sha256.js';
import { rootOf, sharedRoot, treeKey } from './state.js';
import { keyOfName, nameOfKey } from './subject.js';
import { witnessesOf } from './witness.js';

/** The checks in the order in which they are made; the first that fails is the verdict. */
export const checks = [
  'form',
  'chain',
  'finality',
  'subject',
  'state_path',
  'witness',
  'history',
  'event_content',
  'links',
];

class Failure extends Error {
  constructor(check, detail) {
    super(detail);
    this.check = check;
  }
}

const withHistory = [space.member, space.lot, space.item, space.unit, space.thing, space.contract];
const historyBytes = 40;

/** A history with its own count and root, its shown leaves, and its subject's tree key as hexadecimal digits. */
function open(history) {
  const subjectKey = treeKey(history.key);
  const shown = history.leaves.map(({ leaf }) => leaf);
  const bySequence = new Map(shown.map((leaf) => [leaf.sequence, leaf]));
  return {
    ...history,
    subjectKey,
    subject: hex(subjectKey),
    own: decode(History, history.record.subarray(-historyBytes)),
    shown,
    at: (sequence) => bySequence.get(sequence),
  };
}

function judgeForm(proof) {
  const fail = (detail) => {
    throw new Failure('form', detail);
  };
  if (proof.version !== 3) fail(`version ${proof.version}`);
  if (proof.histories.length === 0 && proof.absent.length === 0) fail('no history');
  const keys = new Set();
  for (const { key, record, leaves } of proof.histories) {
    if (!withHistory.includes(key[0])) fail('a history under a key that has none');
    if (record.length < historyBytes) fail('a record too short for its history');
    if (leaves.some(({ leaf }) => leaf.version !== 1)) fail('a leaf of another version');
    keys.add(hex(key));
  }
  for (const { key } of proof.records) {
    if (key.length === 0 || key[0] >= 0x80) fail('a record under a key beside the state tree');
    keys.add(hex(key));
  }
  if (keys.size !== proof.histories.length + proof.records.length) fail('a key stands twice');
}

function judgeChain(proof, anchor) {
  const chains = [proof.chain, proof.header.chain, ...proof.epochs.map(({ header }) => header.chain)];
  if (!chains.every((chain) => hex(chain) === anchor.chain)) {
    throw new Failure('chain', `the proof is of chain ${hex(chains.find((chain) => hex(chain) !== anchor.chain))}`);
  }
}

export const quorumOf = (size) => (size === 0 ? 0 : size - Math.floor((size - 1) / 3));

/** The places of the signers; null when the bitmap does not fit the set. */
function placesOf(bitmap, size) {
  if (bitmap.length !== Math.ceil(size / 8)) return null;
  const places = [];
  for (let i = 0; i < bitmap.length * 8; ++i) {
    if (((bitmap[i >> 3] >> (i & 7)) & 1) === 0) continue;
    if (i >= size) return null;
    places.push(i);
  }
  return places;
}

const isComet = (finality) => finality.type === 'comet';
export const signaturesOf = (finality) =>
  isComet(finality)
    ? finality.votes.filter(({ type }) => type === 'commit').length
    : finality.certificate.signatures.length;
/** Fetched only where CometBFT orders the blocks. */
const comet = () => import('./comet.js');

/** A header of CometBFT's chain says nothing of epochs, views and sets: those are CometBFT's own. */
const isSilent = (header) =>
  header.epoch === 0n &&
  header.view === 0n &&
  [...header.validators_hash, ...header.next_validators_hash].every((byte) => byte === 0);

/** What is wrong with a finality, in words, or null. */
export async function faultOfFinality(finality, header, set, subtle) {
  const result = { chain: header.chain, height: header.height, hash: hash(tag.resultHeader, header.raw) };
  if (!isComet(finality)) return faultOfSimplex(finality, header, set, result.hash, subtle);
  if (!isSilent(header)) return 'a header of another engine';
  return (await comet()).faultOfComet(finality, result, set, subtle);
}

/** The keys, as hexadecimal digits, that a finality which holds is signed by. */
export async function signersOf(finality, { keys }) {
  if (isComet(finality)) return (await comet()).signersOf(finality, keys);
  return placesOf(finality.certificate.signers, keys.length).map((place) => hex(keys[place]));
}

async function faultOfSimplex(finality, header, { keys }, resultHash, subtle) {
  const { ballot, signers, signatures } = finality.certificate;
  const speaks =
    ballot.kind === 'finalize' &&
    same(ballot.chain, header.chain) &&
    ballot.epoch === header.epoch &&
    ballot.height === header.height &&
    ballot.view >= header.view &&
    same(ballot.block, header.block_hash) &&
    same(ballot.result, resultHash);
  if (!speaks) return 'the certificate does not finalize this header';
  const places = placesOf(signers, keys.length);
  if (places === null || places.length !== signatures.length) return 'signers and signatures do not fit';
  const quorum = quorumOf(keys.length);
  if (places.length < quorum) return `${places.length} of ${quorum} signatures needed`;
  // A ballot is signed without its kind, whose tag stands in front instead.
  const digest = hash(tag.finalize, ballot.raw.subarray(1));
  const holding = await Promise.all(signatures.map((one, i) => verifySignature(keys[places[i]], digest, one, subtle)));
  const wrong = holding.indexOf(false);
  return wrong < 0 ? null : `signature of validator ${places[wrong]}`;
}

/** The anchor names the first set by our hash; after that each engine's headers name the next by its own. */
async function judgeFinality(proof, anchor, subtle) {
  let set = anchor.validators_hash;
  let epoch = 1n;
  let height = -1n;
  for (const { header, finality, validators } of [...proof.epochs, proof]) {
    const where = `height ${header.height}, epoch ${epoch}: `;
    const ours = hex(hash(tag.validatorSet, validators.raw));
    const name = isComet(finality) && height >= 0n ? hex((await comet()).setHash(validators)) : ours;
    // Later sets of CometBFT are named by their keys alone: nobody signs for the rest.
    if (isComet(finality) && height >= 0n && validators.others.some((byte) => byte !== 0)) {
      throw new Failure('finality', where + 'unsigned names');
    }
    if (name !== set || (!isComet(finality) && hex(header.validators_hash) !== ours)) {
      throw new Failure('finality', where + 'other validators');
    }
    if ((!isComet(finality) && header.epoch < epoch) || header.height <= height) {
      throw new Failure('finality', where + 'another epoch');
    }
    const fault = await faultOfFinality(finality, header, validators, subtle);
    if (fault) throw new Failure('finality', where + fault);
    set = hex(isComet(finality) ? finality.header.next_validators_hash : header.next_validators_hash);
    height = header.height;
    epoch = header.epoch + 1n;
  }
}

function judgeSubject(proof, asked) {
  const shown = proof.histories[0]?.key;
  const isGoods = [space.item, space.lot, space.unit].includes(asked[0]);
  const thing = Uint8Array.of(space.thing, ...asked.subarray(1));
  const isInstead = shown && isGoods && same(shown, thing);
  if (shown && !same(shown, asked) && !isInstead) {
    throw new Failure('subject', `the proof is of ${nameOfKey(shown)}`);
  }
  // Nothing must be recorded under all keys of the name; of a thing of its name, under that of the goods.
  const absent = [...(!shown || isInstead ? [asked] : []), ...(!shown && isGoods ? [thing] : [])];
  if (absent.map(hex).join() !== proof.absent.map(({ key }) => hex(key)).join()) {
    throw new Failure('subject', 'what is absent is not what the name asks for');
  }
}

function judgePaths({ header, histories, records, siblings, absent }) {
  const isRoot = (root) => root && same(root, header.state_root);
  const placed = [...histories, ...records].map((one) => ({ ...one, key: treeKey(one.key) }));
  const isNone = placed.length === 0 && siblings.length === 0;
  if (!isNone && !isRoot(sharedRoot(placed, siblings))) throw new Failure('state_path', 'the records');
  for (const { key, path } of absent) {
    if (isRoot(rootOf(treeKey(key), null, path))) continue;
    throw new Failure('state_path', `the absence of ${nameOfKey(key)}`);
  }
}

function judgeWitnesses(proof) {
  const { witnesses, fault } = witnessesOf(proof);
  if (fault) throw new Failure('witness', fault);
  return witnesses;
}

/** What is wrong with the count, the root or the order of a history, or null. */
function judgeHistory({ key, own, shown, hashes, subjectKey }) {
  const astray = shown.find(({ subject }) => !same(subject, subjectKey));
  if (astray) return new Failure('history', `leaf ${astray.sequence} of ${nameOfKey(key)}`);
  const placed = shown.map((leaf) => ({ place: leaf.sequence, hash: leafHash(leaf.raw) }));
  // The record of a subject without leaves is as it was made, with no root yet.
  const expected = own.count === 0n ? sha256() : own.root;
  const root = placesRoot(own.count, placed, hashes);
  if (root && same(root, expected)) return null;
  return new Failure('history', `${shown.length} of ${own.count} leaves of ${nameOfKey(key)}`);
}

/** True when the bytes stand at this place of the view that the leaf commits to. */
function isViewed(leaf, index, bytes, path) {
  if (index >= leaf.view_size) return false;
  const root = rangeRoot(BigInt(leaf.view_size), BigInt(index), [leafHash(bytes)], path);
  return root !== null && same(root, leaf.view_root);
}

/** The event's object and own entries, or null when they are not what the leaf commits to. */
function readEvent({ leaf, head, head_path, entries }, id) {
  if (!isViewed(leaf, 0, head, head_path)) return null;
  const event = parseJson(head);
  if (!isObject(event)) return null;
  let before = 0;
  const own = [];
  for (const entry of entries) {
    if (entry.index <= before || !isViewed(leaf, entry.index, entry.bytes, entry.path)) return null;
    const viewed = decode(ViewEntry, entry.bytes);
    if (!viewed.links.includes(id)) return null;
    before = entry.index;
    own.push(viewed);
  }
  return { event, own };
}

function readContent(shown, id) {
  const { leaf, head, head_path, entries } = shown;
  if (isEvent(leaf)) return readEvent(shown, id);
  const alone = leaf.view_size === 1 && head_path.length === 0 && entries.length === 0;
  const holds = alone && same(leafHash(head), leaf.view_root) && same(sha256(head), leaf.payload_hash);
  return holds ? { payload: head, own: [] } : null;
}

/** Gives each shown leaf its `content`, null where it is not what the leaf commits to; the first such is the fault. */
function judgeContent(history) {
  const id = history.key[0] === space.contract ? '' : nameOfKey(history.key);
  let fault = null;
  for (const shown of history.leaves) {
    try {
      shown.content = readContent(shown, id);
    } catch (error) {
      if (!(error instanceof EncodingError || error instanceof SyntaxError)) throw error;
      shown.content = null;
    }
    const where = `leaf ${shown.leaf.sequence} of ${nameOfKey(history.key)}`;
    if (!shown.content) fault ??= new Failure('event_content', where);
  }
  return fault;
}

function partialOf([{ shown, own, key }], missing) {
  const partial = [];
  const left = own.count - BigInt(shown.length);
  if (left > 0n) {
    const last = shown.length > 0 && shown[0].sequence === left ? 'the last ' : '';
    partial.push(`${last}${shown.length} of ${own.count} leaves of ${nameOfKey(key)}`);
  }
  for (const [subject, how] of missing) partial.push(`0x${subject}, ${how}`);
  return partial;
}

function count(histories, verdict) {
  const shown = histories.flatMap((history) => history.shown);
  verdict.leaves = shown.length;
  verdict.events = new Set(shown.map((leaf) => leaf.log_index)).size;
}

async function judge(proof, name, anchor, subtle, verdict) {
  judgeForm(proof);
  judgeChain(proof, anchor);
  await judgeFinality(proof, anchor, subtle);
  const asked = keyOfName(name);
  judgeSubject(proof, asked);
  judgePaths(proof);
  verdict.witnesses = judgeWitnesses(proof);
  verdict.absent = proof.histories.length === 0;
  if (verdict.absent) return;
  const histories = proof.histories.map(open);
  verdict.histories = histories;
  count(histories, verdict);
  // All are judged, whatever the first fault: a page shows what else holds.
  const faults = histories.map(judgeHistory);
  histories.forEach((history, i) => (history.holds = faults[i] === null));
  const first = [...faults, ...histories.map(judgeContent)].find((fault) => fault !== null);
  if (first) throw first;
  const { fault, missing } = judgeLinks(histories);
  if (fault) throw new Failure('links', fault);
  verdict.partial = partialOf(histories, missing);
}

/**
 * Checks the bytes of a proof of `name` against `anchor` {chain, validators_hash}. The verdict: `failed` (a check or
 * null), `detail`, `proof` decoded, `histories` opened once the state paths hold. Never throws for wrong input.
 */
export async function verifyTrace(bytes, name, anchor, subtle) {
  const figures = { signatures: 0, validators: 0, quorum: 0, events: 0, leaves: 0 };
  const verdict = { failed: null, detail: '', absent: false, partial: [], witnesses: [], ...figures };
  try {
    const proof = decode(TraceProof, bytes);
    verdict.proof = proof;
    verdict.signatures = signaturesOf(proof.finality);
    verdict.validators = proof.validators.keys.length;
    verdict.quorum = quorumOf(verdict.validators);
    await judge(proof, name, anchor, subtle, verdict);
  } catch (error) {
    if (!(error instanceof Failure || error instanceof EncodingError)) throw error;
    verdict.failed = error instanceof Failure ? error.check : 'form';
    verdict.detail = error.message;
  }
  return verdict;
}
