// SPDX-License-Identifier: Apache-2.0
#include "rpc/resolver.hpp"

#include <algorithm>

#include "gs1/digital_link.hpp"
#include "gs1/identifier.hpp"
#include "ledger/history.hpp"
#include "rpc/json.hpp"

namespace rpc {

namespace {

using base::Value;
using ledger::Space;

constexpr std::string_view canonical_stem = "https://id.gs1.org";
constexpr std::string_view vocabulary = "https://gs1.org/voc/";

struct LinkType {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  /// In front of the identifier's path.
  std::string_view front;
  std::string_view type;
};
constexpr LinkType link_types[] = {
    {"pip", "Product information page", "What it is, where it is from, who said so, checked in the browser", "",
     "text/html"},
    {"traceability", "Traceability information", "Everything recorded about it, with its proof", "/proof",
     "application/octet-stream"},
};

/// The server's own address, as the client calls it; empty without a Host.
std::string origin_of(Request const& request) {
  auto const host = request.header("host");
  bool const plain = !host.empty() && host.size() <= 255 &&
                     host.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:[]") ==
                         std::string_view::npos;
  return plain ? "http://" + std::string(host) : std::string();
}

std::string path_of(gs1::Key const& key) { return key.uri.substr(canonical_stem.size()); }

std::string full_uri(Request const& request) { return std::string(canonical_stem) + std::string(request.path()); }

bool is_recorded(ledger::StateView const& state, gs1::Key const& key) {
  for (auto const space : {Space::item, Space::lot, Space::unit, Space::thing}) {
    if (ledger::is_subject(state, ledger::tree_key(space, key.uri))) return true;
  }
  if (key.kind == gs1::KeyKind::site) return state.has(ledger::state_key(Space::site, key.primary));
  if (key.kind == gs1::KeyKind::party) return state.has(ledger::state_key(Space::member, key.primary));
  return key.kind == gs1::KeyKind::product && state.has(ledger::state_key(Space::product, key.primary));
}

/// The identifier and those above it: the serial, the lot that the link names beside it, the product.
std::vector<gs1::Key> levels_of(std::string const& uri, gs1::Key const& key) {
  std::vector<gs1::Key> out = {key};
  auto const path = gs1::read_link_path(uri, {.alphabetic_keys = true, .short_gtin = true});
  auto const lot = std::ranges::find(path.elements, "10", &gs1::Element::first);
  if (key.kind == gs1::KeyKind::item && lot != path.elements.end() &&
      judge_value(*gs1::find_identifier("10"), lot->second) == gs1::ValueFault::none)
    out.push_back(gs1::make_lot(key.primary, lot->second));
  if (auto const above = gs1::class_of(key); !(above == key)) out.push_back(above);
  return out;
}

Value link(std::string href, LinkType const& type) {
  auto one = Value::object();
  one.add("href", Value::of(std::move(href)));
  one.add("title", Value::of(type.title));
  one.add("type", Value::of(type.type));
  if (type.type == "text/html") one.add("hreflang", Value::array({Value::of("en"), Value::of("zh")}));
  return Value::array({one});
}

std::string description_of(ledger::StateView const& state, gs1::Key const& key) {
  if (key.ai != "01") return {};
  auto const product = ledger::load<ledger::ProductRecord>(state, Space::product, key.primary);
  return product && !product->product.names.empty() ? std::string(product->product.names.front().text) : std::string();
}

Response linkset(ledger::StateView const& state, gs1::Key const& key, std::string const& origin) {
  auto context = Value::object();
  context.add("anchor", Value::of(origin.empty() ? key.uri : origin + path_of(key)));
  if (auto description = description_of(state, key); !description.empty())
    context.add("itemDescription", Value::of(std::move(description)));
  auto const href = [&](LinkType const& type) { return origin + std::string(type.front) + path_of(key); };
  context.add(std::string(vocabulary) + "defaultLink", link(href(link_types[0]), link_types[0]));
  for (auto const& type : link_types)
    context.add(std::string(vocabulary) + std::string(type.name), link(href(type), type));
  auto body = Value::object();
  body.add("linkset", Value::array({std::move(context)}));
  return {200, "application/linkset+json", to_text(body), {{"Access-Control-Allow-Origin", "*"}}};
}

Response redirect(std::string target) {
  return {307, "text/plain", "", {{"Location", std::move(target)}, {"Access-Control-Allow-Origin", "*"}}};
}

/// The name behind gs1:, its full IRI, or the word itself.
std::string_view bare_type(std::string_view given) {
  for (std::string_view const front : {"gs1:", "https://gs1.org/voc/", "https://ref.gs1.org/voc/",
                                       "http://gs1.org/voc/", "https://www.gs1.org/voc/"}) {
    if (given.starts_with(front)) return given.substr(front.size());
  }
  return given;
}

}  // namespace

bool is_link_path(std::string_view path) {
  if (path.size() < 4 || path[0] != '/') return false;
  path.remove_prefix(1);
  auto const slash = path.find('/');
  if (slash == path.npos || slash + 1 == path.size()) return false;
  auto name = path.substr(0, slash);
  if (auto const numeric = gs1::numeric_identifier(name); !numeric.empty()) name = numeric;
  auto const* row = gs1::find_identifier(name);
  return row != nullptr && row->is(gs1::ApplicationIdentifier::key);
}

std::optional<Response> resolve_link(ledger::Certified const& at, Request const& request) {
  auto const uri = full_uri(request);
  auto const key = gs1::read_key(uri, "path");
  if (!key) return problem(400, "about:blank", base::name(key.error().code), to_string(key.error()));
  auto const given = request.query("linkType");
  bool const accepts = request.header("accept").find("application/linkset+json") != std::string_view::npos;
  auto const type = given.empty() ? std::string_view{} : bare_type(given.front());
  bool const whole = accepts || type == "all" || type == "linkset";
  if (!whole && (type.empty() || type == "defaultLink")) return std::nullopt;
  auto const levels = levels_of(uri, *key);
  auto const level = std::ranges::find_if(levels, [&](gs1::Key const& one) { return is_recorded(*at.state, one); });
  if (level == levels.end())
    return problem(404, "about:blank", "not found",
                   "nothing is recorded under this identifier, its lot or its product");
  auto const origin = origin_of(request);
  if (whole) return linkset(*at.state, *level, origin);
  auto const* found = std::ranges::find(link_types, type, &LinkType::name);
  if (found == std::end(link_types))
    return problem(404, "about:blank", "not found", "no link of type " + given.front() + "; linkType=all lists them");
  return redirect(std::string(found->front) + path_of(*level));
}

std::optional<Response> resolve_compressed(Request const& request) {
  std::string const path(request.path());
  if (path.size() < 8 || path.find_first_of(".%", 1) != path.npos) return std::nullopt;
  auto const elements = gs1::read_compressed_link(std::string(canonical_stem) + path);
  if (!elements) return std::nullopt;
  auto const link = gs1::make_link(*elements, "");
  if (!link) return std::nullopt;
  return redirect(*link);
}

std::vector<std::pair<std::string, std::string>> link_headers(Request const& request) {
  std::string const path(request.path());
  auto const key = gs1::read_key(full_uri(request));
  std::string links = "<" + path + "?linkType=all>; rel=\"linkset\"; type=\"application/linkset+json\"";
  if (key) links += ", <" + key->uri + ">; rel=\"owl:sameAs\"";
  return {{"Link", std::move(links)}, {"Vary", "Accept"}};
}

Response resolver_description(std::string_view chain_name, Request const& request) {
  auto const origin = origin_of(request);
  auto body = Value::object();
  body.add("name", Value::of("Tallystick " + std::string(chain_name)));
  body.add("resolverRoot", Value::of(origin.empty() ? "/" : origin));
  auto space = Value::object();
  space.add("namespace", Value::of(vocabulary));
  space.add("prefix", Value::of("gs1:"));
  body.add("supportedLinkType", Value::array({std::move(space)}));
  auto keys = Value::array();
  for (auto const& row : gs1::identifier_table()) {
    if (row.is(gs1::ApplicationIdentifier::key)) keys.items.push_back(Value::of(row.first));
  }
  body.add("supportedPrimaryKeys", std::move(keys));
  body.add("linkTypeDefaultCanBeAll", Value::of(false));
  body.add("supportsLanguageVariants", Value::of(true));
  body.add("supportsSemanticInterpretation", Value::of(false));
  body.add("validatesAIcombinations", Value::of(true));
  auto active = Value::object();
  for (auto const& type : link_types) {
    auto one = Value::object();
    one.add("title", Value::of(type.title));
    one.add("description", Value::of(type.description));
    one.add("url", Value::of(std::string(vocabulary) + std::string(type.name)));
    active.add("gs1:" + std::string(type.name), std::move(one));
  }
  auto by_language = Value::object();
  by_language.add("en", std::move(active));
  body.add("activeLinkTypes", std::move(by_language));
  return {200, "application/json", to_text(body), {{"Access-Control-Allow-Origin", "*"}}};
}

}  // namespace rpc
