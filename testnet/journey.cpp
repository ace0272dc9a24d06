// SPDX-License-Identifier: Apache-2.0
#include "testnet/journey.hpp"

#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "testnet/embedded.hpp"
#include "testnet/events.hpp"

namespace testnet {

using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr ledger::Amount minted = 5'000'000;
constexpr char const* escrow_label = "ESC-J1";

/// The roles of ESC-J1 and who plays them.
constexpr std::pair<char const*, char const*> roles[] = {
    {"buyer", "SPREE"},          {"seller", "SERICA"}, {"carrier", "HALDEN"}, {"warehouse", "MAASHUB"},
    {"customsExport", "CNCUST"}, {"arbiter1", "ARB1"}, {"arbiter2", "ARB2"},  {"arbiter3", "ARB3"}};

ledger::TimeMs escrow_time() { return *base::from_rfc3339("2026-06-25T00:00:00Z"); }

}  // namespace

Result<void> Journey::done(Result<wallet::Outcome> const& outcome, std::string const& what) {
  if (!outcome) return outcome.error();
  if (outcome->state == "done") return {};
  return Error{base::Code::E_NOT_ALLOWED_HERE, what, outcome->state + " " + outcome->code + " " + outcome->field};
}

Result<void> Journey::issue_money() {
  ledger::CreateAsset asset;
  asset.code = "EUR";
  asset.scale = 2;
  asset.max_supply = ledger::Amount{1'000'000'000'000};
  TRY(done(player_.play({"EUBANK"}, asset), "asset"));
  ledger::Mint mint;
  mint.asset = escrow_asset;
  mint.to = world_.organisation("SPREE").party();
  mint.amount = minted;
  mint.reserve = crypto::sha256(base::bytes_of("reserve statement of the demo bank"));
  return done(player_.play({"EUBANK"}, mint), "mint");
}

Result<void> Journey::open_escrow() {
  TRY(player_.advance(escrow_time()));
  auto const terms = embedded("ESC-J1.json");
  CHECK(terms.has_value());
  ledger::EscrowOpen open;
  open.terms = *terms;
  open.label = escrow_label;
  for (auto const& [role, code] : roles) open.parties.push_back({std::string(role), world_.organisation(code).party()});
  auto const opened = player_.play({"SPREE", "SERICA"}, open);
  TRY(done(opened, "escrow_open"));
  auto const contract = ledger::contract_id(opened->id, 0);
  escrow_id_ = contract.hex();
  for (auto const* state : {"funding", "funding_m2", "funding_m3"}) {
    ledger::EscrowAct deposit;
    deposit.contract = contract;
    deposit.state = std::string(state);
    TRY(done(player_.play({"SPREE"}, deposit), std::string("deposit ") + state));
  }
  return {};
}

Result<void> Journey::run(Report const& report, Between const& between) {
  for (auto const& act : story_.preparations) TRY(done(player_.play(act), "certificate"));
  TRY(issue_money());
  for (auto const& step : story_.steps) {
    if (escrow_id_.empty() && step.time_ms > escrow_time()) TRY(open_escrow());
    TRY(between(step));
    if (step.acts.empty()) TRY(player_.advance(step.time_ms));
    for (auto const& act : step.acts) {
      auto const outcome = done(player_.play(act), "step " + std::to_string(step.number));
      if (!outcome) {
        report(step, base::to_string(outcome.error()), false);
        return outcome.error();
      }
    }
    report(step, step.title, true);
  }
  return {};
}

Result<Balances> Journey::balances() {
  auto const held = [&](char const* code) -> Result<ledger::Amount> {
    auto params = Value::object();
    params.add("party", Value::of(code));
    params.add("asset", Value::of(escrow_asset));
    TRY_ASSIGN(auto const answer, player_.call("account_get", std::move(params)));
    return base::from_decimal(answer.string_of("posted")).value_or(0);
  };
  Balances out;
  TRY_ASSIGN(out.buyer, held("SPREE"));
  TRY_ASSIGN(out.seller, held("SERICA"));
  return out;
}

Result<std::map<std::string, std::uint64_t>> Journey::custody() {
  auto params = Value::object();
  params.add("lot", Value::of(lot_link("09521001000109", "S2607")));
  TRY_ASSIGN(auto const answer, player_.call("goods_account", std::move(params)));
  auto const* holdings = answer.find("holdings");
  if (holdings == nullptr) return Error{base::Code::E_ENCODING, "goods_account", "no holdings in the answer"};
  std::map<std::string, std::uint64_t> out;
  for (auto const& holding : holdings->items) {
    out[std::string(holding.string_of("custodian"))] +=
        static_cast<std::uint64_t>(base::from_decimal(holding.string_of("quantity")).value_or(0));
  }
  return out;
}

}  // namespace testnet
