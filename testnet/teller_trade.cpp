// SPDX-License-Identifier: Apache-2.0
// What happens to goods of a journey between their making and their end: handovers, customs, sales, recalls.
#include <algorithm>

#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "testnet/teller.hpp"

namespace testnet {

using base::Result;
using base::Value;
using ledger::Micro;
using ledger::TimeMs;

namespace {

constexpr TimeMs offer_before_ms = 30 * base::minute_ms;
constexpr TimeMs offer_holds_ms = 3 * base::day_ms;
constexpr TimeMs declaration_before_ms = base::hour_ms;
constexpr TimeMs departure_before_ms = 2 * base::hour_ms;
constexpr TimeMs unpacked_before_ms = 12 * base::hour_ms;

}  // namespace

Result<Step> Teller::step(Fields const& event) {
  Step out;
  if (event.has("n")) {
    TRY_ASSIGN(auto const number, event.whole("n"));
    out.number = static_cast<unsigned>(number);
  }
  TRY_ASSIGN(out.kind, event.text("kind"));
  TRY_ASSIGN(out.time_ms, event.time("time"));
  TRY_ASSIGN(auto const site, event.text("site"));
  site_ = world_->find_site(site);
  if (site_ == nullptr) return event.error("site", site + " is no site of the file's orgs");
  out.place = site_->places.empty() ? site : static_cast<std::string const&>(site_->places.front().text);
  using Kind = Told (Teller::*)(Fields const&, Step&);
  constexpr std::pair<std::string_view, Kind> kinds[] = {
      {"produce", &Teller::produce},
      {"transform", &Teller::transform},
      {"assemble", &Teller::transform},
      {"refurbish", &Teller::refurbish},
      {"scrap", &Teller::remove},
      {"recycle", &Teller::remove},
      {"move", &Teller::move},
      {"inspect", &Teller::inspect},
      {"aggregate", &Teller::aggregate},
      {"pack", &Teller::pack},
      {"handover", &Teller::handover},
      {"disaggregate+handover", &Teller::unpack},
      {"arrive", &Teller::arrive},
      {"customs_export", &Teller::customs},
      {"customs_import", &Teller::customs},
      {"retail_sell", &Teller::sell},
      {"return", &Teller::take_back},
      {"recall", &Teller::recall},
  };
  if (out.kind == "auto_release") {
    out.title = "the last part is released by its own deadline";
    return out;
  }
  for (auto const& [name, tell] : kinds) {
    if (name != out.kind) continue;
    TRY((this->*tell)(event, out));
    return out;
  }
  return event.error("kind", out.kind + " is no kind of step: see docs/journeys.md");
}

void Teller::note_owner(Fields const& event, Subject const& goods, Step& out) {
  auto const title = event.text_or("title");
  if (title.empty()) return;
  auto const by = title.find(" by ");
  out.owner = title.substr(0, by);
  out.by_contract = by != title.npos;
  out.owned.clear();
  if (!goods.epcs.empty()) out.owned.push_back(goods.epcs.front());
  if (goods.epcs.size() > 1) out.owned.push_back(goods.epcs.back());
  if (!out.owned.empty()) return;
  for (auto const& [lot, amount] : goods.lots) out.owned.push_back(lot);
}

Result<void> Teller::move(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const moved, subject(event, "items"));
  auto const name = moved.epcs.empty() ? moved.counts.front().epc_class : moved.epcs.front();
  auto const known = where_.find(name);
  auto const* from = known == where_.end() ? site_ : known->second;
  auto const write_step = [&](TimeMs time, ledger::AddSite const& at, bool arrives) {
    EventWriter text = writer("ObjectEvent", time);
    write(text, moved);
    text.text("action", "OBSERVE").step(arrives ? "arriving" : "departing", arrives ? "in_progress" : "in_transit");
    text.at(at.gln, arrives ? at.gln : ledger::Gln());
    add_mode(text, event);
    return text.json();
  };
  auto const left_ms = out.time_ms - departure_before_ms;
  out.acts.push_back({by, {write_step(left_ms, *from, false)}, {}, left_ms});
  out.acts.push_back({by, {write_step(out.time_ms, *site_, true)}, {}, out.time_ms});
  where_[name] = site_;
  TRY_ASSIGN(auto const names, event.texts("items"));
  out.title = names.front() + " moved";
  return {};
}

Result<void> Teller::inspect(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const result, event.text("result"));
  auto seen = last_;
  if (seen.epcs.empty() && seen.counts.empty()) return event.error("kind", "no goods were made before");
  std::string sample;
  if (event.has("sample")) {
    TRY_ASSIGN(auto const count, event.amount("sample"));
    sample = decimal(count);
    for (auto& one : seen.counts) one.quantity = sample;
  }
  auto text = writer("ObjectEvent", out.time_ms);
  write(text, seen);
  text.text("action", "OBSERVE").step("inspecting", result == "pass" ? "conformant" : "non_conformant");
  text.at(site_->gln, {});
  auto const report = event.text_or("doc", "SAMPLE-" + std::to_string(out.number));
  text.transaction("testres", shipment_link(gln(by.front()), report));
  out.title = result + (sample.empty() ? "" : ", sample of " + sample);
  out.acts.push_back({by, {text.json()}, {}, out.time_ms});
  return {};
}

Result<void> Teller::arrive(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  if (last_.epcs.empty() && last_.counts.empty()) return event.error("kind", "no goods were handed over before");
  auto text = writer("ObjectEvent", out.time_ms);
  if (last_.epcs.empty()) {
    text.quantities("quantityList", last_.counts);
  } else {
    text.texts("epcList", last_.epcs);
  }
  text.text("action", "OBSERVE").step("arriving", "in_transit").at(site_->gln, {});
  add_mode(text, event);
  out.title = "arrived by " + event.text_or("mode");
  out.acts.push_back({by, {text.json()}, {}, out.time_ms});
  return {};
}

/// The carrier declares, the customs key releases.
Result<void> Teller::customs(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const mrn, event.text("mrn"));
  if (by.size() != 2) return event.error("signers", "write who declares and whose customs key releases");
  auto const write_step = [&](TimeMs time) {
    auto text = writer("ObjectEvent", time);
    if (last_.epcs.empty()) {
      text.quantities("quantityList", last_.counts);
    } else {
      text.texts("epcList", last_.epcs);
    }
    text.text("action", "OBSERVE").step(("https://tallystick.example/ns/" + out.kind).c_str(), "in_transit");
    text.at(site_->gln, {}).transaction("https://tallystick.example/ns/mrn", "urn:mrn:" + mrn);
    return text.text("tally:hs6", event.text_or("hs6", hs6_)).json();
  };
  auto const declared_ms = out.time_ms - declaration_before_ms;
  out.title = mrn + " released";
  out.acts.push_back({{by.front()}, {write_step(declared_ms)}, {}, declared_ms});
  out.acts.push_back({{by.back()}, {write_step(out.time_ms)}, {}, out.time_ms});
  return {};
}

/// Offer and accept of what the step names.
Result<void> Teller::handover(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const giver, party(event, "frm"));
  TRY_ASSIGN(auto const receiver, party(event, "to"));
  Subject goods;
  if (event.has("cartons")) {
    TRY_ASSIGN(auto const names, event.texts("items"));
    TRY_ASSIGN(auto const wanted, items(event, names));
    std::vector<std::string> links;
    for (auto const& [link, content] : units_) {
      bool const holds = std::ranges::any_of(
          content.items, [&](auto const& one) { return std::ranges::find(wanted, one) != wanted.end(); });
      if (holds) links.push_back(link);
    }
    goods = units(links);
  } else {
    TRY_ASSIGN(goods, subject(event, "items"));
  }
  auto const title = event.text_or("title");
  std::string new_owner;
  if (!title.empty() && title != "consumer" && title.find(" by ") == title.npos) {
    TRY_ASSIGN(auto const owner, party(event, "title"));
    new_owner = gln(owner);
  }
  auto taken = goods;
  if (event.has("count") && goods.counts.size() == 1) {
    TRY_ASSIGN(auto const count, event.amount("count"));
    taken.counts.front().quantity = decimal(count);
    if (taken.lots.size() == 1) taken.lots.begin()->second = std::min(count, taken.lots.begin()->second);
  }
  bool const short_of = taken.lots != goods.lots;
  auto const write_step = [&](TimeMs time, Subject const& named) {
    auto text = writer("ObjectEvent", time);
    write(text, named);
    return text.text("action", "OBSERVE");
  };
  auto const shipment = shipment_link(gln(giver), "SHIP" + std::to_string(1000 + out.number));
  auto const offered_ms = out.time_ms - offer_before_ms;
  auto offer = write_step(offered_ms, goods);
  offer.step("shipping", "in_transit").at(site_->gln, {}).transaction("desadv", shipment);
  offer.parties(gln(giver), gln(receiver), new_owner).text("tally:handover", "offer");
  offer.text("tally:expires", base::to_rfc3339(out.time_ms + offer_holds_ms));
  add_mode(offer, event);
  auto const offered = offer.json();
  auto accept = write_step(out.time_ms, taken);
  accept.step("receiving", short_of ? "mismatch_quantity" : "in_progress").at(site_->gln, site_->gln);
  accept.transaction("desadv", shipment).parties(gln(giver), gln(receiver), new_owner);
  accept.text("tally:handover", "accept").text("tally:answers", event_id(offered));
  out.title = giver + " to " + receiver;
  TRY_ASSIGN(auto const by, signers(event));
  out.acts.push_back({{giver}, {offered}, {}, offered_ms});
  out.acts.push_back({{by.back()}, {accept.json()}, {}, out.time_ms});
  book(taken.lots, giver, receiver);
  for (auto const& [lot, amount] : taken.lots) where_[lot] = site_;
  for (auto const& link : goods.epcs) where_[link] = site_;
  if (!event.has("cartons")) last_ = goods;
  note_owner(event, goods, out);
  return {};
}

/// Cartons come off the pallet and are handed over.
Result<void> Teller::unpack(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const giver, party(event, "frm"));
  TRY_ASSIGN(auto const names, event.texts("items"));
  TRY_ASSIGN(auto const wanted, items(event, names));
  auto const pallet = units_.find(unit_);
  if (pallet == units_.end()) return event.error("items", "no event before packed a pallet");
  std::vector<std::string> off;
  for (auto const& link : pallet->second.units) {
    auto const& inside = units_[link].items;
    bool const holds =
        std::ranges::any_of(inside, [&](auto const& one) { return std::ranges::find(wanted, one) != wanted.end(); });
    if (holds) off.push_back(link);
  }
  if (off.empty()) return event.error("items", "they are in no carton of the pallet");
  auto const unpacked_ms = out.time_ms - unpacked_before_ms;
  auto const* from = where_[unit_];
  auto text = writer("AggregationEvent", unpacked_ms);
  text.text("parentID", unit_).texts("childEPCs", off).text("action", "DELETE").step("unpacking", "in_progress");
  out.acts.push_back({{giver}, {text.at(from->gln, from->gln).json()}, {}, unpacked_ms});
  for (auto const& link : off) {
    std::erase(pallet->second.units, link);
    for (auto const& [lot, amount] : units_[link].lots) {
      auto& left = pallet->second.lots[lot];
      left -= std::min(left, amount);
    }
  }
  last_ = units({unit_});
  TRY(handover(event, out));
  out.title = std::to_string(off.size()) + " cartons off the pallet, " + out.title;
  return {};
}

/// Serials with a covered code, or a quantity of a lot: `qty`, or `orders` of `per_order_kg` each.
Result<void> Teller::sell(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto goods, subject(event, "items"));
  TRY_ASSIGN(auto const names, event.texts("items"));
  if (event.has("orders") && goods.epcs.empty()) {
    TRY_ASSIGN(auto const orders, event.whole("orders"));
    TRY_ASSIGN(auto const each, event.amount("per_order_kg"));
    if (orders == 0 || orders > 1'000'000) return event.error("orders", "write how many were sold");
    auto const amount = orders * each;
    goods.counts.front().quantity = decimal(amount);
    goods.lots.begin()->second = amount;
  }
  auto text = writer("ObjectEvent", out.time_ms);
  write(text, goods);
  text.text("action", "OBSERVE").step("retail_selling", "retail_sold").at(site_->gln, {});
  text.text("tally:handover", "sale");
  add_mode(text, event);
  for (auto const& item : goods.epcs) {
    ledger::SetClaimCode code;
    code.item = item;
    code.code_key_hash = crypto::hash(crypto::Tag::key, {key_of_("code").view()});
    out.acts.push_back({by, {}, {code}, out.time_ms - base::hour_ms});
    take_out(item);
  }
  out.title = names.front() + " sold";
  out.acts.push_back({by, {text.json()}, {}, out.time_ms});
  book(goods.lots, by.front(), "consumer");
  note_owner(event, goods, out);
  return {};
}

Result<void> Teller::take_back(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const goods, subject(event, "items"));
  TRY_ASSIGN(auto const names, event.texts("items"));
  auto text = writer("ObjectEvent", out.time_ms);
  write(text, goods);
  text.text("action", "OBSERVE").step("receiving", "returned").at(site_->gln, site_->gln);
  text.transaction("rma", document(by.front(), "RMA", out)).text("tally:handover", "return");
  if (event.has("reason")) text.text("tally:reason", event.text_or("reason"));
  add_mode(text, event);
  out.title = names.front() + " came back: " + event.text_or("reason", "no reason given");
  out.acts.push_back({by, {text.json()}, {}, out.time_ms});
  book(goods.lots, "consumer", by.front());
  note_owner(event, goods, out);
  return {};
}

/// `scope`: components, and what the ledger must find that they went into: "B1..B2 -> W1..W2".
Result<void> Teller::recall(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const scope, event.text("scope"));
  auto const arrow = scope.find(" -> ");
  TRY_ASSIGN(auto const named, items(event, {scope.substr(0, arrow)}));
  if (arrow != scope.npos) {
    TRY_ASSIGN(auto const reached, items(event, {scope.substr(arrow + 4)}));
    recalled_.insert(recalled_.end(), reached.begin(), reached.end());
  } else {
    recalled_.insert(recalled_.end(), named.begin(), named.end());
  }
  auto text = writer("ObjectEvent", out.time_ms);
  text.texts("epcList", named).text("action", "OBSERVE").step("holding", "recalled").at(site_->gln, {});
  auto set = Value::object();
  set.add("set", Value::array({Value::of("recalled")}));
  text.value("persistentDisposition", std::move(set));
  if (event.has("reason")) text.text("tally:cause", event.text_or("reason"));
  out.title = scope + " recalled";
  out.acts.push_back({by, {text.json()}, {}, out.time_ms});
  return {};
}

}  // namespace testnet
