// SPDX-License-Identifier: Apache-2.0
#include "ledger/block.hpp"

#include "crypto/merkle.hpp"

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

bool verify(Finality const& finality, ResultHeader const& header, crypto::ValidatorSet const& set) {
  auto const& certificate = std::get<SimplexFinality>(finality).certificate;
  auto const& ballot = certificate.ballot;
  if (set.size() == 0 || set.hash() != header.validators_hash) return false;
  // The last block of an epoch is proposed again in later views until it is final, so the ballot's view may be later.
  bool const same = ballot.kind == crypto::VoteKind::finalize && ballot.epoch == header.epoch &&
                    ballot.view >= header.view && ballot.height == header.height && ballot.block == header.block_hash &&
                    ballot.result == header.hash();
  return same && crypto::verify(certificate, set, header.chain);
}

}  // namespace ledger
