// SPDX-License-Identifier: Apache-2.0
#include "testnet/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <utility>

#include "base/check.hpp"

namespace testnet {

std::filesystem::path own_binary() { return std::filesystem::read_symlink("/proc/self/exe"); }

Process::Process(std::vector<std::string> const& arguments, std::filesystem::path const& log) {
  std::vector<char*> argv;
  for (auto const& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  auto const log_path = log.string();
  pid_t const parent = getpid();
  pid_ = fork();
  CHECK(pid_ >= 0);
  if (pid_ != 0) return;
  // Between fork and exec only what signal handlers may do. The child goes when its parent does, however that ends.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
  setpgid(0, 0);
  int const out = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (out >= 0) {
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
  }
  // Sockets of ours that the child kept would stay open after we closed them.
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  execv(argv[0], argv.data());
  _exit(127);
}

Process::~Process() { stop(); }

Process::Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    stop();
    pid_ = std::exchange(other.pid_, -1);
  }
  return *this;
}

bool Process::running() {
  if (pid_ < 0) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

void Process::stop(bool hard) {
  if (!running()) return;
  kill(pid_, hard ? SIGKILL : SIGTERM);
  constexpr int rounds = 1000;
  for (int round = 0; round < rounds && running(); ++round) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  if (!running()) return;
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
}

}  // namespace testnet
