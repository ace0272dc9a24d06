// SPDX-License-Identifier: Apache-2.0
#include "node/config.hpp"

#include <toml++/toml.h>
#include <charconv>
#include <set>
#include <sstream>

namespace node {

using base::Code;
using base::Error;
using base::Result;

namespace {

/// Reads one table and remembers which of its keys are known, so that the rest can be named.
class Section {
 public:
  Section(std::string file, std::string name, toml::table const& table)
      : file_(std::move(file)), name_(std::move(name)), table_(table) {}

  toml::node const* find(std::string_view key) {
    known_.insert(std::string(key));
    return table_.get(key);
  }

  Result<void> address(std::string_view key, Address& out) {
    auto const* node = find(key);
    if (node == nullptr) return {};
    auto const address = read_address(node->value<std::string_view>().value_or(""));
    if (!address) return wrong(*node, key, "is no address", "a string \"HOST:PORT\"", "write \"" + to_text(out) + "\"");
    out = *address;
    return {};
  }

  Result<void> number(std::string_view key, std::uint64_t& out) {
    auto const* node = find(key);
    if (node == nullptr) return {};
    auto const value = node->value_exact<std::int64_t>();
    if (!value || *value < 0)
      return wrong(*node, key, "is no size", "MiB, a whole number", "write " + std::to_string(out));
    out = static_cast<std::uint64_t>(*value);
    return {};
  }

  Result<void> count(std::string_view key, std::uint64_t& out) {
    auto const* node = find(key);
    if (node == nullptr) return {};
    auto const value = node->value_exact<std::int64_t>();
    if (!value || *value < 1 || *value > 1'000'000'000)
      return wrong(*node, key, "is no number", "a whole number from 1 on", "write " + std::to_string(out));
    out = static_cast<std::uint64_t>(*value);
    return {};
  }

  Result<void> flag(std::string_view key, bool& out) {
    auto const* node = find(key);
    if (node == nullptr) return {};
    auto const value = node->value_exact<bool>();
    if (!value) return wrong(*node, key, "is neither", "true or false", "write false");
    out = *value;
    return {};
  }

  Result<void> text(std::string_view key, std::string& out) {
    auto const* node = find(key);
    if (node == nullptr) return {};
    auto const value = node->value_exact<std::string>();
    if (!value) return wrong(*node, key, "is no text", "a string", "put it in quotation marks");
    out = *value;
    return {};
  }

  Result<void> addresses(std::string_view key, std::vector<Address>& out) {
    auto const* node = find(key);
    if (node == nullptr) return {};
    auto const* list = node->as_array();
    if (list == nullptr) {
      return wrong(*node, key, "is no list", "a list of \"HOST:PORT\", one for each validator",
                   "write [\"127.0.0.1:7080\", …]");
    }
    for (auto const& item : *list) {
      auto const address = read_address(item.value<std::string_view>().value_or(""));
      if (!address) return wrong(item, key, "is no address", "a string \"HOST:PORT\"", "write \"127.0.0.1:7080\"");
      out.push_back(*address);
    }
    return {};
  }

  /// Forty hexadecimal digits each.
  Result<void> ids(std::string_view key, std::vector<std::string>& out) {
    auto const* node = find(key);
    if (node == nullptr) return {};
    auto const* list = node->as_array();
    constexpr std::size_t digits = 40;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      out.push_back(list->get(i)->value<std::string>().value_or(""));
      if (out.back().size() != digits || out.back().find_first_not_of("0123456789abcdef") != std::string::npos) {
        return wrong(*list->get(i), key, "is no id", "forty hexadecimal digits in lower case",
                     "ask that node for its own");
      }
    }
    if (list != nullptr) return {};
    return wrong(*node, key, "is no list", "a list of ids, one for each validator", "write [\"…\", …]");
  }

  Result<void> no_others() const {
    for (auto const& [key, node] : table_) {
      if (known_.contains(std::string(key.str()))) continue;
      std::string expected;
      for (auto const& name : known_) expected += (expected.empty() ? "" : ", ") + name;
      return wrong(node, key.str(), "is no setting", "one of: " + expected, "remove it or correct its name");
    }
    return {};
  }

  Error wrong(toml::node const& node, std::string_view key, std::string const& problem, std::string const& expected,
              std::string const& fix) const {
    auto const where = node.source().begin;
    auto const full = name_.empty() ? std::string(key) : name_ + "." + std::string(key);
    return {Code::E_FORM, file_ + ":" + std::to_string(where.line) + ":" + std::to_string(where.column) + " " + full,
            problem + ". Expected: " + expected + ". Fix: " + fix + "."};
  }

 private:
  std::string file_;
  std::string name_;
  toml::table const& table_;
  std::set<std::string> known_;
};

Result<NodeConfig> read_table(toml::table const& table, std::string const& file) {
  NodeConfig out;
  toml::table const nothing;
  Section root(file, "", table);
  auto const section = [&](char const* name) -> Result<Section> {
    auto const* node = root.find(name);
    if (node == nullptr) return Section(file, name, nothing);
    if (node->as_table() == nullptr) {
      return root.wrong(*node, name, "is no section", "a section", "write [" + std::string(name) + "] on a line");
    }
    return Section(file, name, *node->as_table());
  };
  TRY_ASSIGN(auto listen, section("listen"));
  TRY(listen.address("public", out.public_listener));
  TRY(listen.address("member", out.member_listener));
  TRY(listen.address("admin", out.admin_listener));
  TRY(listen.address("peers", out.peer_listener));
  TRY(listen.no_others());
  TRY_ASSIGN(auto peers, section("peers"));
  TRY(peers.addresses("addresses", out.peers));
  TRY(peers.no_others());
  TRY_ASSIGN(auto organisation, section("organisation"));
  TRY(organisation.text("gln", out.organisation_gln));
  TRY(organisation.no_others());
  TRY_ASSIGN(auto comet, section("cometbft"));
  TRY(comet.address("rpc", out.comet_rpc));
  TRY(comet.ids("ids", out.comet_ids));
  TRY(comet.text("program", out.comet_program));
  TRY(comet.no_others());
  TRY_ASSIGN(auto webhooks, section("webhooks"));
  TRY(webhooks.flag("allow_private", out.webhooks_allow_private));
  TRY(webhooks.text("ca_file", out.webhooks_ca_file));
  TRY(webhooks.no_others());
  TRY_ASSIGN(auto disk, section("disk"));
  TRY(disk.number("refuse_below_mib", out.refuse_below_mib));
  TRY(disk.number("stop_below_mib", out.stop_below_mib));
  TRY(disk.no_others());
  TRY_ASSIGN(auto blocks, section("blocks"));
  TRY(blocks.flag("archive", out.archive));
  TRY(blocks.count("keep_days", out.keep_days));
  TRY(blocks.count("snapshot_behind", out.snapshot_behind));
  TRY(blocks.no_others());
  TRY(root.no_others());
  for (auto const& [listener, key] : {std::pair{&out.member_listener, "member"}, {&out.admin_listener, "admin"}}) {
    if (listener->host == "127.0.0.1" || listener->host == "::1") continue;
    return listen.wrong(*listen.find(key), key, "is not loopback", "127.0.0.1 or ::1",
                        "put a proxy with TLS and client authentication in front of it");
  }
  if (out.comet_rpc.host != "127.0.0.1" && out.comet_rpc.host != "::1") {
    return comet.wrong(*comet.find("rpc"), "rpc", "is not loopback", "127.0.0.1 or ::1", "it is for this node alone");
  }
  if (out.peers.empty()) {
    return Error{Code::E_FORM, file + " peers.addresses",
                 "is missing. Expected: the peer address of every validator, in the order of the genesis. Fix: write "
                 "[peers] and addresses = [\"127.0.0.1:7080\", …]."};
  }
  return out;
}

}  // namespace

std::optional<Address> read_address(std::string_view text) {
  auto const colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  auto host = text.substr(0, colon);
  auto const digits = text.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return std::nullopt;
  Address out{std::string(host), 0};
  auto const end = digits.data() + digits.size();
  auto const [stop, error] = std::from_chars(digits.data(), end, out.port);
  if (host.empty() || error != std::errc() || stop != end || out.port == 0) return std::nullopt;
  return out;
}

std::string to_text(Address const& address) {
  bool const is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Result<NodeConfig> read_config(std::string_view toml, std::string const& file) {
  try {
    return read_table(toml::parse(toml), file);
  } catch (toml::parse_error const& error) {
    auto const where = error.source().begin;
    return Error{Code::E_FORM, file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column),
                 std::string(error.description())};
  }
}

std::string to_toml(NodeConfig const& config) {
  std::ostringstream out;
  out << "# What this node decides for itself; the rules of the ledger stand in genesis.json.\n\n[listen]\n";
  out << "public = \"" << to_text(config.public_listener) << "\"\n";
  out << "member = \"" << to_text(config.member_listener) << "\"\n";
  out << "admin = \"" << to_text(config.admin_listener) << "\"\n";
  out << "peers = \"" << to_text(config.peer_listener) << "\"\n\n[peers]\n";
  out << "# Of all validators, in the order of the genesis.\naddresses = [";
  for (std::size_t i = 0; i < config.peers.size(); ++i) {
    out << (i == 0 ? "" : ", ") << "\"" << to_text(config.peers[i]) << "\"";
  }
  out << "]\n\n";
  if (!config.organisation_gln.empty()) out << "[organisation]\ngln = \"" << config.organisation_gln << "\"\n\n";
  if (!config.comet_ids.empty()) {
    out << "[cometbft]\nrpc = \"" << to_text(config.comet_rpc) << "\"\n# In the order of peers.addresses.\nids = [";
    for (std::size_t i = 0; i < config.comet_ids.size(); ++i) {
      out << (i == 0 ? "" : ", ") << "\"" << config.comet_ids[i] << "\"";
    }
    out << "]\n";
    if (!config.comet_program.empty()) out << "program = \"" << config.comet_program << "\"\n";
    out << "\n";
  }
  out << "[webhooks]\n# true: also to this machine and to private networks.\nallow_private = "
      << (config.webhooks_allow_private ? "true" : "false") << "\n";
  if (!config.webhooks_ca_file.empty()) out << "ca_file = \"" << config.webhooks_ca_file << "\"\n";
  out << "\n[disk]\nrefuse_below_mib = " << config.refuse_below_mib << "\nstop_below_mib = " << config.stop_below_mib
      << "\n\n[blocks]\n# true: all are kept, and this node never joins by a snapshot.\narchive = "
      << (config.archive ? "true" : "false") << "\nkeep_days = " << config.keep_days
      << "\nsnapshot_behind = " << config.snapshot_behind << "\n";
  return out.str();
}

}  // namespace node
