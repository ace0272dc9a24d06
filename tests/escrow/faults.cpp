// SPDX-License-Identifier: Apache-2.0
// Seeded faults: one change of sound terms each, that the reader or the analysis must find; the scenarios; a deadline
// in a real ledger.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/scenario.hpp"
#include "contracts/world_test.hpp"
#include "escrow/generate.hpp"
#include "escrow/storm.hpp"
#include "gs1/json.hpp"

namespace storm {

namespace {

namespace escrow = contracts::escrow;

std::string read_file(std::string const& path_in_source) {
  std::ifstream in(std::string(TALLY_SOURCE_DIR) + "/" + path_in_source, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Compact text, so that a fault can be written without regard to white space.
std::string canonical(std::string const& path_in_source) {
  auto const read = gs1::parse_json(read_file(path_in_source));
  return read ? gs1::canonical_json(*read).value() : std::string();
}

struct Fault {
  char const* name;
  char const* terms;
  char const* from;
  char const* to;
};

constexpr Fault faults[] = {
    {"tranches above the pot", "contracts/templates/03-milestone-tranches.json", R"("t2":2500000)", R"("t2":2750002)"},
    {"eleven insured days of ten", "contracts/templates/08-parametric-delay-insurance.json", R"("max":10)",
     R"("max":11)"},
    {"a cap below the price", "contracts/templates/01-documentary-signed-for.json", R"("cap":1000000)",
     R"("cap":999999)"},
    {"a penalty without its min", "contracts/templates/02-cold-chain-penalty.json", R"({"min":[10000,)",
     R"({"max":[10000,)"},
    {"a cycle that nothing counts", "contracts/templates/05-partial-delivery.json", R"({"count":"drop"},)", ""},
    {"a counter past its max", "contracts/templates/05-partial-delivery.json", R"({"lt":[{"counter":"drop"},5]},)", ""},
    {"silence without a default", "contracts/templates/01-documentary-signed-for.json", R"("late":{"goto":"close"},)",
     ""},
    {"two lanes with one pot", "tests/scenario/escrow/ESC-J3.json",
     R"("do":[{"pay":{"all":true,"from":"m1","to":"seller"}}])",
     R"("do":[{"pay":{"all":true,"from":"m2","to":"seller"}}])"},
    {"a late list without a default", "tests/scenario/escrow/ESC-J3.json",
     R"("uom":"KGM"}}}},{"goto":"close"}],"until":{"at":)",
     R"("uom":"KGM"}}}},{"goto":"close","if":{"lt":[1,2]}}],"until":{"at":)"},
    {"a fork inside a cycle", "tests/scenario/escrow/ESC-J3.json",
     R"("late":{"goto":"close"},"until":{"after":"P1D","of":"funding"})",
     R"("late":{"do":[{"count":"again"}],"goto":"funding"},"until":{"after":"P1D","of":"funding"})"},
};

/// The counter that the fork inside a cycle needs, and a lane that leads back to before the fork.
std::string with_cycle(std::string text) {
  auto const pots = text.find(R"("pots":)");
  text.insert(pots, R"("counters":{"again":{"max":2}},)");
  std::string const end = R"("do":[{"pay":{"all":true,"from":"m1","to":"seller"}}],"goto":"close")";
  auto const place = text.find(end);
  text.replace(place, end.size(),
               R"("do":[{"count":"again"}],"goto":"funding_m2","if":{"lt":[{"counter":"again"},2]})");
  return text;
}

bool refused(std::string const& text) {
  auto const terms = escrow::read_terms(text);
  return !terms || !escrow::analyse(*terms);
}

bool warns(std::string const& text, escrow::Warning::Kind kind) {
  auto const terms = escrow::read_terms(text);
  auto const told = terms ? escrow::report(*terms, 1) : escrow::Result<escrow::Report>(terms.error());
  if (!told) return false;
  for (auto const& warning : told->warnings) {
    if (warning.kind == kind) return true;
  }
  return false;
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  auto const place = text.find(from);
  return place == text.npos ? std::string() : text.replace(place, from.size(), to);
}

}  // namespace

std::optional<std::string> missed_fault() {
  for (auto const& fault : faults) {
    auto const sound = canonical(fault.terms);
    if (refused(sound)) return std::string(fault.terms) + " is refused as it stands";
    bool const cycle = std::string(fault.name) == "a fork inside a cycle";
    auto const broken = cycle ? with_cycle(sound) : replaced(sound, fault.from, fault.to);
    if (broken.empty()) return std::string(fault.name) + ": nothing to break in " + fault.terms;
    if (!refused(broken)) return std::string(fault.name) + " is accepted";
  }
  // A missing guard hides behind upTo: it is no fault of money, and is warned of.
  auto const guarded = canonical("contracts/templates/05-partial-delivery.json");
  auto const bare =
      replaced(guarded, R"({"le":[{"event":"value"},{"var":"left"}]})", R"({"ge":[{"event":"value"},0]})");
  if (!warns(bare, escrow::Warning::Kind::clamped)) return "a quantity without its guard is not warned of";
  auto const hidden = replaced(canonical("tests/scenario/escrow/ESC-J3.json"), R"("answer":"unanswered",)", "");
  if (!warns(hidden, escrow::Warning::Kind::unanswered)) return "silence that pays the receiver is not warned of";
  return std::nullopt;
}

std::optional<std::string> scenario_difference() {
  for (auto const& [file, folder] :
       {std::pair{"templates", "contracts/templates"}, {"journeys", "tests/scenario/escrow"}}) {
    auto const list = gs1::parse_json(read_file(std::string("tests/scenario/escrow/") + file + ".json"));
    for (auto const& scenario : list->items) {
      auto const name = std::string(escrow::terms_name(scenario));
      auto const terms = escrow::read_terms(read_file(std::string(folder) + "/" + name + ".json"));
      auto const played = escrow::play(terms.value(), scenario);
      auto const difference = played ? *played : std::optional(base::to_string(played.error()));
      if (difference) return name + ", " + std::string(escrow::scenario_name(scenario)) + ": " + *difference;
    }
  }
  return std::nullopt;
}

std::optional<std::string> too_dear() {
  auto const operations = [](std::string const& text) {
    auto const terms = escrow::read_terms(text);
    return escrow::report(terms.value(), 1).value().operations;
  };
  // A tenth of a millisecond for a thousand: far from the five that a validator gives to one contract.
  constexpr std::size_t operations_max = 10'000;
  for (auto const* folder : {"contracts/templates", "tests/scenario/escrow"}) {
    for (auto const& file : std::filesystem::directory_iterator(std::string(TALLY_SOURCE_DIR) + "/" + folder)) {
      auto const text = read_file(folder + ("/" + file.path().filename().string()));
      if (!text.starts_with("{")) continue;
      if (operations(text) > operations_max) return file.path().filename().string() + " is dear";
    }
  }
  auto const one = operations(wide_terms(1));
  auto const eight = operations(wide_terms(8));
  if (eight > 9 * one) return "8 lanes cost " + std::to_string(eight) + ", one " + std::to_string(one);
  return std::nullopt;
}

std::optional<std::string> stuck_in_the_ledger() {
  contracts::test::World world;
  world.fund(5000);
  ledger::EscrowOpen open;
  open.terms =
      R"({"escrow":1,"title":"Waits","roles":{"buyer":{}},"assets":{"EUR":"EUR.BANK"},"subjects":{},"params":{},)"
      R"("pots":{"p":{"asset":"EUR","cap":100,"residual":"buyer"}},"start":"s","states":{"s":{"when":[{"on":)"
      R"({"deposit":{"by":"buyer","into":"p","amount":100}},"goto":"t"}],"until":{"after":"P1D"},)"
      R"("late":{"goto":"close"}},"t":{"when":[],"until":{"after":"P1D"},"late":{"goto":"close"}}}})";
  open.parties = {{"buyer", world.alfa.id}};
  open.label = "WAITS";
  auto const transaction = world.by(world.alfa, "staff", {open});
  if (world.one(transaction).code != base::Code::done) return "it cannot be opened";
  auto const contract = ledger::contract_id(transaction.body.id(), 0);
  if (world.one(world.by(world.alfa, "staff", {ledger::EscrowAct{contract, "s", 0, 0}})).code != base::Code::done) {
    return "nothing can be paid in";
  }
  world.apply({}, base::day_ms);
  if (world.balance(world.alfa) != 5000) return "its deadline passed, and it holds the money";
  return std::nullopt;
}

}  // namespace storm
