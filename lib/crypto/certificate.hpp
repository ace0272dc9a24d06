// SPDX-License-Identifier: Apache-2.0
#pragma once

// What 2f+1 validators signed together. The engine makes certificates; light clients need one kind of them only, the
// finalization.

#include "base/codec.hpp"
#include "crypto/validator.hpp"

namespace crypto {

/// At most this many validators: a certificate of all stays below 9 KiB.
constexpr std::size_t validators_max = 128;

struct Validator {
  base::PartyId party;
  base::ValidatorKey key;
  /// SHA-256 of the TLS certificate's public key (SubjectPublicKeyInfo, DER): the transport is pinned to it.
  base::Hash tls_key;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("party", self.party);
    visit("key", self.key);
    visit("tls_key", self.tls_key);
  }
  bool operator==(Validator const&) const = default;
};

/// In the order of the genesis; a signer's number is its place here.
struct ValidatorSet {
  base::List<Validator, validators_max> validators;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("validators", self.validators);
  }
  bool operator==(ValidatorSet const&) const = default;

  std::size_t size() const { return validators.size(); }
  /// f = floor((n - 1) / 3).
  std::size_t faulty_max() const { return (validators.size() - 1) / 3; }
  /// n - f.
  std::size_t quorum() const { return validators.size() - faulty_max(); }
  /// That of its SignerSet (crypto/signer_set.hpp).
  base::Hash hash() const;
};

enum class VoteKind : std::uint8_t { notarize, nullify, finalize };
constexpr std::uint8_t enum_count(VoteKind) { return 3; }
constexpr std::array<std::string_view, 3> enum_names(VoteKind) { return {"notarize", "nullify", "finalize"}; }

/// What a vote says. Fields that a kind does not speak of are zero (nullify: no block; notarize: no height, no result)
/// and are not part of what it signs.
struct Ballot {
  VoteKind kind = VoteKind::notarize;
  /// Hash of the genesis.
  base::Hash chain;
  std::uint64_t epoch = 0;
  std::uint64_t view = 0;
  base::Height height = 0;
  base::Hash block;
  base::Hash result;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("kind", self.kind);
    visit("chain", self.chain);
    visit("epoch", self.epoch);
    visit("view", self.view);
    visit("height", self.height);
    visit("block", self.block);
    visit("result", self.result);
  }
  bool operator==(Ballot const&) const = default;
  auto operator<=>(Ballot const&) const = default;

  /// The 32 bytes that are signed: H(tag of the kind ‖ canonical bytes of the ballot without its kind).
  base::Hash digest() const;
};

struct Certificate {
  Ballot ballot;
  /// Bit i % 8 of byte i / 8 stands for validator i; as many bytes as the set needs, no bit beyond it.
  base::Blob<validators_max / 8> signers;
  /// One for each signer, in order.
  base::List<base::ValidatorSignature, validators_max> signatures;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("ballot", self.ballot);
    visit("signers", self.signers);
    visit("signatures", self.signatures);
  }
  bool operator==(Certificate const&) const = default;
};

/// True when at least a quorum of the set signed the ballot and nothing else is in it: every signature named by the
/// bitmap holds.
bool verify(Certificate const& certificate, ValidatorSet const& set, base::Hash const& chain);
using SignatureCheck = bool (*)(base::ValidatorKey const& key, base::Hash const& message,
                                base::ValidatorSignature const& signature);
/// The same for another quorum and another signature scheme: simulations plant faults and spare the curve with it.
bool verify(Certificate const& certificate, ValidatorSet const& set, base::Hash const& chain, std::size_t quorum,
            SignatureCheck check);
/// True when the fields that the ballot's kind does not sign are zero; else one vote would have many byte strings.
bool is_well_formed(Ballot const& ballot);
/// The places of the signers, ascending; empty when the bitmap does not fit the set.
std::vector<std::size_t> signers_of(Certificate const& certificate, std::size_t set_size);
/// A certificate of these votes, by place; at least one.
Certificate make_certificate(Ballot const& ballot, std::size_t set_size,
                             std::vector<std::pair<std::size_t, base::ValidatorSignature>> const& votes);

}  // namespace crypto
