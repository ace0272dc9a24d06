// SPDX-License-Identifier: Apache-2.0
// The structures of a proof (docs/proof.md) and of the records that it holds (docs/encoding.md; the bounds are part of
// the format). Names are those of the documents, so that one can be read beside the other.

import { blob, bool, enumeration, fixed, list, option, struct, text, u16, u32, u64, u8, variant } from './bcs.js';

const hash = fixed(32);
const hashes = (max) => list(hash, max);
const uri = text(512);

/** The keys that sign, and one hash of what else their set says of them. */
const SignerSet = struct({ keys: list(hash, 128), others: hash });

export const ResultHeader = struct({
  version: u16,
  chain: hash,
  epoch: u64,
  view: u64,
  height: u64,
  time_ms: u64,
  block_hash: hash,
  state_root: hash,
  event_log_root: hash,
  event_log_size: u64,
  receipts_root: hash,
  validators_hash: hash,
  next_validators_hash: hash,
  previous_result: hash,
});

const Ballot = struct({
  kind: enumeration('notarize', 'nullify', 'finalize'),
  chain: hash,
  epoch: u64,
  view: u64,
  height: u64,
  block: hash,
  result: hash,
});
const Certificate = struct({ ballot: Ballot, signers: blob(16), signatures: list(fixed(64), 128) });

const CometTime = struct({ seconds: u64, nanos: u32 });
const CometHeader = struct({
  block_version: u64,
  app_version: u64,
  time: CometTime,
  last_block: option(struct({ hash, parts: u32, parts_hash: hash })),
  last_commit_hash: hash,
  data_hash: hash,
  next_validators_hash: hash,
  consensus_hash: hash,
  last_results_hash: hash,
  evidence_hash: hash,
  proposer: fixed(20),
});
const vote = struct({ time: CometTime, signature: fixed(64) });
const CometFinality = struct({
  header: CometHeader,
  round: u32,
  parts: u32,
  parts_hash: hash,
  votes: list(variant(['absent', struct({})], ['commit', vote], ['nil', vote]), 128),
});
export const Finality = variant(['simplex', struct({ certificate: Certificate })], ['comet', CometFinality]);
const EpochEnd = struct({ header: ResultHeader, finality: Finality, validators: SignerSet });

const StatePath = struct({ siblings: hashes(255), other: option(struct({ key: hash, record_hash: hash })) });

const Link = struct({ role: enumeration('lot', 'made_from', 'into', 'out_of', 'contract'), key: hash, sequence: u64 });
const HistoryLeaf = struct({
  version: u16,
  subject: hash,
  sequence: u64,
  log_index: u64,
  height: u64,
  transaction_index: u16,
  kind: enumeration('event', 'operation', 'deadline', 'plain'),
  actor: hash,
  event_time_ms: u64,
  payload_hash: hash,
  view_root: hash,
  view_size: u32,
  links: list(Link, 256),
});
const ShownEntry = struct({ index: u32, bytes: blob(1100), path: hashes(32) });
const ShownLeaf = struct({
  leaf: HistoryLeaf,
  head: blob(1 << 20),
  head_path: hashes(32),
  entries: list(ShownEntry, 64),
});
const HistoryProof = struct({
  key: blob(600),
  record: blob(65536),
  depth: u8,
  leaves: list(ShownLeaf, 4096),
  hashes: hashes(16384),
});
const RecordProof = struct({ key: blob(600), record: blob(65536), depth: u8 });

export const TraceProof = struct({
  version: u16,
  chain: hash,
  epochs: list(EpochEnd, 64),
  validators: SignerSet,
  header: ResultHeader,
  finality: Finality,
  histories: list(HistoryProof, 64),
  records: list(RecordProof, 256),
  siblings: hashes(65535),
  absent: list(struct({ key: blob(600), path: StatePath }), 2),
  witnesses: list(struct({ key: hash, time_ms: u64, signature: fixed(64) }), 16),
});

/** The last 40 bytes of a subject's record. */
export const History = struct({ count: u64, root: hash });
/** An element of an event's lists: which list, where, and one or two canonical Digital Links. */
export const ViewEntry = struct({ list: u8, index: u32, links: list(uri, 2) });

/** The namespaces that this page reads, by the first byte of a stored key. */
export const space = {
  member: 0x01,
  key: 0x02,
  site: 0x04,
  product: 0x05,
  certificate: 0x06,
  recipe: 0x07,
  lot: 0x08,
  item: 0x0a,
  unit: 0x0b,
  thing: 0x0c,
  contract: 0x20,
};

const LocalNames = list(struct({ language: text(16), text: text(120) }), 8);
const Gln = text(13);
const Gtin = text(14);
const goodsStatus = enumeration('active', 'sold', 'consumed', 'destroyed', 'recalled');
const Holder = variant(['at', struct({ party: hash, site: Gln })], ['in', struct({ unit: uri })]);

/** Records by namespace. Quantities are millionths of the product's unit. */
export const records = {
  [space.member]: struct({
    gln: Gln,
    short_name: text(16),
    names: LocalNames,
    country: text(2),
    roles: u32,
    accounting: bool,
    status: enumeration('active', 'suspended'),
    history: History,
  }),
  [space.key]: struct({
    party: hash,
    kind: enumeration('root', 'admin', 'staff', 'device'),
    scope: struct({ acts: u32, prefixes: list(text(12), 16), sites: list(Gln, 64) }),
    from_ms: u64,
    until_ms: u64,
    revoked_ms: option(u64),
  }),
  [space.site]: struct({
    gln: Gln,
    party: hash,
    names: LocalNames,
    places: LocalNames,
    country: text(2),
    latitude_micro: u32,
    longitude_micro: u32,
  }),
  [space.product]: struct({
    product: struct({ gtin: Gtin, names: LocalNames, unit: text(3), unit_mass_micro_kg: u64 }),
    party: hash,
  }),
  [space.certificate]: struct({
    certificate: struct({
      number: text(64),
      scheme: text(120),
      holder: hash,
      products: list(Gtin, 64),
      sites: list(Gln, 64),
      valid_from_ms: u64,
      valid_until_ms: u64,
      document: hash,
      quota: option(u64),
    }),
    issuer: hash,
    revoked_ms: option(u64),
    used: u64,
  }),
  [space.recipe]: struct({
    recipe: struct({
      site: Gln,
      recipe: text(64),
      balance: enumeration('mass', 'pieces'),
      inputs: list(Gtin, 16),
      outputs: list(Gtin, 16),
      yield_ppm: u32,
      capacity_a_day: u64,
    }),
    auditor: hash,
  }),
  [space.lot]: struct({
    gtin: Gtin,
    status: goodsStatus,
    origin: enumeration('produced', 'transformed', 'taken_in'),
    unrooted: bool,
    claim: text(120),
    total: u64,
    serialised: u64,
    maker: hash,
    made_ms: u64,
    last_ms: u64,
    history: History,
  }),
  [space.item]: struct({
    gtin: Gtin,
    lot: uri,
    status: goodsStatus,
    owner: hash,
    holder: Holder,
    last_ms: u64,
    code_key_hash: option(hash),
    claimed_by: option(fixed(32)),
    history: History,
  }),
};

/** A plain event says that goods moved, outside goods accounting. */
export const isEvent = ({ kind }) => kind === 'event' || kind === 'plain';

/** What a deadline's leaf commits to. */
export const DeadlinePayload = struct({ contract: hash, lane: u8, from: text(64), to: text(64), due_ms: u64 });
