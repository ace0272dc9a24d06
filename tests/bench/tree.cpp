// SPDX-License-Identifier: Apache-2.0
#include "bench/tree.hpp"

#include <gperftools/malloc_extension.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <random>

#include "ledger/tree.hpp"
#include "storage/database.hpp"

namespace bench {

namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr std::uint64_t keys_a_block = 10'000;
constexpr unsigned measured_blocks = 20;
constexpr std::size_t record_bytes = 120;
constexpr double memory_aim_us = 6;
constexpr double store_aim_us = 25;

double cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}
double wall_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
std::size_t heap_bytes() {
  std::size_t out = 0;
  MallocExtension::instance()->GetNumericProperty("generic.current_allocated_bytes", &out);
  return out;
}

std::uintmax_t bytes_on_disk(fs::path const& folder) {
  std::uintmax_t out = 0;
  for (auto const& file : fs::recursive_directory_iterator(folder)) {
    if (file.is_regular_file()) out += file.file_size();
  }
  return out;
}

/// Where the rows are.
struct Rows {
  std::function<std::shared_ptr<ledger::StateView const>()> state;
  std::function<void(ledger::StateDiff const& rows)> apply;
};

/// The rows of a tree with the records of so many keys, which who executes a block has read before: here they cost
/// nothing.
class WithRecords final : public ledger::StateView {
 public:
  WithRecords(ledger::StateView const& rows, std::uint64_t keys) : rows_(rows), keys_(keys) {}
  bool read(base::BytesView key, std::uint32_t hash, Reader const& reader) const override {
    if (!ledger::is_proved(key)) return rows_.read(key, hash, reader);
    if (ledger::from_big_endian(key.subspan(1)) >= keys_) return false;
    reader({});
    return true;
  }
  void scan(base::BytesView prefix, base::BytesView from, Visitor const& visit) const override {
    rows_.scan(prefix, from, visit);
  }

 private:
  ledger::StateView const& rows_;
  std::uint64_t keys_;
};

/// A block that writes these keys; what it costs by the processor, without its records, which any tree needs.
struct Costs {
  double tree = 0;
  double rows = 0;
};

class Measured {
 public:
  explicit Measured(Rows rows) : rows_(std::move(rows)) {}

  template <class KeyOf>
  Costs write(std::uint64_t count, KeyOf const& key_of) {
    ledger::StateDiff diff;
    for (std::uint64_t i = 0; i < count; ++i) {
      auto record = base::Bytes(record_bytes, static_cast<std::uint8_t>(++written_));
      std::copy_n(ledger::big_endian(written_).begin(), 8, record.begin());
      diff[ledger::state_key(ledger::Space::item, ledger::big_endian(key_of(i)))] = std::move(record);
    }
    auto const rows_before = rows_.state();
    WithRecords const state(*rows_before, tree_.size());
    auto const begin = cpu_s();
    tree_ = tree_.with(state, diff);
    auto const made = cpu_s();
    ledger::StateDiff rows;
    for (auto at = diff.lower_bound(ledger::state_key(ledger::Space::tree_leaf, "")); at != diff.end(); ++at) {
      rows.put(at->first, at->second);
    }
    auto const split = cpu_s();
    rows_.apply(rows);
    return {made - begin, cpu_s() - split};
  }

  Costs load(std::uint64_t keys) {
    Costs sum;
    while (tree_.size() < keys) {
      auto const first = tree_.size();
      auto const cost = write(std::min(keys_a_block, keys - first), [&](std::uint64_t i) { return first + i; });
      sum = {sum.tree + cost.tree, sum.rows + cost.rows};
    }
    return sum;
  }
  Costs update(std::uint64_t keys) {
    std::mt19937_64 random(keys);
    Costs sum;
    for (unsigned block = 0; block < measured_blocks; ++block) {
      auto const cost = write(keys_a_block, [&](std::uint64_t) { return random() % keys; });
      sum = {sum.tree + cost.tree, sum.rows + cost.rows};
    }
    return sum;
  }

  void tell(Report& report, std::uint64_t keys, char const* where, std::optional<Aim> aim) {
    auto const begin = wall_s();
    auto const loaded = load(keys);
    auto const took = wall_s() - begin;
    auto const updated = update(keys);
    auto const micros = [](double seconds, std::uint64_t count) { return 1e6 * seconds / static_cast<double>(count); };
    auto const before = heap_bytes();
    auto const start = wall_s();
    auto const again = ledger::StateTree::of(*rows_.state());
    auto const started = wall_s() - start;
    auto const memory = static_cast<double>(heap_bytes() - before) / static_cast<double>(keys);
    auto const updates = measured_blocks * keys_a_block;
    auto const name = [&](char const* what) {
      return "state tree of " + std::to_string(keys) + " keys, rows " + where + ": " + what;
    };
    report.add(name("an updated key"), micros(updated.tree, updates) + micros(updated.rows, updates), "us of CPU", aim);
    report.add(name("of which writing its row"), micros(updated.rows, updates), "us of CPU");
    report.add(name("a new key"), micros(loaded.tree + loaded.rows, keys), "us of CPU");
    report.add(name("memory a key"), memory, "bytes");
    report.add(name("made from its rows"), started, "s");
    report.add(name("loaded"), took, "s");
    if (again.root() != tree_.root()) std::printf("error  its rows give another root\n");
  }

 private:
  Rows rows_;
  ledger::StateTree tree_;
  std::uint64_t written_ = 0;
};

}  // namespace

Result<void> measure_tree(Report& report, std::uint64_t keys) {
  {
    auto const state = std::make_shared<ledger::MemoryState>();
    Measured({[&] { return state; }, [&](ledger::StateDiff const& rows) { state->apply(rows); }})
        .tell(report, keys, "in a map in memory",
              keys <= ledger::leaves_in_memory_max ? std::optional(at_most(memory_aim_us)) : std::nullopt);
  }
  MallocExtension::instance()->ReleaseFreeMemory();
  auto const folder = fs::temp_directory_path() / ("tally-tree-bench-" + std::to_string(getpid()));
  TRY_ASSIGN(auto const database, storage::open_database(folder));
  ledger::Height height = 0;
  Measured(
      {[&] { return database->snapshot(); }, [&](ledger::StateDiff const& rows) { database->apply(rows, ++height); }})
      .tell(report, keys, "in RocksDB", at_most(store_aim_us));
  database->settle();
  report.add("state tree of " + std::to_string(keys) + " keys: disk a key",
             static_cast<double>(bytes_on_disk(folder)) / static_cast<double>(keys), "bytes");
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return {};
}

}  // namespace bench
