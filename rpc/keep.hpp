// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the interfaces remember across a restart: named queries, subscriptions with their place, the key that signs
// webhooks. Small texts by name. Any thread may call.

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace rpc {

class Keep {
 public:
  virtual ~Keep() = default;
  virtual std::map<std::string, std::string> all() const = 0;
  /// Durable when it returns, whole or not at all; E_DISK.
  virtual base::Result<void> put(std::string const& name, std::string_view text) = 0;
  virtual base::Result<void> erase(std::string const& name) = 0;
};

/// For the operator.
using Log = std::function<void(std::string_view level, std::string const& text)>;

}  // namespace rpc
