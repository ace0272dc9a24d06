// SPDX-License-Identifier: Apache-2.0
#include "node/own.hpp"

#include "ledger/records.hpp"
#include "node/tls.hpp"

namespace node {

using base::Code;
using base::Error;

namespace {
/// How long what the node signs itself is valid.
constexpr ledger::TimeMs own_window_ms = 3'600'000;
}  // namespace

base::Result<ledger::Transaction> sign_own(Home const& home, ledger::Certified const& at,
                                           std::vector<ledger::Operation> operations,
                                           std::vector<ledger::Bytes> payloads) {
  auto const& secret = home.organisation_secret;
  if (!secret) {
    return Error{Code::E_NOT_ALLOWED_HERE, "", "this node has no key of an organisation (node.toml, [organisation])"};
  }
  auto const key = crypto::party_key(*secret);
  if (!key) return Error{Code::E_SIGNATURE, "", "organisation.key is no key of the curve"};
  ledger::Transaction out;
  out.body.chain = at.chain;
  out.body.actor = ledger::party_id(home.config.organisation_gln);
  out.body.signers = {{out.body.actor, *key}};
  // No later block has an earlier time than this one, so it is valid at once on every node.
  out.body.valid_from_ms = at.header.time_ms;
  out.body.valid_until_ms = at.header.time_ms + own_window_ms;
  out.body.operations = std::move(operations);
  for (auto& payload : payloads) out.payloads.emplace_back(std::move(payload));
  out.signatures.push_back(crypto::party_sign(*secret, out.body.id(), random_bytes()));
  return out;
}

std::string name_of(ledger::StateView const& state, ledger::PartyId const& party) {
  auto const gln = state.get(ledger::state_key(ledger::Space::name_index, party.view()));
  if (!gln) return party.hex();
  auto const member = ledger::load<ledger::MemberRecord>(state, ledger::Space::member, base::text_of(*gln));
  return std::string(member ? std::string_view(member->short_name) : base::text_of(*gln));
}

}  // namespace node
