// SPDX-License-Identifier: Apache-2.0
#pragma once

// Secret keys of an organisation, sealed in files: a passphrase through Argon2id gives the key of XChaCha20-Poly1305.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "crypto/party.hpp"

namespace wallet {

/// A key that can sign for a party.
struct Identity {
  base::PartyId party;
  base::PartyKey key;
  crypto::PartySecret secret;
};

/// What stands in a key file beside the sealed secret.
struct KeyInfo {
  std::string name;
  /// GLN of the organisation; empty for a key that belongs to no member.
  std::string gln;
  base::PartyKey key;
};

/// 32 bytes from the system's random source.
base::Hash random_bytes();
/// A fresh secret of secp256k1.
crypto::PartySecret new_secret();

/// The file's text. `fast` takes the least work that libsodium allows, for keys of a test network only.
std::string seal_key(KeyInfo const& info, crypto::PartySecret const& secret, std::string const& passphrase,
                     bool fast = false);
base::Result<KeyInfo> read_key_info(std::string const& text);
/// E_SIGNATURE for a wrong passphrase or an altered file, E_ENCODING with the field for another form.
base::Result<Identity> open_key(std::string const& text, std::string const& passphrase);

/// Writes NAME.key (mode 0600) in the folder; E_ALREADY_REGISTERED when it is there.
base::Result<void> write_key(std::filesystem::path const& folder, KeyInfo const& info, std::string const& sealed);
base::Result<std::string> read_text_file(std::filesystem::path const& path,
                                         std::size_t bytes_max = std::size_t{16} << 20);
/// Writes the whole file, on disk when it returns, or leaves the old one.
base::Result<void> write_text_file(std::filesystem::path const& path, std::string const& text, bool secret = false);
/// The keys in a folder, by name.
std::vector<KeyInfo> list_keys(std::filesystem::path const& folder);

}  // namespace wallet
