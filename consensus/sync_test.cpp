// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "consensus/bench_test.hpp"

namespace consensus::test {
namespace {

/// A chain of blocks of the views 1..count, each the child of the one before.
std::vector<Block> chain_of(Bench& bench, View count) {
  std::vector<Block> chain;
  for (View view = 1; view <= count; ++view)
    chain.push_back(bench.block(view, chain.empty() ? nullptr : &chain.back()));
  return chain;
}

Blocks answer_of(Bench const& bench, std::vector<Block> const& chain, std::size_t first, std::size_t count,
                 std::size_t links = 0) {
  Blocks answer;
  for (std::size_t i = first; i < first + count; ++i) answer.blocks.push_back(chain[i]);
  for (std::size_t i = first + count; i < first + count + links; ++i) answer.links.push_back(chain[i].header);
  answer.finalization = bench.finalization(chain[first + count + links - 1]);
  return answer;
}

/// The same with a certificate that nobody made.
Blocks lie_of(Blocks answer) {
  answer.finalization.signatures[0].bytes[0] ^= 1;
  return answer;
}

/// Whom the bench's core sends messages of this kind while time passes.
template <class T>
std::set<Place> asked(Bench& bench, std::uint64_t ms) {
  std::set<Place> places;
  bench.pass(ms);
  for (auto const& sent : bench.outputs<Send>()) {
    if (std::holds_alternative<T>(sent.envelope.message)) places.insert(sent.to);
  }
  return places;
}

TEST(Fetch, AsksAllPeersInTurnForMissingCertificates) {  // commonware #2149, #2695
  Bench bench;
  bench.start();
  bench.tell(bench.nullification(5));
  EXPECT_EQ(bench.view(), 6u);
  auto const first = bench.messages<GetCertificates>();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0], (GetCertificates{1, 5, 0}));
  EXPECT_EQ(asked<GetCertificates>(bench, 1'000), (std::set<Place>{1, 2, 3}));
  Certificates answer;
  for (View view = 1; view <= 4; ++view) answer.certificates.push_back(bench.nullification(view));
  bench.receive(2, answer);
  EXPECT_TRUE(asked<GetCertificates>(bench, 1'000).empty());
}

TEST(Fetch, AsksForTheBytesOfANotarizedBlockAndOfItsAncestors) {
  Bench bench;
  bench.start();
  auto const chain = chain_of(bench, 3);
  bench.tell(bench.notarization(chain[2]));
  ASSERT_EQ(bench.messages<GetBlock>().size(), 1u);
  EXPECT_EQ(bench.messages<GetBlock>()[0].block, chain[2].header.hash());
  EXPECT_EQ(asked<GetBlock>(bench, 1'000), (std::set<Place>{1, 2, 3}));
  bench.receive(1, BlockAnswer{chain[2]});
  ASSERT_EQ(bench.messages<GetBlock>().size(), 1u);
  EXPECT_EQ(bench.messages<GetBlock>()[0].block, chain[1].header.hash());
  bench.receive(1, BlockAnswer{chain[1]});
  EXPECT_TRUE(bench.outputs<NeedResult>().empty());
  bench.receive(1, BlockAnswer{chain[0]});
  EXPECT_EQ(bench.outputs<NeedResult>().size(), 3u);
  EXPECT_TRUE(bench.voted(VoteKind::finalize, 3));
  EXPECT_EQ(bench.saved.size(), 3u);
}

TEST(Fetch, WrongBytesDropThePeerNotTheBlock) {
  Bench bench;
  bench.start();
  auto const block = bench.block(1);
  bench.tell(bench.notarization(block));
  auto wrong = block;
  wrong.payload.back() ^= 1;
  bench.receive(1, BlockAnswer{wrong});
  ASSERT_EQ(bench.outputs<NeedVerdict>().size(), 1u);
  EXPECT_TRUE(bench.outputs<NeedVerdict>()[0].certified);
  EXPECT_TRUE(bench.outputs<NeedResult>().empty());
  EXPECT_EQ(asked<GetBlock>(bench, 2'000), (std::set<Place>{2, 3}));
  bench.receive(1, BlockAnswer{block});
  EXPECT_TRUE(bench.outputs<NeedVerdict>().empty());
  bench.receive(2, BlockAnswer{block});
  EXPECT_EQ(bench.outputs<NeedResult>().size(), 1u);
}

TEST(Fetch, BlocksThatNobodyAskedForAreIgnored) {
  Bench bench;
  bench.start();
  bench.receive(1, BlockAnswer{bench.block(1)});
  EXPECT_TRUE(bench.outputs<NeedVerdict>().empty());
}

TEST(Fetch, AnswersWhatItHas) {
  Bench bench;
  bench.start();
  auto const block = bench.block(1);
  bench.tell(bench.notarization(block));
  bench.receive(1, BlockAnswer{block});
  bench.tell(bench.nullification(2));
  bench.receive(3, GetCertificates{1, 2, 0});
  ASSERT_EQ(bench.outputs<Send>().size(), 1u);
  EXPECT_EQ(bench.outputs<Send>()[0].to, 3);
  EXPECT_EQ(bench.messages<Certificates>()[0].certificates.size(), 2u);
  bench.receive(3, GetCertificates{1, ~View{0}, 0});
  EXPECT_EQ(bench.messages<Certificates>()[0].certificates.size(), 2u);
  bench.receive(3, GetBlock{block.header.hash(), 0});
  ASSERT_EQ(bench.messages<BlockAnswer>().size(), 1u);
  EXPECT_EQ(bench.messages<BlockAnswer>()[0].block, block);

  // What is decided is no longer here; its finalization answers instead.
  bench.tell(bench.finalization(block));
  ASSERT_EQ(bench.outputs<Decided>().size(), 1u);
  bench.receive(3, GetBlock{block.header.hash(), 0});
  ASSERT_EQ(bench.messages<Certificates>().size(), 1u);
  EXPECT_EQ(bench.messages<Certificates>()[0].certificates[0], bench.finalization(block));
  bench.receive(3, GetBlock{block.header.hash(), 1});
  EXPECT_TRUE(bench.outputs<Send>().empty());
}

TEST(Sync, ANodeBehindFollowsTheCertificate) {
  Bench bench;
  bench.start();
  auto const chain = chain_of(bench, 10);
  bench.tell(bench.finalization(chain[9]));
  EXPECT_EQ(bench.view(), 11u);
  ASSERT_EQ(bench.messages<GetBlocks>().size(), 1u);
  EXPECT_EQ(bench.messages<GetBlocks>()[0].first, 1u);
  // One of the peers lies, and is no more asked; the others are.
  bench.receive(2, lie_of(answer_of(bench, chain, 0, 4)));
  EXPECT_EQ(bench.core->status().tip.height, 0u);
  bench.receive(1, answer_of(bench, chain, 0, 4));
  EXPECT_EQ(bench.core->status().tip.height, 4u);
  ASSERT_EQ(bench.messages<GetBlocks>().size(), 1u);
  EXPECT_EQ(bench.messages<GetBlocks>()[0].first, 5u);
  // Blocks that were decided through a descendant come with the headers up to it.
  bench.receive(2, answer_of(bench, chain, 4, 3, 3));
  EXPECT_EQ(bench.core->status().tip.height, 4u);
  bench.receive(1, answer_of(bench, chain, 4, 3, 3));
  EXPECT_EQ(bench.core->status().tip.height, 4u);
  bench.receive(3, answer_of(bench, chain, 7, 3));
  EXPECT_EQ(bench.core->status().tip.height, 10u);
  EXPECT_TRUE(bench.messages<GetBlocks>().empty());
  EXPECT_EQ(asked<GetBlocks>(bench, 1'000).size(), 0u);
}

TEST(Sync, AsksAllPeersInTurn) {
  Bench bench;
  bench.start();
  auto const chain = chain_of(bench, 3);
  bench.tell(bench.finalization(chain[2]));
  EXPECT_EQ(asked<GetBlocks>(bench, 1'000), (std::set<Place>{1, 2, 3}));
  bench.receive(2, lie_of(answer_of(bench, chain, 0, 3)));
  EXPECT_EQ(asked<GetBlocks>(bench, 1'000), (std::set<Place>{1, 3}));
}

TEST(Sync, NothingIsBelievedBeforeTheCertificate) {  // ava-labs/Simplex #544
  auto const faults = std::vector<std::function<void(Bench&, Blocks&)>>{
      [](Bench&, Blocks& answer) { answer.finalization.signatures[0].bytes[0] ^= 1; },
      [](Bench&, Blocks& answer) { answer.finalization.ballot.kind = VoteKind::notarize; },
      [](Bench& bench, Blocks& answer) { answer.finalization = bench.notarization(answer.blocks.back()); },
      [](Bench&, Blocks& answer) { answer.blocks[1].header.time_ms += 1; },
      [](Bench&, Blocks& answer) { answer.blocks.pop_back(); },
      [](Bench&, Blocks& answer) { answer.blocks.erase(answer.blocks.begin() + 1); },
      [](Bench&, Blocks& answer) { answer.links.push_back(answer.blocks.back().header); },
      [](Bench&, Blocks& answer) { answer.blocks[0].payload.push_back(0); },
      [](Bench&, Blocks& answer) { answer.finalization.ballot.epoch = 2; },
  };
  for (std::size_t i = 0; i < faults.size(); ++i) {
    Bench bench;
    bench.start();
    auto const chain = chain_of(bench, 3);
    bench.tell(bench.finalization(chain[2]));
    auto answer = answer_of(bench, chain, 0, 3);
    faults[i](bench, answer);
    bench.receive(1, answer);
    EXPECT_TRUE(bench.outputs<NeedVerdict>().empty()) << i;
    // The liar is not asked again; the height is.
    EXPECT_EQ(asked<GetBlocks>(bench, 2'000), (std::set<Place>{2, 3})) << i;
    bench.receive(1, answer_of(bench, chain, 0, 3));
    EXPECT_EQ(bench.core->status().tip.height, 0u) << i;
    bench.receive(2, answer_of(bench, chain, 0, 3));
    EXPECT_EQ(bench.core->status().tip.height, 3u) << i;
  }
}

TEST(Sync, WrongPayloadsUnderTheRightHeadersAreFetchedElsewhere) {
  Bench bench;
  bench.start();
  auto const chain = chain_of(bench, 3);
  bench.tell(bench.finalization(chain[2]));
  auto answer = answer_of(bench, chain, 0, 3);
  answer.blocks[1].payload[0] ^= 1;
  bench.receive(1, answer);
  EXPECT_LT(bench.core->status().tip.height, 3u);
  bench.pass(1'000);
  auto const first = bench.core->status().tip.height;
  bench.receive(2, answer_of(bench, chain, first, 3 - first));
  EXPECT_EQ(bench.core->status().tip.height, 3u);
}

TEST(Sync, TheWindowIsBounded) {
  Bench bench;
  bench.executes = false;
  bench.start();
  auto const chain = chain_of(bench, 400);
  bench.tell(bench.finalization(chain[399]));
  std::size_t taken = 0;
  for (; !bench.messages<GetBlocks>().empty(); taken += 40) {
    bench.receive(2, lie_of(answer_of(bench, chain, taken, 40)));
    bench.receive(1, answer_of(bench, chain, taken, 40));
  }
  EXPECT_EQ(taken, 160u);
  bench.pass(5'000);
  EXPECT_TRUE(bench.messages<GetBlocks>().empty());
}

TEST(Sync, ANodeAheadServesFromItsLog) {
  Bench bench;
  bench.start();
  auto const chain = chain_of(bench, 2);
  bench.tell(bench.finalization(chain[1]));
  bench.receive(1, answer_of(bench, chain, 0, 2));
  bench.receive(9, GetBlocks{2});
  ASSERT_EQ(bench.outputs<ServeBlocks>().size(), 1u);
  EXPECT_EQ(bench.outputs<ServeBlocks>()[0].to, 9);
  EXPECT_EQ(bench.outputs<ServeBlocks>()[0].first, 2u);
  bench.receive(9, GetBlocks{3});
  EXPECT_TRUE(bench.outputs<ServeBlocks>().empty());
  bench.receive(9, GetBlocks{0});
  EXPECT_TRUE(bench.outputs<ServeBlocks>().empty());
}

TEST(Sync, BlocksOfALostBranchAreDropped) {
  Bench bench;
  bench.start();
  auto const lost = bench.block(1);
  bench.propose(lost);
  bench.tell(bench.nullification(1));
  auto const block = bench.block(2);
  bench.tell(bench.notarization(block));
  bench.receive(1, BlockAnswer{block});
  bench.tell(bench.finalization(block));
  ASSERT_EQ(bench.outputs<Decided>().size(), 1u);
  if (bench.leaders.of(1) == bench.me) return;
  ASSERT_EQ(bench.outputs<Dropped>().size(), 1u);
  EXPECT_EQ(bench.outputs<Dropped>()[0].blocks, std::vector<Hash>{lost.header.hash()});
}

}  // namespace
}  // namespace consensus::test
