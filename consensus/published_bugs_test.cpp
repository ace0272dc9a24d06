// SPDX-License-Identifier: Apache-2.0
// Bugs that others found in engines of this family and published. Each is a script that must end well, and that must
// end badly when what stands against it here is taken away (Mutants).

#include <gtest/gtest.h>

#include "consensus/bench_test.hpp"

namespace consensus::test {
namespace {

struct Published {
  char const* name;
  /// What stands against it, as the fault that removes it.
  bool Mutants::*without;
  /// Whether the engine does what it should.
  bool (*ends_well)(Mutants const& mutants);
};

/// A started bench whose core leads none of the first three views.
struct Follower : Bench {
  explicit Follower(Mutants const& mutants, std::size_t validators = 4) : Bench(validators, place_in(validators)) {
    config.mutants = mutants;
    start();
  }
  static Place place_in(std::size_t validators) { return Bench(validators).leaders.of(4); }
  /// How a nap ends that is longer than any timeout.
  bool nullifies(View in_view) {
    pass(10'200);
    return voted(VoteKind::nullify, in_view);
  }
  std::vector<Block> chain_of(View count) {
    std::vector<Block> chain;
    for (View at = 1; at <= count; ++at) chain.push_back(block(at, chain.empty() ? nullptr : &chain.back()));
    return chain;
  }
  Blocks answer_of(std::vector<Block> const& chain, Height first, Height last) const {
    Blocks answer;
    for (auto height = first; height <= last; ++height) answer.blocks.push_back(chain[height - 1]);
    answer.finalization = finalization(chain[last - 1]);
    return answer;
  }
};

/// A node nullifies, crashes, hears of the notarization and sends Finalize: both kinds of certificate can then exist.
bool finalize_after_a_forgotten_nullify(Mutants const& mutants) {
  Follower bench(mutants);
  EXPECT_TRUE(bench.nullifies(1));
  bench.restart(bench.genesis);
  auto const block = bench.block(1);
  bench.propose(block);
  bool const notarized = bench.voted(VoteKind::notarize, 1);
  bench.tell(bench.notarization(block));
  return !notarized && !bench.voted(VoteKind::finalize, 1);
}

/// View 2 is skipped although only view 1, the parent's, is proved.
bool skip_without_a_nullification(Mutants const& mutants) {
  Follower bench(mutants);
  auto const parent = bench.block(1), skipped = bench.block(2, &parent);
  bench.propose(parent);
  bench.tell(bench.notarization(parent));
  bench.tell(bench.notarization(skipped));
  bench.propose(bench.block(3, &parent), bench.notarization(parent));
  bool const early = bench.voted(VoteKind::notarize, 3);
  bench.tell(bench.nullification(2));
  return !early && bench.voted(VoteKind::notarize, 3);
}

/// A leader enters its view by the newest certificate alone; what others have of the views before, it must ask for.
bool split_certificates(Mutants const& mutants) {
  Bench bench(4, Bench().leaders.of(4));
  bench.config.mutants = mutants;
  bench.start();
  bench.step(Workload{true, 0});
  auto const block = bench.block(1);
  bench.tell(bench.nullification(3));
  for (int turn = 0; turn < 10 && bench.outputs<NeedProposal>().empty(); ++turn) {
    bool const asked = !bench.messages<GetCertificates>().empty();
    bool const asked_block = !bench.messages<GetBlock>().empty();
    if (asked) {
      bench.receive(2, Certificates{{bench.notarization(block), bench.nullification(2)}});
    } else if (asked_block) {
      bench.receive(2, BlockAnswer{block});
    } else {
      bench.pass(10);
    }
  }
  auto const led = bench.outputs<NeedProposal>();
  return led.size() == 1 && led[0].parent == block.header.hash();
}

/// One validator is dead, the three others crash when each has journaled its Nullify and heard of no other.
bool all_crash_after_nullify(Mutants const& mutants) {
  Scenario scenario;
  scenario.liars = 1;
  scenario.lies.dead = true;
  scenario.mutants = mutants;
  Network network(scenario);
  network.passes = [](Place, Place, Envelope const&) { return false; };
  network.run_until(3'000);
  for (Place place = 0; place < 4; ++place) network.crash(place);
  network.passes = nullptr;
  return network.run();
}

/// The block log has view 1 decided, the journal has already let go of it: the node must not begin in view 1 again,
/// where it has sent a Finalize.
bool journal_behind_the_log(Mutants const& mutants) {
  Follower bench(mutants);
  auto const block = bench.block(1);
  bench.propose(block);
  bench.tell(bench.notarization(block));
  EXPECT_TRUE(bench.voted(VoteKind::finalize, 1));
  bench.records.clear();
  bench.restart({1, block.header.hash(), bench.result_of(block), block.header.time_ms, 1, bench.finalization(block)});
  return bench.view() == 2 && !bench.nullifies(1);
}

/// The leader crashes right after its proposal left; it must not make another one for the same view.
bool own_proposal_forgotten(Mutants const& mutants) {
  Bench bench(4, Bench().leaders.of(1));
  bench.config.mutants = mutants;
  bench.start();
  std::set<Hash> proposed;
  for (std::uint64_t life = 1; life <= 2; ++life) {
    bench.step(Workload{true, 0});
    auto const payload = base::encode(life);
    bench.step(ProposalReady{1, payload, crypto::sha256(payload), 1});
    for (auto const& proposal : bench.messages<Propose>()) proposed.insert(proposal.block.header.hash());
    bench.restart(bench.genesis, bench.saved);
  }
  return proposed.size() == 1 && bench.saved.size() == 1;
}

/// Of 5 or 6 validators, of whom one may be faulty, two groups of 2f + 1 can have only that one in common.
bool quorum_of_other_sizes(Mutants const& mutants) {
  for (std::size_t const validators : {5u, 6u}) {
    Follower bench(mutants, validators);
    for (std::size_t n = 1; n <= validators - 2; ++n) {
      if (bench.view() != 1) return false;
      bench.receive(bench.other(n), bench.vote(bench.other(n), bench.ballot(VoteKind::nullify, 1)));
    }
    bench.receive(bench.other(validators - 1),
                  bench.vote(bench.other(validators - 1), bench.ballot(VoteKind::nullify, 1)));
    EXPECT_EQ(bench.view(), 2u);
  }
  return true;
}

/// An answer to sync with a certificate that nobody signed.
bool unverified_finalization(Mutants const& mutants) {
  Follower bench(mutants);
  auto const chain = bench.chain_of(3);
  bench.tell(bench.finalization(chain[2]));
  auto invented = chain;
  invented[0].header.time_ms += 1;
  auto answer = bench.answer_of(invented, 1, 1);
  answer.finalization.signatures[0].bytes[0] ^= 1;
  bench.receive(1, answer);
  return bench.outputs<NeedVerdict>().empty() && bench.outputs<Decided>().empty();
}

/// Wrong bytes arrive and are thrown away; the height must be asked for again.
bool sync_work_deleted(Mutants const& mutants) {
  Follower bench(mutants);
  auto const chain = bench.chain_of(3);
  bench.tell(bench.finalization(chain[2]));
  auto answer = bench.answer_of(chain, 1, 3);
  answer.blocks[1].payload[0] ^= 1;
  bench.receive(1, answer);
  for (int turn = 0; turn < 10 && bench.core->status().tip.height < 3; ++turn) {
    bench.pass(1'000);
    for (auto const& asked : bench.messages<GetBlocks>()) {
      if (asked.first <= 3) bench.receive(2, bench.answer_of(chain, asked.first, 3));
    }
  }
  return bench.core->status().tip.height == 3;
}

/// A peer answers with true blocks of other heights than were asked for.
bool heights_by_declaration(Mutants const& mutants) {
  Follower bench(mutants);
  auto const chain = bench.chain_of(10);
  bench.tell(bench.finalization(chain[9]));
  bench.receive(1, bench.answer_of(chain, 8, 10));
  for (int turn = 0; turn < 10 && bench.core->status().tip.height < 10; ++turn) {
    bench.pass(1'000);
    for (auto const& asked : bench.messages<GetBlocks>()) {
      if (asked.first <= 10) bench.receive(2, bench.answer_of(chain, asked.first, 10));
    }
  }
  return bench.core->status().tip.height == 10;
}

/// Execution is slow and the peers are fast: what waits must stay bounded.
bool unlimited_while_syncing(Mutants const& mutants) {
  Follower bench(mutants);
  bench.executes = false;
  auto const chain = bench.chain_of(400);
  bench.tell(bench.finalization(chain[399]));
  Height taken = 0;
  while (!bench.messages<GetBlocks>().empty() && taken < 400) {
    bench.receive(1, bench.answer_of(chain, taken + 1, taken + 40));
    taken += 40;
  }
  return taken <= 160;
}

/// Twenty views without a finalization: the next one must not be waited for longer than ten seconds.
bool timeouts_without_a_limit(Mutants const& mutants) {
  Follower bench(mutants);
  bench.step(Workload{true, 0});
  for (View at = 1; at <= 20; ++at) {
    if (bench.leaders.of(at) != bench.me) bench.propose(bench.block(at));
    bench.tell(bench.nullification(at));
  }
  bench.pass(10'000);
  return bench.voted(VoteKind::nullify, 21);
}

class PublishedBug : public testing::TestWithParam<Published> {};

TEST_P(PublishedBug, IsNotHere) { EXPECT_TRUE(GetParam().ends_well(Scenario::cheap())); }

TEST_P(PublishedBug, WouldBeHereWithoutWhatStandsAgainstIt) {
  auto mutants = Scenario::cheap();
  mutants.*GetParam().without = true;
  EXPECT_FALSE(GetParam().ends_well(mutants));
}

// Others hold classes of the list as well: 7, every size lives with its faulty ones dead (simulation_test.cpp); 8,
// nothing is believed before the certificate, wrong bytes drop the peer (sync_test.cpp); 9, the steps of the growth
// (pace_test.cpp).
INSTANTIATE_TEST_SUITE_P(
    Of, PublishedBug,
    testing::Values(
        Published{"1_Simplex280_FinalizeAfterAForgottenNullify", &Mutants::volatile_nullify,
                  finalize_after_a_forgotten_nullify},
        Published{"2_Simplex281_SkipWithoutANullification", &Mutants::skips_unproven, skip_without_a_nullification},
        Published{"3_Commonware2149And2695_SplitCertificates", &Mutants::no_fetch, split_certificates},
        Published{"4_Commonware4275_AllCrashAfterNullify", &Mutants::votes_not_replayed, all_crash_after_nullify},
        Published{"5_Commonware3727_JournalBehindTheLog", &Mutants::tip_ignored, journal_behind_the_log},
        Published{"6_Commonware2797_OwnProposalForgotten", &Mutants::volatile_proposal, own_proposal_forgotten},
        Published{"7_Commonware733_QuorumOfOtherSizes", &Mutants::narrow_quorum, quorum_of_other_sizes},
        Published{"8_Simplex544_UnverifiedFinalization", &Mutants::trusting_sync, unverified_finalization},
        Published{"8_Simplex542_SyncWorkDeleted", &Mutants::sync_work_lost, sync_work_deleted},
        Published{"8_Asa2024008And2025001_HeightsByDeclaration", &Mutants::sync_out_of_order, heights_by_declaration},
        Published{"8_Simplex562_UnlimitedWhileSyncing", &Mutants::sync_unbounded, unlimited_while_syncing},
        Published{"9_Besu7642_TimeoutsWithoutALimit", &Mutants::endless_timeout, timeouts_without_a_limit}),
    [](auto const& chosen) { return std::string(chosen.param.name); });

}  // namespace
}  // namespace consensus::test
