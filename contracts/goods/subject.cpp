// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/subject.hpp"

#include <set>

namespace contracts::goods {

using ledger::Space;

Space space_of(gs1::KeyKind kind) {
  switch (kind) {
    case gs1::KeyKind::item:
      return Space::item;
    case gs1::KeyKind::lot:
      return Space::lot;
    case gs1::KeyKind::sscc:
      return Space::unit;
    default:
      return Space::thing;
  }
}

base::Hash watch_name(gs1::Key const& key) { return ledger::tree_key(space_of(key.kind), key.uri); }

ledger::Bytes subject_key(ledger::StateView const& state, gs1::Key const& key) {
  auto const space = space_of(key.kind);
  auto accounted = ledger::state_key(space, key.uri);
  if (space == Space::thing || state.get(accounted)) return accounted;
  return ledger::state_key(Space::thing, key.uri);
}

std::vector<base::Hash> watch_names(gs1::Event const& event) {
  std::vector<base::Hash> out;
  std::set<base::Hash> seen;
  auto const name = [&](gs1::Key const& key) {
    auto const hash = watch_name(key);
    if (seen.insert(hash).second) out.push_back(hash);
  };
  auto const names = [&](std::vector<gs1::Key> const& keys) {
    for (auto const& key : keys) name(key);
  };
  auto const lots = [&](std::vector<gs1::QuantityElement> const& elements) {
    for (auto const& element : elements) {
      if (element.key.kind != gs1::KeyKind::product) name(element.key);
    }
  };
  if (event.parent) name(*event.parent);
  for (auto const* keys : {&event.epcs, &event.child_epcs, &event.input_epcs, &event.output_epcs}) names(*keys);
  for (auto const* list :
       {&event.quantities, &event.child_quantities, &event.input_quantities, &event.output_quantities}) {
    lots(*list);
  }
  for (auto const& transaction : event.transactions) name(transaction.key);
  return out;
}

}  // namespace contracts::goods
