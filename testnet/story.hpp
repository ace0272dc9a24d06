// SPDX-License-Identifier: Apache-2.0
#pragma once

// A journey of a journeys file as what its parties sign: for each step the events and operations, in order, with their
// signers; and what must be so when all of it is recorded.

#include <functional>

#include "testnet/fields.hpp"
#include "testnet/world.hpp"

namespace testnet {

/// One transaction.
struct Act {
  /// Names in the keyring: "SERICA" for the firm's daily key, "SERICA.root", "SERICA.admin", "LABX/SNS-0001" for a
  /// device of its. The party of the first is the actor.
  std::vector<std::string> signers;
  std::vector<std::string> events;
  std::vector<ledger::Operation> operations;
  ledger::TimeMs time_ms = 0;
};

struct Step {
  /// 0 for what happens beside the steps of the file: batches of readings.
  unsigned number = 0;
  std::string kind;
  /// One line for a terminal.
  std::string title;
  std::string place;
  ledger::TimeMs time_ms = 0;
  std::vector<Act> acts;
  /// Who owns these goods when the step is over ("consumer" for one who is no member), where the file says it; by a
  /// contract's step when `by_contract`.
  std::string owner;
  bool by_contract = false;
  /// Links of units, items and lots; of many units or items the first and the last.
  std::vector<std::string> owned;
};

/// A lot that the journey makes, and who should have how much of it in the end.
struct Stock {
  std::string link;
  std::string gtin;
  std::string uom;
  std::string claim;
  ledger::Micro total = 0;
  /// By custodian: codes of organisations, "consumer". What was used up is in nobody's.
  std::map<std::string, ledger::Micro> held;
};

/// A member of `expect`, or of a variant's `sensor.expected`.
struct Expectation {
  std::string place;
  std::string name;
  base::Value value;
};

struct Story {
  std::string name;
  std::string title;
  std::vector<Step> steps;
  /// What its members hold before the first step: schemes, certificates, mandates, devices.
  std::vector<Act> preparations;
  /// In the order in which they were made.
  std::vector<Stock> stocks;
  /// `expect.goods_account`: "scarf 2000 EA = 1600 MAASHUB + 400 SPREE"; empty where the file says nothing.
  std::string account;
  /// What else the file says of the end.
  std::vector<Expectation> expectations;
  /// Items that a recall should have reached, by link.
  std::vector<std::string> recalled;
  /// A unit with loggers, and for how many minutes it was beyond its limit.
  std::optional<std::pair<std::string, std::uint64_t>> condition;
};

/// The public key of a name in the keyring.
using KeyOf = std::function<base::PartyKey(std::string const& name)>;

/// Reads one journey; E_FORM names the step and the member that cannot be told. "code" is the key of the covered code
/// inside items that are sold. `variant`: of its sensor series; empty for the file's first.
base::Result<Story> tell(base::Value const& journeys, std::string_view name, World const& world, KeyOf const& key_of,
                         std::string_view variant = {});

/// All that is held against the end and is not read otherwise; E_FORM names a member that nothing is compared with.
base::Result<std::vector<Expectation>> expectations_of(Fields const& journey, std::string_view variant);

/// What events would be, one after the other, had only the steps of the journey before number `before` happened; 0:
/// all.
base::Result<std::vector<Step>> tell_otherwise(base::Value const& journeys, std::string_view name, World const& world,
                                               KeyOf const& key_of, unsigned before,
                                               std::vector<base::Value> const& events);

/// The journey of that name; its errors name members below it.
base::Result<Fields> journey_of(base::Value const& journeys, std::string_view name);
/// Its events; errors name them by their number `n`.
base::Result<std::vector<Fields>> events_of(Fields const& journey);

/// The organisations, products and recipes that a journeys file speaks of. E_FORM names what is wrong in it.
base::Result<World> world_of(base::Value const& journeys);

}  // namespace testnet
