// SPDX-License-Identifier: Apache-2.0
#pragma once

// `tally recover`: the operators' side of node/recovery.hpp, on the home of a node that does not run.

#include <filesystem>

#include "node/recovery.hpp"
#include "storage/journal.hpp"

namespace node {

/// What a validator's journal says that it finalize-voted above the height, after it has noted there that it votes no
/// more in the epoch; unsigned. E_LIMIT: more votes than a statement holds; E_ENCODING: a record that is none.
Result<Statement> give_up(storage::Journal& journal, consensus::Place place, std::uint64_t epoch, Height height);

/// Of the home's chain: the recovery files that were applied, by the epoch that they give up.
Result<std::vector<Recovery>> read_recoveries(std::filesystem::path const& home);

/// A recovery that begins on the last block that is final here, unsigned, with the epoch's own validators.
Result<Recovery> draft_recovery(std::filesystem::path const& home);
/// Adds this validator's statement. From then on, and before this returns, it votes in that epoch no more.
Result<Recovery> sign_recovery(std::filesystem::path const& home, Recovery recovery);
/// Keeps the file with the node, which begins the new epoch with its next start, or when it has come to its block.
/// Returns a sentence for the operator.
Result<std::string> apply_recovery(std::filesystem::path const& home, Recovery const& recovery);

// The same as verbs: they print, and return the exit code.
int run_recover_draft(std::filesystem::path const& home, std::filesystem::path const& file);
int run_recover_sign(std::filesystem::path const& home, std::filesystem::path const& file);
int run_recover_apply(std::filesystem::path const& home, std::filesystem::path const& file);

}  // namespace node
