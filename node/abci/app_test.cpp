// SPDX-License-Identifier: Apache-2.0
// The application as CometBFT drives it: same blocks, same hashes; nothing before Commit; a state carried to another.
#include "node/abci/app.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "node/abci/abci.pb.h"
#include "node/abci/note.hpp"
#include "node/cluster_test.hpp"

namespace node::comet {
namespace {

using base::Code;

class AppTest : public ::testing::Test {
 protected:
  AppTest() {
    auto name = (std::filesystem::temp_directory_path() / "tally-abci-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
  }
  ~AppTest() override { std::filesystem::remove_all(folder); }

  std::unique_ptr<App> open(std::string const& name, Height snapshot_every = 1'000'000) {
    AppSetup setup;
    setup.genesis = cluster.genesis;
    auto database = storage::open_database(folder / name / "state");
    EXPECT_TRUE(database);
    setup.database = std::move(database).value();
    setup.snapshots = folder / name / "snapshots";
    setup.snapshot_every = snapshot_every;
    setup.wall_ms = [this] { return wall_ms(); };
    setup.log = [this](std::string_view, std::string const& text) { log.push_back(text); };
    setup.peers = {"00112233445566778899aabbccddeeff00112233"};
    setup.changed = [] {};
    auto app = App::open(std::move(setup));
    EXPECT_TRUE(app) << base::to_string(app.error());
    return std::move(app).value();
  }
  TimeMs wall_ms() const { return cluster.genesis.time_ms + 10'000; }

  static abci::Response ask(App& app, abci::Request const& request) {
    abci::Response response;
    app.answer(request, response);
    return response;
  }
  abci::RequestBlock block(std::int64_t height, std::vector<Bytes> const& transactions) const {
    abci::RequestBlock out;
    out.set_height(height);
    out.set_hash(std::string(32, static_cast<char>(height)));
    out.mutable_time()->set_seconds(static_cast<std::int64_t>(wall_ms() / 1000) + height);
    for (auto const& one : transactions) out.add_txs(std::string(base::text_of(one)));
    return out;
  }
  abci::ResponseFinalizeBlock finalize(App& app, std::int64_t height, std::vector<Bytes> const& transactions) {
    abci::Request request;
    *request.mutable_finalize_block() = block(height, transactions);
    auto const response = ask(app, request);
    EXPECT_FALSE(response.has_exception()) << response.exception().error();
    return response.finalize_block();
  }
  static void commit(App& app) {
    abci::Request request;
    request.mutable_commit();
    EXPECT_TRUE(ask(app, request).has_commit());
  }
  static abci::ResponseInfo info(App& app) {
    abci::Request request;
    request.mutable_info();
    return ask(app, request).info();
  }
  bool accepts(App& app, std::int64_t height, std::vector<Bytes> const& transactions) {
    abci::Request request;
    *request.mutable_process_proposal() = block(height, transactions);
    return ask(app, request).process_proposal().status() == abci::ResponseStatus::ACCEPT;
  }
  static std::uint32_t check(App& app, BytesView transaction) {
    abci::Request request;
    request.mutable_check_tx()->set_tx(std::string(base::text_of(transaction)));
    return ask(app, request).check_tx().code();
  }

  test::Cluster cluster;
  std::filesystem::path folder;
  std::vector<std::string> log;
};

TEST_F(AppTest, TheChainBeginsWithTheGenesis) {
  auto const app = open("a");
  EXPECT_EQ(info(*app).last_block_height(), 0);
  abci::Request request;
  request.mutable_init_chain()->set_chain_id(ledger::comet_chain_id(cluster.genesis.chain()));
  request.mutable_init_chain()->set_initial_height(1);
  auto const begun = ask(*app, request);
  ASSERT_TRUE(begun.has_init_chain());
  EXPECT_EQ(begun.init_chain().validators_size(), 4);
  EXPECT_EQ(begun.init_chain().validators(0).power(), 1);
  EXPECT_EQ(begun.init_chain().app_hash(), info(*app).last_block_app_hash());
  request.mutable_init_chain()->set_chain_id("another");
  EXPECT_TRUE(ask(*app, request).has_exception());
}

TEST_F(AppTest, OnlyWhatIsValidEntersABlock) {
  auto const app = open("a");
  auto const good = cluster.payment(1);
  auto broken = cluster.payment(2);
  broken.back() = static_cast<std::uint8_t>(broken.back() ^ 1);
  EXPECT_EQ(check(*app, good), 0u);
  EXPECT_TRUE(app->is_pending(cluster.id_of(good)));
  EXPECT_EQ(check(*app, broken), static_cast<std::uint32_t>(Code::E_SIGNATURE));
  EXPECT_NE(check(*app, base::to_bytes("nothing")), 0u);

  abci::Request request;
  auto& ask_for = *request.mutable_prepare_proposal();
  ask_for.set_max_tx_bytes(1 << 20);
  ask_for.mutable_time()->set_seconds(static_cast<std::int64_t>(wall_ms() / 1000) + 1);
  for (auto const& one : {broken, good}) ask_for.add_txs(std::string(base::text_of(one)));
  auto const prepared = ask(*app, request).prepare_proposal();
  ASSERT_EQ(prepared.txs_size(), 1);
  EXPECT_EQ(base::to_bytes(prepared.txs(0)), good);
  ask_for.set_max_tx_bytes(static_cast<std::int64_t>(good.size()));
  EXPECT_EQ(ask(*app, request).prepare_proposal().txs_size(), 0) << "the length in front counts";

  EXPECT_TRUE(accepts(*app, 1, {good}));
  EXPECT_TRUE(accepts(*app, 1, {}));
  EXPECT_FALSE(accepts(*app, 1, {broken}));
  EXPECT_FALSE(accepts(*app, 1, {good, base::to_bytes("nothing")}));
  EXPECT_FALSE(accepts(*app, 2, {good}));
}

TEST_F(AppTest, AnIdleBlockMakesNoResult) {
  auto const app = open("a");
  auto const first = finalize(*app, 1, {cluster.payment(0)});
  ASSERT_EQ(first.tx_results_size(), 1);
  EXPECT_EQ(first.tx_results(0).code(), 0u);
  EXPECT_EQ(first.app_hash().size(), 32u);
  EXPECT_FALSE(app->is_pending(cluster.id_of(cluster.payment(0))));
  commit(*app);
  auto const idle = finalize(*app, 2, {});
  EXPECT_EQ(idle.app_hash(), first.app_hash());
  EXPECT_EQ(app->certifiable()->header.height, 1u);
  commit(*app);
  EXPECT_EQ(app->tip()->height, 2u);
  EXPECT_EQ(app->tip()->header.height, 1u);
  auto const again = finalize(*app, 3, {cluster.payment(0)});
  EXPECT_EQ(again.tx_results(0).code(), static_cast<std::uint32_t>(Code::exists));
  EXPECT_NE(again.app_hash(), first.app_hash());
}

TEST_F(AppTest, ABlockWithoutTransactionsServesWhatIsDue) {
  auto const app = open("a");
  auto const first = finalize(*app, 1, {cluster.payment(0), cluster.hold(wall_ms() + 3'000)});
  ASSERT_EQ(first.tx_results_size(), 2);
  ASSERT_EQ(first.tx_results(1).code(), 0u);
  commit(*app);
  EXPECT_EQ(finalize(*app, 2, {}).app_hash(), first.app_hash()) << "a second too early";
  commit(*app);
  EXPECT_EQ(cluster.balance_of_alfa(*app->certifiable()->state).held, 1u);
  auto const due = finalize(*app, 3, {});
  EXPECT_NE(due.app_hash(), first.app_hash());
  commit(*app);
  EXPECT_EQ(app->tip()->header.height, 3u);
  EXPECT_EQ(cluster.balance_of_alfa(*app->tip()->state).held, 0u);
  EXPECT_EQ(finalize(*app, 4, {}).app_hash(), due.app_hash());
}

TEST_F(AppTest, NothingIsKeptBeforeCommit) {
  std::string hash;
  {
    auto const app = open("a");
    finalize(*app, 1, {cluster.payment(1)});
    commit(*app);
    hash = finalize(*app, 2, {cluster.payment(2)}).app_hash();
  }
  auto const app = open("a");
  EXPECT_EQ(info(*app).last_block_height(), 1);
  EXPECT_EQ(finalize(*app, 2, {cluster.payment(2)}).app_hash(), hash);
  commit(*app);
  EXPECT_EQ(info(*app).last_block_height(), 2);
  EXPECT_EQ(info(*app).last_block_app_hash(), hash);
  // CometBFT never asks for a block twice after its Commit.
  abci::Request request;
  *request.mutable_finalize_block() = block(2, {});
  EXPECT_TRUE(ask(*app, request).has_exception());
}

/// What the validators accept becomes CometBFT's set, and a proof leads over it once CometBFT signed the result.
TEST_F(AppTest, TheValidatorsVotesChangeItsSet) {
  auto const app = open("a");
  auto const gone = cluster.genesis.validators.validators[0].key;
  auto const proposal = cluster.by_bank({ledger::ProposeChange{ledger::RotateKey{
      gone, crypto::validator_key(crypto::ValidatorSecret{crypto::sha256(base::bytes_of("next")).bytes})}}});
  EXPECT_EQ(finalize(*app, 1, {proposal}).validator_updates_size(), 0);
  commit(*app);
  auto const id = ledger::contract_id(cluster.id_of(proposal), 0);
  auto const voted = finalize(*app, 2, {cluster.by_bank({ledger::VoteChange{id, true}}), cluster.payment(2)});
  ASSERT_EQ(voted.validator_updates_size(), 2);
  EXPECT_EQ(voted.validator_updates(0).pub_key().ed25519(), base::text_of(gone.view()));
  EXPECT_EQ(voted.validator_updates(0).power(), 0);
  EXPECT_EQ(voted.validator_updates(1).power(), 1);
  commit(*app);
  // The header of height 3, which carries this result, is still signed by the old set.
  EXPECT_EQ(app->tip()->signers, cluster.genesis.validators);
  EXPECT_NE(app->tip()->set, cluster.genesis.validators);
  ASSERT_EQ(app->open_changes().size(), 1u);
  EXPECT_EQ(app->open_changes()[0].header.height, 2u);
  EXPECT_EQ(app->open_changes()[0].signers, cluster.genesis.validators);
  EXPECT_EQ(finalize(*app, 3, {cluster.payment(3)}).validator_updates_size(), 0);
  commit(*app);
  EXPECT_EQ(app->tip()->signers, app->tip()->set);
  app->certify({app->open_changes()[0].header, {}, cluster.genesis.validators});
  EXPECT_TRUE(app->open_changes().empty());
  EXPECT_EQ(app->epochs().size(), 1u);
}

TEST_F(AppTest, PeersAreThoseOfTheConfiguration) {
  auto const app = open("a");
  abci::Request request;
  request.mutable_query()->set_path("/p2p/filter/id/00112233445566778899aabbccddeeff00112233");
  EXPECT_EQ(ask(*app, request).query().code(), 0u);
  request.mutable_query()->set_path("/p2p/filter/id/10112233445566778899aabbccddeeff00112233");
  EXPECT_NE(ask(*app, request).query().code(), 0u);
}

TEST_F(AppTest, VoteExtensionsAreRefused) {
  auto const app = open("a");
  abci::Request request;
  request.mutable_extend_vote();
  EXPECT_TRUE(ask(*app, request).has_exception());
}

/// The snapshot of a chain's second block, and a node without a state.
class SnapshotTest : public AppTest {
 protected:
  SnapshotTest() {
    source = open("a", 2);
    finalize(*source, 1, {cluster.payment(0)});
    commit(*source);
    hash = finalize(*source, 2, {cluster.payment(2)}).app_hash();
    commit(*source);
    abci::Request request;
    request.mutable_list_snapshots();
    // It is made beside the chain.
    for (int round = 0; round < 1'000 && snapshots.snapshots_size() == 0; ++round) {
      ::usleep(5'000);
      snapshots = ask(*source, request).list_snapshots();
    }
    target = open("b");
  }
  abci::ResponseOfferSnapshot::Result offer(std::string const& app_hash) {
    abci::Request request;
    *request.mutable_offer_snapshot()->mutable_snapshot() = snapshots.snapshots(0);
    request.mutable_offer_snapshot()->set_app_hash(app_hash);
    return ask(*target, request).offer_snapshot().result();
  }
  std::string chunk(std::uint32_t index) {
    abci::Request request;
    request.mutable_load_snapshot_chunk()->set_height(2);
    request.mutable_load_snapshot_chunk()->set_format(snapshot_format);
    request.mutable_load_snapshot_chunk()->set_chunk(index);
    return ask(*source, request).load_snapshot_chunk().chunk();
  }
  abci::ResponseApplySnapshotChunk apply(std::uint32_t index, std::string const& bytes) {
    abci::Request request;
    request.mutable_apply_snapshot_chunk()->set_index(index);
    request.mutable_apply_snapshot_chunk()->set_chunk(bytes);
    request.mutable_apply_snapshot_chunk()->set_sender("somebody");
    return ask(*target, request).apply_snapshot_chunk();
  }

  std::unique_ptr<App> source;
  std::unique_ptr<App> target;
  std::string hash;
  abci::ResponseListSnapshots snapshots;
};

TEST_F(SnapshotTest, AnotherNodeGoesOnFromIt) {
  ASSERT_EQ(snapshots.snapshots_size(), 1);
  ASSERT_EQ(offer(hash), abci::ResponseOfferSnapshot::ACCEPT);
  for (std::uint32_t i = 0; i < snapshots.snapshots(0).chunks(); ++i) {
    EXPECT_EQ(apply(i, chunk(i)).result(), abci::ResponseApplySnapshotChunk::ACCEPT);
  }
  EXPECT_EQ(info(*target).last_block_height(), 2);
  EXPECT_EQ(info(*target).last_block_app_hash(), hash);
  EXPECT_TRUE(ledger::verify_rows(*target->tip()->state));
  auto const here = finalize(*target, 3, {cluster.payment(3)});
  EXPECT_EQ(here.app_hash(), finalize(*source, 3, {cluster.payment(3)}).app_hash());
}

TEST_F(SnapshotTest, LiesAreRefused) {
  ASSERT_EQ(snapshots.snapshots_size(), 1);
  EXPECT_EQ(offer(std::string(32, 'x')), abci::ResponseOfferSnapshot::REJECT);
  ASSERT_EQ(offer(hash), abci::ResponseOfferSnapshot::ACCEPT);
  auto altered = chunk(0);
  altered[altered.size() / 2] = static_cast<char>(altered[altered.size() / 2] ^ 1);
  auto const refused = apply(0, altered);
  EXPECT_EQ(refused.result(), abci::ResponseApplySnapshotChunk::RETRY);
  ASSERT_EQ(refused.reject_senders_size(), 1);
  EXPECT_EQ(refused.reject_senders(0), "somebody");
  // A node that ends in between has its genesis again.
  target.reset();
  target = open("b");
  EXPECT_EQ(info(*target).last_block_height(), 0);
  EXPECT_EQ(target->tip()->header.height, 0u);
}

/// Whoever offers makes the description, and nothing in it makes a chunk of the tree hold that is not the state's.
TEST_F(SnapshotTest, ARecordLeftOutIsItsSendersFault) {
  ASSERT_EQ(snapshots.snapshots_size(), 1);
  ASSERT_EQ(offer(hash), abci::ResponseOfferSnapshot::ACCEPT);
  auto first = base::decode<ledger::Chunk>(base::bytes_of(chunk(0))).value();
  first.records.erase(first.records.begin());
  auto const refused = apply(0, std::string(base::text_of(base::encode(first))));
  EXPECT_EQ(refused.result(), abci::ResponseApplySnapshotChunk::RETRY);
  ASSERT_EQ(refused.reject_senders_size(), 1);
  EXPECT_EQ(refused.reject_senders(0), "somebody");
  EXPECT_EQ(apply(0, chunk(0)).result(), abci::ResponseApplySnapshotChunk::ACCEPT) << "from another peer";
}

/// The state root says nothing of what stands beside the tree; records in it do.
TEST_F(SnapshotTest, WhatStandsBesideTheTreeIsAllThere) {
  ASSERT_EQ(snapshots.snapshots_size(), 1);
  auto const whole = snapshots;
  ASSERT_EQ(snapshots.snapshots(0).chunks(), 2u);
  auto const original = base::decode<ledger::Chunk>(base::bytes_of(chunk(1))).value();
  std::set<ledger::Space> tried;
  auto const gives = [&](ledger::Chunk const& beside) {
    target.reset();
    std::filesystem::remove_all(folder / "b");
    target = open("b");
    snapshots = whole;
    auto& snapshot = *snapshots.mutable_snapshots(0);
    auto description = base::decode<Description>(base::bytes_of(snapshot.metadata())).value();
    description.statement.beside_root = ledger::paths_of({top_of(beside)}).root;
    auto const metadata = base::encode(description);
    snapshot.set_metadata(std::string(base::text_of(metadata)));
    snapshot.set_hash(std::string(base::text_of(crypto::sha256(metadata).view())));
    EXPECT_EQ(offer(hash), abci::ResponseOfferSnapshot::ACCEPT);
    EXPECT_EQ(apply(0, chunk(0)).result(), abci::ResponseApplySnapshotChunk::ACCEPT);
    return apply(1, std::string(base::text_of(base::encode(beside)))).result();
  };
  EXPECT_EQ(gives(original), abci::ResponseApplySnapshotChunk::ACCEPT);
  for (std::size_t i = 0; i < original.records.size(); ++i) {
    auto const space = static_cast<ledger::Space>(original.records[i].key[0]);
    using ledger::Space;
    if (std::set{Space::replay_id, Space::history_leaf, Space::subject, Space::log_peaks, Space::account_peaks,
                 Space::entry_index}
            .count(space) == 0)
      continue;
    // Two of each kind are enough: what comes first and what comes last in it.
    bool const last = i + 1 == original.records.size() || original.records[i + 1].key[0] != original.records[i].key[0];
    if (!tried.insert(space).second && !last) continue;
    auto without = original;
    without.records.erase(without.records.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(gives(without), abci::ResponseApplySnapshotChunk::REJECT_SNAPSHOT)
        << "left out: " << base::to_hex(original.records[i].key);
    auto altered = original;
    altered.records[i].record.back() = static_cast<std::uint8_t>(altered.records[i].record.back() ^ 1);
    EXPECT_EQ(gives(altered), abci::ResponseApplySnapshotChunk::REJECT_SNAPSHOT)
        << "altered: " << base::to_hex(original.records[i].key);
  }
  EXPECT_EQ(tried.size(), 6u);
}

TEST(ValidatorUpdates, NameWhoLeavesAndWhoComes) {
  test::Cluster const cluster;
  auto const& before = cluster.genesis.validators;
  auto after = before;
  after.validators.erase(after.validators.begin());
  after.validators.push_back(before.validators[0]);
  after.validators.back().key = crypto::validator_key(crypto::ValidatorSecret{crypto::sha256({}).bytes});
  abci::ResponseFinalizeBlock out;
  update_validators(before, after, out);
  ASSERT_EQ(out.validator_updates_size(), 2);
  EXPECT_EQ(out.validator_updates(0).power(), 0);
  EXPECT_EQ(base::to_bytes(out.validator_updates(0).pub_key().ed25519()),
            Bytes(before.validators[0].key.bytes.begin(), before.validators[0].key.bytes.end()));
  EXPECT_EQ(out.validator_updates(1).power(), 1);
}

}  // namespace
}  // namespace node::comet
