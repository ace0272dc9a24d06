// SPDX-License-Identifier: Apache-2.0
#include "testnet/attack.hpp"

#include <algorithm>

#include "base/view.hpp"
#include "gs1/json.hpp"
#include "testnet/likeness.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

std::string replaced(std::string text, std::string const& from, std::string const& to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

Result<Attack> read_attack(Fields const& entry, Fields const& played) {
  Attack out;
  TRY_ASSIGN(out.id, entry.text("id"));
  TRY_ASSIGN(out.text, entry.text("attack"));
  out.expected = entry.text_or("expected");
  out.elsewhere = played.text_or("elsewhere");
  out.variant = played.text_or("variant");
  if (played.has("before")) {
    TRY_ASSIGN(auto const before, played.whole("before"));
    out.before = static_cast<unsigned>(before);
  }
  if (played.has("act")) {
    TRY_ASSIGN(auto const act, played.whole("act"));
    out.act = act;
  }
  out.ends = played.has("ends");
  out.alone = out.ends || played.has("alone") || !out.variant.empty();
  if (played.has("money")) {
    TRY_ASSIGN(auto const money, played.object("money"));
    for (auto const& [code, value] : money.members()) {
      TRY_ASSIGN(out.money[code], money.whole(code));
    }
  }
  TRY_ASSIGN(auto const moves, played.list("play"));
  for (auto const& move : moves) out.play.push_back(move.value());
  if (out.play.empty() && out.elsewhere.empty() && out.variant.empty()) {
    return entry.error("play", out.id + ": say how it is played, or write a sentence of the known attacks");
  }
  return out;
}

/// The event that a move is like, with the members of `set` instead of its own; null removes one.
Result<Value> event_of(Fields const& move, std::vector<Fields> const& events) {
  Value out = Value::object();
  if (move.has("like")) {
    TRY_ASSIGN(auto const number, move.whole("like"));
    auto const base = std::ranges::find_if(events, [&](Fields const& one) {
      auto const own = one.whole("n");
      return own && *own == number;
    });
    if (base == events.end()) return move.error("like", "no event has this number");
    out = base->value();
  }
  if (!move.has("set")) return out;
  TRY_ASSIGN(auto const set, move.object("set"));
  for (auto const& [name, value] : set.members()) {
    std::erase_if(out.members, [&](auto const& one) { return one.first == name; });
    if (!value.value().is(Value::Kind::null)) out.members.emplace_back(name, value.value());
  }
  return out;
}

/// "${party:CODE}" and "${key:NAME}" in the view of an operation.
Result<std::string> filled(std::string text, Fields const& move, World const& world, KeyOf const& key_of) {
  for (auto at = text.find("${"); at != text.npos; at = text.find("${", at + 1)) {
    auto const end = text.find('}', at);
    auto const name = text.substr(at + 2, end == text.npos ? text.npos : end - at - 2);
    std::string value;
    if (name.starts_with("party:") && world.find(name.substr(6)) != nullptr) {
      value = world.find(name.substr(6))->party().hex();
    } else if (name.starts_with("key:")) {
      value = key_of(name.substr(4)).hex();
    } else if (name != "contract") {
      return move.error("operation", "${" + name + "} is neither party:CODE nor key:NAME nor contract");
    }
    if (!value.empty()) text.replace(at, end - at + 1, value);
  }
  return text;
}

/// Only some of a list, where the move says which.
template <class T>
Result<std::vector<T>> chosen(Fields const& move, char const* name, std::vector<T> const& all) {
  if (!move.has(name)) return all;
  TRY_ASSIGN(auto const numbers, move.list(name));
  std::vector<T> out;
  for (auto const& one : numbers) {
    auto const index = base::from_decimal(one.value().text, all.size());
    if (!index || *index >= all.size()) return one.error("", "there are " + std::to_string(all.size()));
    out.push_back(all[static_cast<std::size_t>(*index)]);
  }
  return out;
}

/// An event that is none of the journey's.
bool tells(Fields const& move) { return move.has("like") || move.has("set"); }

class Planner {
 public:
  Planner(Attack const& attack, Value const& journeys, Story const& story, World const& world, KeyOf const& key_of)
      : attack_(attack), journeys_(journeys), story_(story), world_(world), key_of_(key_of) {}

  Result<std::vector<Move>> run() {
    TRY_ASSIGN(auto const journey, journey_of(journeys_, story_.name));
    TRY_ASSIGN(auto const events, events_of(journey));
    std::vector<Fields> moves;
    for (auto const& move : attack_.play) {
      moves.emplace_back(move, attack_.id + ".play[" + std::to_string(moves.size()) + "]");
    }
    std::vector<Value> told;
    for (auto const& move : moves) {
      if (!tells(move)) continue;
      TRY_ASSIGN(auto event, event_of(move, events));
      told.push_back(std::move(event));
    }
    TRY_ASSIGN(steps_, tell_otherwise(journeys_, story_.name, world_, key_of_, attack_.before, told));
    for (auto const& move : moves) TRY(plan(move));
    return out_;
  }

 private:
  Result<void> plan(Fields const& move) {
    if (move.has("check")) {
      out_.push_back({});
      out_.back().check = *move.value().find("check");
      return {};
    }
    if (move.has("repeat")) {
      TRY_ASSIGN(auto const times, move.whole("repeat"));
      out_.push_back({});
      out_.back().repeats = times;
      return {};
    }
    if (move.has("advance")) {
      TRY_ASSIGN(auto const time, move.time("advance"));
      // A deadline fires in the block after the one that moved the clock.
      for (ledger::TimeMs later : {0, 1000}) {
        out_.push_back({});
        out_.back().act.time_ms = time + later;
      }
      return {};
    }
    if (move.has("equivocates")) return evidence(move);
    return move.has("operation") ? operation(move) : event(move);
  }

  Result<void> evidence(Fields const& move) {
    Move one;
    TRY_ASSIGN(one.equivocates, move.text("equivocates"));
    TRY_ASSIGN(one.act.signers, move.texts("signers"));
    if (one.act.signers.empty()) return move.error("signers", "name the validator that tells");
    one.gives = move.text_or("gives", "done");
    out_.push_back(std::move(one));
    return {};
  }

  Result<void> operation(Fields const& move) {
    Move one;
    TRY_ASSIGN(one.act.signers, move.texts("signers"));
    TRY_ASSIGN(auto const text, gs1::canonical_json(*move.value().find("operation")));
    TRY_ASSIGN(auto const known, filled(text, move, world_, key_of_));
    TRY_ASSIGN(auto const value, gs1::parse_json(replaced(known, "${contract}", ledger::Hash{}.hex())));
    TRY_ASSIGN(auto operation, base::read_view<ledger::Operation>(value));
    one.act.operations.push_back(std::move(operation));
    one.gives = move.text_or("gives", "done");
    for (auto const& name : one.act.signers) key_of_(name);
    out_.push_back(std::move(one));
    return {};
  }

  /// An event as it might have been, or one of the journey again.
  Result<void> event(Fields const& move) {
    std::vector<Act> acts;
    if (move.has("again")) {
      TRY_ASSIGN(auto const number, move.whole("again"));
      auto const step = std::ranges::find(story_.steps, number, &Step::number);
      if (step == story_.steps.end()) return move.error("again", "no step has this number");
      acts = step->acts;
    } else if (move.has("readings")) {
      TRY_ASSIGN(auto number, move.whole("readings"));
      for (auto const& step : story_.steps) {
        if (step.kind == "sensors" && number-- == 0) acts = step.acts;
      }
      if (acts.empty()) return move.error("readings", "there are fewer batches");
    } else if (tells(move)) {
      acts = steps_[told_++].acts;
    } else {
      return move.error("like", "write what this move is like");
    }
    TRY_ASSIGN(acts, chosen(move, "acts", acts));
    if (acts.empty()) return move.error("acts", "choose one at least");
    auto& last = acts.back();
    TRY_ASSIGN(last.events, chosen(move, "events", last.events));
    if (move.has("signers")) {
      TRY_ASSIGN(last.signers, move.texts("signers"));
      for (auto const& name : last.signers) key_of_(name);
    }
    TRY_ASSIGN(auto const changes, move.list("replace"));
    for (auto const& change : changes) {
      auto const& pair = change.value().items;
      bool found = false;
      for (auto& text : last.events) {
        auto other = pair.size() == 2 ? replaced(text, pair[0].text, pair[1].text) : text;
        found = found || other != text;
        text = std::move(other);
      }
      if (!found) return change.error("", "write [text, other text]; the text must be in the event");
    }
    for (auto& act : acts) {
      if (move.has("now")) act.time_ms = 0;
      out_.push_back({});
      out_.back().act = std::move(act);
    }
    out_.back().gives = move.text_or("gives", "done");
    return {};
  }

  Attack const& attack_;
  Value const& journeys_;
  Story const& story_;
  World const& world_;
  KeyOf const& key_of_;
  std::vector<Step> steps_;
  std::size_t told_ = 0;
  std::vector<Move> out_;
};

/// The known entry with this one's sentence, as it is played here. A sentence of the same journey comes first, then one
/// word for word, then one of the same words with other numbers, codes and serials.
Result<std::optional<Value>> played_like(Fields const& entry, std::vector<Fields> const& known, Value const& home,
                                         Value const& mine) {
  Fields const* found = nullptr;
  std::size_t least = ~std::size_t{0};
  std::map<std::string, std::string> parameters;
  for (auto const& one : known) {
    auto const words = parameters_of(one.text_or("attack"), entry.text_or("attack"));
    if (!words) continue;
    auto const far = 2 * words->size() + (one.text_or("journey") == entry.text_or("journey") ? 0 : 1);
    if (far >= least) continue;
    least = far;
    found = &one;
    parameters = *words;
  }
  if (found == nullptr) return std::optional<Value>();
  TRY_ASSIGN(auto const other, journey_of(home, found->text_or("journey")));
  Likeness likeness(other.value(), mine);
  likeness.learn(parameters);
  // What it must come to may have numbers of its own.
  TRY_ASSIGN(auto const told, Fields(home, "").list("adversarial"));
  for (auto const& one : told) {
    if (one.text_or("attack") != found->text_or("attack")) continue;
    if (auto const more = parameters_of(one.text_or("expected"), entry.text_or("expected"))) likeness.learn(*more);
  }
  auto played = likeness.played(found->value());
  if (!played)
    return Error{played.error().code, entry.text_or("id") + "." + played.error().field, played.error().detail};
  return std::optional<Value>(*std::move(played));
}

}  // namespace

Result<std::vector<Attack>> attacks_of(Value const& journeys, Known const& known, std::string_view journey, bool all) {
  TRY_ASSIGN(auto const of_file, Fields(journeys, "").list("adversarial"));
  TRY_ASSIGN(auto const known_ones, Fields(known.attacks, "attacks").list("adversarial"));
  TRY_ASSIGN(auto const mine, journey_of(journeys, journey));
  std::vector<Attack> out;
  auto const ours = [&](Fields const& one) { return one.text_or("journey") == journey; };
  for (auto const& entry : of_file) {
    if (!ours(entry)) continue;
    Value played = entry.value();
    if (!entry.has("play") && !entry.has("elsewhere")) {
      TRY_ASSIGN(auto found, played_like(entry, known_ones, known.journeys, mine.value()));
      if (found) played = *std::move(found);
    }
    TRY_ASSIGN(auto attack, read_attack(entry, Fields(played, entry.text_or("id"))));
    out.push_back(std::move(attack));
  }
  if (!all) return out;
  for (auto const& entry : known_ones) {
    auto const there = [&](Attack const& one) { return one.text == entry.text_or("attack"); };
    if (!ours(entry) || std::ranges::any_of(out, there)) continue;
    TRY_ASSIGN(auto one, Likeness(mine.value(), mine.value()).played(entry.value()));
    TRY_ASSIGN(auto attack, read_attack(entry, Fields(one, entry.text_or("id"))));
    out.push_back(std::move(attack));
  }
  return out;
}

Result<std::vector<Move>> moves_of(Attack const& attack, Value const& journeys, Story const& story, World const& world,
                                   KeyOf const& key_of) {
  return Planner(attack, journeys, story, world, key_of).run();
}

}  // namespace testnet
