// SPDX-License-Identifier: Apache-2.0
#pragma once

// A program of our own, started and ended.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace testnet {

/// The path of the running binary.
std::filesystem::path own_binary();

/// A child process; ended (SIGTERM, after ten seconds SIGKILL) when this goes.
class Process {
 public:
  Process() = default;
  /// Output and errors are appended to the log.
  Process(std::vector<std::string> const& arguments, std::filesystem::path const& log);
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(Process const&) = delete;
  Process& operator=(Process const&) = delete;

  bool running();
  pid_t pid() const { return pid_; }
  /// Ends it and waits; a clean end when `hard` is false.
  void stop(bool hard = false);

 private:
  pid_t pid_ = -1;
};

}  // namespace testnet
