// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the processes of a soak live: each validator in a network namespace of its own, at the end of a cable to a
// bridge in the soak's own namespace; or all on this machine's loopback. Namespaces and mounts belong to this process
// and go with it.

#include <array>
#include <filesystem>

#include "testnet/network.hpp"

namespace soak {

using base::Result;

class Lab {
 public:
  /// Before any thread is started. E_NOT_ALLOWED_HERE with what this machine lacks for namespaces.
  static Result<std::unique_ptr<Lab>> open(bool namespaces);
  ~Lab();
  Lab(Lab const&) = delete;
  Lab& operator=(Lab const&) = delete;

  bool has_namespaces() const { return namespaces_; }
  /// Where the node listens for peers, and where proxies stand.
  std::string host_of(std::size_t node) const;
  std::string proxy_host() const;

  /// The calling thread sees the node's network, and its loopback, until it leaves. A child sees what its parent saw.
  void enter(std::size_t node) const;
  void leave() const;
  /// Pulls the node's cable, or puts it back. Only with namespaces.
  void plug(std::size_t node, bool in) const;
  /// A disk of its own for a folder, or another size for it. Only with namespaces.
  Result<void> mount_disk(std::filesystem::path const& folder, std::uint64_t mib, bool again) const;
  void unmount_disk(std::filesystem::path const& folder) const;

 private:
  explicit Lab(bool namespaces) : namespaces_(namespaces) {}
  Result<void> build();

  bool namespaces_;
  int own_ = -1;
  std::array<int, testnet::nodes> of_node_{};
};

/// While it lives, the calling thread is in the node's network.
class Inside {
 public:
  Inside(Lab const& lab, std::size_t node) : lab_(lab) { lab_.enter(node); }
  ~Inside() { lab_.leave(); }
  Inside(Inside const&) = delete;
  Inside& operator=(Inside const&) = delete;

 private:
  Lab const& lab_;
};

}  // namespace soak
