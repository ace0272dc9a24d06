// SPDX-License-Identifier: Apache-2.0
#pragma once

// Plays a story against a running network: moves the test clock, signs each act with the parties' own keys, sends it to
// one of the nodes and waits for its outcome.

#include "testnet/chain.hpp"

namespace testnet {

/// The keys that the parties' wallets hold, by the organisation's code.
using Keyring = std::map<std::string, wallet::Identity>;
/// The keys that validators sign with, by the organisation's code.
using ValidatorKeys = std::map<std::string, crypto::ValidatorSecret>;

/// What the act's signers sign: its operations, and its events in one record.
base::Result<wallet::Draft> draft_of(Act const& act, base::PartyId const& actor);

class Player final : public Chain {
 public:
  /// `urls`: the member listeners; each act goes to the next one that answers.
  Player(Keyring keyring, wallet::Identity clock, std::vector<std::string> urls, ValidatorKeys validators = {});

  /// Puts the test clock to `time_ms` unless it is there already, and waits until a block says so.
  base::Result<void> advance(ledger::TimeMs time_ms) override;
  /// Advances, signs, sends, waits. The outcome may be a failure; an error means that no outcome came.
  base::Result<wallet::Outcome> play(Act const& act) override;
  /// The same for one operation of these parties, at the present time of the chain.
  base::Result<wallet::Outcome> play(std::vector<std::string> const& signers, ledger::Operation operation);
  base::Result<wallet::Outcome> repeat(std::size_t times) override;
  base::Result<crypto::Evidence> equivocate(std::string const& code) override;
  /// A JSON-RPC call to the next node that answers, once that has what was played before.
  base::Result<base::Value> call(std::string const& method, base::Value params) override;
  base::Result<wallet::ChainInfo> chain();
  std::size_t events() const { return events_; }
  std::size_t transactions() const { return transactions_; }

 private:
  base::Result<wallet::Outcome> send(wallet::Draft draft, std::vector<wallet::Identity> const& identities,
                                     ledger::TimeMs time_ms);
  /// E_NOT_YET_VALID when the node does not have yet what was played before.
  base::Result<void> level(rpc::Client& client) const;
  /// Tries the nodes in turn, each once, starting behind the last that served.
  template <class T>
  base::Result<T> with_node(std::function<base::Result<T>(rpc::Client&)> const& ask);

  Keyring keyring_;
  wallet::Identity clock_;
  std::vector<std::string> urls_;
  ValidatorKeys validators_;
  std::size_t next_ = 0;
  std::optional<ledger::Transaction> last_;
  /// The highest block that holds one of its transactions.
  ledger::Height height_ = 0;
  /// Where this player put the test clock last.
  ledger::TimeMs advanced_to_ms_ = 0;
  std::size_t events_ = 0;
  std::size_t transactions_ = 0;
};

}  // namespace testnet
