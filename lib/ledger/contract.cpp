// SPDX-License-Identifier: Apache-2.0
#include "ledger/contract.hpp"

namespace ledger {

namespace {

/// The two halves of the contract index.
constexpr std::string_view by_label = "l";
constexpr std::string_view by_party = "p";
/// Of the pending index; the others are the queue's own.
constexpr std::string_view places = "c";

Bytes with_contract(Bytes key, std::optional<Hash> const& contract) {
  if (contract) base::append(key, contract->view());
  return key;
}

std::vector<Hash> contracts_under(StateView const& state, BytesView prefix, BytesView from, std::size_t max) {
  std::vector<Hash> out;
  state.scan(prefix, from, [&](BytesView key, BytesView) {
    if (out.size() == max) return false;
    if (key.size() == prefix.size() + Hash::size) out.push_back(contract_of_key(key));
    return true;
  });
  return out;
}

}  // namespace

Bytes sensor_facts_prefix(Hash const& subject, std::string_view type, std::string_view unit, PartyId const& owner) {
  Watched readings;
  readings.subject = subject;
  readings.kind = WatchKind::sensor;
  readings.word = std::string(type);
  readings.actor = owner;
  readings.sensor = SensorWatch{std::string(unit), {}, {}};
  Bytes key = state_key(Space::facts, subject.view());
  base::append(key, readings.hash().view());
  return key;
}

Hash role_claim(Hash const& contract, std::string_view role) {
  return crypto::hash(crypto::Tag::contract, {contract.view(), base::bytes_of(role)});
}

Bytes facts_key(Watched const& watched) {
  Bytes key = watched.sensor ? sensor_facts_prefix(watched.subject, watched.word, watched.sensor->unit, watched.actor)
                             : state_key(Space::facts, watched.subject.view());
  base::append(key, watched.hash().view());
  return key;
}

Bytes deadline_key(TimeMs due_ms, Hash const& contract, std::uint8_t lane) {
  Bytes key = state_key(Space::deadline_index, big_endian(due_ms));
  base::append(key, contract.view());
  key.push_back(lane);
  return key;
}

DueLane read_deadline_key(BytesView key) {
  constexpr std::size_t time_end = 1 + 8;
  constexpr std::size_t contract_end = time_end + Hash::size;
  CHECK(key.size() == contract_end + 1);
  return {from_big_endian(key.subspan(1, 8)), *Hash::from(key.subspan(time_end, Hash::size)), key[contract_end]};
}

Bytes trigger_key(Hash const& watched, std::optional<Hash> const& contract) {
  return with_contract(state_key(Space::trigger_index, watched.view()), contract);
}

Bytes label_key(std::string_view label, std::optional<Hash> const& contract) {
  Bytes key = state_key(Space::contract_index, by_label);
  base::append(key, base::bytes_of(label));
  key.push_back(0);
  return with_contract(std::move(key), contract);
}

Bytes party_contract_key(PartyId const& party, std::optional<Hash> const& contract) {
  Bytes key = state_key(Space::contract_index, by_party);
  base::append(key, party.view());
  return with_contract(std::move(key), contract);
}

Bytes pending_place_key(std::optional<Hash> const& contract) {
  return with_contract(state_key(Space::pending_index, places), contract);
}

std::optional<Bytes> first_key(StateView const& state, BytesView prefix, BytesView from) {
  std::optional<Bytes> out;
  state.scan(prefix, from.empty() ? prefix : from, [&](BytesView key, BytesView) {
    out.emplace(key.begin(), key.end());
    return false;
  });
  return out;
}

Hash contract_of_key(BytesView key) {
  CHECK(key.size() > Hash::size);
  return *Hash::from(key.subspan(key.size() - Hash::size));
}

std::vector<Hash> contracts_by_label(StateView const& state, std::string_view label, std::size_t max) {
  auto const prefix = label_key(label);
  return contracts_under(state, prefix, prefix, max);
}

std::vector<Hash> contracts_by_party(StateView const& state, PartyId const& party, std::optional<Hash> const& after,
                                     std::size_t max) {
  auto const prefix = party_contract_key(party);
  auto from = party_contract_key(party, after);
  if (after) from.push_back(0);
  return contracts_under(state, prefix, from, max);
}

}  // namespace ledger
