// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/stage_test.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/goods/accounts.hpp"
#include "contracts/goods/reading.hpp"
#include "contracts/members/members.hpp"
#include "gs1/event.hpp"
#include "gs1/event_hash.hpp"
#include "ledger/goods_records.hpp"
#include "ledger/record.hpp"

namespace contracts::goods::test {

namespace {

using ledger::Role;
using ledger::Space;

constexpr std::string_view context_text =
    R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"tally": "https://tallystick.example/ns/"}])";

struct Place {
  std::string_view name;
  std::string_view gln;
};
/// Firms, then sites ("FIRM.SITE").
constexpr std::array<Place, 28> places{
    {{"SERICA", "9521001000000"},       {"COCOON", "9521002000009"},     {"HALDEN", "9521003000008"},
     {"MAASHUB", "9521004000007"},      {"SPREE", "9521005000006"},      {"SOKE", "9521006000005"},
     {"EGEYARN", "9521007000004"},      {"FJORD", "9521009000002"},      {"CHRONO", "9521012000006"},
     {"LIVOLT", "9521013000005"},       {"CERTA", "9521015000003"},      {"LABX", "9521016000002"},
     {"NLCUST", "9521017000001"},       {"CNCUST", "9521019000009"},     {"PLAIN", "9521031000001"},
     {"SERICA.MILL", "9521001000017"},  {"SERICA.FIN", "9521001000024"}, {"COCOON.FARM", "9521002000016"},
     {"HALDEN.SHA", "9521003000015"},   {"HALDEN.RTM", "9521003000022"}, {"MAASHUB.WH1", "9521004000014"},
     {"SPREE.DC", "9521005000013"},     {"SPREE.SHOP", "9521005000020"}, {"SOKE.GIN", "9521006000012"},
     {"EGEYARN.SPIN", "9521007000011"}, {"CHRONO.ASM", "9521012000013"}, {"LIVOLT.CELL", "9521013000012"},
     {"FJORD.PEN", "9521009000019"}}};

base::PartyKey key_named(std::string_view name) { return base::PartyKey{crypto::sha256(base::bytes_of(name)).bytes}; }

TimeMs time_of(std::string_view text) {
  auto const time = base::from_rfc3339(text);
  CHECK(time.has_value());
  return *time;
}

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

void founded(Result<void> const& result) { ASSERT_TRUE(result) << (result ? "" : base::to_string(result.error())); }

ledger::IssueCertificate certificate(std::string_view number, std::string_view scheme, std::string_view holder,
                                     std::vector<ledger::Gtin> products, std::string_view from, std::string_view until,
                                     std::optional<Micro> quota) {
  ledger::IssueCertificate out;
  out.number = number;
  out.scheme = scheme;
  out.holder = party(holder);
  out.products = std::move(products);
  out.valid_from_ms = time_of(std::string(from) + "T00:00:00Z");
  out.valid_until_ms = time_of(std::string(until) + "T00:00:00Z");
  out.quota = quota;
  return out;
}

ledger::AddRecipe recipe(std::string_view site, std::string_view name, ledger::Balance balance,
                         std::vector<ledger::Gtin> inputs, std::vector<ledger::Gtin> outputs, std::uint32_t yield_ppm) {
  ledger::AddRecipe out;
  out.site = gln(site);
  out.recipe = name;
  out.balance = balance;
  out.inputs = std::move(inputs);
  out.outputs = std::move(outputs);
  out.yield_ppm = yield_ppm;
  return out;
}

std::string short_name(PartyId const& id) {
  if (id == ledger::consumer()) return "consumer";
  if (id == ledger::outside()) return "outside";
  for (auto const& place : places) {
    if (ledger::party_id(place.gln) == id) return std::string(place.name);
  }
  return id.hex();
}

}  // namespace

Text::Text(std::string_view type, std::string_view time) {
  text_ = R"({"type": )" + in_quotes(type) + R"(, "eventTime": )" + in_quotes(time) +
          R"(, "eventTimeZoneOffset": "+02:00")";
}
Text& Text::raw(std::string_view name, std::string_view json) {
  text_ += ", " + in_quotes(name) + ": " + std::string(json);
  return *this;
}
Text& Text::word(std::string_view name, std::string_view value) { return raw(name, in_quotes(value)); }
Text& Text::list(std::string_view name, std::vector<std::string> const& values) {
  std::string out;
  for (auto const& value : values) out += (out.empty() ? "" : ", ") + in_quotes(value);
  return raw(name, "[" + out + "]");
}
Text& Text::amounts(std::string_view name, std::vector<Amount> const& values) {
  std::string out;
  for (auto const& value : values) {
    out += std::string(out.empty() ? "" : ", ") + R"({"epcClass": )" + in_quotes(value.link);
    out += R"(, "quantity": )" + value.quantity;
    out += value.uom.empty() ? "}" : R"(, "uom": )" + in_quotes(value.uom) + "}";
  }
  return raw(name, "[" + out + "]");
}
Text& Text::step(std::string_view biz_step, std::string_view disposition) {
  word("bizStep", biz_step);
  return disposition.empty() ? *this : word("disposition", disposition);
}
Text& Text::at(std::string_view site) {
  auto const place = R"({"id": "https://id.gs1.org/414/)" + gln(site) + R"("})";
  return raw("readPoint", place).raw("bizLocation", place);
}
Text& Text::shipment(std::string_view number) {
  return raw("bizTransactionList", R"([{"type": "desadv", "bizTransaction": "https://id.gs1.org/253/9521003000008)" +
                                       std::string(number) + R"("}])");
}
Text& Text::parties(std::string_view from, std::string_view to,
                    std::optional<std::pair<std::string, std::string>> const& owners) {
  auto const endpoint = [](std::string_view type, std::string_view name, std::string_view firm) {
    return R"({"type": )" + in_quotes(type) + ", " + in_quotes(name) + R"(: "https://id.gs1.org/417/)" + gln(firm) +
           R"("})";
  };
  auto sources = endpoint("possessing_party", "source", from);
  auto destinations = endpoint("possessing_party", "destination", to);
  if (owners) {
    sources += ", " + endpoint("owning_party", "source", owners->first);
    destinations += ", " + endpoint("owning_party", "destination", owners->second);
  }
  return raw("sourceList", "[" + sources + "]").raw("destinationList", "[" + destinations + "]");
}

std::string lot(std::string_view gtin, std::string_view number) { return gs1::make_lot(gtin, number).uri; }
std::string item(std::string_view gtin, std::string_view serial) { return gs1::make_item(gtin, serial).uri; }
std::string unit(std::string_view sscc) { return "https://id.gs1.org/00/" + std::string(sscc); }
std::string new_unit(std::string_view prefix, unsigned number) {
  auto digits = std::to_string(number);
  digits = "0" + std::string(prefix) + std::string(9 - digits.size(), '0') + digits;
  return unit(digits + gs1::check_digit(digits));
}
std::vector<std::string> serials(std::string_view gtin, unsigned first, unsigned count) {
  std::vector<std::string> out;
  for (unsigned i = first; i < first + count; ++i) {
    auto digits = std::to_string(i);
    out.push_back(item(gtin, "S" + std::string(6 - digits.size(), '0') + digits));
  }
  return out;
}
std::string gln(std::string_view name) {
  for (auto const& place : places) {
    if (place.name == name) return std::string(place.gln);
  }
  CHECK(false && "a firm or site of the world");
  return {};
}
PartyId party(std::string_view name) { return ledger::party_id(gln(name)); }

std::string event_id(std::string const& event) {
  auto const context = gs1::read_context(context_text);
  auto const read = gs1::read_event(base::bytes_of(event), *context);
  CHECK(read.has_value());
  return gs1::to_event_id(read->event_hash);
}

std::string offer_text(Handover const& handover, std::string_view time) {
  Text text("ObjectEvent", time);
  if (!handover.epcs.empty()) text.list("epcList", handover.epcs);
  if (!handover.counts.empty()) text.amounts("quantityList", handover.counts);
  text.word("action", "OBSERVE").step("shipping", "in_transit").at(handover.site).shipment("SHIP0001");
  text.parties(handover.from, handover.to, handover.owners).word("tally:handover", "offer");
  if (!handover.expires.empty()) text.word("tally:expires", handover.expires);
  return text;
}

std::string accept_text(Handover const& handover, std::string_view time, std::string const& offer) {
  Text text("ObjectEvent", time);
  if (!handover.epcs.empty()) text.list("epcList", handover.epcs);
  if (!handover.counts.empty()) text.amounts("quantityList", handover.counts);
  text.word("action", "OBSERVE").step("receiving", "in_progress").at(handover.site).shipment("SHIP0001");
  text.parties(handover.from, handover.to, handover.owners).word("tally:handover", "accept");
  return text.word("tally:answers", event_id(offer));
}

Stage::Stage() {
  ledger::Overlay block(state_);
  Context context{block, parameters_};
  context.genesis = true;
  context.time_ms = time_of("2025-01-01T00:00:00Z");
  context.actor = party("CERTA");
  make_world(context);
  ledger::fold_histories(block);
  state_.apply(block.diff());
}

void Stage::make_world(Context& context) {
  for (auto const& place : places) {
    auto const dot = place.name.find('.');
    auto const firm = place.name.substr(0, dot);
    if (dot == std::string_view::npos) {
      ledger::AddMember member;
      member.gln = place.gln;
      member.short_name = place.name;
      member.country = std::string_view("NL");
      bool const customs = firm == "CNCUST" || firm == "NLCUST";
      auto const role = firm == "CERTA" ? Role::certifier : customs ? Role::customs : Role::brand;
      member.roles = static_cast<std::uint32_t>(role);
      member.accounting = firm != "PLAIN";
      founded(members::add_member(context, member, "member"));
      founded(members::grant_prefix(context, {std::string(place.gln.substr(0, 7)), party(firm)}, "prefix"));
      ledger::KeyAdd key;
      key.party = party(firm);
      key.key = key_named(firm);
      key.kind = ledger::KeyKind::staff;
      using ledger::Act;
      key.scope.acts = static_cast<std::uint32_t>(Act::record) | static_cast<std::uint32_t>(Act::certify) |
                       static_cast<std::uint32_t>(Act::admin);
      founded(members::add_key(context, key, "key"));
    } else {
      ledger::AddSite site;
      site.gln = place.gln;
      site.party = party(firm);
      site.country = std::string_view("NL");
      founded(members::add_site(context, site, "site"));
    }
  }
  auto const product = [&](std::string_view gtin, std::string_view uom, Micro mass) {
    ledger::AddProduct out;
    out.gtin = gtin;
    out.unit = uom;
    out.unit_mass_micro_kg = mass;
    founded(members::add_product(context, out, "product"));
  };
  constexpr Micro one = 1'000'000;
  for (auto const gtin : {cocoon, raw_silk, fabric, lint, yarn}) product(gtin, "KGM", one);
  product(scarf, "EA", 49'000);
  product("09521031000018", "EA", 1'000);
  product(cell, "EA", 30'000);
  product(watch, "EA", 60'000);
  product(refurbished, "EA", 60'000);

  using ledger::Balance;
  auto const add = [&](ledger::AddRecipe const& one_recipe) {
    founded(members::add_recipe(context, one_recipe, "recipe"));
  };
  auto const gtins = [](auto... names) { return std::vector<ledger::Gtin>{ledger::Gtin(names)...}; };
  add(recipe("SERICA.MILL", "reel", Balance::mass, gtins(cocoon), gtins(raw_silk), 160'000));
  add(recipe("SERICA.MILL", "weave", Balance::mass, gtins(raw_silk), gtins(fabric), 790'000));
  add(recipe("SERICA.FIN", "hem", Balance::mass, gtins(fabric), gtins(scarf), 920'000));
  add(recipe("EGEYARN.SPIN", "spin", Balance::mass, gtins(lint), gtins(yarn), 860'000));
  add(recipe("CHRONO.ASM", "assemble", Balance::pieces, gtins(cell), gtins(watch), 1'000'000));

  auto const issue = [&](ledger::IssueCertificate const& one_certificate) {
    founded(members::issue_certificate(context, one_certificate, "certificate"));
  };
  issue(certificate("CERT-SILK", "silk origin", "COCOON", gtins(cocoon), "2026-04-01", "2027-03-31", 2000 * one));
  issue(certificate("CERT-LINT", "organic", "SOKE", gtins(lint), "2025-10-01", "2026-09-30", 10'000 * one));
  issue(
      certificate("CERT-SPIN", "organic processing", "EGEYARN", gtins(yarn), "2025-11-01", "2026-10-31", std::nullopt));
  issue(certificate("CERT-CELL", "test summary", "LIVOLT", gtins(cell), "2026-01-15", "2029-01-14", std::nullopt));
}

void Stage::close(ledger::Overlay& block) {
  ledger::fold_histories(block);
  changes_ = block.diff();
  state_.apply(changes_);
}

Verdict Stage::record(std::string_view actor, std::vector<std::string> const& events,
                      std::vector<std::string> const& cosigners, ledger::RecordMode mode) {
  return record_under(context_text, actor, events, cosigners, mode);
}

Verdict Stage::record_under(std::string_view document_context, std::string_view actor,
                            std::vector<std::string> const& events, std::vector<std::string> const& cosigners,
                            ledger::RecordMode mode) {
  std::vector<ledger::BytesView> payloads;
  for (auto const& text : events) payloads.push_back(base::bytes_of(text));
  Verdict verdict;
  auto const operation = ledger::make_record(mode, document_context, payloads);
  if (!operation) return {operation.error().code, operation.error().field, {}};
  // As a node does it: what the check read is what is executed.
  auto const read = check(*operation, payloads, parameters_, "operations[0]");
  if (!read) return {read.error().code, read.error().field, {}};
  TimeMs latest = 0;
  for (auto const& one : (*read)->events) latest = std::max(latest, one.event.time_ms);
  ledger::Overlay block(state_);
  ledger::Overlay acts(block);
  Context context{acts, parameters_};
  context.height = ++height_;
  context.time_ms = next_block_ms_ != 0 ? next_block_ms_ : latest + base::minute_ms;
  next_block_ms_ = 0;
  context.actor = party(actor);
  context.transaction = crypto::sha256(ledger::big_endian(height_));
  context.signers.push_back({party(actor), key_named(actor)});
  for (auto const& name : cosigners) context.signers.push_back({party(name), key_named(name)});
  context.signers.insert(context.signers.end(), more_signers_.begin(), more_signers_.end());
  more_signers_.clear();
  std::sort(context.signers.begin(), context.signers.end());
  auto result = goods::record(context, *operation, payloads, "operations[0]", *read);
  if (!result) return {result.error().code, result.error().field, {}};
  block.merge(std::move(acts));
  close(block);
  return {Code::done, {}, std::move(result).value()};
}

Recorded Stage::must(std::string_view actor, std::vector<std::string> const& events,
                     std::vector<std::string> const& cosigners) {
  auto verdict = record(actor, events, cosigners);
  EXPECT_EQ(verdict.code, Code::done) << base::name(verdict.code) << " " << verdict.field << "\n" << events.front();
  for (auto const code : verdict.recorded.codes) EXPECT_EQ(code, Code::done) << base::name(code);
  EXPECT_EQ(audit(), "");
  return std::move(verdict.recorded);
}

std::string Stage::refusal(std::string_view actor, std::vector<std::string> const& events,
                           std::vector<std::string> const& cosigners) {
  auto const before = log_size(state_);
  auto const verdict = record(actor, events, cosigners);
  if (verdict.code == Code::done) return "";
  EXPECT_EQ(log_size(state_), before);
  return std::string(base::name(verdict.code)) + " " + verdict.field;
}

Recorded Stage::hand_over(Handover const& handover, std::string_view offered, std::string_view accepted) {
  auto const offer = offer_text(handover, offered);
  std::vector<std::string> cosigners;
  if (handover.owners && handover.owners->first != handover.from) cosigners.push_back(handover.owners->first);
  must(handover.from, {offer}, cosigners);
  return must(handover.to, {accept_text(handover, accepted, offer)});
}

void Stage::limit(std::string_view firm, ledger::Scope scope) {
  ledger::Overlay block(state_);
  auto const id = ledger::state_key(Space::key, key_named(firm).view());
  auto key = ledger::load<ledger::KeyRecord>(block, id);
  ASSERT_TRUE(key.has_value());
  scope.acts = key->scope.acts;
  key->scope = std::move(scope);
  ledger::store(block, id, *key);
  close(block);
}

void Stage::act(std::string_view actor, std::vector<ledger::Signer> signers,
                std::function<Result<void>(Context&)> const& act, std::string* refusal) {
  ledger::Overlay block(state_);
  Context context{block, parameters_};
  context.height = ++height_;
  context.time_ms = next_block_ms_ != 0 ? next_block_ms_ : time_of("2026-12-01T00:00:00Z");
  next_block_ms_ = 0;
  if (!actor.empty()) {
    context.actor = party(actor);
    signers.push_back({party(actor), key_named(actor)});
  }
  std::sort(signers.begin(), signers.end());
  context.signers = std::move(signers);
  auto const result = act(context);
  if (refusal != nullptr) {
    *refusal = result ? "" : std::string(base::name(result.error().code)) + " " + result.error().field;
  } else {
    EXPECT_TRUE(result) << (result ? "" : base::to_string(result.error()));
  }
  if (result) close(block);
}

std::string Stage::tried(std::string_view actor, std::vector<ledger::Signer> signers,
                         std::function<Result<void>(Context&)> const& one) {
  std::string refusal;
  act(actor, std::move(signers), one, &refusal);
  return refusal;
}

void Stage::place(std::string_view site, int latitude, int longitude) {
  ledger::Overlay block(state_);
  auto record = ledger::load<ledger::SiteRecord>(block, Space::site, gln(site));
  ASSERT_TRUE(record.has_value());
  record->latitude_micro = static_cast<std::uint32_t>((latitude + 90) * 1'000'000);
  record->longitude_micro = static_cast<std::uint32_t>((longitude + 180) * 1'000'000);
  ledger::store(block, Space::site, gln(site), *record);
  close(block);
}

std::vector<std::string> Stage::alarms() const {
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i < ledger::alarm_count(state_); ++i) {
    auto const alarm = ledger::load<ledger::AlarmRecord>(state_, ledger::alarm_key(i));
    CHECK(alarm.has_value());
    out.push_back(std::string(enum_names(alarm->kind)[std::size_t(alarm->kind)]) + " " + alarm->subject + " " +
                  alarm->detail);
  }
  return out;
}

base::PartyKey key_of(std::string_view name) { return key_named(name); }

void Stage::block_at(std::string_view time) { next_block_ms_ = time_of(time); }

std::string Stage::balance(std::string_view lot) const {
  std::map<std::string, std::pair<Micro, Micro>> lines;
  for (auto const& holding : ledger::holdings(state_, lot)) {
    auto const custodian = short_name(holding.party);
    auto const owner = short_name(holding.owner);
    auto& line = lines[custodian == owner ? custodian : custodian + "/" + owner];
    line.first += holding.quantity;
    line.second += holding.disputed;
  }
  std::string out;
  auto const number = [](Micro micro) { return base::to_decimal_literal(static_cast<base::i128>(micro), 6); };
  for (auto const& [name, line] : lines) {
    out += (out.empty() ? "" : ", ") + name + " " + number(line.first);
    if (line.second > 0) out += " !" + number(line.second);
  }
  return out;
}

std::uint64_t Stage::leaves(std::string_view link) const {
  auto const key = gs1::read_key(link);
  CHECK(key.has_value());
  for (auto const space : {Space::item, Space::lot, Space::unit, Space::thing}) {
    auto const count = ledger::history_count(state_, ledger::state_key(space, key->uri));
    if (count > 0) return count;
  }
  return 0;
}

}  // namespace contracts::goods::test
