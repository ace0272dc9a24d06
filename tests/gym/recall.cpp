// SPDX-License-Identifier: Apache-2.0
// How long a recall takes to find what it reaches: one component lot among many items, packed four levels deep.
#include "tests/gym/recall.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>

#include "gs1/identifier.hpp"
#include "ledger/contract.hpp"
#include "ledger/goods.hpp"
#include "ledger/recall.hpp"

namespace gym {

namespace {

using ledger::Space;

constexpr char const* cell = "09521013000012";
constexpr char const* watch = "09521012000105";
constexpr std::uint32_t items_a_lot = 5'000;
/// Of items, boxes, cases and pallets.
constexpr std::uint32_t inside = 20;

template <class R>
void put(ledger::StateDiff& diff, Space space, std::string_view id, R const& record) {
  diff[ledger::state_key(space, id)] = base::encode(record);
}

std::string unit_name(unsigned level, std::uint32_t number) {
  auto const text = std::to_string(number);
  auto digits = std::to_string(level) + "9521012" + std::string(9 - text.size(), '0') + text;
  digits += gs1::check_digit(digits);
  return "https://id.gs1.org/00/" + digits;
}

std::string product_name(std::uint32_t number) { return gs1::make_item(watch, "W" + std::to_string(number)).uri; }

/// Who has the container that an item is in.
ledger::PartyId custodian(std::uint32_t item) {
  constexpr std::array<char const*, 3> firms = {"9521014000004", "9521003000008", "9521004000007"};
  return ledger::party_id(firms[item / (inside * inside * inside * inside) % firms.size()]);
}

/// A contract that waits for something about a subject.
void watch_for(ledger::StateDiff& diff, ledger::Hash const& subject, ledger::Hash const& contract) {
  ledger::FactsRecord facts;
  facts.watched.subject = subject;
  facts.watchers = 1;
  diff[ledger::watch_key(subject)] = base::Bytes();
  diff[ledger::facts_key(facts.watched)] = base::encode(facts);
  diff[ledger::trigger_key(facts.watched.hash(), contract)] = base::Bytes();
}

/// Boxes of items, cases of boxes, pallets of cases, containers of pallets.
void pack(ledger::StateDiff& diff, std::uint32_t items, ledger::PartyId const& owner) {
  std::uint32_t count = items;
  std::uint32_t items_inside = 1;
  for (unsigned level = 1; level <= 4; ++level) {
    count = (count + inside - 1) / inside;
    items_inside *= inside;
    for (std::uint32_t i = 0; i < count; ++i) {
      ledger::UnitRecord unit;
      unit.owner = owner;
      if (level < 4) {
        unit.holder = ledger::InUnit{unit_name(level + 1, i / inside)};
      } else {
        unit.holder = ledger::AtSite{custodian(i * items_inside), {}};
      }
      put(diff, Space::unit, unit_name(level, i), unit);
    }
  }
}

}  // namespace

int recall(std::uint32_t items) {
  auto const party = ledger::party_id("9521014000004");
  ledger::StateDiff diff;
  auto const parts = gs1::make_lot(cell, "B-BAD").uri;
  ledger::LotRecord lot;
  lot.gtin = std::string(cell);
  put(diff, Space::lot, parts, lot);
  for (std::uint32_t i = 0; i < items; ++i) {
    auto const number = std::to_string(i);
    auto const product = product_name(i);
    auto const product_lot = gs1::make_lot(watch, "W-" + std::to_string(i / items_a_lot)).uri;
    ledger::ItemRecord item;
    item.gtin = std::string(watch);
    item.lot = product_lot;
    item.owner = party;
    item.holder = ledger::InUnit{unit_name(1, i / inside)};
    put(diff, Space::item, product, item);
    diff[ledger::pair_key(Space::lot_items, product_lot, product)] = base::Bytes();
    // The bad cells went into every two hundredth watch, so into every box of ten and every lot.
    if (i % (items / items_a_lot) != 0) continue;
    auto const component = gs1::make_item(cell, "B" + number).uri;
    ledger::ItemRecord used;
    used.gtin = std::string(cell);
    used.lot = parts;
    used.status = ledger::GoodsStatus::consumed;
    used.holder = ledger::AtSite{party, {}};
    put(diff, Space::item, component, used);
    diff[ledger::pair_key(Space::lot_items, parts, component)] = base::Bytes();
    diff[ledger::pair_key(Space::bind, component, product)] = base::Bytes();
    diff[ledger::pair_key(Space::bound, product, component)] = base::Bytes();
  }
  pack(diff, items, party);
  auto const contract = [](char const* name) { return crypto::sha256(base::bytes_of(name)); };
  // Two wait for what is reached, by its container and by itself; one for an item beside it.
  watch_for(diff, ledger::tree_key(Space::unit, unit_name(4, 0)), contract("container"));
  watch_for(diff, ledger::tree_key(Space::item, product_name(0)), contract("item"));
  watch_for(diff, ledger::tree_key(Space::item, product_name(1)), contract("beside"));
  ledger::MemoryState state;
  state.apply(diff);
  auto const start = std::chrono::steady_clock::now();
  auto const affected = ledger::affected_by(state, parts, 10 * items_a_lot);
  auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  std::printf(
      "recall: %zu of %u items found, each with its custodian through four levels, %zu open contracts, in %lld ms\n",
      affected.items.size(), items, affected.contracts.size(), static_cast<long long>(took.count()));
  std::map<std::string, ledger::PartyId> expected;
  for (std::uint32_t i = 0; i < items; i += items / items_a_lot) expected[product_name(i)] = custodian(i);
  bool right = affected.items.size() == expected.size() && !affected.more;
  for (auto const& item : affected.items) {
    auto const found = expected.find(item.item);
    right = right && found != expected.end() && found->second == item.custodian;
  }
  std::vector<ledger::Hash> waiting = {contract("container"), contract("item")};
  std::sort(waiting.begin(), waiting.end());
  right = right && affected.contracts == waiting;
  if (!right) std::printf("error  not the serials, custodians or contracts that it reaches\n");
  return right && took.count() < 1000 ? 0 : 1;
}

}  // namespace gym
