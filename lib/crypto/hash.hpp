// SPDX-License-Identifier: Apache-2.0
#pragma once

// SHA-256 with a domain tag in front, and the list of tags. No two kinds of thing can ever have the same hash by
// accident of bytes.

#include <initializer_list>

#include "base/codec.hpp"

namespace crypto {

using base::BytesView;
using base::Hash;

enum class Tag : std::uint8_t {
  log_leaf = 0x00,
  log_node = 0x01,
  state_leaf = 0x02,
  state_node = 0x03,
  record = 0x04,
  key = 0x05,
  transaction = 0x06,
  block_header = 0x07,
  result_header = 0x08,
  validator_set = 0x09,
  genesis = 0x0a,
  contract = 0x0b,
  travel = 0x0c,
  propose = 0x10,
  notarize = 0x11,
  nullify = 0x12,
  finalize = 0x13,
  status = 0x14,
  evidence = 0x15,
  rejoin = 0x16,
  recovery = 0x17,
  cosign = 0x18,
};

/// SHA-256 of the parts, one after the other.
Hash sha256(std::initializer_list<BytesView> parts);
inline Hash sha256(BytesView bytes) { return sha256({bytes}); }

/// SHA-256(tag ‖ parts).
Hash hash(Tag tag, std::initializer_list<BytesView> parts);

/// SHA-256(tag ‖ canonical bytes of the value).
template <class T>
Hash hash_of(Tag tag, T const& value) {
  auto const bytes = base::encode(value);
  return hash(tag, {BytesView(bytes)});
}

}  // namespace crypto
