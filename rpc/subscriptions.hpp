// SPDX-License-Identifier: Apache-2.0
#pragma once

// Named queries and who has subscribed to them: by webhook (signed, repeated until it is taken) or by WebSocket. Each
// subscription has its own place in the log, so nothing is lost to one that was away. They live as long as the process.

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "gs1/query.hpp"
#include "rpc/backend.hpp"
#include "rpc/http.hpp"
#include "rpc/schedule.hpp"
#include "rpc/server.hpp"

namespace rpc {

constexpr std::size_t named_queries_max = 1000;
constexpr std::size_t subscriptions_max = 256;

class Queries {
 public:
  explicit Queries(Backend& backend) : backend_(backend) {}
  ~Queries();
  Queries(Queries const&) = delete;
  Queries& operator=(Queries const&) = delete;

  /// /epcis/queries and what stands below it; `path` without the first two parts.
  Response handle(Request const& request, std::vector<std::string> const& path);
  std::unique_ptr<Session> open_session(Request const& request);

 private:
  struct Named {
    base::Value definition;
    gs1::Query query;
  };
  struct Subscription {
    std::string query_name;
    std::string destination;
    std::string token;
    std::optional<Schedule> schedule;
    bool report_if_empty = false;
    base::Value answer;
    ledger::TimeMs created_ms = 0;
    std::optional<ledger::TimeMs> notified_ms;
    /// The place in the log that was sent up to, and the time up to which the schedule was looked at.
    std::uint64_t next = 0;
    ledger::TimeMs looked_ms = 0;
    unsigned failures = 0;
    /// Of the steady clock: not before this.
    std::uint64_t retry_at_ms = 0;
  };

  Response create(Request const& request);
  Response list(Request const& request);
  Response one(Request const& request, std::string const& name);
  Response events(Request const& request, std::string const& name);
  Response subscriptions(Request const& request, std::string const& name);
  Response subscribe(Request const& request, std::string const& name);
  Response subscription(Request const& request, std::string const& name, std::string const& id);
  std::optional<Named> find(std::string const& name);
  void run();
  /// Sends what is due of one subscription; true when something was sent.
  bool deliver(std::string const& id, Subscription subscription, Named const& named);
  void settle(std::string const& id, Subscription const& subscription, bool delivered);

  Backend& backend_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Named> named_;
  std::map<std::string, Subscription> subscriptions_;
  std::uint64_t counter_ = 0;
  bool stopping_ = false;
  /// Runs once there is a subscription.
  std::thread thread_;
};

}  // namespace rpc
