// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/customs.hpp"

#include "contracts/goods/alarm.hpp"
#include "contracts/members/mandate.hpp"
#include "contracts/members/members.hpp"
#include "ledger/condition.hpp"

namespace contracts::goods {

namespace {

using ledger::CustomsHoldRecord;
using ledger::DeclarationRecord;
using ledger::DeclarationState;
using ledger::MarkRecord;
using ledger::Role;
using ledger::Space;

constexpr std::size_t marks_max = 64;

bool has_role(StateView const& state, PartyId const& party, Role role) {
  auto const member = members::member(state, party);
  return member && member->has(role);
}

std::optional<PartyId> authority_of(Job const& job) {
  for (auto const& party : job.signers) {
    if (has_role(job.state, party, Role::customs)) return party;
  }
  return std::nullopt;
}

/// The country where the event happened; empty when its site is not registered.
std::string country_of(Job const& job) {
  auto const site = ledger::load<ledger::SiteRecord>(job.state, Space::site, job.site());
  return site ? std::string(site->country) : std::string();
}

std::vector<gs1::Key> subjects_of(gs1::Event const& event) {
  auto out = event.epcs;
  for (auto const& element : event.quantities) {
    if (element.key.kind == gs1::KeyKind::lot) out.push_back(element.key);
  }
  return out;
}

/// The products that the event's subjects are, or hold.
std::vector<ledger::Gtin> products_of(Job const& job) {
  std::set<std::string> out;
  for (auto const& key : job.event.epcs) {
    if (key.kind == gs1::KeyKind::item) out.insert(key.primary);
    if (key.kind != gs1::KeyKind::sscc) continue;
    for (auto const& gtin : ledger::products_inside(job.state, key.uri)) out.insert(gtin);
  }
  for (auto const& element : job.event.quantities) out.insert(element.key.primary);
  return {out.begin(), out.end()};
}

/// True when the mark's holder lets one of the signers declare: named as a shipper, or under a mandate.
bool may_declare(Job const& job, MarkRecord const& mark, std::string_view gtin) {
  auto const allows = [&](PartyId const& signer) {
    if (signer == mark.holder) return true;
    auto const& shippers = mark.mark.shippers;
    if (std::find(shippers.begin(), shippers.end(), signer) != shippers.end()) return true;
    members::Mandated const wanted{ledger::MandateAct::declare, gtin, job.site(), job.event.time_ms};
    if (members::has_mandate(job.context, mark.holder, signer, wanted)) return true;
    return std::any_of(shippers.begin(), shippers.end(), [&](PartyId const& shipper) {
      return members::has_mandate(job.context, shipper, signer, wanted);
    });
  };
  return std::any_of(job.signers.begin(), job.signers.end(), allows);
}

bool covers(MarkRecord const& mark, std::string_view gtin, std::string_view country, TimeMs time_ms) {
  auto const& products = mark.mark.products;
  auto const& markets = mark.mark.markets;
  bool const product = std::find(products.begin(), products.end(), gtin) != products.end();
  bool const market = markets.empty() || std::find(markets.begin(), markets.end(), country) != markets.end();
  return product && market && (mark.mark.until_ms == 0 || time_ms <= mark.mark.until_ms) && !mark.watchers.empty();
}

/// The watch-list: a watched mark's goods, declared by somebody whom its holder did not let.
void look_for_marks(Job& job, std::string_view subject) {
  auto const country = country_of(job);
  std::vector<MarkRecord> marks;
  job.state.scan(ledger::state_key(Space::mark, ""), [&](ledger::BytesView, ledger::BytesView bytes) {
    auto mark = base::decode<MarkRecord>(bytes);
    CHECK(mark.has_value());
    if (!mark->watchers.empty()) marks.push_back(std::move(mark).value());
    return marks.size() < marks_max;
  });
  if (marks.empty()) return;
  for (auto const& gtin : products_of(job)) {
    for (auto const& mark : marks) {
      if (!covers(mark, gtin, country, job.event.time_ms) || may_declare(job, mark, gtin)) continue;
      raise(job, ledger::AlarmKind::brand_alert, subject, job.context.actor,
            "mark " + mark.mark.number + ", product " + gtin);
    }
  }
}

std::string_view reference_of(gs1::Event const& event) {
  for (auto const& one : event.transactions) {
    if (one.type == "tally:mrn") return one.key.uri;
  }
  return {};
}

Result<void> declare(Job& job, DeclarationState state, std::optional<PartyId> const& authority) {
  auto const reference = reference_of(job.event);
  if (reference.empty()) return {};
  auto record = ledger::load<DeclarationRecord>(job.state, Space::declaration, reference);
  if (!authority && record && record->declarant != job.context.actor) {
    return job.error(Code::E_ALREADY_REGISTERED, "bizTransactionList", "another party declared under this reference");
  }
  if (!record) {
    record.emplace();
    record->declarant = authority ? PartyId{} : job.context.actor;
  }
  record->state = state;
  record->time_ms = job.event.time_ms;
  if (!job.event.tally.hs6.empty()) record->hs6 = job.event.tally.hs6;
  if (authority) record->authority = *authority;
  ledger::store(job.state, Space::declaration, reference, *record);
  return {};
}

void hold(Job& job, gs1::Key const& key, PartyId const& authority) {
  ledger::store(job.state, Space::customs_hold, key.uri, CustomsHoldRecord{authority, job.event.time_ms});
  raise(job, ledger::AlarmKind::customs_hold, key.uri, authority, "held by customs");
}

Result<void> release(Job& job, gs1::Key const& key, PartyId const& authority, std::string const& path) {
  auto const held = ledger::load<CustomsHoldRecord>(job.state, Space::customs_hold, key.uri);
  if (!held) return {};
  if (held->authority != authority) return job.error(Code::E_SCOPE, path, "another authority holds it");
  job.state.erase(ledger::state_key(Space::customs_hold, key.uri));
  raise(job, ledger::AlarmKind::customs_release, key.uri, authority, "released by customs");
  return {};
}

}  // namespace

bool is_customs(gs1::Event const& event) {
  return event.type == gs1::EventType::object && event.biz_step.starts_with("tally:customs_") && !event.is_error();
}

Result<void> customs(Job& job) {
  auto const authority = authority_of(job);
  auto const& step = job.event.biz_step;
  bool const holds = step == "tally:customs_hold";
  bool const releases = step == "tally:customs_release";
  if ((holds || releases) && !authority) return job.error(Code::E_SCOPE, "bizStep", "a customs authority signs this");
  auto const subjects = subjects_of(job.event);
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    if (holds) hold(job, subjects[i], *authority);
    // An authority that clears goods lets them go, whatever word it uses.
    if (authority && !holds) TRY(release(job, subjects[i], *authority, at("epcList", i)));
  }
  if (step == "tally:customs_import") {
    for (auto const& gtin : products_of(job)) TRY(judge_gates(job, gtin, "epcList"));
  }
  auto const state = holds       ? DeclarationState::held
                     : authority ? DeclarationState::released
                                 : DeclarationState::declared;
  TRY(declare(job, state, authority));
  if (!authority && !subjects.empty()) look_for_marks(job, subjects.front().uri);
  return {};
}

Result<void> judge_hold(Job const& job, std::string_view link, ledger::Holder const& holder, std::string_view path) {
  auto const held = [&](std::string_view one) { return job.state.has(ledger::state_key(Space::customs_hold, one)); };
  bool stands = held(link);
  for (auto const& unit : ledger::place_of(job.state, holder).units) stands = stands || held(unit);
  return stands ? Result<void>(job.error(Code::E_CUSTOMS_HOLD, path, std::string(link))) : Result<void>{};
}

Result<void> judge_gates(Job const& job, std::string_view gtin, std::string_view path) {
  auto const market = country_of(job);
  if (market.empty()) return {};
  Result<void> verdict;
  job.state.scan(ledger::state_key(Space::gate, market), [&](ledger::BytesView, ledger::BytesView bytes) {
    auto const record = base::decode<ledger::GateRecord>(bytes);
    CHECK(record.has_value());
    auto const& gate = record->gate;
    if (!gate.stands || std::find(gate.products.begin(), gate.products.end(), gtin) == gate.products.end()) return true;
    bool open = false;
    for (auto const& number : ledger::pairs_of(job.state, Space::certificate_index, gtin, 64)) {
      auto const certificate = ledger::load<ledger::CertificateRecord>(job.state, Space::certificate, number);
      bool const valid = certificate && !certificate->revoked_ms &&
                         job.event.time_ms >= certificate->certificate.valid_from_ms &&
                         job.event.time_ms <= certificate->certificate.valid_until_ms;
      open = open || (valid && certificate->certificate.scheme == gate.scheme);
    }
    if (!open) verdict = job.error(Code::E_CERT_SCOPE, path, market + " asks for " + gate.scheme);
    return open;
  });
  return verdict;
}

Result<void> register_mark(Context& context, ledger::RegisterMark const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, ledger::Act::admin, field));
  for (std::size_t i = 0; i < operation.products.size(); ++i) {
    auto const holder = members::prefix_holder(context.state, std::string_view(operation.products[i]).substr(1));
    if (holder == context.actor) continue;
    return Error{Code::E_PREFIX_NOT_OWNED, field + "." + at("products", i), "under no prefix of the mark's holder"};
  }
  auto record = ledger::load<MarkRecord>(context.state, Space::mark, operation.number).value_or(MarkRecord{});
  if (!record.holder.is_zero() && record.holder != context.actor) {
    return Error{Code::E_ALREADY_REGISTERED, field + ".number", "another member's mark"};
  }
  record.mark = operation;
  record.holder = context.actor;
  ledger::store(context.state, Space::mark, operation.number, record);
  auto const act = log_operation(context, operation);
  ledger::append_history(context.state, members::member_key(context.state, context.actor), act, {});
  return {};
}

Result<void> watch_mark(Context& context, ledger::WatchMark const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, ledger::Act::certify, field));
  if (!has_role(context.state, context.actor, Role::customs)) {
    return Error{Code::E_SCOPE, field, "a customs authority keeps this list"};
  }
  auto record = ledger::load<MarkRecord>(context.state, Space::mark, operation.number);
  if (!record) return Error{Code::E_CERT_UNKNOWN, field + ".number", "no mark " + operation.number};
  auto& watchers = record->watchers;
  auto const found = std::find(watchers.begin(), watchers.end(), context.actor);
  if (operation.watched && found == watchers.end()) {
    if (watchers.size() >= std::remove_reference_t<decltype(watchers)>::max) {
      return Error{Code::E_LIMIT, field + ".number", "watched by too many"};
    }
    watchers.push_back(context.actor);
  }
  if (!operation.watched && found != watchers.end()) watchers.erase(found);
  ledger::store(context.state, Space::mark, operation.number, *record);
  auto const act = log_operation(context, operation);
  ledger::append_history(context.state, members::member_key(context.state, record->holder), act, {});
  return {};
}

Result<void> set_gate(Context& context, ledger::SetGate const& operation, std::string const& field) {
  TRY(require_signer(context, context.actor, ledger::Act::certify, field));
  auto const authority = members::member(context.state, context.actor);
  bool const may = authority && (authority->has(Role::regulator) || authority->has(Role::customs));
  if (!may) return Error{Code::E_SCOPE, field, "a regulator or customs authority opens and closes markets"};
  auto const id = std::string(operation.market) + operation.scheme;
  ledger::store(context.state, Space::gate, id, ledger::GateRecord{operation, context.actor});
  auto const act = log_operation(context, operation);
  ledger::append_history(context.state, members::member_key(context.state, context.actor), act, {});
  return {};
}

}  // namespace contracts::goods
