// SPDX-License-Identifier: Apache-2.0
#include "storage/layer.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace storage {
namespace {

using Model = std::map<Bytes, std::optional<Bytes>>;

/// Short and long ones, many that begin alike for more than eight bytes.
Bytes some_key(std::mt19937& random) {
  Bytes key(random() % 4 == 0 ? random() % 9 : 12, 7);
  for (std::size_t i = 0; i < key.size(); i += 5) key[key.size() - 1 - i] = static_cast<std::uint8_t>(random() % 12);
  return key;
}

ledger::StateDiff some_diff(std::mt19937& random, Model& model) {
  ledger::StateDiff out;
  for (auto left = random() % 60; left > 0; --left) {
    auto const key = some_key(random);
    std::optional<Bytes> record;
    if (random() % 3 != 0) record = Bytes(random() % 5, static_cast<std::uint8_t>(random()));
    out[key] = record;
    model[key] = record;
  }
  return out;
}

bool is(Layer::Row const& row, Model::value_type const& wanted) {
  auto const record = row.record();
  return base::equal(row.key(), wanted.first) && record.has_value() == wanted.second.has_value() &&
         (!record || base::equal(*record, *wanted.second));
}

TEST(Layer, StaysWhenItsBlockChanges) {
  ledger::StateDiff diff{{Bytes{1}, Bytes{10}}, {Bytes{2}, Bytes{20}}};
  Layer const layer(diff);
  diff[Bytes{1}] = Bytes{11};
  diff[Bytes{2}] = std::nullopt;
  EXPECT_TRUE(is(layer.rows()[0], {Bytes{1}, Bytes{10}}));
  EXPECT_TRUE(is(layer.rows()[1], {Bytes{2}, Bytes{20}}));
  EXPECT_EQ(diff, (ledger::StateDiff{{Bytes{1}, Bytes{11}}, {Bytes{2}, std::nullopt}}));
}

TEST(Layer, IsWhatItsBlocksLeave) {
  std::mt19937 random(5);
  for (int round = 0; round < 50; ++round) {
    Model model;
    auto layer = std::make_unique<Layer>(some_diff(random, model));
    // What it was made of is gone by then.
    for (auto more = random() % 6; more > 0; --more) {
      layer = std::make_unique<Layer>(*layer, Layer(some_diff(random, model)));
    }
    ASSERT_TRUE(std::equal(layer->rows().begin(), layer->rows().end(), model.begin(), model.end(), is));
    for (int i = 0; i < 100; ++i) {
      auto const key = some_key(random);
      auto const* const found = layer->find(key, ledger::Row::hash_of(key));
      auto const wanted = model.find(key);
      ASSERT_EQ(found != nullptr, wanted != model.end());
      ASSERT_TRUE(found == nullptr || is(*found, *wanted));
      ASSERT_EQ(layer->from(key).size(), static_cast<std::size_t>(std::distance(model.lower_bound(key), model.end())));
    }
  }
}

}  // namespace
}  // namespace storage
