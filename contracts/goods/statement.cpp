// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/statement.hpp"

#include "base/time.hpp"
#include "contracts/goods/alarm.hpp"
#include "contracts/members/members.hpp"
#include "ledger/goods.hpp"

namespace contracts::goods {

namespace {

using base::u128;
using ledger::Act;
using ledger::LotRecord;
using ledger::OriginCriterion;
using ledger::OriginRecord;
using ledger::Space;

constexpr u128 whole_ppm = 1'000'000;
/// Two looks at one label in two countries within that time: one of them is a copy.
constexpr TimeMs travels_ms = 2 * base::day_ms;

void tell(Context& context, ledger::Bytes const& subject, ledger::Operation const& operation) {
  auto const act = log_operation(context, operation);
  ledger::append_history(context.state, subject, act, {});
}

Bytes own_key(Context const& context) { return members::member_key(context.state, context.actor); }

Result<void> require_holder_of(Context const& context, std::string_view gtin, std::string const& field) {
  auto const digits = gtin.substr(1);
  auto const holder = members::prefix_holder(context.state, digits);
  if (!holder) return Error{Code::E_PREFIX_NOT_OWNED, field, "under no prefix of a member"};
  auto const signed_off = require_signer(context, *holder, Act::admin, field, {digits, {}});
  if (!signed_off && signed_off.error().code == Code::E_MISSING_SIGNER) {
    return Error{Code::E_PREFIX_NOT_OWNED, field, "the holder of its prefix did not sign"};
  }
  return signed_off;
}

/// The lot, and its maker's signature.
Result<LotRecord> lot_stated(Context const& context, std::string_view link, std::string const& field) {
  auto lot = ledger::load<LotRecord>(context.state, Space::lot, link);
  if (!lot) return Error{Code::E_UNKNOWN_GOODS, field + ".lot", "not commissioned: " + std::string(link)};
  TRY(require_signer(context, lot->maker, Act::record, field + ".lot"));
  return std::move(*lot);
}

/// Whether a lot originates in a country, by any statement about it; and how much of it.
struct Originating {
  std::uint32_t ppm = 0;
  std::string hs6;
};
Originating originating(ledger::StateView const& state, std::string_view lot, std::string_view country) {
  Originating out;
  state.scan(ledger::pair_key(Space::origin, lot), [&](ledger::BytesView, ledger::BytesView bytes) {
    auto const record = base::decode<OriginRecord>(bytes);
    CHECK(record.has_value());
    auto const& statement = record->statement;
    out.hs6 = statement.hs6;
    if (statement.country != country) return true;
    bool const whole = statement.criterion != OriginCriterion::content;
    out.ppm = std::max(out.ppm, whole ? 1'000'000 : statement.share_ppm);
    return true;
  });
  return out;
}

struct Arithmetic {
  u128 total = 0;
  u128 originates = 0;
  /// Inputs that do not originate and are of the same heading, or of none that is known.
  std::size_t same_heading = 0;
  std::uint32_t ppm() const {
    return static_cast<std::uint32_t>(base::mul_div(originates, whole_ppm, total, base::Round::down).value_or(0));
  }
};

Arithmetic add_up(ledger::StateView const& state, ledger::StateOrigin const& operation) {
  Arithmetic out;
  auto const prefix = ledger::pair_key(Space::source, operation.lot);
  std::vector<std::pair<std::string, u128>> inputs;
  state.scan(prefix, [&](ledger::BytesView key, ledger::BytesView bytes) {
    auto const source = base::decode<ledger::SourceRecord>(bytes);
    CHECK(source.has_value());
    inputs.emplace_back(base::text_of(key.subspan(prefix.size())), source->weight);
    return true;
  });
  for (auto const& [lot, weight] : inputs) {
    auto const input = originating(state, lot, operation.country);
    out.total += weight;
    out.originates += base::mul_div(weight, input.ppm, whole_ppm, base::Round::down).value_or(0);
    bool const shifts = input.hs6.size() == 6 && input.hs6.substr(0, 4) != operation.hs6.substr(0, 4);
    if (input.ppm < 1'000'000 && !shifts) ++out.same_heading;
  }
  return out;
}

std::string country_of_maker(ledger::StateView const& state, PartyId const& maker) {
  auto const member = members::member(state, maker);
  return member ? std::string(member->country) : std::string();
}

}  // namespace

Result<void> add_scheme(Context& context, ledger::AddScheme const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, Act::certify, field));
  auto const member = members::member(context.state, context.actor);
  if (!member || !member->has(ledger::Role::certifier)) {
    return Error{Code::E_SCOPE, field, "a certifier describes its schemes"};
  }
  auto const known = ledger::load<ledger::SchemeRecord>(context.state, Space::scheme, operation.scheme);
  if (known) return Error{Code::E_ALREADY_REGISTERED, field + ".scheme", "described before"};
  // One word is one model, whoever certifies it: else goods of two models would mix in one account.
  auto const word = ledger::pair_key(Space::scheme_index, operation.claim);
  auto const model = context.state.get(word);
  if (model && (*model)[0] != static_cast<std::uint8_t>(operation.model)) {
    return Error{Code::E_ALREADY_REGISTERED, field + ".model", "this claim has another model"};
  }
  context.state.put(word, ledger::Bytes{static_cast<std::uint8_t>(operation.model)});
  ledger::store(context.state, Space::scheme, operation.scheme, ledger::SchemeRecord{operation, context.actor});
  tell(context, own_key(context), operation);
  return {};
}

ledger::AddScheme scheme_of(ledger::StateView const& state, std::string_view scheme) {
  if (auto record = ledger::load<ledger::SchemeRecord>(state, Space::scheme, scheme)) return std::move(record->scheme);
  ledger::AddScheme out;
  out.scheme = scheme;
  out.claim = scheme;
  return out;
}

ledger::ClaimModel model_of(ledger::StateView const& state, std::string_view claim) {
  auto const model = state.get(ledger::pair_key(Space::scheme_index, claim));
  return model ? static_cast<ledger::ClaimModel>((*model)[0]) : ledger::ClaimModel::segregated;
}

Result<void> set_product_rule(Context& context, ledger::SetProductRule const& operation, std::string const& field) {
  TRY(require_holder_of(context, operation.product, field + ".product"));
  ledger::store(context.state, Space::product_rule, std::string(operation.product) + operation.rule, operation);
  tell(context, own_key(context), operation);
  return {};
}

Result<void> set_warranty(Context& context, ledger::SetWarranty const& operation, std::string const& field) {
  TRY(require_holder_of(context, operation.product, field + ".product"));
  ledger::store(context.state, Space::warranty, operation.product, operation);
  tell(context, own_key(context), operation);
  return {};
}

Result<void> state_origin(Context& context, ledger::StateOrigin const& operation, std::string const& field) {
  TRY_ASSIGN(auto const lot, lot_stated(context, operation.lot, field));
  auto const shown = [&](std::string const& arithmetic) {
    return Error{Code::E_ORIGIN_RULE, field + ".share_ppm: " + arithmetic, arithmetic};
  };
  std::uint32_t computed = 1'000'000;
  if (operation.criterion == OriginCriterion::wholly_obtained) {
    auto const country = country_of_maker(context.state, lot.maker);
    if (lot.origin != ledger::LotOrigin::produced) return shown("the lot was made of other goods");
    if (country != operation.country) return shown("made in " + country);
  } else {
    auto const sum = add_up(context.state, operation);
    if (sum.total == 0) return shown("no inputs on the ledger");
    computed = sum.ppm();
    if (operation.criterion == OriginCriterion::tariff_shift) {
      if (sum.same_heading > 0) {
        return shown(std::to_string(sum.same_heading) + " inputs neither originate nor change heading " +
                     operation.hs6.substr(0, 4));
      }
    } else if (operation.share_ppm > computed) {
      return shown(std::to_string(computed) + " of 1000000 originates, " + std::to_string(operation.share_ppm) +
                   " is claimed");
    }
  }
  auto const key = ledger::pair_key(Space::origin, operation.lot, operation.agreement);
  ledger::store(context.state, key, OriginRecord{operation, context.actor, computed});
  tell(context, ledger::state_key(Space::lot, operation.lot), operation);
  return {};
}

Result<void> state_carbon(Context& context, ledger::StateCarbon const& operation, std::string const& field) {
  TRY(lot_stated(context, operation.lot, field));
  ledger::store(context.state, Space::carbon, operation.lot, ledger::CarbonRecord{operation, context.actor});
  tell(context, ledger::state_key(Space::lot, operation.lot), operation);
  return {};
}

Result<void> report_scan(Context& context, ledger::ReportScan const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, Act::record, field));
  auto const item = ledger::load<ledger::ItemRecord>(context.state, Space::item, operation.item);
  if (!item) return Error{Code::E_UNKNOWN_GOODS, field + ".item", "not commissioned: " + operation.item};
  auto const log_index = ledger::log_size(context.state);
  auto const alarm = [&](ledger::AlarmKind kind, std::string const& detail) {
    raise(context.state, context, kind, operation.item, context.actor, detail, log_index);
  };
  auto scan =
      ledger::load<ledger::ScanRecord>(context.state, Space::scan, operation.item).value_or(ledger::ScanRecord{});
  auto const sale = ledger::load<ledger::SaleNoteRecord>(context.state, Space::sale_note, operation.item);
  auto const site = sale ? ledger::load<ledger::SiteRecord>(context.state, Space::site, sale->site) : std::nullopt;
  std::string const sold_in = site ? std::string(site->country) : std::string();
  if (!sale && item->status == ledger::GoodsStatus::active) {
    auto const place = ledger::place_of(context.state, item->holder);
    auto const stands = ledger::load<ledger::SiteRecord>(context.state, Space::site, place.site);
    alarm(ledger::AlarmKind::scan_before_sale, "in " + operation.country);
    if (stands && stands->country != operation.country) {
      alarm(ledger::AlarmKind::scan_without_distribution,
            "in " + operation.country + ", goods in " + static_cast<std::string const&>(stands->country));
    }
  }
  auto const since = [&](TimeMs then) { return context.time_ms - std::min(then, context.time_ms); };
  bool const after_sale = sale && !sold_in.empty() && sold_in != operation.country && since(sale->sold_ms) < travels_ms;
  bool const after_scan = scan.count > 0 && scan.country != operation.country && since(scan.last_ms) < travels_ms;
  if (after_sale || after_scan) {
    alarm(ledger::AlarmKind::duplicate_label,
          "in " + operation.country + ", " +
              (after_sale ? "sold in " + sold_in : "seen in " + std::string(scan.country)));
  }
  ++scan.count;
  scan.country = operation.country;
  scan.last_ms = context.time_ms;
  ledger::store(context.state, Space::scan, operation.item, scan);
  tell(context, ledger::state_key(Space::item, operation.item), operation);
  return {};
}

}  // namespace contracts::goods
