// SPDX-License-Identifier: Apache-2.0
// Co-signed proofs that hold, and co-signatures that count for nothing.
#include "ledger/witness.hpp"

#include "crypto/party.hpp"
#include "ledger/vector_test.hpp"
#include "ledger/world_test.hpp"

namespace ledger {
namespace {

constexpr std::string_view auditor = "9521016000002", carrier = "9521003000008", association = "9521005000006",
                           judge_of_itself = "9521007000004";

crypto::PartySecret secret(std::uint8_t number) {
  crypto::PartySecret out;
  out.bytes.fill(number);
  return out;
}
PartyKey key(std::uint8_t number) { return *crypto::party_key(secret(number)); }

void add_member(Overlay& block, std::string_view gln, std::string_view name, std::uint32_t roles) {
  MemberRecord member;
  member.gln = gln;
  member.short_name = name;
  member.roles = roles;
  store(block, Space::member, gln, member);
  block.put(state_key(Space::name_index, party_id(gln).view()), base::to_bytes(gln));
}

KeyRecord add_key(Overlay& block, std::string_view gln, std::uint8_t number, KeyRecord record = {}) {
  record.party = party_id(gln);
  block.put(state_key(Space::key, key(number).view()), base::encode(record));
  return record;
}

/// The small world with two watchers and their keys: 1 of the auditor, 2 of the association, and some that do not
/// count.
test::World const& world() {
  static test::World const made = [] {
    test::World out;
    auto& block = out.block();
    add_member(block, auditor, "AUDIT", static_cast<std::uint32_t>(Role::auditor));
    add_member(block, association, "BUYERS", static_cast<std::uint32_t>(Role::witness));
    add_member(block, judge_of_itself, "BOTH",
               static_cast<std::uint32_t>(Role::auditor) | static_cast<std::uint32_t>(Role::validator));
    add_key(block, auditor, 1);
    add_key(block, association, 2);
    add_key(block, carrier, 3);
    KeyRecord revoked, device, late;
    revoked.revoked_ms = 1;
    device.kind = KeyKind::device;
    late.from_ms = ~TimeMs{0};
    add_key(block, auditor, 4, revoked);
    add_key(block, auditor, 5, device);
    add_key(block, auditor, 6, late);
    add_key(block, judge_of_itself, 7);
    out.end_block();
    return out;
  }();
  return made;
}

Cosignature cosigned(ResultHeader const& header, std::uint8_t number) {
  TimeMs const time_ms = header.time_ms + 250;
  return {key(number), time_ms, crypto::party_sign(secret(number), cosignature_digest(header, time_ms), Hash{})};
}

/// The bobbin's proof, co-signed by these keys.
TraceProof proof_by(std::vector<std::uint8_t> const& numbers, std::string_view name = test::bobbin_name) {
  auto at = world().certified();
  for (auto const number : numbers) at.witnesses.push_back(cosigned(at.header, number));
  std::sort(at.witnesses.begin(), at.witnesses.end(), [](auto const& a, auto const& b) { return a.key < b.key; });
  return prove_trace(at, name).value();
}

void expect(std::string const& name, TraceProof const& proof, std::string_view word,
            std::string_view subject = test::bobbin_name) {
  test::expect(test::vector_of(name, proof, subject, world().anchor()), word);
}

TEST(Witnessed, ProofsNameWhoCosigned) {
  auto const proof = proof_by({1, 2});
  expect("good-witnessed", proof, "complete");
  auto const verdict = verify_trace(proof, test::bobbin_name, world().anchor());
  ASSERT_EQ(verdict.witnesses.size(), 2u);
  std::map<std::string, PartyId> named;
  for (auto const& one : verdict.witnesses) {
    named.emplace(one.short_name, one.party);
    EXPECT_EQ(one.time_ms, proof.header.time_ms + 250);
  }
  EXPECT_EQ(named.at("AUDIT"), party_id(auditor));
  EXPECT_EQ(named.at("BUYERS"), party_id(association));
  expect("good-witnessed-absent", proof_by({2}, "https://crates.example/none"), "absent",
         "https://crates.example/none");
  // The witness's own history has its member's record.
  auto const own = "https://id.gs1.org/417/" + std::string(auditor);
  expect("good-witnessed-itself", proof_by({1}, own), "complete", own);
}

TEST(Witnessed, ProofsWithOthersWordAreRefused) {
  expect("bad-witness-carrier", proof_by({3}), "witness");
  expect("bad-witness-revoked", proof_by({4}), "witness");
  expect("bad-witness-device", proof_by({5}), "witness");
  expect("bad-witness-not-yet", proof_by({6}), "witness");
  expect("bad-witness-validator", proof_by({7}), "witness");
  auto unknown = proof_by({});
  unknown.witnesses.push_back(cosigned(unknown.header, 1));
  expect("bad-witness-without-record", unknown, "witness");
  auto twice = proof_by({1});
  twice.witnesses.push_back(twice.witnesses[0]);
  expect("bad-witness-twice", twice, "witness");
  auto later = proof_by({1});
  later.witnesses[0].time_ms += 1;
  expect("bad-witness-another-time", later, "witness");
  auto other = proof_by({1, 2});
  std::swap(other.witnesses[0].signature, other.witnesses[1].signature);
  expect("bad-witness-another-key", other, "witness");
  auto header = proof_by({1});
  auto elsewhere = header.header;
  elsewhere.receipts_root.bytes[0] ^= 1;
  header.witnesses[0] = cosigned(elsewhere, 1);
  expect("bad-witness-another-result", header, "witness");
}

TEST(Witnessed, AValidatorIsNoWitness) {
  MemberRecord both;
  both.roles = static_cast<std::uint32_t>(Role::auditor) | static_cast<std::uint32_t>(Role::validator);
  ResultHeader header;
  auto const one = cosigned(header, 1);
  KeyRecord const known;
  EXPECT_EQ(judge_cosignature(one, header, known, both).error().code, base::Code::E_SCOPE);
  both.roles = static_cast<std::uint32_t>(Role::regulator);
  EXPECT_TRUE(judge_cosignature(one, header, known, both));
  both.status = MemberStatus::suspended;
  EXPECT_EQ(judge_cosignature(one, header, known, both).error().code, base::Code::E_SCOPE);
  EXPECT_EQ(judge_cosignature(one, header, {}, both).error().code, base::Code::E_KEY_UNKNOWN);
}

}  // namespace
}  // namespace ledger
