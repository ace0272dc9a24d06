// SPDX-License-Identifier: Apache-2.0
#include "wallet/capsule.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "rpc/json.hpp"
#include "wallet/keystore.hpp"

namespace wallet {
namespace {

TEST(Capsule, HoldsTheProofAndWhatItIsPinnedTo) {
  ledger::Anchor const anchor{ledger::Hash{}, ledger::Hash{}};
  ledger::Bytes const proof(50'000, 7);
  auto const page = make_capsule(proof, "https://id.gs1.org/01/09521001000109/21/</script>", anchor);
  for (auto const* place : {"{{proof}}", "{{about}}", "{{code}}"}) EXPECT_EQ(page.find(place), std::string::npos);
  // What a name says never ends the element that it stands in.
  EXPECT_NE(page.find("21/\\u003c/script>"), std::string::npos);
  EXPECT_EQ(page.find("http", page.find("<style>")), page.find("https://id.gs1.org"));
}

TEST(Capsule, HoldsFiftyEventsOfTwentyTwoValidatorsIn64KB) {
  auto const golden = read_text_file(TALLY_SOURCE_DIR "/tests/golden/proof/good-large-fifty.json").value();
  auto const vector = rpc::from_text(golden).value();
  auto const hash = [&](char const* name) { return ledger::Hash::from_text(vector.string_of(name)).value(); };
  EXPECT_EQ(vector.find("events")->text, "50");
  EXPECT_EQ(vector.find("signatures")->text, "22");
  auto const proof = base::from_hex(vector.string_of("proof").substr(2)).value();
  auto const page =
      make_capsule(proof, std::string(vector.string_of("subject")), {hash("chain"), hash("validators_hash")});
  std::printf("50 events, 22 validators, 2^30 keys: proof %zu bytes, capsule %zu bytes; to reach %zu\n", proof.size(),
              page.size(), std::size_t{64} << 10);
  EXPECT_LE(page.size(), std::size_t{64} << 10);
}

/// For the test in a browser (tests/e2e/web/capsule.test.mjs), which says of what and where to.
TEST(Capsule, IsWrittenWhereAsked) {
  auto const said = [](char const* name) {
    char const* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (said("TALLY_CAPSULE").empty()) return;
  auto const proof = read_text_file(said("TALLY_CAPSULE_PROOF"), std::size_t{1} << 20).value();
  ledger::Anchor const anchor{ledger::Hash::from_text(said("TALLY_CAPSULE_CHAIN")).value(),
                              ledger::Hash::from_text(said("TALLY_CAPSULE_VALIDATORS")).value()};
  auto const page = make_capsule(base::bytes_of(proof), said("TALLY_CAPSULE_SUBJECT"), anchor);
  EXPECT_TRUE(write_text_file(said("TALLY_CAPSULE"), page));
}

}  // namespace
}  // namespace wallet
