// SPDX-License-Identifier: Apache-2.0
#pragma once

// GS1 Digital Link URIs: taking one apart into application identifiers, and making one of them. Compressed links are
// read, never made. The keys of EPCIS stand in identifier.hpp.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "gs1/application_identifier.hpp"

namespace gs1 {

struct LinkOptions {
  /// gtin, ser, lot instead of 01, 21, 10 (Digital Link 1.1).
  bool alphabetic_keys = false;
  /// GTIN-8, -12 and -13 in place of GTIN-14.
  bool short_gtin = false;
  /// Query names of digits that are no known identifier are kept.
  bool unknown_identifiers = false;
};

/// One identifier and its value, percent-decoded.
using Element = std::pair<std::string, std::string>;

/// All identifiers in order: key, qualifiers, then the attributes of the query. Length, characters, check digits and
/// the order of qualifiers are judged as the GS1 syntax dictionary says. E_EVENT_FORM or E_CHECK_DIGIT, the field is
/// the identifier at fault.
base::Result<std::vector<Element>> parse_link(std::string_view uri, LinkOptions const& options = {});

/// The same of a compressed or partly compressed link, whose values were judged one by one.
base::Result<std::vector<Element>> read_compressed_link(std::string_view uri);

/// The element string of such a list, with ^ for FNC1.
std::string element_string(std::vector<Element> const& elements);
/// The same with the identifiers in brackets: "(01)…(21)…".
std::string bracketed_string(std::vector<Element> const& elements);
/// Reads such a text; values are not judged.
base::Result<std::vector<Element>> read_bracketed(std::string_view text);

/// The uncompressed link: the first key, its qualifiers in their order, then the others as query, those of fixed length
/// first. E_EVENT_FORM or E_CHECK_DIGIT with the identifier that cannot stand there.
base::Result<std::string> make_link(std::vector<Element> const& elements, std::string_view stem = "https://id.gs1.org",
                                    LinkOptions const& options = {});

enum class LinkFault : std::uint8_t { none, no_link, form, check_digit, content };

/// The path of a link: its key and qualifiers. After a `check_digit` or `content` fault the elements are there all the
/// same.
struct LinkPath {
  LinkFault fault = LinkFault::no_link;
  std::vector<Element> elements;
  /// The identifier at fault.
  std::string field;
  /// What stands behind the question mark.
  std::string_view query;
};
LinkPath read_link_path(std::string_view uri, LinkOptions const& options);

/// True for the characters of RFC 3986, section 2.
bool is_uri_text(std::string_view text);
/// Percent-decoded; a percent sign without two hexadecimal digits stays as it is. In a query a plus is a blank.
std::string percent_decoded(std::string_view text, bool query = false);
/// All but letters, digits, hyphen, period and underscore escaped, upper-case hexadecimal; in a query a blank is a
/// plus.
std::string percent_encoded(std::string_view text, bool query = false);

}  // namespace gs1
