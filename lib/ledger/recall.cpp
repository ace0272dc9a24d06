// SPDX-License-Identifier: Apache-2.0
#include "ledger/recall.hpp"

#include <algorithm>
#include <deque>
#include <set>

#include "ledger/contract.hpp"
#include "ledger/goods.hpp"

namespace ledger {

namespace {

constexpr std::size_t steps_max = 8;
/// Components of one product, lots that one lot was made from.
constexpr std::size_t parts_max = 4096;
constexpr std::size_t sources_max = 256;

bool is_lot(std::string_view link) { return link.find("/10/") != std::string_view::npos; }

/// Open contracts that wait for something about a subject (by tree key).
void add_waiting(StateView const& state, Hash const& subject, std::set<Hash>& out) {
  std::vector<Hash> asked;
  state.scan(state_key(Space::facts, subject.view()), [&](BytesView, BytesView bytes) {
    auto const facts = base::decode<FactsRecord>(bytes);
    CHECK(facts.has_value());
    asked.push_back(facts->watched.hash());
    return asked.size() < sources_max;
  });
  for (auto const& one : asked) {
    state.scan(trigger_key(one), [&](BytesView key, BytesView) {
      out.insert(contract_of_key(key));
      return out.size() < parts_max;
    });
  }
}

/// Breadth first, so that what is near is never cut for having been met first on a long way.
class Search {
 public:
  Search(StateView const& state, std::size_t max) : state_(state), max_(max) {}

  void from(std::string const& link) {
    meet(link, is_lot(link), 0);
    for (; !open_.empty() && out_.items.size() < max_; open_.pop_front()) {
      auto const [next, lot, depth] = open_.front();
      if (lot) {
        spread_lot(next, depth);
      } else {
        spread_item(next, depth);
      }
    }
    out_.more = out_.more || !open_.empty();
  }

  Affected take() && {
    std::sort(out_.items.begin(), out_.items.end(), [](auto const& a, auto const& b) { return a.item < b.item; });
    std::sort(out_.lots.begin(), out_.lots.end());
    out_.contracts.assign(contracts_.begin(), contracts_.end());
    return std::move(out_);
  }

 private:
  struct Met {
    std::string link;
    bool lot = false;
    std::size_t depth = 0;
  };

  void meet(std::string const& link, bool lot, std::size_t depth) {
    if (met_.contains(link)) return;
    if (depth > steps_max) {
      out_.more = true;
      return;
    }
    met_.insert(link);
    open_.push_back({link, lot, depth});
  }

  void spread_lot(std::string const& link, std::size_t depth) {
    if (depth > 0 || !accounts_of(state_, link).empty()) out_.lots.push_back(link);
    watched(Space::lot, link);
    auto const prefix = pair_key(Space::lot_items, link);
    std::vector<std::string> serials;
    state_.scan(prefix, [&](BytesView key, BytesView) {
      serials.emplace_back(base::text_of(key.subspan(prefix.size())));
      return serials.size() <= max_;
    });
    // Lots whose serials name which of this lot's they hold.
    std::set<std::string> bound;
    for (auto const& serial : serials) {
      if (out_.items.size() >= max_) {
        out_.more = true;
        return;
      }
      for (auto const& product : pairs_of(state_, Space::bind, serial, parts_max)) {
        if (auto const made = load<ItemRecord>(state_, Space::item, product)) bound.insert(made->lot);
      }
      if (met_.insert(serial).second) spread_item(serial, depth);
    }
    // The rest may say in which pieces it is: what was made of the lot is not listed on suspicion.
    if (serials.size() > max_) {
      out_.more = true;
      return;
    }
    // Without a binding every piece of the lot may have been used in every piece that was made of it.
    for (auto const& made : pairs_of(state_, Space::derived, link, sources_max)) {
      if (!bound.contains(made)) meet(made, true, depth + 1);
    }
  }

  void spread_item(std::string const& link, std::size_t depth) {
    auto const products = pairs_of(state_, Space::bind, link, parts_max);
    auto const record = load<ItemRecord>(state_, Space::item, link);
    if (record && products.empty()) add(link, *record, depth);
    for (auto const& product : products) meet(product, false, depth + 1);
  }

  void add(std::string const& link, ItemRecord const& record, std::size_t depth) {
    if (record.status == GoodsStatus::consumed || record.status == GoodsStatus::destroyed) return;
    auto const place = place_of(state_, record.holder);
    out_.items.push_back(
        {link, record.status, place.party, place.owner.value_or(record.owner), place.site, depth == 0});
    watched(Space::item, link);
    for (auto const& unit : place.units) watched(Space::unit, unit);
    watched(Space::lot, record.lot);
  }

  void watched(Space space, std::string_view link) {
    auto const name = tree_key(space, link);
    if (!asked_.insert(name).second) return;
    if (state_.get(watch_key(name))) add_waiting(state_, name, contracts_);
  }

  StateView const& state_;
  std::size_t max_;
  Affected out_;
  std::deque<Met> open_;
  std::set<std::string> met_;
  std::set<Hash> asked_;
  std::set<Hash> contracts_;
};

std::optional<RecallRecord> own(StateView const& state, std::string_view link) {
  return load<RecallRecord>(state, Space::recall, link);
}

/// Walks upstream over lots; `seen` keeps a circle from being walked twice.
std::optional<RecallRecord> upstream(StateView const& state, std::string const& lot, std::size_t depth,
                                     std::set<std::string>& seen) {
  if (depth > steps_max || seen.size() > sources_max || !seen.insert(lot).second) return std::nullopt;
  if (auto found = own(state, lot)) return found;
  for (auto const& source : pairs_of(state, Space::source, lot, sources_max)) {
    if (auto found = upstream(state, source, depth + 1, seen)) return found;
  }
  return std::nullopt;
}

}  // namespace

Affected affected_by(StateView const& state, std::string_view link, std::size_t max) {
  Search search(state, max);
  search.from(std::string(link));
  return std::move(search).take();
}

std::optional<RecallRecord> recall_of_lot(StateView const& state, std::string_view lot) {
  std::set<std::string> seen;
  return upstream(state, std::string(lot), 0, seen);
}

std::optional<RecallRecord> recall_of_item(StateView const& state, std::string_view item, std::string_view lot) {
  std::vector<std::string> open{std::string(item)};
  std::set<std::string> lots;
  std::set<std::string> seen;
  bool bound = false;
  while (!open.empty() && seen.size() <= parts_max) {
    auto const link = open.back();
    open.pop_back();
    if (!seen.insert(link).second) continue;
    if (auto found = own(state, link)) return found;
    auto const record = load<ItemRecord>(state, Space::item, link);
    if (record) {
      if (auto found = own(state, record->lot)) return found;
    }
    auto const parts = pairs_of(state, Space::bound, link, parts_max);
    bound = bound || !parts.empty();
    open.insert(open.end(), parts.begin(), parts.end());
  }
  if (auto found = own(state, lot)) return found;
  // A product that names its components is reached through them alone.
  return bound ? std::nullopt : recall_of_lot(state, lot);
}

}  // namespace ledger
