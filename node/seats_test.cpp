// SPDX-License-Identifier: Apache-2.0
#include "node/seats.hpp"

#include <gtest/gtest.h>

namespace node {
namespace {

Member member(std::uint8_t tls_key, std::string const& address = "", std::uint8_t previous = 0) {
  Member out;
  out.validator.tls_key = Hash{{tls_key}};
  out.endpoint.address = address;
  if (previous != 0) out.endpoint.previous_tls_key = Hash{{previous}};
  return out;
}

class SeatsTest : public ::testing::Test {
 protected:
  /// Four validators with the TLS keys 1 to 4; this node is the second.
  Seats seats = of_genesis(Place{1});
  static Seats of_genesis(std::optional<Place> own) {
    crypto::ValidatorSet genesis;
    std::vector<Address> addresses;
    for (std::uint8_t i = 1; i <= 4; ++i) {
      genesis.validators.push_back(member(i).validator);
      addresses.push_back({"127.0.0.1", i});
    }
    return Seats(genesis, addresses, own);
  }
  static Hash key(std::uint8_t number) { return Hash{{number}}; }
};

TEST_F(SeatsTest, AreThePlacesOfTheGenesisAtFirst) {
  for (Place place = 0; place < 4; ++place) {
    EXPECT_EQ(seats.seat_of(place), place);
    EXPECT_EQ(seats.place_of(place), place);
    EXPECT_EQ(seats.calls(place), place > 1);
  }
  EXPECT_EQ(seats.find(key(3)), 2u);
  EXPECT_EQ(seats.find(key(2)), std::nullopt) << "this node's own";
  EXPECT_EQ(seats.find(key(9)), std::nullopt);
  EXPECT_EQ(seats.others_needed(), 2u);
}

TEST_F(SeatsTest, AFifthTakesOneAndWhoLeavesKeepsIt) {
  seats.follow({member(1), member(2), member(3), member(4), member(5, "127.0.0.1:7084")}, Place{1});
  EXPECT_EQ(seats.find(key(5)), 4u);
  EXPECT_EQ(seats.address(4), (Address{"127.0.0.1", 7084}));
  EXPECT_TRUE(seats.calls(4));
  seats.follow({member(2), member(3), member(4), member(5)}, Place{0});
  EXPECT_EQ(seats.place_of(4), 3);
  EXPECT_EQ(seats.seat_of(3), 4u);
  EXPECT_EQ(seats.find(key(1)), 0u);
  EXPECT_FALSE(seats.is_member(0));
  EXPECT_FALSE(seats.calls(0)) << "who follows calls";
  EXPECT_GE(seats.place_of(0), 4);
  EXPECT_EQ(seats.seat_of(seats.place_of(0)), 0u);
}

TEST_F(SeatsTest, AReplacedTlsKeyHoldsForOneEpochMore) {
  seats.follow({member(1), member(2), member(7, "", 3), member(4)}, Place{1});
  EXPECT_EQ(seats.find(key(7)), 2u);
  EXPECT_EQ(seats.find(key(3)), 2u);
  seats.follow({member(1), member(2), member(7), member(4)}, Place{1});
  EXPECT_EQ(seats.find(key(7)), 2u);
  EXPECT_EQ(seats.find(key(3)), std::nullopt);
  EXPECT_FALSE(seats.accepts(2, key(3)));
  EXPECT_EQ(seats.address(2), (Address{"127.0.0.1", 3}));
}

TEST_F(SeatsTest, WhoIsNoValidatorCallsThemAll) {
  auto newcomer = of_genesis(std::nullopt);
  EXPECT_EQ(newcomer.own(), std::nullopt);
  for (std::size_t seat = 0; seat < 4; ++seat) EXPECT_TRUE(newcomer.calls(seat));
  EXPECT_EQ(newcomer.others_needed(), 3u);
  newcomer.follow({member(1), member(2), member(3), member(4), member(5, "127.0.0.1:7084")}, Place{4});
  EXPECT_EQ(newcomer.own(), 4u);
  for (std::size_t seat = 0; seat < 5; ++seat) EXPECT_FALSE(newcomer.calls(seat));
  EXPECT_EQ(newcomer.find(key(5)), std::nullopt);
}

TEST_F(SeatsTest, HaveALimit) {
  for (std::size_t i = 0; i < 2 * seats_max; ++i) {
    auto newest = member(5);
    newest.validator.tls_key = Hash{{9, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}};
    seats.follow({member(1), member(2), member(3), newest}, Place{1});
    EXPECT_EQ(seats.seat_of(seats.place_of(*seats.find(newest.validator.tls_key))),
              *seats.find(newest.validator.tls_key));
  }
  EXPECT_EQ(seats.size(), seats_max);
  EXPECT_EQ(seats.find(key(3)), 2u);
}

}  // namespace
}  // namespace node
