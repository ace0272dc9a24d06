// SPDX-License-Identifier: Apache-2.0
#include "bench/load.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace bench {

namespace {

using Steady = std::chrono::steady_clock;

/// Clients that wait for their outcome, and those that only send. A listener answers eight calls at a time, so waiting
/// is for few: above their rate the others carry the load.
constexpr unsigned waiting_clients = 24;
constexpr unsigned sending_clients = 8;
constexpr std::uint64_t patience_ms = 15'000;

Steady::duration seconds(double count) {
  return std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(count));
}

struct Counts {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> taken{0}, failed{0};
};

struct Client {
  std::string url;
  Steady::time_point first;
  Steady::duration pause;
  Steady::time_point measured_from;
  Steady::time_point end;
  std::vector<double> latencies_ms;

  void run(std::function<bool(rpc::Client&, std::size_t)> const& act, Counts& counts) {
    auto const client = rpc::connect(url, patience_ms);
    if (!client) return;
    for (auto due = first; due < end; due += pause) {
      std::this_thread::sleep_until(due);
      bool const good = act(**client, counts.next++);
      if (due < measured_from) continue;
      ++(good ? counts.taken : counts.failed);
      // From when it was due: a client that is late because the node was slow says so.
      if (good) latencies_ms.push_back(std::chrono::duration<double, std::milli>(Steady::now() - due).count());
    }
  }
};

}  // namespace

std::size_t Load::transactions() const {
  return static_cast<std::size_t>(per_second * (warm_up_s + measured_s)) + waiting_clients + sending_clients;
}

Latency run_load(Target const& target, Load const& load) {
  auto const waiting_rate = std::min(load.per_second, target.waiting_per_second);
  auto const sending_rate = load.per_second - waiting_rate;
  auto const begin = Steady::now() + seconds(0.2);
  auto const measured_from = begin + seconds(load.warm_up_s);
  auto const end = measured_from + seconds(load.measured_s);
  std::vector<Client> clients;
  auto const add = [&](unsigned count, unsigned rate) {
    auto const pause = seconds(static_cast<double>(count) / rate);
    for (unsigned i = 0; i < count; ++i)
      clients.push_back(
          {target.urls[i % target.urls.size()], begin + pause * i / count, pause, measured_from, end, {}});
  };
  add(waiting_clients, waiting_rate);
  if (sending_rate > 0) add(sending_clients, sending_rate);
  Counts counts;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < clients.size(); ++i) {
    threads.emplace_back([&, i] { clients[i].run(i < waiting_clients ? target.commit : target.submit, counts); });
  }
  for (auto& thread : threads) thread.join();
  std::vector<double> latencies;
  for (std::size_t i = 0; i < waiting_clients; ++i)
    latencies.insert(latencies.end(), clients[i].latencies_ms.begin(), clients[i].latencies_ms.end());
  std::ranges::sort(latencies);
  Latency out;
  out.per_second = load.per_second;
  out.p50_ms = quantile(latencies, 0.5);
  out.p99_ms = quantile(latencies, 0.99);
  out.measured = latencies.size();
  // Clients that were late took longer than they should have.
  auto const took = std::max(load.measured_s, std::chrono::duration<double>(Steady::now() - measured_from).count());
  out.reached_per_s = static_cast<double>(counts.taken) / took;
  out.failed = counts.failed;
  return out;
}

double quantile(std::vector<double> const& sorted, double q) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

}  // namespace bench
