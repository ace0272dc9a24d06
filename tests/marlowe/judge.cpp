// SPDX-License-Identifier: Apache-2.0
#include "marlowe/judge.hpp"

#include <algorithm>
#include <set>

#include "base/number.hpp"
#include "contracts/escrow/evaluate.hpp"
#include "marlowe/importer.hpp"

namespace marlowe {

namespace {

using contracts::escrow::Transition;
using Texts = std::multiset<std::string>;

/// One transaction's outcome.
struct Outcome {
  std::optional<Value> error;
  Texts payments;
  Texts warnings;
};

Value number(i128 value) {
  Value out;
  out.kind = Value::Kind::number;
  out.text = base::to_decimal(value);
  return out;
}

Value error_of(char const* name) { return Value::object({{"transaction_error", Value::of(name)}}); }

class Run {
 public:
  explicit Run(Imported& imported) : all_(imported) {}

  void start(Value const* state, i128 initial_time) {
    if (state != nullptr) initial_time = number_of(*state->find("minTime")).value_or(0);
    min_time_ = initial_time;
    // Name what only the state names, before the record is laid out.
    if (state != nullptr) {
      for (auto const& account : state->find("accounts")->items)
        all_.pot(account.items[0].items[0], account.items[0].items[1]);
      for (auto const& choice : state->find("choices")->items) all_.choice(choice.items[0]);
      for (auto const& bound : state->find("boundValues")->items) all_.value(bound.items[0].text);
    }
    std::vector<ledger::RoleBinding> parties;
    for (auto const& role : all_.terms.roles) parties.push_back({role.name, ledger::party_id(role.name)});
    record_ = escrow::start(all_.terms, std::move(parties), {0, 1});
    if (state == nullptr) return;
    for (auto const& account : state->find("accounts")->items) {
      auto const pot = all_.pot(account.items[0].items[0], account.items[0].items[1]);
      record_.pots[pot].amount = static_cast<base::Amount>(*number_of(account.items[1]));
    }
    for (auto const& choice : state->find("choices")->items) {
      set(all_.choice(choice.items[0]), *all_.number(choice.items[1]));
      set(all_.choice(choice.items[0]) + 1, 1);
    }
    for (auto const& bound : state->find("boundValues")->items) {
      set(all_.value(bound.items[0].text), *all_.number(bound.items[1]));
      set(all_.value(bound.items[0].text) + 1, 1);
    }
  }

  Outcome transact(Value const& transaction) {
    Outcome out;
    auto const& interval = *transaction.find("tx_interval");
    auto const from = *number_of(*interval.find("from"));
    auto const to = *number_of(*interval.find("to"));
    auto before = record_;
    auto const before_time = min_time_;
    out.error = act(transaction, from, to, out);
    // What is reckoned outside depends on what the transaction sets: again, until it stays.
    for (std::size_t turn = 0; reckon(before) && turn < turns_max; ++turn) {
      record_ = before;
      min_time_ = before_time;
      out = Outcome();
      out.error = act(transaction, from, to, out);
    }
    if (out.error) {
      record_ = before;
      min_time_ = before_time;
      out.payments.clear();
      out.warnings.clear();
    }
    return out;
  }

  /// As the published states are written.
  Texts accounts() const {
    Texts out;
    for (std::size_t i = 0; i < record_.pots.size(); ++i) {
      auto const amount = record_.pots[i].amount;
      auto const& [owner, token] = all_.accounts[i];
      if (amount > 0) out.insert(account(owner, token) + " " + base::to_decimal(amount));
    }
    return out;
  }
  Texts choices() const {
    Texts out;
    for (auto const& [variable, id] : all_.choice_names) {
      if (get(variable + 1) == 1) out.insert(text_of(id) + " " + decimal(get(variable)));
    }
    return out;
  }
  Texts bound_values() const {
    Texts out;
    for (auto const& [variable, name] : all_.value_names) {
      if (get(variable + 1) == 1) out.insert("\"" + name + "\" " + decimal(get(variable)));
    }
    return out;
  }
  i128 min_time() const { return min_time_; }
  /// The contract that is left.
  std::string remaining() const {
    auto const* when = waiting();
    return when == nullptr ? "\"close\"" : text_of(*when);
  }

 private:
  std::string account(std::size_t owner, std::size_t token) const {
    return text_of(all_.role_names[owner]) + " " + text_of(all_.token_names[token]);
  }
  i128 get(std::size_t variable) const {
    auto const& value = record_.variables[variable];
    auto const magnitude = static_cast<i128>(value.magnitude);
    return value.negative ? -magnitude : magnitude;
  }
  void set(std::size_t variable, i128 value) {
    record_.variables[variable].negative = value < 0;
    record_.variables[variable].magnitude = static_cast<base::u128>(value < 0 ? -value : value);
  }

  /// Enough for numbers of which each depends on the one before.
  static constexpr std::size_t turns_max = 32;

  std::string decimal(i128 value) const { return all_.decimal(value); }

  /// Reckons what is reckoned outside with the numbers as they are now, for the record before; true when it changes.
  bool reckon(ledger::ContractRecord& before) const {
    bool changed = false;
    for (auto const& one : all_.outside) {
      auto const value = one.observation ? i128{observed(*one.node)} : all_.named(evaluate(*one.node).text());
      auto& variable = before.variables[one.variable];
      auto const magnitude = static_cast<base::u128>(value < 0 ? -value : value);
      changed = changed || variable.magnitude != magnitude || variable.negative != (value < 0);
      variable.negative = value < 0;
      variable.magnitude = magnitude;
    }
    return changed;
  }

  Big evaluate(Value const& node) const {
    auto const part = [&](char const* name) { return evaluate(*node.find(name)); };
    if (node.is(Value::Kind::number)) return Big(node.text);
    if (node.is(Value::Kind::string)) {
      return Big(decimal(get(node.text == "time_interval_start" ? all_.interval_start : all_.interval_end)));
    }
    if (auto const* token = node.find("amount_of_token")) {
      return Big(base::to_decimal(record_.pots[all_.pot(*node.find("in_account"), *token)].amount));
    }
    if (auto const* id = node.find("value_of_choice")) return Big(decimal(get(all_.choice(*id))));
    if (auto const* name = node.find("use_value")) return Big(decimal(get(all_.value(name->text))));
    if (node.find("negate") != nullptr) return -part("negate");
    if (node.find("add") != nullptr) return part("add") + part("and");
    if (node.find("minus") != nullptr) return part("value") - part("minus");
    if (node.find("multiply") != nullptr) return part("multiply") * part("times");
    if (node.find("divide") != nullptr) return part("divide") / part("by");
    return observed(*node.find("if")) ? part("then") : part("else");
  }

  bool observed(Value const& node) const {
    auto const part = [&](char const* name) { return observed(*node.find(name)); };
    if (node.is(Value::Kind::boolean)) return node.boolean;
    if (node.find("both") != nullptr) return part("both") && part("and");
    if (node.find("either") != nullptr) return part("either") || part("or");
    if (node.find("not") != nullptr) return !part("not");
    if (auto const* id = node.find("chose_something_for")) return get(all_.choice(*id) + 1) == 1;
    auto const value = evaluate(*node.find("value"));
    if (auto const* one = node.find("ge_than")) return !(value < evaluate(*one));
    if (auto const* one = node.find("gt")) return evaluate(*one) < value;
    if (auto const* one = node.find("le_than")) return !(evaluate(*one) < value);
    if (auto const* one = node.find("lt")) return value < evaluate(*one);
    return value == evaluate(*node.find("equal_to"));
  }

  bool closed() const { return record_.closed_ms.has_value(); }
  std::size_t state() const { return all_.terms.state(record_.lanes[0].state).value(); }
  Value const* waiting() const { return closed() ? nullptr : all_.whens[state()]; }

  static escrow::FactsOf no_facts() {
    return [](std::size_t) -> std::vector<ledger::FactEntry> const& {
      static std::vector<ledger::FactEntry> const none;
      return none;
    };
  }

  /// What happens by itself; true when something did.
  bool reduce(base::TimeMs now_ms, Outcome& out) {
    bool moved = false;
    auto const facts = no_facts();
    while (!closed()) {
      auto const transition = escrow::next(all_.terms, record_, facts, now_ms);
      if (!transition) break;
      moved = true;
      tell(*transition, out);
    }
    return moved;
  }

  std::optional<Value> act(Value const& transaction, i128 from, i128 to, Outcome& out) {
    if (from > to) {
      auto detail = Value::object({{"from", number(from)}, {"to", number(to)}});
      return interval_error("invalidInterval", std::move(detail));
    }
    if (to < min_time_) {
      auto detail = Value::object({{"from", number(from)}, {"minTime", number(min_time_)}, {"to", number(to)}});
      return interval_error("intervalInPastError", std::move(detail));
    }
    from = std::max(from, min_time_);
    min_time_ = from;
    set(all_.interval_start, from);
    set(all_.interval_end, to);
    auto const now_ms = time_of(from);
    auto const& inputs = transaction.find("tx_inputs")->items;
    // A contract that is Close from the start has nothing to do unless accounts hold something.
    bool const idle =
        record_.lanes[0].state == all_.terms.states[all_.terms.start].name && whole_is_close() && accounts().empty();
    bool changed = reduce(now_ms, out) && !idle;
    if (ambiguous(to)) return error_of("TEAmbiguousTimeIntervalError");
    for (auto const& input : inputs) {
      if (!apply(input, now_ms, out)) return error_of("TEApplyNoMatchError");
      changed = true;
      reduce(now_ms, out);
      if (ambiguous(to)) return error_of("TEAmbiguousTimeIntervalError");
    }
    if (!changed) return error_of("TEUselessTransaction");
    return std::nullopt;
  }

  bool whole_is_close() const {
    auto const& first = all_.terms.states[all_.terms.start];
    return all_.whens[all_.terms.start] == nullptr && first.late.size() == 1 && first.late[0].targets.empty() &&
           first.late[0].steps.empty();
  }

  static Value interval_error(char const* name, Value detail) {
    auto context = Value::object({{name, std::move(detail)}});
    auto error = Value::object({{"context", std::move(context)}, {"error", Value::of("TEIntervalError")}});
    return Value::object({{"transaction_error", std::move(error)}});
  }

  /// The time of the transaction lies on both sides of a timeout.
  bool ambiguous(i128 to) const { return !closed() && record_.lanes[0].due_ms <= time_of(to); }

  /// The first case that fits takes it.
  bool apply(Value const& input, base::TimeMs now_ms, Outcome& out) {
    if (closed()) return false;
    auto const& cases = all_.terms.states[state()].cases;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      auto const value = fits(input, cases, i, now_ms);
      if (!value) continue;
      escrow::PartyAct wanted;
      wanted.state = record_.lanes[0].state;
      wanted.case_index = i;
      wanted.value = *value;
      wanted.roles = escrow::roles_of(cases[i].event);
      wanted.now = {now_ms, ++log_};
      auto const origin = all_.origins[state()][i];
      auto const* when = waiting();
      auto const done = escrow::act(all_.terms, record_, no_facts(), wanted);
      if (!done || !*done) continue;
      auto const& action = *when->find("when")->items[origin].find("case");
      if (input.find("that_deposits") != nullptr && !std::holds_alternative<escrow::DepositEvent>(cases[i].event)) {
        out.warnings.insert("deposit " + text_of(*action.find("party")) + " " + text_of(*action.find("into_account")) +
                            " " + text_of(*action.find("of_token")) + " " + text_of(*input.find("that_deposits")));
      }
      tell(**done, out);
      return true;
    }
    return false;
  }

  /// The value of the act when the input is what this case waits for.
  std::optional<i128> fits(Value const& input, std::vector<escrow::Case> const& cases, std::size_t i,
                           base::TimeMs now_ms) {
    auto const* deposit = std::get_if<escrow::DepositEvent>(&cases[i].event);
    auto const* vote = std::get_if<escrow::VoteEvent>(&cases[i].event);
    if (input.is(Value::Kind::string)) {
      return vote != nullptr && vote->name == "notify" ? std::optional<i128>(1) : std::nullopt;
    }
    if (auto const* id = input.find("for_choice_id")) {
      if (vote == nullptr || vote->name != text_of(*id)) return std::nullopt;
      auto const& said = *input.find("input_that_chooses_num");
      if (auto const* bounds = all_.bounds[state()][i]; all_.wide && bounds != nullptr) {
        Big const number(said.text);
        bool const out = number < Big(bounds->find("from")->text) || Big(bounds->find("to")->text) < number;
        if (out) return std::nullopt;
      }
      return all_.number(said);
    }
    // A deposit, of something or of nothing: the case of nothing follows the one of something.
    bool const nothing = vote != nullptr && vote->name == "deposit";
    if (nothing) deposit = &std::get<escrow::DepositEvent>(cases[i - 1].event);
    if (deposit == nullptr) return std::nullopt;
    auto const facts = no_facts();
    escrow::View const view{all_.terms, record_, record_.lanes[0], facts, {now_ms, log_ + 1}, 0};
    bool const same = all_.roles.at(text_of(*input.find("input_from_party"))) == deposit->role &&
                      all_.pot(*input.find("into_account"), *input.find("of_token")) == deposit->pot &&
                      escrow::evaluate(deposit->amount, view) == all_.number(*input.find("that_deposits"));
    if (!same) return std::nullopt;
    return nothing ? 1 : 0;
  }

  void tell(Transition const& transition, Outcome& out) {
    std::size_t pay = 0;
    for (auto const& effect : transition.effects) {
      if (auto const* emitted = std::get_if<escrow::Emitted>(&effect)) {
        if (emitted->code.empty()) {
          out.warnings.insert("assertion");
        } else if (emitted->code.starts_with("pay:")) {
          pay = static_cast<std::size_t>(*base::from_decimal(std::string_view(emitted->code).substr(4)));
        } else {
          auto const number = static_cast<std::size_t>(*base::from_decimal(std::string_view(emitted->code).substr(4)));
          auto const& shadow = all_.shadows[number];
          out.warnings.insert("shadow \"" + shadow.name + "\" " + decimal(get(shadow.had)) + " " +
                              decimal(get(shadow.now)));
        }
      } else if (auto const* clamped = std::get_if<escrow::Clamped>(&effect)) {
        auto const& [owner, token] = all_.accounts[clamped->pot];
        auto const what = text_of(all_.role_names[owner]) + " " + text_of(all_.token_names[token]) + " " +
                          text_of(*all_.pays[pay]) + " " + decimal(clamped->asked);
        bool const part = clamped->asked > 0;
        out.warnings.insert(part ? "partial " + what + " " + base::to_decimal(clamped->taken) : "pay " + what);
        // Of an empty account Marlowe tells a payment of nothing.
        if (part && clamped->taken == 0) payment(clamped->pot, text_of(*all_.pays[pay]), 0, out);
      } else if (auto const* payout = std::get_if<escrow::Payout>(&effect)) {
        auto const to = "{party:" + text_of(all_.role_names[payout->role]) + "}";
        payment(payout->pot, to, payout->amount, out);
      } else if (auto const* shift = std::get_if<escrow::Shift>(&effect)) {
        auto const to = "{account:" + text_of(all_.role_names[all_.accounts[shift->into].first]) + "}";
        payment(shift->from, to, shift->amount, out);
      }
    }
  }

  void payment(std::size_t pot, std::string const& to, base::Amount amount, Outcome& out) const {
    auto const& [owner, token] = all_.accounts[pot];
    out.payments.insert(account(owner, token) + " " + to + " " + base::to_decimal(amount));
  }

  Imported& all_;
  ledger::ContractRecord record_;
  i128 min_time_ = 0;
  std::uint64_t log_ = 1;
};

Texts payments_of(Value const& list) {
  Texts out;
  for (auto const& one : list.items) {
    out.insert(text_of(*one.find("payment_from")) + " " + text_of(*one.find("token")) + " " + text_of(*one.find("to")) +
               " " + text_of(*one.find("amount")));
  }
  return out;
}

Texts warnings_of(Value const& list) {
  Texts out;
  for (auto const& one : list.items) {
    auto const text = [&](char const* name) { return text_of(*one.find(name)); };
    if (one.is(Value::Kind::string)) {
      out.insert("assertion");
    } else if (one.find("asked_to_deposit") != nullptr) {
      out.insert("deposit " + text("party") + " " + text("in_account") + " " + text("of_token") + " " +
                 text("asked_to_deposit"));
    } else if (one.find("value_id") != nullptr) {
      out.insert("shadow " + text("value_id") + " " + text("had_value") + " " + text("is_now_assigned"));
    } else {
      auto const what = text("account") + " " + text("of_token") + " " + text("to_payee") + " " + text("asked_to_pay");
      bool const part = one.find("but_only_paid") != nullptr;
      out.insert(part ? "partial " + what + " " + text("but_only_paid") : "pay " + what);
    }
  }
  return out;
}

Texts pairs_of(Value const& list) {
  Texts out;
  for (auto const& one : list.items) out.insert(text_of(one.items[0]) + " " + text_of(one.items[1]));
  return out;
}

Texts accounts_of(Value const& list) {
  Texts out;
  for (auto const& one : list.items) {
    auto const& key = one.items[0];
    out.insert(text_of(key.items[0]) + " " + text_of(key.items[1]) + " " + text_of(one.items[1]));
  }
  return out;
}

std::string told(Texts const& texts) {
  std::string out;
  for (auto const& text : texts) out += (out.empty() ? "" : "; ") + text;
  return out.empty() ? "none" : out;
}

std::optional<std::string> compare(char const* what, Texts const& ours, Texts const& theirs) {
  if (ours == theirs) return std::nullopt;
  return std::string(what) + ": " + told(ours) + " <> " + told(theirs);
}

std::optional<std::string> compare(Outcome const& ours, Run const& run, Value const& theirs) {
  if (theirs.find("transaction_error") != nullptr || ours.error) {
    auto const met = ours.error ? text_of(*ours.error) : std::string("no error");
    if (met == text_of(theirs)) return std::nullopt;
    return met + " <> " + text_of(theirs).substr(0, 200);
  }
  auto const& state = *theirs.find("state");
  for (auto const& one : {compare("payments", ours.payments, payments_of(*theirs.find("payments"))),
                          compare("warnings", ours.warnings, warnings_of(*theirs.find("warnings"))),
                          compare("accounts", run.accounts(), accounts_of(*state.find("accounts"))),
                          compare("choices", run.choices(), pairs_of(*state.find("choices"))),
                          compare("values", run.bound_values(), pairs_of(*state.find("boundValues")))}) {
    if (one) return one;
  }
  if (number_of(*state.find("minTime")) != run.min_time()) return "minTime " + base::to_decimal(run.min_time());
  auto const* contract = theirs.find("contract");
  if (contract != nullptr && text_of(*contract) != run.remaining()) return "what is left: " + run.remaining();
  return std::nullopt;
}

/// Parties that only inputs name.
void name_inputs(Value const& transactions, Imported& imported) {
  for (auto const& transaction : transactions.items) {
    for (auto const& input : transaction.find("tx_inputs")->items) {
      if (auto const* party = input.find("input_from_party")) {
        imported.role(*party);
        imported.pot(*input.find("into_account"), *input.find("of_token"));
      }
    }
  }
}

}  // namespace

std::optional<std::string> difference(Value const& row) {
  auto const* contract = row.find("contract");
  auto const* transactions = row.find("transactions");
  if (contract == nullptr || transactions == nullptr) return "no contract, or no transactions";
  if (transactions->items.empty()) return "no transaction: nothing is compared";
  auto imported = import(*contract, is_wide(row));
  if (!imported) return "no contract that can be imported";
  name_inputs(*transactions, *imported);
  Run run(*imported);
  auto const* initial = row.find("initial_time");
  run.start(row.find("state"), initial == nullptr ? 0 : number_of(*initial).value_or(0));
  auto const* outputs = row.find("outputs");
  if (outputs == nullptr && row.find("expected_payments") == nullptr) return "neither outputs nor expected_payments";
  if (outputs != nullptr && outputs->items.size() != transactions->items.size()) {
    return std::to_string(outputs->items.size()) + " outputs of " + std::to_string(transactions->items.size()) +
           " transactions";
  }
  Texts paid;
  for (std::size_t i = 0; i < transactions->items.size(); ++i) {
    auto const outcome = run.transact(transactions->items[i]);
    paid.insert(outcome.payments.begin(), outcome.payments.end());
    if (outputs == nullptr) {
      if (outcome.error) return "transaction " + std::to_string(i) + ": " + text_of(*outcome.error);
      continue;
    }
    if (auto const found = compare(outcome, run, outputs->items[i])) {
      return "transaction " + std::to_string(i) + ": " + *found;
    }
  }
  if (auto const* payments = row.find("expected_payments")) return compare("payments", paid, payments_of(*payments));
  return std::nullopt;
}

}  // namespace marlowe
