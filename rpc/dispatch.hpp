// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON-RPC 2.0, text in and text out.

#include "rpc/registry.hpp"

namespace rpc {

constexpr std::size_t batch_items_max = 50;

/// The answer to one request or a batch; empty for notifications only. Every answer's result carries the certified
/// height and time.
///
/// `own` answers methods that belong to one connection (subscribe); nothing for all others. Its errors are wrong
/// params.
using Own = std::function<std::optional<base::Result<base::Value>>(std::string_view method, base::Value const& params)>;
std::string dispatch(Backend& backend, Access access, std::string_view body, Own const& own = {});

}  // namespace rpc
