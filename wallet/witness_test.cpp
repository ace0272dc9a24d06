// SPDX-License-Identifier: Apache-2.0
#include "wallet/witness.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "crypto/party.hpp"
#include "ledger/receipt.hpp"
#include "wallet/keystore.hpp"

namespace wallet {
namespace {

/// A chain of one validator, in whose state the witness's key stands, and whose log grows by one event a block.
class Chain {
 public:
  explicit Chain(std::string const& story = "events") : story_(story) {
    ledger::Overlay block(state_);
    ledger::KeyRecord key;
    key.party = ledger::party_id("9521001000000");
    block.put(ledger::state_key(ledger::Space::key, witness().view()), base::encode(key));
    auto diff = std::move(block).take();
    tree_ = tree_.with(state_, diff);
    state_.apply(diff);
  }
  static base::PartyKey witness() {
    crypto::PartySecret secret;
    secret.bytes.fill(7);
    return *crypto::party_key(secret);
  }
  ledger::Anchor anchor() const { return {chain_, validators().hash()}; }

  ledger::Certified next(ledger::TimeMs time_ms) {
    ledger::Overlay block(state_);
    ledger::StoredEvent event;
    event.height = ++height_;
    event.payload = base::to_bytes(story_);
    ledger::append_log(block, event);
    auto diff = std::move(block).take();
    tree_ = tree_.with(state_, diff);
    state_.apply(diff);
    ledger::Certified out;
    out.chain = chain_;
    out.validators = validators();
    out.header.chain = chain_;
    out.header.epoch = 1;
    out.header.height = height_;
    out.header.time_ms = time_ms;
    out.header.state_root = tree_.root();
    out.header.event_log_size = ledger::log_size(state_);
    out.header.event_log_root = ledger::log_root(state_);
    out.header.validators_hash = out.header.next_validators_hash = out.validators.hash();
    crypto::Ballot ballot;
    ballot.kind = crypto::VoteKind::finalize;
    ballot.chain = chain_;
    ballot.epoch = 1;
    ballot.height = height_;
    ballot.result = out.header.hash();
    out.finality = ledger::SimplexFinality{
        crypto::make_certificate(ballot, 1, {{0, crypto::validator_sign(secret(), ballot.digest())}})};
    out.state = std::make_shared<ledger::MemoryState>(state_);
    out.tree = tree_;
    return out;
  }

 private:
  static crypto::ValidatorSecret secret() {
    crypto::ValidatorSecret out;
    out.bytes.fill(3);
    return out;
  }
  static crypto::ValidatorSet validators() {
    crypto::ValidatorSet out;
    out.validators = {{ledger::party_id("9521002000009"), crypto::validator_key(secret()), {}}};
    return out;
  }

  ledger::Hash chain_ = crypto::sha256(base::bytes_of("chain"));
  std::string story_;
  ledger::MemoryState state_;
  ledger::StateTree tree_;
  ledger::Height height_ = 0;
};

ledger::TraceProof proof_of(ledger::Certified const& at) {
  return ledger::prove_record(at, ledger::state_key(ledger::Space::key, Chain::witness().view())).value();
}

Signed signed_at(ledger::Certified const& at) { return {1, proof_of(at), {}}; }

/// The step, or the field of what is wrong.
std::string judged(std::optional<Signed> const& last, ledger::Certified const& at, ledger::Anchor const& anchor) {
  auto const first = last ? last->proof.header.event_log_size : 0;
  auto const path = ledger::log_consistency(at, first).value_or(std::vector<ledger::Hash>{});
  auto const step = judge_offer(last, proof_of(at), path, Chain::witness(), anchor);
  constexpr char const* words[] = {"sign", "repeat", "wait", "conflict"};
  return step ? words[static_cast<std::size_t>(*step)] : step.error().field;
}

TEST(Witness, SignsWhatExtendsWhatItSigned) {
  Chain chain;
  auto const first = chain.next(1'000), second = chain.next(2'000), third = chain.next(3'000);
  EXPECT_EQ(judged({}, first, chain.anchor()), "sign");
  EXPECT_EQ(judged(signed_at(first), first, chain.anchor()), "repeat");
  EXPECT_EQ(judged(signed_at(first), third, chain.anchor()), "sign");
  EXPECT_EQ(judged(signed_at(third), second, chain.anchor()), "wait");
}

TEST(Witness, NeverSignsTwoResultsOfOneHeight) {
  Chain chain, other("other events");
  auto const first = chain.next(1'000), forked = other.next(1'000);
  EXPECT_EQ(judged({}, forked, chain.anchor()), "sign");
  EXPECT_EQ(judged(signed_at(first), forked, chain.anchor()), "conflict");
}

TEST(Witness, SignsNoLogThatForgot) {
  Chain chain, other("other events");
  auto const first = chain.next(1'000);
  other.next(1'000);
  EXPECT_EQ(judged(signed_at(first), other.next(2'000), chain.anchor()), "height 2");
  // Nor one whose time goes back.
  EXPECT_EQ(judged(signed_at(first), chain.next(999), chain.anchor()), "height 2");
}

TEST(Witness, SignsNothingOfAnotherChainOrThatIsNotFinal) {
  Chain chain;
  auto at = chain.next(1'000);
  EXPECT_EQ(judged({}, at, {ledger::Hash{}, chain.anchor().validators_hash}), "chain");
  at.header.time_ms += 1;
  EXPECT_EQ(judged({}, at, chain.anchor()), "finality");
}

TEST(Witness, RemembersAcrossARestart) {
  auto const folder = std::filesystem::temp_directory_path() / ("tally-witness-" + std::to_string(::getpid()));
  auto const file = folder / "witness.signed";
  EXPECT_FALSE(read_signed(file).value().has_value());
  Chain chain;
  auto const last = signed_at(chain.next(1'000));
  ASSERT_TRUE(write_signed(file, last));
  EXPECT_EQ(read_signed(file).value()->proof, last.proof);
  // Who cannot tell what it signed signs nothing.
  ASSERT_TRUE(write_text_file(file, "half a file"));
  EXPECT_FALSE(read_signed(file));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace wallet
