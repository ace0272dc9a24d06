// SPDX-License-Identifier: Apache-2.0
#pragma once

// The form of an operation: what can be judged of its fields without the ledger's state.

#include "contracts/machine.hpp"

namespace contracts {

/// Judges one operation. `payloads` are the exact events of a record, empty for the others; errors are E_FORM,
/// E_CHECK_DIGIT or what goods and escrow say of events and terms, with the path under `field`. What a record's events
/// were read as is added to `read`.
base::Result<void> check_form(ledger::Operation const& operation, std::vector<ledger::BytesView> const& payloads,
                              ledger::Parameters const& parameters, std::string const& field, ReadRecords& read);

/// A name of the chain or of a validator: letters, digits, hyphens.
bool is_plain_name(std::string_view text);

}  // namespace contracts
