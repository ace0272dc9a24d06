// SPDX-License-Identifier: Apache-2.0
#pragma once

// A second opinion on goods: what events do to accounts of lots, written down without the machine.

#include "base/code.hpp"
#include "gs1/event.hpp"
#include "ledger/state.hpp"

namespace sim {

using base::Code;
using base::Hash;
using base::PartyId;
using Micro = std::uint64_t;

/// The context of the workload's events.
constexpr std::string_view event_context =
    R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"tally": "https://tallystick.example/ns/"}])";
/// The one certificate's claim and quota, and the one recipe's yield in tenths.
constexpr std::string_view claim_scheme = "organic";
constexpr Micro claim_quota = 400'000'000;
constexpr Micro yield_tenths = 8;

class GoodsBook {
 public:
  /// The certificate is issued; the outcome that this must have.
  Code certify();
  /// The outcome that the event must have; it knows the events of Workload only. The payload's hash is noted with each
  /// lot that it speaks of.
  Code apply(PartyId const& actor, gs1::Event const& event, Hash const& payload);
  /// By lot, the payloads of the events that happened to it, in order.
  using Histories = std::map<std::string, std::vector<Hash>>;
  Histories const& histories() const { return histories_; }
  /// Compares every account and every claim's totals, and per claim goods + loss = origins. Returns what differs, in
  /// words; nothing when all agrees.
  std::optional<std::string> mismatch(ledger::StateView const& state) const;

 private:
  struct Holding {
    Micro quantity = 0;
    Micro disputed = 0;
  };
  struct Lot {
    std::string gtin;
    std::string claim;
    std::map<PartyId, Holding> holdings;
  };
  struct Totals {
    Micro origins = 0;
    Micro loss = 0;
  };
  struct Offer {
    PartyId giver;
    std::string lot;
    Micro quantity = 0;
    bool open = true;
  };
  Code produce(PartyId const& actor, gs1::Event const& event);
  Code transform(PartyId const& actor, gs1::Event const& event);
  Code offer(PartyId const& actor, gs1::Event const& event);
  Code accept(PartyId const& actor, gs1::Event const& event);
  Code decide(PartyId const& actor, gs1::Event const& event);
  /// Whether the party has so much of the lot; what was disputed counts only where it may be given.
  Code find(std::string const& lot, PartyId const& party, Micro quantity, bool disputed_too) const;
  void make(gs1::Key const& lot, std::string_view claim, PartyId const& owner, Micro quantity);
  /// What all parties hold, by claim and GTIN.
  std::map<std::pair<std::string, std::string>, Micro> stock() const;

  std::map<std::string, Lot> lots_;
  Histories histories_;
  std::map<std::pair<std::string, std::string>, Totals> totals_;
  std::map<Hash, Offer> offers_;
  bool certified_ = false;
  Micro quota_used_ = 0;
};

}  // namespace sim
