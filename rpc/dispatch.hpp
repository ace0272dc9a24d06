// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON-RPC 2.0, text in and text out.

#include "rpc/registry.hpp"

namespace rpc {

constexpr std::size_t batch_items_max = 50;

/// The answer to one request or a batch; empty for notifications only. Every answer's result carries the certified
/// height and time.
std::string dispatch(Backend& backend, Access access, std::string_view body);

}  // namespace rpc
