// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace base {

/// For tables of keys that others choose: a seed that they cannot know keeps them from choosing keys of one slot. It
/// may decide where an entry is found, never whether, and goes into no result.
std::uint64_t seeded_hash(BytesView key, std::uint64_t seed);

/// A seed that differs from that of other numbers in ways that nobody foresees who does not know them.
std::uint64_t seed_of(std::uint64_t number);

}  // namespace base
