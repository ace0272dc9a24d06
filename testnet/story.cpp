// SPDX-License-Identifier: Apache-2.0
#include "testnet/story.hpp"

#include <algorithm>
#include <set>

#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "testnet/series.hpp"
#include "testnet/teller.hpp"

namespace testnet {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;
using ledger::TimeMs;

/// Shorter than the root key that admits them holds.
constexpr TimeMs keys_hold_ms = 2000 * base::day_ms;
constexpr TimeMs gap_minutes_max = 30;

std::optional<TimeMs> date(std::string const& text) { return base::from_date(text); }

/// Both ends of "valid"; the last day counts whole.
Result<std::pair<TimeMs, TimeMs>> validity(Fields const& entry) {
  TRY_ASSIGN(auto const valid, entry.texts("valid"));
  auto const from = valid.size() == 2 ? date(valid[0]) : std::nullopt;
  auto const until = valid.size() == 2 ? date(valid[1]) : std::nullopt;
  if (!from || !until || *until < *from) return entry.error("valid", "write two dates, the earlier one first");
  return std::pair(*from, *until + base::day_ms);
}

Result<std::string> party(Fields const& entry, std::string_view name, World const& world) {
  TRY_ASSIGN(auto code, entry.text(name));
  if (world.find(code) == nullptr) return entry.error(name, code + " is none of the file's orgs");
  return code;
}

/// One transaction of the issuer for each certificate of the journey; a quota is in base units.
Result<Act> certificate_act(Fields const& entry, World const& world, TimeMs time_ms) {
  ledger::IssueCertificate certificate;
  TRY_ASSIGN(auto const issuer, party(entry, "issuer", world));
  TRY_ASSIGN(auto const holder, party(entry, "holder", world));
  TRY_ASSIGN(auto const number, entry.text("id"));
  TRY_ASSIGN(auto const scheme, entry.text("scheme"));
  TRY_ASSIGN(auto const scope, entry.texts("scope"));
  TRY_ASSIGN(auto const valid, validity(entry));
  if (number.size() > 64 || scheme.size() > 120 || scope.size() > 64) {
    return entry.error("id", "at most 64 letters, a scheme of 120, a scope of 64 products");
  }
  certificate.number = number;
  certificate.scheme = scheme;
  certificate.holder = world.organisation(holder).party();
  for (auto const& gtin : scope) {
    if (world.find_product(gtin) == nullptr) return entry.error("scope", gtin + " is none of the file's gtins");
    certificate.products.emplace_back(gtin);
  }
  certificate.valid_from_ms = valid.first;
  certificate.valid_until_ms = valid.second;
  certificate.document = crypto::sha256(base::bytes_of(number));
  if (entry.has("quota_kg")) {
    TRY_ASSIGN(certificate.quota, entry.amount("quota_kg"));
  }
  return Act{{issuer}, {}, {certificate}, time_ms};
}

/// The word under which a scheme's goods are claimed, where an event that names its certificate says one.
Result<std::vector<Act>> scheme_acts(std::vector<Fields> const& certificates, std::vector<Fields> const& events,
                                     World const& world, TimeMs time_ms) {
  std::vector<Act> out;
  std::set<std::string> told;
  for (auto const& entry : certificates) {
    TRY_ASSIGN(auto const issuer, party(entry, "issuer", world));
    auto const scheme = entry.text_or("scheme");
    for (auto const& event : events) {
      auto const claim = event.text_or("claim");
      bool const names = event.text_or("cert") == entry.text_or("id") && !claim.empty() && claim != scheme;
      if (!names || !told.insert(scheme).second) continue;
      if (claim.size() > 120 || scheme.size() > 120) return event.error("claim", "at most 120 letters");
      out.push_back({{issuer}, {}, {ledger::AddScheme{scheme, claim, ledger::ClaimModel::segregated}}, time_ms});
    }
  }
  return out;
}

/// The firm's admin key, which its root admits: mandates and devices are its acts.
Act admin_act(World const& world, std::string const& code, KeyOf const& key_of, TimeMs time_ms) {
  ledger::KeyAdd add;
  add.party = world.organisation(code).party();
  add.key = key_of(code + ".admin");
  add.kind = ledger::KeyKind::admin;
  add.until_ms = time_ms + keys_hold_ms;
  return {{code + ".root"}, {}, {add}, time_ms};
}

Result<std::vector<Act>> mandate_acts(Fields const& journey, World const& world, KeyOf const& key_of,
                                      std::set<std::string>& admins, TimeMs time_ms) {
  std::vector<Act> out;
  TRY_ASSIGN(auto const entries, journey.list("mandates"));
  for (auto const& entry : entries) {
    TRY_ASSIGN(auto const from, party(entry, "from", world));
    TRY_ASSIGN(auto const to, party(entry, "to", world));
    TRY_ASSIGN(auto const operations, entry.texts("operations"));
    TRY_ASSIGN(auto const products, entry.texts("products"));
    TRY_ASSIGN(auto const valid, validity(entry));
    ledger::GiveMandate give;
    give.number = "M" + std::to_string(out.size() + 1);
    give.to = world.organisation(to).party();
    for (auto const& one : operations) {
      if (one != "commission" && one != "declare") return entry.error("operations", "write commission or declare");
      give.acts |=
          static_cast<std::uint32_t>(one == "declare" ? ledger::MandateAct::declare : ledger::MandateAct::commission);
    }
    for (auto const& gtin : products) give.products.emplace_back(gtin);
    if (entry.has("site")) {
      auto const* site = world.find_site(entry.text_or("site"));
      if (site == nullptr) return entry.error("site", entry.text_or("site") + " is no site of the file's orgs");
      give.sites.push_back(site->gln);
    }
    give.from_ms = valid.first;
    give.until_ms = valid.second;
    if (admins.insert(from).second) out.push_back(admin_act(world, from, key_of, time_ms));
    out.push_back({{from + ".admin"}, {}, {give}, time_ms});
  }
  return out;
}

/// What the product that the loggers travel with bears: the upper limit, agreed on by two, and the first minute that
/// the price table punishes.
Result<ledger::SetProductRule> rule_of(Fields const& journey, Fields const& sensor, std::string const& gtin) {
  ledger::SetProductRule rule;
  rule.product = gtin;
  rule.rule = std::string("limit");
  rule.type = std::string("Temperature");
  TRY_ASSIGN(auto const unit, sensor.text("unit"));
  if (unit.size() > 3) return sensor.error("unit", "write a UN/ECE Rec 20 code like CEL");
  rule.uom = unit;
  auto const* limits = sensor.value().find("limits");
  auto const high = limits == nullptr || limits->items.size() != 2
                        ? std::nullopt
                        : base::from_decimal_literal(limits->items[1].text, 6);
  if (!high) return sensor.error("limits", "write [lowest, highest]");
  rule.negative = *high < 0;
  rule.threshold = static_cast<ledger::Micro>(*high < 0 ? -*high : *high);
  TRY_ASSIGN(auto const ids, sensor.texts("ids"));
  rule.agree = ids.size() > 1 ? 2 : 1;
  rule.gap_minutes_max = static_cast<std::uint32_t>(gap_minutes_max);
  if (!journey.has("escrow")) return rule;
  TRY_ASSIGN(auto const escrow, journey.object("escrow"));
  TRY_ASSIGN(auto const milestones, escrow.list("milestones"));
  for (auto const& milestone : milestones) {
    auto const* table = milestone.value().find("price_table");
    if (table == nullptr || table->items.size() < 2 || table->items[1].items.empty()) continue;
    auto const from = base::from_decimal(table->items[1].items[0].text, 1'000'000);
    if (from && *from > 0) rule.minutes_max = static_cast<std::uint32_t>(*from - 1);
  }
  return rule;
}

/// Loggers are registered by their owner, and the product's maker says what it bears.
Result<std::vector<Act>> logger_acts(Fields const& journey, Fields const& sensor, Series const& series,
                                     std::string const& gtin, World const& world, KeyOf const& key_of,
                                     std::set<std::string>& admins, TimeMs time_ms) {
  std::vector<Act> out;
  if (admins.insert(series.owner).second) out.push_back(admin_act(world, series.owner, key_of, time_ms));
  Act act{{series.owner + ".admin"}, {}, {}, time_ms};
  for (std::size_t i = 0; i < series.ids.size(); ++i) {
    auto const name = series.owner + "/" + series.ids[i];
    act.signers.push_back(name);
    act.operations.emplace_back(
        ledger::RegisterDevice{series.links[i], world.organisation(series.owner).party(), key_of(name), {}});
  }
  out.push_back(std::move(act));
  TRY_ASSIGN(auto const rule, rule_of(journey, sensor, gtin));
  for (auto const& organisation : world.organisations) {
    if (std::string_view(gtin).substr(1).starts_with(organisation.prefix)) {
      if (admins.insert(organisation.code).second) out.push_back(admin_act(world, organisation.code, key_of, time_ms));
      out.push_back({{organisation.code + ".admin"}, {}, {rule}, time_ms});
    }
  }
  return out;
}

void sort_by_first_act(std::vector<Step>& steps) {
  auto const begins = [](Step const& step) { return step.acts.empty() ? step.time_ms : step.acts.front().time_ms; };
  std::ranges::stable_sort(steps, {}, begins);
}

/// The loggers of a journey that has some: their steps among the others, their registration before.
Result<void> add_series(Fields const& journey, std::vector<Fields> const& events, World const& world,
                        KeyOf const& key_of, std::set<std::string>& admins, std::string const& variant,
                        std::vector<Stock> const& stocks, Story& story) {
  TRY_ASSIGN(auto const sensor, journey.object("sensor"));
  std::string unit;
  std::string lot;
  TimeMs end_ms = 0;
  for (auto const& event : events) {
    if (event.has("sensors")) {
      unit = "https://id.gs1.org/" + event.text_or("parent");
      lot = event.text_or("children");
    } else if (!unit.empty() && event.text_or("kind") == "handover" && event.has("milestone")) {
      TRY_ASSIGN(end_ms, event.time("time"));
    }
  }
  auto const packed = std::ranges::find_if(stocks, [&](Stock const& one) { return one.link.ends_with("/" + lot); });
  if (unit.empty() || packed == stocks.end()) return sensor.error("ids", "an event of kind pack names them");
  TRY_ASSIGN(auto const series, read_series(sensor, world, variant, end_ms));
  TRY_ASSIGN(auto acts, logger_acts(journey, sensor, series, packed->gtin, world, key_of, admins,
                                    story.steps.front().time_ms - base::day_ms));
  for (auto& act : acts) story.preparations.push_back(std::move(act));
  for (auto& step : tell_series(series, unit)) story.steps.push_back(std::move(step));
  if (series.breach_minutes) story.condition = {unit, *series.breach_minutes};
  sort_by_first_act(story.steps);
  return {};
}

std::map<std::string, std::string> devices_of(Fields const& journey, World const& world) {
  std::map<std::string, std::string> out;
  auto const sensor = journey.object("sensor");
  auto const ids = sensor ? sensor->texts("ids") : Result<std::vector<std::string>>(sensor.error());
  auto const* owner = sensor ? world.find(sensor->text_or("owner_of_loggers")) : nullptr;
  if (!ids || owner == nullptr) return out;
  for (auto const& id : *ids) {
    auto serial = id;
    std::erase(serial, '-');
    out[id] = "https://id.gs1.org/8004/" + owner->prefix + serial;
  }
  return out;
}

}  // namespace

Result<Fields> journey_of(Value const& journeys, std::string_view name) {
  auto const* all = journeys.find("journeys");
  auto const* found = all == nullptr ? nullptr : all->find(name);
  if (found != nullptr) return Fields(*found, "");
  std::string there;
  if (all != nullptr) {
    for (auto const& [other, value] : all->members) there += (there.empty() ? "" : ", ") + other;
  }
  return Error{Code::E_FORM, std::string(name), "no such journey in the file; it has " + there};
}

Result<Teller> teller_of(Fields const& journey, World const& world, KeyOf const& key_of) {
  return Teller(world, journey.text_or("hs6"), key_of, devices_of(journey, world));
}

Result<std::vector<Fields>> events_of(Fields const& journey) {
  TRY_ASSIGN(auto const events, journey.list("events"));
  if (events.empty()) return journey.error("events", "write what happens");
  std::vector<Fields> out;
  for (auto const& event : events) {
    TRY_ASSIGN(auto const number, event.whole("n"));
    out.emplace_back(event.value(), "events[" + std::to_string(number) + "]");
  }
  return out;
}

Result<Story> tell(Value const& journeys, std::string_view name, World const& world, KeyOf const& key_of,
                   std::string_view variant) {
  TRY_ASSIGN(auto const journey, journey_of(journeys, name));
  TRY_ASSIGN(auto const events, events_of(journey));
  Story out;
  out.name = name;
  out.title = journey.text_or("title", name);
  TRY_ASSIGN(auto teller, teller_of(journey, world, key_of));
  for (auto const& event : events) {
    TRY_ASSIGN(auto step, teller.step(event));
    out.steps.push_back(std::move(step));
  }
  auto const time_ms = out.steps.front().time_ms - base::day_ms;
  TRY_ASSIGN(auto const certificates, journey.list("certs"));
  TRY_ASSIGN(out.preparations, scheme_acts(certificates, events, world, time_ms));
  for (auto const& entry : certificates) {
    TRY_ASSIGN(auto act, certificate_act(entry, world, time_ms));
    out.preparations.push_back(std::move(act));
  }
  std::set<std::string> admins;
  TRY_ASSIGN(auto mandates, mandate_acts(journey, world, key_of, admins, time_ms));
  for (auto& act : mandates) out.preparations.push_back(std::move(act));
  out.stocks = teller.stocks();
  out.recalled = teller.recalled();
  if (journey.has("expect")) {
    TRY_ASSIGN(auto const expected, journey.object("expect"));
    out.account = expected.text_or("goods_account");
  }
  TRY_ASSIGN(out.expectations, expectations_of(journey, variant));
  if (journey.has("sensor")) {
    auto const chosen = variant.empty() ? std::string("A") : std::string(variant);
    TRY(add_series(journey, events, world, key_of, admins, chosen, out.stocks, out));
  } else if (!variant.empty()) {
    return Error{Code::E_FORM, "--variant", out.name + " has no variants"};
  }
  return out;
}

Result<std::vector<Step>> tell_otherwise(Value const& journeys, std::string_view name, World const& world,
                                         KeyOf const& key_of, unsigned before, std::vector<Value> const& events) {
  TRY_ASSIGN(auto const journey, journey_of(journeys, name));
  TRY_ASSIGN(auto const happened, events_of(journey));
  TRY_ASSIGN(auto teller, teller_of(journey, world, key_of));
  for (auto const& event : happened) {
    TRY_ASSIGN(auto const number, event.whole("n"));
    if (before != 0 && number >= before) break;
    TRY(teller.step(event));
  }
  std::vector<Step> out;
  for (auto const& event : events) {
    TRY_ASSIGN(auto step, teller.step(Fields(event, "play[" + std::to_string(out.size()) + "]")));
    out.push_back(std::move(step));
  }
  return out;
}

}  // namespace testnet
