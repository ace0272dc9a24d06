// SPDX-License-Identifier: Apache-2.0
#include "bench/consensus.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "bench/comet.hpp"
#include "bench/load.hpp"
#include "bench/network.hpp"
#include "bench/report.hpp"

namespace bench {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

namespace fs = std::filesystem;

constexpr unsigned rates[] = {20, 500, 2'000};
constexpr unsigned aim_rate = 500;
constexpr double aim_p50_ms = 20;
constexpr double warm_up_s = 3;
constexpr std::uint64_t patience_ms = 10'000;
/// CometBFT as it comes takes seconds, so its outcomes are waited for less often.
constexpr unsigned slow_waiting_per_second = 6;

struct Measured {
  std::string name;
  bool is_tuned_comet = false;
  std::vector<Latency> at;
};

/// Loads the target at each rate; `prepare` makes that many fresh transactions.
Measured measure(std::string name, Target const& target, std::function<void(std::size_t)> const& prepare,
                 unsigned measured_s) {
  Measured out;
  out.name = std::move(name);
  for (auto const rate : rates) {
    Load const load{rate, warm_up_s, static_cast<double>(measured_s)};
    prepare(load.transactions());
    out.at.push_back(run_load(target, load));
    auto const& seen = out.at.back();
    std::printf("%-34s %5u tx/s: p50 %7.1f ms, p99 %7.1f ms, %5zu measured, %5.0f tx/s taken, %zu failed\n",
                out.name.c_str(), rate, seen.p50_ms, seen.p99_ms, seen.measured, seen.reached_per_s, seen.failed);
    std::fflush(stdout);
  }
  return out;
}

/// Signed transfers of our ledger, over either engine.
Result<Measured> measure_ours(std::string const& name, fs::path const& home, std::string const& engine,
                              unsigned measured_s, bool slow) {
  TRY_ASSIGN(auto const started, start_network(home, engine, {"SPREE"}));
  TRY_ASSIGN(auto const client, rpc::connect(started.network->member_url(0)));
  TRY_ASSIGN(auto const chain, wallet::chain_info(*client));
  std::vector<ledger::Transaction> prepared;
  auto const prepare = [&](std::size_t count) {
    prepared.clear();
    for (std::size_t i = 0; i < count; ++i) prepared.push_back(transfer_of(started, chain, "SPREE"));
  };
  Target target;
  target.urls = started.network->member_urls();
  if (slow) target.waiting_per_second = slow_waiting_per_second;
  target.submit = [&](rpc::Client& client, std::size_t number) {
    return wallet::submit(client, prepared.at(number)).has_value();
  };
  target.commit = [&](rpc::Client& client, std::size_t number) {
    auto const id = wallet::submit(client, prepared.at(number));
    auto const outcome = id ? wallet::wait(client, *id, patience_ms) : Result<wallet::Outcome>(id.error());
    return outcome && outcome->state == "done";
  };
  return measure(name, target, prepare, measured_s);
}

/// CometBFT with our ledger; the settings go over the configuration that tally writes, just before it starts.
Result<Measured> measure_comet(std::string const& name, fs::path const& home, bool tuned, unsigned measured_s) {
  auto const script = home.string() + "-cometbft.sh";
  std::ofstream(script) << "#!/bin/sh\nsed -i '" << comet_settings(tuned) << "' config/config.toml\nexec "
                        << comet_program().string() << " \"$@\"\n";
  fs::permissions(script, fs::perms::owner_all);
  setenv("TALLY_COMETBFT", script.c_str(), 1);
  auto out = measure_ours(name, home, "cometbft", measured_s, !tuned);
  unsetenv("TALLY_COMETBFT");
  fs::remove(script);
  return out;
}

/// CometBFT's own kvstore, which executes nothing and checks no signature.
Result<Measured> measure_kvstore(std::string const& name, fs::path const& home, bool tuned, unsigned measured_s) {
  TRY_ASSIGN(auto const kvstore, Kvstore::start(home, tuned));
  std::vector<std::string> prepared;
  auto const prepare = [&](std::size_t count) {
    prepared.clear();
    for (std::size_t i = 0; i < count; ++i) prepared.push_back(Kvstore::transaction());
  };
  auto const call = [&](rpc::Client& client, char const* method, std::size_t number) {
    auto params = Value::object();
    params.add("tx", Value::of(prepared.at(number)));
    return client.call(method, std::move(params));
  };
  Target target;
  target.urls = kvstore.urls();
  if (!tuned) target.waiting_per_second = slow_waiting_per_second;
  target.submit = [&](rpc::Client& client, std::size_t number) {
    return call(client, "broadcast_tx_sync", number).has_value();
  };
  target.commit = [&](rpc::Client& client, std::size_t number) {
    auto const answer = call(client, "broadcast_tx_commit", number);
    return answer && answer->string_of("height") != "0";
  };
  return measure(name, target, prepare, measured_s);
}

Latency const& at_rate(Measured const& measured, unsigned rate) {
  return *std::ranges::find(measured.at, rate, &Latency::per_second);
}

/// p50 and p99 of each, and how many times ours that is.
void print_table(std::vector<Measured> const& all) {
  std::printf("\n%-34s", "commit latency, ms (times ours)");
  for (auto const rate : rates) std::printf(" | %6u tx/s p50        p99       ", rate);
  std::printf("\n");
  for (auto const& one : all) {
    std::printf("%-34s", one.name.c_str());
    for (auto const rate : rates) {
      auto const& seen = at_rate(one, rate);
      auto const& ours = at_rate(all.front(), rate);
      std::printf(" | %7.1f (%5.1f) %7.1f (%5.1f)", seen.p50_ms, seen.p50_ms / ours.p50_ms, seen.p99_ms,
                  seen.p99_ms / ours.p99_ms);
    }
    std::printf("\n");
  }
}

bool print_aim(std::vector<Measured> const& all) {
  auto const ours = at_rate(all.front(), aim_rate).p50_ms;
  double best = 0;
  for (auto const& one : all) {
    auto const p50 = at_rate(one, aim_rate).p50_ms;
    if (one.is_tuned_comet && (best == 0 || p50 < best)) best = p50;
  }
  bool const met = ours > 0 && ours <= aim_p50_ms && ours < best / 2;
  std::printf("aim: p50 <= %.0f ms at %u tx/s and below half of tuned CometBFT's: %.1f ms, %.2f of %.1f ms: %s\n",
              aim_p50_ms, aim_rate, ours, ours / best, best, met ? "met" : "NOT MET");
  return met;
}

Result<fs::path> write_json(std::vector<Measured> const& all, unsigned measured_s, bool met) {
  std::ostringstream out;
  out << "{\n  \"date\": \"" << today() << "\",\n  \"machine\": \"" << machine()
      << "\",\n  \"validators\": 4,\n  \"fsync\": true,\n  \"cometbft\": \"v0.38\",\n  \"measured_s\": " << measured_s
      << ",\n  \"aim_met\": " << (met ? "true" : "false") << ",\n  \"systems\": [";
  for (auto const& one : all) {
    out << (&one == &all.front() ? "" : ",") << "\n    {\"name\": \"" << one.name << "\", \"latency\": [";
    for (auto const& seen : one.at) {
      out << (&seen == &one.at.front() ? "" : ", ") << "{\"per_second\": " << seen.per_second
          << ", \"p50_ms\": " << seen.p50_ms << ", \"p99_ms\": " << seen.p99_ms << ", \"measured\": " << seen.measured
          << ", \"taken_per_s\": " << seen.reached_per_s << ", \"failed\": " << seen.failed << "}";
    }
    out << "]}";
  }
  out << "\n  ]\n}\n";
  auto const file = fs::path(TALLY_SOURCE_DIR) / "build/bench/consensus.json";
  fs::create_directories(file.parent_path());
  TRY(wallet::write_text_file(file, out.str()));
  return file;
}

}  // namespace

Result<void> compare_consensus(unsigned measured_s) {
  TRY(require_comet());
  auto const home = fs::temp_directory_path() / ("tally-bench-" + std::to_string(getpid()));
  std::printf("%s, %s; four validators, fsync on, CometBFT v0.38\n", machine().c_str(), today().c_str());
  std::vector<Measured> all;
  TRY_ASSIGN(auto ours, measure_ours("Tallystick", home / "ours", "simplex", measured_s, false));
  all.push_back(std::move(ours));
  for (bool const tuned : {true, false}) {
    std::string const how = tuned ? ", tuned" : ", plain";
    TRY_ASSIGN(auto ledger,
               measure_comet("CometBFT, our ledger" + how, home / ("ledger" + how.substr(2)), tuned, measured_s));
    TRY_ASSIGN(auto store,
               measure_kvstore("CometBFT, kvstore" + how, home / ("kvstore" + how.substr(2)), tuned, measured_s));
    ledger.is_tuned_comet = store.is_tuned_comet = tuned;
    all.push_back(std::move(ledger));
    all.push_back(std::move(store));
  }
  print_table(all);
  bool const met = print_aim(all);
  std::fflush(stdout);
  auto const regions = (testnet::own_binary().parent_path() / "tally_sim").string() + " --regions";
  if (std::system(regions.c_str()) != 0) return Error{Code::E_FORM, regions, "failed"};
  TRY_ASSIGN(auto const file, write_json(all, measured_s, met));
  std::printf("written to %s\n", file.c_str());
  std::error_code ignored;
  fs::remove_all(home, ignored);
  return {};
}

}  // namespace bench
