// SPDX-License-Identifier: Apache-2.0
// How goods of a journey come to be, are changed and packed; what is said of all kinds of steps.
#include "testnet/teller.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "gs1/identifier.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;
using ledger::Micro;
using ledger::TimeMs;

namespace {

constexpr Micro piece = 1'000'000;
/// Serials that one event of many names; an assembly names each twice, as a part and in its bond.
constexpr std::size_t serials_an_event = 2000;
constexpr std::size_t bonds_an_event = 1000;
constexpr TimeMs cartons_before_ms = base::hour_ms;

char const* zone_of(std::string_view country) {
  constexpr std::pair<std::string_view, char const*> zones[] = {{"CN", "+08:00"}, {"TR", "+03:00"}, {"PT", "+01:00"}};
  for (auto const& [name, zone] : zones) {
    if (name == country) return zone;
  }
  return "+02:00";
}

std::string unit_of_measure(Stock const& stock) { return stock.uom == "EA" ? "" : stock.uom; }

std::vector<std::string> slice(std::vector<std::string> const& all, std::size_t begin, std::size_t size) {
  auto const from = std::min(begin, all.size());
  auto const to = std::min(begin + size, all.size());
  return {all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to)};
}

Value number(Micro micro) {
  Value out;
  out.kind = Value::Kind::number;
  out.text = decimal(micro);
  return out;
}

Value lot_of_serials(std::string const& lot) {
  auto out = Value::object();
  out.add("tally:lot", Value::of(lot));
  return out;
}

}  // namespace

EventWriter Teller::writer(char const* type, TimeMs time) const { return {type, time, zone_of(site_->country)}; }

std::string Teller::document(std::string const& code, std::string const& kind, Step const& step) const {
  return shipment_link(gln(code), kind + std::to_string(step.number));
}

Result<std::vector<std::string>> Teller::signers(Fields const& event) const {
  TRY_ASSIGN(auto out, event.texts("signers"));
  for (auto const& code : out) {
    if (world_->find(code) == nullptr) return event.error("signers", code + " is none of the file's orgs");
  }
  return out;
}

Result<std::string> Teller::party(Fields const& event, std::string_view name) const {
  TRY_ASSIGN(auto code, event.text(name));
  if (world_->find(code) == nullptr) return event.error(name, code + " is none of the file's orgs");
  return code;
}

Stock* Teller::stock(std::string const& link) {
  auto const found = std::ranges::find(stocks_, link, &Stock::link);
  return found == stocks_.end() ? nullptr : &*found;
}
Stock const* Teller::stock(std::string const& link) const { return const_cast<Teller*>(this)->stock(link); }

void Teller::book(std::map<std::string, Micro> const& lots, std::string const& from, std::string const& to) {
  for (auto const& [lot, amount] : lots) {
    auto* known = stock(lot);
    if (known == nullptr) continue;
    if (!from.empty()) {
      auto& held = known->held[from];
      held -= std::min(held, amount);
      if (held == 0) known->held.erase(from);
    }
    if (!to.empty()) known->held[to] += amount;
  }
}

void Teller::take_out(std::string const& item) {
  auto const lot = item_lots_.find(item);
  for (auto& [link, content] : units_) {
    if (std::erase(content.items, item) == 0 || lot == item_lots_.end()) continue;
    for (auto& [outer, around] : units_) {
      bool const holds = outer == link || std::ranges::find(around.units, link) != around.units.end();
      if (holds) around.lots[lot->second] -= std::min(around.lots[lot->second], piece);
    }
  }
}

std::map<std::string, Micro> Teller::lots_of(std::vector<std::string> const& links) const {
  std::map<std::string, Micro> out;
  for (auto const& link : links) {
    if (auto const lot = item_lots_.find(link); lot != item_lots_.end()) out[lot->second] += piece;
  }
  return out;
}

Result<std::vector<std::string>> Teller::items(Fields const& event, std::vector<std::string> const& names) const {
  if (event.has("item")) return std::vector{"https://id.gs1.org/" + event.text_or("item")};
  std::vector<std::string> out;
  for (auto const& name : names) {
    TRY_ASSIGN(auto const serials, serials_of(name, event.error("items", "").field));
    for (auto const& serial : serials) {
      auto const found = items_.find(serial);
      if (found == items_.end()) return event.error("items", serial + " was made by no event before");
      out.push_back(found->second);
    }
  }
  return out;
}

/// What stands in quantityList beside units and serials: pieces or base units of each class.
void Teller::count(Subject& subject) const {
  std::map<std::string, std::pair<Micro, std::string>> classes;
  for (auto const& [lot, amount] : subject.lots) {
    auto const* known = stock(lot);
    auto& one = classes[known->gtin];
    one.first += amount;
    one.second = unit_of_measure(*known);
  }
  for (auto const& [gtin, one] : classes) subject.counts.push_back({class_link(gtin), decimal(one.first), one.second});
}

Teller::Subject Teller::units(std::vector<std::string> const& links) const {
  Subject out;
  out.epcs = links;
  for (auto const& link : links) {
    auto const content = units_.find(link);
    if (content == units_.end()) continue;
    for (auto const& [lot, amount] : content->second.lots) {
      if (amount > 0) out.lots[lot] += amount;
    }
  }
  count(out);
  return out;
}

/// What a list of an event names: units ("SSCC" is the one that was packed last), a lot by its number with the event's
/// quantity, or serials.
Result<Teller::Subject> Teller::subject(Fields const& event, std::string_view list) const {
  TRY_ASSIGN(auto const names, event.texts(list));
  auto const& first = names.front();
  if (first.starts_with("SSCC")) {
    if (unit_.empty()) return event.error(list, first + ": no event before packed a unit");
    return units({unit_});
  }
  if (auto const lot = lots_.find(first); lot != lots_.end()) {
    auto const* known = stock(lot->second);
    auto amount = known->total;
    if (event.has("qty")) {
      TRY_ASSIGN(amount, event.amount("qty"));
    }
    Subject out;
    out.counts.push_back({lot->second, decimal(amount), unit_of_measure(*known)});
    out.lots[lot->second] = amount;
    return out;
  }
  Subject out;
  TRY_ASSIGN(out.epcs, items(event, names));
  out.lots = lots_of(out.epcs);
  return out;
}

void Teller::write(EventWriter& text, Subject const& subject) const {
  if (!subject.epcs.empty()) text.texts("epcList", subject.epcs);
  if (!subject.counts.empty()) text.quantities("quantityList", subject.counts);
}

void Teller::add_claim(EventWriter& text, Fields const& event) const {
  auto const certificate = event.text_or("cert");
  if (!certificate.empty()) text.text("certificationInfo", "urn:tally:certificate:" + certificate);
  if (event.has("claim")) text.text("tally:claim", event.text_or("claim"));
}

void Teller::add_mode(EventWriter& text, Fields const& event) const {
  if (event.has("mode")) text.text("tally:mode", event.text_or("mode"));
}

Result<Stock*> Teller::make(Fields const& output, std::string const& claim, std::string const& owner) {
  TRY_ASSIGN(auto const item, output.text("item"));
  auto link = "https://id.gs1.org/" + item;
  auto const range = link.find("/21/");
  std::vector<std::string> serials;
  if (range != link.npos) {
    TRY_ASSIGN(serials, serials_of(link.substr(range + 4), output.error("item", "").field));
    TRY_ASSIGN(auto const lot, output.text("lot"));
    link = link.substr(0, range) + "/10/" + lot;
  }
  auto const key = gs1::read_key(link);
  if (!key || key->kind != gs1::KeyKind::lot || world_->find_product(key->primary) == nullptr) {
    return output.error("item", "write 01/GTIN/10/LOT, or 01/GTIN/21/FIRST..LAST with a lot, of a product of the file");
  }
  TRY_ASSIGN(auto const amount, output.amount("qty"));
  if (!serials.empty() && amount != serials.size() * piece) {
    return output.error("qty", "as many as there are serials: " + std::to_string(serials.size()));
  }
  for (auto const& serial : serials) {
    items_[serial] = item_link(key->primary, serial);
    item_lots_[items_[serial]] = link;
  }
  lots_[link.substr(link.rfind('/') + 1)] = link;
  where_[link] = site_;
  auto* known = stock(link);
  if (known == nullptr) {
    stocks_.push_back({link, key->primary, output.text_or("uom", "EA"), claim, 0, {}});
    known = &stocks_.back();
  }
  known->total += amount;
  known->held[owner] += amount;
  last_ = {};
  last_.counts.push_back({link, decimal(amount), unit_of_measure(*known)});
  last_.lots[link] = amount;
  return known;
}

Result<void> Teller::produce(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const outputs, event.list("out"));
  if (outputs.empty()) return event.error("out", "write what is made");
  Act act{by, {}, {}, out.time_ms};
  for (auto const& output : outputs) {
    TRY_ASSIGN(auto* made, make(output, event.text_or("claim"), by.front()));
    out.title += last_.counts.front().quantity + " " + made->uom;
    auto const add = [&](EventWriter& text, char const* step) {
      text.step(step, "active").at(site_->gln, site_->gln);
      add_claim(text, event);
      act.events.push_back(text.json());
    };
    auto const item = output.text_or("item");
    auto const range = item.find("/21/");
    if (range == item.npos) {
      auto text = writer("ObjectEvent", out.time_ms);
      text.text("action", "ADD").quantities("quantityList", last_.counts);
      add(text, "creating_class_instance");
      continue;
    }
    TRY_ASSIGN(auto const serials, serials_of(item.substr(range + 4), ""));
    TRY_ASSIGN(auto const links, items(event, serials));
    for (std::size_t i = 0; i < links.size(); i += serials_an_event) {
      auto text = writer("ObjectEvent", out.time_ms);
      text.text("action", "ADD").texts("epcList", slice(links, i, serials_an_event));
      text.value("ilmd", lot_of_serials(made->link));
      add(text, "commissioning");
    }
  }
  if (event.has("cert")) out.title += " under " + event.text_or("cert");
  out.acts.push_back(std::move(act));
  return {};
}

/// What goes in: lots with their quantity, or serials.
Result<Teller::Subject> Teller::inputs(Fields const& event) const {
  Subject out;
  TRY_ASSIGN(auto const named, event.list("inp"));
  for (auto const& input : named) {
    auto const& pair = input.value().items;
    if (pair.size() != 2) return input.error("", "write [lot or serials, quantity]");
    auto const pieces = serials_of(pair[0].text, "");
    if (auto const lot = lots_.find(pair[0].text); lot != lots_.end()) {
      auto pair_of = Value::object();
      pair_of.add("qty", pair[1]);
      TRY_ASSIGN(auto const amount, Fields(pair_of, input.error("1", "").field).amount("qty"));
      out.counts.push_back({lot->second, decimal(amount), unit_of_measure(*stock(lot->second))});
      out.lots[lot->second] += amount;
    } else {
      if (!pieces || !items_.contains(pieces->front())) {
        return event.error("inp", pair[0].text + " was made by no event before");
      }
      TRY_ASSIGN(auto const links, items(event, {pair[0].text}));
      out.epcs.insert(out.epcs.end(), links.begin(), links.end());
    }
  }
  for (auto const& [lot, amount] : lots_of(out.epcs)) out.lots[lot] += amount;
  return out;
}

/// Inputs and outputs by lot or by serial; many serials are written in several events of one transformationID. In an
/// assembly the serials that go in and come out are bound, one to one.
Result<void> Teller::transform(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const used, inputs(event));
  TRY_ASSIGN(auto const outputs, event.list("out"));
  if (outputs.size() != 1) return event.error("out", "write what is made, one product");
  TRY_ASSIGN(auto* made, make(outputs.front(), event.text_or("claim"), by.front()));
  book(used.lots, by.front(), {});
  auto const& components = used.epcs;
  for (auto const& component : components) take_out(component);
  std::vector<std::string> products;
  auto const item = outputs.front().text_or("item");
  if (auto const range = item.find("/21/"); range != item.npos) {
    TRY_ASSIGN(auto const serials, serials_of(item.substr(range + 4), ""));
    TRY_ASSIGN(products, items(event, serials));
  }
  bool const binds = out.kind == "assemble" && components.size() == products.size();
  auto const recipe = event.text_or("recipe");
  Act act{by, {}, {}, out.time_ms};
  auto const size = std::max(components.size(), products.size());
  auto const each = binds ? bonds_an_event : serials_an_event;
  for (std::size_t i = 0; i == 0 || i < size; i += each) {
    auto const in = slice(components, i, each);
    auto const produced = slice(products, i, each);
    auto text = writer("TransformationEvent", out.time_ms);
    if (i == 0 && !used.counts.empty()) text.quantities("inputQuantityList", used.counts);
    if (!in.empty()) text.texts("inputEPCList", in);
    if (!produced.empty()) text.texts("outputEPCList", produced).value("ilmd", lot_of_serials(made->link));
    if (products.empty()) text.quantities("outputQuantityList", last_.counts);
    text.text("transformationID", document(by.front(), "T", out));
    text.step(binds ? "assembling" : products.empty() ? "creating_class_instance" : "commissioning", "active");
    text.at(site_->gln, site_->gln).text("tally:recipe", recipe);
    add_claim(text, event);
    if (i == 0 && event.has("loss")) {
      TRY_ASSIGN(auto const lost, event.amount("loss"));
      auto loss = Value::object();
      loss.add("tally:quantity", number(lost));
      loss.add("tally:uom", Value::of("KGM"));
      text.value("tally:loss", std::move(loss));
    }
    if (binds) {
      auto pairs = Value::array();
      for (std::size_t k = 0; k < in.size(); ++k) {
        pairs.items.push_back(Value::array({Value::of(in[k]), Value::of(produced[k])}));
        bound_[in[k]] = produced[k];
      }
      text.value("tally:bind", std::move(pairs));
    }
    act.events.push_back(text.json());
  }
  out.title = last_.counts.front().quantity + " " + made->uom + " by " + recipe;
  out.acts.push_back(std::move(act));
  return {};
}

/// One serial becomes another; what is built in besides is no goods of the ledger.
Result<void> Teller::refurbish(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const before, event.text("item_in"));
  TRY_ASSIGN(auto const after, event.text("item_out"));
  auto const old_item = "https://id.gs1.org/" + before;
  auto const number = after.substr(after.rfind('/') + 1);
  auto output = Value::object();
  output.add("item", Value::of(after + ".." + number));
  output.add("qty", Value::of(std::uint64_t{1}));
  output.add("lot", Value::of(event.text_or("lot", "RF" + std::to_string(out.number))));
  book(lots_of({old_item}), by.front(), {});
  TRY_ASSIGN(auto* made, make(Fields(output, event.error("item_out", "").field), {}, by.front()));
  auto text = writer("TransformationEvent", out.time_ms);
  text.texts("inputEPCList", {old_item}).texts("outputEPCList", {items_[number]});
  text.value("ilmd", lot_of_serials(made->link)).text("transformationID", document(by.front(), "T", out));
  text.step("repairing", "active").at(site_->gln, site_->gln).value("tally:unbalanced", Value::of(true));
  out.title = number + " is " + after.substr(3, 14) + " now";
  out.acts.push_back({by, {text.json()}, {}, out.time_ms});
  return {};
}

/// Goods that are no more.
Result<void> Teller::remove(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const gone, subject(event, "items"));
  auto text = writer("ObjectEvent", out.time_ms);
  write(text, gone);
  text.text("action", "DELETE").step("destroying", out.kind == "recycle" ? "disposed" : "destroyed");
  text.at(site_->gln, site_->gln);
  add_mode(text, event);
  book(gone.lots, by.front(), {});
  for (auto const& item : gone.epcs) take_out(item);
  TRY_ASSIGN(auto const names, event.texts("items"));
  out.title = names.front() + (out.kind == "recycle" ? " recycled" : " destroyed");
  out.acts.push_back({by, {text.json()}, {}, out.time_ms});
  return {};
}

std::string Teller::new_unit(std::string const& parent) {
  auto const prefix = parent.substr(parent.rfind('/') + 2, 7);
  auto const serial = std::to_string(100 + ++unit_numbers_[prefix]);
  auto const digits = "0" + prefix + std::string(9 - serial.size(), '0') + serial;
  return sscc_link(digits + gs1::check_digit(digits));
}

/// Serials into cartons, cartons onto the pallet.
Result<void> Teller::aggregate(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const parent, event.text("parent"));
  TRY_ASSIGN(auto const range, event.text("children"));
  TRY_ASSIGN(auto const children, items(event, {range}));
  TRY_ASSIGN(auto const cartons, event.whole("cartons"));
  unit_ = "https://id.gs1.org/" + parent;
  if (!gs1::read_key(unit_)) return event.error("parent", "write 00/ and an SSCC of 18 digits");
  if (cartons == 0 || children.size() % cartons != 0) {
    return event.error("cartons", "so many that each holds the same number of the children");
  }
  auto const each = children.size() / cartons;
  std::vector<std::string> links;
  if (event.has("carton_ssccs")) {
    TRY_ASSIGN(auto const given, event.texts("carton_ssccs"));
    for (auto const& one : given) links.push_back("https://id.gs1.org/" + one);
  }
  while (links.size() < cartons) links.push_back(new_unit(unit_));
  if (links.size() != cartons) return event.error("carton_ssccs", "one for each carton");
  Act act{by, {}, {}, out.time_ms};
  Content all;
  for (std::size_t i = 0; i < cartons; ++i) {
    Content content;
    content.items = slice(children, i * each, each);
    content.lots = lots_of(content.items);
    auto carton = writer("AggregationEvent", out.time_ms - cartons_before_ms);
    carton.text("parentID", links[i]).texts("childEPCs", content.items).text("action", "ADD");
    act.events.push_back(carton.step("packing", "in_progress").at(site_->gln, site_->gln).json());
    for (auto const& [lot, amount] : content.lots) all.lots[lot] += amount;
    units_[links[i]] = std::move(content);
  }
  auto pallet = writer("AggregationEvent", out.time_ms);
  pallet.text("parentID", unit_).texts("childEPCs", links).text("action", "ADD").step("packing", "in_progress");
  act.events.push_back(pallet.at(site_->gln, site_->gln).json());
  all.units = links;
  units_[unit_] = std::move(all);
  where_[unit_] = site_;
  last_ = units({unit_});
  out.title = std::to_string(cartons) + " cartons on pallet " + parent.substr(3);
  out.acts.push_back(std::move(act));
  return {};
}

/// A quantity of a lot into a unit, and loggers with it.
Result<void> Teller::pack(Fields const& event, Step& out) {
  TRY_ASSIGN(auto const by, signers(event));
  TRY_ASSIGN(auto const parent, event.text("parent"));
  TRY_ASSIGN(auto const number, event.text("children"));
  TRY_ASSIGN(auto const amount, event.amount("qty"));
  auto const lot = lots_.find(number);
  if (lot == lots_.end()) return event.error("children", number + " was made by no event before");
  unit_ = "https://id.gs1.org/" + parent;
  if (!gs1::read_key(unit_)) return event.error("parent", "write 00/ and an SSCC of 18 digits");
  auto text = writer("AggregationEvent", out.time_ms);
  text.text("parentID", unit_);
  text.quantities("childQuantityList", {{lot->second, decimal(amount), unit_of_measure(*stock(lot->second))}});
  text.text("action", "ADD").step("packing", "in_progress").at(site_->gln, site_->gln);
  add_mode(text, event);
  units_[unit_].lots[lot->second] += amount;
  where_[unit_] = site_;
  last_ = units({unit_});
  out.title = decimal(amount) + " " + stock(lot->second)->uom + " in " + parent.substr(3);
  out.acts.push_back({by, {text.json()}, {}, out.time_ms});
  if (!event.has("sensors")) return {};
  TRY_ASSIGN(auto const loggers, event.texts("sensors"));
  std::vector<std::string> links;
  for (auto const& one : loggers) {
    auto const device = devices_.find(one);
    if (device == devices_.end()) return event.error("sensors", one + " is none of the journey's sensor.ids");
    links.push_back(device->second);
  }
  auto bound = writer("AssociationEvent", out.time_ms);
  bound.text("parentID", unit_).texts("childEPCs", links).text("action", "ADD").text("bizStep", "installing");
  out.acts.back().events.push_back(bound.at(site_->gln, site_->gln).json());
  return {};
}

}  // namespace testnet
