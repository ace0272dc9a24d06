// SPDX-License-Identifier: Apache-2.0
#include "ledger/query_index.hpp"

#include <set>

#include "gs1/event_hash.hpp"

namespace ledger {

namespace {

Bytes kind_prefix(IndexKind kind) {
  auto key = state_key(Space::query_index, BytesView{});
  key.push_back(static_cast<std::uint8_t>(kind));
  return key;
}

Bytes text_prefix(IndexKind kind, std::string_view text) {
  auto key = kind_prefix(kind);
  base::append(key, base::bytes_of(text));
  key.push_back(0);
  return key;
}

}  // namespace

void index_event(Overlay& state, gs1::Event const& event, std::uint64_t log_index) {
  auto const put = [&](IndexKind kind, std::string_view text) {
    auto key = text_prefix(kind, text);
    base::append(key, big_endian(log_index));
    state.put(key, {});
  };
  auto const put_if = [&](IndexKind kind, std::string_view text) {
    if (!text.empty()) put(kind, text);
  };
  put(IndexKind::event_type, enum_names(event.type)[static_cast<std::size_t>(event.type)]);
  put_if(IndexKind::biz_step, event.biz_step);
  put_if(IndexKind::disposition, event.disposition);
  if (event.read_point) put(IndexKind::read_point, event.read_point->uri);
  if (event.biz_location) put(IndexKind::biz_location, event.biz_location->uri);
  if (event.transformation_id) put(IndexKind::transformation, event.transformation_id->uri);
  if (event.event_id != gs1::to_event_id(event.event_hash)) put_if(IndexKind::event_id, event.event_id);
  if (event.is_error()) put(IndexKind::error, "");
  if (!event.sensors.empty()) put(IndexKind::sensors, "");
  std::set<std::string_view> classes;
  for (auto const* list :
       {&event.quantities, &event.child_quantities, &event.input_quantities, &event.output_quantities}) {
    for (auto const& element : *list) classes.insert(element.key.uri);
  }
  for (auto const uri : classes) put(IndexKind::epc_class, uri);
  std::set<std::string_view> transactions;
  for (auto const& one : event.transactions) transactions.insert(one.key.uri);
  for (auto const uri : transactions) put(IndexKind::transaction, uri);
}

void scan_index(StateView const& state, IndexKind kind, std::string_view text, std::uint64_t from,
                std::function<bool(std::uint64_t)> const& visit) {
  auto const prefix = text_prefix(kind, text);
  auto start = prefix;
  base::append(start, big_endian(from));
  state.scan(prefix, start, [&](BytesView key, BytesView) { return visit(from_big_endian(key.last(8))); });
}

std::vector<std::string> indexed_texts(StateView const& state, IndexKind kind, std::string_view after,
                                       std::size_t max) {
  std::vector<std::string> out;
  auto const prefix = kind_prefix(kind);
  // The first key behind all of a text's: its end mark is 00, so 01 stands behind every log index.
  auto start = prefix;
  base::append(start, base::bytes_of(after));
  if (!after.empty()) start.push_back(1);
  while (out.size() < max) {
    std::optional<std::string> text;
    state.scan(prefix, start, [&](BytesView key, BytesView) {
      text = std::string(base::text_of(key.subspan(prefix.size(), key.size() - prefix.size() - 9)));
      return false;
    });
    if (!text) break;
    start = prefix;
    base::append(start, base::bytes_of(*text));
    start.push_back(1);
    out.push_back(*std::move(text));
  }
  return out;
}

bool is_indexed(StateView const& state, IndexKind kind, std::string_view text) {
  bool found = false;
  scan_index(state, kind, text, 0, [&](std::uint64_t) {
    found = true;
    return false;
  });
  return found;
}

}  // namespace ledger
