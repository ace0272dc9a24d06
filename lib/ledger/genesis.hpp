// SPDX-License-Identifier: Apache-2.0
#pragma once

// The first page of a ledger: parameters, validators, members. Its hash is the chain id. genesis.json is its JSON view.

#include "crypto/certificate.hpp"
#include "ledger/tx.hpp"

namespace ledger {

/// Limits that all nodes must agree on; part of the state.
struct Parameters {
  std::uint32_t transaction_bytes_max = 2u << 20;
  std::uint32_t event_bytes_max = 1u << 20;
  std::uint32_t block_bytes_max = 8u << 20;
  std::uint16_t events_max = 512;
  std::uint16_t operations_max = 64;
  std::uint16_t signers_max = 16;
  std::uint32_t keys_an_event_max = 4096;
  std::uint32_t children_a_unit_max = 4096;
  std::uint8_t packing_depth_max = 8;
  TimeMs window_ms_max = 24 * 3600 * 1000;
  TimeMs event_ahead_ms_max = 120 * 1000;
  TimeMs late_after_ms = 72 * 3600 * 1000;
  std::uint32_t meter_bucket = 1'000'000;
  std::uint32_t meter_refill_per_s = 20'000;
  std::uint32_t transitions_a_block_max = 2000;
  std::uint32_t deadlines_a_block_max = 2000;
  std::uint32_t contracts_a_subject_max = 10'000;
  std::uint32_t facts_a_subject_max = 1024;
  std::uint32_t idle_block_ms = 20'000;
  /// D0 of the engine's timeouts.
  std::uint32_t view_timeout_ms = 400;
  /// An epoch ends after so many blocks, if nothing ends it before.
  std::uint32_t epoch_blocks = 10'000;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(transaction_bytes_max)
    LEDGER_VISIT(event_bytes_max)
    LEDGER_VISIT(block_bytes_max)
    LEDGER_VISIT(events_max)
    LEDGER_VISIT(operations_max)
    LEDGER_VISIT(signers_max)
    LEDGER_VISIT(keys_an_event_max)
    LEDGER_VISIT(children_a_unit_max)
    LEDGER_VISIT(packing_depth_max)
    LEDGER_VISIT(window_ms_max)
    LEDGER_VISIT(event_ahead_ms_max)
    LEDGER_VISIT(late_after_ms)
    LEDGER_VISIT(meter_bucket)
    LEDGER_VISIT(meter_refill_per_s)
    LEDGER_VISIT(transitions_a_block_max)
    LEDGER_VISIT(deadlines_a_block_max)
    LEDGER_VISIT(contracts_a_subject_max)
    LEDGER_VISIT(facts_a_subject_max)
    LEDGER_VISIT(idle_block_ms) LEDGER_VISIT(view_timeout_ms) LEDGER_VISIT(epoch_blocks)
  }
  bool operator==(Parameters const&) const = default;
};

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
