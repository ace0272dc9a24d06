// SPDX-License-Identifier: Apache-2.0
#pragma once

// The law of goods: what an event does to accounts, items, units and histories, and what it tells contracts.

#include <memory>

#include "contracts/context.hpp"

namespace contracts::goods {

/// A record's events as they were read (contracts/goods/reading.hpp).
struct ReadRecord;

/// Judges the form of a record's events without state: E_EVENT_FORM, E_VOCABULARY, E_CHECK_DIGIT, E_CONTEXT, commitment
/// mismatch (E_ENCODING). `payloads` are the record's own. Never null.
Result<std::shared_ptr<ReadRecord const>> check(ledger::Record const& record,
                                                std::vector<ledger::BytesView> const& payloads,
                                                ledger::Parameters const& parameters, std::string const& field);

struct Recorded {
  /// One for each event.
  std::vector<Code> codes;
  /// In the order of the events.
  std::vector<Fact> facts;
};

/// Records the events of one operation. Under rollback the first failure is returned as the error and the caller drops
/// the overlay; under proceed each event stands or falls alone. `read` is what check made of the record, or null.
Result<Recorded> record(Context& context, ledger::Record const& record, std::vector<ledger::BytesView> const& payloads,
                        std::string const& field, std::shared_ptr<ReadRecord const> read = nullptr);

Result<void> set_claim_code(Context& context, ledger::SetClaimCode const& operation, std::string const& field);
Result<void> claim(Context& context, ledger::ClaimItem const& operation, std::string const& field);

/// What a covered code's hash is: H(05 ‖ its x-only key).
Hash code_key_hash(base::PartyKey const& code_key);

/// What a contract's `title` step moves: ownership of what the firing handover accepted, else of all that `from` owns
/// under the subject. Never fails; returns how much (micro-units) could not be moved because `from` does not own it.
struct Title {
  /// Canonical Digital Link of the terms' subject; a shipment stands for all that the handover accepted.
  std::string subject;
  PartyId from;
  PartyId to;
  /// Of the firing handover; absent: all.
  std::optional<Hash> offer;
  Hash contract;
  /// The step's own act, already logged and already a leaf of the contract's history at `contract_sequence`: each
  /// subject whose owner changes gets a leaf of it with a link to that one.
  ledger::ActLeaf act;
  std::uint64_t contract_sequence = 0;
};
ledger::Micro pass_title(Context& context, Title const& title);

}  // namespace contracts::goods
