// SPDX-License-Identifier: Apache-2.0
#include "node/abci/start.hpp"

#include "node/abci/engine.hpp"
#include "node/abci/server.hpp"
#include "node/abci/service.hpp"
#include "node/listeners.hpp"
#include "node/loop.hpp"
#include "web/web.hpp"

namespace node::comet {

namespace {

/// How often the child is looked after.
constexpr std::uint64_t supervise_ms = 100;

/// It ends in the order of who asks whom: CometBFT, its socket, the thread that publishes, the listeners and what they
/// ask, the application.
class Node {
 public:
  explicit Node(Home home) : home_(std::move(home)), loop_(1), comet_("http://" + to_text(home_.config.comet_rpc)) {}

  ~Node() {
    engine_.reset();
    server_.reset();
    if (follower_) follower_->stop();
  }
  Node(Node const&) = delete;
  Node& operator=(Node const&) = delete;

  Result<void> open() {
    TRY_ASSIGN(auto engine_home, make_engine_home(home_));
    engine_home_ = std::move(engine_home);
    AppSetup setup;
    setup.genesis = home_.genesis;
    TRY_ASSIGN(setup.database, storage::open_database(home_.path / "data" / "cometbft" / "state"));
    setup.snapshots = home_.path / "data" / "cometbft" / "snapshots";
    setup.knows_version = known_version();
    setup.wall_ms = [this] { return loop_.wall_ms(); };
    setup.log = log_line;
    setup.peers.insert(home_.config.comet_ids.begin(), home_.config.comet_ids.end());
    setup.changed = [this] {
      if (follower_) follower_->wake();
    };
    TRY_ASSIGN(app_, App::open(std::move(setup)));
    auto const publish = [this](std::shared_ptr<ledger::Certified const> const&) {
      if (service_) service_->notify();
      if (listeners_) listeners_->notify();
    };
    follower_ = std::make_unique<Follower>(*app_, comet_, publish, log_line);
    service_ = std::make_unique<Service>(*app_, comet_, *follower_, home_);
    TRY(interfaces_.open(home_));
    site_ = std::make_unique<rpc::Site>(*service_, web::asset, interfaces_.outside());
    TRY_ASSIGN(auto listeners, Listeners::open(*site_, home_.config));
    listeners_ = std::make_unique<Listeners>(std::move(listeners));
    auto const answer = [this](abci::Request const& request, abci::Response& response) {
      app_->answer(request, response);
    };
    TRY_ASSIGN(server_, Server::listen(engine_home_.socket(), answer));
    TRY_ASSIGN(engine_, Engine::start(engine_program(home_.config), engine_home_));
    return {};
  }

  int run() {
    log_line("info", "started at height " + std::to_string(app_->tip()->height) + ", engine cometbft, " +
                         listeners_text(home_.config));
    loop_.every(supervise_ms, [this] {
      if (!engine_->ended().empty()) loop_.stop();
    });
    loop_.run_until_stopped();
    auto const ended = engine_->ended();
    if (!ended.empty()) {
      log_line("error", "CometBFT ended " + ended + "; its log is " + engine_home_.log().string());
    }
    engine_->stop();
    service_->close();
    log_line("info", "stopped at height " + std::to_string(app_->tip()->height));
    return ended.empty() ? 0 : 1;
  }

 private:
  Home home_;
  Loop loop_;
  CometRpc comet_;
  EngineHome engine_home_;
  std::unique_ptr<App> app_;
  std::unique_ptr<Follower> follower_;
  std::unique_ptr<Service> service_;
  Interfaces interfaces_;
  std::unique_ptr<rpc::Site> site_;
  std::unique_ptr<Listeners> listeners_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace

int run_start(std::filesystem::path const& path) {
  raise_descriptors();
  std::error_code error;
  if (std::filesystem::exists(path / "data" / "log", error)) {
    return fail_to_start({base::Code::E_FORM, (path / "data").string(),
                          "is of a node with the built-in engine. Fix: tally start without --engine; a chain has one "
                          "engine from its genesis on"});
  }
  auto home = open_home(path);
  if (!home) return fail_to_start(home.error());
  if (!home->place) {
    return fail_to_start({base::Code::E_FORM, (path / "validator.key").string(),
                          "is no key of genesis.json. With CometBFT the validators are those of the genesis"});
  }
  Node node(std::move(home).value());
  auto const opened = node.open();
  if (!opened) return fail_to_start(opened.error());
  return node.run();
}

}  // namespace node::comet
