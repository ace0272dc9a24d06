// SPDX-License-Identifier: Apache-2.0
// Contracts by command: opened, acted in, assigned, listed.
#include <algorithm>

#include "rpc/json.hpp"
#include "wallet/contract_view.hpp"
#include "wallet/signing.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::PartyId;
using base::Value;
using contracts::escrow::DepositEvent;
using contracts::escrow::VoteEvent;
using Operations = base::Result<std::vector<ledger::Operation>>;

namespace {

constexpr std::size_t terms_bytes_max = std::size_t{1} << 20;

Operations opening(Provider const& provider, Options const& options, EscrowOptions const& escrow) {
  ledger::EscrowOpen out;
  TRY_ASSIGN(auto const text, read_text_file(escrow.terms, terms_bytes_max));
  // Validators judge the same; here the file and the place are known.
  TRY_ASSIGN(auto const terms, contracts::escrow::read_terms(text));
  TRY(contracts::escrow::analyse(terms));
  out.terms = terms.json;
  out.label = escrow.label;
  for (auto const& binding : escrow.roles) {
    auto const equals = binding.find('=');
    if (equals == binding.npos) return Error{Code::E_FORM, "--role", "ROLE=PARTY, like buyer=SPREE"};
    auto const role = binding.substr(0, equals);
    TRY_ASSIGN(auto const party, party_named(provider, options, binding.substr(equals + 1), "--role"));
    out.parties.push_back({role, party});
  }
  for (auto const& role : terms.roles) {
    auto const is_it = [&](ledger::RoleBinding const& one) { return one.role == role.name; };
    if (std::none_of(out.parties.begin(), out.parties.end(), is_it)) {
      return Error{Code::E_ROLE_UNBOUND, "--role", "nobody plays " + role.name + ": --role " + role.name + "=PARTY"};
    }
  }
  return std::vector<ledger::Operation>{out};
}

/// What a party may call a case: deposit, approve, or the name of the choice or award.
std::string word_of(contracts::escrow::Event const& event) {
  if (std::holds_alternative<DepositEvent>(event)) return "deposit";
  auto const* vote = std::get_if<VoteEvent>(&event);
  if (vote == nullptr) return "";
  return vote->kind == VoteEvent::Kind::approve ? "approve" : vote->name;
}

/// A choice with one possible value needs none.
base::Result<std::uint64_t> value_of(contracts::escrow::Event const& event, std::optional<std::uint64_t> value) {
  auto const* vote = std::get_if<VoteEvent>(&event);
  if (vote == nullptr || value) return value.value_or(0);
  if (vote->low == vote->high) return static_cast<std::uint64_t>(vote->low);
  return Error{Code::E_FORM, "--value", base::to_decimal(vote->low) + " to " + base::to_decimal(vote->high)};
}

/// No name in terms has a hyphen.
constexpr std::string_view catch_up = "catch-up";

/// The case of a state that a lane waits in which goes by this word.
Operations act_named(ContractView const& contract, EscrowOptions const& escrow) {
  if (escrow.act == catch_up) return std::vector<ledger::Operation>{ledger::EscrowAct{contract.id, "", 0, 0}};
  std::vector<ledger::EscrowAct> found;
  std::string possible;
  for (auto const& lane : contract.record.lanes) {
    auto const number = contract.terms.state(lane.state);
    if (!number || (!escrow.state.empty() && lane.state != escrow.state)) continue;
    auto const& cases = contract.terms.states[*number].cases;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      auto const word = word_of(cases[i].event);
      if (word.empty()) continue;
      possible += (possible.empty() ? "" : ", ") + word + " (in " + lane.state + ")";
      if (word != escrow.act) continue;
      TRY_ASSIGN(auto const value, value_of(cases[i].event, escrow.value));
      found.push_back({contract.id, lane.state, static_cast<std::uint8_t>(i), value});
    }
  }
  if (found.empty()) {
    return Error{Code::E_NO_CASE, "ACT", possible.empty() ? "it waits for nobody's act" : "it waits for: " + possible};
  }
  if (found.size() > 1) return Error{Code::E_NO_CASE, "ACT", "several states wait for it: name one with --state"};
  return std::vector<ledger::Operation>{found.front()};
}

}  // namespace

int open_escrow(Options const& options, EscrowOptions const& escrow) {
  return sign_and_send(options, escrow.signing, [&](Provider const& provider, ChainInfo const&, PartyId const&) {
    return opening(provider, options, escrow);
  });
}

int act_in_escrow(Options const& options, EscrowOptions const& escrow) {
  return sign_and_send(options, escrow.signing, [&](Provider const& provider, auto const&, auto const&) -> Operations {
    TRY_ASSIGN(auto const parties, signing_parties(options, escrow.signing));
    TRY_ASSIGN(auto const contract, fetch_own_contract(provider, escrow.id, parties));
    return act_named(contract, escrow);
  });
}

int assign_escrow(Options const& options, EscrowOptions const& escrow) {
  return sign_and_send(options, escrow.signing, [&](Provider const& provider, auto const&, auto const&) -> Operations {
    TRY_ASSIGN(auto const parties, signing_parties(options, escrow.signing));
    TRY_ASSIGN(auto const contract, fetch_own_contract(provider, escrow.id, parties));
    TRY_ASSIGN(auto const to, party_named(provider, options, escrow.to, "--to"));
    return std::vector<ledger::Operation>{ledger::EscrowAssign{contract.id, escrow.role, to}};
  });
}

int list_escrows(Options const& options, std::string const& party) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  std::string cursor;
  do {
    auto params = Value::object();
    params.add("party", Value::of(party));
    if (!cursor.empty()) params.add("cursor", Value::of(cursor));
    auto const answer = (*client)->call("escrow_list", std::move(params));
    if (!answer) return code(report(answer.error(), "tally member list"));
    cursor = answer->string_of("cursor");
    auto const* contracts = answer->find("contracts");
    for (std::size_t i = 0; contracts != nullptr && i < contracts->items.size(); ++i) {
      auto const& one = contracts->items[i];
      if (options.json) {
        std::printf("%s\n", rpc::to_text(one).c_str());
        continue;
      }
      auto const* open = one.find("open");
      std::printf("%-6s  %-32s  %s\n", open != nullptr && open->boolean ? "open" : "ended",
                  shown(one.string_of("label")).c_str(), std::string(one.string_of("id")).c_str());
    }
  } while (!cursor.empty());
  return code(Exit::done);
}

}  // namespace wallet
