// SPDX-License-Identifier: Apache-2.0
#include "ledger/witness.hpp"

#include "crypto/party.hpp"

namespace ledger {

namespace {

using base::Code;
using base::Error;

constexpr std::uint32_t bit(Role role) { return static_cast<std::uint32_t>(role); }
/// Whose trade is to look at what others do.
constexpr auto watching = bit(Role::certifier) | bit(Role::auditor) | bit(Role::regulator) | bit(Role::witness);

}  // namespace

Hash cosignature_digest(ResultHeader const& header, TimeMs time_ms) {
  auto const result = header.hash();
  auto const time = base::encode(time_ms);
  return crypto::hash(crypto::Tag::cosign, {header.chain.view(), result.view(), time});
}

base::Result<void> judge_cosignature(Cosignature const& one, ResultHeader const& header,
                                     std::optional<KeyRecord> const& key, std::optional<MemberRecord> const& member) {
  auto const fault = [&](Code code, char const* detail) { return Error{code, "key " + one.key.hex(), detail}; };
  if (!key || !member) return fault(Code::E_KEY_UNKNOWN, "no member's key");
  bool const ended = key->revoked_ms || (key->until_ms != 0 && key->until_ms <= header.time_ms);
  if (ended || key->from_ms > header.time_ms) return fault(Code::E_KEY_REVOKED, "not valid at the header's time");
  bool const watches = (member->roles & watching) != 0 && !member->has(Role::validator);
  if (!watches || member->status != MemberStatus::active || key->kind == KeyKind::device) {
    return fault(Code::E_SCOPE, "only an auditor's, regulator's, certifier's or witness's own key, and no validator's");
  }
  if (crypto::party_verify(one.key, cosignature_digest(header, one.time_ms), one.signature)) return {};
  return fault(Code::E_SIGNATURE, "did not sign this result at this time");
}

}  // namespace ledger
