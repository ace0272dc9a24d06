// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "storage/block_log.hpp"
#include "storage/database.hpp"

namespace storage {
namespace {

/// A folder that is gone with the test.
class Disk : public ::testing::Test {
 protected:
  Disk() {
    auto name = (std::filesystem::temp_directory_path() / "tally-storage-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Disk() override { std::filesystem::remove_all(path_); }

  std::unique_ptr<Database> open(std::string const& name) {
    auto database = open_database(path_ / name);
    EXPECT_TRUE(database) << (database ? "" : base::to_string(database.error()));
    return std::move(database).value();
  }
  /// The files as a killed process leaves them.
  void copy(std::string const& from, std::string const& to) {
    std::filesystem::copy(path_ / from, path_ / to, std::filesystem::copy_options::recursive);
  }

  std::filesystem::path path_;
};

Bytes key(std::string const& text) { return ledger::state_key(ledger::Space::member, text); }

std::vector<std::string> ids(ledger::StateView const& state, std::string const& prefix, std::string const& from) {
  std::vector<std::string> out;
  state.scan(key(prefix), key(from), [&](BytesView found, BytesView) {
    out.emplace_back(base::text_of(found.subspan(1)));
    return true;
  });
  return out;
}

TEST_F(Disk, ASnapshotDoesNotChange) {
  auto database = open("state");
  EXPECT_FALSE(database->applied());
  database->apply({{key("a"), base::to_bytes("1")}, {key("b"), base::to_bytes("2")}}, 0);
  auto const before = database->snapshot();
  database->apply({{key("a"), std::nullopt}, {key("b"), base::to_bytes("3")}, {key("c"), Bytes{}}}, 1);
  auto const after = database->snapshot();
  EXPECT_EQ(database->applied(), 1u);
  database.reset();
  EXPECT_EQ(before->get(key("a")), base::to_bytes("1"));
  EXPECT_EQ(before->get(key("b")), base::to_bytes("2"));
  EXPECT_FALSE(before->get(key("c")));
  EXPECT_FALSE(after->get(key("a")));
  EXPECT_EQ(after->get(key("b")), base::to_bytes("3"));
  EXPECT_EQ(after->get(key("c")), Bytes{});
  EXPECT_EQ(ids(*before, "", ""), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ids(*after, "", ""), (std::vector<std::string>{"b", "c"}));
}

TEST_F(Disk, AScanKeepsToItsPrefixAndBeginning) {
  auto database = open("state");
  ledger::StateDiff diff;
  for (auto const* id : {"a", "b1", "b2", "b3", "c"}) diff[key(id)] = Bytes{};
  database->apply(diff, 7);
  auto const state = database->snapshot();
  EXPECT_EQ(ids(*state, "b", "b"), (std::vector<std::string>{"b1", "b2", "b3"}));
  EXPECT_EQ(ids(*state, "b", "b2"), (std::vector<std::string>{"b2", "b3"}));
  EXPECT_EQ(ids(*state, "b", "a"), (std::vector<std::string>{"b1", "b2", "b3"}));
  EXPECT_TRUE(ids(*state, "b", "c").empty());
  std::size_t seen = 0;
  state->scan({}, [&](BytesView, BytesView) { return ++seen < 100; });
  EXPECT_EQ(seen, 5u) << "the mark of the height is not a record";
}

using Model = std::map<Bytes, Bytes>;

void expect_holds(ledger::StateView const& state, Model const& model, std::mt19937& random) {
  auto const prefix = key(std::to_string(random() % 10).substr(0, random() % 2));
  auto const from = key(std::to_string(random() % 1000));
  std::vector<std::pair<Bytes, Bytes>> found;
  std::vector<std::pair<Bytes, Bytes>> wanted;
  state.scan(prefix, from, [&](BytesView name, BytesView record) {
    found.emplace_back(Bytes(name.begin(), name.end()), Bytes(record.begin(), record.end()));
    return true;
  });
  for (auto one = model.lower_bound(from); one != model.end(); ++one) {
    if (base::equal(BytesView(one->first).first(std::min(one->first.size(), prefix.size())), prefix))
      wanted.push_back(*one);
  }
  ASSERT_EQ(found, wanted);
  std::vector<Bytes> names;
  // Now and then more than are read at once.
  for (auto left = random() % 20 == 0 ? 700 : 20; left > 0; --left) {
    names.push_back(key(std::to_string(random() % 1000)));
  }
  names.push_back(names.front());
  std::vector<ledger::StateView::HashedKey> keys;
  auto const record_of = [&](BytesView name) {
    auto const one = model.find(Bytes(name.begin(), name.end()));
    return one == model.end() ? std::nullopt : std::optional(one->second);
  };
  for (auto const& name : names) {
    ASSERT_EQ(state.get(name), record_of(name));
    keys.push_back({name, ledger::Row::hash_of(name)});
  }
  std::multiset<Bytes> told;
  state.read_many(keys, [&](auto const& one, std::optional<BytesView> record) {
    told.emplace(one.key.begin(), one.key.end());
    ASSERT_EQ(record ? std::optional(Bytes(record->begin(), record->end())) : std::nullopt, record_of(one.key));
  });
  ASSERT_EQ(told, std::multiset<Bytes>(names.begin(), names.end()));
}

/// Blocks that are in files, in the file that is being written, and only in memory.
TEST_F(Disk, AStateIsTheSameWhereverItsRowsAre) {
  std::mt19937 random(3);
  Model model;
  std::vector<std::pair<std::shared_ptr<ledger::StateView const>, Model>> held;
  auto database = open("state");
  for (Height height = 0; height < 400; ++height) {
    ledger::StateDiff diff;
    for (auto left = random() % 12; left > 0; --left) {
      auto const name = key(std::to_string(random() % 1000));
      if (random() % 3 == 0) {
        diff[name] = std::nullopt;
        model.erase(name);
      } else {
        auto const record = Bytes(random() % 40, static_cast<std::uint8_t>(height));
        diff[name] = record;
        model[name] = record;
      }
    }
    if (height % 100 == 50) {
      // So much that a file of its own is begun.
      for (std::uint8_t i = 0; i < 65; ++i) diff[Bytes{0, i}] = Bytes(std::size_t{1} << 20, 1);
    }
    database->apply(diff, height);
    if (random() % 50 == 0) database->settle();
    expect_holds(*database->snapshot(), model, random);
    if (height % 80 == 0) held.emplace_back(database->snapshot(), model);
    if (height == 300) {
      held.clear();
      database.reset();
      database = open("state");
      ASSERT_EQ(database->applied(), height);
    }
    for (auto const& [state, then] : held) expect_holds(*state, then, random);
  }
  database->apply({{key("1"), Bytes{1}}}, 400);
  model[key("1")] = Bytes{1};
  ASSERT_TRUE(database->copy_to(path_ / "copy"));
  database->apply({{key("1"), Bytes{2}}}, 401);
  auto const copy = open("copy");
  EXPECT_EQ(copy->applied(), 400u);
  expect_holds(*copy->snapshot(), model, random);
}

TEST_F(Disk, AKilledProcessLosesOnlyWholeBlocks) {
  pid_t const child = fork();
  if (child == 0) {
    auto const database = open_database(path_ / "state");
    for (Height height = 0; height < 5000; ++height) {
      (*database)->apply({{key("n"), ledger::big_endian(height)}, {key(std::to_string(height)), Bytes(100, 1)}},
                         height);
    }
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  auto database = open("state");
  ASSERT_TRUE(database->applied());
  EXPECT_GT(*database->applied(), 1000u);
  EXPECT_EQ(database->snapshot()->get(key("n")), ledger::big_endian(*database->applied()));
  EXPECT_FALSE(database->snapshot()->get(key(std::to_string(*database->applied() + 1))));
  database->apply({{key("n"), Bytes{1}}}, 5000);
  database.reset();
  EXPECT_EQ(open("state")->applied(), 5000u) << "stopped in good order";
}

/// RocksDB takes a file over under a second name before it lets go of the first.
TEST_F(Disk, WhatAKilledProcessLeftIsNotWrittenTo) {
  auto database = open("state");
  for (Height height = 1; height <= 3; ++height) {
    database->apply({{key(std::to_string(height)), Bytes(50'000, static_cast<std::uint8_t>(height))}}, height);
    database->settle();
    for (auto const& entry : std::filesystem::directory_iterator(path_ / "state")) {
      auto const left = path_ / "state" / "unwritten";
      if (entry.path().extension() == ".sst" && !std::filesystem::exists(left)) {
        std::filesystem::create_hard_link(entry.path(), left);
      }
    }
  }
  database.reset();
  EXPECT_TRUE(verify_database(path_ / "state"));
  auto const state = open("state")->snapshot();
  for (std::uint8_t n = 1; n <= 3; ++n) EXPECT_EQ(state->get(key(std::to_string(n))), Bytes(50'000, n));
}

TEST_F(Disk, AnotherProcessIsKeptOut) {
  auto const database = open("state");
  auto const second = open_database(path_ / "state");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Code::E_DISK);
}

TEST_F(Disk, WhoOnlyReadsIsKeptOutToo) {
  auto const database = open("state");
  pid_t const child = fork();
  if (child == 0) {
    auto const second = open_database_to_read(path_ / "state");
    _exit(!second && second.error().code == base::Code::E_BUSY ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(Disk, WhoOnlyReadsChangesNothing) {
  open("state")->apply(ledger::StateDiff{{Bytes{1}, Bytes(100, 7)}}, 3);
  // What RocksDB tells of itself is not the state's.
  auto const files = [&] {
    std::map<std::string, std::string> out;
    for (auto const& entry : std::filesystem::directory_iterator(path_ / "state")) {
      auto const name = entry.path().filename().string();
      std::ifstream in(entry.path(), std::ios::binary);
      if (!name.starts_with("LOG")) out[name] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    return out;
  };
  auto const before = files();
  auto database = open_database_to_read(path_ / "state");
  ASSERT_TRUE(database) << base::to_string(database.error());
  EXPECT_EQ((*database)->applied(), 3u);
  EXPECT_EQ((*database)->snapshot()->get(Bytes{1}), Bytes(100, 7));
  database->reset();
  EXPECT_EQ(files(), before);
  // Damage is told from a lock, also where RocksDB speaks of a "block".
  std::filesystem::resize_file(path_ / "state" / "CURRENT", 0);
  EXPECT_EQ(open_database_to_read(path_ / "state").error().code, base::Code::E_DISK);
  EXPECT_FALSE(open_database_to_read(path_ / "nothing"));
  EXPECT_FALSE(std::filesystem::exists(path_ / "nothing"));
}

TEST_F(Disk, TheLogOnDiskIsTheLogInMemory) {
  auto folder = open_folder(path_ / "log");
  ASSERT_TRUE(folder);
  auto log = BlockLog::open(**folder);
  ASSERT_TRUE(log);
  Decision decision;
  decision.first = 1;
  decision.blocks.resize(2);
  decision.blocks[1].block.assign(100'000, 9);
  (*log)->append(decision);
  copy("log", "copy");
  auto const copied = open_folder(path_ / "copy");
  ASSERT_TRUE(copied);
  auto const name = (*copied)->list().begin()->first;
  std::ofstream(path_ / "copy" / name, std::ios::app | std::ios::binary) << "a torn beginning";
  auto const again = BlockLog::open(**copied);
  ASSERT_TRUE(again) << base::to_string(again.error());
  EXPECT_EQ((*again)->height(), 2u);
  EXPECT_EQ((*(*again)->read(2))->blocks[1].block, decision.blocks[1].block);
}

TEST(DiskDeathTest, AFailedWriteStopsTheProcess) {
  auto const full = open_folder("/dev");
  ASSERT_TRUE(full);
  EXPECT_EXIT((*full)->append("full", Bytes(10, 1)), ::testing::ExitedWithCode(74), "cannot write /dev/full: No space");
}

}  // namespace
}  // namespace storage
