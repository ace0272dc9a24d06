// SPDX-License-Identifier: Apache-2.0
// replay FILE WORKERS: executes the blocks of a file, each one on so many threads at once over the same state, and
// prints the result hashes. Threads that differ end it with 1.
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "determinism/chain.hpp"

namespace {

using namespace determinism;

ledger::Parameters parameters_of(ledger::StateView const& state) {
  auto const record = ledger::load<ledger::ParametersRecord>(state, ledger::Space::parameters, "");
  CHECK(record.has_value());
  return record->parameters;
}

/// Signatures that one worker has checked the others do not check again, so that which of them does it is chance.
std::vector<node::Executed> on_threads(std::size_t workers, ledger::StateView const& state, Tip const& tip,
                                       LoggedBlock const& block) {
  std::vector<node::Executed> out(workers);
  node::Verified verified;
  auto const parameters = parameters_of(state);
  std::vector<std::thread> threads;
  for (auto& result : out) {
    threads.emplace_back([&] { result = execute(state, tip, block, parameters, verified); });
  }
  for (auto& thread : threads) thread.join();
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  auto const workers = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 0;
  if (workers == 0 || workers > 64) {
    std::fprintf(stderr, "usage: %s FILE WORKERS\n", argv[0]);
    return 2;
  }
  Reader file(argv[1]);
  auto first = node::execute_genesis(file.genesis());
  CHECK(first.has_value());
  ledger::MemoryState state;
  state.apply(first->diff);
  Tip tip{first->header, first->tree};
  tell(tip.header);
  while (auto const block = file.next()) {
    auto const results = on_threads(workers, state, tip, *block);
    for (auto const& other : results) {
      if (other.header == results.front().header && other.diff == results.front().diff) continue;
      std::fprintf(stderr, "height %llu: two threads came to different results\n",
                   static_cast<unsigned long long>(block->height));
      return 1;
    }
    state.apply(results.front().diff);
    tip = {results.front().header, results.front().tree};
    tell(tip.header);
  }
  return 0;
}
