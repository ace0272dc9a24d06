// SPDX-License-Identifier: Apache-2.0
// What people type, against each of the four nodes, after the silk journey was played there.
#include <unistd.h>

#include "e2e/fixture.hpp"
#include "gs1/json.hpp"
#include "ledger/proof.hpp"
#include "node/home.hpp"
#include "rpc/json.hpp"
#include "testnet/checks.hpp"
#include "testnet/embedded.hpp"
#include "testnet/journey.hpp"
#include "wallet/keystore.hpp"

namespace e2e {
namespace {

constexpr char const* scarf = "01/09521001000109/21/S000042";

class Commands : public ::testing::Test {
 protected:
  /// Plays the journey once, from cocoon to retail sale.
  static void SetUpTestSuite() {
    auto& net = running();
    auto const journeys = gs1::parse_json(*testnet::embedded("journeys.json"));
    ASSERT_TRUE(journeys);
    auto story =
        testnet::tell(*journeys, "J1-silk", net.world, [&](auto const&) { return net.network.claim_code().key; });
    ASSERT_TRUE(story);
    testnet::Journey journey(net.world, std::move(story).value(), *net.player);
    auto const played =
        journey.run([](auto const&, auto const&, bool) {}, [](auto const&) { return base::Result<void>(); });
    ASSERT_TRUE(played) << base::to_string(played.error());
    // The last step is a deadline's.
    for (int round = 0; round < 200 && !ended(); ++round) usleep(50'000);
    ASSERT_TRUE(ended());
    ASSERT_TRUE(testnet::check_agreement(net.network));
    folder = std::filesystem::temp_directory_path() / ("tally-commands-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder); }

  static bool ended() {
    auto const told = at(3, {"escrow", "explain", "ESC-J1"});
    return told.exit == 0 && told.output.find("ended  ") != std::string::npos;
  }
  static Ran at(std::size_t node, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--node", running().network.member_url(node)});
    return run_tally(arguments);
  }
  static std::string genesis() { return running().network.genesis_path().string(); }

  static std::filesystem::path folder;
};
std::filesystem::path Commands::folder;

TEST_F(Commands, SpeakAlikeAtEachNode) {
  struct Case {
    std::vector<std::string> arguments;
    std::vector<std::string> said;
  };
  std::vector<Case> const cases = {
      {{"status"}, {"silk-road-1", "healthy", "TEST CLOCK", "state root  0x", "running", "connected"}},
      {{"member", "list"}, {"SERICA", "9521001000000", "SPREE"}},
      {{"trace", scarf, "--genesis", genesis()},
       {"Mulberry silk scarf S000042", "complete   26 of 26 events", "sold, not registered, not recalled",
        "made, 1,200 kg C2605", "both   COCOON SERICA", "export cleared", "inspected: pass", "16 24 Aug    sold"}},
      {{"trace", "01/09521001000109/10/S2607"}, {"complete", "Mulberry silk scarf S2607", "--genesis FILE pins it"}},
      {{"trace", "00/095210010000000017"}, {"complete", "handed over, 2,000"}},
      {{"escrow", "explain", "ESC-J1"},
       {"ESC-J1", "ended  ", "Money so far", "29,000.00 in", "29,000.00 out", "29,000.00 = 29,000.00 + 0.00"}},
      {{"escrow", "explain", "ESC-J1", "--language", "zh"}, {"已结束", "款项", "29,000.00 付入"}},
  };
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    for (auto const& [arguments, said] : cases) {
      auto const ran = at(node, arguments);
      EXPECT_EQ(ran.exit, 0) << arguments[0] << " at node " << node << "\n" << ran.output;
      for (auto const& words : said) {
        EXPECT_NE(ran.output.find(words), std::string::npos) << words << " at node " << node << "\n" << ran.output;
      }
      EXPECT_EQ(ran.output.find("not balanced"), std::string::npos) << ran.output;
    }
  }
}

TEST_F(Commands, StatusIsOneLineOfJsonWhereItIsAskedFor) {
  auto& net = running();
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const ran = at(node, {"status", "--json"});
    ASSERT_EQ(ran.exit, 0) << ran.output;
    auto const answer = rpc::from_text(ran.output);
    ASSERT_TRUE(answer) << ran.output;
    EXPECT_EQ(answer->find("chain")->string_of("name"), "silk-road-1");
    EXPECT_EQ(answer->find("node")->string_of("validator"), net.world.validators[node]);
    EXPECT_EQ(answer->find("node")->string_of("not_ready"), "");
    auto const& peers = answer->find("peers")->find("peers")->items;
    EXPECT_EQ(peers.size(), 3u);
    for (auto const& peer : peers) EXPECT_TRUE(peer.find("connected")->boolean) << ran.output;
  }
}

TEST_F(Commands, AProofFromAnyNodeIsCheckedWithoutOne) {
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const file = folder / ("s42-" + std::to_string(node) + ".proof");
    auto const got = at(node, {"proof", "get", scarf, file.string()});
    ASSERT_EQ(got.exit, 0) << got.output;
    EXPECT_NE(got.output.find(" bytes"), std::string::npos);
    auto const verified = run_tally({"proof", "verify", file.string(), "--genesis", genesis(), "--id", scarf});
    EXPECT_EQ(verified.exit, 0) << verified.output;
    for (auto const* words : {"complete   https://id.gs1.org/01/09521001000109/21/S000042",
                              " of 4 validators, 3 needed", "recorded     26 events, 34 leaves in 7 histories"}) {
      EXPECT_NE(verified.output.find(words), std::string::npos) << words << "\n" << verified.output;
    }
    // About something else, by another genesis, with one byte changed, cut off.
    auto const other =
        run_tally({"proof", "verify", file.string(), "--genesis", genesis(), "--id", "00/095210010000000017"});
    EXPECT_EQ(other.exit, 4) << other.output;
    EXPECT_NE(other.output.find("CHECK FAILED   subject"), std::string::npos) << other.output;
    auto bytes = *wallet::read_text_file(file);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    ASSERT_TRUE(wallet::write_text_file(folder / "changed", bytes));
    auto const changed = run_tally({"proof", "verify", (folder / "changed").string(), "--genesis", genesis()});
    EXPECT_EQ(changed.exit, 4) << changed.output;
    ASSERT_TRUE(wallet::write_text_file(folder / "cut", bytes.substr(0, bytes.size() - 1)));
    EXPECT_EQ(run_tally({"proof", "verify", (folder / "cut").string(), "--genesis", genesis()}).exit, 4);
  }
  auto const pinned = run_tally({"proof", "verify", (folder / "s42-0.proof").string()});
  EXPECT_EQ(pinned.exit, 3) << pinned.output;
  EXPECT_NE(pinned.output.find("--genesis"), std::string::npos);
}

TEST_F(Commands, NameWhoSignedTwoResultsOfOneHeight) {
  auto const honest = folder / "honest.proof";
  auto const forked = folder / "forked.proof";
  ASSERT_EQ(at(0, {"proof", "get", scarf, honest.string()}).exit, 0);
  auto const accuse = [&](std::filesystem::path const& second) {
    return run_tally({"proof", "accuse", honest.string(), second.string(), "--genesis", genesis()});
  };
  auto const same = accuse(honest);
  EXPECT_EQ(same.exit, 3) << same.output;
  // All but the first validator sign another result of the same block.
  auto proof = *base::decode<ledger::TraceProof>(base::bytes_of(*wallet::read_text_file(honest)));
  proof.header.receipts_root.bytes[0] ^= 1;
  auto& certificate = std::get<ledger::SimplexFinality>(proof.finality).certificate;
  certificate.ballot.result = proof.header.hash();
  auto& net = running();
  std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
  for (std::size_t place = 1; place < testnet::nodes; ++place) {
    auto const home = node::open_home(net.network.genesis_path().parent_path() / net.world.validators[place]);
    ASSERT_TRUE(home) << base::to_string(home.error());
    votes.emplace_back(place, crypto::validator_sign(home->validator_secret, certificate.ballot.digest()));
  }
  certificate = crypto::make_certificate(certificate.ballot, testnet::nodes, votes);
  ASSERT_TRUE(wallet::write_text_file(forked, std::string(base::text_of(base::encode(proof)))));
  auto const found = accuse(forked);
  EXPECT_EQ(found.exit, 4) << found.output;
  EXPECT_NE(found.output.find("CONFLICT"), std::string::npos) << found.output;
  EXPECT_NE(found.output.find("keys signed both; at most 1 may be faulty"), std::string::npos) << found.output;
}

TEST_F(Commands, WitnessesCosignWhatTheyFollow) {
  auto const keys = running().network.keys_folder();
  auto const signed_last = folder / "audit.signed";
  auto const witness = [&](std::string const& name, std::filesystem::path const& kept) {
    return at(0,
              {"witness", "--once", "--key", name, "--file", kept.string(), "--also", running().network.member_url(1),
               "--genesis", genesis(), "--keys", keys.string(), "--passphrase-file", (keys / "passphrase").string()});
  };
  auto const file = (folder / "witnessed.proof").string();
  // The nodes are at one height only between two blocks.
  bool shown_at[] = {false, false};
  for (int round = 0; round < 40 && !(shown_at[0] && shown_at[1]); ++round) {
    auto const cosigned = witness("AUDIT", signed_last);
    ASSERT_EQ(cosigned.exit, 0) << cosigned.output;
    for (std::size_t node = 0; node < 2; ++node) {
      ASSERT_EQ(at(node, {"proof", "get", scarf, file, "--witnessed", "60"}).exit, 0);
      auto const verified = run_tally({"proof", "verify", file, "--genesis", genesis()});
      ASSERT_EQ(verified.exit, 0) << verified.output;
      shown_at[node] = shown_at[node] || verified.output.find("witness      AUDIT, 20") != std::string::npos;
    }
  }
  EXPECT_TRUE(shown_at[0]);
  EXPECT_TRUE(shown_at[1]);
  EXPECT_EQ(witness("CERTA", signed_last).exit, 3) << "another key's file";
  // A validator's key is registered, and its word counts for nothing.
  auto const validator = witness("SERICA", folder / "serica.signed");
  EXPECT_EQ(validator.exit, 3) << validator.output;
  EXPECT_NE(validator.output.find("E_SCOPE"), std::string::npos) << validator.output;
  ASSERT_TRUE(wallet::write_text_file(signed_last, "half a file"));
  auto const forgotten = witness("AUDIT", signed_last);
  EXPECT_EQ(forgotten.exit, 3) << forgotten.output;
  EXPECT_NE(forgotten.output.find("audit.signed"), std::string::npos) << forgotten.output;
}

TEST_F(Commands, WriteACapsule) {
  auto const file = (folder / "scarf.html").string();
  auto const written = at(2, {"capsule", scarf, file, "--genesis", genesis()});
  ASSERT_EQ(written.exit, 0) << written.output;
  EXPECT_NE(written.output.find("complete, 26 events"), std::string::npos) << written.output;
  auto const page = *wallet::read_text_file(file);
  EXPECT_LE(page.size(), std::size_t{64} << 10);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(at(2, {"capsule", "01/09521001000109/21/NOTHING", file}).exit, 0) << "absence can be shown too";
}

TEST_F(Commands, WaitForWhatIsRecordedAtAnyNode) {
  auto& net = running();
  // The file that the README captures, once at each node: recorded by the first, known to the others.
  auto const capture = [&](std::size_t node) {
    return at(node, {"capture", TALLY_SOURCE_DIR "/docs/example.json", "--keys", net.network.keys_folder().string(),
                     "--passphrase-file", (net.network.keys_folder() / "passphrase").string(), "--key", "SPREE"});
  };
  auto const captured = capture(0);
  ASSERT_EQ(captured.exit, 0) << captured.output;
  ASSERT_TRUE(captured.output.starts_with("done  done  0x")) << captured.output;
  EXPECT_NE(captured.output.find("event 1  done  ni:///sha-256;"), std::string::npos) << captured.output;
  auto const id = captured.output.substr(std::string_view("done  done  ").size(), 66);
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const waited = at(node, {"tx", "wait", id});
    EXPECT_EQ(waited.exit, 0) << waited.output;
    EXPECT_TRUE(waited.output.starts_with("done  done")) << waited.output;
    auto const json = at(node, {"tx", "wait", id, "--json"});
    auto const answer = rpc::from_text(json.output);
    ASSERT_TRUE(answer) << json.output;
    EXPECT_EQ(answer->string_of("state"), "done");
    EXPECT_NE(answer->string_of("recorded_height"), "");
    auto const again = capture(node);
    EXPECT_EQ(again.exit, 0) << again.output;
    EXPECT_NE(again.output.find("event 1  exists"), std::string::npos) << again.output;
    auto const nobody = at(node, {"tx", "wait", ledger::Hash{}.hex(), "--timeout-ms", "50"});
    EXPECT_EQ(nobody.exit, 1) << nobody.output;
    EXPECT_TRUE(nobody.output.starts_with("unknown")) << nobody.output;
  }
  EXPECT_EQ(at(0, {"tx", "wait", "0x12"}).exit, 2);
}

TEST_F(Commands, KeysAreMadeListedAndSignOnlyForWhoIsKnown) {
  auto const keys = (folder / "keys").string();
  auto const phrase = (folder / "phrase").string();
  ASSERT_TRUE(wallet::write_text_file(phrase, "eight letters and more\n", true));
  auto const key = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--keys", keys, "--passphrase-file", phrase});
    return run_tally(arguments);
  };
  auto const made = key({"key", "new", "clerk", "--gln", "9521005000006"});
  ASSERT_EQ(made.exit, 0) << made.output;
  auto const listed = key({"key", "list"});
  EXPECT_EQ(listed.exit, 0);
  EXPECT_NE(listed.output.find("clerk"), std::string::npos);
  EXPECT_NE(listed.output.find(made.output.substr(0, 66)), std::string::npos) << listed.output;
  EXPECT_EQ(key({"key", "new", "clerk"}).exit, 3);
  EXPECT_EQ(key({"key", "new", "other", "--gln", "9521005000007"}).exit, 3);
  // A key of SPREE that nobody registered.
  std::string const file = TALLY_SOURCE_DIR "/docs/example.json";
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const refused = key({"capture", file, "--key", "clerk", "--node", running().network.member_url(node)});
    EXPECT_EQ(refused.exit, 3) << refused.output;
    EXPECT_NE(refused.output.find("E_KEY_UNKNOWN"), std::string::npos) << refused.output;
  }
  ASSERT_TRUE(wallet::write_text_file(phrase, "another passphrase\n", true));
  auto const wrong = key({"capture", file, "--key", "clerk", "--node", running().network.member_url(0)});
  EXPECT_EQ(wrong.exit, 3) << wrong.output;
  EXPECT_NE(wrong.output.find("wrong passphrase"), std::string::npos) << wrong.output;
}

TEST_F(Commands, SayWhatHelpsWhenSomethingIsMistyped) {
  ASSERT_TRUE(wallet::write_text_file(folder / "short", "seven77\n", true));
  auto const short_phrase = (folder / "short").string();
  struct Case {
    std::vector<std::string> arguments;
    int exit;
    std::string said;
  };
  std::vector<Case> const cases = {
      {{"key", "new", "x", "--passphrase-file", short_phrase}, 3, "at least 8 characters"},
      {{"status", "--node", "localhost:8090"}, 3, "expected http://host:port"},
      {{"capture", folder.string(), "--key", "SPREE"}, 3, "directory"},
      {{"trace", "01/12", "--node", running().network.member_url(0)}, 2, "expected a Digital Link"},
      {{"proof", "get", "01/09521001000109/21/NOTHING", (folder / "x").string(), "--node",
        running().network.member_url(0)},
       3,
       "No record under this number"},
      {{"qr", scarf, "--base", "http://" + std::string(4096, 'h')}, 3, "a QR code holds at most"},
      {{"escrow", "explain", "NOBODY", "--node", running().network.member_url(0)}, 3, "E_CONTRACT_UNKNOWN"},
  };
  for (auto const& [arguments, exit, said] : cases) {
    auto const ran = run_tally(arguments);
    EXPECT_EQ(ran.exit, exit) << ran.output;
    EXPECT_NE(ran.output.find(said), std::string::npos) << ran.output;
    EXPECT_EQ(ran.output.find("canonical bytes"), std::string::npos) << ran.output;
  }
}

}  // namespace
}  // namespace e2e
