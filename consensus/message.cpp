// SPDX-License-Identifier: Apache-2.0
#include "consensus/message.hpp"

#include "crypto/hash.hpp"

namespace consensus {

Hash Header::hash() const { return crypto::hash_of(crypto::Tag::block_header, *this); }

Ballot Propose::ballot() const {
  return {VoteKind::notarize, block.header.chain, block.header.epoch, view, 0, block.header.hash(), {}};
}

Hash StatusAnswer::digest(Hash const& chain, std::uint64_t epoch) const {
  return crypto::hash(crypto::Tag::status,
                      {chain.view(), base::encode(epoch), nonce.view(), base::encode(std::uint64_t{view()})});
}

base::Result<Envelope> decode_envelope(base::BytesView bytes) {
  if (bytes.size() > frame_bytes_max) return base::Error{base::Code::E_TOO_LARGE, "frame", "above 9 MiB"};
  return base::decode<Envelope>(bytes);
}

}  // namespace consensus
