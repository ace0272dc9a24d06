// SPDX-License-Identifier: Apache-2.0
#include "node/shelf.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

namespace node {
namespace {

/// Many small records that nobody keeps: they are made while they are read. Says how much of the heap was in use at
/// most meanwhile.
class Made final : public ledger::StateView {
 public:
  explicit Made(std::uint32_t records) : records_(records) {}
  bool read(BytesView, std::uint32_t, Reader const&) const override { return false; }
  void scan(BytesView prefix, BytesView, Visitor const& visit) const override {
    if (!prefix.empty()) return;
    auto const record = Bytes(80, 7);
    for (std::uint32_t i = 0; i < records_; ++i) {
      if (i % 1'000 == 0) look();
      if (!visit(ledger::state_key(ledger::Space::balance, ledger::big_endian(std::uint64_t{i})), record)) return;
    }
    look();
  }
  std::size_t most() const { return most_; }
  void look() const { most_ = std::max(most_, mallinfo2().uordblks + mallinfo2().hblkhd); }

 private:
  std::uint32_t records_;
  mutable std::size_t most_ = 0;
};

TEST(Shelf, APassOverTheStateHoldsNoMoreThanItMay) {
  constexpr std::uint32_t records = 200'000;
  constexpr std::size_t pass_bytes = std::size_t{8} << 20;
  constexpr std::size_t chunk_bytes = std::size_t{256} << 10;
  Made const state(records);
  state.look();
  auto const before = state.most();
  std::size_t cut = 0;
  cut_state(
      state, true,
      [&](ledger::Chunk const& chunk) {
        state.look();
        cut += chunk.records.size();
      },
      chunk_bytes, pass_bytes);
  EXPECT_EQ(cut, records);
  auto const held = state.most() - before;
  // One range more is being cut and handed out meanwhile.
  EXPECT_LT(held, pass_bytes + 4 * chunk_bytes);
  EXPECT_GT(held, pass_bytes / 3) << "a pass that takes too little reads the state too often";
}

}  // namespace
}  // namespace node
