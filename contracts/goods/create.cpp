// SPDX-License-Identifier: Apache-2.0
// How goods come to be and cease to be: rule 1 (a source), rule 7 (the prefix).
#include "contracts/goods/rules.hpp"
#include "contracts/goods/statement.hpp"
#include "contracts/members/members.hpp"

namespace contracts::goods {

namespace {

using ledger::CertificateRecord;
using ledger::LotOrigin;
using ledger::Space;

/// A certificate is named by its number or by a URI that ends with it.
std::string_view certificate_number(std::string_view uri) {
  auto const cut = uri.find_last_of("/:#");
  return cut == std::string_view::npos ? uri : uri.substr(cut + 1);
}

Result<void> judge_certificate(Job const& job, CertificateRecord const& record, std::string_view gtin,
                               PartyId const& holder, std::string const& path) {
  auto const& certificate = record.certificate;
  auto const contains = [](auto const& list, std::string_view one) {
    return std::any_of(list.begin(), list.end(), [&](auto const& other) { return other == one; });
  };
  bool const site = certificate.sites.empty() || contains(certificate.sites, job.site());
  if (certificate.holder != holder || !contains(certificate.products, gtin) || !site) {
    return job.error(Code::E_CERT_SCOPE, path, certificate.number + " does not cover holder, product or site");
  }
  bool const revoked = record.revoked_ms && *record.revoked_ms <= job.context.time_ms;
  auto const time = job.event.time_ms;
  if (revoked || time < certificate.valid_from_ms || time > certificate.valid_until_ms) {
    return job.error(Code::E_CERT_EXPIRED, path, certificate.number + " is not valid at the event's time");
  }
  return {};
}

Result<PartyId> maker_of(Job const& job, gs1::Key const& key, std::string_view path) {
  TRY_ASSIGN(auto const holder, creator_of(job, key, path));
  // Who works under a mandate has what he makes.
  return holder && job.signed_by(*holder) ? *holder : job.context.actor;
}

Result<void> produce_lot(Job& job, gs1::QuantityElement const& element, std::string const& path) {
  TRY_ASSIGN(auto const maker, maker_of(job, element.key, path + ".epcClass"));
  TRY_ASSIGN(auto const quantity, base_quantity(job, element, path));
  TRY_ASSIGN(auto const source, source_of(job, element.key.primary, quantity, maker));
  NewStock const stock{element.key, quantity, 0, LotOrigin::produced, source.unrooted, source.claim, maker};
  TRY(add_stock(job, stock, path + ".epcClass"));
  ledger::AtSite const where{maker, job.site()};
  credit(job.state, {element.key.uri, maker, where, source.claim}, quantity, 0, job.event.time_ms);
  return {};
}

/// Serials that come to be together with their part of the lot.
Result<void> produce_serials(Job& job, gs1::Key const& lot) {
  auto const& keys = job.event.epcs;
  auto const quantity = static_cast<Micro>(keys.size()) * piece;
  TRY_ASSIGN(auto const maker, maker_of(job, lot, "ilmd.tally:lot"));
  TRY_ASSIGN(auto const source, source_of(job, lot.primary, quantity, maker));
  NewStock const stock{lot, quantity, quantity, LotOrigin::produced, source.unrooted, source.claim, maker};
  TRY(add_stock(job, stock, "ilmd.tally:lot"));
  Account const account{lot.uri, maker, ledger::AtSite{maker, job.site()}, source.claim};
  credit(job.state, account, quantity, quantity, 0);
  return add_items(job, keys, lot, account, "epcList");
}

/// Serials for pieces of the lot that have none yet.
Result<void> draw_serials(Job& job, gs1::Key const& lot) {
  auto const& keys = job.event.epcs;
  Want want;
  want.lot = lot.uri;
  want.quantity = static_cast<Micro>(keys.size()) * piece;
  TRY_ASSIGN(auto const taken, find_quantity(job, want, "epcList"));
  std::size_t next = 0;
  auto const claim = ledger::load<ledger::LotRecord>(job.state, Space::lot, lot.uri)->claim;
  for (auto const& part : taken) {
    // A serial is of its lot's claim; what a mass balance left without it keeps no serials.
    if (part.account.claim != claim) return job.error(Code::E_SEGREGATION, "epcList", "pieces without the lot's claim");
    auto const count = static_cast<std::size_t>(part.quantity / piece);
    if (part.quantity % piece != 0) return job.error(Code::E_INSUFFICIENT_GOODS, "epcList", "only whole pieces");
    debit(job.state, part.account, part.quantity, 0, 0);
    credit(job.state, part.account, part.quantity, part.quantity, 0);
    std::vector<gs1::Key> const some(keys.begin() + std::ptrdiff_t(next), keys.begin() + std::ptrdiff_t(next + count));
    TRY(add_items(job, some, lot, part.account, "epcList"));
    next += count;
  }
  auto record = ledger::load<ledger::LotRecord>(job.state, Space::lot, lot.uri);
  record->serialised += want.quantity;
  ledger::store(job.state, Space::lot, lot.uri, *record);
  return {};
}

Result<void> commission_serials(Job& job) {
  auto const& keys = job.event.epcs;
  TRY_ASSIGN(auto const lot, lot_of_serials(job, keys.front()));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    TRY(creator_of(job, keys[i], at("epcList", i)));
    // Told first: who repeats a serial should not read of a lot that has no pieces left.
    if (job.state.get(ledger::state_key(Space::item, keys[i].uri))) {
      return job.error(Code::E_ALREADY_COMMISSIONED, at("epcList", i), keys[i].uri);
    }
  }
  bool const exists = job.state.has(ledger::state_key(Space::lot, lot.uri));
  return exists && job.event.certification_info.empty() ? draw_serials(job, lot) : produce_serials(job, lot);
}

Result<void> commission_unit(Job& job, gs1::Key const& key, std::string const& path) {
  if (job.state.get(ledger::state_key(Space::unit, key.uri))) {
    return job.error(Code::E_ALREADY_COMMISSIONED, path);
  }
  TRY_ASSIGN(auto const maker, maker_of(job, key, path));
  ledger::UnitRecord unit;
  unit.holder = ledger::AtSite{maker, job.site()};
  unit.last_ms = job.event.time_ms;
  ledger::store(job.state, Space::unit, key.uri, unit);
  return {};
}

}  // namespace

Result<std::vector<CertificateRecord>> certificates(Job const& job, std::string_view gtin, PartyId const& holder) {
  std::vector<CertificateRecord> out;
  for (std::size_t i = 0; i < job.event.certification_info.size(); ++i) {
    auto const path = at("certificationInfo", i);
    auto const number = certificate_number(job.event.certification_info[i]);
    auto record = ledger::load<CertificateRecord>(job.state, Space::certificate, number);
    if (!record) return job.error(Code::E_CERT_UNKNOWN, path, "no certificate " + std::string(number));
    TRY(judge_certificate(job, *record, gtin, holder, path));
    out.push_back(std::move(*record));
  }
  return out;
}

Result<Source> source_of(Job& job, std::string_view gtin, Micro quantity, PartyId const& maker) {
  auto const& claim = job.event.tally.claim;
  TRY_ASSIGN(auto const named, certificates(job, gtin, maker));
  for (std::size_t i = 0; i < named.size(); ++i) {
    auto record = named[i];
    auto const word = scheme_of(job.state, record.certificate.scheme).claim;
    if (!record.certificate.quota || (!claim.empty() && claim != word)) continue;
    auto const left = *record.certificate.quota - std::min(*record.certificate.quota, record.used);
    if (quantity > left) {
      return job.error(Code::E_QUOTA_EXCEEDED, at("certificationInfo", i),
                       base::to_decimal_literal(static_cast<base::i128>(left), 6) + " of the quota is left");
    }
    record.used += quantity;
    ledger::store(job.state, Space::certificate, record.certificate.number, record);
    return Source{false, word};
  }
  if (claim.empty()) return Source{};
  if (named.empty()) return job.error(Code::E_CLAIM_UNSCOPED, "tally:claim", "no certificate is named for it");
  return job.error(Code::E_CERT_SCOPE, "tally:claim", "no certificate named has a quota for this scheme");
}

Result<gs1::Key> lot_of_serials(Job const& job, gs1::Key const& serial) {
  auto const& lot = job.event.tally.lot;
  if (serial.kind != gs1::KeyKind::item || lot.empty())
    return job.error(Code::E_UNKNOWN_GOODS, "ilmd.tally:lot", "serials belong to a lot");
  if (lot.find(':') == std::string::npos) return gs1::make_lot(serial.primary, lot);
  auto key = gs1::read_key(lot);
  if (!key || key->kind != gs1::KeyKind::lot) return job.error(Code::E_UNKNOWN_GOODS, "ilmd.tally:lot", "no lot");
  return std::move(key).value();
}

namespace {

/// What the event says of the lot beside its quantity: the certificates it is made under, and when it expires.
void note_lot(Job& job, std::string const& lot) {
  for (auto const& uri : job.event.certification_info) {
    job.state.put(ledger::pair_key(Space::lot_certificate, lot, certificate_number(uri)), {});
  }
  if (!job.event.tally.item_expires_ms) return;
  ledger::store(job.state, Space::expiry, lot, ledger::ExpiryRecord{*job.event.tally.item_expires_ms});
}

}  // namespace

Result<void> add_stock(Job& job, NewStock const& stock, std::string_view path) {
  auto const existing = ledger::load<ledger::LotRecord>(job.state, Space::lot, stock.lot.uri);
  auto record = existing.value_or(ledger::LotRecord{});
  if (existing) {
    if (record.origin != stock.origin || record.maker != stock.maker || record.claim != stock.claim) {
      return job.error(Code::E_ALREADY_COMMISSIONED, path, "the lot has another origin, maker or claim");
    }
  } else {
    record.gtin = stock.lot.primary;
    record.origin = stock.origin;
    record.claim = stock.claim;
    record.maker = stock.maker;
    record.made_ms = job.event.time_ms;
  }
  if (stock.quantity > gs1::quantity_max - record.total) return job.error(Code::E_LIMIT, path, "a lot's largest total");
  record.unrooted = record.unrooted || stock.unrooted;
  record.total += stock.quantity;
  record.serialised += stock.serialised;
  record.last_ms = std::max(record.last_ms, job.event.time_ms);
  ledger::store(job.state, Space::lot, stock.lot.uri, record);
  add_origin(job.state, stock.claim, stock.lot.primary, stock.quantity - stock.unclaimed);
  if (stock.unclaimed > 0) {
    add_origin(job.state, {}, stock.lot.primary, stock.unclaimed);
    auto split = ledger::load<ledger::LotSplitRecord>(job.state, Space::lot_split, stock.lot.uri)
                     .value_or(ledger::LotSplitRecord{});
    split.unclaimed += stock.unclaimed;
    ledger::store(job.state, Space::lot_split, stock.lot.uri, split);
  }
  note_lot(job, stock.lot.uri);
  return {};
}

Result<void> add_items(Job& job, std::vector<gs1::Key> const& keys, gs1::Key const& lot, Account const& account,
                       std::string_view list) {
  TRY_ASSIGN(auto const product, product_of(job, lot.primary, at(list, 0)));
  if (convert(piece, "EA", product.unit) != piece) {
    return job.error(Code::E_PRODUCT_UNKNOWN, at(list, 0),
                     "serials are pieces, the product is counted in " + product.unit);
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto const& key = keys[i];
    if (key.primary != lot.primary)
      return job.error(Code::E_UNKNOWN_GOODS, at(list, i), "of another product than its lot");
    if (job.state.get(ledger::state_key(Space::item, key.uri))) {
      return job.error(Code::E_ALREADY_COMMISSIONED, at(list, i), key.uri);
    }
    ledger::ItemRecord item;
    item.gtin = key.primary;
    item.lot = lot.uri;
    item.owner = account.owner;
    item.holder = account.holder;
    item.last_ms = job.event.time_ms;
    ledger::store(job.state, Space::item, key.uri, item);
    job.state.put(ledger::pair_key(Space::lot_items, lot.uri, key.uri), {});
  }
  return {};
}

Result<void> commission(Job& job) {
  auto const& epcs = job.event.epcs;
  bool const units = !epcs.empty() && epcs.front().kind == gs1::KeyKind::sscc;
  for (std::size_t i = 0; i < epcs.size(); ++i) {
    if ((epcs[i].kind == gs1::KeyKind::sscc) != units) {
      return job.error(Code::E_UNKNOWN_GOODS, at("epcList", i), "units and serials are commissioned apart");
    }
    if (units) TRY(commission_unit(job, epcs[i], at("epcList", i)));
  }
  if (!epcs.empty() && !units) return commission_serials(job);
  for (std::size_t i = 0; i < job.event.quantities.size(); ++i) {
    TRY(produce_lot(job, job.event.quantities[i], at("quantityList", i)));
  }
  return {};
}

void use_item(Job& job, gs1::Key const& key, HeldItem& item, ledger::GoodsStatus status, SerialMoves& moves,
              Leaving& leaving) {
  auto const stored = ledger::state_key(Space::item, key.uri);
  moves.out_of(item.account);
  leaving.add(item.place, piece, 1);
  if (!item.place.units.empty()) {
    unindex_child(job.state, item.place.units.front(), stored);
    job.left.emplace(key.uri, item.place.units.front());
  }
  add_loss(job.state, item.account.claim, item.record.gtin, piece);
  item.record.status = status;
  item.record.owner = item.owner;
  item.record.holder = ledger::AtSite{item.place.party, item.place.site};
  item.record.last_ms = job.event.time_ms;
  ledger::store(job.state, stored, item.record);
}

void use_quantity(Job& job, std::string_view gtin, std::vector<Taken> const& taken, Leaving& leaving) {
  for (auto const& part : taken) {
    debit(job.state, part.account, part.quantity, 0, job.event.time_ms);
    leaving.add(part.place, part.quantity, part.whole ? 1 : 0);
    if (!part.place.units.empty()) job.left.emplace(part.account.lot, part.place.units.front());
    add_loss(job.state, part.account.claim, gtin, part.quantity);
  }
}

Result<void> destroy(Job& job) {
  SerialMoves moves;
  Leaving leaving;
  for (std::size_t i = 0; i < job.event.epcs.size(); ++i) {
    auto const& key = job.event.epcs[i];
    auto const path = at("epcList", i);
    if (key.kind == gs1::KeyKind::sscc) {
      auto const unit = ledger::load<ledger::UnitRecord>(job.state, Space::unit, key.uri);
      if (!unit) return job.error(Code::E_UNKNOWN_GOODS, path, key.uri);
      TRY(in_custody(job, unit->holder, unit->last_ms, path));
      if (unit->children > 0) return job.error(Code::E_ALREADY_PACKED, path, "the unit is not empty");
      continue;
    }
    TRY_ASSIGN(auto item, held_item(job, key, path));
    use_item(job, key, item, ledger::GoodsStatus::destroyed, moves, leaving);
  }
  for (std::size_t i = 0; i < job.event.quantities.size() && job.event.epcs.empty(); ++i) {
    auto const& element = job.event.quantities[i];
    TRY_ASSIGN(auto const quantity, base_quantity(job, element, at("quantityList", i)));
    Want want;
    want.lot = element.key.uri;
    want.quantity = quantity;
    want.packed_too = true;
    TRY_ASSIGN(auto const taken, find_quantity(job, want, at("quantityList", i)));
    use_quantity(job, element.key.primary, taken, leaving);
  }
  TRY(leaving.apply(job, job.event.epcs.empty() ? "quantityList" : "epcList"));
  moves.apply(job.state);
  return {};
}

}  // namespace contracts::goods
