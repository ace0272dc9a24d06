// SPDX-License-Identifier: Apache-2.0
// Events thrown together by chance from a few keys and firms: whatever is accepted, nothing is created, lost or counted
// twice, and no event that can be read stops the ledger.
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/goods/chance_test.hpp"
#include "contracts/goods/stage_test.hpp"

namespace contracts::goods::test {
namespace {

class Storm {
 public:
  explicit Storm(std::uint64_t seed) : chance_(seed) {
    epcs_ = serials(scarf, 1, 6);
    for (auto const& one : serials(watch, 1, 3)) epcs_.push_back(one);
    for (unsigned i = 1; i <= 4; ++i) epcs_.push_back(new_unit("9521001", i));
    epcs_.push_back(new_unit("9521031", 1));
    epcs_.push_back("https://example.com/a-private-thing");
    classes_ = {lot(scarf, "S1"),
                lot(scarf, "S2"),
                lot(lint, "L1"),
                lot(yarn, "Y1"),
                lot("09521031000018", "T1"),
                "https://id.gs1.org/01/09521001000109"};
  }

  void run(unsigned events) {
    found();
    for (unsigned i = 0; i < events; ++i) {
      std::vector<std::string> texts;
      do texts.push_back(event());
      while (chance_.below(4) == 0);
      std::string const actor(firm());
      std::vector<std::string> cosigners;
      // Everybody signs now and then, so that more than signatures is tried.
      bool const all = chance_.below(3) > 0;
      for (auto const name : firms_) {
        if (name != actor && (all || chance_.below(2) == 0)) cosigners.emplace_back(name);
      }
      auto const mode = chance_.below(2) == 0 ? ledger::RecordMode::proceed : ledger::RecordMode::rollback;
      auto const verdict = stage_.record(actor, texts, cosigners, mode);
      for (auto const code : verdict.recorded.codes) recorded_ += code == Code::done ? 1 : 0;
      for (auto const& fact : verdict.recorded.facts) {
        if (fact.kind != FactKind::handover) continue;
        handovers_ += fact.answer == Answer::accepted ? 1 : 0;
        for (auto const& draft : drafts_) {
          if (fact.answer == Answer::offered && gs1_hash(draft.text) == fact.offer) offers_.push_back(draft);
        }
      }
      drafts_.clear();
      if (chance_.below(4) == 0) pass();
      auto const fault = stage_.audit();
      ASSERT_EQ(fault, "") << "after " << texts.back();
    }
  }
  unsigned recorded() const { return recorded_; }
  unsigned handovers() const { return handovers_; }

 private:
  std::string_view firm() { return firms_[chance_.below(firms_.size())]; }
  std::vector<std::string> some_epcs() {
    std::vector<std::string> out;
    for (std::size_t n = 1 + chance_.below(4); n > 0; --n) {
      // The last two are foreign to goods accounting.
      auto const& one = epcs_[chance_.below(chance_.below(20) == 0 ? epcs_.size() : epcs_.size() - 2)];
      if (std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
    }
    return out;
  }
  std::vector<std::string> some_items() {
    auto out = some_epcs();
    std::erase_if(out, [](auto const& one) { return one.find("/21/") == std::string::npos; });
    return out.empty() ? std::vector{epcs_.front()} : out;
  }
  std::vector<Amount> amounts() {
    std::vector<Amount> out;
    for (std::size_t n = 1 + chance_.below(2); n > 0; --n) {
      auto const& link = chance_.one_of(classes_);
      bool const kilograms = link == classes_[2] || link == classes_[3];
      out.push_back({link, std::to_string(1 + chance_.below(9)), kilograms ? "KGM" : ""});
    }
    return out;
  }
  void name_goods(Text& text) {
    bool const both = chance_.below(4) == 0;
    bool const epcs = chance_.below(2) == 0;
    if (epcs || both) text.list("epcList", some_epcs());
    if (!epcs || both) text.amounts("quantityList", amounts());
  }

  /// The firm that has it now, as far as that is one of the storm's.
  std::string_view custodian_of(std::string const& link) {
    auto const item = ledger::load<ledger::ItemRecord>(stage_.state(), ledger::Space::item, link);
    auto const unit = ledger::load<ledger::UnitRecord>(stage_.state(), ledger::Space::unit, link);
    for (auto const name : firms_) {
      if (item && ledger::place_of(stage_.state(), item->holder).party == party(name)) return name;
      if (unit && ledger::place_of(stage_.state(), unit->holder).party == party(name)) return name;
    }
    return firm();
  }

  /// Some goods to begin with.
  void found() {
    Text made("ObjectEvent", "2026-02-01T00:00:00Z");
    made.word("action", "ADD").list("epcList", serials(scarf, 1, 6)).step("commissioning").at("SERICA.FIN");
    stage_.must("SERICA", {made.raw("ilmd", R"({"tally:lot": "S1"})")});
    for (auto const& [firm, link, uom] : {std::tuple{"SERICA", classes_[1], ""}, {"SOKE", classes_[2], "KGM"}}) {
      Text lots("ObjectEvent", "2026-02-01T00:00:00Z");
      lots.word("action", "ADD").amounts("quantityList", {{link, "30", uom}}).step("creating_class_instance");
      stage_.must(firm, {lots});
    }
  }

  std::string event() {
    // Mostly forwards, sometimes back.
    time_ms_ += base::minute_ms * chance_.below(30);
    auto const time = base::to_rfc3339(time_ms_ - (chance_.below(8) == 0 ? base::hour_ms : 0));
    switch (chance_.below(8)) {
      case 0:
        return creation(time);
      case 1:
        return transformation(time);
      case 2:
      case 3:
        return aggregation(time);
      case 4:
        return act(time);
      default:
        return handover(time);
    }
  }

  std::string creation(std::string const& time) {
    Text text("ObjectEvent", time);
    text.word("action", "ADD").step("commissioning", "active").at("SERICA.FIN");
    if (chance_.below(2) == 0) {
      text.list("epcList", chance_.below(4) == 0 ? some_epcs() : some_items());
      text.raw("ilmd", chance_.below(2) == 0 ? R"({"tally:lot": "S1"})" : R"({"tally:lot": "S2"})");
    } else {
      text.amounts("quantityList", amounts());
    }
    return text;
  }

  std::string transformation(std::string const& time) {
    Text text("TransformationEvent", time);
    if (chance_.below(2) == 0) {
      auto const in = 1 + chance_.below(6);
      auto const out = 1 + chance_.below(in);
      text.amounts("inputQuantityList", {{lot(lint, "L1"), std::to_string(in), "KGM"}});
      text.amounts("outputQuantityList", {{lot(yarn, "Y1"), std::to_string(out), "KGM"}});
      text.raw("tally:loss", R"({"tally:quantity": )" + std::to_string(in - out) + R"(, "tally:uom": "KGM"})");
      text.word("tally:recipe", "spin").at("EGEYARN.SPIN");
    } else {
      text.list("inputEPCList", some_items()).list("outputEPCList", some_items());
      text.raw("ilmd", R"({"tally:lot": "S2"})").raw("tally:unbalanced", "true").at("SERICA.FIN");
    }
    return text.step("creating_class_instance", "active");
  }

  std::string aggregation(std::string const& time) {
    Text text("AggregationEvent", time);
    bool const adds = chance_.below(3) > 0;
    text.word("parentID", epcs_[9 + chance_.below(5)]).word("action", adds ? "ADD" : "DELETE");
    auto const children = chance_.below(4);
    if (children > 0 || adds) text.list("childEPCs", some_epcs());
    if (children == 3) text.amounts("childQuantityList", amounts());
    return text.step(adds ? "packing" : "unpacking", "in_progress").at("SERICA.FIN");
  }

  std::string act(std::string const& time) {
    Text text("ObjectEvent", time);
    name_goods(text);
    switch (chance_.below(4)) {
      case 0:
        return text.word("action", "DELETE").step("destroying", "destroyed");
      case 1:
        return text.word("action", "OBSERVE").step("arriving").at("HALDEN.RTM");
      case 2:
        return text.word("action", "OBSERVE").step("retail_selling").at("SPREE.SHOP").word("tally:handover", "sale");
      default:
        return text.word("action", "OBSERVE").step("receiving", "returned").word("tally:handover", "return");
    }
  }

  std::string handover(std::string const& time) {
    auto const answer = offers_.empty() ? 0 : chance_.below(3);
    Text text("ObjectEvent", time);
    text.word("action", "OBSERVE").step(answer == 0 ? "shipping" : "receiving").at("MAASHUB.WH1");
    if (answer == 0) {
      auto const epcs = some_epcs();
      std::string const from(custodian_of(epcs.front()));
      std::string const to(firm());
      bool const lots = chance_.below(3) == 0;
      if (!lots) text.list("epcList", epcs);
      if (lots || chance_.below(4) == 0) text.amounts("quantityList", amounts());
      std::optional<std::pair<std::string, std::string>> owners;
      if (chance_.below(3) == 0) owners = {std::string(firm()), std::string(firm())};
      text.parties(from, to, owners).word("tally:handover", "offer");
      drafts_.push_back({text, from, to});
      return text;
    }
    auto const& offer = offers_[offers_.size() - 1 - chance_.below(std::min<std::size_t>(offers_.size(), 4))];
    // What was offered, or a part of it, or something else.
    auto const epcs = offer.text.find(R"("epcList")");
    auto const counts = offer.text.find(R"("quantityList")");
    auto const list_of = [&](std::size_t from) {
      return offer.text.substr(from, offer.text.find(']', from) + 1 - from);
    };
    std::string goods;
    if (epcs != std::string::npos) goods += ", " + list_of(epcs);
    if (counts != std::string::npos) goods += ", " + list_of(counts);
    if (epcs != std::string::npos && counts == std::string::npos && chance_.below(2) == 0) {
      goods += R"(, "quantityList": [{"epcClass": "https://id.gs1.org/01/09521001000109", "quantity": 1}])";
    }
    text.parties(offer.from, offer.to);
    text.word("tally:handover", answer == 1 || chance_.below(3) > 0 ? "accept" : "reject");
    text.word("tally:answers", event_id(offer.text));
    auto whole = text.json();
    whole.insert(whole.size() - 1, goods);
    return whole;
  }

  void pass() {
    Title title;
    title.subject = chance_.below(2) == 0 ? chance_.one_of(epcs_) : chance_.one_of(classes_);
    title.from = party(firm());
    title.to = party(firm());
    if (!offers_.empty() && chance_.below(2) == 0) {
      title.offer = gs1_hash(offers_.back().text);
    }
    stage_.act("SPREE", {}, [&](Context& context) -> Result<void> {
      title.act = log_operation(context, ledger::Operation(ledger::AdvanceTime{}));
      pass_title(context, title);
      return {};
    });
  }
  static Hash gs1_hash(std::string const& text) {
    auto const id = event_id(text);
    return *Hash::from_text(id.substr(id.find(';') + 1, 64));
  }

  struct Offer {
    std::string text;
    std::string from;
    std::string to;
  };
  static constexpr std::array<std::string_view, 8> firms_{"SERICA", "HALDEN",  "MAASHUB", "SPREE",
                                                          "SOKE",   "EGEYARN", "CHRONO",  "PLAIN"};
  Chance chance_;
  Stage stage_;
  TimeMs time_ms_ = *base::from_rfc3339("2026-03-01T00:00:00Z");
  std::vector<std::string> epcs_;
  std::vector<std::string> classes_;
  /// Written, and of those recorded.
  std::vector<Offer> drafts_;
  std::vector<Offer> offers_;
  unsigned recorded_ = 0;
  unsigned handovers_ = 0;
};

TEST(Storm, NothingIsCreatedLostOrCountedTwice) {
  unsigned recorded = 0;
  unsigned handovers = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Storm storm(seed);
    storm.run(120);
    if (HasFatalFailure()) return;
    recorded += storm.recorded();
    handovers += storm.handovers();
  }
  EXPECT_GE(recorded, 300U);
  EXPECT_GE(handovers, 10U);
}

}  // namespace
}  // namespace contracts::goods::test
