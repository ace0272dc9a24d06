// SPDX-License-Identifier: Apache-2.0
#pragma once

// What goes wrong in a soak, by a seed: one kind after the other, each for some seconds, now and then three at once.

#include <functional>

#include "soak/book.hpp"
#include "soak/lab.hpp"
#include "soak/proxy.hpp"

namespace soak {

enum class Fault {
  crash,
  crash_all,
  parted,
  one_way,
  flapping,
  lossy,
  refused,
  unplugged,
  clock,
  jumping_clock,
  frozen,
  full_disk,
  several,
};
constexpr std::array<char const*, 13> fault_names = {
    "kill -9",        "kill -9 of all", "partition",       "one-way partition", "flapping partition",
    "delay and loss", "refusal",        "unplugged",       "clock skew",        "clock jumps",
    "SIGSTOP",        "full disk",      "several at once",
};

/// The node whose disk is small, its size, and the node's limits.
constexpr std::size_t small_node = 3;
constexpr std::uint64_t small_disk_mib = 64;
constexpr std::uint64_t small_refuse_mib = 24, small_stop_mib = 12;

class Faults {
 public:
  /// `clock_file`: what libfaketime reads for a node. `small_disk`: empty when there is none.
  Faults(Lab const& lab, testnet::Network& network, Proxies& proxies, Book& book, std::uint64_t seed,
         std::function<std::filesystem::path(std::size_t)> clock_file, std::filesystem::path small_disk);

  /// Begins what is due, goes on with what lasts, ends what is over, starts processes that ended for want of disk.
  void step(std::uint64_t now_ms);
  /// Ends everything; all processes run.
  void stop();
  /// "kill -9 3, partition 2, …"
  std::string counts() const;
  /// Those of the kinds that this lab can make which have not come yet.
  std::vector<Fault> missing() const;

 private:
  struct Active {
    std::uint64_t ends_ms = 0;
    std::function<void()> tick;
    std::function<void()> heal;
  };
  std::vector<Fault> kinds() const;
  void begin(Fault fault, std::uint64_t ends_ms);
  void crash(std::vector<std::size_t> const& victims, std::uint64_t ends_ms);
  void part(std::uint64_t ends_ms);
  void one_way(std::uint64_t ends_ms);
  void flap(std::uint64_t ends_ms);
  void lose(std::uint64_t ends_ms);
  void refuse(std::uint64_t ends_ms);
  void unplug(std::uint64_t ends_ms);
  void skew(std::uint64_t ends_ms, bool jumps);
  void freeze(std::uint64_t ends_ms);
  void fill_disk(std::uint64_t ends_ms, bool alone);
  void several(std::uint64_t ends_ms);
  void set_clock(std::size_t node, std::int64_t seconds);
  void each_way(std::function<void(std::size_t from, std::size_t to)> const& act);
  void restart_the_ended();
  std::size_t any_node() { return random_.below(testnet::nodes); }

  Lab const& lab_;
  testnet::Network& network_;
  Proxies& proxies_;
  Book& book_;
  sim::Random random_;
  std::function<std::filesystem::path(std::size_t)> clock_file_;
  std::filesystem::path small_disk_;
  std::vector<Active> active_;
  std::array<bool, testnet::nodes> down_{};
  bool disk_is_full_ = false;
  std::uint64_t next_ms_ = 0;
  std::vector<Fault> order_;
  std::array<std::size_t, fault_names.size()> counts_{};
};

}  // namespace soak
