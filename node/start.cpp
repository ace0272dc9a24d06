// SPDX-License-Identifier: Apache-2.0
#include "node/start.hpp"

#include <atomic>
#include <thread>

#include "node/disk_store.hpp"
#include "node/joiner.hpp"
#include "node/listeners.hpp"
#include "node/own.hpp"
#include "node/recover.hpp"
#include "node/service.hpp"
#include "node/shelf.hpp"
#include "node/transport.hpp"
#include "web/web.hpp"

/// Of gperftools, with whose allocator the program is linked unless it is a sanitizer's.
extern "C" __attribute__((weak)) void MallocExtension_ReleaseFreeMemory();

namespace node {

namespace {

/// Jobs are few and large: two threads keep a small machine busy and leave the core thread its share.
constexpr unsigned worker_threads = 2;

namespace fs = std::filesystem;

constexpr std::uint64_t day_ms = 86'400'000;
constexpr std::uint64_t joiner_period_ms = 1'000;

/// Makes the state of a snapshot that is all here, and a log unless there is one that holds it. What was there before
/// goes only when the new is durable, and the snapshot only after that: a crash at any step begins this again.
Result<void> install(fs::path const& data) {
  std::error_code error;
  if (!fs::exists(data / "incoming", error)) return {};
  TRY_ASSIGN(auto const incoming, storage::open_folder(data / "incoming"));
  if (!is_complete(*incoming)) return {};
  fs::remove_all(data / "state.new", error);
  fs::remove_all(data / "log.new", error);
  std::vector<std::string> names = {"state"};
  {
    TRY_ASSIGN(auto const database, storage::open_database(data / "state.new"));
    auto installed = install_state(*incoming, *database);
    TRY_ASSIGN(auto const log_files, storage::open_folder(data / "log"));
    auto const log = storage::BlockLog::open(*log_files);
    if (installed && !(log && is_in_log(*incoming, **log))) {
      TRY_ASSIGN(auto const new_log, storage::open_folder(data / "log.new"));
      installed = begin_log(*incoming, *new_log);
      names.emplace_back("log");
    }
    if (!installed) {
      log_line("error", "the snapshot is wrong: " + base::to_string(installed.error()));
      fs::remove_all(data / "incoming", error);
      return {};
    }
  }
  for (auto const& name : names) {
    fs::remove_all(data / name, error);
    fs::rename(data / (name + ".new"), data / name, error);
    if (error) return base::Error{base::Code::E_DISK, (data / name).string(), error.message()};
  }
  TRY_ASSIGN(auto const folder, storage::open_folder(data));
  folder->append("installed", {});
  folder->sync("installed");  // the renames too
  folder->remove("installed");
  fs::remove_all(data / "incoming", error);
  log_line("info", "the state of the snapshot is taken over");
  return {};
}

/// Where the state of an epoch's end stands until its snapshot is made: a restart in between makes it from there.
constexpr char const* begun_folder = "snapshots.begun";
constexpr std::size_t begun_bytes_max = std::size_t{16} << 20;

/// All but the state.
struct Begun {
  SnapshotProof proof;
  base::Blob<consensus::frame_bytes_max> block;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("proof", self.proof);
    visit("block", self.block);
  }
};

/// Everything a running node consists of. Members are destroyed from the last to the first: listeners before the
/// service that they ask, the service before the replica, everything before the loop.
class Node {
 public:
  explicit Node(Home home) : home_(std::move(home)), loop_(worker_threads) {}
  ~Node() {
    if (maker_.joinable()) maker_.join();
  }
  Node(Node const&) = delete;
  Node& operator=(Node const&) = delete;

  Result<void> open() {
    auto const data = home_.path / "data";
    TRY(install(data));
    TRY_ASSIGN(store_, open_disk_store(data));
    TRY_ASSIGN(shelf_folder_, storage::open_folder(data / "snapshots"));
    shelf_ = std::make_unique<Shelf>(*shelf_folder_, log_line);
    TRY(resume_begun());
    TRY_ASSIGN(transport_, PeerTransport::open(loop_, transport_setup()));
    if (!home_.config.archive) {
      TRY_ASSIGN(incoming_, storage::open_folder(data / "incoming"));
      joiner_ = std::make_unique<Joiner>(
          JoinerSetup{home_.genesis.chain(), home_.genesis.validators, home_.config.snapshot_behind, log_line}, loop_,
          *transport_, *incoming_);
    }
    auto setup = replica_setup();
    TRY_ASSIGN(setup.recoveries, read_recoveries(home_.path));
    TRY_ASSIGN(replica_, Replica::open(std::move(setup), {loop_, *transport_, loop_, *store_}));
    service_ = std::make_unique<Service>(loop_, *replica_, *store_, home_);
    TRY(interfaces_.open(home_));
    site_ = std::make_unique<rpc::Site>(*service_, web::asset, interfaces_.outside());
    TRY_ASSIGN(auto listeners, Listeners::open(*site_, home_.config));
    listeners_ = std::make_unique<Listeners>(std::move(listeners));
    return {};
  }

  /// It stopped because a snapshot is all here, which the next start takes over.
  bool joined() const { return joiner_ && joiner_->complete(); }

  int run() {
    loop_.set_wake([this] { replica_->wake(); });
    loop_.every(status_period_ms, [this] { service_->refresh(); });
    if (joiner_) loop_.every(joiner_period_ms, [this] { look_for_snapshots(); });
    auto const height = replica_->certified()->header.height;
    if (!replica_->status().place)
      log_line("warn", "no validator of this epoch has this node's key: it follows, and votes once it is voted in");
    log_line("info", "started at height " + std::to_string(height) + ", " + listeners_text(home_.config));
    replica_->start();
    loop_.run_until_stopped();
    service_->close();
    log_line("info", "stopped at height " + std::to_string(replica_->certified()->header.height));
    return replica_->status().halted.empty() && !doubled_ ? 0 : 1;
  }

 private:
  TransportSetup transport_setup() {
    TransportSetup setup;
    setup.chain = home_.genesis.chain();
    setup.validators = home_.genesis.validators;
    setup.place = home_.place;
    setup.listener = home_.config.peer_listener;
    setup.peers = home_.config.peers;
    setup.identities = [this] { return fresh(read_tls_identities(home_.path), home_.tls); };
    setup.log = log_line;
    setup.receive = [this](Place from, BytesView frame) { return replica_->receive(from, frame); };
    setup.doubled = [this](std::string const& what) {
      log_line("error", what);
      doubled_ = true;
      loop_.stop();
    };
    return setup;
  }

  ReplicaSetup replica_setup() {
    ReplicaSetup setup;
    setup.genesis = home_.genesis;
    setup.secrets = [this] { return fresh(read_validator_secrets(home_.path), home_.validator_secret); };
    setup.knows_version = known_version();
    setup.refuse_below_bytes = home_.config.refuse_below_mib << 20;
    setup.stop_below_bytes = home_.config.stop_below_mib << 20;
    setup.log = log_line;
    if (!home_.config.archive) setup.keep_ms = home_.config.keep_days * day_ms;
    setup.epoch_ended = [this](SnapshotProof proof, Bytes block, std::shared_ptr<ledger::StateView const> state) {
      // One is made at a time; a node whose epochs are shorter than that passes some over.
      if (making_.exchange(true)) return;
      if (maker_.joinable()) maker_.join();
      Begun begun;
      begun.proof = std::move(proof);
      begun.block.assign(block.begin(), block.end());
      keep_begun(begun);
      make_snapshot(std::move(begun), std::move(state));
    };
    setup.on_snapshot = [this](Place from, SnapshotMessage&& message) {
      auto answers = shelf_->answer(from, message, replica_->status().epoch, loop_.steady_ms());
      for (auto& answer : answers) transport_->send(from, encode_frame(SnapshotFrame{std::move(answer)}));
      if (answers.empty() && joiner_) {
        joiner_->receive(from, std::move(message));
        stop_when_joined();
      }
    };
    setup.accuse = [this](crypto::Evidence const& evidence) {
      // Later, because the replica is in the middle of its turn.
      loop_.post([this, evidence] { submit(ledger::ReportEvidence{evidence}, "the evidence is not reported: "); });
    };
    setup.draw = random_bytes;
    setup.rejoin = [this](base::ValidatorKey const& key, Hash const& loss) {
      loop_.post([this, operation = ledger::Rejoin{key, loss}] {
        submit(operation, "that the vote journal was lost is not recorded: ");
      });
    };
    setup.publish = [this](std::shared_ptr<ledger::Certified const> certified) {
      if (!service_) return;
      service_->publish(std::move(certified));
      if (listeners_) listeners_->notify();
    };
    return setup;
  }

  void make_snapshot(Begun begun, std::shared_ptr<ledger::StateView const> state) {
    making_ = true;
    maker_ = std::thread([this, begun = std::move(begun), state = std::move(state)] {
      shelf_->make(begun.proof, begun.block, *state);
      std::error_code ignored;
      fs::remove_all(home_.path / "data" / begun_folder, ignored);
      // Millions of small records were held and freed; the heap would keep their pages.
      if (MallocExtension_ReleaseFreeMemory != nullptr) MallocExtension_ReleaseFreeMemory();
      making_ = false;
    });
  }

  /// The state first: without the rest it is what a crash left.
  void keep_begun(Begun const& begun) {
    auto const path = home_.path / "data" / begun_folder;
    std::error_code ignored;
    fs::remove_all(path, ignored);
    auto folder = storage::open_folder(path);
    auto const copied = folder ? store_->copy_state(path / "state") : Result<void>(folder.error());
    if (!copied) return log_line("warn", "a restart would lose the snapshot: " + base::to_string(copied.error()));
    (*folder)->append("begun", base::encode(begun));
    (*folder)->sync("begun");
  }

  /// Goes on where the run before was killed.
  Result<void> resume_begun() {
    auto const path = home_.path / "data" / begun_folder;
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return {};
    TRY_ASSIGN(auto const folder, storage::open_folder(path));
    auto begun = base::decode<Begun>(folder->read("begun", 0, begun_bytes_max));
    auto database =
        begun ? storage::open_database(path / "state") : Result<std::unique_ptr<storage::Database>>(begun.error());
    if (!database) {
      fs::remove_all(path, ignored);
      return {};
    }
    log_line("info", "makes the snapshot of height " + std::to_string(begun->proof.header.height) +
                         " that a restart interrupted");
    begun_state_ = std::move(database).value();
    make_snapshot(std::move(begun).value(), begun_state_->snapshot());
    return {};
  }

  /// Keys are read again at each epoch, so that one that the validators accepted is in use without a restart.
  template <class Key>
  static std::vector<Key> fresh(Result<std::vector<Key>> keys, Key const& known) {
    if (keys) return std::move(keys).value();
    log_line("error", base::to_string(keys.error()));
    return {known};
  }

  void look_for_snapshots() {
    auto const status = replica_->status();
    joiner_->tick({status.height, status.epoch, status.validators});
    stop_when_joined();
    auto const progress = joiner_->progress();
    service_->joins(progress ? "joining by the snapshot of height " + std::to_string(progress->height) + ": " +
                                   std::to_string(progress->here) + " of " + std::to_string(progress->parts) +
                                   " parts are here; refused peers: " + std::to_string(progress->refused_peers)
                             : "");
  }

  void stop_when_joined() {
    if (joiner_->complete()) loop_.stop();
  }

  /// In the organisation's name. Others may have been faster.
  void submit(ledger::Operation operation, std::string const& failed) {
    auto const own = sign_own(home_, *replica_->certified(), {std::move(operation)}, {});
    if (!own) return log_line("warn", failed + base::to_string(own.error()));
    replica_->submit(base::encode(*own), [failed](Result<Hash> const& reply) {
      if (!reply && reply.error().code != base::Code::exists) log_line("warn", failed + base::to_string(reply.error()));
    });
  }

  Home home_;
  Loop loop_;
  /// Another process has this validator's key.
  bool doubled_ = false;
  std::unique_ptr<DiskStore> store_;
  std::unique_ptr<storage::Folder> shelf_folder_;
  std::unique_ptr<storage::Folder> incoming_;
  std::unique_ptr<Shelf> shelf_;
  std::unique_ptr<PeerTransport> transport_;
  std::unique_ptr<Joiner> joiner_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<Service> service_;
  Interfaces interfaces_;
  std::unique_ptr<rpc::Site> site_;
  std::unique_ptr<Listeners> listeners_;
  /// Of resume_begun; the thread reads it.
  std::unique_ptr<storage::Database> begun_state_;
  std::atomic<bool> making_ = false;
  std::thread maker_;
};

}  // namespace

int run_start(std::filesystem::path const& path) {
  raise_descriptors();
  if (std::filesystem::exists(path / "data" / "cometbft")) {
    return fail_to_start({base::Code::E_FORM, (path / "data").string(),
                          "is of a node whose engine is CometBFT. Fix: tally start --engine cometbft; a chain has one "
                          "engine from its genesis on"});
  }
  for (;;) {
    auto home = open_home(path);
    if (!home) return fail_to_start(home.error());
    Node node(std::move(home).value());
    auto const opened = node.open();
    if (!opened) return fail_to_start(opened.error());
    auto const status = node.run();
    if (!node.joined()) return status;
  }
}

}  // namespace node
