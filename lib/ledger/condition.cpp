// SPDX-License-Identifier: Apache-2.0
#include "ledger/condition.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "ledger/goods.hpp"

namespace ledger {

namespace {

constexpr std::size_t products_max = 16;
constexpr std::size_t boxes_max = 4096;
constexpr std::size_t tracks_max = 64;
constexpr std::size_t rules_max = 16;

Bytes children_prefix(std::string_view unit, Space kind) {
  auto prefix = state_key(Space::unit_index, tree_key(Space::unit, unit).view());
  prefix.push_back(static_cast<std::uint8_t>(kind));
  return prefix;
}

std::int64_t back(std::uint64_t shifted) { return static_cast<std::int64_t>(shifted ^ (std::uint64_t{1} << 63)); }

}  // namespace

Bytes track_key(std::string_view unit, std::string_view device) {
  auto key = state_key(Space::sensor_track, tree_key(Space::unit, unit).view());
  if (!device.empty()) base::append(key, tree_key(Space::device, device).view());
  return key;
}

std::vector<SensorTrackRecord> tracks_of(StateView const& state, std::string_view unit) {
  std::vector<SensorTrackRecord> out;
  state.scan(track_key(unit, {}), [&](BytesView, BytesView bytes) {
    auto track = base::decode<SensorTrackRecord>(bytes);
    CHECK(track.has_value());
    out.push_back(std::move(track).value());
    return out.size() < tracks_max;
  });
  return out;
}

std::vector<Gtin> products_inside(StateView const& state, std::string_view unit) {
  std::vector<Gtin> out;
  std::vector<std::string> open{std::string(unit)};
  std::size_t boxes = 0;
  while (!open.empty() && out.size() < products_max && boxes < boxes_max) {
    auto const name = open.back();
    open.pop_back();
    ++boxes;
    auto const prefix = children_prefix(name, Space::goods);
    state.scan(prefix, [&](BytesView key, BytesView) {
      auto const account = load<GoodsRecord>(state, key.subspan(prefix.size() - 1));
      auto const lot = account ? load<LotRecord>(state, Space::lot, account->lot) : std::nullopt;
      if (lot && std::find(out.begin(), out.end(), lot->gtin) == out.end()) out.push_back(lot->gtin);
      return out.size() < products_max;
    });
    auto const inner = children_prefix(name, Space::unit);
    state.scan(inner, [&](BytesView key, BytesView) {
      open.emplace_back(base::text_of(key.subspan(inner.size())));
      return open.size() < boxes_max;
    });
  }
  return out;
}

std::vector<SetProductRule> rules_of(StateView const& state, std::string_view gtin) {
  std::vector<SetProductRule> out;
  state.scan(state_key(Space::product_rule, gtin), [&](BytesView, BytesView bytes) {
    auto rule = base::decode<SetProductRule>(bytes);
    CHECK(rule.has_value());
    out.push_back(std::move(rule).value());
    return out.size() < rules_max;
  });
  return out;
}

std::vector<SetProductRule> rules_inside(StateView const& state, std::string_view unit) {
  std::vector<SetProductRule> out;
  for (auto const& gtin : products_inside(state, unit)) {
    for (auto& rule : rules_of(state, gtin)) out.push_back(std::move(rule));
  }
  return out;
}

Condition condition_of(StateView const& state, std::string_view unit, SetProductRule const& rule) {
  Condition out;
  out.rule = rule;
  std::vector<TimeMs> beyond;
  TimeMs gaps_ms = 0;
  for (auto const& track : tracks_of(state, unit)) {
    TimeMs own_gaps_ms = 0;
    for (auto const& gap : track.gaps) {
      auto const length = gap.after_ms - std::min(gap.before_ms, gap.after_ms);
      if (length > rule.gap_minutes_max * base::minute_ms) own_gaps_ms += length;
    }
    gaps_ms = std::max(gaps_ms, own_gaps_ms);
    for (auto const& sum : track.sums) {
      if (sum.product != rule.product || sum.rule != rule.rule || sum.readings == 0) continue;
      out.lowest = out.devices == 0 ? back(sum.lowest) : std::min(out.lowest, back(sum.lowest));
      out.highest = out.devices == 0 ? back(sum.highest) : std::max(out.highest, back(sum.highest));
      ++out.devices;
      out.readings += sum.readings;
      beyond.push_back(sum.beyond_ms);
    }
  }
  std::sort(beyond.rbegin(), beyond.rend());
  auto const agree = std::max<std::size_t>(rule.agree, 1);
  if (beyond.size() >= agree) out.beyond_minutes = beyond[agree - 1] / base::minute_ms;
  out.gap_minutes = gaps_ms / base::minute_ms;
  out.minutes = std::max(out.beyond_minutes, out.gap_minutes);
  return out;
}

}  // namespace ledger
