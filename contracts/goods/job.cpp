// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/job.hpp"

#include <array>

#include "contracts/goods/travel.hpp"
#include "contracts/members/mandate.hpp"
#include "contracts/members/members.hpp"

namespace contracts::goods {

namespace {

using ledger::Space;

struct UnitOfMeasure {
  std::string_view code;
  std::string_view base;
  /// numerator / denominator base units.
  std::uint64_t numerator;
  std::uint64_t denominator;
};

/// UN/ECE Rec 20 codes that stand for an exact multiple of another; the base of each kind stands for itself.
constexpr std::array<UnitOfMeasure, 17> units_of_measure{{{"EA", "EA", 1, 1},
                                                          {"C62", "EA", 1, 1},
                                                          {"H87", "EA", 1, 1},
                                                          {"PR", "EA", 2, 1},
                                                          {"DZN", "EA", 12, 1},
                                                          {"KGM", "KGM", 1, 1},
                                                          {"GRM", "KGM", 1, 1000},
                                                          {"MGM", "KGM", 1, 1'000'000},
                                                          {"TNE", "KGM", 1000, 1},
                                                          {"LBR", "KGM", 45'359'237, 100'000'000},
                                                          {"LTR", "LTR", 1, 1},
                                                          {"MLT", "LTR", 1, 1000},
                                                          {"MTQ", "LTR", 1000, 1},
                                                          {"MTR", "MTR", 1, 1},
                                                          {"CMT", "MTR", 1, 100},
                                                          {"MMT", "MTR", 1, 1000},
                                                          {"KMT", "MTR", 1000, 1}}};

/// No site has this GLN.
constexpr std::string_view nowhere = "nowhere";

std::string_view site_of(gs1::Event const& event) {
  for (auto const* place : {&event.biz_location, &event.read_point}) {
    if (*place && (*place)->kind == gs1::KeyKind::site) return (*place)->primary;
  }
  return {};
}

UnitOfMeasure const* unit_of_measure(std::string_view code) {
  for (auto const& unit : units_of_measure) {
    if (unit.code == code) return &unit;
  }
  return nullptr;
}

}  // namespace

Reach reach_of(gs1::Event const& event) {
  auto const site = site_of(event);
  return {{}, site.empty() ? nowhere : site, event.tally.batch.has_value()};
}

bool keeps_accounts(StateView const& state, PartyId const& party) {
  auto const member = members::member(state, party);
  return member && member->accounting;
}

std::string at(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

Error Job::error(Code code, std::string_view path, std::string detail) const {
  return {code, path.empty() ? field : field + "." + std::string(path), std::move(detail)};
}

bool Job::signed_by(PartyId const& party) const {
  return context.genesis || std::binary_search(signers.begin(), signers.end(), party);
}

Result<void> Job::require(PartyId const& party, Code otherwise, std::string_view path) const {
  return signed_by(party) ? Result<void>() : require_for({}, party, otherwise, path);
}

Result<void> Job::require_for(std::string_view prefix_digits, PartyId const& party, Code otherwise,
                              std::string_view path) const {
  auto reach = reach_of(event);
  reach.prefix_digits = prefix_digits;
  auto const why = require_signer(context, party, ledger::Act::record, error(otherwise, path).field, reach);
  if (why || why.error().code != Code::E_MISSING_SIGNER) return why;
  return error(otherwise, path, "the party " + party.hex() + " did not sign");
}

std::string_view Job::site() const { return site_of(event); }

std::optional<PartyId> Job::member(gs1::Key const* key) const {
  if (key == nullptr || (key->kind != gs1::KeyKind::party && key->kind != gs1::KeyKind::site)) return std::nullopt;
  auto const party = ledger::party_id(key->primary);
  if (!members::is_member(state, party)) return std::nullopt;
  return party;
}

Result<void> Job::not_before(TimeMs last_ms, std::string_view path) const {
  if (event.time_ms >= last_ms) return {};
  return error(Code::E_TIME_WINDOW, "eventTime", std::string(path) + " changed later than this");
}

std::optional<Micro> convert(Micro quantity, std::string_view uom, std::string_view unit) {
  if (uom == unit) return quantity;
  auto const* from = unit_of_measure(uom);
  auto const* to = unit_of_measure(unit);
  if (from == nullptr || to == nullptr || from->base != to->base) return std::nullopt;
  // Below 2^60 · 2^26 · 2^27, so it cannot wrap; what is left over is no exact micro-unit.
  auto const above = base::u128{quantity} * from->numerator * to->denominator;
  auto const below = base::u128{from->denominator} * to->numerator;
  if (above % below != 0 || above / below > gs1::quantity_max) return std::nullopt;
  return static_cast<Micro>(above / below);
}

Result<ledger::AddProduct> product_of(Job const& job, std::string_view gtin, std::string_view path) {
  auto product = ledger::load<ledger::ProductRecord>(job.state, Space::product, gtin);
  if (!product) return job.error(Code::E_PRODUCT_UNKNOWN, path, "no product " + std::string(gtin));
  return std::move(product->product);
}

Result<Micro> base_quantity(Job const& job, gs1::QuantityElement const& element, std::string_view path) {
  TRY_ASSIGN(auto const product, product_of(job, element.key.primary, path));
  if (!element.quantity) return job.error(Code::E_PRODUCT_UNKNOWN, path, "a quantity is needed here");
  auto const quantity = convert(*element.quantity, element.uom, product.unit);
  if (!quantity) {
    return job.error(Code::E_PRODUCT_UNKNOWN, std::string(path) + ".uom", "the product is counted in " + product.unit);
  }
  return *quantity;
}

Result<ledger::Place> in_custody(Job const& job, Holder const& holder, TimeMs last_ms, std::string_view path) {
  auto place = ledger::place_of(job.state, holder);
  TRY(job.require(place.party, Code::E_NOT_CUSTODIAN, path));
  auto const changed_ms = std::max(last_ms, place.last_ms);
  TRY(job.not_before(changed_ms, path));
  TRY(judge_travel(job, place.site, changed_ms, path));
  return place;
}

Account account_of(StateView const& state, ledger::ItemRecord const& item) {
  auto const lot = ledger::load<ledger::LotRecord>(state, Space::lot, item.lot);
  CHECK(lot.has_value());
  return {item.lot, item.owner, item.holder, lot->claim};
}

bool in_stock(ledger::GoodsStatus status) {
  return status == ledger::GoodsStatus::active || status == ledger::GoodsStatus::recalled;
}

Result<void> not_recalled(Job const& job, std::string_view lot, std::string_view path) {
  auto const record = ledger::load<ledger::LotRecord>(job.state, Space::lot, lot);
  if (!record || record->status != ledger::GoodsStatus::recalled) return {};
  return job.error(Code::E_RECALLED, path, "the lot " + std::string(lot));
}

Result<void> not_recalled(Job const& job, HeldItem const& item, std::string_view path) {
  if (item.record.status == ledger::GoodsStatus::recalled) return job.error(Code::E_RECALLED, path);
  return not_recalled(job, item.record.lot, path);
}

Result<HeldItem> held_item(Job const& job, gs1::Key const& key, std::string_view path) {
  auto record = ledger::load<ledger::ItemRecord>(job.state, Space::item, key.uri);
  if (!record) return job.error(Code::E_UNKNOWN_GOODS, path, "not commissioned: " + key.uri);
  auto place = ledger::place_of(job.state, record->holder);
  // Custody comes first: who sells a sold serial again is told that it is not his.
  TRY(job.require(place.party, Code::E_NOT_CUSTODIAN, path));
  if (!in_stock(record->status)) {
    return job.error(Code::E_RETIRED, path, std::string(enum_names(record->status)[std::size_t(record->status)]));
  }
  auto const changed_ms = std::max(record->last_ms, place.last_ms);
  TRY(job.not_before(changed_ms, path));
  TRY(judge_travel(job, place.site, changed_ms, path));
  auto const owner = place.owner.value_or(record->owner);
  auto account = account_of(job.state, *record);
  return HeldItem{std::move(*record), std::move(place), owner, std::move(account)};
}

Result<std::optional<PartyId>> creator_of(Job const& job, gs1::Key const& key, std::string_view path) {
  auto const digits = gs1::prefix_digits(key);
  auto const holder = members::prefix_holder(job.state, digits);
  if (!holder) return holder;
  auto const signed_off = job.require_for(digits, *holder, Code::E_PREFIX_NOT_OWNED, path);
  if (signed_off) return holder;
  members::Mandated const wanted{ledger::MandateAct::commission, key.primary, job.site(), job.event.time_ms};
  bool const mandated = std::any_of(job.signers.begin(), job.signers.end(), [&](PartyId const& signer) {
    return members::has_mandate(job.context, *holder, signer, wanted);
  });
  return mandated ? Result<std::optional<PartyId>>(holder) : Result<std::optional<PartyId>>(signed_off.error());
}

namespace {

struct Candidates {
  std::vector<Taken> list;
  bool of_others = false;
  bool of_other_owners = false;
};

/// The accounts that the want may draw on, those at the event's site first, then loose ones, then packed ones.
Candidates candidates_of(Job const& job, Want const& want) {
  Candidates found;
  auto const nobody = [](PartyId const& party) { return party == ledger::consumer() || party == ledger::outside(); };
  for (auto const& record : ledger::accounts_of(job.state, want.lot)) {
    auto place = ledger::place_of(job.state, record.holder);
    auto const free = record.quantity - record.serialised - (want.disputed_too ? 0 : record.disputed);
    bool const custody = want.custodian ? place.party == *want.custodian : job.signed_by(place.party);
    if (!custody) {
      found.of_others = found.of_others || !nobody(place.party);
      continue;
    }
    if (free == 0 || (!want.packed_too && !place.units.empty())) continue;
    auto const owner = place.owner.value_or(record.owner);
    if (want.owner ? owner != *want.owner : want.owners_sign && !job.signed_by(owner)) {
      found.of_other_owners = true;
      continue;
    }
    found.list.push_back({account_of(record), std::move(place), owner, free, record.last_ms, false});
  }
  auto const far = [&](Taken const& one) {
    return one.place.units.empty() ? (one.place.site == job.site() ? 0 : 1) : 2;
  };
  std::stable_sort(found.list.begin(), found.list.end(),
                   [&](Taken const& a, Taken const& b) { return far(a) < far(b); });
  return found;
}

}  // namespace

Result<std::vector<Taken>> find_quantity(Job const& job, Want const& want, std::string_view path) {
  if (!job.state.get(ledger::state_key(Space::lot, want.lot))) {
    return job.error(Code::E_UNKNOWN_GOODS, path, "not commissioned: " + std::string(want.lot));
  }
  auto found = candidates_of(job, want);
  std::vector<Taken> out;
  Micro left = want.quantity;
  for (auto& one : found.list) {
    if (left == 0) break;
    if (!want.owner && !want.owners_sign && one.owner != found.list.front().owner) {
      return job.error(Code::E_NOT_OWNER, path, "goods of several owners: name one in an owning_party pair");
    }
    auto const changed_ms = std::max(one.last_ms, one.place.last_ms);
    TRY(job.not_before(changed_ms, path));
    TRY(judge_travel(job, one.place.site, changed_ms, path));
    one.whole = one.quantity <= left;
    one.quantity = std::min(one.quantity, left);
    left -= one.quantity;
    out.push_back(std::move(one));
  }
  if (left == 0) return out;
  if (found.of_other_owners) return job.error(Code::E_NOT_OWNER, path);
  if (found.list.empty() && found.of_others) return job.error(Code::E_NOT_CUSTODIAN, path);
  return job.error(Code::E_INSUFFICIENT_GOODS, path,
                   base::to_decimal_literal(static_cast<base::i128>(left), 6) + " too few");
}

void Leaving::add(ledger::Place const& place, Micro pieces, std::uint32_t children) {
  if (place.units.empty()) return;
  auto& part = parts_[place.units.front()];
  part.units = place.units;
  part.pieces += pieces;
  part.children += children;
}

Result<void> Leaving::apply(Job& job, std::string_view path) const {
  for (auto const& [innermost, part] : parts_) {
    for (auto const& name : part.units) {
      auto unit = ledger::load<ledger::UnitRecord>(job.state, Space::unit, name);
      CHECK(unit.has_value() && unit->pieces >= part.pieces);
      unit->pieces -= part.pieces;
      if (name == innermost) unit->children -= std::min(unit->children, part.children);
      if (unit->accepted) {
        if (*unit->accepted < part.pieces) {
          return job.error(Code::E_INSUFFICIENT_GOODS, path, "more than the receiver of " + name + " counted");
        }
        *unit->accepted -= part.pieces;
      }
      ledger::store(job.state, Space::unit, name, *unit);
    }
  }
  return {};
}

}  // namespace contracts::goods
