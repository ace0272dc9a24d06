// SPDX-License-Identifier: Apache-2.0
#include "contracts/meter.hpp"

#include <gtest/gtest.h>

namespace contracts::meter {

TEST(Meter, CountsSignaturesEventsAndSizes) {
  ledger::Transaction transaction;
  EXPECT_EQ(work_of(transaction), 0u);
  transaction.body.signers.resize(2);
  EXPECT_EQ(work_of(transaction), 2u);
  transaction.payloads.emplace_back(ledger::Bytes(event_bytes_a_unit - 1));
  EXPECT_EQ(work_of(transaction), 3u);
  transaction.payloads.emplace_back(ledger::Bytes(2 * event_bytes_a_unit));
  EXPECT_EQ(work_of(transaction), 3u + 3u);
  ledger::EscrowOpen open;
  open.terms = ledger::Text<32768>(std::string(terms_bytes_a_unit + 1, ' '));
  transaction.body.operations.emplace_back(open);
  EXPECT_EQ(work_of(transaction), 6u + 2u);
}

TEST(Meter, BucketIsNeverFullerThanFull) {
  ledger::Parameters parameters;
  parameters.meter_bucket = 10;
  parameters.meter_refill_per_s = 4'000'000'000;
  ledger::MemoryState const empty;
  ledger::Overlay state(empty);
  base::PartyId const party;
  EXPECT_EQ(allowance(state, parameters, party, 1000), 10u);
  charge(state, parameters, party, 1000, 4);
  EXPECT_EQ(allowance(state, parameters, party, 1000), 6u);
  EXPECT_EQ(allowance(state, parameters, party, 999), 6u) << "time does not run backwards";
  EXPECT_EQ(allowance(state, parameters, party, ~base::TimeMs{0}), 10u);
  charge(state, parameters, party, 1000, 70);
  EXPECT_EQ(allowance(state, parameters, party, 1000), 0u);
}

}  // namespace contracts::meter
