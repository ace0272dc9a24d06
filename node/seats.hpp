// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whom a transport knows, by TLS keys: the validators of the genesis and those of the epochs since. A seat is one
// validator's for as long as the process lives, while its place changes from epoch to epoch; whoever has left the set
// keeps its seat, because it may still follow.

#include "node/config.hpp"
#include "node/seams.hpp"

namespace node {

/// Beyond this, those who came after the genesis and have left lose theirs to those who come.
constexpr std::size_t seats_max = 4 * crypto::validators_max;

class Seats {
 public:
  /// Addresses are those of node.toml. This node's own place is by its key; nothing: the genesis does not name it.
  Seats(crypto::ValidatorSet const& genesis, std::vector<Address> const& addresses, std::optional<Place> own);

  /// An epoch begins.
  void follow(std::vector<Member> const& members, std::optional<Place> own);

  std::size_t size() const { return seats_.size(); }
  /// Of another node that may connect with this TLS key.
  std::optional<std::size_t> find(Hash const& tls_key) const;
  bool accepts(std::size_t seat, Hash const& tls_key) const;
  /// Where it listens; nothing when nobody said so.
  std::optional<Address> const& address(std::size_t seat) const { return seats_[seat].address; }
  std::optional<std::size_t> own() const { return own_seat_; }
  bool is_own(std::size_t seat) const { return own_seat_ == seat; }
  bool is_member(std::size_t seat) const { return place_among_members(seat).has_value(); }
  /// In the epoch; beyond its validators for who is none of them.
  Place place_of(std::size_t seat) const;
  std::size_t seat_of(Place place) const;
  /// Of each pair of validators the one with the smaller place calls the other: the order outlives epochs. Who follows
  /// calls all validators.
  bool calls(std::size_t seat) const;
  /// Others that have to accept this node before it speaks.
  std::size_t others_needed() const;
  std::size_t faulty_max() const;

 private:
  struct Seat {
    /// The one of the epoch, and the one before it where that still holds.
    std::vector<Hash> tls_keys;
    std::optional<Address> address;
  };
  std::optional<std::size_t> place_among_members(std::size_t seat) const;
  std::size_t seat_for(Member const& member);
  std::size_t free_seat();

  std::size_t of_genesis_;
  std::vector<Seat> seats_;
  /// By place in the epoch.
  std::vector<std::size_t> members_;
  std::optional<std::size_t> own_seat_;
  std::optional<Place> own_place_;
};

}  // namespace node
