// SPDX-License-Identifier: Apache-2.0
// What a verified proof is told as: who may say that something is recalled, what nobody balanced, what has no source.
#include "wallet/trace.hpp"

#include <gtest/gtest.h>

namespace wallet {
namespace {

using ledger::GoodsStatus;
using ledger::LeafKind;
using ledger::Space;

constexpr char const* gtin = "09521001000109";
std::string const item_name = "https://id.gs1.org/01/09521001000109/21/S1";
std::string const lot_name = "https://id.gs1.org/01/09521001000109/10/L1";
ledger::PartyId const brand = ledger::party_id("9521001000000");
ledger::PartyId const other = ledger::party_id("9521002000009");

std::string event(std::string const& more) {
  return R"({"type":"ObjectEvent","eventTime":"2026-08-13T07:10:00Z","action":"OBSERVE",)" + more + "}";
}

ledger::HistoryProof history(Space space, std::string const& name, ledger::Bytes record) {
  ledger::HistoryProof out;
  out.key = ledger::state_key(space, name);
  out.record = std::move(record);
  return out;
}

/// A proof about one subject; read_trace trusts it, so it carries no paths.
class Told {
 public:
  explicit Told(ledger::HistoryProof subject) { proof_.histories.push_back(std::move(subject)); }
  Told& says(ledger::PartyId const& actor, std::string const& head, LeafKind kind = LeafKind::event) {
    ledger::ShownLeaf shown;
    shown.leaf.log_index = next_++;
    shown.leaf.event_time_ms = shown.leaf.log_index;
    shown.leaf.actor = actor;
    shown.leaf.kind = kind;
    shown.head = base::to_bytes(head);
    proof_.histories.front().leaves.emplace_back(std::move(shown));
    return *this;
  }
  Told& beside(ledger::HistoryProof other_history) {
    proof_.histories.push_back(std::move(other_history));
    return *this;
  }
  Told& product() {
    ledger::RecordProof record;
    record.key = ledger::state_key(Space::product, gtin);
    ledger::ProductRecord made;
    made.party = brand;
    record.record = base::encode(made);
    proof_.records.push_back(std::move(record));
    return *this;
  }
  TraceReading read() const { return read_trace(proof_); }

 private:
  ledger::TraceProof proof_;
  std::uint64_t next_ = 1;
};

Told item(GoodsStatus status) {
  ledger::ItemRecord record;
  record.lot = lot_name;
  record.status = status;
  return Told(history(Space::item, item_name, base::encode(record)));
}
ledger::HistoryProof lot(GoodsStatus status, bool unrooted = false) {
  ledger::LotRecord record;
  record.status = status;
  record.unrooted = unrooted;
  return history(Space::lot, lot_name, base::encode(record));
}
std::string const recall = event(R"("bizStep":"holding","disposition":"recalled")");
std::string const sale = event(R"("bizStep":"retail_selling","tally:handover":"sale")");

TEST(Trace, ARecallOfGoodsInAccountsIsTheirStatus) {
  EXPECT_TRUE(item(GoodsStatus::recalled).read().recalled);
  EXPECT_EQ(item(GoodsStatus::recalled).read().status, "recalled");
  EXPECT_TRUE(item(GoodsStatus::sold).beside(lot(GoodsStatus::recalled)).read().recalled);
  EXPECT_TRUE(Told(lot(GoodsStatus::recalled)).read().recalled);
  // Whoever else says so, even the brand, has been judged by the ledger already.
  auto const rumour = item(GoodsStatus::sold).beside(lot(GoodsStatus::active)).product().says(other, recall).read();
  EXPECT_FALSE(rumour.recalled);
  EXPECT_EQ(rumour.status, "sold, not registered, not recalled");
  EXPECT_EQ(rumour.steps.at(0).what, "recalled");
  // A lot that this one was made from is another lot.
  auto from = lot(GoodsStatus::recalled);
  from.key = ledger::state_key(Space::lot, "https://id.gs1.org/01/09521001000017/10/R1");
  EXPECT_FALSE(item(GoodsStatus::sold).beside(from).read().recalled);
}

TEST(Trace, ARecallOfOtherGoodsIsWhoRegisteredTheProduct) {
  auto const thing = [] { return Told(history(Space::thing, item_name, base::encode(ledger::ThingRecord{}))); };
  EXPECT_TRUE(thing().product().says(brand, recall).read().recalled);
  EXPECT_FALSE(thing().product().says(other, recall).read().recalled);
  EXPECT_FALSE(thing().says(brand, recall).read().recalled);
}

TEST(Trace, PlainEventsAreMarkedAndAnswerNothing) {
  auto const reference = std::string(R"(,"bizTransactionList":[{"type":"desadv","bizTransaction":"urn:x:1"}])");
  auto const offer = event(R"("bizStep":"shipping","tally:handover":"offer")" + reference);
  auto const accept = event(R"("bizStep":"receiving","tally:handover":"accept")" + reference);
  auto const balanced = item(GoodsStatus::active).says(brand, offer).says(other, accept).read();
  ASSERT_EQ(balanced.steps.size(), 1u);
  EXPECT_EQ(balanced.steps[0].source, Source::both_parties);
  EXPECT_TRUE(balanced.steps[0].balanced);
  auto const plain = item(GoodsStatus::active).says(brand, offer).says(other, accept, LeafKind::plain).read();
  ASSERT_EQ(plain.steps.size(), 2u);
  EXPECT_EQ(plain.steps[1].source, Source::one_party);
  EXPECT_FALSE(plain.steps[1].balanced);
  EXPECT_EQ(plain.steps[1].what, "accepted");
  auto const sold = item(GoodsStatus::active).says(other, sale, LeafKind::plain).read();
  EXPECT_EQ(sold.steps.at(0).what, "sold");
  EXPECT_FALSE(sold.steps.at(0).balanced);
  // The word counts in the one kind of event that the law reads it in.
  auto const elsewhere = R"({"type":"TransactionEvent","action":"OBSERVE","tally:handover":"sale"})";
  EXPECT_EQ(item(GoodsStatus::active).says(other, elsewhere).read().steps.at(0).what, "recorded");
}

TEST(Trace, NamesLotsWithoutASource) {
  EXPECT_EQ(item(GoodsStatus::active).beside(lot(GoodsStatus::active, true)).read().unrooted,
            std::vector<std::string>{"L1"});
  EXPECT_TRUE(item(GoodsStatus::active).beside(lot(GoodsStatus::active)).read().unrooted.empty());
}

}  // namespace
}  // namespace wallet
