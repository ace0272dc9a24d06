// SPDX-License-Identifier: Apache-2.0
// Canonical bytes (docs/encoding.md), read only. Structures keep their bytes as `raw`: hashes are made over them.

export class EncodingError extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Well-formed UTF-8, else an EncodingError. */
export function textOf(bytes) {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new EncodingError('not UTF-8');
  }
}

export const bytesOf = (text) => new TextEncoder().encode(text);

export class Reader {
  #bytes;
  #position = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }
  get position() {
    return this.#position;
  }
  get atEnd() {
    return this.#position === this.#bytes.length;
  }
  /** The bytes from an earlier position up to here, not copied. */
  since(begin) {
    return this.#bytes.subarray(begin, this.#position);
  }
  raw(count) {
    if (count > this.#bytes.length - this.#position) throw new EncodingError('bytes missing');
    this.#position += count;
    return this.since(this.#position - count);
  }
  /** ULEB128 without padding, at most `max`. */
  length(max) {
    let value = 0;
    for (let i = 0; i < 5; ++i) {
      const [byte] = this.raw(1);
      value += (byte & 0x7f) * 2 ** (7 * i);
      if ((byte & 0x80) !== 0) continue;
      if ((byte === 0 && i > 0) || value > max) break;
      return value;
    }
    throw new EncodingError('a length beyond its bound, or padded');
  }
}

const unsigned = (size) => (reader) => reader.raw(size).reduceRight((value, byte) => value * 256 + byte, 0);
const unsignedBig = (size) => (reader) =>
  reader.raw(size).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

export const u8 = unsigned(1);
export const u16 = unsigned(2);
export const u32 = unsigned(4);
/** As BigInt: a number of JavaScript is exact to 53 bits only. */
export const u64 = unsignedBig(8);
export const u128 = unsignedBig(16);

export const fixed = (size) => (reader) => reader.raw(size);
export const blob = (max) => (reader) => reader.raw(reader.length(max));
export const text = (max) => (reader) => {
  const value = textOf(reader.raw(reader.length(max)));
  if (value.includes('\0')) throw new EncodingError('U+0000 in a text');
  return value;
};

export const bool = (reader) => {
  const value = u8(reader);
  if (value > 1) throw new EncodingError('neither true nor false');
  return value === 1;
};

export const list = (item, max) => (reader) => {
  const out = [];
  for (let count = reader.length(max); count > 0; --count) out.push(item(reader));
  return out;
};

/** Nothing is null. */
export const option = (item) => (reader) => (bool(reader) ? item(reader) : null);

/** The word at the place that the byte says. */
export const enumeration =
  (...words) =>
  (reader) => {
    const place = u8(reader);
    if (place >= words.length) throw new EncodingError('beyond the last word of an enum');
    return words[place];
  };

/** Alternatives as [name, structure]; the value has the name as `type`. */
export const variant =
  (...alternatives) =>
  (reader) => {
    const [type, read] = alternatives[reader.length(alternatives.length - 1)];
    return { type, ...read(reader) };
  };

/** Fields in order, by name; `raw` are the structure's own bytes. */
export const struct = (fields) => (reader) => {
  const begin = reader.position;
  const out = {};
  for (const [name, read] of Object.entries(fields)) {
    try {
      out[name] = read(reader);
    } catch (error) {
      if (error instanceof EncodingError) error.message = `${name}: ${error.message}`;
      throw error;
    }
  }
  out.raw = reader.since(begin);
  return out;
};

/** Consumes every byte or throws an EncodingError. */
export function decode(codec, bytes) {
  const reader = new Reader(bytes);
  const value = codec(reader);
  if (!reader.atEnd) throw new EncodingError('bytes after the end');
  return value;
}
