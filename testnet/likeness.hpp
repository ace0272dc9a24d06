// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a known attack is played beside a journey that is like the one it was written for.

#include <map>

#include "testnet/fields.hpp"

namespace testnet {

/// Words of a sentence that differ from the known one: numbers, codes, serials. Nothing when another word differs.
std::optional<std::map<std::string, std::string>> parameters_of(std::string_view known, std::string_view sentence);

/// The steps of two journeys that follow one another in both, by their kinds; and the words and times that stand in one
/// place of them.
class Likeness {
 public:
  Likeness(base::Value const& home, base::Value const& mine);

  /// The sentence's own words come before those of the journeys.
  void learn(std::map<std::string, std::string> const& parameters);
  /// The members of a known attack as they are here; E_FORM when it needs a step that this journey has not.
  base::Result<base::Value> played(base::Value const& entry) const;

 private:
  void align(base::Value const& home, base::Value const& mine);
  base::Result<base::Value> member(std::string const& name, base::Value const& value) const;
  std::string text(std::string const& known) const;
  std::string words(std::string const& known) const;
  ledger::TimeMs time(ledger::TimeMs known) const;

  bool same_ = false;
  std::map<std::string, std::string> steps_;
  std::map<std::string, std::string> kinds_;
  std::map<std::string, std::string> words_;
  std::map<std::string, std::string> parameters_;
  std::map<ledger::TimeMs, ledger::TimeMs> times_;
};

}  // namespace testnet
