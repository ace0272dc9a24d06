// SPDX-License-Identifier: Apache-2.0
#pragma once

// The leaves that an event leaves in histories: one for each subject named or changed, with links (ledger.md).

#include "contracts/goods/job.hpp"

namespace contracts::goods {

void write_leaves(Job& job, ledger::ActLeaf const& act);

}  // namespace contracts::goods
