// SPDX-License-Identifier: Apache-2.0
#include "bench/consensus.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/time.hpp"
#include "bench/load.hpp"
#include "bench/network.hpp"
#include "node/abci/comet_rpc.hpp"
#include "rpc/json.hpp"

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
constexpr std::uint64_t start_ms = 60'000;
/// CometBFT as it comes takes seconds, so its outcomes are waited for less often.
constexpr unsigned slow_waiting_per_second = 6;
/// Of a built-in kvstore's transaction; ours are signed and somewhat larger.
constexpr std::size_t plain_transaction_bytes = 250;

struct Measured {
  std::string name;
  bool is_tuned_comet = false;
  std::vector<Latency> at;
};

fs::path comet_program() { return fs::path(TALLY_SOURCE_DIR) / "build/cometbft/bin/cometbft"; }

/// The last words of sed's scripts: defaults of v0.38 are written back, or what is commonly tuned.
constexpr char const* plain_settings =
    "s/^peer_gossip_sleep_duration = .*/peer_gossip_sleep_duration = \"100ms\"/;"
    "s/^flush_throttle_timeout = .*/flush_throttle_timeout = \"100ms\"/;"
    "s/^timeout_commit = .*/timeout_commit = \"1s\"/;s/^skip_timeout_commit = .*/skip_timeout_commit = false/;"
    "s/^create_empty_blocks_interval = .*/create_empty_blocks_interval = \"0s\"/";
constexpr char const* tuned_settings =
    "s/^peer_gossip_sleep_duration = .*/peer_gossip_sleep_duration = \"5ms\"/;"
    "s/^flush_throttle_timeout = .*/flush_throttle_timeout = \"10ms\"/;"
    "s/^timeout_commit = .*/timeout_commit = \"0s\"/";

Result<void> run(std::string const& command) {
  if (std::system(command.c_str()) == 0) return {};
  return Error{Code::E_FORM, command, "failed"};
}

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
  std::ofstream(script) << "#!/bin/sh\nsed -i '" << (tuned ? tuned_settings : plain_settings)
                        << "' config/config.toml\nexec " << comet_program().string() << " \"$@\"\n";
  fs::permissions(script, fs::perms::owner_all);
  setenv("TALLY_COMETBFT", script.c_str(), 1);
  auto out = measure_ours(name, home, "cometbft", measured_s, !tuned);
  unsetenv("TALLY_COMETBFT");
  fs::remove(script);
  return out;
}

/// CometBFT's own kvstore, which executes nothing and checks no signature.
class Kvstore {
 public:
  Kvstore(fs::path home, bool tuned) : home_(std::move(home)), tuned_(tuned) {}

  Result<Measured> measure(std::string const& name, unsigned measured_s) {
    TRY(start());
    std::vector<std::string> prepared;
    auto const prepare = [&](std::size_t count) {
      prepared.clear();
      for (std::size_t i = 0; i < count; ++i) {
        auto text = base::to_hex(wallet::random_bytes().view()) + "=";
        text.resize(plain_transaction_bytes, 'v');
        prepared.push_back(node::comet::to_base64(base::bytes_of(text)));
      }
    };
    auto const call = [&](rpc::Client& client, char const* method, std::size_t number) {
      auto params = Value::object();
      params.add("tx", Value::of(prepared.at(number)));
      return client.call(method, std::move(params));
    };
    Target target;
    for (std::size_t node = 0; node < testnet::nodes; ++node) target.urls.push_back(url(node));
    if (!tuned_) target.waiting_per_second = slow_waiting_per_second;
    target.submit = [&](rpc::Client& client, std::size_t number) {
      return call(client, "broadcast_tx_sync", number).has_value();
    };
    target.commit = [&](rpc::Client& client, std::size_t number) {
      auto const answer = call(client, "broadcast_tx_commit", number);
      return answer && answer->string_of("height") != "0";
    };
    return bench::measure(name, target, prepare, measured_s);
  }

 private:
  static std::string url(std::size_t node) { return "http://127.0.0.1:" + std::to_string(7'380 + node); }

  Result<void> start() {
    auto const program = comet_program().string();
    TRY(run(program + " testnet --v 4 --o " + home_.string() + " >/dev/null"));
    std::string peers;
    for (std::size_t node = 0; node < testnet::nodes; ++node) {
      auto const file = home_ / "id";
      TRY(run(program + " show-node-id --home " + folder(node) + " >" + file.string()));
      TRY_ASSIGN(auto id, wallet::read_text_file(file));
      while (!id.empty() && id.back() == '\n') id.pop_back();
      peers += (peers.empty() ? "" : ",") + id + "@127.0.0.1:" + std::to_string(7'280 + node);
    }
    for (std::size_t node = 0; node < testnet::nodes; ++node) {
      std::string const local =
          "s#^proxy_app = .*#proxy_app = \"kvstore\"#;s#^laddr = \"tcp://127.0.0.1:26657\"#laddr = "
          "\"tcp://127.0.0.1:" +
          std::to_string(7'380 + node) +
          "\"#;s#^laddr = \"tcp://0.0.0.0:26656\"#laddr = \"tcp://127.0.0.1:" + std::to_string(7'280 + node) +
          "\"#;s#^persistent_peers = .*#persistent_peers = \"" + peers +
          "\"#;s#^allow_duplicate_ip = .*#allow_duplicate_ip = true#;"
          "s#^addr_book_strict = .*#addr_book_strict = false#;s#^log_level = .*#log_level = "
          "\"error\"#;s#^size = 5000#size = 50000#;";
      TRY(run("sed -i '" + local + (tuned_ ? tuned_settings : "") + "' " + folder(node) + "/config/config.toml"));
      processes_.emplace_back(std::vector<std::string>{program, "start", "--home", folder(node)},
                              folder(node) + ".log");
    }
    for (std::size_t node = 0; node < testnet::nodes; ++node) TRY(wait_ready(node));
    return {};
  }

  Result<void> wait_ready(std::size_t node) {
    std::string last;
    constexpr std::uint64_t pause_ms = 100;
    for (std::uint64_t waited = 0; waited < start_ms; waited += pause_ms) {
      TRY_ASSIGN(auto const client, rpc::connect(url(node), patience_ms));
      auto const answer = client->call("status", Value::object());
      if (!answer) {
        last = base::to_string(answer.error());
      } else if (auto const* sync = answer->find("sync_info")) {
        last = rpc::to_text(*sync);
        auto const height = sync->string_of("latest_block_height");
        if (!height.empty() && height != "0" && height != "1") return {};
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    }
    return Error{Code::E_BUSY, url(node), "not ready: " + last};
  }

  std::string folder(std::size_t node) const { return (home_ / ("node" + std::to_string(node))).string(); }

  fs::path home_;
  bool tuned_;
  std::vector<testnet::Process> processes_;
};

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

std::string today() {
  using namespace std::chrono;
  auto const now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  return base::to_rfc3339(static_cast<base::TimeMs>(now));
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
  if (!fs::exists(comet_program()))
    return Error{Code::E_FORM, comet_program().string(), "is missing. Fix: tools/cometbft.sh build/cometbft"};
  auto const home = fs::temp_directory_path() / ("tally-bench-" + std::to_string(getpid()));
  std::printf("%s, %s; four validators, fsync on, CometBFT v0.38\n", machine().c_str(), today().c_str());
  std::vector<Measured> all;
  TRY_ASSIGN(auto ours, measure_ours("Tallystick", home / "ours", "simplex", measured_s, false));
  all.push_back(std::move(ours));
  for (bool const tuned : {true, false}) {
    std::string const how = tuned ? ", tuned" : ", plain";
    TRY_ASSIGN(auto ledger,
               measure_comet("CometBFT, our ledger" + how, home / ("ledger" + how.substr(2)), tuned, measured_s));
    Kvstore kvstore(home / ("kvstore" + how.substr(2)), tuned);
    TRY_ASSIGN(auto store, kvstore.measure("CometBFT, kvstore" + how, measured_s));
    ledger.is_tuned_comet = store.is_tuned_comet = tuned;
    all.push_back(std::move(ledger));
    all.push_back(std::move(store));
  }
  print_table(all);
  bool const met = print_aim(all);
  std::fflush(stdout);
  TRY(run((testnet::own_binary().parent_path() / "tally_sim").string() + " --regions"));
  TRY_ASSIGN(auto const file, write_json(all, measured_s, met));
  std::printf("written to %s\n", file.c_str());
  std::error_code ignored;
  fs::remove_all(home, ignored);
  return {};
}

}  // namespace bench
