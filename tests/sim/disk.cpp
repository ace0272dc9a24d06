// SPDX-License-Identifier: Apache-2.0
#include "disk.hpp"

#include <numeric>

#include "ledger/records.hpp"

namespace sim {

namespace {

/// Older states are on the disk for good: a database flushes now and then.
constexpr std::size_t unflushed_states_max = 24;
constexpr std::size_t sector_bytes = 512;

class Misreading final : public ledger::StateView {
 public:
  explicit Misreading(std::shared_ptr<ledger::StateView const> truth) : truth_(std::move(truth)) {}
  bool read(BytesView key, std::uint32_t hash, Reader const& reader) const override {
    static Bytes const misread = ledger::state_key(ledger::Space::parameters, std::string_view());
    return truth_->read(key, hash, [&](BytesView bytes) {
      if (!base::equal(key, misread)) return reader(bytes);
      auto record = base::decode<ledger::ParametersRecord>(bytes);
      CHECK(record.has_value());
      record->parameters.late_after_ms += 1;
      reader(base::encode(*record));
    });
  }
  using StateView::scan;
  void scan(BytesView prefix, BytesView from, Visitor const& visit) const override {
    truth_->scan(prefix, from, visit);
  }

 private:
  std::shared_ptr<ledger::StateView const> truth_;
};

}  // namespace

class Disk::MemoryFolder final : public storage::Folder {
 public:
  MemoryFolder(Disk& disk, std::string name) : disk_(disk), name_(std::move(name)) {}

  std::map<std::string, std::uint64_t> list() const override {
    std::map<std::string, std::uint64_t> out;
    for (auto const& [name, file] : files()) out[name] = file.bytes.size();
    return out;
  }
  Bytes read(std::string const& name, std::uint64_t offset, std::uint64_t size) const override {
    auto const& bytes = files().at(name).bytes;
    auto const begin = std::min<std::size_t>(offset, bytes.size());
    auto const end = std::min<std::size_t>(begin + size, bytes.size());
    return Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.begin() + static_cast<std::ptrdiff_t>(end));
  }
  void append(std::string const& name, BytesView bytes) override {
    bool const fails = disk_.before_write_();
    // Without chance: the half is as good as any part.
    base::append(files()[name].bytes, fails ? bytes.first(bytes.size() / 2) : bytes);
    if (fails) throw Crash();
  }
  void sync(std::string const& name) override {
    disk_.check_write();
    if (disk_.unsynced_folder == "*" || disk_.unsynced_folder == name_) return;
    auto& file = files()[name];
    file.synced = file.bytes.size();
    file.named = true;
    file.before_cut.reset();
  }
  void truncate(std::string const& name, std::uint64_t size) override {
    disk_.check_write();
    auto& file = files()[name];
    if (size < file.synced && !file.before_cut)
      file.before_cut = Bytes(file.bytes.begin(), file.bytes.begin() + static_cast<std::ptrdiff_t>(file.synced));
    file.bytes.resize(size);
    file.synced = std::min(file.synced, file.bytes.size());
  }
  void remove(std::string const& name) override {
    disk_.check_write();
    files().erase(name);
  }

 private:
  Files& files() const { return disk_.folders_[name_]; }

  Disk& disk_;
  std::string name_;
};

class Disk::MemoryDatabase final : public storage::Database {
 public:
  explicit MemoryDatabase(Disk& disk) : disk_(disk) {}

  std::optional<Height> applied() const override {
    if (disk_.states_.empty()) return std::nullopt;
    return disk_.states_.back().first;
  }
  void apply(ledger::StateDiffs diffs, Height height) override {
    disk_.check_write();
    auto& states = disk_.states_;
    auto next = states.empty() ? std::make_shared<ledger::MemoryState>()
                               : std::make_shared<ledger::MemoryState>(*states.back().second);
    for (auto const* diff : diffs) next->apply(*diff);
    states.emplace_back(height, std::move(next));
    ++disk_.states_written_;
    if (states.size() > unflushed_states_max) states.pop_front();
  }
  void settle() override {
    while (disk_.states_.size() > 1) disk_.states_.pop_front();
  }
  std::shared_ptr<ledger::StateView const> snapshot() const override {
    if (disk_.states_.empty()) return std::make_shared<ledger::MemoryState const>();
    std::shared_ptr<ledger::StateView const> state = disk_.states_.back().second;
    return disk_.misreads ? std::make_shared<Misreading const>(state) : state;
  }

 private:
  Disk& disk_;
};

std::unique_ptr<storage::Folder> Disk::folder(std::string name) {
  return std::make_unique<MemoryFolder>(*this, std::move(name));
}

std::unique_ptr<storage::Database> Disk::database() { return std::make_unique<MemoryDatabase>(*this); }

void Disk::lose_tail(File& file, Random& random) {
  if (file.before_cut && random.percent(50)) {
    file.bytes = std::move(*file.before_cut);
    file.synced = file.bytes.size();
  }
  file.before_cut.reset();
  auto const left = file.synced + random.below(file.bytes.size() - file.synced + 1);
  file.bytes.resize(left);
  bool const holes = random.percent(30);
  for (auto at = file.synced; holes && at < left;) {
    auto const end = std::min(left, (at / sector_bytes + 1) * sector_bytes);
    bool const came = random.percent(50);
    for (; at < end; ++at) {
      if (!came) file.bytes[at] = 0;
    }
  }
  file.synced = left;
}

void Disk::lose_power(Random& random) {
  for (auto& [name, files] : folders_) {
    for (auto file = files.begin(); file != files.end();) {
      lose_tail(file->second, random);
      bool const gone = !file->second.named && random.percent(50);
      file->second.named = true;
      file = gone ? files.erase(file) : std::next(file);
    }
  }
  lose_process(random);
}

void Disk::rot(Random& random) {
  std::vector<Bytes*> found;
  for (auto& [name, files] : folders_) {
    for (auto& [file, content] : files) {
      if (content.bytes.size() >= 8) found.push_back(&content.bytes);
    }
  }
  if (found.empty()) return;
  auto& bytes = *found[random.below(found.size())];
  auto const& other = *found[random.below(found.size())];
  auto const at = random.below(bytes.size() / 2);
  if (&bytes == &other || random.percent(50)) {
    bytes[at] ^= static_cast<std::uint8_t>(1u << random.below(8));
    return;
  }
  auto const from = random.below(other.size());
  auto const count = std::min({sector_bytes, bytes.size() / 2 - at, other.size() - from});
  for (std::size_t i = 0; i < count; ++i) bytes[at + i] = other[from + i];
}

std::size_t Disk::size(std::string const& folder) const {
  auto const found = folders_.find(folder);
  if (found == folders_.end()) return 0;
  return std::accumulate(found->second.begin(), found->second.end(), std::size_t{0},
                         [](std::size_t sum, auto const& file) { return sum + file.second.bytes.size(); });
}

void Disk::lose_process(Random& random) {
  // The genesis state of a new node may be lost as well.
  auto const kept_min = states_written_ > unflushed_states_max ? 1u : 0u;
  while (states_.size() > kept_min && random.percent(50)) states_.pop_back();
}

}  // namespace sim
