// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a process has used so far, as the kernel counts it.

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace bench {

struct Usage {
  /// Bytes that it made the disk write.
  std::uint64_t written = 0;
  double cpu_seconds = 0;
  /// The most memory that it held at once.
  double memory_at_most_mib = 0;
};
Usage usage_of(pid_t pid);

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace bench
