// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a run measured: each figure with its spread and the aim that it has, as lines, as JSON, and as one last line
// that names what falls short.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace bench {

/// What a figure is to reach.
struct Aim {
  enum class Kind { at_least, at_most } kind;
  double bound = 0;
};
inline Aim at_least(double bound) { return {Aim::Kind::at_least, bound}; }
inline Aim at_most(double bound) { return {Aim::Kind::at_most, bound}; }

struct Figure {
  std::string name;
  std::string unit;
  std::optional<Aim> aim;
  /// One of each repetition.
  std::vector<double> values;

  double median() const;
  bool falls_short() const;
};

class Report {
 public:
  /// Of one repetition; the name says which figure it is. It is printed at once.
  void add(std::string const& name, double value, std::string const& unit, std::optional<Aim> aim = {});
  std::vector<Figure> const& figures() const { return figures_; }
  /// Median, least and most of each.
  void print() const;
  /// To build/bench/NAME.json, with machine, date, versions and settings.
  base::Result<std::filesystem::path> write(std::string const& name) const;
  /// One line.
  void print_verdict() const;

 private:
  std::vector<Figure> figures_;
};

/// The machine, its system and the libraries that decide what is measured.
std::string machine();
std::string versions();
std::string today();

}  // namespace bench
