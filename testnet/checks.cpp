// SPDX-License-Identifier: Apache-2.0
#include "testnet/checks.hpp"

#include <chrono>
#include <thread>

#include "base/view.hpp"
#include "ledger/proof.hpp"
#include "rpc/json.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

Error differs(std::string what, std::string detail) {
  return {Code::E_NOT_ALLOWED_HERE, std::move(what), std::move(detail)};
}

Result<Agreement> root_of_node(std::string const& url) {
  TRY_ASSIGN(auto client, rpc::connect(url));
  TRY_ASSIGN(auto const answer, client->call("chain_status", Value::object()));
  auto const height = base::from_decimal(answer.string_of("height"));
  return Agreement{static_cast<ledger::Height>(height.value_or(0)), std::string(answer.string_of("state_root"))};
}

/// The state root that a node shows for one height.
Result<std::string> root_at(std::string const& url, ledger::Height height) {
  TRY_ASSIGN(auto client, rpc::connect(url));
  auto params = Value::object();
  params.add("height", Value::of(std::to_string(height)));
  TRY_ASSIGN(auto const answer, client->call("chain_header", std::move(params)));
  auto const* header = answer.find("header");
  return std::string(header == nullptr ? "" : header->string_of("state_root"));
}

void pause(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

}  // namespace

Result<ProofFigures> check_proof(Network const& network, std::string const& url) {
  TRY_ASSIGN(auto const genesis, read_genesis(network.genesis_path()));
  ledger::Anchor const anchor{genesis.chain(), genesis.validators.hash()};
  auto const path = url.substr(url.find("/01/"));
  std::string const subject = "https://id.gs1.org" + path;
  TRY_ASSIGN(auto client, rpc::connect(network.public_url(0)));
  TRY_ASSIGN(auto const page, client->send("GET", path, ""));
  if (page.status != 200 || page.body.find("<html") == std::string::npos)
    return differs("trace page", std::to_string(page.status));
  TRY_ASSIGN(auto const answer, client->send("GET", "/proof" + path, ""));
  if (answer.status != 200) return differs("/proof", std::to_string(answer.status) + " " + answer.body);
  TRY_ASSIGN(auto const proof, base::decode<ledger::TraceProof>(base::bytes_of(answer.body)));
  auto const verdict = ledger::verify_trace(proof, subject, anchor);
  if (verdict.failed) {
    return differs("proof", std::string(enum_names(*verdict.failed)[static_cast<std::size_t>(*verdict.failed)]) + " " +
                                verdict.detail);
  }
  if (!verdict.partial.empty()) return differs("proof", "partial: " + verdict.partial.front());
  auto without = proof;
  without.histories.front().leaves.pop_back();
  if (!ledger::verify_trace(without, subject, anchor).failed)
    return differs("proof", "an event dropped was not noticed");
  auto altered = proof;
  auto& shown = altered.histories.front().leaves.front();
  shown.head.back() = static_cast<std::uint8_t>(shown.head.back() ^ 1);
  if (!ledger::verify_trace(altered, subject, anchor).failed)
    return differs("proof", "an event altered was not noticed");
  return ProofFigures{std::to_string(verdict.events) + " events, " + std::to_string(verdict.leaves) + " leaves, " +
                          std::to_string(verdict.signatures) + " of " + std::to_string(verdict.validators) +
                          " signatures, no network",
                      answer.body.size()};
}

Result<void> check_release(Journey& journey) {
  // Thirty days count from the block that recorded the handover, a moment after the event's own time.
  Balances balances;
  constexpr int rounds = 100;
  for (int round = 0; round < rounds; ++round) {
    TRY_ASSIGN(balances, journey.balances());
    if (balances.seller == escrow_total) return {};
    pause(100);
  }
  return differs("SERICA", "holds " + base::to_decimal(balances.seller));
}

Result<void> check_goods(Journey& journey) {
  TRY_ASSIGN(auto const custody, journey.custody());
  std::map<std::string, std::uint64_t> const expected = {{"MAASHUB", 1600}, {"SPREE", 399}, {"consumer", 1}};
  if (custody == expected) return {};
  std::string found;
  for (auto const& [name, pieces] : custody) found += name + " " + std::to_string(pieces) + " ";
  return differs("goods accounts", found);
}

Result<Agreement> check_agreement(Network const& network) {
  constexpr int rounds = 200;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Agreement> said;
    for (std::size_t node = 0; node < nodes; ++node) {
      TRY_ASSIGN(auto one, root_of_node(network.member_url(node)));
      said.push_back(std::move(one));
    }
    bool same_height = true;
    for (auto const& one : said) {
      same_height = same_height && one.height == said.front().height;
      if (one.height == said.front().height && one.state_root != said.front().state_root) {
        return differs("state root at height " + std::to_string(one.height),
                       one.state_root + " and " + said.front().state_root);
      }
    }
    if (same_height) return said.front();
    pause(50);
  }
  return differs("agreement", "the nodes did not reach one height in ten seconds");
}

Result<void> check_restart(Network& network, Player& player, Agreement const& before) {
  // The last acknowledged transaction must be there afterwards: the certified height of before is what everybody was
  // told.
  for (std::size_t node = 0; node < nodes; ++node) network.stop(node, true);
  for (std::size_t node = 0; node < nodes; ++node) network.start(node);
  for (std::size_t node = 0; node < nodes; ++node) TRY(network.wait_ready(node, 30'000));
  for (std::size_t node = 0; node < nodes; ++node) {
    TRY_ASSIGN(auto const now, root_of_node(network.member_url(node)));
    if (now.height < before.height) return differs("height after restart", std::to_string(now.height));
    TRY_ASSIGN(auto const root, root_at(network.member_url(node), before.height));
    if (root != before.state_root) {
      return differs("state root at height " + std::to_string(before.height), root + ", before " + before.state_root);
    }
  }
  // And they go on together, from one state.
  TRY_ASSIGN(auto const chain, player.chain());
  TRY(player.advance(chain.time_ms + 60'000));
  TRY_ASSIGN(auto const after, check_agreement(network));
  if (after.height <= before.height) return differs("height after restart", std::to_string(after.height));
  return {};
}

Result<void> check_halt(Network& network, Player& player) {
  network.stop(2, false);
  network.stop(3, false);
  bool said_why = false;
  constexpr int rounds = 300;
  for (int round = 0; round < rounds && !said_why; ++round) {
    auto const answer = network.readiness(0);
    said_why = answer && answer->status == 503 && answer->body.find("2 of 4") != std::string::npos;
    pause(100);
  }
  if (!said_why) return differs("/readyz", "does not say that 2 of 4 are reachable");
  TRY_ASSIGN(auto const halted, root_of_node(network.member_url(0)));
  pause(1000);
  TRY_ASSIGN(auto const later, root_of_node(network.member_url(0)));
  if (later.height != halted.height) return differs("halt", "a block was decided by two of four");
  network.start(2);
  TRY(network.wait_ready(2, 30'000));
  TRY(network.wait_ready(0, 30'000));
  TRY_ASSIGN(auto const chain, player.chain());
  TRY(player.advance(chain.time_ms + 600'000));
  network.start(3);
  return network.wait_ready(3, 30'000);
}

}  // namespace testnet
