// SPDX-License-Identifier: Apache-2.0
#pragma once

// The core thread's event loop, with the real clock and the real workers.

#include "node/seams.hpp"

namespace boost::asio {
class io_context;
}

namespace node {

class Loop final : public Clock, public Workers {
 public:
  explicit Loop(unsigned worker_threads);
  ~Loop() override;
  Loop(Loop const&) = delete;
  Loop& operator=(Loop const&) = delete;

  std::uint64_t steady_ms() const override;
  TimeMs wall_ms() const override;
  void wake_at(std::uint64_t at_ms) override;
  void run(Rank rank, std::function<void()> job, std::function<void()> done) override;

  /// What wake_at wakes; before run_until_stopped.
  void set_wake(std::function<void()> wake);
  /// Calls `task` every so often on the core thread; before run_until_stopped.
  void every(std::uint64_t period_ms, std::function<void()> task);
  /// Runs a task on the core thread, from any thread.
  void post(std::function<void()> task);
  /// Makes the calling thread the core thread until SIGTERM or SIGINT comes or stop is called; then waits for the jobs
  /// that run, and drops the others.
  void run_until_stopped();
  /// From any thread.
  void stop();
  /// For what reads sockets on the core thread.
  boost::asio::io_context& context();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace node
