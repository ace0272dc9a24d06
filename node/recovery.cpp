// SPDX-License-Identifier: Apache-2.0
#include "node/recovery.hpp"

#include <algorithm>
#include <map>

#include "crypto/hash.hpp"

namespace node {

using base::Code;
using base::Error;

namespace {

/// Of a quorum only those count as voters for nothing else who remember what they signed. Whoever is left can have
/// voted for anything.
Result<void> check_nothing_above(Recovery const& recovery, crypto::ValidatorSet const& of) {
  std::map<Voted, std::size_t> voters;
  std::size_t silent = of.size();
  for (auto const& statement : recovery.statements) {
    if (!statement.remembers) continue;
    --silent;
    for (auto const& voted : statement.voted) ++voters[voted];
  }
  auto const what = [&](std::size_t known) {
    return "may be final: " + std::to_string(known) + " validators voted for it, " + std::to_string(silent) +
           " have not said what they voted for, and " + std::to_string(of.quorum()) +
           " are enough. Fix: have more of them sign, with their journals";
  };
  for (auto const& [voted, known] : voters) {
    if (known + silent < of.quorum()) continue;
    return Error{Code::E_LIMIT, "statements", "height " + std::to_string(voted.height) + " " + what(known)};
  }
  if (silent >= of.quorum()) return Error{Code::E_LIMIT, "statements", "a block above " + what(0)};
  return {};
}

Result<void> check_statement(Recovery const& recovery, std::size_t i, crypto::ValidatorSet const& of) {
  auto const& statement = recovery.statements[i];
  auto const at = "statements[" + std::to_string(i) + "]";
  if (statement.place >= of.size()) return Error{Code::E_FORM, at + ".place", "the epoch has no such validator"};
  if (i > 0 && recovery.statements[i - 1].place >= statement.place) {
    return Error{Code::E_FORM, at + ".place", "not ascending, or there twice"};
  }
  for (std::size_t n = 0; n < statement.voted.size(); ++n) {
    bool const ascends = n == 0 || statement.voted[n - 1] < statement.voted[n];
    if (statement.voted[n].height <= recovery.height || !ascends) {
      return Error{Code::E_FORM, at + ".voted[" + std::to_string(n) + "]", "not above the block, or not ascending"};
    }
  }
  if (!crypto::validator_verify(of.validators[statement.place].key, recovery.digest(statement), statement.signature)) {
    return Error{Code::E_SIGNATURE, at, "is not signed by the key of validator " + std::to_string(statement.place)};
  }
  return {};
}

}  // namespace

Hash Recovery::digest(Statement const& statement) const {
  auto body = *this;
  body.statements.clear();
  auto said = statement;
  said.signature = {};
  return crypto::hash(crypto::Tag::recovery, {base::encode(body), base::encode(said)});
}

void sign(Recovery& recovery, Statement statement, crypto::ValidatorSecret const& secret) {
  statement.signature = crypto::validator_sign(secret, recovery.digest(statement));
  std::erase_if(recovery.statements, [&](Statement const& other) { return other.place == statement.place; });
  auto const after =
      std::ranges::find_if(recovery.statements, [&](Statement const& other) { return other.place > statement.place; });
  recovery.statements.insert(after, std::move(statement));
}

Result<void> check_set(crypto::ValidatorSet const& validators) {
  if (validators.size() == 0) return Error{Code::E_FORM, "validators", "nobody would validate"};
  for (std::size_t i = 0; i < validators.size(); ++i) {
    auto const& one = validators.validators[i];
    auto const at = "validators.validators[" + std::to_string(i) + "]";
    if (!crypto::is_validator_key(one.key)) return Error{Code::E_FORM, at + ".key", "is no Ed25519 key of prime order"};
    for (std::size_t other = 0; other < i; ++other) {
      auto const& before = validators.validators[other];
      if (before.key == one.key) return Error{Code::E_FORM, at + ".key", "stands there twice"};
      if (before.tls_key == one.tls_key) return Error{Code::E_FORM, at + ".tls_key", "stands there twice"};
    }
  }
  return {};
}

Result<void> verify(Recovery const& recovery, Hash const& chain, crypto::ValidatorSet const& of) {
  if (recovery.version != 1) return Error{Code::E_FORM, "version", "this program reads version 1"};
  if (recovery.chain != chain) {
    return Error{Code::E_CHAIN, "chain", "is of the chain " + recovery.chain.hex() + ", not of " + chain.hex()};
  }
  TRY(check_set(recovery.validators));
  for (std::size_t i = 0; i < recovery.statements.size(); ++i) TRY(check_statement(recovery, i, of));
  if (recovery.statements.size() < of.quorum()) {
    return Error{Code::E_LIMIT, "statements",
                 std::to_string(recovery.statements.size()) + " of " + std::to_string(of.size()) +
                     " validators have signed, " + std::to_string(of.quorum()) + " are needed"};
  }
  return check_nothing_above(recovery, of);
}

}  // namespace node
