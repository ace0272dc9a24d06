// SPDX-License-Identifier: Apache-2.0
// Handover: the giver offers, the receiver answers. Rules 5 and 6.
#include "contracts/goods/handover.hpp"

#include "contracts/goods/customs.hpp"
#include "contracts/goods/rules.hpp"
#include "contracts/members/members.hpp"

namespace contracts::goods {

namespace {

using gs1::KeyKind;
using ledger::AtSite;
using ledger::OfferRecord;
using ledger::OfferState;
using ledger::Space;
using ledger::UnitRecord;

struct Parties {
  PartyId giver;
  PartyId receiver;
};

Result<Parties> parties_of(Job const& job) {
  auto const giver = job.member(job.event.source("possessing_party"));
  auto const receiver = job.member(job.event.destination("possessing_party"));
  if (!giver) return job.error(Code::E_MEMBER_UNKNOWN, "sourceList", "a possessing_party that is a member");
  if (!receiver) return job.error(Code::E_MEMBER_UNKNOWN, "destinationList", "a possessing_party that is a member");
  if (*giver == *receiver) return job.error(Code::E_SAME_CONTROLLER, "destinationList");
  return Parties{*giver, *receiver};
}

/// Who the goods are offered to: a firm that keeps no accounts is `outside`.
Result<PartyId> offered_to(Job const& job, PartyId const& giver) {
  auto const* key = job.event.destination("possessing_party");
  if (key == nullptr) return job.error(Code::E_MEMBER_UNKNOWN, "destinationList", "a possessing_party");
  auto const member = job.member(key);
  if (member == giver) return job.error(Code::E_SAME_CONTROLLER, "destinationList");
  return member && keeps_accounts(job.state, *member) ? *member : ledger::outside();
}

Result<std::optional<ledger::TitleMove>> title_of(Job const& job, PartyId const& receiver) {
  auto const* from = job.event.source("owning_party");
  auto const* to = job.event.destination("owning_party");
  if (from == nullptr || to == nullptr) return std::optional<ledger::TitleMove>();
  auto const owner = job.member(from);
  if (!owner) return job.error(Code::E_MEMBER_UNKNOWN, "sourceList", "an owning_party that is a member");
  TRY(job.require(*owner, Code::E_NOT_OWNER, "sourceList"));
  auto const next = job.member(to);
  bool const leaves = !next || (receiver == ledger::outside() && !keeps_accounts(job.state, *next));
  return std::optional(ledger::TitleMove{*owner, leaves ? ledger::outside() : *next});
}

/// What an offer is made of while its subjects are judged.
struct Draft {
  OfferRecord record;
  /// What units and serials hold, in micro-units, beside the quantities of lots.
  Micro usable = 0;
  /// The unit whose disputed pieces are offered; empty: none.
  std::string disputed_unit;
};

Result<void> judge_owner(Job const& job, Draft const& draft, std::optional<PartyId> const& owner,
                         std::string const& path) {
  if (!draft.record.title || owner == draft.record.title->from) return {};
  return job.error(Code::E_NOT_OWNER, path, "not all of it is the offering owner's");
}

Result<void> offer_unit(Job const& job, Draft& draft, gs1::Key const& key, std::string const& path) {
  auto const unit = ledger::load<UnitRecord>(job.state, Space::unit, key.uri);
  if (!unit) return job.error(Code::E_UNKNOWN_GOODS, path, "no unit " + key.uri);
  auto const place = ledger::place_of(job.state, unit->holder);
  if (place.party != draft.record.giver) {
    if (disputed_of(job.state, key.uri, draft.record.giver) == 0) return job.error(Code::E_NOT_CUSTODIAN, path);
    draft.disputed_unit = key.uri;
  } else if (!place.units.empty()) {
    return job.error(Code::E_ALREADY_PACKED, path, "in " + place.units.front());
  } else {
    TRY(in_custody(job, unit->holder, unit->last_ms, path));
    TRY(judge_hold(job, key.uri, unit->holder, path));
    TRY(judge_owner(job, draft, unit->owner, path));
    draft.usable += usable_of(*unit);
  }
  draft.record.subjects.push_back(key.uri);
  return {};
}

Result<void> offer_item(Job const& job, Draft& draft, gs1::Key const& key, std::string const& path) {
  TRY_ASSIGN(auto const item, held_item(job, key, path));
  if (item.place.party != draft.record.giver) return job.error(Code::E_NOT_CUSTODIAN, path);
  if (!item.place.units.empty()) return job.error(Code::E_ALREADY_PACKED, path, "in " + item.place.units.front());
  TRY(judge_hold(job, key.uri, item.record.holder, path));
  TRY(judge_owner(job, draft, item.owner, path));
  draft.usable += piece;
  draft.record.subjects.push_back(key.uri);
  return {};
}

Result<void> offer_quantity(Job const& job, Draft& draft, gs1::QuantityElement const& element, Micro quantity,
                            std::string const& path) {
  Want want;
  want.lot = element.key.uri;
  want.quantity = quantity;
  want.custodian = draft.record.giver;
  if (draft.record.title) want.owner = draft.record.title->from;
  want.disputed_too = true;
  TRY(find_quantity(job, want, path));
  TRY(judge_hold(job, element.key.uri, AtSite{draft.record.giver, {}}, path));
  draft.record.subjects.push_back(element.key.uri);
  return {};
}

/// The counted quantities: beside EPCs they restate what those hold; alone they are what is offered.
Result<void> offer_quantities(Job const& job, Draft& draft) {
  auto const& event = job.event;
  base::u128 counted = 0;
  if (event.quantities.size() > decltype(draft.record.counts)::max) {
    return job.error(Code::E_LIMIT, "quantityList", "more quantities than one offer holds");
  }
  for (std::size_t i = 0; i < event.quantities.size(); ++i) {
    auto const path = at("quantityList", i);
    TRY_ASSIGN(auto const quantity, base_quantity(job, event.quantities[i], path));
    counted += quantity;
    if (event.epcs.empty()) TRY(offer_quantity(job, draft, event.quantities[i], quantity, path));
    draft.record.counts.push_back({event.quantities[i].key.uri, quantity});
  }
  if (!draft.disputed_unit.empty()) {
    auto const disputed = disputed_of(job.state, draft.disputed_unit, draft.record.giver);
    if (event.epcs.size() != 1 || counted == 0 || counted > disputed) {
      return job.error(Code::E_INSUFFICIENT_GOODS, "quantityList", "one unit, and at most its disputed pieces");
    }
    draft.record.counts = std::vector{ledger::OfferedQuantity{draft.disputed_unit, static_cast<Micro>(counted)}};
    return {};
  }
  if (!event.epcs.empty() && counted > draft.usable) {
    return job.error(Code::E_INSUFFICIENT_GOODS, "quantityList", "more than the units hold");
  }
  return {};
}

Bytes offer_key(Hash const& hash, PartyId const& giver) {
  auto key = ledger::state_key(Space::offer, hash.view());
  base::append(key, giver.view());
  return key;
}

/// Beside an offer: how its goods travel.
Bytes mode_key(Bytes const& offer) { return ledger::state_key(Space::custody, ledger::tree_key(offer).view()); }

std::optional<gs1::TravelMode> mode_of_offer(StateView const& state, Bytes const& offer) {
  auto const record = ledger::load<ledger::CustodyRecord>(state, mode_key(offer));
  if (!record || record->mode == 0) return std::nullopt;
  return static_cast<gs1::TravelMode>(record->mode - 1);
}

}  // namespace

/// The open offer that the event answers.
Result<Answered> answered(Job& job) {
  TRY_ASSIGN(auto const parties, parties_of(job));
  if (!job.event.tally.answers) return job.error(Code::E_UNKNOWN_OFFER, "tally:answers", "name the offer's eventID");
  auto key = offer_key(*job.event.tally.answers, parties.giver);
  auto record = ledger::load<OfferRecord>(job.state, key);
  if (!record) return job.error(Code::E_UNKNOWN_OFFER, "tally:answers", "no offer of this giver");
  if (record->to != parties.receiver) {
    return job.error(Code::E_UNKNOWN_OFFER, "destinationList", "offered to another party");
  }
  if (record->state != OfferState::open) {
    return job.error(Code::E_UNKNOWN_OFFER, "tally:answers",
                     "already " + std::string(enum_names(record->state)[std::size_t(record->state)]));
  }
  TRY(job.not_before(record->time_ms, "tally:answers"));
  job.offered_mode = mode_of_offer(job.state, key);
  return Answered{*job.event.tally.answers, std::move(key), std::move(*record)};
}

void tell(Job& job, OfferRecord const& record, Hash const& offer, Answer answer, Micro accepted, std::string unit) {
  Fact fact;
  fact.kind = FactKind::handover;
  fact.answer = answer;
  fact.offer = offer;
  fact.actors = {record.giver, record.to};
  fact.accepted = accepted;
  fact.unit = std::move(unit);
  job.handover = std::move(fact);
}

bool is_unit(std::string_view link) { return link.starts_with("https://id.gs1.org/00/"); }

Micro usable_of(UnitRecord const& unit) { return unit.accepted.value_or(unit.pieces); }

std::vector<ledger::GoodsRecord> disputed_accounts(StateView const& state, std::string_view unit,
                                                   PartyId const& giver) {
  auto out = ledger::accounts_of(state, unit);
  std::erase_if(out, [&](auto const& account) {
    auto const* where = std::get_if<AtSite>(&account.holder);
    return where == nullptr || where->party != giver;
  });
  return out;
}

Micro disputed_of(StateView const& state, std::string_view unit, PartyId const& giver) {
  Micro sum = 0;
  for (auto const& account : disputed_accounts(state, unit, giver)) sum += account.disputed;
  return sum;
}

Result<void> offer(Job& job) {
  auto const& event = job.event;
  auto const giver = job.member(event.source("possessing_party"));
  if (!giver) return job.error(Code::E_MEMBER_UNKNOWN, "sourceList", "a possessing_party that is a member");
  TRY(job.require(*giver, Code::E_NOT_CUSTODIAN, "sourceList"));
  Draft draft;
  TRY_ASSIGN(draft.record.to, offered_to(job, *giver));
  TRY_ASSIGN(draft.record.title, title_of(job, draft.record.to));
  draft.record.giver = *giver;
  draft.record.expires_ms = event.tally.expires_ms.value_or(~TimeMs{0});
  draft.record.log_index = job.log_index;
  draft.record.time_ms = event.time_ms;
  for (std::size_t i = 0; i < event.epcs.size(); ++i) {
    auto const path = at("epcList", i);
    if (event.epcs[i].kind == KeyKind::sscc) {
      TRY(offer_unit(job, draft, event.epcs[i], path));
    } else {
      TRY(offer_item(job, draft, event.epcs[i], path));
    }
  }
  TRY(offer_quantities(job, draft));
  if (draft.record.subjects.empty()) return job.error(Code::E_UNKNOWN_GOODS, "epcList", "an offer names goods");
  if (draft.record.to == ledger::outside()) return give_outside(job, draft.record);
  auto const key = offer_key(event.event_hash, *giver);
  if (job.state.get(key)) return job.error(Code::E_ALREADY_REGISTERED, "tally:handover", "this offer stands already");
  ledger::store(job.state, key, draft.record);
  if (event.tally.mode) {
    auto const mode = static_cast<std::uint8_t>(static_cast<std::uint8_t>(*event.tally.mode) + 1);
    ledger::store(job.state, mode_key(key), ledger::CustodyRecord{*giver, mode});
  }
  tell(job, draft.record, event.event_hash, Answer::offered, 0, {});
  return {};
}

namespace {

Result<void> close_offer(Job& job, OfferState state, Answer answer, bool by_receiver) {
  TRY_ASSIGN(auto offer, answered(job));
  TRY(job.require(by_receiver ? offer.record.to : offer.record.giver, Code::E_HANDOVER_UNILATERAL,
                  by_receiver ? "destinationList" : "sourceList"));
  offer.record.state = state;
  ledger::store(job.state, offer.key, offer.record);
  tell(job, offer.record, offer.offer, answer, 0, {});
  return {};
}

}  // namespace

Result<void> reject(Job& job) { return close_offer(job, OfferState::rejected, Answer::rejected, true); }
Result<void> withdraw(Job& job) { return close_offer(job, OfferState::withdrawn, Answer::withdrawn, false); }

}  // namespace contracts::goods
