// SPDX-License-Identifier: Apache-2.0
// Capsules of 50 events, written by the C++ code that `tally capsule` runs (TEST_WALLET: its test program), opened from
// disk in a browser without a network and without any server: of the silk journey on a small network, and of a proof of
// 22 validators and 2^30 keys.

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
const files = { small: `${folder}/small.html`, large: `${folder}/large.html` };
const read = (name) => readFileSync(new URL(`../../golden/proof/${name}.json`, import.meta.url), 'utf8');
let browser;

/** Writes the capsule of a proof. */
function make(file, proof, subject, { chain, validators_hash }) {
  writeFileSync(`${folder}/proof`, proof);
  const asked = { TALLY_CAPSULE: file, TALLY_CAPSULE_PROOF: `${folder}/proof`, TALLY_CAPSULE_SUBJECT: subject };
  const anchor = { TALLY_CAPSULE_CHAIN: `0x${chain}`, TALLY_CAPSULE_VALIDATORS: `0x${validators_hash}` };
  const env = { ...process.env, ...asked, ...anchor };
  execFileSync(process.env.TEST_WALLET, ['--gtest_filter=Capsule.IsWrittenWhereAsked'], { env });
}

before(async () => {
  const { ledger, item } = silk({ observations: 24, witnesses: [{ code: 'AUDIT', byte: 0x51 }] });
  const witnesses = [{ byte: 0x51, timeMs: Date.parse('2026-11-23T14:31:02Z') }];
  make(files.small, ledger.prove(item, { witnesses }), subjectName, ledger.anchor());
  const { proof, subject, ...vector } = JSON.parse(read('good-large-fifty'));
  const anchor = { chain: vector.chain.slice(2), validators_hash: vector.validators_hash.slice(2) };
  make(files.large, Buffer.from(proof.slice(2), 'hex'), subject, anchor);
  browser = await launch();
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

async function show(path) {
  const { page, problems, requests, close } = await open(browser, { offline: true });
  await page.goto(pathToFileURL(path).href);
  await page.waitForSelector('main[data-state]');
  const state = await page.getAttribute('main', 'data-state');
  const said = await page.locator('main').innerText();
  return { page, problems, requests, close, state, said };
}

for (const [name, signed, cosigned] of [
  ['small', /4 of 4 validators/, /Co-signed by Auditor Observer on 23 Nov 2026, 14:31 UTC, by its own clock/],
  ['large', /22 of 22 validators/, /No independent witness/],
]) {
  test(`${name}: it verifies with no server and no network`, async () => {
    const { page, problems, requests, close, state, said } = await show(files[name]);
    assert.equal(state, 'complete', said);
    assert.match(said, /All 50 recorded events are here/);
    assert.match(said, /later is unknown/);
    assert.match(said, signed);
    assert.match(said, cosigned);
    assert.ok((await page.locator('ol li').count()) >= 16);
    assert.deepEqual(requests, [pathToFileURL(files[name]).href]);
    assert.deepEqual(problems, []);
    await picture(page, `capsule-${name}`);
    await close();
  });

  test(`${name}: it is at most 64 KB`, () => {
    const size = readFileSync(files[name]).length;
    console.log(`a capsule of 50 events, ${name}: ${size} bytes`);
    assert.ok(size <= 64 * 1024, `${size} bytes`);
  });
}

/** The bytes that a capsule keeps under an id, and the other way: seven bits a character. */
const unsafe = [0, 13, 60];
function unpacked(text) {
  const [, size, sevens] = /^([0-9]+):(.*)$/s.exec(text);
  const codes = [...sevens].map((one) => one.charCodeAt(0));
  const groups = codes.flatMap((code) => (code < 128 ? [code] : [unsafe[(code >> 7) - 1], code & 127]));
  const bits = groups.map((group) => group.toString(2).padStart(7, '0')).join('');
  return Buffer.from(Array.from({ length: size }, (_, i) => parseInt(bits.slice(i * 8, i * 8 + 8), 2)));
}
function packed(bytes) {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,7}/g).map((group) => parseInt(group.padEnd(7, '0'), 2));
  const codes = [];
  for (let i = 0; i < groups.length; ++i) {
    const at = unsafe.indexOf(groups[i]);
    codes.push(at < 0 ? groups[i] : 128 * (at + 1) + (groups[++i] ?? 0));
  }
  return `${bytes.length}:${String.fromCharCode(...codes)}`;
}

test('one letter changed in it is named', async () => {
  const page = readFileSync(files.small, 'utf8');
  const [, kept] = /id="proof">([^<]*)</.exec(page);
  assert.equal(packed(unpacked(kept)), kept);
  const proof = inflateSync(unpacked(kept));
  const at = proof.indexOf('"type"');
  assert.ok(at > 0);
  proof[at + 1] ^= 1;
  const changed = `${folder}/changed.html`;
  writeFileSync(changed, page.replace(kept, () => packed(deflateSync(proof))));
  const { close, state, said } = await show(changed);
  assert.equal(state, 'failed');
  assert.match(said, /event_content/);
  await close();
});
