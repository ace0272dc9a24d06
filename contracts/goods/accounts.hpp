// SPDX-License-Identifier: Apache-2.0
#pragma once

// Goods accounts as they change (ledger/goods.hpp says what they mean). Only this file writes GoodsRecord,
// ClaimTotalRecord and the index of units.

#include <set>

#include "contracts/context.hpp"
#include "ledger/goods.hpp"

namespace contracts::goods {

using ledger::Bytes;
using ledger::Holder;
using ledger::Micro;
using ledger::Overlay;
using ledger::StateView;

/// One piece in micro-units.
constexpr Micro piece = 1'000'000;

struct Account {
  ledger::Uri lot;
  PartyId owner;
  Holder holder;
  ledger::Text<120> claim;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(lot) LEDGER_VISIT(owner) LEDGER_VISIT(holder) LEDGER_VISIT(claim)
  }
  bool operator==(Account const&) const = default;
};
Account account_of(ledger::GoodsRecord const& record);

/// Adds to an account, which is made when it is missing. `time_ms`: of an event that moves a quantity, not a serial.
void credit(Overlay& state, Account const& account, Micro quantity, Micro serialised, TimeMs time_ms);
/// Takes from an account; what is not there is our own bug. Disputed pieces go first when `disputed_too`.
void debit(Overlay& state, Account const& account, Micro quantity, Micro serialised, TimeMs time_ms,
           bool disputed_too = false);
/// Marks a part of the account as not found by a receiver, or takes such a mark back.
void dispute(Overlay& state, Account const& account, Micro quantity, bool found);
/// The whole account under another owner.
void change_owner(Overlay& state, Account const& account, PartyId const& owner);

/// Per scheme and GTIN: goods that came to be, and goods that ceased to be (used, lost, destroyed).
void add_origin(Overlay& state, std::string_view claim, std::string_view gtin, Micro quantity);
/// Takes back an origin whose goods have left the accounts again.
void take_origin(Overlay& state, std::string_view claim, std::string_view gtin, Micro quantity);
void add_loss(Overlay& state, std::string_view claim, std::string_view gtin, Micro quantity);

/// Serials that move, summed so that each account is touched once however many serials an event names.
class SerialMoves {
 public:
  void out_of(Account const& account) { ++moves_[base::encode(account)].out; }
  void into(Account const& account) { ++moves_[base::encode(account)].in; }
  void apply(Overlay& state) const;

 private:
  struct Move {
    std::uint64_t out = 0;
    std::uint64_t in = 0;
  };
  std::map<Bytes, Move> moves_;
};

/// The index of what is directly inside a unit: stored keys of items, units and goods accounts.
void index_child(Overlay& state, ledger::Uri const& unit, Bytes const& child);
void unindex_child(Overlay& state, ledger::Uri const& unit, Bytes const& child);
std::vector<Bytes> children_of(StateView const& state, std::string_view unit);
/// Of one kind only: items, units or goods accounts.
std::vector<Bytes> children_of(StateView const& state, std::string_view unit, ledger::Space space);

}  // namespace contracts::goods
