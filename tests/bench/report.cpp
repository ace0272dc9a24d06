// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "base/time.hpp"
#include "rpc/json.hpp"
#include "wallet/keystore.hpp"

namespace bench {

using base::Result;
using base::Value;

namespace {

Value number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", value);
  Value out = Value::of(std::uint64_t{0});
  out.text = text;
  return out;
}

std::string shown(double value) {
  char text[40];
  std::snprintf(text, sizeof text, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  return text;
}

std::string words_of(Aim const& aim, std::string const& unit) {
  return (aim.kind == Aim::Kind::at_least ? "at least " : "at most ") + shown(aim.bound) + " " + unit;
}

}  // namespace

double Figure::median() const {
  auto sorted = values;
  std::ranges::sort(sorted);
  return sorted.empty() ? 0 : sorted[sorted.size() / 2];
}

bool Figure::falls_short() const {
  if (!aim) return false;
  return aim->kind == Aim::Kind::at_least ? median() < aim->bound : median() > aim->bound;
}

void Report::add(std::string const& name, double value, std::string const& unit, std::optional<Aim> aim) {
  auto found = std::ranges::find(figures_, name, &Figure::name);
  if (found == figures_.end()) found = figures_.insert(found, {name, unit, aim, {}});
  found->values.push_back(value);
  std::printf("  %-58s %10s %s\n", name.c_str(), shown(value).c_str(), unit.c_str());
  std::fflush(stdout);
}

void Report::print() const {
  std::printf("\n%-58s %10s %19s  aim\n", "figure", "median", "least to most");
  for (auto const& one : figures_) {
    auto const [least, most] = std::ranges::minmax(one.values);
    std::printf("%-58s %10s %8s to %8s  %s%s\n", (one.name + ", " + one.unit).c_str(), shown(one.median()).c_str(),
                shown(least).c_str(), shown(most).c_str(), one.aim ? words_of(*one.aim, one.unit).c_str() : "",
                one.falls_short() ? ": falls short" : "");
  }
}

Result<std::filesystem::path> Report::write(std::string const& name) const {
  auto out = Value::object();
  out.add("date", Value::of(today()));
  out.add("machine", Value::of(machine()));
  out.add("versions", Value::of(versions()));
  out.add("settings", Value::of("fsync on, signatures on, proofs available, load generator on the same machine"));
  auto list = Value::array();
  for (auto const& one : figures_) {
    auto figure = Value::object();
    figure.add("name", Value::of(one.name));
    figure.add("unit", Value::of(one.unit));
    figure.add("median", number(one.median()));
    auto values = Value::array();
    for (auto const value : one.values) values.items.push_back(number(value));
    figure.add("values", std::move(values));
    if (one.aim) {
      figure.add("aim", Value::of(words_of(*one.aim, one.unit)));
      figure.add("falls_short", Value::of(one.falls_short()));
    }
    list.items.push_back(std::move(figure));
  }
  out.add("figures", std::move(list));
  auto const file = std::filesystem::path(TALLY_SOURCE_DIR) / "build/bench" / (name + ".json");
  std::filesystem::create_directories(file.parent_path());
  TRY(wallet::write_text_file(file, rpc::to_text(out) + "\n"));
  return file;
}

void Report::print_verdict() const {
  std::string missed;
  for (auto const& one : figures_) {
    if (!one.falls_short()) continue;
    missed +=
        (missed.empty() ? "" : "; ") + one.name + " " + shown(one.median()) + " (" + words_of(*one.aim, one.unit) + ")";
  }
  std::printf("%s\n", missed.empty() ? "every aim that was measured is met" : ("falls short: " + missed).c_str());
}

std::string machine() {
  std::ifstream in("/proc/cpuinfo");
  std::string model = "unknown processor";
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) model = line.substr(line.find(": ") + 2);
  }
  utsname system{};
  uname(&system);
  return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores, Linux " + system.release;
}

std::string versions() { return "gcc " __VERSION__ ", " TALLY_LIBRARIES; }

std::string today() {
  using namespace std::chrono;
  auto const now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  return base::to_rfc3339(static_cast<base::TimeMs>(now));
}

}  // namespace bench
