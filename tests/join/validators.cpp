// SPDX-License-Identifier: Apache-2.0
#include "join/validators.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/time.hpp"
#include "base/view.hpp"
#include "ledger/governance.hpp"
#include "node/home.hpp"
#include "rpc/json.hpp"
#include "testnet/embedded.hpp"
#include "wallet/draft.hpp"

namespace join {

namespace {

ledger::TimeMs wall_ms() {
  using namespace std::chrono;
  return static_cast<ledger::TimeMs>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

}  // namespace

double steady_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
bool until(std::uint64_t ms, std::function<bool()> const& so) {
  auto const end = steady_s() + static_cast<double>(ms) / 1000;
  while (!so()) {
    if (steady_s() >= end) return false;
    usleep(5'000);
  }
  return true;
}
Error failure(std::string where, std::string what) { return {Code::E_FORM, std::move(where), std::move(what)}; }

Validators::Validators(Options options) : options_(options) {
  network_options_.home = fs::temp_directory_path() / ("tally-join-" + std::to_string(getpid()));
  network_options_.ports.shift = static_cast<std::uint16_t>(options.port_shift);
  network_options_.time_ms = *base::from_rfc3339("2026-05-01T00:00:00Z");
}

Validators::~Validators() {
  over_ = true;
  if (load_.joinable()) load_.join();
  network_.reset();
  // What failed is looked at there.
  std::error_code ignored;
  if (passed_) {
    fs::remove_all(network_options_.home, ignored);
  } else {
    std::fprintf(stderr, "logs        %s\n", network_options_.home.c_str());
  }
}

Result<void> Validators::make() {
  TRY(prepare());
  return write_pasts();
}

void Validators::begin_load() {
  load_ = std::thread([this] { work(); });
}

Result<void> Validators::start_all() {
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    if (!network_->running(node)) network_->start(node);
  }
  for (std::size_t node = 0; node < testnet::nodes; ++node) TRY(network_->wait_ready(node, start_ms));
  return {};
}

fs::path Validators::home(std::size_t node) const {
  return network_options_.home / (node == fifth ? std::string("FIFTH") : world_.validators[node]);
}

fs::path Validators::log(std::size_t node) const {
  return network_options_.home / ((node == fifth ? std::string("FIFTH") : world_.validators[node]) + ".log");
}

bool Validators::says(std::size_t node, std::string const& words) const {
  auto const text = wallet::read_text_file(log(node));
  return text && text->find(words) != std::string::npos;
}

Result<base::Value> Validators::ask(std::size_t node, std::string const& method, base::Value params) {
  auto const url = "http://127.0.0.1:" + std::to_string(network_options_.ports.member(node));
  TRY_ASSIGN(auto client, rpc::connect(url, 5'000));
  return client->call(method, std::move(params));
}

ledger::Height Validators::height(std::size_t node) {
  auto const answer = ask(node, "chain_status");
  return answer ? static_cast<ledger::Height>(base::from_decimal(answer->string_of("height")).value_or(0)) : 0;
}

Result<void> Validators::prepare() {
  TRY_ASSIGN(world_, testnet::read_world(*testnet::embedded("network.json")));
  fs::remove_all(network_options_.home);
  TRY(testnet::make_network(world_, network_options_));
  auto const path = network_options_.home / "genesis.json";
  TRY_ASSIGN(genesis_, testnet::read_genesis(path));
  genesis_.parameters.epoch_blocks =
      static_cast<std::uint32_t>(std::max<std::uint64_t>(epoch_blocks_min, options_.blocks / 10));
  auto& clock = std::get<ledger::TestClock>(genesis_.clock);
  clock.wall_ms = wall_ms() - options_.blocks * spacing_ms - base::minute_ms;
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    auto const secret = wallet::new_secret();
    wallet::Identity const admin{world_.organisation(world_.validators[node]).party(), *crypto::party_key(secret),
                                 secret};
    ledger::KeyAdd added;
    added.party = admin.party;
    added.key = admin.key;
    added.kind = ledger::KeyKind::admin;
    genesis_.operations.emplace_back(added);
    admins_.push_back(admin);
  }
  auto const text = rpc::to_pretty_text(base::view(genesis_)) + "\n";
  for (std::size_t node = 0; node < testnet::nodes; ++node)
    TRY(wallet::write_text_file(home(node) / "genesis.json", text));
  TRY(wallet::write_text_file(path, text));
  TRY_ASSIGN(auto network, testnet::Network::open(world_, network_options_));
  network_.emplace(std::move(network));
  return {};
}

Result<void> Validators::write_pasts() {
  auto const started = steady_s();
  Past past;
  past.genesis = genesis_;
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    TRY_ASSIGN(auto const secret, node::read_validator_secret(home(node)));
    past.validators.push_back(secret);
  }
  past.author = network_->keyring().at(world_.validators.front());
  past.blocks = options_.blocks;
  past.spacing_ms = spacing_ms;
  past.event_bytes = std::max<std::size_t>(300, options_.bytes / options_.blocks);
  TRY(write_past(past, home(0) / "data"));
  for (std::size_t node = 1; node < testnet::nodes; ++node) {
    fs::copy(home(0) / "data", home(node) / "data", fs::copy_options::recursive);
  }
  std::printf("past        %llu blocks, epochs of %u, %.1f s\n", static_cast<unsigned long long>(options_.blocks),
              genesis_.parameters.epoch_blocks, steady_s() - started);
  return {};
}

bool Validators::decide_one() {
  testnet::Player player(network_->keyring(), network_->clock(), network_->member_urls());
  auto const chain = player.chain();
  return chain && player.advance(chain->time_ms + 1'000);
}

void Validators::work() {
  testnet::Player player(network_->keyring(), network_->clock(), network_->member_urls());
  while (!over_) {
    auto const chain = player.chain();
    if (chain && player.advance(chain->time_ms + 1'000)) ++decided_;
  }
}

bool Validators::goes_on(std::size_t count) {
  auto const goal = decided_ + count;
  return until(more_ms, [&] { return decided_ >= goal; });
}

Result<ledger::Hash> Validators::act(std::size_t member, ledger::Operation operation) {
  TRY_ASSIGN(auto client, rpc::connect(network_->member_url(0), 30'000));
  TRY_ASSIGN(auto const chain, wallet::chain_info(*client));
  wallet::Draft draft;
  draft.actor = admins_[member].party;
  draft.operations = {std::move(operation)};
  TRY_ASSIGN(auto const id, wallet::submit(*client, wallet::sign(std::move(draft), chain, {admins_[member]})));
  TRY_ASSIGN(auto const outcome, wallet::wait(*client, id, 30'000));
  if (outcome.state != "done") return failure("governance", outcome.state + " " + outcome.code);
  return id;
}

Result<void> Validators::change(ledger::NetworkChange change) {
  TRY_ASSIGN(auto const proposal, act(0, ledger::ProposeChange{std::move(change)}));
  for (std::size_t member = 0; member < 3; ++member) {
    TRY(act(member, ledger::VoteChange{ledger::contract_id(proposal, 0), true}));
  }
  return {};
}

ledger::Height Validators::newest_snapshot(std::size_t node) const {
  ledger::Height out = 0;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(home(node) / "data" / "snapshots", error)) {
    auto const name = entry.path().filename().string();
    if (!name.ends_with("-offer")) continue;
    out = std::max(out, static_cast<ledger::Height>(std::stoull(name)));
  }
  return out;
}

Result<void> Validators::end_epoch() {
  // They stay open, and no member may have many.
  auto const member = next_member_++ % testnet::nodes;
  TRY_ASSIGN(auto const proposal, act(member, ledger::ProposeChange{ledger::SetParameters{genesis_.parameters}}));
  TRY(act(member, ledger::VoteChange{ledger::contract_id(proposal, 0), false}));
  return {};
}

Result<void> Validators::wait_for_snapshots(ledger::Height above) {
  auto const started = steady_s();
  auto const alike = [&] {
    auto const height = newest_snapshot(0);
    for (std::size_t node = 1; node < testnet::nodes; ++node) {
      if (newest_snapshot(node) != height) return false;
    }
    return height > above;
  };
  // Votes in quick succession find some nodes still busy with the snapshot before.
  for (int round = 0; round < 3 && !until(snapshot_ms / 3, alike); ++round) TRY(end_epoch());
  if (!until(snapshot_ms, alike)) return failure("snapshots", "the four do not have the same one");
  auto const height = newest_snapshot(0);
  std::uint64_t bytes = 0;
  for (auto const& entry : fs::directory_iterator(home(0) / "data" / "snapshots")) {
    if (entry.path().filename().string().starts_with(std::to_string(height))) bytes += entry.file_size();
  }
  std::printf("snapshot    of height %llu, %.1f MB, all four have it after %.1f s\n",
              static_cast<unsigned long long>(height), static_cast<double>(bytes) / 1e6, steady_s() - started);
  return {};
}
}  // namespace join
