// SPDX-License-Identifier: Apache-2.0
#pragma once

// What peers say to hand over a whole state: the state at the end of an epoch, cut into chunks (ledger/snapshot.hpp).
// The tree's chunks hold under the certified state root. The others, of what stands beside the tree, hold under a root
// that every node makes alike from its own state; f + 1 validators must say the same before it is believed.

#include "consensus/message.hpp"
#include "ledger/proof.hpp"
#include "ledger/snapshot.hpp"
#include "storage/folder.hpp"

namespace node {

/// What validators that are not faulty say alike of one height.
struct SnapshotStatement {
  std::uint8_t format = ledger::rows_format;
  base::Hash chain;
  base::Height height = 0;
  /// Of the result header.
  base::Hash result;
  base::Hash beside_root;
  /// How both trees are cut: the depth of each range, in order.
  base::Blob<ledger::chunks_max> proved;
  base::Blob<ledger::chunks_max> beside;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("format", self.format);
    visit("chain", self.chain);
    visit("height", self.height);
    visit("result", self.result);
    visit("beside_root", self.beside_root);
    visit("proved", self.proved);
    visit("beside", self.beside);
  }
  bool operator==(SnapshotStatement const&) const = default;
  bool is_of_this_program() const { return format == ledger::rows_format; }
  /// The block, then the chunks of both trees.
  std::size_t parts() const { return 1 + proved.size() + beside.size(); }
};

/// That a quorum certified the header: from the genesis over the ends of epochs after which the set changed.
struct SnapshotProof {
  ledger::ResultHeader header;
  crypto::Certificate finality;
  crypto::ValidatorSet validators;
  base::List<ledger::EpochEnd, 64> ends;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("header", self.header);
    visit("finality", self.finality);
    visit("validators", self.validators);
    visit("ends", self.ends);
  }
  bool operator==(SnapshotProof const&) const = default;
};
/// E_FORM: it does not lead from these validators of the genesis to the header.
base::Result<void> verify_proof(SnapshotProof const& proof, base::Hash const& chain,
                                crypto::ValidatorSet const& genesis);

struct GetOffer {
  static constexpr std::string_view name = "get_offer";
  template <class Self, class Visit>
  static void fields(Self&, Visit&) {}
};
struct SnapshotOffer {
  static constexpr std::string_view name = "offer";
  /// In which the sender is now.
  std::uint64_t epoch = 0;
  SnapshotStatement statement;
  SnapshotProof proof;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("epoch", self.epoch);
    visit("statement", self.statement);
    visit("proof", self.proof);
  }
  bool operator==(SnapshotOffer const&) const = default;
};
struct GetPart {
  static constexpr std::string_view name = "get_part";
  base::Height height = 0;
  std::uint32_t index = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("height", self.height);
    visit("index", self.index);
  }
};
/// The block's or the chunk's canonical bytes; none: the sender has served this peer enough for now.
struct SnapshotPart {
  static constexpr std::string_view name = "part";
  base::Height height = 0;
  std::uint32_t index = 0;
  base::Blob<consensus::frame_bytes_max> bytes;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("height", self.height);
    visit("index", self.index);
    visit("bytes", self.bytes);
  }
};
using SnapshotMessage = std::variant<GetOffer, SnapshotOffer, GetPart, SnapshotPart>;

/// E_FORM, E_ENCODING: the bytes are not that part of the snapshot. The statement must be of the header.
base::Result<void> verify_part(SnapshotStatement const& statement, ledger::ResultHeader const& header,
                               std::uint32_t index, base::BytesView bytes);

/// A part's file, and what marks the whole; in a folder of their own for each height.
std::string part_name(std::uint32_t index);

/// What a block log that begins at a snapshot or was cut off knows of what it no longer has.
struct LogNote {
  /// The node took over a state when the chain was in this epoch; before the next it may have voted and forgotten it.
  std::uint64_t joined_epoch = 0;
  base::List<ledger::EpochEnd, 64> ends;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("joined_epoch", self.joined_epoch);
    visit("ends", self.ends);
  }
};

}  // namespace node
