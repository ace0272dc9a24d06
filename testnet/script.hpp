// SPDX-License-Identifier: Apache-2.0
#pragma once

// One scenario on its way: turns each entry of its trace into what the parties sign, one step after another.

#include <deque>

#include "testnet/cast.hpp"
#include "testnet/player.hpp"
#include "testnet/sender.hpp"

namespace testnet {

/// Everybody who may have to sign.
struct Signers {
  Keyring const* staff = nullptr;
  /// Of the owner of loggers.
  std::string logger_owner;
  wallet::Identity logger_root;
  wallet::Identity logger_admin;
};

class Script {
 public:
  Script(World const& world, Signers const& signers, Cast const& cast)
      : world_(&world), signers_(&signers), cast_(&cast) {}

  /// What the makers record before the contract is opened: certificates, lots, full units.
  std::vector<Sending> prepare(ledger::TimeMs now_ms);
  Sending open();
  /// The steps of one entry, in the order in which they must be recorded. `state`: where the only lane stands.
  base::Result<std::vector<Sending>> entry(base::Value const& entry, ledger::TimeMs now_ms, std::string const& state);

  /// The fact of a state's first case, when that state's deadline has passed.
  base::Result<std::vector<Sending>> too_late(std::string const& state, ledger::TimeMs now_ms);

  Cast const& cast() const { return *cast_; }
  ledger::Hash const& contract() const { return contract_; }
  /// Who is paid what a role gets.
  std::string const& payee(std::size_t role) const;

 private:
  using FactPattern = contracts::escrow::FactPattern;
  using Trigger = contracts::escrow::Trigger;
  struct Offer {
    std::string id;
    std::uint64_t quantity = 0;
  };

  std::string gln(std::string const& code) const { return world_->organisation(code).member.gln; }
  Sending by(std::vector<std::string> const& codes, std::string what) const;
  base::Result<void> tell(base::Value const& facts, std::vector<Sending>& out);
  base::Result<void> happen(base::Value const& entry, std::string const& state, std::size_t index,
                            std::vector<Sending>& out);
  base::Result<void> fact(contracts::escrow::FactEvent const& event, std::optional<std::uint64_t> value,
                          std::vector<Sending>& out);
  base::Result<void> refused(base::Value const& entry, std::string const& code, std::vector<Sending>& out);
  void assign(base::Value const& assigned, std::string const& refused, std::vector<Sending>& out);

  /// When the next event happens: a little after the one before.
  ledger::TimeMs next_ms() { return now_ms_ + ++events_; }
  Freight const& freight(std::size_t subject) const;
  std::string const& place(Freight const& freight) const;
  void offer(std::size_t trigger, std::vector<Sending>& out);
  Sending accept(std::size_t trigger, std::uint64_t quantity, std::string const& signer);
  void accept(std::size_t trigger, std::uint64_t quantity, std::vector<Sending>& out);
  void answer(std::size_t trigger, bool rejects, std::vector<Sending>& out);
  void milestone(FactPattern const& pattern, std::size_t trigger, std::optional<std::uint64_t> value,
                 std::vector<Sending>& out);
  void documents(contracts::escrow::FactEvent const& event, std::vector<Sending>& out);
  void show(contracts::escrow::Sensor const& sensor, std::uint64_t value, std::vector<Sending>& out);
  /// Nothing when nobody has a recipe for the goods.
  std::optional<Sending> phantoms();

  World const* world_;
  Signers const* signers_;
  Cast const* cast_;
  ledger::Hash contract_;
  ledger::TimeMs now_ms_ = 0;
  ledger::TimeMs events_ = 0;
  unsigned loggers_ = 0;
  /// By trigger.
  std::map<std::size_t, Offer> offers_;
  std::map<std::string, std::string> assigned_;
  /// Accepted of each unit so far, and whether it left its maker.
  std::map<std::size_t, std::uint64_t> accepted_;
  /// Handovers that happened at this moment: one event, several lanes.
  std::map<std::size_t, ledger::TimeMs> happened_;
  std::optional<Sending> last_accept_;
};

}  // namespace testnet
