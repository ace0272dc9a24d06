// SPDX-License-Identifier: Apache-2.0
// The resources that are read: pages of events, and lists of what the events name.
#include <algorithm>

#include "base/number.hpp"
#include "gs1/json.hpp"
#include "ledger/history.hpp"
#include "ledger/query_index.hpp"
#include "rpc/epcis.hpp"
#include "rpc/event_search.hpp"
#include "rpc/json.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using base::Value;
using ledger::IndexKind;

/// How many subjects one request for EPCs looks at.
constexpr std::size_t subjects_examined_max = 20'000;

/// The parameters of a request's query that are not about paging, decoded.
std::vector<std::pair<std::string, std::string>> query_parameters(Request const& request) {
  std::vector<std::pair<std::string, std::string>> out;
  auto const mark = request.target.find('?');
  std::string_view rest =
      mark == std::string::npos ? std::string_view{} : std::string_view(request.target).substr(mark + 1);
  while (!rest.empty()) {
    auto const pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    auto const equals = pair.find('=');
    auto name = percent_decoded(pair.substr(0, equals), true);
    if (name.empty() || name == "perPage" || name == "nextPageToken") continue;
    out.emplace_back(std::move(name),
                     equals == std::string_view::npos ? "" : percent_decoded(pair.substr(equals + 1), true));
  }
  return out;
}

std::string escaped(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (char const c : text) {
    bool const plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

/// The Link to the same request with another token.
std::pair<std::string, std::string> next_link(Request const& request, std::string_view token) {
  std::string target(request.path());
  char mark = '?';
  for (auto const& [name, value] : query_parameters(request)) {
    target += mark + escaped(name) + "=" + escaped(value);
    mark = '&';
  }
  target += mark + std::string("perPage=") + std::to_string(per_page_of(request)) + "&nextPageToken=" + escaped(token);
  return {"Link", "<" + target + ">; rel=\"next\""};
}

/// Every EPC URN of an event as a Digital Link; the rest stays.
void translate(Value& value) {
  if (value.is(Value::Kind::string) && value.text.starts_with("urn:epc:")) {
    auto link = gs1::canonical_link(value.text);
    if (!link.empty()) value.text = std::move(link);
  }
  for (auto& item : value.items) translate(item);
  for (auto& [name, member] : value.members) translate(member);
}

void translate(FoundPage& page) {
  for (auto& event : page.events) {
    auto value = gs1::parse_json(base::text_of(event.payload), {.bytes_max = gs1::event_bytes_max});
    if (!value) continue;
    translate(*value);
    event.payload = base::to_bytes(to_text(*value));
  }
}

bool is_epc_key(gs1::Key const& key) {
  switch (key.kind) {
    case gs1::KeyKind::item:
    case gs1::KeyKind::sscc:
    case gs1::KeyKind::device:
    case gs1::KeyKind::other:
    case gs1::KeyKind::plain:
      return true;
    default:
      return false;
  }
}

/// A page of EPCs: subjects that have a history, in the order of their names' hashes, which is fixed.
Response list_epcs(ledger::Certified const& at, Request const& request) {
  auto const token = request.query("nextPageToken");
  ledger::Hash start;
  if (!token.empty()) {
    auto const hash = ledger::Hash::from_text("0x" + token.front());
    if (!hash) return epcis_refusal({Code::E_FORM, "nextPageToken", "not a token of this interface"}, true);
    start = *hash;
  }
  std::vector<std::string> members;
  std::optional<std::string> next;
  std::size_t examined = 0;
  auto const per_page = per_page_of(request);
  ledger::each_subject(*at.state, start, [&](ledger::Hash const& name, ledger::BytesView subject) {
    if (members.size() == per_page || ++examined > subjects_examined_max) {
      next = base::to_hex(name.view());
      return false;
    }
    auto const space = static_cast<ledger::Space>(subject[0]);
    if (space != ledger::Space::item && space != ledger::Space::unit && space != ledger::Space::thing) return true;
    auto const uri = base::text_of(subject.subspan(1));
    auto const read = gs1::read_key(uri);
    if (read && is_epc_key(*read)) members.emplace_back(uri);
    return true;
  });
  auto out = collection(members);
  if (next) out.headers.push_back(next_link(request, *next));
  return out;
}

struct Resource {
  std::string_view name;
  IndexKind kind;
  std::string_view parameter;
};
constexpr Resource resources[] = {
    {"bizSteps", IndexKind::biz_step, "EQ_bizStep"},
    {"dispositions", IndexKind::disposition, "EQ_disposition"},
    {"bizLocations", IndexKind::biz_location, "EQ_bizLocation"},
    {"readPoints", IndexKind::read_point, "EQ_readPoint"},
    {"eventTypes", IndexKind::event_type, "eventType"},
};

/// A page of the words or keys that events have; the token is the last of the page before.
Response list_texts(ledger::Certified const& at, Request const& request, IndexKind kind) {
  std::string after;
  if (auto const token = request.query("nextPageToken"); !token.empty()) {
    auto const bytes = base::from_hex(token.front());
    if (!bytes || bytes->empty())
      return epcis_refusal({Code::E_FORM, "nextPageToken", "not a token of this interface"}, true);
    after = base::text_of(*bytes);
  }
  auto const per_page = per_page_of(request);
  auto members = ledger::indexed_texts(*at.state, kind, after, per_page + 1);
  bool const more = members.size() > per_page;
  if (more) members.pop_back();
  auto out = collection(members);
  if (more) out.headers.push_back(next_link(request, base::to_hex(base::bytes_of(members.back()))));
  return out;
}

Response resource_refusal(Error const& error) {
  return problem(400, "epcisException:ValidationException", base::name(error.code), to_string(error));
}

/// What a word or key of the path is in the index.
base::Result<std::string> indexed_form(Resource const& resource, std::string const& text) {
  TRY_ASSIGN(auto const query, gs1::read_query({{std::string(resource.parameter), text}}));
  auto const& criterion = query.criteria.at(0);
  return criterion.patterns.empty() ? criterion.operands.at(0).text : criterion.patterns.at(0).key.uri;
}

bool has_history(ledger::StateView const& state, gs1::Key const& key) {
  for (auto const space : {ledger::Space::item, ledger::Space::lot, ledger::Space::unit, ledger::Space::thing}) {
    if (ledger::is_subject(state, ledger::tree_key(space, key.uri))) return true;
  }
  return false;
}

}  // namespace

std::size_t per_page_of(Request const& request) {
  auto const given = request.query("perPage");
  if (given.empty()) return 30;
  auto const number = base::from_decimal(given.front(), 1'000'000);
  if (!number) return 0;
  // A larger page than we make is no error: the server may return fewer.
  return std::min<std::size_t>(static_cast<std::size_t>(*number), page_events_max);
}

gs1::Context extension_context(Request const& request) {
  gs1::Context out;
  out.epcis = true;
  std::string_view rest = request.header("gs1-extensions");
  while (!rest.empty() && out.names.size() < 32) {
    auto pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    while (pair.starts_with(' ') || pair.starts_with('\n')) pair.remove_prefix(1);
    auto const equals = pair.find('=');
    if (equals != std::string_view::npos && equals > 0)
      out.names.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return out;
}

Response collection(std::vector<std::string> const& members) {
  auto body = Value::object();
  body.add("@context", Value::of("https://ref.gs1.org/standards/epcis/epcis-context.jsonld"));
  body.add("type", Value::of("Collection"));
  auto list = Value::array();
  for (auto const& member : members) list.items.push_back(Value::of(member));
  body.add("member", std::move(list));
  return {200, "application/ld+json", to_text(body), {}};
}

Response answer_page(ledger::Certified const& at, gs1::Query const& query, Request const& request,
                     std::string_view query_name) {
  auto const per_page = per_page_of(request);
  if (per_page == 0) return epcis_refusal({Code::E_FORM, "perPage", "expected a positive whole number"}, true);
  auto const token = request.query("nextPageToken");
  auto page = search(at, query, token.empty() ? std::string_view{} : std::string_view(token.front()), per_page);
  if (!page) return epcis_refusal(page.error(), true);
  bool const links = request.header("gs1-epc-format") == "Always_GS1_Digital_Link";
  if (links) translate(*page);
  Response out{200, "application/ld+json", query_document(*page, query_name, "", at.header.time_ms), {}};
  out.headers.emplace_back("GS1-EPC-Format", links ? "Always_GS1_Digital_Link" : "Never_Translates");
  if (page->next) out.headers.push_back(next_link(request, *page->next));
  return out;
}

Response query_events(ledger::Certified const& at, Request const& request,
                      std::vector<std::pair<std::string, std::string>> const& from_path) {
  auto parameters = query_parameters(request);
  for (auto const& one : from_path) {
    auto const taken = std::ranges::find(parameters, one.first, &std::pair<std::string, std::string>::first);
    if (taken != parameters.end()) return epcis_refusal({Code::E_FORM, one.first, "the path says it already"}, true);
    parameters.push_back(one);
  }
  auto const query = gs1::read_query(parameters, extension_context(request));
  if (!query) return epcis_refusal(query.error(), true);
  return answer_page(at, *query, request, "SimpleEventQuery");
}

Response list_resource(ledger::Certified const& at, Request const& request, std::vector<std::string> const& path) {
  bool const is_epc = path[0] == "epcs";
  auto const* resource = std::ranges::find(resources, path[0], &Resource::name);
  if (path.size() == 1) {
    if (per_page_of(request) == 0)
      return epcis_refusal({Code::E_FORM, "perPage", "expected a positive whole number"}, true);
    if (is_epc) return list_epcs(at, request);
    if (path[0] != "eventTypes") return list_texts(at, request, resource->kind);
    auto const names = gs1::enum_names(gs1::EventType{});
    return collection({names.begin(), names.end()});
  }
  auto const& value = path[1];
  if (is_epc) {
    auto const key = gs1::read_key(value, "epc");
    if (!key) return resource_refusal(key.error());
    if (path.size() == 3) return query_events(at, request, {{"MATCH_anyEPC", value}});
    if (!has_history(*at.state, *key))
      return problem(404, "epcisException:NoSuchResourceException", "not found", value);
    return collection({"events"});
  }
  auto const text = indexed_form(*resource, value);
  if (!text) return resource_refusal(text.error());
  if (path.size() == 3) return query_events(at, request, {{std::string(resource->parameter), value}});
  if (path[0] != "eventTypes" && !ledger::is_indexed(*at.state, resource->kind, *text))
    return problem(404, "epcisException:NoSuchResourceException", "not found", value);
  return collection({"events"});
}

}  // namespace rpc
