// SPDX-License-Identifier: Apache-2.0
#pragma once

// Four validator processes with a past that they never lived, under load, and what is asked of them and of a fifth
// node.

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "join/history.hpp"
#include "testnet/network.hpp"

namespace join {

namespace fs = std::filesystem;
using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t fifth = testnet::nodes;
/// So long that none ends by itself while a snapshot is fetched.
constexpr std::uint64_t epoch_blocks_min = 2000;
constexpr std::uint64_t start_ms = 120'000;
constexpr std::uint64_t snapshot_ms = 120'000;
constexpr std::uint64_t more_ms = 60'000;
/// Until the next epoch ends by itself; votes come before.
constexpr ledger::TimeMs spacing_ms = 10'000;

struct Options {
  bool doctor = false;
  std::uint64_t blocks = 3000;
  std::uint64_t bytes = 64'000'000;
  std::uint64_t port_shift = 1500;
};

double steady_s();
/// Looks again until it is so; false when it was not within that time.
bool until(std::uint64_t ms, std::function<bool()> const& so);
Error failure(std::string where, std::string what);

class Validators {
 public:
  explicit Validators(Options options);
  ~Validators();
  Validators(Validators const&) = delete;
  Validators& operator=(Validators const&) = delete;

  /// Homes, genesis and past; nothing runs yet.
  Result<void> make();
  /// Transactions all the time, through whoever answers.
  void begin_load();
  /// What lies in the folder of the run is needed no more.
  void passed() { passed_ = true; }

  /// Those that do not run, until all four are ready.
  Result<void> start_all();
  fs::path home(std::size_t node) const;
  fs::path log(std::size_t node) const;
  /// In its log.
  bool says(std::size_t node, std::string const& words) const;
  Result<base::Value> ask(std::size_t node, std::string const& method, base::Value params = base::Value::object());
  /// 0 when it does not answer.
  ledger::Height height(std::size_t node);
  /// So many of the load's transactions are decided from now on.
  bool goes_on(std::size_t count);
  /// A transaction, through whoever answers; false when it is not decided.
  bool decide_one();
  /// By the admin key of a validator's organisation; its id once it is done.
  Result<ledger::Hash> act(std::size_t member, ledger::Operation operation);
  /// Each vote ends an epoch.
  Result<void> change(ledger::NetworkChange change);
  /// 0 when it has none.
  ledger::Height newest_snapshot(std::size_t node) const;
  /// One vote does, and one that is against changes nothing.
  Result<void> end_epoch();
  /// All four have the same one, above this height.
  Result<void> wait_for_snapshots(ledger::Height above);

 protected:
  Options options_;
  testnet::NetworkOptions network_options_;
  testnet::World world_;
  ledger::Genesis genesis_;
  std::vector<wallet::Identity> admins_;
  std::optional<testnet::Network> network_;

 private:
  /// The genesis gets short epochs, a clock that shows the time after the past, and admin keys for who will vote.
  Result<void> prepare();
  Result<void> write_pasts();
  void work();

  std::size_t next_member_ = 0;
  std::thread load_;
  std::atomic<bool> over_{false};
  std::atomic<std::size_t> decided_{0};
  bool passed_ = false;
};

}  // namespace join
