// SPDX-License-Identifier: Apache-2.0
#pragma once

// Four processes of CometBFT with its own kvstore, to be measured beside ours.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "testnet/process.hpp"

namespace bench {

std::filesystem::path comet_program();
/// E_FORM: it is missing, and how to get it.
base::Result<void> require_comet();
/// Words of a sed script over CometBFT's configuration: the defaults of v0.38, or what is commonly tuned.
char const* comet_settings(bool tuned);

class Kvstore {
 public:
  static base::Result<Kvstore> start(std::filesystem::path home, bool tuned);
  std::vector<std::string> urls() const;
  /// A fresh one of 250 bytes, in base64; ours are signed and somewhat larger.
  static std::string transaction();

 private:
  explicit Kvstore(std::filesystem::path home) : home_(std::move(home)) {}
  std::string folder(std::size_t node) const { return (home_ / ("node" + std::to_string(node))).string(); }

  std::filesystem::path home_;
  std::vector<testnet::Process> processes_;
};

}  // namespace bench
