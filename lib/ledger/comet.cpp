// SPDX-License-Identifier: Apache-2.0
#include "ledger/comet.hpp"

#include "crypto/merkle.hpp"

namespace ledger {

namespace {

/// Protobuf as CometBFT writes it: fields in order, those that are zero or empty left out.
class Proto {
 public:
  Bytes take() && { return std::move(out_); }

  void number(unsigned field, std::uint64_t value) {
    if (value == 0) return;
    varint(field << 3);
    varint(value);
  }
  /// sfixed64.
  void fixed(unsigned field, std::uint64_t value) {
    if (value == 0) return;
    varint(field << 3 | 1);
    for (unsigned shift = 0; shift < 64; shift += 8) out_.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  void bytes(unsigned field, BytesView value) {
    if (!value.empty()) message(field, value);
  }
  /// Written even when it is empty.
  void message(unsigned field, BytesView value) {
    varint(field << 3 | 2);
    varint(value.size());
    base::append(out_, value);
  }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<std::uint8_t>(value | 0x80));
    out_.push_back(static_cast<std::uint8_t>(value));
  }

 private:
  Bytes out_;
};

Bytes timestamp(CometTime const& time) {
  Proto out;
  out.number(1, time.seconds);
  out.number(2, time.nanos);
  return std::move(out).take();
}

/// BlockID, and CanonicalBlockID alike.
Bytes block_id(std::optional<CometBlockId> const& id) {
  Proto parts;
  Proto out;
  if (id) {
    parts.number(1, id->parts);
    parts.bytes(2, id->parts_hash.view());
    out.bytes(1, id->hash.view());
  }
  out.message(2, std::move(parts).take());
  return std::move(out).take();
}

/// The wrappers StringValue, BytesValue, Int64Value: one field.
Bytes wrapped(BytesView bytes) {
  Proto out;
  out.bytes(1, bytes);
  return std::move(out).take();
}
Bytes wrapped(std::uint64_t number) {
  Proto out;
  out.number(1, number);
  return std::move(out).take();
}

Hash root(std::vector<Bytes> const& leaves) {
  std::vector<Hash> hashes;
  for (auto const& leaf : leaves) hashes.push_back(crypto::log_leaf_hash(leaf));
  return crypto::log_root(hashes);
}

}  // namespace

std::size_t CometFinality::commits() const {
  std::size_t count = 0;
  for (auto const& vote : votes) count += std::holds_alternative<CometCommitted>(vote) ? 1 : 0;
  return count;
}

std::string comet_chain_id(Hash const& chain) { return "tally-" + base::to_hex(chain.view().first(20)); }

CometAddress comet_address(base::ValidatorKey const& key) {
  return *CometAddress::from(crypto::sha256(key.view()).view().first(CometAddress::size));
}

std::vector<std::size_t> comet_order(crypto::ValidatorSet const& set) {
  std::vector<std::pair<CometAddress, std::size_t>> places;
  for (std::size_t i = 0; i < set.size(); ++i) places.emplace_back(comet_address(set.validators[i].key), i);
  std::sort(places.begin(), places.end());
  std::vector<std::size_t> out;
  for (auto const& [address, place] : places) out.push_back(place);
  return out;
}

Hash comet_set_hash(crypto::ValidatorSet const& set) {
  constexpr std::uint64_t power = 1;
  std::vector<Bytes> leaves;
  for (auto const place : comet_order(set)) {
    Proto key;
    key.bytes(1, set.validators[place].key.view());
    Proto validator;
    validator.message(1, std::move(key).take());
    validator.number(2, power);
    leaves.push_back(std::move(validator).take());
  }
  return root(leaves);
}

Hash comet_header_hash(CometHeader const& header, CometPlace const& place, crypto::ValidatorSet const& set) {
  Proto version;
  version.number(1, header.block_version);
  version.number(2, header.app_version);
  return root({std::move(version).take(), wrapped(base::bytes_of(comet_chain_id(place.chain))), wrapped(place.height),
               timestamp(header.time), block_id(header.last_block), wrapped(header.last_commit_hash.view()),
               wrapped(header.data_hash.view()), wrapped(comet_set_hash(set).view()),
               wrapped(header.next_validators_hash.view()), wrapped(header.consensus_hash.view()),
               wrapped(place.app_hash.view()), wrapped(header.last_results_hash.view()),
               wrapped(header.evidence_hash.view()), wrapped(header.proposer.view())});
}

Bytes comet_sign_bytes(CometPlace const& place, std::uint32_t round, std::optional<CometBlockId> const& block,
                       CometTime const& time) {
  constexpr std::uint64_t precommit = 2;
  Proto vote;
  vote.number(1, precommit);
  vote.fixed(2, place.height);
  vote.fixed(3, round);
  if (block) vote.message(4, block_id(block));
  vote.message(5, timestamp(time));
  vote.bytes(6, base::bytes_of(comet_chain_id(place.chain)));
  auto const body = std::move(vote).take();
  Proto out;
  out.varint(body.size());
  auto bytes = std::move(out).take();
  base::append(bytes, body);
  return bytes;
}

bool verify(CometFinality const& finality, CometPlace const& place, crypto::ValidatorSet const& set) {
  if (finality.votes.size() != set.size() || 3 * finality.commits() <= 2 * set.size()) return false;
  CometBlockId const block{comet_header_hash(finality.header, place, set), finality.parts, finality.parts_hash};
  auto const order = comet_order(set);
  for (std::size_t i = 0; i < order.size(); ++i) {
    auto const& key = set.validators[order[i]].key;
    auto const signs = [&](std::optional<CometBlockId> const& id, CometTime const& time,
                           base::ValidatorSignature const& signature) {
      auto const bytes = comet_sign_bytes(place, finality.round, id, time);
      return crypto::validator_verify_bytes(key, bytes, signature);
    };
    if (auto const* commit = std::get_if<CometCommitted>(&finality.votes[i])) {
      if (!signs(block, commit->time, commit->signature)) return false;
    } else if (auto const* nil = std::get_if<CometNil>(&finality.votes[i])) {
      if (!signs(std::nullopt, nil->time, nil->signature)) return false;
    }
  }
  return true;
}

}  // namespace ledger
