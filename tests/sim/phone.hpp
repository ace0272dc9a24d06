// SPDX-License-Identifier: Apache-2.0
#pragma once

// P8: a phone that has nothing but the genesis's hash accepts the histories that the book has, and no others.

#include "goods_book.hpp"
#include "ledger/proof.hpp"

namespace sim {

/// What is wrong, in words; nothing when every lot's proof is complete and shows the book's events in their order, and
/// one in which an event is left out, told twice, exchanged with its neighbour or altered is refused.
std::optional<std::string> phone_finding(ledger::Certified const& at, ledger::Anchor const& anchor,
                                         GoodsBook::Histories const& histories);

}  // namespace sim
