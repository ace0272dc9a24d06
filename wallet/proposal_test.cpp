// SPDX-License-Identifier: Apache-2.0
#include "wallet/proposal.hpp"

#include <gtest/gtest.h>

#include "ledger/state.hpp"
#include "wallet/memory.hpp"
#include "wallet/reading.hpp"

namespace wallet {
namespace {

using base::Code;

Identity identity(std::string const& name) {
  Identity out;
  out.party = ledger::party_id("9521001000000");
  out.secret = {crypto::sha256(base::bytes_of(name)).bytes};
  out.key = crypto::party_key(out.secret).value();
  return out;
}

ChainInfo chain() { return {crypto::sha256(base::bytes_of("chain")), "test", 5, 1'780'000'000'000}; }

Draft payment(base::Amount amount) {
  ledger::Transfer transfer;
  transfer.from = ledger::party_id("9521001000000");
  transfer.to = ledger::party_id("9521002000009");
  transfer.asset = "EUR.BANK";
  transfer.amount = amount;
  transfer.end_to_end = "E2E-1";
  Draft out;
  out.actor = transfer.from;
  out.operations.emplace_back(transfer);
  return out;
}

base::Result<Proposal> two_of_three() {
  std::vector<ledger::Signer> signers;
  for (char const* const name : {"a", "b", "c"}) signers.push_back({identity(name).party, identity(name).key});
  return propose(payment(1250), chain(), signers, 2);
}

TEST(Proposal, TwoOfThreeApproveWithoutANetwork) {
  auto const proposal = two_of_three();
  ASSERT_TRUE(proposal);
  EXPECT_EQ(combinations(3, 2), (std::vector<std::vector<std::size_t>>{{0, 1}, {0, 2}, {1, 2}}));
  // Two copies travel; each comes back with one approval.
  auto first = read_proposal(to_text(*proposal)).value();
  auto second = first;
  ASSERT_TRUE(approve(first, identity("c")));
  ASSERT_TRUE(approve(second, identity("a")));
  EXPECT_EQ(complete(first), std::nullopt);
  EXPECT_EQ(approve(first, identity("stranger")).error().code, Code::E_KEY_UNKNOWN);
  ASSERT_TRUE(merge(first, read_proposal(to_text(second)).value()));
  auto const transaction = complete(first);
  ASSERT_TRUE(transaction);
  ASSERT_EQ(transaction->body.signers.size(), 2u);
  auto const id = transaction->body.id();
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(crypto::party_verify(transaction->body.signers[i].key, id, transaction->signatures[i]));
  }
  EXPECT_TRUE(transaction->body.idempotency_key) << "whichever combination is sent, it is paid once";
  EXPECT_EQ(approved(first).size(), 2u);
}

TEST(Proposal, FilesThatWereAlteredAreRefused) {
  auto proposal = two_of_three().value();
  ASSERT_TRUE(approve(proposal, identity("b")));
  auto const text = to_text(proposal);
  auto other = proposal;
  other.body.valid_until_ms += 1;
  EXPECT_EQ(merge(proposal, other).error().code, Code::E_FORM);
  other.signatures = proposal.signatures;
  EXPECT_EQ(read_proposal(to_text(other)).error().code, Code::E_SIGNATURE) << "signatures of another body";
  auto swapped = text;
  auto const at = swapped.find("\"needed\": 2");
  ASSERT_NE(at, swapped.npos);
  swapped.replace(at, 11, "\"needed\": 1");
  EXPECT_FALSE(read_proposal(swapped));
  EXPECT_FALSE(propose(payment(1), chain(), {}, 1));
}

TEST(Reading, IsMadeOfTheBytesThatAreSigned) {
  Names names;
  names.parties[ledger::party_id("9521001000000")] = "ALFA";
  names.scales["EUR.BANK"] = 2;
  auto const body = two_of_three()->body;
  auto const lines = reading(body, names);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "as ALFA, on chain " + chain().chain.hex());
  EXPECT_EQ(lines[1], "between 2026-05-28T20:25:40Z and 2026-05-28T21:26:40Z");
  EXPECT_EQ(lines[2],
            "ALFA pays 12.50 EUR.BANK to UNKNOWN " + ledger::party_id("9521002000009").hex() + ", end-to-end id E2E-1");
}

/// A node whose every account holds 20.00.
class Node final : public rpc::Client {
 public:
  base::Result<rpc::Answer> send(std::string const&, std::string const&, std::string body,
                                 std::vector<std::pair<std::string, std::string>> const&) override {
    ++calls;
    bool const account = body.find("account_get") != body.npos;
    return rpc::Answer{200,
                       {},
                       account ? R"({"jsonrpc":"2.0","id":1,"result":{"available":"2000","scale":"2"}})"
                               : R"({"jsonrpc":"2.0","id":1,"result":{}})"};
  }
  int calls = 0;
};

TEST(Obstacle, NamesTheNextStep) {
  Node node;
  auto const body = [](std::vector<base::Amount> const& amounts) {
    auto draft = payment(amounts.front());
    for (std::size_t i = 1; i < amounts.size(); ++i) draft.operations.push_back(payment(amounts[i]).operations.front());
    return sign(std::move(draft), chain(), {identity("a")}).body;
  };
  EXPECT_FALSE(obstacle(node, body({2000}), chain()));
  EXPECT_FALSE(obstacle(node, body({1500, 500}), chain()));
  auto const together = obstacle(node, body({1500, 501}), chain());
  ASSERT_TRUE(together);
  EXPECT_EQ(together->error.code, Code::E_INSUFFICIENT_FUNDS);
  EXPECT_TRUE(together->next.starts_with("pay at most 20.00"));
  node.calls = 0;
  auto elsewhere = chain();
  elsewhere.chain.bytes[0] ^= 1;
  auto const wrong = obstacle(node, body({1}), elsewhere);
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->error.code, Code::E_CHAIN);
  EXPECT_TRUE(wrong->next.starts_with("name a node of that chain with --node"));
  auto later = chain();
  later.time_ms += 2 * 3'600'000;
  auto const expired = obstacle(node, body({1}), later);
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->error.code, Code::E_EXPIRED);
  EXPECT_TRUE(expired->next.starts_with("make the draft again"));
  EXPECT_EQ(node.calls, 0) << "nobody needs to be asked";
}

TEST(Memory, LimitsCountADay) {
  auto const folder = std::filesystem::path(testing::TempDir()) / "wallet_memory";
  std::filesystem::remove_all(folder);
  auto const body = [](base::Amount amount) { return sign(payment(amount), chain(), {identity("a")}).body; };
  auto const now_ms = chain().time_ms;
  EXPECT_TRUE(check_spending(folder, body(1'000'000), now_ms)) << "no limits";
  ASSERT_TRUE(set_limit(folder, "EUR.BANK", {500, 800}));
  EXPECT_EQ(check_spending(folder, body(501), now_ms).error().code, Code::E_LIMIT);
  EXPECT_TRUE(check_spending(folder, body(500), now_ms));
  ASSERT_TRUE(note_spending(folder, body(500), now_ms));
  auto const refused = check_spending(folder, body(301), now_ms + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "of 800 in 24 hours 500 are spent");
  EXPECT_TRUE(check_spending(folder, body(300), now_ms + 1));
  EXPECT_TRUE(check_spending(folder, body(301), now_ms + 24 * 3'600'000));
}

TEST(Memory, ContactsHaveOneNumber) {
  auto const folder = std::filesystem::path(testing::TempDir()) / "wallet_contacts";
  std::filesystem::remove_all(folder);
  EXPECT_EQ(add_contact(folder, "Beta", "9521002000008").error().code, Code::E_CHECK_DIGIT);
  EXPECT_TRUE(add_contact(folder, "Beta", "9521002000009"));
  EXPECT_TRUE(add_contact(folder, "Beta", "9521002000009"));
  EXPECT_EQ(add_contact(folder, "Beta", "9521001000000").error().code, Code::E_ALREADY_REGISTERED);
  EXPECT_EQ(read_contacts(folder)->at("Beta"), "9521002000009");
}

TEST(Reading, TellsWhatValidatorsDecide) {
  Names names;
  names.parties[ledger::party_id("9521001000000")] = "SERICA (9521001000000)";
  auto const last = [&](ledger::Operation const& operation) {
    ledger::Body body;
    body.operations = {operation};
    return reading(body, names).back();
  };
  ledger::AddValidator add{{ledger::party_id("9521001000000"), {}, {}}, "node5.example:7080"};
  EXPECT_NE(last(ledger::ProposeChange{add}).find("SERICA (9521001000000) validates with the key 0x00"),
            std::string::npos);
  EXPECT_NE(last(ledger::ProposeChange{add}).find("node5.example:7080"), std::string::npos);
  EXPECT_NE(last(ledger::ProposeChange{ledger::RemoveValidator{}}).find("leaves"), std::string::npos);
  EXPECT_NE(last(ledger::ProposeChange{ledger::SetParameters{}}).find("epoch_blocks"), std::string::npos);
  EXPECT_EQ(last(ledger::VoteChange{{}, false}).substr(0, 12), "votes NO to ");
  EXPECT_NE(last(ledger::ReportEvidence{}).find("signed two things in view 0"), std::string::npos);
  EXPECT_NE(last(ledger::Rejoin{}).find("lost its vote journal"), std::string::npos);
}

}  // namespace
}  // namespace wallet
