// SPDX-License-Identifier: Apache-2.0
// English, as far as a capsule needs it too: what a record says.

export const events = (f, n) => f.plural(n, { one: 'event', other: 'events' });
const verbs = {
  reel: 'reeled',
  weave: 'woven',
  degum: 'degummed',
  print: 'printed',
  cut: 'cut',
  hem: 'hemmed',
  gin: 'ginned',
  spin: 'spun',
  knit: 'knitted',
  dye: 'dyed',
  sew: 'sewn',
  finish: 'finished',
  fillet: 'filleted',
  assemble: 'assembled',
};
const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const goods = (f, d) => f.list2([d.product, d.amount], ', ');
const titles = {
  produce: (f, d) => `Produced: ${goods(f, d)}`,
  transform: (f, d) =>
    `${d.verbs.length > 0 ? upper(d.verbs.map((verb) => verbs[verb]).join(', ')) : 'Made'}: ${goods(f, d)}`,
  offer: (f, d) => `Offered to ${d.receiver || 'the next holder'}${d.balanced ? ', not yet answered' : ''}`,
  rejected: () => 'Handover rejected',
  withdrawn: () => 'Handover offer withdrawn',
  handover: (f, d) =>
    ({
      carrier: 'Handed to the carrier',
      retailer: 'Delivered to the retailer',
      warehouse: d.count ? `Received: ${d.count} counted` : 'Received by the warehouse',
    })[d.to] ?? `${d.product || 'Goods'} handed over`,
  move: (f, d) => `${d.product || 'Goods'} moved to another site`,
  depart: (f, d) => `${d.product || 'Shipment'} departed`,
  arrive: (f, d) => (d.mode ? `Arrived by ${d.mode}` : 'Arrived'),
  customs: (f, d) =>
    ({
      customs_export: d.cleared ? 'Export cleared' : 'Export declared',
      customs_import: d.cleared ? 'Import cleared' : 'Import declared',
      customs_hold: 'Held by customs',
      customs_release: 'Released by customs',
    })[d.bizStep],
  inspect: (f, d) => (d.sample ? `Sample of ${d.sample} checked: ${d.result}` : `Inspected: ${d.result}`),
  pack: (f, d) => (d.ofUnits ? `Packed: ${d.children} packages as one` : `Packed: ${d.children} pieces`),
  unpack: () => 'Unpacked',
  sale: (f, d) => (d.registered ? 'Sold; ownership registered' : 'Sold'),
  return: () => 'Returned',
  claim: () => 'Ownership registered',
  recall: () => 'Recalled',
  destroy: () => 'Destroyed',
  sensors: () => 'Sensor readings',
  correction: () => 'An earlier event declared wrong',
  title: () => 'Ownership passed by contract',
  altered: () => 'The content of this event was altered',
  observe: (f, d) => `Recorded: ${d.bizStep || 'observation'}`,
  other: () => 'Recorded act',
};

export const record = {
  titleOf: (f, kind, d) => (titles[kind] ?? titles.observe)(f, d),
  pass: 'pass',
  fail: 'fail',
  verbs,
  complete: {
    title: 'Record complete',
    text: (f, n, m, v) =>
      `${n === 1 ? 'The 1 recorded event is' : `All ${f.number(n)} recorded events are`} here, unaltered. ` +
      `Signed by ${m} of ${v} validators; checked in this browser.`,
  },
  recalled: {
    title: 'Recalled. Stop using it.',
    text: (f, who, date) =>
      who
        ? `${who} recalled it on ${date}. Ask the seller or the maker what to do.`
        : 'A recall is signed for this number. Ask the seller or the maker what to do.',
  },
  notBalanced: 'not balanced',
  sources: {
    both: 'Both parties signed the handover',
    one: 'One party signed: its own statement',
    inspector: 'Independent inspector',
    customs: 'Customs',
  },
  cosigned: (name, time) => `Co-signed by ${name} on ${time}, by its own clock`,
  notCosigned: 'No independent witness has co-signed this state',
  pieces: (f, n) => `${f.number(n)} ${f.plural(n, { one: 'piece', other: 'pieces' })}`,
  provesNotList: [
    'That the object in your hand is the one described. A printed code can be copied.',
    'That what a company stated about its own work is true.',
    'Anything that happened but was never recorded.',
  ],
};
