// SPDX-License-Identifier: Apache-2.0
// Keys, status, members, transactions.
#include "wallet/commands.hpp"
#include "wallet/label.hpp"

#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "base/time.hpp"
#include "gs1/identifier.hpp"
#include "rpc/json.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

std::string ask_passphrase(std::string const& key_name) {
  std::fprintf(stderr, "passphrase of %s: ", key_name.c_str());
  termios before{};
  bool const terminal = tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) tcsetattr(STDIN_FILENO, TCSANOW, &before);
  std::fprintf(stderr, "\n");
  return line;
}

}  // namespace

base::Result<std::string> passphrase(Options const& options, std::string const& key_name) {
  if (!options.passphrase_file.empty()) {
    TRY_ASSIGN(auto text, read_text_file(options.passphrase_file, 4096));
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
  }
  if (char const* const given = std::getenv("TALLY_PASSPHRASE")) return std::string(given);
  return ask_passphrase(key_name);
}

base::Result<Identity> unlock(Options const& options, std::string const& key_name) {
  TRY_ASSIGN(auto const text, read_text_file(options.keys / (key_name + ".key"), 65536));
  TRY_ASSIGN(auto const secret, passphrase(options, key_name));
  return open_key(text, secret);
}

int show_status(Options const& options) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const chain = (*client)->call("chain_status", Value::object());
  if (!chain) return code(report(chain.error(), "tally start"));
  auto const node = (*client)->call("node_status", Value::object());
  auto const peers = (*client)->call("node_peers", Value::object());
  if (options.json) {
    auto all = Value::object();
    all.add("chain", *chain);
    if (node) all.add("node", *node);
    if (peers) all.add("peers", *peers);
    std::printf("%s\n", rpc::to_text(all).c_str());
    return code(Exit::done);
  }
  std::string const reason(node ? node->string_of("not_ready") : "");
  auto const health = reason.empty() ? painted("32", "healthy") : painted("31", "not ready");
  std::printf("%s     %s     height %s     %s%s\n", std::string(chain->string_of("name")).c_str(), health.c_str(),
              std::string(chain->string_of("height")).c_str(), std::string(chain->string_of("time")).c_str(),
              chain->find("test_clock") != nullptr && chain->find("test_clock")->boolean ? "     TEST CLOCK" : "");
  if (!reason.empty()) std::printf("reason      %s\n", reason.c_str());
  std::printf("state root  %s\n", std::string(chain->string_of("state_root")).c_str());
  if (node) {
    std::printf("this        %s, %s, view %s, version %s\n", std::string(node->string_of("validator")).c_str(),
                std::string(node->string_of("phase")).c_str(), std::string(node->string_of("view")).c_str(),
                std::string(node->string_of("version")).c_str());
    std::printf("mempool     %s\n", rpc::to_text(*node->find("mempool_transactions")).c_str());
  }
  if (peers) {
    for (auto const& peer : peers->find("peers")->items) {
      std::printf("peer        %-12s %s\n", std::string(peer.string_of("name")).c_str(),
                  peer.find("connected")->boolean ? "connected" : painted("33", "not connected").c_str());
    }
  }
  return code(Exit::done);
}

int new_key(Options const& options, std::string const& name, std::string const& gln) {
  if (!gln.empty() && !gs1::read_key("https://id.gs1.org/417/" + gln)) {
    return code(report({Code::E_CHECK_DIGIT, "--gln", "not a GLN: 13 digits with their check digit"}));
  }
  auto const secret = new_secret();
  KeyInfo const info{name, gln, *crypto::party_key(secret)};
  auto const phrase = passphrase(options, name);
  if (!phrase) return code(report(phrase.error()));
  if (phrase->size() < 8) return code(report({Code::E_FORM, "passphrase", "at least 8 characters"}));
  auto const written = write_key(options.keys, info, seal_key(info, secret, *phrase));
  if (!written) return code(report(written.error()));
  std::printf("%s\n", info.key.hex().c_str());
  return code(Exit::done);
}

int show_keys(Options const& options) {
  for (auto const& info : list_keys(options.keys)) {
    std::printf("%-24s %-13s  %s\n", info.name.c_str(), info.gln.c_str(), info.key.hex().c_str());
  }
  return code(Exit::done);
}

int show_members(Options const& options) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const answer = (*client)->call("member_list", Value::object());
  if (!answer) return code(report(answer.error()));
  for (auto const& member : answer->find("members")->items) {
    std::printf("%-16s %-13s  %s\n", std::string(member.string_of("short_name")).c_str(),
                std::string(member.string_of("gln")).c_str(), std::string(member.string_of("id")).c_str());
  }
  return code(Exit::done);
}

int wait_for(Options const& options, std::string const& id, std::uint64_t timeout_ms) {
  auto const hash = ledger::Hash::from_text(id);
  if (!hash) {
    report({Code::E_ENCODING, "ID", "expected 0x and 64 hexadecimal digits"});
    return code(Exit::usage);
  }
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const outcome = wait(**client, *hash, timeout_ms);
  if (!outcome) return code(report(outcome.error()));
  if (options.json) {
    std::printf("%s\n", rpc::to_text(view_of(*outcome)).c_str());
  } else {
    print(*outcome);
  }
  if (auto const next = next_of(*outcome); !next.empty()) std::fprintf(stderr, "       next   %s\n", next.c_str());
  return exit_of(*outcome);
}

int show_qr(LabelOptions const& options) {
  std::vector<Label> labels;
  auto const add = [&](std::string const& id) -> base::Result<void> {
    if (labels.size() == labels_max) return base::Error{base::Code::E_TOO_LARGE, id, "at most 10000 labels"};
    TRY_ASSIGN(auto label, make_label(id, options.base_url));
    labels.push_back(std::move(label));
    return {};
  };
  auto const add_all = [&]() -> base::Result<void> {
    for (auto const& id : options.ids) TRY(add(id));
    if (options.list.empty()) return {};
    TRY_ASSIGN(auto const text, read_text_file(options.list));
    for (std::size_t at = 0; at < text.size();) {
      auto const end = std::min(text.find('\n', at), text.size());
      auto line = text.substr(at, end - at);
      at = end + 1;
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty()) TRY(add(line));
    }
    return {};
  };
  if (auto const added = add_all(); !added) return code(report(added.error()));
  if (labels.empty()) return code(report({base::Code::E_FORM, "ID", "name an identifier, or --list FILE"}));
  if (options.svg.empty()) {
    for (auto const& label : labels) {
      auto const qr = qr_text(label.url, wants_colour(), options.inverted);
      if (!qr) return code(report({qr.error().code, "--base", qr.error().detail}, "a shorter address in --base"));
      std::printf("%s\n%s\n", qr->c_str(), label.url.c_str());
    }
    return code(Exit::done);
  }
  auto const folder = options.svg.parent_path();
  std::error_code failed;
  if (!folder.empty() && !std::filesystem::is_directory(folder, failed))
    return code(report({base::Code::E_FORM, "--svg", "there is no folder " + folder.string()}));
  bool const sheet = labels.size() > 1 || options.sheet;
  auto const pages = sheet ? sheet_svgs(labels) : std::vector<std::string>{label_svg(labels.front())};
  for (std::size_t i = 0; i < pages.size(); ++i) {
    auto path = options.svg;
    if (i > 0) path.replace_filename(path.stem().string() + "-" + std::to_string(i + 1) + path.extension().string());
    if (auto const written = write_text_file(path, pages[i]); !written) return code(report(written.error()));
    std::printf("%s\n", path.c_str());
  }
  return code(Exit::done);
}

}  // namespace wallet
