// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/reading.hpp"

#include "contracts/goods/goods.hpp"
#include "ledger/record.hpp"

namespace contracts::goods {

namespace {

Error under(std::string const& field, Error error) {
  error.field = error.field.empty() ? field : field + "." + error.field;
  return error;
}

std::size_t keys_of(gs1::Event const& event) {
  return event.epcs.size() + event.quantities.size() + event.child_epcs.size() + event.child_quantities.size() +
         event.input_epcs.size() + event.input_quantities.size() + event.output_epcs.size() +
         event.output_quantities.size() + event.tally.bind.size();
}

Result<Entry> read_entry(ledger::BytesView payload, gs1::Context const& context, ledger::Parameters const& parameters,
                         std::string field) {
  if (payload.size() > parameters.event_bytes_max) return Error{Code::E_TOO_LARGE, field, "event_bytes_max"};
  auto event = gs1::read_event(payload, context);
  if (!event) return under(field, event.error());
  if (keys_of(*event) > parameters.keys_an_event_max) return Error{Code::E_TOO_LARGE, field, "keys_an_event_max"};
  auto const commitment = ledger::commitment_of(payload);
  if (!commitment) return under(field, commitment.error());
  return Entry{std::move(event).value(), *commitment, payload, std::move(field)};
}

}  // namespace

Result<std::vector<Entry>> read_entries(ledger::Record const& record, std::vector<ledger::BytesView> const& payloads,
                                        ledger::Parameters const& parameters, std::string const& field) {
  if (payloads.empty() || payloads.size() != record.count) {
    return Error{Code::E_ENCODING, field + ".count", "as many payloads as the record counts, at least one"};
  }
  if (payloads.size() > parameters.events_max) return Error{Code::E_TOO_LARGE, field + ".count", "events_max"};
  auto const context = gs1::read_context(record.context);
  if (!context) return under(field, context.error());
  std::vector<Entry> entries;
  std::vector<ledger::EventCommitment> commitments;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    auto path = field + ".events[" + std::to_string(i) + "]";
    TRY_ASSIGN(auto entry, read_entry(payloads[i], *context, parameters, std::move(path)));
    commitments.push_back(entry.commitment);
    entries.push_back(std::move(entry));
  }
  if (ledger::events_root(commitments) != record.events_root) {
    return Error{Code::E_ENCODING, field + ".events_root", "not the root over these events"};
  }
  return entries;
}

Result<void> check(ledger::Record const& record, std::vector<ledger::BytesView> const& payloads,
                   ledger::Parameters const& parameters, std::string const& field) {
  auto const entries = read_entries(record, payloads, parameters, field);
  if (!entries) return entries.error();
  return {};
}

}  // namespace contracts::goods
