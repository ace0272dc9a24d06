// SPDX-License-Identifier: Apache-2.0
// What a node that lies can make a wallet believe, with the chain pinned and without.
#include "wallet/provider.hpp"

#include <gtest/gtest.h>

#include "contracts/escrow/interpreter.hpp"
#include "ledger/records.hpp"
#include "rpc/dispatch.hpp"
#include "wallet/contract_view.hpp"
#include "wallet/reading.hpp"

namespace wallet {
namespace {

using base::Code;
using Twist = std::function<std::string(std::string)>;

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// Two contracts of ALFA with BETA under a root that one validator certified; the node answers from it, through what
/// stands between it and the wallet.
class Network final : public rpc::Backend, public rpc::Client {
 public:
  Network() {
    ledger::Overlay block(below_);
    member(block, "ALFA", "9521001000000");
    member(block, "BETA", "9521002000009");
    member(block, "EVIL", "9521003000008");
    for (auto const& [code, scale] : {std::pair{"PTS", 2}, std::pair{"EUR", 2}}) {
      ledger::AssetRecord asset;
      asset.code = code;
      asset.issuer = beta;
      asset.scale = static_cast<std::uint8_t>(scale);
      ledger::store(block, ledger::Space::asset, std::string(code) + ".BETA", asset);
    }
    small = contract(block, "SMALL", 100, {{"buyer", alfa}, {"seller", beta}});
    big = contract(block, "BIG", 50'000'000, {{"buyer", alfa}, {"seller", beta}});
    ledger::OpenHold hold;
    hold.asset = "PTS.BETA";
    hold.from = alfa;
    hold.to = beta;
    ledger::store(block, ledger::hold_key(small), ledger::HoldRecord{hold, 100, 0, {}});
    write(block);
  }
  /// A contract that a stranger opens.
  ledger::Hash open(std::string const& label, std::vector<ledger::RoleBinding> parties) {
    ledger::Overlay block(below_);
    auto const id = contract(block, label, 7, std::move(parties));
    write(block);
    return id;
  }

  std::shared_ptr<ledger::Certified const> certified() const override { return at_; }
  base::Result<ledger::Hash> submit(ledger::Bytes) override { return base::Error{Code::E_BUSY, "", ""}; }
  base::Result<ledger::Hash> submit_own(std::vector<ledger::Operation>, std::vector<ledger::Bytes>) override {
    return base::Error{Code::E_BUSY, "", ""};
  }
  bool is_pending(ledger::Hash const&) const override { return false; }
  rpc::NodeStatus status() const override { return {}; }
  std::optional<rpc::DecidedBlock> block(ledger::Height) const override { return std::nullopt; }
  void wait_beyond(ledger::Height, std::uint64_t) const override {}

  base::Result<rpc::Answer> send(std::string const&, std::string const&, std::string body,
                                 std::vector<std::pair<std::string, std::string>> const&) override {
    if (question) body = question(std::move(body));
    auto text = rpc::dispatch(*this, rpc::Access::member, body);
    return rpc::Answer{200, {}, answer ? answer(std::move(text)) : text};
  }

  Provider word() { return Provider(*this); }
  Provider pinned() { return Provider(*this, ledger::Anchor{at_->chain, at_->validators.hash()}); }

  base::PartyId const alfa = ledger::party_id("9521001000000");
  base::PartyId const beta = ledger::party_id("9521002000009");
  base::PartyId const evil = ledger::party_id("9521003000008");
  ledger::Hash small, big;
  /// What becomes of questions and of answers on their way.
  Twist question, answer;

 private:
  static void member(ledger::Overlay& block, char const* name, char const* gln) {
    ledger::MemberRecord record;
    record.gln = gln;
    record.short_name = name;
    ledger::store(block, ledger::Space::member, record.gln, record);
    block.put(ledger::state_key(ledger::Space::name_index, std::string_view(name)), base::to_bytes(record.gln));
    block.put(ledger::state_key(ledger::Space::name_index, ledger::party_id(gln).view()), base::to_bytes(record.gln));
  }
  static ledger::Hash contract(ledger::Overlay& block, std::string const& label, unsigned amount,
                               std::vector<ledger::RoleBinding> parties) {
    auto const cap = std::to_string(amount);
    auto const terms =
        contracts::escrow::read_terms(
            R"({"escrow":1,"title":"t","roles":{"buyer":{},"seller":{}},"assets":{"A":"PTS.BETA"},"subjects":{},)"
            R"("params":{"price":)" +
            cap + R"(},"pots":{"price":{"asset":"A","cap":)" + cap +
            R"(,"residual":"seller"}},"start":"funding","states":{"funding":{"when":[{"on":{"deposit":{"by":"buyer",)"
            R"("into":"price","amount":{"param":"price"}}},"goto":"close"}],"until":{"after":"P3D"},)"
            R"("late":{"goto":"close"}}}})")
            .value();
    ledger::Moment opened;
    opened.time_ms = 1'000'000;
    auto record = contracts::escrow::start(terms, parties, opened);
    record.label = label;
    auto const id = crypto::sha256(base::bytes_of(label + base::to_hex(parties.front().party.view())));
    ledger::store(block, ledger::contract_key(id), record);
    ledger::store(block, ledger::terms_key(terms.hash), ledger::TermsRecord{terms.json});
    block.put(ledger::label_key(label, id), {});
    return id;
  }
  void write(ledger::Overlay const& block) {
    auto at = std::make_shared<ledger::Certified>();
    auto diff = block.diff();
    at->tree = (at_ ? at_->tree : ledger::StateTree()).with(below_, diff);
    below_.apply(diff);
    auto const secret = crypto::ValidatorSecret{crypto::sha256(base::bytes_of("validator")).bytes};
    at->chain = crypto::sha256(base::bytes_of("chain"));
    at->validators.validators = {{beta, crypto::validator_key(secret), {}}};
    at->state = std::make_shared<ledger::MemoryState>(below_);
    at->header.chain = at->chain;
    at->header.epoch = 1;
    at->header.height = at_ ? at_->header.height + 1 : 1;
    at->header.state_root = at->tree.root();
    at->header.validators_hash = at->header.next_validators_hash = at->validators.hash();
    crypto::Ballot ballot;
    ballot.kind = crypto::VoteKind::finalize;
    ballot.chain = at->chain;
    ballot.epoch = 1;
    ballot.height = at->header.height;
    ballot.result = at->header.hash();
    at->finality = ledger::SimplexFinality{
        crypto::make_certificate(ballot, 1, {{0, crypto::validator_sign(secret, ballot.digest())}})};
    at_ = at;
  }

  ledger::MemoryState below_;
  std::shared_ptr<ledger::Certified const> at_;
};

std::string code_of(auto const& result) { return result ? "" : std::string(base::name(result.error().code)); }

TEST(Provider, ProvesTheContractThatIsMeant) {
  Network network;
  for (auto const& provider : {network.word(), network.pinned()}) {
    auto const found = fetch_contract(provider, "SMALL");
    ASSERT_TRUE(found) << base::to_string(found.error());
    EXPECT_EQ(found->id, network.small);
    EXPECT_EQ(found->naming.parties, (std::vector<std::string>{"ALFA", "BETA"}));
    EXPECT_TRUE(fetch_contract(provider, network.big.hex()));
  }
  // Another contract in the place of the one that was asked for, by label and by id.
  network.question = [&](std::string text) {
    return replaced(replaced(std::move(text), "\"SMALL\"", "\"BIG\""), "\"" + network.small.hex() + "\"",
                    "\"" + network.big.hex() + "\"");
  };
  for (auto const& provider : {network.word(), network.pinned()}) {
    EXPECT_EQ(code_of(fetch_contract(provider, "SMALL")), "E_SIGNATURE");
    EXPECT_EQ(code_of(fetch_contract(provider, network.small.hex())), "E_SIGNATURE");
  }
  // The record of another one under the id that was asked for: only a proof tells.
  network.answer = [&](std::string text) { return replaced(std::move(text), network.big.hex(), network.small.hex()); };
  EXPECT_EQ(code_of(fetch_contract(network.word(), network.small.hex())), "");
  EXPECT_EQ(code_of(fetch_contract(network.pinned(), network.small.hex())), "E_SIGNATURE");
  // And the proof of the other one's record with it.
  network.question = [&](std::string text) {
    return replaced(std::move(text), network.small.hex().substr(2), network.big.hex().substr(2));
  };
  auto const proof = fetch_contract(network.pinned(), network.small.hex());
  ASSERT_FALSE(proof);
  EXPECT_EQ(proof.error().code, Code::E_SIGNATURE);
  EXPECT_EQ(proof.error().field, "subject");
}

TEST(Provider, ProvesWhoPlaysARole) {
  Network network;
  network.answer = [](std::string text) {
    return replaced(replaced(std::move(text), R"("gln":"9521002000009")", R"("gln":"9521003000008")"),
                    R"("name":"BETA")", R"("name":"GOOD")");
  };
  EXPECT_EQ(fetch_contract(network.word(), "SMALL")->naming.parties.back(), "GOOD");
  EXPECT_EQ(code_of(fetch_contract(network.pinned(), "SMALL")), "E_SIGNATURE");
}

TEST(Provider, TakesNoDecimalsOnTrustThatCanBeKnown) {
  Network network;
  EXPECT_EQ(scale_of(network.word(), "PTS.BETA").value(), 2u);
  EXPECT_EQ(scale_of(network.pinned(), "PTS.BETA").value(), 2u);
  network.answer = [](std::string text) { return replaced(std::move(text), R"("scale":2)", R"("scale":6)"); };
  EXPECT_EQ(scale_of(network.word(), "PTS.BETA").value(), 6u) << "nobody else tells";
  EXPECT_EQ(code_of(scale_of(network.pinned(), "PTS.BETA")), "E_SIGNATURE");
  EXPECT_EQ(code_of(scale_of(network.word(), "EUR.BETA")), "E_SIGNATURE") << "ISO 4217 tells";
}

TEST(Provider, ProvesWhoIsCalledSo) {
  Network network;
  auto const called = [&](Provider const& provider, char const* name) {
    auto ask = base::Value::object();
    ask.add("party", base::Value::of(name));
    return party_called(provider, name, provider.call("member_get", std::move(ask)).value(), "--to");
  };
  for (auto const* name : {"BETA", "9521002000009"}) EXPECT_EQ(called(network.pinned(), name).value(), network.beta);
  network.question = [](std::string text) {
    return replaced(replaced(std::move(text), "\"BETA\"", "\"EVIL\""), "9521002000009", "9521003000008");
  };
  network.answer = [](std::string text) { return replaced(std::move(text), "\"EVIL\"", "\"BETA\""); };
  EXPECT_EQ(called(network.word(), "BETA").value(), network.evil) << "a short name is the node's word";
  EXPECT_EQ(code_of(called(network.pinned(), "BETA")), "E_SIGNATURE");
  EXPECT_EQ(code_of(called(network.word(), "9521002000009")), "E_SIGNATURE");
}

TEST(Provider, TellsAndCountsWhatWasProved) {
  Network network;
  ledger::Body body;
  ledger::PostHold post;
  post.hold = network.small;
  post.amount = 30;
  ledger::EscrowAct act{network.big, "funding", 0, 0};
  act.end_to_end = "E2E-7";
  body.operations = {act, post};
  auto const said = [&](Provider const& provider) { return reading(body, names_of(provider, body, {}).value()); };
  auto const spent = [&](Provider const& provider) {
    return spending_of(body, {network.alfa}, names_of(provider, body, {}).value());
  };
  auto const proved = said(network.pinned());
  ASSERT_EQ(proved.size(), 4u);
  EXPECT_NE(proved[2].find("in contract BIG (" + network.big.hex() + ", buyer ALFA, seller BETA) takes \""),
            std::string::npos)
      << proved[2];
  EXPECT_NE(proved[2].find("500,000.00"), std::string::npos) << proved[2];
  EXPECT_TRUE(proved[2].ends_with(", end-to-end id E2E-7")) << proved[2];
  ledger::Body late;
  late.operations = {ledger::EscrowAct{network.big, "", 0, 0}};
  EXPECT_EQ(reading(late, names_of(network.pinned(), late, {}).value()).back(),
            "in contract BIG (" + network.big.hex() + ", buyer ALFA, seller BETA) makes what is overdue");
  EXPECT_EQ(proved[3].find("node"), std::string::npos) << proved[3];
  EXPECT_TRUE(spent(network.pinned()).unknown.empty());
  EXPECT_EQ(spent(network.pinned()).assets["PTS.BETA"].total, 50'000'000u);
  auto const word = said(network.word());
  ASSERT_EQ(word.size(), 5u);
  EXPECT_TRUE(word[2].ends_with(", by the node's word")) << word[2];
  EXPECT_TRUE(word[3].ends_with("; whose hold it is, the node says")) << word[3];
  EXPECT_EQ(word[4], "that PTS.BETA has 2 decimals is the node's word");
  EXPECT_EQ(spent(network.word()).unknown.size(), 1u);
}

TEST(Provider, ProvesWhomABodyNames) {
  Network network;
  ledger::Body body;
  ledger::Transfer pay;
  pay.from = network.alfa;
  pay.to = network.evil;
  pay.asset = "PTS.BETA";
  pay.amount = 1;
  ledger::PostHold post;
  post.hold = network.small;
  post.amount = 30;
  body.operations = {pay, post};
  auto const said = [&](Provider const& provider) {
    auto const names = names_of(provider, body, {});
    if (!names) return std::string(base::name(names.error().code));
    auto const lines = reading(body, *names);
    return lines[2] + "\n" + lines[3];
  };
  network.answer = [](std::string text) {
    return replaced(replaced(std::move(text), R"("short_name":"EVIL")", R"("short_name":"GOOD")"),
                    R"("short_name":"BETA")", R"("short_name":"FINE")");
  };
  EXPECT_NE(said(network.word()).find("to GOOD (9521003000008)"), std::string::npos) << said(network.word());
  auto const proved = said(network.pinned());
  EXPECT_NE(proved.find("to EVIL (9521003000008)"), std::string::npos) << proved;
  EXPECT_NE(proved.find("to BETA (9521002000009)"), std::string::npos) << proved;
  // Another's record in the place of each that is proved: whose name, whose hold, which decimals.
  auto const key_of = [](ledger::Bytes const& key) { return base::to_hex(key); };
  auto const other = key_of(ledger::state_key(ledger::Space::member, "9521001000000"));
  for (auto const& key :
       {key_of(ledger::state_key(ledger::Space::member, "9521003000008")), key_of(ledger::hold_key(network.small)),
        key_of(ledger::state_key(ledger::Space::asset, "PTS.BETA"))}) {
    network.question = [&](std::string text) { return replaced(std::move(text), key, other); };
    EXPECT_EQ(said(network.pinned()), "E_SIGNATURE") << key;
    EXPECT_NE(said(network.word()), "E_SIGNATURE") << key;
  }
}

TEST(Provider, IsGivenProofsOfTheTreesRecordsAlone) {
  Network network;
  auto const asked = [&](std::string const& key) {
    auto ask = base::Value::object();
    ask.add("key", base::Value::of(key));
    return code_of(network.word().call("record_proof", std::move(ask)));
  };
  EXPECT_EQ(asked("0x" + base::to_hex(ledger::contract_key(network.small))), "");
  EXPECT_EQ(asked("0x" + base::to_hex(ledger::label_key("SMALL", network.small))), "E_ENCODING") << "beside the tree";
  EXPECT_EQ(asked("0x18" + std::string(2 * 600, '0')), "E_ENCODING");
  for (auto const* key : {"0x", "", "0x1"}) EXPECT_EQ(asked(key), "E_ENCODING") << key;
  EXPECT_EQ(asked("0x18"), "E_UNKNOWN_GOODS");
}

TEST(Provider, PrefersContractsInWhichOneHasARole) {
  Network network;
  auto const foreign = network.open("SMALL", {{"buyer", network.evil}, {"seller", network.beta}});
  auto const several = fetch_contract(network.pinned(), "SMALL");
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().code, Code::E_CONTRACT_UNKNOWN);
  for (auto const& id : {foreign, network.small}) {
    EXPECT_NE(several.error().detail.find(id.hex()), std::string::npos) << several.error().detail;
  }
  EXPECT_EQ(fetch_own_contract(network.pinned(), "SMALL", {network.alfa})->id, network.small);
  EXPECT_EQ(fetch_own_contract(network.pinned(), "SMALL", {network.evil})->id, foreign);
  EXPECT_EQ(code_of(fetch_own_contract(network.pinned(), "SMALL", {network.beta})), "E_CONTRACT_UNKNOWN");
  EXPECT_EQ(code_of(fetch_own_contract(network.pinned(), "BIG", {network.evil})), "E_NOT_PARTY");
  EXPECT_TRUE(fetch_own_contract(network.pinned(), network.big.hex(), {network.evil})) << "it is named by its id";
}

TEST(Deposit, IsPaidIntoAContractThatWaitsForExactlyIt) {
  Network network;
  auto const contract = fetch_contract(network.pinned(), "SMALL").value();
  auto const act = deposit_into(contract, network.alfa, "PTS.BETA", 100);
  ASSERT_TRUE(act) << base::to_string(act.error());
  EXPECT_EQ(*act, (ledger::EscrowAct{network.small, "funding", 0, 0}));
  auto const more = deposit_into(contract, network.alfa, "PTS.BETA", 101);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::E_AMOUNT);
  EXPECT_EQ(more.error().detail, "SMALL waits for another deposit: 1.00 PTS.BETA");
  EXPECT_EQ(code_of(deposit_into(contract, network.alfa, "EUR.BETA", 100)), "E_AMOUNT");
  EXPECT_EQ(code_of(deposit_into(contract, network.beta, "PTS.BETA", 100)), "E_NO_CASE");
}

}  // namespace
}  // namespace wallet
