// SPDX-License-Identifier: Apache-2.0
// Canonical bytes, written: what tests need to make proofs, and to change those that a server sends.

const concat = (parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

function littleEndian(value, size) {
  const out = new Uint8Array(size);
  let rest = BigInt(value);
  for (let i = 0; i < size; ++i, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return out;
}

export const u8 = (value) => Uint8Array.of(value);
export const u16 = (value) => littleEndian(value, 2);
export const u32 = (value) => littleEndian(value, 4);
export const u64 = (value) => littleEndian(value, 8);
export const u128 = (value) => littleEndian(value, 16);
export const bool = (value) => u8(value ? 1 : 0);

export function length(value) {
  const out = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 0x80) return Uint8Array.from([...out, rest]);
    out.push((rest & 0x7f) | 0x80);
  }
}
export const join = (...parts) => concat(parts);
export const blob = (bytes) => concat([length(bytes.length), bytes]);
export const text = (value) => blob(new TextEncoder().encode(value));
export const list = (items) => concat([length(items.length), ...items]);
export const option = (item) => (item ? concat([u8(1), item]) : u8(0));

/** A history proof as format.js reads it; what keeps its bytes as `raw` is copied. */
export const history = ({ key, record, depth, leaves, hashes }) =>
  join(blob(key), blob(record), u8(depth), list(leaves.map(({ raw }) => raw)), list(hashes));

/** A whole proof as format.js reads it, with histories that a test may have changed. */
export const traceProof = (proof) =>
  join(
    u16(proof.version),
    proof.chain,
    list(proof.epochs.map(({ raw }) => raw)),
    proof.validators.raw,
    proof.header.raw,
    u8(0),
    proof.finality.certificate.raw,
    list(proof.histories.map(history)),
    list(proof.records.map(({ key, record, depth }) => join(blob(key), blob(record), u8(depth)))),
    list(proof.siblings),
    list(proof.absent.map(({ raw }) => raw)),
    list(proof.witnesses.map(({ raw }) => raw)),
  );

/** A shown leaf from its parts, with `leaf` as canonical bytes. */
export const shownLeaf = (leaf, head, headPath, entries) =>
  join(
    leaf,
    blob(head),
    list(headPath),
    list(entries.map((entry) => join(u32(entry.index), blob(entry.bytes), list(entry.path)))),
  );
