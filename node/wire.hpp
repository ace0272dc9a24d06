// SPDX-License-Identifier: Apache-2.0
#pragma once

// What validators send one another: frames in canonical bytes, each at most frame_bytes_max.

#include "consensus/message.hpp"
#include "node/seams.hpp"
#include "node/snapshot.hpp"

namespace node {

struct ConsensusFrame {
  static constexpr std::string_view name = "consensus";
  consensus::Envelope envelope;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("envelope", self.envelope);
  }
};

/// Transactions that their sender admitted; one frame holds few enough to be checked at once.
struct GossipFrame {
  static constexpr std::string_view name = "gossip";
  base::List<base::Blob<ledger::transaction_bytes_max>, 256> transactions;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("transactions", self.transactions);
  }
};

/// A state on its way to a node that is far behind.
struct SnapshotFrame {
  static constexpr std::string_view name = "snapshot";
  SnapshotMessage message;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("message", self.message);
  }
};

using Frame = std::variant<ConsensusFrame, GossipFrame, SnapshotFrame>;

/// The engine's largest message with what stands around it.
constexpr std::size_t frame_bytes_max = consensus::frame_bytes_max + 1024;

inline SharedBytes encode_frame(Frame const& frame) { return std::make_shared<Bytes const>(base::encode(frame)); }
/// E_TOO_LARGE, E_ENCODING with the field.
Result<Frame> decode_frame(BytesView bytes);

}  // namespace node
