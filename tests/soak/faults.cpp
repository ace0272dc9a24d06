// SPDX-License-Identifier: Apache-2.0
#include "soak/faults.hpp"

#include <signal.h>

#include <fstream>

namespace soak {

namespace {

constexpr std::uint64_t lasts_ms_min = 3'000, lasts_ms_max = 7'000;
constexpr std::uint64_t pause_ms_min = 2'000, pause_ms_max = 4'000;
constexpr std::uint64_t first_ms = 3'000;
constexpr std::uint64_t wan_delay_ms = 120;
constexpr unsigned wan_loss_percent = 1;
constexpr std::int64_t skew_s_max = 600;
/// What the filled disk has left; below the limit at which the node stops to vote.
constexpr std::uint64_t left_mib = 6;
constexpr std::size_t kinds_at_once = 3;

}  // namespace

Faults::Faults(Lab const& lab, testnet::Network& network, Proxies& proxies, Book& book, std::uint64_t seed,
               std::function<std::filesystem::path(std::size_t)> clock_file, std::filesystem::path small_disk)
    : lab_(lab),
      network_(network),
      proxies_(proxies),
      book_(book),
      random_(seed),
      clock_file_(std::move(clock_file)),
      small_disk_(std::move(small_disk)) {
  for (std::size_t node = 0; node < testnet::nodes; ++node) set_clock(node, 0);
}

void Faults::step(std::uint64_t now_ms) {
  if (next_ms_ == 0) next_ms_ = now_ms + first_ms;
  for (auto& one : active_) {
    if (now_ms < one.ends_ms) {
      if (one.tick) one.tick();
    } else if (one.heal) {
      std::exchange(one.heal, nullptr)();
    }
  }
  std::erase_if(active_, [](Active const& one) { return !one.heal; });
  restart_the_ended();
  if (now_ms < next_ms_ || !active_.empty()) return;
  // Each kind once before any comes again, so that a short run sees them all.
  if (order_.empty()) {
    order_ = kinds();
    for (auto i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random_.below(i)]);
  }
  auto const fault = order_.back();
  order_.pop_back();
  auto const ends_ms = now_ms + random_.between(lasts_ms_min, lasts_ms_max);
  begin(fault, ends_ms);
  next_ms_ = ends_ms + random_.between(pause_ms_min, pause_ms_max);
}

void Faults::stop() {
  for (auto& one : active_) {
    if (one.heal) one.heal();
  }
  active_.clear();
  restart_the_ended();
}

std::vector<Fault> Faults::kinds() const {
  std::vector<Fault> out;
  for (std::size_t kind = 0; kind < fault_names.size(); ++kind) {
    auto const fault = static_cast<Fault>(kind);
    bool const needs_namespaces = fault == Fault::unplugged || fault == Fault::full_disk;
    if (!needs_namespaces || lab_.has_namespaces()) out.push_back(fault);
  }
  return out;
}

std::vector<Fault> Faults::missing() const {
  auto out = kinds();
  std::erase_if(out, [&](Fault fault) { return counts_[static_cast<std::size_t>(fault)] > 0; });
  return out;
}

std::string Faults::counts() const {
  std::string out;
  for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
    if (counts_[kind] == 0) continue;
    out += (out.empty() ? "" : ", ") + std::string(fault_names[kind]) + " " + std::to_string(counts_[kind]);
  }
  return out;
}

void Faults::begin(Fault fault, std::uint64_t ends_ms) {
  ++counts_[static_cast<std::size_t>(fault)];
  auto const figures = book_.figures();
  std::printf("height %llu, worst stall so far %llu ms; now %s\n", static_cast<unsigned long long>(figures.height),
              static_cast<unsigned long long>(figures.worst_stall_ms), fault_names[static_cast<std::size_t>(fault)]);
  std::fflush(stdout);
  switch (fault) {
    case Fault::crash:
      return crash({any_node()}, ends_ms);
    case Fault::crash_all:
      return crash({0, 1, 2, 3}, ends_ms - lasts_ms_min);
    case Fault::parted:
      return part(ends_ms);
    case Fault::one_way:
      return one_way(ends_ms);
    case Fault::flapping:
      return flap(ends_ms);
    case Fault::lossy:
      return lose(ends_ms);
    case Fault::refused:
      return refuse(ends_ms);
    case Fault::unplugged:
      return unplug(ends_ms);
    case Fault::clock:
      return skew(ends_ms, false);
    case Fault::jumping_clock:
      return skew(ends_ms, true);
    case Fault::frozen:
      return freeze(ends_ms);
    case Fault::full_disk:
      return fill_disk(ends_ms, true);
    case Fault::several:
      return several(ends_ms);
  }
}

void Faults::crash(std::vector<std::size_t> const& victims, std::uint64_t ends_ms) {
  for (auto const node : victims) {
    down_[node] = true;
    network_.stop(node, true);
  }
  active_.push_back({ends_ms, {}, [this, victims] {
                       for (auto const node : victims) {
                         Inside const inside(lab_, node);
                         network_.start(node);
                         down_[node] = false;
                       }
                     }});
}

void Faults::each_way(std::function<void(std::size_t, std::size_t)> const& act) {
  for (std::size_t from = 0; from < testnet::nodes; ++from) {
    for (std::size_t to = 0; to < testnet::nodes; ++to) {
      if (from != to) act(from, to);
    }
  }
}

/// One apart from three, or two and two.
void Faults::part(std::uint64_t ends_ms) {
  auto const sides = random_.between(1, 7);
  auto const set = [this, sides](bool stalled) {
    each_way([&](std::size_t from, std::size_t to) {
      if ((sides >> from & 1) != (sides >> to & 1)) proxies_.set(from, to, {0, 0, stalled});
    });
  };
  set(true);
  active_.push_back({ends_ms, {}, [set] { set(false); }});
}

/// One is heard by nobody, or hears nobody.
void Faults::one_way(std::uint64_t ends_ms) {
  auto const node = any_node();
  bool const deaf = random_.percent(50);
  auto const set = [this, node, deaf](bool stalled) {
    each_way([&](std::size_t from, std::size_t to) {
      if ((deaf ? to : from) == node) proxies_.set(from, to, {0, 0, stalled});
    });
  };
  set(true);
  active_.push_back({ends_ms, {}, [set] { set(false); }});
}

void Faults::flap(std::uint64_t ends_ms) {
  auto const node = any_node();
  auto const set = [this, node](bool stalled) {
    each_way([&](std::size_t from, std::size_t to) {
      if (from == node || to == node) proxies_.set(from, to, {0, 0, stalled});
    });
  };
  active_.push_back({ends_ms, [this, set] { set(random_.percent(50)); }, [set] { set(false); }});
}

void Faults::lose(std::uint64_t ends_ms) {
  auto const set = [this](Weather weather) {
    each_way([&](std::size_t from, std::size_t to) { proxies_.set(from, to, weather); });
  };
  set({wan_delay_ms, wan_loss_percent, false});
  active_.push_back({ends_ms, {}, [set] { set({}); }});
}

/// Connections of one pair end and are refused; those of another only end.
void Faults::refuse(std::uint64_t ends_ms) {
  auto const one = any_node();
  auto const other = (one + 1 + random_.below(testnet::nodes - 1)) % testnet::nodes;
  proxies_.refuse(one, other, true);
  proxies_.reset(one, other);
  proxies_.reset(any_node(), other);
  active_.push_back({ends_ms, {}, [this, one, other] { proxies_.refuse(one, other, false); }});
}

void Faults::unplug(std::uint64_t ends_ms) {
  auto const node = any_node();
  lab_.plug(node, false);
  active_.push_back({ends_ms, {}, [this, node] { lab_.plug(node, true); }});
}

void Faults::set_clock(std::size_t node, std::int64_t seconds) {
  // libfaketime reads the file again within a second; a reader of half a line would see another time, so it is moved.
  auto const file = clock_file_(node);
  auto const fresh = file.string() + ".new";
  std::ofstream(fresh) << (seconds < 0 ? "" : "+") << seconds << "\n";
  std::filesystem::rename(fresh, file);
}

void Faults::skew(std::uint64_t ends_ms, bool jumps) {
  auto const node = any_node();
  auto const draw = [this] { return static_cast<std::int64_t>(random_.below(2 * skew_s_max + 1)) - skew_s_max; };
  set_clock(node, jumps ? 0 : (random_.percent(50) ? skew_s_max : -skew_s_max));
  std::function<void()> tick;
  if (jumps) {
    tick = [this, node, draw] {
      if (random_.percent(10)) set_clock(node, draw());
    };
  }
  active_.push_back({ends_ms, tick, [this, node] { set_clock(node, 0); }});
}

void Faults::freeze(std::uint64_t ends_ms) {
  auto const node = any_node();
  auto const pid = network_.pid(node);
  if (pid > 0) kill(pid, SIGSTOP);
  active_.push_back({ends_ms, {}, [pid] {
                       if (pid > 0) kill(pid, SIGCONT);
                     }});
}

/// Fills the small disk: its node has to refuse transactions and to stop voting, and to come back when there is room.
void Faults::fill_disk(std::uint64_t ends_ms, bool alone) {
  auto const filler = small_disk_ / "filler";
  auto const free = std::filesystem::space(small_disk_).available >> 20;
  std::ofstream out(filler, std::ios::binary);
  std::string const mib(std::size_t{1} << 20, 'x');
  for (auto left = free; left > left_mib; --left) out.write(mib.data(), static_cast<std::streamsize>(mib.size()));
  out.close();
  disk_is_full_ = true;
  auto const said = std::make_shared<bool>(false);
  auto const look = [this, said] {
    if (*said) return;
    Inside const inside(lab_, small_node);
    auto const answer = network_.readiness(small_node);
    *said = answer && answer->status == 503 && answer->body.find("of disk left") != std::string::npos;
  };
  active_.push_back({ends_ms, look, [this, filler, said, alone] {
                       if (alone && !*said && network_.running(small_node))
                         book_.violation("the node with a full disk does not say that it stopped voting");
                       std::filesystem::remove(filler);
                       auto const space = std::filesystem::space(small_disk_);
                       auto const used_mib = (space.capacity - space.available) >> 20;
                       // What the run has written stays; the next filling begins with an empty disk's room.
                       auto const size_mib = std::max(small_disk_mib, used_mib + small_disk_mib / 2);
                       CHECK(lab_.mount_disk(small_disk_, size_mib, true).has_value());
                       disk_is_full_ = false;
                     }});
}

/// Three kinds on whichever nodes chance names; a crash among them, so that more than f are away.
void Faults::several(std::uint64_t ends_ms) {
  std::vector<Fault> kinds = {Fault::parted, Fault::lossy, Fault::refused, Fault::clock, Fault::jumping_clock};
  if (lab_.has_namespaces()) kinds.push_back(Fault::unplugged);
  for (auto i = kinds.size(); i > 1; --i) std::swap(kinds[i - 1], kinds[random_.below(i)]);
  kinds.resize(kinds_at_once - 1);
  if (lab_.has_namespaces() && random_.percent(50)) fill_disk(ends_ms, false);
  crash({any_node()}, ends_ms);
  for (auto const kind : kinds) begin(kind, ends_ms);
}

/// Only a write that fails for want of disk ends a process by itself.
void Faults::restart_the_ended() {
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    if (down_[node] || network_.running(node)) continue;
    bool const excused = node == small_node && !small_disk_.empty();
    if (!excused) book_.violation("node " + std::to_string(node) + " ended by itself");
    if (excused && disk_is_full_) continue;
    Inside const inside(lab_, node);
    network_.start(node);
  }
}

}  // namespace soak
