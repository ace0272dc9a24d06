// SPDX-License-Identifier: Apache-2.0
#include "bench/comet.hpp"

#include <chrono>
#include <cstdlib>
#include <thread>

#include "node/abci/comet_rpc.hpp"
#include "rpc/client.hpp"
#include "rpc/json.hpp"
#include "testnet/network.hpp"

namespace bench {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t start_ms = 60'000;
constexpr std::uint64_t patience_ms = 10'000;
constexpr std::size_t transaction_bytes = 250;
constexpr unsigned rpc_port = 7'380;
constexpr unsigned peer_port = 7'280;

Result<void> run(std::string const& command) {
  if (std::system(command.c_str()) == 0) return {};
  return Error{Code::E_FORM, command, "failed"};
}

std::string url(std::size_t node) { return "http://127.0.0.1:" + std::to_string(rpc_port + node); }

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

}  // namespace

fs::path comet_program() { return fs::path(TALLY_SOURCE_DIR) / "build/cometbft/bin/cometbft"; }

Result<void> require_comet() {
  if (fs::exists(comet_program())) return {};
  return Error{Code::E_FORM, comet_program().string(), "is missing. Fix: tools/cometbft.sh build/cometbft"};
}

char const* comet_settings(bool tuned) {
  return tuned ? "s/^peer_gossip_sleep_duration = .*/peer_gossip_sleep_duration = \"5ms\"/;"
                 "s/^flush_throttle_timeout = .*/flush_throttle_timeout = \"10ms\"/;"
                 "s/^timeout_commit = .*/timeout_commit = \"0s\"/"
               : "s/^peer_gossip_sleep_duration = .*/peer_gossip_sleep_duration = \"100ms\"/;"
                 "s/^flush_throttle_timeout = .*/flush_throttle_timeout = \"100ms\"/;"
                 "s/^timeout_commit = .*/timeout_commit = \"1s\"/;"
                 "s/^skip_timeout_commit = .*/skip_timeout_commit = false/;"
                 "s/^create_empty_blocks_interval = .*/create_empty_blocks_interval = \"0s\"/";
}

Result<Kvstore> Kvstore::start(fs::path home, bool tuned) {
  Kvstore out(std::move(home));
  auto const program = comet_program().string();
  TRY(run(program + " testnet --v 4 --o " + out.home_.string() + " >/dev/null"));
  std::string peers;
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const file = out.home_ / "id";
    TRY(run(program + " show-node-id --home " + out.folder(node) + " >" + file.string()));
    TRY_ASSIGN(auto id, wallet::read_text_file(file));
    while (!id.empty() && id.back() == '\n') id.pop_back();
    peers += (peers.empty() ? "" : ",") + id + "@127.0.0.1:" + std::to_string(peer_port + node);
  }
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    std::string const local =
        "s#^proxy_app = .*#proxy_app = \"kvstore\"#;s#^laddr = \"tcp://127.0.0.1:26657\"#laddr = \"tcp://127.0.0.1:" +
        std::to_string(rpc_port + node) +
        "\"#;s#^laddr = \"tcp://0.0.0.0:26656\"#laddr = \"tcp://127.0.0.1:" + std::to_string(peer_port + node) +
        "\"#;s#^persistent_peers = .*#persistent_peers = \"" + peers +
        "\"#;s#^allow_duplicate_ip = .*#allow_duplicate_ip = true#;s#^addr_book_strict = .*#addr_book_strict = false#;"
        "s#^log_level = .*#log_level = \"error\"#;s#^size = 5000#size = 50000#;"
        "s#^max_request_batch_size = .*#max_request_batch_size = 0#;";
    TRY(run("sed -i '" + local + comet_settings(tuned) + "' " + out.folder(node) + "/config/config.toml"));
    out.processes_.emplace_back(std::vector<std::string>{program, "start", "--home", out.folder(node)},
                                out.folder(node) + ".log");
  }
  for (std::size_t node = 0; node < testnet::nodes; ++node) TRY(wait_ready(node));
  return out;
}

std::vector<std::string> Kvstore::urls() const {
  std::vector<std::string> out;
  for (std::size_t node = 0; node < testnet::nodes; ++node) out.push_back(url(node));
  return out;
}

std::string Kvstore::transaction() {
  auto text = base::to_hex(wallet::random_bytes().view()) + "=";
  text.resize(transaction_bytes, 'v');
  return node::comet::to_base64(base::bytes_of(text));
}

}  // namespace bench
