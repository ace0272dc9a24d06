// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the command line does, one function a command; each returns an exit code (terminal.hpp).

#include <filesystem>

#include "gs1/digital_link.hpp"
#include "ledger/proof.hpp"
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

/// From the options' file, else from the environment, else asked for.
base::Result<std::string> passphrase(Options const& options, std::string const& key_name);
/// What a verifier pins: from the genesis file, else by the node's own word.
base::Result<ledger::Anchor> anchor_of(Options const& options, rpc::Client* client);
/// Opens a key by its name, with the passphrase from the options.
base::Result<Identity> unlock(Options const& options, std::string const& key_name);

/// Who signs: these keys at once, or a draft that k of n approve.
struct Signing {
  std::vector<std::string> keys;
  /// Write a draft for approval there instead of sending: k of these keys (names of key files); 0: all of them.
  std::filesystem::path draft;
  std::vector<std::string> approvers;
  std::size_t approvals = 0;
  /// Although this wallet's own limits say no.
  bool over_limit = false;
};

int show_status(Options const& options);
int new_key(Options const& options, std::string const& name, std::string const& gln);
int show_keys(Options const& options);
/// A key of the party that signs, on the ledger.
struct KeyOptions {
  /// 0x…, or the name of a key file.
  std::string key;
  /// root, admin, staff or device.
  std::string kind = "staff";
  /// record, money, escrow, certify, admin.
  std::vector<std::string> acts;
  std::vector<std::string> prefixes;
  std::vector<std::string> sites;
  /// A time or a duration; empty: without end.
  std::string until;
  Signing signing;
};
int add_key(Options const& options, KeyOptions const& key);
int revoke_key(Options const& options, KeyOptions const& key);
int show_members(Options const& options);
/// A change of validators or parameters, as JSON in a file; prints the proposal's id.
int propose_change(Options const& options, std::filesystem::path const& file, std::string const& key_name);
int vote_change(Options const& options, std::string const& proposal, bool yes, std::string const& key_name);
int show_proposals(Options const& options);
/// Of the next block's epoch when none is named.
int show_validators(Options const& options, std::string const& epoch);
int capture(Options const& options, std::filesystem::path const& file, std::string const& key_name, bool proceed);
/// Records all events of a large file; FILE.import keeps how far it is.
int import_events(Options const& options, std::filesystem::path const& file, std::string const& key_name,
                  bool in_order);
int show_trace(Options const& options, std::string const& id);
/// Writes the COSE receipt of an event to a file, and beside it, FILE.leaf, the bytes that the log hashes for it.
int get_receipt(Options const& options, std::string const& event, std::filesystem::path const& file);
/// The query asks for the last leaves only (last=N), or for a state that witnesses co-signed (witnessed=SECONDS).
int get_proof(Options const& options, std::string const& id, std::filesystem::path const& file,
              std::string const& query);
/// Writes the capsule of a subject, checked before.
int write_capsule(Options const& options, std::string const& id, std::filesystem::path const& file);
/// Who signed two finalized headers that exclude each other, from two saved proofs.
int accuse_signers(Options const& options, std::filesystem::path const& first, std::filesystem::path const& second);
/// Follows the chain as a light client and co-signs what it saw final.
struct WitnessOptions {
  /// Name of a key file.
  std::string key;
  /// Keeps what was signed last.
  std::filesystem::path file;
  /// Other nodes that show the co-signatures too.
  std::vector<std::string> also;
  std::uint64_t every_ms = 1000;
  /// One result, then the end.
  bool once = false;
};
int witness(Options const& options, WitnessOptions const& told);
int verify_proof(Options const& options, std::filesystem::path const& file, std::string const& id);
int explain_escrow(Options const& options, std::string const& id, std::string const& language);
/// What can be said of terms before they are signed: accepted with dates and payouts, or refused with the path.
int analyse_escrow(std::filesystem::path const& file, std::string const& start, std::string const& language);
/// Plays scenarios offline, one line each; a difference is a fault.
int simulate_escrow(std::vector<std::string> const& terms, std::filesystem::path const& scenarios);
int wait_for(Options const& options, std::string const& id, std::uint64_t timeout_ms);
/// What a payment may be told beside amount, asset and payee.
struct PaymentOptions {
  std::string amount;
  std::string asset;
  std::string to;
  Signing signing;
  std::string purpose;
  std::string uetr;
  std::string end_to_end;
  /// A file with the travel-rule statement of the payee's institution.
  std::filesystem::path travel;
};
int transfer(Options const& options, PaymentOptions const& payment);
struct AssetOptions {
  std::string code;
  std::string asset;
  /// Of create; nothing: ISO 4217's, else 2.
  std::optional<unsigned> scale;
  std::string max_supply;
  std::string approver;
  std::string approve_above;
  std::string travel_above;
  bool require_auth = false;
  bool can_freeze = false;
  bool can_clawback = false;
  bool no_escrow = false;
  bool no_transfer = false;
  std::string amount;
  std::string party;
  /// Of mint: 0x…, or a file whose hash it is.
  std::string reserve;
  std::uint8_t tier = 0;
  std::string institution;
  bool ends = false;
  std::string reason;
  /// Of limits; empty: none.
  std::string balance_max;
  std::string transfer_max;
  std::string day_max;
  std::string month_max;
  Signing signing;
};
int create_asset(Options const& options, AssetOptions const& asset);
int mint(Options const& options, AssetOptions const& asset);
int burn(Options const& options, AssetOptions const& asset);
int authorise(Options const& options, AssetOptions const& asset);
int freeze(Options const& options, AssetOptions const& asset);
int claw_back(Options const& options, AssetOptions const& asset);
int set_limits(Options const& options, AssetOptions const& asset);
struct HoldOptions {
  PaymentOptions payment;
  std::string by;
  std::string expires;
  std::string id;
  bool final = false;
};
int open_hold(Options const& options, HoldOptions const& hold);
int post_hold(Options const& options, HoldOptions const& hold);
int void_hold(Options const& options, HoldOptions const& hold);
int list_holds(Options const& options, std::string const& party, std::string const& asset);
struct NettingOptions {
  std::string label;
  /// DEBTOR:CREDITOR:AMOUNT:ASSET each.
  std::vector<std::string> debts;
  std::string settles;
  std::string id;
  Signing signing;
};
int open_netting(Options const& options, NettingOptions const& netting);
int join_netting(Options const& options, NettingOptions const& netting);
struct ReceivableOptions {
  /// 0x…, or the file whose hash it is.
  std::string document;
  std::string debtor;
  std::string amount;
  std::string asset;
  std::string due;
  std::string number;
  std::string to;
  Signing signing;
};
int register_receivable(Options const& options, ReceivableOptions const& claim);
int secure_receivable(Options const& options, ReceivableOptions const& claim, ledger::Security how);
int show_receivable(Options const& options, std::string const& document);
/// The travel-rule statement of a payee's institution, for the payer's wallet.
struct TravelOptions {
  PaymentOptions payment;
  std::string from;
  std::string reference;
  std::string until;
};
int sign_travel(Options const& options, TravelOptions const& travel);
struct EscrowOptions {
  std::filesystem::path terms;
  /// ROLE=PARTY each.
  std::vector<std::string> roles;
  std::string label;
  /// Label or id of a contract.
  std::string id;
  /// deposit, approve, or the name of a choice or award.
  std::string act;
  std::string state;
  std::optional<std::uint64_t> value;
  std::string role;
  std::string to;
  Signing signing;
};
int open_escrow(Options const& options, EscrowOptions const& escrow);
int act_in_escrow(Options const& options, EscrowOptions const& escrow);
int assign_escrow(Options const& options, EscrowOptions const& escrow);
int list_escrows(Options const& options, std::string const& party);
int show_draft(Options const& options, std::filesystem::path const& file);
int approve_draft(Options const& options, std::filesystem::path const& file, std::string const& key_name,
                  bool over_limit);
int merge_drafts(std::filesystem::path const& file, std::filesystem::path const& other);
int send_draft(Options const& options, std::filesystem::path const& file);
int add_to_contacts(Options const& options, std::string const& name, std::string const& gln);
int show_contacts(Options const& options);
/// Limits in the asset's decimals; empty: none.
int limit_spending(Options const& options, std::string const& asset, std::string const& transfer,
                   std::string const& day);
/// Prints a fresh phrase of so many words.
int new_phrase(std::size_t words);
/// Seals the index-th key of the phrase in this file (or of standard input) under a name.
int restore_key(Options const& options, std::string const& name, std::string const& gln,
                std::filesystem::path const& phrase_file, std::uint32_t index);
/// Dates as 2026-08-13 (UTC), the second not included.
int show_statement(Options const& options, std::string const& party, std::string const& asset, std::string const& from,
                   std::string const& to, std::string const& format);
/// Orders of a pain.001 as transfers and deposits; the answer as pain.002 in a file.
int import_payments(Options const& options, std::filesystem::path const& file, std::string const& key_name,
                    std::filesystem::path const& status, bool over_limit);
/// What became of a transaction's payments, as pacs.002.
int show_payment_status(Options const& options, std::string const& id);
/// QR codes of identifiers: in the terminal, or as labels to print.
struct LabelOptions {
  std::vector<std::string> ids;
  /// A file of more, one a line.
  std::filesystem::path list;
  std::string base_url;
  /// Where the label goes, or the first page of a sheet; empty: the terminal.
  std::filesystem::path svg;
  /// A sheet even of one.
  bool sheet = false;
  bool inverted = false;
};
int show_qr(LabelOptions const& options);
/// An EPCIS document as JSON-LD; XML is converted.
base::Result<std::string> read_epcis_file(std::filesystem::path const& file);
/// parse, normalise, urn: one line of JSON. The length of the company prefix is 7 when it is neither given nor told.
int gs1_command(std::string const& verb, std::string const& uri, gs1::LinkOptions const& options,
                unsigned prefix_digits);
/// hash: one event hash a line; check: valid, or field and reason.
int epcis_command(std::string const& verb, std::filesystem::path const& file);

}  // namespace wallet
