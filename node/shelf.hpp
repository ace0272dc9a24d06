// SPDX-License-Identifier: Apache-2.0
#pragma once

// The snapshots that a node made of its own states and hands to others.

#include <mutex>

#include "node/seams.hpp"
#include "node/snapshot.hpp"

namespace node {

/// Older ones are removed.
constexpr std::size_t shelf_max = 2;
/// So much is read for one peer in a second, half of what he takes without seeing a flood (node/transport.hpp); for
/// more he is told to come later.
constexpr std::size_t served_bytes_per_s_max = std::size_t{32} << 20;
/// A state is read so often that the records of one pass stay within this, with what each takes in memory beside its
/// bytes.
constexpr std::size_t cut_bytes_max = std::size_t{256} << 20;
constexpr std::size_t cut_record_bytes = 160;

class Shelf {
 public:
  using Log = std::function<void(std::string_view level, std::string const& text)>;
  /// What was left half made is removed.
  Shelf(storage::Folder& folder, Log log);

  /// From any one thread: the state of this certified header, which is its epoch's last, and the block.
  void make(SnapshotProof proof, BytesView block, ledger::StateView const& state);
  /// The answers to a peer's question, on the core thread: all offers, or one part; nothing when there is none.
  std::vector<SnapshotMessage> answer(Place from, SnapshotMessage const& question, std::uint64_t epoch,
                                      std::uint64_t now_ms);

 private:
  void remove(Height height);

  storage::Folder& folder_;
  Log log_;
  mutable std::mutex mutex_;
  std::map<Height, SnapshotOffer> offers_;
  struct Served {
    std::uint64_t second = 0;
    std::size_t bytes = 0;
  };
  std::map<Place, Served> served_;
};

/// Hands out all chunks of a state with their paths, the tree's first, and says in the statement how they were cut.
/// E_FORM: the records do not give the header's root, or they are too many.
base::Result<void> cut_snapshot(ledger::StateView const& state, ledger::ResultHeader const& header,
                                SnapshotStatement& statement, std::function<void(BytesView chunk)> const& put);

/// The certified snapshots of a shelf's folder, the newest last; what is wrong with others goes to `wrong`, as "FILE:
/// what is wrong".
std::vector<SnapshotOffer> read_offers(storage::Folder const& folder, base::Hash const& chain,
                                       crypto::ValidatorSet const& genesis, std::vector<std::string>& wrong);
/// Each part of it as its file holds it, nothing where there is no file.
void each_part(storage::Folder const& folder, SnapshotOffer const& offer,
               std::function<void(std::uint32_t index, BytesView bytes)> const& take);
/// What a shelf's folder holds that is not as its offer says, as "FILE: what is wrong"; counts the parts.
std::vector<std::string> check_shelf(storage::Folder const& folder, base::Hash const& chain,
                                     crypto::ValidatorSet const& genesis, std::size_t& parts);

/// The chunks of the records under the state root, or of those beside the tree, in order and without their paths.
void cut_state(ledger::StateView const& state, bool proved, std::function<void(ledger::Chunk)> const& take,
               std::size_t chunk_bytes = ledger::chunk_bytes_max, std::size_t pass_bytes = cut_bytes_max);

}  // namespace node
