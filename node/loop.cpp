// SPDX-License-Identifier: Apache-2.0
#include "node/loop.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <csignal>
#include <deque>
#include <list>
#include <mutex>

namespace node {

namespace net = boost::asio;
using Error = boost::system::error_code;
using Steady = std::chrono::steady_clock;

namespace {
template <class Duration>
std::uint64_t to_ms(Duration duration) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}
}  // namespace

struct Loop::Inside {
  explicit Inside(unsigned worker_threads) : workers(worker_threads) {}

  struct Periodic {
    net::steady_timer timer;
    std::chrono::milliseconds period;
    std::function<void()> task;
  };
  void arm(Periodic& periodic) {
    periodic.timer.expires_after(periodic.period);
    periodic.timer.async_wait([this, &periodic](Error error) {
      if (error) return;
      periodic.task();
      arm(periodic);
    });
  }

  /// The one that goes first of those that wait; there is one.
  std::function<void()> next_job() {
    std::lock_guard const lock(waiting_mutex);
    auto& line = of_blocks.empty() ? of_newcomers : of_blocks;
    auto out = std::move(line.front());
    line.pop_front();
    return out;
  }

  net::io_context context{1};
  net::signal_set signals{context, SIGINT, SIGTERM};
  net::steady_timer timer{context};
  std::function<void()> wake;
  std::list<Periodic> periodics;
  std::mutex waiting_mutex;
  std::deque<std::function<void()>> of_blocks, of_newcomers;
  net::thread_pool workers;
};

Loop::Loop(unsigned worker_threads) : inside_(std::make_unique<Inside>(worker_threads)) {}

Loop::~Loop() {
  stop();
  inside_->workers.stop();
  inside_->workers.join();
}

std::uint64_t Loop::steady_ms() const { return to_ms(Steady::now().time_since_epoch()); }

TimeMs Loop::wall_ms() const { return to_ms(std::chrono::system_clock::now().time_since_epoch()); }

void Loop::wake_at(std::uint64_t at_ms) {
  inside_->timer.expires_at(Steady::time_point(std::chrono::milliseconds(at_ms)));
  inside_->timer.async_wait([this](Error error) {
    if (!error && inside_->wake) inside_->wake();
  });
}

void Loop::run(Rank rank, std::function<void()> job, std::function<void()> done) {
  {
    std::lock_guard const lock(inside_->waiting_mutex);
    auto& line = rank == Rank::block ? inside_->of_blocks : inside_->of_newcomers;
    line.emplace_back([this, job = std::move(job), done = std::move(done)]() mutable {
      job();
      net::post(inside_->context, std::move(done));
    });
  }
  // A worker that is free takes a job, not this one.
  net::post(inside_->workers, [this] { inside_->next_job()(); });
}

void Loop::set_wake(std::function<void()> wake) { inside_->wake = std::move(wake); }

void Loop::every(std::uint64_t period_ms, std::function<void()> task) {
  auto& periodic = inside_->periodics.emplace_back(
      Inside::Periodic{net::steady_timer(inside_->context), std::chrono::milliseconds(period_ms), std::move(task)});
  inside_->arm(periodic);
}

void Loop::post(std::function<void()> task) { net::post(inside_->context, std::move(task)); }

void Loop::run_until_stopped() {
  inside_->signals.async_wait([this](Error error, int) {
    if (!error) stop();
  });
  auto const guard = net::make_work_guard(inside_->context);
  inside_->context.run();
  inside_->workers.stop();
  inside_->workers.join();
}

void Loop::stop() { inside_->context.stop(); }

net::io_context& Loop::context() { return inside_->context; }

}  // namespace node
