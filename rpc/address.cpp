// SPDX-License-Identifier: Apache-2.0
#include "rpc/address.hpp"

#include <algorithm>

namespace rpc {

std::size_t Addresses::opened(std::string const& address) {
  std::lock_guard const lock(mutex_);
  if (entries_.size() >= addresses_max)
    std::erase_if(entries_, [](auto const& one) { return one.second.connections == 0; });
  return ++entries_[address].connections;
}

void Addresses::closed(std::string const& address) {
  std::lock_guard const lock(mutex_);
  auto const found = entries_.find(address);
  if (found != entries_.end() && found->second.connections > 0) --found->second.connections;
}

bool Addresses::may_ask(std::string const& address, std::uint64_t now_ms, Rate rate) {
  std::lock_guard const lock(mutex_);
  auto& entry = entries_[address];
  auto const back = (now_ms - std::min(now_ms, entry.at_ms)) * rate.per_s;
  entry.used -= std::min(entry.used, back);
  entry.at_ms = now_ms;
  if (entry.used + 1'000 > std::uint64_t{rate.burst} * 1'000) return false;
  entry.used += 1'000;
  return true;
}

bool is_local(std::string_view host, std::string_view origin) {
  auto const after_bracket = host.starts_with('[') ? host.find(']') : 0;
  auto const name = host.substr(0, host.find(':', after_bracket == std::string_view::npos ? 0 : after_bracket));
  bool const named = host.empty() || name == "localhost" || name == "127.0.0.1" || name == "[::1]";
  bool const same = origin.empty() || origin == "http://" + std::string(host);
  return named && same;
}

}  // namespace rpc
