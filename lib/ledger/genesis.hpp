// SPDX-License-Identifier: Apache-2.0
#pragma once

// The first page of a ledger: parameters, validators, members. Its hash is the chain id. genesis.json is its JSON view.

#include "crypto/certificate.hpp"
#include "ledger/tx.hpp"

namespace ledger {

struct WallClock {
  static constexpr std::string_view name = "wall";
  template <class Self, class Visit>
  static void fields(Self&, Visit&) {}
  bool operator==(WallClock const&) const = default;
};
/// A clock of its own, for stories of months that play in minutes: it stands at the genesis's time_ms when wall time is
/// wall_ms, runs like wall time, and this key may put it forward (advance_time).
struct TestClock {
  static constexpr std::string_view name = "test";
  PartyKey key;
  TimeMs wall_ms = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(wall_ms)
  }
  bool operator==(TestClock const&) const = default;
};

struct Genesis {
  std::uint16_t format = 1;
  Text<32> chain_name;
  TimeMs time_ms = 0;
  std::variant<WallClock, TestClock> clock;
  Parameters parameters;
  crypto::ValidatorSet validators;
  /// Run as block 0 by the genesis's own authority: members, prefixes, keys, sites, products, recipes.
  List<Operation, 4096> operations;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(format)
    LEDGER_VISIT(chain_name)
    LEDGER_VISIT(time_ms) LEDGER_VISIT(clock) LEDGER_VISIT(parameters) LEDGER_VISIT(validators) LEDGER_VISIT(operations)
  }
  bool operator==(Genesis const&) const = default;

  /// The chain id: H(0a ‖ canonical bytes).
  Hash chain() const { return crypto::hash_of(crypto::Tag::genesis, *this); }
};

}  // namespace ledger
