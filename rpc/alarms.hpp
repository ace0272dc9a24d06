// SPDX-License-Identifier: Apache-2.0
#pragma once

// Alarms for those who want to be told: as values, and by webhook (/alarms/subscriptions on the member listener).

#include "ledger/goods_records.hpp"
#include "rpc/http.hpp"
#include "rpc/outbox.hpp"

namespace rpc {

/// The record's fields with its number, its time and the cursor behind it.
base::Value alarm_value(std::uint64_t number, ledger::AlarmRecord const& alarm);
/// The first alarm of that height or later; the number of all when there is none.
std::uint64_t first_alarm_at(ledger::StateView const& state, ledger::Height height);

/// Which kinds somebody wants; all when none is named.
struct AlarmFilter {
  std::vector<ledger::AlarmKind> kinds;
  /// From a list of names, or nothing; E_FORM "kinds".
  static base::Result<AlarmFilter> read(base::Value const* names);
  bool takes(ledger::AlarmKind kind) const;
};

class Alarms {
 public:
  Alarms(Backend& backend, Outside const& outside);
  /// Requests whose path begins with /alarms.
  Response handle(Request const& request);

 private:
  Response create(Request const& request);
  Response list();
  Response one(Request const& request, std::string const& id);
  Response replay(Request const& request, std::string const& id);
  Response described(unsigned status, Subscription const& subscription);
  base::Result<Subscription> read(Request const& request);

  Backend& backend_;
  Outbox outbox_;
};

}  // namespace rpc
