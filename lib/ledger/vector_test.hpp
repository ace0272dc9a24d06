// SPDX-License-Identifier: Apache-2.0
#pragma once

// Proofs with the word that must be said of them, as files for other verifiers (tests/golden/proof,
// tests/golden/comet).

#include "ledger/golden_test.hpp"
#include "ledger/proof.hpp"

namespace ledger::test {

struct Vector {
  std::string name;
  std::string subject;
  Anchor anchor;
  Bytes proof;
};

inline Vector vector_of(std::string name, TraceProof const& proof, std::string_view subject, Anchor const& anchor) {
  return {std::move(name), std::string(subject), anchor, base::encode(proof)};
}

inline Verdict judge(Vector const& vector) {
  auto const proof = base::decode<TraceProof>(vector.proof);
  if (proof) return verify_trace(*proof, vector.subject, vector.anchor);
  Verdict verdict;
  verdict.failed = ProofCheck::form;
  verdict.detail = base::to_string(proof.error());
  return verdict;
}

inline std::string json(Vector const& vector, Verdict const& verdict) {
  auto const number = [](std::size_t n) { return std::to_string(n); };
  std::string out = "{\n  \"name\": \"" + vector.name + "\",\n  \"subject\": \"" + vector.subject +
                    "\",\n  \"chain\": \"" + vector.anchor.chain.hex() + "\",\n  \"validators_hash\": \"" +
                    vector.anchor.validators_hash.hex() + "\",\n  \"verdict\": \"" + std::string(word(verdict)) +
                    "\",\n";
  if (!verdict.failed) {
    out += "  \"events\": " + number(verdict.events) + ",\n  \"leaves\": " + number(verdict.leaves) +
           ",\n  \"signatures\": " + number(verdict.signatures) + ",\n  \"validators\": " + number(verdict.validators) +
           ",\n  \"quorum\": " + number(verdict.quorum) + ",\n  \"partial\": " + number(verdict.partial.size()) + ",\n";
  }
  return out + "  \"proof\": \"0x" + base::to_hex(vector.proof) + "\"\n}\n";
}

/// The case gives this word; its vector is as approved, in this folder of tests/golden.
inline void expect(Vector const& vector, std::string_view expected, std::string const& folder = "proof") {
  auto const verdict = judge(vector);
  EXPECT_EQ(word(verdict), expected) << vector.name << ": " << verdict.detail;
  expect_golden(folder + "/" + vector.name + ".json", json(vector, verdict));
}

}  // namespace ledger::test
