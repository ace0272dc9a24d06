// SPDX-License-Identifier: Apache-2.0
// The verifier as an npm package: what is packed is enough to check a proof, and its types name what it exports.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const web = fileURLToPath(new URL('../', import.meta.url));
const folder = mkdtempSync(`${tmpdir()}/tally-package-`);
after(() => rmSync(folder, { recursive: true }));

test('what is packed checks a proof by itself', async () => {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: web, encoding: 'utf8' });
  const [{ filename, files }] = JSON.parse(packed);
  assert.ok(files.every(({ path }) => /^(verify|vendor)\/|^(package\.json|README\.md)$/.test(path)));
  execFileSync('tar', ['xzf', `${folder}/${filename}`, '-C', folder]);
  const { exports, dependencies } = JSON.parse(readFileSync(`${folder}/package/package.json`, 'utf8'));
  assert.equal(dependencies, undefined);
  const { verifyTrace } = await import(pathToFileURL(`${folder}/package/${exports['.'].default}`).href);
  const vector = JSON.parse(readFileSync(new URL('../../tests/golden/proof/good-item.json', import.meta.url), 'utf8'));
  const anchor = { chain: vector.chain.slice(2), validators_hash: vector.validators_hash.slice(2) };
  const verdict = await verifyTrace(Buffer.from(vector.proof.slice(2), 'hex'), vector.subject, anchor);
  assert.equal(verdict.failed, null, verdict.detail);
  assert.equal(verdict.events, vector.events);
});

test('its types name what it exports', async () => {
  const types = readFileSync(`${web}verify/index.d.ts`, 'utf8');
  const typed = [...types.matchAll(/^export (?:declare )?(?:const|function|class) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(typed.sort(), Object.keys(await import('../verify/index.js')).sort());
});
