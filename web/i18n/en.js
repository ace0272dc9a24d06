// SPDX-License-Identifier: Apache-2.0
// English. Whole sentences; `f` formats numbers, dates and lists (page/words.js).

import { events, record } from './en-record.js';

const failedTitles = {
  missing: (f, k) => `Check failed: ${f.number(k)} ${f.plural(k, { one: 'event is', other: 'events are' })} missing`,
  altered: () => 'Check failed: content altered',
  signatures: () => 'Check failed: too few signatures',
  conflict: () => 'Check failed: two conflicting blocks',
  witness: () => 'Check failed: a co-signature does not hold',
  form: () => 'Check failed: the proof cannot be read',
  chain: () => 'Check failed: another network',
  subject: () => 'Check failed: record of something else',
};
const doNotRely = 'Do not rely on this page; the product itself may be fine.';

export default {
  ...record,
  product: 'Product record',
  language: 'Language',
  comma: ', ',

  waiting: { title: 'Checking…', text: 'This browser checks the record now.' },
  none: { title: 'No record under this number', text: 'Check the number, or ask the seller who gave you this label.' },
  unreachable: { title: 'This server does not answer', text: 'Nothing was checked. Try again, or ask another server.' },
  partial: {
    title: (f, k, n) => `Showing the last ${f.number(k)} of ${f.number(n)} ${events(f, n)}`,
    linked: (f, k) => `Showing ${f.number(k)} ${events(f, k)}; linked records are left out`,
    text: (f, m, v) => `What is here is unaltered. Signed by ${m} of ${v} validators; checked in this browser.`,
  },
  stale: {
    title: (f, time) => `Complete up to ${time}; later is unknown`,
    text: 'This server’s newest signed state is old. Ask again later, or ask another server.',
  },
  inUse: {
    title: 'This label is already in use',
    text: (f, place, date) => `An item with this number was sold in ${place} on ${date} and has an owner.`,
  },
  failed: {
    titles: failedTitles,
    missing: (f, a, n) =>
      `This server sent ${f.number(a)} ${events(f, a)}. The validators signed for ${f.number(n)}. ${doNotRely}`,
    other: `What this server sent is not what the validators signed. ${doNotRely}`,
    chain: `This server speaks for another network, or for other validators, than this browser knows. ${doNotRely}`,
    witness: `A witness did not sign what this server says it signed. ${doNotRely}`,
    conflict: `The validators signed two different blocks of one height. ${doNotRely}`,
  },
  askAnother: 'Ask another server',
  otherAddress: 'Address of another server',
  ask: 'Ask',
  again: 'Check again',

  strip: {
    shown: (f, k) => `${f.number(k)} shown`,
    lastShown: (f, k, n) => `last ${f.number(k)} of ${f.number(n)} shown`,
    signed: (f, n) => `${f.number(n)} signed for`,
    missing: (f, list) => `${list.length === 1 ? 'event' : 'events'} ${f.list(list.map(String))} missing`,
    altered: 'not as signed',
    label: (f, k, n) => `Tally: ${f.number(k)} ${events(f, k)} shown, ${f.number(n)} signed for`,
  },
  facts: {
    heading: 'In short',
    from: 'From',
    when: 'When',
    owner: 'Owner',
    recall: 'Recall',
    inspected: 'Inspected',
    source: 'Source',
    unrooted: ['unrooted', 'Some of it came from no certified source.'],
    place: (places, country) => (country ? `${places}, ${country}` : places),
    within: (f, km) => `All making steps within ${f.number(km)} km`,
    received: (f, a) => `from the ${f.number(a)} ${events(f, a)} received`,
    finished: (date) => `Finished ${date}`,
    sold: (date) => `sold ${date}`,
    registered: ['Registered once', 'Not you? Then treat this label as copied.'],
    notRegistered: ['Sold, not registered', 'Nobody has registered this number as their own.'],
    notSold: ['Not sold yet', (owner) => `Owned by ${owner}`],
    lotOwner: 'Parts of a lot have owners of their own',
    recallNone: ['None', ' on record'],
    recallNoneSigned: ['None', ' in the signed state'],
    recallYes: 'Yes',
    result: { pass: 'Pass', fail: 'Fail' },
    by: (date, who) => `, ${date}, by ${who}`,
    independent: 'Independent of maker and seller',
    ownCheck: 'Its own check, not independent',
    noInspection: 'None on record',
    inspectionUnknown: ['Unknown', ': what is missing may be an inspection'],
    upTo: (time, height) => `As recorded up to ${time} (block ${height}).`,
    stateOf: (time, height) => `Signed state of ${time} (block ${height}).`,
  },
  testClock: ['TEST CLOCK', 'Dates on this network are set by hand.'],

  journey: 'Journey',
  journeyText: (f, n, s, year, failed) =>
    `${f.number(n)} ${failed ? 'received' : 'recorded'} ${events(f, n)} in ${f.number(s)} ` +
    `${f.plural(s, { one: 'step', other: 'steps' })}, oldest first. ` +
    (year ? `All dates ${year}, UTC.` : 'Dates in UTC.'),
  parts: { made: 'Made', shipped: 'Shipped', sold: 'Sold' },
  mapNote: 'Lines join recorded places. The path between them is not recorded.',
  mapLabel: (f, list) => `Map: ${list}`,
  to: (name) => `to ${name}`,
  getsNumber: (serial) => `this one gets number ${serial}`,
  report: (name) => `Report ${name}`,
  itsOwnCheck: (name) => `${name}, its own check`,
  missingStep: (f, number) => `Event ${f.number(number)} is missing`,
  missingSteps: (f, k) => `${f.number(k)} events are missing here`,
  missingNote: 'signed for by the validators, not sent by this server',
  unconfirmed: 'not confirmed by what the validators signed',
  mismatch: 'counted quantity differs',
  damaged: 'damaged',
  hiddenSteps: (f, k) => `${f.number(k)} earlier ${f.plural(k, { one: 'step is', other: 'steps are' })} not listed.`,

  quantities: 'Quantities',
  slack: (f, list) =>
    'Each step is within the yield audited for its site. ' +
    `Outside material that could still hide in a step: at most ${list}.`,
  slackUnknown: 'The audited yield of a step is not part of this proof, so its slack is unknown.',
  certificates: 'Certificates',
  noCertificates: 'No certificate is named by these events.',
  used: (f, used, quota) => `${used} of ${quota} used`,
  validFromTo: (from, to) => `${from} to ${to}`,
  covers: (list) => `Covers ${list}`,
  validity: { valid: 'valid today', expired: 'expired', future: 'not valid yet', revoked: (date) => `revoked ${date}` },
  carbon: 'Carbon',
  carbonUnknown: ['Unknown', ' for all steps'],
  carbonNote: 'No figure is recorded. Unknown is not zero.',
  notShown: [
    'Not shown',
    'Quantities, certificates and carbon are computed from all events. They are hidden while the check fails.',
  ],

  trust: 'Who says so',
  trustText: 'Three levels. Each trusts less than the one before.',
  levels: ['This server says', 'This browser checked', 'You can check without us'],
  serverSays: (f, n) =>
    `It sent this page, the ${f.number(n)} ${events(f, n)} and the proof. On its own, that is only its word.`,
  serverWrong: 'It offers this as the record. That is not what the validators signed.',
  checks: {
    signatures: (f, m, v, q) => `${m} of ${v} validator signatures (${q} needed)`,
    events: (f, k, n, h) =>
      `${f.number(k)} of ${f.number(n)} events, in ${f.number(h)} linked ` +
      f.plural(h, { one: 'history', other: 'histories' }),
    eventsOpen: (f, k) => `${f.number(k)} ${events(f, k)}; more are recorded in linked histories`,
    content: 'Order and content unaltered',
    age: (age) => `Newest state ${age} old`,
    ageTest: 'Age of the state: unknown on a test clock',
    failing: (name, detail) => `Failed at “${name}”: ${detail}`,
    unchecked: (name) => `Not checked: ${name}`,
    words: {
      signatures: 'signatures',
      witness: 'co-signatures',
      events: 'number of events',
      content: 'order and content',
      age: 'age of the state',
    },
  },
  alone: (command) => ['Save the record and run ', command, ' on any computer, with the genesis file of the network. '],
  compare: 'Compare the validator fingerprint with the label:',
  pinned: {
    link: 'The fingerprint was given in the link that you opened.',
    first: 'This browser sees this network for the first time and keeps its fingerprint.',
    kept: (date) => `This browser has kept the fingerprint since ${date}.`,
    none: 'This browser cannot keep the fingerprint: compare it each time.',
    differs: (known) => `This browser knows another fingerprint for this network: ${known}.`,
    replace: 'I compared it: keep the new fingerprint',
  },
  second: {
    title: 'Compare with another member’s server',
    text: 'Two servers that show the same signed block cannot tell two stories about it.',
    address: 'Address of the other server',
    ask: 'Compare',
    asking: (host) => `Asking ${host}…`,
    same: (f, { host, height }) => `${host} shows the same newest block, ${f.number(Number(height))}.`,
    newer: (f, { host, height, blocks: n }) =>
      `${host} agrees on block ${f.number(Number(height))} and is ${f.number(n)} ` +
      `${f.plural(n, { one: 'block', other: 'blocks' })} newer.`,
    older: (f, { host, height, blocks: n }) =>
      `${host} agrees up to block ${f.number(Number(height))}; this server is ${f.number(n)} ` +
      `${f.plural(n, { one: 'block', other: 'blocks' })} newer.`,
    conflict: (f, { host, height, guilty }) =>
      `${host} shows another block ${f.number(Number(height))}, and both are final. ` +
      `${f.number(guilty.length)} validators signed both: ${f.list(guilty.map((key) => key.slice(0, 16)))}.`,
    failed: (f, { host, check, detail }) => `What ${host} sent does not hold, at “${check}”: ${detail}`,
    unreachable: (f, { host }) => `${host} does not answer this page.`,
    accuse: (command) => ['Save both halves of the finding and run ', command, ' to name the guilty keys in full.'],
  },
  save: 'Save this record',
  saveFinding: 'Save this finding',

  limits: 'What this proves, and what it does not',
  proves: 'It proves',
  provesList: [
    'Who recorded each step, and when.',
    'Nothing was changed, added or left out since.',
    'Handovers shown with both halves were signed by both sides.',
  ],
  provesOwner: 'This number has one registered owner.',
  provesFailed: (f, n) => `The validators signed a record with at least ${f.number(n)} ${events(f, n)}.`,
  provesFailedToo: 'This server did not send that record.',
  provesNothing: 'Nothing: the check ended before anything was signed for.',
  provesNot: 'It does not prove',
  provesNotFailed: [
    'That the product is bad. The fault may be the server’s alone.',
    'What the missing or altered content says.',
  ],
  landing: {
    title: 'What is on record about it?',
    label: 'Number on the label',
    hint: 'The address in the code, (01) and (21) with their numbers, or item number and serial number.',
    open: 'Show the record',
    problem: 'This is no number of a label. Check its digits.',
  },
  footer: 'No cookies, no account, no third-party requests.',
  number: (serial) => `No. ${serial}`,
  lot: (lot) => `Lot ${lot}`,
  unit: (sscc) => `Unit ${sscc}`,
};
