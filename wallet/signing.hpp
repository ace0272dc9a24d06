// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every command that signs does: say in words what will be signed, ask what speaks against it, sign with the keys
// named or write a draft, send, wait.

#include <functional>

#include "wallet/commands.hpp"

namespace wallet {

/// The operations that the first signer's party asks for.
using Build = std::function<base::Result<std::vector<ledger::Operation>>(rpc::Client& client, ChainInfo const& chain,
                                                                         base::PartyId const& actor)>;
int sign_and_send(Options const& options, Signing const& signing, Build const& build);

/// A contact's name, a GLN, or the short name of a member.
base::Result<base::PartyId> party_named(rpc::Client& client, Options const& options, std::string const& name,
                                        char const* field);
/// A decimal amount of an asset; positive.
base::Result<base::Amount> minor_units(std::string const& amount, unsigned scale, char const* field);
/// A time ("2026-08-20T00:00:00Z"), or a duration from the chain's time on ("P3D").
base::Result<ledger::TimeMs> moment(std::string const& text, ChainInfo const& chain, char const* field);
/// The travel-rule statement in a file; nothing without a file.
base::Result<std::optional<ledger::Travel>> travel_in(std::filesystem::path const& file);
/// A hash in hexadecimal, or that of a file's bytes.
base::Result<ledger::Hash> hash_named(std::string const& text, char const* field);

/// The body in words, to stderr: stdout is for what programs read.
void print_reading(rpc::Client& client, Options const& options, ledger::Body const& body);

}  // namespace wallet
