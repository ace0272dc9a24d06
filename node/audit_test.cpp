// SPDX-License-Identifier: Apache-2.0
#include "node/audit.hpp"

#include <gtest/gtest.h>

#include "node/cluster_test.hpp"

namespace node::test {

namespace {

/// What a node kept, to be changed and read again.
class Copy final : public Store {
 public:
  explicit Copy(Store const& of, Height logged) {
    for (Height height = 1; height <= logged; height = decisions.back().last() + 1) {
      decisions.push_back(**of.decision(height));
    }
    kept.logged = decisions.back().last();
  }
  Kept recover() override { return kept; }
  Result<std::optional<storage::Decision>> decision(Height height) const override {
    for (auto const& one : decisions) {
      if (one.first <= height && height <= one.last()) return std::optional(one);
    }
    return std::optional<storage::Decision>();
  }
  void remember(std::vector<storage::Note>) override {}
  void decide(storage::Decision) override {}
  std::shared_ptr<ledger::StateView const> apply(ledger::StateDiffs, Height) override { return nullptr; }
  Result<bool> prune(std::function<bool(storage::Decision const&)> const&, BytesView) override { return false; }
  std::uint64_t free_bytes() const override { return 0; }

  Kept kept;
  std::vector<storage::Decision> decisions;
};

class Audit : public ::testing::Test {
 protected:
  static constexpr std::uint64_t payments = 12;
  void SetUp() override {
    cluster_.start_all();
    for (std::uint64_t number = 0; number < payments; ++number) {
      cluster_.submit(static_cast<Place>(number % Cluster::nodes), cluster_.payment(number));
      cluster_.run(200);
    }
    cluster_.run(3'000);
    copy_.emplace(cluster_.store(0), cluster_.node(0).certified()->header.height);
    copy_->kept.applied = copy_->kept.logged;
    copy_->kept.state = cluster_.node(0).certified()->state;
  }
  std::string verdict() {
    auto const audited = audit(cluster_.genesis, {}, *copy_, [](Height) {});
    return audited ? "" : base::to_string(audited.error());
  }
  void expect(std::string const& words) {
    auto const said = verdict();
    EXPECT_NE(said.find(words), std::string::npos) << said;
  }
  /// A decision whose first block has a payload.
  storage::Decision& busy() {
    for (auto& decision : copy_->decisions) {
      if (!base::decode<consensus::Block>(decision.blocks.front().block)->payload.empty()) return decision;
    }
    ADD_FAILURE() << "no payment was decided";
    return copy_->decisions.front();
  }

  Cluster cluster_;
  std::optional<Copy> copy_;
};

TEST_F(Audit, CountsWhatWasDecided) {
  auto const audited = audit(cluster_.genesis, {}, *copy_, [](Height) {});
  ASSERT_TRUE(audited) << base::to_string(audited.error());
  EXPECT_GE(audited->transactions, payments);
  EXPECT_EQ(audited->last.height, copy_->kept.logged);
  EXPECT_EQ(audited->last.hash(), cluster_.node(0).certified()->header.hash());
  ASSERT_EQ(audited->assets.size(), 1U);
}

TEST_F(Audit, FindsABlockThatSaysOther) {
  auto& logged = busy().blocks.front();
  auto block = *base::decode<consensus::Block>(logged.block);
  auto list = *transactions_of(block.payload);
  list[0][list[0].size() / 2] ^= 1;
  std::vector<std::shared_ptr<Bytes const>> changed;
  for (auto const& one : list) changed.push_back(std::make_shared<Bytes const>(one));
  block.payload = encode_payload(changed);
  logged.block = base::encode(block);
  EXPECT_NE(verdict(), "");
}

TEST_F(Audit, FindsAHeaderOfOtherTransactions) {
  auto& logged = busy().blocks.front();
  auto block = *base::decode<consensus::Block>(logged.block);
  block.payload = Bytes{};
  logged.block = base::encode(block);
  expect("its transactions are not those of its header");
}

TEST_F(Audit, FindsABlockThatStandsOnAnother) {
  auto& logged = copy_->decisions[1].blocks.front();
  auto block = *base::decode<consensus::Block>(logged.block);
  block.header.parent_hash = Hash{};
  logged.block = base::encode(block);
  expect("its block does not stand on the one before");
}

TEST_F(Audit, FindsAResultThatTheLawDoesNotGive) {
  auto& logged = busy().blocks.front();
  auto header = *base::decode<ledger::ResultHeader>(logged.result);
  header.receipts_root.bytes[0] ^= 1;
  logged.result = base::encode(header);
  expect("it executes unlike what was certified");
}

TEST_F(Audit, FindsACertificateThatDoesNotHold) {
  auto& decision = copy_->decisions.back();
  auto certificate = *base::decode<crypto::Certificate>(decision.finality);
  certificate.signatures.front().bytes[5] ^= 1;
  decision.finality = base::encode(certificate);
  expect("its certificate does not hold");
}

TEST_F(Audit, FindsWhatIsMissing) {
  copy_->decisions.erase(copy_->decisions.begin() + 1);
  expect("is not in data/log");
  copy_->kept.base.height = 3;
  expect("blocks.archive keeps all");
}

TEST_F(Audit, FindsARecordThatTheBlocksDoNotGive) {
  auto changed = std::make_shared<ledger::MemoryState>();
  ledger::StateDiff all;
  std::optional<Bytes> victim;
  copy_->kept.state->scan({}, [&](BytesView key, BytesView record) {
    all[key] = Bytes(record.begin(), record.end());
    if (key[0] == static_cast<std::uint8_t>(ledger::Space::receipt)) victim = Bytes(key.begin(), key.end());
    return true;
  });
  ASSERT_TRUE(victim);
  auto const honest = copy_->kept.state->get(*victim).value();
  auto altered = honest;
  altered.back() ^= 1;
  all[*victim] = altered;
  changed->apply(all);
  copy_->kept.state = changed;
  expect("is not what the blocks give");
  ledger::StateDiff gone;
  gone[*victim] = std::nullopt;
  changed->apply(gone);
  expect("is not what the blocks give");
  ledger::StateDiff back;
  back[*victim] = honest;
  changed->apply(back);
  EXPECT_EQ(verdict(), "");
}

}  // namespace

}  // namespace node::test
