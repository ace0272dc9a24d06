// SPDX-License-Identifier: Apache-2.0
// What issuers, holders and financiers do by command: assets, holds, netting sets, receivables, travel statements.
#include <algorithm>

#include "base/time.hpp"
#include "contracts/money/iso4217.hpp"
#include "rpc/json.hpp"
#include "wallet/contract_view.hpp"
#include "wallet/signing.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::PartyId;
using base::Value;
using Operations = base::Result<std::vector<ledger::Operation>>;

namespace {

Operations one(ledger::Operation operation) { return std::vector<ledger::Operation>{std::move(operation)}; }

base::Result<base::Amount> amount_of(Provider const& provider, std::string const& amount, std::string const& asset) {
  TRY_ASSIGN(auto const scale, scale_of(provider, asset));
  return minor_units(amount, scale, "AMOUNT");
}

Operations created(Provider const& provider, Options const& options, AssetOptions const& asset) {
  ledger::CreateAsset out;
  out.code = asset.code;
  auto const scale = asset.scale.value_or(contracts::money::iso_scale(asset.code).value_or(2));
  out.scale = static_cast<std::uint8_t>(scale);
  out.max_supply = base::amount_max;
  if (!asset.max_supply.empty()) {
    TRY_ASSIGN(out.max_supply, minor_units(asset.max_supply, scale, "--max-supply"));
  }
  using ledger::AssetFlag;
  out.flags = 0;
  for (auto const& [is_set, flag] : {std::pair{asset.require_auth, AssetFlag::require_auth},
                                     {asset.can_freeze, AssetFlag::can_freeze},
                                     {asset.can_clawback, AssetFlag::can_clawback},
                                     {!asset.no_escrow, AssetFlag::can_escrow},
                                     {!asset.no_transfer, AssetFlag::transferable}}) {
    if (is_set) out.flags |= static_cast<std::uint32_t>(flag);
  }
  if (!asset.approver.empty()) {
    ledger::Approval approval;
    TRY_ASSIGN(approval.approver, party_named(provider, options, asset.approver, "--approver"));
    if (!asset.approve_above.empty()) {
      TRY_ASSIGN(approval.above, minor_units(asset.approve_above, scale, "--approve-above"));
    }
    out.approval = approval;
  }
  if (!asset.travel_above.empty()) {
    TRY_ASSIGN(out.travel_above, minor_units(asset.travel_above, scale, "--travel-above"));
  }
  return one(out);
}

/// "A:B:C:D" in four.
base::Result<std::array<std::string, 4>> parts_of(std::string const& text) {
  std::array<std::string, 4> out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto const end = i + 1 == out.size() ? text.size() : text.find(':', at);
    if (end == text.npos || end == at || at > text.size()) {
      return Error{Code::E_FORM, "--owes", "DEBTOR:CREDITOR:AMOUNT:ASSET, like SPREE:SERICA:12.50:EUR.EUBANK"};
    }
    out[i] = text.substr(at, end - at);
    at = end + 1;
  }
  return out;
}

int print_answer(Options const& options, char const* method, Value params) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const answer = (*client)->call(method, std::move(params));
  if (!answer) return code(report(answer.error()));
  std::printf("%s\n", (options.json ? rpc::to_text(*answer) : rpc::to_pretty_text(*answer)).c_str());
  return code(Exit::done);
}

Value parameter(char const* name, std::string const& value) {
  auto out = Value::object();
  out.add(name, Value::of(value));
  return out;
}

base::Result<ledger::Hash> id_of(std::string const& text) {
  auto const id = ledger::Hash::from_text(text);
  if (id) return *id;
  return Error{Code::E_FORM, "ID", "0x and 64 hexadecimal digits"};
}

}  // namespace

int create_asset(Options const& options, AssetOptions const& asset) {
  return sign_and_send(options, asset.signing, [&](Provider const& provider, ChainInfo const&, PartyId const&) {
    return created(provider, options, asset);
  });
}

int mint(Options const& options, AssetOptions const& asset) {
  return sign_and_send(options, asset.signing,
                       [&](Provider const& provider, ChainInfo const&, PartyId const&) -> Operations {
                         ledger::Mint out;
                         out.asset = asset.asset;
                         TRY_ASSIGN(out.to, party_named(provider, options, asset.party, "--to"));
                         TRY_ASSIGN(out.amount, amount_of(provider, asset.amount, asset.asset));
                         TRY_ASSIGN(out.reserve, hash_named(asset.reserve, "--reserve"));
                         return one(out);
                       });
}

int burn(Options const& options, AssetOptions const& asset) {
  return sign_and_send(options, asset.signing,
                       [&](Provider const& provider, ChainInfo const&, PartyId const&) -> Operations {
                         ledger::Burn out;
                         out.asset = asset.asset;
                         TRY_ASSIGN(out.from, party_named(provider, options, asset.party, "--from"));
                         TRY_ASSIGN(out.amount, amount_of(provider, asset.amount, asset.asset));
                         return one(out);
                       });
}

int authorise(Options const& options, AssetOptions const& asset) {
  return sign_and_send(
      options, asset.signing, [&](Provider const& provider, ChainInfo const&, PartyId const&) -> Operations {
        ledger::Authorise out;
        out.asset = asset.asset;
        out.authorised = !asset.ends;
        out.tier = asset.tier;
        TRY_ASSIGN(out.party, party_named(provider, options, asset.party, "PARTY"));
        if (!asset.institution.empty()) {
          TRY_ASSIGN(out.institution, party_named(provider, options, asset.institution, "--institution"));
        }
        return one(out);
      });
}

int freeze(Options const& options, AssetOptions const& asset) {
  return sign_and_send(options, asset.signing,
                       [&](Provider const& provider, ChainInfo const&, PartyId const&) -> Operations {
                         ledger::Freeze out;
                         out.asset = asset.asset;
                         out.frozen = !asset.ends;
                         out.reason = asset.reason;
                         TRY_ASSIGN(out.party, party_named(provider, options, asset.party, "PARTY"));
                         return one(out);
                       });
}

int claw_back(Options const& options, AssetOptions const& asset) {
  return sign_and_send(options, asset.signing,
                       [&](Provider const& provider, ChainInfo const&, PartyId const&) -> Operations {
                         ledger::Clawback out;
                         out.asset = asset.asset;
                         out.reason = asset.reason;
                         TRY_ASSIGN(out.from, party_named(provider, options, asset.party, "--from"));
                         TRY_ASSIGN(out.amount, amount_of(provider, asset.amount, asset.asset));
                         return one(out);
                       });
}

int set_limits(Options const& options, AssetOptions const& asset) {
  return sign_and_send(
      options, asset.signing, [&](Provider const& provider, ChainInfo const&, PartyId const&) -> Operations {
        ledger::SetLimits out;
        out.asset = asset.asset;
        out.tier = asset.tier;
        TRY_ASSIGN(auto const scale, scale_of(provider, asset.asset));
        for (auto const& [text, limit, field] : {std::tuple{&asset.balance_max, &out.balance_max, "--balance"},
                                                 std::tuple{&asset.transfer_max, &out.transfer_max, "--transfer"},
                                                 std::tuple{&asset.day_max, &out.day_max, "--day"},
                                                 std::tuple{&asset.month_max, &out.month_max, "--month"}}) {
          if (text->empty()) continue;
          TRY_ASSIGN(*limit, minor_units(*text, scale, field));
        }
        return one(out);
      });
}

int open_hold(Options const& options, HoldOptions const& hold) {
  auto const& payment = hold.payment;
  auto const build = [&](Provider const& provider, ChainInfo const& chain, PartyId const& actor) -> Operations {
    ledger::OpenHold out;
    out.from = actor;
    out.asset = payment.asset;
    out.purpose = payment.purpose;
    if (!payment.uetr.empty()) out.uetr = payment.uetr;
    if (!payment.end_to_end.empty()) out.end_to_end = payment.end_to_end;
    TRY_ASSIGN(out.to, party_named(provider, options, payment.to, "--to"));
    out.by = actor;
    if (!hold.by.empty()) {
      TRY_ASSIGN(out.by, party_named(provider, options, hold.by, "--by"));
    }
    TRY_ASSIGN(out.amount, amount_of(provider, payment.amount, payment.asset));
    TRY_ASSIGN(out.expires_ms, moment(hold.expires, chain, "--expires"));
    TRY_ASSIGN(out.travel, travel_in(payment.travel));
    return one(out);
  };
  return sign_and_send(options, payment.signing, build);
}

int post_hold(Options const& options, HoldOptions const& hold) {
  auto const& payment = hold.payment;
  auto const build = [&](Provider const& provider, ChainInfo const&, PartyId const&) -> Operations {
    ledger::PostHold out;
    TRY_ASSIGN(out.hold, id_of(hold.id));
    TRY_ASSIGN(auto const terms, hold_terms(provider, out.hold));
    if (!terms) return Error{Code::E_HOLD_UNKNOWN, "ID", "no hold has this id"};
    TRY_ASSIGN(out.amount, amount_of(provider, payment.amount, terms->asset));
    out.final = hold.final;
    out.purpose = payment.purpose;
    if (!payment.uetr.empty()) out.uetr = payment.uetr;
    if (!payment.end_to_end.empty()) out.end_to_end = payment.end_to_end;
    return one(out);
  };
  return sign_and_send(options, payment.signing, build);
}

int void_hold(Options const& options, HoldOptions const& hold) {
  return sign_and_send(options, hold.payment.signing, [&](auto&, auto const&, auto const&) -> Operations {
    TRY_ASSIGN(auto const id, id_of(hold.id));
    return one(ledger::VoidHold{id});
  });
}

int list_holds(Options const& options, std::string const& party, std::string const& asset) {
  auto params = parameter("party", party);
  params.add("asset", Value::of(asset));
  return print_answer(options, "hold_list", std::move(params));
}

int open_netting(Options const& options, NettingOptions const& netting) {
  auto const build = [&](Provider const& provider, ChainInfo const& chain, PartyId const&) -> Operations {
    ledger::OpenNetting out;
    out.label = netting.label;
    TRY_ASSIGN(out.settles_ms, moment(netting.settles, chain, "--settles"));
    for (auto const& debt : netting.debts) {
      TRY_ASSIGN(auto const parts, parts_of(debt));
      ledger::Obligation owed;
      TRY_ASSIGN(owed.debtor, party_named(provider, options, parts[0], "--owes"));
      TRY_ASSIGN(owed.creditor, party_named(provider, options, parts[1], "--owes"));
      owed.asset = parts[3];
      TRY_ASSIGN(owed.amount, amount_of(provider, parts[2], parts[3]));
      out.obligations.push_back(owed);
    }
    return one(out);
  };
  return sign_and_send(options, netting.signing, build);
}

int join_netting(Options const& options, NettingOptions const& netting) {
  return sign_and_send(options, netting.signing, [&](auto&, auto const&, auto const&) -> Operations {
    TRY_ASSIGN(auto const id, id_of(netting.id));
    return one(ledger::JoinNetting{id});
  });
}

int register_receivable(Options const& options, ReceivableOptions const& claim) {
  auto const build = [&](Provider const& provider, ChainInfo const& chain, PartyId const&) -> Operations {
    ledger::RegisterReceivable out;
    TRY_ASSIGN(out.document, hash_named(claim.document, "DOCUMENT"));
    TRY_ASSIGN(out.debtor, party_named(provider, options, claim.debtor, "--debtor"));
    out.asset = claim.asset;
    out.number = claim.number;
    TRY_ASSIGN(out.amount, amount_of(provider, claim.amount, claim.asset));
    TRY_ASSIGN(out.due_ms, moment(claim.due, chain, "--due"));
    return one(out);
  };
  return sign_and_send(options, claim.signing, build);
}

int secure_receivable(Options const& options, ReceivableOptions const& claim, ledger::Security how) {
  auto const build = [&](Provider const& provider, ChainInfo const&, PartyId const&) -> Operations {
    ledger::AssignReceivable out;
    out.how = how;
    TRY_ASSIGN(out.document, hash_named(claim.document, "DOCUMENT"));
    if (how != ledger::Security::released) {
      TRY_ASSIGN(out.to, party_named(provider, options, claim.to, "--to"));
    }
    return one(out);
  };
  return sign_and_send(options, claim.signing, build);
}

int show_receivable(Options const& options, std::string const& document) {
  auto const hash = hash_named(document, "DOCUMENT");
  if (!hash) return code(report(hash.error()));
  return print_answer(options, "receivable_get", parameter("document", hash->hex()));
}

namespace {

base::Result<ledger::TravelStatement> statement_of(Provider const& provider, Options const& options,
                                                   ChainInfo const& chain, TravelOptions const& travel) {
  auto const& payment = travel.payment;
  ledger::TravelStatement out;
  out.chain = chain.chain;
  out.reference = travel.reference;
  TRY_ASSIGN(out.from, party_named(provider, options, travel.from, "--from"));
  TRY_ASSIGN(out.to, party_named(provider, options, payment.to, "--to"));
  out.asset = payment.asset;
  TRY_ASSIGN(out.amount, amount_of(provider, payment.amount, payment.asset));
  if (!payment.uetr.empty()) out.uetr = payment.uetr;
  TRY_ASSIGN(out.until_ms, moment(travel.until, chain, "--until"));
  return out;
}

}  // namespace

int sign_travel(Options const& options, TravelOptions const& travel) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const chain = chain_to_sign_for(**client, options);
  if (!chain) return code(report(chain.error(), chain_next(chain.error())));
  auto const provider = provider_of(**client, options);
  if (!provider) return code(report(provider.error(), chain_next(provider.error())));
  auto const statement = statement_of(*provider, options, *chain, travel);
  if (!statement) return code(report(statement.error()));
  std::fprintf(
      stderr, "  %s may be paid %s %s by %s until %s, reference %s, on chain %s\n", shown(travel.payment.to).c_str(),
      shown(travel.payment.amount).c_str(), shown(travel.payment.asset).c_str(), shown(travel.from).c_str(),
      base::to_rfc3339(statement->until_ms).c_str(), shown(travel.reference).c_str(), chain->chain.hex().c_str());
  auto const& keys = travel.payment.signing.keys;
  auto const identity = unlock(options, keys.empty() ? "" : keys.front());
  if (!identity) return code(report(identity.error(), "tally key list"));
  auto const signature = crypto::party_sign(identity->secret, statement->digest(), random_bytes());
  ledger::Travel const out{statement->reference, identity->party, identity->key, statement->until_ms, signature};
  std::printf("0x%s\n", base::to_hex(base::encode(out)).c_str());
  return code(Exit::done);
}

}  // namespace wallet
