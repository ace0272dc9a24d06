// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every node process has, whichever engine it runs: its three listeners, its log, its limits.

#include "node/config.hpp"
#include "rpc/server.hpp"
#include "rpc/site.hpp"

namespace node {

/// One line a message on stderr, key=value.
void log_line(std::string_view level, std::string const& text);
/// Listeners, peers and files together need more descriptors than some systems give at first.
void raise_descriptors();
/// Says why on stderr; the exit code.
int fail_to_start(base::Error const& error);

class Listeners {
 public:
  /// The site must outlive them.
  static base::Result<Listeners> open(rpc::Site& site, NodeConfig const& config);
  /// A new height: sessions look what is new for them.
  void notify() { member_->notify(); }

 private:
  std::unique_ptr<rpc::Server> public_;
  std::unique_ptr<rpc::Server> member_;
  std::unique_ptr<rpc::Server> admin_;
};
/// Where they are, for the log.
std::string listeners_text(NodeConfig const& config);

}  // namespace node
