// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/queue.hpp"

#include <algorithm>

namespace contracts::escrow {

namespace {

using ledger::Bytes;
using ledger::BytesView;

/// Of an opener whose contracts wait. It ends where its turn comes and none waits.
struct Backlog {
  /// In turns: where it stands among the others. It begins with the least of theirs, not with what it missed.
  std::uint64_t taken = 0;
  /// Numbers: no waiting contract has one before `first`, the next gets `next`.
  std::uint64_t first = 0;
  std::uint64_t next = 0;
  std::uint64_t waiting = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(taken) LEDGER_VISIT(first) LEDGER_VISIT(next) LEDGER_VISIT(waiting)
  }
};

constexpr std::size_t number_bytes = 8;

Bytes with_party(Bytes key, PartyId const& party) {
  base::append(key, party.view());
  return key;
}
/// Openers by where they stand; an opener's backlog; his waiting contracts by number.
Bytes order_prefix() { return ledger::state_key(ledger::Space::pending_index, std::string_view("f")); }
Bytes order_key(std::uint64_t taken, PartyId const& opener) {
  Bytes key = order_prefix();
  base::append(key, ledger::big_endian(taken));
  return with_party(std::move(key), opener);
}
Bytes backlog_key(PartyId const& opener) {
  return with_party(ledger::state_key(ledger::Space::pending_index, std::string_view("o")), opener);
}
Bytes waiting_prefix(PartyId const& opener) {
  return with_party(ledger::state_key(ledger::Space::pending_index, std::string_view("w")), opener);
}
Bytes waiting_key(PartyId const& opener, std::uint64_t number) {
  Bytes key = waiting_prefix(opener);
  base::append(key, ledger::big_endian(number));
  return key;
}

PartyId opener_of_order(BytesView key) { return *PartyId::from(key.last(PartyId::size)); }
std::uint64_t taken_of_order(BytesView key) {
  return ledger::from_big_endian(key.subspan(key.size() - PartyId::size - number_bytes, number_bytes));
}

}  // namespace

void queue(ledger::Overlay& state, Hash const& contract, PartyId const& opener) {
  if (is_queued(state, contract)) return;
  auto backlog = ledger::load<Backlog>(state, backlog_key(opener));
  if (!backlog) {
    auto const least = ledger::first_key(state, order_prefix());
    backlog = Backlog{least ? taken_of_order(*least) : 0, 0, 0, 0};
    state.put(order_key(backlog->taken, opener), Bytes{});
  }
  auto key = waiting_key(opener, backlog->next++);
  base::append(key, contract.view());
  ++backlog->waiting;
  ledger::store(state, backlog_key(opener), *backlog);
  state.put(key, Bytes{});
  state.put(ledger::pending_place_key(contract), std::move(key));
}

void unqueue(ledger::Overlay& state, Hash const& contract) {
  auto const key = state.get(ledger::pending_place_key(contract));
  if (!key) return;
  state.erase(*key);
  state.erase(ledger::pending_place_key(contract));
  auto const opener =
      *PartyId::from(BytesView(*key).last(PartyId::size + number_bytes + Hash::size).first(PartyId::size));
  auto backlog = ledger::load<Backlog>(state, backlog_key(opener));
  CHECK(backlog && backlog->waiting > 0);
  --backlog->waiting;
  ledger::store(state, backlog_key(opener), *backlog);
}

bool is_queued(ledger::StateView const& state, Hash const& contract) {
  return state.has(ledger::pending_place_key(contract));
}

bool has_queued(ledger::StateView const& state) {
  return ledger::first_key(state, ledger::pending_place_key()).has_value();
}

std::optional<Turn> next_turn(ledger::Overlay& state, Bytes& from) {
  while (auto const key = ledger::first_key(state, order_prefix(), from)) {
    from = *key;
    auto const opener = opener_of_order(*key);
    auto backlog = ledger::load<Backlog>(state, backlog_key(opener));
    CHECK(backlog.has_value());
    if (backlog->waiting == 0) {
      state.erase(backlog_key(opener));
      state.erase(*key);
      continue;
    }
    auto const first = ledger::first_key(state, waiting_prefix(opener), waiting_key(opener, backlog->first));
    CHECK(first.has_value());
    backlog->first = ledger::from_big_endian(BytesView(*first).last(number_bytes + Hash::size).first(number_bytes));
    ledger::store(state, backlog_key(opener), *backlog);
    return Turn{opener, ledger::contract_of_key(*first)};
  }
  return std::nullopt;
}

void charge(ledger::Overlay& state, PartyId const& opener, std::uint32_t turns) {
  auto backlog = ledger::load<Backlog>(state, backlog_key(opener));
  if (!backlog) return;
  state.erase(order_key(backlog->taken, opener));
  backlog->taken += turns;
  state.put(order_key(backlog->taken, opener), Bytes{});
  ledger::store(state, backlog_key(opener), *backlog);
}

}  // namespace contracts::escrow
