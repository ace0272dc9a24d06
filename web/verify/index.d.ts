// SPDX-License-Identifier: Apache-2.0

/** The checks in the order in which they are made; the first that fails is the verdict. */
export const checks: readonly Check[];
export type Check =
  | 'form'
  | 'chain'
  | 'finality'
  | 'subject'
  | 'state_path'
  | 'witness'
  | 'history'
  | 'event_content'
  | 'links';

/** What a verifier pins: 64 hexadecimal digits each, without 0x. */
export interface Anchor {
  chain: string;
  validators_hash: string;
}

export interface Leaf {
  sequence: bigint;
  log_index: bigint;
  height: bigint;
  kind: 'event' | 'operation' | 'deadline' | 'plain';
  actor: Uint8Array;
  event_time_ms: bigint;
  payload_hash: Uint8Array;
}

export interface History {
  /** Namespace byte and id. */
  key: Uint8Array;
  /** The subject's record in the signed state. */
  record: Uint8Array;
  own: { count: bigint; root: Uint8Array };
  shown: Leaf[];
  /** Whether its count, order and root are as signed. */
  holds?: boolean;
}

/** A member who is no validator and co-signed the header: an auditor, regulator, certifier or witness. */
export interface Witness {
  /** Its party id (Book.party) and its key, 64 hexadecimal digits each. */
  party: string;
  key: string;
  /** By the witness's own clock. */
  timeMs: number;
}

export interface Verdict {
  /** The check that failed, null when all hold. */
  failed: Check | null;
  /** Which subject, leaf or signature, in words. */
  detail: string;
  /** Nothing is recorded under the name. */
  absent: boolean;
  /** What the proof counts and does not show; empty: nothing is missing. */
  partial: string[];
  witnesses: Witness[];
  signatures: number;
  validators: number;
  quorum: number;
  events: number;
  leaves: number;
  /** Absent when the bytes are no proof. */
  proof?: { header: { height: bigint; time_ms: bigint; state_root: Uint8Array }; histories: unknown[]; records: unknown[] };
  /** Once the records are known to be in the signed state. */
  histories?: History[];
}

/**
 * Checks the bytes of a proof of `name`, a canonical name (nameOfPath), against what is pinned. Never throws for wrong
 * input. `subtle`: WebCrypto, the global one when it is left out, null to do without.
 */
export function verifyTrace(
  bytes: Uint8Array,
  name: string,
  anchor: Anchor,
  subtle?: SubtleCrypto | null,
): Promise<Verdict>;

/** A header with its finality, as /header/HEIGHT gives it. */
export interface Final {
  header: { height: bigint; time_ms: bigint; state_root: Uint8Array };
  finality: unknown;
  raw: Uint8Array;
}
/** Null for bytes that are none. */
export function readFinal(bytes: Uint8Array): Final | null;
/**
 * Holds what another server shows of the height of a checked proof against it: the same block; a conflict, with the
 * keys, 64 hexadecimal digits each, that signed both; or a block that is not final.
 */
export function compareFinal(
  proof: NonNullable<Verdict['proof']>,
  other: Final,
  subtle?: SubtleCrypto | null,
): Promise<{ state: 'same' } | { state: 'conflict'; guilty: string[] } | { state: 'unproved'; detail: string }>;
/** Bytes that `tally proof accuse` takes beside those of the checked proof. */
export function evidenceOf(bytes: Uint8Array, proof: NonNullable<Verdict['proof']>, other: Final): Uint8Array;

/** n − ⌊(n − 1) / 3⌋ */
export function quorumOf(size: number): number;
/** The canonical name of a Digital Link's path, such as /01/09521001000109/21/S000042; null for another. */
export function nameOfPath(path: string): string | null;

export interface Event {
  index: bigint;
  kind: string;
  actor: string;
  timeMs: number;
  balanced: boolean;
  holds: boolean;
  /** The EPCIS event without the keys of other things; null for an act that is no event. */
  event: Record<string, unknown> | null;
}
/** The distinct events of a verdict's histories, oldest first. */
export function eventsOf(histories: History[]): Event[];

/** Who and what the records of a checked proof name. */
export class Book {
  constructor(proof: NonNullable<Verdict['proof']>);
  party(id: string): { id: string; short_name: string; country: string };
}
export interface Step {
  kind: string;
  events: Event[];
  timeMs: number;
  source: 'both' | 'one' | 'inspector' | 'customs';
  part: 'made' | 'shipped' | 'sold';
}
/** Events as people read them: offer and answer are one step. */
export function stepsOf(events: Event[], book: Book): Step[];
