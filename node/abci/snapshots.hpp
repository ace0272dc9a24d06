// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whole states as files that CometBFT's state sync carries to nodes that are far behind. A snapshot is a row of chunks;
// its description has their hashes and the result header, whose hash a light client has checked before any chunk is
// taken.

#include <filesystem>
#include <mutex>
#include <thread>

#include "ledger/proof.hpp"

namespace node::comet {

/// CometBFT carries chunks of at most 16 MB.
constexpr std::size_t chunk_bytes_max = std::size_t{8} << 20;
/// Of one state; the largest is 80 GB.
constexpr std::size_t chunks_max = 10'000;
/// Older ones are removed.
constexpr std::size_t snapshots_kept = 2;
constexpr std::uint32_t snapshot_format = 1;

struct StoredRecord {
  base::Blob<4096> key;
  base::Blob<(std::size_t{4} << 20)> record;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(key) LEDGER_VISIT(record)
  }
};
/// In the order of the keys.
struct Chunk {
  base::List<StoredRecord, 1'000'000> records;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(records)
  }
};

/// CometBFT calls it metadata; its SHA-256 is the snapshot's hash.
struct Description {
  /// Of the snapshot's height.
  ledger::ResultHeader header;
  /// Who signs the next header, and how the trust in them came from the genesis.
  crypto::ValidatorSet signers;
  base::List<ledger::EpochEnd, 64> epochs;
  /// SHA-256 of each chunk.
  base::List<base::Hash, chunks_max> chunks;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(header) LEDGER_VISIT(signers) LEDGER_VISIT(epochs) LEDGER_VISIT(chunks)
  }
};

/// A state that is being taken over, chunk by chunk.
struct Restore {
  Description description;
  std::size_t next = 0;
  base::Bytes last_key;
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

/// The records of a state, cut into chunks as they are handed to `take`.
void cut(ledger::StateView const& state, std::function<void(base::Bytes chunk)> const& take);

}  // namespace node::comet
