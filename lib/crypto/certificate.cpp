// SPDX-License-Identifier: Apache-2.0
#include "crypto/certificate.hpp"

#include "crypto/hash.hpp"
#include "crypto/signer_set.hpp"

namespace crypto {

SignerSet::SignerSet(ValidatorSet const& set) {
  base::Writer writer;
  for (auto const& one : set.validators) {
    keys.push_back(one.key);
    writer.put(one.party);
    writer.put(one.tls_key);
  }
  others = sha256(std::move(writer).take());
}

base::Hash SignerSet::hash() const { return hash_of(Tag::validator_set, *this); }

ValidatorSet SignerSet::keyed() const {
  ValidatorSet out;
  for (auto const& key : keys) out.validators.push_back({{}, key, {}});
  return out;
}

base::Hash ValidatorSet::hash() const { return SignerSet(*this).hash(); }

base::Hash Ballot::digest() const {
  base::Writer writer;
  writer.put(chain);
  writer.put(epoch);
  writer.put(view);
  if (kind == VoteKind::finalize) writer.put(height);
  if (kind != VoteKind::nullify) writer.put(block);
  if (kind == VoteKind::finalize) writer.put(result);
  auto const bytes = std::move(writer).take();
  Tag const tag = kind == VoteKind::notarize ? Tag::notarize : kind == VoteKind::nullify ? Tag::nullify : Tag::finalize;
  return crypto::hash(tag, {bytes});
}

std::vector<std::size_t> signers_of(Certificate const& certificate, std::size_t set_size) {
  std::vector<std::size_t> places;
  if (certificate.signers.size() != (set_size + 7) / 8) return places;
  for (std::size_t place = 0; place < certificate.signers.size() * 8; ++place) {
    if ((certificate.signers[place / 8] >> (place % 8) & 1) == 0) continue;
    if (place >= set_size) return {};
    places.push_back(place);
  }
  return places;
}

bool is_well_formed(Ballot const& ballot) {
  if (ballot.kind != VoteKind::finalize && (ballot.height != 0 || !ballot.result.is_zero())) return false;
  return ballot.kind != VoteKind::nullify || ballot.block.is_zero();
}

bool verify(Certificate const& certificate, ValidatorSet const& set, base::Hash const& chain) {
  return set.size() != 0 && verify(certificate, set, chain, set.quorum(), validator_verify);
}

bool verify(Certificate const& certificate, ValidatorSet const& set, base::Hash const& chain, std::size_t quorum,
            SignatureCheck check) {
  auto const& ballot = certificate.ballot;
  if (ballot.chain != chain || !is_well_formed(ballot)) return false;
  auto const places = signers_of(certificate, set.size());
  if (places.size() < quorum || places.size() != certificate.signatures.size()) return false;
  auto const digest = ballot.digest();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!check(set.validators[places[i]].key, digest, certificate.signatures[i])) return false;
  }
  return true;
}

Certificate make_certificate(Ballot const& ballot, std::size_t set_size,
                             std::vector<std::pair<std::size_t, base::ValidatorSignature>> const& votes) {
  Certificate out;
  out.ballot = ballot;
  out.signers.resize((set_size + 7) / 8);
  std::size_t previous = 0;
  for (auto const& [place, signature] : votes) {
    CHECK(place < set_size && (out.signatures.empty() || place > previous));
    previous = place;
    out.signers[place / 8] = static_cast<std::uint8_t>(out.signers[place / 8] | 1 << (place % 8));
    out.signatures.push_back(signature);
  }
  CHECK(!out.signatures.empty());
  return out;
}

}  // namespace crypto
