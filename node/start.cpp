// SPDX-License-Identifier: Apache-2.0
#include "node/start.hpp"

#include "node/disk_store.hpp"
#include "node/listeners.hpp"
#include "node/own.hpp"
#include "node/service.hpp"
#include "node/transport.hpp"
#include "web/web.hpp"

namespace node {

namespace {

/// Jobs are few and large: two threads keep a small machine busy and leave the core thread its share.
constexpr unsigned worker_threads = 2;

/// Everything a running node consists of. Members are destroyed from the last to the first: listeners before the
/// service that they ask, the service before the replica, everything before the loop.
class Node {
 public:
  explicit Node(Home home) : home_(std::move(home)), loop_(worker_threads) {}

  Result<void> open() {
    TRY_ASSIGN(store_, open_disk_store(home_.path / "data"));
    TRY_ASSIGN(transport_, PeerTransport::open(loop_, transport_setup()));
    TRY_ASSIGN(replica_, Replica::open(replica_setup(), {loop_, *transport_, loop_, *store_}));
    service_ = std::make_unique<Service>(loop_, *replica_, *store_, home_);
    site_ = std::make_unique<rpc::Site>(*service_, web::asset);
    TRY_ASSIGN(auto listeners, Listeners::open(*site_, home_.config));
    listeners_ = std::make_unique<Listeners>(std::move(listeners));
    return {};
  }

  int run() {
    loop_.set_wake([this] { replica_->wake(); });
    loop_.every(status_period_ms, [this] { service_->refresh(); });
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
    setup.refuse_below_bytes = home_.config.refuse_below_mib << 20;
    setup.stop_below_bytes = home_.config.stop_below_mib << 20;
    setup.log = log_line;
    setup.accuse = [this](crypto::Evidence const& evidence) {
      // Later, because the replica is in the middle of its turn.
      loop_.post([this, evidence] { report(evidence); });
    };
    setup.publish = [this](std::shared_ptr<ledger::Certified const> certified) {
      if (!service_) return;
      service_->publish(std::move(certified));
      if (listeners_) listeners_->notify();
    };
    return setup;
  }

  /// Keys are read again at each epoch, so that one that the validators accepted is in use without a restart.
  template <class Key>
  static std::vector<Key> fresh(Result<std::vector<Key>> keys, Key const& known) {
    if (keys) return std::move(keys).value();
    log_line("error", base::to_string(keys.error()));
    return {known};
  }

  void report(crypto::Evidence const& evidence) {
    auto const own = sign_own(home_, *replica_->certified(), {ledger::ReportEvidence{evidence}}, {});
    if (!own) return log_line("warn", "the evidence is not reported: " + base::to_string(own.error()));
    replica_->submit(base::encode(*own), [](Result<Hash> const& reply) {
      // Others may have been faster.
      if (!reply && reply.error().code != base::Code::exists)
        log_line("warn", "the evidence is not reported: " + base::to_string(reply.error()));
    });
  }

  Home home_;
  Loop loop_;
  /// Another process has this validator's key.
  bool doubled_ = false;
  std::unique_ptr<DiskStore> store_;
  std::unique_ptr<PeerTransport> transport_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<rpc::Site> site_;
  std::unique_ptr<Listeners> listeners_;
};

}  // namespace

int run_start(std::filesystem::path const& path) {
  raise_descriptors();
  if (std::filesystem::exists(path / "data" / "cometbft")) {
    return fail_to_start({base::Code::E_FORM, (path / "data").string(),
                          "is of a node whose engine is CometBFT. Fix: tally start --engine cometbft; a chain has one "
                          "engine from its genesis on"});
  }
  auto home = open_home(path);
  if (!home) return fail_to_start(home.error());
  Node node(std::move(home).value());
  auto const opened = node.open();
  if (!opened) return fail_to_start(opened.error());
  return node.run();
}

}  // namespace node
