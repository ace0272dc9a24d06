// SPDX-License-Identifier: Apache-2.0
#include "bench/network.hpp"

#include "base/time.hpp"
#include "testnet/embedded.hpp"

namespace bench {

namespace {

/// CometBFT takes its time.
constexpr std::uint64_t start_ms = 60'000;

}  // namespace

base::Result<Started> start_network(std::filesystem::path const& home, std::string const& engine,
                                    std::vector<std::string> const& payers, std::size_t validators) {
  Started out;
  TRY_ASSIGN(out.world, testnet::read_world(*testnet::embedded("network.json")));
  testnet::NetworkOptions options;
  options.home = home;
  options.engine = engine;
  options.validators = validators;
  options.ports.shift = 200;
  options.time_ms = *base::from_rfc3339("2026-06-01T00:00:00Z");
  std::filesystem::remove_all(home);
  TRY(testnet::make_network(out.world, options));
  TRY_ASSIGN(auto network, testnet::Network::open(out.world, options));
  out.network = std::make_unique<testnet::Network>(std::move(network));
  for (std::size_t node = 0; node < validators; ++node) out.network->start(node);
  for (std::size_t node = 0; node < validators; ++node) TRY(out.network->wait_ready(node, start_ms));
  if (payers.empty()) return out;
  testnet::Player player(out.network->keyring(), out.network->clock(), out.network->member_urls());
  TRY(player.play({"EUBANK"}, ledger::CreateAsset{"EUR", 2, 1'000'000'000'000}));
  auto const reserve = crypto::sha256(base::bytes_of("reserve statement of the bench bank"));
  for (auto const& payer : payers) {
    auto const party = out.world.organisation(payer).party();
    TRY(player.play({"EUBANK"}, ledger::Mint{"EUR.EUBANK", party, 100'000'000, reserve}));
  }
  return out;
}

ledger::Transaction transfer_of(Started const& started, wallet::ChainInfo const& chain, std::string const& code) {
  auto const& payer = started.network->keyring().at(code);
  wallet::Draft draft;
  draft.actor = payer.party;
  ledger::Transfer transfer;
  transfer.from = payer.party;
  transfer.to = started.world.organisation("SERICA").party();
  transfer.asset = "EUR.EUBANK";
  transfer.amount = 1;
  draft.operations.emplace_back(transfer);
  draft.idempotency_key = ledger::IdempotencyKey::from(wallet::random_bytes().view().first(16));
  return wallet::sign(std::move(draft), chain, {payer});
}

}  // namespace bench
