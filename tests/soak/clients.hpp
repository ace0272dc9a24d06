// SPDX-License-Identifier: Apache-2.0
#pragma once

// The load of a soak and the readers that watch it: at every node one who pays, one who records and one who reads.

#include <atomic>
#include <thread>

#include "ledger/proof.hpp"
#include "soak/book.hpp"
#include "soak/lab.hpp"

namespace soak {

/// The asset of the bank, issued by EUBANK, all of it in the first account.
constexpr char const* asset_name = "EUR.EUBANK";
constexpr Amount bank_total = 1'000'000'00;

class Clients {
 public:
  Clients(Lab const& lab, testnet::World const& world, testnet::Network const& network, Book& book, std::uint64_t seed);
  ~Clients() { stop(); }
  Clients(Clients const&) = delete;
  Clients& operator=(Clients const&) = delete;

  /// Creates the asset through the first node.
  Result<void> found_bank();
  void start();
  /// Ends all threads.
  void stop();
  /// Sends again what nobody has heard of, and asks for the outcome; through the first node.
  Result<void> resolve();
  /// Everything once more at every node: accounts, histories, and a share of all acknowledged transactions.
  Result<void> read_everything();
  /// Submissions that nodes refused by name, of them for want of disk.
  std::uint64_t refused() const { return refused_; }
  std::uint64_t refused_for_disk() const { return refused_for_disk_; }

 private:
  class Teller;
  class Reader;
  void run(std::size_t node, unsigned kind);
  bool pause(unsigned milliseconds) const;

  Lab const& lab_;
  testnet::World const& world_;
  testnet::Network const& network_;
  Book& book_;
  ledger::Anchor anchor_;
  std::uint64_t seed_;
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> refused_{0}, refused_for_disk_{0};
  std::vector<std::thread> threads_;
};

}  // namespace soak
