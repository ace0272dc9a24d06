// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whole states as files that CometBFT's state sync carries to nodes that are far behind. A snapshot is the chunks of a
// state (ledger/snapshot.hpp); its description has the result header, whose hash a light client has checked before any
// chunk is taken, and each chunk of the tree holds alone under the header's root.

#include <filesystem>
#include <mutex>
#include <thread>

#include "node/snapshot.hpp"

namespace node::comet {

/// Older ones are removed.
constexpr std::size_t snapshots_kept = 2;
/// Format 1 was a row of records, whose hashes the offering peer alone had made; 2 had other rows beside the tree.
constexpr std::uint32_t snapshot_format = ledger::rows_format;

/// CometBFT calls it metadata; its SHA-256 is the snapshot's hash.
struct Description {
  /// Of the snapshot's height.
  ledger::ResultHeader header;
  /// Who signs the next header, and how the trust in them came from the genesis.
  crypto::ValidatorSet signers;
  base::List<ledger::EpochEnd, 64> epochs;
  /// How the state is cut; the block, part 0 of it, is CometBFT's own matter.
  SnapshotStatement statement;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit){LEDGER_VISIT(header) LEDGER_VISIT(signers) LEDGER_VISIT(epochs)
                                                   LEDGER_VISIT(statement)} std::size_t chunks() const {
    return statement.parts() - 1;
  }
};

/// A state that is being taken over, chunk by chunk.
struct Restore {
  Description description;
  std::uint32_t next = 0;
};

/// The snapshots in a folder. One is made at a time, on a thread of its own.
class Snapshots {
 public:
  using Log = std::function<void(std::string_view level, std::string const& text)>;
  Snapshots(std::filesystem::path folder, Log log);
  ~Snapshots();

  /// Begins one of this state, whose chunks it describes; passed over while the one before is still being made.
  void make(Description description, std::shared_ptr<ledger::StateView const> state);
  /// Waits for the one that is being made.
  void wait();
  std::vector<Description> list() const;
  /// Empty when there is none.
  base::Bytes chunk(base::Height height, std::uint32_t index) const;

 private:
  void write(Description description, ledger::StateView const& state);
  void remove_old() const;

  std::filesystem::path folder_;
  Log log_;
  std::thread maker_;
  std::mutex mutex_;
  bool making_ = false;
};

}  // namespace node::comet
