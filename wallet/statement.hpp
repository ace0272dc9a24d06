// SPDX-License-Identifier: Apache-2.0
#pragma once

// An account's statement, made from its lines and checked against the balance that validators signed.

#include "ledger/proof.hpp"
#include "rpc/client.hpp"

namespace wallet {

using base::Amount;

/// One line, the balance after it, and its proof: the RFC 6962 path of its leaf under lines_root.
struct StatementLine {
  std::uint64_t number = 0;
  ledger::StatementRecord record;
  Amount balance = 0;
  ledger::Hash leaf;
  std::vector<ledger::Hash> path;
};

struct Statement {
  /// GLN and short name.
  std::string gln;
  std::string name;
  std::string asset;
  /// ISO 4217 or private code.
  std::string code;
  unsigned scale = 0;
  ledger::TimeMs from_ms = 0;
  /// The first moment after it.
  ledger::TimeMs to_ms = 0;
  Amount opening = 0;
  Amount closing = 0;
  Amount credits = 0;
  Amount debits = 0;
  std::vector<StatementLine> lines;
  /// Of the account's record: its posted balance and all lines; with the height and time of the result.
  ledger::TraceProof proof;
  ledger::BalanceRecord account;
  std::uint64_t lines_total = 0;
};

/// What a statement is made from: everything that a node told, and what is asked of it.
struct StatementInput {
  std::string gln;
  std::string name;
  std::string asset;
  std::string code;
  unsigned scale = 0;
  ledger::TimeMs from_ms = 0;
  ledger::TimeMs to_ms = 0;
  ledger::TraceProof proof;
  /// All lines that the account's record counts, from the first.
  std::vector<ledger::Bytes> lines;
};

/// Checks the record's proof against the anchor, that the lines are exactly those it counts, and that they add up to
/// its balance. Errors: E_SIGNATURE with the check that failed; E_ENCODING.
base::Result<Statement> make_statement(StatementInput input, ledger::Anchor const& anchor);
/// The same, asked of a node.
base::Result<Statement> fetch_statement(rpc::Client& client, ledger::Anchor const& anchor, std::string const& party,
                                        std::string const& asset, ledger::TimeMs from_ms, ledger::TimeMs to_ms);

/// An amount with its decimals and always all of them: 12.50.
std::string decimal(Amount amount, unsigned scale);

/// RFC 4180, one line a line, with the leaf and path of each.
std::string to_csv(Statement const& statement);
base::Value to_json(Statement const& statement);

}  // namespace wallet
