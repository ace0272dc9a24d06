// SPDX-License-Identifier: Apache-2.0
// Four real validators that become five, and four others again, while transactions go on: everything by the commands
// that operators type.
#include <fstream>

#include "e2e/validators/stage.hpp"
#include "ledger/proof.hpp"

namespace e2e {
namespace {

class Changes : public Validators {
 protected:
  void expect_each_certificate_of_its_own_epoch();
};

/// Each height's certificate holds for the validators of its epoch and for no others.
void Changes::expect_each_certificate_of_its_own_epoch() {
  std::map<std::uint64_t, crypto::ValidatorSet> sets;
  auto const tip = ask(0, "chain_status", "", "");
  ASSERT_TRUE(tip);
  auto const newest = base::from_decimal(tip->string_of("height")).value();
  for (std::uint64_t height = 1; height <= newest; ++height) {
    auto const answer = ask(0, "chain_header", "height", std::to_string(height));
    ASSERT_TRUE(answer);
    if (answer->find("finality") == nullptr) continue;
    auto const bytes = [&](char const* name) { return base::from_hex(answer->string_of(name).substr(2)).value(); };
    auto const header = base::decode<ledger::ResultHeader>(bytes("bytes"));
    auto const finality = base::decode<ledger::Finality>(bytes("finality"));
    ASSERT_TRUE(header && finality);
    // Blocks that were decided with a later one have its certificate.
    if (std::get<ledger::SimplexFinality>(*finality).certificate.ballot.height != height) continue;
    if (!sets.contains(header->epoch)) {
      auto const told = ask(0, "chain_validators", "epoch", std::to_string(header->epoch));
      ASSERT_TRUE(told);
      for (auto const& one : told->find("validators")->items) {
        sets[header->epoch].validators.push_back({*ledger::PartyId::from_text(one.string_of("id")),
                                                  *base::ValidatorKey::from_text(one.string_of("key")),
                                                  *ledger::Hash::from_text(one.string_of("tls_key"))});
      }
    }
    for (auto const& [epoch, set] : sets) {
      bool const own = set.hash() == header->validators_hash;
      EXPECT_EQ(ledger::verify(*finality, *header, set), own) << "height " << height << " with epoch " << epoch;
      EXPECT_TRUE(own || epoch != header->epoch) << height;
    }
  }
  EXPECT_GT(sets.size(), 10u);
}

TEST_F(Changes, ComeRotateAndGoUnderLoad) {
  auto const members = net_->world.validators;
  join();
  expect_needed_without(3);

  auto const before = keys(0);
  auto const next = run_tally({"node", "next-key", "--home", folder(1).string()});
  ASSERT_EQ(next.exit, 0) << next.output;
  change(next.output, {members[0], members[1], members[2], newcomer_});
  EXPECT_NE(keys(0)[1], before[1]);
  expect_needed_without(2);

  auto const tls = run_tally({"node", "next-tls-key", "--home", folder(0).string()});
  ASSERT_EQ(tls.exit, 0) << tls.output;
  change(tls.output, {members[0], members[1], members[2], newcomer_});
  auto const log = wallet::read_text_file(home_ / (members[0] + ".log"));
  ASSERT_TRUE(log);
  EXPECT_NE(log->find("is in use now"), std::string::npos);

  change(R"({"type": "remove_validator", "key": ")" + keys(0)[3] + "\"}",
         {members[0], members[1], members[2], newcomer_});
  EXPECT_EQ(keys(0).size(), 4u);
  // The old TLS key has had its time, and all four connect without it.
  net_->network.stop(3, false);
  expect_needed_without(2);

  over_ = true;
  load_.join();
  expect_each_certificate_of_its_own_epoch();
  // Somebody who knows the genesis alone follows through the four changes.
  auto const proof = home_ / "member.proof";
  auto const subject = "https://id.gs1.org/417/" + std::string(net_->world.organisation(members[0]).member.gln);
  auto const got = at(fifth, {"proof", "get", subject, proof.string()});
  ASSERT_EQ(got.exit, 0) << got.output;
  auto const verified = run_tally(
      {"proof", "verify", proof.string(), "--id", subject, "--genesis", net_->network.genesis_path().string()});
  EXPECT_EQ(verified.exit, 0) << verified.output;
  auto const text = wallet::read_text_file(proof);
  ASSERT_TRUE(text);
  auto const read = base::decode<ledger::TraceProof>(base::bytes_of(*text));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->epochs.size(), 4u);
  auto without = *read;
  without.epochs.pop_back();
  auto const cut = base::encode(without);
  ASSERT_TRUE(wallet::write_text_file(proof, std::string(cut.begin(), cut.end())));
  EXPECT_EQ(run_tally({"proof", "verify", proof.string(), "--id", subject, "--genesis",
                       net_->network.genesis_path().string()})
                .exit,
            4);
}

TEST_F(Validators, ALostJournalIsNoLostValidator) {
  expect_more();
  net_->network.stop(2, true);
  fs::remove_all(folder(2) / "data" / "journal");
  expect_more();
  net_->network.start(2);
  // It is ready when it votes.
  auto const ready = net_->network.wait_ready(2, 60'000);
  ASSERT_TRUE(ready) << base::to_string(ready.error());
  expect_needed_without(3);
  // And another one, whom the first can tell by now.
  net_->network.stop(0, true);
  auto const journal = folder(0) / "data" / "journal";
  for (auto const& entry : fs::directory_iterator(journal)) {
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(9).put('\x2a');  // the checksum of its first frame
  }
  net_->network.start(0);
  auto const again = net_->network.wait_ready(0, 60'000);
  ASSERT_TRUE(again) << base::to_string(again.error());
  expect_needed_without(1);
  auto const log = wallet::read_text_file(home_ / (net_->world.validators[0] + ".log"));
  ASSERT_TRUE(log);
  EXPECT_NE(log->find("the vote journal is gone or damaged"), std::string::npos);
  expect_nothing_lost();
}

/// All stop; what is final stands, and a quorum's file begins a new epoch on it.
TEST_F(Validators, AChainGoesOnByASignedFile) {
  expect_more();
  auto const file = (home_ / "recovery.json").string();
  auto const recover = [&](char const* verb, std::size_t node) {
    return run_tally({"recover", verb, file, "--home", folder(node).string()});
  };
  auto const draft = [&](std::size_t node) {
    fs::remove(file);
    auto const drafted = recover("draft", node);
    EXPECT_EQ(drafted.exit, 0) << drafted.output;
    auto text = wallet::read_text_file(file);
    return text ? *std::move(text) : base::to_string(text.error());
  };
  auto const busy = recover("draft", 0);
  EXPECT_EQ(busy.exit, 1) << busy.output;  // it runs
  net_->network.stop(3, true);
  expect_more();
  // The file begins on the last block of all, so all must have it.
  over_ = true;
  load_.join();
  // Nothing may be under way: a block that two have voted for may be final with the third validator's vote, which is
  // not here to say so. And one may be stopped with a block that another still lacks; then they go on for a while.
  auto const heights = [&] {
    std::vector<std::string> out;
    for (std::size_t node = 0; node < 3; ++node)
      out.emplace_back(ask(node, "chain_status", "", "")->string_of("height"));
    return out;
  };
  auto const agree = [&] {
    EXPECT_TRUE(until([&] {
      auto const before = heights();
      usleep(3'000'000);
      return before == heights();
    }));
    for (std::size_t node = 0; node < 3; ++node) net_->network.stop(node, true);
    auto const first = draft(1);
    if (draft(2) == first && draft(0) == first) return true;
    for (std::size_t node = 0; node < 3; ++node) net_->network.start(node);
    for (std::size_t node = 0; node < 3; ++node) EXPECT_TRUE(net_->network.wait_ready(node, 60'000));
    return false;
  };
  ASSERT_TRUE(agree() || agree() || agree() || agree());
  auto const refused = recover("apply", 0);
  EXPECT_EQ(refused.exit, 1);
  EXPECT_NE(refused.output.find("3 are needed"), std::string::npos) << refused.output;
  for (std::size_t node = 0; node < 3; ++node) {
    auto const signed_one = recover("sign", node);
    ASSERT_EQ(signed_one.exit, 0) << signed_one.output;
  }
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const applied = recover("apply", node);
    ASSERT_EQ(applied.exit, 0) << applied.output;
  }
  for (std::size_t node = 0; node < testnet::nodes; ++node) net_->network.start(node);
  for (std::size_t node = 0; node < testnet::nodes; ++node) ASSERT_TRUE(net_->network.wait_ready(node, 60'000));
  over_ = false;
  load_ = std::thread([this] { work(); });
  expect_more();
  for (std::size_t node = 0; node < testnet::nodes; ++node) EXPECT_GE(epoch(node), 2u) << node;
  expect_needed_without(1);
  expect_nothing_lost();
  net_->network.stop(0, false);
  auto const audited = run_tally({"audit", "--home", folder(0).string()});
  EXPECT_EQ(audited.exit, 0) << audited.output;
}

}  // namespace
}  // namespace e2e
