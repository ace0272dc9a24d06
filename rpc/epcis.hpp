// SPDX-License-Identifier: Apache-2.0
#pragma once

// The EPCIS 2.0 REST interface (member listener): capture, capture jobs, events. What it records is signed by the
// node's own key.

#include <map>
#include <mutex>

#include "rpc/backend.hpp"
#include "rpc/http.hpp"

namespace rpc {

class Epcis {
 public:
  explicit Epcis(Backend& backend) : backend_(backend) {}
  /// Requests whose path begins with /epcis.
  Response handle(Request const& request);

 private:
  /// What the door said of a capture; the ledger's own outcome is read from the state each time.
  struct Job {
    ledger::TimeMs created_ms = 0;
    bool proceed = false;
    std::size_t events = 0;
    /// Events left out before signing, by their place: the error's line.
    std::vector<std::string> left_out;
  };

  Response capture(Request const& request);
  Response capture_job(std::string_view id);
  Response post_event(Request const& request);
  Response event_by_id(Request const& request);
  Response events(Request const& request);

  Backend& backend_;
  std::mutex mutex_;
  /// The newest jobs, at most jobs_max; an older one is answered from the state alone.
  std::map<std::string, Job> jobs_;
  std::vector<std::string> order_;
};

}  // namespace rpc
