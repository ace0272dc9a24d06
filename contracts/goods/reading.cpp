// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/reading.hpp"

#include "contracts/goods/goods.hpp"
#include "gs1/event_value.hpp"
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

Result<ReadEvent> read_one(ledger::BytesView payload, gs1::Context const& context, ledger::Parameters const& parameters,
                           std::string const& field) {
  if (payload.size() > parameters.event_bytes_max) return Error{Code::E_TOO_LARGE, field, "event_bytes_max"};
  auto const parsed = gs1::parse_event(payload);
  if (!parsed) return under(field, parsed.error());
  auto event = gs1::read_event(*parsed, context);
  if (!event) return under(field, event.error());
  if (keys_of(*event) > parameters.keys_an_event_max) return Error{Code::E_TOO_LARGE, field, "keys_an_event_max"};
  auto const commitment = ledger::commitment_of(payload, *parsed);
  if (!commitment) return under(field, commitment.error());
  return ReadEvent{std::move(event).value(), *commitment};
}

/// Reading depends on nothing else than what is compared here. A limit that is passed is left to reading, which says
/// the error.
bool would_be_read_again(ReadRecord const& earlier, ledger::Record const& record,
                         std::vector<ledger::BytesView> const& payloads, ledger::Parameters const& parameters) {
  if (earlier.context != record.context || earlier.events_root != record.events_root) return false;
  if (earlier.events.size() != payloads.size() || record.count != payloads.size()) return false;
  if (payloads.size() > parameters.events_max) return false;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    auto const& [event, commitment] = earlier.events[i];
    if (payloads[i].size() > parameters.event_bytes_max || keys_of(event) > parameters.keys_an_event_max) return false;
    if (crypto::sha256(payloads[i]) != commitment.payload_hash) return false;
  }
  return true;
}

}  // namespace

std::string event_field(std::string const& field, std::size_t index) {
  return field + ".events[" + std::to_string(index) + "]";
}

Result<std::shared_ptr<ReadRecord const>> read_record(ledger::Record const& record,
                                                      std::vector<ledger::BytesView> const& payloads,
                                                      ledger::Parameters const& parameters, std::string const& field,
                                                      std::shared_ptr<ReadRecord const> earlier) {
  if (payloads.empty() || payloads.size() != record.count) {
    return Error{Code::E_ENCODING, field + ".count", "as many payloads as the record counts, at least one"};
  }
  if (earlier && would_be_read_again(*earlier, record, payloads, parameters)) return earlier;
  if (payloads.size() > parameters.events_max) return Error{Code::E_TOO_LARGE, field + ".count", "events_max"};
  auto const context = gs1::read_context(record.context);
  if (!context) return under(field, context.error());
  auto out = std::make_shared<ReadRecord>();
  out->context = record.context;
  out->events_root = record.events_root;
  out->events.reserve(payloads.size());
  std::vector<ledger::EventCommitment> commitments;
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    TRY_ASSIGN(auto read, read_one(payloads[i], *context, parameters, event_field(field, i)));
    commitments.push_back(read.commitment);
    out->events.push_back(std::move(read));
    out->payload_bytes += payloads[i].size();
  }
  if (ledger::events_root(commitments) != record.events_root) {
    return Error{Code::E_ENCODING, field + ".events_root", "not the root over these events"};
  }
  return std::shared_ptr<ReadRecord const>(std::move(out));
}

Result<std::shared_ptr<ReadRecord const>> check(ledger::Record const& record,
                                                std::vector<ledger::BytesView> const& payloads,
                                                ledger::Parameters const& parameters, std::string const& field) {
  return read_record(record, payloads, parameters, field);
}

}  // namespace contracts::goods
