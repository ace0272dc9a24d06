// SPDX-License-Identifier: Apache-2.0
#include "ledger/beside.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "ledger/accounts.hpp"
#include "ledger/history.hpp"
#include "ledger/records.hpp"

namespace ledger {
namespace {

Hash number(std::uint8_t n) { return crypto::sha256(Bytes{n}); }

Bytes place(std::uint64_t minute, std::uint64_t index) {
  auto key = state_key(Space::replay_id, big_endian(minute));
  base::append(key, big_endian(index));
  return key;
}

/// The clock shows ten minutes.
struct Window {
  Window() : state(nothing) {
    ParametersRecord parameters;
    parameters.time_ms = 10 * base::minute_ms;
    store(state, Space::parameters, "", parameters);
  }
  void remember(std::uint64_t minute, std::uint8_t n, std::uint64_t index = 0) {
    auto const id = number(n);
    state.put(place(minute, index), Bytes(id.bytes.begin(), id.bytes.end()));
    keep_receipt(n, minute);
  }
  void keep_receipt(std::uint8_t n, std::optional<std::uint64_t> minute) {
    ReceiptRecord receipt;
    receipt.minute = minute;
    store(state, receipt_key(number(n)), receipt);
  }
  void count(std::uint64_t minute, std::vector<std::uint8_t> const& ids) {
    crypto::Peaks peaks;
    for (auto const n : ids) peaks.append(crypto::log_leaf_hash(number(n).view()));
    store(state, state_key(Space::replay_minute, big_endian(minute)), ReplayMinuteRecord{peaks.count, peaks.root()});
    store(state, state_key(Space::log_peaks, big_endian(minute)), PeaksRecord{peaks.count, peaks.hashes});
  }
  std::string fault() const {
    ResultHeader header;
    header.event_log_root = crypto::log_root({});
    auto const verified = verify_beside(state, header);
    return verified ? "" : verified.error().detail;
  }

  MemoryState nothing;
  Overlay state;
};

TEST(Beside, WhatIsLeftOfForgottenMinutesIsWaste) {
  Window window;
  window.remember(3, 1, 7);
  window.remember(12, 2);
  window.remember(30, 3);
  window.count(12, {2});
  ReplayWaste const waste(window.state);
  std::vector<bool> held;
  using Row = std::tuple<std::uint64_t, std::uint64_t, std::uint8_t>;
  for (auto const& [minute, index, n] : {Row{3, 7, 1}, Row{12, 0, 2}, Row{30, 0, 3}}) {
    auto const key = place(minute, index);
    held.push_back(waste.holds(key));
    EXPECT_FALSE(waste.holds(receipt_key(number(n))));
  }
  EXPECT_EQ(held, (std::vector<bool>{true, false, false}));
}

TEST(Beside, WasteIsNoFaultAndInventionsAre) {
  Window window;
  window.remember(12, 2);
  window.count(12, {2});
  EXPECT_EQ(window.fault(), "");
  window.remember(3, 1, 7);
  EXPECT_EQ(window.fault(), "") << "of a minute that has passed";
  window.remember(30, 3);
  EXPECT_EQ(window.fault(), "ids that no minute counts");
}

/// Who takes a state over must not hold an id for used that nobody used.
TEST(Beside, ReceiptsSayNoMinuteThatDoesNotCountThem) {
  Window window;
  window.remember(12, 2);
  window.count(12, {2});
  window.keep_receipt(4, 3);
  EXPECT_EQ(window.fault(), "") << "of a minute that has passed";
  window.keep_receipt(4, 12);
  EXPECT_EQ(window.fault(), "receipts of ids that this minute does not count");
  window.keep_receipt(4, 13);
  EXPECT_EQ(window.fault(), "ids that no minute counts") << "of a minute that begins later";
  window.keep_receipt(4, ~std::uint64_t{0});
  EXPECT_EQ(window.fault(), "ids that no minute counts");
  window.keep_receipt(4, std::nullopt);
  EXPECT_EQ(window.fault(), "");
  window.keep_receipt(2, std::nullopt);
  EXPECT_EQ(window.fault(), "an id of the replay window is missing");
  window.state.erase(receipt_key(number(2)));
  EXPECT_EQ(window.fault(), "an id of the replay window is missing");
  window.state.put(receipt_key(number(2)), Bytes{1});
  EXPECT_EQ(window.fault(), "not a receipt");
}

TEST(Beside, ASubjectsRowSaysWhoseHistoryItIs) {
  Window window;
  auto const named = state_key(Space::thing, "https://crates.example/1");
  append_history(window.state, named, {}, {});
  append_history(window.state, named, {}, {});
  fold_histories(window.state);
  EXPECT_EQ(window.fault(), "");
  EXPECT_EQ(subject_key(window.state, tree_key(named)), named);
  auto const key = subject_row(tree_key(named));
  auto const row = *load<SubjectRecord>(window.state, key);
  auto const expect_fault = [&](SubjectRecord const& altered, std::string const& fault) {
    store(window.state, key, altered);
    EXPECT_EQ(window.fault(), fault);
    store(window.state, key, row);
  };
  expect_fault({state_key(Space::thing, "https://crates.example/2"), row.history}, "not the history of a subject");
  expect_fault({Bytes{}, row.history}, "not the history of a subject");
  expect_fault({named, {3, row.history.hashes}}, "not the peaks of what stands there");
  expect_fault({named, {2, {number(1)}}}, "not the peaks of what stands there");
  window.state.put(key, Bytes{1});
  EXPECT_EQ(window.fault(), "not the history of a subject");
  window.state.erase(key);
  EXPECT_EQ(window.fault(), "not the history of a subject");
  store(window.state, key, row);
  store(window.state, subject_row(number(1)), row);
  EXPECT_EQ(window.fault(), "subjects without a history");
}

TEST(Beside, KeysThatAreTooShortAreAFault) {
  for (auto const space : {Space::history_leaf, Space::entry_index}) {
    for (std::size_t const bytes : {0u, 1u, 7u}) {
      Window window;
      window.state.put(state_key(space, Bytes(bytes, 1)), Bytes{1});
      EXPECT_NE(window.fault(), "") << bytes;
    }
  }
}

TEST(Beside, AMinuteThatIsHalfForgottenIsAFault) {
  Window window;
  window.remember(3, 2, 1);
  window.count(3, {1, 2});
  EXPECT_EQ(window.fault(), "an id of the replay window is missing");
}

/// Blocks of one line and of many; pages end where another quotient begins.
TEST(Beside, AnAccountsLinesStandInPages) {
  Window window;
  PartyId const party{number(1).bytes};
  std::vector<Bytes> all;
  for (unsigned const count : {1, 70, 0, 64, 200, 3}) {
    Lines block;
    for (unsigned i = 0; i < count; ++i) {
      StatementRecord line;
      line.height = all.size();
      line.entry = {party, "EUR.BANK", EntryKind::mint, i + 1, {}, ""};
      block.add(line);
      all.push_back(base::encode(line));
    }
    std::move(block).write(window.state);
  }
  for (std::uint64_t from = 0; from <= all.size() + 1; ++from) {
    std::vector<Bytes> read;
    scan_lines(window.state, party, "EUR.BANK", from, [&](std::uint64_t at, BytesView line) {
      EXPECT_EQ(at, from + read.size());
      read.emplace_back(line.begin(), line.end());
      return read.size() < 150;
    });
    auto const end = std::min<std::size_t>(all.size(), from + 150);
    std::vector<Bytes> expected;
    for (auto i = from; i < end; ++i) expected.push_back(all[i]);
    ASSERT_EQ(read, expected) << from;
  }
  std::vector<Hash> leaves;
  for (auto const& line : all) leaves.push_back(crypto::log_leaf_hash(line));
  auto const account = load<BalanceRecord>(window.state, balance_key(party, "EUR.BANK"));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->lines, all.size());
  EXPECT_EQ(account->lines_root, crypto::log_root(leaves));
  EXPECT_EQ(window.fault(), "");

  std::vector<Bytes> pages;
  window.state.scan(statement_key(party, "EUR.BANK"), [&](BytesView key, BytesView) {
    pages.emplace_back(key.begin(), key.end());
    return true;
  });
  pages.erase(pages.begin());  // the counter
  EXPECT_LT(pages.size(), 12u);
  for (auto const& page : pages) {
    Overlay broken(window.state);
    broken.erase(page);
    ResultHeader header;
    header.event_log_root = crypto::log_root({});
    EXPECT_FALSE(verify_beside(broken, header));
    broken.put(page, base::encode(LinePage{{Bytes{1, 2, 3}}}));
    EXPECT_FALSE(verify_beside(broken, header));
  }
  Overlay more(window.state);
  auto key = statement_key(party, "EUR.BANK");
  base::append(key, big_endian(all.size()));
  more.put(key, base::encode(LinePage{}));
  ResultHeader header;
  header.event_log_root = crypto::log_root({});
  EXPECT_FALSE(verify_beside(more, header)) << "a page without lines";
}

/// Ids that a minute counts stand in rows of any length, and each row matters.
TEST(Beside, IdsOfAMinuteStandInRows) {
  Window window;
  auto const put = [&](std::uint64_t first, std::vector<std::uint8_t> const& ids) {
    Bytes row;
    for (auto const n : ids) {
      base::append(row, number(n).view());
      window.keep_receipt(n, 12);
    }
    window.state.put(place(12, first), row);
  };
  put(0, {1, 2, 3});
  put(3, {4});
  window.count(12, {1, 2, 3, 4});
  EXPECT_EQ(window.fault(), "");
  put(3, {4, 5});
  EXPECT_EQ(window.fault(), "not the ids of this minute");
  window.state.erase(receipt_key(number(5)));
  window.state.put(place(12, 3), Bytes(31, 1));
  EXPECT_EQ(window.fault(), "an id of the replay window is missing") << "half an id";
}

}  // namespace
}  // namespace ledger
