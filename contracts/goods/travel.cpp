// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/travel.hpp"

#include "ledger/records.hpp"

namespace contracts::goods {

namespace {

using base::i128;

/// Angles in radians and coordinates of unit vectors, both times 10^15.
constexpr i128 one = 1'000'000'000'000'000;
constexpr i128 pi = 3'141'592'653'589'793;
constexpr i128 half_turn_micro = 180'000'000;
constexpr i128 quarter_turn_micro = 90'000'000;
constexpr i128 ms_an_hour = 3'600'000;
/// The mean radius of the earth (IUGG), in tenths of a metre.
constexpr i128 radius_decimetres = 63'710'088;
constexpr i128 decimetres_a_kilometre = 10'000;

i128 radians(i128 micro_degrees) { return micro_degrees * pi / half_turn_micro; }

/// Taylor's series, after bringing the angle into a quarter turn; exact to 10^-13.
i128 sine(i128 angle) {
  while (angle > pi) angle -= 2 * pi;
  while (angle < -pi) angle += 2 * pi;
  if (angle > pi / 2) angle = pi - angle;
  if (angle < -pi / 2) angle = -pi - angle;
  i128 const square = angle * angle / one;
  i128 term = angle;
  i128 sum = angle;
  for (i128 n = 1; n <= 10; ++n) {
    term = -term * square / one / ((2 * n) * (2 * n + 1));
    sum += term;
  }
  return sum;
}
i128 cosine(i128 angle) { return sine(angle + pi / 2); }

struct Vector {
  i128 x = 0;
  i128 y = 0;
  i128 z = 0;
};
Vector vector_of(Point const& point) {
  auto const latitude = radians(i128{point.latitude_micro} - quarter_turn_micro);
  auto const longitude = radians(i128{point.longitude_micro} - half_turn_micro);
  return {cosine(latitude) * cosine(longitude) / one, cosine(latitude) * sine(longitude) / one, sine(latitude)};
}

/// The square of the straight line between two points of the unit sphere, times 10^15.
i128 chord_square(Point const& from, Point const& to) {
  auto const a = vector_of(from);
  auto const b = vector_of(to);
  auto const square = [](i128 difference) { return difference * difference / one; };
  return square(a.x - b.x) + square(a.y - b.y) + square(a.z - b.z);
}

/// True when the line is longer than that of so many decimetres along the surface.
bool is_longer(i128 chord, i128 decimetres) {
  auto const angle = decimetres * one / radius_decimetres;
  if (angle >= pi) return false;
  // |a - b|² = 2 - 2 cos(angle)
  return chord > 2 * (one - cosine(angle));
}

std::optional<Point> point_of(StateView const& state, std::string_view gln) {
  auto const site = ledger::load<ledger::SiteRecord>(state, ledger::Space::site, gln);
  if (!site) return std::nullopt;
  return Point{site->latitude_micro, site->longitude_micro};
}

}  // namespace

bool is_too_far(Point const& from, Point const& to, std::uint64_t kilometres_an_hour, TimeMs elapsed_ms) {
  // Half the equator at a walk takes half a year: a longer time needs no arithmetic.
  auto const hours_max = i128{20'000} * ms_an_hour;
  auto const elapsed = std::min(i128{elapsed_ms}, hours_max);
  auto const reach = i128{kilometres_an_hour} * elapsed * decimetres_a_kilometre / ms_an_hour;
  return is_longer(chord_square(from, to), reach + decimetres_a_kilometre);
}

std::uint64_t kilometres(Point const& from, Point const& to) {
  auto const chord = chord_square(from, to);
  std::uint64_t low = 0;
  std::uint64_t high = 20'016;
  while (low < high) {
    auto const middle = (low + high) / 2;
    if (is_longer(chord, i128{middle} * decimetres_a_kilometre)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::uint64_t speed_of(std::optional<gs1::TravelMode> mode) {
  /// The order of gs1::TravelMode: truck, rail, sea, air.
  constexpr std::array<std::uint64_t, 4> speeds{95, 140, 50, 950};
  return mode ? speeds[static_cast<std::size_t>(*mode)] : 0;
}

Result<void> judge_travel(Job const& job, std::string_view site, TimeMs last_ms, std::string_view path) {
  if (site.empty() || job.site().empty() || site == job.site()) return {};
  auto const from = point_of(job.state, site);
  auto const to = point_of(job.state, job.site());
  if (!from || !to) return {};
  auto const mode = job.event.tally.mode ? job.event.tally.mode : job.offered_mode;
  auto const elapsed_ms = job.event.time_ms > last_ms ? job.event.time_ms - last_ms : 0;
  if (!is_too_far(*from, *to, speed_of(mode), elapsed_ms)) return {};
  auto const by = mode ? std::string(enum_names(*mode)[std::size_t(*mode)]) : std::string("no tally:mode");
  return job.error(
      Code::E_IMPOSSIBLE_TRAVEL, path,
      std::to_string(kilometres(*from, *to)) + " km in " + std::to_string(elapsed_ms / 60'000) + " minutes by " + by);
}

}  // namespace contracts::goods
