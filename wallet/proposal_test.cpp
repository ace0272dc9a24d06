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

TEST(Proposal, NamesOfTheDraftAreItsOwnWord) {
  auto proposal = two_of_three().value();
  proposal.names["9521002000009"] = "BETA";
  auto const read = read_proposal(to_text(proposal)).value();
  auto const said = [&](std::map<std::string, std::string> const& contacts) {
    return reading(read.body, names_of(read, contacts)).back();
  };
  EXPECT_NE(said({}).find("to GLN 9521002000009 (the draft calls it BETA)"), std::string::npos) << said({});
  EXPECT_NE(said({{"mill", "9521002000009"}}).find("to mill (9521002000009)"), std::string::npos);
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
  // Without a key each two of three are another transaction, and each would pay.
  auto keyless = two_of_three().value();
  keyless.body.idempotency_key.reset();
  EXPECT_EQ(read_proposal(to_text(keyless)).error().field, "body.idempotency_key");
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
  auto const outlay = [](base::Amount amount) {
    auto const body = sign(payment(amount), chain(), {identity("a")}).body;
    return Outlay{spending_of(body, {identity("a").party}, {}), body.idempotency_key, {{"EUR.BANK", 2}}};
  };
  auto const now_ms = chain().time_ms;
  EXPECT_TRUE(check_spending(folder, outlay(1'000'000), now_ms)) << "no limits";
  ASSERT_TRUE(set_limit(folder, "EUR.BANK", {500, 800}));
  auto const much = check_spending(folder, outlay(501), now_ms);
  ASSERT_FALSE(much);
  EXPECT_EQ(much.error().code, Code::E_LIMIT);
  EXPECT_EQ(much.error().detail, "this wallet pays at most 5.00 at once");
  EXPECT_TRUE(check_spending(folder, outlay(500), now_ms));
  ASSERT_TRUE(note_spending(folder, outlay(500), now_ms));
  auto const refused = check_spending(folder, outlay(301), now_ms + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "of 8.00 in 24 hours 5.00 are spent");
  EXPECT_TRUE(check_spending(folder, outlay(300), now_ms + 1));
  EXPECT_TRUE(check_spending(folder, outlay(301), now_ms + 24 * 3'600'000));
  auto unscaled = outlay(501);
  unscaled.scales.clear();
  EXPECT_EQ(check_spending(folder, unscaled, now_ms).error().detail,
            "this wallet pays at most 500 minor units at once");
  unscaled.spending.unknown.push_back("what the act takes");
  ASSERT_TRUE(set_limit(folder, "EUR.BANK", {}));
  EXPECT_TRUE(check_spending(folder, unscaled, now_ms)) << "a limit that was taken back is none";
}

TEST(Memory, ADraftsOwnDateMakesNothingForgotten) {
  auto const folder = std::filesystem::path(testing::TempDir()) / "wallet_memory_draft";
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(set_limit(folder, "EUR.BANK", {std::nullopt, 800}));
  auto const outlay = [](base::Amount amount) {
    Outlay out;
    out.spending.assets["EUR.BANK"] = {amount, amount};
    return out;
  };
  constexpr ledger::TimeMs hour_ms = 3'600'000;
  constexpr ledger::TimeMs week_ms = 7 * 24 * hour_ms;
  auto const now_ms = chain().time_ms;
  ASSERT_TRUE(note_spending(folder, outlay(700), now_ms, now_ms));
  EXPECT_TRUE(check_spending(folder, outlay(800), now_ms + week_ms));
  ASSERT_TRUE(note_spending(folder, outlay(600), now_ms + week_ms, now_ms));
  EXPECT_FALSE(check_spending(folder, outlay(101), now_ms)) << "today's is still counted";
  EXPECT_FALSE(check_spending(folder, outlay(201), now_ms + week_ms - 23 * hour_ms));
  EXPECT_TRUE(check_spending(folder, outlay(201), now_ms + week_ms - 24 * hour_ms));
  // Nor does a chain whose clock is behind: what was signed today by this machine's clock is kept.
  ASSERT_TRUE(note_spending(folder, outlay(1), now_ms, now_ms + week_ms));
  EXPECT_FALSE(check_spending(folder, outlay(800), now_ms));
  ASSERT_TRUE(note_spending(folder, outlay(1), now_ms + 3 * week_ms, now_ms + 3 * week_ms));
  EXPECT_TRUE(check_spending(folder, outlay(800), now_ms)) << "all older ones are forgotten";
}

TEST(Memory, WhatIsSignedAgainUnderOneKeyCountsOnce) {
  auto const folder = std::filesystem::path(testing::TempDir()) / "wallet_memory_key";
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(set_limit(folder, "EUR.BANK", {std::nullopt, 800}));
  Outlay outlay;
  outlay.spending.assets["EUR.BANK"] = {500, 500};
  outlay.key = ledger::IdempotencyKey::from(random_bytes().view().first(16));
  auto other = outlay;
  other.key = ledger::IdempotencyKey::from(random_bytes().view().first(16));
  auto const now_ms = chain().time_ms;
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_TRUE(check_spending(folder, outlay, now_ms));
    ASSERT_TRUE(note_spending(folder, outlay, now_ms));
  }
  EXPECT_FALSE(check_spending(folder, other, now_ms));
  other.spending.assets["EUR.BANK"] = {300, 300};
  EXPECT_TRUE(check_spending(folder, other, now_ms));
  other.spending.unknown.push_back("what the act takes");
  EXPECT_EQ(check_spending(folder, other, now_ms).error().detail,
            "what the act takes is not proved: name a node, and its chain with --genesis");
}

TEST(Spending, CountsAllThatTakesMoneyFromSigners) {
  auto const me = identity("a").party;
  auto const you = ledger::party_id("9521002000009");
  Names names;
  names.proved = true;
  ledger::Hash const contract = crypto::sha256(base::bytes_of("contract"));
  ledger::Hash const set = crypto::sha256(base::bytes_of("set"));
  names.contracts[contract].deposits[{"start", 1}] = {me, "EUR.BANK", 70};
  names.contracts[contract].deposits[{"start", 2}] = {you, "EUR.BANK", 90};
  ledger::OpenNetting debts;
  debts.obligations.push_back({me, you, "EUR.BANK", 11});
  debts.obligations.push_back({you, me, "EUR.BANK", 100});
  debts.obligations.push_back({me, you, "EUR.BANK", 22});
  names.nettings[set] = debts;
  auto const spent = [&](ledger::Operation const& operation, Names const& known) {
    ledger::Body body;
    body.operations = {operation};
    auto const out = spending_of(body, {me}, known);
    if (!out.unknown.empty()) return std::string("unknown");
    auto const found = out.assets.find("EUR.BANK");
    if (found == out.assets.end()) return std::string("none");
    return base::to_decimal(found->second.largest) + " " + base::to_decimal(found->second.total);
  };
  EXPECT_EQ(spent(ledger::Burn{"EUR.BANK", me, 5}, {}), "5 5");
  EXPECT_EQ(spent(ledger::Burn{"EUR.BANK", you, 5}, {}), "none") << "the issuer's wallet redeems another's money";
  EXPECT_EQ(spent(debts, {}), "22 33");
  EXPECT_EQ(spent(ledger::JoinNetting{set}, names), "22 33");
  EXPECT_EQ(spent(ledger::JoinNetting{set}, {}), "unknown");
  EXPECT_EQ(spent(ledger::EscrowAct{contract, "start", 1, 0}, names), "70 70");
  EXPECT_EQ(spent(ledger::EscrowAct{contract, "start", 2, 0}, names), "none") << "another's deposit";
  EXPECT_EQ(spent(ledger::EscrowAct{contract, "start", 0, 0}, names), "none") << "no deposit";
  EXPECT_EQ(spent(ledger::EscrowAct{contract, "start", 1, 0}, {}), "unknown");
  EXPECT_EQ(spent(ledger::EscrowAct{contract, "", 0, 0}, {}), "none") << "only makes what is overdue";
  auto word = names;
  word.proved = false;
  EXPECT_EQ(spent(ledger::EscrowAct{contract, "start", 1, 0}, word), "unknown") << "a node's word is no knowledge";
  EXPECT_EQ(spent(ledger::JoinNetting{set}, word), "unknown");
  ledger::OpenHold hold;
  hold.from = me;
  hold.asset = "EUR.BANK";
  hold.amount = 9;
  EXPECT_EQ(spent(hold, {}), "9 9");
  ledger::PostHold post;
  post.hold = contract;
  post.amount = 9;
  EXPECT_EQ(spent(post, {}), "none") << "it was counted when it was set aside";
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

TEST(Reading, TellsHoldsSetsKeysAndLimits) {
  auto const me = ledger::party_id("9521001000000");
  auto const you = ledger::party_id("9521002000009");
  Names names;
  names.parties[me] = "ALFA";
  names.parties[you] = "BETA";
  names.scales["EUR.BANK"] = 2;
  ledger::Hash const id = crypto::sha256(base::bytes_of("id"));
  auto const lines = [&](ledger::Operation const& operation) {
    ledger::Body body;
    body.actor = me;
    body.operations = {operation};
    auto out = reading(body, names);
    out.erase(out.begin(), out.begin() + 2);
    return out;
  };
  ledger::PostHold post;
  post.hold = id;
  post.amount = 2000;
  EXPECT_EQ(lines(post), (std::vector<std::string>{"pays 2000 minor units out of hold " + id.hex()}));
  names.holds[id].from = me;
  names.holds[id].to = you;
  names.holds[id].asset = "EUR.BANK";
  EXPECT_EQ(lines(post), (std::vector<std::string>{"pays 20.00 EUR.BANK to BETA out of hold " + id.hex() +
                                                   " of ALFA; whose hold it is, the node says"}));
  EXPECT_EQ(lines(ledger::JoinNetting{id}),
            (std::vector<std::string>{"joins the netting set " + id.hex() + "; what it says is not known here"}));
  names.nettings[id].label = "NET\n  ALFA owes nothing";
  names.nettings[id].obligations.push_back({me, you, "EUR.BANK", 3000});
  names.nettings[id].obligations.push_back({you, me, "EUR.BANK", 2500});
  EXPECT_EQ(lines(ledger::JoinNetting{id}),
            (std::vector<std::string>{"joins the netting set " + id.hex() +
                                          ", by the node's word NET\xef\xbf\xbd  ALFA owes nothing, settled by "
                                          "1970-01-01T00:00:00Z:",
                                      "    ALFA owes BETA 30.00 EUR.BANK", "    BETA owes ALFA 25.00 EUR.BANK",
                                      "    in all ALFA owes 30.00 EUR.BANK and gets 25.00 EUR.BANK"}));
  ledger::SetLimits limits;
  limits.asset = "EUR.BANK";
  limits.tier = 3;
  limits.day_max = 5000;
  EXPECT_EQ(lines(limits).front(),
            "accounts of tier 3 in EUR.BANK, hold without limit, pay at once without limit, in 24 hours at most 50.00 "
            "EUR.BANK, in 30 days without limit");
  auto const key = identity("a").key;
  ledger::KeyAdd add{me, key, ledger::KeyKind::staff, {6, {}, {}}, 0};
  EXPECT_EQ(lines(add).front(),
            "lets the key " + key.hex() + " sign for ALFA as staff key, acts: money, escrow, without end");
  EXPECT_EQ(lines(ledger::KeyRevoke{key}).front(), "the key " + key.hex() + " signs nothing any more");
}

TEST(Outcome, NextStepsFitWhatWasTried) {
  auto const me = ledger::party_id("9521001000000");
  auto const next = [&](char const* field, ledger::Operation const& operation) {
    ledger::Body body;
    body.actor = me;
    body.operations = {operation};
    Outcome outcome;
    outcome.state = "failed";
    outcome.code = "E_NOT_AUTHORISED";
    outcome.field = field;
    return next_of(outcome, &body);
  };
  EXPECT_NE(next("operations[0].asset", ledger::Freeze{}).find("--can-freeze"), std::string::npos);
  EXPECT_NE(next("operations[0].asset", ledger::Clawback{}).find("--can-clawback"), std::string::npos);
  EXPECT_NE(next("operations[0].to", ledger::Mint{"EUR.BANK", me, 1, {}}).find("name a holder"), std::string::npos);
  EXPECT_NE(next("operations[0].to", ledger::Transfer{}).find("tally asset authorise"), std::string::npos);
  EXPECT_NE(next("operations[7].to", ledger::Transfer{}).find("tally asset authorise"), std::string::npos);
}

TEST(Outcome, TellsWhichKeyEntersAKey) {
  auto const next = [](char const* field, ledger::Operation const& operation) {
    ledger::Body body;
    body.operations = {operation};
    Outcome outcome;
    outcome.state = "failed";
    outcome.code = "E_SCOPE";
    outcome.field = field;
    return next_of(outcome, &body);
  };
  ledger::KeyAdd add;
  add.kind = ledger::KeyKind::staff;
  EXPECT_TRUE(next("operations[0].party", add).starts_with("sign with an admin key"));
  add.kind = ledger::KeyKind::admin;
  EXPECT_TRUE(next("operations[0].party", add).starts_with("sign with a root key"));
  EXPECT_NE(next("operations[0].scope", add).find("--until"), std::string::npos);
  EXPECT_NE(next("operations[0].key", ledger::KeyRevoke{}).find("an admin key staff"), std::string::npos);
  EXPECT_EQ(next("operations[0].party", ledger::Transfer{}), base::hint(Code::E_SCOPE));
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
