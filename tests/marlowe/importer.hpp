// SPDX-License-Identifier: Apache-2.0
#pragma once

// Marlowe contracts in the terms of this ledger's core: When is a waiting state, If a state that is due at once, Pay,
// Let and Assert are steps, Close pays residuals. An account of a party in a token is a pot whose residual is the
// party. Only for tests: the proven semantics of Marlowe judge the interpreter.

#include <map>

#include "base/value.hpp"
#include "contracts/escrow/interpreter.hpp"
#include "marlowe/big.hpp"

namespace marlowe {

using base::i128;
using base::Value;
namespace escrow = contracts::escrow;

/// What the core does not know by itself about the imported contract.
struct Imported {
  escrow::Terms terms;
  /// Of each state: its When; null for one that is due at once.
  std::vector<Value const*> whens;
  /// Of each case of each state: the case of its When that it was made of.
  std::vector<std::vector<std::size_t>> origins;

  // Names, each the canonical text of its JSON, to the numbers of the terms.
  std::map<std::string, std::size_t> roles;
  std::map<std::string, std::size_t> tokens;
  /// By (role, token).
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> pots;
  /// A variable for the value, the next one for whether there is one.
  std::map<std::string, std::size_t> choices;
  std::map<std::string, std::size_t> values;
  std::vector<Value> role_names;
  std::vector<Value> token_names;
  std::map<std::size_t, Value> choice_names;
  std::map<std::size_t, std::string> value_names;
  std::vector<std::pair<std::size_t, std::size_t>> accounts;
  std::size_t interval_start = 0;
  std::size_t interval_end = 0;
  /// The role of those who notify.
  std::size_t anybody = 0;

  /// Pays that emit "pay:n" first: the payee; Lets that emit "let:n" when their name was bound, with variables for the
  /// old value and the new.
  std::vector<Value const*> pays;
  struct Shadow {
    std::string name;
    std::size_t had = 0;
    std::size_t now = 0;
  };
  std::vector<Shadow> shadows;

  /// Marlowe's numbers have no bound. Where one of a row does not fit the core, it goes by a name of 127 bits, and what
  /// is reckoned with such numbers is reckoned outside, into variables; all else stays the core's.
  bool wide = false;
  std::vector<std::string> wide_numbers;
  struct Outside {
    Value const* node = nullptr;
    std::size_t variable = 0;
    bool observation = false;
  };
  std::vector<Outside> outside;
  /// Of each case of each state: the bounds of its choice, null for another case.
  std::vector<std::vector<Value const*>> bounds;
  std::optional<i128> number(Value const& value);
  i128 named(std::string const& decimal);
  std::string decimal(i128 value) const;

  /// The numbers of parties, tokens, choices and values that only the state or an input names.
  std::size_t role(Value const& party);
  std::size_t token(Value const& token);
  std::size_t pot(Value const& party, Value const& token);
  std::size_t choice(Value const& id);
  std::size_t value(std::string const& name);
  std::size_t variable(std::string name);
};

/// Imports the contract of a row; it must outlive the result. Nothing for JSON that is no Marlowe contract.
std::optional<Imported> import(Value const& contract, bool wide);

/// True when a number in it does not fit the core.
bool is_wide(Value const& value);

/// Canonical text of a value, members sorted by name.
std::string text_of(Value const& value);
/// Nothing for what is no whole number, or does not fit the core.
std::optional<i128> number_of(Value const& value);

/// Marlowe's times may lie before 1970; the core's may not.
base::TimeMs time_of(i128 marlowe_ms);

}  // namespace marlowe
