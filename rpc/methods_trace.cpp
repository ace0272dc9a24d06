// SPDX-License-Identifier: Apache-2.0
// Methods about goods: proofs, places, events, members, sites.
#include <set>

#include "base/time.hpp"
#include "base/view.hpp"
#include "ledger/condition.hpp"
#include "ledger/goods.hpp"
#include "rpc/registry.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using ledger::Space;

Result<Value> trace_proof(Call const& call) {
  TRY_ASSIGN(auto const subject, subject_of(call.text("id")));
  TRY_ASSIGN(auto const last, number_parameter(call, "last", ledger::trace_leaves_max, ledger::trace_leaves_max));
  TRY_ASSIGN(auto const behind, number_parameter(call, "witnessed", 0, Witnesses::kept_ms / 1000));
  auto const at = call.backend.witnesses().seen(call.backend.certified(), behind * 1000);
  TRY_ASSIGN(auto const proof, ledger::prove_trace(*at, subject, last));
  auto out = Value::object();
  out.add("subject", Value::of(subject));
  out.add("height", Value::of(std::to_string(at->header.height)));
  out.add("time", Value::of(base::to_rfc3339(at->header.time_ms)));
  out.add("absent", Value::of(proof.histories.empty()));
  out.add("proof", Value::of("0x" + base::to_hex(base::encode(proof))));
  return out;
}

/// The chain of holders from the goods outwards, ending with the custodian.
Value holders_view(ledger::StateView const& state, ledger::Holder holder) {
  auto chain = Value::array();
  for (unsigned depth = 0; depth <= ledger::trace_depth_max; ++depth) {
    if (auto const* in = std::get_if<ledger::InUnit>(&holder)) {
      auto one = Value::object();
      one.add("unit", Value::of(static_cast<std::string const&>(in->unit)));
      chain.items.push_back(std::move(one));
      auto const unit = ledger::load<ledger::UnitRecord>(state, Space::unit, in->unit);
      if (!unit) break;
      holder = unit->holder;
    } else {
      auto const& at = std::get<ledger::AtSite>(holder);
      auto one = Value::object();
      one.add("custodian", party_view(state, at.party));
      one.add("site", Value::of(static_cast<std::string const&>(at.site)));
      chain.items.push_back(std::move(one));
      break;
    }
  }
  return chain;
}

/// How a unit travelled, by the rules of the products that were inside when its loggers spoke.
Value conditions_view(ledger::StateView const& state, std::string_view unit) {
  auto out = Value::array();
  std::set<std::pair<std::string, std::string>> told;
  for (auto const& track : ledger::tracks_of(state, unit)) {
    for (auto const& sum : track.sums) {
      for (auto const& rule : ledger::rules_of(state, sum.product)) {
        if (rule.rule != sum.rule || !told.emplace(sum.product, sum.rule).second) continue;
        auto const condition = ledger::condition_of(state, unit, rule);
        auto one = Value::object();
        one.add("product", Value::of(static_cast<std::string const&>(rule.product)));
        one.add("rule", Value::of(static_cast<std::string const&>(rule.rule)));
        one.add("minutes", Value::of(std::to_string(condition.minutes)));
        one.add("minutes_max", Value::of(std::to_string(rule.minutes_max)));
        one.add("lowest", Value::of(base::to_decimal_literal(condition.lowest, 6)));
        one.add("highest", Value::of(base::to_decimal_literal(condition.highest, 6)));
        one.add("breached", Value::of(condition.breached()));
        out.items.push_back(std::move(one));
      }
    }
  }
  return out;
}

Result<Value> trace_where(Call const& call) {
  TRY_ASSIGN(auto const subject, subject_of(call.text("id")));
  auto const& state = *call.at.state;
  auto out = Value::object();
  out.add("subject", Value::of(subject));
  if (auto const item = ledger::load<ledger::ItemRecord>(state, Space::item, subject)) {
    out.add("status", Value::of(enum_names(item->status)[static_cast<std::size_t>(item->status)]));
    out.add("owner", party_view(state, item->owner));
    out.add("holder", holders_view(state, item->holder));
    return out;
  }
  if (auto const unit = ledger::load<ledger::UnitRecord>(state, Space::unit, subject)) {
    out.add("owner", unit->owner ? party_view(state, *unit->owner) : Value::of("mixed"));
    out.add("holder", holders_view(state, unit->holder));
    out.add("pieces", Value::of(base::to_decimal_literal(static_cast<base::i128>(unit->pieces), 6)));
    out.add("disputed", Value::of(base::to_decimal_literal(static_cast<base::i128>(unit->disputed), 6)));
    out.add("conditions", conditions_view(state, subject));
    return out;
  }
  return Error{Code::E_UNKNOWN_GOODS, "id", ""};
}

/// A member's short name; "consumer" and "outside" for those who are none.
Value holder_name(ledger::StateView const& state, ledger::PartyId const& party) {
  if (party == ledger::consumer()) return Value::of("consumer");
  if (party == ledger::outside()) return Value::of("outside");
  auto const record = member_named(state, party.hex());
  return Value::of(record ? static_cast<std::string const&>(record->short_name) : party.hex());
}

Result<Value> goods_account(Call const& call) {
  TRY_ASSIGN(auto const lot, subject_of(call.text("lot")));
  auto const& state = *call.at.state;
  auto const record = ledger::load<ledger::LotRecord>(state, Space::lot, lot);
  if (!record) return Error{Code::E_UNKNOWN_GOODS, "lot", ""};
  auto out = Value::object();
  out.add("lot", Value::of(lot));
  out.add("total", Value::of(base::to_decimal_literal(static_cast<base::i128>(record->total), 6)));
  out.add("claim", Value::of(static_cast<std::string const&>(record->claim)));
  out.add("unrooted", Value::of(record->unrooted));
  auto lines = Value::array();
  auto const quantity = [](ledger::Micro micro) {
    return Value::of(base::to_decimal_literal(static_cast<base::i128>(micro), 6));
  };
  for (auto const& holding : ledger::holdings(state, lot)) {
    auto one = Value::object();
    one.add("owner", holder_name(state, holding.owner));
    one.add("custodian", holder_name(state, holding.party));
    one.add("site", Value::of(static_cast<std::string const&>(holding.site)));
    one.add("claim", Value::of(static_cast<std::string const&>(holding.claim)));
    one.add("quantity", quantity(holding.quantity));
    one.add("disputed", quantity(holding.disputed));
    lines.items.push_back(std::move(one));
  }
  out.add("holdings", std::move(lines));
  return out;
}

Result<Value> goods_balance(Call const& call) {
  auto const claim = call.text("claim");
  ledger::Bytes prefix = ledger::state_key(Space::claim_total, claim);
  prefix.push_back(0);
  auto totals = Value::array();
  call.at.state->scan(prefix, [&](ledger::BytesView key, ledger::BytesView bytes) {
    auto const total = base::decode<ledger::ClaimTotalRecord>(bytes);
    CHECK(total.has_value());
    auto one = base::view(*total);
    one.add("gtin", Value::of(base::text_of(key.subspan(prefix.size()))));
    totals.items.push_back(std::move(one));
    return totals.items.size() < 1000;
  });
  auto out = Value::object();
  out.add("claim", Value::of(claim));
  out.add("totals", std::move(totals));
  return out;
}

Result<Value> member_get(Call const& call) {
  TRY_ASSIGN(auto const record, member_named(*call.at.state, call.text("party")));
  auto out = base::view(record);
  out.add("id", Value::of(ledger::party_id(record.gln).hex()));
  return out;
}

Result<Value> member_list(Call const& call) {
  auto list = Value::array();
  ledger::Bytes const prefix = ledger::state_key(Space::member, "");
  call.at.state->scan(prefix, [&](ledger::BytesView, ledger::BytesView bytes) {
    auto const record = base::decode<ledger::MemberRecord>(bytes);
    CHECK(record.has_value());
    auto one = Value::object();
    one.add("gln", Value::of(static_cast<std::string const&>(record->gln)));
    one.add("short_name", Value::of(static_cast<std::string const&>(record->short_name)));
    one.add("id", Value::of(ledger::party_id(record->gln).hex()));
    list.items.push_back(std::move(one));
    return list.items.size() < 10'000;
  });
  auto out = Value::object();
  out.add("members", std::move(list));
  return out;
}

Result<Value> site_get(Call const& call) {
  auto const record = ledger::load<ledger::SiteRecord>(*call.at.state, Space::site, call.text("gln"));
  if (!record) return Error{Code::E_SITE_UNKNOWN, "gln", ""};
  return base::view(*record);
}

Result<Value> certificate_get(Call const& call) {
  auto const record = ledger::load<ledger::CertificateRecord>(*call.at.state, Space::certificate, call.text("number"));
  if (!record) return Error{Code::E_CERT_UNKNOWN, "number", ""};
  return base::view(*record);
}

Result<Value> trace_events(Call const& call) {
  TRY_ASSIGN(auto const from, number_parameter(call, "from", 0, ~std::uint64_t{0}));
  TRY_ASSIGN(auto const limit, number_parameter(call, "limit", 30, 100));
  auto list = Value::array();
  auto next = from;
  auto const prefix = ledger::state_key(Space::stored_event, "");
  auto const start = ledger::state_key(Space::stored_event, ledger::big_endian(from));
  call.at.state->scan(prefix, start, [&](ledger::BytesView key, ledger::BytesView bytes) {
    if (list.items.size() >= limit) return false;
    auto const event = base::decode<ledger::StoredEvent>(bytes);
    CHECK(event.has_value());
    auto one = Value::object();
    next = ledger::from_big_endian(key.subspan(1)) + 1;
    one.add("log_index", Value::of(std::to_string(next - 1)));
    one.add("recorded_height", Value::of(std::to_string(event->height)));
    one.add("recorded_time", Value::of(base::to_rfc3339(event->recorded_ms)));
    one.add("transaction", Value::of(event->transaction.hex()));
    one.add("actor", party_view(*call.at.state, event->actor));
    one.add("payload_hash", Value::of(crypto::sha256(ledger::BytesView(event->payload)).hex()));
    list.items.push_back(std::move(one));
    return true;
  });
  auto out = Value::object();
  out.add("events", std::move(list));
  out.add("cursor", Value::of(std::to_string(next)));
  return out;
}

}  // namespace

std::vector<Method> trace_methods() {
  auto const everybody = Access::everybody;
  auto const member = Access::member;
  Parameter const id{"id", "string", true, "Digital Link, its path, or EPC URN"};
  return {
      {"trace_proof",
       "Everything recorded about a subject, or that nothing is, with its proof (docs/proof.md).",
       {id,
        {"last", "string", false, "at most so many of its own events, the last ones"},
        {"witnessed", "string", false,
         "in the newest state that was co-signed, if it is at most so many seconds older"}},
       everybody,
       trace_proof},
      {"trace_where", "Custodian, owner and place.", {id}, member, trace_where},
      {"trace_events",
       "The log of events.",
       {{"from", "string", false, "log index"}, {"limit", "integer", false, "at most 100"}},
       member,
       trace_events},
      {"goods_account", "The accounts of a lot.", {{"lot", "string", true, "Digital Link"}}, member, goods_account},
      {"goods_balance",
       "Origins, stock and loss under a claim.",
       {{"claim", "string", true, "scheme"}},
       member,
       goods_balance},
      {"member_get", "An organisation.", {{"party", "string", true, "GLN, short name or id"}}, everybody, member_get},
      {"member_list", "The organisations.", {}, member, member_list},
      {"site_get", "A site.", {{"gln", "string", true, "13 digits"}}, everybody, site_get},
      {"certificate_get", "A certificate.", {{"number", "string", true, "as issued"}}, everybody, certificate_get},
  };
}

}  // namespace rpc
