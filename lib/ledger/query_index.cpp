// SPDX-License-Identifier: Apache-2.0
#include "ledger/query_index.hpp"

#include <algorithm>
#include <set>

#include "gs1/event_hash.hpp"

namespace ledger {

namespace {

/// The others of a row are told by their last byte.
constexpr std::uint64_t row_span = 256;

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

void Postings::add(gs1::Event const& event, std::uint64_t log_index) {
  auto const put = [&](IndexKind kind, std::string_view text) {
    word_.assign(1, static_cast<char>(kind)).append(text);
    found_[word_].push_back(log_index);
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

void Postings::forget_from(std::uint64_t log_index) {
  for (auto& [word, indexes] : found_) {
    indexes.erase(std::lower_bound(indexes.begin(), indexes.end(), log_index), indexes.end());
  }
}

void Postings::merge(Postings&& later) {
  if (found_.empty()) {
    found_.swap(later.found_);
    return;
  }
  for (auto& [word, indexes] : later.found_) {
    auto& here = found_[word];
    here.insert(here.end(), indexes.begin(), indexes.end());
  }
}

void Postings::write(Overlay& state) && {
  for (auto const& [word, indexes] : found_) {
    auto const prefix = text_prefix(static_cast<IndexKind>(word[0]), std::string_view(word).substr(1));
    for (auto first = indexes.begin(); first != indexes.end();) {
      auto const last =
          std::find_if(first, indexes.end(), [&](auto index) { return index / row_span != *first / row_span; });
      auto key = prefix;
      base::append(key, big_endian(*first));
      Bytes others;
      std::transform(first + 1, last, std::back_inserter(others),
                     [](std::uint64_t index) { return static_cast<std::uint8_t>(index); });
      state.put(key, std::move(others));
      first = last;
    }
  }
}

void scan_index(StateView const& state, IndexKind kind, std::string_view text, std::uint64_t from,
                std::function<bool(std::uint64_t)> const& visit) {
  auto const prefix = text_prefix(kind, text);
  auto start = prefix;
  base::append(start, big_endian(from - from % row_span));
  state.scan(prefix, start, [&](BytesView key, BytesView others) {
    auto const first = from_big_endian(key.last(8));
    if (first >= from && !visit(first)) return false;
    return std::all_of(others.begin(), others.end(), [&](std::uint8_t last) {
      auto const index = first - first % row_span + last;
      return index < from || visit(index);
    });
  });
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
