// SPDX-License-Identifier: Apache-2.0
#include "storage/database.hpp"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <mutex>

namespace storage {

namespace {

/// Beside all namespaces of the state.
constexpr std::string_view applied_key =
    "\xff"
    "applied";

/// What a killed process may have to replay.
constexpr std::size_t unwritten_bytes_max = std::size_t{16} << 10;
constexpr std::size_t unwritten_blocks_max = 16;
constexpr std::uint64_t log_bytes_max = std::uint64_t{128} << 20;

rocksdb::Slice slice(BytesView bytes) { return {reinterpret_cast<char const*>(bytes.data()), bytes.size()}; }
BytesView view(rocksdb::Slice const& slice) { return base::bytes_of({slice.data(), slice.size()}); }

void require(rocksdb::Status const& status, char const* what) {
  if (!status.ok()) stop_process("cannot " + std::string(what) + " the state: " + status.ToString());
}

class Snapshot final : public ledger::StateView {
 public:
  explicit Snapshot(std::shared_ptr<rocksdb::DB> database)
      : database_(std::move(database)), snapshot_(database_->GetSnapshot()) {
    options_.snapshot = snapshot_;
  }
  ~Snapshot() override {
    spare_.reset();
    database_->ReleaseSnapshot(snapshot_);
  }
  Snapshot(Snapshot const&) = delete;
  Snapshot& operator=(Snapshot const&) = delete;

  std::optional<Bytes> get(BytesView key) const override {
    rocksdb::PinnableSlice value;
    auto const status = database_->Get(options_, database_->DefaultColumnFamily(), slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    require(status, "read");
    auto const bytes = view(value);
    return Bytes(bytes.begin(), bytes.end());
  }

  void scan(BytesView prefix, BytesView from, Visitor const& visit) const override {
    auto cursor = take_cursor();
    auto const wanted = slice(prefix);
    cursor->Seek(slice(base::less(from, prefix) ? prefix : from));
    for (; cursor->Valid() && cursor->key().starts_with(wanted); cursor->Next()) {
      if (prefix.empty() && cursor->key() == rocksdb::Slice(applied_key.data(), applied_key.size())) continue;
      if (!visit(view(cursor->key()), view(cursor->value()))) break;
    }
    require(cursor->status(), "read");
    std::lock_guard const lock(mutex_);
    spare_ = std::move(cursor);
  }

 private:
  using Cursor = std::unique_ptr<rocksdb::Iterator>;

  /// To make one takes longer than a short scan, and a block asks for thousands.
  Cursor take_cursor() const {
    {
      std::lock_guard const lock(mutex_);
      if (spare_) return std::move(spare_);
    }
    return Cursor(database_->NewIterator(options_));
  }

  std::shared_ptr<rocksdb::DB> database_;
  rocksdb::Snapshot const* snapshot_;
  rocksdb::ReadOptions options_;
  mutable std::mutex mutex_;
  mutable Cursor spare_;
};

class RocksDatabase final : public Database {
 public:
  RocksDatabase(std::shared_ptr<rocksdb::DB> database, std::optional<Height> applied)
      : database_(std::move(database)), applied_(applied) {}

  std::optional<Height> applied() const override { return applied_; }

  void apply(ledger::StateDiffs diffs, Height height) override {
    // Nobody reads its counters, which would count each comparison.
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    rocksdb::WriteBatch batch;
    for (auto const* diff : diffs) {
      for (auto const& [key, record] : *diff) {
        require(record ? batch.Put(slice(key), slice(*record)) : batch.Delete(slice(key)), "write");
      }
    }
    auto const number = ledger::big_endian(height);
    require(batch.Put({applied_key.data(), applied_key.size()}, slice(number)), "write");
    require(database_->Write({}, &batch), "write");
    applied_ = height;
    // The write-ahead log only spares the replay of what the block log holds anyway. It is never synced, and the few
    // bytes of idle blocks leave together.
    unwritten_ += batch.GetDataSize();
    if (unwritten_ < unwritten_bytes_max && ++unwritten_blocks_ < unwritten_blocks_max) return;
    unwritten_ = unwritten_blocks_ = 0;
    require(database_->FlushWAL(false), "write");
  }

  void settle() override { require(database_->Flush({}), "write"); }

  Result<void> copy_to(std::filesystem::path const& path) const override {
    rocksdb::Checkpoint* made = nullptr;
    auto status = database_->FlushWAL(false);
    if (status.ok()) status = rocksdb::Checkpoint::Create(database_.get(), &made);
    std::unique_ptr<rocksdb::Checkpoint> const checkpoint(made);
    // What is only in memory is copied with the write-ahead log, which is faster than to sort it into a file first.
    if (status.ok()) status = checkpoint->CreateCheckpoint(path.string(), log_bytes_max);
    if (status.ok()) return {};
    return base::Error{base::Code::E_DISK, path.string(), status.ToString()};
  }

  std::shared_ptr<ledger::StateView const> snapshot() const override {
    return std::make_shared<Snapshot const>(database_);
  }

 private:
  std::shared_ptr<rocksdb::DB> database_;
  std::optional<Height> applied_;
  std::size_t unwritten_ = 0;
  std::size_t unwritten_blocks_ = 0;
};

rocksdb::Options make_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = std::size_t{64} << 20;
  options.max_write_buffer_number = 2;
  // Most lookups are for what is not there: ids that nobody used before.
  options.memtable_prefix_bloom_size_ratio = 0.05;
  options.memtable_whole_key_filtering = true;
  // A block's rows come sorted: within a namespace each goes in from where the last did.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  options.manual_wal_flush = true;
  options.max_total_wal_size = log_bytes_max;
  options.max_open_files = 256;
  options.max_background_jobs = 2;
  // Its own log and statistics are written to disk for nobody.
  options.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
  options.keep_log_file_num = 2;
  options.max_log_file_size = std::size_t{1} << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(std::size_t{256} << 20);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

Result<void> Database::copy_to(std::filesystem::path const& path) const {
  return base::Error{base::Code::E_DISK, path.string(), "this database has no files"};
}

Result<void> verify_database(std::filesystem::path const& path) {
  auto options = make_options();
  options.create_if_missing = false;
  options.paranoid_checks = true;
  // A crash may have torn the end of the write-ahead log, and nothing else of it.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  rocksdb::DB* opened = nullptr;
  auto status = rocksdb::DB::OpenForReadOnly(options, path.string(), &opened);
  std::unique_ptr<rocksdb::DB> const database(opened);
  if (status.ok()) status = database->VerifyChecksum();
  if (status.ok()) return {};
  return base::Error{base::Code::E_DISK, path.string(), status.ToString()};
}

namespace {

base::Error failure(std::filesystem::path const& path, std::string const& reason) {
  return {base::Code::E_DISK, path.string(), reason};
}

/// RocksDB's own lock, which a database that is only read does not ask for.
bool is_locked(std::filesystem::path const& path) {
  int const file = ::open((path / "LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  bool const held = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return held;
}

Result<std::unique_ptr<Database>> take(std::filesystem::path const& path, rocksdb::Status const& opened,
                                       rocksdb::DB* const pointer) {
  if (!opened.ok()) return failure(path, opened.ToString());
  std::shared_ptr<rocksdb::DB> database(pointer);
  std::string number;
  auto const read = database->Get({}, {applied_key.data(), applied_key.size()}, &number);
  if (!read.ok() && !read.IsNotFound()) return failure(path, read.ToString());
  std::optional<Height> applied;
  if (read.ok()) applied = ledger::from_big_endian(base::bytes_of(number));
  return std::unique_ptr<Database>(std::make_unique<RocksDatabase>(std::move(database), applied));
}

}  // namespace

Result<std::unique_ptr<Database>> open_database(std::filesystem::path const& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  rocksdb::DB* opened = nullptr;
  auto const status = rocksdb::DB::Open(make_options(), path.string(), &opened);
  return take(path, status, opened);
}

Result<std::unique_ptr<Database>> open_database_to_read(std::filesystem::path const& path) {
  if (is_locked(path)) return base::Error{base::Code::E_BUSY, path.string(), "another process holds its lock"};
  auto options = make_options();
  options.create_if_missing = false;
  rocksdb::DB* opened = nullptr;
  auto const status = rocksdb::DB::OpenForReadOnly(options, path.string(), &opened);
  return take(path, status, opened);
}

}  // namespace storage
