// SPDX-License-Identifier: Apache-2.0
#include "ledger/carbon.hpp"

#include <map>

namespace ledger {

namespace {

using base::u128;

constexpr std::size_t depth_max = 16;
constexpr std::uint32_t lots_max = 1024;
constexpr u128 million = 1'000'000;

struct Input {
  std::string lot;
  SourceRecord source;
};

std::vector<Input> inputs_of(StateView const& state, std::string_view lot) {
  std::vector<Input> out;
  auto const prefix = pair_key(Space::source, lot);
  state.scan(prefix, [&](BytesView key, BytesView bytes) {
    auto source = base::decode<SourceRecord>(bytes);
    CHECK(source.has_value());
    out.push_back({std::string(base::text_of(key.subspan(prefix.size()))), std::move(source).value()});
    return out.size() < lots_max;
  });
  return out;
}

class RollUp {
 public:
  explicit RollUp(StateView const& state) : state_(state) {}

  Carbon of(std::string const& lot, std::size_t depth) {
    auto const known = done_.find(lot);
    if (known != done_.end()) return known->second;
    if (depth > depth_max || looked_ >= lots_max) return {};
    ++looked_;
    // A lot that leads back to itself finds this instead.
    done_[lot] = {};
    return done_[lot] = compute(lot, depth);
  }
  std::uint32_t looked() const { return looked_; }
  std::uint32_t unstated() const { return unstated_; }

 private:
  Carbon compute(std::string const& lot, std::size_t depth) {
    Carbon out;
    auto const own = load<CarbonRecord>(state_, Space::carbon, lot);
    if (!own) ++unstated_;
    out.micro_kg = own ? own->statement.micro_kg : 0;
    out.primary_ppm = own ? own->statement.primary_ppm : 0;
    bool const whole = own && own->statement.boundary == CarbonBoundary::cradle_to_gate;
    auto const inputs = whole ? std::vector<Input>() : inputs_of(state_, lot);
    if (inputs.empty()) {
      out.coverage_ppm = own ? 1'000'000 : 0;
      return out;
    }
    auto const record = load<LotRecord>(state_, Space::lot, lot);
    u128 weight = 0;
    u128 covered = 0;
    u128 primary = 0;
    u128 emitted = 0;
    for (auto const& input : inputs) {
      auto const part = of(input.lot, depth + 1);
      auto const share = input.source.weight;
      weight += share;
      covered += base::mul_div(share, part.coverage_ppm, million, base::Round::down).value_or(0);
      primary += base::mul_div(share, part.primary_ppm, million, base::Round::down).value_or(0);
      emitted += base::mul_div(input.source.quantity, part.micro_kg, million, base::Round::half_up).value_or(0);
    }
    auto const ppm = [&](u128 sum) {
      return static_cast<std::uint32_t>(base::mul_div(sum, million, weight, base::Round::down).value_or(0));
    };
    out.coverage_ppm = ppm(covered);
    out.primary_ppm = own ? (out.primary_ppm + ppm(primary)) / 2 : ppm(primary);
    // What went in, over what came out: each piece of the lot carries its share.
    auto const total = record ? record->total : 0;
    auto const inherited = base::mul_div(emitted, million, total, base::Round::half_up).value_or(0);
    out.micro_kg = static_cast<Micro>(std::min<u128>(~Micro{0}, out.micro_kg + inherited));
    return out;
  }

  StateView const& state_;
  std::map<std::string, Carbon> done_;
  std::uint32_t looked_ = 0;
  std::uint32_t unstated_ = 0;
};

}  // namespace

Carbon carbon_of(StateView const& state, std::string_view lot) {
  RollUp roll_up(state);
  auto out = roll_up.of(std::string(lot), 0);
  out.steps = roll_up.looked();
  out.steps_unstated = roll_up.unstated();
  return out;
}

}  // namespace ledger
