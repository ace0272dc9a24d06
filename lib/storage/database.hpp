// SPDX-License-Identifier: Apache-2.0
#pragma once

// The state on disk. It follows from the block log and may fall behind it when the process is killed, never ahead of
// it.

#include "storage/folder.hpp"

namespace storage {

class Database {
 public:
  virtual ~Database() = default;
  /// The height whose state this is; nothing for a new one.
  virtual std::optional<Height> applied() const = 0;
  /// Changes the state and `applied` together. A failure stops the process.
  virtual void apply(ledger::StateDiffs diffs, Height height) = 0;
  void apply(ledger::StateDiff const& diff, Height height) {
    ledger::StateDiff const* const one = &diff;
    apply({&one, 1}, height);
  }
  /// Makes all that was applied durable; else the end of the process may take back the newest.
  virtual void settle() = 0;
  /// A second database with the state of now, in a folder that is not there yet; files are shared as long as neither
  /// changes. E_DISK.
  virtual Result<void> copy_to(std::filesystem::path const& path);
  /// The state as it is now, for any thread and for as long as it is held.
  virtual std::shared_ptr<ledger::StateView const> snapshot() const = 0;
};

/// A RocksDB at this path, made when it is not there. E_DISK: it cannot be opened, another process has it, it is
/// damaged.
Result<std::unique_ptr<Database>> open_database(std::filesystem::path const& path);

/// The same, only to be read: no file of it is changed. It must be there already, and this process must not have it
/// open otherwise. E_BUSY: another process has it.
Result<std::unique_ptr<Database>> open_database_to_read(std::filesystem::path const& path);

/// Reads all files of a database that nobody has open and compares their checksums. E_DISK names the file.
Result<void> verify_database(std::filesystem::path const& path);

}  // namespace storage
