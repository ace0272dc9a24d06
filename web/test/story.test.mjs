// SPDX-License-Identifier: Apache-2.0
// What the page makes of the silk story: steps, gaps, verdicts, trust in a network.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Anchors, fingerprint } from '../page/anchor.js';
import { judge } from '../page/verdict.js';
import { Book } from '../verify/book.js';
import { decode } from '../verify/bcs.js';
import { eventsOf, missingEvents } from '../verify/events.js';
import { TraceProof } from '../verify/format.js';
import { verifyTrace } from '../verify/proof.js';
import { stepsOf } from '../verify/steps.js';
import { silk, subjectName } from './story/silk.mjs';
import * as w from './story/writer.mjs';

const now = Date.parse('2026-11-23T14:31:40Z');

async function check(options = {}, prove = {}, change = (bytes) => bytes) {
  const { ledger, item } = silk(options);
  const verdict = await verifyTrace(change(ledger.prove(item, prove)), subjectName, ledger.anchor());
  return { verdict, events: verdict.histories ? eventsOf(verdict.histories) : [] };
}

test('twenty-six events are sixteen steps', async () => {
  const { verdict, events } = await check();
  assert.equal(verdict.failed, null, verdict.detail);
  assert.deepEqual([verdict.events, verdict.leaves, events.length], [26, 34, 26]);
  const steps = stepsOf(events, new Book(verdict.proof));
  const told = steps.map(({ kind, source, part, events: own }) => `${kind} ${source} ${part} ${own.length}`);
  assert.deepEqual(told, [
    'produce one made 1',
    'handover both made 2',
    'transform one made 1',
    'transform one made 1',
    'move one made 2',
    'transform one made 1',
    'inspect inspector made 1',
    'pack one made 2',
    'handover both shipped 2',
    'customs customs shipped 2',
    'arrive one shipped 1',
    'customs customs shipped 2',
    'handover both shipped 3',
    'inspect one shipped 1',
    'handover both sold 3',
    'sale one sold 1',
  ]);
  assert.ok(steps.every(({ holds }) => holds));
  const book = new Book(verdict.proof);
  const products = steps.flatMap(({ details }) => (details.gtin ? [book.product(details.gtin)?.names[0].text] : []));
  assert.ok(products.includes('Raw silk') && !products.includes(undefined), String(products));
  assert.ok(steps.every(({ site }) => site !== null));
  assert.equal(book.certificates()[0].used, 1_200_000_000n);
  assert.equal(book.recipe(steps[2].site.gln, 'reel-fresh-cocoon').yield_ppm, 160_000);
});

test('a registration belongs to the sale', async () => {
  const { verdict, events } = await check({ claimed: true });
  const steps = stepsOf(events, new Book(verdict.proof));
  assert.deepEqual([events.length, steps.length], [27, 16]);
  assert.ok(steps.at(-1).details.registered);
});

const dropped = (pick) => (bytes) => {
  const proof = decode(TraceProof, bytes);
  pick(proof.histories);
  return w.traceProof(proof);
};

test('gaps are counted and placed', async () => {
  // The inspection: the scarf lot's second leaf, event 9 of 26 by log index 8.
  const last = await check(
    {},
    {},
    dropped((histories) => histories[1].leaves.pop()),
  );
  assert.equal(last.verdict.failed, 'history');
  assert.deepEqual(missingEvents(last.verdict.histories), [{ after: 7n, size: 1 }]);
  // Two neighbours from the middle of the pallet's history.
  const middle = await check(
    {},
    {},
    dropped((histories) => histories[4].leaves.splice(4, 2)),
  );
  assert.deepEqual(
    missingEvents(middle.verdict.histories).map(({ size }) => size),
    [2],
  );
  // Out of order is a change, not a gap.
  const turned = await check(
    {},
    {},
    dropped((histories) => histories[4].leaves.reverse()),
  );
  assert.equal(turned.verdict.failed, 'history');
  assert.deepEqual(missingEvents(turned.verdict.histories), []);
});

test('one event dropped from all its histories is one event', async () => {
  // The scarf packed into the carton: second leaf of the item, first of the carton.
  const both = await check(
    {},
    {},
    dropped((histories) => {
      histories[0].leaves.splice(1, 1);
      histories[2].leaves.shift();
    }),
  );
  assert.deepEqual(
    missingEvents(both.verdict.histories).reduce((sum, { size }) => sum + size, 0),
    1,
  );
});

test('verdicts by priority', async () => {
  const at = { testClock: false, now, seen: null };
  const state = async (options, prove, change, when = at) => {
    const { verdict, events } = await check(options, prove, change);
    return judge(verdict, events, when).state;
  };
  assert.equal(await state(), 'complete');
  assert.equal(await state({ observations: 9 }, { last: 5 }), 'partial');
  assert.equal(await state({}, {}, undefined, { ...at, now: now + 3_600_000 }), 'stale');
  assert.equal(await state({}, {}, undefined, { ...at, now: now + 3_600_000, testClock: true }), 'complete');
  assert.equal(await state({}, {}, undefined, { ...at, seen: 'older' }), 'stale');
  assert.equal(await state({ recalled: true }), 'recalled');
  assert.equal(await state({ rumour: true }), 'complete');
  assert.equal(
    await state(
      { recalled: true },
      {},
      dropped((histories) => histories[0].leaves.pop()),
    ),
    'failed',
  );
  assert.equal(await state({}, { signers: [0, 1] }), 'failed');
});

test('wherever one event is left out, the check fails', async () => {
  const { verdict } = await check();
  for (const [i, history] of verdict.histories.entries()) {
    for (let leaf = 0; leaf < history.leaves.length; ++leaf) {
      const { verdict: lied } = await check(
        {},
        {},
        dropped((histories) => histories[i].leaves.splice(leaf, 1)),
      );
      assert.ok(['history', 'links'].includes(lied.failed), `${i} ${leaf}: ${lied.failed}`);
    }
  }
});

class Storage {
  #kept = new Map();
  getItem = (name) => this.#kept.get(name) ?? null;
  setItem = (name, value) => this.#kept.set(name, value);
}

test('a plain event is a step of its own, marked as not balanced', async () => {
  const { verdict, events } = await check({ statement: true });
  assert.equal(verdict.failed, null, verdict.detail);
  const steps = stepsOf(events, new Book(verdict.proof));
  assert.equal(steps.length, 17);
  assert.deepEqual([steps.at(-1).kind, steps.at(-1).balanced], ['sale', false]);
  assert.ok(steps.slice(0, -1).every(({ balanced }) => balanced));
  // The same two halves that make a handover in accounts are two statements outside them.
  const halves = events.filter(({ kind }) => kind === 'offer' || kind === 'accept').slice(0, 2);
  for (const half of halves) half.balanced = false;
  assert.deepEqual(
    stepsOf(halves, new Book(verdict.proof)).map(({ kind, source }) => `${kind} ${source}`),
    ['offer one', 'accept one'],
  );
});

test('the first anchor of an origin is kept', () => {
  const [a, b] = ['a', 'b'].map((digit) => digit.repeat(64));
  const storage = new Storage();
  const at = (said, search = '') => new Anchors(storage, search, 5).choose({ name: 'silk', ...said });
  const first = at({ chain: '0x' + a, validators_hash: '0x' + a });
  assert.deepEqual([first.source, first.anchor.chain], ['first', a]);
  const later = at({ chain: b, validators_hash: b });
  assert.deepEqual([later.source, later.anchor.chain, later.server.chain, later.since], ['kept', a, b, 5]);
  // Whoever answers there later cannot begin anew by giving the network another name.
  const renamed = at({ chain: b, validators_hash: b, name: 'other' });
  assert.deepEqual([renamed.source, renamed.anchor.chain], ['kept', a]);
  assert.deepEqual(at({ chain: a, validators_hash: a }, `?anchor=${b}.${a}`).anchor, { chain: b, validators_hash: a });
  assert.equal(at({ chain: a, validators_hash: a }, '?anchor=nonsense').source, 'kept');
  assert.equal(at({ chain: 'x', validators_hash: a }), null);
  assert.equal(new Anchors(null, '', 5).choose({ name: 'silk', chain: a, validators_hash: a }).source, 'none');
  assert.equal(fingerprint(a), 'aaaa aaaa aaaa aaaa');
});

test('headers of one chain may grow, not turn back or contradict', () => {
  const anchors = new Anchors(new Storage(), '', 5);
  const see = (height, result) => anchors.see('chain', { height: BigInt(height), result });
  assert.deepEqual(
    [see(7, 'x'), see(8, 'y'), see(8, 'y'), see(7, 'x'), see(8, 'z')],
    [null, null, null, 'older', 'conflict'],
  );
});
