// SPDX-License-Identifier: Apache-2.0
#pragma once

// A draft in a file, which k of n keys approve without a network. Who signs stands in a body's bytes, so each approver
// signs every combination of k that he is in; the first combination that is complete is sent. All have the same
// idempotency key, so no more than one can ever be done.

#include <map>

#include "wallet/reading.hpp"

namespace wallet {

constexpr std::size_t candidates_max = 8;

struct Proposal {
  /// Without signers.
  ledger::Body body;
  /// Ascending, unique.
  std::vector<ledger::Signer> candidates;
  std::size_t needed = 1;
  /// By combination (its candidates' places, ascending), the signatures by place.
  std::map<std::vector<std::size_t>, std::map<std::size_t, base::PartySignature>> signatures;
  /// Short names by GLN of parties that the body names: the word of who wrote the draft, for approvers without a
  /// network. A GLN tells its party's id, so it is as good as the id; the short name is not.
  std::map<std::string, std::string> names;
};
constexpr std::size_t draft_names_max = 256;
/// The draft's names, marked as its own word; contacts' own names go first.
Names names_of(Proposal const& proposal, std::map<std::string, std::string> const& contacts);

/// E_FORM when there are not `needed` of them, or more than candidates_max. A body without an idempotency key gets one.
base::Result<Proposal> propose(Draft draft, ChainInfo const& chain, std::vector<ledger::Signer> candidates,
                               std::size_t needed);
std::string to_text(Proposal const& proposal);
/// Every signature is checked: E_SIGNATURE names the one that does not hold. E_FORM for a body without an idempotency
/// key.
base::Result<Proposal> read_proposal(std::string const& text);

/// All combinations of `needed` places, ascending.
std::vector<std::vector<std::size_t>> combinations(std::size_t count, std::size_t needed);
ledger::Body body_of(Proposal const& proposal, std::vector<std::size_t> const& combination);
/// Signs every combination that the key is in: E_KEY_UNKNOWN when it is no candidate.
base::Result<void> approve(Proposal& proposal, Identity const& identity);
/// Takes over the signatures of another copy: E_FORM when it is of another draft.
base::Result<void> merge(Proposal& proposal, Proposal const& other);
/// The places of those who approved.
std::vector<std::size_t> approved(Proposal const& proposal);
/// The transaction of the first complete combination; nothing while approvals are missing.
std::optional<ledger::Transaction> complete(Proposal const& proposal);

}  // namespace wallet
