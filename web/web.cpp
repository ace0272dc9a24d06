// SPDX-License-Identifier: Apache-2.0
#include "web/web.hpp"

#include "web/embedded.hpp"

namespace web {

namespace {
std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "text/plain; charset=utf-8";
}
}  // namespace

std::optional<rpc::Asset> asset(std::string_view name) {
  auto const bytes = embedded(name);
  if (!bytes) return std::nullopt;
  return rpc::Asset{*bytes, type_of(name)};
}

}  // namespace web
