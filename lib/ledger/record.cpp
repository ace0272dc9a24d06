// SPDX-License-Identifier: Apache-2.0
#include "ledger/record.hpp"

#include "crypto/merkle.hpp"
#include "gs1/view.hpp"

namespace ledger {

base::Result<EventCommitment> commitment_of(BytesView event) {
  TRY_ASSIGN(auto const view, gs1::view_of(event));
  auto const root = gs1::view_root(view);
  return EventCommitment{crypto::sha256(event), root.root, root.size};
}

Hash events_root(std::vector<EventCommitment> const& commitments) {
  crypto::Peaks peaks;
  for (auto const& commitment : commitments) peaks.append(crypto::log_leaf_hash(base::encode(commitment)));
  return peaks.root();
}

base::Result<Record> make_record(RecordMode mode, std::string_view context, std::vector<BytesView> const& events) {
  using base::Code;
  Record record;
  if (context.size() > decltype(record.context)::max)
    return base::Error{Code::E_TOO_LARGE, "@context", "at most 8 KiB"};
  constexpr std::size_t events_max = decltype(Transaction::payloads)::max;
  if (events.empty() || events.size() > events_max) {
    return base::Error{Code::E_TOO_LARGE, "events", "1 to " + std::to_string(events_max) + " events in a record"};
  }
  std::vector<EventCommitment> commitments;
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto commitment = commitment_of(events[i]);
    if (!commitment) {
      auto error = commitment.error();
      error.field = "events[" + std::to_string(i) + "]" + (error.field.empty() ? "" : "." + error.field);
      return error;
    }
    commitments.push_back(*commitment);
  }
  record.mode = mode;
  record.context = context;
  record.count = static_cast<std::uint16_t>(events.size());
  record.events_root = events_root(commitments);
  return record;
}

}  // namespace ledger
