// SPDX-License-Identifier: Apache-2.0
#include "gs1/context.hpp"

#include <algorithm>
#include <array>

#include "gs1/json.hpp"

namespace gs1 {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

/// The prefixes that the EPCIS context declares, and protects.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> epcis_prefixes = {{
    {"epcis", "https://ref.gs1.org/epcis/"},
    {"cbv", "https://ref.gs1.org/cbv/"},
    {"cbvmda", "urn:epcglobal:cbv:mda:"},
    {"gs1", "https://gs1.org/voc/"},
    {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
    {"owl", "http://www.w3.org/2002/07/owl#"},
    {"xsd", "http://www.w3.org/2001/XMLSchema#"},
    {"dcterms", "http://purl.org/dc/terms/"},
}};

/// The published homes of the EPCIS 2.0 context and its numbered versions.
bool is_epcis_url(std::string_view url) {
  constexpr std::string_view name = "epcis-context.jsonld";
  constexpr std::string_view homes[] = {"https://ref.gs1.org/standards/epcis/", "https://gs1.github.io/EPCIS/"};
  if (!url.ends_with(name)) return false;
  url.remove_suffix(name.size());
  for (auto const home : homes) {
    if (!url.starts_with(home)) continue;
    auto version = url.substr(home.size());
    if (version.empty()) return true;
    return version.starts_with("2.") && version.ends_with('/') &&
           version.find_first_not_of("0123456789./") == version.npos;
  }
  return false;
}

/// What a query's JSON names in the place of a context; it declares nothing.
bool is_query_schema(std::string_view url) {
  return url.starts_with("https://ref.gs1.org/standards/epcis/") && url.ends_with("/query-schema.json");
}

/// Published extension contexts whose prefixes are known here, each with the namespace it adds; all of them also
/// declare those of their core. Their bare terms are not known: they name no key that the ledger could keep apart.
constexpr std::string_view openepcis = "https://ref.openepcis.io/extensions/";
constexpr std::pair<std::string_view, std::string_view> core_prefixes[] = {
    {"oec", "https://ref.openepcis.io/extensions/common/core/"},
    {"schema", "https://schema.org/"},
};
struct Extension {
  std::string_view file;
  std::string_view prefix;
  std::string_view space;
};
constexpr Extension extensions[] = {
    {"common/core/dpp-core-context.jsonld", "", ""},
    {"eu/battery/battery-context.jsonld", "eubat", "eu/battery/"},
    {"eu/cpr/cpr-context.jsonld", "eucpr", "eu/cpr/"},
    {"eu/detergent/detergent-context.jsonld", "eudet", "eu/detergent/"},
    {"eu/electronics/electronics-context.jsonld", "euelec", "eu/electronics/"},
    {"eu/eudr/eudr-context.jsonld", "eudr", "eu/eudr/"},
    {"eu/iron-steel/iron-steel-context.jsonld", "eusteel", "eu/iron-steel/"},
    {"eu/ppwr/ppwr-context.jsonld", "euppwr", "eu/ppwr/"},
    {"eu/textile/textile-context.jsonld", "eutex", "eu/textile/"},
    {"us/fsma204/fsma204-context.jsonld", "usfsma", "us/fsma204/"},
};

/// True when the URL is one of them; its prefixes are then declared.
bool take_extension(std::vector<std::pair<std::string, std::string>>& names, std::string_view url) {
  if (!url.starts_with(openepcis)) return false;
  auto const* found = std::ranges::find(extensions, url.substr(openepcis.size()), &Extension::file);
  if (found == std::end(extensions)) return false;
  for (auto const& [prefix, iri] : core_prefixes) names.emplace_back(prefix, iri);
  if (!found->prefix.empty()) {
    names.emplace_back(found->prefix, std::string(openepcis) + std::string(found->space));
  }
  return true;
}

std::string_view find_prefix(std::string_view name) {
  auto const* found = std::ranges::find(epcis_prefixes, name, &std::pair<std::string_view, std::string_view>::first);
  return found == epcis_prefixes.end() ? std::string_view{} : found->second;
}

Error fail(std::string_view field, std::string_view name, std::string detail) {
  return {Code::E_CONTEXT, std::string(field) + (name.empty() ? "" : "." + std::string(name)), std::move(detail)};
}

Result<void> declare(Context& context, std::string const& name, std::string_view iri, std::string_view field) {
  bool const ours = iri.starts_with(tally_namespace);
  if (name == "tally" && iri != tally_namespace) return fail(field, name, "must be " + std::string(tally_namespace));
  if (name != "tally" && ours) return fail(field, name, "our namespace has the one prefix tally");
  auto const protected_iri = find_prefix(name);
  if (!protected_iri.empty() && protected_iri != iri)
    return fail(field, name, "the EPCIS context protects this prefix");
  if (name == "@vocab") {
    context.vocab = iri;
  } else {
    context.names.emplace_back(name, iri);
  }
  return {};
}

Result<void> read_declarations(Context& context, Value const& object, std::string_view field) {
  for (auto const& [name, value] : object.members) {
    if (name == "@import") return fail(field, name, "nothing remote is fetched");
    // A term's own context holds inside the term.
    if (auto const* own = value.find("@context")) {
      TRY(read_context(*own, std::string(field) + "." + name + ".@context"));
    }
    bool const keyword = name.starts_with('@');
    if (keyword && name != "@vocab") continue;
    // A term definition without an @id only says how values are typed.
    std::string_view const iri = value.is(Value::Kind::object) ? value.string_of("@id") : value.text;
    if (value.is(Value::Kind::object) && iri.empty()) continue;
    if (!value.is(Value::Kind::string) && !value.is(Value::Kind::object)) return fail(field, name, "expected an IRI");
    TRY(declare(context, name, iri, field));
  }
  return {};
}

Result<void> read_into(Context& context, Value const& value, std::string_view field) {
  switch (value.kind) {
    case Value::Kind::string:
      if (is_epcis_url(value.text)) {
        context.epcis = true;
      } else if (!is_query_schema(value.text) && !take_extension(context.names, value.text)) {
        return fail(field, "",
                    "\"" + value.text.substr(0, 256) +
                        "\" is not known here, and nothing remote is fetched;"
                        " declare its prefixes inline");
      }
      return {};
    case Value::Kind::object:
      return read_declarations(context, value, field);
    case Value::Kind::array:
      for (auto const& item : value.items) {
        if (item.is(Value::Kind::array)) return fail(field, "", "a list inside the list");
        TRY(read_into(context, item, field));
      }
      return {};
    default:
      return fail(field, "", "expected a URL, an object or a list of them");
  }
}

}  // namespace

std::string_view Context::find(std::string_view name) const {
  auto const found = std::ranges::find(names.rbegin(), names.rend(), name, &std::pair<std::string, std::string>::first);
  if (found != names.rend()) return found->second;
  return epcis ? find_prefix(name) : std::string_view{};
}

std::string Context::expand(std::string_view key) const {
  auto const declared = find(key);
  if (!declared.empty()) {
    // A term may itself be given as a CURIE; one step is enough for what partners write.
    auto const colon = declared.find(':');
    auto const prefix = colon == declared.npos ? std::string_view{} : find(declared.substr(0, colon));
    if (prefix.empty() || declared.substr(colon + 1).starts_with("//")) return std::string(declared);
    return std::string(prefix) + std::string(declared.substr(colon + 1));
  }
  auto const colon = key.find(':');
  if (colon == key.npos) return vocab.empty() || key.starts_with('@') ? std::string() : vocab + std::string(key);
  auto const scheme = key.substr(0, colon);
  auto const rest = key.substr(colon + 1);
  if (scheme == "urn" || ((scheme == "http" || scheme == "https") && rest.starts_with("//"))) return std::string(key);
  auto const prefix = find(scheme);
  return prefix.empty() ? std::string() : std::string(prefix) + std::string(rest);
}

Result<Context> read_context(Value const& value, std::string_view field) {
  Context context;
  TRY(read_into(context, value, field));
  return context;
}

Result<Context> read_context(std::string_view bytes) {
  if (bytes.empty()) return Context{};
  JsonLimits const limits{.bytes_max = context_bytes_max, .code = Code::E_CONTEXT};
  auto value = parse_json(bytes, limits);
  if (!value) {
    auto error = value.error();
    error.field =
        error.field.empty() || error.field.starts_with('[') ? "@context" + error.field : "@context." + error.field;
    return error;
  }
  return read_context(*value);
}

Result<Context> with_inner(Context const& outer, Value const& event) {
  Context context = outer;
  if (auto const* inner = event.find("@context")) TRY(read_into(context, *inner, "@context"));
  return context;
}

}  // namespace gs1
