// SPDX-License-Identifier: Apache-2.0
#include "node/abci/engine.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <thread>

#include "base/time.hpp"
#include "ledger/comet.hpp"
#include "node/abci/comet_rpc.hpp"

namespace node::comet {

using base::Code;
using base::Error;
using base::Result;

namespace fs = std::filesystem;

namespace {

constexpr mode_t secret_mode = 0600;
constexpr mode_t open_mode = 0644;

/// Whole or not at all.
Result<void> write_file(fs::path const& file, std::string const& text, mode_t mode) {
  auto const fresh = file.string() + ".new";
  int const handle = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  bool const good = handle >= 0 && ::write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    ::fsync(handle) == 0;
  if (handle >= 0) ::close(handle);
  if (!good || ::rename(fresh.c_str(), file.c_str()) != 0)
    return Error{Code::E_DISK, file.string(), std::strerror(errno)};
  return {};
}

/// An Ed25519 key as Go keeps it: the seed, then the public key.
std::string private_key(crypto::ValidatorSecret const& secret) {
  base::Bytes both(secret.view().begin(), secret.view().end());
  base::append(both, crypto::validator_key(secret).view());
  return "{\"type\": \"tendermint/PrivKeyEd25519\", \"value\": \"" + to_base64(both) + "\"}";
}

/// A killed supervisor is gone a moment before its child; the lock is that of both.
Result<int> take_lock(fs::path const& file) {
  // Inherited by the child on purpose.
  int const handle = ::open(file.c_str(), O_RDWR | O_CREAT, secret_mode);
  if (handle < 0) return Error{Code::E_DISK, file.string(), std::strerror(errno)};
  constexpr int rounds = 500;
  for (int round = 0; round < rounds; ++round) {
    if (::flock(handle, LOCK_EX | LOCK_NB) == 0) return handle;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ::close(handle);
  return Error{Code::E_BUSY, file.string(), "another process runs in this folder"};
}

std::string upper(std::string text) {
  for (auto& c : text) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string validator_key_json(crypto::ValidatorSecret const& secret) {
  auto const key = crypto::validator_key(secret);
  return "{\n  \"address\": \"" + upper(base::to_hex(ledger::comet_address(key).view())) +
         "\",\n  \"pub_key\": {\"type\": \"tendermint/PubKeyEd25519\", \"value\": \"" + to_base64(key.view()) +
         "\"},\n  \"priv_key\": " + private_key(secret) + "\n}\n";
}

/// A millisecond after the genesis on the wall's clock. The validators come from the application.
std::string genesis_json(ledger::Genesis const& genesis) {
  auto const* test = std::get_if<ledger::TestClock>(&genesis.clock);
  auto const wall_ms = (test != nullptr ? test->wall_ms : genesis.time_ms) + 1;
  // The header and the commit take what is beside the transactions.
  auto const block_bytes = genesis.parameters.block_bytes_max + (std::uint32_t{64} << 10);
  return "{\n  \"genesis_time\": \"" + base::to_rfc3339(wall_ms) + "\",\n  \"chain_id\": \"" +
         ledger::comet_chain_id(genesis.chain()) +
         "\",\n  \"initial_height\": \"1\",\n  \"consensus_params\": {\n    \"block\": {\"max_bytes\": \"" +
         std::to_string(block_bytes) +
         "\", \"max_gas\": \"-1\"},\n    \"evidence\": {\"max_age_num_blocks\": \"100000\", \"max_age_duration\": "
         "\"172800000000000\", \"max_bytes\": \"65536\"},\n    \"validator\": {\"pub_key_types\": [\"ed25519\"]},\n"
         "    \"version\": {\"app\": \"0\"},\n    \"abci\": {\"vote_extensions_enable_height\": \"0\"}\n  },\n"
         "  \"app_hash\": \"\"\n}\n";
}

std::string quoted(std::string const& text) { return "\"" + text + "\"\n"; }
std::string milliseconds(std::uint64_t ms) { return "\"" + std::to_string(ms) + "ms\"\n"; }

std::string peers_of(Home const& home) {
  std::string out;
  for (std::size_t i = 0; i < home.config.comet_ids.size(); ++i) {
    if (home.place == i) continue;
    out += (out.empty() ? "" : ",") + home.config.comet_ids[i] + "@" + to_text(home.config.peers[i]);
  }
  return out;
}

/// What is not here has CometBFT's own default. The times follow the genesis, so that all nodes have the same.
std::string config_toml(Home const& home) {
  auto const& parameters = home.genesis.parameters;
  std::uint64_t const timeout = parameters.view_timeout_ms;
  auto const empty = std::min<std::uint64_t>(parameters.idle_block_ms, empty_block_ms_max);
  std::ostringstream out;
  out << "# Made by tally from node.toml and genesis.json at each start; changes here do not last.\n";
  out << "proxy_app = \"unix://abci.sock\"\nabci = \"socket\"\nfilter_peers = true\nlog_level = \"error\"\n";
  out << "moniker = \"tally\"\n\n[rpc]\nladdr = " << quoted("tcp://" + to_text(home.config.comet_rpc));
  out << "max_body_bytes = 4194304\n\n[p2p]\nladdr = " << quoted("tcp://" + to_text(home.config.peer_listener));
  out << "persistent_peers = " << quoted(peers_of(home));
  out << "persistent_peers_max_dial_period = \"1s\"\naddr_book_strict = false\nallow_duplicate_ip = true\npex = false\n"
         "flush_throttle_timeout = \"10ms\"\n\n";
  out << "[mempool]\nsize = 50000\nmax_txs_bytes = 268435456\nmax_tx_bytes = " << parameters.transaction_bytes_max
      << "\ncache_size = 100000\n\n";
  out << "[consensus]\ntimeout_propose = " << milliseconds(timeout);
  out << "timeout_propose_delta = " << milliseconds(timeout / 2);
  for (char const* const vote : {"prevote", "precommit"}) {
    out << "timeout_" << vote << " = " << milliseconds(timeout / 2) << "timeout_" << vote
        << "_delta = " << milliseconds(timeout / 4);
  }
  out << "timeout_commit = \"50ms\"\nskip_timeout_commit = true\ncreate_empty_blocks = true\n"
         "create_empty_blocks_interval = "
      << milliseconds(empty) << "peer_gossip_sleep_duration = \"5ms\"\n\n";
  out << "[tx_index]\nindexer = \"null\"\n";
  return out.str();
}

}  // namespace

crypto::ValidatorSecret node_secret(crypto::ValidatorSecret const& validator) {
  auto const hash = crypto::sha256({base::bytes_of("tally, key of a CometBFT node"), validator.view()});
  return crypto::ValidatorSecret{hash.bytes};
}

std::string node_id(crypto::ValidatorSecret const& validator) {
  return base::to_hex(ledger::comet_address(crypto::validator_key(node_secret(validator))).view());
}

Result<EngineHome> make_engine_home(Home const& home) {
  EngineHome out{home.path / "cometbft", -1};
  auto const own = node_id(home.validator_secret);
  auto const& ids = home.config.comet_ids;
  if (ids.size() != home.config.peers.size() || ids[*home.place] != own) {
    return Error{
        Code::E_FORM, (home.path / "node.toml").string() + " cometbft.ids",
        "is not the list of CometBFT's node ids. Expected: one for each of peers.addresses, in the same order. "
        "Fix: this node's own is " +
            own + "; ask the others for theirs"};
  }
  std::error_code error;
  fs::create_directories(out.folder / "config", error);
  fs::create_directories(out.folder / "data", error);
  if (error) return Error{Code::E_DISK, out.folder.string(), error.message()};
  TRY_ASSIGN(out.lock, take_lock(out.folder / "lock"));
  auto const signed_last = out.folder / "data" / "priv_validator_state.json";
  if (!fs::exists(signed_last)) {
    if (fs::exists(out.folder / "data" / "blockstore.db")) {
      return Error{Code::E_FORM, signed_last.string(),
                   "is gone although blocks were decided: this node could sign twice. Fix: restore it from a copy, or "
                   "have the validator's key rotated"};
    }
    TRY(write_file(signed_last, "{\"height\": \"0\", \"round\": 0, \"step\": 0}\n", secret_mode));
  }
  auto const config = out.folder / "config";
  TRY(write_file(config / "priv_validator_key.json", validator_key_json(home.validator_secret), secret_mode));
  auto const node_key = "{\"priv_key\": " + private_key(node_secret(home.validator_secret)) + "}\n";
  TRY(write_file(config / "node_key.json", node_key, secret_mode));
  TRY(write_file(config / "genesis.json", genesis_json(home.genesis), open_mode));
  TRY(write_file(config / "config.toml", config_toml(home), open_mode));
  return out;
}

std::string engine_program(NodeConfig const& config) {
  if (char const* const named = std::getenv("TALLY_COMETBFT")) return named;
  if (!config.comet_program.empty()) return config.comet_program;
  std::error_code error;
  auto const beside = fs::read_symlink("/proc/self/exe", error).parent_path().parent_path() / "cometbft/bin/cometbft";
  return fs::exists(beside, error) ? beside.string() : "cometbft";
}

Result<std::unique_ptr<Engine>> Engine::start(std::string const& program, EngineHome const& home) {
  // The child works in another folder.
  auto const path = program.find('/') == std::string::npos ? program : fs::absolute(program).string();
  std::vector<std::string> const arguments = {path, "start", "--home", "."};
  std::vector<char*> argv;
  for (auto const& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  auto const folder = home.folder.string();
  auto const log = home.log().string();
  // Closed by a successful exec, else the child writes why there was none.
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error{Code::E_DISK, program, std::strerror(errno)};
  pid_t const parent = ::getpid();
  pid_t const pid = ::fork();
  if (pid == 0) {
    // Between fork and exec only what signal handlers may do. A signal to our group is ours to pass on.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0);
    int const out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (out >= 0) {
      ::dup2(out, STDOUT_FILENO);
      ::dup2(out, STDERR_FILENO);
    }
    if (::getppid() == parent && ::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
    int const why = errno;
    static_cast<void>(!::write(ends[1], &why, sizeof why));
    ::_exit(127);
  }
  ::close(ends[1]);
  int why = pid < 0 ? errno : 0;
  if (pid > 0 && ::read(ends[0], &why, sizeof why) != sizeof why) why = 0;
  ::close(ends[0]);
  if (why == 0) return std::unique_ptr<Engine>(new Engine(pid));
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  return Error{
      Code::E_DISK, program,
      std::string("cannot be started: ") + std::strerror(why) +
          ". Fix: tools/cometbft.sh builds it; or name it in TALLY_COMETBFT, or as cometbft.program in node.toml"};
}

Engine::~Engine() { stop(); }

std::string Engine::ended() {
  int status = 0;
  if (!ended_.empty() || ::waitpid(pid_, &status, WNOHANG) == 0) return ended_;
  ended_ = WIFSIGNALED(status) ? "by signal " + std::to_string(WTERMSIG(status))
                               : "with status " + std::to_string(WEXITSTATUS(status));
  return ended_;
}

void Engine::stop() {
  if (!ended().empty()) return;
  ::kill(pid_, SIGTERM);
  constexpr int rounds = 1000;
  for (int round = 0; round < rounds && ended().empty(); ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (!ended().empty()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ended_ = "by signal 9";
}

}  // namespace node::comet
