// SPDX-License-Identifier: Apache-2.0
#pragma once

// Random terms from the grammar: lanes, cycles with counters, facts of every kind, money in and out. Most of them keep
// the guarantees; those that do not are for the analysis to refuse.

#include "escrow/chance.hpp"

namespace storm {

std::string random_terms(Chance& chance);

/// So small that every way through them can be tried: one lane, few values, no time that matters. With
/// `branches` steps ask conditions too.
std::string small_terms(Chance& chance, bool branches);

/// A fork into this many lanes of equal size.
std::string wide_terms(std::size_t lanes);

}  // namespace storm
