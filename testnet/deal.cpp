// SPDX-License-Identifier: Apache-2.0
// Who plays which role of a journey's escrow, and what it must pay.
#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/terms.hpp"
#include "gs1/json.hpp"
#include "testnet/performance.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr ledger::TimeMs opens_before_ms = base::day_ms;

/// Visits every object in a value.
void each_object(Value const& value, std::function<void(Value const&)> const& visit) {
  if (value.is(Value::Kind::object)) visit(value);
  for (auto const& [name, member] : value.members) each_object(member, visit);
  for (auto const& item : value.items) each_object(item, visit);
}

class Casting {
 public:
  Casting(Fields const& escrow, Fields const& journey, Value const& terms, std::vector<Fields> events)
      : escrow_(escrow), journey_(journey), terms_(terms), events_(std::move(events)) {}

  Result<std::vector<std::pair<std::string, std::string>>> parties() {
    for (auto const* role : {"buyer", "seller"}) {
      TRY_ASSIGN(players_[role], escrow_.text(role));
    }
    auto const arbiters = escrow_.object("arbiters");
    auto const set = arbiters ? arbiters->texts("set") : Result<std::vector<std::string>>(arbiters.error());
    for (std::size_t i = 0; set && i < set->size(); ++i) players_["arbiter" + std::to_string(i + 1)] = (*set)[i];
    auto const* roles = terms_.find("roles");
    if (roles == nullptr) return Error{Code::E_FORM, "roles", "the terms name their roles"};
    // A role may follow from one that follows from another.
    for (std::size_t round = 0; round < roles->members.size(); ++round)
      each_object(terms_, [&](auto const& one) { read(one); });
    give_rest(*roles);
    std::vector<std::pair<std::string, std::string>> out;
    for (auto const& [role, value] : roles->members) {
      auto const found = players_.find(role);
      if (found == players_.end()) {
        return escrow_.error("parties." + role, "neither the file nor its events say who plays it: name him here");
      }
      out.emplace_back(role, found->second);
    }
    return out;
  }

 private:
  void learn(std::string_view role, std::string const& code) {
    if (!role.empty() && !code.empty()) players_.try_emplace(std::string(role), code);
  }

  void read(Value const& one) {
    if (auto const* handover = one.find("handover")) {
      auto const from = players_.find(std::string(handover->string_of("from")));
      for (auto const& event : events_) {
        bool const gives = from != players_.end() && event.has("milestone") && event.text_or("frm") == from->second;
        if (gives) learn(handover->string_of("to"), event.text_or("to"));
      }
    }
    auto const step = one.string_of("bizStep");
    if (step.starts_with("tally:customs_")) {
      for (auto const& event : events_) {
        auto const signers = event.texts("signers");
        if (signers && "tally:" + event.text_or("kind") == step) learn(one.string_of("by"), signers->back());
      }
    }
    if (one.find("aggregate") == nullptr) return;
    if (auto const sensor = journey_.object("sensor")) learn(one.string_of("by"), sensor->text_or("owner_of_loggers"));
  }

  /// Who shares in the fees and has no role yet gets one that nobody plays yet; what the file says comes first.
  void give_rest(Value const& roles) {
    if (auto const named = escrow_.object("parties")) {
      for (auto const& [role, code] : named->members()) players_[role] = code.value().text;
    }
    auto const splits = escrow_.list("fee_splits");
    for (auto const& [role, value] : roles.members) {
      if (players_.contains(role) || !splits) continue;
      for (auto const& split : *splits) {
        auto const code = split.text_or("to");
        bool const plays = std::ranges::any_of(players_, [&](auto const& one) { return one.second == code; });
        if (!plays) learn(role, code);
      }
    }
  }

  Fields escrow_;
  Fields journey_;
  Value const& terms_;
  std::vector<Fields> events_;
  std::map<std::string, std::string> players_;
};

/// From the start on, as long as the first case of a state is a deposit.
std::vector<std::string> deposit_states(Value const& terms) {
  std::vector<std::string> out;
  auto const* states = terms.find("states");
  auto state = std::string(terms.string_of("start"));
  while (states != nullptr && out.size() < contracts::escrow::states_max) {
    auto const* found = states->find(state);
    auto const* when = found == nullptr ? nullptr : found->find("when");
    if (when == nullptr || when->items.empty()) break;
    auto const* on = when->items.front().find("on");
    if (on == nullptr || on->find("deposit") == nullptr) break;
    out.push_back(state);
    state = std::string(when->items.front().string_of("goto"));
  }
  return out;
}

/// When the contract must be there: a day before the first step that it pays for, or the first reading.
Result<ledger::TimeMs> opening(Fields const& journey, std::vector<Fields> const& events) {
  for (auto const& event : events) {
    bool const counts = event.has("milestone") || event.has("sensors");
    if (!counts) continue;
    TRY_ASSIGN(auto const time, event.time("time"));
    return time - opens_before_ms;
  }
  return journey.error("escrow", "no event has a milestone");
}

Result<void> expect(Fields const& journey, Fields const& escrow, std::string_view variant, Deal& deal) {
  ledger::Amount refunded = 0;
  TRY_ASSIGN(auto const expected, journey.object("expect"));
  if (expected.has("refunded_buyer_minor")) {
    TRY_ASSIGN(refunded, expected.whole("refunded_buyer_minor"));
  }
  if (!variant.empty()) {
    TRY_ASSIGN(auto const sensor, journey.object("sensor"));
    TRY_ASSIGN(auto const variants, sensor.object("expected"));
    TRY_ASSIGN(auto const ours, variants.object(variant));
    for (auto const& [name, value] : ours.members()) {
      if (!name.ends_with("_refund_minor")) continue;
      TRY_ASSIGN(refunded, ours.whole(name));
    }
  }
  deal.otherwise = !variant.empty() && refunded != 0;
  if (refunded > deal.total) return escrow.error("total_minor", "less than what is refunded");
  deal.expected[deal.buyer] = refunded;
  if (expected.has("paid_by_payee_minor")) {
    TRY_ASSIGN(auto const payees, expected.object("paid_by_payee_minor"));
    for (auto const& [code, value] : payees.members()) {
      TRY_ASSIGN(deal.expected[code], payees.whole(code));
    }
  } else if (variant.empty() && expected.has("paid_seller_minor")) {
    TRY_ASSIGN(deal.expected[deal.seller], expected.whole("paid_seller_minor"));
  } else {
    deal.expected[deal.seller] = deal.total - refunded;
  }
  return {};
}

/// What stands in the terms: texts, and numbers by their literal.
bool stands_in(Value const& terms, std::string_view text) {
  return terms.text == text ||
         std::ranges::any_of(terms.items, [&](auto const& one) { return stands_in(one, text); }) ||
         std::ranges::any_of(terms.members, [&](auto const& one) { return stands_in(one.second, text); });
}

/// When a milestone ends: at the time of the terms, or so many days after a handover that an earlier one waits for.
Result<void> check_deadline(Fields const& milestone, Value const& terms, std::vector<Fields> const& events) {
  TRY_ASSIGN(auto const deadline, milestone.time("deadline"));
  if (stands_in(terms, base::to_rfc3339(deadline))) return {};
  auto const predicate = milestone.text_or("predicate");
  auto const waits_for = predicate.find(" days after the handover of ");
  auto const days = base::from_decimal(std::string_view(predicate).substr(0, waits_for), 3650);
  for (auto const& event : events) {
    auto const id = event.text_or("milestone");
    if (!days || id.empty() || predicate.find("handover of " + id + " ") == predicate.npos) continue;
    TRY_ASSIGN(auto const time, event.time("time"));
    if (time + static_cast<ledger::TimeMs>(*days) * base::day_ms == deadline) return {};
  }
  return milestone.error("deadline", "the terms have another");
}

/// The file tells the contract in its own words; numbers, times and the currency must be those of the terms.
Result<void> read_milestones(Fields const& escrow, Value const& terms, std::vector<Fields> const& events, Deal& deal) {
  TRY_ASSIGN(auto const currency, escrow.text("currency"));
  if (!deal.asset.starts_with(currency + ".")) return escrow.error("currency", "the terms pay in " + deal.asset);
  TRY_ASSIGN(auto const milestones, escrow.list("milestones"));
  ledger::Amount sum = 0;
  for (auto const& milestone : milestones) {
    TRY_ASSIGN(auto const id, milestone.text("id"));
    TRY_ASSIGN(auto const amount, milestone.whole("amount_minor"));
    if (!stands_in(terms, std::to_string(amount))) return milestone.error("amount_minor", "the terms have another");
    TRY(check_deadline(milestone, terms, events));
    if (milestone.has("price_table")) deal.priced = id;
    TRY_ASSIGN(auto const prices, milestone.list("price_table"));
    for (auto const& row : prices) {
      for (auto const& number : row.value().items) {
        if (!stands_in(terms, number.text)) return row.error("", number.text + " does not stand in the terms");
      }
    }
    deal.milestones[id] = amount;
    sum += amount;
  }
  if (!milestones.empty() && sum != deal.total) return escrow.error("total_minor", "its milestones are another sum");
  if (!escrow.has("bond_minor") || stands_in(terms, escrow.value().find("bond_minor")->text)) return {};
  return escrow.error("bond_minor", "the terms have another");
}

}  // namespace

Result<Deal> deal_of(Fields const& journey, std::string terms, std::string_view variant) {
  TRY_ASSIGN(auto const escrow, journey.object("escrow"));
  TRY_ASSIGN(auto const events, events_of(journey));
  TRY_ASSIGN(auto const read, gs1::parse_json(terms));
  Deal out;
  TRY_ASSIGN(out.label, escrow.text("id"));
  TRY_ASSIGN(out.terms, gs1::canonical_json(read));
  TRY(contracts::escrow::read_terms(out.terms));
  TRY_ASSIGN(out.total, escrow.whole("total_minor"));
  auto const* assets = read.find("assets");
  if (assets == nullptr || assets->members.empty() ||
      assets->members.front().second.text.find('.') == std::string::npos) {
    return Error{Code::E_FORM, out.label + ".assets", "write an asset as CODE.ISSUER"};
  }
  out.asset = assets->members.front().second.text;
  TRY(read_milestones(escrow, read, events, out));
  TRY_ASSIGN(out.parties, Casting(escrow, journey, read, events).parties());
  TRY_ASSIGN(out.buyer, escrow.text("buyer"));
  TRY_ASSIGN(out.seller, escrow.text("seller"));
  out.deposits = deposit_states(read);
  TRY_ASSIGN(out.open_ms, opening(journey, events));
  TRY(expect(journey, escrow, variant, out));
  return out;
}

}  // namespace testnet
