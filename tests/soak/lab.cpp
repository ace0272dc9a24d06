// SPDX-License-Identifier: Apache-2.0
#include "soak/lab.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace soak {

using base::Code;
using base::Error;

namespace {

Error lacks(std::string what) {
  return {Code::E_NOT_ALLOWED_HERE, std::move(what),
          "network namespaces cannot be made here. Needed: root, or user namespaces for everybody (sysctl "
          "user.max_user_namespaces); the program ip (apt-get install iproute2); veth and bridge in the kernel. "
          "Without them: --loopback, which parts nothing but the proxies' connections"};
}

Error failed(std::string const& call) { return lacks(call + ": " + std::strerror(errno)); }

/// Runs ip with these words; what it says is the error.
Result<void> ip(std::string const& words) {
  auto* const pipe = popen(("ip " + words + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return failed("ip " + words);
  std::string said;
  for (int letter = 0; (letter = fgetc(pipe)) != EOF;) said += static_cast<char>(letter);
  if (pclose(pipe) == 0) return {};
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return lacks("ip " + words + ": " + said);
}

int own_network() { return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC); }

/// Mounts and networks of our own; without privileges, as root of a user namespace.
Result<void> part_from_the_machine() {
  auto const user = getuid();
  auto const group = getgid();
  constexpr int wanted = CLONE_NEWNS | CLONE_NEWNET;
  if (unshare(wanted) != 0) {
    if (unshare(wanted | CLONE_NEWUSER) != 0) return failed("unshare");
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
    std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return failed("mount --make-rprivate /");
  return {};
}

}  // namespace

Result<std::unique_ptr<Lab>> Lab::open(bool namespaces) {
  std::unique_ptr<Lab> lab(new Lab(namespaces));
  if (namespaces) TRY(lab->build());
  return lab;
}

Lab::~Lab() {
  if (!namespaces_) return;
  close(own_);
  for (auto const network : of_node_) close(network);
}

Result<void> Lab::build() {
  TRY(part_from_the_machine());
  own_ = own_network();
  TRY(ip("link set lo up"));
  TRY(ip("link add bridge0 type bridge"));
  TRY(ip("addr add " + proxy_host() + "/24 dev bridge0"));
  TRY(ip("link set bridge0 up"));
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    if (unshare(CLONE_NEWNET) != 0) return failed("unshare");
    of_node_[node] = own_network();
    TRY(ip("link set lo up"));
    leave();
    auto const number = std::to_string(node);
    TRY(ip("link add cable" + number + " type veth peer name eth" + number));
    TRY(ip("link set cable" + number + " master bridge0 up"));
    TRY(ip("link set eth" + number + " netns /proc/" + std::to_string(getpid()) + "/fd/" +
           std::to_string(of_node_[node])));
    Inside const inside(*this, node);
    TRY(ip("addr add " + host_of(node) + "/24 dev eth" + number));
    TRY(ip("link set eth" + number + " up"));
  }
  return {};
}

std::string Lab::host_of(std::size_t node) const {
  return namespaces_ ? "10.83.0." + std::to_string(node + 1) : "127.0.0.1";
}

std::string Lab::proxy_host() const { return namespaces_ ? "10.83.0.254" : "127.0.0.1"; }

void Lab::enter(std::size_t node) const { CHECK(!namespaces_ || setns(of_node_[node], CLONE_NEWNET) == 0); }

void Lab::leave() const { CHECK(!namespaces_ || setns(own_, CLONE_NEWNET) == 0); }

void Lab::plug(std::size_t node, bool in) const {
  CHECK(ip("link set cable" + std::to_string(node) + (in ? " up" : " down")).has_value());
}

Result<void> Lab::mount_disk(std::filesystem::path const& folder, std::uint64_t mib, bool again) const {
  std::filesystem::create_directories(folder);
  auto const size = "size=" + std::to_string(mib) + "m";
  auto const flags = again ? static_cast<unsigned long>(MS_REMOUNT) : 0UL;
  if (mount("none", folder.c_str(), "tmpfs", flags, size.c_str()) != 0) return failed("mount tmpfs");
  return {};
}

void Lab::unmount_disk(std::filesystem::path const& folder) const { umount2(folder.c_str(), MNT_DETACH); }

}  // namespace soak
