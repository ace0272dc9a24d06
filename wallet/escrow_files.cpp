// SPDX-License-Identifier: Apache-2.0
// Terms before they are signed: what can be said of them, and scenarios played without a ledger.
#include <map>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/escrow/explain.hpp"
#include "contracts/escrow/scenario.hpp"
#include "gs1/json.hpp"
#include "wallet/commands.hpp"
#include "wallet/keystore.hpp"
#include "wallet/memory.hpp"

namespace wallet {

namespace {

using base::Error;
using base::Value;
using contracts::escrow::Interval;
using contracts::escrow::Language;
using contracts::escrow::Terms;

constexpr std::size_t terms_bytes_max = std::size_t{1} << 20;
constexpr std::size_t scenarios_bytes_max = std::size_t{16} << 20;

/// Line and column of the innermost part that the path names.
std::string place_of(std::string const& text, std::string const& path) {
  auto const root = gs1::parse_json(text);
  if (!root) return "";
  auto const* at = &*root;
  for (std::size_t i = 0; i < path.size();) {
    Value const* next = nullptr;
    if (path[i] == '[') {
      auto const end = path.find(']', i);
      auto const index = base::from_decimal(std::string_view(path).substr(i + 1, end - i - 1));
      if (index && *index < at->items.size()) next = &at->items[static_cast<std::size_t>(*index)];
      i = end + 1;
    } else {
      if (path[i] == '.') ++i;
      auto const end = std::min(path.find_first_of(".[", i), path.size());
      next = at->find(std::string_view(path).substr(i, end - i));
      i = end;
    }
    if (next == nullptr) break;
    at = next;
  }
  auto const before = std::string_view(text).substr(0, at->begin);
  auto const line = 1 + std::count(before.begin(), before.end(), '\n');
  auto const start = before.rfind('\n');
  auto const column = start == before.npos ? before.size() + 1 : before.size() - start;
  return std::to_string(line) + ":" + std::to_string(column) + ": ";
}

std::string span(std::uint64_t time_ms) {
  std::string out;
  auto const part = [&](std::uint64_t unit_ms, char const* name) {
    auto const count = time_ms / unit_ms;
    time_ms %= unit_ms;
    if (count > 0) out += (out.empty() ? "" : " ") + std::to_string(count) + name;
  };
  part(base::day_ms, "d");
  part(base::hour_ms, "h");
  part(base::minute_ms, "min");
  part(base::second_ms, "s");
  return out.empty() ? "0s" : out;
}

std::string signed_amount(base::i128 value) {
  auto const text = contracts::escrow::grouped(static_cast<base::Amount>(value < 0 ? -value : value), 0);
  return value < 0 ? "-" + text : text;
}

std::string range(Interval interval) {
  auto const low = signed_amount(interval.low);
  return interval.is_point() ? low : low + " .. " + signed_amount(interval.high);
}

std::string due(contracts::escrow::Terms const& terms, contracts::escrow::Until const& until, bool chinese) {
  if (until.at_ms) return base::to_rfc3339(*until.at_ms);
  auto out = span(until.after_ms);
  if (until.of) out += (chinese ? " 自 " : " after ") + terms.states[terms.entry_states[*until.of]].name;
  return out;
}

void print(Terms const& terms, contracts::escrow::Report const& report, std::uint64_t start_ms, bool chinese) {
  auto const language = chinese ? Language::zh : Language::en;
  std::printf("%s\n%s  %s\n\n", painted("1", terms.title).c_str(),
              painted("32", chinese ? "可以开立" : "accepted").c_str(), terms.hash.hex().c_str());
  std::printf("%s\n  %s  (%s %s)\n", chinese ? "最迟结束" : "Ends by", base::to_rfc3339(report.ends_ms).c_str(),
              span(report.ends_ms - start_ms).c_str(), chinese ? "内" : "after it is opened");
  std::printf("\n%s\n", chinese ? "各方收付，最差至最好（最小货币单位）"
                                : "What each role pays and gets, worst to best, in minor units");
  for (auto const& one : report.prospects) {
    std::printf("  %-14s %-14s %s %s   %s %s   %s %s\n", terms.roles[one.role].name.c_str(),
                terms.assets[one.asset].id.c_str(), chinese ? "付入" : "in", range(one.paid_in).c_str(),
                chinese ? "收到" : "out", range(one.paid_out).c_str(), chinese ? "净额" : "net",
                range(one.net).c_str());
  }
  std::printf("\n%s\n", chinese ? "若无人行动" : "What silence does");
  for (auto const& silence : report.silences) {
    auto const& state = terms.states[silence.state];
    std::printf("  %s  %s\n", state.name.c_str(), due(terms, state.until, chinese).c_str());
    for (auto const& line : contracts::escrow::silence(terms, silence.state, language)) {
      std::printf("      %s\n", line.c_str());
    }
  }
  std::printf("\n%s\n", chinese ? "工作量" : "Cost");
  std::printf(chinese ? "  单步至多 %s，全程至多 %s\n" : "  %s units for the dearest step, %s for the dearest life\n",
              base::to_decimal(base::u128{report.transition_work}).c_str(),
              base::to_decimal(base::u128{report.life_work}).c_str());
  if (report.warnings.empty()) return;
  std::printf("\n%s\n", chinese ? "注意" : "Warnings");
  for (auto const& warning : report.warnings) {
    std::printf("  %s: %s\n", warning.path.c_str(), contracts::escrow::words(warning, language).c_str());
  }
}

/// Where in the file, which path of the terms, why.
Error in_file(std::filesystem::path const& file, std::string const& text, Error error) {
  auto const place = place_of(text, error.field);
  error.field = file.string() + ":" + (place.empty() ? " " : place) + error.field;
  return error;
}

base::Result<Terms> read_and_judge(std::filesystem::path const& file) {
  TRY_ASSIGN(auto const text, read_text_file(file, terms_bytes_max));
  auto terms = contracts::escrow::read_terms(text);
  if (!terms) return in_file(file, text, terms.error());
  auto const judged = contracts::escrow::analyse(*terms);
  if (!judged) return in_file(file, text, judged.error());
  return terms;
}

/// Prints the line; true when the scenario pays what it says.
bool perform(std::map<std::string, Terms> const& known, Value const& scenario) {
  auto const name = std::string(contracts::escrow::terms_name(scenario));
  auto found = known.find(name);
  if (name.empty() && known.size() == 1) found = known.begin();
  std::string difference;
  if (found == known.end()) {
    difference = "no terms of this name were given";
  } else {
    auto const played = contracts::escrow::play(found->second, scenario);
    difference = played ? played->value_or("") : base::to_string(played.error());
  }
  bool const agreed = difference.empty();
  std::printf("%s  %s  %s%s%s\n", agreed ? "ok     " : painted("31", "DIFFERS").c_str(), name.c_str(),
              std::string(contracts::escrow::scenario_name(scenario)).c_str(), agreed ? "" : "\n         ",
              difference.c_str());
  return agreed;
}

}  // namespace

int analyse_escrow(std::filesystem::path const& file, std::string const& start, std::string const& language) {
  auto start_ms = wall_time_ms();
  if (!start.empty()) {
    auto const given = base::from_rfc3339(start);
    if (!given) {
      report({base::Code::E_FORM, "--start", "expected a time like 2026-08-20T00:00:00Z"});
      return code(Exit::usage);
    }
    start_ms = *given;
  }
  auto const terms = read_and_judge(file);
  if (!terms) {
    report(terms.error(),
           std::filesystem::exists(file) ? "change the terms at this place" : "name a file that is there");
    return code(Exit::check_failed);
  }
  auto const told = contracts::escrow::report(*terms, start_ms);
  if (!told) {
    report(told.error(), "change the terms at this place");
    return code(Exit::check_failed);
  }
  print(*terms, *told, start_ms, language == "zh");
  return code(Exit::done);
}

int simulate_escrow(std::vector<std::string> const& files, std::filesystem::path const& scenarios) {
  std::map<std::string, Terms> known;
  for (auto const& file : files) {
    std::filesystem::path const path = file;
    auto terms = read_and_judge(path);
    if (!terms) {
      report(terms.error(),
             std::filesystem::exists(path) ? "tally escrow analyse " + file : "name a file that is there");
      return code(Exit::fault);
    }
    known.insert_or_assign(path.stem().string(), *std::move(terms));
  }
  auto const text = read_text_file(scenarios, scenarios_bytes_max);
  if (!text) {
    report(text.error());
    return code(Exit::fault);
  }
  gs1::JsonLimits limits;
  limits.bytes_max = scenarios_bytes_max;
  auto const list = gs1::parse_json(*text, limits);
  if (!list || !list->is(Value::Kind::array)) {
    report({base::Code::E_FORM, scenarios.string(), list ? "expected a list" : base::to_string(list.error())});
    return code(Exit::fault);
  }
  if (list->items.empty()) {
    report({base::Code::E_FORM, scenarios.string(), "no scenario in it"});
    return code(Exit::fault);
  }
  std::size_t agreed = 0;
  for (auto const& scenario : list->items) agreed += perform(known, scenario) ? 1 : 0;
  std::printf("%zu of %zu as agreed\n", agreed, list->items.size());
  return code(agreed == list->items.size() ? Exit::done : Exit::fault);
}

}  // namespace wallet
