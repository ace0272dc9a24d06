// SPDX-License-Identifier: Apache-2.0
#pragma once

// Sends many transactions at once to the nodes of a test network, each to the next node, and waits for all of them.

#include "testnet/world.hpp"
#include "wallet/draft.hpp"

namespace testnet {

struct Sending {
  /// What it is, for whoever reads that it went wrong.
  std::string what;
  /// The party of the first is the actor.
  std::vector<wallet::Identity> signers;
  std::vector<std::string> events;
  std::vector<ledger::Operation> operations;
  /// The code that it must end with; empty: done. "exists": done, with events that were there before.
  std::string wanted;
  /// A code that is as good.
  std::string tolerated;
  /// Told of the transaction when it has ended so.
  std::function<void(ledger::Transaction const&)> then;
  /// Its very bytes are sent so many times more, to all nodes in turn; each must answer with the same id.
  std::size_t repeats = 0;
};

class Sender {
 public:
  /// `urls`: the member listeners. `clock`: the key of the test clock.
  static base::Result<Sender> connect(std::vector<std::string> const& urls, wallet::Identity const& clock);

  /// Puts the test clock there, unless it is later already.
  base::Result<void> advance(ledger::TimeMs time_ms);
  /// Signs at the clock's time, sends all, waits for all. An error names the first that did not end as wanted.
  base::Result<void> send(std::vector<Sending> const& batch);
  /// A call to one node.
  base::Result<base::Value> ask(std::size_t node, std::string const& method, base::Value params);
  /// Waits until the node has this block.
  base::Result<void> wait_height(std::size_t node, ledger::Height height);

  std::size_t nodes() const { return clients_.size(); }
  ledger::TimeMs time_ms() const { return chain_.time_ms; }
  /// The highest block that holds one of its transactions.
  ledger::Height height() const { return height_; }
  std::size_t transactions() const { return transactions_; }
  std::size_t events() const { return events_; }

 private:
  base::Result<ledger::Transaction> sign(Sending const& one) const;
  base::Result<void> judge(Sending const& one, ledger::Transaction const& transaction, std::size_t node);
  base::Result<void> repeat(Sending const& one, ledger::Transaction const& transaction);
  base::Result<ledger::Hash> submit(std::size_t node, ledger::Transaction const& transaction);

  std::vector<std::unique_ptr<rpc::Client>> clients_;
  wallet::Identity clock_;
  wallet::ChainInfo chain_;
  ledger::Height height_ = 0;
  std::size_t next_ = 0;
  std::size_t transactions_ = 0;
  std::size_t events_ = 0;
};

}  // namespace testnet
