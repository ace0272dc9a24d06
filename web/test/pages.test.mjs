// SPDX-License-Identifier: Apache-2.0
// What the pages weigh, and that both languages say the same things.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import en from '../i18n/en.js';
import zh from '../i18n/zh.js';

const web = new URL('../', import.meta.url);
const bytesMax = 60 * 1024;
const made = mkdtempSync(`${tmpdir()}/tally-pages-`);
after(() => rmSync(made, { recursive: true }));

function files(folder = '') {
  return readdirSync(new URL(folder, web), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return ['test', 'capsule'].includes(entry.name) ? [] : files(`${folder}${entry.name}/`);
    return /\.(html|js|css|svg)$/.test(entry.name) ? [folder + entry.name] : [];
  });
}

/** What a visit of the trace page fetches, as it is served, with one language: each file compressed by itself. */
test('the trace page is at most 60 KB compressed', () => {
  const tool = fileURLToPath(new URL('../tools/pages.py', web));
  execFileSync('python3', [tool, fileURLToPath(web), made, ...files()]);
  for (const language of ['en', 'zh']) {
    const others = [
      'index.html',
      'verify/comet.js', // only where CometBFT orders the blocks
      'index.js',
      'verify/index.js', // of the package
      ...['en', 'zh'].filter((one) => one !== language).map((one) => `i18n/${one}.js`),
    ];
    const fetched = files().filter((name) => !others.includes(name));
    const sum = fetched.reduce(
      (total, name) => total + gzipSync(readFileSync(`${made}/${name}`), { level: 9 }).length,
      0,
    );
    console.log(`${language}: ${fetched.length} files, ${sum} bytes compressed`);
    assert.ok(sum <= bytesMax, `${language}: ${sum} bytes`);
  }
});

test('nothing comes from elsewhere, and no markup or style is inline', () => {
  for (const name of files().filter((one) => !one.startsWith('vendor/'))) {
    const text = readFileSync(new URL(name, web), 'utf8').replace(/http:\/\/www\.w3\.org\/2000\/svg/g, '');
    assert.doesNotMatch(text, /(src|href|import|fetch\(|url\()[^\n]{0,4}["'(]https?:/, name);
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name);
    if (name.endsWith('.html')) assert.doesNotMatch(text, /style=|<style|onclick=|<script(?![^>]* src=)/, name);
  }
});

/** The paths of all words of a language. */
function paths(words, prefix = '') {
  return Object.entries(words).flatMap(([name, value]) => {
    const path = prefix + name;
    return typeof value === 'object' && !Array.isArray(value) ? paths(value, path + '.') : [`${path} ${typeof value}`];
  });
}

test('both languages have the same words', () => {
  assert.deepEqual(paths(zh).sort(), paths(en).sort());
});
