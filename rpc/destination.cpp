// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "rpc/poster.hpp"

namespace rpc {

namespace {

constexpr std::size_t url_bytes_max = 1024;

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

struct Range {
  std::uint32_t first;
  unsigned bits;
};
/// IANA's special-purpose registry: what is not globally reachable, and multicast.
constexpr Range not_public[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
    {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3},
};

bool is_public(V4 const& a) {
  auto const number = std::uint32_t{a[0]} << 24 | std::uint32_t{a[1]} << 16 | std::uint32_t{a[2]} << 8 | a[3];
  return std::ranges::none_of(not_public,
                              [&](Range const& range) { return (number ^ range.first) >> (32 - range.bits) == 0; });
}

/// Only global unicast (2000::/3) without what carries an IPv4 address or is for documentation and tests.
bool is_public(V6 const& a) {
  auto const embedded = [&](std::size_t at) { return V4{a[at], a[at + 1], a[at + 2], a[at + 3]}; };
  if (a[0] == 0x20 && a[1] == 0x02) return is_public(embedded(2));  // 6to4
  if (a[0] == 0x20 && a[1] == 0x01 && a[2] < 2) return false;       // 2001::/23: Teredo, benchmarks, ORCHID
  if (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8) return false;
  if (a[0] == 0x3f && a[1] == 0xff && a[2] < 0x10) return false;
  return (a[0] & 0xe0) == 0x20;
}

}  // namespace

std::string Destination::authority() const {
  auto const name = host.find(':') == host.npos ? host : "[" + host + "]";
  bool const usual = port == (secure ? "443" : "80");
  return usual ? name : name + ":" + port;
}

base::Result<Destination> read_destination(std::string_view url) {
  base::Error const wrong{base::Code::E_EVENT_FORM, "dest", "expected https://host[:port]/path"};
  Destination out;
  out.secure = url.starts_with("https://");
  if ((!out.secure && !url.starts_with("http://")) || url.size() > url_bytes_max) return wrong;
  if (std::ranges::any_of(url, [](char c) { return c <= ' ' || c > '~'; })) return wrong;
  auto const rest = url.substr(out.secure ? 8 : 7);
  auto const end = std::min(rest.find_first_of("/?#"), rest.size());
  auto authority = rest.substr(0, end);
  out.path = rest.substr(end);
  if (out.path.empty() || out.path.front() != '/') out.path.insert(0, "/");
  if (authority.find_first_of("@\\%") != authority.npos || out.path.find('#') != out.path.npos) return wrong;
  auto const closing = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  if (authority.starts_with('[') && closing == authority.npos) return wrong;
  auto const colon = authority.find(':', closing == authority.npos ? 0 : closing);
  out.host = closing == authority.npos ? authority.substr(0, colon) : authority.substr(1, closing - 1);
  out.port = out.secure ? "443" : "80";
  if (colon != authority.npos) {
    out.port = authority.substr(colon + 1);
    bool const digits = !out.port.empty() && out.port.size() <= 5 &&
                        std::ranges::all_of(out.port, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || std::stoul(out.port) == 0 || std::stoul(out.port) > 65535) return wrong;
  }
  if (out.host.empty() || (closing != authority.npos && closing + 1 != std::min(colon, authority.size()))) return wrong;
  return out;
}

bool is_public_address(std::string_view numeric) {
  std::string const text(numeric);
  V4 v4{};
  if (inet_pton(AF_INET, text.c_str(), v4.data()) == 1) return is_public(v4);
  V6 v6{};
  return inet_pton(AF_INET6, text.c_str(), v6.data()) == 1 && is_public(v6);
}

}  // namespace rpc
