// SPDX-License-Identifier: Apache-2.0
#include "wallet/event_file.hpp"

#include <algorithm>

#include "gs1/document.hpp"

namespace wallet {

namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view white_space = " \t\r\n";

Error fault(std::string field, std::string detail) { return {Code::E_EVENT_FORM, std::move(field), std::move(detail)}; }

/// The end of the JSON value that begins at `at`: behind the bracket that closes it. npos when it does not close.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  bool in_string = false;
  for (; at < text.size(); ++at) {
    char const c = text[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
      }
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') {
      if (depth <= 1) return depth == 1 ? at + 1 : text.npos;
      --depth;
    }
  }
  return text.npos;
}

/// Appends the objects of the list that begins at `at`; the place behind the list.
Result<std::size_t> take_list(std::string_view text, std::size_t at, std::size_t context, EventFile& out) {
  ++at;
  while (true) {
    at = text.find_first_not_of(" \t\r\n,", at);
    if (at == text.npos) return fault("eventList", "does not end");
    if (text[at] == ']') return at + 1;
    auto const end = text[at] == '{' ? end_of_value(text, at) : text.npos;
    if (end == text.npos) return fault("eventList[" + std::to_string(out.events.size()) + "]", "an event is an object");
    out.events.push_back({text.substr(at, end - at), context});
    at = end;
  }
}

/// The place of a context among those of the file. Most files have few: one line after the other under the same one.
std::size_t place_of_context(std::string_view context, EventFile& out) {
  constexpr std::size_t looked_at_max = 16;
  for (std::size_t i = out.contexts.size(), left = looked_at_max; i > 0 && left > 0; --i, --left) {
    if (out.contexts[i - 1] == context) return i - 1;
  }
  out.contexts.emplace_back(context);
  return out.contexts.size() - 1;
}

/// A document whose events may be many: what stands around them is read as a document without events.
Result<void> take_document(std::string_view text, EventFile& out) {
  constexpr std::string_view name = "\"eventList\"";
  auto const at = text.find(name);
  auto const colon = at == text.npos ? at : text.find_first_not_of(white_space, at + name.size());
  auto const list =
      colon == text.npos || text[colon] != ':' ? text.npos : text.find_first_not_of(white_space, colon + 1);
  if (list == text.npos || text[list] != '[') {
    TRY_ASSIGN(auto const document, gs1::read_document(text));
    auto const place = place_of_context(document.context, out);
    for (auto const event : document.events) out.events.push_back({event, place});
    return {};
  }
  auto const first = out.events.size();
  TRY_ASSIGN(auto const end, take_list(text, list, 0, out));
  std::string const shell = std::string(text.substr(0, list)) + "[]" + std::string(text.substr(end));
  TRY_ASSIGN(auto const document, gs1::read_document(shell));
  auto const place = place_of_context(document.context, out);
  for (auto i = first; i < out.events.size(); ++i) out.events[i].context = place;
  return {};
}

}  // namespace

Result<EventFile> split_events(std::string_view text) {
  EventFile out;
  auto const first = text.find_first_not_of(white_space);
  if (first == text.npos) return fault("", "the file is empty");
  if (text[first] == '[') {
    out.contexts.emplace_back();
    TRY_ASSIGN(auto const end, take_list(text, first, 0, out));
    if (text.find_first_not_of(white_space, end) != text.npos) return fault("", "something stands behind the list");
    return out;
  }
  std::size_t documents = 0;
  for (auto at = first; at != text.npos; at = text.find_first_not_of(white_space, at)) {
    auto const end = text[at] == '{' ? end_of_value(text, at) : text.npos;
    if (end == text.npos) return fault("document " + std::to_string(documents + 1), "expected an object that ends");
    TRY(take_document(text.substr(at, end - at), out));
    ++documents;
    at = end;
  }
  return out;
}

}  // namespace wallet
