// SPDX-License-Identifier: Apache-2.0
// The gym: honest shipments by chance, frauds of known families among them. Prints what the law refused or flagged,
// what it missed, and what it held against honest firms. Its misses are its point: they say what a ledger cannot see.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/time.hpp"
#include "contracts/goods/chance_test.hpp"
#include "contracts/goods/stage_test.hpp"
#include "contracts/goods/statement.hpp"
#include "tests/gym/recall.hpp"

namespace contracts::goods::test {
namespace {

constexpr unsigned shipments_a_world = 50;
/// One shipment in so many carries a fraud.
constexpr unsigned fraud_every = 2;

struct Tally {
  unsigned tried = 0;
  unsigned refused = 0;
  unsigned flagged = 0;
  unsigned missed() const { return tried - refused - flagged; }
};

class Gym {
 public:
  Gym(std::uint64_t seed, std::map<std::string, Tally>& families) : chance_(seed), families_(families) {}

  void run(unsigned shipments) {
    for (unsigned i = 0; i < shipments; ++i) ship(i);
    auto const fault = stage_.audit();
    if (!fault.empty()) {
      std::printf("the accounts do not add up: %s\n", fault.c_str());
      std::exit(1);
    }
  }
  unsigned honest = 0;
  unsigned wrongly_refused = 0;
  unsigned wrongly_flagged = 0;

 private:
  std::string now() {
    time_ms_ += base::minute_ms * (20 + chance_.below(300));
    return base::to_rfc3339(time_ms_);
  }

  /// An act of an honest firm: a refusal or a flag is a false alarm.
  bool honestly(std::string_view actor, std::string const& event, std::vector<std::string> const& cosigners = {}) {
    auto const before = stage_.alarms().size();
    auto const refusal = stage_.refusal(actor, {event}, cosigners);
    ++honest;
    if (!refusal.empty()) {
      ++wrongly_refused;
      std::printf("  honest, refused: %s\n", refusal.c_str());
    }
    if (stage_.alarms().size() > before) ++wrongly_flagged;
    return refusal.empty();
  }

  /// A fraud: refused, flagged, or missed.
  void fraud(std::string const& family, std::string_view actor, std::vector<std::string> const& events,
             std::vector<std::string> const& cosigners = {}) {
    auto const before = stage_.alarms().size();
    auto const refusal = stage_.refusal(actor, events, cosigners);
    count(family, !refusal.empty(), stage_.alarms().size() > before);
  }
  void count(std::string const& family, bool refused, bool flagged) {
    auto& tally = families_[family];
    ++tally.tried;
    tally.refused += refused ? 1 : 0;
    tally.flagged += !refused && flagged ? 1 : 0;
  }

  static Text made(std::string const& time, std::string_view site, Amount const& amount) {
    Text text("ObjectEvent", time);
    return text.word("action", "ADD").amounts("quantityList", {amount}).step("creating_class_instance").at(site);
  }
  static Text spun(std::string const& time, std::string const& from, std::string const& to, unsigned in, unsigned out) {
    Text text("TransformationEvent", time);
    text.amounts("inputQuantityList", {{from, std::to_string(in), "KGM"}});
    text.amounts("outputQuantityList", {{to, std::to_string(out), "KGM"}}).step("creating_class_instance");
    text.at("EGEYARN.SPIN").word("tally:recipe", "spin");
    auto const loss = in > out ? in - out : 0;
    return text.raw("tally:loss", R"({"tally:quantity": )" + std::to_string(loss) + R"(, "tally:uom": "KGM"})");
  }
  static std::string sale(std::string const& time, std::string_view site, std::string const& serial) {
    Text text("ObjectEvent", time);
    text.list("epcList", {serial}).word("action", "OBSERVE").step("retail_selling", "retail_sold").at(site);
    return text.word("tally:handover", "sale");
  }

  void ship(unsigned number) {
    bool const bad = chance_.below(fraud_every) == 0;
    if (chance_.below(2) == 0) {
      cotton(number, bad);
    } else {
      scarves(number, bad);
    }
  }

  void cotton(unsigned number, bool bad) {
    auto const raw = lot(lint, "L" + std::to_string(number));
    auto const out = lot(yarn, "Y" + std::to_string(number));
    auto const kilograms = 100 + static_cast<unsigned>(chance_.below(400));
    auto event = made(now(), "SOKE.GIN", {raw, std::to_string(kilograms), "KGM"});
    bool const organic = chance_.below(4) == 0 && organic_left_ >= kilograms;
    if (organic) organic_left_ -= kilograms;
    if (organic) event.word("certificationInfo", "urn:tally:certificate:CERT-LINT");
    if (!honestly("SOKE", event)) return;
    if (bad && chance_.below(4) == 0) {
      auto more = made(now(), "SOKE.GIN", {raw + "X", "10001", "KGM"});
      fraud("quota", "SOKE", {more.word("certificationInfo", "urn:tally:certificate:CERT-LINT")});
    }
    Handover const sold{
        "SOKE", "EGEYARN", "EGEYARN.SPIN", {}, {{raw, std::to_string(kilograms), "KGM"}}, {{"SOKE", "EGEYARN"}}};
    auto const offer = offer_text(sold, now());
    if (!honestly("SOKE", offer)) return;
    if (bad && chance_.below(3) == 0) fraud("accept by the giver", "SOKE", {accept_text(sold, now(), offer)});
    if (!honestly("EGEYARN", accept_text(sold, now(), offer))) return;
    // Honest yields vary between 70 and 85 percent.
    auto const yield = 700 + static_cast<unsigned>(chance_.below(150));
    auto const spinnable = kilograms * yield / 1000;
    if (bad && spin_falsely(raw, out, kilograms, spinnable, organic)) return;
    honestly("EGEYARN", spun(now(), raw, out, kilograms, spinnable));
    if (bad && chance_.below(2) == 0)
      fraud("a lot used twice", "EGEYARN", {spun(now(), raw, out, kilograms, spinnable)});
  }
  /// True when the lot is used up by it.
  bool spin_falsely(std::string const& raw, std::string const& out, unsigned kilograms, unsigned spinnable,
                    bool organic) {
    switch (chance_.below(5)) {
      case 0:
        fraud("more out than in", "EGEYARN", {spun(now(), raw, out, kilograms, kilograms * 2)});
        return false;
      case 1:
        fraud("more than the audited yield", "EGEYARN", {spun(now(), raw, out, kilograms, kilograms * 87 / 100 + 1)});
        return false;
      case 2: {
        auto wide = spun(now(), raw, out, kilograms, spinnable);
        wide.word("tally:claim", organic ? "silk origin" : "organic");
        fraud("wider claim", "EGEYARN", {wide.word("certificationInfo", "urn:tally:certificate:CERT-SPIN")});
        return false;
      }
      case 3:
        // Foreign yarn is mixed in up to the ceiling: the paper is right.
        fraud("foreign yarn within the yield's slack", "EGEYARN",
              {spun(now(), raw, out, kilograms, kilograms * 86 / 100)});
        return true;
      default:
        fraud("future", "EGEYARN", {future(spun(base::to_rfc3339(time_ms_ + base::day_ms), raw, out, 10, 8))});
        return false;
    }
  }

  /// The block is a day before the event.
  std::string future(std::string const& event) {
    stage_.block_at(base::to_rfc3339(time_ms_));
    return event;
  }

  void scarves(unsigned number, bool bad) {
    auto const first = 1 + number * 20;
    auto const items = serials(scarf, first, 20);
    Text event("ObjectEvent", now());
    event.word("action", "ADD").list("epcList", items).step("commissioning", "active").at("SERICA.FIN");
    event.raw("ilmd", R"({"tally:lot": "S)" + std::to_string(number) + R"("})");
    if (!honestly("SERICA", event)) return;
    if (bad && chance_.below(4) == 0) {
      Text copy("ObjectEvent", now());
      copy.word("action", "ADD").list("epcList", {items[0]}).step("commissioning", "active").at("SERICA.FIN");
      fraud("a serial made twice", "SERICA", {copy.raw("ilmd", R"({"tally:lot": "COPY"})")});
      auto foreign = made(now(), "FJORD.PEN", {lot(scarf, "F" + std::to_string(number)), "5", ""});
      fraud("another's prefix", "FJORD", {foreign});
    }
    auto const box = new_unit("9521001", 1 + number);
    Text packed("AggregationEvent", now());
    packed.word("parentID", box).list("childEPCs", items).word("action", "ADD").step("packing", "in_progress");
    if (!honestly("SERICA", packed.at("SERICA.FIN"))) return;
    if (bad && chance_.below(3) == 0) fraud("sold before it is there", "SPREE", {sale(now(), "SPREE.SHOP", items[3])});
    for (auto const& [from, to, site] :
         {std::tuple{"SERICA", "HALDEN", "HALDEN.SHA"}, {"HALDEN", "SPREE", "SPREE.DC"}}) {
      Handover const given{from,
                           to,
                           site,
                           {box},
                           {},
                           std::string_view(to) == "SPREE"
                               ? std::optional(std::pair<std::string, std::string>("SERICA", "SPREE"))
                               : std::nullopt};
      auto const offer = offer_text(given, now());
      std::vector<std::string> owners;
      if (given.owners) owners.push_back("SERICA");
      if (!honestly(from, offer, owners)) return;
      if (bad && chance_.below(4) == 0) fraud("accept by a stranger", "FJORD", {accept_text(given, now(), offer)});
      if (!honestly(to, accept_text(given, now(), offer))) return;
    }
    if (!honestly("SPREE", sale(now(), "SPREE.SHOP", items[3]))) return;
    after_sale(items[3], box, bad);
  }

  void after_sale(std::string const& sold, std::string const& box, bool bad) {
    if (!bad) {
      // A buyer looks at the label where he bought it.
      auto const before = stage_.alarms().size();
      scan(sold, "NL");
      ++honest;
      if (stage_.alarms().size() > before) ++wrongly_flagged;
      return;
    }
    switch (chance_.below(4)) {
      case 0:
        fraud("sold twice", "SPREE", {sale(now(), "SPREE.SHOP", sold)});
        break;
      case 1: {
        auto const before = stage_.alarms().size();
        scan(sold, "ES");
        count("a copied label, abroad", false, stage_.alarms().size() > before);
        break;
      }
      case 2: {
        auto const before = stage_.alarms().size();
        scan(sold, "NL");
        count("a copied label, next door", false, stage_.alarms().size() > before);
        break;
      }
      default: {
        // Nineteen are left; both sides sign for them and five are not what they say.
        Handover const given{"SPREE", "MAASHUB", "MAASHUB.WH1", {box}, {}, {}};
        auto const offer = offer_text(given, now());
        auto const alarms = stage_.alarms().size();
        auto const a = stage_.refusal("SPREE", {offer});
        auto const b = stage_.refusal("MAASHUB", {accept_text(given, now(), offer)});
        count("swapped goods that both sign for", !a.empty() || !b.empty(), stage_.alarms().size() > alarms);
      }
    }
  }

  void scan(std::string const& link, std::string_view country) {
    stage_.block_at(now());
    stage_.act("SPREE", {}, [&](Context& context) {
      ledger::ReportScan scan;
      scan.item = link;
      scan.country = country;
      return report_scan(context, scan, "operations[0]");
    });
  }

  Chance chance_;
  std::map<std::string, Tally>& families_;
  Stage stage_;
  TimeMs time_ms_ = *base::from_rfc3339("2026-02-01T00:00:00Z");
  unsigned organic_left_ = 9'000;
};

int play(unsigned shipments, std::uint64_t seed) {
  std::map<std::string, Tally> families;
  unsigned honest = 0;
  unsigned refused = 0;
  unsigned flagged = 0;
  auto told = std::chrono::steady_clock::now();
  for (unsigned done = 0; done < shipments; done += shipments_a_world) {
    if (std::chrono::steady_clock::now() - told > std::chrono::seconds(10)) {
      told = std::chrono::steady_clock::now();
      std::fprintf(stderr, "%u of %u shipments\n", done, shipments);
    }
    Gym gym(seed + done, families);
    gym.run(std::min(shipments - done, shipments_a_world));
    honest += gym.honest;
    refused += gym.wrongly_refused;
    flagged += gym.wrongly_flagged;
  }
  std::printf("%-42s %8s %8s %8s %8s\n", "family", "tried", "refused", "flagged", "missed");
  for (auto const& [family, tally] : families) {
    std::printf("%-42s %8u %8u %8u %8u\n", family.c_str(), tally.tried, tally.refused, tally.flagged, tally.missed());
  }
  std::printf("\nshipments %u, honest acts %u, false alarms: refused %u, flagged %u; seed %llu\n", shipments, honest,
              refused, flagged, static_cast<unsigned long long>(seed));
  return refused == 0 ? 0 : 1;
}

}  // namespace
}  // namespace contracts::goods::test

int main(int argc, char** argv) {
  constexpr char const* usage = "usage: tally_gym [--shipments N] [--seed N] | --recall ITEMS (at least 10000)\n";
  unsigned shipments = 200;
  std::uint64_t seed = 1;
  unsigned recalled = 0;
  for (int i = 1; i < argc; i += 2) {
    std::string_view const name = argv[i];
    auto const value = i + 1 < argc ? std::strtoull(argv[i + 1], nullptr, 10) : 0;
    if (name == "--shipments" && value > 0) {
      shipments = static_cast<unsigned>(value);
    } else if (name == "--seed") {
      seed = value;
    } else if (name == "--recall" && value >= 10'000) {
      recalled = static_cast<unsigned>(value);
    } else {
      bool const help = argc == 2 && name == "--help";
      std::fputs(usage, help ? stdout : stderr);
      return help ? 0 : 2;
    }
  }
  return recalled > 0 ? gym::recall(recalled) : contracts::goods::test::play(shipments, seed);
}
