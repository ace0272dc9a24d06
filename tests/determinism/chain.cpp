// SPDX-License-Identifier: Apache-2.0
#include "determinism/chain.hpp"

#include <cstdio>

namespace determinism {

namespace {

constexpr std::size_t length_bytes = 4;

}  // namespace

std::optional<base::Bytes> Reader::record() {
  char length[length_bytes];
  if (!in_.read(length, length_bytes)) return std::nullopt;
  std::size_t size = 0;
  for (char const one : length) size = size << 8 | static_cast<unsigned char>(one);
  base::Bytes out(size);
  in_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(size));
  CHECK(in_.good());
  return out;
}

ledger::Genesis Reader::genesis() {
  auto const bytes = record();
  CHECK(bytes.has_value());
  auto genesis = base::decode<ledger::Genesis>(*bytes);
  CHECK(genesis.has_value());
  return std::move(genesis).value();
}

std::optional<LoggedBlock> Reader::next() {
  auto const bytes = record();
  if (!bytes) return std::nullopt;
  auto block = base::decode<LoggedBlock>(*bytes);
  CHECK(block.has_value());
  return std::move(block).value();
}

void Writer::write(base::BytesView record) {
  for (std::size_t i = length_bytes; i-- > 0;) out_.put(static_cast<char>(record.size() >> (8 * i)));
  out_.write(reinterpret_cast<char const*>(record.data()), static_cast<std::streamsize>(record.size()));
}

node::Executed execute(ledger::StateView const& state, Tip const& tip, LoggedBlock const& block,
                       ledger::Parameters const& parameters, node::Verified& verified) {
  auto payload = node::decode_payload(block.payload, parameters);
  CHECK(payload.has_value());
  CHECK(node::check_payload(*payload, tip.header.chain, parameters, block.time_ms, verified).has_value());
  auto const epoch = ledger::load<ledger::EpochRecord>(state, ledger::Space::epoch, "");
  CHECK(epoch.has_value());
  bool const ends = block.ends_epoch || payload->ends_epoch;
  node::BlockPlace const place{tip.header.chain, epoch->epoch, block.height,      block.height,
                               block.time_ms,    block.block,  tip.header.hash(), ends};
  return node::execute_block(state, tip.tree, place, std::move(payload->transactions), payload->ids);
}

void tell(ledger::ResultHeader const& header) {
  std::printf("%llu %s\n", static_cast<unsigned long long>(header.height), header.hash().hex().c_str());
  std::fflush(stdout);
}

}  // namespace determinism
