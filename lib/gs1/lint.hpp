// SPDX-License-Identifier: Apache-2.0
#pragma once

// The syntax tests of the GS1 syntax dictionary: what a component of an application identifier's value must be beyond
// its characters and length.

#include <string_view>

namespace gs1 {

/// Judges a component by the test's name in the dictionary ("yymmd0", "iso3166", …). An unknown name accepts
/// everything: gcppos1 and gcppos2 need a list of company prefixes that is no open data.
bool passes(std::string_view test, std::string_view value);

}  // namespace gs1
