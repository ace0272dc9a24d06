// SPDX-License-Identifier: Apache-2.0
#include "marlowe/importer.hpp"

#include <algorithm>

#include "base/number.hpp"

namespace marlowe {

namespace {

using escrow::Condition;
using escrow::End;
using escrow::Expression;
using escrow::State;
using escrow::Step;

constexpr i128 edge = i128{1} << 126;
/// Where names of numbers begin that do not fit.
constexpr i128 names_begin = i128{1} << 125;

/// Far beyond what a test pays, far below 127 bits.
constexpr base::Amount cap = base::Amount{1} << 100;

Expression of_number(i128 number) {
  Expression out;
  out.number = number;
  return out;
}

Expression indexed(Expression::Kind kind, std::size_t index) {
  Expression out;
  out.kind = kind;
  out.index = index;
  return out;
}

Expression operation(Expression::Kind kind, std::vector<Expression> operands) {
  Expression out;
  out.kind = kind;
  out.operands = std::move(operands);
  return out;
}

Condition compare(Condition::Kind kind, Expression a, Expression b) {
  Condition out;
  out.kind = kind;
  out.operands = {std::move(a), std::move(b)};
  return out;
}

Condition joined(Condition::Kind kind, std::vector<Condition> parts) {
  Condition out;
  out.kind = kind;
  out.conditions = std::move(parts);
  return out;
}

Condition constant(bool truth) { return compare(Condition::Kind::eq, of_number(0), of_number(truth ? 0 : 1)); }

Expression chosen(Condition condition, Expression a, Expression b) {
  auto out = operation(Expression::Kind::choose, {std::move(a), std::move(b)});
  out.conditions.push_back(std::move(condition));
  return out;
}

/// Marlowe divides towards zero.
Expression quotient(Expression const& a, Expression const& b) {
  using Is = Condition::Kind;
  auto const negative = [](Expression const& one) { return compare(Is::lt, one, of_number(0)); };
  auto const both = joined(Is::all, {negative(a), negative(b)});
  auto const none = joined(Is::negation, {joined(Is::any, {negative(a), negative(b)})});
  auto down = operation(Expression::Kind::div, {a, b});
  auto up = down;
  up.round = base::Round::up;
  return chosen(joined(Is::any, {both, none}), std::move(down), std::move(up));
}

Step set(std::size_t variable, Expression value) {
  escrow::SetStep out;
  out.values.emplace_back(variable, std::move(value));
  return {out};
}

class Importer {
 public:
  bool run(Value const& contract) {
    out.interval_start = out.variable("interval_start");
    out.interval_end = out.variable("interval_end");
    out.anybody = out.role(Value::of("anybody"));
    auto const first = contract.find("when") == nullptr ? at_once({end(contract)}) : state(contract);
    out.terms.start = first;
    out.terms.title = "Marlowe";
    out.terms.reach.resize(out.terms.states.size());
    return !failed;
  }

  Imported out;
  bool failed = false;

 private:
  Value const& part(Value const& value, std::string_view name) {
    static Value const nothing;
    auto const* found = value.find(name);
    if (found == nullptr) failed = true;
    return found == nullptr ? nothing : *found;
  }

  i128 number(Value const& value) {
    auto const read = out.number(value);
    if (!read) failed = true;
    return read.value_or(0);
  }

  std::size_t new_state() {
    auto& states = out.terms.states;
    states.emplace_back().name = "s" + std::to_string(states.size());
    out.whens.push_back(nullptr);
    out.origins.emplace_back();
    out.bounds.emplace_back();
    return states.size() - 1;
  }

  /// A state that no event can meet: it is due when it is entered.
  std::size_t at_once(std::vector<End> ends) {
    auto const number = new_state();
    out.terms.states[number].late = std::move(ends);
    return number;
  }

  std::size_t state(Value const& when) {
    auto const place = new_state();
    out.whens[place] = &when;
    State built;
    built.name = out.terms.states[place].name;
    built.until.at_ms = time_of(number(part(when, "timeout")));
    std::size_t index = 0;
    for (auto const& one : part(when, "when").items) {
      for (auto& made : cases(part(one, "case"), end(part(one, "then")))) {
        built.cases.push_back(std::move(made));
        out.origins[place].push_back(index);
        auto const bound = out.origins[place].size() - 1;
        auto const& ranges = part(one, "case").find("choose_between");
        auto const first = std::find(out.origins[place].begin(), out.origins[place].end(), index);
        auto const nth = bound - static_cast<std::size_t>(first - out.origins[place].begin());
        out.bounds[place].push_back(ranges == nullptr ? nullptr : &ranges->items[nth]);
      }
      ++index;
    }
    built.late.push_back(end(part(when, "timeout_continuation")));
    out.terms.states[place] = std::move(built);
    return place;
  }

  /// A deposit of nothing is an act without money; a choice has one case for each of its ranges.
  std::vector<escrow::Case> cases(Value const& action, End const& then) {
    std::vector<escrow::Case> made;
    if (action.find("deposits") != nullptr) {
      escrow::DepositEvent deposit;
      deposit.role = out.role(part(action, "party"));
      deposit.pot = out.pot(part(action, "into_account"), part(action, "of_token"));
      deposit.amount = value(part(action, "deposits"));
      made.push_back({deposit, then});
      made.back().end.condition = compare(Condition::Kind::gt, deposit.amount, of_number(0));
      escrow::VoteEvent nothing;
      nothing.roles = {deposit.role};
      nothing.name = "deposit";
      made.push_back({nothing, then});
      made.back().end.condition = compare(Condition::Kind::le, deposit.amount, of_number(0));
    } else if (action.find("notify_if") != nullptr) {
      escrow::VoteEvent notice;
      notice.roles = {out.anybody};
      notice.name = "notify";
      made.push_back({notice, then});
      made.back().end.condition = observation(part(action, "notify_if"));
    } else {
      auto const& id = part(action, "for_choice");
      auto const variable = out.choice(id);
      for (auto const& bounds : part(action, "choose_between").items) {
        escrow::VoteEvent choice;
        choice.roles = {out.role(part(id, "choice_owner"))};
        choice.name = text_of(id);
        choice.low = number(part(bounds, "from"));
        choice.high = number(part(bounds, "to"));
        if (out.wide) {
          // Names stand in no order; the bounds are compared where the input is.
          choice.low = -edge;
          choice.high = edge;
        }
        End end = then;
        Expression said;
        said.kind = Expression::Kind::event_value;
        end.steps.insert(end.steps.begin(), {set(variable, said), set(variable + 1, of_number(1))});
        made.push_back({choice, std::move(end)});
      }
    }
    return made;
  }

  /// Steps until the contract waits, decides or closes.
  End end(Value const& contract) {
    End made;
    auto const* at = &contract;
    while (!failed) {
      if (at->is(Value::Kind::string)) {
        failed = failed || at->text != "close";
        return made;
      }
      if (at->find("when") != nullptr) {
        made.targets.push_back(state(*at));
        return made;
      }
      if (at->find("if") != nullptr) {
        auto then = end(part(*at, "then"));
        then.condition = observation(part(*at, "if"));
        auto otherwise = end(part(*at, "else"));
        made.targets.push_back(at_once({std::move(then), std::move(otherwise)}));
        return made;
      }
      step(*at, made.steps);
      at = &part(*at, "then");
    }
    return made;
  }

  void step(Value const& node, std::vector<Step>& steps) {
    if (auto const* claimed = node.find("assert")) {
      steps.push_back({escrow::AssertStep{observation(*claimed)}});
    } else if (auto const* name = node.find("let")) {
      let(name->text, value(part(node, "be")), steps);
    } else {
      pay(node, steps);
    }
  }

  void let(std::string const& name, Expression value, std::vector<Step>& steps) {
    auto const variable = out.value(name);
    auto const number = out.shadows.size();
    auto const had = out.variable("had" + std::to_string(number));
    auto const now = out.variable("now" + std::to_string(number));
    out.shadows.push_back({name, had, now});
    steps.push_back(set(now, std::move(value)));
    steps.push_back(set(had, indexed(Expression::Kind::variable, variable)));
    escrow::IfStep bound;
    bound.condition = compare(Condition::Kind::eq, indexed(Expression::Kind::variable, variable + 1), of_number(1));
    bound.then.push_back({escrow::EmitStep{"let:" + std::to_string(number)}});
    steps.push_back({std::move(bound)});
    steps.push_back(set(variable, indexed(Expression::Kind::variable, now)));
    steps.push_back(set(variable + 1, of_number(1)));
  }

  void pay(Value const& node, std::vector<Step>& steps) {
    auto const& token = part(node, "token");
    auto const& to = part(node, "to");
    escrow::Take take;
    take.kind = escrow::Take::Kind::up_to;
    take.amount = value(part(node, "pay"));
    auto const from = out.pot(part(node, "from_account"), token);
    steps.push_back({escrow::EmitStep{"pay:" + std::to_string(out.pays.size())}});
    out.pays.push_back(&to);
    if (auto const* account = to.find("account")) {
      steps.push_back({escrow::MoveStep{from, out.pot(*account, token), std::move(take)}});
    } else {
      steps.push_back({escrow::PayStep{from, out.role(part(to, "party")), std::move(take)}});
    }
  }

  Expression value(Value const& node) {
    using Kind = Expression::Kind;
    if (node.is(Value::Kind::number)) return of_number(number(node));
    if (out.wide && node.is(Value::Kind::object) && !is_plain(node)) return outside(node, false);
    if (node.is(Value::Kind::string)) {
      auto const start = node.text == "time_interval_start";
      failed = failed || (!start && node.text != "time_interval_end");
      return indexed(Kind::variable, start ? out.interval_start : out.interval_end);
    }
    if (auto const* token = node.find("amount_of_token")) {
      return indexed(Kind::pot, out.pot(part(node, "in_account"), *token));
    }
    if (auto const* one = node.find("negate")) return operation(Kind::sub, {of_number(0), value(*one)});
    if (auto const* one = node.find("add")) return operation(Kind::add, {value(*one), value(part(node, "and"))});
    if (auto const* one = node.find("minus")) return operation(Kind::sub, {value(part(node, "value")), value(*one)});
    if (auto const* one = node.find("multiply")) return operation(Kind::mul, {value(*one), value(part(node, "times"))});
    if (auto const* one = node.find("divide")) return quotient(value(*one), value(part(node, "by")));
    if (auto const* one = node.find("value_of_choice")) return indexed(Kind::variable, out.choice(*one));
    if (auto const* one = node.find("use_value")) return indexed(Kind::variable, out.value(one->text));
    if (auto const* one = node.find("if")) {
      return chosen(observation(*one), value(part(node, "then")), value(part(node, "else")));
    }
    failed = true;
    return {};
  }

  /// What is only looked up.
  static bool is_plain(Value const& node) {
    return node.find("amount_of_token") != nullptr || node.find("value_of_choice") != nullptr ||
           node.find("use_value") != nullptr;
  }

  Expression outside(Value const& node, bool observation) {
    auto const variable = out.variable("outside" + std::to_string(out.outside.size()));
    out.outside.push_back({&node, variable, observation});
    name_parts(node);
    return indexed(Expression::Kind::variable, variable);
  }

  /// Gives numbers to all that the outside looks up.
  void name_parts(Value const& node) {
    if (node.find("amount_of_token") != nullptr) out.pot(part(node, "in_account"), part(node, "amount_of_token"));
    if (auto const* one = node.find("value_of_choice")) out.choice(*one);
    if (auto const* one = node.find("chose_something_for")) out.choice(*one);
    if (auto const* one = node.find("use_value")) out.value(one->text);
    for (auto const& [name, member] : node.members) name_parts(member);
  }

  Condition observation(Value const& node) {
    using Is = Condition::Kind;
    if (node.is(Value::Kind::boolean)) return constant(node.boolean);
    if (auto const* one = node.find("both"))
      return joined(Is::all, {observation(*one), observation(part(node, "and"))});
    if (auto const* one = node.find("either"))
      return joined(Is::any, {observation(*one), observation(part(node, "or"))});
    if (auto const* one = node.find("not")) return joined(Is::negation, {observation(*one)});
    if (auto const* one = node.find("chose_something_for")) {
      return compare(Is::eq, indexed(Expression::Kind::variable, out.choice(*one) + 1), of_number(1));
    }
    static constexpr std::pair<char const*, Is> comparisons[] = {
        {"ge_than", Is::ge}, {"gt", Is::gt}, {"le_than", Is::le}, {"lt", Is::lt}, {"equal_to", Is::eq}};
    for (auto const& [name, kind] : comparisons) {
      if (out.wide && node.find(name) != nullptr) {
        return compare(Is::eq, outside(node, true), of_number(1));
      }
      if (auto const* one = node.find(name)) return compare(kind, value(part(node, "value")), value(*one));
    }
    failed = true;
    return constant(false);
  }
};

template <class Map>
std::size_t number_in(Map& known, typename Map::key_type const& name, std::size_t next, bool& fresh) {
  auto const [found, inserted] = known.try_emplace(name, next);
  fresh = inserted;
  return found->second;
}

}  // namespace

std::string text_of(Value const& value) {
  switch (value.kind) {
    case Value::Kind::object: {
      auto members = value.members;
      std::sort(members.begin(), members.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
      std::string out = "{";
      for (auto const& [name, member] : members) out += (out.size() > 1 ? "," : "") + name + ":" + text_of(member);
      return out + "}";
    }
    case Value::Kind::array: {
      std::string out = "[";
      for (auto const& item : value.items) out += (out.size() > 1 ? "," : "") + text_of(item);
      return out + "]";
    }
    case Value::Kind::boolean:
      return value.boolean ? "true" : "false";
    case Value::Kind::string:
      return "\"" + value.text + "\"";
    case Value::Kind::number:
      return value.text;
    default:
      return "null";
  }
}

std::optional<i128> number_of(Value const& value) {
  if (!value.is(Value::Kind::number)) return std::nullopt;
  std::string_view digits = value.text;
  bool const negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  auto const magnitude = base::from_decimal(digits, static_cast<base::u128>(names_begin) - 1);
  if (!magnitude) return std::nullopt;
  return negative ? -static_cast<i128>(*magnitude) : static_cast<i128>(*magnitude);
}

bool is_wide(Value const& value) {
  if (value.is(Value::Kind::number)) return !number_of(value);
  auto const member = [](auto const& one) { return is_wide(one.second); };
  return std::any_of(value.items.begin(), value.items.end(), is_wide) ||
         std::any_of(value.members.begin(), value.members.end(), member);
}

std::optional<i128> Imported::number(Value const& value) {
  auto const fits = number_of(value);
  if (fits || !wide || !value.is(Value::Kind::number)) return fits;
  return named(value.text);
}

i128 Imported::named(std::string const& decimal) {
  Value plain;
  plain.kind = Value::Kind::number;
  plain.text = decimal;
  if (auto const fits = number_of(plain)) return *fits;
  auto const known = std::find(wide_numbers.begin(), wide_numbers.end(), decimal);
  auto const index = known - wide_numbers.begin();
  if (known == wide_numbers.end()) wide_numbers.push_back(decimal);
  return names_begin + index;
}

std::string Imported::decimal(i128 value) const {
  auto const index = value - names_begin;
  bool const name = index >= 0 && index < static_cast<i128>(wide_numbers.size());
  return name ? wide_numbers[static_cast<std::size_t>(index)] : base::to_decimal(value);
}

base::TimeMs time_of(i128 marlowe_ms) {
  constexpr i128 offset = i128{1} << 50;
  return static_cast<base::TimeMs>(std::clamp(marlowe_ms + offset, i128{1}, offset * 2));
}

std::size_t Imported::role(Value const& party) {
  bool fresh = false;
  auto const number = number_in(roles, text_of(party), terms.roles.size(), fresh);
  if (fresh) terms.roles.push_back({"r" + std::to_string(number), false, false});
  if (fresh) role_names.push_back(party);
  return number;
}

std::size_t Imported::token(Value const& token) {
  bool fresh = false;
  auto const number = number_in(tokens, text_of(token), terms.assets.size(), fresh);
  if (fresh) terms.assets.push_back({"t" + std::to_string(number), "t" + std::to_string(number)});
  if (fresh) token_names.push_back(token);
  return number;
}

std::size_t Imported::pot(Value const& party, Value const& of) {
  auto const owner = role(party);
  auto const asset = token(of);
  bool fresh = false;
  auto const number = number_in(pots, std::pair{owner, asset}, terms.pots.size(), fresh);
  if (fresh) terms.pots.push_back({"p" + std::to_string(number), asset, cap, owner});
  if (fresh) accounts.emplace_back(owner, asset);
  return number;
}

std::size_t Imported::variable(std::string name) {
  terms.variables.push_back(std::move(name));
  return terms.variables.size() - 1;
}

std::size_t Imported::choice(Value const& id) {
  bool fresh = false;
  auto const number = number_in(choices, text_of(id), terms.variables.size(), fresh);
  if (fresh) choice_names[number] = id;
  if (fresh) variable("choice" + std::to_string(number));
  if (fresh) variable("chosen" + std::to_string(number));
  return number;
}

std::size_t Imported::value(std::string const& name) {
  bool fresh = false;
  auto const number = number_in(values, name, terms.variables.size(), fresh);
  if (fresh) value_names[number] = name;
  if (fresh) variable("value" + std::to_string(number));
  if (fresh) variable("bound" + std::to_string(number));
  return number;
}

std::optional<Imported> import(Value const& contract, bool wide) {
  Importer importer;
  importer.out.wide = wide;
  if (!importer.run(contract)) return std::nullopt;
  return std::move(importer.out);
}

}  // namespace marlowe
