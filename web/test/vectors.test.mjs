// SPDX-License-Identifier: Apache-2.0
// The vectors of tests/golden/proof and tests/golden/comet, written by the C++ verifier: both programs must say the
// same of each.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readRecord } from '../verify/book.js';
import { records } from '../verify/format.js';
import { checks, verifyTrace } from '../verify/proof.js';
import { fromHex } from '../verify/sha256.js';

const read = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
const golden = (name) => read(new URL(`../../tests/golden/${name}/`, import.meta.url));
const comet = golden('comet');
// And those that a running chain has just made.
const made = process.env.TALLY_VECTORS ? read(pathToFileURL(process.env.TALLY_VECTORS + '/')) : [];
const vectors = [...golden('proof'), ...comet, ...made];

const word = ({ failed, absent, partial }) =>
  failed ?? (absent ? 'absent' : partial.length > 0 ? 'partial' : 'complete');
const bare = (text) => text.replace(/^0x/, '');

async function judge(vector, subtle) {
  const anchor = { chain: bare(vector.chain), validators_hash: bare(vector.validators_hash) };
  return verifyTrace(fromHex(vector.proof), vector.subject, anchor, subtle);
}

for (const vector of vectors) {
  test(`vector ${vector.name}`, async () => {
    for (const subtle of [null, globalThis.crypto?.subtle]) {
      const verdict = await judge(vector, subtle);
      assert.equal(word(verdict), vector.verdict, verdict.detail);
      if (verdict.failed) continue;
      for (const figure of ['events', 'leaves', 'signatures', 'validators', 'quorum']) {
        assert.equal(verdict[figure], vector[figure], figure);
      }
      assert.equal(verdict.partial.length, vector.partial);
    }
  });
}

test('the vectors name every check, and some hold', () => {
  const words = new Set(vectors.map((vector) => vector.verdict));
  for (const name of [...checks, 'complete', 'partial', 'absent']) assert.ok(words.has(name), `no vector for ${name}`);
});

test('CometBFT: a later round, an absent and a nil vote hold', async () => {
  const read = (name) => judge(comet.find((vector) => vector.name === name), null);
  const votes = async (name) => (await read(name)).proof.finality.votes.map(({ type }) => type);
  assert.ok((await read('good-later-round')).proof.finality.round > 0);
  assert.ok((await votes('good-absent')).includes('absent'));
  assert.ok((await votes('good-nil')).includes('nil'));
});

test('records are read as the ledger writes them', async () => {
  const spaces = new Set();
  for (const vector of vectors.filter(({ verdict }) => verdict === 'complete')) {
    const { proof } = await judge(vector, null);
    for (const entry of [...proof.histories, ...proof.records]) {
      if (!(entry.key[0] in records)) continue;
      assert.ok(readRecord(entry), `${vector.name}: a record of namespace ${entry.key[0]}`);
      spaces.add(entry.key[0]);
    }
  }
  // Members, keys, sites, products, certificates, lots, items.
  assert.deepEqual(
    [...spaces].sort((a, b) => a - b),
    [0x01, 0x02, 0x04, 0x05, 0x06, 0x08, 0x0a],
  );
});

for (const name of ['good-item', 'good-first-round']) {
  test(`no flipped bit of ${name} is accepted`, () => flip(vectors.find((vector) => vector.name === name)));
}

async function flip(vector) {
  const anchor = { chain: bare(vector.chain), validators_hash: bare(vector.validators_hash) };
  const bytes = fromHex(vector.proof);
  for (let i = 0; i < bytes.length; i += 7) {
    const changed = bytes.slice();
    changed[i] ^= 1 << (i % 8);
    const verdict = await verifyTrace(changed, vector.subject, anchor);
    assert.ok(verdict.failed, `byte ${i} of ${bytes.length}`);
  }
}
