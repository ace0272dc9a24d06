// SPDX-License-Identifier: Apache-2.0
#pragma once

// A small ledger for the tests of the law: a genesis with a few firms and their keys, signed transactions, blocks that
// are applied one after the other.

#include "contracts/context.hpp"
#include "contracts/machine.hpp"
#include "crypto/party.hpp"

namespace contracts::test {

/// One firm with a root, an admin and a staff key, all derived from its name.
struct Firm {
  std::string name;
  std::string gln;
  base::PartyId id;
};

/// The secret of a name ("ALFA.admin"): its SHA-256.
crypto::PartySecret secret_of(std::string_view name);
base::PartyKey key_of(std::string_view name);

struct World {
  /// Firms: BANK (issuer), ALFA and BETA (brands), CERT (certifier, financier). Clock: test, key "clock".
  World();
  /// The same genesis with other parameters.
  explicit World(ledger::Parameters const& parameters);

  static ledger::Genesis genesis(ledger::Parameters const& parameters);

  Firm bank, alfa, beta, cert;
  ledger::Genesis first;
  Hash chain;
  ledger::MemoryState state;
  ledger::StateTree tree;
  ledger::Height height = 0;
  ledger::TimeMs time_ms = 0;

  /// A body by this firm, valid for an hour from the newest block on.
  ledger::Body body(Firm const& actor, std::vector<ledger::Operation> operations) const;
  /// Signs with the keys of these names ("ALFA.staff"); a name without a firm signs for party zero.
  ledger::Transaction sign(ledger::Body body, std::vector<std::string> const& keys) const;
  /// The same in one step; the only key is the actor's of this kind.
  ledger::Transaction by(Firm const& actor, std::string const& kind, std::vector<ledger::Operation> operations) const;

  /// Runs a block `after_ms` later without applying it; each transaction must pass check.
  Execution run(std::vector<ledger::Transaction> const& transactions, ledger::TimeMs after_ms = 1000) const;
  /// The same, applied. Alarms are failures.
  Execution apply(std::vector<ledger::Transaction> const& transactions, ledger::TimeMs after_ms = 1000);
  /// Applies a block of one transaction and returns its receipt.
  ledger::Receipt one(ledger::Transaction const& transaction);

  /// Creates EUR.BANK (scale 2) and pays this much to ALFA.
  void fund(base::Amount amount);
  base::Amount balance(Firm const& firm, std::string_view asset = "EUR.BANK") const;
  /// Of its statement in EUR.BANK.
  std::optional<ledger::StatementRecord> line(Firm const& firm, std::uint64_t number) const;

  Firm const& firm(std::string_view name) const;
};

/// An observation by the world's newest block of one plain identifier ("a" of https://example.com/thing/a), which moves
/// no account.
std::string observation(World const& world, std::string_view name, std::string_view biz_step = "inspecting");

/// Events, and operations beside them, for one body of ALFA's.
struct Recording {
  std::vector<ledger::Operation> operations;
  std::vector<std::string> payloads;

  void add(ledger::RecordMode mode, std::vector<std::string> const& events);
  /// Signed by the keys of these names; valid for longer than the world's other bodies.
  ledger::Transaction by(World const& world, std::vector<std::string> const& keys, ledger::TimeMs later_ms = 0) const;
};

/// The outcome's name and, of a failure, the field.
std::string outcome(ledger::Receipt const& receipt);
ledger::AssetRecord asset_of(ledger::StateView const& state, std::string_view asset = "EUR.BANK");
/// An overlay's context, signed by nobody, for rules that are called without a transaction.
struct Act {
  explicit Act(World const& world) : overlay(world.state), parameters(world.first.parameters) {}
  ledger::Overlay overlay;
  ledger::Parameters parameters;
  Context context{overlay, parameters};
};

ledger::Transfer transfer(Firm const& from, Firm const& to, base::Amount amount);
ledger::Mint mint(Firm const& to, base::Amount amount);

}  // namespace contracts::test
