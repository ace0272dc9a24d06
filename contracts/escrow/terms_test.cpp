// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/terms.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "contracts/escrow/play_test.hpp"
#include "gs1/json.hpp"

namespace contracts::escrow::test {

namespace {

/// Terms that are right; each test breaks one place of them. A bar joins two lines.
std::string sound() {
  std::string text = R"({"escrow": 1, "title": "Two lanes", "roles": {"buyer": {}, "seller": {"assignable": true}, |
"carrier": {}, "judge": {}},
 "assets": {"EUR": "EUR.BANK", "USD": "USD.BANK"}, "subjects": {"goods": "urn:epc:id:sscc:0614141.1234567890"},
 "params": {"price": 1000, "share": "25"},
 "pots": {"a": {"asset": "EUR", "cap": 1000, "residual": "buyer"}, "b": {"asset": "USD", "cap": 500, |
"residual": "seller"},
  "c": {"asset": "EUR", "cap": 1000, "residual": "buyer"}},
 "counters": {"turn": {"max": 2}}, "start": "funding",
 "states": {
  "funding": {"when": [{"on": {"deposit": {"by": "buyer", "into": "a", "amount": {"param": "price"}}}, |
"do": [{"set": {"left": 10}}], "goto": ["ship", "other"]}],
   "until": {"after": "P3D"}, "late": {"goto": "close"}},
  "ship": {"when": [{"on": {"handover": {"subject": "goods", "from": "seller", "to": "carrier"}, |
"value": "quantityAccepted", "bounds": [1, 10]},
    "if": {"lt": [{"counter": "turn"}, 2]}, "do": [{"count": "turn"}, {"pay": {"from": "a", "to": "seller", |
"upTo": {"mul": [{"event": "value"}, 50]}}}], "goto": "ship"},
    {"on": {"milestone": {"subject": "goods", "bizStep": "departing", "by": "carrier"}},
     "do": [{"split": {"from": "a", "parts": [{"to": "seller", "bps": 6000}], "rest": "buyer"}}], |
"goto": "close"}],
   "until": {"after": "P9D", "of": "funding"}, "late": [{"if": {"seen": {"handover": {"subject": "goods", |
"from": "seller", "to": "carrier", "answer": "unanswered"}}}, "goto": "judged"}, {"goto": "close"}]},
  "judged": {"when": [{"on": {"award": {"by": "judge", "name": "shareBps", "bounds": [0, 10000]}},
     "do": [{"split": {"from": "a", "parts": [{"to": "seller", "bps": {"event": "value"}}], |
"rest": "buyer"}}], "goto": "close"}],
   "until": {"at": "2027-01-01T00:00:00Z"}, "late": {"goto": "close"}},
  "other": {"when": [{"on": {"deposit": {"by": "seller", "into": "b", "amount": 500}}, "goto": "wait"}], |
"until": {"after": "P1D"}, "late": {"goto": "close"}},
  "wait": {"when": [{"on": {"choice": {"by": "buyer", "name": "release", "bounds": [1, 1]}}, |
"do": [{"pay": {"from": "b", "to": "buyer", "amount": 500}}], "goto": "close"}],
   "until": {"after": "PT12H"}, "late": {"goto": "close"}}}})";
  for (auto place = text.find("|\n"); place != text.npos; place = text.find("|\n")) text.erase(place, 2);
  return text;
}

std::string with(std::string const& from, std::string const& to) {
  auto text = sound();
  auto const place = text.find(from);
  EXPECT_NE(place, text.npos) << from;
  return place == text.npos ? text : text.replace(place, from.size(), to);
}

struct Fault {
  std::string from;
  std::string to;
  std::string path;
};

void expect_form(Fault const& fault, Code code = Code::E_ESCROW_FORM) {
  auto const terms = read_terms(with(fault.from, fault.to));
  ASSERT_FALSE(terms) << fault.to;
  EXPECT_EQ(base::name(terms.error().code), base::name(code)) << fault.to;
  EXPECT_EQ(terms.error().field, fault.path) << fault.to << ": " << terms.error().detail;
}

/// Terms that can be read but not opened.
void expect_broken(Fault const& fault) {
  auto const terms = read_terms(with(fault.from, fault.to));
  ASSERT_TRUE(terms) << fault.to << ": " << base::to_string(terms.error());
  auto const judged = analyse(*terms);
  ASSERT_FALSE(judged) << fault.to;
  EXPECT_EQ(base::name(judged.error().code), "E_ANALYSIS");
  EXPECT_EQ(judged.error().field, fault.path) << fault.to << ": " << judged.error().detail;
}

}  // namespace

TEST(EscrowTerms, SoundTermsPass) {
  auto const terms = read_terms(sound());
  ASSERT_TRUE(terms) << base::to_string(terms.error());
  auto const judged = analyse(*terms);
  EXPECT_TRUE(judged) << base::to_string(judged.error());
  EXPECT_EQ(terms->states.size(), 5u);
  EXPECT_EQ(terms->triggers.size(), 2u);
}

TEST(EscrowTerms, HashIsOfTheCanonicalForm) {
  auto const a = read_terms(sound()).value();
  auto const b =
      read_terms(with("\"escrow\": 1, \"title\": \"Two lanes\"", "\"title\":\"Two\\u0020lanes\",\"escrow\":1"));
  ASSERT_TRUE(b);
  EXPECT_EQ(a.hash, b->hash);
  EXPECT_EQ(a.hash, crypto::sha256(base::bytes_of(a.json)));
  EXPECT_EQ(read_terms(a.json).value().json, a.json);
  EXPECT_NE(read_terms(with("Two lanes", "Two Lanes")).value().hash, a.hash);
}

TEST(EscrowTerms, StrayMembersAreNamed) {
  for (auto const& fault : std::vector<Fault>{
           {"\"title\": \"Two lanes\"", "\"title\": \"Two lanes\", \"note\": 1", "note"},
           {"\"buyer\": {}", "\"buyer\": {\"pays\": true}", "roles.buyer.pays"},
           {"\"cap\": 1000", "\"cap\": 1000, \"floor\": 1", "pots.a.floor"},
           {"{\"max\": 2}", "{\"max\": 2, \"min\": 1}", "counters.turn.min"},
           {"\"until\": {\"after\": \"P3D\"}", "\"until\": {\"after\": \"P3D\", \"grace\": \"P1D\"}",
            "states.funding.until.grace"},
           {"\"until\": {\"after\": \"P3D\"}", "\"on\": 1, \"until\": {\"after\": \"P3D\"}", "states.funding.on"},
           {"\"goto\": [\"ship\", \"other\"]", "\"goto\": [\"ship\", \"other\"], \"else\": []",
            "states.funding.when[0].else"},
           {"\"late\": {\"goto\": \"close\"}", "\"late\": {\"goto\": \"close\", \"if\": {\"lt\": [1, 2]}}",
            "states.funding.late.if"},
           {"\"into\": \"a\"", "\"into\": \"a\", \"from\": \"b\"", "states.funding.when[0].on.deposit.from"},
           {"\"from\": \"seller\", \"to\": \"carrier\"}, \"value\"",
            "\"from\": \"seller\", \"to\": \"carrier\", \"by\": \"judge\"}, \"value\"",
            "states.ship.when[0].on.handover.by"},
           {"\"by\": \"carrier\"}", "\"by\": \"carrier\", \"site\": \"x\"}", "states.ship.when[1].on.milestone.site"},
           {"\"rest\": \"buyer\"", "\"rest\": \"buyer\", \"to\": \"seller\"", "states.ship.when[1].do[0].split.to"},
           {"\"bps\": 6000", "\"bps\": 6000, \"asset\": 1", "states.ship.when[1].do[0].split.parts[0].asset"},
           {"{\"count\": \"turn\"}", "{\"count\": \"turn\", \"by\": 1}", "states.ship.when[0].do[0].by"},
           {"{\"event\": \"value\"}, 50]", "{\"event\": \"value\", \"round\": \"up\"}, 50]",
            "states.ship.when[0].do[1].pay.upTo.mul[0].round"},
           {"{\"lt\": [{\"counter\": \"turn\"}, 2]}", "{\"lt\": [{\"counter\": \"turn\"}, 2], \"gt\": [1, 1]}",
            "states.ship.when[0].if.lt"},
           {"\"name\": \"shareBps\"", "\"name\": \"shareBps\", \"k\": 2", "states.judged.when[0].on.award.k"}}) {
    expect_form(fault);
  }
}

namespace {

/// Every object of the value, with its path, but those whose members' names are the author's own.
void each_object(base::Value& value, std::string const& path,
                 std::function<void(base::Value&, std::string const&)> const& visit) {
  auto const name = path.substr(path.find_last_of('.') + 1);
  bool const free = path == "params" || name == "set";
  if (value.is(base::Value::Kind::object) && !free) visit(value, path);
  for (std::size_t i = 0; i < value.members.size(); ++i) {
    auto const& member = value.members[i].first;
    each_object(value.members[i].second, path.empty() ? member : path + "." + member, visit);
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    each_object(value.items[i], path + "[" + std::to_string(i) + "]", visit);
  }
}

}  // namespace

TEST(EscrowTerms, AStrayMemberAnywhereIsNamed) {
  std::size_t tried = 0;
  for (auto const* folder : {"contracts/templates", "tests/scenario/escrow"}) {
    for (auto const& file : std::filesystem::directory_iterator(std::string(TALLY_SOURCE_DIR) + "/" + folder)) {
      std::ifstream in(file.path(), std::ios::binary);
      std::string const text(std::istreambuf_iterator<char>(in), {});
      if (!text.starts_with("{")) continue;
      auto root = gs1::parse_json(text).value();
      each_object(root, "", [&](base::Value& object, std::string const& path) {
        object.add("stray", base::Value::of(std::uint64_t{1}));
        auto const terms = read_terms(gs1::canonical_json(root).value());
        object.members.pop_back();
        ++tried;
        ASSERT_FALSE(terms) << file.path() << " " << path;
        EXPECT_TRUE(terms.error().field.starts_with(path)) << path << ", named " << terms.error().field;
        EXPECT_NE(terms.error().field.find("stray"), std::string::npos) << path << ", named " << terms.error().field;
      });
    }
  }
  EXPECT_GT(tried, 1000u);
}

TEST(EscrowTerms, MissingPartsAreNamed) {
  for (auto const& fault : std::vector<Fault>{
           {"\"title\": \"Two lanes\", ", "", "title"},
           {", \"late\": {\"goto\": \"close\"}},\n  \"ship\"", "},\n  \"ship\"", "states.funding.late"},
           {"\"until\": {\"after\": \"P3D\"}, ", "", "states.funding.until"},
           {"{\"after\": \"P3D\"}", "{}", "states.funding.until"},
           {", {\"goto\": \"close\"}]", "]", "states.ship.late[0].if"},
           {"{\"goto\": \"close\"}]", "{\"goto\": \"close\"}, {\"goto\": \"judged\"}]", "states.ship.late[1].if"},
           {", \"residual\": \"buyer\"", "", "pots.a.residual"},
           {", \"bounds\": [1, 10]", "", "states.ship.when[0].on.bounds"},
           {", \"goto\": \"ship\"", "", "states.ship.when[0].goto"},
           {", \"upTo\": {\"mul\": [{\"event\": \"value\"}, 50]}", "", "states.ship.when[0].do[1].pay"},
           {", \"rest\": \"buyer\"", "", "states.ship.when[1].do[0].split.rest"}}) {
    expect_form(fault);
  }
}

TEST(EscrowTerms, UnknownNamesAreNamed) {
  for (auto const& fault : std::vector<Fault>{
           {"\"start\": \"funding\"", "\"start\": \"begin\"", "start"},
           {"\"residual\": \"buyer\"", "\"residual\": \"bank\"", "pots.a.residual"},
           {"{\"asset\": \"EUR\"", "{\"asset\": \"CHF\"", "pots.a.asset"},
           {"{\"param\": \"price\"}", "{\"param\": \"prize\"}", "states.funding.when[0].on.deposit.amount.param"},
           {"\"into\": \"a\"", "\"into\": \"z\"", "states.funding.when[0].on.deposit.into"},
           {"[\"ship\", \"other\"]", "[\"ship\", \"otter\"]", "states.funding.when[0].goto[1]"},
           {"\"goto\": \"judged\"", "\"goto\": \"judge\"", "states.ship.late[0].goto"},
           {"{\"subject\": \"goods\", \"from\": \"seller\"", "{\"subject\": \"good\", \"from\": \"seller\"",
            "states.ship.when[0].on.handover.subject"},
           {"{\"counter\": \"turn\"}", "{\"counter\": \"turns\"}", "states.ship.when[0].if.lt[0].counter"},
           {"{\"lt\": [{\"counter\": \"turn\"}", "{\"lt\": [{\"var\": \"gone\"}", "states.ship.when[0].if.lt[0].var"},
           {"\"of\": \"funding\"", "\"of\": \"fund\"", "states.ship.until.of"},
           {"\"by\": \"judge\"", "\"by\": \"jury\"", "states.judged.when[0].on.award.by"},
           {"\"bizStep\": \"departing\"", "\"bizStep\": \"leaving\"", "states.ship.when[1].on.milestone.bizStep"}}) {
    expect_form(fault);
  }
}

TEST(EscrowTerms, WrongValuesAreNamed) {
  for (auto const& fault : std::vector<Fault>{
           {"\"escrow\": 1", "\"escrow\": 2", "escrow"},
           {"\"price\": 1000", "\"price\": 1000.5", "params.price"},
           {"\"price\": 1000", "\"price\": 9007199254740993", "params.price"},
           {"\"price\": 1000", "\"price\": \"0x10\"", "params.price"},
           {"\"share\": \"25\"", "\"share\": \"-0\"", "params.share"},
           {"\"cap\": 1000", "\"cap\": 0", "pots.a.cap"},
           {"\"EUR\": \"EUR.BANK\"", "\"EUR\": \"EURBANK\"", "assets.EUR"},
           {"sscc:0614141.1234567890", "sscc:0614141.12345", "subjects.goods"},
           {"\"P3D\"", "\"3 days\"", "states.funding.until.after"},
           {"2027-01-01T00:00:00Z", "2027-01-01", "states.judged.until.at"},
           {"\"bounds\": [1, 10]", "\"bounds\": [10, 1]", "states.ship.when[0].on.bounds[1]"},
           {"\"answer\": \"unanswered\"", "\"answer\": \"silent\"", "states.ship.late[0].if.seen.handover.answer"},
           {"\"from\": \"seller\", \"to\": \"carrier\"}, \"value\"",
            "\"from\": \"seller\", \"to\": \"carrier\", \"answer\": \"unanswered\"}, \"value\"",
            "states.ship.when[0].on.handover.answer"},
           {"\"wait\": {\"when\": [", "\"close\": {\"when\": [", "states.close"},
           {"{\"pay\": {\"from\": \"b\"", "{\"move\": {\"from\": \"b\"", "states.wait.when[0].do[0].move.to"},
           {"{\"pay\": {\"from\": \"b\", \"to\": \"buyer\", \"amount\": 500}}",
            "{\"move\": {\"from\": \"b\", \"into\": \"a\", \"all\": true}}", "states.wait.when[0].do[0].move.into"},
           {"{\"pay\": {\"from\": \"b\", \"to\": \"buyer\", \"amount\": 500}}",
            "{\"set\": {\"x\": {\"event\": \"price\"}}}", "states.wait.when[0].do[0].set.x.event"},
           {"{\"count\": \"turn\"}", "{\"if\": {\"lt\": [1, 2]}, \"do\": [{\"count\": \"turn\"}]}",
            "states.ship.when[0].do[0].do[0].count"},
           {"\"amount\": 500}}, \"goto\": \"wait\"", "\"amount\": {\"event\": \"value\"}}}, \"goto\": \"wait\"",
            "states.other.when[0].on.deposit.amount.event"},
           {"{\"event\": \"value\"}, 50]", "{\"event\": \"value\"}]", "states.ship.when[0].do[1].pay.upTo.mul"},
           {"{\"mul\": [{\"event\": \"value\"}, 50]}", "{\"div\": [{\"event\": \"value\"}, 50]}",
            "states.ship.when[0].do[1].pay.upTo.round"}}) {
    expect_form(fault);
  }
}

TEST(EscrowTerms, ChartsThatCouldNotEndOrShareMoneyAreRefused) {
  for (auto const& fault : std::vector<Fault>{
           {"{\"count\": \"turn\"}, ", "", "states.ship.when[0].goto"},
           {"\"late\": {\"goto\": \"close\"}},\n  \"other\"", "\"late\": {\"goto\": \"ship\"}},\n  \"other\"",
            "states.judged.late.goto"},
           {"\"if\": {\"lt\": [{\"counter\": \"turn\"}, 2]}, ", "", "states.ship.when[0].do[0].count"},
           {"\"goto\": \"wait\"", "\"goto\": \"judged\"", "states.funding.when[0].goto"},
           {"{\"pay\": {\"from\": \"b\", \"to\": \"buyer\", \"amount\": 500}}",
            "{\"pay\": {\"from\": \"a\", \"to\": \"buyer\", \"all\": true}}", "states.funding.when[0].goto"},
           {"{\"pay\": {\"from\": \"b\", \"to\": \"buyer\", \"amount\": 500}}", "{\"count\": \"turn\"}",
            "states.funding.when[0].goto"},
           {"\"goto\": \"close\"}],\n   \"until\": {\"after\": \"PT12H\"}",
            "\"goto\": [\"ship\", \"other\"]}],\n   \"until\": {\"after\": \"PT12H\"}", "states.wait.when[0].goto"},
           {"\"of\": \"funding\"", "\"of\": \"judged\"", "states.ship.until.of"},
           {"\"bps\": 6000",
            "\"bps\": {\"mul\": [100, {\"days\": {\"since\": \"judged\", \"max\": 5, \"round\": \"up\"}}]}",
            "states.ship.when[1].do[0]"}}) {
    expect_broken(fault);
  }
}

TEST(EscrowTerms, AmountsAreProvenAgainstTheirPots) {
  for (auto const& fault : std::vector<Fault>{
           {"\"to\": \"buyer\", \"amount\": 500", "\"to\": \"buyer\", \"amount\": 501",
            "states.wait.when[0].do[0].pay.amount"},
           {"\"to\": \"buyer\", \"amount\": 500", "\"to\": \"buyer\", \"amount\": {\"sub\": [0, 1]}",
            "states.wait.when[0].do[0].pay.amount"},
           {"\"upTo\": {\"mul\": [{\"event\": \"value\"}, 50]}", "\"amount\": {\"mul\": [{\"event\": \"value\"}, 51]}",
            "states.ship.when[0].do[1].pay.amount"},
           {"\"bps\": 6000", "\"bps\": 10001", "states.ship.when[1].do[0].split.parts[0].bps"},
           {"{\"to\": \"seller\", \"bps\": 6000}",
            "{\"to\": \"seller\", \"bps\": 6000}, {\"to\": \"carrier\", \"bps\": 4001}",
            "states.ship.when[1].do[0].split.parts[1].bps"},
           {"\"amount\": 500}}, \"goto\": \"wait\"", "\"amount\": 0}}, \"goto\": \"wait\"",
            "states.other.when[0].on.deposit.amount"},
           {"{\"mul\": [{\"event\": \"value\"}, 50]}",
            "{\"div\": [{\"event\": \"value\"}, {\"sub\": [{\"counter\": \"turn\"}, 1]}], \"round\": \"up\"}",
            "states.ship.when[0].do[1].pay.upTo"},
           {"{\"mul\": [{\"event\": \"value\"}, 50]}",
            "{\"mul\": [{\"event\": \"value\"}, \"85070591730234615865843651857942052864\"]}",
            "states.ship.when[0].do[1].pay.upTo"}}) {
    expect_broken(fault);
  }
  // One of ten turns of 50 is 500 of 1,000; a fixed 500 twice is just covered, 501 twice is not.
  auto const twice = [](std::string const& amount) {
    return with("\"upTo\": {\"mul\": [{\"event\": \"value\"}, 50]}", "\"amount\": " + amount);
  };
  EXPECT_TRUE(analyse(read_terms(twice("500")).value()));
  EXPECT_EQ(analyse(read_terms(twice("501")).value()).error().field, "states.ship.when[0].do[1].pay.amount");
}

TEST(EscrowTerms, LimitsHold) {
  std::string deep = "1";
  for (int i = 0; i < 7; ++i) deep = "{\"add\": [" + deep + "]}";
  EXPECT_TRUE(read_terms(with("\"bps\": 6000", "\"bps\": " + deep)));
  EXPECT_FALSE(read_terms(with("\"bps\": 6000", "\"bps\": {\"add\": [" + deep + "]}")));
  // 256 parts of one expression: the sums, and what they add.
  auto const sum = [](int of) {
    std::string out;
    for (int i = 0; i < of; ++i) out += std::string(i == 0 ? "" : ", ") + "1";
    return "{\"add\": [" + out + "]}";
  };
  auto const wide = [&](int last) {
    std::string out;
    for (int i = 0; i < 15; ++i) out += sum(15) + ", ";
    return with("\"bps\": 6000", "\"bps\": {\"add\": [" + out + sum(last) + "]}");
  };
  EXPECT_TRUE(read_terms(wide(14)));
  EXPECT_EQ(read_terms(wide(15)).error().field, "states.ship.when[1].do[0].split.parts[0].bps.add[15].add[14]");
  // Readings asked for in one state: sixteen by a condition, one more by silence.
  std::string const reading = R"({"seen": {"sensor": {"subject": "goods", "type": "Temperature", "by": "carrier",
 "aggregate": "max", "uom": "CEL", "scale": 0, "greaterThan": 8}}})";
  std::string asked = reading;
  for (int i = 1; i < 16; ++i) asked += ", " + reading;
  auto text = with(R"({"lt": [{"counter": "turn"}, 2]})",
                   R"({"and": [{"or": [)" + asked + R"(]}, {"lt": [{"counter": "turn"}, 2]}]})");
  EXPECT_TRUE(read_terms(text));
  std::string const late = R"("late": [{"if": {"seen": {"handover")";
  text.replace(text.find(late), late.size(),
               R"("late": [{"if": )" + reading + R"(, "goto": "close"}, )" + late.substr(9));
  EXPECT_EQ(read_terms(text).error().field, "states.ship.late[0].if.seen.sensor");
  // What asks for eight documents has eight parts.
  std::string const documents = R"({"seen": {"documents": {"by": "carrier", "all": ["380", "381", "382", "383", "384",
 "385", "386", "387"]}}})";
  std::string many = documents;
  for (int i = 1; i < 15; ++i) many += ", " + documents;
  auto const halves = [&](std::string const& one) {
    return read_terms(
        with(R"({"lt": [{"counter": "turn"}, 2]})",
             R"({"and": [{"or": [)" + many + R"(]}, {"or": [)" + one + R"(]}, {"lt": [{"counter": "turn"}, 2]}]})"));
  };
  EXPECT_TRUE(halves(documents));
  EXPECT_EQ(halves(many).error().code, Code::E_ESCROW_FORM);
  auto const large = read_terms(with("Two lanes", std::string(33'000, 'x')));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Code::E_TOO_LARGE);
  EXPECT_EQ(read_terms("{\"escrow\": 1, \"escrow\": 1}").error().code, Code::E_ESCROW_FORM);
  EXPECT_EQ(read_terms("[]").error().code, Code::E_ESCROW_FORM);
}

TEST(EscrowTerms, ForksStandInNoCycle) {
  auto text = with("\"turn\": {\"max\": 2}", "\"turn\": {\"max\": 2}, \"again\": {\"max\": 2}");
  std::string const old = "\"amount\": 500}}], \"goto\": \"close\"}";
  auto const place = text.find(old);
  ASSERT_NE(place, text.npos);
  text.replace(place, old.size(), "\"amount\": 500}}, {\"count\": \"again\"}], \"goto\": \"funding\"}");
  auto const terms = read_terms(text);
  ASSERT_TRUE(terms) << base::to_string(terms.error());
  EXPECT_EQ(analyse(*terms).error().field, "states.funding.when[0].goto");
}

TEST(EscrowTerms, DisjointLanesMayNotReadWhatAnotherSets) {
  auto const read =
      with("\"goto\": \"wait\"", "\"do\": [{\"set\": {\"mine\": {\"var\": \"theirs\"}}}], \"goto\": \"wait\"");
  auto const place = read.find("{\"count\": \"turn\"}, ");
  auto text = read;
  text.insert(place, "{\"set\": {\"theirs\": 1}}, ");
  auto const terms = read_terms(text);
  ASSERT_TRUE(terms) << base::to_string(terms.error());
  EXPECT_EQ(analyse(*terms).error().field, "states.funding.when[0].goto");
}

}  // namespace contracts::escrow::test
