// SPDX-License-Identifier: Apache-2.0
#include "ledger/goods_records.hpp"

namespace ledger {

std::uint64_t alarm_count(StateView const& state) {
  auto const stored = state.get(state_key(Space::alarm, "count"));
  return stored ? from_big_endian(*stored) : 0;
}

std::vector<std::uint64_t> alarms_about(StateView const& state, std::string_view subject, std::size_t max) {
  std::vector<std::uint64_t> out;
  auto const prefix = pair_key(Space::alarm_index, subject);
  state.scan(prefix, [&](BytesView key, BytesView) {
    if (out.size() >= max) return false;
    out.push_back(from_big_endian(key.subspan(prefix.size())));
    return true;
  });
  return out;
}

Bytes pair_key(Space space, std::string_view a, std::string_view b) {
  auto key = state_key(space, a);
  key.push_back(0);
  base::append(key, base::bytes_of(b));
  return key;
}

std::vector<std::string> pairs_of(StateView const& state, Space space, std::string_view a, std::size_t max) {
  std::vector<std::string> out;
  auto const prefix = pair_key(space, a);
  state.scan(prefix, [&](BytesView key, BytesView) {
    if (out.size() >= max) return false;
    out.emplace_back(base::text_of(key.subspan(prefix.size())));
    return true;
  });
  return out;
}

}  // namespace ledger
