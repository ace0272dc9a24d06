// SPDX-License-Identifier: Apache-2.0
#include "rpc/event_search.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/time.hpp"
#include "gs1/event_hash.hpp"
#include "gs1/json.hpp"
#include "ledger/query_index.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using base::Result;
using ledger::IndexKind;
using ledger::Space;
using ledger::StateView;
using ledger::StoredEvent;

constexpr std::string_view default_context = "\"https://ref.gs1.org/standards/epcis/epcis-context.jsonld\"";

/// Where a page begins: a place in the log, or behind a place in an order; and how many are still wanted.
struct Cursor {
  std::uint64_t log_index = 0;
  std::optional<std::string> key;
  std::optional<std::uint64_t> remaining;
};

std::string token_of(Cursor const& cursor) {
  std::string text =
      std::to_string(cursor.log_index) + "|" + (cursor.remaining ? std::to_string(*cursor.remaining) : "");
  if (cursor.key) text += "|" + *cursor.key;
  return base::to_hex(base::bytes_of(text));
}

Result<Cursor> cursor_of(std::string_view token) {
  Cursor out;
  if (token.empty()) return out;
  Error const wrong{Code::E_FORM, "nextPageToken", "not a token of this interface"};
  auto const bytes = token.starts_with("0x") ? std::nullopt : base::from_hex(token);
  if (!bytes) return wrong;
  std::string_view const text = base::text_of(*bytes);
  auto const first = text.find('|');
  if (first == text.npos) return wrong;
  auto const second = text.find('|', first + 1);
  auto const index = base::from_decimal(text.substr(0, first), ~std::uint64_t{0});
  auto const count = text.substr(first + 1, second == text.npos ? text.npos : second - first - 1);
  auto const remaining = base::from_decimal(count, ~std::uint32_t{0});
  if (!index || (!count.empty() && !remaining)) return wrong;
  out.log_index = static_cast<std::uint64_t>(*index);
  if (remaining) out.remaining = static_cast<std::uint64_t>(*remaining);
  if (second != text.npos) out.key = std::string(text.substr(second + 1));
  return out;
}

/// Reads recorded events as queries see them; the contexts that it meets are read once.
class Reader {
 public:
  Reader(StateView const& state, gs1::Query const& query) : state_(state), query_(query) {
    master_data_ = [this](gs1::Key const& key, std::string_view attribute) { return attribute_of(key, attribute); };
  }

  /// The key to order by when the event answers the query; nothing else.
  std::optional<std::string> answers(StoredEvent const& stored) {
    if (stored.payload.empty() || stored.payload[0] != '{') return std::nullopt;
    auto const& outer = context(stored.context);
    auto const value = gs1::parse_json(base::text_of(stored.payload), {.bytes_max = gs1::event_bytes_max});
    if (!value) return std::nullopt;
    auto const inner = gs1::with_inner(outer, *value);
    auto const event = gs1::read_event(stored.payload, outer);
    if (!inner || !event) return std::nullopt;
    gs1::QueriedEvent const queried{*event, *value, *inner, stored.recorded_ms};
    if (!gs1::matches(query_, queried, master_data_)) return std::nullopt;
    if (query_.order_by.empty()) return std::string();
    return sort_key(gs1::order_value(query_, queried));
  }

 private:
  /// Sorts as the value does; an event without the field stands first.
  static std::string sort_key(std::optional<gs1::Operand> const& value) {
    if (!value) return {};
    auto const padded = [](std::string digits) {
      return std::string(40 - std::min<std::size_t>(40, digits.size()), '0') + digits;
    };
    if (value->time_ms) return "t" + padded(std::to_string(*value->time_ms));
    constexpr auto middle = base::i128{1} << 120;
    if (value->number) return "n" + padded(base::to_decimal(static_cast<base::u128>(*value->number + middle)));
    return "s" + value->text.substr(0, 256);
  }

  gs1::Context const& context(ledger::Hash const& hash) {
    auto const known = contexts_.find(hash);
    if (known != contexts_.end()) return known->second;
    auto read = gs1::read_context(context_bytes(state_, hash));
    return contexts_.emplace(hash, read ? *std::move(read) : gs1::Context{}).first->second;
  }

  /// Master data that the ledger has: of sites and products.
  std::optional<std::string> attribute_of(gs1::Key const& key, std::string_view attribute) const {
    for (std::string_view const front : {"cbvmda:", "urn:epcglobal:cbv:mda:", "urn:epcglobal:cbv:mda#"}) {
      if (attribute.starts_with(front)) attribute.remove_prefix(front.size());
    }
    auto const first_name = [](ledger::LocalNames const& names) -> std::optional<std::string> {
      return names.empty() ? std::nullopt : std::optional<std::string>(names.front().text);
    };
    if (key.kind == gs1::KeyKind::site) {
      auto const site = ledger::load<ledger::SiteRecord>(state_, Space::site, key.primary);
      if (!site) return std::nullopt;
      if (attribute == "countryCode") return std::string(site->country);
      if (attribute == "name") return first_name(site->names);
      if (attribute == "city") return first_name(site->places);
    }
    if (key.ai == "01") {
      auto const product = ledger::load<ledger::ProductRecord>(state_, Space::product, key.primary);
      if (product && (attribute == "descriptionShort" || attribute == "tradeItemDescription"))
        return first_name(product->product.names);
    }
    return std::nullopt;
  }

  StateView const& state_;
  gs1::Query const& query_;
  gs1::MasterData master_data_;
  std::map<ledger::Hash, gs1::Context> contexts_;
};

/// The log indexes of a subject's history, under the namespaces that it may stand in.
void add_history(StateView const& state, gs1::Key const& key, std::set<std::uint64_t>& out) {
  for (auto const space : {Space::item, Space::lot, Space::unit, Space::thing}) {
    auto const subject = ledger::tree_key(space, key.uri);
    auto const prefix = ledger::state_key(Space::history_leaf, subject.view());
    state.scan(prefix, [&](ledger::BytesView, ledger::BytesView bytes) {
      auto const leaf = base::decode<ledger::HistoryLeaf>(bytes);
      CHECK(leaf.has_value());
      if (leaf->kind == ledger::LeafKind::event) out.insert(leaf->log_index);
      return out.size() < sorted_examined_max;
    });
  }
}

bool is_epc(gs1::QueryPart part) {
  switch (part) {
    case gs1::QueryPart::epc:
    case gs1::QueryPart::any_epc:
    case gs1::QueryPart::parent:
    case gs1::QueryPart::input_epc:
    case gs1::QueryPart::output_epc:
      return true;
    default:
      return false;
  }
}

/// The index that a criterion can be looked up in, and under which texts; nothing when it has none.
std::optional<IndexKind> index_of(gs1::Criterion const& criterion) {
  using gs1::QueryPart;
  if (criterion.compare == gs1::Compare::has_attribute || criterion.compare == gs1::Compare::eq_attribute ||
      criterion.compare == gs1::Compare::with_descendants)
    return std::nullopt;
  switch (criterion.part) {
    case QueryPart::transformation_id:
      return IndexKind::transformation;
    case QueryPart::biz_transaction:
      return IndexKind::transaction;
    case QueryPart::epc_class:
    case QueryPart::any_class:
    case QueryPart::input_class:
    case QueryPart::output_class:
      return IndexKind::epc_class;
    case QueryPart::error_declaration:
    case QueryPart::error_reason:
    case QueryPart::error_time:
    case QueryPart::corrective_id:
      return IndexKind::error;
    case QueryPart::read_point:
      return IndexKind::read_point;
    case QueryPart::biz_location:
      return IndexKind::biz_location;
    case QueryPart::sensor_elements:
    case QueryPart::sensor_member:
      return IndexKind::sensors;
    case QueryPart::biz_step:
      return IndexKind::biz_step;
    case QueryPart::disposition:
      return IndexKind::disposition;
    default:
      return std::nullopt;
  }
}

/// Smaller is narrower: what a plan is chosen by.
int width_of(gs1::Criterion const& criterion) {
  if (criterion.part == gs1::QueryPart::event_id) return 0;
  if (is_epc(criterion.part)) return 1;
  auto const kind = index_of(criterion);
  if (!kind) return 99;
  constexpr std::string_view order = "fxcerlmsd";
  return 2 + static_cast<int>(order.find(static_cast<char>(*kind)));
}

bool has_patterns(gs1::Criterion const& criterion) {
  return std::ranges::any_of(criterion.patterns, &gs1::KeyPattern::any_qualifier);
}

/// The candidates of the narrowest criterion, in log order; nothing when the whole log must be looked at.
std::optional<std::set<std::uint64_t>> candidates(StateView const& state, gs1::Query const& query) {
  gs1::Criterion const* best = nullptr;
  for (auto const& criterion : query.criteria) {
    if (has_patterns(criterion) || width_of(criterion) == 99) continue;
    if (best == nullptr || width_of(criterion) < width_of(*best)) best = &criterion;
  }
  if (best == nullptr) return std::nullopt;
  std::set<std::uint64_t> out;
  auto const add = [&](IndexKind kind, std::string_view text) {
    ledger::scan_index(state, kind, text, 0, [&](std::uint64_t index) {
      out.insert(index);
      return out.size() < sorted_examined_max;
    });
  };
  if (best->part == gs1::QueryPart::event_id) {
    for (auto const& operand : best->operands) {
      add(IndexKind::event_id, operand.text);
      auto const hash = gs1::from_event_id(operand.text);
      if (!hash) continue;
      auto const prefix = ledger::state_key(Space::event_hash_index, hash->view());
      state.scan(prefix, [&](ledger::BytesView key, ledger::BytesView) {
        out.insert(ledger::from_big_endian(key.last(8)));
        return out.size() < sorted_examined_max;
      });
    }
  } else if (is_epc(best->part)) {
    for (auto const& pattern : best->patterns) add_history(state, pattern.key, out);
  } else {
    auto const kind = *index_of(*best);
    if (kind == IndexKind::error || kind == IndexKind::sensors) add(kind, "");
    for (auto const& pattern : best->patterns) add(kind, pattern.key.uri);
    for (auto const& operand : best->operands) {
      if (kind == IndexKind::biz_step || kind == IndexKind::disposition) add(kind, operand.text);
    }
  }
  // An index that was cut says nothing about the rest; the log itself does.
  if (out.size() >= sorted_examined_max) return std::nullopt;
  return out;
}

/// Visits the events to look at from a place in the log on, until the visitor returns false.
template <class Visit>
void each_event(StateView const& state, std::optional<std::set<std::uint64_t>> const& chosen, std::uint64_t from,
                Visit const& visit) {
  if (chosen) {
    for (auto place = chosen->lower_bound(from); place != chosen->end(); ++place) {
      auto const event = ledger::stored_event(state, *place);
      if (event && !visit(*place, *event)) return;
    }
    return;
  }
  state.scan(ledger::state_key(Space::stored_event, ""),
             ledger::state_key(Space::stored_event, ledger::big_endian(from)),
             [&](ledger::BytesView key, ledger::BytesView bytes) {
               auto const event = base::decode<StoredEvent>(bytes);
               CHECK(event.has_value());
               return visit(ledger::from_big_endian(key.last(8)), *event);
             });
}

/// Takes the event into the page unless it belongs on the next.
bool take(FoundPage& page, std::size_t& bytes, StoredEvent const& event, std::size_t per_page) {
  bool const other_context = !page.events.empty() && page.events.front().context != event.context;
  bool const full = page.events.size() == per_page || bytes + event.payload.size() > page_bytes_max;
  if (!page.events.empty() && (other_context || full)) return false;
  bytes += event.payload.size();
  page.events.push_back(event);
  return true;
}

Result<void> check_count(ledger::Certified const& at, gs1::Query const& query,
                         std::optional<std::set<std::uint64_t>> const& chosen) {
  Reader reader(*at.state, query);
  std::uint64_t count = 0;
  std::size_t examined = 0;
  each_event(*at.state, chosen, 0, [&](std::uint64_t, StoredEvent const& event) {
    if (reader.answers(event)) ++count;
    return ++examined < sorted_examined_max && count <= *query.max_event_count;
  });
  if (count > *query.max_event_count) return Error{Code::E_TOO_LARGE, "maxEventCount", "more events answer than that"};
  if (examined >= sorted_examined_max)
    return Error{Code::E_TOO_LARGE, "maxEventCount", "more than 100000 events would have to be looked at"};
  return {};
}

Result<FoundPage> search_sorted(ledger::Certified const& at, gs1::Query const& query,
                                std::optional<std::set<std::uint64_t>> const& chosen, Cursor const& cursor,
                                std::size_t per_page) {
  Reader reader(*at.state, query);
  std::vector<std::pair<std::string, std::uint64_t>> found;
  std::size_t examined = 0;
  each_event(*at.state, chosen, 0, [&](std::uint64_t index, StoredEvent const& event) {
    if (auto key = reader.answers(event)) found.emplace_back(*std::move(key), index);
    return ++examined <= sorted_examined_max;
  });
  if (examined > sorted_examined_max) {
    return Error{Code::E_TOO_LARGE, "orderBy", "more than 100000 events would have to be ordered: narrow the query"};
  }
  if (query.ascending) {
    std::ranges::sort(found);
  } else {
    std::ranges::sort(found, std::greater<>());
  }
  auto place = found.begin();
  if (cursor.key) {
    std::pair const last{*cursor.key, cursor.log_index};
    place = query.ascending ? std::ranges::upper_bound(found, last)
                            : std::ranges::upper_bound(found, last, std::greater<>());
  }
  FoundPage page;
  std::size_t bytes = 0;
  auto remaining = cursor.remaining ? cursor.remaining : query.event_count_limit;
  Cursor end;
  for (; place != found.end() && (!remaining || *remaining > 0); ++place) {
    auto const event = ledger::stored_event(*at.state, place->second);
    if (!event || !take(page, bytes, *event, per_page)) break;
    end = {place->second, place->first, {}};
    if (remaining) --*remaining;
  }
  if (place != found.end() && (!remaining || *remaining > 0)) {
    end.remaining = remaining;
    page.next = token_of(end);
  }
  return page;
}

}  // namespace

std::string context_bytes(StateView const& state, ledger::Hash const& context) {
  auto const bytes = state.get(ledger::state_key(Space::context, context.view()));
  return bytes ? std::string(base::text_of(*bytes)) : std::string{};
}

Result<FoundPage> search(ledger::Certified const& at, gs1::Query const& query, std::string_view token,
                         std::size_t per_page) {
  TRY_ASSIGN(auto const cursor, cursor_of(token));
  auto const chosen = candidates(*at.state, query);
  if (query.max_event_count && token.empty()) TRY(check_count(at, query, chosen));
  FoundPage page;
  if (!query.order_by.empty()) {
    TRY_ASSIGN(page, search_sorted(at, query, chosen, cursor, per_page));
  } else {
    Reader reader(*at.state, query);
    std::size_t bytes = 0;
    std::size_t examined = 0;
    each_event(*at.state, chosen, cursor.log_index, [&](std::uint64_t index, StoredEvent const& event) {
      bool const enough = ++examined > examined_max;
      if (enough || (reader.answers(event) && !take(page, bytes, event, per_page))) {
        page.next = token_of({index, {}, {}});
        return false;
      }
      return true;
    });
  }
  if (!page.events.empty()) page.context = context_bytes(*at.state, page.events.front().context);
  return page;
}

NewEvents search_new(ledger::Certified const& at, gs1::Query const& query, std::uint64_t from) {
  NewEvents out;
  out.next = ledger::log_size(*at.state);
  Reader reader(*at.state, query);
  std::size_t bytes = 0;
  std::size_t examined = 0;
  each_event(*at.state, std::nullopt, from, [&](std::uint64_t index, StoredEvent const& event) {
    bool const enough = ++examined > examined_max;
    if (enough || (reader.answers(event) && !take(out.page, bytes, event, page_events_max))) {
      out.next = index;
      out.all = false;
      return false;
    }
    return true;
  });
  if (!out.page.events.empty()) out.page.context = context_bytes(*at.state, out.page.events.front().context);
  return out;
}

std::string query_document(FoundPage const& page, std::string_view query_name, std::string_view subscription_id,
                           ledger::TimeMs now) {
  std::string text = "{\"@context\":";
  text += page.context.empty() ? std::string(default_context) : page.context;
  text += ",\"type\":\"EPCISQueryDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"" + base::to_rfc3339(now) +
          "\",\"epcisBody\":{\"queryResults\":{";
  if (!subscription_id.empty()) text += "\"subscriptionID\":\"" + std::string(subscription_id) + "\",";
  text += "\"queryName\":\"" + std::string(query_name) + "\",\"resultsBody\":{\"eventList\":[";
  for (std::size_t i = 0; i < page.events.size(); ++i) {
    if (i > 0) text += ',';
    text += base::text_of(page.events[i].payload);
  }
  return text + "]}}}}";
}

}  // namespace rpc
