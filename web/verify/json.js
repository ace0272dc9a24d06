// SPDX-License-Identifier: Apache-2.0
// Strict I-JSON (RFC 7493), as the ledger reads events (lib/gs1/json.hpp): no name twice, no lone surrogate or
// noncharacter, at most 32 levels. Numbers stay what is written, as Literal; objects have no prototype.

import { textOf } from './bcs.js';

const bytesMax = 1 << 20;
const valuesMax = 1 << 18;
const depthMax = 32;

export class Literal {
  constructor(text) {
    this.text = text;
  }
  valueOf() {
    return Number(this.text);
  }
}

const space = /[ \t\n\r]*/y;
const number = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
// Runs of characters that a string may hold unescaped, with escapes between them, up to the closing quote.
const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const forbidden = /\0|\p{Surrogate}|\p{Noncharacter_Code_Point}/u;
const words = { true: true, false: false, null: null };

class Parser {
  #at = 0;
  #values = 0;

  constructor(text) {
    this.text = text;
  }
  document() {
    const value = this.value(0);
    this.#match(space);
    if (this.#at !== this.text.length) throw new SyntaxError('characters after the end');
    return value;
  }
  value(depth) {
    if (++this.#values > valuesMax) throw new SyntaxError('too many values');
    this.#match(space);
    const first = this.text[this.#at];
    if (first === '{' || first === '[') {
      if (depth >= depthMax) throw new SyntaxError('nested too deep');
      return first === '{' ? this.#object(depth + 1) : this.#array(depth + 1);
    }
    if (first === '"') return this.#string();
    for (const [word, value] of Object.entries(words)) {
      if (this.text.startsWith(word, this.#at)) return this.#pass(word.length, value);
    }
    return new Literal(this.#match(number));
  }
  #pass(length, value) {
    this.#at += length;
    return value;
  }
  #match(pattern) {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text);
    if (found === null) throw new SyntaxError(`unexpected at ${this.#at}`);
    return this.#pass(found[0].length, found[0]);
  }
  /** Steps over the character when it is the next after white space. */
  #next(character) {
    this.#match(space);
    return this.text[this.#at] === character ? this.#pass(1, true) : false;
  }
  #expect(character) {
    if (!this.#next(character)) throw new SyntaxError(`expected ${character} at ${this.#at}`);
  }
  #string() {
    const value = JSON.parse(this.#match(string));
    if (forbidden.test(value)) throw new SyntaxError('not a string of Unicode characters');
    return value;
  }
  #array(depth) {
    this.#expect('[');
    const out = [];
    if (this.#next(']')) return out;
    do out.push(this.value(depth));
    while (this.#next(','));
    this.#expect(']');
    return out;
  }
  #object(depth) {
    this.#expect('{');
    const out = Object.create(null);
    if (this.#next('}')) return out;
    do {
      this.#match(space);
      const name = this.#string();
      if (name in out) throw new SyntaxError(`${name} stands twice`);
      this.#expect(':');
      out[name] = this.value(depth);
    } while (this.#next(','));
    this.#expect('}');
    return out;
  }
}

/** The value of one JSON text; throws for anything else. */
export function parseJson(bytes) {
  if (bytes.length > bytesMax) throw new SyntaxError('too long');
  return new Parser(textOf(bytes)).document();
}

export const isObject = (value) => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
