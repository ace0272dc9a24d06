// SPDX-License-Identifier: Apache-2.0
#pragma once

// A rehearsal whose steps must succeed, and terms from the repository's files.

#include <string>

#include "base/value.hpp"
#include "contracts/escrow/rehearsal.hpp"

namespace contracts::escrow::test {

std::string read_file(std::string const& path_in_source);
base::Value read_json(std::string const& path_in_source);
/// Terms that must be right: read and analysed.
Terms terms_of(std::string const& path_in_source);
/// The same from their text.
Terms sound_terms(std::string const& json, std::string const& name);

class Play : public Rehearsal {
 public:
  using Rehearsal::Rehearsal;
  void happen(std::string const& state, std::size_t case_index, std::optional<i128> value);
};

}  // namespace contracts::escrow::test
