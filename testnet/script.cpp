// SPDX-License-Identifier: Apache-2.0
#include "testnet/script.hpp"

#include <algorithm>
#include <set>

#include "base/time.hpp"
#include "contracts/escrow/interpreter.hpp"
#include "contracts/escrow/scenario.hpp"
#include "crypto/hash.hpp"
#include "testnet/events.hpp"

namespace testnet {

namespace escrow = contracts::escrow;

using base::Code;
using base::Error;
using base::Result;
using base::Value;
using ledger::WatchKind;

namespace {

constexpr char const* zone = "+00:00";

bool is_true(Value const& value, std::string_view member) {
  auto const* found = value.find(member);
  return found != nullptr && found->is(Value::Kind::boolean) && found->boolean;
}

bool is_lot(std::string const& link) { return link.find("/10/") != std::string::npos; }

std::string lot_of(Cast const& cast, Freight const& freight, char const* kind) {
  return lot_link(freight.gtin, kind + std::to_string(cast.number));
}

}  // namespace

std::string const& Script::payee(std::size_t role) const {
  auto const found = assigned_.find(cast_->terms.roles[role].name);
  return found == assigned_.end() ? cast_->players[role] : found->second;
}

Freight const& Script::freight(std::size_t subject) const {
  auto const found = std::ranges::find(cast_->freight, subject, &Freight::subject);
  CHECK(found != cast_->freight.end());
  return *found;
}

/// Everything happens at the maker's gate: the way of the goods is another story.
std::string const& Script::place(Freight const& freight) const {
  return world_->organisation(freight.maker).places.front().site.gln;
}

Sending Script::by(std::vector<std::string> const& codes, std::string what) const {
  Sending out;
  out.what = cast_->contract + ", " + cast_->name + ": " + std::move(what);
  for (auto const& code : codes) {
    auto const& identity = signers_->staff->at(code);
    bool const there =
        std::ranges::any_of(out.signers, [&](wallet::Identity const& one) { return one.key == identity.key; });
    if (!there) out.signers.push_back(identity);
  }
  return out;
}

std::vector<Sending> Script::prepare(ledger::TimeMs now_ms) {
  now_ms_ = now_ms;
  std::vector<Sending> out;
  for (auto const& goods : cast_->freight) {
    auto const number = "CERT-SCENARIO-" + std::to_string(cast_->number);
    if (goods.claimed > 0) {
      ledger::IssueCertificate certificate;
      certificate.number = number;
      certificate.scheme = goods.claim;
      certificate.holder = world_->organisation(goods.maker).party();
      certificate.products.push_back(goods.gtin);
      certificate.valid_from_ms = now_ms - base::day_ms;
      certificate.valid_until_ms = now_ms + 365 * base::day_ms;
      certificate.document = crypto::sha256(base::bytes_of(number));
      certificate.quota = goods.claimed * 1'000'000;
      out.push_back(by({"CERTA"}, "certificate"));
      out.back().operations.emplace_back(certificate);
    }
    auto made = by({goods.maker}, "full units");
    std::vector<EventWriter::Quantity> inside;
    auto const make = [&](char const* kind, std::uint64_t count, bool claimed) {
      if (count == 0) return;
      inside.push_back({lot_of(*cast_, goods, kind), std::to_string(count), goods.uom});
      EventWriter text("ObjectEvent", next_ms(), zone);
      text.text("action", "ADD").quantities("quantityList", {inside.back()});
      text.step("creating_class_instance", "active").at(place(goods), place(goods));
      if (claimed) text.text("certificationInfo", "urn:tally:certificate:" + number);
      made.events.push_back(text.json());
    };
    make("SC", goods.claimed, true);
    make("SU", goods.total - goods.claimed, false);
    EventWriter packed("AggregationEvent", next_ms(), zone);
    packed.text("parentID", goods.unit).quantities("childQuantityList", inside).text("action", "ADD");
    packed.step("packing", "in_progress").at(place(goods), place(goods));
    made.events.push_back(packed.json());
    out.push_back(std::move(made));
  }
  return out;
}

Sending Script::open() {
  // Whose goods the contract may give away signs; anybody else may.
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < cast_->terms.roles.size(); ++i) {
    auto const& name = cast_->terms.roles[i].name;
    if (name == "buyer" || name == "seller") codes.push_back(cast_->players[i]);
  }
  if (codes.empty()) codes.push_back(cast_->players.front());
  auto out = by(codes, "escrow_open");
  ledger::EscrowOpen open;
  open.terms = cast_->terms.json;
  open.label = cast_->label();
  for (std::size_t i = 0; i < cast_->players.size(); ++i) {
    open.parties.push_back({cast_->terms.roles[i].name, world_->organisation(cast_->players[i]).party()});
  }
  out.operations.emplace_back(std::move(open));
  out.then = [this](ledger::Transaction const& sent) { contract_ = ledger::contract_id(sent.body.id(), 0); };
  return out;
}

void Script::offer(std::size_t trigger, std::vector<Sending>& out) {
  if (offers_.contains(trigger)) return;
  auto const& asked = cast_->terms.triggers[trigger];
  auto const& goods = freight(asked.subject);
  auto const& giver = cast_->players[asked.actor];
  // A unit that was short is offered again for what was missing.
  auto const held = accepted_.find(trigger);
  auto const quantity = held == accepted_.end() ? goods.total : goods.total - held->second;
  EventWriter text("ObjectEvent", next_ms(), zone);
  text.texts("epcList", {goods.unit});
  text.quantities("quantityList", {{class_link(goods.gtin), std::to_string(quantity), goods.uom}});
  text.text("action", "OBSERVE").step("shipping", "in_transit").at(place(goods), "");
  text.transaction("desadv", shipment_link(gln(giver), "S" + std::to_string(cast_->number)));
  text.parties(gln(giver), gln(cast_->players[asked.to])).text("tally:handover", "offer");
  out.push_back(by({giver}, "offer"));
  out.back().events.push_back(text.json());
  offers_[trigger] = {event_id(out.back().events.front()), quantity};
}

Sending Script::accept(std::size_t trigger, std::uint64_t quantity, std::string const& signer) {
  auto const& asked = cast_->terms.triggers[trigger];
  auto const& goods = freight(asked.subject);
  auto const& giver = cast_->players[asked.actor];
  bool const whole_offer = quantity == offers_.at(trigger).quantity;
  EventWriter text("ObjectEvent", next_ms(), zone);
  text.texts("epcList", {goods.unit});
  text.quantities("quantityList", {{class_link(goods.gtin), std::to_string(quantity), goods.uom}});
  text.text("action", "OBSERVE").step("receiving", whole_offer ? "in_progress" : "mismatch_quantity");
  text.at(place(goods), place(goods));
  text.transaction("desadv", shipment_link(gln(giver), "S" + std::to_string(cast_->number)));
  text.parties(gln(giver), gln(cast_->players[asked.to])).text("tally:handover", "accept");
  text.text("tally:answers", offers_.at(trigger).id);
  auto out = by({signer}, "accept");
  out.events.push_back(text.json());
  return out;
}

void Script::accept(std::size_t trigger, std::uint64_t quantity, std::vector<Sending>& out) {
  offer(trigger, out);
  out.push_back(accept(trigger, quantity, cast_->players[cast_->terms.triggers[trigger].to]));
  last_accept_ = out.back();
  accepted_[trigger] += quantity;
  offers_.erase(trigger);
}

void Script::answer(std::size_t trigger, bool rejects, std::vector<Sending>& out) {
  offer(trigger, out);
  auto const& asked = cast_->terms.triggers[trigger];
  auto const& goods = freight(asked.subject);
  auto const& giver = cast_->players[asked.actor];
  auto const& receiver = cast_->players[asked.to];
  EventWriter text("ObjectEvent", next_ms(), zone);
  text.texts("epcList", {goods.unit}).text("action", "OBSERVE");
  text.step(rejects ? "inspecting" : "void_shipping", rejects ? "mismatch_quantity" : "in_progress");
  text.at(place(goods), "").parties(gln(giver), gln(receiver));
  text.text("tally:handover", rejects ? "reject" : "withdraw").text("tally:answers", offers_.at(trigger).id);
  if (rejects) text.text("tally:reason", "empty");
  out.push_back(by({rejects ? receiver : giver}, rejects ? "reject" : "withdraw"));
  out.back().events.push_back(text.json());
  offers_.erase(trigger);
}

void Script::milestone(FactPattern const& pattern, std::size_t trigger, std::optional<std::uint64_t> value,
                       std::vector<Sending>& out) {
  auto const& asked = cast_->terms.triggers[trigger];
  auto const& subject = cast_->terms.subjects[asked.subject].uri;
  auto const& actor = cast_->players[asked.actor];
  auto const step = asked.word.starts_with("tally:") ? "https://tallystick.example/ns/" + asked.word.substr(6)
                                                     : std::string(asked.word);
  auto const quantity = pattern.value == FactPattern::Value::quantity ? value.value_or(1) : 1;
  EventWriter text("ObjectEvent", next_ms(), zone);
  if (is_lot(subject)) {
    text.quantities("quantityList", {{subject, std::to_string(quantity), ""}});
  } else {
    text.texts("epcList", {subject});
  }
  auto const disposition = pattern.disposition.empty() ? std::string("in_progress") : pattern.disposition;
  text.text("action", "OBSERVE").step(step.c_str(), disposition.c_str());
  text.at(world_->organisation(actor).places.front().site.gln, "");
  if (pattern.value == FactPattern::Value::grade) text.value("tally:grade", Value::of(value.value_or(0)));
  out.push_back(by({actor}, asked.word));
  out.back().events.push_back(text.json());
}

void Script::documents(escrow::FactEvent const& event, std::vector<Sending>& out) {
  constexpr std::pair<std::string_view, char const*> words[] = {
      {"380", "inv"}, {"705", "bol"}, {"351", "desadv"}, {"220", "po"}, {"632", "recadv"}};
  auto list = Value::array();
  auto const& first = cast_->terms.triggers[event.facts.front().trigger()];
  for (auto const& pattern : event.facts) {
    auto const& code = cast_->terms.triggers[pattern.trigger()].word;
    auto const word = std::ranges::find(words, code, [](auto const& one) { return one.first; });
    auto one = Value::object();
    one.add("type", Value::of(word != std::end(words) ? std::string(word->second)
                                                      : "https://vocabulary.uncefact.org/DocumentNameCode#" + code));
    auto const serial = "DOC" + code + "N" + std::to_string(cast_->number);
    one.add("bizTransaction", Value::of(shipment_link(gln(cast_->players[first.actor]), serial)));
    list.items.push_back(std::move(one));
  }
  EventWriter text("ObjectEvent", next_ms(), zone);
  text.texts("epcList", {cast_->terms.subjects[first.subject].uri}).text("action", "OBSERVE");
  text.step("shipping", "in_transit").value("bizTransactionList", std::move(list));
  out.push_back(by({cast_->players[first.actor]}, "documents"));
  out.back().events.push_back(text.json());
}

void Script::assign(Value const& assigned, std::string const& refused, std::vector<Sending>& out) {
  auto const role = std::string(assigned.string_of("role"));
  auto const to = std::string(assigned.string_of("to"));
  auto const place = std::ranges::find(cast_->terms.roles, role, &escrow::Role::name);
  CHECK(place != cast_->terms.roles.end());
  auto sending = by({cast_->players[static_cast<std::size_t>(place - cast_->terms.roles.begin())]}, "assign");
  sending.operations.emplace_back(ledger::EscrowAssign{contract_, role, world_->organisation(to).party()});
  sending.wanted = refused;
  if (refused.empty()) assigned_[role] = to;
  auto elsewhere = sending;
  out.push_back(std::move(sending));
  if (refused != "E_ALREADY_PLEDGED") return;
  // The register of receivables knows of it too.
  elsewhere.operations = {ledger::AssignReceivable{ledger::role_claim(contract_, role), ledger::Security::pledged,
                                                   world_->organisation(to).party()}};
  out.push_back(std::move(elsewhere));
}

Result<void> Script::tell(Value const& facts, std::vector<Sending>& out) {
  std::set<std::size_t> told;
  for (auto const& pattern : escrow::asked_of(cast_->terms)) {
    auto const trigger = pattern.trigger();
    bool const handover = cast_->terms.triggers[trigger].kind == WatchKind::handover;
    if (!handover || !told.insert(trigger).second) continue;
    if (is_true(facts, "unanswered")) offer(trigger, out);
    if (is_true(facts, "rejected")) answer(trigger, true, out);
    if (is_true(facts, "withdrawn") && offers_.contains(trigger)) answer(trigger, false, out);
  }
  return {};
}

Result<void> Script::refused(Value const& entry, std::string const& code, std::vector<Sending>& out) {
  if (code == "E_HANDOVER_UNILATERAL" && !offers_.empty()) {
    // Who offered answers in the receiver's place.
    auto const trigger = offers_.begin()->first;
    out.push_back(accept(trigger, freight(cast_->terms.triggers[trigger].subject).total,
                         cast_->players[cast_->terms.triggers[trigger].actor]));
  } else if (auto const made = phantoms(); code == "E_MASS_BALANCE" && made) {
    out.push_back(*made);
  } else if (code == "exists" && last_accept_) {
    out.push_back(*last_accept_);
    out.back().repeats = whole(entry.find("repeats")).value_or(0);
  } else {
    return Error{Code::E_FORM, "refused", code + " cannot be played here"};
  }
  out.back().wanted = code;
  return {};
}

Result<void> Script::fact(escrow::FactEvent const& event, std::optional<std::uint64_t> value,
                          std::vector<Sending>& out) {
  for (std::size_t i = 0; i < event.facts.size(); ++i) {
    auto const& pattern = event.facts[i];
    auto const& asked = cast_->terms.triggers[pattern.trigger()];
    if (pattern.reading) show(*pattern.reading, value.value_or(0), out);
    if (pattern.sensor) {
      auto const& sensor = *pattern.sensor;
      auto const beyond = sensor.greater_than ? *sensor.greater_than + 1 : sensor.less_than.value_or(1) - 1;
      show(sensor, static_cast<std::uint64_t>(beyond), out);
    } else if (asked.kind == WatchKind::handover) {
      auto const [when, is_new] = happened_.try_emplace(pattern.trigger(), 0);
      if (!is_new && when->second == now_ms_) continue;
      when->second = now_ms_;
      auto const all = freight(asked.subject).total;
      if (pattern.wanted == escrow::Wanted::rejected) {
        answer(pattern.trigger(), true, out);
      } else {
        // Of what carries a claim the value says how much; with it comes the rest.
        accept(pattern.trigger(), pattern.has_value() && pattern.claim.empty() ? value.value_or(all) : all, out);
      }
    } else if (asked.kind == WatchKind::document) {
      if (i == 0) documents(event, out);
    } else if (asked.kind == WatchKind::milestone) {
      for (std::size_t k = 0; k < pattern.needed; ++k) milestone(pattern, pattern.triggers[k], value, out);
    } else {
      return Error{Code::E_FORM, "case", "a fact of this kind cannot be played here"};
    }
  }
  return {};
}

Result<void> Script::happen(Value const& entry, std::string const& state, std::size_t index,
                            std::vector<Sending>& out) {
  auto const number = cast_->terms.state(state);
  if (!number || index >= cast_->terms.states[*number].cases.size()) {
    return Error{Code::E_FORM, "state", "'" + state + "' has no case " + std::to_string(index)};
  }
  auto const value = whole(entry.find("value"));
  auto const& event = cast_->terms.states[*number].cases[index].event;
  if (auto const* facts = std::get_if<escrow::FactEvent>(&event)) return fact(*facts, value, out);
  auto const roles = escrow::roles_of(event);
  ledger::EscrowAct act;
  act.contract = contract_;
  act.state = state;
  act.case_index = static_cast<std::uint8_t>(index);
  std::size_t needed = 1;
  if (auto const* vote = std::get_if<escrow::VoteEvent>(&event)) {
    needed = vote->needed;
    act.value = value.value_or(static_cast<std::uint64_t>(vote->low));
  }
  // Each voter by himself.
  for (std::size_t i = 0; i < needed; ++i) {
    out.push_back(by({cast_->players[roles[i]]}, state));
    out.back().operations.emplace_back(act);
    out.back().wanted = entry.string_of("refused");
  }
  return {};
}

Result<std::vector<Sending>> Script::entry(Value const& entry, ledger::TimeMs now_ms, std::string const& state) {
  now_ms_ = now_ms;
  std::vector<Sending> out;
  auto const code = std::string(entry.string_of("refused"));
  if (auto const reading = whole(entry.find("reading"))) {
    for (auto const& sensor : escrow::sensors_of(cast_->terms)) {
      show(sensor, *reading, out);
      break;
    }
  }
  if (auto const* facts = entry.find("facts")) TRY(tell(*facts, out));
  if (auto const* assigned = entry.find("assign")) {
    assign(*assigned, code, out);
    return out;
  }
  auto const index = whole(entry.find("case"));
  if (!index && !code.empty()) TRY(refused(entry, code, out));
  if (index) {
    auto const named = std::string(entry.string_of("state"));
    TRY(happen(entry, named.empty() ? state : named, *index, out));
  }
  return out;
}

Result<std::vector<Sending>> Script::too_late(std::string const& state, ledger::TimeMs now_ms) {
  now_ms_ = now_ms;
  std::vector<Sending> out;
  TRY(happen(Value::object(), state, 0, out));
  return out;
}

}  // namespace testnet
