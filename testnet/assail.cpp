// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "base/number.hpp"
#include "ledger/goods_records.hpp"
#include "testnet/attack.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

/// Codes (E_SEQ), and the badges and alarms of a check.
using Marks = std::set<std::string>;

/// The marks that a sentence names: codes, FLAG_SENSOR_GAP, LATE, "badge unrooted", "alarm late", duplicate_label.
Marks marks_in(std::string const& text) {
  Marks out;
  std::string before;
  auto const alarms = enum_names(ledger::AlarmKind{});
  auto const in_word = [](char c) { return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  for (std::size_t i = 0; i < text.size();) {
    auto const end = static_cast<std::size_t>(std::find_if_not(text.begin() + i, text.end(), in_word) - text.begin());
    auto word = text.substr(i, end - i);
    i = end + 1;
    if (word.starts_with("E_")) out.insert(word);
    bool const is_flag = word.starts_with("FLAG_");
    auto name = is_flag ? word.substr(5) : word;
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    // What a consumer's scan raises.
    if (name == "duplicate_scan") name = "duplicate_label";
    bool const is_alarm = name.find('_') != name.npos && std::ranges::find(alarms, name) != alarms.end();
    if (is_flag || is_alarm || word == "LATE" || before == "badge" || before == "alarm") out.insert(name);
    if (!word.empty()) before = word;
  }
  return out;
}

std::string shown(Marks const& marks) {
  std::string out;
  for (auto const& mark : marks) out += (out.empty() ? "" : ", ") + mark;
  return out.empty() ? "no code" : out;
}

Result<std::vector<std::string>> badges(Performance& performance, std::string const& about) {
  auto params = Value::object();
  params.add("id", Value::of(about));
  TRY_ASSIGN(auto const answer, performance.chain().call("trace_badges", std::move(params)));
  std::vector<std::string> out;
  if (auto const* all = answer.find("badges")) {
    for (auto const& one : all->items) out.emplace_back(one.string_of("word"));
  }
  return out;
}

/// Whether an alarm of this kind was raised about it.
Result<bool> alarmed(Performance& performance, std::string const& about, std::string const& kind) {
  std::string from = "0";
  while (true) {
    auto params = Value::object();
    params.add("from", Value::of(from));
    TRY_ASSIGN(auto const answer, performance.chain().call("alarm_list", std::move(params)));
    auto const* page = answer.find("alarms");
    if (page == nullptr || page->items.empty()) return false;
    for (auto const& one : page->items) {
      if (one.string_of("subject") == about && one.string_of("kind") == kind) return true;
    }
    from = answer.string_of("cursor");
  }
}

/// "870000 + 1722600" as one number: the parts are those that a sentence tells.
std::string sum_of(std::string const& text) {
  base::u128 sum = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto const end = std::min(text.find(" + ", at), text.size());
    auto const part = base::from_decimal(std::string_view(text).substr(at, end - at), ~std::uint64_t{0});
    if (!part) return text;
    sum += *part;
    at = end + 3;
  }
  return base::to_decimal(sum);
}

/// "yes" when the organisation validates the next block.
Result<std::string> validates(Performance& performance, std::string const& code) {
  TRY_ASSIGN(auto const answer, performance.chain().call("chain_validators", Value::object()));
  auto const* all = answer.find("validators");
  if (all == nullptr) return Error{Code::E_ENCODING, "chain_validators", "no validators in the answer"};
  bool const found = std::ranges::any_of(all->items, [&](auto const& one) { return one.string_of("name") == code; });
  return std::string(found ? "yes" : "no");
}

Result<void> compare(Fields const& check, Performance& performance, Compared& out, Marks& marks) {
  for (auto const& [kind, value] : check.members()) {
    if (kind == "minutes") {
      TRY_ASSIGN(auto const came, performance.condition("minutes"));
      out.expected += "minutes " + value.value().text + " ";
      out.came += "minutes " + came + " ";
      continue;
    }
    for (auto const& [name, wanted] : value.members()) {
      std::string came;
      if (kind == "money") {
        TRY_ASSIGN(came, performance.money(name));
      } else if (kind == "held") {
        TRY_ASSIGN(came, performance.held("https://id.gs1.org/" + name));
      } else if (kind == "badge") {
        TRY_ASSIGN(auto const words, badges(performance, "https://id.gs1.org/" + name));
        bool const has = std::ranges::find(words, wanted.value().text) != words.end();
        came = has ? wanted.value().text : "none such";
        if (has) marks.insert(came);
      } else if (kind == "alarm") {
        TRY_ASSIGN(bool const raised, alarmed(performance, "https://id.gs1.org/" + name, wanted.value().text));
        came = raised ? wanted.value().text : "none such";
        if (raised) marks.insert(came);
      } else if (kind == "validates") {
        TRY_ASSIGN(came, validates(performance, name));
      } else {
        return check.error(kind, "write money, held, badge, alarm, validates or minutes");
      }
      out.expected += name + " " + (kind == "money" ? sum_of(wanted.value().text) : wanted.value().text) + " ";
      out.came += name + " " + came + " ";
    }
  }
  return {};
}

void fill_contract(Act& act, ledger::Hash const& contract) {
  for (auto& operation : act.operations) {
    if (auto* assign = std::get_if<ledger::EscrowAssign>(&operation)) assign->contract = contract;
  }
}

/// One move; what it should give and what it gave.
Result<Compared> make(Move& move, Performance& performance, Marks& marks) {
  Compared out;
  if (move.check.is(Value::Kind::object)) {
    TRY(compare(Fields(move.check, "check"), performance, out, marks));
  } else if (move.repeats > 0) {
    out = {"done", code_of(performance.chain().repeat(move.repeats))};
    // The law alone says that it knows it; a node answers with what came of it.
    if (out.came == "exists") out.came = "done";
  } else if (move.act.signers.empty()) {
    TRY(performance.chain().advance(move.act.time_ms));
  } else {
    fill_contract(move.act, performance.contract());
    if (!move.equivocates.empty()) {
      TRY_ASSIGN(auto const evidence, performance.chain().equivocate(move.equivocates));
      move.act.operations = {ledger::ReportEvidence{evidence}};
    }
    auto const outcome = performance.chain().play(move.act);
    out = {move.gives, code_of(outcome)};
    if (out.came.starts_with("E_")) marks.insert(out.came);
    if (out.came != out.expected && out.came != "done") out.came = said(outcome);
  }
  return out;
}

/// Plays the moves; one line. False when something came out otherwise, or changed what it should not.
Result<bool> assail(Attack const& attack, std::vector<Move> moves, Performance& performance, Tell const& tell) {
  TRY_ASSIGN(auto const before, performance.accounts());
  Line line{true, attack.id + " " + attack.text, attack.expected, "", nullptr};
  Marks marks;
  for (auto& move : moves) {
    TRY_ASSIGN(auto const compared, make(move, performance, marks));
    line.came += (line.came.empty() ? "" : ", ") + compared.came;
    if (compared.came == compared.expected) continue;
    performance.say(tell, {false, attack.id + " " + attack.text, compared.expected, compared.came, nullptr});
    return false;
  }
  if (!attack.alone) {
    TRY_ASSIGN(auto const after, performance.accounts());
    if (after != before) {
      performance.say(tell, {false, attack.id + " " + attack.text, "unchanged " + before, after, nullptr});
      return false;
    }
  }
  auto const expected = marks_in(attack.expected);
  line.good = attack.expected.empty() || expected == marks;
  if (!line.good) {
    line.expected = shown(expected) + " (" + attack.expected + ")";
    line.came = shown(marks) + " (" + line.came + ")";
  }
  bool const good = line.good;
  performance.say(tell, std::move(line));
  return good;
}

}  // namespace

Result<void> perform(Performance& performance, std::vector<Attack> const& attacks,
                     std::vector<std::vector<Move>> const& moves, Tell const& tell) {
  bool ended = false;
  auto const assail_all = [&](unsigned step, std::size_t act) -> Result<bool> {
    for (std::size_t i = 0; i < attacks.size(); ++i) {
      auto const& attack = attacks[i];
      if (attack.before != step || attack.act != act || attack.play.empty()) continue;
      TRY_ASSIGN(bool const good, assail(attack, moves[i], performance, tell));
      ended = ended || attack.ends || (attack.alone && !good);
    }
    return !ended;
  };
  for (auto const& attack : attacks) {
    if (!attack.elsewhere.empty()) {
      performance.say(tell, {true, attack.id + " " + attack.text, attack.expected,
                             "not played here: " + attack.elsewhere, nullptr});
    }
  }
  auto const before = [&](Step const& next, std::size_t act) -> Result<bool> {
    return next.number == 0 ? Result<bool>(true) : assail_all(next.number, act);
  };
  TRY(performance.play(tell, before));
  if (ended || !performance.good()) return {};
  TRY(assail_all(0, 0));
  return ended ? Result<void>() : performance.check(tell);
}

}  // namespace testnet
