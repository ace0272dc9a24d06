// SPDX-License-Identifier: Apache-2.0
#include "wallet/proposal.hpp"

#include <algorithm>
#include <set>

#include "ledger/state.hpp"
#include "rpc/json.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

base::Result<Proposal> propose(Draft draft, ChainInfo const& chain, std::vector<ledger::Signer> candidates,
                               std::size_t needed) {
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  if (needed == 0 || needed > candidates.size() || candidates.size() > candidates_max) {
    return Error{Code::E_FORM, "--approvals",
                 "k of n keys, 1 <= k <= n <= " + std::to_string(candidates_max) + "; there are " +
                     std::to_string(candidates.size())};
  }
  if (!draft.idempotency_key) draft.idempotency_key = ledger::IdempotencyKey::from(random_bytes().view().first(16));
  Proposal out;
  out.body = sign(std::move(draft), chain, {}).body;
  out.candidates = std::move(candidates);
  out.needed = needed;
  return out;
}

std::vector<std::vector<std::size_t>> combinations(std::size_t count, std::size_t needed) {
  std::vector<std::vector<std::size_t>> out;
  for (unsigned mask = 1; mask < 1u << count; ++mask) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < count; ++i) {
      if ((mask >> i & 1) != 0) places.push_back(i);
    }
    if (places.size() == needed) out.push_back(std::move(places));
  }
  std::sort(out.begin(), out.end());
  return out;
}

ledger::Body body_of(Proposal const& proposal, std::vector<std::size_t> const& combination) {
  auto body = proposal.body;
  for (auto const place : combination) body.signers.push_back(proposal.candidates.at(place));
  return body;
}

base::Result<void> approve(Proposal& proposal, Identity const& identity) {
  ledger::Signer const signer{identity.party, identity.key};
  auto const found = std::find(proposal.candidates.begin(), proposal.candidates.end(), signer);
  if (found == proposal.candidates.end()) {
    return Error{Code::E_KEY_UNKNOWN, "--key", "this key is none of those that the draft asks for"};
  }
  auto const place = static_cast<std::size_t>(found - proposal.candidates.begin());
  for (auto const& combination : combinations(proposal.candidates.size(), proposal.needed)) {
    if (std::find(combination.begin(), combination.end(), place) == combination.end()) continue;
    auto const id = body_of(proposal, combination).id();
    proposal.signatures[combination][place] = crypto::party_sign(identity.secret, id, random_bytes());
  }
  return {};
}

base::Result<void> merge(Proposal& proposal, Proposal const& other) {
  bool const same =
      proposal.body == other.body && proposal.candidates == other.candidates && proposal.needed == other.needed;
  if (!same) return Error{Code::E_FORM, "draft", "another draft: its operations, window or signers differ"};
  for (auto const& [combination, signatures] : other.signatures) {
    for (auto const& [place, signature] : signatures) proposal.signatures[combination].emplace(place, signature);
  }
  return {};
}

std::vector<std::size_t> approved(Proposal const& proposal) {
  std::set<std::size_t> out;
  for (auto const& [combination, signatures] : proposal.signatures) {
    for (auto const& [place, signature] : signatures) out.insert(place);
  }
  return {out.begin(), out.end()};
}

std::optional<ledger::Transaction> complete(Proposal const& proposal) {
  for (auto const& [combination, signatures] : proposal.signatures) {
    if (signatures.size() != combination.size()) continue;
    ledger::Transaction out;
    out.body = body_of(proposal, combination);
    for (auto const& [place, signature] : signatures) out.signatures.push_back(signature);
    return out;
  }
  return std::nullopt;
}

Names names_of(Proposal const& proposal, std::map<std::string, std::string> const& contacts) {
  Names out;
  for (auto const& [gln, name] : proposal.names) {
    out.parties[ledger::party_id(gln)] = "GLN " + gln + " (the draft calls it " + name + ")";
  }
  for (auto const& [name, gln] : contacts) out.parties[ledger::party_id(gln)] = name + " (" + gln + ")";
  return out;
}

std::string to_text(Proposal const& proposal) {
  auto file = Value::object();
  file.add("format", Value::of("tally draft 1"));
  file.add("body", Value::of("0x" + base::to_hex(base::encode(proposal.body))));
  file.add("needed", Value::of(std::uint64_t{proposal.needed}));
  auto candidates = Value::array();
  for (auto const& signer : proposal.candidates) {
    auto one = Value::object();
    one.add("party", Value::of(signer.party.hex()));
    one.add("key", Value::of(signer.key.hex()));
    candidates.items.push_back(std::move(one));
  }
  file.add("candidates", std::move(candidates));
  auto names = Value::object();
  for (auto const& [gln, name] : proposal.names) names.add(gln, Value::of(name));
  if (!proposal.names.empty()) file.add("names", std::move(names));
  auto list = Value::array();
  for (auto const& [combination, signatures] : proposal.signatures) {
    for (auto const& [place, signature] : signatures) {
      auto one = Value::object();
      auto places = Value::array();
      for (auto const other : combination) places.items.push_back(Value::of(std::uint64_t{other}));
      one.add("signers", std::move(places));
      one.add("by", Value::of(std::uint64_t{place}));
      one.add("signature", Value::of(signature.hex()));
      list.items.push_back(std::move(one));
    }
  }
  file.add("signatures", std::move(list));
  return rpc::to_pretty_text(file) + "\n";
}

namespace {

base::Result<std::size_t> place_of(Value const* value, std::size_t count) {
  auto const number = value == nullptr ? std::nullopt : base::from_decimal(value->text, candidates_max);
  if (!number || *number >= count) return Error{Code::E_ENCODING, "signatures", "no candidate has this place"};
  return static_cast<std::size_t>(*number);
}

base::Result<void> read_signature(Proposal& proposal, Value const& one) {
  auto const* places = one.find("signers");
  auto const signature = base::PartySignature::from_text(one.string_of("signature"));
  if (places == nullptr || !signature) return Error{Code::E_ENCODING, "signatures", "signers, by and signature"};
  std::vector<std::size_t> combination;
  for (auto const& item : places->items) {
    TRY_ASSIGN(auto const place, place_of(&item, proposal.candidates.size()));
    if (!combination.empty() && combination.back() >= place) {
      return Error{Code::E_ENCODING, "signatures.signers", "not ascending"};
    }
    combination.push_back(place);
  }
  TRY_ASSIGN(auto const by, place_of(one.find("by"), proposal.candidates.size()));
  bool const is_in = std::find(combination.begin(), combination.end(), by) != combination.end();
  if (combination.size() != proposal.needed || !is_in) {
    return Error{Code::E_ENCODING, "signatures.signers", "not a combination of those needed"};
  }
  auto const id = body_of(proposal, combination).id();
  if (!crypto::party_verify(proposal.candidates[by].key, id, *signature)) {
    return Error{Code::E_SIGNATURE, "signatures", "one of candidate " + std::to_string(by) + " does not hold"};
  }
  proposal.signatures[combination][by] = *signature;
  return {};
}

}  // namespace

base::Result<Proposal> read_proposal(std::string const& text) {
  TRY_ASSIGN(auto const file, rpc::from_text(text));
  if (file.string_of("format") != "tally draft 1") return Error{Code::E_ENCODING, "format", "expected tally draft 1"};
  auto const bytes = base::from_hex(file.string_of("body"));
  if (!bytes) return Error{Code::E_ENCODING, "body", "expected 0x and hexadecimal digits"};
  Proposal out;
  TRY_ASSIGN(out.body, base::decode<ledger::Body>(*bytes));
  if (!out.body.signers.empty()) return Error{Code::E_ENCODING, "body.signers", "a draft's body has none"};
  // Each combination of signers is another transaction; only the key makes them one payment.
  if (!out.body.idempotency_key) {
    return Error{Code::E_FORM, "body.idempotency_key",
                 "a draft without one could be paid once for each k of its signers"};
  }
  auto const* candidates = file.find("candidates");
  for (std::size_t i = 0; candidates != nullptr && i < candidates->items.size(); ++i) {
    auto const party = ledger::PartyId::from_text(candidates->items[i].string_of("party"));
    auto const key = ledger::PartyKey::from_text(candidates->items[i].string_of("key"));
    if (!party || !key) return Error{Code::E_ENCODING, "candidates", "party and key"};
    out.candidates.push_back({*party, *key});
  }
  auto const* needed = file.find("needed");
  auto const number = needed == nullptr ? std::nullopt : base::from_decimal(needed->text, candidates_max);
  bool const ascending = std::is_sorted(out.candidates.begin(), out.candidates.end()) &&
                         std::adjacent_find(out.candidates.begin(), out.candidates.end()) == out.candidates.end();
  if (!number || *number == 0 || *number > out.candidates.size() || out.candidates.size() > candidates_max ||
      !ascending) {
    return Error{Code::E_ENCODING, "needed", "k of n candidates, which stand ascending"};
  }
  out.needed = static_cast<std::size_t>(*number);
  if (auto const* names = file.find("names")) {
    if (names->members.size() > draft_names_max) return Error{Code::E_TOO_LARGE, "names", "at most 256"};
    for (auto const& [gln, name] : names->members) out.names[gln] = name.text;
  }
  auto const* signatures = file.find("signatures");
  for (std::size_t i = 0; signatures != nullptr && i < signatures->items.size(); ++i) {
    TRY(read_signature(out, signatures->items[i]));
  }
  return out;
}

}  // namespace wallet
