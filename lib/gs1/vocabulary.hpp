// SPDX-License-Identifier: Apache-2.0
#pragma once

// The words of the Core Business Vocabulary 2.0. A bare word, a `cbv:` or `gs1:` CURIE, a CBV URN and a Web URI become
// one internal word: the bare CBV word ("receiving"), ours as "tally:customs_export", anything else a full URI.

#include "gs1/context.hpp"

namespace gs1 {

enum class Vocabulary : std::uint8_t {
  biz_step,
  disposition,
  biz_transaction,
  source_destination,
  error_reason,
  measurement,
  sensor_alert,
  component,
};

/// The internal word. E_VOCABULARY with the field for a bare word that CBV does not have, for a URI of CBV or of ours
/// that names no word of this vocabulary, and for text that is neither; E_CONTEXT for "tally:" without its declaration.
base::Result<std::string> read_word(Vocabulary vocabulary, std::string_view text, Context const& context,
                                    std::string_view field);

/// The Web URI of an internal word, as the event hash wants it ("https://ref.gs1.org/cbv/BizStep-receiving"); a URI
/// stays.
std::string word_uri(Vocabulary vocabulary, std::string_view word);

/// True for a code of UN/ECE Recommendation 20, or a package of Recommendation 21 with its X, as the lists of EN 16931
/// have them.
bool is_unit(std::string_view code);
/// False when a unit plainly measures something else than this word of Vocabulary::measurement says (temperature in
/// kilograms). Only units of temperature, mass, length, time, volume and speed are judged.
bool fits_measurement(std::string_view unit, std::string_view type);

}  // namespace gs1
