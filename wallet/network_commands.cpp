// SPDX-License-Identifier: Apache-2.0
// What the validators decide together.
#include "base/view.hpp"
#include "rpc/json.hpp"
#include "wallet/commands.hpp"
#include "wallet/signing.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

constexpr std::uint64_t patience_ms = 30'000;

base::Result<Outcome> act(Options const& options, std::string const& key_name, ledger::Operation operation) {
  TRY_ASSIGN(auto client, rpc::connect(options.node));
  TRY_ASSIGN(auto const chain, chain_to_sign_for(*client, options));
  TRY_ASSIGN(auto const identity, unlock(options, key_name));
  Draft draft;
  draft.actor = identity.party;
  draft.operations = {std::move(operation)};
  auto const transaction = sign(std::move(draft), chain, {identity});
  TRY_ASSIGN(auto const provider, provider_of(*client, options));
  TRY_ASSIGN(auto const names, names_of(provider, transaction.body, {}));
  print_reading(transaction.body, names);
  TRY_ASSIGN(auto const id, submit(*client, transaction));
  return wait(*client, id, patience_ms);
}

/// Prints what is asked for next, once it is recorded.
int tell(base::Result<Outcome> const& outcome, std::function<std::string(Outcome const&)> const& done) {
  if (!outcome) {
    auto const next = chain_next(outcome.error());
    return code(
        report(outcome.error(), next.empty() ? "only validators' admin keys decide; tally network validators" : next));
  }
  if (outcome->state != "done") {
    std::printf("%s  %s %s\n", outcome->state.c_str(), outcome->code.c_str(), outcome->field.c_str());
    return code(outcome->state == "failed" ? Exit::refused : Exit::fault);
  }
  std::printf("%s\n", done(*outcome).c_str());
  return code(Exit::done);
}

base::Result<Value> ask(Options const& options, char const* method, Value params) {
  TRY_ASSIGN(auto client, rpc::connect(options.node));
  return client->call(method, std::move(params));
}

std::string name_of(Value const* member) {
  if (member == nullptr) return "?";
  auto const name = member->string_of("short_name");
  return shown(name.empty() ? member->string_of("id") : name);
}

}  // namespace

int propose_change(Options const& options, std::filesystem::path const& file, std::string const& key_name) {
  auto const text = read_text_file(file);
  if (!text) return code(report(text.error()));
  auto const value = rpc::from_text(*text);
  if (!value) return code(report(value.error()));
  auto const change = base::read_view<ledger::NetworkChange>(*value);
  if (!change) return code(report(change.error(), "docs/governance.md shows a file for each change"));
  return tell(act(options, key_name, ledger::ProposeChange{*change}),
              [](Outcome const& outcome) { return ledger::contract_id(outcome.id, 0).hex(); });
}

int vote_change(Options const& options, std::string const& proposal, bool yes, std::string const& key_name) {
  auto const id = ledger::Hash::from_text(proposal);
  if (!id) {
    report({Code::E_ENCODING, "PROPOSAL", "expected 0x and 64 hexadecimal digits"}, "tally network proposals");
    return code(Exit::usage);
  }
  return tell(act(options, key_name, ledger::VoteChange{*id, yes}), [](Outcome const& outcome) {
    return "recorded at height " + std::to_string(outcome.height) + ", the last of its epoch";
  });
}

int show_proposals(Options const& options) {
  auto const answer = ask(options, "chain_proposals", Value::object());
  if (!answer) return code(report(answer.error()));
  if (options.json) return std::printf("%s\n", rpc::to_text(*answer).c_str()) < 0 ? 1 : 0;
  for (auto const& one : answer->find("proposals")->items) {
    std::printf("%s  until %s\n  %s proposes %s\n", std::string(one.string_of("proposal")).c_str(),
                std::string(one.string_of("expires")).c_str(), name_of(one.find("proposer")).c_str(),
                shown(rpc::to_text(*one.find("change"))).c_str());
    for (auto const& vote : one.find("votes")->items) {
      std::printf("  %-4s %s\n", vote.find("yes")->boolean ? "yes" : "no", name_of(&vote).c_str());
    }
  }
  return code(Exit::done);
}

int show_validators(Options const& options, std::string const& epoch) {
  auto params = Value::object();
  if (!epoch.empty()) params.add("epoch", Value::of(epoch));
  auto const answer = ask(options, "chain_validators", std::move(params));
  if (!answer) return code(report(answer.error()));
  if (options.json) return std::printf("%s\n", rpc::to_text(*answer).c_str()) < 0 ? 1 : 0;
  auto const& validators = answer->find("validators")->items;
  std::printf("epoch %s from height %s on: %s of %zu decide\n", std::string(answer->string_of("epoch")).c_str(),
              std::string(answer->string_of("first_height")).c_str(), rpc::to_text(*answer->find("quorum")).c_str(),
              validators.size());
  for (auto const& one : validators) {
    std::printf("  %-16s %s\n", name_of(&one).c_str(), std::string(one.string_of("key")).c_str());
  }
  return code(Exit::done);
}

}  // namespace wallet
