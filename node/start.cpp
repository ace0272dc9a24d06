// SPDX-License-Identifier: Apache-2.0
#include "node/start.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/time.hpp"
#include "node/disk_store.hpp"
#include "node/service.hpp"
#include "node/transport.hpp"
#include "rpc/server.hpp"
#include "rpc/site.hpp"
#include "web/web.hpp"

namespace node {

namespace {

/// Jobs are few and large: two threads keep a small machine busy and leave the core thread its share.
constexpr unsigned worker_threads = 2;

/// One line a message, key=value.
void log_line(std::string_view level, std::string const& text) {
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  auto const time = base::to_rfc3339(static_cast<base::TimeMs>(ms));
  std::fprintf(stderr, "time=%s level=%.*s msg=\"%s\"\n", time.c_str(), static_cast<int>(level.size()), level.data(),
               text.c_str());
}

rpc::Endpoint endpoint(Address const& address) { return {address.host, address.port}; }

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
    return listen();
  }

  int run() {
    loop_.set_wake([this] { replica_->wake(); });
    loop_.every(status_period_ms, [this] { service_->refresh(); });
    auto const height = replica_->certified()->header.height;
    log_line("info", "started at height " + std::to_string(height) + ", public " +
                         to_text(home_.config.public_listener) + ", member " + to_text(home_.config.member_listener) +
                         ", admin " + to_text(home_.config.admin_listener));
    replica_->start();
    loop_.run_until_stopped();
    service_->close();
    log_line("info", "stopped at height " + std::to_string(replica_->certified()->header.height));
    return replica_->status().halted.empty() ? 0 : 1;
  }

 private:
  TransportSetup transport_setup() {
    TransportSetup setup;
    setup.chain = home_.genesis.chain();
    setup.validators = home_.genesis.validators;
    setup.place = home_.place;
    setup.listener = home_.config.peer_listener;
    setup.peers = home_.config.peers;
    setup.key_pem = home_.tls_key_pem;
    setup.certificate_pem = home_.tls_certificate_pem;
    setup.log = log_line;
    setup.receive = [this](Place from, BytesView frame) { return replica_->receive(from, frame); };
    return setup;
  }

  ReplicaSetup replica_setup() {
    ReplicaSetup setup;
    setup.genesis = home_.genesis;
    setup.identity = consensus::Identity{home_.place, home_.validator_secret};
    setup.refuse_below_bytes = home_.config.refuse_below_mib << 20;
    setup.stop_below_bytes = home_.config.stop_below_mib << 20;
    setup.log = log_line;
    setup.publish = [this](std::shared_ptr<ledger::Certified const> certified) {
      if (!service_) return;
      service_->publish(std::move(certified));
      if (member_) member_->notify();
    };
    return setup;
  }

  Result<void> listen() {
    auto const everybody = [site = site_.get()](rpc::Request const& request) { return site->everybody(request); };
    auto const member = [site = site_.get()](rpc::Request const& request) { return site->member(request); };
    auto const admin = [site = site_.get()](rpc::Request const& request) { return site->admin(request); };
    rpc::ServerLimits strangers;
    strangers.address_connections_max = 64;
    strangers.address_requests_max = 400;
    strangers.address_requests_per_s = 100;
    rpc::ServerLimits own;
    own.local_only = true;
    TRY_ASSIGN(public_, rpc::listen(endpoint(home_.config.public_listener), everybody, nullptr, strangers));
    auto const open_session = [site = site_.get()](rpc::Request const& request) { return site->open_session(request); };
    TRY_ASSIGN(member_, rpc::listen(endpoint(home_.config.member_listener), member, open_session, own));
    TRY_ASSIGN(admin_, rpc::listen(endpoint(home_.config.admin_listener), admin, nullptr, own));
    return {};
  }

  Home home_;
  Loop loop_;
  std::unique_ptr<DiskStore> store_;
  std::unique_ptr<PeerTransport> transport_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<rpc::Site> site_;
  std::unique_ptr<rpc::Server> public_;
  std::unique_ptr<rpc::Server> member_;
  std::unique_ptr<rpc::Server> admin_;
};

/// Three listeners, peers and files together need more descriptors than some systems give at first.
void raise_descriptors() {
  constexpr rlim_t wanted = 4'096;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, wanted);
  setrlimit(RLIMIT_NOFILE, &limit);
}

int fail(base::Error const& error) {
  std::fprintf(stderr, "tally cannot start: %s\n", base::to_string(error).c_str());
  return 1;
}

}  // namespace

int run_start(std::filesystem::path const& path) {
  raise_descriptors();
  auto home = open_home(path);
  if (!home) return fail(home.error());
  Node node(std::move(home).value());
  auto const opened = node.open();
  if (!opened) return fail(opened.error());
  return node.run();
}

}  // namespace node
