// SPDX-License-Identifier: Apache-2.0
#pragma once

// A node's folder: genesis.json, node.toml, the secrets validator.key, tls.key and, if the node signs for its
// organisation, organisation.key (0600 each; the keys are 0x, 64 hexadecimal digits and a line end), tls.crt, and
// data/.

#include <filesystem>

#include "crypto/party.hpp"
#include "ledger/genesis.hpp"
#include "node/config.hpp"

namespace node {

/// Makes the folder with fresh validator and TLS keys and this configuration; genesis.json is still missing. Returns
/// what the genesis says of this validator. E_ALREADY_REGISTERED when there is a validator.key already: keys are never
/// overwritten.
base::Result<crypto::Validator> make_home(std::filesystem::path const& home, base::PartyId const& party,
                                          NodeConfig const& config,
                                          std::optional<crypto::PartySecret> const& organisation_key = std::nullopt);

struct Home {
  std::filesystem::path path;
  NodeConfig config;
  ledger::Genesis genesis;
  crypto::ValidatorSecret validator_secret;
  /// This node's place among the genesis's validators.
  std::uint16_t place = 0;
  std::string tls_key_pem;
  std::string tls_certificate_pem;
  std::optional<crypto::PartySecret> organisation_secret;
};

/// The validator's secret of a home, before there is a genesis.
base::Result<crypto::ValidatorSecret> read_validator_secret(std::filesystem::path const& home);

/// Reads and checks the folder: every file is there, secrets are closed to others, the keys are those that the genesis
/// names. Errors name the file and how to mend it.
base::Result<Home> open_home(std::filesystem::path const& home);

}  // namespace node
