// SPDX-License-Identifier: Apache-2.0
#pragma once

// A chain in one process: each act is a block of the law, asked through the same methods as a node.

#include "contracts/machine.hpp"
#include "rpc/backend.hpp"
#include "testnet/chain.hpp"
#include "testnet/player.hpp"

namespace testnet::test {

/// The key of a name in the keyring: its secret is the hash of the name.
wallet::Identity identity_of(std::string const& name);
base::PartyKey key_of(std::string const& name);

class MemoryChain final : public Chain, private rpc::Backend {
 public:
  MemoryChain(World const& world, ledger::TimeMs time_ms);

  base::Result<void> advance(ledger::TimeMs time_ms) override;
  base::Result<wallet::Outcome> play(Act const& act) override;
  base::Result<wallet::Outcome> repeat(std::size_t times) override;
  base::Result<crypto::Evidence> equivocate(std::string const& code) override;
  base::Result<base::Value> call(std::string const& method, base::Value params) override;
  ledger::StateView const& state() const { return *state_; }

 private:
  std::shared_ptr<ledger::Certified const> certified() const override { return at_; }
  base::Result<ledger::Hash> submit(ledger::Bytes) override;
  bool is_pending(ledger::Hash const&) const override { return false; }
  base::Result<ledger::Hash> submit_own(std::vector<ledger::Operation>, std::vector<ledger::Bytes>) override;
  rpc::NodeStatus status() const override { return {}; }
  std::optional<rpc::DecidedBlock> block(ledger::Height) const override { return std::nullopt; }
  void wait_beyond(ledger::Height, std::uint64_t) const override {}

  base::Result<wallet::Outcome> record(ledger::Transaction const& transaction);
  contracts::Execution run(std::vector<ledger::Transaction> transactions);
  void adopt(contracts::Execution&& execution);

  ledger::Genesis genesis_;
  ledger::Hash chain_;
  ValidatorKeys validators_;
  std::shared_ptr<ledger::MemoryState> state_ = std::make_shared<ledger::MemoryState>();
  ledger::StateTree tree_;
  ledger::Height height_ = 0;
  std::optional<ledger::Transaction> last_;
  ledger::TimeMs time_ms_ = 0;
  std::shared_ptr<ledger::Certified const> at_;
};

}  // namespace testnet::test
