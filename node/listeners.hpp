// SPDX-License-Identifier: Apache-2.0
#pragma once

// What every node process has, whichever engine it runs: its three listeners, its log, its limits.

#include "node/home.hpp"
#include "rpc/server.hpp"
#include "rpc/site.hpp"

namespace node {

/// One line a message on stderr, key=value.
void log_line(std::string_view level, std::string const& text);
/// Listeners, peers and files together need more descriptors than some systems give at first.
void raise_descriptors();
/// Says why on stderr; the exit code.
int fail_to_start(base::Error const& error);

/// What the interfaces need beside the service: the folder data/interfaces, and the way out to webhooks.
class Interfaces {
 public:
  /// E_DISK, or E_FORM for a ca_file that cannot be read.
  base::Result<void> open(Home const& home);
  rpc::Outside outside() const { return {*keep_, *poster_, log_line}; }

 private:
  std::unique_ptr<rpc::Keep> keep_;
  std::unique_ptr<rpc::Poster> poster_;
};

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
