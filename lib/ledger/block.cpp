// SPDX-License-Identifier: Apache-2.0
#include "ledger/block.hpp"

#include "crypto/merkle.hpp"
#include "ledger/finality.hpp"

namespace ledger {

Hash transactions_root(std::vector<BytesView> const& transactions) {
  crypto::Peaks peaks;
  for (auto const transaction : transactions) peaks.append(crypto::log_leaf_hash(transaction));
  return peaks.root();
}

Hash receipts_root(std::vector<Receipt> const& receipts) {
  crypto::Peaks peaks;
  for (auto const& receipt : receipts) peaks.append(crypto::log_leaf_hash(base::encode(receipt)));
  return peaks.root();
}

namespace {

bool holds(SimplexFinality const& finality, ResultHeader const& header, crypto::SignerSet const& set) {
  auto const& certificate = finality.certificate;
  auto const& ballot = certificate.ballot;
  if (set.keys.empty() || set.hash() != header.validators_hash) return false;
  // The last block of an epoch is proposed again in later views until it is final, so the ballot's view may be later.
  bool const same = ballot.kind == crypto::VoteKind::finalize && ballot.epoch == header.epoch &&
                    ballot.view >= header.view && ballot.height == header.height && ballot.block == header.block_hash &&
                    ballot.result == header.hash();
  return same && crypto::verify(certificate, set.keyed(), header.chain);
}

bool holds(CometFinality const& finality, ResultHeader const& header, crypto::SignerSet const& set) {
  // Epochs, views and sets are CometBFT's own there; a header that speaks of them is none of its chain.
  bool const silent = header.epoch == 0 && header.view == 0 && header.validators_hash.is_zero() &&
                      header.next_validators_hash.is_zero();
  return silent && verify(finality, CometPlace{header.chain, header.height + 1, header.hash()}, set.keyed());
}

}  // namespace

bool verify(Finality const& finality, ResultHeader const& header, crypto::SignerSet const& set) {
  return std::visit([&](auto const& one) { return holds(one, header, set); }, finality);
}

bool verify(Finality const& finality, ResultHeader const& header, crypto::ValidatorSet const& set) {
  return verify(finality, header, crypto::SignerSet(set));
}

std::size_t signature_count(Finality const& finality) {
  if (auto const* comet = std::get_if<CometFinality>(&finality)) return comet->commits();
  return std::get<SimplexFinality>(finality).certificate.signatures.size();
}

Hash set_name(Finality const& finality, crypto::SignerSet const& set) {
  return std::holds_alternative<CometFinality>(finality) ? comet_set_hash(set.keyed()) : set.hash();
}

Hash set_name(Finality const& finality, crypto::ValidatorSet const& set) {
  return set_name(finality, crypto::SignerSet(set));
}

Hash next_set_name(Finality const& finality, ResultHeader const& header) {
  auto const* comet = std::get_if<CometFinality>(&finality);
  return comet == nullptr ? header.next_validators_hash : comet->header.next_validators_hash;
}

}  // namespace ledger
