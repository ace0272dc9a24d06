// SPDX-License-Identifier: Apache-2.0
#include "testnet/story.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "testnet/events.hpp"

namespace testnet {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;
using ledger::TimeMs;

constexpr TimeMs offer_before_ms = 30 * base::minute_ms;
constexpr TimeMs declaration_before_ms = base::hour_ms;
constexpr TimeMs offer_holds_ms = 3 * base::day_ms;

/// "2026-05-20T02:00Z" as the file writes it.
std::optional<TimeMs> file_time(std::string_view text) {
  if (text.size() == 17 && text.ends_with('Z')) return base::from_rfc3339(std::string(text.substr(0, 16)) + ":00Z");
  return base::from_rfc3339(text);
}

char const* zone_of(std::string_view country) {
  constexpr std::pair<std::string_view, char const*> zones[] = {{"CN", "+08:00"}, {"TR", "+03:00"}, {"PT", "+01:00"}};
  for (auto const& [name, zone] : zones) {
    if (name == country) return zone;
  }
  return "+02:00";
}

std::string literal(Value const& event, std::string_view name) {
  auto const* value = event.find(name);
  std::string text = value == nullptr ? "" : value->text;
  if (text.find('.') != std::string::npos) {
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
  }
  return text;
}

std::vector<std::string> texts(Value const& event, std::string_view name) {
  std::vector<std::string> out;
  if (auto const* list = event.find(name)) {
    for (auto const& item : list->items) out.push_back(item.text);
  }
  return out;
}

/// "S000001..S002000" as its serials.
std::vector<std::string> serials(std::string_view range) {
  auto const dots = range.find("..");
  if (dots == std::string_view::npos) return {std::string(range)};
  auto const first = range.substr(0, dots);
  auto const last = range.substr(dots + 2);
  auto const digits = first.find_first_of("0123456789");
  auto const width = first.size() - digits;
  auto const number = [&](std::string_view text) { return std::stoul(std::string(text.substr(digits))); };
  std::vector<std::string> out;
  for (auto n = number(first); n <= number(last); ++n) {
    auto text = std::to_string(n);
    text.insert(0, width - std::min(width, text.size()), '0');
    out.push_back(std::string(first.substr(0, digits)) + text);
  }
  return out;
}

class Teller {
 public:
  Teller(Value const& journey, World const& world, base::PartyKey const& code_key)
      : journey_(journey), world_(world), code_key_(code_key) {}

  Result<Step> step(Value const& event) {
    Step out;
    out.number = static_cast<unsigned>(base::from_decimal(event.find("n")->text).value_or(0));
    out.kind = event.string_of("kind");
    auto const time = file_time(event.string_of("time"));
    if (!time) return Error{Code::E_ENCODING, "events[" + std::to_string(out.number) + "].time", "no such time"};
    out.time_ms = *time;
    auto const& site = world_.site(event.string_of("site"));
    out.place = site.places.empty() ? std::string{} : static_cast<std::string const&>(site.places.front().text);
    if (out.kind == "produce") {
      produce(event, site, out);
    } else if (out.kind == "transform") {
      transform(event, site, out);
    } else if (out.kind == "handover") {
      handover(event, site, out, {});
    } else if (out.kind == "disaggregate+handover") {
      unpack(event, site, out);
    } else if (out.kind == "move") {
      move(event, site, out);
    } else if (out.kind == "inspect") {
      inspect(event, site, out);
    } else if (out.kind == "aggregate") {
      aggregate(event, site, out);
    } else if (out.kind == "arrive") {
      arrive(event, site, out);
    } else if (out.kind == "customs_export" || out.kind == "customs_import") {
      customs(event, site, out);
    } else if (out.kind == "retail_sell") {
      sell(event, site, out);
    } else if (out.kind == "auto_release") {
      out.title = "the last 10 % is released by its own deadline";
    } else {
      return Error{Code::E_ENCODING, "events[" + std::to_string(out.number) + "].kind", out.kind + " cannot be told"};
    }
    return out;
  }

 private:
  EventWriter writer(char const* type, TimeMs time, ledger::AddSite const& site) {
    return {type, time, zone_of(site.country)};
  }
  std::string gln(std::string_view code) { return world_.organisation(code).member.gln; }
  static std::string id(Value const& out) { return "https://id.gs1.org/" + std::string(out.string_of("item")); }

  /// A lot by its number alone, as later steps of the file name it.
  std::string lot(std::string const& number) { return lots_.at(number); }
  void remember_lot(std::string const& link) { lots_[link.substr(link.rfind('/') + 1)] = link; }

  void produce(Value const& event, ledger::AddSite const& site, Step& out) {
    auto const& made = event.find("out")->items.front();
    remember_lot(id(made));
    auto text = writer("ObjectEvent", out.time_ms, site);
    text.text("action", "ADD")
        .quantities("quantityList", {{id(made), literal(made, "qty"), std::string(made.string_of("uom"))}});
    text.step("creating_class_instance", "active").at(site.gln, site.gln);
    if (!event.string_of("cert").empty())
      text.text("certificationInfo", "urn:tally:certificate:" + std::string(event.string_of("cert")));
    out.title = literal(made, "qty") + " " + std::string(made.string_of("uom")) + " under " +
                std::string(event.string_of("cert"));
    out.acts.push_back({texts(event, "signers"), {text.json()}, {}, out.time_ms});
  }

  void transform(Value const& event, ledger::AddSite const& site, Step& out) {
    auto text = writer("TransformationEvent", out.time_ms, site);
    std::vector<EventWriter::Quantity> inputs;
    for (auto const& input : event.find("inp")->items) {
      auto amount = Value::object();
      amount.add("qty", input.items[1]);
      inputs.push_back({lot(input.items[0].text), literal(amount, "qty"), "KGM"});
    }
    text.quantities("inputQuantityList", inputs);
    auto const& made = event.find("out")->items.front();
    auto const link = id(made);
    auto const range = link.find("/21/");
    auto const recipe = std::string(event.string_of("recipe"));
    if (range == std::string::npos) {
      remember_lot(link);
      text.quantities("outputQuantityList", {{link, literal(made, "qty"), std::string(made.string_of("uom"))}});
      text.step("creating_class_instance", "active");
      out.title = literal(made, "qty") + " " + std::string(made.string_of("uom")) + " by " + recipe;
    } else {
      gtin_ = link.substr(range - 14, 14);
      std::vector<std::string> items;
      for (auto const& serial : serials(link.substr(range + 4))) items.push_back(item_link(gtin_, serial));
      items_lot_ = lot_link(gtin_, made.string_of("lot"));
      remember_lot(items_lot_);
      pieces_ = items.size();
      text.texts("outputEPCList", items).step("commissioning", "active");
      auto ilmd = Value::object();
      ilmd.add("tally:lot", Value::of(items_lot_));
      text.value("ilmd", std::move(ilmd));
      out.title = literal(made, "qty") + " pieces by " + recipe;
    }
    text.text("transformationID",
              shipment_link(gln(texts(event, "signers").front()), "T" + std::to_string(out.number)));
    text.at(site.gln, site.gln).text("tally:recipe", recipe);
    auto loss = Value::object();
    Value amount;
    amount.kind = Value::Kind::number;
    amount.text = literal(event, "loss");
    loss.add("tally:quantity", std::move(amount));
    loss.add("tally:uom", Value::of("KGM"));
    text.value("tally:loss", std::move(loss));
    out.acts.push_back({texts(event, "signers"), {text.json()}, {}, out.time_ms});
  }

  void move(Value const& event, ledger::AddSite const& site, Step& out) {
    auto const signers = texts(event, "signers");
    std::vector<EventWriter::Quantity> moved;
    for (auto const& item : texts(event, "items")) moved.push_back({lot(item), "123.5", "KGM"});
    // It leaves the organisation's first site two hours before it arrives.
    auto const& from = world_.organisation(signers.front()).places.front().site;
    auto const left_ms = out.time_ms - 2 * base::hour_ms;
    auto departing = writer("ObjectEvent", left_ms, from);
    departing.quantities("quantityList", moved)
        .text("action", "OBSERVE")
        .step("departing", "in_transit")
        .at(from.gln, "");
    departing.text("tally:mode", std::string(event.string_of("mode")));
    auto arriving = writer("ObjectEvent", out.time_ms, site);
    arriving.quantities("quantityList", moved)
        .text("action", "OBSERVE")
        .step("arriving", "in_progress")
        .at(site.gln, site.gln);
    arriving.text("tally:mode", std::string(event.string_of("mode")));
    out.title = texts(event, "items").front() + " moved";
    out.acts.push_back({signers, {departing.json()}, {}, left_ms});
    out.acts.push_back({signers, {arriving.json()}, {}, out.time_ms});
  }

  void inspect(Value const& event, ledger::AddSite const& site, Step& out) {
    auto const signers = texts(event, "signers");
    auto text = writer("ObjectEvent", out.time_ms, site);
    auto const sample = literal(event, "sample");
    if (pallet_.empty()) {
      text.quantities("quantityList", {{items_lot_, std::to_string(pieces_), ""}});
    } else {
      text.texts("epcList", {sscc_link(pallet_)}).quantities("quantityList", {{class_link(gtin_), sample, ""}});
    }
    bool const passed = event.string_of("result") == "pass";
    text.text("action", "OBSERVE").step("inspecting", passed ? "conformant" : "non_conformant").at(site.gln, "");
    auto const report =
        event.string_of("doc").empty() ? "SAMPLE-" + std::to_string(out.number) : std::string(event.string_of("doc"));
    text.transaction("testres", shipment_link(gln(signers.front()), report));
    out.title = std::string(event.string_of("result")) + (sample.empty() ? "" : ", sample of " + sample);
    out.acts.push_back({signers, {text.json()}, {}, out.time_ms});
  }

  void aggregate(Value const& event, ledger::AddSite const& site, Step& out) {
    auto const children = serials(event.string_of("children"));
    auto const ssccs = texts(event, "carton_ssccs");
    auto const per_carton = static_cast<std::size_t>(base::from_decimal(event.find("per_carton")->text).value_or(1));
    Act act{texts(event, "signers"), {}, {}, out.time_ms};
    std::vector<std::string> cartons;
    for (std::size_t i = 0; i < ssccs.size(); ++i) {
      std::vector<std::string> inside;
      for (std::size_t k = 0; k < per_carton; ++k) inside.push_back(item_link(gtin_, children[i * per_carton + k]));
      cartons.push_back("https://id.gs1.org/" + ssccs[i]);
      auto carton = writer("AggregationEvent", out.time_ms - base::hour_ms, site);
      carton.text("parentID", cartons.back())
          .texts("childEPCs", inside)
          .text("action", "ADD")
          .step("packing", "in_progress");
      act.events.push_back(carton.at(site.gln, site.gln).json());
    }
    pallet_ = std::string(event.string_of("parent")).substr(3);
    auto pallet = writer("AggregationEvent", out.time_ms, site);
    pallet.text("parentID", sscc_link(pallet_))
        .texts("childEPCs", cartons)
        .text("action", "ADD")
        .step("packing", "in_progress");
    act.events.push_back(pallet.at(site.gln, site.gln).json());
    cartons_ = cartons;
    out.title = std::to_string(cartons.size()) + " cartons on pallet " + pallet_;
    out.acts.push_back(std::move(act));
  }

  /// Offer and accept of what the step names: the pallet, cartons, or a lot.
  void handover(Value const& event, ledger::AddSite const& site, Step& out, std::vector<std::string> const& units) {
    std::string const giver(event.string_of("frm"));
    std::string const receiver(event.string_of("to"));
    bool const ownership_too = event.string_of("title") == receiver;
    auto const shipment = shipment_link(gln(giver), "SHIP" + std::to_string(1000 + out.number));
    auto const first_item = texts(event, "items").front();
    auto const write = [&](TimeMs time) {
      auto text = writer("ObjectEvent", time, site);
      if (!units.empty()) {
        text.texts("epcList", units);
        text.quantities("quantityList", {{class_link(gtin_), std::to_string(serials(first_item).size()), ""}});
      } else if (first_item == "SSCC1") {
        text.texts("epcList", {sscc_link(pallet_)});
        text.quantities("quantityList", {{class_link(gtin_), std::to_string(pieces_), ""}});
      } else {
        text.quantities("quantityList", {{lot(first_item), literal(event, "qty"), "KGM"}});
      }
      return text.text("action", "OBSERVE");
    };
    auto offer = write(out.time_ms - offer_before_ms);
    offer.step("shipping", "in_transit").at(site.gln, "").transaction("desadv", shipment);
    offer.parties(gln(giver), gln(receiver), ownership_too).text("tally:handover", "offer");
    offer.text("tally:expires", base::to_rfc3339(out.time_ms + offer_holds_ms))
        .text("tally:mode", std::string(event.string_of("mode")));
    auto const offered = offer.json();
    auto accept = write(out.time_ms);
    accept.step("receiving", "in_progress").at(site.gln, site.gln).transaction("desadv", shipment);
    accept.parties(gln(giver), gln(receiver), ownership_too).text("tally:handover", "accept");
    accept.text("tally:answers", event_id(offered));
    out.title = giver + " to " + receiver;
    out.acts.push_back({{giver}, {offered}, {}, out.time_ms - offer_before_ms});
    out.acts.push_back({{receiver}, {accept.json()}, {}, out.time_ms});
  }

  void unpack(Value const& event, ledger::AddSite const& site, Step& out) {
    auto const count = static_cast<std::size_t>(base::from_decimal(event.find("cartons")->text).value_or(0));
    std::vector<std::string> const units(cartons_.begin(), cartons_.begin() + static_cast<std::ptrdiff_t>(count));
    std::string const giver(event.string_of("frm"));
    auto const& from = world_.organisation(giver).places.front().site;
    auto const unpacked_ms = out.time_ms - 12 * base::hour_ms;
    auto text = writer("AggregationEvent", unpacked_ms, from);
    text.text("parentID", sscc_link(pallet_))
        .texts("childEPCs", units)
        .text("action", "DELETE")
        .step("unpacking", "in_progress");
    out.acts.push_back({{giver}, {text.at(from.gln, from.gln).json()}, {}, unpacked_ms});
    handover(event, site, out, units);
    out.title = std::to_string(count) + " cartons off the pallet, " + out.title;
  }

  void arrive(Value const& event, ledger::AddSite const& site, Step& out) {
    auto text = writer("ObjectEvent", out.time_ms, site);
    text.texts("epcList", {sscc_link(pallet_)})
        .text("action", "OBSERVE")
        .step("arriving", "in_transit")
        .at(site.gln, "");
    text.text("tally:mode", std::string(event.string_of("mode")));
    out.title = "arrived by " + std::string(event.string_of("mode"));
    out.acts.push_back({texts(event, "signers"), {text.json()}, {}, out.time_ms});
  }

  /// The carrier declares, the customs key releases.
  void customs(Value const& event, ledger::AddSite const& site, Step& out) {
    auto const signers = texts(event, "signers");
    auto const write = [&](TimeMs time) {
      auto text = writer("ObjectEvent", time, site);
      text.texts("epcList", {sscc_link(pallet_)}).text("action", "OBSERVE");
      text.step(("https://tallystick.example/ns/" + out.kind).c_str(), "in_transit").at(site.gln, "");
      text.transaction("https://tallystick.example/ns/mrn", "urn:mrn:" + std::string(event.string_of("mrn")));
      return text.text("tally:hs6", std::string(journey_.string_of("hs6"))).json();
    };
    out.title = std::string(event.string_of("mrn")) + " released";
    auto const declared_ms = out.time_ms - declaration_before_ms;
    out.acts.push_back({{signers.front()}, {write(declared_ms)}, {}, declared_ms});
    out.acts.push_back({{signers.back()}, {write(out.time_ms)}, {}, out.time_ms});
  }

  void sell(Value const& event, ledger::AddSite const& site, Step& out) {
    auto const serial = texts(event, "items").front();
    auto text = writer("ObjectEvent", out.time_ms, site);
    text.texts("epcList", {item_link(gtin_, serial)}).text("action", "OBSERVE").step("retail_selling", "retail_sold");
    text.at(site.gln, "").text("tally:handover", "sale").text("tally:mode", std::string(event.string_of("mode")));
    out.title = serial + " sold";
    ledger::SetClaimCode code;
    code.item = item_link(gtin_, serial);
    code.code_key_hash = crypto::hash(crypto::Tag::key, {code_key_.view()});
    out.acts.push_back({texts(event, "signers"), {}, {code}, out.time_ms - base::hour_ms});
    out.acts.push_back({texts(event, "signers"), {text.json()}, {}, out.time_ms});
  }

  Value const& journey_;
  World const& world_;
  base::PartyKey code_key_;
  std::map<std::string, std::string> lots_;
  /// Of the serials: their class and the lot that they are of.
  std::string gtin_;
  std::string items_lot_;
  std::string pallet_;
  std::vector<std::string> cartons_;
  std::size_t pieces_ = 0;
};

/// One transaction of the issuer for each certificate of the journey; a quota is in kilograms.
Result<Act> certificate_act(Value const& entry, World const& world, TimeMs time_ms) {
  ledger::IssueCertificate certificate;
  certificate.number = entry.string_of("id");
  certificate.scheme = entry.string_of("scheme");
  certificate.holder = world.organisation(entry.string_of("holder")).party();
  for (auto const& gtin : texts(entry, "scope")) certificate.products.emplace_back(gtin);
  auto const valid = texts(entry, "valid");
  auto const from = valid.size() == 2 ? base::from_date(valid[0]) : std::nullopt;
  auto const until = valid.size() == 2 ? base::from_date(valid[1]) : std::nullopt;
  if (!from || !until) return Error{Code::E_ENCODING, certificate.number + ".valid", "expected two dates"};
  certificate.valid_from_ms = *from;
  certificate.valid_until_ms = *until + base::day_ms;
  certificate.document = crypto::sha256(base::bytes_of(certificate.number));
  if (entry.find("quota_kg") != nullptr) {
    auto const quota = base::from_decimal_literal(literal(entry, "quota_kg"), 6);
    if (!quota || *quota < 0) return Error{Code::E_ENCODING, certificate.number + ".quota_kg", "expected kilograms"};
    certificate.quota = static_cast<ledger::Micro>(*quota);
  }
  return Act{{std::string(entry.string_of("issuer"))}, {}, {certificate}, time_ms};
}

}  // namespace

Result<Story> tell(Value const& journeys, std::string_view name, World const& world, base::PartyKey const& code_key) {
  auto const* all = journeys.find("journeys");
  auto const* journey = all == nullptr ? nullptr : all->find(name);
  if (journey == nullptr) return Error{Code::E_ENCODING, std::string(name), "no such journey in the file"};
  Story out;
  out.name = name;
  out.title = journey->string_of("title");
  Teller teller(*journey, world, code_key);
  for (auto const& event : journey->find("events")->items) {
    TRY_ASSIGN(auto step, teller.step(event));
    out.steps.push_back(std::move(step));
  }
  for (auto const& entry : journey->find("certs")->items) {
    TRY_ASSIGN(auto act, certificate_act(entry, world, out.steps.front().time_ms - base::day_ms));
    out.certificates.push_back(std::move(act));
  }
  return out;
}

}  // namespace testnet
