// SPDX-License-Identifier: Apache-2.0
// GS1 identifiers and EPCIS documents without a node: gs1 parse|normalise|urn, epcis check|hash.
#include <algorithm>

#include "gs1/digital_link.hpp"
#include "gs1/document.hpp"
#include "gs1/event.hpp"
#include "gs1/event_hash.hpp"
#include "gs1/json.hpp"
#include "gs1/query.hpp"
#include "rpc/json.hpp"
#include "rpc/xml.hpp"
#include "wallet/commands.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

base::Result<std::vector<gs1::Element>> elements_of(std::string const& uri, gs1::LinkOptions const& options) {
  if (uri.starts_with('(')) {
    TRY_ASSIGN(auto const elements, gs1::read_bracketed(uri));
    TRY_ASSIGN(auto const link, gs1::make_link(elements, "https://id.gs1.org", options));
    return gs1::parse_link(link, options);
  }
  auto elements = gs1::parse_link(uri, options);
  if (elements || gs1::read_link_path(uri, options).fault != gs1::LinkFault::no_link) return elements;
  auto compressed = gs1::read_compressed_link(uri);
  return compressed ? compressed : elements;
}

int print_line(Value const& line, bool good) {
  std::printf("%s\n", rpc::to_text(line).c_str());
  return code(good ? Exit::done : Exit::refused);
}

void add_error(Value& out, Error const& error) {
  out.add("code", Value::of(base::name(error.code)));
  out.add("field", Value::of(error.field));
  out.add("detail", Value::of(error.detail));
}

int parse(std::string const& uri, gs1::LinkOptions const& options) {
  auto const elements = elements_of(uri, options);
  auto out = Value::object();
  out.add("uri", Value::of(uri));
  out.add("valid", Value::of(elements.has_value()));
  if (!elements) {
    add_error(out, elements.error());
    return print_line(out, false);
  }
  out.add("elements", Value::of(gs1::element_string(*elements)));
  out.add("element_strings", Value::of(gs1::bracketed_string(*elements)));
  auto identifiers = Value::object();
  for (auto const& [ai, value] : *elements) identifiers.add(ai, Value::of(value));
  out.add("ai", std::move(identifiers));
  return print_line(out, true);
}

/// The link to look at: a compressed one is written out, a text in brackets is made one.
std::string plain_link(std::string const& uri) {
  if (uri.starts_with("urn:") || !gs1::canonical_link(uri).empty()) return uri;
  auto const elements = elements_of(uri, {});
  auto const link = elements ? gs1::make_link(*elements) : base::Result<std::string>(elements.error());
  return link ? *link : uri;
}

int normalise(std::string const& uri) {
  auto const plain = plain_link(uri);
  auto const canonical = gs1::canonical_link(plain);
  auto const judged = gs1::read_key(plain, "URI");
  auto out = Value::object();
  out.add("in", Value::of(uri));
  out.add("canonical", canonical.empty() ? Value::of_null() : Value::of(canonical));
  if (!judged) add_error(out, judged.error());
  return print_line(out, !canonical.empty());
}

/// An EPC URN tells the length of its company prefix.
unsigned prefix_digits_of(std::string const& urn, unsigned given) {
  if (given != 0) return given;
  auto const dot = urn.find('.');
  auto const colon = urn.rfind(':', dot);
  if (!urn.starts_with("urn:epc:") || dot == urn.npos || dot - colon - 1 > 12) return 7;
  return static_cast<unsigned>(dot - colon - 1);
}

int to_urn(std::string const& uri, unsigned prefix_digits) {
  auto const key = gs1::find_key(plain_link(uri));
  auto out = Value::object();
  out.add("in", Value::of(uri));
  if (!key) {
    out.add("urn", Value::of_null());
    add_error(out, {Code::E_EVENT_FORM, "URI", "no GS1 key"});
    return print_line(out, false);
  }
  auto const digits = prefix_digits_of(uri, prefix_digits);
  auto const urn = gs1::to_urn(*key, digits);
  out.add("uri", Value::of(key->uri));
  out.add("urn", urn ? Value::of(*urn) : Value::of_null());
  out.add("gcp_length", Value::of(std::uint64_t{digits}));
  if (!urn) add_error(out, urn.error());
  return print_line(out, urn.has_value());
}

std::string at_event(std::size_t index, std::string const& field) {
  return "eventList[" + std::to_string(index) + "]" + (field.empty() || field[0] == '[' ? "" : ".") + field;
}

/// The events' hashes, whether or not the events are valid: others' documents have them too.
base::Result<std::vector<std::string>> hashes_of(std::string_view text) {
  TRY_ASSIGN(auto const document, gs1::read_document(text));
  TRY_ASSIGN(auto const context, gs1::read_context(document.context));
  std::vector<std::string> out;
  for (auto const event : document.events) {
    TRY_ASSIGN(auto value, gs1::parse_json(event, {.bytes_max = gs1::event_bytes_max}));
    std::erase_if(value.members, [&](auto const& one) {
      return std::ranges::find(document.unhashed, one.first) != document.unhashed.end();
    });
    TRY_ASSIGN(auto const inner, gs1::with_inner(context, value));
    out.push_back(gs1::to_event_id(gs1::event_hash(value, inner)));
  }
  return out;
}

/// What a document is, in words; or its first fault.
base::Result<std::string> verdict_of(std::string_view text) {
  gs1::JsonLimits const limits{.bytes_max = gs1::document_bytes_max, .depth_max = 40};
  TRY_ASSIGN(auto const value, gs1::parse_json(text, limits));
  // A named query has its parameters inside.
  auto const* named = value.find("query");
  auto const& query = named == nullptr ? value : *named;
  if (gs1::is_query(query) || (named != nullptr && value.find("name") != nullptr)) {
    TRY(gs1::read_query(query));
    return "valid, a query of " + std::to_string(query.members.size() - (query.find("@context") ? 1 : 0)) +
           " parameters";
  }
  TRY_ASSIGN(auto const document, gs1::read_document(text));
  TRY_ASSIGN(auto const context, gs1::read_context(document.context));
  for (std::size_t i = 0; i < document.events.size(); ++i) {
    auto const event = gs1::read_event(base::bytes_of(document.events[i]), context);
    if (!event) {
      auto error = event.error();
      if (document.kind != gs1::DocumentKind::event) error.field = at_event(i, error.field);
      return error;
    }
  }
  return "valid, " + std::to_string(document.events.size()) + " events";
}

/// Standard input, as much as a document may have.
base::Result<std::string> read_input() {
  std::string text(gs1::document_bytes_max + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stdin));
  if (text.size() > gs1::document_bytes_max) return base::Error{Code::E_TOO_LARGE, "-", "at most 4 MiB a document"};
  return text;
}

}  // namespace

base::Result<std::string> read_epcis_file(std::filesystem::path const& file) {
  TRY_ASSIGN(auto text, file == "-" ? read_input() : read_text_file(file, gs1::document_bytes_max));
  if (!rpc::is_xml(text)) return text;
  return rpc::json_of_xml(text);
}

int gs1_command(std::string const& verb, std::string const& uri, gs1::LinkOptions const& options,
                unsigned prefix_digits) {
  if (verb == "parse") return parse(uri, options);
  if (verb == "normalise") return normalise(uri);
  return to_urn(uri, prefix_digits);
}

int epcis_command(std::string const& verb, std::filesystem::path const& file) {
  auto const text = read_epcis_file(file);
  if (!text && text.error().code != Code::E_EVENT_FORM && text.error().code != Code::E_TOO_LARGE)
    return code(report(text.error()));
  if (verb == "hash") {
    auto const hashes = text ? hashes_of(*text) : base::Result<std::vector<std::string>>(text.error());
    if (!hashes) return code(report(hashes.error()));
    for (auto const& hash : *hashes) std::printf("%s\n", hash.c_str());
    return code(Exit::done);
  }
  auto const verdict = text ? verdict_of(*text) : text;
  if (verdict) {
    std::printf("%s\n", verdict->c_str());
    return code(Exit::done);
  }
  auto const& error = verdict.error();
  std::printf("refused  %s  %s: %s\n", error.field.empty() ? "document" : error.field.c_str(),
              std::string(base::name(error.code)).c_str(),
              error.detail.empty() ? std::string(base::hint(error.code)).c_str() : error.detail.c_str());
  return code(Exit::refused);
}

}  // namespace wallet
