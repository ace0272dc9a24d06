// SPDX-License-Identifier: Apache-2.0
// From events to the steps that people read: offer and answer, departure and arrival are one step each.

import { role } from './book.js';
import { gtinOf, word } from './events.js';
import { partsOfName } from './subject.js';

const has = (party, bits) => (party.roles & bits) !== 0;
const touchesSame = (step, event) =>
  step.events.some((one) => [...one.subjects.keys()].some((key) => event.subjects.has(key)));
const transactionOf = (event, type) =>
  event?.bizTransactionList?.find?.((one) => word(one.type) === type || one.type === type)?.bizTransaction ?? null;

/** The step that this event belongs to, or null for one of its own. */
const joins = {
  accept: (step, event) => step.kind === 'offer' && shipment(step) === transactionOf(event.event, 'desadv'),
  reject: (step, event) => joins.accept(step, event),
  withdraw: (step, event) => joins.accept(step, event),
  offer: (step, event) => step.kind === 'unpack' && step.events[0].actor === event.actor && touchesSame(step, event),
  title: (step, event) => step.kind === 'handover' && touchesSame(step, event),
  arrive: (step, event) => step.kind === 'depart' && step.events[0].actor === event.actor && touchesSame(step, event),
  pack: (step, event) => step.kind === 'pack' && step.events[0].actor === event.actor && touchesSame(step, event),
  claim: (step, event) => step.kind === 'sale' && touchesSame(step, event),
  customs: (step, event) => {
    const [first] = step.events;
    const mrn = transactionOf(event.event, 'mrn');
    return (
      step.kind === 'customs' &&
      mrn !== null &&
      mrn === transactionOf(first.event, 'mrn') &&
      word(first.event.bizStep) === word(event.event.bizStep) &&
      !step.events.some(({ actor }) => actor === event.actor)
    );
  },
};
/** What a step becomes when an event joins it. */
const becomes = { accept: 'handover', reject: 'rejected', withdraw: 'withdrawn', offer: 'offer', arrive: 'move' };

const shipment = (step) => transactionOf(step.events.at(-1).event, 'desadv');

function group(events) {
  const steps = [];
  for (const event of events) {
    // Plain events were not held against each other: each is a step of its own.
    const fits = (step) => step.events.every(({ balanced }) => balanced) && joins[event.kind](step, event);
    const joined = event.balanced && joins[event.kind] && steps.findLast(fits);
    if (!joined) {
      steps.push({ kind: event.kind, events: [event] });
      continue;
    }
    joined.events.push(event);
    joined.kind = becomes[event.kind] ?? joined.kind;
  }
  return steps;
}

/** Goods and quantity of an event, by its first element. */
function quantityOf(event) {
  if (!event) return {};
  const lists = ['outputQuantityList', 'quantityList', 'childQuantityList', 'inputQuantityList'];
  const element = lists.flatMap((name) => (Array.isArray(event[name]) ? event[name] : []))[0];
  if (!element) return {};
  return { gtin: gtinOf(element.epcClass), quantity: element.quantity?.text ?? null, unit: element.uom ?? 'EA' };
}

/** Of what was made: counted elements, or as many pieces as the view has entries when all of them are outputs. */
function madeBy(event) {
  const counted = quantityOf(event.event && { ...event.event, inputQuantityList: undefined });
  if (counted.gtin) return counted;
  const serial = event.entries.find(({ list }) => list === 0 || list === 3);
  const onlyOutputs = !('inputEPCList' in (event.event ?? {})) && !('tally:bind' in (event.event ?? {}));
  const quantity = onlyOutputs && event.viewSize > 1 ? String(event.viewSize - 1) : null;
  return {
    gtin: gtinOf(serial?.links.at(-1)),
    quantity,
    unit: 'EA',
    serial: partsOfName(serial?.links.at(-1) ?? '').serial,
  };
}

const partyOf = (list, name, type, book) => {
  const found = Array.isArray(list) ? list.find((one) => word(one.type) === type) : null;
  return found ? book.member(partsOfName(String(found[name])).gln ?? '') : null;
};

function details(step, book) {
  const last = step.events.findLast(({ kind }) => kind !== 'title' && kind !== 'claim') ?? step.events[0];
  const { event } = last;
  if (step.kind === 'transform' || step.kind === 'produce')
    return { ...madeBy(last), recipe: event?.['tally:recipe'] ?? null };
  if (step.kind === 'pack') {
    const child = last.entries[0]?.links[0] ?? '';
    return { children: last.viewSize - 1, ofUnits: partsOfName(child).sscc !== undefined };
  }
  const out = { ...quantityOf(event), disposition: word(event?.disposition), mode: event?.['tally:mode'] ?? null };
  out.bizStep = word(event?.bizStep);
  const report = transactionOf(event, 'testres');
  if (report)
    out.report = decodeURIComponent(
      String(report)
        .replace(/^.*\/253\/[0-9]{13}/, '')
        .replace(/^.*[/:]/, ''),
    );
  const receiver = partyOf(event?.destinationList, 'destination', 'possessing_party', book);
  if (receiver) out.receiver = receiver;
  out.registered = step.events.some(({ kind }) => kind === 'claim');
  out.titled = step.events.some(({ kind }) => kind === 'title');
  out.unpacked = step.events.some(({ kind }) => kind === 'unpack');
  return out;
}

function siteOf(step, book) {
  for (const { event } of [...step.events].reverse()) {
    const gln = partsOfName(String(event?.readPoint?.id ?? event?.bizLocation?.id ?? '')).gln;
    const site = gln ? book.site(gln) : null;
    if (site) return { ...site, gln };
  }
  return null;
}

/** Parties in order, each once; the customs key first. */
function partiesOf(step, book) {
  const ids = step.events.filter(({ kind }) => kind !== 'title' && kind !== 'claim').map(({ actor }) => actor);
  const parties = [...new Set(ids)].map((id) => book.party(id));
  return parties.sort((a, b) => Number(has(b, role.customs)) - Number(has(a, role.customs)));
}

const inspectors = role.certifier | role.auditor | role.regulator;

function sourceOf(step, interested) {
  if (step.parties.some((party) => has(party, role.customs))) return 'customs';
  const [first] = step.parties;
  if (step.kind === 'inspect' && has(first, inspectors) && !interested.has(first.id)) return 'inspector';
  return step.parties.length > 1 ? 'both' : 'one';
}

/** Made until the first step that only a logistic unit knows, then shipped; sold from the hand of a retailer on. */
function partsOf(steps) {
  const groups = ['made', 'shipped', 'sold'];
  let at = 0;
  for (const step of steps) {
    const receiver = step.details.receiver;
    const isSale = step.kind === 'sale' || (receiver && has(receiver, role.retailer));
    const isShipping =
      step.kind !== 'pack' &&
      step.events.every(({ subjects }) => [...subjects.values()].every((one) => one.key[0] === 0x0b));
    if (isSale) at = 2;
    else if (isShipping && at === 0) at = 1;
    step.part = groups[at];
  }
}

/** The steps, oldest first. `events` as eventsOf gives them, `book` a Book. */
export function stepsOf(events, book) {
  const steps = group(events);
  for (const step of steps) {
    step.parties = partiesOf(step, book);
    step.details = details(step, book);
    step.site = siteOf(step, book);
    step.holds = step.events.every(({ holds }) => holds);
    step.balanced = step.events.every(({ balanced }) => balanced);
    step.timeMs = Math.max(
      ...step.events.filter(({ kind }) => kind !== 'title' && kind !== 'claim').map(({ timeMs }) => timeMs),
      0,
    );
    if (step.timeMs === 0) step.timeMs = step.events[0].timeMs;
  }
  const acting = steps.filter(({ kind }) => kind !== 'inspect' && kind !== 'customs' && kind !== 'observe');
  const interested = new Set(acting.flatMap(({ parties }) => parties.map(({ id }) => id)));
  for (const step of steps) step.source = sourceOf(step, interested);
  partsOf(steps);
  return steps;
}
