// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a wallet remembers beside its keys, in files of the same folder: whom it knows, and how much it may spend.

#include <filesystem>
#include <map>

#include "wallet/reading.hpp"

namespace wallet {

/// This machine's clock.
ledger::TimeMs wall_time_ms();

/// GLN by the name that this wallet gave it (contacts.json).
using Contacts = std::map<std::string, std::string>;
base::Result<Contacts> read_contacts(std::filesystem::path const& folder);
/// E_CHECK_DIGIT for what is no GLN; E_ALREADY_REGISTERED when the name is another's.
base::Result<void> add_contact(std::filesystem::path const& folder, std::string const& name, std::string const& gln);

/// In minor units; absent: no limit.
struct SpendingLimit {
  std::optional<base::Amount> transfer;
  /// In any 24 hours.
  std::optional<base::Amount> day;
};
/// By asset (limits.json).
using SpendingLimits = std::map<std::string, SpendingLimit>;
base::Result<SpendingLimits> read_limits(std::filesystem::path const& folder);
base::Result<void> set_limit(std::filesystem::path const& folder, std::string const& asset, SpendingLimit const& limit);

/// A body that is about to be signed, as the limits see it.
struct Outlay {
  Spending spending;
  /// By which one payment that is signed again counts once; the ledger pays it once too.
  std::optional<ledger::IdempotencyKey> key;
  /// Decimals by asset, for messages.
  std::map<std::string, unsigned> scales;
};
/// E_LIMIT when it exceeds this wallet's own limits, with what is left as detail; also when there are limits and its
/// amounts are not known. `at_ms`: from when on it can be recorded, by the chain's clock; what is less than a day away
/// from it, on either side, counts together.
base::Result<void> check_spending(std::filesystem::path const& folder, Outlay const& outlay, ledger::TimeMs at_ms);
/// Counts it (spent.json). Forgotten is what by this machine's clock was both signed and due more than a day ago: a
/// draft's own date never makes other payments forgotten.
base::Result<void> note_spending(std::filesystem::path const& folder, Outlay const& outlay, ledger::TimeMs at_ms,
                                 ledger::TimeMs wall_ms = wall_time_ms());

}  // namespace wallet
