// SPDX-License-Identifier: Apache-2.0
#include "escrow/generate.hpp"

#include <vector>

namespace storm {

namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }
std::string quoted(std::string const& text) { return "\"" + text + "\""; }

constexpr char const* roles[] = {"buyer", "seller", "carrier", "judge", "jury", "expert"};

/// Terms while they are written: one lane after the other, each with states and pots of its own.
class Writer {
 public:
  explicit Writer(Chance& chance) : chance_(chance) {}

  std::string write() {
    auto const lanes = 1 + chance_.below(chance_.one_in(3) ? 4 : 2);
    for (std::size_t lane = 0; lane < lanes; ++lane) plan(lane);
    for (auto const& lane : lanes_) write_lane(lane);
    funding();
    return text();
  }

 private:
  struct Lane {
    std::vector<std::string> states;
    std::vector<std::string> pots;
    std::string variable;
    std::string counter;
  };

  std::string role() { return quoted(roles[chance_.below(std::size(roles))]); }

  void plan(std::size_t index) {
    Lane lane;
    auto const name = number(index);
    auto const states = 1 + chance_.below(4);
    for (std::size_t i = 0; i < states; ++i) lane.states.push_back("l" + name + "s" + number(i));
    lane.pots.push_back("p" + name);
    if (chance_.one_in(3)) lane.pots.push_back("q" + name);
    lane.variable = "v" + name;
    lane.counter = "c" + name;
    auto const asset = chance_.of({"EUR", "USD"});
    for (auto const& pot : lane.pots) {
      pots_ += (pots_.empty() ? "" : ",") + quoted(pot) + R"(:{"asset":")" + asset + R"(","cap":)" +
               number(1000 + chance_.below(9) * 1000) + R"(,"residual":)" + role() + "}";
    }
    auto const turns = number(1 + chance_.below(4));
    counters_ += (counters_.empty() ? "" : ",") + quoted(lane.counter) + R"(:{"max":)" + turns + "}";
    limits_.push_back(turns);
    lanes_.push_back(std::move(lane));
  }

  void funding() {
    std::string first;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      auto const name = "fund" + number(i);
      std::string next = i + 1 < lanes_.size() ? quoted("fund" + number(i + 1)) : quoted(lanes_[0].states[0]);
      if (i + 1 == lanes_.size() && lanes_.size() > 1) {
        next = "[";
        for (auto const& lane : lanes_) next += (next.size() > 1 ? "," : "") + quoted(lane.states[0]);
        next += "]";
      }
      auto const& pot = lanes_[i].pots[0];
      auto const sum = number(100 + chance_.below(900));
      states_ += (states_.empty() ? "" : ",") + quoted(name) + R"(:{"when":[{"on":{"deposit":{"by":"buyer","into":")" +
                 pot + R"(","amount":)" + sum + R"(}},"do":[{"set":{")" + lanes_[i].variable + R"(":)" +
                 number(chance_.below(100)) + R"(}}],"goto":)" + next +
                 R"(}],"until":{"after":"P3D"},"late":{"goto":"close"}})";
    }
  }

  void write_lane(Lane const& lane) {
    for (std::size_t i = 0; i < lane.states.size(); ++i) {
      auto const cases = chance_.below(4);
      std::string when;
      for (std::size_t c = 0; c < cases; ++c) when += (when.empty() ? "" : ",") + one_case(lane, i);
      states_ += (states_.empty() ? "" : ",") + quoted(lane.states[i]) + R"(:{"when":[)" + when + R"(],"until":)" +
                 until() + R"(,"late":)" + late(lane, i) + "}";
    }
  }

  std::string until() {
    switch (chance_.below(6)) {
      case 0:
        return R"({"at":"2026-0)" + number(7 + chance_.below(3)) + R"(-15T00:00:00Z"})";
      case 1:
        return R"({"after":"P)" + number(1 + chance_.below(20)) + R"(D","of":"fund0"})";
      default:
        return R"({"after":"PT)" + number(1 + chance_.below(400)) + R"(H"})";
    }
  }

  std::string target(Lane const& lane, std::size_t from) {
    bool const last = from + 1 == lane.states.size();
    if (last || chance_.one_in(3)) return quoted("close");
    return quoted(lane.states[from + 1 + chance_.below(lane.states.size() - from - 1)]);
  }

  std::string one_case(Lane const& lane, std::size_t from) {
    value_ = false;
    auto const on = event(lane);
    auto const index = static_cast<std::size_t>(&lane - lanes_.data());
    bool const again = chance_.one_in(4);
    std::string asked;
    std::string steps = some_steps(lane);
    if (again) {
      asked = R"({"lt":[{"counter":")" + lane.counter + R"("},)" + limits_[index] + "]}";
      steps = R"({"count":")" + lane.counter + "\"}" + (steps.empty() ? "" : ",") + steps;
    } else if (chance_.one_in(4)) {
      asked = condition(lane);
    }
    auto const back = quoted(lane.states[chance_.below(from + 1)]);
    return R"({"on":)" + on + (asked.empty() ? "" : R"(,"if":)" + asked) +
           (steps.empty() ? "" : R"(,"do":[)" + steps + "]") + R"(,"goto":)" + (again ? back : target(lane, from)) +
           "}";
  }

  std::string by() {
    if (!chance_.one_in(4)) return role();
    return R"({"of":["judge","jury","expert"],"k":)" + number(1 + chance_.below(3)) + "}";
  }

  std::string bounds() {
    value_ = true;
    auto const low = chance_.below(3);
    return R"("bounds":[)" + number(low) + "," + number(low + chance_.below(30)) + "]";
  }

  std::string sensor(bool event) {
    auto const aggregate = chance_.of({"max", "min", "count", "minutesAbove", "minutesBelow"});
    bool const timed = aggregate[1] == 'i' && aggregate.size() > 3;
    std::string out = R"({"subject":"goods","type":"Temperature","by":)" + by() +
                      R"(,"uom":"CEL","scale":0,"aggregate":")" + aggregate + "\"";
    if (timed) out += R"(,"threshold":)" + number(chance_.below(9));
    if (timed && chance_.one_in(2)) out += R"(,"maxGap":"PT30M")";
    if (chance_.one_in(3)) out += R"(,"agree":2)";
    if (event) out += (chance_.one_in(2) ? R"(,"greaterThan":)" : R"(,"lessThan":)") + number(chance_.below(9));
    return out + "}";
  }

  std::string handover(char const* answer) {
    return R"({"handover":{"subject":"goods","from":"seller","to":"buyer")" +
           (answer == nullptr ? std::string() : R"(,"answer":")" + std::string(answer) + "\"") + "}";
  }

  std::string fact() {
    switch (chance_.below(8)) {
      case 0:
        return handover(nullptr) + "}";
      case 1:
        return handover(nullptr) + R"(,"value":"quantityAccepted",)" + bounds() + "}";
      case 2:
        return handover("rejected") + "}";
      case 3:
        return R"({"milestone":{"subject":"goods","bizStep":"inspecting","by":)" + by() + R"(},"value":")" +
               chance_.of({"grade", "quantityAccepted"}) + "\"," + bounds() + "}";
      case 4:
        return R"({"sensor":)" + sensor(true) + "}";
      case 5:
        return R"({"documents":{"by":"seller","all":["380","705"]}})";
      case 6:
        return R"({"certificate":{"kind":"GOTS","subject":"lot","by":"expert"}})";
      default:
        return R"({"milestone":{"subject":"lot","bizStep":"receiving","by":)" + by() + R"(},"since":")" +
               chance_.of({"contract", "state"}) + "\"}";
    }
  }

  std::string event(Lane const& lane) {
    switch (chance_.below(9)) {
      case 0:
        return R"({"deposit":{"by":)" + role() + R"(,"into":")" + lane.pots.back() + R"(","amount":)" +
               number(1 + chance_.below(300)) + "}}";
      case 1:
        value_ = true;
        return R"({"choice":{"by":)" + role() + R"(,"name":"say","bounds":[0,)" + number(1 + chance_.below(9)) + "]}}";
      case 2:
        value_ = true;
        return R"({"award":{"by":{"of":["judge","jury","expert"],"k":2},"name":"share","bounds":[0,10000]}})";
      case 3:
        return R"({"approve":{"of":["buyer","seller"],"k":)" + number(1 + chance_.below(2)) + "}}";
      case 4: {
        auto const first = handover(nullptr) + R"(,"value":"quantityAccepted",)" + bounds() + "}";
        return R"({"all":[)" + first + R"(,{"milestone":{"subject":"lot","bizStep":"receiving","by":"carrier"}}]})";
      }
      default:
        return fact();
    }
  }

  std::string expression(Lane const& lane, unsigned depth = 0) {
    auto const deeper = [&] { return expression(lane, depth + 1); };
    switch (depth > 2 ? chance_.below(4) : chance_.below(12)) {
      case 0:
        return number(chance_.below(400));
      case 1:
        return R"({"var":")" + lane.variable + "\"}";
      case 2:
        return R"({"pot":")" + lane.pots[0] + "\"}";
      case 3:
        return value_ ? R"({"event":"value"})" : R"({"param":"price"})";
      case 4:
        return R"({"add":[)" + deeper() + "," + deeper() + "]}";
      case 5:
        return R"({"min":[)" + deeper() + "," + deeper() + "]}";
      case 6:
        return R"({"sub":[)" + deeper() + "," + deeper() + "]}";
      case 7:
        return R"({"div":[{"mul":[)" + deeper() + "," + number(chance_.below(9)) + R"(]},)" +
               number(1 + chance_.below(9)) + R"(],"round":"down"})";
      case 8:
        return R"({"bps":[)" + deeper() + "," + number(chance_.below(10001)) + R"(],"round":)" +
               quoted(chance_.of({"down", "up", "half_up"})) + "}";
      case 9:
        return R"({"days":{"since":"fund0","grace":"P1D","max":)" + number(1 + chance_.below(20)) +
               R"(,"round":"up"}})";
      case 10:
        return R"({"table":[)" + deeper() + R"(,[[0,)" + number(chance_.below(200)) + "],[50," +
               number(chance_.below(200)) + "]]]}";
      default:
        if (depth > 0) return number(chance_.below(100));
        return R"({"reading":)" + sensor(false) + R"(,"bounds":[0,)" + number(1 + chance_.below(90)) + "]}";
    }
  }

  std::string condition(Lane const& lane) {
    switch (chance_.below(6)) {
      case 0:
        return R"({"seen":)" + handover(chance_.one_in(2) ? "unanswered" : "rejected") + "}}";
      case 1:
        return R"({"not":)" + condition(lane) + "}";
      case 2:
        return R"({"or":[)" + condition(lane) + "," + condition(lane) + "]}";
      default:
        return "{" + quoted(chance_.of({"ge", "gt", "le", "lt", "eq"})) + ":[" + expression(lane, 2) + "," +
               expression(lane, 2) + "]}";
    }
  }

  std::string take(Lane const& lane) {
    switch (chance_.below(5)) {
      case 0:
      case 1:
        return R"("all":true)";
      case 2:
        return R"("amount":{"min":[{"pot":")" + pot_ + R"("},)" + number(chance_.below(500)) + "]}";
      default:
        return R"("upTo":)" + expression(lane);
    }
  }

  std::string some_steps(Lane const& lane) {
    std::string out;
    auto const count = chance_.below(4);
    for (std::size_t i = 0; i < count; ++i) out += (out.empty() ? "" : ",") + step(lane, 0);
    return out;
  }

  std::string step(Lane const& lane, unsigned depth) {
    pot_ = lane.pots[chance_.below(lane.pots.size())];
    switch (chance_.below(depth == 0 ? 9 : 6)) {
      case 0:
        return R"({"split":{"from":")" + pot_ + R"(",)" + take(lane) + R"(,"parts":[{"to":)" + role() + R"(,"bps":)" +
               number(chance_.below(6000)) + R"(},{"to":)" + role() + R"(,"bps":)" + number(chance_.below(4000)) +
               R"(}],"rest":)" + role() + "}}";
      case 1:
        return R"({"set":{")" + lane.variable + R"(":)" + expression(lane) + "}}";
      case 2:
        if (lane.pots.size() > 1) {
          auto const into = pot_ == lane.pots[0] ? lane.pots[1] : lane.pots[0];
          return R"({"move":{"from":")" + pot_ + R"(","into":")" + into + R"(",)" + take(lane) + "}}";
        }
        return R"({"emit":"moved"})";
      case 3:
        return R"({"title":{"of":"goods","from":"seller","to":"buyer"}})";
      case 6:
        return R"({"if":)" + condition(lane) + R"(,"do":[)" + step(lane, 1) + R"(],"else":[)" + step(lane, 1) + "]}";
      case 7:
        return R"({"assert":{"ge":[{"pot":")" + pot_ + R"("},0]}})";
      default:
        return R"({"pay":{"from":")" + pot_ + R"(","to":)" + role() + "," + take(lane) + "}}";
    }
  }

  std::string end(Lane const& lane, std::size_t from, std::string const& asked) {
    value_ = false;
    auto const steps = some_steps(lane);
    return "{" + (asked.empty() ? "" : R"("if":)" + asked + ",") + (steps.empty() ? "" : R"("do":[)" + steps + "],") +
           R"("goto":)" + target(lane, from) + "}";
  }

  std::string late(Lane const& lane, std::size_t from) {
    if (!chance_.one_in(3)) return end(lane, from, "");
    value_ = false;
    auto const asked = condition(lane);
    return "[" + end(lane, from, asked) + "," + end(lane, from, "") + "]";
  }

  std::string text() const {
    std::string named;
    for (auto const* role : roles) named += (named.empty() ? "" : ",") + quoted(role) + ":{}";
    return R"({"escrow":1,"title":"by chance","roles":{)" + named +
           R"(},"assets":{"EUR":"EUR.BANK","USD":"USD.BANK"},"subjects":{)" +
           R"("goods":"urn:epc:id:sscc:0614141.1234567890",)" +
           R"("lot":"urn:epc:class:lgtin:4012345.012345.998877"},"params":{"price":700},"pots":{)" + pots_ +
           R"(},"counters":{)" + counters_ + R"(},"start":"fund0","states":{)" + states_ + "}}";
  }

  Chance& chance_;
  std::vector<Lane> lanes_;
  std::vector<std::string> limits_;
  std::string pots_;
  std::string counters_;
  std::string states_;
  std::string pot_;
  bool value_ = false;
};

/// A step of terms that every way is tried of.
std::string small_step(Chance& chance, bool value, bool branches) {
  if (branches && chance.one_in(2)) {
    auto const part = [&] {
      if (value && chance.one_in(2)) return std::string(R"({"event":"value"})");
      return chance.of({R"({"pot":"p"})", R"({"var":"v"})", "3", "6"});
    };
    auto const asked = "{" + quoted(chance.of({"lt", "le", "gt", "ge", "eq"})) + ":[" + part() + "," + part() + "]}";
    // Counting stands outside of branches.
    auto const inside = [&] {
      auto step = small_step(chance, value, false);
      while (step.starts_with(R"({"count")")) step = small_step(chance, value, false);
      return step;
    };
    auto const then = inside();
    return R"({"if":)" + asked + R"(,"do":[)" + then + R"(],"else":[)" + inside() + "]}";
  }
  std::string amount = number(chance.below(14));
  switch (chance.below(7)) {
    case 0:
      amount = R"({"pot":"p"})";
      break;
    case 1:
      amount = R"({"var":"v"})";
      break;
    case 2:
      if (value) amount = R"({"mul":[{"event":"value"},)" + number(chance.below(4)) + "]}";
      break;
    case 3:
      amount = R"({"sub":[{"pot":"p"},)" + number(chance.below(9)) + "]}";
      break;
    default:
      break;
  }
  switch (chance.below(5)) {
    case 0:
      return R"({"set":{"v":)" + number(chance.below(9)) + "}}";
    case 1:
      return R"({"count":"c"})";
    case 2:
      return R"({"split":{"from":"p","parts":[{"to":"a","bps":)" + number(chance.below(3) * 4000) +
             R"(},{"to":"b","bps":)" + number(chance.below(3) * 3000) + R"(}],"rest":"b"}})";
    default:
      return R"({"pay":{"from":"p","to":"b","amount":)" + amount + "}}";
  }
}

}  // namespace

std::string random_terms(Chance& chance) { return Writer(chance).write(); }

std::string small_terms(Chance& chance, bool branches) {
  std::string states;
  auto const count = 2 + chance.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    auto const next = [&] {
      bool const closes = i + 1 == count || chance.one_in(3);
      return closes ? std::string("\"close\"") : quoted("s" + number(i + 1));
    };
    std::string when;
    if (i == 0) {
      when = R"({"on":{"deposit":{"by":"a","into":"p","amount":10}},"do":[{"set":{"v":)" + number(chance.below(9)) +
             R"(}}],"goto":)" + next() + "}";
    } else {
      auto const cases = 1 + chance.below(2);
      for (std::size_t c = 0; c < cases; ++c) {
        bool const again = chance.one_in(3);
        auto const choice = R"({"on":{"choice":{"by":"a","name":"n)" + number(c) + R"(","bounds":[0,)" +
                            number(chance.below(4)) + "]}}";
        std::string steps;
        auto const some = chance.below(3);
        for (std::size_t s = 0; s < some; ++s) steps += (steps.empty() ? "" : ",") + small_step(chance, true, branches);
        if (again) steps = R"({"count":"c"})" + std::string(steps.empty() ? "" : ",") + steps;
        auto const asked = again ? std::string(R"(,"if":{"lt":[{"counter":"c"},2]})") : std::string();
        when += (when.empty() ? "" : ",") + choice + asked + (steps.empty() ? "" : R"(,"do":[)" + steps + "]") +
                R"(,"goto":)" + (again ? quoted("s" + number(i)) : next()) + "}";
      }
    }
    auto const late = chance.one_in(2) ? R"("do":[)" + small_step(chance, false, branches) + "]," : std::string();
    states += (states.empty() ? "" : ",") + quoted("s" + number(i)) + R"(:{"when":[)" + when +
              R"(],"until":{"after":"P1D"},"late":{)" + late + R"("goto":)" + next() + "}}";
  }
  return R"({"escrow":1,"title":"small","roles":{"a":{},"b":{}},"assets":{"EUR":"EUR.BANK"},"subjects":{},"params":{},)"
         R"("pots":{"p":{"asset":"EUR","cap":10,"residual":"a"}},"counters":{"c":{"max":2}},"start":"s0","states":{)" +
         states + "}}";
}

std::string wide_terms(std::size_t lanes) {
  std::string pots;
  std::string states;
  std::string targets;
  std::string counters;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    auto const name = number(lane);
    auto const comma = lane == 0 ? "" : ",";
    pots += comma + quoted("p" + name) + R"(:{"asset":"EUR","cap":1000,"residual":"buyer"})";
    counters += comma + quoted("c" + name) + R"(:{"max":30})";
    targets += comma + quoted("wait" + name);
    states += "," + quoted("wait" + name) +
              R"(:{"when":[{"on":{"milestone":{"subject":"goods","bizStep":"accepting","by":"seller"},)"
              R"("value":"quantityAccepted","bounds":[1,9]},"if":{"lt":[{"counter":"c)" +
              name + R"("},30]},"do":[{"count":"c)" + name + R"("},{"pay":{"from":"p)" + name +
              R"(","to":"seller","upTo":{"mul":[{"event":"value"},7]}}}],"goto":"wait)" + name +
              R"("},{"on":{"choice":{"by":"buyer","name":"end","bounds":[0,1]}},"goto":"close"}],)"
              R"("until":{"after":"P9D"},"late":{"goto":"close"}})";
  }
  auto const next = lanes == 1 ? targets : "[" + targets + "]";
  return R"({"escrow":1,"title":"wide","roles":{"buyer":{},"seller":{}},"assets":{"EUR":"EUR.BANK"},)"
         R"("subjects":{"goods":"urn:epc:id:sscc:0614141.1234567890"},"params":{},"pots":{)" +
         pots + R"(},"counters":{)" + counters +
         R"(},"start":"fund","states":{"fund":{"when":[{"on":{"deposit":{"by":"buyer","into":"p0","amount":1000}},)"
         R"("goto":)" +
         next + R"(}],"until":{"after":"P1D"},"late":{"goto":"close"}})" + states + "}}";
}

}  // namespace storm
