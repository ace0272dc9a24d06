// SPDX-License-Identifier: Apache-2.0
#include "node/verified.hpp"

#include <gtest/gtest.h>

#include "crypto/party.hpp"
#include "ledger/record.hpp"

namespace node {
namespace {

constexpr ledger::TimeMs time_ms = 1'780'000'000'000;

contracts::ReadRecords read_of_one_event() {
  constexpr std::string_view context = R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"])";
  constexpr std::string_view event =
      R"({"type":"ObjectEvent","eventTime":"2026-05-01T00:00:00Z","eventTimeZoneOffset":"+00:00",)"
      R"("epcList":["https://example.com/thing/1"],"action":"OBSERVE"})";
  crypto::PartySecret const secret{crypto::sha256(base::bytes_of("somebody")).bytes};
  ledger::Transaction transaction;
  auto& body = transaction.body;
  body.signers = {{body.actor, crypto::party_key(secret).value()}};
  body.valid_from_ms = body.valid_until_ms = time_ms;
  body.operations = {ledger::make_record(ledger::RecordMode::rollback, context, {base::bytes_of(event)}).value()};
  transaction.payloads.emplace_back(base::to_bytes(event));
  transaction.signatures = {crypto::party_sign(secret, body.id(), {})};
  contracts::ReadRecords out;
  EXPECT_TRUE(contracts::check(transaction, body.chain, ledger::Parameters{}, time_ms, &out));
  return out;
}

base::Hash leaf(std::uint64_t number) { return crypto::sha256(base::encode(number)); }

TEST(Verified, WhatWasReadIsGivenAwayOnce) {
  auto const read = read_of_one_event();
  ASSERT_EQ(read.size(), 1u);
  Verified verified;
  verified.add(leaf(1), leaf(101), read);
  verified.add(leaf(2), leaf(102), {});
  auto const taken = verified.take({leaf(2), leaf(1), leaf(3)});
  ASSERT_EQ(taken.size(), 3u);
  EXPECT_TRUE(taken[0].empty() && taken[2].empty());
  EXPECT_EQ(taken[1], read);
  EXPECT_TRUE(verified.take({leaf(1)}).front().empty());
  EXPECT_TRUE(verified.contains(leaf(1))) << "it is still checked";
  EXPECT_EQ(verified.id_of(leaf(2)), leaf(102));
  EXPECT_EQ(verified.id_of(leaf(3)), std::nullopt);
  verified.add(leaf(1), leaf(101), read);
  EXPECT_TRUE(verified.take({leaf(1)}).front().empty()) << "and not kept again, because nobody may come for it";
}

TEST(Verified, TheOldestReadGoesWhenMemoryIsFull) {
  auto const read = read_of_one_event();
  Verified verified(100, 2 * contracts::memory_of(read));
  for (std::uint64_t i = 0; i < 3; ++i) verified.add(leaf(i), leaf(100 + i), read);
  auto const taken = verified.take({leaf(0), leaf(1), leaf(2)});
  EXPECT_TRUE(taken[0].empty());
  EXPECT_FALSE(taken[1].empty() || taken[2].empty());
  verified.add(leaf(3), leaf(103), read);
  verified.add(leaf(4), leaf(104), read);
  EXPECT_FALSE(verified.take({leaf(3)}).front().empty()) << "what was taken makes room";
  EXPECT_TRUE(verified.contains(leaf(0)));
}

}  // namespace
}  // namespace node
