// SPDX-License-Identifier: Apache-2.0
#pragma once

// One WebSocket of the member listener: it answers JSON-RPC requests, and `subscribe` sends what is new. A connection
// follows each topic at most once; `unsubscribe` with a topic ends that, without one all.
//   blocks   {topic, from_height?}            each decided block; the cursor is the height to resume from
//   alarms   {topic, from_height? | cursor?, kinds?}   each alarm; the cursor is the number of the next
// Without a place it begins with what comes next.

#include <memory>

#include "rpc/backend.hpp"
#include "rpc/server.hpp"

namespace rpc {

std::unique_ptr<Session> open_follower(Backend& backend);

}  // namespace rpc
