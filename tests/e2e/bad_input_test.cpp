// SPDX-License-Identifier: Apache-2.0
// Everything wrong that can be sent to a running node gets a named error with its field, and changes nothing: after
// each test the log of events, the accounts and the members are what they were before.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "e2e/fixture.hpp"
#include "ledger/record.hpp"
#include "rpc/json.hpp"
#include "testnet/checks.hpp"
#include "testnet/events.hpp"

namespace e2e {
namespace {

using base::Value;
using ledger::Transaction;

/// What a node says to these bytes: the error's name and field. `refused`: they were not even queued.
std::string refusal(rpc::Client& client, std::string const& bytes_hex, bool* refused = nullptr) {
  auto params = Value::object();
  params.add("bytes", Value::of("0x" + bytes_hex));
  auto const answer = client.call("tx_submit", std::move(params));
  if (answer) {
    auto const id = ledger::Hash::from_text(answer->string_of("id"));
    auto const outcome = wallet::wait(client, *id, 20'000);
    return outcome ? outcome->code + " " + outcome->field : base::to_string(outcome.error());
  }
  if (refused != nullptr) *refused = true;
  return std::string(base::name(answer.error().code)) + " " + answer.error().field;
}

/// What no bad input may change, as one node shows it: the log of all events, money, members, goods.
std::string facts(rpc::Client& client) {
  std::string out;
  auto const ask = [&](char const* method, std::vector<std::pair<std::string, std::string>> const& with,
                       std::vector<char const*> const& members) {
    auto params = Value::object();
    for (auto const& [name, value] : with) params.add(name, Value::of(value));
    auto const answer = client.call(method, std::move(params));
    for (auto const* member : members) {
      auto const* found = answer ? answer->find(member) : nullptr;
      out += std::string(method) + "." + member + " " + (found == nullptr ? "?" : rpc::to_text(*found)) + "\n";
    }
  };
  ask("chain_status", {}, {"event_log_size", "event_log_root", "clock_offset_ms", "validators_hash"});
  ask("asset_get", {{"asset", "TST.EUBANK"}}, {"issued", "posted", "pots", "max_supply"});
  for (auto const* party : {"EUBANK", "SPREE", "SERICA", "HALDEN"}) {
    ask("account_get", {{"party", party}, {"asset", "TST.EUBANK"}}, {"posted", "held", "total_in", "total_out"});
    ask("escrow_list", {{"party", party}}, {"contracts"});
  }
  ask("member_list", {}, {"members"});
  return out;
}

class BadInput : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ledger::CreateAsset asset;
    asset.code = "TST";
    asset.scale = 2;
    asset.max_supply = 1'000'000;
    auto const made = running().player->play({"EUBANK"}, asset);
    ASSERT_TRUE(made && made->state == "done");
    ledger::Mint mint;
    mint.asset = "TST.EUBANK";
    mint.to = running().world.organisation("SPREE").party();
    mint.amount = 7;
    mint.reserve.bytes[0] = 1;
    auto const minted = running().player->play({"EUBANK"}, mint);
    ASSERT_TRUE(minted && minted->state == "done");
    // The node that is asked below may be a block behind those that were asked here.
    ASSERT_TRUE(testnet::check_agreement(running().network));
  }
  void SetUp() override {
    auto& net = running();
    // Patient: the machine may be busy with other tests.
    client_ = std::move(rpc::connect(net.network.member_url(0), 30'000)).value();
    chain_ = std::move(net.player->chain()).value();
    before_ = facts(*client_);
    ASSERT_EQ(before_.find('?'), std::string::npos) << before_;
  }
  void TearDown() override { EXPECT_EQ(facts(*client_), before_); }

  wallet::Identity const& key(char const* code) { return running().network.keyring().at(code); }
  ledger::PartyId party(char const* code) { return running().world.organisation(code).party(); }

  /// A sound transfer; it fails for want of money, if nothing else is wrong.
  Transaction sound() { return with(transfer()); }
  ledger::Transfer transfer() {
    ledger::Transfer out;
    out.from = party("SPREE");
    out.to = party("SERICA");
    out.asset = "TST.EUBANK";
    out.amount = 8;
    // No two bodies alike: one that is recorded is answered with its outcome, whatever stands around it.
    static int number = 0;
    out.purpose = std::to_string(++number);
    return out;
  }
  Transaction with(ledger::Operation operation, char const* signer = "SPREE") {
    wallet::Draft draft;
    draft.actor = party(signer);
    draft.operations.push_back(std::move(operation));
    return wallet::sign(std::move(draft), chain_, {key(signer)});
  }
  /// Signed again after the body was changed.
  Transaction resigned(Transaction transaction) {
    transaction.signatures.clear();
    auto const id = transaction.body.id();
    for (std::size_t i = 0; i < transaction.body.signers.size(); ++i) {
      transaction.signatures.push_back(crypto::party_sign(key("SPREE").secret, id, wallet::random_bytes()));
    }
    return transaction;
  }
  /// A record of one event text by SPREE.
  Transaction event(std::string const& text, std::string const& context = testnet::event_context()) {
    wallet::Draft draft;
    draft.actor = party("SPREE");
    ledger::Record record;
    record.context = context;
    record.count = 1;
    if (auto const commitment = ledger::commitment_of(base::bytes_of(text)))
      record.events_root = ledger::events_root({*commitment});
    draft.operations.emplace_back(record);
    draft.payloads.push_back(base::to_bytes(text));
    return wallet::sign(std::move(draft), chain_, {key("SPREE")});
  }
  /// What the node says; of what it refused it keeps nothing, not even the id.
  std::string said(Transaction const& transaction) {
    bool refused = false;
    auto const words = refusal(*client_, base::to_hex(base::encode(transaction)), &refused);
    if (!refused) return words;
    auto params = Value::object();
    params.add("id", Value::of(transaction.body.id().hex()));
    auto const known = client_->call("tx_get", std::move(params));
    EXPECT_TRUE(known && known->string_of("state") == "unknown") << words;
    return words;
  }

  std::unique_ptr<rpc::Client> client_;
  wallet::ChainInfo chain_;
  std::string before_;
};

TEST_F(BadInput, TransactionsAreRefusedByNameAndField) {
  auto const change = [&](auto mutate) {
    auto transaction = sound();
    mutate(transaction);
    return said(resigned(std::move(transaction)));
  };
  EXPECT_EQ(said(sound()), "E_INSUFFICIENT_FUNDS operations[0].amount");
  EXPECT_EQ(change([](Transaction& t) { t.body.version = 2; }), "E_FORM version");
  EXPECT_EQ(change([](Transaction& t) { t.body.chain.bytes[0] ^= 1; }), "E_CHAIN chain");
  EXPECT_EQ(change([](Transaction& t) { t.body.signers.clear(); }), "E_SIGNATURE signers");
  EXPECT_EQ(change([](Transaction& t) { t.body.signers.push_back(t.body.signers[0]); }), "E_FORM signers[1]");
  EXPECT_EQ(change([](Transaction& t) { t.body.operations.clear(); }), "E_FORM operations");
  EXPECT_EQ(change([](Transaction& t) { t.body.valid_until_ms = t.body.valid_from_ms - 1; }), "E_FORM valid_until_ms");
  EXPECT_EQ(change([](Transaction& t) { t.body.valid_until_ms += 30 * 24 * 3'600'000ull; }), "E_FORM valid_until_ms");
  EXPECT_EQ(change([](Transaction& t) { t.body.valid_from_ms = 1, t.body.valid_until_ms = 2; }),
            "E_EXPIRED valid_until_ms");
  EXPECT_EQ(change([](Transaction& t) { t.body.valid_from_ms += 3'000'000, t.body.valid_until_ms += 3'000'000; }),
            "E_NOT_YET_VALID valid_from_ms");
  auto unsigned_one = sound();
  unsigned_one.signatures.clear();
  EXPECT_EQ(said(unsigned_one), "E_SIGNATURE signatures");
  auto forged = sound();
  forged.signatures[0].bytes[5] ^= 1;
  EXPECT_EQ(said(forged), "E_SIGNATURE signatures[0]");
  auto extra = sound();
  extra.payloads.push_back({1, 2, 3});
  EXPECT_EQ(said(extra), "E_FORM payloads");
}

TEST_F(BadInput, BytesThatAreNoTransactionAreRefused) {
  auto const bytes = base::encode(sound());
  auto const hex = base::to_hex(bytes);
  EXPECT_EQ(refusal(*client_, hex + "00"), "E_ENCODING ");
  EXPECT_EQ(refusal(*client_, hex.substr(0, hex.size() - 2)), "E_ENCODING signatures");
  EXPECT_EQ(refusal(*client_, ""), "E_ENCODING body.version");
  EXPECT_EQ(refusal(*client_, "zz"), "E_ENCODING bytes");
  EXPECT_EQ(refusal(*client_, "0"), "E_ENCODING bytes");
  auto wrong_kind = bytes;
  // The operation's number stands behind the list's length; 200 is none.
  auto const place = base::encode(sound().body).size() - base::encode(transfer()).size() - 1;
  wrong_kind[place] = 0xc8;
  EXPECT_EQ(refusal(*client_, base::to_hex(wrong_kind)), "E_ENCODING body.operations");
}

TEST_F(BadInput, OperationsAreRefusedByNameAndField) {
  auto const operation = [&](auto mutate) {
    auto changed = transfer();
    mutate(changed);
    return said(with(changed));
  };
  EXPECT_EQ(operation([](auto& t) { t.amount = 0; }), "E_AMOUNT operations[0].amount");
  EXPECT_EQ(operation([](auto& t) { t.amount = base::amount_max + 1; }), "E_AMOUNT operations[0].amount");
  EXPECT_EQ(operation([](auto& t) { t.to = t.from; }), "E_FORM operations[0].to");
  EXPECT_EQ(operation([](auto& t) { t.asset = "EUR.NOBODY"; }), "E_ASSET_UNKNOWN operations[0].asset");
  EXPECT_EQ(operation([](auto& t) { t.asset = "eur"; }), "E_FORM operations[0].asset");
  EXPECT_EQ(operation([](auto& t) { t.uetr = std::string("not-a-uuid"); }), "E_FORM operations[0].uetr");
  EXPECT_EQ(said(with(ledger::AdvanceTime{~std::uint64_t{0}})), "E_FORM operations[0].to_ms");
  ledger::AddSite site;
  site.gln = "9521001000018";
  site.party = party("SPREE");
  EXPECT_EQ(said(with(site)), "E_CHECK_DIGIT operations[0].gln");
  ledger::CreateAsset asset;
  asset.code = "USD";
  asset.scale = 10;
  asset.max_supply = 1;
  EXPECT_EQ(said(with(asset, "EUBANK")), "E_FORM operations[0].scale");
  ledger::EscrowOpen escrow;
  escrow.label = "X";
  escrow.terms = "{\"escrow\":1,\"surprise\":true}";
  EXPECT_EQ(said(with(escrow)), "E_ESCROW_FORM operations[0].terms.surprise");
  escrow.terms = "{\"escrow\":1,";
  EXPECT_EQ(said(with(escrow)), "E_ESCROW_FORM operations[0].terms");
  ledger::EscrowAct act;
  act.contract.bytes[0] = 1;
  act.state = "x";
  EXPECT_EQ(said(with(act)), "E_CONTRACT_UNKNOWN operations[0].contract");
  // Allowed by form, forbidden by the law.
  EXPECT_EQ(said(with(ledger::AdvanceTime{chain_.time_ms + 1})), "E_MISSING_SIGNER operations[0]");
  auto stolen = transfer();
  stolen.from = party("SERICA");
  stolen.to = party("HALDEN");
  auto const theft = said(with(stolen));
  EXPECT_EQ(theft, "E_MISSING_SIGNER operations[0].from");
  ledger::AddMember member;
  member.gln = "9521030000002";
  member.short_name = "INTRUDER";
  member.country = "NL";
  EXPECT_EQ(said(with(member)), "E_NOT_ALLOWED_HERE operations[0]");
}

TEST_F(BadInput, EventsAreRefusedByNameAndField) {
  std::string const start =
      R"({"type":"ObjectEvent","eventTime":"2026-05-01T00:00:00Z","eventTimeZoneOffset":"+00:00",)";
  std::string const item = R"("epcList":["https://id.gs1.org/01/09521005000013/21/1"],)";
  std::string const lot = R"("quantityList":[{"epcClass":"https://id.gs1.org/01/09521005000013/10/L",)";
  struct Case {
    std::string text;
    char const* expected;
  };
  auto const cases = {
      Case{start + item + R"("action":"WATCH"})", "E_EVENT_FORM operations[0].events[0].action"},
      Case{start + item + R"("action":"OBSERVE","bizStep":"receivingg"})",
           "E_VOCABULARY operations[0].events[0].bizStep"},
      Case{start + item + R"("action":"OBSERVE","surprise":1})", "E_CONTEXT operations[0].events[0].surprise"},
      Case{start + item + R"("action":"OBSERVE","other:key":1})", "E_CONTEXT operations[0].events[0].other:key"},
      Case{start + item + R"("action":"OBSERVE","tally:surprise":1})",
           "E_EVENT_FORM operations[0].events[0].tally:surprise"},
      Case{start + R"("epcList":["https://id.gs1.org/01/09521005000018/21/1"],"action":"OBSERVE"})",
           "E_CHECK_DIGIT operations[0].events[0].epcList[0]"},
      Case{start + R"("epcList":["urn:epc:id:nothing:1"],"action":"OBSERVE"})",
           "E_EVENT_FORM operations[0].events[0].epcList[0]"},
      Case{start + lot + R"("quantity":1e3}],"action":"OBSERVE"})",
           "E_EVENT_FORM operations[0].events[0].quantityList[0].quantity"},
      Case{start + lot + R"("quantity":-1}],"action":"OBSERVE"})",
           "E_EVENT_FORM operations[0].events[0].quantityList[0].quantity"},
      Case{start + lot + R"("quantity":1,"uom":"XYZZY"}],"action":"OBSERVE"})",
           "E_EVENT_FORM operations[0].events[0].quantityList[0].uom"},
      Case{R"({"type":"ObjectEvent","eventTime":"yesterday","eventTimeZoneOffset":"+00:00",)" + item +
               R"("action":"OBSERVE"})",
           "E_EVENT_FORM operations[0].events[0].eventTime"},
      Case{R"({"type":"ObjectEvent","eventTime":"2026-05-01T00:00:00Z",)" + item + R"("action":"OBSERVE"})",
           "E_EVENT_FORM operations[0].events[0].eventTimeZoneOffset"},
      Case{R"({"type":"UnheardEvent","eventTime":"2026-05-01T00:00:00Z","eventTimeZoneOffset":"+00:00"})",
           "E_EVENT_FORM operations[0].events[0].type"},
      Case{start + item + R"("action":"OBSERVE","action":"ADD"})", "E_EVENT_FORM operations[0].events[0].action"},
      Case{"not json", "E_EVENT_FORM operations[0].events[0]"},
  };
  for (auto const& [text, expected] : cases) EXPECT_EQ(said(event(text)), expected) << text;
  auto const sound_event = start + item + R"("action":"OBSERVE"})";
  auto const bound_otherwise = said(event(sound_event, "{\"tally\":\"https://elsewhere.example/\"}"));
  EXPECT_EQ(bound_otherwise, "E_CONTEXT operations[0].@context.tally");
  auto other_root = event(sound_event);
  std::get<ledger::Record>(other_root.body.operations[0]).events_root.bytes[0] ^= 1;
  EXPECT_EQ(said(resigned(other_root)), "E_ENCODING operations[0].events_root");
}

TEST_F(BadInput, RequestsAreRefusedByNameAndField) {
  auto const post = [&](std::string const& target, std::string const& body) {
    return (*client_).send("POST", target, body).value().body;
  };
  EXPECT_NE(post("/", "{").find("-32700"), std::string::npos);
  EXPECT_NE(post("/", R"({"jsonrpc":"2.0","id":1,"method":"none"})").find("-32601"), std::string::npos);
  EXPECT_NE(post("/", R"({"jsonrpc":"2.0","id":1,"method":"tx_wait","params":{}})").find("id: is missing"),
            std::string::npos);
  EXPECT_NE(post("/epcis/capture", "{}").find("E_EVENT_FORM type"), std::string::npos);
  EXPECT_EQ(client_->send("GET", "/01/09521001000108/21/S1", "")->status, 400u);
  EXPECT_EQ(client_->send("GET", "/proof/01/09521001000109/21/NOTHING", "")->status, 404u);
  EXPECT_EQ(client_->send("POST", "/epcis/capture", std::string(5u << 20, 'x'))->status, 413u);
  EXPECT_EQ(client_->send("GET", "/nothing", "")->status, 404u);
}

/// Sends raw bytes to a port of this machine and closes.
void throw_at(std::uint16_t port, std::string const& bytes) {
  int const socket_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  close(socket_);
}

TEST_F(BadInput, GarbageOnEachPortLeavesTheNodeRunning) {
  testnet::Ports const ports{400};
  std::string garbage;
  for (int i = 0; i < 5000; ++i) garbage += static_cast<char>(i * 37 % 256);
  for (auto const port : {ports.everybody(0), ports.member(0), ports.admin(0), ports.peers(0)}) {
    throw_at(port, garbage);
    throw_at(port, "GET / HTTP/1.1\r\n" + std::string(20'000, 'h') + ": x\r\n\r\n");
  }
  EXPECT_TRUE(running().network.wait_ready(0, 10'000));
}

TEST_F(BadInput, FilesAreRefusedByName) {
  auto const file = std::filesystem::temp_directory_path() / ("tally-garbage-" + std::to_string(getpid()));
  ASSERT_TRUE(wallet::write_text_file(file, "this is no proof"));
  auto const verified =
      run_tally({"proof", "verify", file.string(), "--genesis", running().network.genesis_path().string()});
  EXPECT_EQ(verified.exit, 4) << verified.output;
  EXPECT_NE(verified.output.find("CHECK FAILED"), std::string::npos);
  auto const captured =
      run_tally({"capture", file.string(), "--key", "SPREE", "--node", running().network.member_url(0)});
  EXPECT_EQ(captured.exit, 3) << captured.output;
  EXPECT_EQ(run_tally({"nonsense"}).exit, 2);
  EXPECT_EQ(run_tally({"status", "--node", "http://127.0.0.1:1"}).exit, 5);
  EXPECT_EQ(run_tally({"trace", "01/09521001000108/21/S1", "--node", running().network.member_url(0)}).exit, 2);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace e2e
