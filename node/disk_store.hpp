// SPDX-License-Identifier: Apache-2.0
#pragma once

// The store over a block log, a vote journal and a database. Simulations give it folders and a database of their own.

#include "node/seams.hpp"
#include "storage/database.hpp"

namespace node {

class DiskStore final : public Store {
 public:
  struct Parts {
    std::unique_ptr<storage::Folder> log_folder;
    std::unique_ptr<storage::Folder> journal_folder;
    std::unique_ptr<storage::Database> database;
    /// What the disk can still take.
    std::function<std::uint64_t()> free_bytes;
  };
  /// Errors: damage in the log, by file and offset. A damaged journal is given up.
  static Result<std::unique_ptr<DiskStore>> open(Parts parts);

  Kept recover() override;
  void remember(std::vector<storage::Note> turn) override;
  void decide(storage::Decision decision) override;
  std::shared_ptr<ledger::StateView const> apply(ledger::StateDiffs diffs, Height height) override;
  Result<std::optional<storage::Decision>> decision(Height height) const override { return log_->read(height); }
  Result<bool> prune(std::function<bool(storage::Decision const&)> const& may_go, BytesView note) override;
  /// Database::copy_to.
  Result<void> copy_state(std::filesystem::path const& path) { return parts_.database->copy_to(path); }
  std::uint64_t free_bytes() const override { return parts_.free_bytes(); }

 private:
  explicit DiskStore(Parts parts) : parts_(std::move(parts)) {}
  Result<void> open_journal();

  Parts parts_;
  bool journal_given_up_ = false;
  std::unique_ptr<storage::BlockLog> log_;
  std::unique_ptr<storage::Journal> journal_;
};

/// Notes in a journal's folder that what is in it counts no more, durably: the next start empties it, and the node
/// votes again only above what it may have forgotten. `why` is for people.
void give_up_journal(storage::Folder& folder, std::string_view why);

/// The store of a folder: log/, journal/, state/ in it, made when they are not there.
Result<std::unique_ptr<DiskStore>> open_disk_store(std::filesystem::path const& folder);

}  // namespace node
