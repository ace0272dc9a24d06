// SPDX-License-Identifier: Apache-2.0
#include "contracts/members/governance.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "base/time.hpp"
#include "contracts/replay.hpp"
#include "contracts/world_test.hpp"
#include "crypto/validator.hpp"

namespace contracts::test {

namespace {

using crypto::ValidatorSet;
using ledger::Space;

crypto::ValidatorSecret secret(std::size_t number) {
  return {crypto::sha256(base::bytes_of("validator " + std::to_string(number))).bytes};
}
base::ValidatorKey key(std::size_t number) { return crypto::validator_key(secret(number)); }
Hash pin(std::size_t number) { return crypto::sha256(base::bytes_of("tls " + std::to_string(number))); }

/// So many validators, of the four firms in turn.
struct Network : World {
  explicit Network(std::size_t size = 4) {
    ledger::EpochRecord epoch;
    for (std::size_t i = 0; i < size; ++i) epoch.validators.validators.push_back(validator(i));
    ledger::Overlay overlay(state);
    ledger::store(overlay, Space::epoch, "", epoch);
    put(std::move(overlay).take());
  }
  Firm const& firm_of(std::size_t number) const { return *std::array{&bank, &alfa, &beta, &cert}[number % 4]; }
  crypto::Validator validator(std::size_t number) const { return {firm_of(number).id, key(number), pin(number)}; }
  ledger::AddValidator add(std::size_t number) const { return {validator(number), "node.example:7080"}; }
  void put(ledger::StateDiff diff) {
    tree = tree.with(state, diff);
    state.apply(diff);
  }
  ledger::EpochRecord epoch() const { return *ledger::load<ledger::EpochRecord>(state, Space::epoch, ""); }
  ValidatorSet set() const { return epoch().validators; }
  std::vector<std::size_t> numbers() const {
    std::vector<std::size_t> out;
    for (auto const& one : set().validators) {
      for (std::size_t i = 0; i < 32; ++i) {
        if (key(i) == one.key) out.push_back(i);
      }
    }
    return out;
  }
  /// A block, the last of its epoch; the first outcome.
  std::string last(std::vector<ledger::Transaction> const& transactions, ledger::TimeMs after_ms = 1000) {
    for (auto const& one : transactions) EXPECT_TRUE(check(one, chain, first.parameters, time_ms + after_ms));
    auto const done = execute(state, tree, {height + 1, time_ms + after_ms, {}, transactions, true});
    put(done.diff);
    EXPECT_EQ(tree.root(), done.state_root);
    height += 1;
    time_ms += after_ms;
    return done.receipts.empty() ? "" : outcome(done.receipts.front());
  }
  Hash propose(Firm const& by_whom, ledger::NetworkChange const& change) {
    auto const transaction = by(by_whom, "admin", {ledger::ProposeChange{change}});
    EXPECT_EQ(outcome(one(transaction)), "done");
    return ledger::contract_id(transaction.body.id(), 0);
  }
  ledger::Transaction ballot(Firm const& voter, Hash const& proposal, bool yes = true) const {
    return by(voter, "admin", {ledger::VoteChange{proposal, yes}});
  }
  /// Proposed, and accepted by three firms in one block.
  void accept(ledger::NetworkChange const& change) {
    auto const proposal = propose(bank, change);
    EXPECT_EQ(last({ballot(bank, proposal), ballot(alfa, proposal), ballot(beta, proposal)}), "done");
  }
  std::size_t open() const {
    std::size_t out = 0;
    state.scan(ledger::Bytes{static_cast<std::uint8_t>(Space::proposal)}, [&](auto, auto) {
      ++out;
      return true;
    });
    return out;
  }
  /// The validator of this number notarized two blocks of one view.
  crypto::Evidence evidence(std::size_t number, std::uint64_t in_epoch = 1) const {
    auto const sign = [&](std::uint8_t block) {
      crypto::Ballot ballot{crypto::VoteKind::notarize, chain, in_epoch, 7, 0, Hash{{block}}, {}};
      return crypto::SignedBallot{ballot, crypto::validator_sign(secret(number), ballot.digest())};
    };
    return crypto::make_evidence(key(number), sign(1), sign(2));
  }
};

using Numbers = std::vector<std::size_t>;

}  // namespace

TEST(Governance, AQuorumAddsAndRemoves) {
  Network network;
  auto const proposal = network.propose(network.bank, network.add(4));
  EXPECT_EQ(network.last({network.ballot(network.bank, proposal), network.ballot(network.alfa, proposal)}), "done");
  EXPECT_EQ(network.numbers(), (Numbers{0, 1, 2, 3}));  // two of four are no quorum
  EXPECT_EQ(network.last({network.ballot(network.cert, proposal)}), "done");
  EXPECT_EQ(network.numbers(), (Numbers{0, 1, 2, 3, 4}));
  EXPECT_EQ(network.epoch().epoch, 3u);
  EXPECT_EQ(network.epoch().first, network.height + 1);
  EXPECT_EQ(network.open(), 0u);
  auto const where =
      ledger::load<ledger::EndpointRecord>(network.state, ledger::state_key(Space::endpoint, key(4).view()));
  ASSERT_TRUE(where);
  EXPECT_EQ(where->address, "node.example:7080");
  // BANK now votes with two validators; four of five are needed.
  auto const leave = network.propose(network.bank, ledger::RemoveValidator{key(1)});
  network.last({network.ballot(network.bank, leave), network.ballot(network.beta, leave)});
  EXPECT_EQ(network.set().size(), 5u);
  network.last({network.ballot(network.alfa, leave)});
  EXPECT_EQ(network.numbers(), (Numbers{0, 2, 3, 4}));
}

TEST(Governance, KeysRotateInTheirPlace) {
  Network network;
  network.accept(ledger::RotateKey{key(1), key(9)});
  EXPECT_EQ(network.numbers(), (Numbers{0, 9, 2, 3}));
  network.accept(ledger::SetTlsKey{key(9), pin(9)});
  EXPECT_EQ(network.set().validators[1].tls_key, pin(9));
  auto const previous = [&] {
    return ledger::load<ledger::EndpointRecord>(network.state, ledger::state_key(Space::endpoint, key(9).view()))
        ->previous_tls_key;
  };
  EXPECT_EQ(previous(), pin(1));
  network.last({});
  EXPECT_EQ(previous(), std::nullopt);
  // A key in use is nobody's next one.
  network.accept(ledger::RotateKey{key(2), key(9)});
  EXPECT_EQ(network.numbers(), (Numbers{0, 9, 2, 3}));
  EXPECT_EQ(network.open(), 0u);
}

TEST(Governance, ParametersChangeWithTheEpoch) {
  Network network;
  auto parameters = network.first.parameters;
  parameters.epoch_blocks = 77;
  auto const proposal = network.propose(network.bank, ledger::SetParameters{parameters});
  auto const now = [&] {
    return ledger::load<ledger::ParametersRecord>(network.state, Space::parameters, "")->parameters.epoch_blocks;
  };
  network.apply({network.ballot(network.bank, proposal), network.ballot(network.alfa, proposal),
                 network.ballot(network.beta, proposal)});
  EXPECT_EQ(now(), 10'000u);
  network.last({});
  EXPECT_EQ(now(), 77u);
  parameters.signers_max = 0;
  auto const mute = network.by(network.bank, "admin", {ledger::ProposeChange{ledger::SetParameters{parameters}}});
  EXPECT_EQ(check(mute, network.chain, network.first.parameters, network.time_ms).error().field,
            "operations[0].change.parameters.signers_max");
  auto const wrong = [&](auto const& change) {
    auto changed = network.first.parameters;
    change(changed);
    auto const asked = network.by(network.bank, "admin", {ledger::ProposeChange{ledger::SetParameters{changed}}});
    return check(asked, network.chain, network.first.parameters, network.time_ms).error().field;
  };
  std::string const at = "operations[0].change.parameters.";
  EXPECT_EQ(wrong([](auto& p) { p.facts_a_subject_max = 0; }), at + "facts_a_subject_max");
  EXPECT_EQ(wrong([](auto& p) { p.contracts_a_subject_max = 0; }), at + "contracts_a_subject_max");
  EXPECT_EQ(wrong([](auto& p) { p.transitions_a_block_max = 1199; }), at + "transitions_a_block_max");
}

TEST(Governance, AVersionHoldsFromItsHeightOn) {
  Network network;
  auto const at = [&](ledger::Height height) { return version_at(network.state, height); };
  auto const refused = [&](std::uint32_t version, ledger::Height height) {
    auto const mute = network.by(network.bank, "admin", {ledger::ProposeChange{ledger::SetVersion{version, height}}});
    return outcome(network.one(mute));
  };
  EXPECT_EQ(refused(3, 50), "E_FORM operations[0].change.version");
  EXPECT_EQ(refused(2, 1), "E_FORM operations[0].change.height");
  network.accept(ledger::SetVersion{2, 10});
  EXPECT_EQ(at(9), 1u);
  EXPECT_EQ(at(10), 2u);
  // It is put off while it has not come.
  network.accept(ledger::SetVersion{2, 12});
  EXPECT_EQ(at(11), 1u);
  EXPECT_EQ(at(12), 2u);
  while (network.height < 11) network.apply({});
  auto const record = [&] { return *ledger::load<ledger::VersionRecord>(network.state, Space::version, ""); };
  EXPECT_EQ(record().version, 1u);
  network.apply({});
  EXPECT_EQ(record().version, 2u);
  EXPECT_FALSE(record().next);
  // One whose height comes before the votes is dropped.
  auto const late = network.propose(network.bank, ledger::SetVersion{3, network.height + 2});
  network.last({network.ballot(network.bank, late), network.ballot(network.alfa, late)});
  network.last({network.ballot(network.beta, late)});
  EXPECT_EQ(at(1000), 2u);
  EXPECT_EQ(network.open(), 0u);
}

/// The rule that version 2 brings: an id is known until its minute has passed, and not until it was cleared away.
TEST(Governance, VersionsOfTheLawDifferInWhatTheyForget) {
  for (bool const second : {false, true}) {
    Network network;
    if (second) network.accept(ledger::SetVersion{2, 4});
    // More ids of one minute than one block forgets.
    auto const id = [](std::uint64_t n) { return crypto::sha256(ledger::big_endian(n)); };
    ledger::Overlay overlay(network.state);
    auto const until_ms = network.time_ms + base::minute_ms;
    replay::Consumed block;
    for (std::uint64_t n = 0; n <= replay::pruned_a_block_max; ++n) {
      ledger::ReceiptRecord receipt;
      receipt.index = static_cast<std::uint32_t>(n);
      receipt.minute = block.add(overlay, id(n), until_ms);
      ledger::store(overlay, ledger::receipt_key(id(n)), receipt);
    }
    std::move(block).write(overlay);
    network.put(std::move(overlay).take());
    network.apply({});
    auto const follows_the_last = [&](ledger::TimeMs after_ms) {
      auto body = network.body(network.alfa, {ledger::KeyRevoke{key_of("ALFA.staff")}});
      body.after = id(replay::pruned_a_block_max);
      body.valid_until_ms += after_ms;
      return outcome(network.run({network.sign(body, {"ALFA.admin"})}, after_ms).receipts.back());
    };
    EXPECT_EQ(follows_the_last(1000), "done");
    EXPECT_EQ(follows_the_last(3 * base::minute_ms), second ? "E_AFTER after" : "done");
    network.apply({}, 3 * base::minute_ms);
    EXPECT_EQ(follows_the_last(1000), "E_AFTER after");
  }
}

TEST(Governance, StrangersNeitherProposeNorVoteNorReport) {
  Network network(3);  // CERT has none
  auto const proposal = network.propose(network.bank, network.add(3));
  auto const refused = [&](ledger::Operation const& operation) {
    auto const transaction = network.by(network.cert, "admin", {operation});
    return outcome(network.one(transaction));
  };
  EXPECT_EQ(refused(ledger::ProposeChange{network.add(5)}), "E_SCOPE operations[0]");
  EXPECT_EQ(refused(ledger::VoteChange{proposal, true}), "E_SCOPE operations[0]");
  EXPECT_EQ(refused(ledger::ReportEvidence{network.evidence(0)}), "E_SCOPE operations[0]");
  auto const admitted = [&](ledger::Transaction const& transaction) {
    auto const result = check_admission(network.state, transaction, network.first.parameters, network.time_ms + 1);
    return result ? "" : std::string(base::name(result.error().code));
  };
  EXPECT_EQ(admitted(network.ballot(network.cert, proposal)), "E_SCOPE");
  EXPECT_EQ(admitted(network.ballot(network.alfa, Hash{{1}})), "E_NO_CASE");
  EXPECT_EQ(admitted(network.ballot(network.alfa, proposal)), "");
  EXPECT_EQ(admitted(network.by(network.alfa, "staff", {ledger::VoteChange{proposal, true}})), "E_SCOPE");
  // A voice counts once.
  EXPECT_EQ(network.last({network.ballot(network.alfa, proposal)}), "done");
  EXPECT_EQ(network.last({network.ballot(network.alfa, proposal)}), "E_ALREADY_REGISTERED operations[0].proposal");
  EXPECT_EQ(network.set().size(), 3u);
}

TEST(Governance, SilenceIsNoConsent) {
  Network network;
  auto const proposal = network.propose(network.bank, network.add(4));
  network.last({network.ballot(network.bank, proposal), network.ballot(network.alfa, proposal)});
  network.last({}, ledger::proposal_open_ms);
  EXPECT_EQ(network.last({network.ballot(network.beta, proposal)}), "E_NO_CASE operations[0].proposal");
  EXPECT_EQ(network.open(), 0u);
  EXPECT_EQ(network.set().size(), 4u);
  // And who has a quorum against him need not wait for that.
  auto const other = network.propose(network.bank, network.add(4));
  network.last({network.ballot(network.alfa, other, false), network.ballot(network.beta, other, false)});
  EXPECT_EQ(network.open(), 0u);
}

TEST(Governance, WhatHasNoRoomWaits) {
  Network network;
  // Four bear one fault, three none: nobody leaves before another has come.
  network.accept(ledger::RemoveValidator{key(0)});
  EXPECT_EQ(network.numbers(), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(network.open(), 1u);
  network.accept(network.add(4));
  EXPECT_EQ(network.numbers(), (Numbers{0, 1, 2, 3, 4}));
  network.last({});
  EXPECT_EQ(network.numbers(), (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(network.open(), 0u);
}

TEST(Governance, TheAccusedLeave) {
  Network network;
  auto const report = [&](std::size_t number, std::uint64_t epoch) {
    return network.by(network.bank, "staff", {ledger::ReportEvidence{network.evidence(number, epoch)}});
  };
  EXPECT_EQ(network.last({report(2, 9)}), "E_FORM operations[0].evidence.key");
  EXPECT_EQ(network.last({report(2, 1)}), "done");  // of an epoch that is over
  EXPECT_EQ(network.numbers(), (Numbers{0, 1, 3}));
  EXPECT_EQ(network.last({report(2, 2)}), "exists operations[0].evidence.key");
  // Its key comes back neither by a vote nor as another's.
  network.accept(network.add(2));
  network.accept(ledger::RotateKey{key(0), key(2)});
  EXPECT_EQ(network.numbers(), (Numbers{0, 1, 3}));
  auto forged = network.evidence(1);
  forged.second.signature.bytes[0] ^= 1;
  auto const lie = network.by(network.bank, "staff", {ledger::ReportEvidence{forged}});
  EXPECT_EQ(check(lie, network.chain, network.first.parameters, network.time_ms).error().code, base::Code::E_FORM);
}

TEST(Governance, WhoLostItsJournalTellsOnceForEachLoss) {
  Network network;
  auto const tell = [&](Firm const& firm, std::size_t number, std::uint8_t loss) {
    auto const transaction = network.by(firm, "staff", {ledger::Rejoin{key(number), Hash{{loss}}}});
    return outcome(network.one(transaction));
  };
  EXPECT_EQ(tell(network.bank, 0, 1), "done");
  EXPECT_EQ(tell(network.bank, 0, 1), "exists operations[0].loss");
  EXPECT_EQ(tell(network.bank, 1, 1), "E_SCOPE operations[0].key");  // another member's
  EXPECT_EQ(tell(network.bank, 4, 1), "E_SCOPE operations[0].key");  // nobody's
  EXPECT_EQ(tell(network.bank, 0, 2), "done");
  auto const record =
      ledger::load<ledger::RejoinRecord>(network.state, ledger::state_key(Space::rejoin, key(0).view()));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->loss, Hash{{2}});
  EXPECT_EQ(record->height, network.height);
  auto const nameless = network.by(network.bank, "staff", {ledger::Rejoin{key(0), Hash{}}});
  EXPECT_EQ(check(nameless, network.chain, network.first.parameters, network.time_ms).error().field,
            "operations[0].loss");
}

TEST(Governance, ARecoveryBeginsAnEpochBesideTheVotes) {
  Network network;
  auto const proposal = network.propose(network.bank, network.add(4));
  network.last({network.ballot(network.bank, proposal)});
  auto set = network.set();
  set.validators[1].key = key(9);
  ledger::Overlay overlay(network.state);
  members::recover_epoch(overlay, network.height + 1, set);
  network.put(std::move(overlay).take());
  EXPECT_EQ(network.epoch().epoch, 3u);
  EXPECT_EQ(network.epoch().first, network.height + 1);
  EXPECT_EQ(network.numbers(), (Numbers{0, 9, 2, 3}));
  EXPECT_EQ(network.open(), 1u);
  auto const before =
      ledger::load<ledger::EpochRecord>(network.state, ledger::state_key(Space::epoch, ledger::big_endian(2)));
  ASSERT_TRUE(before);
  EXPECT_EQ(before->validators.validators[1].key, key(1));
}

/// Whatever is proposed, accepted and reported: from epoch to epoch at most f validators change, of both sets' f the
/// smaller; the proven faulty are within the f of the set that they leave.
TEST(Governance, NoEpochChangesMoreThanItsFaults) {
  std::uint64_t random = 7;
  auto const chance = [&random](std::size_t bound) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((random >> 33) % bound);
  };
  std::size_t changed = 0;
  for (int round = 0; round < 12; ++round) {
    Network network(4 + chance(7));
    for (int epoch = 0; epoch < 8; ++epoch) {
      std::vector<ledger::Transaction> transactions;
      for (std::size_t i = chance(4); i-- > 0;) {
        auto const old = key(chance(16));
        std::array<ledger::NetworkChange, 3> const changes{network.add(chance(24)), ledger::RemoveValidator{old},
                                                           ledger::RotateKey{old, key(16 + chance(8))}};
        auto const proposing = network.by(network.firm_of(i), "admin", {ledger::ProposeChange{changes[chance(3)]}});
        network.one(proposing);
        for (std::size_t firm = 0; firm < 4; ++firm) {
          if (chance(5) == 0) continue;
          transactions.push_back(network.ballot(network.firm_of(firm), ledger::contract_id(proposing.body.id(), 0)));
        }
      }
      bool const accuses = chance(4) == 0;
      if (accuses) {
        transactions.push_back(
            network.by(network.bank, "staff", {ledger::ReportEvidence{network.evidence(chance(8))}}));
      }
      auto const before = network.set();
      network.last(transactions);
      auto const after = network.set();
      auto const lacks = [](ValidatorSet const& set, crypto::Validator const& one) {
        return std::ranges::count(set.validators, one.key, &crypto::Validator::key) == 0;
      };
      std::size_t left = 0;
      std::size_t joined = 0;
      for (auto const& one : before.validators) left += lacks(after, one);
      for (auto const& one : after.validators) joined += lacks(before, one);
      changed += left + joined;
      auto const own = before.faulty_max() == 0 ? 1 : std::min(before.faulty_max(), after.faulty_max());
      auto const most = accuses ? std::max<std::size_t>(1, before.faulty_max()) : own;
      EXPECT_LE(std::max(left, joined), most) << "round " << round << " epoch " << epoch;
      ASSERT_GT(after.size(), 0u);
    }
  }
  EXPECT_GT(changed, 20u);
}

}  // namespace contracts::test
