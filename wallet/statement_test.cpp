// SPDX-License-Identifier: Apache-2.0
#include "wallet/statement.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/time.hpp"
#include "ledger/records.hpp"
#include "wallet/iso20022.hpp"
#include "wallet/keystore.hpp"

namespace wallet {
namespace {

using base::Code;
using ledger::EntryKind;

constexpr ledger::TimeMs day_ms = 24 * 3'600'000;
constexpr ledger::TimeMs start_ms = 1'780'012'800'000;  // 2026-05-29

/// One account with a line a day, under a root that one validator certified.
struct Book {
  Book() {
    ledger::Overlay block(below);
    ledger::Lines added;
    auto const add = [&](EntryKind kind, base::Amount amount, char const* reference, bool with_ids) {
      ledger::StatementRecord line;
      line.height = ++height;
      line.time_ms = start_ms + height * day_ms;
      line.cause = ledger::TransactionCause{crypto::sha256(base::encode(height))};
      line.entry = {party, "EUR.BANK", kind, amount, crypto::sha256(base::bytes_of("other")), reference};
      if (with_ids) line.ids = {ledger::Text<36>("8a562c67-ca16-48ba-b074-65581be6f011"), ledger::Text<35>("E2E-7")};
      lines.push_back(base::encode(line));
      added.add(line);
      auto const sign = ledger::sign_of(kind);
      if (sign > 0) account.total_in += amount;
      if (sign < 0) account.total_out += amount;
    };
    add(EntryKind::mint, 100'000, "", false);
    add(EntryKind::transfer_out, 2'550, "invoice <7> & \"more\"", true);
    add(EntryKind::hold, 10'000, "", false);
    add(EntryKind::hold_paid, 4'000, "", true);
    add(EntryKind::release, 6'000, "expired", false);
    add(EntryKind::payout, 29'000, "ESC-J1", false);
    account.posted = account.total_in - account.total_out;
    ledger::store(block, ledger::balance_key(party, "EUR.BANK"), account);
    std::move(added).write(block);
    auto diff = std::move(block).take();
    at.tree = ledger::StateTree().with(*state, diff);
    state->apply(diff);
    certify();
  }
  void certify() {
    auto const secret = crypto::ValidatorSecret{crypto::sha256(base::bytes_of("validator")).bytes};
    at.chain = crypto::sha256(base::bytes_of("chain"));
    at.validators.validators = {{party, crypto::validator_key(secret), {}}};
    at.state = state;
    at.header.chain = at.chain;
    at.header.epoch = 1;
    at.header.height = height;
    at.header.time_ms = start_ms + 30 * day_ms;
    at.header.state_root = at.tree.root();
    at.header.validators_hash = at.header.next_validators_hash = at.validators.hash();
    crypto::Ballot ballot;
    ballot.kind = crypto::VoteKind::finalize;
    ballot.chain = at.chain;
    ballot.epoch = 1;
    ballot.view = at.header.view;
    ballot.height = at.header.height;
    ballot.block = at.header.block_hash;
    ballot.result = at.header.hash();
    auto const signature = crypto::validator_sign(secret, ballot.digest());
    at.finality = ledger::SimplexFinality{crypto::make_certificate(ballot, 1, {{0, signature}})};
  }
  ledger::Anchor anchor() const { return {at.chain, at.validators.hash()}; }
  StatementInput input() const {
    StatementInput out;
    out.gln = "9521001000000";
    out.name = "ALFA";
    out.asset = "EUR.BANK";
    out.code = "EUR";
    out.scale = 2;
    out.from_ms = start_ms + 2 * day_ms;
    out.to_ms = start_ms + 5 * day_ms;
    out.proof = ledger::prove_record(at, ledger::balance_key(party, "EUR.BANK")).value();
    out.lines = lines;
    return out;
  }
  base::Result<Statement> statement() const { return make_statement(input(), anchor()); }

  base::PartyId party = ledger::party_id("9521001000000");
  ledger::MemoryState below;
  std::shared_ptr<ledger::MemoryState> state = std::make_shared<ledger::MemoryState>();
  ledger::BalanceRecord account;
  std::vector<ledger::Bytes> lines;
  ledger::Height height = 0;
  ledger::Certified at;
};

/// Where messages are put for an outside judge; nowhere when the variable is not set.
void keep_sample(char const* name, std::string const& text) {
  if (char const* const folder = std::getenv("TALLY_SAMPLES")) {
    ASSERT_TRUE(write_text_file(std::filesystem::path(folder) / name, text));
  }
}

TEST(Statement, AddsUpToWhatValidatorsSigned) {
  Book const book;
  auto const statement = book.statement();
  ASSERT_TRUE(statement) << base::to_string(statement.error());
  EXPECT_EQ(statement->opening, 100'000u);
  EXPECT_EQ(statement->debits, 6'550u);
  EXPECT_EQ(statement->credits, 0u);
  EXPECT_EQ(statement->closing, 93'450u);
  EXPECT_EQ(statement->lines_total, 6u);
  ASSERT_EQ(statement->lines.size(), 3u) << "the last moment is not included";
  for (auto const& line : statement->lines) {
    EXPECT_EQ(crypto::range_root(6, line.number, {line.leaf}, line.path), statement->account.lines_root);
    EXPECT_EQ(crypto::log_leaf_hash(base::encode(line.record)), line.leaf);
  }
  EXPECT_EQ(statement->lines.back().balance, 93'450u);
}

TEST(Statement, ALineLessMoreOrOtherIsSeen) {
  Book const book;
  auto const fault = [&](auto const& change) {
    auto input = book.input();
    change(input);
    auto const made = make_statement(std::move(input), book.anchor());
    return made ? std::string("none") : std::string(base::name(made.error().code)) + " " + made.error().field;
  };
  EXPECT_EQ(fault([](auto&) {}), "none");
  EXPECT_EQ(fault([](auto& i) { i.lines.pop_back(); }), "E_SIGNATURE lines");
  EXPECT_EQ(fault([](auto& i) { i.lines.push_back(i.lines[0]); }), "E_SIGNATURE lines");
  EXPECT_EQ(fault([](auto& i) { std::swap(i.lines[1], i.lines[2]); }), "E_SIGNATURE lines");
  EXPECT_EQ(fault([](auto& i) { i.lines[1][5] ^= 1; }), "E_SIGNATURE lines");
  EXPECT_EQ(fault([](auto& i) { i.gln = "9521002000009"; }), "E_SIGNATURE subject");
  EXPECT_EQ(fault([](auto& i) { i.proof.records[0].record[0] ^= 1; }), "E_SIGNATURE state_path");
  EXPECT_EQ(fault([](auto& i) { i.proof.header.time_ms += 1; }), "E_SIGNATURE finality");
  EXPECT_EQ(fault([](auto& i) { i.proof.chain = {}; }), "E_SIGNATURE chain");
}

TEST(Statement, CommaSeparatedLinesCarryTheirProof) {
  Book const book;
  auto const csv = to_csv(*book.statement());
  EXPECT_TRUE(csv.starts_with("number,time,kind,side,amount,balance,"));
  EXPECT_NE(csv.find("\r\n1,2026-05-31T00:00:00Z,transfer_out,debit,25.50,974.50,"), csv.npos) << csv;
  EXPECT_NE(csv.find("\"invoice <7> & \"\"more\"\"\",8a562c67-ca16-48ba-b074-65581be6f011,E2E-7,"), csv.npos);
  auto foreign = *book.statement();
  for (std::string const text : {"=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"}) {
    foreign.lines[0].record.entry.reference = text;
    EXPECT_NE(to_csv(foreign).find(",'" + text + ","), csv.npos) << "a spreadsheet would take it for a formula";
  }
  foreign.lines[0].record.entry.reference = "\t=1\r\n2";
  EXPECT_NE(to_csv(foreign).find(",\xef\xbf\xbd=1\xef\xbf\xbd\xef\xbf\xbd"
                                 "2,"),
            csv.npos);
  auto const json = to_json(*book.statement());
  EXPECT_EQ(json.string_of("closing"), "934.50");
  EXPECT_EQ(json.find("lines")->items[0].find("path")->items.size(), 3u);
}

TEST(Iso20022, StatementsAndNotifications) {
  Book const book;
  auto statement = book.statement().value();
  auto const camt053 = to_camt053(statement).value();
  keep_sample("camt.053.001.08.xml", camt053);
  EXPECT_NE(camt053.find("<Amt Ccy=\"EUR\">1000.00</Amt>"), camt053.npos);
  EXPECT_NE(camt053.find("<EndToEndId>E2E-7</EndToEndId>"), camt053.npos);
  EXPECT_NE(camt053.find("<UETR>8a562c67-ca16-48ba-b074-65581be6f011</UETR>"), camt053.npos);
  EXPECT_NE(camt053.find("<NbOfNtries>2</NbOfNtries>"), camt053.npos) << "a hold is no booking";
  keep_sample("camt.054.001.08.xml", to_camt054(statement).value());
  statement.scale = 6;
  EXPECT_EQ(to_camt053(statement).error().code, Code::E_AMOUNT);
}

TEST(Iso20022, Statuses) {
  PaymentStatus done{
      "E2E-1", "8a562c67-ca16-48ba-b074-65581be6f011", "I-1", "P-1", "done", "", "", "0x" + std::string(64, 'a')};
  PaymentStatus failed{"E2E-2", "", "", "P-1", "failed", "E_FROZEN", "the account is frozen for debits", ""};
  PaymentStatus waits{"E2E-3", "", "", "P-2", "pending", "", "", ""};
  auto const pacs = to_pacs002("M-1", start_ms, {done, failed, waits});
  keep_sample("pacs.002.001.11.xml", pacs);
  EXPECT_NE(pacs.find("<TxSts>RJCT</TxSts>"), pacs.npos);
  EXPECT_NE(pacs.find("<Cd>AC06</Cd>"), pacs.npos);
  auto const pain = to_pain002("M-2", "ORIG-1", start_ms, {done, failed, waits});
  keep_sample("pain.002.001.11.xml", pain);
  EXPECT_NE(pain.find("<GrpSts>PART</GrpSts>"), pain.npos);
}

constexpr char const* order_file = R"(<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.10"><CstmrCdtTrfInitn>
<GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2026-08-13T09:00:00Z</CreDtTm><NbOfTxs>2</NbOfTxs><CtrlSum>29012.5</CtrlSum>
<InitgPty><Nm>Alfa</Nm></InitgPty></GrpHdr>
<PmtInf><PmtInfId>P-1</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>2</NbOfTxs><ReqdExctnDt><Dt>2026-08-13</Dt></ReqdExctnDt>
<Dbtr><Nm>Alfa</Nm></Dbtr><DbtrAcct><Id><Othr><Id>9521001000000</Id></Othr></Id></DbtrAcct>
<DbtrAgt><FinInstnId><Othr><Id>BANK</Id></Othr></FinInstnId></DbtrAgt>
<CdtTrfTxInf><PmtId><InstrId>I-1</InstrId><EndToEndId>E2E-1</EndToEndId>
<UETR>8a562c67-ca16-48ba-b074-65581be6f011</UETR></PmtId>
<Amt><InstdAmt Ccy="EUR">12.50</InstdAmt></Amt><Cdtr><Nm>Beta</Nm></Cdtr>
<CdtrAcct><Id><Othr><Id>9521002000009</Id></Othr></Id></CdtrAcct><Purp><Cd>GDDS</Cd></Purp></CdtTrfTxInf>
<CdtTrfTxInf><PmtId><EndToEndId>E2E-2</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">29000.00</InstdAmt></Amt>
<CdtrAcct><Id><Othr><Id>ESC-J1</Id><SchmeNm><Prtry>CONTRACT</Prtry></SchmeNm></Othr></Id></CdtrAcct></CdtTrfTxInf>
</PmtInf></CstmrCdtTrfInitn></Document>)";

TEST(Iso20022, OrdersAreRead) {
  keep_sample("pain.001.001.10.xml", order_file);
  auto const file = read_pain001(order_file);
  ASSERT_TRUE(file) << base::to_string(file.error());
  EXPECT_EQ(file->message_id, "MSG-1");
  ASSERT_EQ(file->orders.size(), 2u);
  auto const& first = file->orders[0];
  EXPECT_EQ(first.order + first.instruction + first.end_to_end, "P-1I-1E2E-1");
  EXPECT_EQ(first.uetr, "8a562c67-ca16-48ba-b074-65581be6f011");
  EXPECT_EQ(first.debtor + " " + first.creditor + " " + first.asset + " " + first.amount,
            "9521001000000 9521002000009 EUR.BANK 12.50");
  EXPECT_EQ(first.purpose, "GDDS");
  EXPECT_EQ(first.execution_ms, base::from_rfc3339("2026-08-13T00:00:00Z"));
  EXPECT_EQ(first.contract, "");
  EXPECT_EQ(file->orders[1].contract, "ESC-J1");
}

TEST(Iso20022, OrdersThatCannotBeMadeAreRefusedWhole) {
  auto const fault = [](std::string_view from, std::string const& to) {
    std::string text = order_file;
    auto const at = text.find(from);
    EXPECT_NE(at, text.npos);
    text.replace(at, from.size(), to);
    auto const read = read_pain001(text);
    return read ? std::string("none") : read.error().field;
  };
  EXPECT_EQ(fault("29012.5", "29012.6"), "GrpHdr/CtrlSum");
  EXPECT_EQ(fault("<NbOfTxs>2", "<NbOfTxs>3"), "GrpHdr/NbOfTxs");
  EXPECT_EQ(fault("<EndToEndId>E2E-2</EndToEndId>", ""), "PmtInf[0]/CdtTrfTxInf[1]/PmtId/EndToEndId");
  EXPECT_EQ(fault("12.50", "-12.50"), "PmtInf[0]/CdtTrfTxInf[0]/Amt/InstdAmt");
  EXPECT_EQ(fault("12.50", "1e3"), "PmtInf[0]/CdtTrfTxInf[0]/Amt/InstdAmt");
  EXPECT_EQ(fault("pain.001.001.10", "pain.008.001.08"), "Document");
  EXPECT_EQ(fault("<Dt>2026-08-13</Dt>", "<Dt>13.8.2026</Dt>"), "PmtInf[0]/ReqdExctnDt/Dt");
  // An account elsewhere is not that of the member whose name the creditor has.
  EXPECT_EQ(fault("<Othr><Id>9521002000009</Id></Othr>", "<IBAN>DE89370400440532013000</IBAN>"),
            "PmtInf[0]/CdtTrfTxInf[0]/CdtrAcct/Id/Othr/Id");
  EXPECT_EQ(fault("<Othr><Id>9521001000000</Id></Othr>", "<IBAN>DE89370400440532013000</IBAN>"),
            "PmtInf[0]/DbtrAcct/Id/Othr/Id");
  EXPECT_EQ(fault("<CdtrAcct><Id><Othr><Id>9521002000009</Id></Othr></Id></CdtrAcct>", ""), "none") << "the name";
  EXPECT_TRUE(fault("</Document>", "").starts_with("byte "));
}

}  // namespace
}  // namespace wallet
