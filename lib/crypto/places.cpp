// SPDX-License-Identifier: Apache-2.0
#include "crypto/places.hpp"

#include <bit>
#include <span>

namespace crypto {

namespace {

/// Where RFC 6962 splits `count` > 1 leaves.
std::uint64_t split(std::uint64_t count) { return std::bit_floor(count - 1); }

using Places = std::span<std::uint64_t const>;

void prove(std::span<Hash const> leaves, std::uint64_t begin, Places places, std::vector<Hash>& out) {
  if (places.empty()) {
    out.push_back(log_root({leaves.begin(), leaves.end()}));
  } else if (places.size() < leaves.size()) {
    auto const half = static_cast<std::size_t>(split(leaves.size()));
    auto const middle = std::lower_bound(places.begin(), places.end(), begin + half) - places.begin();
    auto const left = static_cast<std::size_t>(middle);
    prove(leaves.first(half), begin, places.first(left), out);
    prove(leaves.subspan(half), begin + half, places.subspan(left), out);
  }
}

struct Fold {
  std::span<Hash const> proof;

  std::optional<Hash> root(std::uint64_t begin, std::uint64_t size, std::span<Placed const> leaves) {
    if (leaves.empty()) {
      if (proof.empty()) return std::nullopt;
      auto const hash = proof.front();
      proof = proof.subspan(1);
      return hash;
    }
    if (size == 1) return leaves.front().second;
    auto const half = split(size);
    auto const middle = std::partition_point(leaves.begin(), leaves.end(),
                                             [&](Placed const& leaf) { return leaf.first < begin + half; });
    auto const count = static_cast<std::size_t>(middle - leaves.begin());
    auto const left = root(begin, half, leaves.first(count));
    if (!left) return std::nullopt;
    auto const right = root(begin + half, size - half, leaves.subspan(count));
    return right ? std::optional(log_node_hash(*left, *right)) : std::nullopt;
  }
};

}  // namespace

std::vector<Hash> places_proof(std::vector<Hash> const& leaves, std::vector<std::uint64_t> const& places) {
  CHECK(places.empty() || places.back() < leaves.size());
  std::vector<Hash> out;
  if (!leaves.empty()) prove(leaves, 0, places, out);
  return out;
}

std::optional<Hash> places_root(std::uint64_t count, std::vector<Placed> const& leaves,
                                std::vector<Hash> const& proof) {
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].first >= count || (i > 0 && leaves[i].first <= leaves[i - 1].first)) return std::nullopt;
  }
  if (count == 0) return proof.empty() ? std::optional{sha256(BytesView{})} : std::nullopt;
  Fold fold{proof};
  auto const root = fold.root(0, count, leaves);
  return fold.proof.empty() ? root : std::nullopt;
}

}  // namespace crypto
