// SPDX-License-Identifier: Apache-2.0
// Four real validators whose blocks CometBFT orders, and a fifth that is voted in and never comes. CometBFT's processes
// are stopped and let go at random; its commits become vectors that both verifiers accept.
#include <signal.h>

#include <fstream>

#include "e2e/validators/stage.hpp"
#include "ledger/proof.hpp"

namespace e2e {
namespace {

class Comet : public Validators {
 protected:
  Comet() { engine_ = "cometbft"; }
  void SetUp() override {
    Validators::SetUp();
    subject_ = "https://id.gs1.org/417/" + std::string(net_->world.organisation(net_->world.validators[0]).member.gln);
    vectors_ = home_ / "vectors";
    fs::create_directories(vectors_);
    auto const genesis = testnet::read_genesis(net_->network.genesis_path());
    ASSERT_TRUE(genesis);
    anchor_ = {genesis->chain(), genesis->validators.hash()};
    shaker_ = std::thread([this] { shake(); });
  }
  void TearDown() override {
    over_ = true;
    if (shaker_.joinable()) shaker_.join();
    Validators::TearDown();
  }

  /// The child of a node's process.
  pid_t comet_of(std::size_t node) const {
    auto const pid = std::to_string(net_->network.pid(node));
    std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
    pid_t out = 0;
    // tally starts it on a thread of its own now and then.
    for (auto const& task : fs::directory_iterator("/proc/" + pid + "/task")) {
      std::ifstream of_task(task.path() / "children");
      if (of_task >> out) return out;
    }
    return 0;
  }
  void shake() {
    std::uint64_t random = static_cast<std::uint64_t>(getpid());
    auto const below = [&](std::uint64_t bound) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      return (random >> 33) % bound;
    };
    while (!over_) {
      auto const process = comet_of(below(testnet::nodes));
      if (process > 0) kill(process, SIGSTOP);
      usleep(static_cast<useconds_t>(50'000 + below(700'000)));
      if (process > 0) kill(process, SIGCONT);
      usleep(static_cast<useconds_t>(below(400'000)));
    }
  }

  /// What the newest certified commit shows.
  std::set<std::string> kinds_of(ledger::TraceProof const& proof) const {
    std::set<std::string> out;
    auto const* finality = std::get_if<ledger::CometFinality>(&proof.finality);
    if (finality == nullptr) return out;
    std::string const when = proof.epochs.empty() ? "before" : "after";
    out.insert(finality->round == 0 ? when + "-first-round" : when + "-later-round");
    for (auto const& vote : finality->votes) {
      if (std::holds_alternative<ledger::CometNil>(vote)) out.insert(when + "-nil");
      if (std::holds_alternative<ledger::CometAbsent>(vote)) out.insert(when + "-absent");
    }
    return out;
  }

  void keep(std::string const& name, ledger::TraceProof const& proof) {
    auto const verdict = ledger::verify_trace(proof, subject_, anchor_);
    ASSERT_FALSE(verdict.failed) << name << ": " << verdict.detail;
    std::ofstream out(vectors_ / (name + ".json"));
    out << R"({"name": ")" << name << R"(", "subject": ")" << subject_ << R"(", "chain": ")" << anchor_.chain.hex()
        << R"(", "validators_hash": ")" << anchor_.validators_hash.hex() << R"(", "verdict": "complete", "events": )"
        << verdict.events << R"(, "leaves": )" << verdict.leaves << R"(, "signatures": )" << verdict.signatures
        << R"(, "validators": )" << verdict.validators << R"(, "quorum": )" << verdict.quorum
        << R"(, "partial": 0, "proof": "0x)" << base::to_hex(base::encode(proof)) << "\"}\n";
    kept_.insert(name);
  }

  /// Proofs until each of these was seen.
  void collect(std::set<std::string> const& wanted) {
    auto const file = home_ / "comet.proof";
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(100);
    auto const missing = [&] {
      return std::ranges::any_of(wanted, [&](auto const& name) { return !kept_.contains(name); });
    };
    while (missing() && std::chrono::steady_clock::now() < end) {
      auto const got = at(1, {"proof", "get", subject_, file.string()});
      auto const text = wallet::read_text_file(file);
      if (got.exit != 0 || !text) continue;
      auto const proof = base::decode<ledger::TraceProof>(base::bytes_of(*text));
      ASSERT_TRUE(proof);
      for (auto const& name : kinds_of(*proof)) {
        if (!kept_.contains(name)) keep(name, *proof);
      }
    }
    for (auto const& name : wanted) EXPECT_TRUE(kept_.contains(name)) << "no commit like this came: " << name;
  }

  std::string subject_;
  fs::path vectors_;
  ledger::Anchor anchor_;
  std::set<std::string> kept_;
  std::thread shaker_;
};

TEST_F(Comet, CommitsAndASetChangeHoldForBothVerifiers) {
  collect({"before-first-round", "before-later-round", "before-absent", "before-nil"});
  auto const secret = crypto::ValidatorSecret{crypto::sha256(base::bytes_of("never comes")).bytes};
  auto const& four = net_->world.validators;
  change(R"({"type": "add_validator", "validator": {"party": ")" + net_->world.organisation(newcomer_).party().hex() +
             R"(", "key": ")" + crypto::validator_key(secret).hex() + R"(", "tls_key": ")" + anchor_.chain.hex() +
             R"("}, "address": "127.0.0.1:9"})",
         {four[0], four[1], four[2]});
  // Every fifth height is the newcomer's to propose.
  collect({"after-first-round", "after-later-round", "after-absent"});
  auto const script = fs::path(TALLY_SOURCE_DIR) / "web" / "test" / "vectors.test.mjs";
  auto const out = home_ / "verifier.txt";
  auto const command =
      "TALLY_VECTORS=" + vectors_.string() + " node --test " + script.string() + " > " + out.string() + " 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << wallet::read_text_file(out).value();
  std::string names;
  for (auto const& name : kept_) names += " " + name;
  std::printf("vectors from a running chain:%s\n", names.c_str());
}

}  // namespace
}  // namespace e2e
