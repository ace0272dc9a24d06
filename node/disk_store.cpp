// SPDX-License-Identifier: Apache-2.0
#include "node/disk_store.hpp"

#include <utility>

namespace node {

namespace {

constexpr char const* given_up_file = "given-up";

base::Error in_folder(std::string_view folder, base::Error error, std::string const& fix) {
  error.field = std::string(folder) + error.field;
  error.detail += ". Fix: " + fix;
  return error;
}

}  // namespace

void give_up_journal(storage::Folder& folder, std::string_view why) {
  folder.append(given_up_file, base::bytes_of(why));
  folder.sync(given_up_file);
}

Result<std::unique_ptr<DiskStore>> DiskStore::open(Parts parts) {
  std::unique_ptr<DiskStore> store(new DiskStore(std::move(parts)));
  auto log = storage::BlockLog::open(*store->parts_.log_folder);
  if (!log) return in_folder("log/", log.error(), "restore data/log from a copy, or remove it and fetch from peers");
  store->log_ = std::move(log).value();
  TRY(store->open_journal());
  return store;
}

/// Half a journal is worse than none: with some of its files gone it would look whole. So a note that it was given up
/// stands beside it until the new one says so itself.
Result<void> DiskStore::open_journal() {
  auto& folder = *parts_.journal_folder;
  auto journal = storage::Journal::open(folder);
  journal_given_up_ = folder.list().contains(given_up_file);
  if (!journal && !journal_given_up_) {
    give_up_journal(folder, base::to_string(journal.error()));
    journal_given_up_ = true;
  }
  if (journal_given_up_) {
    for (auto const& [name, size] : folder.list()) {
      if (name != given_up_file) folder.remove(name);
    }
    journal = storage::Journal::open(folder);
  }
  if (!journal) return in_folder("journal/", journal.error(), "remove data/journal");
  journal_ = std::move(journal).value();
  return {};
}

void DiskStore::remember(std::vector<storage::Note> turn) {
  journal_->append(std::move(turn));
  if (std::exchange(journal_given_up_, false)) parts_.journal_folder->remove(given_up_file);
}

Kept DiskStore::recover() {
  Kept kept;
  kept.applied = parts_.database->applied();
  kept.state = parts_.database->snapshot();
  kept.base = log_->base();
  kept.logged = log_->height();
  kept.journal = journal_->take_notes();
  kept.journal_lost = journal_given_up_ || (journal_->was_absent() && kept.logged > 0);
  // From the first start on there is one, so that who only followed so far is not taken for one who lost it.
  if (journal_->was_absent() && !kept.journal_lost) journal_->append({});
  return kept;
}

void DiskStore::decide(storage::Decision decision) {
  auto const epoch = decision.epoch;
  auto const view = decision.view;
  log_->append(std::move(decision));
  journal_->release(epoch, view);
}

std::shared_ptr<ledger::StateView const> DiskStore::apply(ledger::StateDiffs diffs, Height height) {
  CHECK(height <= log_->height());
  parts_.database->apply(diffs, height);
  return parts_.database->snapshot();
}

Result<bool> DiskStore::prune(std::function<bool(storage::Decision const&)> const& may_go, BytesView note) {
  return log_->prune(
      [&](storage::Decision const& last) {
        if (!may_go(last)) return false;
        // What a crash takes back of the state is made again from blocks.
        parts_.database->settle();
        return true;
      },
      note);
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
