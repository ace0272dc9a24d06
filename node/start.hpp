// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs a node: wires the real clock, network, threads and disk to a replica, and the listeners to both.

#include <filesystem>

namespace node {

/// Runs the node of this home until SIGTERM or SIGINT; the exit code of the process. 0: stopped in good order, 1: it
/// could not start, or it had to stop and says why on stderr; 74: the disk failed.
int run_start(std::filesystem::path const& home);

}  // namespace node
