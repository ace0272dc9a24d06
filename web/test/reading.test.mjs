// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as bcs from '../verify/bcs.js';
import { Literal, isObject, parseJson } from '../verify/json.js';
import { placesRoot, rangeRoot } from '../verify/merkle.js';
import { hex } from '../verify/sha256.js';
import { rootOf, sharedRoot } from '../verify/state.js';
import { keyOfName, nameOfKey, nameOfPath } from '../verify/subject.js';
import {
  leafHash,
  logRoot,
  rangeProof,
  sha256,
  sharedSiblings,
  statePath,
  stateRoot,
  tagged,
} from './story/trees.mjs';
import * as w from './story/writer.mjs';

const bytes = (...values) => Uint8Array.from(values);
const refused = (codec, ...values) => assert.throws(() => bcs.decode(codec, bytes(...values)), bcs.EncodingError);

test('canonical bytes: what is read', () => {
  assert.equal(bcs.decode(bcs.u32, bytes(1, 2, 0, 0x80)), 0x80000201);
  assert.equal(bcs.decode(bcs.u64, bytes(255, 255, 255, 255, 255, 255, 255, 255)), 2n ** 64n - 1n);
  assert.equal(bcs.decode(bcs.text(3), bytes(3, 0xe4, 0xb8, 0x9d)), '丝');
  assert.deepEqual(bcs.decode(bcs.list(bcs.u8, 200), bytes(0x80, 1, ...Array(128).fill(7))), Array(128).fill(7));
  assert.equal(bcs.decode(bcs.option(bcs.u8), bytes(0)), null);
  const pair = bcs.decode(bcs.struct({ a: bcs.u8, b: bcs.u16 }), bytes(1, 2, 3));
  assert.deepEqual([pair.a, pair.b, [...pair.raw]], [1, 0x302, [1, 2, 3]]);
});

test('canonical bytes: what is refused', () => {
  refused(bcs.u16, 1);
  refused(bcs.u8, 1, 2);
  refused(bcs.bool, 2);
  refused(bcs.option(bcs.u8), 2, 0);
  refused(bcs.enumeration('a', 'b'), 2);
  refused(bcs.variant(['a', bcs.struct({})]), 1);
  refused(bcs.list(bcs.u8, 2), 3, 0, 0, 0);
  refused(bcs.blob(9), 0x81, 0x00, 1);
  refused(bcs.blob(2 ** 31), 0x80, 0x80, 0x80, 0x80, 0x80, 0);
  refused(bcs.text(9), 2, 0xc3, 0x28);
  refused(bcs.text(9), 1, 0);
  refused(bcs.text(9), 3, 0xed, 0xa0, 0x80);
});

const json = (text) => parseJson(new TextEncoder().encode(text));

test('strict JSON: what is read', () => {
  const value = json(' {"a": [1.50, -0, 2e3, true, null, "\\u4e1d\\ud83e\\uddf5"], "__proto__": {"b": ""}} ');
  assert.ok(isObject(value) && isObject(value.__proto__));
  assert.deepEqual(
    value.a.map((one) => (one instanceof Literal ? one.text : one)),
    ['1.50', '-0', '2e3', true, null, '丝🧵'],
  );
  assert.ok(!isObject(json('[]')) && !isObject(json('"{}"')));
  json('['.repeat(32) + ']'.repeat(32));
});

test('strict JSON: what is refused', () => {
  const texts = [
    '',
    '{',
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[1,]',
    '{"a":1,}',
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    'NaN',
    "'a'",
    '"\t"',
  ];
  texts.push(
    '"\\ud800"',
    '"\\x"',
    '"\uffff"',
    '"\ufdd0"',
    '"\\u0000"',
    'tru',
    '[1] 2',
    '\ufeff{}',
    '['.repeat(33) + ']'.repeat(33),
  );
  for (const text of texts) assert.throws(() => json(text), undefined, JSON.stringify(text));
  assert.throws(() => parseJson(bytes(0x22, 0xff, 0x22)), bcs.EncodingError);
});

test('ranges of a log: every one of every small log holds, and no other fits', () => {
  for (let count = 0; count <= 17; ++count) {
    const leaves = Array.from({ length: count }, (_, i) => leafHash(bytes(i)));
    for (let first = 0; first <= count; ++first) {
      for (let last = Math.min(first + 1, count); last <= count; ++last) {
        const proof = rangeProof(leaves, first, last);
        const root = (from, shown, hashes) => {
          const found = rangeRoot(BigInt(count), BigInt(from), shown, hashes);
          return found && hex(found);
        };
        const shown = leaves.slice(first, last);
        assert.equal(root(first, shown, proof), hex(logRoot(leaves)), `${first} to ${last} of ${count}`);
        assert.equal(root(first, shown, [...proof, leaves[0] ?? sha256()]), null);
        if (proof.length > 0) assert.equal(root(first, shown, proof.slice(1)), null);
        assert.notEqual(root(first, [...shown, sha256()], proof), hex(logRoot(leaves)));
      }
    }
  }
});

test('the state tree: presence and absence of every key', () => {
  const leaves = Array.from({ length: 40 }, (_, i) => ({ key: sha256(bytes(i)), hash: tagged(4, bytes(i)) }));
  const root = hex(stateRoot(leaves));
  for (let i = 0; i < 80; ++i) {
    const key = sha256(bytes(i));
    const path = statePath(leaves, key);
    const record = i < 40 ? bytes(i) : null;
    assert.equal(hex(rootOf(key, record, path)), root);
    // The other claim under the same path.
    const wrong = rootOf(key, i < 40 ? null : bytes(i), path);
    assert.ok(wrong === null || hex(wrong) !== root);
  }
  assert.equal(rootOf(sha256(), bytes(1), { siblings: [new Uint8Array(32)], other: null }), null);
});

test('the state tree: several keys share their paths', () => {
  const leaves = Array.from({ length: 40 }, (_, i) => ({ key: sha256(bytes(i)), hash: tagged(4, bytes(i)) }));
  const root = hex(stateRoot(leaves));
  const prove = (...numbers) => {
    const keys = numbers.map((i) => sha256(bytes(i)));
    const depths = new Map();
    const siblings = sharedSiblings(leaves, keys, depths);
    const depth = (key) => depths.get(hex(key));
    const records = numbers.map((i, at) => ({ key: keys[at], record: bytes(i), depth: depth(keys[at]) }));
    return { records, siblings };
  };
  for (const numbers of [[0], [39, 1], [5, 3, 20, 9], Array.from({ length: 40 }, (_, i) => i)]) {
    const { records, siblings } = prove(...numbers);
    assert.equal(hex(sharedRoot(records, siblings)), root);
    assert.equal(sharedRoot(records, [...siblings, sha256()]), null);
    if (siblings.length > 0) assert.equal(sharedRoot(records, siblings.slice(1)), null);
    const lies = [{ record: bytes(77) }, { key: sha256(bytes(77)) }, { depth: records[0].depth + 1 }];
    for (const lie of lies) {
      const lied = sharedRoot([{ ...records[0], ...lie }, ...records.slice(1)], siblings);
      assert.ok(lied === null || hex(lied) !== root, JSON.stringify(lie));
    }
  }
  assert.equal(prove(...Array.from({ length: 40 }, (_, i) => i)).siblings.filter((one) => one.some(Boolean)).length, 0);
});

test('chosen leaves of a log', () => {
  const leaves = Array.from({ length: 11 }, (_, i) => leafHash(bytes(i)));
  const at = (...places) => places.map((place) => ({ place: BigInt(place), hash: leaves[place] }));
  const [left, right] = [logRoot(leaves.slice(0, 8)), logRoot(leaves.slice(8))];
  const four = (i) => logRoot(leaves.slice(i, i + 4));
  const root = hex(logRoot(leaves));
  assert.equal(hex(placesRoot(11n, at(10), [left, tagged(1, leaves[8], leaves[9])])), root);
  const beside = [leaves[0], tagged(1, leaves[2], leaves[3]), four(4), leaves[8], leaves[10]];
  assert.equal(hex(placesRoot(11n, at(1, 9), beside)), root);
  assert.equal(hex(placesRoot(11n, [], [logRoot(leaves)])), root);
  assert.equal(placesRoot(11n, at(9, 1), beside), null);
  assert.equal(placesRoot(11n, [{ place: 11n, hash: leaves[0] }], [left, right]), null);
});

test('names become canonical, and keys', () => {
  const item = 'https://id.gs1.org/01/09521001000109/21/S000042';
  assert.equal(nameOfPath('/01/09521001000109/21/S000042'), item);
  assert.equal(nameOfPath('/01/9521001000109/10/S2607/21/S000042/'), item);
  assert.equal(nameOfPath('/01/09521001000109/21/a%2Fb~'), 'https://id.gs1.org/01/09521001000109/21/a%2Fb%7E');
  assert.equal(nameOfPath('/01/09521001000108/21/S000042'), null);
  assert.equal(nameOfPath('/01/09521001000109/21'), null);
  assert.equal(nameOfPath('/01/%ff/21/1'), null);
  const spaces = ['01/09521001000109/10/S2607', '00/095210010000000017', '417/9521001000000', '414/9521001000017'];
  const keys = spaces.map((path) => keyOfName(`https://id.gs1.org/${path}`));
  assert.deepEqual(
    keys.map(([space]) => space),
    [0x08, 0x0b, 0x01, 0x0c],
  );
  for (const [i, key] of keys.entries()) assert.equal(nameOfKey(key), `https://id.gs1.org/${spaces[i]}`);
  assert.equal(keyOfName(item)[0], 0x0a);
  assert.equal(nameOfKey(keyOfName('0x' + 'ab'.repeat(32))), '0x' + 'ab'.repeat(32));
});

test('the writer of these tests writes what is read', () => {
  assert.deepEqual(bcs.decode(bcs.list(bcs.text(9), 300), w.list(Array(300).fill(w.text('a')))), Array(300).fill('a'));
  assert.equal(bcs.decode(bcs.u128, w.u128(2n ** 100n)), 2n ** 100n);
});
