// SPDX-License-Identifier: Apache-2.0
// A node that is far behind takes over a state from several peers, of which one lies in every test.
#include "node/joiner.hpp"

#include <gtest/gtest.h>

#include "node/cluster_test.hpp"

namespace node::test {
namespace {

constexpr Height epoch_blocks = 20;
constexpr Place joins = 3;
constexpr Place liar = 1;

class JoinerTest : public ::testing::Test {
 protected:
  JoinerTest() {
    cluster.genesis.parameters.epoch_blocks = epoch_blocks;
    cluster.snapshot_behind = 30;
    // Three of four go on to the third epoch; what they paid stands in the state and in the replay window.
    for (Place place = 0; place < joins; ++place) {
      auto const started = cluster.start(place);
      EXPECT_TRUE(started) << base::to_string(started.error());
    }
    EXPECT_TRUE(*cluster.submit(0, cluster.payment(0)));
    EXPECT_TRUE(cluster.run_to(3));
    for (std::uint64_t number = 1; number <= 5; ++number) EXPECT_TRUE(*cluster.submit(0, cluster.payment(number)));
    EXPECT_TRUE(reach(0, 3 * epoch_blocks + 5));
    // It learns nothing but by snapshots, so that a test does not depend on which is faster.
    cluster.alters = [this](Place from, Place to, Frame& frame) {
      if (auto* snapshot = std::get_if<SnapshotFrame>(&frame)) return tells(from, to, snapshot->message);
      return !isolated || (from != joins && to != joins);
    };
  }

  /// An idle chain takes its time.
  bool reach(Place place, Height height) {
    for (int waited = 0; waited < 600 && cluster.node(place).certified()->header.height < height; ++waited) {
      cluster.run(1'000);
    }
    return cluster.node(place).certified()->header.height >= height;
  }

  void begin() {
    auto const started = cluster.start(joins);
    ASSERT_TRUE(started) << base::to_string(started.error());
  }
  bool join(std::uint64_t ms = 200'000) {
    for (std::uint64_t waited = 0; waited < ms && !cluster.joiner(joins).complete(); waited += 500) cluster.run(500);
    return cluster.joiner(joins).complete();
  }
  /// The others tell two parts, the liar none; then nothing more comes.
  void fetch_two_parts() {
    tells = [served = 0](Place from, Place, SnapshotMessage& message) mutable {
      if (!std::holds_alternative<SnapshotPart>(message)) return true;
      return from != liar && served++ < 2;
    };
    begin();
    EXPECT_FALSE(join(8'000));
  }
  /// The node follows, knows the payments, and refuses what the replay window holds.
  void expect_joined() {
    isolated = false;
    tells = honest;
    auto const installed = cluster.install(joins);
    ASSERT_TRUE(installed) << base::to_string(installed.error());
    EXPECT_EQ(cluster.store(joins).decision(epoch_blocks).value(), std::nullopt);
    auto const height = cluster.node(0).certified()->header.height;
    ASSERT_TRUE(reach(joins, height + 2));
    EXPECT_EQ(cluster.paid(joins), 5);
    EXPECT_FALSE(cluster.node(joins).status().votes) << "it may have voted in this epoch and forgotten it";
    ASSERT_TRUE(reach(joins, (height / epoch_blocks + 1) * epoch_blocks + 2));
    EXPECT_TRUE(cluster.node(joins).status().votes);
    EXPECT_EQ(cluster.node(joins).certified()->header.state_root,
              root_at(cluster.node(joins).certified()->header.height));
  }
  Hash root_at(Height height) {
    auto const decision = cluster.store(0).decision(height).value();
    if (!decision) return {};
    return base::decode<ledger::ResultHeader>(decision->blocks[height - decision->first].result)->state_root;
  }
  bool said(std::string const& text) {
    auto const& log = cluster.log(joins);
    return std::ranges::any_of(log, [&](auto const& line) { return line.find(text) != std::string::npos; });
  }

  Cluster cluster;
  bool isolated = true;
  std::function<bool(Place, Place, SnapshotMessage&)> honest = [](Place, Place, SnapshotMessage&) { return true; };
  std::function<bool(Place, Place, SnapshotMessage&)> tells = honest;
};

TEST_F(JoinerTest, WrongPartsAreRefusedOneByOneAndTheirSenderReplaced) {
  tells = [](Place from, Place, SnapshotMessage& message) {
    if (auto* part = std::get_if<SnapshotPart>(&message); part != nullptr && from == liar && !part->bytes.empty()) {
      part->bytes[part->bytes.size() / 2] = static_cast<std::uint8_t>(part->bytes[part->bytes.size() / 2] ^ 1);
    }
    return true;
  };
  begin();
  ASSERT_TRUE(join());
  EXPECT_TRUE(said("validator 1 sent a wrong part"));
  expect_joined();
}

TEST_F(JoinerTest, AStallingPeerIsPassedOver) {
  tells = [](Place from, Place, SnapshotMessage& message) {
    return from != liar || !std::holds_alternative<SnapshotPart>(message);
  };
  begin();
  ASSERT_TRUE(join());
  expect_joined();
}

TEST_F(JoinerTest, WhatOnePeerAloneSaysOfRecordsBesideTheTreeIsNotBelieved) {
  tells = [](Place from, Place, SnapshotMessage& message) {
    if (auto* offer = std::get_if<SnapshotOffer>(&message); offer != nullptr && from == liar) {
      offer->statement.beside_root.bytes[0] ^= 1;
    }
    return true;
  };
  begin();
  ASSERT_TRUE(join());
  expect_joined();
}

TEST_F(JoinerTest, AStateThatNoQuorumCertifiedIsRefused) {
  tells = [](Place from, Place, SnapshotMessage& message) {
    if (auto* offer = std::get_if<SnapshotOffer>(&message); offer != nullptr && from == liar) {
      offer->proof.header.state_root.bytes[0] ^= 1;
      offer->statement.result = offer->proof.header.hash();
    }
    return true;
  };
  begin();
  ASSERT_TRUE(join());
  EXPECT_TRUE(said("validator 1 offers a snapshot that is not certified"));
  expect_joined();
}

TEST_F(JoinerTest, WhatAnotherVersionOfTheProgramMadeIsNotTaken) {
  tells = [](Place, Place, SnapshotMessage& message) {
    if (auto* offer = std::get_if<SnapshotOffer>(&message)) ++offer->statement.format;
    return true;
  };
  begin();
  EXPECT_FALSE(join(60'000));
  EXPECT_FALSE(cluster.joiner(joins).progress().has_value());
  EXPECT_TRUE(said("another version of this program"));
}

TEST_F(JoinerTest, OneOfferIsNotEnough) {
  tells = [](Place from, Place, SnapshotMessage& message) {
    return from == liar || !std::holds_alternative<SnapshotOffer>(message);
  };
  begin();
  EXPECT_FALSE(join(60'000));
  EXPECT_FALSE(cluster.joiner(joins).progress().has_value());
}

TEST_F(JoinerTest, GoesOnAfterACrashWithWhatIsHere) {
  fetch_two_parts();
  ASSERT_TRUE(cluster.joiner(joins).progress().has_value());
  EXPECT_EQ(cluster.joiner(joins).progress()->here, 2u);
  cluster.crash(joins);
  // One of the parts is damaged in the meantime.
  auto& files = cluster.disk(joins).incoming.files;
  auto const part = std::ranges::find_if(files, [](auto const& file) { return file.first.starts_with("part-"); });
  ASSERT_NE(part, files.end());
  part->second.bytes[40] ^= 1;
  begin();
  ASSERT_TRUE(cluster.joiner(joins).progress().has_value());
  EXPECT_EQ(cluster.joiner(joins).progress()->here, 1u);
  tells = [](Place from, Place, SnapshotMessage& message) {
    return from != liar || !std::holds_alternative<SnapshotPart>(message);
  };
  ASSERT_TRUE(join());
  expect_joined();
}

TEST_F(JoinerTest, WhatAnotherVersionOfTheProgramLeftIsNotUsed) {
  fetch_two_parts();
  cluster.crash(joins);
  auto const age = []<class What>(What, Bytes& bytes) {
    auto what = base::decode<What>(bytes).value();
    --what.statement.format;
    bytes = base::encode(what);
  };
  age(Plan{}, cluster.disk(joins).incoming.files.at("plan").bytes);
  begin();
  EXPECT_FALSE(cluster.joiner(joins).progress().has_value());
  cluster.crash(0);
  auto& shelf = cluster.disk(0).shelf.files;
  std::size_t offers = 0;
  for (auto& [name, file] : shelf) {
    if (!name.ends_with("-offer")) continue;
    ++offers;
    age(SnapshotOffer{}, file.bytes);
  }
  EXPECT_GT(offers, 0u);
  ASSERT_TRUE(cluster.start(0));
  EXPECT_TRUE(shelf.empty());
}

TEST_F(JoinerTest, WhatWasAllHereBeforeACrashWaitsForTheWordOfOthers) {
  begin();
  ASSERT_TRUE(join());
  cluster.crash(joins);
  ASSERT_EQ(cluster.disk(joins).incoming.files.erase("complete"), 1u);
  tells = [](Place from, Place, SnapshotMessage& message) {
    return from == liar || !std::holds_alternative<SnapshotOffer>(message);
  };
  begin();
  EXPECT_FALSE(join(20'000)) << "one alone says in which epoch the chain is";
  tells = honest;
  ASSERT_TRUE(join(20'000));
  expect_joined();
}

TEST_F(JoinerTest, GoesOnWithItsSnapshotWhileTheOthersMakeANewerOne) {
  fetch_two_parts();
  ASSERT_TRUE(cluster.joiner(joins).progress().has_value());
  auto const chosen = cluster.joiner(joins).progress()->height;
  ASSERT_TRUE(reach(0, chosen + epoch_blocks + 2));
  ASSERT_TRUE(reach(2, chosen + epoch_blocks + 2));
  cluster.crash(joins);
  tells = [](Place from, Place, SnapshotMessage& message) {
    return from != liar || !std::holds_alternative<SnapshotPart>(message);
  };
  begin();
  ASSERT_TRUE(join(30'000));
  EXPECT_EQ(cluster.joiner(joins).progress()->height, chosen);
  EXPECT_FALSE(said("looking for another"));
  expect_joined();
}

TEST_F(JoinerTest, WhoCameByBlocksMeanwhileTakesNone) {
  tells = [](Place, Place, SnapshotMessage& message) { return !std::holds_alternative<SnapshotPart>(message); };
  begin();
  EXPECT_FALSE(join(2'000));
  ASSERT_TRUE(cluster.joiner(joins).progress().has_value());
  isolated = false;
  ASSERT_TRUE(reach(joins, cluster.joiner(joins).progress()->height + 1));
  cluster.run(2'000);
  EXPECT_TRUE(said("by blocks"));
  EXPECT_FALSE(cluster.joiner(joins).progress().has_value());
}

TEST_F(JoinerTest, WhoIsNotFarBehindTakesNone) {
  cluster.snapshot_behind = 1'000;
  tells = [](Place from, Place, SnapshotMessage& message) {
    return from != liar || !std::holds_alternative<SnapshotOffer>(message);
  };
  begin();
  EXPECT_FALSE(join(20'000));
}

}  // namespace
}  // namespace node::test
