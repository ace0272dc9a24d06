// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/origin.hpp"

namespace contracts::goods {

using ledger::Space;

void Sources::add(std::string const& lot, base::u128 weight, Micro quantity) {
  auto& source = lots_[lot];
  source.weight += weight;
  source.quantity += quantity;
}

void Sources::write(Overlay& state, std::string const& output, base::u128 part, base::u128 all) const {
  auto const share = [&](base::u128 sum) {
    return all == 0 ? sum : base::mul_div(sum, part, all, base::Round::down).value_or(sum);
  };
  for (auto const& [lot, source] : lots_) {
    auto const key = ledger::pair_key(Space::source, output, lot);
    auto record = ledger::load<ledger::SourceRecord>(state, key).value_or(ledger::SourceRecord{});
    record.weight += share(source.weight);
    record.quantity += share(source.quantity);
    ledger::store(state, key, record);
    state.put(ledger::pair_key(Space::derived, lot, output), {});
  }
}

}  // namespace contracts::goods
