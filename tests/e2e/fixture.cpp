// SPDX-License-Identifier: Apache-2.0
#include "e2e/fixture.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/time.hpp"
#include "testnet/embedded.hpp"

namespace e2e {

namespace {

/// Beside this program lies the binary, which the network's processes run.
std::filesystem::path tally_path() { return testnet::own_binary().parent_path() / "tally"; }

}  // namespace

base::Result<std::unique_ptr<Running>> start_network(std::string const& name, std::uint16_t port_shift,
                                                     std::function<std::vector<std::string>(std::size_t)> launcher,
                                                     std::string const& engine) {
  TRY_ASSIGN(auto world, testnet::read_world(*testnet::embedded("network.json")));
  testnet::NetworkOptions options;
  options.home = std::filesystem::temp_directory_path() / name;
  options.ports.shift = port_shift;
  options.launcher = std::move(launcher);
  options.engine = engine;
  options.time_ms = *base::from_rfc3339("2026-05-01T00:00:00Z");
  std::filesystem::remove_all(options.home);
  TRY(testnet::make_network(world, options));
  TRY_ASSIGN(auto network, testnet::Network::open(world, options));
  for (std::size_t node = 0; node < testnet::nodes; ++node) network.start(node);
  for (std::size_t node = 0; node < testnet::nodes; ++node) TRY(network.wait_ready(node, 30'000));
  auto const urls = network.member_urls();
  auto out = std::make_unique<Running>(std::move(world), std::move(network));
  out->player.emplace(out->network.keyring(), out->network.clock(), urls);
  return out;
}

Running& running() {
  static std::unique_ptr<Running> const one = [] {
    auto started = start_network("tally-e2e-" + std::to_string(getpid()), 400);
    if (!started) {
      std::fprintf(stderr, "the network does not start: %s\n", base::to_string(started.error()).c_str());
      std::abort();
    }
    return std::move(started).value();
  }();
  return *one;
}

Ran run_tally(std::vector<std::string> const& arguments) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  auto const binary = tally_path().string();
  std::vector<char*> argv{const_cast<char*>(binary.c_str())};
  for (auto const& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t const child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  Ran out;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    out.output.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  out.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return out;
}

std::filesystem::path shared_folder() {
  auto const folder = std::filesystem::path(TALLY_SOURCE_DIR) / ".." / "shared";
  if (std::filesystem::exists(folder)) return folder;
  std::printf("not run: ../shared is absent\n");
  if (std::getenv("CI") != nullptr) ADD_FAILURE() << "../shared is absent";
  return {};
}

}  // namespace e2e
