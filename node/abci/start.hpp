// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs a node whose engine is CometBFT: the application, CometBFT as its child, and the same listeners as any node.

#include <filesystem>

namespace node::comet {

/// As node::run_start. Ends with 1 also when CometBFT ends by itself.
int run_start(std::filesystem::path const& home);

}  // namespace node::comet
