// SPDX-License-Identifier: Apache-2.0
#pragma once

// What clients of a simulated network send: a small genesis of four firms, and transactions that their keys sign.

#include "ledger/genesis.hpp"
#include "random.hpp"

namespace sim {

using base::Bytes;
using base::Hash;
using base::TimeMs;

/// Genesis and start of the world; a client's clock is right.
constexpr TimeMs world_start_ms = 1'780'000'000'000;

/// Four firms, two of which keep goods accounts, with sites, products, a recipe and a certificate; validators with
/// these keys, all of the first firm; a clock that can be put forward, or the wall's.
ledger::Genesis make_genesis(std::vector<base::ValidatorKey> const& keys, ledger::Parameters const& parameters,
                             bool test_clock);

struct Draft {
  Bytes bytes;
  Hash id;
  TimeMs valid_until_ms = 0;
  /// False: every node must refuse it (a broken signature, another chain, no transaction at all).
  bool good = true;
};

/// In the name of the firm whose validators all are.
Draft signed_by_validators(Hash const& chain, ledger::Operation operation, TimeMs now_ms,
                           std::optional<Hash> after = {});

/// Draws transactions; of a test clock also advances of up to a minute. Mostly transfers, some of which the account
/// cannot pay, then mints, burns, redemptions, pairs that hang together, reused idempotency keys, the same bytes again,
/// and bad ones; goods that are made, transformed, offered and accepted in part, of which some are not there; sales in
/// escrow that are paid for, released, or left to their deadlines.
class Workload {
 public:
  Workload(ledger::Genesis const& genesis, std::uint64_t seed)
      : chain_(genesis.chain()), random_(seed), test_clock_(std::holds_alternative<ledger::TestClock>(genesis.clock)) {}
  Draft next(TimeMs now_ms);

 private:
  ledger::Body body(std::size_t firm, TimeMs now_ms, std::vector<ledger::Operation> operations);
  Draft sign(ledger::Body body, std::vector<std::size_t> const& signing, std::vector<Bytes> payloads = {});
  Draft good(TimeMs now_ms);
  Draft bad(TimeMs now_ms);
  Draft keyed(TimeMs now_ms);
  Draft advance(TimeMs now_ms);
  ledger::Transfer transfer(std::size_t from);
  Draft goods(TimeMs now_ms);
  Draft record(std::size_t firm, TimeMs now_ms, std::string const& event);
  std::string produced();
  std::string transformed();
  std::string offered();
  Draft accepted(TimeMs now_ms);
  Draft sale(TimeMs now_ms);

  Hash chain_;
  Random random_;
  bool test_clock_;
  std::uint64_t advances_ = 0;
  std::uint64_t drawn_ = 0;
  std::vector<Draft> before_;
  /// The newest offers and contracts that were drawn, whatever came of them.
  struct Offered {
    std::size_t giver = 0;
    std::string lot;
    std::uint64_t quantity = 0;
    std::string event_id;
  };
  struct Opened {
    Hash contract;
    std::size_t buyer = 0;
  };
  std::vector<Offered> offers_;
  std::vector<Opened> sales_;
};

}  // namespace sim
