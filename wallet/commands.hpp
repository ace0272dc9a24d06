// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the command line does, one function a command; each returns an exit code (terminal.hpp).

#include <filesystem>

#include "wallet/draft.hpp"
#include "wallet/terminal.hpp"

namespace wallet {

/// What every command may be told.
struct Options {
  /// http://host:port of a member listener; reading works on a public one.
  std::string node = "http://127.0.0.1:8081";
  bool json = false;
  /// Where key files lie.
  std::filesystem::path keys = "keys";
  /// Holds the passphrase; else the environment's TALLY_PASSPHRASE, else it is asked for.
  std::filesystem::path passphrase_file;
  /// A genesis.json to pin the chain to; else the node's own word is taken, and said so.
  std::filesystem::path genesis;
};

/// Opens a key by its name, with the passphrase from the options.
base::Result<Identity> unlock(Options const& options, std::string const& key_name);

int show_status(Options const& options);
int new_key(Options const& options, std::string const& name, std::string const& gln);
int show_keys(Options const& options);
int show_members(Options const& options);
int capture(Options const& options, std::filesystem::path const& file, std::string const& key_name, bool proceed);
int show_trace(Options const& options, std::string const& id);
int get_proof(Options const& options, std::string const& id, std::filesystem::path const& file);
int verify_proof(Options const& options, std::filesystem::path const& file, std::string const& id);
int explain_escrow(Options const& options, std::string const& id, std::string const& language);
/// What can be said of terms before they are signed: accepted with dates and payouts, or refused with the path.
int analyse_escrow(std::filesystem::path const& file, std::string const& start, std::string const& language);
/// Plays scenarios offline, one line each; a difference is a fault.
int simulate_escrow(std::vector<std::string> const& terms, std::filesystem::path const& scenarios);
int wait_for(Options const& options, std::string const& id, std::uint64_t timeout_ms);
int transfer(Options const& options, std::string const& amount, std::string const& asset, std::string const& to,
             std::string const& key_name);
int show_qr(Options const& options, std::string const& id, std::string const& base_url, bool inverted);
/// parse, normalise, urn: one line of JSON.
int gs1_command(std::string const& verb, std::string const& uri);
/// hash: one event hash a line; check: valid, or field and reason.
int epcis_command(std::string const& verb, std::filesystem::path const& file);

}  // namespace wallet
