// SPDX-License-Identifier: Apache-2.0
#pragma once

// node.toml: where a node listens and whom it calls. What all nodes must agree on stands in the genesis, never here.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace node {

struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(Address const&) const = default;
};

/// HOST:PORT, [IPv6]:PORT.
std::optional<Address> read_address(std::string_view text);
std::string to_text(Address const& address);

/// Every key has this default; peers.addresses has none.
struct NodeConfig {
  /// [listen]
  Address public_listener{"127.0.0.1", 8080};
  /// The organisation's own systems. Loopback only.
  Address member_listener{"127.0.0.1", 8081};
  Address admin_listener{"127.0.0.1", 8082};
  Address peer_listener{"127.0.0.1", 7080};
  /// [peers] addresses: of all validators, in the order of the genesis, this node's own too.
  std::vector<Address> peers;
  /// [organisation] gln: for whom the node signs what its EPCIS interface records, with the key in organisation.key.
  /// Empty: for nobody.
  std::string organisation_gln;
  /// [cometbft] Only for that engine. rpc: where CometBFT's own RPC listens; loopback only. ids: CometBFT's ids of all
  /// validators' nodes, in the order of peers.addresses. program: a path; empty: looked for beside tally and in PATH.
  Address comet_rpc{"127.0.0.1", 26657};
  std::vector<std::string> comet_ids;
  std::string comet_program;
  /// [webhooks] allow_private: they may go to this machine and to private networks, and only there by plain http.
  /// ca_file: the authorities that certificates of receivers are checked against, PEM; empty: the system's.
  bool webhooks_allow_private = false;
  std::string webhooks_ca_file;
  /// [disk] Below the first, new transactions are refused; below the second, the node stops voting. MiB.
  std::uint64_t refuse_below_mib = 2048;
  std::uint64_t stop_below_mib = 256;
  /// [blocks] archive: all are kept, and the node never joins by a snapshot. Else those older than so many days are let
  /// go of, and a node that is so many blocks behind takes over a state.
  bool archive = false;
  std::uint64_t keep_days = 7;
  std::uint64_t snapshot_behind = 10'000;
};

/// Errors are E_FORM; the field is file:line:column key, the detail says the problem, what is expected and how to mend
/// it. `file` is only a name for them.
base::Result<NodeConfig> read_config(std::string_view toml, std::string const& file);
/// The file that read_config reads back.
std::string to_toml(NodeConfig const& config);

}  // namespace node
