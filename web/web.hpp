// SPDX-License-Identifier: Apache-2.0
#pragma once

// The pages: static files that lie in the binary.

#include "rpc/site.hpp"

namespace web {

/// A file below web/ by its path there ("trace.html", "verify/proof.js"), served under /assets/.
std::optional<rpc::Asset> asset(std::string_view name);

}  // namespace web
