// SPDX-License-Identifier: Apache-2.0
// CometBFT's finality (docs/proof.md): the header of the next block and its commit. What the proof says elsewhere is
// put back before anything is hashed: chain id, height, app hash, validators' hash.

import { bytesOf } from './bcs.js';
import { verify as verifySignature } from './ed25519.js';
import { logRoot } from './merkle.js';
import { hex, sha256 } from './sha256.js';

const none = new Uint8Array();

function join(...parts) {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function varint(value) {
  const out = [];
  for (let left = BigInt(value); ; left >>= 7n) {
    if (left < 0x80n) return Uint8Array.of(...out, Number(left));
    out.push(Number(left & 0x7fn) | 0x80);
  }
}

// Fields of protobuf; zero and empty ones are left out, except a message that is always written.
const number = (field, value) => (BigInt(value) === 0n ? none : join(varint(field * 8), varint(value)));
const message = (field, bytes) => join(varint(field * 8 + 2), varint(bytes.length), bytes);
const blob = (field, bytes) => (bytes.length === 0 ? none : message(field, bytes));
function fixed(field, value) {
  if (BigInt(value) === 0n) return none;
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value), true);
  return join(varint(field * 8 + 1), out);
}

const timestamp = ({ seconds, nanos }) => join(number(1, seconds), number(2, nanos));
const blockId = (id) =>
  id === null
    ? message(2, none)
    : join(blob(1, id.hash), message(2, join(number(1, id.parts), blob(2, id.parts_hash))));
const wrapped = (bytes) => blob(1, bytes);

export const chainId = (chain) => `tally-${hex(chain.subarray(0, 20))}`;
export const addressOf = (key) => sha256(key).subarray(0, 20);

/** The keys in CometBFT's order: every validator has the power 1, so they stand by address. */
function ordered(keys) {
  const rows = keys.map((key) => ({ key, address: hex(addressOf(key)) }));
  return rows.sort((a, b) => (a.address < b.address ? -1 : 1)).map(({ key }) => key);
}

/** CometBFT's validators hash. */
export const setHash = ({ keys }) =>
  logRoot(ordered(keys).map((key) => join(message(1, blob(1, key)), number(2, 1))));

function headerHash(header, place, set) {
  return logRoot([
    join(number(1, header.block_version), number(2, header.app_version)),
    wrapped(bytesOf(chainId(place.chain))),
    number(1, place.height),
    timestamp(header.time),
    blockId(header.last_block),
    wrapped(header.last_commit_hash),
    wrapped(header.data_hash),
    wrapped(setHash(set)),
    wrapped(header.next_validators_hash),
    wrapped(header.consensus_hash),
    wrapped(place.appHash),
    wrapped(header.last_results_hash),
    wrapped(header.evidence_hash),
    wrapped(header.proposer),
  ]);
}

/** The bytes that a validator signs with a precommit: type 2, height, round, block, its own time, chain id. */
function signBytes(place, round, block, time) {
  const vote = join(
    number(1, 2),
    fixed(2, place.height),
    fixed(3, round),
    block === null ? none : message(4, blockId(block)),
    message(5, timestamp(time)),
    blob(6, bytesOf(chainId(place.chain))),
  );
  return join(varint(vote.length), vote);
}

export const commitsOf = ({ votes }) => votes.filter(({ type }) => type === 'commit').length;

/** The keys, as hexadecimal digits, whose commits a commit holds. */
export const signersOf = ({ votes }, keys) =>
  ordered(keys).flatMap((key, i) => (votes[i].type === 'commit' ? [hex(key)] : []));

/** What is wrong with the finality of a result, {chain, height, hash}, in words, or null. */
export async function faultOfComet(finality, result, set, subtle) {
  const { header, round, parts, parts_hash, votes } = finality;
  const size = set.keys.length;
  const commits = commitsOf(finality);
  if (votes.length !== size) return `${votes.length} votes of ${size} validators`;
  if (3 * commits <= 2 * size) return `${commits} of ${Math.floor((2 * size) / 3) + 1} signatures needed`;
  const place = { chain: result.chain, height: result.height + 1n, appHash: result.hash };
  const block = { hash: headerHash(header, place, set), parts, parts_hash };
  const keys = ordered(set.keys);
  for (const [i, { type, time, signature }] of votes.entries()) {
    if (type === 'absent') continue;
    const bytes = signBytes(place, round, type === 'commit' ? block : null, time);
    if (!(await verifySignature(keys[i], bytes, signature, subtle))) return `vote ${i} of the commit`;
  }
  return null;
}
