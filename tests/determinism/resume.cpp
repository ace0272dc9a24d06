// SPDX-License-Identifier: Apache-2.0
// resume FILE FOLDER: executes the blocks of a file over a state on disk, and goes on where the run before was killed.
#include <cstdio>

#include "determinism/chain.hpp"
#include "storage/database.hpp"

namespace {

using namespace determinism;

ledger::Bytes note_key() { return ledger::state_key(ledger::Space::engine, "tip"); }

/// Else a run that is killed too early would begin where the one before began.
constexpr ledger::Height blocks_a_file = 16;

/// The tip is written with the rest.
void keep(storage::Database& database, node::Executed& executed) {
  executed.diff[note_key()] = base::encode(executed.header);
  database.apply(executed.diff, executed.header.height);
  if (executed.header.height % blocks_a_file == 0) database.settle();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s FILE FOLDER\n", argv[0]);
    return 2;
  }
  Reader file(argv[1]);
  auto const genesis = file.genesis();
  auto opened = storage::open_database(argv[2]);
  if (!opened) {
    std::fprintf(stderr, "%s\n", base::to_string(opened.error()).c_str());
    return 1;
  }
  auto& database = **opened;
  if (!database.applied()) {
    auto first = node::execute_genesis(genesis);
    CHECK(first.has_value());
    keep(database, *first);
  }
  auto state = database.snapshot();
  auto header = ledger::load<ledger::ResultHeader>(*state, note_key());
  CHECK(header && header->height == *database.applied());
  Tip tip{*header, ledger::StateTree::of(*state)};
  CHECK(tip.tree.root() == header->state_root);
  tell(tip.header);
  while (auto const block = file.next()) {
    if (block->height <= tip.header.height) continue;
    node::Verified verified;
    auto const record = ledger::load<ledger::ParametersRecord>(*state, ledger::Space::parameters, "");
    CHECK(record.has_value());
    auto executed = execute(*state, tip, *block, record->parameters, verified);
    keep(database, executed);
    state = database.snapshot();
    tip = {executed.header, executed.tree};
    tell(tip.header);
  }
  return 0;
}
