// SPDX-License-Identifier: Apache-2.0
// The binary: wires the command line to the rooms that do its work.
#include "node/abci/start.hpp"
#include "node/audit.hpp"
#include "node/doctor.hpp"
#include "node/prepare.hpp"
#include "node/recover.hpp"
#include "node/start.hpp"
#include "testnet/demo.hpp"
#include "testnet/play.hpp"
#include "testnet/rehearsal.hpp"
#include "wallet/cli.hpp"

int main(int argc, char** argv) {
  wallet::Entrances entrances;
  entrances.start = [](std::filesystem::path const& home, std::string const& engine) {
    return engine == "cometbft" ? node::comet::run_start(home) : node::run_start(home);
  };
  entrances.demo = [](wallet::DemoOptions const& options) {
    testnet::DemoSettings settings;
    settings.home = options.home;
    settings.engine = options.engine;
    settings.check = options.check;
    settings.fresh = options.fresh;
    return testnet::demo(settings);
  };
  entrances.init_testnet = [](std::filesystem::path const& home) { return testnet::init(home); };
  entrances.rehearse = [](wallet::RehearsalOptions const& options) {
    testnet::RehearsalSettings settings;
    settings.home = options.home;
    settings.terms = options.terms;
    settings.scenarios = options.scenarios;
    settings.ports.shift = options.port_shift;
    return testnet::rehearse(settings);
  };
  entrances.play = [](wallet::JourneyOptions const& options) {
    testnet::PlaySettings settings;
    settings.home = options.home;
    settings.journey = options.journey;
    settings.variant = options.variant;
    settings.file = options.file;
    settings.attacks = options.attacks;
    settings.ports.shift = options.port_shift;
    return testnet::play(settings);
  };
  entrances.init_node = [](wallet::NewNodeOptions const& options) {
    return node::init_home({options.home, options.genesis, options.gln, options.address, options.peers});
  };
  entrances.doctor = [](std::filesystem::path const& home, bool deep, bool repair) {
    return node::run_doctor(home, {deep, repair});
  };
  entrances.audit = node::run_audit;
  entrances.next_key = node::prepare_validator_key;
  entrances.next_tls_key = node::prepare_tls_key;
  entrances.recover_draft = node::run_recover_draft;
  entrances.recover_sign = node::run_recover_sign;
  entrances.recover_apply = node::run_recover_apply;
  return wallet::run(argc, argv, entrances);
}
