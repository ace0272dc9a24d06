// SPDX-License-Identifier: Apache-2.0
#include "node/seats.hpp"

#include <algorithm>

namespace node {

namespace {

std::size_t quorum_of(std::size_t validators) { return validators - (validators - 1) / 3; }

}  // namespace

Seats::Seats(crypto::ValidatorSet const& genesis, std::vector<Address> const& addresses, std::optional<Place> own)
    : of_genesis_(genesis.size()), own_place_(own) {
  CHECK(addresses.size() == genesis.size());
  for (std::size_t place = 0; place < genesis.size(); ++place) {
    seats_.push_back({{genesis.validators[place].tls_key}, addresses[place]});
    members_.push_back(place);
  }
  if (own) own_seat_ = *own;
}

void Seats::follow(std::vector<Member> const& members, std::optional<Place> own) {
  own_place_ = own;
  std::vector<std::size_t> next;
  for (auto const& member : members) next.push_back(seat_for(member));
  members_ = std::move(next);
  if (own) own_seat_ = members_[*own];
}

/// The one that had its key before, or a new one.
std::size_t Seats::seat_for(Member const& member) {
  auto const& [validator, endpoint] = member;
  auto const known = std::ranges::find_if(seats_, [&, &key = validator, &point = endpoint](Seat const& seat) {
    auto const has = [&](Hash const& tls_key) { return std::ranges::count(seat.tls_keys, tls_key) > 0; };
    return has(key.tls_key) || (point.previous_tls_key && has(*point.previous_tls_key));
  });
  auto const seat = known != seats_.end() ? static_cast<std::size_t>(known - seats_.begin()) : free_seat();
  seats_[seat].tls_keys = {validator.tls_key};
  if (endpoint.previous_tls_key) seats_[seat].tls_keys.push_back(*endpoint.previous_tls_key);
  if (auto const address = read_address(endpoint.address)) seats_[seat].address = address;
  return seat;
}

std::size_t Seats::free_seat() {
  std::size_t seat = of_genesis_;
  while (seats_.size() >= seats_max && (is_member(seat) || is_own(seat))) ++seat;
  if (seats_.size() < seats_max) {
    seat = seats_.size();
    seats_.emplace_back();
  }
  seats_[seat] = {};
  return seat;
}

std::optional<std::size_t> Seats::find(Hash const& tls_key) const {
  for (std::size_t seat = 0; seat < seats_.size(); ++seat) {
    if (!is_own(seat) && accepts(seat, tls_key)) return seat;
  }
  return std::nullopt;
}

bool Seats::accepts(std::size_t seat, Hash const& tls_key) const {
  return std::ranges::count(seats_[seat].tls_keys, tls_key) > 0;
}

std::optional<std::size_t> Seats::place_among_members(std::size_t seat) const {
  auto const found = std::ranges::find(members_, seat);
  if (found == members_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - members_.begin());
}

Place Seats::place_of(std::size_t seat) const {
  return static_cast<Place>(place_among_members(seat).value_or(members_.size() + seat));
}

std::size_t Seats::seat_of(Place place) const {
  return place < members_.size() ? members_[place] : std::size_t{place} - members_.size();
}

bool Seats::calls(std::size_t seat) const {
  auto const place = place_among_members(seat);
  return place && (!own_place_ || *own_place_ < *place);
}

std::size_t Seats::others_needed() const { return quorum_of(members_.size()) - (own_place_ ? 1 : 0); }

std::size_t Seats::faulty_max() const { return members_.size() - quorum_of(members_.size()); }

}  // namespace node
