// SPDX-License-Identifier: Apache-2.0
// What a lying server may do to a proof on its way: each takes the true bytes and returns others, in good form.

import { decode } from '../../../web/verify/bcs.js';
import { TraceProof } from '../../../web/verify/format.js';
import * as w from '../../../web/test/story/writer.mjs';

const lot = 0x08;

function changed(change) {
  return (bytes) => {
    const proof = decode(TraceProof, bytes);
    change(proof);
    return w.traceProof(proof);
  };
}
const historyOf = (proof, space) => proof.histories.find(({ key }) => key[0] === space);

/** The last leaf of the subject's lot, which stands in no other history: in the silk story, the inspection. */
export const drop = changed((proof) => historyOf(proof, lot).leaves.pop());

/** The same letters in one event, one digit of them another. */
export const alter = changed((proof) => {
  const [shown] = proof.histories[0].leaves;
  const head = shown.head.slice();
  const text = new TextDecoder('latin1').decode(head);
  const at = /[0-9](?!.*[0-9])/s.exec(text).index;
  head[at] = head[at] === 0x39 ? 0x30 : head[at] + 1;
  shown.raw = w.shownLeaf(shown.leaf.raw, head, shown.head_path, shown.entries);
});

/** Another time of an event, in the leaf itself. */
export const redate = changed((proof) => {
  const [shown] = proof.histories[0].leaves;
  const leaf = shown.leaf.raw.slice();
  // Behind version, subject, sequence, log index, height, transaction index, kind, actor.
  leaf[2 + 32 + 8 + 8 + 8 + 2 + 1 + 32] ^= 1;
  shown.raw = w.shownLeaf(leaf, shown.head, shown.head_path, shown.entries);
});

export const reorder = changed((proof) => {
  const { leaves } = proof.histories.find((history) => history.leaves.length > 3);
  [leaves[0], leaves[1]] = [leaves[1], leaves[0]];
});

export const add = changed((proof) => {
  const { leaves } = proof.histories[0];
  leaves.push(leaves.at(-1));
});

/** As if fewer than a quorum had signed. */
export const unsign = changed((proof) => {
  const { certificate } = proof.finality;
  const signers = new Uint8Array(certificate.signers.length);
  signers[0] = certificate.signers[0] & -certificate.signers[0];
  certificate.raw = w.join(certificate.ballot.raw, w.blob(signers), w.list(certificate.signatures.slice(0, 1)));
});

/** A signed record with another status. */
export const restate = changed((proof) => {
  const record = proof.histories[0].record.slice();
  record[record.length - 60] ^= 1;
  proof.histories[0].record = record;
});

/** What the label does not name. */
export const swap = changed((proof) => proof.histories.reverse());

export const cut = (bytes) => bytes.slice(0, bytes.length - 10);
