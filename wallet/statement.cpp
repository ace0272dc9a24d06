// SPDX-License-Identifier: Apache-2.0
#include "wallet/statement.hpp"

#include "base/time.hpp"
#include "base/view.hpp"
#include "ledger/records.hpp"
#include "wallet/provider.hpp"
#include "wallet/terminal.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;
using ledger::Hash;

namespace {

/// Lines that one statement reads; what is more belongs into an archive of its own.
constexpr std::uint64_t lines_max = 200'000;

/// Every full subtree of a log, so that many paths cost one pass over the leaves.
class Levels {
 public:
  explicit Levels(std::vector<Hash> leaves) : levels_{std::move(leaves)} {
    while (levels_.back().size() > 1) {
      auto const& below = levels_.back();
      std::vector<Hash> above;
      for (std::size_t i = 0; i + 1 < below.size(); i += 2) {
        above.push_back(crypto::log_node_hash(below[i], below[i + 1]));
      }
      levels_.push_back(std::move(above));
    }
  }
  std::vector<Hash> path(std::uint64_t leaf) const {
    auto const count = levels_.front().size();
    return crypto::range_proof(count, leaf, leaf + 1, [&](unsigned level, std::uint64_t index) {
      return levels_.at(level).at(static_cast<std::size_t>(index));
    });
  }

 private:
  std::vector<std::vector<Hash>> levels_;
};

Error fault(char const* check, std::string detail) { return {Code::E_SIGNATURE, check, std::move(detail)}; }

std::string_view kind_name(ledger::EntryKind kind) { return enum_names(kind)[static_cast<std::size_t>(kind)]; }

std::string cause_of(ledger::StatementRecord const& record) {
  if (auto const* transaction = std::get_if<ledger::TransactionCause>(&record.cause)) return transaction->id.hex();
  return std::get<ledger::DeadlineCause>(record.cause).contract.hex();
}

std::string sign_text(ledger::EntryKind kind) {
  auto const sign = ledger::sign_of(kind);
  return sign > 0 ? "credit" : sign < 0 ? "debit" : "note";
}

/// Quoted where a reader could mistake it. What others wrote stays text: a spreadsheet takes = + - @ at the beginning
/// for a formula, so an apostrophe goes before them; control characters become U+FFFD.
std::string cell(std::string const& foreign) {
  auto text = shown(foreign);
  if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) text.insert(0, 1, '\'');
  if (text.find_first_of(",\"") == text.npos) return text;
  std::string out = "\"";
  for (char const c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::string decimal(Amount amount, unsigned scale) {
  auto digits = base::to_decimal(amount);
  if (scale == 0) return digits;
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  return digits.insert(digits.size() - scale, ".");
}

base::Result<Statement> make_statement(StatementInput input, ledger::Anchor const& anchor) {
  auto const party = ledger::party_id(input.gln);
  auto const key = ledger::balance_key(party, input.asset);
  TRY_ASSIGN(auto const bytes, ledger::verify_record(input.proof, key, anchor));
  TRY_ASSIGN(auto const account, base::decode<ledger::BalanceRecord>(bytes));
  std::vector<Hash> leaves;
  for (auto const& line : input.lines) leaves.push_back(crypto::log_leaf_hash(line));
  if (leaves.size() != account.lines || (!leaves.empty() && crypto::log_root(leaves) != account.lines_root)) {
    return fault("lines", "not the " + std::to_string(account.lines) + " lines that the account's record counts");
  }
  Statement out;
  out.gln = input.gln;
  out.name = input.name;
  out.asset = input.asset;
  out.code = input.code;
  out.scale = input.scale;
  out.from_ms = input.from_ms;
  out.to_ms = input.to_ms;
  out.lines_total = leaves.size();
  Levels const levels(leaves);
  Amount balance = 0;
  for (std::size_t i = 0; i < input.lines.size(); ++i) {
    TRY_ASSIGN(auto record, base::decode<ledger::StatementRecord>(input.lines[i]));
    if (record.entry.account != party || record.entry.asset != input.asset) {
      return fault("lines", "line " + std::to_string(i) + " is of another account");
    }
    auto const sign = ledger::sign_of(record.entry.kind);
    auto const after = sign < 0 ? base::sub(balance, record.entry.amount) : base::add(balance, record.entry.amount);
    if (sign != 0 && !after) return fault("balance", "line " + std::to_string(i) + " overdraws the account");
    if (sign != 0) balance = *after;
    if (record.time_ms < input.from_ms) out.opening = balance;
    if (record.time_ms < input.to_ms) out.closing = balance;
    if (record.time_ms < input.from_ms || record.time_ms >= input.to_ms) continue;
    if (sign > 0) out.credits += record.entry.amount;
    if (sign < 0) out.debits += record.entry.amount;
    out.lines.push_back({i, std::move(record), balance, leaves[i], levels.path(i)});
  }
  if (balance != account.posted) {
    return fault("balance", "the lines add up to " + decimal(balance, out.scale) + ", the account holds " +
                                decimal(account.posted, out.scale));
  }
  out.account = account;
  out.proof = std::move(input.proof);
  return out;
}

base::Result<Statement> fetch_statement(rpc::Client& client, ledger::Anchor const& anchor, std::string const& party,
                                        std::string const& asset, ledger::TimeMs from_ms, ledger::TimeMs to_ms) {
  auto const about = [&] {
    auto ask = Value::object();
    ask.add("party", Value::of(party));
    ask.add("asset", Value::of(asset));
    return ask;
  };
  StatementInput input;
  input.asset = asset;
  input.from_ms = from_ms;
  input.to_ms = to_ms;
  input.code = asset.substr(0, asset.find('.'));
  Provider const provider(client, anchor);
  TRY_ASSIGN(input.scale, scale_of(provider, asset));
  TRY_ASSIGN(auto const answer, client.call("account_proof", about()));
  input.gln = answer.string_of("gln");
  TRY(party_called(provider, party, answer, "account_proof"));
  input.name = party;
  auto const proof = base::from_hex(answer.string_of("proof"));
  if (!proof) return Error{Code::E_ENCODING, "account_proof", "the answer lacks a proof"};
  TRY_ASSIGN(input.proof, base::decode<ledger::TraceProof>(*proof));
  if (input.proof.records.empty()) return fault("form", "the proof has no record");
  TRY_ASSIGN(auto const account, base::decode<ledger::BalanceRecord>(input.proof.records[0].record));
  if (account.lines > lines_max) return Error{Code::E_TOO_LARGE, "--asset", "more than 200,000 lines"};
  while (input.lines.size() < account.lines) {
    auto ask = about();
    ask.add("from", Value::of(std::to_string(input.lines.size())));
    TRY_ASSIGN(auto const page, client.call("account_lines", std::move(ask)));
    auto const* lines = page.find("lines");
    if (lines == nullptr || lines->items.empty()) return fault("lines", "the node tells fewer than it counts");
    for (auto const& line : lines->items) {
      auto bytes = base::from_hex(line.text);
      if (!bytes) return Error{Code::E_ENCODING, "account_lines", "not hexadecimal"};
      if (input.lines.size() < account.lines) input.lines.push_back(*std::move(bytes));
    }
  }
  return make_statement(std::move(input), anchor);
}

std::string to_csv(Statement const& statement) {
  std::string out =
      "number,time,kind,side,amount,balance,counterparty,reference,uetr,end_to_end,cause,height,leaf,path\r\n";
  for (auto const& line : statement.lines) {
    auto const& entry = line.record.entry;
    std::string path;
    for (auto const& hash : line.path) path += (path.empty() ? "" : " ") + hash.hex();
    std::string const cells[] = {std::to_string(line.number),
                                 base::to_rfc3339(line.record.time_ms),
                                 std::string(kind_name(entry.kind)),
                                 sign_text(entry.kind),
                                 decimal(entry.amount, statement.scale),
                                 decimal(line.balance, statement.scale),
                                 entry.counterparty.hex(),
                                 entry.reference,
                                 line.record.ids.uetr.value_or(""),
                                 line.record.ids.end_to_end.value_or(""),
                                 cause_of(line.record),
                                 std::to_string(line.record.height),
                                 line.leaf.hex(),
                                 path};
    std::string row;
    for (auto const& one : cells) row += (row.empty() ? "" : ",") + cell(one);
    out += row + "\r\n";
  }
  return out;
}

base::Value to_json(Statement const& statement) {
  auto out = Value::object();
  out.add("account", Value::of(statement.gln));
  out.add("asset", Value::of(statement.asset));
  out.add("scale", Value::of(std::uint64_t{statement.scale}));
  out.add("from", Value::of(base::to_rfc3339(statement.from_ms)));
  out.add("to", Value::of(base::to_rfc3339(statement.to_ms)));
  out.add("opening", Value::of(decimal(statement.opening, statement.scale)));
  out.add("credits", Value::of(decimal(statement.credits, statement.scale)));
  out.add("debits", Value::of(decimal(statement.debits, statement.scale)));
  out.add("closing", Value::of(decimal(statement.closing, statement.scale)));
  out.add("lines_total", Value::of(std::to_string(statement.lines_total)));
  out.add("lines_root", Value::of(statement.account.lines_root.hex()));
  auto lines = Value::array();
  for (auto const& line : statement.lines) {
    auto one = base::view(line.record);
    one.add("number", Value::of(std::to_string(line.number)));
    one.add("side", Value::of(sign_text(line.record.entry.kind)));
    one.add("amount", Value::of(decimal(line.record.entry.amount, statement.scale)));
    one.add("balance", Value::of(decimal(line.balance, statement.scale)));
    one.add("bytes", Value::of("0x" + base::to_hex(base::encode(line.record))));
    one.add("leaf", Value::of(line.leaf.hex()));
    auto path = Value::array();
    for (auto const& hash : line.path) path.items.push_back(Value::of(hash.hex()));
    one.add("path", std::move(path));
    lines.items.push_back(std::move(one));
  }
  out.add("lines", std::move(lines));
  out.add("proof", Value::of("0x" + base::to_hex(base::encode(statement.proof))));
  return out;
}

}  // namespace wallet
