// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Prints what checking the invariants of money costs of executing a block of payments.
void invariant_cost();
