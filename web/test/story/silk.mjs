// SPDX-License-Identifier: Apache-2.0
// The silk journey of testnet/journeys as a ledger records it, from cocoons to one sold scarf: 34 leaves, 26 events, 16
// steps in its proof.

import { readFileSync } from 'node:fs';
import { Ledger, key, party } from './ledger.mjs';
import * as w from './writer.mjs';

const folder = new URL('../../../testnet/journeys/', import.meta.url);
const network = JSON.parse(readFileSync(new URL('network.json', folder), 'utf8'));
const stem = 'https://id.gs1.org/';
const gtins = { cocoon: '09521002000016', raw: '09521001000017', fabric: '09521001000024', scarf: '09521001000109' };
const lots = { cocoon: 'C2605', raw: 'R2606', fabric: 'F2606', scarf: 'S2607' };
const lotLink = (name) => `${stem}01/${gtins[name]}/10/${lots[name]}`;
const itemLink = (serial) => `${stem}01/${gtins.scarf}/21/${serial}`;
const unitLink = (digits) => `${stem}00/${digits}`;
export const subjectPath = `/01/${gtins.scarf}/21/S000042`;
export const subjectName = itemLink('S000042');

const pallet = unitLink('095210010000000017');
const cartons = Array.from({ length: 20 }, (_, i) => unitLink(`0952100100000${1014 + i * 7}`));
const member = (code) => network.members.find((one) => one.code === code);
const site = (code) => member(code.split('.')[0]).sites.find((one) => one.code === code);
const ms = (time) => Date.parse(time);
const minutes = 60_000;
const hours = 60 * minutes;
const roleBits = {
  brand: 1,
  carrier: 2,
  warehouse: 4,
  retailer: 8,
  certifier: 16,
  customs: 32,
  issuer: 64,
  auditor: 1024,
  validator: 4096,
};
const names = (value = {}) =>
  w.list(Object.entries(value).map(([language, text]) => w.join(w.text(language), w.text(text))));
const micro = (quantity) => BigInt(Math.round(Number(quantity) * 1e6));
const degrees = (text, lowest) => Math.round((Number(text) - lowest) * 1e6);

function addNames(ledger) {
  for (const one of network.members) {
    const bits = one.roles.reduce((sum, role) => sum | (roleBits[role] ?? 0), 0);
    const ends = [w.text(one.country), w.u32(bits), w.bool(true), w.u8(0)];
    const record = w.join(w.text(one.gln), w.text(one.code), names(one.name), ...ends);
    ledger.put(key(0x01, one.gln), w.join(record, w.u64(0), new Uint8Array(32)));
    for (const at of one.sites) {
      const placed = [names(at.place), w.text(one.country), w.u32(degrees(at.lat, -90)), w.u32(degrees(at.lon, -180))];
      ledger.put(key(0x04, at.gln), w.join(w.text(at.gln), party(one.gln), names({ en: at.name }), ...placed));
    }
  }
  for (const one of network.products.slice(0, 4)) {
    const product = [w.text(one.gtin), names(one.name), w.text(one.unit), w.u64(micro(one.unit_mass_kg))];
    ledger.put(key(0x05, one.gtin), w.join(...product, party(member('SERICA').gln)));
  }
  for (const one of network.recipes.slice(0, 3)) {
    const limits = [w.list(one.inputs.map(w.text)), w.list(one.outputs.map(w.text)), w.u32(one.yield_ppm), w.u64(0)];
    const recipe = w.join(w.text(one.site), w.text(one.recipe), w.u8(0), ...limits);
    ledger.put(key(0x07, one.site + one.recipe), w.join(recipe, party(member('CERTA').gln)));
  }
  const valid = [w.u64(ms('2026-04-01')), w.u64(ms('2027-04-01')), new Uint8Array(32), w.option(w.u64(micro(2000)))];
  const certified = [w.text('CERT-SILK-ORIG-001'), w.text('demo silk origin quota'), party(member('COCOON').gln)];
  const certificate = w.join(...certified, w.list([w.text(gtins.cocoon)]), w.list([]), ...valid);
  const issued = w.join(certificate, party(member('CERTA').gln), w.option(null), w.u64(micro(1200)));
  ledger.put(key(0x06, 'CERT-SILK-ORIG-001'), issued);
}

function lotRecord(name, { unit = 'KGM', total, maker, made, status = 2, origin = 1, unrooted = false }) {
  const amounts = [w.u64(micro(total)), w.u64(unit === 'EA' ? micro(total) : 0), party(member(maker).gln)];
  const head = [
    w.text(gtins[name]),
    w.u8(status),
    w.u8(origin),
    w.bool(unrooted),
    w.text(origin === 0 ? 'demo silk origin quota' : ''),
  ];
  return w.join(...head, ...amounts, w.u64(ms(made)), w.u64(ms(made)));
}

/** Tells the journey's events; `#keys` are the stored keys of the subjects that the proof speaks of. */
class Teller {
  constructor(ledger, { status, claimed, unrooted }) {
    this.ledger = ledger;
    this.lots = Object.fromEntries(Object.keys(lots).map((name) => [name, key(0x08, lotLink(name))]));
    this.item = key(0x0a, subjectName);
    this.carton = key(0x0b, cartons[0]);
    this.pallet = key(0x0b, pallet);
    const { subject } = this;
    subject(
      this.lots.cocoon,
      lotRecord('cocoon', { total: 1200, maker: 'COCOON', made: '2026-05-20T02:00Z', origin: 0 }),
    );
    subject(this.lots.raw, lotRecord('raw', { total: 168, maker: 'SERICA', made: '2026-06-05T09:00Z' }));
    subject(this.lots.fabric, lotRecord('fabric', { total: 123.5, maker: 'SERICA', made: '2026-06-18T09:00Z' }));
    const scarves = { total: 2000, unit: 'EA', maker: 'SERICA', made: '2026-07-02T08:00Z', status: 0, unrooted };
    subject(this.lots.scarf, lotRecord('scarf', scarves));
    const held = w.join(w.u8(0), new Uint8Array(32), w.text(''));
    const ends = [w.u64(ms('2026-08-24T09:00Z')), w.option(null), w.option(claimed && new Uint8Array(32).fill(7))];
    subject(
      this.item,
      w.join(w.text(gtins.scarf), w.text(lotLink('scarf')), w.u8(status), new Uint8Array(32), held, ...ends),
    );
    const unit = w.join(held, w.u8(0), w.u32(0), w.u8(0), w.u64(0), w.u8(0), w.u64(0), w.u64(0));
    subject(this.carton, unit);
    subject(this.pallet, unit);
  }
  subject = (storedKey, record) => this.ledger.subject(storedKey, record);
  link = (role, to, sequence) => ({ role, to, sequence });

  event(actor, time, at, fields, touches, offset = '+02:00') {
    const event = {
      type: 'ObjectEvent',
      eventTime: new Date(time).toISOString(),
      eventTimeZoneOffset: offset,
      ...fields,
    };
    this.ledger.event(member(actor).gln, time, { ...event, readPoint: { id: `${stem}414/${site(at).gln}` } }, touches);
  }
  observe(actor, time, at, step, fields, ...subjects) {
    const touches = subjects.map((subject) => ({ subject }));
    this.event(actor, time, at, { action: 'OBSERVE', bizStep: step, ...fields }, touches);
  }
  /** Offer and accept, half an hour apart. */
  handOver(number, giver, receiver, time, at, what, subjects, owner) {
    const pairs = ['possessing_party', ...(owner ? ['owning_party'] : [])];
    const common = {
      ...what,
      bizTransactionList: [{ type: 'desadv', bizTransaction: `${stem}253/${member(giver).gln}SHIP${1000 + number}` }],
      sourceList: pairs.map((type) => ({ type, source: `${stem}417/${member(giver).gln}` })),
      destinationList: pairs.map((type) => ({ type, destination: `${stem}417/${member(receiver).gln}` })),
    };
    const offer = { ...common, disposition: 'in_transit', 'tally:handover': 'offer' };
    this.observe(giver, time - 30 * minutes, at, 'shipping', { ...offer, 'tally:mode': 'truck' }, ...subjects);
    const accept = { ...common, disposition: 'in_progress', 'tally:handover': 'accept' };
    this.observe(
      receiver,
      time,
      at,
      'receiving',
      { ...accept, 'tally:answers': 'ni:///sha-256;00?ver=CBV2.0' },
      ...subjects,
    );
  }
  transform(time, at, from, to, made, recipe) {
    const input = { epcClass: lotLink(from.name), quantity: from.quantity, uom: 'KGM' };
    const fields = { type: 'TransformationEvent', inputQuantityList: [input], ...made, 'tally:recipe': recipe };
    const source = this.lots[from.name];
    const links = [this.link('made_from', source, this.ledger.next(source))];
    const touches = [{ subject: source }, { subject: this.lots[to], links }];
    if (made.outputEPCList)
      touches.push({ subject: this.item, links: [this.link('lot', this.lots[to], this.ledger.next(this.lots[to]))] });
    this.event('SERICA', ms(time), at, fields, touches, '+08:00');
  }
  make() {
    const cocoons = { epcClass: lotLink('cocoon'), quantity: 1200, uom: 'KGM' };
    const certified = {
      certificationInfo: 'urn:tally:certificate:CERT-SILK-ORIG-001',
      bizStep: 'creating_class_instance',
    };
    const grown = { action: 'ADD', quantityList: [cocoons], disposition: 'active', ...certified };
    this.event('COCOON', ms('2026-05-20T02:00Z'), 'COCOON.FARM', grown, [{ subject: this.lots.cocoon }], '+08:00');
    this.handOver(
      2,
      'COCOON',
      'SERICA',
      ms('2026-05-21T06:00Z'),
      'SERICA.MILL',
      { quantityList: [cocoons] },
      [this.lots.cocoon],
      true,
    );
    const output = (name, quantity) => ({
      outputQuantityList: [{ epcClass: lotLink(name), quantity, uom: 'KGM' }],
      bizStep: 'creating_class_instance',
    });
    this.transform(
      '2026-06-05T09:00Z',
      'SERICA.MILL',
      { name: 'cocoon', quantity: 1200 },
      'raw',
      output('raw', 168),
      'reel-fresh-cocoon',
    );
    this.transform(
      '2026-06-18T09:00Z',
      'SERICA.MILL',
      { name: 'raw', quantity: 168 },
      'fabric',
      output('fabric', 123.5),
      'weave+degum',
    );
    const moved = {
      quantityList: [{ epcClass: lotLink('fabric'), quantity: 123.5, uom: 'KGM' }],
      'tally:mode': 'truck',
    };
    this.observe(
      'SERICA',
      ms('2026-06-19T23:00Z'),
      'SERICA.MILL',
      'departing',
      { ...moved, disposition: 'in_transit' },
      this.lots.fabric,
    );
    this.observe(
      'SERICA',
      ms('2026-06-20T01:00Z'),
      'SERICA.FIN',
      'arriving',
      { ...moved, disposition: 'in_progress' },
      this.lots.fabric,
    );
    const serials = Array.from({ length: 2000 }, (_, i) => itemLink(`S${String(i + 1).padStart(6, '0')}`));
    const sewn = { outputEPCList: serials, bizStep: 'commissioning', ilmd: { 'tally:lot': lotLink('scarf') } };
    this.transform(
      '2026-07-02T08:00Z',
      'SERICA.FIN',
      { name: 'fabric', quantity: 123.5 },
      'scarf',
      sewn,
      'print+cut+hem',
    );
    const report = {
      disposition: 'conformant',
      bizTransactionList: [{ type: 'testres', bizTransaction: `${stem}253/9521016000002QC-SILK-0703` }],
    };
    const whole = { quantityList: [{ epcClass: lotLink('scarf'), quantity: 2000 }], ...report };
    this.observe('LABX', ms('2026-07-03T03:00Z'), 'SERICA.FIN', 'inspecting', whole, this.lots.scarf);
    const packed = { type: 'AggregationEvent', action: 'ADD', bizStep: 'packing', disposition: 'in_progress' };
    const time = ms('2026-07-03T09:00Z');
    this.event(
      'SERICA',
      time - hours,
      'SERICA.FIN',
      { ...packed, parentID: cartons[0], childEPCs: serials.slice(0, 100) },
      [{ subject: this.carton }, { subject: this.item, links: [this.link('into', this.carton, 0)] }],
    );
    this.event('SERICA', time, 'SERICA.FIN', { ...packed, parentID: pallet, childEPCs: cartons }, [
      { subject: this.pallet },
      { subject: this.carton, links: [this.link('into', this.pallet, 0)] },
    ]);
  }
  customs(step, code, at, mrn, time) {
    const paper = [{ type: 'https://tallystick.example/ns/mrn', bizTransaction: `urn:mrn:${mrn}` }];
    const fields = { epcList: [pallet], disposition: 'in_transit', bizTransactionList: paper, 'tally:hs6': '621410' };
    for (const [actor, when] of [
      ['HALDEN', time - hours],
      [code, time],
    ]) {
      this.observe(actor, when, at, `https://tallystick.example/ns/${step}`, fields, this.pallet);
    }
  }
  ship() {
    const counted = (pieces) => ({ epcClass: `${stem}01/${gtins.scarf}`, quantity: pieces });
    const all = { epcList: [pallet], quantityList: [counted(2000)] };
    this.handOver(9, 'SERICA', 'HALDEN', ms('2026-07-05T04:00Z'), 'HALDEN.SHA', all, [this.pallet]);
    this.customs('customs_export', 'CNCUST', 'HALDEN.SHA', '26CN-DEMO-EXP-0001', ms('2026-07-06T00:00Z'));
    const sea = { epcList: [pallet], disposition: 'in_transit', 'tally:mode': 'sea' };
    this.observe('HALDEN', ms('2026-08-12T05:00Z'), 'HALDEN.RTM', 'arriving', sea, this.pallet);
    this.customs('customs_import', 'NLCUST', 'HALDEN.RTM', '26NL-DEMO-IMP-0001', ms('2026-08-12T15:00Z'));
    this.handOver(13, 'HALDEN', 'MAASHUB', ms('2026-08-13T07:10Z'), 'MAASHUB.WH1', all, [this.pallet]);
    const contract = key(0x20, new Uint8Array(32).fill(3));
    const payload = w.join(
      new Uint8Array(32).fill(3),
      w.u8(0),
      w.text('shipped'),
      w.text('delivered'),
      w.u64(ms('2026-08-13T07:10Z')),
    );
    this.ledger.act('SPREE', ms('2026-08-13T07:10Z'), 'deadline', payload, [
      { subject: this.pallet, links: [this.link('contract', contract, 4)] },
    ]);
    const report = [{ type: 'testres', bizTransaction: `${stem}253/9521004000007SAMPLE-14` }];
    const sample = {
      epcList: [pallet],
      quantityList: [counted(80)],
      disposition: 'conformant',
      bizTransactionList: report,
    };
    this.observe('MAASHUB', ms('2026-08-13T12:00Z'), 'MAASHUB.WH1', 'inspecting', sample, this.pallet);
    const off = {
      type: 'AggregationEvent',
      action: 'DELETE',
      bizStep: 'unpacking',
      parentID: pallet,
      childEPCs: cartons.slice(0, 4),
    };
    const left = [this.link('out_of', this.pallet, this.ledger.next(this.pallet))];
    this.event('MAASHUB', ms('2026-08-19T18:00Z'), 'MAASHUB.WH1', off, [
      { subject: this.pallet },
      { subject: this.carton, links: left },
    ]);
    const four = { epcList: cartons.slice(0, 4), quantityList: [counted(400)] };
    this.handOver(15, 'MAASHUB', 'SPREE', ms('2026-08-20T06:00Z'), 'SPREE.DC', four, [this.carton]);
    const sold = {
      action: 'OBSERVE',
      epcList: [subjectName],
      bizStep: 'retail_selling',
      disposition: 'retail_sold',
      'tally:handover': 'sale',
    };
    const out = [this.link('out_of', this.carton, this.ledger.next(this.carton))];
    this.event('SPREE', ms('2026-08-24T09:00Z'), 'SPREE.SHOP', sold, [
      { subject: this.carton },
      { subject: this.item, links: out },
    ]);
  }
  recall(by) {
    const held = {
      quantityList: [{ epcClass: lotLink('scarf'), quantity: 2000 }],
      disposition: 'recalled',
      'tally:cause': 'dye',
    };
    this.observe(by, ms('2026-09-05T08:00Z'), 'SERICA.FIN', 'holding', held, this.lots.scarf);
  }
  /** A sale that somebody without goods accounting says he made. */
  statement() {
    const sold = { action: 'OBSERVE', epcList: [subjectName], bizStep: 'retail_selling', 'tally:handover': 'sale' };
    const fields = { type: 'ObjectEvent', eventTime: '2026-09-02T08:00:00Z', eventTimeZoneOffset: '+00:00', ...sold };
    this.ledger.event(member('MAASHUB').gln, ms('2026-09-02T08:00Z'), fields, [{ subject: this.item }], 'plain');
  }
  /** Observations of the scarf itself: a long history. */
  observations(count) {
    for (let i = 0; i < count; ++i) {
      const fields = { epcList: [subjectName], disposition: 'in_progress' };
      this.observe('SPREE', ms('2026-09-01T08:00Z') + i * hours, 'SPREE.SHOP', 'storing', fields, this.item);
    }
  }
}

/**
 * {ledger, item}: prove with ledger.prove(item, …). `options`: claimed; recalled, by the brand; rumour, a recall that
 * somebody else records; statement, a plain sale; unrooted, its lot; observations; witnesses: keys of members, [{code,
 * byte}], that may co-sign.
 */
export function silk(options = {}) {
  const { claimed = false, recalled = false, rumour = false, statement = false, unrooted = false } = options;
  const { observations = 0, witnesses = [], time = '2026-11-23T14:31:00Z' } = options;
  const { height = 3_946_871 } = options;
  const ledger = new Ledger('silk test network');
  ledger.timeMs = ms(time);
  ledger.height = height;
  addNames(ledger);
  for (const { code, byte, ...key } of witnesses) ledger.witness(member(code).gln, byte, key);
  const teller = new Teller(ledger, { status: recalled ? 4 : 1, claimed, unrooted });
  teller.make();
  teller.ship();
  if (claimed)
    teller.ledger.act('SPREE', ms('2026-08-24T10:00Z'), 'operation', Uint8Array.of(12, 0), [{ subject: teller.item }]);
  if (recalled) teller.recall('SERICA');
  if (rumour) teller.recall('MAASHUB');
  if (statement) teller.statement();
  teller.observations(observations);
  return { ledger, item: teller.item };
}
