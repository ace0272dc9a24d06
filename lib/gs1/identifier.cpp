// SPDX-License-Identifier: Apache-2.0
#include "gs1/identifier.hpp"

#include <algorithm>
#include <array>

#include "gs1/digital_link.hpp"

namespace gs1 {

namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view canonical_stem = "https://id.gs1.org/";
/// Partners still write short GTINs and the alphabetic names; both become the canonical form.
constexpr LinkOptions lenient{.alphabetic_keys = true, .short_gtin = true, .unknown_identifiers = true};

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

KeyKind kind_of(std::string_view ai, std::string_view qualifier_ai) {
  if (ai == "01") {
    return qualifier_ai == "21"   ? KeyKind::item
           : qualifier_ai == "10" ? KeyKind::lot
           : qualifier_ai.empty() ? KeyKind::product
                                  : KeyKind::other;
  }
  if (ai == "00") return KeyKind::sscc;
  if (ai == "414") return KeyKind::site;
  if (ai == "417") return KeyKind::party;
  if (ai == "8004") return KeyKind::device;
  if (ai == "253") return KeyKind::document;
  return KeyKind::other;
}

Key make_key(std::string_view ai, std::string_view primary, std::string_view qualifier_ai = {},
             std::string_view qualifier = {}) {
  Key key;
  key.kind = kind_of(ai, qualifier_ai);
  key.ai = ai;
  key.primary = primary;
  key.qualifier = qualifier;
  key.uri.reserve(canonical_stem.size() + primary.size() + qualifier.size() + 12);
  key.uri += canonical_stem;
  key.uri += ai;
  key.uri += '/';
  key.uri += percent_encoded(primary);
  if (!qualifier_ai.empty()) {
    key.uri += '/';
    key.uri += qualifier_ai;
    key.uri += '/';
    key.uri += percent_encoded(qualifier);
  }
  return key;
}

/// Of the qualifiers in a Digital Link EPCIS identifies by one: the serial, else the lot; the third party's serial; a
/// site's extension; a component's serial; a payment's reference. The others (variant, relation) do not change what is
/// identified.
Key key_of(std::vector<Element> const& elements) {
  constexpr std::array<std::string_view, 6> identifying = {"21", "10", "235", "254", "8011", "8020"};
  for (auto const wanted : identifying) {
    auto const found = std::ranges::find(elements.begin() + 1, elements.end(), wanted, &Element::first);
    // Extension 0 is how an EPC URN says that there is none.
    if (found != elements.end() && !(wanted == "254" && found->second == "0")) {
      return make_key(elements[0].first, elements[0].second, wanted, found->second);
    }
  }
  return make_key(elements[0].first, elements[0].second);
}

std::string with_check_digit(std::string digits) {
  digits += check_digit(digits);
  return digits;
}

/// The parts of an EPC URN: all but the last hold digits only (a component's reference aside), the last takes the rest.
std::vector<std::string_view> split(std::string_view text, std::size_t count) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < count) {
    auto const dot = text.find('.');
    if (dot == std::string_view::npos) return {};
    parts.push_back(text.substr(0, dot));
    text = text.substr(dot + 1);
  }
  parts.push_back(text);
  return parts;
}

struct Scheme {
  std::string_view name;
  std::size_t parts;
  std::string_view ai;
  /// Digits of company prefix and reference together; 0 when they are not fixed.
  std::size_t digits;
  std::string_view qualifier_ai;
};

/// EPC Tag Data Standard 1.13, section 6.3, in the words of CBV 2.0 section 8.
constexpr Scheme schemes[] = {
    {"sgtin", 3, "01", 13, "21"},  {"lgtin", 3, "01", 13, "10"}, {"upui", 3, "01", 13, "235"},
    {"itip", 5, "8006", 13, "21"}, {"sscc", 2, "00", 17, ""},    {"sgln", 3, "414", 12, "254"},
    {"pgln", 2, "417", 12, ""},    {"grai", 3, "8003", 12, ""},  {"giai", 2, "8004", 0, ""},
    {"gsrn", 2, "8018", 17, ""},   {"gsrnp", 2, "8017", 17, ""}, {"gdti", 3, "253", 12, ""},
    {"cpi", 3, "8010", 0, "8011"}, {"sgcn", 3, "255", 12, ""},   {"ginc", 2, "401", 0, ""},
    {"gsin", 2, "402", 16, ""},
};

bool is_prefix(std::string_view text) { return text.size() >= 6 && text.size() <= 12 && all_digits(text); }

/// The GS1 key of an EPC URN's scheme and parts; `serial` is empty in a pattern for all serials.
std::optional<Key> key_of_parts(Scheme const& scheme, std::vector<std::string_view> const& parts,
                                std::string const& serial) {
  auto const prefix = parts[0];
  auto const reference = parts[1];
  if (!is_prefix(prefix)) return std::nullopt;
  if (scheme.digits != 0 && (prefix.size() + reference.size() != scheme.digits || !all_digits(reference)))
    return std::nullopt;
  std::string digits = std::string(prefix) + std::string(reference);
  std::vector<Element> elements;
  auto const qualified = [&](std::string primary) {
    elements.emplace_back(scheme.ai, std::move(primary));
    if (!serial.empty() && !scheme.qualifier_ai.empty()) elements.emplace_back(scheme.qualifier_ai, serial);
  };
  // An indicator or extension digit stands before the reference in the URN, before the prefix in the key.
  auto const turned = [&] {
    return with_check_digit(std::string(reference.substr(0, 1)) + std::string(prefix) +
                            std::string(reference.substr(1)));
  };
  if (scheme.ai == "01" || scheme.ai == "00") {
    if (reference.empty()) return std::nullopt;
    qualified(turned());
  } else if (scheme.ai == "8006") {
    if (reference.empty() || parts[2].size() != 2 || parts[3].size() != 2) return std::nullopt;
    qualified(turned() + std::string(parts[2]) + std::string(parts[3]));
  } else if (scheme.ai == "8003") {
    qualified("0" + with_check_digit(digits) + serial);
  } else if (scheme.ai == "253" || scheme.ai == "255") {
    qualified(with_check_digit(digits) + serial);
  } else if (scheme.digits != 0) {
    qualified(with_check_digit(digits));
  } else {
    qualified(std::string(prefix) + percent_decoded(reference));
  }
  for (auto const& [ai, value] : elements) {
    if (judge_value(*find_identifier(ai), value) == ValueFault::form) return std::nullopt;
  }
  return key_of(elements);
}

std::optional<Key> find_urn(std::string_view urn) {
  bool pattern = false;
  if (urn.starts_with("urn:epc:id:")) {
    urn.remove_prefix(11);
  } else if (urn.starts_with("urn:epc:class:lgtin:")) {
    urn.remove_prefix(14);
  } else if (urn.starts_with("urn:epc:idpat:")) {
    urn.remove_prefix(14);
    pattern = true;
  } else {
    return std::nullopt;
  }
  auto const colon = urn.find(':');
  auto const* scheme = std::ranges::find(schemes, urn.substr(0, colon), &Scheme::name);
  if (colon == std::string_view::npos || scheme == std::end(schemes)) return std::nullopt;
  auto const parts = split(urn.substr(colon + 1), scheme->parts);
  if (parts.empty()) return std::nullopt;
  if (pattern) {
    if (scheme->parts < 3 || parts.back() != "*") return std::nullopt;
    return key_of_parts(*scheme, parts, "");
  }
  std::string const serial = scheme->parts > 2 ? percent_decoded(parts.back()) : "";
  if (scheme->parts > 2 && serial.empty()) return std::nullopt;
  return key_of_parts(*scheme, parts, serial);
}

/// A scheme (RFC 3986 section 3.1), a colon, and something behind it, in characters of a URI.
bool is_absolute(std::string_view uri) {
  auto const colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == uri.size()) return false;
  auto const letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  auto const scheme = uri.substr(0, colon);
  if (!letter(scheme[0])) return false;
  if (!std::ranges::all_of(
          scheme, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; })) {
    return false;
  }
  return is_uri_text(uri);
}

bool is_canonical_host(std::string_view uri) {
  return uri.starts_with(canonical_stem) || uri.starts_with("http://id.gs1.org/");
}

bool is_other_epc(std::string_view uri) {
  constexpr std::string_view names[] = {"gid", "usdod", "adi", "bic", "imovn"};
  if (!uri.starts_with("urn:epc:id:")) return false;
  uri.remove_prefix(11);
  return std::ranges::find(names, uri.substr(0, uri.find(':'))) != std::end(names);
}

/// On a partner's own domain a path may look like a lesser key by accident (published examples have such a GRAI): there
/// only the check digits of trade items, logistic units and locations are judged.
bool is_judged(std::string_view uri, std::string_view ai) {
  constexpr std::string_view everywhere[] = {"00", "01", "414", "417"};
  return is_canonical_host(uri) || std::ranges::find(everywhere, ai) != std::end(everywhere);
}

/// The characters that an EPC URN escapes (Tag Data Standard 1.13, table A-1).
std::string urn_encoded(std::string_view text) {
  std::string out;
  for (char const c : text) {
    if (std::string_view("\"#%&/<>?").find(c) != std::string_view::npos) {
      out += percent_encoded({&c, 1});
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

char check_digit(std::string_view digits) {
  unsigned sum = 0;
  unsigned weight = 3;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, weight = 4 - weight) {
    sum += weight * static_cast<unsigned>(*digit - '0');
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

Result<Key> read_key(std::string_view uri, std::string_view field) {
  auto const fail = [&](Code code, std::string detail) { return Error{code, std::string(field), std::move(detail)}; };
  if (uri.size() > key_bytes_max) return fail(Code::E_EVENT_FORM, "longer than 512 bytes");
  if (uri.starts_with("urn:epc:") && !is_other_epc(uri)) {
    auto key = find_urn(uri);
    if (!key) return fail(Code::E_EVENT_FORM, "not an EPC URN of a GS1 key");
    if (key->uri.size() > key_bytes_max) return fail(Code::E_EVENT_FORM, "longer than 512 bytes");
    return *std::move(key);
  }
  auto path = read_link_path(uri, lenient);
  switch (path.fault) {
    case LinkFault::none: {
      auto key = key_of(path.elements);
      if (key.uri.size() > key_bytes_max) return fail(Code::E_EVENT_FORM, "longer than 512 bytes");
      return key;
    }
    case LinkFault::check_digit:
      // A published document that everybody takes has such a returnable asset.
      if (is_canonical_host(uri) && path.elements[0].first == "8003") return key_of(path.elements);
      if (!is_judged(uri, path.elements[0].first)) break;
      return fail(Code::E_CHECK_DIGIT, "AI " + path.field + " in " + std::string(uri));
    case LinkFault::form:
    case LinkFault::content:
    case LinkFault::no_link:
      break;
  }
  if (is_canonical_host(uri)) {
    return fail(Code::E_EVENT_FORM, "not a GS1 key of EPCIS: AI " + path.field);
  }
  if (!is_absolute(uri)) return fail(Code::E_EVENT_FORM, "not an absolute URI");
  Key key;
  key.uri = uri;
  return key;
}

std::optional<Key> find_key(std::string_view uri) {
  if (uri.starts_with("urn:epc:")) return find_urn(uri);
  auto const path = read_link_path(uri, lenient);
  if (path.fault == LinkFault::no_link || path.fault == LinkFault::form) return std::nullopt;
  return key_of(path.elements);
}

std::string canonical_link(std::string_view uri) {
  auto key = find_key(uri);
  return key ? std::move(key->uri) : std::string();
}

Result<std::string> to_urn(Key const& key, unsigned prefix_digits) {
  auto const fail = [&](std::string detail) { return Error{Code::E_EVENT_FORM, "", std::move(detail)}; };
  if (prefix_digits < 6 || prefix_digits > 12) return fail("a GS1 company prefix has 6 to 12 digits");
  auto const by_kind = [&](Scheme const& scheme) {
    if (scheme.ai != key.ai) return false;
    if (key.ai != "01") return true;
    if (key.kind == KeyKind::lot) return scheme.name == "lgtin";
    return scheme.name == (key.kind == KeyKind::other ? "upui" : "sgtin");
  };
  auto const* scheme = std::ranges::find_if(schemes, by_kind);
  if (scheme == std::end(schemes)) return fail("has no EPC URN");
  // The digits of prefix and reference: behind the leading digit of some keys, before the check digit.
  bool const leading = scheme->ai == "01" || scheme->ai == "00" || scheme->ai == "8006";
  std::string_view const digits = gs1::prefix_digits(key);
  auto const count = leading ? scheme->digits - 1 : scheme->digits == 0 ? digits.size() : scheme->digits;
  if (digits.size() < count || count < prefix_digits || !all_digits(digits.substr(0, prefix_digits))) {
    return fail("shorter than that company prefix");
  }
  std::string reference = urn_encoded(digits.substr(prefix_digits, count - prefix_digits));
  if (leading) reference.insert(0, 1, key.primary[0]);
  std::string serial = key.qualifier;
  if (scheme->ai == "8003" || scheme->ai == "253" || scheme->ai == "255") serial = digits.substr(count + 1);
  if (scheme->ai == "414" && serial.empty()) serial = "0";
  std::string urn = std::string(digits.substr(0, prefix_digits)) + "." + reference;
  if (scheme->ai == "8006") urn += "." + key.primary.substr(14, 2) + "." + key.primary.substr(16, 2);
  if (scheme->parts > 2) urn += "." + (serial.empty() ? "*" : urn_encoded(serial));
  bool const pattern = scheme->parts > 2 && serial.empty();
  return std::string(pattern                   ? "urn:epc:idpat:"
                     : scheme->name == "lgtin" ? "urn:epc:class:"
                                               : "urn:epc:id:") +
         std::string(scheme->name) + ":" + urn;
}

std::string_view prefix_digits(Key const& key) {
  std::string_view const primary = key.primary;
  bool const led = key.ai == "01" || key.ai == "00" || key.ai == "8003" || key.ai == "8006";
  return led && !primary.empty() ? primary.substr(1) : primary;
}

Key class_of(Key const& key) {
  return key.kind == KeyKind::plain || key.qualifier.empty() ? key : make_key(key.ai, key.primary);
}

Key make_product(std::string_view gtin14) {
  CHECK(gtin14.size() == 14 && all_digits(gtin14));
  return make_key("01", gtin14);
}

Key make_lot(std::string_view gtin14, std::string_view lot) {
  CHECK(gtin14.size() == 14 && all_digits(gtin14) && !lot.empty() && lot.size() <= 20);
  return make_key("01", gtin14, "10", lot);
}

Key make_item(std::string_view gtin14, std::string_view serial) {
  CHECK(gtin14.size() == 14 && all_digits(gtin14) && !serial.empty() && serial.size() <= 20);
  return make_key("01", gtin14, "21", serial);
}

Key make_site(std::string_view gln13) {
  CHECK(gln13.size() == 13 && all_digits(gln13));
  return make_key("414", gln13);
}

Key make_party(std::string_view gln13) {
  CHECK(gln13.size() == 13 && all_digits(gln13));
  return make_key("417", gln13);
}

}  // namespace gs1
