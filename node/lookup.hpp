// SPDX-License-Identifier: Apache-2.0
#pragma once

// What is found by an id, in no order.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstring>
#include <random>

#include "base/bytes.hpp"

namespace node {

/// Ids are hashes already; but whoever makes transactions can make many whose ids share a place that he can foresee.
/// The factor is drawn when the program starts: it decides where an id is found, never whether.
struct ById {
  std::size_t operator()(std::uint64_t id) const { return (id * factor()) >> 16; }
  std::size_t operator()(base::Hash const& id) const {
    std::uint64_t first = 0;
    std::memcpy(&first, id.bytes.data(), sizeof first);
    return (*this)(first);
  }

 private:
  static std::uint64_t factor() {
    static std::uint64_t const drawn = [] {
      std::random_device random;
      return (std::uint64_t{random()} << 32 | random()) | 1;
    }();
    return drawn;
  }
};

template <class Id, class Value>
using IdMap = boost::unordered_flat_map<Id, Value, ById>;

}  // namespace node
