// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every command that signs does: say in words what will be signed, ask what speaks against it, sign with the keys
// named or write a draft, send, wait.

#include <functional>

#include "wallet/commands.hpp"
#include "wallet/memory.hpp"

namespace wallet {

/// The operations that the first signer's party asks for.
using Build = std::function<base::Result<std::vector<ledger::Operation>>(
    Provider const& provider, ChainInfo const& chain, base::PartyId const& actor)>;
int sign_and_send(Options const& options, Signing const& signing, Build const& build);
/// Whose keys sign, or may approve the draft.
base::Result<std::vector<base::PartyId>> signing_parties(Options const& options, Signing const& signing);

/// The chain that the node serves; E_CHAIN when --genesis names another one, or a file that cannot be read. Every
/// command asks it before it signs.
base::Result<ChainInfo> chain_to_sign_for(rpc::Client& client, Options const& options);
/// The same of a body that was made elsewhere, without a node.
base::Result<void> check_chain(ledger::Hash const& chain, Options const& options);
/// What to do about an error of these two.
std::string chain_next(base::Error const& error);

/// A contact's name, a GLN, a party's id, or the short name of a member. E_SIGNATURE when the node answers with a
/// member who is not called so.
base::Result<base::PartyId> party_named(Provider const& provider, Options const& options, std::string const& name,
                                        char const* field);
/// A decimal amount of an asset; positive.
base::Result<base::Amount> minor_units(std::string const& amount, unsigned scale, char const* field);
/// A time ("2026-08-20T00:00:00Z"), or a duration from the chain's time on ("P3D").
base::Result<ledger::TimeMs> moment(std::string const& text, ChainInfo const& chain, char const* field);
/// The travel-rule statement in a file; nothing without a file.
base::Result<std::optional<ledger::Travel>> travel_in(std::filesystem::path const& file);
/// A hash in hexadecimal, or that of a file's bytes.
base::Result<ledger::Hash> hash_named(std::string const& text, char const* field);

/// What the node and the contacts know of a body; E_SIGNATURE when the node gives a proof that does not hold.
base::Result<Names> known_names(Provider const& provider, Options const& options, ledger::Body const& body);
/// Reports what came of asking a node; the exit status, of a check that failed where the node's word did not hold.
int distrust(base::Error const& error);
/// The body in words, to stderr: stdout is for what programs read.
void print_reading(ledger::Body const& body, Names const& names);
/// What the body takes from accounts of these signers.
Outlay outlay_of(ledger::Body const& body, std::vector<ledger::Signer> const& signers, Names const& names);

}  // namespace wallet
