// SPDX-License-Identifier: Apache-2.0
// A capsule of 50 events, written by the C++ code that `tally capsule` runs (TEST_WALLET: its test program), opened
// from disk in a browser without a network and without any server.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { deflateSync, inflateSync } from 'node:zlib';
import { launch, open, picture } from './browser.mjs';
import { silk, subjectName } from '../../../web/test/story/silk.mjs';

const folder = mkdtempSync(`${tmpdir()}/tally-capsule-`);
const file = `${folder}/capsule.html`;
let browser;
before(async () => {
  const { ledger, item } = silk({ observations: 24 });
  const { chain, validators_hash } = ledger.anchor();
  writeFileSync(`${folder}/proof`, ledger.prove(item));
  const asked = { TALLY_CAPSULE: file, TALLY_CAPSULE_PROOF: `${folder}/proof`, TALLY_CAPSULE_SUBJECT: subjectName };
  const anchor = { TALLY_CAPSULE_CHAIN: `0x${chain}`, TALLY_CAPSULE_VALIDATORS: `0x${validators_hash}` };
  const env = { ...process.env, ...asked, ...anchor };
  execFileSync(process.env.TEST_WALLET, ['--gtest_filter=Capsule.IsWrittenWhereAsked'], { env });
  browser = await launch();
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

async function read(path) {
  const { page, problems, requests, close } = await open(browser, { offline: true });
  await page.goto(pathToFileURL(path).href);
  await page.waitForSelector('main[data-state]');
  const state = await page.getAttribute('main', 'data-state');
  const said = await page.locator('main').innerText();
  return { page, problems, requests, close, state, said };
}

test('it verifies with no server and no network', async () => {
  const { page, problems, requests, close, state, said } = await read(file);
  assert.equal(state, 'complete', said);
  assert.match(said, /All 50 recorded events are here/);
  assert.match(said, /later is unknown/);
  assert.match(said, /4 of 4 validators/);
  assert.ok((await page.locator('ol li').count()) >= 16);
  assert.deepEqual(requests, [pathToFileURL(file).href]);
  assert.deepEqual(problems, []);
  await picture(page, 'capsule');
  await close();
});

test('it is at most 64 KB', () => {
  const size = readFileSync(file).length;
  console.log(`a capsule of 50 events: ${size} bytes`);
  assert.ok(size <= 64 * 1024, `${size} bytes`);
});

test('one letter changed in it is named', async () => {
  const page = readFileSync(file, 'utf8');
  const [, packed] = /id="proof">([^<]*)</.exec(page);
  const proof = inflateSync(Buffer.from(packed, 'base64'));
  const at = proof.indexOf('"type"');
  assert.ok(at > 0);
  proof[at + 1] ^= 1;
  const changed = `${file}.changed.html`;
  writeFileSync(changed, page.replace(packed, deflateSync(proof).toString('base64')));
  const { close, state, said } = await read(changed);
  assert.equal(state, 'failed');
  assert.match(said, /event_content/);
  await close();
});
