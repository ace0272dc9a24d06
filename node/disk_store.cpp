// SPDX-License-Identifier: Apache-2.0
#include "node/disk_store.hpp"

namespace node {

Result<std::unique_ptr<DiskStore>> DiskStore::open(Parts parts) {
  std::unique_ptr<DiskStore> store(new DiskStore(std::move(parts)));
  TRY_ASSIGN(store->log_, storage::BlockLog::open(*store->parts_.log_folder));
  TRY_ASSIGN(store->journal_, storage::Journal::open(*store->parts_.journal_folder));
  return store;
}

Kept DiskStore::recover() {
  Kept kept;
  kept.applied = parts_.database->applied();
  kept.state = parts_.database->snapshot();
  kept.logged = log_->height();
  kept.journal = journal_->take_notes();
  kept.journal_lost = journal_->was_absent() && kept.logged > 0;
  return kept;
}

void DiskStore::decide(storage::Decision decision) {
  auto const view = decision.view;
  log_->append(std::move(decision));
  journal_->release(view);
}

std::shared_ptr<ledger::StateView const> DiskStore::apply(ledger::StateDiff const& diff, Height height) {
  CHECK(height <= log_->height());
  parts_.database->apply(diff, height);
  return parts_.database->snapshot();
}

Result<std::unique_ptr<DiskStore>> open_disk_store(std::filesystem::path const& folder) {
  DiskStore::Parts parts;
  // The database first: its lock keeps a second process out before anything is changed.
  TRY_ASSIGN(parts.database, storage::open_database(folder / "state"));
  TRY_ASSIGN(parts.log_folder, storage::open_folder(folder / "log"));
  TRY_ASSIGN(parts.journal_folder, storage::open_folder(folder / "journal"));
  parts.free_bytes = [folder] {
    std::error_code error;
    auto const space = std::filesystem::space(folder, error);
    return error ? 0 : static_cast<std::uint64_t>(space.available);
  };
  return DiskStore::open(std::move(parts));
}

}  // namespace node
