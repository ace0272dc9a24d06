// SPDX-License-Identifier: Apache-2.0
#pragma once

// The JSON-LD context of a document or an event, as far as EPCIS needs it: which prefixes and terms are declared
// inline. Nothing remote is ever fetched; the EPCIS contexts of GS1 and a few published extensions are known by their
// URLs.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/value.hpp"

namespace gs1 {

/// The namespace of this ledger's terms, always declared inline as the prefix "tally".
constexpr std::string_view tally_namespace = "https://tallystick.example/ns/";
constexpr std::size_t context_bytes_max = 8 * 1024;

struct Context {
  /// An EPCIS context URL was named, so its terms and prefixes hold.
  bool epcis = false;
  /// Inline declarations of prefixes and terms, in order; a later one of the same name replaces the earlier.
  std::vector<std::pair<std::string, std::string>> names;
  /// The inline @vocab; empty when there is none.
  std::string vocab;

  /// The declared IRI, or one of the EPCIS context's own prefixes (cbv, cbvmda, gs1, epcis, xsd …); empty when there is
  /// none.
  std::string_view find(std::string_view name) const;
  /// The full IRI of a key: "ex:foo", a declared term, a full IRI itself (http, https, urn); empty when it cannot be
  /// resolved.
  std::string expand(std::string_view key) const;
};

/// Reads the value of "@context": a URL, an object, or a list of them. E_CONTEXT when a URL is not known, when "tally"
/// is bound otherwise, another name is bound to our namespace, or a prefix of EPCIS is bound anew.
base::Result<Context> read_context(base::Value const& value, std::string_view field = "@context");
/// The same from its exact bytes; no bytes give an empty context.
base::Result<Context> read_context(std::string_view bytes);
/// `outer` with the declarations of an event's own "@context" added.
base::Result<Context> with_inner(Context const& outer, base::Value const& event);

}  // namespace gs1
