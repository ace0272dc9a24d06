// SPDX-License-Identifier: Apache-2.0
#pragma once

// Named queries and who has subscribed to them: by webhook or by WebSocket. Queries and webhooks outlive the process.

#include <map>
#include <mutex>

#include "gs1/query.hpp"
#include "rpc/http.hpp"
#include "rpc/outbox.hpp"
#include "rpc/schedule.hpp"
#include "rpc/server.hpp"

namespace rpc {

constexpr std::size_t named_queries_max = 1000;

class Queries {
 public:
  Queries(Backend& backend, Outside const& outside);

  /// /epcis/queries and what stands below it; `path` without the first two parts.
  Response handle(Request const& request, std::vector<std::string> const& path);
  std::unique_ptr<Session> open_session(Request const& request);

 private:
  struct Named {
    base::Value definition;
    /// The GS1-Extensions header that the definition was read with.
    std::string extensions;
    gs1::Query query;
  };

  void take_up(std::string const& file, std::string const& text);
  Response create(Request const& request);
  Response list(Request const& request);
  Response one(Request const& request, std::string const& name);
  Response events(Request const& request, std::string const& name);
  Response subscriptions(Request const& request, std::string const& name);
  base::Result<Subscription> read(Request const& request, std::string const& name);
  Response subscribe(Request const& request, std::string const& name);
  Response subscription(Request const& request, std::string const& name, std::string const& id);
  std::optional<Named> find(std::string const& name) const;
  Step step_of(ledger::Certified const& at, Subscription const& subscription) const;

  Backend& backend_;
  Keep& keep_;
  Log log_;
  mutable std::mutex mutex_;
  std::map<std::string, Named> named_;
  /// Last: its threads ask for the queries.
  std::unique_ptr<Outbox> outbox_;
};

}  // namespace rpc
