// SPDX-License-Identifier: Apache-2.0
// Lint that is claimed organic, spun into yarn, moved, scrapped and lied about by chance, against a small book that
// only adds and subtracts: in every block, of each claim and product, what was made is what is there and what was used
// up or lost; and yarn never exceeds what the audited yield makes of the lint.
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/goods/chance_test.hpp"
#include "contracts/goods/stage_test.hpp"
#include "contracts/goods/statement.hpp"

namespace contracts::goods::test {
namespace {

using ledger::ClaimModel;

constexpr std::uint64_t quota_kg = 10'000;
constexpr std::uint64_t yield_percent = 86;
constexpr std::string_view organic = "organic";

class Mill {
 public:
  explicit Mill(std::uint64_t seed) : chance_(seed) {
    model_ = std::array{ClaimModel::segregated, ClaimModel::mass_balance}[seed % 2];
    auto const added = stage_.tried("CERTA", {}, [&](Context& context) {
      return add_scheme(context, ledger::AddScheme{"organic", "organic", model_}, "operations[0]");
    });
    EXPECT_EQ(added, "");
  }

  void run(unsigned steps) {
    for (unsigned i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      honest();
      compare("after an honest act");
      fraud();
      compare("after a fraud");
    }
  }
  unsigned frauds() const { return frauds_; }
  unsigned spun() const { return spun_; }

 private:
  /// One holder's part of one lot under one claim, in kilograms.
  struct Part {
    std::string lot;
    std::string gtin;
    std::string claim;
    std::string holder;
    std::uint64_t kg = 0;
    bool operator==(Part const&) const = default;
  };
  struct Totals {
    std::uint64_t origins = 0;
    std::uint64_t loss = 0;
  };

  std::string now() {
    time_ms_ += base::minute_ms * (1 + chance_.below(120));
    return base::to_rfc3339(time_ms_);
  }
  static std::string kg(std::uint64_t amount) { return std::to_string(amount); }
  static std::string site(std::string_view firm) {
    return firm == "SOKE" ? "SOKE.GIN" : firm == "EGEYARN" ? "EGEYARN.SPIN" : "SERICA.FIN";
  }

  void gain(Part const& part) {
    totals_[{part.claim, part.gtin}].origins += part.kg;
    put(part);
  }
  void put(Part const& part) {
    if (part.kg == 0) return;
    for (auto& known : parts_) {
      if (known.lot == part.lot && known.claim == part.claim && known.holder == part.holder) {
        known.kg += part.kg;
        return;
      }
    }
    parts_.push_back(part);
  }
  void take(Part const& from, std::uint64_t amount) {
    for (auto& known : parts_) {
      if (known.lot == from.lot && known.claim == from.claim && known.holder == from.holder) known.kg -= amount;
    }
    std::erase_if(parts_, [](Part const& part) { return part.kg == 0; });
  }
  void lose(Part const& from, std::uint64_t amount) {
    totals_[{from.claim, from.gtin}].loss += amount;
    take(from, amount);
  }

  /// Parts of a firm, of lots that are all of one claim: which of two is meant no event can say.
  std::vector<Part> held(std::string_view firm, std::string_view gtin) {
    std::vector<Part> out;
    for (auto const& part : parts_) {
      auto const claims = std::count_if(parts_.begin(), parts_.end(), [&](Part const& other) {
        return other.lot == part.lot && other.claim != part.claim;
      });
      if (part.holder == firm && part.gtin == gtin && claims == 0) out.push_back(part);
    }
    return out;
  }

  static Text made(std::string const& time, std::string const& number, std::uint64_t amount, bool claimed) {
    Text text("ObjectEvent", time);
    text.word("action", "ADD").amounts("quantityList", {{lot(lint, number), kg(amount), "KGM"}});
    text.step("creating_class_instance", "active").at("SOKE.GIN");
    if (claimed) text.word("certificationInfo", "urn:tally:certificate:CERT-LINT");
    return text;
  }

  void produce() {
    auto const amount = 50 + chance_.below(400);
    bool const claimed = chance_.below(2) == 0 && certified_ + amount <= quota_kg;
    auto const number = "L" + std::to_string(++number_);
    stage_.must("SOKE", {made(now(), number, amount, claimed)});
    certified_ += claimed ? amount : 0;
    gain({lot(lint, number), std::string(lint), claimed ? std::string(organic) : "", "SOKE", amount});
  }

  void move(std::string const& from, std::string const& to, std::string_view gtin) {
    auto const have = held(from, gtin);
    if (have.empty()) return;
    auto const part = chance_.one_of(have);
    auto const amount = 1 + chance_.below(part.kg);
    Handover const handover{from, to, site(to), {}, {{part.lot, kg(amount), "KGM"}}, {{from, to}}};
    auto const offered = now();
    stage_.hand_over(handover, offered, now());
    take(part, amount);
    auto moved = part;
    moved.holder = to;
    moved.kg = amount;
    put(moved);
  }

  static Text spin_text(std::string const& time, std::vector<std::pair<Part, std::uint64_t>> const& inputs,
                        std::string const& number, std::uint64_t out, std::uint64_t loss, bool claimed) {
    std::vector<Amount> amounts;
    for (auto const& [part, amount] : inputs) amounts.push_back({part.lot, kg(amount), "KGM"});
    Text text("TransformationEvent", time);
    text.amounts("inputQuantityList", amounts);
    text.amounts("outputQuantityList", {{lot(yarn, number), kg(out), "KGM"}});
    text.step("creating_class_instance", "active").at("EGEYARN.SPIN").word("tally:recipe", "spin");
    text.raw("tally:loss", R"({"tally:quantity": )" + kg(loss) + R"(, "tally:uom": "KGM"})");
    if (claimed) text.word("tally:claim", organic).word("certificationInfo", "urn:tally:certificate:CERT-SPIN");
    return text;
  }

  /// One or two lots of lint at the spinner's, of each a part.
  std::vector<std::pair<Part, std::uint64_t>> choose() {
    std::vector<std::pair<Part, std::uint64_t>> out;
    auto have = held("EGEYARN", lint);
    for (auto count = 1 + chance_.below(2); count > 0 && !have.empty(); --count) {
      auto const at = chance_.below(have.size());
      out.emplace_back(have[at], 1 + chance_.below(have[at].kg));
      have.erase(have.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return out;
  }

  void spin() {
    auto const inputs = choose();
    std::uint64_t in = 0;
    std::uint64_t in_organic = 0;
    for (auto const& [part, amount] : inputs) {
      in += amount;
      in_organic += part.claim == organic ? amount : 0;
    }
    auto const most = in * yield_percent / 100;
    if (most == 0) return;
    auto const out = 1 + chance_.below(most);
    bool const may = model_ == ClaimModel::segregated ? in_organic == in : in_organic > 0;
    bool const claimed = may && chance_.below(4) > 0;
    auto const number = "Y" + std::to_string(++number_);
    // A mass balance claims no more than what the claimed lint yields; whole kilograms keep the book simple.
    auto const of_organic = claimed ? std::min(out, in_organic * yield_percent / 100) : 0;
    bool const whole = model_ == ClaimModel::segregated || in_organic * yield_percent % 100 == 0 || of_organic == out;
    if (!whole) return;
    stage_.must("EGEYARN", {spin_text(now(), inputs, number, out, in - out, claimed)});
    for (auto const& [part, amount] : inputs) lose(part, amount);
    gain({lot(yarn, number), std::string(yarn), std::string(organic), "EGEYARN", of_organic});
    gain({lot(yarn, number), std::string(yarn), "", "EGEYARN", out - of_organic});
    used_ += in;
    used_organic_ += claimed ? in_organic : 0;
    ++spun_;
  }

  void scrap() {
    auto const have = held("EGEYARN", chance_.below(2) == 0 ? lint : yarn);
    if (have.empty()) return;
    auto const part = chance_.one_of(have);
    auto const amount = 1 + chance_.below(part.kg);
    Text text("ObjectEvent", now());
    text.amounts("quantityList", {{part.lot, kg(amount), "KGM"}}).word("action", "DELETE");
    stage_.must("EGEYARN", {text.step("destroying", "destroyed").at("EGEYARN.SPIN")});
    lose(part, amount);
  }

  void honest() {
    switch (chance_.below(8)) {
      case 0:
      case 1:
        return produce();
      case 2:
      case 3:
        return move("SOKE", "EGEYARN", lint);
      case 4:
      case 5:
        return spin();
      case 6:
        return move("EGEYARN", "SERICA", yarn);
      default:
        return scrap();
    }
  }

  void expect_refused(std::string_view actor, std::string const& event, std::vector<std::string> const& codes) {
    ++frauds_;
    auto const refusal = stage_.refusal(actor, {event});
    auto const code = refusal.substr(0, refusal.find(' '));
    EXPECT_NE(std::find(codes.begin(), codes.end(), code), codes.end()) << refusal << "\n" << event;
  }

  void fraud() {
    auto const time = base::to_rfc3339(time_ms_ + base::second_ms);
    auto const number = "F" + std::to_string(++number_);
    auto const inputs = choose();
    std::uint64_t in = 0;
    bool all_organic = true;
    bool any_organic = false;
    for (auto const& [part, amount] : inputs) {
      in += amount;
      all_organic = all_organic && part.claim == organic;
      any_organic = any_organic || part.claim == organic;
    }
    auto const kind = chance_.below(7);
    if (kind == 0)  // more than the certificate's quota
      return expect_refused("SOKE", made(time, number, quota_kg - certified_ + 1, true), {"E_QUOTA_EXCEEDED"});
    if (inputs.empty()) return;
    auto const most = in * yield_percent / 100;
    switch (kind) {
      case 1:  // one kilogram more than the yield, and the books made to fit
        if (most + 1 > in) return;
        return expect_refused("EGEYARN", spin_text(time, inputs, number, most + 1, in - most - 1, false), {"E_YIELD"});
      case 2:  // more comes out than went in
        return expect_refused("EGEYARN", spin_text(time, inputs, number, in + 1, 0, false),
                              {"E_MASS_BALANCE", "E_YIELD"});
      case 3:  // a kilogram is nowhere
        if (most == 0 || in == most) return;
        return expect_refused("EGEYARN", spin_text(time, inputs, number, most, in - most - 1, false),
                              {"E_MASS_BALANCE"});
      case 4: {  // more goes in than there is
        auto more = inputs;
        more[0].second = more[0].first.kg + 1;
        auto const sum = in - inputs[0].second + more[0].second;
        return expect_refused("EGEYARN", spin_text(time, more, number, sum / 2, sum - sum / 2, false),
                              {"E_INSUFFICIENT_GOODS", "E_NOT_CUSTODIAN"});
      }
      case 5:  // a claim that the lint does not carry
        if (most == 0 || (model_ == ClaimModel::segregated ? all_organic : any_organic)) return;
        return expect_refused("EGEYARN", spin_text(time, inputs, number, most, in - most, true),
                              {"E_SEGREGATION", "E_CLAIM_UNSCOPED"});
      default: {  // more is given than there is
        auto const& part = inputs[0].first;
        Handover const handover{
            "EGEYARN", "SERICA", "SERICA.FIN", {}, {{part.lot, kg(part.kg + 1), "KGM"}}, {{"EGEYARN", "SERICA"}}};
        return expect_refused("EGEYARN", offer_text(handover, time), {"E_INSUFFICIENT_GOODS"});
      }
    }
  }

  void compare(char const* when) {
    SCOPED_TRACE(when);
    EXPECT_EQ(stage_.audit(), "");
    std::map<std::pair<std::string, std::string>, std::uint64_t> stock;
    std::map<std::string, std::map<std::string, std::uint64_t>> lots;
    for (auto const& part : parts_) {
      stock[{part.claim, part.gtin}] += part.kg;
      lots[part.lot][part.holder + " " + part.claim] += part.kg;
    }
    constexpr ledger::Micro one = 1'000'000;
    for (auto const& [link, lines] : lots) {
      std::map<std::string, std::uint64_t> told;
      for (auto const& holding : ledger::holdings(stage_.state(), link)) {
        EXPECT_EQ(holding.quantity % one, 0U);
        for (auto const* firm : {"SOKE", "EGEYARN", "SERICA"}) {
          if (party(firm) == holding.party) told[firm + (" " + std::string(holding.claim))] += holding.quantity / one;
        }
      }
      EXPECT_EQ(told, lines) << link;
    }
    for (auto const& [name, totals] : totals_) {
      auto const& [claim, gtin] = name;
      EXPECT_EQ(totals.origins, stock[name] + totals.loss) << claim << " " << gtin;
      auto key = ledger::state_key(ledger::Space::claim_total, claim);
      key.push_back(0);
      base::append(key, base::bytes_of(gtin));
      auto const record = ledger::load<ledger::ClaimTotalRecord>(stage_.state(), key);
      // A claim of which nothing was made has no record.
      if (!record) {
        EXPECT_EQ(totals.origins, 0U) << claim << " " << gtin;
        continue;
      }
      EXPECT_EQ(record->origins, base::u128{totals.origins} * one) << claim << " " << gtin;
      EXPECT_EQ(record->stock, base::u128{stock[name]} * one) << claim << " " << gtin;
      EXPECT_EQ(record->loss, base::u128{totals.loss} * one) << claim << " " << gtin;
    }
    auto const yarn_made = totals_[{"", std::string(yarn)}].origins + totals_[{"organic", std::string(yarn)}].origins;
    EXPECT_LE(yarn_made * 100, used_ * yield_percent);
    EXPECT_LE((totals_[{"organic", std::string(yarn)}].origins * 100), used_organic_ * yield_percent);
    EXPECT_LE((totals_[{"organic", std::string(lint)}].origins), quota_kg);
  }

  Chance chance_;
  Stage stage_;
  ClaimModel model_ = ClaimModel::segregated;
  TimeMs time_ms_ = *base::from_rfc3339("2026-01-10T00:00:00Z");
  std::vector<Part> parts_;
  std::map<std::pair<std::string, std::string>, Totals> totals_;
  std::uint64_t certified_ = 0;
  std::uint64_t used_ = 0;
  std::uint64_t used_organic_ = 0;
  unsigned number_ = 0;
  unsigned frauds_ = 0;
  unsigned spun_ = 0;
};

TEST(Yield, GoodsAndLossAreTheOriginsOfEachClaimInEveryBlock) {
  unsigned frauds = 0;
  unsigned spun = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Mill mill(seed);
    mill.run(60);
    frauds += mill.frauds();
    spun += mill.spun();
    if (HasFailure()) return;
  }
  EXPECT_GE(frauds, 1000U);
  EXPECT_GE(spun, 200U);
}

}  // namespace
}  // namespace contracts::goods::test
