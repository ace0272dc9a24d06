// SPDX-License-Identifier: Apache-2.0
#include "bench/peak.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <thread>

#include "bench/comet.hpp"
#include "bench/network.hpp"
#include "bench/usage.hpp"
#include "crypto/party.hpp"

namespace bench {

using base::Result;
using base::Value;

namespace {

using Steady = std::chrono::steady_clock;

/// One client each, at one node after the other.
constexpr char const* payers[] = {"SPREE", "HALDEN", "MAASHUB", "COCOON", "CHRONO", "LIVOLT", "MINHO", "FJORD"};
constexpr std::size_t cores = 2;
constexpr std::size_t checks_a_look = 10;
constexpr std::chrono::milliseconds pause_when_full{20};
constexpr double share_aim = 70;
/// As the JSON-RPC door bounds a batch.
constexpr std::size_t batch = 50;
constexpr std::chrono::milliseconds pause_between_looks{100};
constexpr double patience_s = 120;
constexpr std::uint64_t answer_ms_max = 30'000;

/// What a check of a transaction's signature takes of a core, looked at now and then while the nodes are at work: a
/// machine that others use too is not as fast at all times.
class CheckCost {
 public:
  void look() {
    check();
    auto const begin = cpu_s();
    for (std::size_t i = 0; i < checks_a_look; ++i) check();
    spent_s_ += cpu_s() - begin;
    checks_ += checks_a_look;
  }
  double seconds() const { return spent_s_ / static_cast<double>(checks_); }

 private:
  static double cpu_s() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
  }
  void check() const { CHECK(crypto::party_verify(key_, message_, signature_)); }

  crypto::PartySecret secret_{crypto::sha256(base::bytes_of("bench")).bytes};
  base::PartyKey key_ = crypto::party_key(secret_).value();
  crypto::Hash message_ = crypto::sha256(base::bytes_of("message"));
  base::PartySignature signature_ = crypto::party_sign(secret_, message_, message_);
  double spent_s_ = 0;
  std::size_t checks_ = 0;
};

/// Sends each request until the node has room for all of it: the same bytes again change nothing.
void offer(std::string const& url, std::vector<std::string> const& bodies, char const* no_room) {
  auto const client = rpc::connect(url, answer_ms_max);
  if (!client) return;
  for (auto const& body : bodies) {
    for (bool taken = false; !taken;) {
      auto const answer = (*client)->send("POST", "/", body);
      taken = answer && answer->body.find(no_room) == std::string::npos;
      if (!taken) std::this_thread::sleep_for(pause_when_full);
    }
  }
}

/// Offers all shares at once, one client each, until `decided` says that all are final: how many a second.
Result<double> rush(std::vector<std::string> const& urls, std::vector<std::vector<std::string>> const& shares,
                    char const* no_room, std::size_t count, std::function<Result<std::uint64_t>()> const& decided) {
  auto const begin = Steady::now();
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    threads.emplace_back([&, i] { offer(urls[i % urls.size()], shares[i], no_room); });
  }
  std::uint64_t seen = 0;
  while (seen < count && seconds_since(begin) < patience_s) {
    std::this_thread::sleep_for(pause_between_looks);
    TRY_ASSIGN(seen, decided());
  }
  return static_cast<double>(seen) / seconds_since(begin);
}

/// CometBFT's kvstore, tuned, under the same rush of unsigned transactions.
Result<double> kvstore_peak(std::filesystem::path const& home, std::size_t count) {
  TRY_ASSIGN(auto const kvstore, Kvstore::start(home, true));
  std::vector<std::vector<std::string>> shares;
  for (std::size_t share = 0; share < std::size(payers); ++share) {
    std::vector<std::string> calls;
    for (std::size_t i = 0; i < count / std::size(payers); ++i) {
      calls.push_back(R"("broadcast_tx_sync","params":{"tx":")" + Kvstore::transaction() + "\"}");
    }
    shares.push_back(batches(calls));
  }
  TRY_ASSIGN(auto const client, rpc::connect(kvstore.urls().front(), answer_ms_max));
  return rush(kvstore.urls(), shares, "mempool is full", count, [&]() -> Result<std::uint64_t> {
    TRY_ASSIGN(auto const info, client->call("abci_info", Value::object()));
    auto const* response = info.find("response");
    auto const data = response == nullptr ? std::string() : std::string(response->string_of("data"));
    auto const at = data.find(':');
    return at == data.npos ? 0 : std::strtoull(data.c_str() + at + 1, nullptr, 10);
  });
}

}  // namespace

std::vector<std::string> batches(std::vector<std::string> const& calls) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    bool const first = i % batch == 0;
    if (first) out.emplace_back("[");
    out.back() += (first ? "" : ",") + std::string(R"({"jsonrpc":"2.0","id":)") + std::to_string(i) + R"(,"method":)" +
                  calls[i] + "}";
    if (i + 1 == calls.size() || (i + 1) % batch == 0) out.back() += "]";
  }
  return out;
}

std::string submission(ledger::Transaction const& transaction) {
  return R"("tx_submit","params":{"bytes":"0x)" + base::to_hex(base::encode(transaction)) + "\"}";
}

Result<std::uint64_t> received(rpc::Client& client) {
  auto params = Value::object();
  params.add("party", Value::of("SERICA"));
  params.add("asset", Value::of("EUR.EUBANK"));
  TRY_ASSIGN(auto const account, client.call("account_get", std::move(params)));
  return static_cast<std::uint64_t>(base::from_decimal(account.string_of("available"), ~std::uint64_t{0}).value_or(0));
}

Result<double> measure_peak(Report& report, std::size_t transfers, bool vs_comet) {
  auto const home = std::filesystem::temp_directory_path() / ("tally-peak-" + std::to_string(getpid()));
  std::error_code ignored;
  CheckCost check;
  double rate = 0;
  {
    TRY_ASSIGN(auto const started, start_network(home, "simplex", {std::begin(payers), std::end(payers)}));
    TRY_ASSIGN(auto const client, rpc::connect(started.network->member_url(0)));
    TRY_ASSIGN(auto const chain, wallet::chain_info(*client));
    auto const each = transfers / std::size(payers);
    std::vector<std::vector<std::string>> shares;
    for (auto const* payer : payers) {
      std::vector<std::string> calls;
      for (std::size_t i = 0; i < each; ++i) calls.push_back(submission(transfer_of(started, chain, payer)));
      shares.push_back(batches(calls));
    }
    auto const used = [&] {
      double out = 0;
      for (std::size_t node = 0; node < testnet::nodes; ++node) out += usage_of(started.network->pid(node)).cpu_seconds;
      return out;
    };
    auto const count = each * shares.size();
    auto const used_before = used();
    auto const offered_before = usage_of(getpid()).cpu_seconds;
    TRY_ASSIGN(rate, rush(started.network->member_urls(), shares, "\"error\"", count, [&] {
                 check.look();
                 return received(*client);
               }));
    auto const micros = [&](double cpu) { return 1e6 * cpu / static_cast<double>(count); };
    TRY_ASSIGN(auto const chain_now, client->call("node_status", Value::object()));
    report.add("signed transfers, four nodes", rate, "/s");
    report.add("CPU of a transfer, each node", micros(used() - used_before) / static_cast<double>(testnet::nodes),
               "us");
    report.add("CPU to offer it", micros(usage_of(getpid()).cpu_seconds - offered_before), "us");
    report.add("blocks",
               static_cast<double>(base::from_decimal(chain_now.string_of("height"), ~std::uint64_t{0}).value_or(0)),
               "");
  }
  auto const bound = cores / check.seconds() / static_cast<double>(testnet::nodes);
  report.add("share of what four checks each allow two cores", 100 * rate / bound, "%", at_least(share_aim));
  report.add("that bound", bound, "/s");
  report.add("CPU of a check", 1e6 * check.seconds(), "us");
  std::filesystem::remove_all(home, ignored);
  if (!vs_comet) return rate;
  TRY_ASSIGN(auto const theirs, kvstore_peak(home, transfers));
  std::filesystem::remove_all(home, ignored);
  report.add("CometBFT's kvstore, unsigned, tuned", theirs, "/s");
  report.add("ours against it", rate / theirs, "times", at_least(1));
  return rate;
}

}  // namespace bench
