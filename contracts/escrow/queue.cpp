// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/queue.hpp"

#include <algorithm>

namespace contracts::escrow {

namespace {

using ledger::Bytes;

std::uint64_t last_place(ledger::StateView const& state, std::optional<PartyId> const& opener) {
  auto const stored = state.get(ledger::pending_last_key(opener));
  return stored ? ledger::from_big_endian(*stored) : 0;
}

void set_last_place(ledger::Overlay& state, std::optional<PartyId> const& opener, std::uint64_t place) {
  auto const bytes = ledger::big_endian(place);
  state.put(ledger::pending_last_key(opener), Bytes(bytes.begin(), bytes.end()));
}

}  // namespace

void queue(ledger::Overlay& state, Hash const& contract, PartyId const& opener) {
  if (is_queued(state, contract)) return;
  auto const place = std::max(last_place(state, std::nullopt), last_place(state, opener)) + 1;
  auto key = ledger::pending_key(place, contract);
  state.put(key, Bytes{});
  state.put(ledger::pending_place_key(contract), std::move(key));
  set_last_place(state, opener, place);
}

void unqueue(ledger::Overlay& state, Hash const& contract) {
  auto const key = state.get(ledger::pending_place_key(contract));
  if (!key) return;
  state.erase(*key);
  state.erase(ledger::pending_place_key(contract));
  if (has_queued(state)) return;
  // Where nobody waits, nobody waited longer than another.
  std::vector<Bytes> last;
  state.scan(ledger::pending_last_key(), [&](ledger::BytesView one, ledger::BytesView) {
    last.emplace_back(one.begin(), one.end());
    return true;
  });
  for (auto const& one : last) state.erase(one);
}

bool is_queued(ledger::StateView const& state, Hash const& contract) {
  return state.get(ledger::pending_place_key(contract)).has_value();
}

bool has_queued(ledger::StateView const& state) {
  return ledger::first_key(state, ledger::pending_prefix()).has_value();
}

std::optional<Hash> serve(ledger::Overlay& state) {
  auto const key = ledger::first_key(state, ledger::pending_prefix());
  if (!key) return std::nullopt;
  set_last_place(state, std::nullopt, ledger::pending_place(*key));
  return ledger::contract_of_key(*key);
}

}  // namespace contracts::escrow
