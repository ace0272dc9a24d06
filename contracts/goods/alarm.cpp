// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/alarm.hpp"

namespace contracts::goods {

using ledger::Space;

void raise(Overlay& state, Context const& context, ledger::AlarmKind kind, std::string_view subject,
           PartyId const& party, std::string_view detail, std::uint64_t log_index) {
  auto const number = ledger::alarm_count(state);
  ledger::AlarmRecord alarm;
  alarm.kind = kind;
  alarm.subject = subject;
  alarm.height = context.height;
  alarm.time_ms = context.time_ms;
  alarm.log_index = log_index;
  alarm.party = party;
  alarm.detail = detail.substr(0, decltype(alarm.detail)::max);
  ledger::store(state, ledger::alarm_key(number), alarm);
  state.put(ledger::state_key(Space::alarm, "count"), ledger::big_endian(number + 1));
  auto index = ledger::pair_key(Space::alarm_index, subject);
  base::append(index, ledger::big_endian(number));
  state.put(index, {});
}

void raise(Job& job, ledger::AlarmKind kind, std::string_view subject, PartyId const& party, std::string_view detail) {
  raise(job.state, job.context, kind, subject, party, detail, job.log_index);
}

}  // namespace contracts::goods
