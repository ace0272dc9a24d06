// SPDX-License-Identifier: Apache-2.0
// What ends by itself when its time has come: holds and netting sets.
#include "contracts/money/account.hpp"

namespace contracts::money {

namespace {

struct Due {
  ledger::Bytes key;
  TimeMs due_ms = 0;
  ledger::Expiry kind = ledger::Expiry::hold;
  Hash id;
};

constexpr std::size_t time_bytes = 8;

Due read_due(ledger::BytesView key) {
  CHECK(key.size() == 1 + time_bytes + 1 + Hash::size);
  Due out;
  out.key = ledger::Bytes(key.begin(), key.end());
  out.due_ms = ledger::from_big_endian(key.subspan(1, time_bytes));
  out.kind = static_cast<ledger::Expiry>(key[1 + time_bytes]);
  out.id = *Hash::from(key.last(Hash::size));
  return out;
}

void end(Context& context, Due const& due) {
  if (due.kind == ledger::Expiry::hold) {
    auto hold = ledger::load<ledger::HoldRecord>(context.state, ledger::hold_key(due.id));
    CHECK(hold && hold->state == ledger::HoldState::open);
    end_hold(context, due.id, *hold, ledger::HoldState::expired);
  } else {
    auto record = ledger::load<ledger::NettingRecord>(context.state, ledger::netting_key(due.id));
    CHECK(record && record->state == ledger::NettingState::open);
    settle_netting(context, due.id, *record);
  }
}

}  // namespace

void fire_expiries(ledger::Overlay& block_state, Context const& prototype, std::uint32_t count_max,
                   Expired const& fired) {
  std::vector<Due> list;
  block_state.scan(ledger::state_key(ledger::Space::expiry_index, ledger::BytesView{}),
                   [&](ledger::BytesView key, ledger::BytesView) {
                     auto due = read_due(key);
                     if (due.due_ms > prototype.time_ms || list.size() == count_max) return false;
                     list.push_back(std::move(due));
                     return true;
                   });
  for (auto const& due : list) {
    Context context{block_state, prototype.parameters};
    context.height = prototype.height;
    context.time_ms = prototype.time_ms;
    context.transaction_index = prototype.transaction_index;
    end(context, due);
    ++context.work;
    fired({due.id, 0, due.due_ms}, context);
  }
}

std::optional<TimeMs> next_expiry(ledger::StateView const& state) {
  std::optional<TimeMs> out;
  state.scan(ledger::state_key(ledger::Space::expiry_index, ledger::BytesView{}),
             [&](ledger::BytesView key, ledger::BytesView) {
               out = read_due(key).due_ms;
               return false;
             });
  return out;
}

}  // namespace contracts::money
