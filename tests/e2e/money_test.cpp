// SPDX-License-Identifier: Apache-2.0
// Money on four real processes: payments by command, drafts that two approve, statements that add up.
#include <fstream>

#include "base/time.hpp"
#include "fixture.hpp"
#include "rpc/json.hpp"
#include "testnet/checks.hpp"
#include "testnet/events.hpp"
#include "wallet/keystore.hpp"

namespace e2e {
namespace {

constexpr char const* chf = "CHF.EUBANK";

class Money : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ledger::CreateAsset asset{"CHF", 2, 1'000'000};
    asset.flags = 30;
    done({"EUBANK"}, asset);
    done({"EUBANK"}, ledger::Mint{chf, party("SPREE"), 100'000, crypto::sha256(base::bytes_of("reserve"))});
  }
  static ledger::PartyId party(char const* code) { return running().world.organisation(code).party(); }
  static void done(std::vector<std::string> const& signers, ledger::Operation const& operation) {
    auto const made = running().player->play(signers, operation);
    ASSERT_TRUE(made) << base::to_string(made.error());
    EXPECT_EQ(made->state, "done") << made->code << " " << made->field;
    settle();
  }
  /// Until every node, the one that commands ask too, knows what was done.
  static void settle() {
    auto const agreed = testnet::check_agreement(running().network);
    ASSERT_TRUE(agreed) << base::to_string(agreed.error());
  }
  /// A command of the wallet with the network's keys.
  static Ran tally(std::vector<std::string> arguments) {
    auto const& network = running().network;
    std::vector<std::string> all = {
        "--node", network.member_url(0),          "--genesis",         network.genesis_path().string(),
        "--keys", network.keys_folder().string(), "--passphrase-file", (network.keys_folder() / "passphrase").string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_tally(all);
  }
  static std::string balance(char const* code) {
    auto params = base::Value::object();
    params.add("party", base::Value::of(std::string(code)));
    params.add("asset", base::Value::of(std::string(chf)));
    auto const account = running().player->call("account_get", std::move(params));
    return account ? std::string(account->string_of("shown")) : base::to_string(account.error());
  }
  static std::string file(char const* name) { return (running().network.keys_folder() / name).string(); }
  static std::string gln(char const* code) { return running().world.organisation(code).member.gln; }
  static void expect_obstacle(Ran const& ran, char const* code, char const* next) {
    EXPECT_EQ(ran.exit, 3) << ran.output;
    EXPECT_NE(ran.output.find(code), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find(next), std::string::npos) << ran.output;
  }
};

TEST_F(Money, IsPaidByCommandAndToldInAStatement) {
  auto const paid = tally({"transfer", "12.50", chf, "--to", "SERICA", "--key", "SPREE", "--purpose", "GDDS", "--uetr",
                           "8a562c67-ca16-48ba-b074-65581be6f011", "--end-to-end", "E2E-1"});
  ASSERT_EQ(paid.exit, 0) << paid.output;
  std::vector<std::string> const statement = {"statement", "SPREE",      "--asset", chf,
                                              "--from",    "2026-01-01", "--to",    "2030-01-01"};
  for (std::string const format : {"json", "csv", "camt053", "camt054"}) {
    auto arguments = statement;
    arguments.insert(arguments.end(), {"--format", format});
    auto const told = tally(arguments);
    EXPECT_EQ(told.exit, 0) << told.output;
    EXPECT_NE(told.output.find("8a562c67-ca16-48ba-b074-65581be6f011"), std::string::npos) << told.output;
    EXPECT_NE(told.output.find("12.50"), std::string::npos) << told.output;
    EXPECT_NE(told.output.find("opening 0.00"), std::string::npos) << told.output;
  }
}

TEST_F(Money, ObstaclesNameTheNextStep) {
  expect_obstacle(tally({"transfer", "1", chf, "--to", "NOBODY", "--key", "SPREE"}), "E_MEMBER_UNKNOWN",
                  "tally contacts add");
  expect_obstacle(tally({"transfer", "5000", chf, "--to", "SERICA", "--key", "SPREE"}), "E_INSUFFICIENT_FUNDS",
                  "pay at most");
  done({"EUBANK"}, ledger::Freeze{chf, party("SPREE"), true, "court order 7"});
  expect_obstacle(tally({"transfer", "1", chf, "--to", "SERICA", "--key", "SPREE"}), "E_FROZEN",
                  "ask its issuer EUBANK");
  done({"EUBANK"}, ledger::Freeze{chf, party("SPREE"), false, "lifted"});
  EXPECT_EQ(tally({"contacts", "add", "mill", gln("SERICA")}).exit, 0);
  EXPECT_EQ(tally({"limit", chf, "--transfer", "3", "--day", "5"}).exit, 0);
  expect_obstacle(tally({"transfer", "4", chf, "--to", "mill", "--key", "SPREE"}), "E_LIMIT", "--over-limit");
  EXPECT_EQ(tally({"transfer", "4", chf, "--to", "mill", "--key", "SPREE", "--over-limit"}).exit, 0);
  expect_obstacle(tally({"transfer", "2", chf, "--to", "mill", "--key", "SPREE"}), "E_LIMIT", "--over-limit");
  EXPECT_EQ(tally({"limit", chf}).exit, 0);
}

TEST_F(Money, DraftsAreApprovedBySeveral) {
  // A second key of SPREE, made from a phrase. The ledger asks for one valid key; that two approve is the wallet's
  // rule.
  std::ofstream(file("phrase")) << "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
                                   "abandon about\n";
  auto const restored = tally({"key", "restore", "SPREE-2", "--gln", gln("SPREE"), "--phrase-file", file("phrase")});
  ASSERT_EQ(restored.exit, 0) << restored.output;
  auto const key = base::PartyKey::from_text(restored.output.substr(0, 66));
  ASSERT_TRUE(key) << restored.output;
  EXPECT_EQ(tally({"contacts", "add", "mill", gln("SERICA")}).exit, 0);
  auto const draft = file("draft.json");
  auto const copy = file("copy.json");
  auto const drafted = tally({"transfer", "7", chf, "--to", "SERICA", "--draft", draft, "--approvers", "SPREE",
                              "SPREE-2", "--approvals", "2"});
  ASSERT_EQ(drafted.exit, 0) << drafted.output;
  EXPECT_NE(drafted.output.find("pays 7.00 CHF.EUBANK to mill"), std::string::npos) << drafted.output;
  std::filesystem::copy_file(draft, copy, std::filesystem::copy_options::overwrite_existing);
  expect_obstacle(tally({"draft", "send", draft}), "E_MISSING_SIGNER", "tally draft approve");
  EXPECT_EQ(tally({"draft", "approve", draft, "--key", "SPREE"}).exit, 0);
  EXPECT_EQ(tally({"draft", "approve", copy, "--key", "SPREE-2"}).exit, 0);
  EXPECT_EQ(tally({"draft", "merge", draft, copy}).exit, 0);
  EXPECT_EQ(tally({"draft", "show", draft}).exit, 0);
  auto const sent = tally({"draft", "send", draft});
  EXPECT_EQ(sent.exit, 0) << sent.output;
  // Its window passes.
  auto const chain = running().player->chain();
  ASSERT_TRUE(chain);
  ASSERT_TRUE(running().player->advance(chain->time_ms + 2 * 3'600'000));
  // The next block has the new time.
  done({"EUBANK"}, ledger::Mint{chf, party("SPREE"), 1, crypto::sha256(base::bytes_of("reserve"))});
  expect_obstacle(tally({"draft", "show", draft}), "E_EXPIRED", "make the draft again");
}

TEST_F(Money, IsPaidAgainstTitleOrNeither) {
  // Offer, acceptance and payment in one body of the seller, signed by the buyer too.
  auto const chain = running().player->chain();
  ASSERT_TRUE(chain);
  auto const lot = testnet::lot_link("09521002000016", "DVP1");
  auto const at = [&](char const* type) { return testnet::EventWriter(type, chain->time_ms, "+08:00"); };
  testnet::Act made{{"COCOON"}, {}, {}, chain->time_ms};
  made.events = {at("ObjectEvent")
                     .quantities("quantityList", {{lot, "100", "KGM"}})
                     .text("action", "ADD")
                     .step("creating_class_instance", "active")
                     .at("9521002000016", "9521002000016")
                     .json()};
  auto const weighed = running().player->play(made);
  ASSERT_TRUE(weighed) << base::to_string(weighed.error());
  ASSERT_EQ(weighed->state, "done") << weighed->code << " " << weighed->field;
  auto const handover = [&](char const* word, char const* step, char const* disposition) {
    auto out = at("ObjectEvent");
    out.quantities("quantityList", {{lot, "100", "KGM"}}).text("action", "OBSERVE").step(step, disposition);
    out.at("9521002000016", "").transaction("desadv", testnet::shipment_link(gln("COCOON"), "DVP1"));
    out.parties(gln("COCOON"), gln("SPREE"), gln("SPREE")).text("tally:handover", word);
    return out;
  };
  auto const offer = handover("offer", "shipping", "in_transit").json();
  auto accept = handover("accept", "receiving", "in_progress");
  accept.text("tally:answers", testnet::event_id(offer));
  auto const outcome = [&](std::vector<std::string> signers, base::Amount price,
                           testnet::EventWriter const& acceptance) {
    ledger::Transfer payment;
    payment.from = party("SPREE");
    payment.to = party("COCOON");
    payment.asset = chf;
    payment.amount = price;
    auto const sold =
        running().player->play({std::move(signers), {offer, acceptance.json()}, {payment}, chain->time_ms});
    settle();
    return sold ? sold->code + " " + sold->field : base::to_string(sold.error());
  };
  auto const holding = [&] {
    auto params = base::Value::object();
    params.add("lot", base::Value::of(lot));
    auto const held = running().player->call("goods_account", std::move(params));
    if (!held) return base::to_string(held.error());
    auto const& only = held->find("holdings")->items.at(0);
    return std::string(only.string_of("owner")) + " " + std::string(only.string_of("quantity"));
  };
  EXPECT_EQ(outcome({"COCOON"}, 500, accept), "E_MISSING_SIGNER operations[0].from");
  EXPECT_EQ(outcome({"COCOON", "SPREE"}, 10'000'000, accept), "E_INSUFFICIENT_FUNDS operations[0].amount");
  EXPECT_EQ(holding(), "COCOON 100") << "goods moved without their price";
  auto const unknown = handover("accept", "receiving", "in_progress");
  EXPECT_EQ(outcome({"COCOON", "SPREE"}, 500, unknown), "E_UNKNOWN_OFFER operations[1].events[1].tally:answers");
  EXPECT_EQ(balance("COCOON"), "0") << "paid without the goods";
  EXPECT_EQ(outcome({"COCOON", "SPREE"}, 500, accept), "done ");
  EXPECT_EQ(holding(), "SPREE 100");
  EXPECT_EQ(balance("COCOON"), "5");
}

TEST_F(Money, OrdersOfAFileArePaidOnce) {
  std::ofstream(file("orders.xml"))
      << R"(<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"><CstmrCdtTrfInitn><GrpHdr>)"
      << R"(<MsgId>MSG-1</MsgId>)"
      << R"(<CreDtTm>2026-08-13T09:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><InitgPty/></GrpHdr><PmtInf>)"
      << R"(<PmtInfId>P</PmtInfId>)"
      << R"(<PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2026-08-13</Dt></ReqdExctnDt><Dbtr/><DbtrAcct><Id><Othr><Id>)"
      << gln("SPREE") << R"(</Id></Othr></Id></DbtrAcct><DbtrAgt><FinInstnId><Othr><Id>EUBANK</Id></Othr></FinInstnId>)"
      << R"(</DbtrAgt><CdtTrfTxInf><PmtId><EndToEndId>E2E-9</EndToEndId></PmtId><Amt><InstdAmt Ccy="CHF">9.00)"
      << R"(</InstdAmt></Amt><CdtrAcct><Id><Othr><Id>)" << gln("SERICA")
      << R"(</Id></Othr></Id></CdtrAcct></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>)";
  for (int twice = 0; twice < 2; ++twice) {
    auto const paid = tally({"payments", "import", file("orders.xml"), "--key", "SPREE", "--status", file("s.xml")});
    EXPECT_EQ(paid.exit, 0) << paid.output;
  }
  auto const told =
      tally({"statement", "SERICA", "--asset", chf, "--from", "2026-01-01", "--to", "2030-01-01", "--format", "csv"});
  auto const first = told.output.find("E2E-9");
  ASSERT_NE(first, std::string::npos) << told.output;
  EXPECT_EQ(told.output.find("E2E-9", first + 1), std::string::npos) << "paid once: " << told.output;
}

}  // namespace
}  // namespace e2e
