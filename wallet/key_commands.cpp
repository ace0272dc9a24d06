// SPDX-License-Identifier: Apache-2.0
// A party's keys on the ledger: entered with what they may sign and until when, and revoked.
#include "base/time.hpp"
#include "wallet/signing.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::PartyId;
using Operations = base::Result<std::vector<ledger::Operation>>;

namespace {

base::Result<base::PartyKey> key_named(Options const& options, std::string const& key) {
  if (auto const read = base::PartyKey::from_text(key); read && key.starts_with("0x")) return *read;
  auto const text = read_text_file(options.keys / (key + ".key"), 65536);
  if (!text) {
    return Error{Code::E_FORM, "KEY",
                 "0x and 64 hexadecimal digits, or the name of a key file in " + options.keys.string()};
  }
  TRY_ASSIGN(auto const info, read_key_info(*text));
  return info.key;
}

base::Result<ledger::KeyKind> kind_named(std::string const& name) {
  using ledger::KeyKind;
  for (auto const kind : {KeyKind::root, KeyKind::admin, KeyKind::staff, KeyKind::device}) {
    if (enum_names(kind)[static_cast<std::size_t>(kind)] == name) return kind;
  }
  return Error{Code::E_FORM, "--kind", "root, admin, staff or device"};
}

base::Result<std::uint32_t> acts_named(std::vector<std::string> const& names) {
  using ledger::Act;
  std::uint32_t out = 0;
  for (auto const& name : names) {
    auto const act = name == "record"    ? Act::record
                     : name == "money"   ? Act::money
                     : name == "escrow"  ? Act::escrow
                     : name == "certify" ? Act::certify
                     : name == "admin"   ? Act::admin
                                         : Act{0};
    if (act == Act{0}) return Error{Code::E_FORM, "--act", "record, money, escrow, certify or admin"};
    out |= static_cast<std::uint32_t>(act);
  }
  return out;
}

}  // namespace

int add_key(Options const& options, KeyOptions const& key) {
  auto const build = [&](Provider const&, ChainInfo const& chain, PartyId const& actor) -> Operations {
    ledger::KeyAdd out;
    out.party = actor;
    TRY_ASSIGN(out.key, key_named(options, key.key));
    TRY_ASSIGN(out.kind, kind_named(key.kind));
    TRY_ASSIGN(out.scope.acts, acts_named(key.acts));
    for (auto const& prefix : key.prefixes) out.scope.prefixes.emplace_back(prefix);
    for (auto const& site : key.sites) out.scope.sites.emplace_back(site);
    if (!key.until.empty()) {
      TRY_ASSIGN(out.until_ms, moment(key.until, chain, "--until"));
    }
    return std::vector<ledger::Operation>{out};
  };
  return sign_and_send(options, key.signing, build);
}

int revoke_key(Options const& options, KeyOptions const& key) {
  return sign_and_send(options, key.signing, [&](auto&, auto const&, auto const&) -> Operations {
    TRY_ASSIGN(auto const revoked, key_named(options, key.key));
    return std::vector<ledger::Operation>{ledger::KeyRevoke{revoked}};
  });
}

}  // namespace wallet
