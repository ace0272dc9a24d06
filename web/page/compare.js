// SPDX-License-Identifier: Apache-2.0
// Asks a second member's server about the same record, and whether both speak of one chain of blocks.

import { compareFinal, evidenceOf, readFinal } from '../verify/compare.js';
import { verifyTrace } from '../verify/proof.js';

async function bytesFrom(address) {
  const answer = await fetch(address, { cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer' });
  // What is not recorded is proved in an answer of 404.
  if (!answer.ok && answer.status !== 404) throw new Error(`status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** The origin that people mean by what they type, or null. */
export function originOf(typed) {
  const text = typed.trim();
  try {
    return text === '' ? null : new URL(/^https?:\/\//.test(text) ? text : `http://${text}`).origin;
  } catch {
    return null;
  }
}

/**
 * What the server at `origin` says of `name` beside `mine` {bytes, proof}, checked by `anchor`: {state, host, …}.
 * States: "same"; "newer" or "older" with `blocks`; "conflict" with height, guilty and evidence, two proofs; "failed"
 * with the check that what it sent does not pass; "unreachable".
 */
export async function compareWith(origin, path, name, anchor, mine) {
  const { host } = new URL(origin);
  try {
    const bytes = await bytesFrom(`${origin}/proof${path}`);
    const verdict = await verifyTrace(bytes, name, anchor);
    if (verdict.failed) return { state: 'failed', host, check: verdict.failed, detail: verdict.detail };
    const theirs = { bytes, proof: verdict.proof };
    const ahead = theirs.proof.header.height - mine.proof.header.height;
    // The one that is behind has its proof; the other one says what it has at that height.
    const [base, asked] = ahead >= 0n ? [mine, origin] : [theirs, ''];
    const { height } = base.proof.header;
    const other = ahead === 0n ? theirs.proof : readFinal(await bytesFrom(`${asked}/header/${height}`));
    if (other === null) return { state: 'failed', host, check: 'header', detail: `height ${height}` };
    const found = await compareFinal(base.proof, other);
    if (found.state === 'unproved') return { state: 'failed', host, check: 'finality', detail: found.detail };
    if (found.state === 'same') {
      const blocks = Number(ahead < 0n ? -ahead : ahead);
      return { state: ahead > 0n ? 'newer' : ahead < 0n ? 'older' : 'same', host, height, blocks };
    }
    const second = ahead === 0n ? theirs.bytes : evidenceOf(base.bytes, base.proof, other);
    return { state: 'conflict', host, height, guilty: found.guilty, evidence: [base.bytes, second] };
  } catch {
    return { state: 'unreachable', host };
  }
}
