// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ledger/golden_test.hpp"
#include "ledger/history.hpp"

namespace ledger {
namespace {

/// A value of 32 bytes that shows where it stands.
template <class F = Hash>
F filled(std::uint8_t byte) {
  F out;
  out.bytes.fill(byte);
  return out;
}

crypto::SignedBallot ballot(std::uint8_t block) {
  return {{crypto::VoteKind::notarize, filled(0x01), 2, 9, 0, filled(block), {}},
          filled<base::ValidatorSignature>(0x35)};
}

std::vector<Operation> operations() {
  auto const party = filled<PartyId>(0xaa);
  auto const key = filled<PartyKey>(0xbb);
  Travel const travel{"REF-1", party, key, 1'800'000'000'000, filled<base::PartySignature>(0x98)};
  return {
      Record{RecordMode::proceed, R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"])", 2, filled(0xcc)},
      AddMember{"9521001000000", "SERICA", {{"en", "Serica"}, {"zh", "丝绸"}}, "CN", 1, true},
      GrantPrefix{"952100100", party},
      KeyAdd{party, key, KeyKind::device, {3, {"952100100"}, {"9521001000017"}}, 1'800'000'000'000},
      KeyRevoke{key},
      AddSite{"9521001000017", party, {{"en", "Mill"}}, {{"en", "Suzhou"}}, "CN", 121'300'000, 300'600'000},
      AddProduct{"09521001000109", {{"en", "Scarf"}}, "EA", 75'000},
      AddRecipe{
          "9521001000017", "reel-fresh-cocoon", Balance::pieces, {"09521002000016"}, {"09521001000017"}, 160'000, 9},
      IssueCertificate{"ORG-1", "GOTS", party, {"09521002000016"}, {"9521001000017"}, 1, 2, filled(0xdd), 5'000'000},
      RevokeCertificate{"ORG-1"},
      SetQuota{"ORG-1", 6'000'000},
      SetClaimCode{"https://id.gs1.org/01/09521001000109/21/S000042", filled(0xee)},
      ClaimItem{"https://id.gs1.org/01/09521001000109/21/S000042", key, filled<PartyKey>(0xbc)},
      CreateAsset{"EUR", 2, base::amount_max, 31, Approval{party, 1000}, 5000},
      Mint{"EUR.EUBANK", party, 300, filled(0xdd)},
      Burn{"EUR.EUBANK", party, 128},
      Transfer{party, filled<PartyId>(0xab), "EUR.EUBANK", 127, "GDDS",
               Text<36>("00000000-0000-4000-8000-000000000000"), std::nullopt, travel, UpTo::both},
      EscrowOpen{R"({"format":1})", {{"buyer", party}, {"seller", filled<PartyId>(0xab)}}, "ESC-J1"},
      EscrowAct{filled(0x77), "deposit", 1, 300},
      AdvanceTime{1'800'000'000'000},
      RegisterDevice{"https://id.gs1.org/8004/9521016SNS0001", party, key, "https://id.gs1.org/00/095210090000000019"},
      RetireDevice{"https://id.gs1.org/8004/9521016SNS0001"},
      GiveMandate{"M-2",
                  filled<PartyId>(0xab),
                  3,
                  {"09521012000112"},
                  {"9521014000011"},
                  1,
                  2,
                  MandateName{filled<PartyId>(0xac), "M-1"}},
      EndMandate{"M-2"},
      LimitKey{key, {filled<PartyId>(0xab)}, 300, 5'000'000, 100'000},
      ReportKey{key, 1'790'000'000'000},
      AddScheme{"demo organic scope+quota", "organic", ClaimModel::mass_balance},
      SetProductRule{"09521009000019", "cold", "Temperature", "CEL", false, true, 1'000'000, 2, 60, 30},
      RegisterMark{"018-1", MarkKind::design, {"DE"}, {"09521001000109"}, {filled<PartyId>(0xab)}, 2},
      WatchMark{"018-1", false},
      StateOrigin{"https://id.gs1.org/01/09521001000024/10/F2606", "CN", OriginCriterion::tariff_shift, "500720",
                  "demo", 400'000},
      StateCarbon{"https://id.gs1.org/01/09521001000024/10/F2606", 12'500'000, "demo PEF",
                  CarbonBoundary::cradle_to_gate, 1, 2, 300'000, "demo factors 2026.1"},
      SetGate{"DE", "demo EU declaration", {"09521012000105"}, false},
      SetWarranty{"09521012000105", 730},
      ReportScan{"https://id.gs1.org/01/09521001000109/21/S000042", "ES"},
      Authorise{"EUR.EUBANK", party, true, 2, filled<PartyId>(0xac)},
      Freeze{"EUR.EUBANK", party, true, "court order 7"},
      Clawback{"EUR.EUBANK", party, 128, "court order 7"},
      SetLimits{"EUR.EUBANK", 2, 1000, std::nullopt, 300, 5},
      OpenHold{party, filled<PartyId>(0xab), "EUR.EUBANK", 127, "GDDS", std::nullopt, Text<35>("E2E-1"),
               1'800'000'000'000, filled<PartyId>(0xac), travel, UpTo::funds},
      PostHold{filled(0x78), 100, true, "GDDS", std::nullopt, Text<35>("E2E-2")},
      VoidHold{filled(0x78)},
      OpenNetting{"N1", {{party, filled<PartyId>(0xab), "EUR.EUBANK", 5}}, 1'800'000'000'000},
      JoinNetting{filled(0x79)},
      RegisterReceivable{filled(0x7a), party, "EUR.EUBANK", 300, 1'800'000'000'000, "INV-1"},
      AssignReceivable{filled(0x7a), Security::pledged, party},
      EscrowAssign{filled(0x77), "seller", filled<PartyId>(0xab)},
      ProposeChange{AddValidator{{party, filled<base::ValidatorKey>(0x31), filled(0x32)}, "node5.example:7080"}},
      VoteChange{filled(0x7b), true},
      ReportEvidence{{filled<base::ValidatorKey>(0x31), ballot(0x33), ballot(0x34)}},
      Rejoin{filled<base::ValidatorKey>(0x31), filled(0x7c)},
  };
}

Transaction transaction(Operation const& operation) {
  Transaction out;
  out.body.chain = filled(0x01);
  out.body.actor = filled<PartyId>(0xaa);
  out.body.signers = {{filled<PartyId>(0xaa), filled<PartyKey>(0xbb)}};
  out.body.valid_from_ms = 1'780'000'000'000;
  out.body.valid_until_ms = 1'780'000'600'000;
  if (std::holds_alternative<Transfer>(operation)) {
    out.body.idempotency_key = filled<IdempotencyKey>(0x11);
    out.body.after = filled(0x22);
  }
  out.body.operations = {operation};
  if (std::holds_alternative<Record>(operation)) out.payloads = {Bytes(130, 0x7b), Bytes{0x7b, 0x7d}};
  out.signatures = {filled<base::PartySignature>(0x99)};
  return out;
}

Genesis genesis() {
  Genesis out;
  out.chain_name = "silk";
  out.time_ms = 1'780'000'000'000;
  out.clock = TestClock{filled<PartyKey>(0xbb), 1'790'000'000'000};
  for (std::uint8_t i = 1; i <= 4; ++i) {
    out.validators.validators.push_back({filled<PartyId>(i), filled<base::ValidatorKey>(i), filled(i)});
  }
  out.operations = {operations()[1], operations()[2]};
  return out;
}

class Listing {
 public:
  template <class T>
  void add(std::string const& name, T const& value) {
    auto const bytes = base::encode(value);
    auto const back = base::decode<T>(bytes);
    EXPECT_TRUE(back && base::encode(*back) == bytes) << name;
    text_ += name + " " + base::to_hex(bytes) + "\n";
  }
  void add_hash(std::string const& name, Hash const& hash) { text_ += name + " " + base::to_hex(hash.view()) + "\n"; }
  std::string const& text() const { return text_; }

 private:
  std::string text_ = "# SPDX-License-Identifier: Apache-2.0\n# name, canonical bytes (docs/encoding.md)\n";
};

TEST(Encoding, IsWhatWasApproved) {
  Listing listing;
  for (auto const& operation : operations()) {
    std::visit(
        [&](auto const& chosen) { listing.add("transaction/" + std::string(chosen.name), transaction(operation)); },
        operation);
  }
  listing.add_hash("hash/transaction-id", transaction(operations()[0]).body.id());
  Receipt receipt;
  receipt.cause = TransactionCause{filled(0x01)};
  receipt.code = base::Code::E_MASS_BALANCE;
  receipt.field = "operations[0].events[1].outputQuantityList";
  receipt.work = 300;
  receipt.first_log_index = 1ull << 40;
  receipt.event_codes = {base::Code::done, base::Code::E_MASS_BALANCE};
  receipt.entries_root = filled(0x02);
  listing.add("receipt/transaction", receipt);
  receipt.cause = DeadlineCause{filled(0x03), 2, 1'780'000'000'000};
  listing.add("receipt/deadline", receipt);
  listing.add("entry", Entry{filled<PartyId>(0xaa), "EUR.EUBANK", EntryKind::payout, 5, filled(0x77), "ESC-J1"});
  ResultHeader header;
  header.chain = filled(0x01);
  header.epoch = 1;
  header.view = 9;
  header.height = 7;
  header.time_ms = 1'780'000'000'000;
  header.state_root = filled(0x02);
  header.validators_hash = genesis().validators.hash();
  listing.add("result-header", header);
  listing.add_hash("hash/result-header", header.hash());
  HistoryLeaf leaf;
  leaf.subject = filled(0x04);
  leaf.sequence = 2;
  leaf.log_index = 300;
  leaf.kind = LeafKind::operation;
  leaf.view_size = 4;
  leaf.links = {{LinkRole::into, filled(0x05), 128}, {LinkRole::made_from, filled(0x06), 0}};
  listing.add("history-leaf", leaf);
  LogLeaf log;
  log.height = 7;
  log.transaction = filled(0x07);
  log.event_index = 511;
  listing.add("log-leaf", log);
  listing.add("deadline-payload", DeadlinePayload{filled(0x03), 1, "wait", "close", 5});
  listing.add("genesis", genesis());
  listing.add_hash("hash/chain", genesis().chain());
  listing.add_hash("hash/validators", genesis().validators.hash());
  test::expect_golden("encodings.txt", listing.text());
}

}  // namespace
}  // namespace ledger
