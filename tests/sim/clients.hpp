// SPDX-License-Identifier: Apache-2.0
#pragma once

// The clients of a simulated network: each asks one machine, asks another when it hears nothing, and remembers what it
// was told. Acknowledged is what the machine that was asked shows in a certified state.

#include "judge.hpp"
#include "ledger/proof.hpp"
#include "workload.hpp"

namespace sim {

class World;
class Machine;

class Clients {
 public:
  Clients(World& world, ledger::Genesis const& genesis, std::uint64_t seed) : world_(world), workload_(genesis, seed) {}

  /// Sends one more transaction, to this machine or to any.
  void send_next(std::optional<std::size_t> to = std::nullopt);
  /// Sends again what was not acknowledged, to other machines.
  void send_again();
  /// A machine shows this state.
  void published(Machine const& machine, ledger::Certified const& certified);
  /// Everything that was sent and can still be recorded is acknowledged.
  bool are_content() const { return pending_.empty(); }
  std::size_t waiting() const { return pending_.size(); }
  /// P10: every acknowledged transaction stands in this state as it was acknowledged.
  void check(Machine const& machine, ledger::StateView const& state) const;
  std::size_t acknowledged() const { return acknowledged_.size(); }

 private:
  struct Pending {
    Draft draft;
    std::size_t asked = 0;
  };
  void ask(Draft const& draft, std::size_t asked);
  void answered(Draft const& draft, base::Result<Hash> const& answer);

  World& world_;
  Workload workload_;
  /// By the order of sending; a transaction that is sent twice stands here once.
  std::map<std::uint64_t, Pending> pending_;
  std::map<Hash, std::uint64_t> numbers_;
  std::uint64_t sent_ = 0;
  std::map<Hash, Judge::Recorded> acknowledged_;
};

}  // namespace sim
