// SPDX-License-Identifier: Apache-2.0
#include "gs1/view.hpp"

#include "gs1/event_value.hpp"
#include "gs1/json.hpp"

namespace gs1 {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

constexpr std::string_view lists[] = {"epcList", "childEPCs", "inputEPCList", "outputEPCList", "tally:bind"};
constexpr std::size_t bind_list = 4;

/// Every list's number must stay below the first byte of a head, and below the first printable character.
static_assert(std::size(lists) <= 0x20);

Result<std::string> read_link(Value const& value, std::string const& field) {
  if (!value.is(Value::Kind::string)) return Error{Code::E_EVENT_FORM, field, "expected a URI"};
  TRY_ASSIGN(auto key, read_key(value.text, field));
  return std::move(key.uri);
}

Result<ViewEntry> read_entry(std::size_t list, std::size_t index, Value const& item) {
  std::string const field = std::string(lists[list]) + "[" + std::to_string(index) + "]";
  ViewEntry entry;
  entry.list = static_cast<std::uint8_t>(list);
  entry.index = static_cast<std::uint32_t>(index);
  if (list != bind_list) {
    TRY_ASSIGN(auto link, read_link(item, field));
    entry.links.emplace_back(std::move(link));
    return entry;
  }
  if (item.items.size() != 2) return Error{Code::E_EVENT_FORM, field, "expected [component, product]"};
  for (auto const& part : item.items) {
    TRY_ASSIGN(auto link, read_link(part, field));
    entry.links.emplace_back(std::move(link));
  }
  return entry;
}

}  // namespace

std::vector<base::Hash> EventView::leaves() const {
  std::vector<base::Hash> out;
  out.reserve(1 + entries.size());
  out.push_back(crypto::log_leaf_hash(head));
  for (auto const& entry : entries) out.push_back(crypto::log_leaf_hash(base::encode(entry)));
  return out;
}

Result<EventView> view_of(base::BytesView event) {
  auto const text = base::text_of(event);
  TRY_ASSIGN(auto const value, parse_json(text, {.bytes_max = event_bytes_max, .depth_max = event_depth_max}));
  return view_of(event, value);
}

Result<EventView> view_of(base::BytesView event, Value const& value) {
  if (!value.is(Value::Kind::object)) return Error{Code::E_EVENT_FORM, "", "an event is a JSON object"};
  EventView out;
  std::size_t done = value.begin;
  for (auto const& [name, member] : value.members) {
    bool const cut = std::find(std::begin(lists), std::end(lists), name) != std::end(lists);
    if (!cut || !member.is(Value::Kind::array)) continue;
    base::append(out.head, event.subspan(done, member.begin - done));
    base::append(out.head, base::bytes_of("[]"));
    done = member.end;
  }
  base::append(out.head, event.subspan(done, value.end - done));
  for (std::size_t list = 0; list < std::size(lists); ++list) {
    auto const* member = value.find(lists[list]);
    if (member == nullptr) continue;
    for (std::size_t i = 0; i < member->items.size(); ++i) {
      TRY_ASSIGN(auto entry, read_entry(list, i, member->items[i]));
      out.entries.push_back(std::move(entry));
    }
  }
  return out;
}

ViewRoot view_root(EventView const& view) {
  return {crypto::log_root(view.leaves()), static_cast<std::uint32_t>(1 + view.entries.size())};
}

ViewRoot view_root_of_bytes(base::BytesView payload) { return {crypto::log_leaf_hash(payload), 1}; }

}  // namespace gs1
