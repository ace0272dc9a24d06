// SPDX-License-Identifier: Apache-2.0
#include "rpc/witnesses.hpp"

#include <gtest/gtest.h>

#include "crypto/party.hpp"

namespace rpc {
namespace {

using ledger::Role;
using ledger::Space;

crypto::PartySecret secret(std::uint8_t number) {
  crypto::PartySecret out;
  out.bytes.fill(number);
  return out;
}

/// A state in which each number is the key of a member of its own, with this role.
class Ledger {
 public:
  void member(std::uint8_t number, Role role) {
    std::string const gln = "95210010000" + std::to_string(10 + number);
    ledger::MemberRecord member;
    member.gln = gln;
    member.roles = static_cast<std::uint32_t>(role);
    store(Space::member, gln, member);
    names_.put(ledger::state_key(Space::name_index, ledger::party_id(gln).view()), base::to_bytes(gln));
    key(number, gln);
  }
  void key(std::uint8_t number, std::string const& gln) {
    ledger::KeyRecord key;
    key.party = ledger::party_id(gln);
    names_.put(ledger::state_key(Space::key, crypto::party_key(secret(number))->view()), base::encode(key));
  }
  Witnesses::At at(ledger::Height height, ledger::TimeMs time_ms) {
    auto state = std::make_shared<ledger::MemoryState>();
    state->apply(names_.diff());
    auto out = std::make_shared<ledger::Certified>();
    out->header.height = height;
    out->header.time_ms = time_ms;
    out->finality = ledger::SimplexFinality{};
    out->state = std::move(state);
    return out;
  }

 private:
  template <class Record>
  void store(Space space, std::string const& id, Record const& record) {
    ledger::store(names_, space, id, record);
  }
  ledger::MemoryState nothing_;
  ledger::Overlay names_{nothing_};
};

ledger::Cosignature cosigned(Witnesses::At const& at, std::uint8_t number, ledger::TimeMs time_ms = 5) {
  auto const digest = ledger::cosignature_digest(at->header, time_ms);
  return {*crypto::party_key(secret(number)), time_ms, crypto::party_sign(secret(number), digest, ledger::Hash{})};
}

std::string refusal(base::Result<std::size_t> const& answer) {
  return answer ? "accepted" : std::string(base::name(answer.error().code));
}

TEST(Witnesses, AreOfferedTheFirstResultOfASecondWhileTheyAsk) {
  Ledger ledger;
  Witnesses witnesses;
  auto const unasked = ledger.at(1, 1'000);
  witnesses.follow(unasked);
  // Nobody asked, so nothing was kept: what is newest is offered.
  auto const first = ledger.at(2, 1'500);
  EXPECT_EQ(witnesses.offer(first), first);
  auto const same_second = ledger.at(3, 1'900);
  witnesses.follow(same_second);
  EXPECT_EQ(witnesses.offer(same_second), first);
  auto const next = ledger.at(4, 2'000);
  witnesses.follow(next);
  auto const later = ledger.at(5, 2'999);
  EXPECT_EQ(witnesses.offer(later), next);
  // A minute later nobody asks any more.
  witnesses.follow(ledger.at(6, 63'100));
  auto const newest = ledger.at(7, 63'200);
  EXPECT_EQ(witnesses.offer(newest), newest);
}

TEST(Witnesses, ShowTheNewestCosignedResultThatIsNotTooOld) {
  Ledger ledger;
  ledger.member(1, Role::auditor);
  ledger.member(2, Role::witness);
  Witnesses witnesses;
  auto const at = ledger.at(7, 10'000);
  witnesses.offer(at);
  EXPECT_EQ(witnesses.seen(at, 0), at);
  EXPECT_EQ(witnesses.accept(at->header.hash(), cosigned(at, 2)).value(), 1u);
  EXPECT_EQ(witnesses.accept(at->header.hash(), cosigned(at, 1)).value(), 2u);
  // The same again changes nothing.
  EXPECT_EQ(witnesses.accept(at->header.hash(), cosigned(at, 1)).value(), 2u);
  auto const seen = witnesses.seen(at, 0);
  ASSERT_EQ(seen->witnesses.size(), 2u);
  EXPECT_LT(seen->witnesses[0].key, seen->witnesses[1].key);
  auto const newest = ledger.at(9, 15'000);
  EXPECT_EQ(witnesses.seen(newest, 0), newest);
  EXPECT_EQ(witnesses.seen(newest, 4'999), newest);
  EXPECT_EQ(witnesses.seen(newest, 5'000), seen);
  witnesses.follow(ledger.at(10, 10'001 + Witnesses::kept_ms));
  EXPECT_EQ(witnesses.seen(newest, Witnesses::kept_ms), newest);
}

TEST(Witnesses, OthersAreRefused) {
  Ledger ledger;
  ledger.member(1, Role::auditor);
  ledger.key(9, "9521001000011");
  ledger.member(3, Role::carrier);
  Witnesses witnesses;
  auto const at = ledger.at(7, 10'000);
  auto const result = at->header.hash();
  EXPECT_EQ(refusal(witnesses.accept(result, cosigned(at, 1))), "E_FORM");
  witnesses.offer(at);
  EXPECT_EQ(refusal(witnesses.accept(result, cosigned(at, 3))), "E_SCOPE");
  EXPECT_EQ(refusal(witnesses.accept(result, cosigned(at, 4))), "E_KEY_UNKNOWN");
  auto forged = cosigned(at, 1);
  forged.time_ms += 1;
  EXPECT_EQ(refusal(witnesses.accept(result, forged)), "E_SIGNATURE");
  EXPECT_EQ(refusal(witnesses.accept(result, cosigned(at, 1))), "accepted");
  EXPECT_EQ(refusal(witnesses.accept(result, cosigned(at, 9))), "E_ALREADY_REGISTERED");
}

TEST(Witnesses, AreBounded) {
  Ledger ledger;
  for (std::uint8_t i = 1; i <= ledger::witnesses_max + 1; ++i) ledger.member(i, Role::certifier);
  Witnesses witnesses;
  auto const at = ledger.at(7, 10'000);
  witnesses.offer(at);
  for (std::uint8_t i = 1; i <= ledger::witnesses_max; ++i) {
    EXPECT_EQ(refusal(witnesses.accept(at->header.hash(), cosigned(at, i))), "accepted");
  }
  EXPECT_EQ(refusal(witnesses.accept(at->header.hash(), cosigned(at, 17))), "E_BUSY");
  // Of the last seconds only four results are kept.
  for (ledger::Height i = 1; i <= 4; ++i) witnesses.offer(ledger.at(7 + i, 10'000 + i * 1'000));
  EXPECT_EQ(refusal(witnesses.accept(at->header.hash(), cosigned(at, 1))), "E_FORM");
}

}  // namespace
}  // namespace rpc
