// SPDX-License-Identifier: Apache-2.0
#pragma once

// JSON text of values. Requests are read strictly (gs1/json.hpp: a name twice, a float for a whole number are refused).

#include "base/result.hpp"
#include "base/value.hpp"

namespace rpc {

constexpr std::size_t body_bytes_max = std::size_t{4} << 20;

/// Compact, members in order, numbers as they stand; bytes that are no UTF-8 are replaced.
std::string to_text(base::Value const& value);
/// Indented by two spaces.
std::string to_pretty_text(base::Value const& value);
/// At most body_bytes_max, depth 32: E_ENCODING, E_TOO_LARGE.
base::Result<base::Value> from_text(std::string_view text);
/// The same for a node's answer, which may hold a whole proof: at most 64 MiB.
base::Result<base::Value> from_answer(std::string_view text);

}  // namespace rpc
