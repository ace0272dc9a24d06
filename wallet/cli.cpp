// SPDX-License-Identifier: Apache-2.0
#include "wallet/cli.hpp"

#include <CLI/CLI.hpp>

#include "wallet/commands.hpp"

namespace wallet {

namespace {

constexpr char const* version = "0.1.0";

/// Each verb stores what it was told in variables that live as long as the parser, and its own action.
class CommandLine {
 public:
  explicit CommandLine(Entrances const& entrances)
      : app_("Tallystick: goods and the money they are worth, kept as double entry"), entrances_(entrances) {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", std::string("tally ") + version);
    app_.add_option("--node", options_.node, "http://host:port of a node")->capture_default_str();
    app_.add_option("--keys", options_.keys, "folder of key files")->capture_default_str();
    app_.add_option("--passphrase-file", options_.passphrase_file, "else TALLY_PASSPHRASE, else it is asked for");
    app_.add_option("--genesis", options_.genesis, "genesis.json to pin the chain to");
    app_.add_flag("--json", options_.json, "one line of JSON where a command has tables");
    app_.fallthrough();
    node_verbs();
    member_verbs();
    goods_verbs();
    money_verbs();
    gs1_verbs();
  }

  int run(int argc, char const* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
      int const exit = app_.exit(error);
      return exit == 0 ? 0 : code(Exit::usage);
    }
    return action_ ? action_() : code(Exit::usage);
  }

 private:
  CLI::App* verb(CLI::App& parent, char const* name, char const* summary, std::function<int()> action) {
    auto* const command = parent.add_subcommand(name, summary);
    command->callback([this, run = std::move(action)] { action_ = run; });
    return command;
  }
  CLI::App* group(char const* name, char const* summary) {
    return app_.add_subcommand(name, summary)->require_subcommand(1);
  }

  void node_verbs() {
    auto* const start = verb(app_, "start", "Run a node", [this] { return entrances_.start(home_); });
    start->add_option("--home", home_, "the node's folder: genesis.json, node.toml, keys, data")->required();
    verb(app_, "status", "How the node and the chain are", [this] { return show_status(options_); });
    auto* const testnet = group("testnet", "Several nodes on one machine");
    auto* const demo =
        verb(*testnet, "demo", "Four validators play the silk journey", [this] { return entrances_.demo(demo_); });
    demo->add_option("--home", demo_.home, "where the network is kept")->default_val("build/demo");
    demo->add_flag("--check", demo_.check, "verify from outside, stop everything, end with one line of figures");
    demo->add_flag("--fresh", demo_.fresh, "start over");
    auto* const init = verb(*testnet, "init", "Make homes, keys and a genesis for four validators",
                            [this] { return entrances_.init_testnet(home_); });
    init->add_option("--home", home_, "the folder to make")->required();
    verb(app_, "version", "The version", [] { return std::printf("tally %s\n", version) < 0 ? 1 : 0; });
  }

  void member_verbs() {
    auto* const key = group("key", "Keys of an organisation");
    auto* const fresh = verb(*key, "new", "Make a key and seal it", [this] { return new_key(options_, name_, gln_); });
    fresh->add_option("name", name_, "name of the file")->required();
    fresh->add_option("--gln", gln_, "the organisation's GLN");
    verb(*key, "list", "The keys in the folder", [this] { return show_keys(options_); });
    auto* const member = group("member", "Organisations of the network");
    verb(*member, "list", "All of them", [this] { return show_members(options_); });
  }

  void goods_verbs() {
    auto* const record = verb(app_, "capture", "Sign and record the events of an EPCIS document",
                              [this] { return capture(options_, file_, key_name_, proceed_); });
    record->add_option("file", file_, "EPCIS 2.0 JSON-LD")->required();
    record->add_option("--key", key_name_, "name of the key that signs")->required();
    record->add_flag("--proceed", proceed_, "record what can be recorded");
    auto* const trace = verb(app_, "trace", "The history of an item, lot or unit, checked here",
                             [this] { return show_trace(options_, id_); });
    trace->add_option("id", id_, "Digital Link, its path, or EPC URN")->required();
    auto* const proof = group("proof", "Proofs");
    auto* const get = verb(*proof, "get", "Save a proof", [this] { return get_proof(options_, id_, file_); });
    get->add_option("id", id_, "Digital Link, its path, or EPC URN")->required();
    get->add_option("file", file_, "where to")->required();
    auto* const verify = verb(*proof, "verify", "Check a saved proof without a network",
                              [this] { return verify_proof(options_, file_, id_); });
    verify->add_option("file", file_, "the proof")->required();
    verify->add_option("--id", id_, "what it must be about");
    auto* const qr =
        verb(app_, "qr", "A QR code of a Digital Link", [this] { return show_qr(options_, id_, base_url_, invert_); });
    qr->add_option("id", id_, "Digital Link or its path")->required();
    qr->add_option("--base", base_url_, "the public listener")->default_val("http://127.0.0.1:8080");
    qr->add_flag("--invert", invert_, "for light terminals without colour");
  }

  void money_verbs() {
    auto* const tx = group("tx", "Transactions");
    auto* const waiting =
        verb(*tx, "wait", "Wait for an outcome", [this] { return wait_for(options_, id_, timeout_ms_); });
    waiting->add_option("id", id_, "0x…")->required();
    waiting->add_option("--timeout-ms", timeout_ms_, "how long")->default_val(20'000);
    auto* const send =
        verb(app_, "transfer", "Pay a member", [this] { return transfer(options_, amount_, asset_, to_, key_name_); });
    send->add_option("amount", amount_, "with the asset's decimals")->required();
    send->add_option("asset", asset_, "CODE.SHORTNAME")->required();
    send->add_option("--to", to_, "GLN or short name")->required();
    send->add_option("--key", key_name_, "name of the key that signs")->required();
    auto* const escrow = group("escrow", "Contracts");
    auto* const explain = verb(*escrow, "explain", "What can happen now, who, until when",
                               [this] { return explain_escrow(options_, id_, language_); });
    explain->add_option("id", id_, "label or contract id")->required();
    explain->add_option("--language", language_, "en or zh")->default_val("en")->check(CLI::IsMember({"en", "zh"}));
    auto* const analyse = verb(*escrow, "analyse", "Judge terms: when they end, who gets what at worst and best",
                               [this] { return analyse_escrow(file_, start_, language_); });
    analyse->add_option("file", file_, "the terms, JSON")->required();
    analyse->add_option("--start", start_, "when it is opened, like 2026-08-20T00:00:00Z; now when not given");
    analyse->add_option("--language", language_, "en or zh")->default_val("en")->check(CLI::IsMember({"en", "zh"}));
    auto* const simulate = verb(*escrow, "simulate", "Play scenarios offline and compare what they pay",
                                [this] { return simulate_escrow(files_, scenarios_); });
    simulate->add_option("terms", files_, "files of terms; a scenario names one by its name without .json")->required();
    simulate->add_option("--scenarios", scenarios_, "a list of scenarios, JSON")->required();
  }

  void gs1_verbs() {
    auto* const gs1 = group("gs1", "GS1 identifiers");
    for (char const* const name : {"parse", "normalise", "urn"}) {
      auto* const command = verb(*gs1, name, "One line of JSON", [this, name] { return gs1_command(name, id_); });
      command->add_option("uri", id_, "Digital Link or EPC URN")->required();
    }
    auto* const epcis = group("epcis", "EPCIS documents");
    for (char const* const name : {"hash", "check"}) {
      auto* const command =
          verb(*epcis, name, "Event hashes, or what is wrong", [this, name] { return epcis_command(name, file_); });
      command->add_option("file", file_, "EPCIS 2.0 JSON-LD")->required();
    }
  }

  CLI::App app_;
  Entrances const& entrances_;
  Options options_;
  DemoOptions demo_;
  std::function<int()> action_;
  std::filesystem::path home_;
  std::filesystem::path file_;
  std::string id_;
  std::string name_;
  std::string gln_;
  std::string key_name_;
  std::string amount_;
  std::string asset_;
  std::string to_;
  std::string base_url_;
  std::string language_;
  std::string start_;
  std::vector<std::string> files_;
  std::filesystem::path scenarios_;
  std::uint64_t timeout_ms_ = 0;
  bool proceed_ = false;
  bool invert_ = false;
};

}  // namespace

int run(int argc, char const* const* argv, Entrances const& entrances) {
  return CommandLine(entrances).run(argc, argv);
}

}  // namespace wallet
