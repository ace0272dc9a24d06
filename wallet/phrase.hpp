// SPDX-License-Identifier: Apache-2.0
#pragma once

// Keys that a person can write down: a phrase of words (BIP-39), and a tree of keys that grows from it (BIP-32).

#include <string>
#include <vector>

#include "base/result.hpp"
#include "crypto/party.hpp"

namespace wallet {

using Seed = base::Fixed<struct SeedTag, 64>;

/// The words of this entropy: 16, 20, 24, 28 or 32 bytes give 12 to 24 words.
std::string phrase_of(base::BytesView entropy);
/// The entropy of a phrase: E_ENCODING with the word that is not of the list, the number of words, or the check word.
base::Result<base::Bytes> entropy_of(std::string const& phrase);
/// PBKDF2-HMAC-SHA512 over the phrase, 2,048 rounds. The passphrase is ASCII, because BIP-39 wants a form of Unicode
/// that this program does not make.
base::Result<Seed> seed_of(std::string const& phrase, std::string const& passphrase);

/// A key of the tree, with what its children are derived by.
struct TreeKey {
  crypto::PartySecret secret;
  base::Hash chain_code;
};
/// E_ENCODING for a seed that gives no key (one in 2^127).
base::Result<TreeKey> root_of(Seed const& seed);
/// The child of this number; from 2^31 on hardened.
base::Result<TreeKey> child_of(TreeKey const& parent, std::uint32_t number);
constexpr std::uint32_t hardened = std::uint32_t{1} << 31;
/// Follows a path such as m/44'/9521'/0'.
base::Result<TreeKey> follow(TreeKey const& root, std::string const& path);

/// The path of an organisation's n-th key in this wallet: m/44'/9521'/0'/0'/n'. Every step is hardened, so that one
/// leaked key tells nothing of the others.
std::string path_of(std::uint32_t index);

}  // namespace wallet
