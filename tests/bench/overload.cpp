// SPDX-License-Identifier: Apache-2.0
#include "bench/overload.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "bench/load.hpp"
#include "bench/network.hpp"
#include "bench/peak.hpp"
#include "bench/usage.hpp"

namespace bench {

using base::Result;
using Steady = std::chrono::steady_clock;

namespace {

constexpr char const* small = "SPREE";
constexpr char const* crowd[] = {"HALDEN", "MAASHUB", "COCOON", "CHRONO", "LIVOLT", "MINHO", "FJORD"};
/// Of each of the crowd, one at each node but the first, which is the small one's own: a listener is for one
/// organisation's systems.
constexpr std::size_t clients_each = testnet::nodes - 1;
constexpr double times_peak = 3;
constexpr unsigned looks_per_s = 20;
constexpr double quiet_s = 20;
constexpr double look_s = 5;
constexpr double recovered_times = 1.5;
constexpr double recovery_aim_s = 30;
constexpr double patience_s = 180;
constexpr double near_peak = 0.9;
constexpr double near_peak_p99_aim_ms = 1'000;
constexpr double warm_up_s = 5;
constexpr std::uint64_t patience_ms = 60'000;

/// Batches due at steady times, whatever the node says to them.
class Crowd {
 public:
  Crowd(Started const& started, wallet::ChainInfo const& chain, double per_s, double lasts_s) : lasts_s_(lasts_s) {
    for (auto const* payer : crowd) {
      for (std::size_t node = 1; node <= clients_each; ++node) {
        auto const count =
            static_cast<std::size_t>(per_s * lasts_s / static_cast<double>(std::size(crowd) * clients_each));
        std::vector<std::string> calls;
        for (std::size_t i = 0; i < count; ++i) calls.push_back(submission(transfer_of(started, chain, payer)));
        clients_.push_back({started.network->member_url(node), batches(calls)});
      }
    }
  }
  void start() {
    auto const begin = Steady::now();
    for (auto const& client : clients_) {
      threads_.emplace_back([this, &client, begin] { offer(client, begin); });
    }
  }
  void wait() { threads_.clear(); }
  std::size_t accepted() const { return accepted_; }
  std::size_t offered() const { return offered_; }

 private:
  struct Client {
    std::string url;
    std::vector<std::string> bodies;
  };
  static std::size_t count(std::string const& text, std::string_view what) {
    std::size_t out = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++out;
    return out;
  }
  void offer(Client const& client, Steady::time_point begin) {
    auto const connection = rpc::connect(client.url, patience_ms);
    if (!connection) return;
    for (std::size_t i = 0; i < client.bodies.size() && seconds_since(begin) < lasts_s_; ++i) {
      auto const due = lasts_s_ * static_cast<double>(i) / static_cast<double>(client.bodies.size());
      std::this_thread::sleep_until(begin +
                                    std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(due)));
      auto const answer = (*connection)->send("POST", "/", client.bodies[i]);
      offered_ += count(client.bodies[i], "\"method\"");
      if (answer) accepted_ += count(answer->body, "\"result\"");
    }
  }

  double lasts_s_;
  std::vector<Client> clients_;
  std::atomic<std::size_t> accepted_{0}, offered_{0};
  std::vector<std::jthread> threads_;
};

/// A network, and payments that are waited for one by one.
struct Scene {
  static Result<std::unique_ptr<Scene>> start(std::string const& name) {
    auto out = std::make_unique<Scene>();
    out->home = std::filesystem::temp_directory_path() / ("tally-" + name + "-" + std::to_string(getpid()));
    std::vector<std::string> payers(std::begin(crowd), std::end(crowd));
    payers.emplace_back(small);
    TRY_ASSIGN(out->started, start_network(out->home, "simplex", payers));
    TRY_ASSIGN(out->client, rpc::connect(out->started.network->member_url(0)));
    TRY_ASSIGN(out->chain, wallet::chain_info(*out->client));
    return out;
  }
  ~Scene() {
    started = {};
    std::error_code ignored;
    std::filesystem::remove_all(home, ignored);
  }

  Latency pay(char const* payer, std::size_t node, double before_s, double measured_s) {
    Load const load{looks_per_s, before_s, measured_s};
    std::vector<ledger::Transaction> prepared;
    for (std::size_t i = 0; i < load.transactions(); ++i) prepared.push_back(transfer_of(started, chain, payer));
    Target target;
    target.urls = {started.network->member_url(node)};
    target.commit = [&](rpc::Client& at, std::size_t number) {
      auto const id = wallet::submit(at, prepared.at(number));
      auto const outcome = id ? wallet::wait(at, *id, patience_ms) : Result<wallet::Outcome>(id.error());
      bool const done = outcome && outcome->state == "done";
      if (done) ++paid;
      return done;
    };
    return run_load(target, load);
  }

  /// How many of what was accepted are not decided when patience ends.
  Result<double> lost(std::size_t accepted) {
    auto const expected = accepted + paid;
    std::uint64_t decided = 0;
    for (auto const begin = Steady::now(); decided < expected && seconds_since(begin) < patience_s;) {
      TRY_ASSIGN(decided, received(*client));
      if (decided < expected) std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    return static_cast<double>(expected) - static_cast<double>(decided);
  }

  std::filesystem::path home;
  Started started;
  std::unique_ptr<rpc::Client> client;
  wallet::ChainInfo chain;
  std::atomic<std::size_t> paid{0};
};

}  // namespace

Result<void> measure_overload(Report& report, double peak_per_s, double lasts_s) {
  TRY_ASSIGN(auto const scene, Scene::start("overload"));
  // The small member has the first node for itself.
  auto const small_one = [&](double before_s, double measured_s) { return scene->pay(small, 0, before_s, measured_s); };
  auto const quiet = small_one(2, quiet_s);
  Crowd crowd_at_work(scene->started, scene->chain, times_peak * peak_per_s, lasts_s);
  crowd_at_work.start();
  auto const busy = small_one(2, lasts_s - 2);
  crowd_at_work.wait();
  auto const ended = Steady::now();
  double recovered_s = -1;
  while (recovered_s < 0 && seconds_since(ended) < patience_s) {
    auto const begun_s = seconds_since(ended);
    auto const now = small_one(0, look_s);
    if (now.failed == 0 && now.p50_ms <= recovered_times * quiet.p50_ms) recovered_s = begun_s;
  }
  TRY_ASSIGN(auto const lost, scene->lost(crowd_at_work.accepted()));
  report.add("overload: offered", static_cast<double>(crowd_at_work.offered()) / lasts_s, "/s");
  report.add("overload: accepted", static_cast<double>(crowd_at_work.accepted()) / lasts_s, "/s");
  report.add("overload: accepted and lost", lost, "", at_most(0));
  report.add("overload: a small member's p50 meanwhile", busy.p50_ms, "ms");
  report.add("overload: a small member's p99 when it is quiet", quiet.p99_ms, "ms");
  report.add("overload: a small member's p99 meanwhile", busy.p99_ms, "ms", at_most(3 * quiet.p99_ms));
  report.add("overload: a small member's payments that failed", static_cast<double>(busy.failed), "", at_most(0));
  report.add("overload: latency is as before after", recovered_s < 0 ? patience_s : recovered_s, "s",
             at_most(recovery_aim_s));
  return {};
}

Result<void> measure_near_peak(Report& report, double peak_per_s, double lasts_s) {
  TRY_ASSIGN(auto const scene, Scene::start("near-peak"));
  Crowd crowd_at_work(scene->started, scene->chain, near_peak * peak_per_s, lasts_s);
  crowd_at_work.start();
  // One of the crowd, through a node that serves it too.
  auto const one_of_them = scene->pay(crowd[0], 1, warm_up_s, lasts_s - warm_up_s);
  crowd_at_work.wait();
  TRY_ASSIGN(auto const lost, scene->lost(crowd_at_work.accepted()));
  report.add("near the peak: offered", static_cast<double>(crowd_at_work.offered()) / lasts_s, "/s");
  report.add("near the peak: accepted", static_cast<double>(crowd_at_work.accepted()) / lasts_s, "/s");
  report.add("near the peak: accepted and lost", lost, "", at_most(0));
  report.add("near the peak: p50", one_of_them.p50_ms, "ms");
  report.add("near the peak: p99", one_of_them.p99_ms, "ms", at_most(near_peak_p99_aim_ms));
  report.add("near the peak: payments that failed", static_cast<double>(one_of_them.failed), "", at_most(0));
  return {};
}

}  // namespace bench
