// SPDX-License-Identifier: Apache-2.0
#pragma once

// What validators send one another: frames in canonical bytes, each at most frame_bytes_max.

#include "consensus/message.hpp"
#include "node/execution.hpp"
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

/// A Propose whose payload is left out, and the short names of its transactions in order (node/proposals.hpp).
struct ProposalFrame {
  static constexpr std::string_view name = "proposal";
  consensus::Envelope envelope;
  base::List<std::uint64_t, block_transactions_max> names;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("envelope", self.envelope);
    visit("names", self.names);
  }
};

/// Asks for transactions of a block that is proposed, by their places in it; none stands for all.
struct GetTransactionsFrame {
  static constexpr std::string_view name = "get_transactions";
  Hash block;
  base::List<std::uint32_t, block_transactions_max> places;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("block", self.block);
    visit("places", self.places);
  }
};

/// Those that were asked for, in that order.
struct TransactionsFrame {
  static constexpr std::string_view name = "transactions";
  Hash block;
  base::List<base::Blob<ledger::transaction_bytes_max>, block_transactions_max> transactions;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("block", self.block);
    visit("transactions", self.transactions);
  }
};

using Frame =
    std::variant<ConsensusFrame, GossipFrame, SnapshotFrame, ProposalFrame, GetTransactionsFrame, TransactionsFrame>;

/// What the engine says in a frame; null for other frames. Of a ProposalFrame the Propose lacks its payload.
inline consensus::Envelope const* spoken(Frame const& frame) {
  if (auto const* whole = std::get_if<ConsensusFrame>(&frame)) return &whole->envelope;
  auto const* proposal = std::get_if<ProposalFrame>(&frame);
  return proposal == nullptr ? nullptr : &proposal->envelope;
}

/// The engine's largest message with what stands around it.
constexpr std::size_t frame_bytes_max = consensus::frame_bytes_max + 1024;

inline SharedBytes encode_frame(Frame const& frame) { return std::make_shared<Bytes const>(base::encode(frame)); }
/// E_TOO_LARGE, E_ENCODING with the field.
Result<Frame> decode_frame(BytesView bytes);

}  // namespace node
