// SPDX-License-Identifier: Apache-2.0
#include "bench/peak.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
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
constexpr std::chrono::milliseconds pause_when_full{20};
constexpr double share_aim = 70;
/// As the JSON-RPC door bounds a batch.
constexpr std::size_t batch = 50;
constexpr std::chrono::milliseconds pause_between_looks{100};
constexpr double patience_s = 120;
constexpr std::uint64_t answer_ms_max = 30'000;

/// Checks of a transaction's signature that one core makes in a second.
double checks_a_second() {
  crypto::PartySecret const secret{crypto::sha256(base::bytes_of("bench")).bytes};
  auto const key = crypto::party_key(secret).value();
  auto const message = crypto::sha256(base::bytes_of("message"));
  auto const signature = crypto::party_sign(secret, message, message);
  std::size_t done = 0;
  auto const begin = Steady::now();
  while (seconds_since(begin) < 1) done += crypto::party_verify(key, message, signature) ? 1 : 0;
  return static_cast<double>(done) / seconds_since(begin);
}

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
  auto checks = checks_a_second();
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
    TRY_ASSIGN(rate,
               rush(started.network->member_urls(), shares, "\"error\"", count, [&] { return received(*client); }));
    auto const micros = [&](double cpu) { return 1e6 * cpu / static_cast<double>(count); };
    auto const used_by_nodes = used() - used_before;
    auto const used_here = usage_of(getpid()).cpu_seconds - offered_before;
    TRY_ASSIGN(auto const chain_now, client->call("node_status", Value::object()));
    // Before and after: a machine that others use too is not as fast at all times.
    checks = (checks + checks_a_second()) / 2;
    auto const bound = 2 * checks / static_cast<double>(testnet::nodes);
    report.add("signed transfers, four nodes", rate, "/s");
    report.add("share of what four checks each allow two cores", 100 * rate / bound, "%", at_least(share_aim));
    report.add("that bound", bound, "/s");
    report.add("CPU of a transfer, each node", micros(used_by_nodes) / static_cast<double>(testnet::nodes), "us");
    report.add("of which its check", 2e6 / (bound * static_cast<double>(testnet::nodes)), "us");
    report.add("CPU to offer it", micros(used_here), "us");
    report.add("blocks",
               static_cast<double>(base::from_decimal(chain_now.string_of("height"), ~std::uint64_t{0}).value_or(0)),
               "");
  }
  std::filesystem::remove_all(home, ignored);
  if (!vs_comet) return rate;
  TRY_ASSIGN(auto const theirs, kvstore_peak(home, transfers));
  std::filesystem::remove_all(home, ignored);
  report.add("CometBFT's kvstore, unsigned, tuned", theirs, "/s");
  report.add("ours against it", rate / theirs, "times", at_least(1));
  return rate;
}

}  // namespace bench
