// SPDX-License-Identifier: Apache-2.0
#include "node/listeners.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/time.hpp"
#include "node/file_keep.hpp"

namespace node {

namespace {
rpc::Endpoint endpoint(Address const& address) { return {address.host, address.port}; }
}  // namespace

void log_line(std::string_view level, std::string const& text) {
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  auto const time = base::to_rfc3339(static_cast<base::TimeMs>(ms));
  std::fprintf(stderr, "time=%s level=%.*s msg=\"%s\"\n", time.c_str(), static_cast<int>(level.size()), level.data(),
               text.c_str());
}

void raise_descriptors() {
  constexpr rlim_t wanted = 4'096;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, wanted);
  setrlimit(RLIMIT_NOFILE, &limit);
}

int fail_to_start(base::Error const& error) {
  std::fprintf(stderr, "tally cannot start: %s\n", base::to_string(error).c_str());
  return 1;
}

base::Result<void> Interfaces::open(Home const& home) {
  TRY_ASSIGN(keep_, open_keep(home.path / "data" / "interfaces"));
  rpc::PostLimits limits;
  limits.allow_private = home.config.webhooks_allow_private;
  limits.ca_file = home.config.webhooks_ca_file;
  TRY_ASSIGN(poster_, rpc::open_poster(limits));
  return {};
}

base::Result<Listeners> Listeners::open(rpc::Site& site, NodeConfig const& config) {
  auto const everybody = [&site](rpc::Request const& request) { return site.everybody(request); };
  auto const member = [&site](rpc::Request const& request) { return site.member(request); };
  auto const admin = [&site](rpc::Request const& request) { return site.admin(request); };
  rpc::ServerLimits strangers;
  strangers.address_connections_max = 64;
  strangers.address_requests_max = 400;
  strangers.address_requests_per_s = 100;
  rpc::ServerLimits own;
  own.local_only = true;
  Listeners out;
  TRY_ASSIGN(out.public_, rpc::listen(endpoint(config.public_listener), everybody, nullptr, strangers));
  auto const open_session = [&site](rpc::Request const& request) { return site.open_session(request); };
  TRY_ASSIGN(out.member_, rpc::listen(endpoint(config.member_listener), member, open_session, own));
  TRY_ASSIGN(out.admin_, rpc::listen(endpoint(config.admin_listener), admin, nullptr, own));
  return out;
}

std::string listeners_text(NodeConfig const& config) {
  return "public " + to_text(config.public_listener) + ", member " + to_text(config.member_listener) + ", admin " +
         to_text(config.admin_listener);
}

}  // namespace node
