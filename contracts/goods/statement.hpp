// SPDX-License-Identifier: Apache-2.0
#pragma once

// What members state about schemes, products and lots, and scans of labels.

#include "contracts/context.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::goods {

Result<void> add_scheme(Context& context, ledger::AddScheme const& operation, std::string const& field);
/// A scheme as somebody described it; else claimed under its own name, segregated.
ledger::AddScheme scheme_of(ledger::StateView const& state, std::string_view scheme);
/// The model of a claim: that of a scheme that is claimed under this word.
ledger::ClaimModel model_of(ledger::StateView const& state, std::string_view claim);

Result<void> set_product_rule(Context& context, ledger::SetProductRule const& operation, std::string const& field);
Result<void> set_warranty(Context& context, ledger::SetWarranty const& operation, std::string const& field);

/// E_ORIGIN_RULE, with the arithmetic in its field, when the inputs on the ledger do not carry the statement.
Result<void> state_origin(Context& context, ledger::StateOrigin const& operation, std::string const& field);
Result<void> state_carbon(Context& context, ledger::StateCarbon const& operation, std::string const& field);

Result<void> report_scan(Context& context, ledger::ReportScan const& operation, std::string const& field);

}  // namespace contracts::goods
