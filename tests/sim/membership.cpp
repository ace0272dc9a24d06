// SPDX-License-Identifier: Apache-2.0
#include "membership.hpp"

#include <algorithm>
#include <set>

#include "consensus/core.hpp"

namespace sim {

using crypto::Validator;
using crypto::ValidatorSet;

namespace {

auto with_key(base::ValidatorKey const& key) {
  return [key](Validator const& one) { return one.key == key; };
}

}  // namespace

crypto::ValidatorSecret make_secret(std::uint8_t number, bool real_signatures) {
  crypto::ValidatorSecret out;
  out.bytes.fill(number);
  if (!real_signatures) out.bytes = crypto::validator_key(out).bytes;
  return out;
}

base::ValidatorKey key_of(crypto::ValidatorSecret const& secret, bool real_signatures) {
  return real_signatures ? crypto::validator_key(secret) : consensus::cheap_key(secret);
}

/// Who is proven faulty leaves first, at most f at a time, and then nobody else changes.
ValidatorSet next_validators(ValidatorSet const& before, std::vector<ledger::NetworkChange> const& accepted,
                             std::set<base::ValidatorKey> const& accused) {
  auto out = before;
  auto room = std::max<std::size_t>(1, before.faulty_max());
  for (auto const& one : before.validators) {
    if (room == 0 || out.validators.size() == 1 || !accused.contains(one.key)) continue;
    std::erase_if(out.validators, with_key(one.key));
    --room;
  }
  if (out != before) return out;
  for (auto const& change : accepted) {
    if (auto const* added = std::get_if<ledger::AddValidator>(&change)) out.validators.push_back(added->validator);
    if (auto const* removed = std::get_if<ledger::RemoveValidator>(&change))
      std::erase_if(out.validators, with_key(removed->key));
    if (auto const* rotated = std::get_if<ledger::RotateKey>(&change))
      std::ranges::find_if(out.validators, with_key(rotated->key))->key = rotated->next;
  }
  return out;
}

Membership::Membership(ledger::Genesis const& genesis, std::vector<crypto::ValidatorSecret> secrets,
                       bool real_signatures)
    : real_signatures_(real_signatures), genesis_(genesis.validators.validators) {
  for (auto const& secret : secrets) secrets_.push_back({secret});
  for (std::size_t place = 0; place < genesis_.size(); ++place) places_[genesis_[place].key] = place;
}

ledger::NetworkChange Membership::draw(ValidatorSet const& now, Random& random) {
  std::vector<std::size_t> gone;
  for (std::size_t place = 0; place < genesis_.size(); ++place) {
    auto const here = [&](Validator const& one) { return place_of(one.key) == place; };
    if (std::ranges::none_of(now.validators, here)) gone.push_back(place);
  }
  if (!gone.empty() && random.percent(60)) {
    auto const place = gone[random.below(gone.size())];
    auto validator = genesis_[place];
    validator.key = key_of(secrets_[place].back(), real_signatures_);
    return ledger::AddValidator{validator, "node.example:7080"};
  }
  auto const& one = now.validators[random.below(now.validators.size())];
  if (now.size() > 4 && random.percent(60)) return ledger::RemoveValidator{one.key};
  auto const place = place_of(one.key);
  secrets_[place].push_back(make_secret(made_++, real_signatures_));
  auto const next = key_of(secrets_[place].back(), real_signatures_);
  places_[next] = place;
  return ledger::RotateKey{one.key, next};
}

}  // namespace sim
