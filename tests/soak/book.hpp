// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the soak knows to be true: which transactions were acknowledged, at which height, and what every node answered.
// An answer at height h must be the acknowledged transactions up to h, no more, no less, whoever gives it. Any thread
// may call any method.

#include <array>
#include <map>
#include <mutex>
#include <set>
#include <variant>

#include "ledger/tx.hpp"
#include "sim/random.hpp"
#include "testnet/network.hpp"

namespace soak {

using base::Amount;
using base::Hash;
using base::Height;

/// The accounts of the bank, by their place.
constexpr std::size_t accounts = 6;

struct Payment {
  std::size_t from = 0;
  std::size_t to = 0;
  Amount amount = 0;
};
struct Recording {
  std::string subject;
  /// Of the event's exact bytes.
  Hash payload;
};
struct Deed {
  Hash id;
  std::variant<Payment, Recording> what;
};

/// One look at the accounts: a balance and the height of the answer that told it, for each.
using Balances = std::array<std::pair<Height, Amount>, accounts>;

class Book {
 public:
  /// The first account holds everything.
  explicit Book(Amount total) : total_(total) {}

  /// The node has shown this height, or acknowledged something at it; later answers must not be older.
  Height floor(std::size_t node) const;
  /// An answer of the node, to a question that was asked when its floor was `floor`.
  void answered(std::size_t node, Height floor, Height height);
  void root(std::size_t node, Height height, std::string const& root);
  void balances(std::size_t node, Balances const& seen);
  /// A verified, complete history: the events' bytes by their hashes, in order.
  void history(std::size_t node, std::string const& subject, Height height, std::vector<Hash> const& payloads);
  /// What the node says of a transaction that was acknowledged at `recorded`.
  void receipt(std::size_t node, Hash const& id, Height recorded, Height answered, std::string const& state,
               Height said);

  /// The node told the client that it is recorded at this height, done or failed.
  void acknowledged(std::size_t node, Deed const& deed, Height height, bool done);
  /// Nobody knows yet what became of it; it is asked again when the faults are over.
  void unresolved(Deed const& deed, ledger::Transaction const& transaction);
  std::vector<std::pair<Deed, ledger::Transaction>> take_unresolved();
  /// Acknowledged, by chance; nothing while nothing is.
  std::optional<std::pair<Hash, Height>> some(sim::Random& random) const;
  std::vector<std::pair<Hash, Height>> all() const;
  std::vector<std::string> subjects() const;

  /// Compares every answer that was given with what was acknowledged. Once, when nothing is unresolved.
  void settle();

  void violation(std::string const& what);
  bool violated() const;
  std::vector<std::string> violations() const;

  struct Figures {
    std::uint64_t acknowledged = 0, failed = 0, answers = 0, balances = 0, proofs = 0;
    Height height = 0;
    /// The longest time in which no node showed a new height.
    std::uint64_t worst_stall_ms = 0;
  };
  Figures figures() const;

 private:
  struct Subject {
    /// The longest history that a node has shown.
    std::vector<Hash> payloads;
    /// How long it was at each height at which it was shown.
    std::map<Height, std::size_t> lengths;
    std::vector<std::pair<Height, Hash>> acknowledged;
  };
  void note(std::string const& what);
  void settle_money();
  void settle_histories();

  mutable std::mutex mutex_;
  Amount total_;
  std::array<Height, testnet::nodes> floors_{};
  std::map<Height, std::string> roots_;
  std::map<Height, std::array<std::optional<Amount>, accounts>> seen_;
  std::map<std::string, Subject> subjects_;
  std::vector<std::pair<Hash, Height>> acknowledged_;
  std::multimap<Height, Payment> payments_;
  std::vector<std::pair<Deed, ledger::Transaction>> unresolved_;
  std::vector<std::string> violations_;
  Figures figures_;
  std::uint64_t risen_at_ms_ = 0;
};

}  // namespace soak
