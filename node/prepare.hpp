// SPDX-License-Identifier: Apache-2.0
#pragma once

// Homes and keys made before the validators vote on them. Each prints the change to propose (docs/governance.md).

#include <filesystem>

#include "node/config.hpp"

namespace node {

struct NewHome {
  std::filesystem::path home;
  std::filesystem::path genesis;
  /// Of the member whose validator it becomes.
  std::string gln;
  /// Where the others will reach it.
  std::string address;
  /// Of the genesis's validators, in its order.
  std::vector<std::string> peers;
};

/// The exit code, like that of the others: 0 done, 1 not.
int init_home(NewHome const& wanted);
int prepare_validator_key(std::filesystem::path const& home);
int prepare_tls_key(std::filesystem::path const& home);

}  // namespace node
