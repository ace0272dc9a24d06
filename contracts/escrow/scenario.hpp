// SPDX-License-Identifier: Apache-2.0
#pragma once

// Scenarios: what happens to a contract, written down with what it must pay (docs/escrow-language.md).

#include "base/value.hpp"
#include "contracts/escrow/rehearsal.hpp"

namespace contracts::escrow {

/// The name of the terms that a scenario is for ("contract" or "template"), and its own.
std::string_view terms_name(base::Value const& scenario);
std::string_view scenario_name(base::Value const& scenario);

/// What prices and conditions of the terms ask of sensors, which a scenario's `reading` answers.
std::vector<Sensor> sensors_of(Terms const& terms);
/// The facts that conditions ask about, which a scenario's `facts` tell of.
std::vector<FactPattern> asked_of(Terms const& terms);

/// Plays it. Nothing when it pays exactly what it says; else the first difference, in words. E_FORM for what is no
/// scenario.
Result<std::optional<std::string>> play(Terms const& terms, base::Value const& scenario);

}  // namespace contracts::escrow
