// SPDX-License-Identifier: Apache-2.0
#include "node/start.hpp"

#include <cstdio>

#include "base/time.hpp"
#include "node/disk_store.hpp"
#include "node/service.hpp"
#include "node/transport.hpp"
#include "rpc/site.hpp"
#include "web/web.hpp"

namespace node {

namespace {

constexpr unsigned worker_threads = 2;

void write_line(Clock const& clock, std::string_view level, std::string const& text) {
  std::fprintf(stderr, "%s level=%.*s %s\n", base::to_rfc3339(clock.wall_ms()).c_str(), static_cast<int>(level.size()),
               level.data(), text.c_str());
}

/// A node's parts, in the order in which they stand on one another.
class Node {
 public:
  explicit Node(Home home) : home_(std::move(home)), loop_(worker_threads) {}

  Result<void> open() {
    auto const log = [this](std::string_view level, std::string const& text) { write_line(loop_, level, text); };
    TRY_ASSIGN(store_, open_disk_store(home_.path / "data"));
    service_ = std::make_unique<Service>(home_, loop_, *store_);
    TransportSetup transport;
    transport.chain = home_.genesis.chain();
    transport.validators = home_.genesis.validators;
    transport.place = home_.place;
    transport.listener = home_.config.peer_listener;
    transport.peers = home_.config.peers;
    transport.key_pem = home_.tls_key_pem;
    transport.certificate_pem = home_.tls_certificate_pem;
    transport.log = log;
    transport.receive = [this](Place from, BytesView frame) { return replica_->receive(from, frame); };
    TRY_ASSIGN(transport_, PeerTransport::open(loop_, std::move(transport)));
    ReplicaSetup setup;
    setup.genesis = home_.genesis;
    setup.identity = consensus::Identity{home_.place, home_.validator_secret};
    setup.refuse_below_bytes = home_.config.refuse_below_mib << 20;
    setup.stop_below_bytes = home_.config.stop_below_mib << 20;
    setup.log = log;
    setup.publish = [this](std::shared_ptr<ledger::Certified const> certified) { service_->publish(std::move(certified)); };
    TRY_ASSIGN(replica_, Replica::open(std::move(setup), {loop_, *transport_, loop_, *store_}));
    loop_.set_wake([this] { replica_->wake(); });
    service_->follow(*replica_);
    return serve();
  }

  int run() {
    replica_->start();
    loop_.run_until_stopped();
    servers_.clear();
    auto const halted = replica_->status().halted;
    if (halted.empty()) return 0;
    write_line(loop_, "error", "halted=\"" + halted + "\"");
    return 1;
  }

 private:
  Result<void> serve() {
    site_ = std::make_unique<rpc::Site>(*service_, web::asset);
    auto const listener = [&](Address const& address, auto method, bool sockets) -> Result<rpc::Server*> {
      rpc::Handler handler = [this, method](rpc::Request const& request) { return (*site_.*method)(request); };
      std::function<std::unique_ptr<rpc::Session>()> session;
      if (sockets) session = [this] { return site_->open_session(); };
      TRY_ASSIGN(auto server, rpc::listen({address.host, address.port}, std::move(handler), std::move(session)));
      servers_.push_back(std::move(server));
      return servers_.back().get();
    };
    TRY(listener(home_.config.public_listener, &rpc::Site::everybody, false));
    TRY_ASSIGN(auto* const member, listener(home_.config.member_listener, &rpc::Site::member, true));
    TRY(listener(home_.config.admin_listener, &rpc::Site::admin, false));
    service_->on_height([member] { member->notify(); });
    return {};
  }

  Home home_;
  Loop loop_;
  std::unique_ptr<DiskStore> store_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<PeerTransport> transport_;
  std::unique_ptr<Replica> replica_;
  std::unique_ptr<rpc::Site> site_;
  std::vector<std::unique_ptr<rpc::Server>> servers_;
};

}  // namespace

int run_start(std::filesystem::path const& path) {
  auto home = open_home(path);
  Result<void> opened = home ? Result<void>{} : home.error();
  std::unique_ptr<Node> node;
  if (opened) {
    node = std::make_unique<Node>(std::move(home).value());
    opened = node->open();
  }
  if (!opened) {
    std::fprintf(stderr, "error  %s\n", base::to_string(opened.error()).c_str());
    return 1;
  }
  return node->run();
}

}  // namespace node
