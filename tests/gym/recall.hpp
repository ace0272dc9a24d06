// SPDX-License-Identifier: Apache-2.0
#pragma once

// The figure of recalls.

#include <cstdint>

namespace gym {

/// Five thousand bad components among so many items; 0 when all are found within a second.
int recall(std::uint32_t items);

}  // namespace gym
