// SPDX-License-Identifier: Apache-2.0
#pragma once

// What each of a node's three listeners answers: pages and proofs for everybody, the organisation's interfaces, the
// administrator's.

#include "rpc/alarms.hpp"
#include "rpc/epcis.hpp"
#include "rpc/server.hpp"

namespace rpc {

/// A file of the pages.
struct Asset {
  std::string_view bytes;
  std::string_view type;
};
/// By its name ("trace.html"); null bytes for one that does not exist.
using Assets = std::function<std::optional<Asset>(std::string_view name)>;

class Site {
 public:
  Site(Backend& backend, Assets assets, Outside const& outside)
      : backend_(backend), assets_(std::move(assets)), epcis_(backend, outside), alarms_(backend, outside) {}

  /// The trace page, Digital Links, proofs, and the read-only methods.
  Response everybody(Request const& request);
  /// All of that, every method, EPCIS, and who is told of alarms.
  Response member(Request const& request);
  /// /livez, /readyz, /metrics.
  Response admin(Request const& request);
  /// A WebSocket of the member listener; null for a target that has none.
  std::unique_ptr<Session> open_session(Request const& request);

 private:
  Response page(Request const& request);
  Response digital_link(Request const& request);
  Response proof(Request const& request);
  Response header(std::string_view height);
  Response anchor();
  Response asset(std::string_view name);
  Response call(Request const& request, bool as_member);

  Backend& backend_;
  Assets assets_;
  Epcis epcis_;
  Alarms alarms_;
};

}  // namespace rpc
