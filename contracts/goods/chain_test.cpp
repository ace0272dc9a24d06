// SPDX-License-Identifier: Apache-2.0
// Random honest chains are never refused and agree with a naive model that moves each piece by hand; frauds tried in
// between are refused and change nothing.
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/goods/chance_test.hpp"
#include "contracts/goods/stage_test.hpp"

namespace contracts::goods::test {
namespace {

constexpr std::array<std::string_view, 4> firms{"SERICA", "HALDEN", "MAASHUB", "SPREE"};

struct Piece {
  std::string owner;
  std::string holder;
  /// The unit it is in; empty: none.
  std::string unit;
  /// in use, sold, gone
  char state = 'u';
};
struct Box {
  std::string holder;
  std::string unit;
};

class Chain {
 public:
  explicit Chain(std::uint64_t seed) : chance_(seed) {}

  void run(unsigned steps) {
    make();
    for (unsigned i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
      step();
      compare();
      fraud();
    }
  }
  unsigned frauds() const { return frauds_; }

 private:
  std::string now() {
    time_ms_ += base::minute_ms * (1 + chance_.below(50));
    return base::to_rfc3339(time_ms_);
  }

  std::string place_of(std::string const& name) {
    if (pieces_.contains(name)) return pieces_[name].unit;
    return boxes_[name].unit;
  }
  std::string holder_of(std::string const& name) {
    return pieces_.contains(name) ? pieces_[name].holder : boxes_[name].holder;
  }

  /// Everything loose that one firm holds and that is in use: pieces and boxes.
  std::vector<std::string> loose(std::string const& holder, bool pieces, bool boxes) {
    std::vector<std::string> out;
    for (auto const& [name, piece] : pieces_) {
      if (pieces && piece.state == 'u' && piece.unit.empty() && piece.holder == holder) out.push_back(name);
    }
    for (auto const& [name, box] : boxes_) {
      if (boxes && box.unit.empty() && box.holder == holder) out.push_back(name);
    }
    return out;
  }
  std::vector<std::string> some(std::vector<std::string> from, std::size_t most) {
    std::vector<std::string> out;
    while (!from.empty() && out.size() < most) {
      auto const at = chance_.below(from.size());
      out.push_back(from[at]);
      from.erase(from.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return out;
  }
  std::vector<std::string> inside(std::string const& box) {
    std::vector<std::string> out;
    for (auto const& [name, piece] : pieces_) {
      if (piece.unit == box && piece.state == 'u') out.push_back(name);
    }
    for (auto const& [name, other] : boxes_) {
      if (other.unit == box) out.push_back(name);
    }
    return out;
  }
  /// The pieces of a thing: itself, or all that is in the box.
  std::vector<std::string> pieces_of(std::string const& name) {
    if (pieces_.contains(name)) return {name};
    std::vector<std::string> out;
    for (auto const& child : inside(name)) {
      for (auto const& piece : pieces_of(child)) out.push_back(piece);
    }
    return out;
  }
  unsigned height(std::string const& name) {
    if (pieces_.contains(name)) return 0;
    unsigned most = 0;
    for (auto const& child : inside(name)) most = std::max(most, height(child));
    return most + 1;
  }
  void hold(std::string const& name, std::string const& holder) {
    if (pieces_.contains(name)) {
      pieces_[name].holder = holder;
      return;
    }
    boxes_[name].holder = holder;
    for (auto const& child : inside(name)) hold(child, holder);
  }

  void make() {
    auto const count = 5 + static_cast<unsigned>(chance_.below(20));
    Text made("ObjectEvent", now());
    made.word("action", "ADD")
        .list("epcList", serials(scarf, next_serial_, count))
        .step("commissioning")
        .at("SERICA.FIN");
    auto const number = "S" + std::to_string(next_serial_);
    stage_.must("SERICA", {made.raw("ilmd", R"({"tally:lot": ")" + number + R"("})")});
    for (auto const& name : serials(scarf, next_serial_, count)) {
      pieces_[name] = {"SERICA", "SERICA", "", 'u'};
      lots_[lot(scarf, number)].push_back(name);
    }
    next_serial_ += count;
  }

  void pack() {
    std::string const holder(chance_.one_of(firms));
    auto children = some(loose(holder, true, true), 1 + chance_.below(6));
    std::erase_if(children, [&](auto const& name) { return height(name) >= 4; });
    if (children.empty()) return;
    auto box = new_unit(gln(holder).substr(0, 7), ++next_box_);
    // Now and then into a box that is there already.
    auto const own = loose(holder, false, true);
    if (!own.empty() && chance_.below(2) == 0) {
      auto const& known = chance_.one_of(own);
      if (std::find(children.begin(), children.end(), known) == children.end() && height(known) < 4) box = known;
    }
    Text text("AggregationEvent", now());
    text.word("parentID", box).list("childEPCs", children).word("action", "ADD").step("packing");
    stage_.must(holder, {text});
    boxes_.try_emplace(box, Box{holder, ""});
    for (auto const& name : children) (pieces_.contains(name) ? pieces_[name].unit : boxes_[name].unit) = box;
  }

  void unpack() {
    std::vector<std::string> full;
    for (auto const& [name, box] : boxes_) {
      if (!inside(name).empty()) full.push_back(name);
    }
    if (full.empty()) return;
    auto const box = chance_.one_of(full);
    auto const children = some(inside(box), 1 + chance_.below(5));
    Text text("AggregationEvent", now());
    text.word("parentID", box).list("childEPCs", children).word("action", "DELETE").step("unpacking");
    stage_.must(boxes_[box].holder, {text});
    for (auto const& name : children) (pieces_.contains(name) ? pieces_[name].unit : boxes_[name].unit).clear();
  }

  void hand_over() {
    std::string const from(chance_.one_of(firms));
    std::string const to(chance_.one_of(firms));
    auto const things = some(loose(from, true, true), 1 + chance_.below(4));
    if (from == to || things.empty()) return;
    std::set<std::string> owners;
    std::size_t count = 0;
    for (auto const& thing : things) {
      for (auto const& piece : pieces_of(thing)) {
        owners.insert(pieces_[piece].owner);
        ++count;
      }
      // An empty box has no owner, so none is named for it.
      if (pieces_of(thing).empty()) owners.insert("");
    }
    Handover handover{from,
                      to,
                      from + (from == "HALDEN"    ? ".SHA"
                              : from == "SPREE"   ? ".DC"
                              : from == "MAASHUB" ? ".WH1"
                                                  : ".FIN"),
                      things,
                      {}};
    if (count > 0 && chance_.below(2) == 0) {
      handover.counts = {{"https://id.gs1.org/01/" + std::string(scarf), std::to_string(count), ""}};
    }
    bool const mixed = std::any_of(things.begin(), things.end(), [&](auto const& thing) { return has_mixed(thing); });
    bool const title = owners.size() == 1 && !owners.contains("") && !mixed && chance_.below(2) == 0;
    auto const next = std::string(chance_.one_of(firms));
    if (title) handover.owners = {*owners.begin(), next};
    auto const offered = now();
    auto const accepted = now();
    stage_.hand_over(handover, offered, accepted);
    for (auto const& thing : things) {
      hold(thing, to);
      for (auto const& piece : pieces_of(thing)) {
        if (title) pieces_[piece].owner = next;
      }
    }
  }
  /// A box that was mixed once stays so until it is empty, whoever owns what is left in it.
  bool has_mixed(std::string const& thing) {
    auto const unit = ledger::load<ledger::UnitRecord>(stage_.state(), ledger::Space::unit, thing);
    return unit && !unit->owner;
  }

  void sell() {
    std::string const holder(chance_.one_of(firms));
    std::vector<std::string> held;
    for (auto const& [name, piece] : pieces_) {
      if (piece.state == 'u' && piece.holder == holder) held.push_back(name);
    }
    auto const sold = some(held, 1 + chance_.below(3));
    if (sold.empty()) return;
    std::set<std::string> owners;
    for (auto const& name : sold) owners.insert(pieces_[name].owner);
    owners.erase(holder);
    stage_.must(holder, {selling(now(), sold)}, {owners.begin(), owners.end()});
    for (auto const& name : sold) {
      sales_[name] = {holder, pieces_[name].owner};
      pieces_[name] = {"consumer", "consumer", "", 's'};
    }
  }
  static std::string selling(std::string const& time, std::vector<std::string> const& items) {
    Text text("ObjectEvent", time);
    text.list("epcList", items).word("action", "OBSERVE").step("retail_selling", "retail_sold").at("SPREE.SHOP");
    return text.word("tally:handover", "sale");
  }

  void take_back() {
    for (auto& [name, piece] : pieces_) {
      if (piece.state != 's' || chance_.below(3) > 0) continue;
      Text text("ObjectEvent", now());
      text.list("epcList", {name}).word("action", "OBSERVE").step("receiving", "returned").at("SPREE.SHOP");
      auto const& [seller, owner] = sales_[name];
      // To who sold it, or to the brand.
      auto const receiver = chance_.below(3) == 0 ? std::string("SERICA") : seller;
      stage_.must(receiver, {text.word("tally:handover", "return")});
      piece = {owner, receiver, "", 'u'};
      return;
    }
  }

  void destroy() {
    std::string const holder(chance_.one_of(firms));
    auto const gone = some(loose(holder, true, false), 1);
    if (gone.empty()) return;
    Text text("ObjectEvent", now());
    text.list("epcList", gone).word("action", "DELETE").step("destroying", "destroyed");
    stage_.must(holder, {text});
    pieces_[gone[0]].state = 'g';
  }

  void step() {
    switch (chance_.below(12)) {
      case 0:
        return make();
      case 1:
      case 2:
      case 3:
        return pack();
      case 4:
      case 5:
        return unpack();
      case 6:
      case 7:
      case 8:
        return hand_over();
      case 9:
        return sell();
      case 10:
        return take_back();
      default:
        return destroy();
    }
  }

  void compare() {
    for (auto const& [link, names] : lots_) {
      std::map<std::string, unsigned> lines;
      for (auto const& name : names) {
        auto const& piece = pieces_[name];
        if (piece.state == 'g') continue;
        ++lines[piece.holder == piece.owner ? piece.holder : piece.holder + "/" + piece.owner];
      }
      std::string expected;
      for (auto const& [who, count] : lines) {
        expected += (expected.empty() ? "" : ", ") + who + " " + std::to_string(count);
      }
      EXPECT_EQ(stage_.balance(link), expected) << link;
    }
  }

  void expect_refused(std::string_view actor, std::string const& event, std::string_view code) {
    ++frauds_;
    auto const refusal = stage_.refusal(actor, {event});
    EXPECT_TRUE(refusal.starts_with(std::string(code) + " ")) << actor << ": " << refusal << "\n" << event;
    EXPECT_EQ(stage_.audit(), "");
  }

  void fraud() {
    std::vector<std::string> names;
    for (auto const& [name, piece] : pieces_) names.push_back(name);
    auto const name = chance_.one_of(names);
    auto const piece = pieces_[name];
    // A moment after the step, so that it is no repetition of it.
    auto const later = base::to_rfc3339(time_ms_ + base::second_ms);
    std::string const other(piece.holder == "SPREE" ? "HALDEN" : "SPREE");
    switch (chance_.below(6)) {
      case 0:  // what is another's, or sold, or gone
        return expect_refused(other, selling(later, {name}), "E_NOT_CUSTODIAN");
      case 1: {  // the same serial made again
        Text text("ObjectEvent", later);
        text.word("action", "ADD").list("epcList", {name}).step("commissioning").raw("ilmd", R"({"tally:lot": "S9"})");
        return expect_refused("SERICA", text, "E_ALREADY_COMMISSIONED");
      }
      case 2: {  // packed twice
        if (piece.unit.empty() || piece.state != 'u') return;
        Text text("AggregationEvent", later);
        text.word("parentID", new_unit(gln(piece.holder).substr(0, 7), 900'000)).list("childEPCs", {name});
        return expect_refused(piece.holder, text.word("action", "ADD").step("packing"), "E_ALREADY_PACKED");
      }
      case 3: {  // given by one who has it not
        Handover const handover{other, "MAASHUB" == other ? "SERICA" : "MAASHUB", "SPREE.DC", {name}, {}};
        return expect_refused(other, offer_text(handover, later), "E_NOT_CUSTODIAN");
      }
      case 4: {  // out of a box that holds it not
        Text text("AggregationEvent", later);
        if (boxes_.empty() || piece.state != 'u') return;
        auto const& [box, record] = *boxes_.begin();
        if (piece.unit == box || record.holder != piece.holder) return;
        text.word("parentID", box).list("childEPCs", {name}).word("action", "DELETE").step("unpacking");
        return expect_refused(piece.holder, text, "E_INSUFFICIENT_GOODS");
      }
      default:  // before it was made
        if (piece.state != 'u') return;
        return expect_refused(piece.holder, selling("2026-01-01T00:00:00Z", {name}), "E_TIME_WINDOW");
    }
  }

  Chance chance_;
  Stage stage_;
  TimeMs time_ms_ = *base::from_rfc3339("2026-03-01T00:00:00Z");
  unsigned next_serial_ = 1;
  unsigned next_box_ = 0;
  unsigned frauds_ = 0;
  std::map<std::string, Piece> pieces_;
  /// Who sold a piece that a consumer has, and who owned it then.
  std::map<std::string, std::pair<std::string, std::string>> sales_;
  std::map<std::string, Box> boxes_;
  std::map<std::string, std::vector<std::string>> lots_;
};

TEST(Chains, HonestOnesPassAndFraudsDoNot) {
  unsigned frauds = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chain chain(seed);
    chain.run(50);
    frauds += chain.frauds();
    if (HasFailure()) return;
  }
  EXPECT_GE(frauds, 500U);
}

}  // namespace
}  // namespace contracts::goods::test
