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
    app_.add_option("--node", options_.node, "http://host:port of a node")
        ->capture_default_str()
        ->envname("TALLY_NODE");
    app_.add_option("--keys", options_.keys, "folder of key files")->capture_default_str()->envname("TALLY_KEYS");
    app_.add_option("--passphrase-file", options_.passphrase_file, "else TALLY_PASSPHRASE, else it is asked for");
    app_.add_option("--genesis", options_.genesis, "genesis.json to pin the chain to");
    app_.add_flag("--json", options_.json, "one line of JSON where a command has tables");
    app_.fallthrough();
    node_verbs();
    member_verbs();
    network_verbs();
    goods_verbs();
    money_verbs();
    gs1_verbs();
  }

  int run(int argc, char const* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
      int const exit = app_.exit(error);
      if (exit != 0) tell_verbs();
      return exit == 0 ? 0 : code(Exit::usage);
    }
    return action_ ? action_() : code(Exit::usage);
  }

 private:
  /// Where a verb is missing or unknown: what could stand there.
  void tell_verbs() const {
    CLI::App const* at = &app_;
    std::string said = "tally";
    while (!at->get_subcommands().empty()) {
      at = at->get_subcommands().back();
      said += " " + at->get_name();
    }
    std::string verbs;
    for (auto const* one : at->get_subcommands([](CLI::App const*) { return true; })) verbs += " " + one->get_name();
    if (verbs.empty()) return;
    for (auto const& word : app_.remaining(true)) {
      std::fprintf(stderr, "no %s is called %s\n", word.starts_with('-') ? "option" : "verb", shown(word).c_str());
    }
    std::fprintf(stderr, "next   %s, one of:%s\n", said.c_str(), verbs.c_str());
  }
  CLI::App* verb(CLI::App& parent, char const* name, char const* summary, std::function<int()> action) {
    auto* const command = parent.add_subcommand(name, summary);
    command->callback([this, run = std::move(action)] { action_ = run; });
    return command;
  }
  CLI::App* group(char const* name, char const* summary) {
    return app_.add_subcommand(name, summary)->require_subcommand(1);
  }

  static void add_engine(CLI::App& command, std::string& engine) {
    command.add_option("--engine", engine, "who orders blocks: simplex (built in) or cometbft (0.38)")
        ->default_val(engine_default)
        ->check(CLI::IsMember({"simplex", "cometbft"}));
  }

  void recover_verbs() {
    auto* const recover = group("recover", "A new epoch by a signed file, when the chain can decide nothing any more");
    using Entrance = std::function<int(std::filesystem::path const&, std::filesystem::path const&)>;
    auto const add = [&](char const* name, char const* help, Entrance const& entrance) {
      auto* const one = verb(*recover, name, help, [this, &entrance] { return entrance(home_, file_); });
      one->add_option("FILE", file_, "the recovery")->required();
      one->add_option("--home", home_, "the folder of a node that does not run")->required();
    };
    add("draft", "Write one that begins on the last block that is final here", entrances_.recover_draft);
    add("sign", "Say what this validator voted for above it, and vote no more in the old epoch",
        entrances_.recover_sign);
    add("apply", "Keep a signed one, so that the node begins the new epoch", entrances_.recover_apply);
  }

  void node_verbs() {
    auto* const start = verb(app_, "start", "Run a node", [this] { return entrances_.start(home_, engine_); });
    start->add_option("--home", home_, "the node's folder: genesis.json, node.toml, keys, data")->required();
    add_engine(*start, engine_);
    auto* const audit = verb(app_, "audit", "Replay what a stopped node keeps, and recount assets, claims and roots",
                             [this] { return entrances_.audit(home_); });
    audit->add_option("--home", home_, "the node's folder, its blocks back to the genesis")->required();
    verb(app_, "status", "How the node and the chain are", [this] { return show_status(options_); });
    auto* const doctor =
        verb(app_, "doctor", "Look into the folder of a node that is stopped: is all whole and fitting?",
             [this] { return entrances_.doctor(home_, deep_, repair_); });
    doctor->add_option("folder", home_, "the node's folder")->required();
    doctor->add_flag("--deep", deep_, "every byte of blocks, state and snapshots, every certificate");
    doctor->add_flag("--repair", repair_, "put aside what is damaged; the next start makes it again");
    auto* const node = group("node", "Homes and keys that the validators are to vote on; prints the change to propose");
    auto* const init_node =
        verb(*node, "init", "Make the home of a new validator", [this] { return entrances_.init_node(new_node_); });
    init_node->add_option("--home", new_node_.home, "the folder to make")->required();
    init_node->add_option("--genesis-file", new_node_.genesis, "of the network")->required();
    init_node->add_option("--gln", new_node_.gln, "of the member whose validator it is")->required();
    init_node->add_option("--address", new_node_.address, "HOST:PORT where others reach it")->required();
    init_node->add_option("--peer", new_node_.peers, "HOST:PORT of each validator of the genesis, in its order")
        ->required();
    auto* const next_key = verb(*node, "next-key", "Make the validator's next consensus key",
                                [this] { return entrances_.next_key(home_); });
    next_key->add_option("--home", home_, "the node's folder")->required();
    auto* const next_tls = verb(*node, "next-tls-key", "Make the validator's next TLS key",
                                [this] { return entrances_.next_tls_key(home_); });
    next_tls->add_option("--home", home_, "the node's folder")->required();
    recover_verbs();
    auto* const testnet = group("testnet", "Several nodes on one machine");
    auto* const demo =
        verb(*testnet, "demo", "Four validators play the silk journey", [this] { return entrances_.demo(demo_); });
    demo->add_option("--home", demo_.home, "where the network is kept")->default_val("build/demo");
    demo->add_flag("--check", demo_.check, "verify from outside, stop everything, end with one line of figures");
    demo->add_flag("--fresh", demo_.fresh, "start over");
    add_engine(*demo, demo_.engine);
    auto* const init = verb(*testnet, "init", "Make homes, keys and a genesis for four validators",
                            [this] { return entrances_.init_testnet(home_); });
    init->add_option("--home", home_, "the folder to make")->required();
    auto* const journey = verb(*testnet, "journey", "Play a journey of a file on four validators, and compare",
                               [this] { return entrances_.play(journey_); });
    journey->add_option("name", journey_.journey, "J1-silk, J2-cotton, J3-salmon, J4-watch, or one of the file")
        ->required();
    journey->add_option("--variant", journey_.variant, "of its readings, like B");
    journey->add_option("--file", journey_.file, "another file of the same form, its escrows' terms beside it");
    journey->add_flag("--attacks", journey_.attacks, "also what somebody tries beside it");
    journey->add_option("--home", journey_.home, "where the network is kept")->default_val("build/journey");
    journey->add_option("--port-shift", journey_.port_shift, "added to every port")->default_val(0);
    auto* const escrow = verb(*testnet, "escrow", "Play escrow scenarios on four validators, all in one chain",
                              [this] { return entrances_.rehearse(rehearsal_); });
    escrow->add_option("terms", rehearsal_.terms, "files of terms, named as the scenarios name them")->required();
    escrow->add_option("--scenarios", rehearsal_.scenarios, "JSON lists of scenarios")->required();
    escrow->add_option("--home", rehearsal_.home, "where the network is kept")->default_val("build/rehearsal");
    escrow->add_option("--port-shift", rehearsal_.port_shift, "added to every port")->default_val(0);
    verb(app_, "version", "The version", [] { return std::printf("tally %s\n", version) < 0 ? 1 : 0; });
  }

  void member_verbs() {
    auto* const key = group("key", "Keys of an organisation");
    auto* const fresh = verb(*key, "new", "Make a key and seal it", [this] { return new_key(options_, name_, gln_); });
    fresh->add_option("name", name_, "name of the file")->required();
    fresh->add_option("--gln", gln_, "the organisation's GLN");
    verb(*key, "list", "The keys in the folder", [this] { return show_keys(options_); });
    auto* const phrase = verb(*key, "phrase", "A fresh phrase to write down (BIP-39)",
                              [this] { return new_phrase(static_cast<std::size_t>(words_)); });
    phrase->add_option("--words", words_, "12 or 24")->default_val(24)->check(CLI::IsMember({12, 24}));
    auto* const restore = verb(*key, "restore", "Make a key of a phrase again", [this] {
      return restore_key(options_, name_, gln_, file_, static_cast<std::uint32_t>(index_));
    });
    restore->add_option("name", name_, "name of the file")->required();
    restore->add_option("--gln", gln_, "the organisation's GLN");
    restore->add_option("--phrase-file", file_, "else it is asked for");
    restore->add_option("--index", index_, "which of the phrase's keys")->default_val(0)->check(CLI::Range(0, 1 << 20));
    auto& told = key_options_;
    auto* const enter = verb(*key, "add", "Enter a key on the ledger, for the party of the first --key",
                             [this] { return add_key(options_, key_options_); });
    enter->add_option("--kind", told.kind, "root, admin, staff or device")
        ->capture_default_str()
        ->check(CLI::IsMember({"root", "admin", "staff", "device"}));
    enter->add_option("--act", told.acts, "record, money, escrow, certify, admin: what a staff key may sign")
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"record", "money", "escrow", "certify", "admin"}));
    enter->add_option("--prefix", told.prefixes, "GS1 company prefixes; all of yours when not given")
        ->allow_extra_args(false);
    enter->add_option("--site", told.sites, "GLNs of sites; all of yours when not given")->allow_extra_args(false);
    enter->add_option("--until", told.until, "a time, or a duration like P365D; without end when not given");
    auto* const revoke =
        verb(*key, "revoke", "End a key on the ledger", [this] { return revoke_key(options_, key_options_); });
    for (auto* const command : {enter, revoke}) {
      command->add_option("key-or-name", told.key, "0x…, or the name of a key file")->required();
      signing(*command, told.signing);
    }
    auto* const member = group("member", "Organisations of the network");
    verb(*member, "list", "All of them", [this] { return show_members(options_); });
  }

  void network_verbs() {
    auto* const network = group("network", "What the validators decide together");
    auto* const propose = verb(*network, "propose", "Propose a change of validators or parameters",
                               [this] { return propose_change(options_, file_, key_name_); });
    propose->add_option("file", file_, "the change, JSON")->required();
    propose->add_option("--key", key_name_, "name of the key that signs")->required();
    auto* const vote = verb(*network, "vote", "Vote on a proposal",
                            [this] { return vote_change(options_, id_, voice_ == "yes", key_name_); });
    vote->add_option("proposal", id_, "0x…")->required();
    vote->add_option("voice", voice_, "yes or no")->required()->check(CLI::IsMember({"yes", "no"}));
    vote->add_option("--key", key_name_, "name of the key that signs")->required();
    verb(*network, "proposals", "What is open", [this] { return show_proposals(options_); });
    auto* const validators =
        verb(*network, "validators", "Who validates", [this] { return show_validators(options_, id_); });
    validators->add_option("--epoch", id_, "absent: that of the next block");
  }

  void goods_verbs() {
    auto* const record = verb(app_, "capture", "Sign and record the events of an EPCIS document",
                              [this] { return capture(options_, file_, key_name_, proceed_); });
    record->add_option("file", file_, "EPCIS JSON-LD or XML")->required();
    record->add_option("--key", key_name_, "name of the key that signs")->required();
    record->add_flag("--proceed", proceed_, "record what can be recorded");
    auto* const import = verb(app_, "import", "Record all events of a large file; goes on where it stopped",
                              [this] { return import_events(options_, file_, key_name_, in_order_); });
    import->add_option("file", file_, "EPCIS JSON-LD or XML, a list of events, or one a line")->required();
    import->add_option("--key", key_name_, "name of the key that signs")->required();
    import->add_flag("--in-order", in_order_, "one transaction at a time, where later events need earlier ones");
    auto* const trace = verb(app_, "trace", "The history of an item, lot or unit, checked here",
                             [this] { return show_trace(options_, id_); });
    trace->add_option("id", id_, "Digital Link, its path, or EPC URN")->required();
    auto* const proof = group("proof", "Proofs");
    auto* const get = verb(*proof, "get", "Save a proof", [this] {
      return get_proof(options_, id_, file_, "witnessed=" + witnessed_ + (last_.empty() ? "" : "&last=" + last_));
    });
    get->add_option("id", id_, "Digital Link, its path, or EPC URN")->required();
    get->add_option("file", file_, "where to")->required();
    get->add_option("--last", last_, "at most so many of its own events, the last ones");
    get->add_option("--witnessed", witnessed_, "rather of a state that was co-signed, up to so many seconds older");
    auto* const verify = verb(*proof, "verify", "Check a saved proof without a network",
                              [this] { return verify_proof(options_, file_, id_); });
    verify->add_option("file", file_, "the proof")->required();
    verify->add_option("--id", id_, "what it must be about");
    auto* const accuse = verb(*proof, "accuse", "Name who signed two results of one height, from two saved proofs",
                              [this] { return accuse_signers(options_, file_, other_file_); });
    accuse->add_option("first", file_, "a proof")->required();
    accuse->add_option("second", other_file_, "another, of the same height")->required();
    auto* const receipt = verb(app_, "receipt", "A COSE receipt that an event is in the log of all events",
                               [this] { return get_receipt(options_, id_, file_); });
    receipt->add_option("event", id_, "its number in the log, or its event id, ni:///sha-256;…")->required();
    receipt->add_option("file", file_, "where to; the leaf goes to FILE.leaf")->required();
    auto* const capsule = verb(app_, "capsule", "One HTML file with a record and its verifier, for offline",
                               [this] { return write_capsule(options_, id_, file_); });
    capsule->add_option("id", id_, "Digital Link, its path, or EPC URN")->required();
    capsule->add_option("file", file_, "where to")->default_val("capsule.html");
    auto* const watch = verb(app_, "witness", "Follow the chain from the genesis and co-sign what was final",
                             [this] { return witness(options_, witness_options_); });
    auto& told = witness_options_;
    watch->add_option("--key", told.key, "name of the key, an auditor's or another watcher's")->required();
    watch->add_option("--file", told.file, "keeps what was signed last")->default_val("witness.signed");
    watch->add_option("--also", told.also, "other nodes that shall show it, http://host:port")->allow_extra_args(false);
    watch->add_option("--every-ms", told.every_ms, "pause between two results")->default_val(1000);
    watch->add_flag("--once", told.once, "one result, then the end");
    auto* const qr = verb(app_, "qr", "QR codes of items, lots or units: in the terminal, or labels to print",
                          [this] { return show_qr(labels_); });
    qr->add_option("id", labels_.ids, "Digital Links or their paths");
    qr->add_option("--list", labels_.list, "a file of more, one a line");
    qr->add_option("--base", labels_.base_url, "the public listener")->default_val("http://127.0.0.1:8080");
    qr->add_option("--svg", labels_.svg, "write a label there; several make A4 sheets, FILE, FILE-2, …");
    qr->add_flag("--sheet", labels_.sheet, "a sheet even of one");
    qr->add_flag("--invert", labels_.inverted, "for light terminals without colour");
  }

  void money_verbs() {
    auto* const tx = group("tx", "Transactions");
    auto* const waiting =
        verb(*tx, "wait", "Wait for an outcome", [this] { return wait_for(options_, id_, timeout_ms_); });
    waiting->add_option("id", id_, "0x…")->required();
    waiting->add_option("--timeout-ms", timeout_ms_, "how long")->default_val(20'000);
    auto* const send = verb(app_, "transfer", "Pay a member", [this] { return transfer(options_, payment_); });
    send->add_option("amount", payment_.amount, "with the asset's decimals")->required();
    send->add_option("asset", payment_.asset, "CODE.SHORTNAME")->required();
    send->add_option("--to", payment_.to, "a contact, GLN or short name")->required();
    payment_details(*send, payment_);
    signing(*send, payment_.signing);
    auto* const status = verb(*tx, "status", "What became of a transaction's payments, as pacs.002",
                              [this] { return show_payment_status(options_, id_); });
    status->add_option("id", id_, "0x…")->required();
    draft_verbs();
    statement_verbs();
    asset_verbs();
    hold_verbs();
    claim_verbs();
    escrow_verbs();
  }

  /// The options of every command that signs.
  void signing(CLI::App& command, Signing& signing) {
    command.add_option("--key", signing.keys, "name of the key that signs; several: the first one acts")
        ->allow_extra_args(false);
    command.add_option("--draft", signing.draft, "write a draft for approval there instead");
    command.add_option("--approvers", signing.approvers, "names of the keys that may approve the draft");
    command.add_option("--approvals", signing.approvals, "how many of them must; all when not given");
    command.add_flag("--over-limit", signing.over_limit, "although this wallet's own limits say no");
  }
  static void payment_details(CLI::App& command, PaymentOptions& payment) {
    command.add_option("--purpose", payment.purpose, "a purpose code");
    command.add_option("--uetr", payment.uetr, "UUID version 4");
    command.add_option("--end-to-end", payment.end_to_end, "the payer's reference");
    command.add_option("--travel", payment.travel, "a file with the statement of tally travel sign");
  }

  void asset_verbs() {
    auto* const asset = group("asset", "Issuers' assets");
    auto* const create = verb(*asset, "create", "A new asset, CODE.SHORTNAME of the issuer",
                              [this] { return create_asset(options_, asset_options_); });
    auto& told = asset_options_;
    create->add_option("code", told.code, "ISO 4217, or a code of your own")->required();
    create->add_option("--scale", told.scale, "decimals; ISO 4217's, else 2, when not given");
    create->add_option("--max-supply", told.max_supply, "the most ever issued; 2^63 - 1 minor units when not given");
    create->add_option("--approver", told.approver, "who signs too above the threshold");
    create->add_option("--approve-above", told.approve_above, "minted and burnt in 24 hours without the approver");
    create->add_option("--travel-above", told.travel_above, "paid to one payee in 24 hours without a statement");
    create->add_flag("--require-auth", told.require_auth, "only accounts that you authorised hold it");
    create->add_flag("--can-freeze", told.can_freeze, "you can stop an account's debits");
    create->add_flag("--can-clawback", told.can_clawback, "you can take it back");
    create->add_flag("--no-escrow", told.no_escrow, "contracts may not hold it");
    create->add_flag("--no-transfer", told.no_transfer, "holders pay nobody but you");
    auto* const minting = verb(*asset, "mint", "Issue", [this] { return mint(options_, asset_options_); });
    minting->add_option("--to", told.party, "a contact, GLN or short name")->required();
    minting->add_option("--reserve", told.reserve, "the reserve attestation: a file, or its hash 0x…")->required();
    auto* const burning =
        verb(*asset, "burn", "Redeem; the holder signs too", [this] { return burn(options_, asset_options_); });
    burning->add_option("--from", told.party, "the holder")->required();
    for (auto* const command : {minting, burning}) {
      command->add_option("amount", told.amount, "with the asset's decimals")->required();
      command->add_option("asset", told.asset, "CODE.SHORTNAME")->required();
    }
    auto* const allow = verb(*asset, "authorise", "Let a party hold, in a tier, under an institution",
                             [this] { return authorise(options_, asset_options_); });
    allow->add_option("--tier", told.tier, "of the limits")->default_val(0);
    allow->add_option("--institution", told.institution, "who answers for it under the travel rule; you, else");
    allow->add_flag("--end", told.ends, "no longer");
    auto* const stop =
        verb(*asset, "freeze", "Stop an account's debits", [this] { return freeze(options_, asset_options_); });
    stop->add_option("--reason", told.reason, "as its statement will say")->required();
    stop->add_flag("--end", told.ends, "let them go on");
    for (auto* const command : {allow, stop}) {
      command->add_option("asset", told.asset, "CODE.SHORTNAME")->required();
      command->add_option("party", told.party, "a contact, GLN or short name")->required();
    }
    auto* const take = verb(*asset, "clawback", "Take back; never from contracts",
                            [this] { return claw_back(options_, asset_options_); });
    take->add_option("amount", told.amount, "with the asset's decimals")->required();
    take->add_option("asset", told.asset, "CODE.SHORTNAME")->required();
    take->add_option("--from", told.party, "the holder")->required();
    take->add_option("--reason", told.reason, "as its statement will say")->required();
    auto* const bound =
        verb(*asset, "limits", "What accounts of a tier may hold and pay; what is not given is unlimited",
             [this] { return set_limits(options_, asset_options_); });
    bound->add_option("asset", told.asset, "CODE.SHORTNAME")->required();
    bound->add_option("--tier", told.tier, "as authorise names it")->default_val(0);
    bound->add_option("--balance", told.balance_max, "the most held");
    bound->add_option("--transfer", told.transfer_max, "the most paid at once");
    bound->add_option("--day", told.day_max, "the most paid in 24 hours");
    bound->add_option("--month", told.month_max, "the most paid in 30 days");
    for (auto* const command : {create, minting, burning, allow, stop, take, bound}) signing(*command, told.signing);
  }

  void hold_verbs() {
    auto& told = hold_;
    auto* const hold = group("hold", "Money set aside");
    auto* const opening = verb(*hold, "open", "Set aside for a payee", [this] { return open_hold(options_, hold_); });
    opening->add_option("amount", told.payment.amount, "with the asset's decimals")->required();
    opening->add_option("asset", told.payment.asset, "CODE.SHORTNAME")->required();
    opening->add_option("--to", told.payment.to, "a contact, GLN or short name")->required();
    opening->add_option("--by", told.by, "who may pay it out; the payer, else");
    opening->add_option("--expires", told.expires, "a time, or a duration like P3D")->required();
    auto* const post = verb(*hold, "post", "Pay out of it", [this] { return post_hold(options_, hold_); });
    post->add_option("id", told.id, "0x…")->required();
    post->add_option("amount", told.payment.amount, "with the asset's decimals")->required();
    post->add_flag("--final", told.final, "give the rest free");
    auto* const give = verb(*hold, "void", "Give it free", [this] { return void_hold(options_, hold_); });
    give->add_option("id", told.id, "0x…")->required();
    for (auto* const command : {opening, post}) payment_details(*command, told.payment);
    for (auto* const command : {opening, post, give}) signing(*command, told.payment.signing);
    auto* const list =
        verb(*hold, "list", "Open holds from an account", [this] { return list_holds(options_, to_, asset_); });
    list->add_option("account", to_, "GLN or short name")->required();
    list->add_option("asset", asset_, "CODE.SHORTNAME")->required();

    auto* const netting = group("netting", "What members owe each other, paid by what is left of it");
    auto* const net =
        verb(*netting, "open", "Propose a set and join it", [this] { return open_netting(options_, netting_); });
    net->add_option("label", netting_.label, "how it is called")->required();
    net->add_option("--owes", netting_.debts, "DEBTOR:CREDITOR:AMOUNT:ASSET, as often as needed")
        ->required()
        ->allow_extra_args(false);
    net->add_option("--settles", netting_.settles, "a time, or a duration like P1D")->required();
    auto* const join = verb(*netting, "join", "Join a set", [this] { return join_netting(options_, netting_); });
    join->add_option("id", netting_.id, "0x…")->required();
    for (auto* const command : {net, join}) signing(*command, netting_.signing);
  }

  void claim_verbs() {
    auto& told = claim_;
    auto* const claim = group("receivable", "The register of claims");
    auto* const enter =
        verb(*claim, "register", "Enter a claim once", [this] { return register_receivable(options_, claim_); });
    enter->add_option("--debtor", told.debtor, "a contact, GLN or short name; with its key too it is acknowledged")
        ->required();
    enter->add_option("--amount", told.amount, "with the asset's decimals")->required();
    enter->add_option("--asset", told.asset, "CODE.SHORTNAME")->required();
    enter->add_option("--due", told.due, "a time, or a duration like P30D")->required();
    enter->add_option("--number", told.number, "the invoice's")->required();
    auto* const assign = verb(*claim, "assign", "Turn it over to a financier",
                              [this] { return secure_receivable(options_, claim_, ledger::Security::assigned); });
    auto* const pledge = verb(*claim, "pledge", "Give it as security",
                              [this] { return secure_receivable(options_, claim_, ledger::Security::pledged); });
    auto* const release = verb(*claim, "release", "Give a pledge back",
                               [this] { return secure_receivable(options_, claim_, ledger::Security::released); });
    for (auto* const command : {assign, pledge}) command->add_option("--to", told.to, "who gets it")->required();
    auto* const show = verb(*claim, "show", "Its entry", [this] { return show_receivable(options_, claim_.document); });
    for (auto* const command : {enter, assign, pledge, release, show}) {
      command->add_option("document", told.document, "the invoice: a file, or its hash 0x…")->required();
      if (command != show) signing(*command, told.signing);
    }

    auto* const travel = group("travel", "The travel rule");
    auto* const state = verb(*travel, "sign", "The statement of a payee's institution about one payment",
                             [this] { return sign_travel(options_, travel_); });
    state->add_option("amount", travel_.payment.amount, "with the asset's decimals")->required();
    state->add_option("asset", travel_.payment.asset, "CODE.SHORTNAME")->required();
    state->add_option("--from", travel_.from, "the payer")->required();
    state->add_option("--to", travel_.payment.to, "the payee")->required();
    state->add_option("--reference", travel_.reference, "of the exchange between the institutions")->required();
    state->add_option("--uetr", travel_.payment.uetr, "the payment's, if it will have one");
    state->add_option("--until", travel_.until, "a time, or a duration like P1D")->default_val("P1D");
    state->add_option("--key", travel_.payment.signing.keys, "name of the institution's key")->required();
  }

  void escrow_verbs() {
    auto* const escrow = group("escrow", "Contracts");
    auto& told = escrow_;
    auto* const opening = verb(*escrow, "open", "Open a contract", [this] { return open_escrow(options_, escrow_); });
    opening->add_option("terms", told.terms, "the terms, JSON")->required();
    opening->add_option("--role", told.roles, "ROLE=PARTY, for each role")->required()->allow_extra_args(false);
    opening->add_option("--label", told.label, "how the contract is called")->required();
    auto* const act =
        verb(*escrow, "act", "Deposit, approve, choose, award", [this] { return act_in_escrow(options_, escrow_); });
    act->add_option("id", told.id, "label or contract id")->required();
    act->add_option("act", told.act,
                    "deposit, approve, the name of a choice or award (dispute, …), or catch-up: makes what is overdue")
        ->required();
    act->add_option("--value", told.value, "of a choice or award with more than one");
    act->add_option("--state", told.state, "where several states wait for it");
    auto* const assign =
        verb(*escrow, "assign", "Turn over what a role is paid", [this] { return assign_escrow(options_, escrow_); });
    assign->add_option("id", told.id, "label or contract id")->required();
    assign->add_option("role", told.role, "an assignable role")->required();
    assign->add_option("--to", told.to, "who is paid instead")->required();
    for (auto* const command : {opening, act, assign}) signing(*command, told.signing);
    auto* const list = verb(*escrow, "list", "A party's contracts", [this] { return list_escrows(options_, to_); });
    list->add_option("party", to_, "GLN or short name")->required();
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

  void draft_verbs() {
    auto* const draft = group("draft", "Drafts that several approve");
    auto const file = [this](CLI::App* command) { command->add_option("file", file_, "the draft")->required(); };
    file(verb(*draft, "show", "What it says, who approved, what speaks against it",
              [this] { return show_draft(options_, file_); }));
    auto* const approving = verb(*draft, "approve", "Sign it, without a network",
                                 [this] { return approve_draft(options_, file_, key_name_, over_limit_); });
    file(approving);
    approving->add_option("--key", key_name_, "name of the key that signs")->required();
    approving->add_flag("--over-limit", over_limit_, "although this wallet's own limits say no");
    auto* const merging = verb(*draft, "merge", "Take over another copy's approvals",
                               [this] { return merge_drafts(file_, other_file_); });
    file(merging);
    merging->add_option("other", other_file_, "the other copy")->required();
    file(verb(*draft, "send", "Send it once enough have approved", [this] { return send_draft(options_, file_); }));

    auto* const contacts = group("contacts", "Whom this wallet knows");
    auto* const add = verb(*contacts, "add", "Name a GLN", [this] { return add_to_contacts(options_, name_, gln_); });
    add->add_option("name", name_, "how you call it")->required();
    add->add_option("gln", gln_, "13 digits")->required();
    verb(*contacts, "list", "All of them", [this] { return show_contacts(options_); });
    auto* const limit = verb(app_, "limit", "What this wallet may spend",
                             [this] { return limit_spending(options_, asset_, amount_, day_amount_); });
    limit->add_option("asset", asset_, "CODE.SHORTNAME")->required();
    limit->add_option("--transfer", amount_, "the most at once; without it no limit");
    limit->add_option("--day", day_amount_, "the most in 24 hours; without it no limit");
  }

  void statement_verbs() {
    auto* const statement =
        verb(app_, "statement", "An account's lines, checked against what validators signed",
             [this] { return show_statement(options_, to_, asset_, from_date_, to_date_, format_); });
    statement->add_option("account", to_, "GLN or short name")->required();
    statement->add_option("--asset", asset_, "CODE.SHORTNAME")->required();
    statement->add_option("--from", from_date_, "2026-08-13 or a time")->required();
    statement->add_option("--to", to_date_, "the first day or time after it")->required();
    statement->add_option("--format", format_, "camt053, camt054, csv or json")
        ->default_val("json")
        ->check(CLI::IsMember({"camt053", "camt054", "csv", "json"}));
    auto* const payments = group("payments", "Payment orders of ISO 20022");
    auto* const import = verb(*payments, "import", "Pay what a pain.001 orders",
                              [this] { return import_payments(options_, file_, key_name_, other_file_, over_limit_); });
    import->add_option("file", file_, "pain.001.001.10")->required();
    import->add_option("--key", key_name_, "name of the payer's key")->required();
    import->add_option("--status", other_file_, "write the answer there, as pain.002");
    import->add_flag("--over-limit", over_limit_, "although this wallet's own limits say no");
  }

  void gs1_verbs() {
    auto* const gs1 = group("gs1", "GS1 identifiers");
    for (char const* const name : {"parse", "normalise", "urn"}) {
      auto* const command = verb(*gs1, name, "One line of JSON",
                                 [this, name] { return gs1_command(name, id_, link_options_, prefix_digits_); });
      command->add_option("uri", id_, "Digital Link, compressed or not, or EPC URN")->required();
      command->add_flag("--alphabetic", link_options_.alphabetic_keys, "gtin, lot, ser for 01, 10, 21");
      command->add_flag("--short-gtin", link_options_.short_gtin, "GTIN-8, -12, -13 in place of GTIN-14");
      command->add_flag("--unknown", link_options_.unknown_identifiers, "keep identifiers that are not known");
      command->add_option("--prefix-digits", prefix_digits_, "length of the company prefix, 6 to 12");
    }
    auto* const epcis = group("epcis", "EPCIS documents");
    for (auto const& [name, what] : {std::pair("hash", "Event hashes, one a line"),
                                     std::pair("check", "Valid, or which field is wrong and why")}) {
      auto* const command = verb(*epcis, name, what, [this, name = name] { return epcis_command(name, file_); });
      command->add_option("file", file_, "EPCIS JSON-LD or XML; - is standard input")->required();
    }
  }

  CLI::App app_;
  Entrances const& entrances_;
  Options options_;
  DemoOptions demo_;
  RehearsalOptions rehearsal_;
  JourneyOptions journey_;
  std::function<int()> action_;
  std::filesystem::path home_;
  bool deep_ = false;
  bool repair_ = false;
  std::string engine_;
  std::filesystem::path file_;
  std::string last_;
  std::string witnessed_ = "0";
  std::string id_;
  std::string name_;
  std::string gln_;
  std::string key_name_;
  std::string amount_;
  std::string asset_;
  std::string to_;
  PaymentOptions payment_;
  bool over_limit_ = false;
  AssetOptions asset_options_;
  KeyOptions key_options_;
  HoldOptions hold_;
  NettingOptions netting_;
  ReceivableOptions claim_;
  TravelOptions travel_;
  EscrowOptions escrow_;
  std::filesystem::path other_file_;
  std::string day_amount_;
  std::string from_date_;
  std::string to_date_;
  std::string format_;
  std::uint64_t index_ = 0;
  std::uint64_t words_ = 0;
  std::string language_;
  std::string voice_;
  NewNodeOptions new_node_;
  gs1::LinkOptions link_options_;
  unsigned prefix_digits_ = 0;
  std::string start_;
  std::vector<std::string> files_;
  std::filesystem::path scenarios_;
  std::uint64_t timeout_ms_ = 0;
  bool proceed_ = false;
  bool in_order_ = false;
  LabelOptions labels_;
  WitnessOptions witness_options_;
};

}  // namespace

int run(int argc, char const* const* argv, Entrances const& entrances) {
  return CommandLine(entrances).run(argc, argv);
}

}  // namespace wallet
