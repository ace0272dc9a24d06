// SPDX-License-Identifier: Apache-2.0
#include "wallet/iso20022.hpp"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

#include "base/time.hpp"

namespace wallet {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t text_max = 35;

std::string cut(std::string const& text, std::size_t max = text_max) {
  std::size_t size = std::min(text.size(), max);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

void add(pugi::xml_node parent, char const* name, std::string const& text) {
  parent.append_child(name).text().set(text.c_str());
}

/// A path of elements, the last with this text.
void add(pugi::xml_node parent, std::initializer_list<char const*> path, std::string const& text) {
  for (auto const* name : path) parent = parent.append_child(name);
  parent.text().set(text.c_str());
}

pugi::xml_node document(pugi::xml_document& xml, std::string const& message) {
  auto declaration = xml.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  auto root = xml.append_child("Document");
  root.append_attribute("xmlns") = ("urn:iso:std:iso:20022:tech:xsd:" + message).c_str();
  return root;
}

std::string written(pugi::xml_document const& xml) {
  std::ostringstream out;
  xml.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

/// Currencies are three letters; an asset of another code has the code for no currency.
std::string currency(std::string const& code) {
  auto const is_letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  return code.size() == 3 && std::all_of(code.begin(), code.end(), is_letter) ? code : std::string(3, 'X');
}

void add_amount(pugi::xml_node parent, Statement const& statement, Amount amount) {
  auto node = parent.append_child("Amt");
  node.append_attribute("Ccy") = currency(statement.code).c_str();
  node.text().set(decimal(amount, statement.scale).c_str());
}

void add_balance(pugi::xml_node parent, Statement const& statement, char const* kind, Amount amount,
                 ledger::TimeMs time_ms) {
  auto node = parent.append_child("Bal");
  add(node, {"Tp", "CdOrPrtry", "Cd"}, kind);
  add_amount(node, statement, amount);
  add(node, "CdtDbtInd", "CRDT");
  add(node, {"Dt", "DtTm"}, base::to_rfc3339(time_ms));
}

std::string transaction_of(ledger::StatementRecord const& record) {
  if (auto const* cause = std::get_if<ledger::TransactionCause>(&record.cause)) return cause->id.hex().substr(2);
  return std::get<ledger::DeadlineCause>(record.cause).contract.hex().substr(2);
}

/// The account at the other end, and in which role.
void add_other_end(pugi::xml_node details, ledger::Entry const& entry, bool is_credit) {
  auto parties = details.append_child("RltdPties");
  add(parties, {is_credit ? "Dbtr" : "Cdtr", "Pty", "Nm"}, entry.counterparty.hex());
}

void add_entry(pugi::xml_node parent, Statement const& statement, StatementLine const& line) {
  auto const& entry = line.record.entry;
  bool const is_credit = ledger::sign_of(entry.kind) > 0;
  std::string const kind(enum_names(entry.kind)[static_cast<std::size_t>(entry.kind)]);
  auto node = parent.append_child("Ntry");
  add(node, "NtryRef", std::to_string(line.number));
  add_amount(node, statement, entry.amount);
  add(node, "CdtDbtInd", is_credit ? "CRDT" : "DBIT");
  add(node, {"Sts", "Cd"}, "BOOK");
  add(node, {"BookgDt", "DtTm"}, base::to_rfc3339(line.record.time_ms));
  add(node, {"ValDt", "DtTm"}, base::to_rfc3339(line.record.time_ms));
  add(node, "AcctSvcrRef", transaction_of(line.record).substr(0, text_max));
  auto code = node.append_child("BkTxCd");
  auto domain = code.append_child("Domn");
  add(domain, "Cd", "PMNT");
  auto family = domain.append_child("Fmly");
  add(family, "Cd", is_credit ? "RCDT" : "ICDT");
  add(family, "SubFmlyCd", "OTHR");
  auto own = code.append_child("Prtry");
  add(own, "Cd", kind);
  add(own, "Issr", "TALLY");
  auto details = node.append_child("NtryDtls").append_child("TxDtls");
  auto references = details.append_child("Refs");
  if (line.record.ids.end_to_end) add(references, "EndToEndId", *line.record.ids.end_to_end);
  if (line.record.ids.uetr) add(references, "UETR", *line.record.ids.uetr);
  add(references, "AcctSvcrTxId", transaction_of(line.record).substr(0, text_max));
  auto whole = references.append_child("Prtry");
  add(whole, "Tp", "transaction");
  add(whole, "Ref", transaction_of(line.record).substr(0, text_max));
  add_amount(details, statement, entry.amount);
  add(details, "CdtDbtInd", is_credit ? "CRDT" : "DBIT");
  add_other_end(details, entry, is_credit);
  if (!entry.reference.empty()) add(details, {"RmtInf", "Ustrd"}, entry.reference);
  add(node, "AddtlNtryInf",
      "line " + std::to_string(line.number) + " of " + std::to_string(statement.lines_total) + ", height " +
          std::to_string(line.record.height) + ", leaf " + line.leaf.hex() + ", transaction 0x" +
          transaction_of(line.record));
}

void add_account(pugi::xml_node parent, Statement const& statement) {
  auto account = parent.append_child("Acct");
  auto other = account.append_child("Id").append_child("Othr");
  add(other, "Id", statement.gln);
  add(other, {"SchmeNm", "Prtry"}, "GLN");
  add(account, "Ccy", currency(statement.code));
  add(account, "Nm", statement.asset);
}

base::Result<void> check_scale(Statement const& statement) {
  if (statement.scale <= 5) return {};
  return Error{Code::E_AMOUNT, "--format", "ISO 20022 writes five decimals at most; take json or csv"};
}

/// Message and statement ids: unique by account, asset and place.
std::string statement_id(Statement const& statement) {
  auto const text = statement.gln + statement.asset + std::to_string(statement.from_ms) + "-" +
                    std::to_string(statement.to_ms) + "-" + std::to_string(statement.proof.header.height);
  return crypto::sha256(base::bytes_of(text)).hex().substr(2, 32);
}

void add_head(pugi::xml_node message, Statement const& statement) {
  auto header = message.append_child("GrpHdr");
  add(header, "MsgId", statement_id(statement));
  add(header, "CreDtTm", base::to_rfc3339(statement.proof.header.time_ms));
}

pugi::xml_node add_part(pugi::xml_node message, char const* name, Statement const& statement) {
  auto part = message.append_child(name);
  add(part, "Id", statement_id(statement));
  add(part, "CreDtTm", base::to_rfc3339(statement.proof.header.time_ms));
  auto period = part.append_child("FrToDt");
  add(period, "FrDtTm", base::to_rfc3339(statement.from_ms));
  add(period, "ToDtTm", base::to_rfc3339(statement.to_ms));
  add_account(part, statement);
  return part;
}

void add_sums(pugi::xml_node part, Statement const& statement) {
  std::size_t credits = 0;
  std::size_t debits = 0;
  for (auto const& line : statement.lines) {
    auto const sign = ledger::sign_of(line.record.entry.kind);
    credits += sign > 0;
    debits += sign < 0;
  }
  auto summary = part.append_child("TxsSummry");
  auto const one = [&](char const* name, std::size_t count, Amount sum) {
    auto node = summary.append_child(name);
    add(node, "NbOfNtries", std::to_string(count));
    add(node, "Sum", decimal(sum, statement.scale));
  };
  one("TtlCdtNtries", credits, statement.credits);
  one("TtlDbtNtries", debits, statement.debits);
}

void add_entries(pugi::xml_node part, Statement const& statement) {
  for (auto const& line : statement.lines) {
    if (ledger::sign_of(line.record.entry.kind) != 0) add_entry(part, statement, line);
  }
}

}  // namespace

base::Result<std::string> to_camt053(Statement const& statement) {
  TRY(check_scale(statement));
  pugi::xml_document xml;
  auto message = document(xml, "camt.053.001.08").append_child("BkToCstmrStmt");
  add_head(message, statement);
  auto part = add_part(message, "Stmt", statement);
  add_balance(part, statement, "OPBD", statement.opening, statement.from_ms);
  add_balance(part, statement, "CLBD", statement.closing, statement.to_ms);
  add_sums(part, statement);
  add_entries(part, statement);
  add(part, "AddtlStmtInf",
      "lines_root " + statement.account.lines_root.hex() + " of " + std::to_string(statement.lines_total) +
          " lines, state_root " + statement.proof.header.state_root.hex() + " at height " +
          std::to_string(statement.proof.header.height));
  return written(xml);
}

base::Result<std::string> to_camt054(Statement const& statement) {
  TRY(check_scale(statement));
  pugi::xml_document xml;
  auto message = document(xml, "camt.054.001.08").append_child("BkToCstmrDbtCdtNtfctn");
  add_head(message, statement);
  auto part = add_part(message, "Ntfctn", statement);
  add_sums(part, statement);
  add_entries(part, statement);
  return written(xml);
}

namespace {

/// External code set: settled, pending, rejected.
char const* status_code(std::string const& state) {
  return state == "done" ? "ACSC" : state == "failed" ? "RJCT" : "PDNG";
}

/// External status reasons of ISO 20022 for the outcomes that have one.
std::string reason_code(std::string const& outcome) {
  constexpr std::pair<std::string_view, char const*> reasons[] = {
      {"E_INSUFFICIENT_FUNDS", "AM04"},
      {"E_FROZEN", "AC06"},
      {"E_MEMBER_UNKNOWN", "AC03"},
      {"E_AMOUNT", "AM12"},
      {"E_LIMIT", "AM14"},
      {"E_NOT_AUTHORISED", "AC04"},
      {"E_ASSET_UNKNOWN", "AM03"},
      {"E_EXPIRED", "TM01"},
      {"E_NOT_YET_VALID", "DT01"},
      {"id_already_failed", "DUPL"},
      {"E_TRAVEL_RULE", "RR04"},
      {"E_SIGNATURE", "DS02"},
      {"E_MISSING_SIGNER", "DS0H"},
      {"E_CONTRACT_UNKNOWN", "AC03"},
      {"E_KEY_REVOKED", "DS0E"},
  };
  for (auto const& [name, code] : reasons) {
    if (outcome == name) return code;
  }
  return outcome.starts_with("exists_with_different") ? "AM05" : "NARR";
}

void add_reason(pugi::xml_node node, PaymentStatus const& payment) {
  if (payment.code.empty()) return;
  auto reason = node.append_child("StsRsnInf");
  add(reason, {"Rsn", "Cd"}, reason_code(payment.code));
  add(reason, "AddtlInf", cut(payment.code + ": " + payment.hint, 105));
}

void add_status(pugi::xml_node parent, PaymentStatus const& payment, bool with_transaction) {
  auto node = parent.append_child("TxInfAndSts");
  if (!payment.instruction.empty()) add(node, "OrgnlInstrId", cut(payment.instruction));
  if (!payment.end_to_end.empty()) add(node, "OrgnlEndToEndId", cut(payment.end_to_end));
  if (with_transaction && !payment.transaction.empty()) {
    add(node, "OrgnlTxId", payment.transaction.substr(2, text_max));
  }
  if (!payment.uetr.empty()) add(node, "OrgnlUETR", payment.uetr);
  add(node, "TxSts", status_code(payment.state));
  add_reason(node, payment);
}

}  // namespace

std::string to_pacs002(std::string const& message_id, ledger::TimeMs now_ms,
                       std::vector<PaymentStatus> const& payments) {
  pugi::xml_document xml;
  auto message = document(xml, "pacs.002.001.11").append_child("FIToFIPmtStsRpt");
  auto header = message.append_child("GrpHdr");
  add(header, "MsgId", cut(message_id));
  add(header, "CreDtTm", base::to_rfc3339(now_ms));
  for (auto const& payment : payments) add_status(message, payment, true);
  return written(xml);
}

std::string to_pain002(std::string const& message_id, std::string const& original_id, ledger::TimeMs now_ms,
                       std::vector<PaymentStatus> const& payments) {
  pugi::xml_document xml;
  auto message = document(xml, "pain.002.001.11").append_child("CstmrPmtStsRpt");
  auto header = message.append_child("GrpHdr");
  add(header, "MsgId", cut(message_id));
  add(header, "CreDtTm", base::to_rfc3339(now_ms));
  auto original = message.append_child("OrgnlGrpInfAndSts");
  add(original, "OrgnlMsgId", cut(original_id));
  add(original, "OrgnlMsgNmId", "pain.001.001.10");
  auto const is = [&](char const* state) {
    return std::all_of(payments.begin(), payments.end(), [&](auto const& one) { return one.state == state; });
  };
  add(original, "GrpSts", is("done") ? "ACSC" : is("failed") ? "RJCT" : "PART");
  for (std::size_t i = 0; i < payments.size();) {
    auto order = message.append_child("OrgnlPmtInfAndSts");
    auto const& name = payments[i].order;
    add(order, "OrgnlPmtInfId", name.empty() ? "NOTPROVIDED" : cut(name));
    for (; i < payments.size() && payments[i].order == name; ++i) add_status(order, payments[i], false);
  }
  return written(xml);
}

namespace {

std::string text_at(pugi::xml_node node, char const* path) { return node.first_element_by_path(path).text().get(); }

/// The account's id; the party's name only where no account is named, for an account elsewhere (an IBAN) is not that
/// of a member who happens to have the name.
std::string end_of(pugi::xml_node node, char const* account, char const* party) {
  if (node.child(account)) return text_at(node, (std::string(account) + "/Id/Othr/Id").c_str());
  return text_at(node, (std::string(party) + "/Nm").c_str());
}

/// ReqdExctnDt: a date or a time, under an element of its own or, in earlier versions, as it is.
base::Result<std::optional<ledger::TimeMs>> execution_of(pugi::xml_node information) {
  for (auto const* path : {"ReqdExctnDt/DtTm", "ReqdExctnDt/Dt", "ReqdExctnDt"}) {
    auto const text = text_at(information, path);
    if (text.empty()) continue;
    auto const time = base::from_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
    if (time) return std::optional(*time);
    return Error{Code::E_ENCODING, path, "a date like 2026-08-20, or a time with its offset"};
  }
  return std::optional<ledger::TimeMs>();
}

/// The decimal literal as multiples of 10^-5, the finest that the message can say.
std::optional<base::i128> fine(std::string const& amount) { return base::from_decimal_literal(amount, 5); }

base::Result<PaymentOrder> read_order(pugi::xml_node information, pugi::xml_node transfer, std::string const& path) {
  PaymentOrder out;
  out.order = text_at(information, "PmtInfId");
  out.instruction = text_at(transfer, "PmtId/InstrId");
  out.end_to_end = text_at(transfer, "PmtId/EndToEndId");
  out.uetr = text_at(transfer, "PmtId/UETR");
  out.debtor = end_of(information, "DbtrAcct", "Dbtr");
  out.creditor = end_of(transfer, "CdtrAcct", "Cdtr");
  if (text_at(transfer, "CdtrAcct/Id/Othr/SchmeNm/Prtry") == "CONTRACT") out.contract = out.creditor;
  auto const amount = transfer.first_element_by_path("Amt/InstdAmt");
  auto agent = text_at(information, "DbtrAgt/FinInstnId/Othr/Id");
  if (agent.empty()) agent = text_at(information, "DbtrAgt/FinInstnId/Nm");
  out.asset = std::string(amount.attribute("Ccy").value()) + "." + agent;
  out.amount = amount.text().get();
  out.purpose = text_at(transfer, "Purp/Cd");
  if (out.purpose.empty()) out.purpose = text_at(transfer, "RmtInf/Ustrd");
  out.purpose = cut(out.purpose);
  auto const execution = execution_of(information);
  // What stands above the orders is named by its own path.
  auto const above = path.substr(0, path.find('/'));
  if (!execution) return Error{execution.error().code, above + "/" + execution.error().field, execution.error().detail};
  out.execution_ms = *execution;
  auto const missing = [&](char const* element) {
    return Error{Code::E_ENCODING, path + "/" + element, "is missing, and the order cannot be made without it"};
  };
  if (out.end_to_end.empty()) return missing("PmtId/EndToEndId");
  auto const elsewhere = [](std::string const& at, char const* account) {
    return Error{Code::E_ENCODING, at + "/" + account + "/Id/Othr/Id",
                 "the account is none of this network: write the member's GLN or short name there"};
  };
  if (out.debtor.empty())
    return information.child("DbtrAcct") ? elsewhere(above, "DbtrAcct") : missing("DbtrAcct/Id/Othr/Id");
  if (out.creditor.empty())
    return transfer.child("CdtrAcct") ? elsewhere(path, "CdtrAcct") : missing("CdtrAcct/Id/Othr/Id");
  if (agent.empty()) return missing("DbtrAgt/FinInstnId/Othr/Id");
  if (!amount) return missing("Amt/InstdAmt");
  auto const read = fine(out.amount);
  if (!read || *read <= 0) return Error{Code::E_AMOUNT, path + "/Amt/InstdAmt", "a positive amount"};
  return out;
}

/// The count and the sum that a header or a payment information states must be those of its orders.
base::Result<void> check_totals(pugi::xml_node node, std::string const& path, std::size_t count, base::i128 sum) {
  auto const stated = text_at(node, "NbOfTxs");
  if (!stated.empty() && stated != std::to_string(count)) {
    return Error{Code::E_ENCODING, path + "/NbOfTxs", "says " + stated + ", there are " + std::to_string(count)};
  }
  auto const control = text_at(node, "CtrlSum");
  if (!control.empty() && fine(control) != sum) {
    return Error{Code::E_ENCODING, path + "/CtrlSum", "is not the sum of the amounts"};
  }
  return {};
}

}  // namespace

base::Result<PaymentFile> read_pain001(std::string const& text) {
  pugi::xml_document xml;
  auto const parsed = xml.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!parsed) {
    return Error{Code::E_ENCODING, "byte " + std::to_string(parsed.offset), parsed.description()};
  }
  auto const root = xml.child("Document");
  auto const message = root.child("CstmrCdtTrfInitn");
  std::string const space = root.attribute("xmlns").value();
  if (!message || space.find(":pain.001.001.") == space.npos) {
    return Error{Code::E_ENCODING, "Document", "not a pain.001 message"};
  }
  PaymentFile out;
  out.message_id = text_at(message, "GrpHdr/MsgId");
  base::i128 sum = 0;
  std::size_t i = 0;
  for (auto const information : message.children("PmtInf")) {
    auto const path = "PmtInf[" + std::to_string(i++) + "]";
    std::size_t n = 0;
    base::i128 part = 0;
    for (auto const transfer : information.children("CdtTrfTxInf")) {
      TRY_ASSIGN(auto order, read_order(information, transfer, path + "/CdtTrfTxInf[" + std::to_string(n++) + "]"));
      part += fine(order.amount).value();
      out.orders.push_back(std::move(order));
      if (out.orders.size() > orders_max) return Error{Code::E_TOO_LARGE, path, "more than 10,000 orders"};
    }
    TRY(check_totals(information, path, n, part));
    sum += part;
  }
  TRY(check_totals(message.child("GrpHdr"), "GrpHdr", out.orders.size(), sum));
  if (out.orders.empty()) return Error{Code::E_ENCODING, "PmtInf", "there is no order"};
  return out;
}

}  // namespace wallet
