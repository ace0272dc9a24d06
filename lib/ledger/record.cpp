// SPDX-License-Identifier: Apache-2.0
#include "ledger/record.hpp"

#include "crypto/merkle.hpp"
#include "gs1/event_value.hpp"

namespace ledger {

namespace {

EventCommitment commitment(BytesView event, gs1::EventView const& view) {
  auto const root = gs1::view_root(view);
  return {crypto::sha256(event), root.root, root.size};
}

}  // namespace

base::Result<EventCommitment> commitment_of(BytesView event) {
  TRY_ASSIGN(auto const view, gs1::view_of(event));
  return commitment(event, view);
}

base::Result<EventCommitment> commitment_of(BytesView event, base::Value const& parsed) {
  TRY_ASSIGN(auto const view, gs1::view_of(event, parsed));
  return commitment(event, view);
}

Hash events_root(std::vector<EventCommitment> const& commitments) {
  crypto::Peaks peaks;
  for (auto const& commitment : commitments) peaks.append(crypto::log_leaf_hash(base::encode(commitment)));
  return peaks.root();
}

base::Result<Record> make_record(RecordMode mode, std::string_view context, std::vector<BytesView> const& events) {
  std::vector<EventCommitment> commitments;
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto made = commitment_of(events[i]);
    if (!made) {
      auto error = made.error();
      error.field = "events[" + std::to_string(i) + "]" + (error.field.empty() ? "" : "." + error.field);
      return error;
    }
    commitments.push_back(*made);
  }
  return make_record(mode, context, commitments);
}

base::Result<Record> make_record(RecordMode mode, std::string_view context,
                                 std::vector<EventCommitment> const& commitments) {
  using base::Code;
  Record record;
  if (context.size() > decltype(record.context)::max)
    return base::Error{Code::E_TOO_LARGE, "@context", "at most 8 KiB"};
  constexpr std::size_t events_max = decltype(Transaction::payloads)::max;
  if (commitments.empty() || commitments.size() > events_max) {
    return base::Error{Code::E_TOO_LARGE, "events", "1 to " + std::to_string(events_max) + " events in a record"};
  }
  record.mode = mode;
  record.context = context;
  record.count = static_cast<std::uint16_t>(commitments.size());
  record.events_root = events_root(commitments);
  return record;
}

}  // namespace ledger
