// SPDX-License-Identifier: Apache-2.0
#include "wallet/phrase.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

std::string hex(base::BytesView bytes) { return base::to_hex(bytes); }
Seed seed(std::string const& text) { return *Seed::from(*base::from_hex(text)); }

/// Published vectors of BIP-39 (trezor/python-mnemonic, passphrase TREZOR).
TEST(Phrase, FollowsBip39) {
  base::Bytes const zeros(16, 0);
  auto const phrase = phrase_of(zeros);
  EXPECT_EQ(phrase, "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about");
  EXPECT_EQ(hex(seed_of(phrase, "TREZOR")->view()),
            "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e5349553"
            "1f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04");
  base::Bytes const ones(32, 0xff);
  auto const long_phrase = phrase_of(ones);
  EXPECT_TRUE(long_phrase.ends_with("zoo vote"));
  EXPECT_EQ(entropy_of(long_phrase).value(), ones);
  EXPECT_EQ(entropy_of("  " + phrase + "\n").value(), zeros) << "white space does not matter";
}

TEST(Phrase, NamesWhatIsWrong) {
  auto const phrase = phrase_of(base::Bytes(16, 0));
  EXPECT_EQ(entropy_of(phrase + " about").error().detail, "12, 15, 18, 21 or 24 words, not 13");
  auto other = phrase;
  other.replace(0, 7, "abanbon");
  EXPECT_EQ(entropy_of(other).error().detail, "word 1 is not of the list of BIP-39");
  other.replace(0, 7, "ability");
  EXPECT_EQ(entropy_of(other).error().detail, "the last word does not follow from the others: one is wrong");
  EXPECT_FALSE(seed_of(phrase, "pässwort"));
}

/// Test vector 2 of BIP-32.
TEST(Phrase, DerivesByBip32) {
  auto const root =
      root_of(seed("fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a2"
                   "9f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542"));
  ASSERT_TRUE(root);
  EXPECT_EQ(hex(root->secret.view()), "4b03d6fc340455b363f51020ad3ecca4f0850280cf436c70c727923f6db46c3e");
  auto const child = follow(*root, "m/0/2147483647'/1/2147483646'/2");
  ASSERT_TRUE(child);
  EXPECT_EQ(hex(child->secret.view()), "bb7d39bdb83ecf58f2fd82b6d918341cbef428661ef01ab97c28a4842125ac23");
  EXPECT_EQ(hex(child->chain_code.view()), "9452b549be8cea3ecb7a84bec10dcfd94afe4d129ebfd3b3cb58eedf394ed271");
  EXPECT_EQ(follow(*root, "m")->secret, root->secret);
  for (char const* const wrong : {"", "0'/1", "m/", "m/x", "m/2147483648", "m//1", "m/1\'\'"}) {
    EXPECT_FALSE(follow(*root, wrong)) << wrong;
  }
}

TEST(Phrase, OrganisationsKeysAreHardened) { EXPECT_EQ(path_of(7), "m/44'/9521'/0'/0'/7'"); }

}  // namespace
}  // namespace wallet
