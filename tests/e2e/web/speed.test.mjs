// SPDX-License-Identifier: Apache-2.0
// How long a phone takes to check a proof of 22 validators and 2^30 keys: Chromium with its CPU slowed to a quarter,
// with WebCrypto and, on plain http, without. Prints the figures; machines differ, so it asserts what was checked only.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, open, plainHost } from './browser.mjs';
import { madeSource, serve } from './server.mjs';

const runs = 15;
let browser;
let server;
before(async () => {
  browser = await launch();
  const nothing = { status: 200, type: 'text/html', bytes: new Uint8Array() };
  const files = madeSource({});
  server = await serve({ get: async (path) => (path === '/' ? nothing : files.get(path)) });
});
after(() => {
  server.close();
  return browser.close();
});

/** Milliseconds of each run, in the page. */
async function measure(vector, times) {
  const { verifyTrace } = await import('/assets/verify/proof.js');
  const { fromHex } = await import('/assets/verify/sha256.js');
  const bytes = fromHex(vector.proof);
  const anchor = { chain: vector.chain.slice(2), validators_hash: vector.validators_hash.slice(2) };
  const out = [];
  for (let i = 0; i < times; ++i) {
    const begin = performance.now();
    const verdict = await verifyTrace(bytes, vector.subject, anchor);
    out.push(performance.now() - begin);
    if (verdict.failed) return verdict.failed;
  }
  return { times: out, native: Boolean(globalThis.crypto?.subtle) };
}

for (const name of ['good-large-twenty', 'good-large-silk']) {
  for (const host of ['127.0.0.1', plainHost]) {
    test(`${name} at a quarter of the speed, from ${host}`, async () => {
      const golden = new URL(`../../golden/proof/${name}.json`, import.meta.url);
      const vector = JSON.parse(readFileSync(golden, 'utf8'));
      const { page, close } = await open(browser);
      await page.goto(`http://${host}:${server.port}/`);
      const session = await page.context().newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
      const found = await page.evaluate(`(${measure})(${JSON.stringify(vector)}, ${runs})`);
      assert.equal(found.times?.length, runs, String(found));
      assert.equal(found.native, host === '127.0.0.1');
      const sorted = [...found.times].sort((a, b) => a - b);
      const figures = [sorted[0], sorted[runs >> 1], found.times[0]].map((ms) => ms.toFixed(0));
      const crypto = found.native ? 'WebCrypto' : 'carried library';
      console.log(`${name}, ${crypto}: best ${figures[0]} ms, median ${figures[1]} ms, first ${figures[2]} ms`);
      await close();
    });
  }
}
