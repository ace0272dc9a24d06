// SPDX-License-Identifier: Apache-2.0
#include "storage/database.hpp"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <random>

#include "ledger/snapshot.hpp"
#include "storage/layer.hpp"

namespace storage {

namespace {

/// Beside all namespaces of the state: the height, and ledger::rows_format.
constexpr std::string_view applied_key =
    "\xff"
    "applied";

/// What a killed process has to do again. Rows of a block come in no order; sorted in memory and written as one file,
/// they cost a fifth of what a write-ahead log and a memtable of skip lists do.
constexpr std::size_t unwritten_bytes_max = std::size_t{64} << 20;
constexpr std::size_t unwritten_bytes_min = unwritten_bytes_max / 4 * 3;
constexpr std::size_t unwritten_blocks_max = 1024;
/// Of those that are written: enough for the memory to answer meanwhile.
constexpr std::size_t rows_ahead = 16;
constexpr char const* unwritten_file = "unwritten";
/// What is found keeps its block of rows in memory until all of these are.
constexpr std::size_t read_at_once_max = 256;
/// Of the thread that writes, so that what clients wait for goes first.
constexpr int writer_niceness = 5;

rocksdb::Slice slice(BytesView bytes) { return {reinterpret_cast<char const*>(bytes.data()), bytes.size()}; }
BytesView view(rocksdb::Slice const& slice) { return base::bytes_of({slice.data(), slice.size()}); }

void require(rocksdb::Status const& status, char const* what) {
  if (!status.ok()) stop_process("cannot " + std::string(what) + " the state: " + status.ToString());
}

/// The newest first.
using Layers = std::vector<std::shared_ptr<Layer const>>;

/// What layers hold of a prefix, as one ascending row of keys.
class Changes {
 public:
  Changes(Layers const& layers, BytesView prefix, BytesView start) : prefix_(prefix) {
    for (auto const& layer : layers) {
      auto const rows = layer->from(start);
      if (holds(rows)) left_.push_back(rows);
    }
    find_next();
  }
  /// Null behind the last one.
  Layer::Row const* next() const { return next_; }
  void pop() {
    std::erase_if(left_, [&, passed = *next_](auto& rows) {
      if (rows.front() == passed) rows = rows.subspan(1);
      return !holds(rows);
    });
    find_next();
  }

 private:
  using Rows = std::span<Layer::Row const>;

  bool holds(Rows rows) const {
    if (rows.empty()) return false;
    auto const key = rows.front().key();
    return key.size() >= prefix_.size() && base::equal(key.first(prefix_.size()), prefix_);
  }
  /// Of one key the newest layer's, which stands first.
  void find_next() {
    auto const least =
        std::ranges::min_element(left_, [](Rows const& a, Rows const& b) { return a.front() < b.front(); });
    next_ = least == left_.end() ? nullptr : &least->front();
  }

  BytesView prefix_;
  std::vector<Rows> left_;
  Layer::Row const* next_ = nullptr;
};

/// Layers over the database's files.
class Snapshot final : public ledger::StateView {
 public:
  Snapshot(std::shared_ptr<rocksdb::DB> database, Layers layers)
      : layers_(std::move(layers)), database_(std::move(database)), snapshot_(database_->GetSnapshot()) {
    options_.snapshot = snapshot_;
  }
  ~Snapshot() override {
    spare_.reset();
    database_->ReleaseSnapshot(snapshot_);
  }
  Snapshot(Snapshot const&) = delete;
  Snapshot& operator=(Snapshot const&) = delete;

  bool read(BytesView key, std::uint32_t hash, Reader const& reader) const override {
    if (auto const* const row = find(key, hash)) {
      auto const record = row->record();
      if (record) reader(*record);
      return record.has_value();
    }
    rocksdb::PinnableSlice value;
    auto const status = database_->Get(options_, database_->DefaultColumnFamily(), slice(key), &value);
    if (status.IsNotFound()) return false;
    require(status, "read");
    reader(view(value));
    return true;
  }

  void read_many(std::span<HashedKey const> keys, ManyReader const& reader) const override {
    std::vector<HashedKey> left;
    std::vector<rocksdb::Slice> names;
    for (auto const& one : keys) {
      auto const* const row = find(one.key, one.hash);
      if (row != nullptr) {
        reader(one, row->record());
      } else {
        left.push_back(one);
        names.push_back(slice(one.key));
      }
    }
    for (std::size_t first = 0; first < left.size(); first += read_at_once_max) {
      auto const count = std::min(read_at_once_max, left.size() - first);
      std::vector<rocksdb::PinnableSlice> values(count);
      std::vector<rocksdb::Status> found(count);
      database_->MultiGet(options_, database_->DefaultColumnFamily(), count, &names[first], values.data(),
                          found.data());
      for (std::size_t i = 0; i < count; ++i) {
        if (!found[i].IsNotFound()) require(found[i], "read");
        reader(left[first + i], found[i].ok() ? std::optional(view(values[i])) : std::nullopt);
      }
    }
  }

  void scan(BytesView prefix, BytesView from, Visitor const& visit) const override {
    auto const start = base::less(from, prefix) ? prefix : from;
    Changes changes(layers_, prefix, start);
    auto cursor = take_cursor();
    cursor->Seek(slice(start));
    for (bool goes_on = true; goes_on;) {
      bool const on_disk = cursor->Valid() && cursor->key().starts_with(slice(prefix));
      auto const* const change = changes.next();
      if (!on_disk && change == nullptr) break;
      // What a layer says of a key hides what stands on disk.
      int const order = !on_disk ? 1 : change == nullptr ? -1 : cursor->key().compare(slice(change->key()));
      if (order < 0) {
        goes_on = is_applied(cursor->key()) || visit(view(cursor->key()), view(cursor->value()));
      } else {
        auto const record = change->record();
        goes_on = !record || visit(change->key(), *record);
        changes.pop();
      }
      if (order <= 0) cursor->Next();
    }
    require(cursor->status(), "read");
    std::lock_guard const lock(mutex_);
    spare_ = std::move(cursor);
  }

 private:
  using Cursor = std::unique_ptr<rocksdb::Iterator>;

  /// What the newest layer says that says something; null when none does.
  Layer::Row const* find(BytesView key, std::uint32_t hash) const {
    for (auto const& layer : layers_) {
      if (auto const* const row = layer->find(key, hash)) return row;
    }
    return nullptr;
  }

  static bool is_applied(rocksdb::Slice const& key) {
    return key == rocksdb::Slice(applied_key.data(), applied_key.size());
  }

  /// To make one takes longer than a short scan, and a block asks for thousands.
  Cursor take_cursor() const {
    {
      std::lock_guard const lock(mutex_);
      if (spare_) return std::move(spare_);
    }
    return Cursor(database_->NewIterator(options_));
  }

  Layers layers_;
  std::shared_ptr<rocksdb::DB> database_;
  rocksdb::Snapshot const* snapshot_;
  rocksdb::ReadOptions options_;
  mutable std::mutex mutex_;
  mutable Cursor spare_;
};

class RocksDatabase final : public Database {
 public:
  RocksDatabase(std::shared_ptr<rocksdb::DB> database, std::filesystem::path path, rocksdb::Options const& options,
                std::optional<Height> applied)
      : database_(std::move(database)), path_(std::move(path)), options_(options), applied_(applied) {
    // It lives for seconds: compaction writes its rows again, compressed.
    options_.compression = rocksdb::kNoCompression;
  }
  ~RocksDatabase() override { settle(); }
  RocksDatabase(RocksDatabase const&) = delete;
  RocksDatabase& operator=(RocksDatabase const&) = delete;

  std::optional<Height> applied() const override { return applied_; }

  void apply(ledger::StateDiffs diffs, Height height) override {
    for (auto const* diff : diffs) {
      if (!diff->empty()) add(std::make_shared<Layer const>(*diff));
    }
    applied_ = height;
    ++unwritten_blocks_;
    std::size_t bytes = 0;
    for (auto const& layer : layers_) bytes += layer->bytes();
    bool const due = bytes >= write_at_bytes_ || unwritten_blocks_ >= unwritten_blocks_max;
    // Who writes is less important, and may take its time.
    bool const late = bytes >= 2 * unwritten_bytes_max || unwritten_blocks_ >= 2 * unwritten_blocks_max;
    if (late || (due && is_idle())) write();
  }

  void settle() override {
    if (unwritten_blocks_ > 0) write();
    wait();
  }

  Result<void> copy_to(std::filesystem::path const& path) override {
    settle();
    rocksdb::Checkpoint* made = nullptr;
    auto status = rocksdb::Checkpoint::Create(database_.get(), &made);
    std::unique_ptr<rocksdb::Checkpoint> const checkpoint(made);
    if (status.ok()) status = checkpoint->CreateCheckpoint(path.string());
    if (status.ok()) return {};
    return base::Error{base::Code::E_DISK, path.string(), status.ToString()};
  }

  std::shared_ptr<ledger::StateView const> snapshot() const override {
    auto layers = layers_;
    // Once they are on disk too they hide only themselves.
    layers.insert(layers.end(), being_written_.begin(), being_written_.end());
    return std::make_shared<Snapshot const>(database_, std::move(layers));
  }

 private:
  /// Each layer is at least four times as large as the next newer one, so that there are few, and a row moves seldom.
  void add(std::shared_ptr<Layer const> layer) {
    while (!layers_.empty() && layers_.front()->rows().size() < 4 * layer->rows().size()) {
      layer = std::make_shared<Layer const>(*layers_.front(), *layer);
      layers_.erase(layers_.begin());
    }
    layers_.insert(layers_.begin(), std::move(layer));
  }

  /// All that is not written yet, as one file, beside what goes on.
  void write() {
    wait();
    being_written_ = std::exchange(layers_, {});
    unwritten_blocks_ = 0;
    write_at_bytes_ = draw_size();
    writing_ = std::async(std::launch::async, [this, layers = being_written_, height = *applied_] {
      // On Linux of this thread alone.
      setpriority(PRIO_PROCESS, 0, writer_niceness);
      std::shared_ptr<Layer const> all;
      for (auto const& layer : layers) all = all ? std::make_shared<Layer const>(*layer, *all) : layer;
      write_file(all.get(), height);
    });
  }

  /// Validators that make the same blocks would all write at the same time.
  static std::size_t draw_size() {
    std::random_device random;
    return std::uniform_int_distribution<std::size_t>(unwritten_bytes_min, unwritten_bytes_max)(random);
  }

  bool is_idle() const {
    return !writing_.valid() || writing_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  void wait() {
    if (writing_.valid()) writing_.get();
    being_written_.clear();
  }

  void write_file(Layer const* rows, Height height) const {
    auto const file = (path_ / unwritten_file).string();
    // A process that was killed while RocksDB took it over left a name of what is in the state by now: to write to it
    // would write there.
    std::error_code none;
    std::filesystem::remove(path_ / unwritten_file, none);
    rocksdb::SstFileWriter writer({}, options_);
    require(writer.Open(file), "write");
    auto const all = rows != nullptr ? rows->rows() : std::span<Layer::Row const>();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i + rows_ahead < all.size()) all[i + rows_ahead].prefetch();
      auto const& row = all[i];
      auto const record = row.record();
      require(record ? writer.Put(slice(row.key()), slice(*record)) : writer.Delete(slice(row.key())), "write");
    }
    // Behind all namespaces.
    auto number = ledger::big_endian(height);
    number.push_back(ledger::rows_format);
    require(writer.Put({applied_key.data(), applied_key.size()}, slice(number)), "write");
    require(writer.Finish(), "write");
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    options.write_global_seqno = false;
    require(database_->IngestExternalFile({file}, options), "write");
  }

  std::shared_ptr<rocksdb::DB> database_;
  std::filesystem::path path_;
  rocksdb::Options options_;
  std::optional<Height> applied_;
  Layers layers_;
  std::size_t unwritten_blocks_ = 0;
  std::size_t write_at_bytes_ = draw_size();
  Layers being_written_;
  std::future<void> writing_;
};

rocksdb::Options make_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.max_open_files = 256;
  options.max_background_jobs = 2;
  // Its own log and statistics are written to disk for nobody.
  options.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
  options.keep_log_file_num = 2;
  options.max_log_file_size = std::size_t{1} << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // Files of sorted rows, of up to 64 MiB each, that have not been merged with those below them: merging twice as many
  // at once, into twice as much, rewrites a row less often, and a filter costs a look at a file that has no row little.
  options.level0_file_num_compaction_trigger = 8;
  options.max_bytes_for_level_base = std::uint64_t{1} << 30;
  rocksdb::BlockBasedTableOptions table;
  // Rows are mostly asked for one by one.
  table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  table.block_cache = rocksdb::NewLRUCache(std::size_t{256} << 20);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(14));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

Result<void> Database::copy_to(std::filesystem::path const& path) {
  return base::Error{base::Code::E_DISK, path.string(), "this database has no files"};
}

Result<void> verify_database(std::filesystem::path const& path) {
  auto options = make_options();
  options.create_if_missing = false;
  options.paranoid_checks = true;
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

/// `opens` is how RocksDB opens it.
Result<std::unique_ptr<Database>> take(
    std::filesystem::path const& path, rocksdb::Options const& options,
    std::function<rocksdb::Status(rocksdb::Options const&, std::string const&, rocksdb::DB**)> const& opens) {
  rocksdb::DB* pointer = nullptr;
  auto const opened = opens(options, path.string(), &pointer);
  if (!opened.ok()) return failure(path, opened.ToString());
  std::shared_ptr<rocksdb::DB> database(pointer);
  std::string number;
  auto const read = database->Get({}, {applied_key.data(), applied_key.size()}, &number);
  if (!read.ok() && !read.IsNotFound()) return failure(path, read.ToString());
  std::optional<Height> applied;
  if (read.ok()) {
    auto const bytes = base::bytes_of(number);
    if (bytes.size() != sizeof(Height) + 1 || bytes.back() != ledger::rows_format) {
      return failure(path,
                     "another version of this program made it; without it, a start makes it again from the blocks, or, "
                     "where they begin at a snapshot, takes that of another member");
    }
    applied = ledger::from_big_endian(bytes.first(sizeof(Height)));
  }
  return std::unique_ptr<Database>(std::make_unique<RocksDatabase>(std::move(database), path, options, applied));
}

}  // namespace

Result<std::unique_ptr<Database>> open_database(std::filesystem::path const& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  return take(path, make_options(), [](auto const&... arguments) { return rocksdb::DB::Open(arguments...); });
}

Result<std::unique_ptr<Database>> open_database_to_read(std::filesystem::path const& path) {
  if (is_locked(path)) return base::Error{base::Code::E_BUSY, path.string(), "another process holds its lock"};
  auto options = make_options();
  options.create_if_missing = false;
  return take(path, options, [](auto const&... arguments) { return rocksdb::DB::OpenForReadOnly(arguments...); });
}

}  // namespace storage
