// SPDX-License-Identifier: Apache-2.0
#pragma once

// A node's folder: genesis.json, node.toml, the secrets validator.key, tls.key and, if the node signs for its
// organisation, organisation.key (0600 each; the keys are 0x, 64 hexadecimal digits and a line end), tls.crt, and
// data/. Keys that the validators are to accept next lie beside them: validator.next.key, tls.next.key, tls.next.crt.

#include <filesystem>

#include "crypto/party.hpp"
#include "ledger/genesis.hpp"
#include "node/config.hpp"
#include "node/tls.hpp"

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
  /// This node's place among the genesis's validators, by its TLS key or its consensus key; nothing for a node that
  /// came later.
  std::optional<std::uint16_t> place;
  TlsIdentity tls;
  std::optional<crypto::PartySecret> organisation_secret;
};

/// The validator's secret of a home, before there is a genesis.
base::Result<crypto::ValidatorSecret> read_validator_secret(std::filesystem::path const& home);
/// The one in use and, if there is one, the next. The validators' votes decide from when on which of them counts.
base::Result<std::vector<crypto::ValidatorSecret>> read_validator_secrets(std::filesystem::path const& home);
base::Result<std::vector<TlsIdentity>> read_tls_identities(std::filesystem::path const& home);

/// Make the next keys; E_ALREADY_REGISTERED while there are some.
base::Result<base::ValidatorKey> make_next_validator_key(std::filesystem::path const& home);
base::Result<base::Hash> make_next_tls_key(std::filesystem::path const& home);

/// Reads and checks the folder: every file is there, secrets are closed to others, keys and genesis fit. Errors name
/// the file and how to mend it.
base::Result<Home> open_home(std::filesystem::path const& home);

/// The newest version of the law that this program is to know. TALLY_KNOWS_VERSION makes it know less, so that an
/// upgrade can be rehearsed without an older program.
std::uint32_t known_version();

}  // namespace node
