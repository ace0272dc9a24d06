// SPDX-License-Identifier: Apache-2.0
// Co-signatures of witnesses (docs/proof.md, check 6).

import { verify } from './bip340.js';
import { role, readRecord } from './book.js';
import { space } from './format.js';
import { hash, hex, tag } from './sha256.js';
import { treeKey } from './state.js';

const watching = role.certifier | role.auditor | role.regulator | role.witness;

/** Why the key's holder is no witness in the state of the header, in words, or null. */
function faultOf(record, member, { time_ms: now }) {
  if (!record || !member) return 'no member\'s key';
  const ended = record.revoked_ms !== null || (record.until_ms !== 0n && record.until_ms <= now);
  if (ended || record.from_ms > now) return 'not valid at the header\'s time';
  const watches = (member.roles & watching) !== 0 && (member.roles & role.validator) === 0;
  return watches && member.status === 'active' && record.kind !== 'device' ? null : 'no witness';
}

/** {witnesses: [{party, key, timeMs}], fault}: who co-signed, or what is wrong, in words. Only for signed records. */
export function witnessesOf({ header, histories, records, witnesses }) {
  const found = new Map([...histories, ...records].map((entry) => [hex(treeKey(entry.key)), entry]));
  const recordOf = (kind, place) => {
    const entry = found.get(place);
    return entry?.key[0] === kind ? readRecord(entry) : null;
  };
  const out = [];
  for (const { key, time_ms, signature, raw } of witnesses) {
    const name = hex(key);
    if (name <= (out.at(-1)?.key ?? '0'.repeat(64))) return { fault: 'their keys do not ascend' };
    const record = recordOf(space.key, hex(treeKey(Uint8Array.of(space.key, ...key))));
    const member = record && recordOf(space.member, hex(record.party));
    const digest = hash(tag.cosign, header.chain, hash(tag.resultHeader, header.raw), raw.subarray(32, 40));
    const signs = () => (verify(key, digest, signature) ? null : 'did not sign this result at this time');
    const fault = faultOf(record, member, header) ?? signs();
    if (fault) return { fault: `key 0x${name}: ${fault}` };
    out.push({ party: hex(record.party), key: name, timeMs: Number(time_ms) });
  }
  return { witnesses: out };
}
