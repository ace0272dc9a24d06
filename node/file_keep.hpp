// SPDX-License-Identifier: Apache-2.0
#pragma once

// The node's folder data/interfaces: one file, closed to others, for each text that the interfaces keep.

#include <filesystem>

#include "rpc/keep.hpp"

namespace node {

/// Makes the folder when it is not there; E_DISK with its path.
base::Result<std::unique_ptr<rpc::Keep>> open_keep(std::filesystem::path const& folder);

}  // namespace node
