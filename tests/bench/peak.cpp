// SPDX-License-Identifier: Apache-2.0
#include "bench/peak.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "bench/network.hpp"
#include "bench/usage.hpp"
#include "crypto/party.hpp"

namespace bench {

using base::Result;
using base::Value;

namespace {

using Steady = std::chrono::steady_clock;

/// As the JSON-RPC door bounds a batch.
constexpr std::size_t batch = 50;
/// One client each, at one node after the other.
constexpr char const* payers[] = {"SPREE", "HALDEN", "MAASHUB", "COCOON", "CHRONO", "LIVOLT", "MINHO", "FJORD"};
constexpr std::chrono::milliseconds pause_when_full{20};
constexpr std::chrono::milliseconds pause_between_looks{100};
constexpr double patience_s = 120;
constexpr std::uint64_t answer_ms_max = 30'000;

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

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

/// Requests of a batch each, as JSON-RPC takes them.
std::vector<std::string> requests(std::vector<ledger::Transaction> const& transactions) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    bool const first = i % batch == 0;
    if (first) out.emplace_back("[");
    out.back() += (first ? "" : ",") + std::string(R"({"jsonrpc":"2.0","id":)") + std::to_string(i) +
                  R"(,"method":"tx_submit","params":{"bytes":"0x)" + base::to_hex(base::encode(transactions[i])) +
                  "\"}}";
    if (i + 1 == transactions.size() || (i + 1) % batch == 0) out.back() += "]";
  }
  return out;
}

/// Sends each request until the node has taken all of it: the same bytes again change nothing.
void offer(std::string const& url, std::vector<std::string> const& bodies) {
  auto const client = rpc::connect(url, answer_ms_max);
  if (!client) return;
  for (auto const& body : bodies) {
    for (bool taken = false; !taken;) {
      auto const answer = (*client)->send("POST", "/", body);
      taken = answer && answer->body.find("\"error\"") == std::string::npos;
      if (!taken) std::this_thread::sleep_for(pause_when_full);
    }
  }
}

/// Cents on SERICA's account: one for each transfer that was decided.
Result<std::uint64_t> received(rpc::Client& client) {
  auto params = Value::object();
  params.add("party", Value::of("SERICA"));
  params.add("asset", Value::of("EUR.EUBANK"));
  TRY_ASSIGN(auto const account, client.call("account_get", std::move(params)));
  return static_cast<std::uint64_t>(base::from_decimal(account.string_of("available"), ~std::uint64_t{0}).value_or(0));
}

}  // namespace

Result<void> measure_peak(std::size_t transfers) {
  auto const home = std::filesystem::temp_directory_path() / ("tally-peak-" + std::to_string(getpid()));
  auto const bound = 2 * checks_a_second() / static_cast<double>(testnet::nodes);
  TRY_ASSIGN(auto const started, start_network(home, "simplex", {std::begin(payers), std::end(payers)}));
  TRY_ASSIGN(auto const client, rpc::connect(started.network->member_url(0)));
  TRY_ASSIGN(auto const chain, wallet::chain_info(*client));
  auto const each = transfers / std::size(payers);
  std::vector<std::vector<std::string>> shares;
  for (auto const* payer : payers) {
    std::vector<ledger::Transaction> share;
    for (std::size_t i = 0; i < each; ++i) share.push_back(transfer_of(started, chain, payer));
    shares.push_back(requests(share));
  }
  auto const used = [&] {
    double out = 0;
    for (std::size_t node = 0; node < testnet::nodes; ++node) out += usage_of(started.network->pid(node)).cpu_seconds;
    return out;
  };
  auto const used_before = used();
  auto const offered_before = usage_of(getpid()).cpu_seconds;
  auto const begin = Steady::now();
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    threads.emplace_back([&, i] { offer(started.network->member_url(i % testnet::nodes), shares[i]); });
  }
  std::uint64_t decided = 0;
  while (decided < each * shares.size() && seconds_since(begin) < patience_s) {
    std::this_thread::sleep_for(pause_between_looks);
    TRY_ASSIGN(decided, received(*client));
  }
  auto const rate = static_cast<double>(decided) / seconds_since(begin);
  auto const micros = [&](double cpu) { return 1e6 * cpu / static_cast<double>(std::max<std::uint64_t>(decided, 1)); };
  TRY_ASSIGN(auto const chain_now, client->call("node_status", Value::object()));
  std::printf(
      "peak: %.0f signed transfers/s final, %.0f %% of the %.0f/s that four checks each allow two cores; CPU a "
      "transfer: "
      "%.0f us a node, of which its check %.0f, %.0f us to offer it; height %s\n",
      rate, 100 * rate / bound, bound, micros(used() - used_before) / static_cast<double>(testnet::nodes),
      2e6 / (bound * static_cast<double>(testnet::nodes)), micros(usage_of(getpid()).cpu_seconds - offered_before),
      std::string(chain_now.string_of("height")).c_str());
  threads.clear();
  std::error_code ignored;
  std::filesystem::remove_all(home, ignored);
  return {};
}

}  // namespace bench
