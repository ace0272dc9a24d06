// SPDX-License-Identifier: Apache-2.0
#pragma once

// A story with its escrow, played on a chain and held against what its file expects.

#include "testnet/chain.hpp"

namespace testnet {

/// The money of a journey, from its `escrow`, `expect` and the terms of the contract.
struct Deal {
  std::string label;
  std::string terms;
  std::string asset;
  /// Codes of the organisations by role.
  std::vector<std::pair<std::string, std::string>> parties;
  std::string buyer;
  std::string seller;
  ledger::Amount total = 0;
  /// The states in which the buyer pays in, in order.
  std::vector<std::string> deposits;
  ledger::TimeMs open_ms = 0;
  /// By id; and the one whose price follows from the readings.
  std::map<std::string, ledger::Amount> milestones;
  std::string priced;
  /// What each should have of the asset in the end, by code.
  std::map<std::string, ledger::Amount> expected;
  /// A variant or an attack ends in other payments than `expect` says.
  bool otherwise = false;
};

/// `terms`: the contract's text. Roles that the file does not name are found in its events: who takes the goods over
/// from whom, whose customs key releases, who owns the loggers. E_FORM names what cannot be found, and what the file
/// says of the contract otherwise than its terms.
base::Result<Deal> deal_of(Fields const& journey, std::string terms, std::string_view variant);

/// One line of what was expected and what came.
struct Compared {
  std::string expected;
  std::string came;
};
struct Line {
  bool good = false;
  /// "13", "money SPREE".
  std::string what;
  std::string expected;
  std::string came;
  Step const* step = nullptr;
};
using Tell = std::function<void(Line const& line)>;

class Performance {
 public:
  Performance(World const& world, Story const& story, std::optional<Deal> deal, Chain& chain)
      : world_(world), story_(story), deal_(std::move(deal)), chain_(chain) {}

  /// Called before each act of each step, and once for a step without; false ends the play.
  using Before = std::function<base::Result<bool>(Step const& next, std::size_t act)>;

  /// Plays all of it; a line for each step. Stops at the first act that is not done; an error means that nobody
  /// answered.
  base::Result<void> play(Tell const& tell, Before const& before = {});
  /// A line for each account, sum, badge and condition.
  base::Result<void> check(Tell const& tell);
  bool good() const { return good_; }
  /// Somebody else's line.
  void say(Tell const& tell, Line line);

  Chain& chain() { return chain_; }
  Story const& story() const { return story_; }
  World const& world() const { return world_; }
  std::optional<Deal> const& deal() const { return deal_; }
  ledger::Hash const& contract() const { return contract_; }
  /// Who has how much of a lot by custodian, as text.
  base::Result<std::string> held(std::string const& link);
  /// What the party has of the escrow's asset, in minor units.
  base::Result<std::string> money(std::string const& code);
  /// A member of the story's condition: "minutes" beyond the limit, the "highest" reading.
  base::Result<std::string> condition(std::string_view member);
  /// How much of a lot was made, in millionths.
  base::Result<base::i128> made(std::string const& link);
  /// The accounts of all lots and parties of the story.
  base::Result<std::string> accounts();

 private:
  base::Result<bool> step(Step const& step, Tell const& tell, Before const& before);
  base::Result<void> must(Act const& act, std::string const& what);
  base::Result<void> open();
  /// Who owns it, by code; several where they are.
  base::Result<std::string> owner(std::string const& link);
  base::Result<void> check_owner(Step const& step, Tell const& tell);
  base::Result<void> check_goods(Tell const& tell);
  base::Result<void> check_account(Tell const& tell);
  base::Result<void> check_money(Tell const& tell);
  base::Result<void> check_condition(Tell const& tell);
  base::Result<void> check_expectations(Tell const& tell);

  World const& world_;
  Story const& story_;
  std::optional<Deal> deal_;
  Chain& chain_;
  bool opened_ = false;
  ledger::Hash contract_;
  bool good_ = true;
};

/// "done", or the code with its field.
std::string said(base::Result<wallet::Outcome> const& outcome);
/// The same without the field.
std::string code_of(base::Result<wallet::Outcome> const& outcome);

}  // namespace testnet
