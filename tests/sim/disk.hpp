// SPDX-License-Identifier: Apache-2.0
#pragma once

// The disk of one simulated machine. The block log and the vote journal are the real ones over files in memory, which
// forget what was not synced when the power fails; the state is a row of snapshots, the newest of which may be gone.

#include <deque>
#include <functional>

#include "random.hpp"
#include "storage/database.hpp"

namespace sim {

using base::Bytes;
using base::BytesView;
using base::Hash;
using base::Height;

/// Thrown out of a seam: the process ends between this call and the one before. The world catches it and throws the
/// replica away.
struct Crash {};

class Disk {
 public:
  struct File {
    Bytes bytes;
    /// The first so many bytes outlive a power failure, the name too if it was ever synced.
    std::size_t synced = 0;
    bool named = false;
    /// What a cut that was not synced took away.
    std::optional<Bytes> before_cut;
  };

  /// `before_write` is called before each change, and may throw Crash. It says whether the change fails: then part
  /// of it may have been made, and the process stops as with a real disk.
  explicit Disk(std::function<bool()> before_write) : before_write_(std::move(before_write)) {}

  /// The folder and the database of a process that starts. They must not outlive the disk.
  std::unique_ptr<storage::Folder> folder(std::string name);
  std::unique_ptr<storage::Database> database();

  /// The process is gone: what it wrote is here, but the newest states may not have been written.
  void lose_process(Random& random);
  /// The power is gone: of what was not synced a random beginning is left, perhaps with holes where sectors never came.
  void lose_power(Random& random);
  void lose_folder(std::string const& name) { folders_.erase(name); }
  /// Flips a bit in the older half of a file, or puts a sector of another file there.
  void rot(Random& random);
  /// Bytes of all files of a folder.
  std::size_t size(std::string const& folder) const;

  /// A planted fault: syncs of this folder do nothing; "*": of all.
  std::string unsynced_folder;
  /// A machine that computes wrongly: its database reads one record, which every block reads, as another. Its scans are
  /// true, so the node finds the state in order when it starts.
  bool misreads = false;

 private:
  class MemoryFolder;
  class MemoryDatabase;
  using Files = std::map<std::string, File>;
  static void lose_tail(File& file, Random& random);

  /// A change is about to be made; throws when it fails.
  void check_write() {
    if (before_write_()) throw Crash();
  }

  std::function<bool()> before_write_;
  std::map<std::string, Files> folders_;
  /// The newest states, oldest first, each with its height; how many were ever written.
  std::deque<std::pair<Height, std::shared_ptr<ledger::MemoryState const>>> states_;
  std::uint64_t states_written_ = 0;
};

}  // namespace sim
