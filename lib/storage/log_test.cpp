// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "storage/block_log.hpp"
#include "storage/frame.hpp"
#include "storage/journal.hpp"
#include "storage/memory_folder_test.hpp"

namespace storage {
namespace {

using test::MemoryFolder;

Note note(std::uint64_t view, std::size_t size = 20) {
  return {1, 1, view, base::Blob<(std::size_t{9} << 20)>(Bytes(size, static_cast<std::uint8_t>(view)))};
}

Decision decision(Height first, std::size_t blocks, std::size_t size = 30) {
  Decision out;
  out.first = first;
  out.view = first + 100;
  for (std::size_t i = 0; i < blocks; ++i) {
    LoggedBlock block;
    block.block.assign(size, static_cast<std::uint8_t>(first + i));
    block.result.assign(10, static_cast<std::uint8_t>(first));
    out.blocks.push_back(block);
  }
  out.finality.assign(15, static_cast<std::uint8_t>(first));
  return out;
}

std::unique_ptr<Journal> open_journal(Folder& folder) {
  auto journal = Journal::open(folder);
  EXPECT_TRUE(journal) << (journal ? "" : base::to_string(journal.error()));
  return std::move(journal).value();
}

std::unique_ptr<BlockLog> open_log(Folder& folder) {
  auto log = BlockLog::open(folder);
  EXPECT_TRUE(log) << (log ? "" : base::to_string(log.error()));
  return std::move(log).value();
}

TEST(Frame, CrcIsThatOfRfc3720) {
  EXPECT_EQ(crc32c(base::bytes_of("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c(Bytes(32, 0)), 0x8a9136aau);
  EXPECT_EQ(crc32c(Bytes(32, 0xff)), 0x62a8ab43u);
  EXPECT_EQ(crc32c({}), 0u);
}

TEST(Journal, TellsItsNotesInOrderAfterACrash) {
  MemoryFolder folder;
  {
    auto journal = open_journal(folder);
    EXPECT_TRUE(journal->was_absent());
    journal->append({note(1), note(2)});
    journal->append({note(2, 0)});
  }
  folder.lose_unsynced();
  auto journal = open_journal(folder);
  EXPECT_FALSE(journal->was_absent());
  EXPECT_EQ(journal->take_notes(), (std::vector<Note>{note(1), note(2), note(2, 0)}));
}

TEST(Journal, OneSyncATurn) {
  MemoryFolder folder;
  auto journal = open_journal(folder);
  for (std::uint64_t view = 1; view <= 5; ++view) journal->append({note(view), note(view)});
  EXPECT_EQ(folder.syncs, 5u);
}

/// A process was killed between its last write and the sync of it.
void kill_before_sync(MemoryFolder& folder, std::size_t synced) { folder.files.begin()->second.synced = synced; }

TEST(Journal, WhatItTellsOutlivesThePowerThoughItsWriterWasKilledBeforeTheSync) {
  MemoryFolder folder;
  open_journal(folder)->append({note(1)});
  kill_before_sync(folder, 0);
  EXPECT_EQ(open_journal(folder)->take_notes(), std::vector<Note>{note(1)});
  folder.lose_unsynced();
  EXPECT_EQ(open_journal(folder)->take_notes(), std::vector<Note>{note(1)});
}

TEST(Journal, CutsATurnThatWasTornAtAnyByte) {
  MemoryFolder folder;
  auto journal = open_journal(folder);
  journal->append({note(1)});
  auto const whole = folder.files.begin()->second.bytes.size();
  journal->append({note(2), note(3)});
  auto const name = folder.files.begin()->first;
  auto const full = folder.files.begin()->second.bytes.size();
  for (auto cut = whole; cut < full; ++cut) {
    auto torn = folder;
    torn.files[name].bytes.resize(cut);
    auto again = open_journal(torn);
    EXPECT_EQ(again->take_notes(), std::vector<Note>{note(1)}) << cut;
    again->append({note(4)});
    torn.lose_unsynced();
    EXPECT_EQ(open_journal(torn)->take_notes(), (std::vector<Note>{note(1), note(4)})) << cut;
  }
}

TEST(Journal, CutsATurnWhoseFirstSectorNeverCame) {
  MemoryFolder folder;
  auto journal = open_journal(folder);
  journal->append({note(1)});
  auto& bytes = folder.files.begin()->second.bytes;
  auto const whole = bytes.size();
  journal->append({note(2, 2000)});
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(whole),
            bytes.begin() + static_cast<std::ptrdiff_t>(whole) + 512, std::uint8_t{0});
  EXPECT_EQ(open_journal(folder)->take_notes(), std::vector<Note>{note(1)});
}

TEST(Journal, RefusesEveryFlippedBitBeforeTheLastTurn) {
  MemoryFolder folder;
  auto journal = open_journal(folder);
  journal->append({note(1)});
  auto const name = folder.files.begin()->first;
  auto const first = folder.files[name].bytes.size();
  journal->append({note(2)});
  for (std::size_t bit = 0; bit < first * 8; ++bit) {
    auto rotten = folder;
    rotten.files[name].bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    auto const opened = Journal::open(rotten);
    ASSERT_FALSE(opened) << bit;
    EXPECT_EQ(opened.error().field, name + ":0") << bit;
  }
}

TEST(Journal, ATurnWhosePayloadLooksLikeFramesIsStillTorn) {
  MemoryFolder folder;
  auto journal = open_journal(folder);
  Note tricky = note(1, 0);
  tricky.bytes = make_frame(1, base::bytes_of("not what was written"));
  journal->append({tricky});
  folder.files.begin()->second.bytes.back() ^= 1;
  EXPECT_TRUE(open_journal(folder)->take_notes().empty());
}

TEST(Journal, ForgetsSegmentsOnceTheirViewsAreDecided) {
  MemoryFolder folder;
  auto journal = open_journal(folder);
  for (std::uint64_t view = 1; view <= 20; ++view) journal->append({note(view, std::size_t{1} << 20)});
  EXPECT_EQ(folder.files.size(), 5u);
  journal->release(1, 3);
  EXPECT_EQ(folder.files.size(), 5u);
  journal->release(1, 4);
  EXPECT_EQ(folder.files.size(), 4u);
  journal->release(1, 1'000);
  EXPECT_EQ(folder.files.size(), 1u);
  journal->append({note(21)});
  auto const notes = open_journal(folder)->take_notes();
  ASSERT_FALSE(notes.empty());
  EXPECT_EQ(notes.back(), note(21));
}

TEST(Journal, WhatIsPinnedOutlivesItsSegmentUntilItIsReplaced) {
  MemoryFolder folder;
  auto journal = open_journal(folder);
  auto const pinned = [](std::uint8_t kind, std::size_t size) { return Note{kind, 1, note_pinned, Bytes(size, kind)}; };
  journal->append({pinned(7, 10), note(1)});
  journal->append({pinned(8, 20)});
  journal->append({pinned(7, 11)});
  for (std::uint64_t view = 2; view <= 20; ++view) journal->append({note(view, std::size_t{1} << 20)});
  journal->release(1, 1'000);
  EXPECT_EQ(folder.files.size(), 1u);
  auto const kept = open_journal(folder)->take_notes();
  ASSERT_GE(kept.size(), 2u);
  EXPECT_EQ(kept[kept.size() - 2], pinned(7, 11));
  EXPECT_EQ(kept.back(), pinned(8, 20));
  // A crash tears the first turn of a new segment: the next one begins with them all the same.
  for (std::uint64_t view = 21; view <= 24; ++view) journal->append({note(view, std::size_t{1} << 20)});
  auto const newest = folder.files.rbegin()->first;
  folder.files[newest].bytes.resize(5);
  auto again = open_journal(folder);
  again->append({note(25)});
  again->release(1, 1'000);
  EXPECT_EQ(folder.files.size(), 1u);
  EXPECT_EQ(open_journal(folder)->take_notes().back(), pinned(8, 20));
  // One without bytes ends it.
  again->append({pinned(8, 0)});
  EXPECT_EQ(open_journal(folder)->take_notes().back(), pinned(7, 11));
}

TEST(Journal, AViewOfALaterEpochIsLater) {
  MemoryFolder folder;
  auto journal = open_journal(folder);
  auto late = note(1, std::size_t{1} << 20);
  late.epoch = 2;
  for (int i = 0; i < 12; ++i) journal->append({late});
  journal->release(1, 1'000);
  EXPECT_EQ(folder.files.size(), 3u);
  journal->release(2, 1);
  EXPECT_EQ(folder.files.size(), 1u);
}

TEST(Journal, RefusesAGapBetweenSegments) {
  MemoryFolder folder;
  auto journal = open_journal(folder);
  for (std::uint64_t view = 1; view <= 12; ++view) journal->append({note(view, std::size_t{1} << 20)});
  ASSERT_EQ(folder.files.size(), 3u);
  folder.files.erase(std::next(folder.files.begin()));
  EXPECT_FALSE(Journal::open(folder));
}

TEST(BlockLog, FindsTheDecisionOfEveryHeight) {
  MemoryFolder folder;
  auto log = open_log(folder);
  EXPECT_EQ(log->height(), 0u);
  log->append(decision(1, 1));
  log->append(decision(2, 3));
  log->append(decision(5, 1));
  folder.lose_unsynced();
  log = open_log(folder);
  EXPECT_EQ(log->height(), 5u);
  for (Height const height : {2, 3, 4}) {
    auto const found = log->read(height);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->first, 2u);
    EXPECT_EQ((*found)->blocks, decision(2, 3).blocks);
    EXPECT_EQ((*found)->finality, decision(2, 3).finality);
  }
  EXPECT_FALSE(*log->read(0));
  EXPECT_FALSE(*log->read(6));
}

TEST(BlockLog, WhatItShowsOutlivesThePowerThoughItsWriterWasKilledBeforeTheSync) {
  MemoryFolder folder;
  open_log(folder)->append(decision(1, 1));
  kill_before_sync(folder, 0);
  EXPECT_EQ(open_log(folder)->height(), 1u);
  folder.lose_unsynced();
  EXPECT_EQ(open_log(folder)->height(), 1u);
}

TEST(BlockLog, CutsADecisionThatWasTornAtAnyByte) {
  MemoryFolder folder;
  auto log = open_log(folder);
  log->append(decision(1, 1));
  auto const name = folder.files.begin()->first;
  auto const whole = folder.files[name].bytes.size();
  log->append(decision(2, 2));
  auto const full = folder.files[name].bytes.size();
  for (auto cut = whole; cut < full; ++cut) {
    auto torn = folder;
    torn.files[name].bytes.resize(cut);
    auto again = open_log(torn);
    EXPECT_EQ(again->height(), 1u) << cut;
    again->append(decision(2, 1));
    torn.lose_unsynced();
    EXPECT_EQ(open_log(torn)->height(), 2u) << cut;
  }
}

TEST(BlockLog, RefusesEveryFlippedBitBeforeTheLastDecision) {
  MemoryFolder folder;
  auto log = open_log(folder);
  log->append(decision(1, 1));
  auto const name = folder.files.begin()->first;
  auto const first = folder.files[name].bytes.size();
  log->append(decision(2, 1));
  for (std::size_t bit = 0; bit < first * 8; ++bit) {
    auto rotten = folder;
    rotten.files[name].bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(BlockLog::open(rotten)) << bit;
  }
}

TEST(BlockLog, IsCutBeforeItsFirstDamageAndGoesOnFromThere) {
  // Several decisions in each of several segments.
  MemoryFolder sound;
  {
    auto log = open_log(sound);
    for (Height first = 1; first <= 19; first += 3) log->append(decision(first, 3, std::size_t{2} << 20));
  }
  ASSERT_EQ(sound.files.size(), 3u);
  auto const last_whole = [&](Folder& folder, Height last_max) {
    auto const height = BlockLog::cut(folder, last_max);
    auto log = open_log(folder);
    EXPECT_EQ(log->height(), height);
    log->append(decision(height + 1, 1));
    EXPECT_TRUE(*log->read(height + 1));
    return height;
  };
  std::map<Height, std::size_t> cut_at;
  for (auto const& [name, file] : sound.files) {
    for (std::size_t at = 0; at < file.bytes.size(); at += file.bytes.size() / 3 + 1) {
      auto folder = sound;
      folder.files[name].bytes[at] ^= 1;
      auto const height = last_whole(folder, 100);
      EXPECT_LT(height, 21u);
      ++cut_at[height];
    }
  }
  EXPECT_EQ(cut_at.size(), 7u) << "before each of the seven decisions";
  auto whole = sound;
  EXPECT_EQ(last_whole(whole, 100), 21u);
  auto lower = sound;
  EXPECT_EQ(last_whole(lower, 11), 9u) << "a decision stays or goes as one";
  auto gap = sound;
  gap.files.erase(std::next(gap.files.begin()));
  EXPECT_EQ(last_whole(gap, 100), 9u);
}

TEST(BlockLog, RefusesAnExchangedDecision) {
  MemoryFolder folder, other;
  auto log = open_log(folder);
  log->append(decision(1, 1));
  log->append(decision(2, 1));
  auto changed = open_log(other);
  auto forged = decision(1, 1);
  forged.finality[0] ^= 1;
  changed->append(forged);
  auto const name = folder.files.begin()->first;
  auto& bytes = folder.files[name].bytes;
  auto const& forged_bytes = other.files[name].bytes;
  std::copy(forged_bytes.begin(), forged_bytes.end(), bytes.begin());
  auto const opened = BlockLog::open(folder);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().detail, "does not follow the decision before it");
}

TEST(BlockLog, GoesOnOverManySegmentsAndReadsOldOnes) {
  MemoryFolder folder;
  auto log = open_log(folder);
  constexpr std::size_t size = std::size_t{6} << 20;
  for (Height height = 1; height <= 30; ++height) log->append(decision(height, 1, size));
  EXPECT_EQ(folder.files.size(), 10u);
  for (int round = 0; round < 2; ++round) {
    for (Height const height : {1, 30, 17, 2, 29, 5, 8, 11, 14, 20, 23, 26}) {
      auto const found = log->read(height);
      ASSERT_TRUE(found && *found) << height;
      EXPECT_EQ((*found)->blocks[0].block[0], static_cast<std::uint8_t>(height));
    }
    log = open_log(folder);
    EXPECT_EQ(log->height(), 30u);
  }
  auto const middle = std::next(folder.files.begin(), 5);
  middle->second.bytes.pop_back();
  EXPECT_FALSE(BlockLog::open(folder)) << "a torn segment that others follow";
  folder.files.erase(middle);
  EXPECT_FALSE(BlockLog::open(folder)) << "a segment missing";
}

TEST(BlockLog, NoticesDamageThatCameWhileTheNodeRan) {
  MemoryFolder folder;
  auto log = open_log(folder);
  log->append(decision(1, 1));
  folder.files.begin()->second.bytes[20] ^= 4;
  EXPECT_FALSE(log->read(1));
}

/// Decisions of one block each, some in every segment.
std::unique_ptr<BlockLog> long_log(Folder& folder, Height last) {
  auto log = open_log(folder);
  for (Height height = log->height() + 1; height <= last; ++height) log->append(decision(height, 1, (17U << 20) / 2));
  return log;
}

TEST(BlockLog, LetsGoOfItsOldestSegments) {
  MemoryFolder folder;
  auto log = long_log(folder, 5);
  EXPECT_EQ(log->prune([](Decision const&) { return false; }, {}).value(), false);
  Bytes const note = base::to_bytes("what was");
  std::vector<Height> judged;
  while (log->prune(
                [&](Decision const& last) {
                  judged.push_back(last.last());
                  return true;
                },
                note)
             .value()) {
  }
  EXPECT_EQ(judged, (std::vector<Height>{2, 4}));
  EXPECT_EQ(log->base().height, 4u);
  EXPECT_FALSE(log->read(4).value().has_value());
  EXPECT_EQ(log->read(5).value()->first, 5u);
  folder.lose_unsynced();
  log = open_log(folder);
  EXPECT_EQ(log->base().height, 4u);
  EXPECT_EQ(log->base().note, note);
  EXPECT_EQ(log->height(), 5u);
  EXPECT_FALSE(log->read(4).value().has_value());
  EXPECT_EQ(log->read(5).value()->first, 5u);
  log->append(decision(6, 1));
  EXPECT_EQ(open_log(folder)->height(), 6u);
  EXPECT_EQ(folder.files.size(), 2u);
}

/// A disk that goes through a prune step by step.
class StepFolder final : public Folder {
 public:
  explicit StepFolder(MemoryFolder& disk) : disk_(disk) {}
  std::map<std::string, std::uint64_t> list() const override { return disk_.list(); }
  Bytes read(std::string const& name, std::uint64_t offset, std::uint64_t size) const override {
    return disk_.read(name, offset, size);
  }
  void append(std::string const& name, BytesView bytes) override {
    // Half of it, then all.
    if (goes_on()) disk_.append(name, bytes.first(bytes.size() / 2));
    if (goes_on()) disk_.append(name, bytes.subspan(bytes.size() / 2));
  }
  void sync(std::string const& name) override {
    if (goes_on()) disk_.sync(name);
  }
  void truncate(std::string const& name, std::uint64_t size) override {
    if (goes_on()) disk_.truncate(name, size);
  }
  void remove(std::string const& name) override {
    if (goes_on()) disk_.remove(name);
  }
  /// Nothing happens after so many steps.
  std::size_t left = 0;
  bool goes_on() { return left > 0 && left-- > 0; }

 private:
  MemoryFolder& disk_;
};

TEST(BlockLog, ACrashAtAnyStepOfLettingGoLosesNothingElse) {
  MemoryFolder original;
  long_log(original, 5);
  ASSERT_TRUE(open_log(original)->prune([](Decision const&) { return true; }, {}).value());
  std::set<Height> bases;
  for (std::size_t steps = 0; steps <= 6; ++steps) {
    for (bool const power_fails : {false, true}) {
      auto disk = original;
      StepFolder folder(disk);
      folder.left = 2;  // what opening takes
      auto const log = open_log(folder);
      folder.left = steps;
      ASSERT_TRUE(log->prune([](Decision const&) { return true; }, {}).has_value());
      if (power_fails) disk.lose_unsynced();
      auto const again = open_log(disk);
      bases.insert(again->base().height);
      EXPECT_EQ(again->height(), 5u) << steps;
      for (Height height = again->base().height + 1; height <= 5; ++height) {
        EXPECT_EQ(again->read(height).value()->first, height);
      }
    }
  }
  EXPECT_EQ(bases, (std::set<Height>{2, 4}));
}

TEST(BlockLog, MissingSegmentsWithoutABaseAreDamage) {
  MemoryFolder folder;
  long_log(folder, 5);
  folder.remove(folder.files.begin()->first);
  EXPECT_FALSE(BlockLog::open(folder).has_value());
  MemoryFolder pruned;
  {
    auto log = long_log(pruned, 5);
    ASSERT_TRUE(log->prune([](Decision const&) { return true; }, {}).value());
  }
  pruned.remove(pruned.files.begin()->first);
  EXPECT_FALSE(BlockLog::open(pruned).has_value()) << "its base is gone";
}

TEST(BlockLog, BeginsBehindAStateThatWasTakenOver) {
  MemoryFolder folder;
  {
    auto log = open_log(folder);
    log->begin({499, {}, {}});
    EXPECT_EQ(log->height(), 499u);
    log->append(decision(500, 1));
  }
  folder.lose_unsynced();
  auto const log = open_log(folder);
  EXPECT_EQ(log->height(), 500u);
  EXPECT_FALSE(log->read(499).value().has_value());
  EXPECT_TRUE(log->read(500).value().has_value());
}

}  // namespace
}  // namespace storage
