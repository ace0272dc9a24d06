// SPDX-License-Identifier: Apache-2.0
// tally_join: four real validators under load, and a fifth node that is far behind them.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/time.hpp"
#include "base/view.hpp"
#include "join/history.hpp"
#include "node/home.hpp"
#include "node/prepare.hpp"
#include "rpc/json.hpp"
#include "testnet/embedded.hpp"
#include "testnet/network.hpp"
#include "wallet/draft.hpp"

namespace join {
namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;
using base::Result;

constexpr char const* usage =
    "usage: tally_join [--doctor] [--blocks N] [--bytes B] [--port-shift P]\n"
    "\n"
    "Four validator processes with a past of N blocks go on under load; a fifth joins them by a snapshot. One of the\n"
    "four hands out altered parts, and the fifth is killed (kill -9) while it fetches. It must go on with what it "
    "has,\n"
    "refuse the liar, follow, come to the same results, and be needed for decisions once it is voted in.\n"
    "\n"
    "  --doctor        instead: tally doctor --deep must find every byte that is altered in the folder of a stopped\n"
    "                  node, and what it puts aside must come again, from the block log or from the other nodes\n"
    "  --blocks N      3000; a node's own limit for snapshots is 10,000 blocks, here a fifth of N at most\n"
    "  --bytes B       of the state, about; 64000000\n"
    "  --port-shift P  1500\n"
    "\n"
    "Exit: 0 all that came true, 1 not, 2 usage.\n";

constexpr std::size_t liar = 1;
constexpr std::size_t fifth = testnet::nodes;
constexpr std::uint64_t start_ms = 120'000;
constexpr std::uint64_t snapshot_ms = 120'000;
constexpr std::uint64_t join_ms = 300'000;
constexpr std::uint64_t more_ms = 60'000;
/// Until the next epoch ends by itself; votes come before.
constexpr ledger::TimeMs spacing_ms = 10'000;

struct Options {
  bool doctor = false;
  std::uint64_t blocks = 3000;
  std::uint64_t bytes = 64'000'000;
  std::uint64_t port_shift = 1500;
};

std::optional<Options> read(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; i += 2) {
    std::string_view const word = argv[i];
    if (word == "--doctor") {
      out.doctor = true;
      --i;
      continue;
    }
    std::string_view const value = i + 1 < argc ? argv[i + 1] : "";
    auto* const into = word == "--blocks"       ? &out.blocks
                       : word == "--bytes"      ? &out.bytes
                       : word == "--port-shift" ? &out.port_shift
                                                : nullptr;
    if (into == nullptr || value.empty()) return std::nullopt;
    auto const* const end = value.data() + value.size();
    if (std::from_chars(value.data(), end, *into).ptr != end) return std::nullopt;
  }
  if (out.blocks < 100 || out.port_shift > 20'000) return std::nullopt;
  return out;
}

double steady_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
ledger::TimeMs wall_ms() {
  using namespace std::chrono;
  return static_cast<ledger::TimeMs>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}
bool until(std::uint64_t ms, std::function<bool()> const& so) {
  auto const end = steady_s() + static_cast<double>(ms) / 1000;
  while (!so() && steady_s() < end) usleep(5'000);
  return so();
}
Error failure(std::string where, std::string what) { return {Code::E_FORM, std::move(where), std::move(what)}; }

class Run {
 public:
  explicit Run(Options options) : options_(options) {
    network_options_.home = fs::temp_directory_path() / ("tally-join-" + std::to_string(getpid()));
    network_options_.ports.shift = static_cast<std::uint16_t>(options.port_shift);
    network_options_.time_ms = *base::from_rfc3339("2026-05-01T00:00:00Z");
  }
  ~Run() {
    over_ = true;
    if (load_.joinable()) load_.join();
    joiner_.reset();
    network_.reset();
    std::error_code ignored;
    fs::remove_all(network_options_.home, ignored);
  }
  Run(Run const&) = delete;
  Run& operator=(Run const&) = delete;

  Result<void> run() {
    TRY(prepare());
    TRY(write_pasts());
    if (options_.doctor) return visit();
    TRY(start_all());
    load_ = std::thread([this] { work(); });
    TRY(make_newcomer());
    TRY(interrupt_a_snapshot());
    TRY(vote_in());
    TRY(wait_for_snapshots());
    TRY(make_liar());
    TRY(join(newest_snapshot(0)));
    TRY(follow());
    return be_needed();
  }

 private:
  Result<void> start_all() {
    for (std::size_t node = 0; node < testnet::nodes; ++node) {
      if (!network_->running(node)) network_->start(node);
    }
    for (std::size_t node = 0; node < testnet::nodes; ++node) TRY(network_->wait_ready(node, start_ms));
    return {};
  }
  fs::path home(std::size_t node) const {
    return network_options_.home / (node == fifth ? std::string("FIFTH") : world_.validators[node]);
  }
  fs::path log(std::size_t node) const {
    return network_options_.home / ((node == fifth ? std::string("FIFTH") : world_.validators[node]) + ".log");
  }
  bool says(std::size_t node, std::string const& words) const {
    auto const text = wallet::read_text_file(log(node));
    return text && text->find(words) != std::string::npos;
  }
  Result<base::Value> ask(std::size_t node, std::string const& method, base::Value params = base::Value::object()) {
    auto const url = "http://127.0.0.1:" + std::to_string(network_options_.ports.member(node));
    TRY_ASSIGN(auto client, rpc::connect(url, 5'000));
    return client->call(method, std::move(params));
  }
  ledger::Height height(std::size_t node) {
    auto const answer = ask(node, "chain_status");
    return answer ? static_cast<ledger::Height>(base::from_decimal(answer->string_of("height")).value_or(0)) : 0;
  }

  /// The genesis gets short epochs, a clock that shows the time after the past, and admin keys for who will vote.
  Result<void> prepare() {
    TRY_ASSIGN(world_, testnet::read_world(*testnet::embedded("network.json")));
    fs::remove_all(network_options_.home);
    TRY(testnet::make_network(world_, network_options_));
    auto const path = network_options_.home / "genesis.json";
    TRY_ASSIGN(genesis_, testnet::read_genesis(path));
    genesis_.parameters.epoch_blocks = static_cast<std::uint32_t>(std::max<std::uint64_t>(50, options_.blocks / 10));
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

  Result<void> write_pasts() {
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

  void work() {
    testnet::Player player(network_->keyring(), network_->clock(), network_->member_urls());
    while (!over_) {
      auto const chain = player.chain();
      if (chain && player.advance(chain->time_ms + 1'000)) ++decided_;
    }
  }
  bool goes_on(std::size_t count) {
    auto const goal = decided_ + count;
    return until(more_ms, [&] { return decided_ >= goal; });
  }

  /// By the command that operators type.
  Result<void> make_newcomer() {
    auto const& ports = network_options_.ports;
    node::NewHome wanted;
    wanted.home = home(fifth);
    wanted.genesis = network_options_.home / "genesis.json";
    wanted.gln = world_.organisation(world_.validators.front()).member.gln;
    wanted.address = "127.0.0.1:" + std::to_string(ports.peers(fifth));
    for (std::size_t node = 0; node < testnet::nodes; ++node) {
      wanted.peers.push_back("127.0.0.1:" + std::to_string(ports.peers(node)));
    }
    std::fflush(stdout);
    if (node::init_home(wanted) != 0) return failure(wanted.home.string(), "was not made");
    TRY_ASSIGN(auto const toml, wallet::read_text_file(home(fifth) / "node.toml"));
    TRY_ASSIGN(auto config, node::read_config(toml, "node.toml"));
    config.public_listener.port = ports.everybody(fifth);
    config.member_listener.port = ports.member(fifth);
    config.admin_listener.port = ports.admin(fifth);
    config.snapshot_behind = std::min<std::uint64_t>(config.snapshot_behind, options_.blocks / 5);
    return wallet::write_text_file(home(fifth) / "node.toml", node::to_toml(config));
  }

  Result<ledger::Hash> act(std::size_t member, ledger::Operation operation) {
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
  /// Each vote ends an epoch.
  Result<void> change(ledger::NetworkChange change) {
    TRY_ASSIGN(auto const proposal, act(0, ledger::ProposeChange{std::move(change)}));
    for (std::size_t member = 0; member < 3; ++member) {
      TRY(act(member, ledger::VoteChange{ledger::contract_id(proposal, 0), true}));
    }
    return {};
  }
  Result<void> vote_in() {
    TRY_ASSIGN(auto const secret, node::read_validator_secret(home(fifth)));
    TRY_ASSIGN(auto const tls, node::read_tls_identities(home(fifth)));
    auto const party = admins_.front().party;
    return change(ledger::AddValidator{{party, crypto::validator_key(secret), tls.front().pin},
                                       "127.0.0.1:" + std::to_string(network_options_.ports.peers(fifth))});
  }

  ledger::Height newest_snapshot(std::size_t node) const {
    ledger::Height out = 0;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(home(node) / "data" / "snapshots", error)) {
      auto const name = entry.path().filename().string();
      if (!name.ends_with("-offer")) continue;
      out = std::max(out, static_cast<ledger::Height>(std::stoull(name)));
    }
    return out;
  }
  /// All four have it.
  Result<void> wait_for_snapshots() {
    auto const started = steady_s();
    auto const alike = [&] {
      auto const height = newest_snapshot(0);
      for (std::size_t node = 1; node < testnet::nodes; ++node) {
        if (newest_snapshot(node) != height) return false;
      }
      return height > options_.blocks;
    };
    // Votes in quick succession find some nodes still busy with the snapshot before.
    for (int round = 0; round < 3 && !until(snapshot_ms / 3, alike); ++round) {
      TRY(change(ledger::SetParameters{genesis_.parameters}));
    }
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

  /// Killed while it makes one, a node makes it after its restart: of the epoch's end, not of where it is by then.
  Result<void> interrupt_a_snapshot() {
    constexpr std::size_t killed = 3;
    auto const before = newest_snapshot(0);
    auto const begun = home(killed) / "data" / "snapshots.begun" / "begun";
    TRY_ASSIGN(auto const proposal, act(0, ledger::ProposeChange{ledger::SetParameters{genesis_.parameters}}));
    std::thread voting([&] { (void)act(0, ledger::VoteChange{ledger::contract_id(proposal, 0), false}); });
    bool const seen = until(more_ms, [&] { return fs::exists(begun); });
    if (seen) network_->stop(killed, true);
    voting.join();
    if (!seen || !fs::exists(begun)) return failure("snapshots", "no node could be killed while it made one");
    if (!goes_on(10)) return failure("network", "stands still without one of four");
    network_->start(killed);
    auto const made = [&] { return newest_snapshot(0) > before && newest_snapshot(killed) == newest_snapshot(0); };
    if (!until(snapshot_ms, made)) return failure("snapshots", "the one that was interrupted is not made again");
    if (!says(killed, "that a restart interrupted")) return failure("snapshots", "it was made another way");
    std::printf("interrupted a node killed while it made the next one made it after its restart\n");
    return network_->wait_ready(killed, start_ms);
  }

  /// One byte of each part that it hands out is another one.
  Result<void> make_liar() {
    std::size_t altered = 0;
    for (auto const& entry : fs::directory_iterator(home(liar) / "data" / "snapshots")) {
      auto const name = entry.path().filename().string();
      if (name.find("-part-") == std::string::npos) continue;
      TRY_ASSIGN(auto text, wallet::read_text_file(entry.path(), entry.file_size()));
      text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
      TRY(wallet::write_text_file(entry.path(), text));
      ++altered;
    }
    if (altered == 0) return failure("snapshots", "the liar has no parts");
    return {};
  }

  void start_fifth() {
    joiner_.emplace(std::vector<std::string>{(testnet::own_binary().parent_path() / "tally").string(), "start",
                                             "--home", home(fifth).string()},
                    log(fifth));
  }
  std::size_t parts_here() const {
    std::size_t out = 0;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(home(fifth) / "data" / "incoming", error)) {
      if (entry.path().filename().string().starts_with("part-")) ++out;
    }
    return out;
  }

  Result<void> join(ledger::Height snapshot) {
    auto const started = steady_s();
    start_fifth();
    if (!until(join_ms, [&] { return parts_here() >= 3; })) return failure("fifth", "it fetches nothing");
    joiner_->stop(true);
    auto const here = parts_here();
    if (fs::exists(home(fifth) / "data" / "incoming" / "complete")) {
      return failure("fifth", "it was too fast to be killed: take more --bytes");
    }
    start_fifth();
    if (!until(join_ms, [&] { return says(fifth, "goes on with the snapshot of height"); }))
      return failure("fifth", "it begins again");
    if (!until(join_ms, [&] { return says(fifth, "the state of the snapshot is taken over"); }))
      return failure("fifth", "it does not finish");
    auto const taken_s = steady_s() - started;
    if (!until(join_ms, [&] { return height(fifth) + 2 >= height(0) && height(fifth) > snapshot; }))
      return failure("fifth", "it does not follow");
    if (!says(fifth, "validator " + std::to_string(liar) + " sent a wrong part")) {
      return failure("fifth", "it did not notice the liar");
    }
    std::printf(
        "joined      %llu blocks behind, killed with %zu parts here, liar refused: state after %.1f s, "
        "follows after %.1f s\n",
        static_cast<unsigned long long>(snapshot), here, taken_s, steady_s() - started);
    return {};
  }

  /// The same results from here on, and nothing of what was before.
  Result<void> follow() {
    auto const at = height(fifth);
    if (!until(more_ms, [&] { return height(0) > at && height(fifth) > at; })) return failure("fifth", "stands still");
    auto params = base::Value::object();
    params.add("height", base::Value::of(std::to_string(at)));
    TRY_ASSIGN(auto const own, ask(fifth, "chain_header", params));
    TRY_ASSIGN(auto const theirs, ask(0, "chain_header", params));
    if (own.string_of("bytes") != theirs.string_of("bytes")) return failure("fifth", "it has another result");
    auto early = base::Value::object();
    early.add("height", base::Value::of(std::string("1")));
    if (ask(fifth, "chain_header", early)) return failure("fifth", "it has the first block");
    return {};
  }

  /// Who joined votes from the next epoch on; then four of five are needed, and its voice is one of them. And it serves
  /// the snapshot of that epoch's end.
  Result<void> be_needed() {
    TRY(change(ledger::SetParameters{genesis_.parameters}));
    if (!until(more_ms, [&] { return newest_snapshot(fifth) > 0; })) return failure("fifth", "it makes no snapshot");
    if (!goes_on(3)) return failure("network", "stands still");
    network_->stop(liar, true);
    if (!goes_on(5)) return failure("network", "stands still without one of five: the fifth does not vote");
    network_->stop(2, true);
    usleep(1'000'000);  // what is under way
    auto const before = height(0);
    usleep(3'000'000);
    if (height(0) > before + 1) return failure("network", "decides with three of five");
    std::printf("needed      with four of five it decides, with three it does not\n");
    return {};
  }

  // What tally doctor says of the folder of a stopped node.
  struct Said {
    int exit = 0;
    std::string text;
  };
  Said doctor(std::string const& options) const {
    auto const out = network_options_.home / "doctor.txt";
    auto const command = (testnet::own_binary().parent_path() / "tally").string() + " doctor " + options + " " +
                         home(patient).string() + " >" + out.string() + " 2>&1";
    int const status = std::system(command.c_str());
    auto const text = wallet::read_text_file(out);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128, text ? *text : ""};
  }

  /// Of what a node keeps; not what RocksDB tells of itself.
  std::vector<fs::path> kept_files() const {
    std::vector<fs::path> out;
    for (auto const& entry : fs::recursive_directory_iterator(home(patient) / "data")) {
      auto const name = entry.path().filename().string();
      bool const told = name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "LOCK" || name == "IDENTITY";
      if (entry.is_regular_file() && !told && entry.file_size() > 0) out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  static Result<void> flip(fs::path const& file, std::uint64_t offset) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    auto const byte = static_cast<char>(stream.get() ^ 0x10);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
    if (!stream.flush()) return failure(file.string(), "cannot be altered");
    return {};
  }

  Result<void> find_each_flip() {
    std::size_t found = 0;
    std::uint64_t random = 7;
    auto const files = kept_files();
    for (auto const& file : files) {
      auto const size = fs::file_size(file);
      for (int i = 0; i < 3; ++i) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        auto const offset = (random >> 20) % size;
        TRY(flip(file, offset));
        auto const said = doctor("--deep");
        TRY(flip(file, offset));
        auto const place = file.string() + " byte " + std::to_string(offset);
        if (said.exit != 1) return failure(place, "was altered, and the doctor says:\n" + said.text);
        if (said.text.find(file.filename().string()) == std::string::npos) {
          return failure(place, "is not named:\n" + said.text);
        }
        ++found;
      }
    }
    std::printf("flips       %zu bytes in %zu files, one after the other: each found and its file named\n", found,
                files.size());
    return {};
  }

  /// Damaged, put aside, and whole again beside the others.
  Result<void> mend(std::string const& what, fs::path const& file, std::string const& words) {
    TRY(flip(file, fs::file_size(file) / 2));
    if (doctor("--deep").exit != 1) return failure(file.string(), "was altered, and the doctor does not see it");
    auto const said = doctor("--deep --repair");
    if (said.exit != 0) return failure(what, said.text);
    TRY(start_all());
    if (!says(patient, words)) return failure(what, "the node does not say: " + words);
    if (!until(more_ms, [&] { return height(patient) + 2 >= height(0); })) return failure(what, "it does not follow");
    network_->stop(patient, false);
    auto const after = doctor("--deep");
    if (after.exit != 0) return failure(what, "is not whole again:\n" + after.text);
    std::printf("mended      %s\n", what.c_str());
    return {};
  }

  Result<void> visit() {
    TRY_ASSIGN(auto const toml, wallet::read_text_file(home(patient) / "node.toml"));
    TRY_ASSIGN(auto config, node::read_config(toml, "node.toml"));
    config.snapshot_behind = options_.blocks / 5;
    TRY(wallet::write_text_file(home(patient) / "node.toml", node::to_toml(config)));
    TRY(start_all());
    TRY(change(ledger::SetParameters{genesis_.parameters}));
    TRY(wait_for_snapshots());
    network_->stop(patient, false);
    auto const healthy = doctor("--deep");
    if (healthy.exit != 0) return failure("doctor", healthy.text);
    TRY(find_each_flip());
    auto const data = home(patient) / "data";
    fs::path store;
    fs::path log;
    for (auto const& file : kept_files()) {
      if (file.extension() == ".sst") store = file;
      if (log.empty() && file.parent_path() == data / "log" && file.filename() != "base") log = file;
    }
    TRY(mend("a state, from the block log", store, "replaying heights 1 to"));
    return mend("a block log, from peers by a snapshot", log, "the state of the snapshot is taken over");
  }

  static constexpr std::size_t patient = 3;
  Options options_;
  testnet::NetworkOptions network_options_;
  testnet::World world_;
  ledger::Genesis genesis_;
  std::vector<wallet::Identity> admins_;
  std::optional<testnet::Network> network_;
  std::optional<testnet::Process> joiner_;
  std::thread load_;
  std::atomic<bool> over_{false};
  std::atomic<std::size_t> decided_{0};
};

}  // namespace
}  // namespace join

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto const options = join::read(argc, argv);
  if (!options) {
    std::fputs(join::usage, stderr);
    return 2;
  }
  join::Run run(*options);
  auto const done = run.run();
  if (done) return 0;
  std::fprintf(stderr, "failed      %s\n", base::to_string(done.error()).c_str());
  return 1;
}
