// SPDX-License-Identifier: Apache-2.0
// Usage: mutants.mjs <words>: good proofs with bytes changed by chance, as lib/ledger/mutation_test.cpp changes them.
// The file has the word that the C++ verifier said of each; this one must say the same, and accept none.

import { readFileSync, readdirSync } from 'node:fs';
import { verifyTrace } from '../verify/proof.js';
import { fromHex, hex } from '../verify/sha256.js';

const golden = new URL('../../tests/golden/', import.meta.url);
const good = ['proof', 'comet'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, golden))
    .filter((name) => name.startsWith('good-') && !name.startsWith('good-large'))
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(`${folder}/${name}`, golden), 'utf8')))
    .map(({ subject, chain, validators_hash, proof }) => ({
      subject,
      anchor: { chain: chain.slice(2), validators_hash: validators_hash.slice(2) },
      proof: fromHex(proof),
    })),
);

/** WebCrypto that remembers: mutants share their signatures. */
function remembering(subtle) {
  const known = new Map();
  return {
    importKey: (form, key) => Promise.resolve(key),
    async verify(algorithm, key, signature, message) {
      const name = hex(key) + hex(signature) + hex(message);
      if (!known.has(name)) {
        const imported = await subtle.importKey('raw', key, algorithm, false, ['verify']).catch(() => null);
        known.set(name, imported !== null && (await subtle.verify(algorithm, imported, signature, message)));
      }
      return known.get(name);
    },
  };
}

/** Marsaglia's xorshift: the same numbers in every language. */
function chanceOf(seed) {
  let state = (Math.imul(seed, 2654435761) + 1) >>> 0;
  return (bound) => {
    state = (state ^ (state << 13)) >>> 0;
    state = (state ^ (state >>> 17)) >>> 0;
    state = (state ^ (state << 5)) >>> 0;
    return state % bound;
  };
}

const join = (...parts) => Uint8Array.from(Buffer.concat(parts));

function changed(bytes, below) {
  const kind = below(8);
  const at = below(bytes.length);
  const size = Math.min(bytes.length - at, 1 + below(64));
  const end = at + size;
  const out = bytes.slice();
  if (kind <= 1) out[at] ^= 1 << below(8);
  else if (kind === 2) out[at] = below(256);
  else if (kind === 3) return join(bytes.subarray(0, at), bytes.subarray(end));
  else if (kind === 4) return join(bytes.subarray(0, end), bytes.subarray(at, end), bytes.subarray(end));
  else if (kind === 5) {
    const other = below(bytes.length);
    for (let i = 0; i < 32 && Math.max(at, other) + i < bytes.length; ++i) {
      [out[at + i], out[other + i]] = [out[other + i], out[at + i]];
    }
  } else if (kind === 6) return bytes.slice(0, at);
  else return join(bytes.subarray(0, at), Uint8Array.of(below(256)), bytes.subarray(at));
  return out;
}

const words = readFileSync(process.argv[2], 'utf8').trim().split('\n');
const subtle = remembering(globalThis.crypto.subtle);
let differ = 0;
let accepted = 0;
for (const [i, word] of words.entries()) {
  const below = chanceOf(i);
  const { subject, anchor, proof } = good[below(good.length)];
  let bytes = proof;
  for (let changes = 1 + below(3); changes > 0 && bytes.length > 0; --changes) bytes = changed(bytes, below);
  const isSame = Buffer.compare(bytes, proof) === 0;
  const verdict = await verifyTrace(bytes, subject, anchor, subtle);
  const said = isSame ? 'same' : (verdict.failed ?? 'accepted');
  accepted += said === 'accepted' ? 1 : 0;
  if (said === word) continue;
  differ += 1;
  if (differ <= 10) console.log(`mutant ${i}: ${word} in C++, ${said} here: ${verdict.detail}`);
}
console.log(`${words.length} mutants, ${accepted} accepted, ${differ} judged otherwise than by the C++ verifier`);
process.exit(accepted + differ === 0 && words.length > 1 ? 0 : 1);
