// SPDX-License-Identifier: Apache-2.0
#include "contracts/escrow/explain.hpp"

#include <algorithm>
#include <set>

#include "base/number.hpp"
#include "contracts/escrow/interpreter.hpp"

namespace contracts::escrow {

namespace {

enum class Phrase : std::uint8_t {
  paid_in,
  paid_out,
  held,
  handover,
  handover_counted,
  rejection,
  milestone,
  milestone_as,
  deposit,
  choice,
  award,
  approve,
  deadline,
  seen_unanswered,
  seen_rejected,
  seen_accepted,
  when_holds,
  otherwise,
  pay_all,
  pay_fixed,
  pay_rule,
  split_fixed,
  split_rule,
  split_rest,
  title,
  counted,
  changes,
  goes_on,
  ends,
  offer,
  answer,
  attest,
  came_by_act,
  came_by_fact,
  came_by_deadline,
  ended,
  some_of,
  handover_claimed,
  document,
  certificate,
  with_grade,
  with_quantity,
  with_reading,
  greatest,
  least,
  above,
  below,
  readings,
  sensor_more,
  sensor_less,
  sensor_any,
  report,
  present,
  certify,
  move_all,
  move_rule,
  emitted,
  asserted,
  failed,
  clamped,
  missed,
  assigned,
  count,
};

/// {0}, {1}, {2} stand for what is inserted.
struct Words {
  std::string_view en;
  std::string_view zh;
};

constexpr std::array<Words, static_cast<std::size_t>(Phrase::count)> phrases{{
    {"{0} paid in by {1}", "{1} 存入 {0}"},
    {"{0} {1} paid to {2}", "{0} 已付给 {2} {1}"},
    {"{0} {1} held", "{0} 托管中 {1}"},
    {"{0} and {1} both sign the handover of {2}", "{0} 与 {1} 双方签署 {2} 的交接"},
    {"{0} and {1} both sign the handover of {2} with a count", "{0} 与 {1} 双方签署 {2} 的交接并清点数量"},
    {"{1} rejects what {0} offers of {2}", "{1} 拒收 {0} 交付的 {2}"},
    {"{0} records {1} of {2}", "{0} 对 {2} 记录 {1}"},
    {"{0} records {1} of {2} as {3}", "{0} 对 {2} 记录 {1}，结果 {3}"},
    {"{0} pays {1} into {2}", "{0} 向 {2} 存入 {1}"},
    {"{0} chooses {1}", "{0} 选择 {1}"},
    {"{0} decide {1}, {2} of them alike", "{0} 裁定 {1}，须 {2} 方一致"},
    {"{0} approve, {2} of them", "{0} 批准，须 {2} 方"},
    {"nothing of this happens in time", "期限内均未发生"},
    {"an offer is open", "有未答复的交付"},
    {"an offer was rejected", "交付已被拒收"},
    {"it was accepted before", "此前已签收"},
    {"a condition of the terms holds", "条款所列条件成立"},
    {"otherwise", "否则"},
    {"all of {0} to {1}", "{0} 全部付给 {1}"},
    {"{2} of {0} to {1}", "由 {0} 付给 {1} {2}"},
    {"from {0} to {1} by the rule of the terms", "由 {0} 按条款规则付给 {1}"},
    {"{2} % of {0} to {1}", "{0} 的 {2} % 付给 {1}"},
    {"a share of {0} to {1} by the rule of the terms", "{0} 按条款规则的份额付给 {1}"},
    {"the rest of it to {1}", "其余付给 {1}"},
    {"ownership of {0} passes from {1} to {2}", "{0} 的所有权由 {1} 转给 {2}"},
    {"it counts as one of at most {1} ({0})", "计入 {0}，最多 {1} 次"},
    {"the rest depends on a condition of the terms", "其余取决于条款所列条件"},
    {"then {0}", "然后进入 {0}"},
    {"then this part ends; what is left goes to {0}", "然后此部分结束，余款归 {0}"},
    {"offer delivery of {2} to {1}", "向 {1} 交付 {2}"},
    {"accept or reject {2} from {0}", "签收或拒收 {0} 交付的 {2}"},
    {"record {1} of {2}", "对 {2} 记录 {1}"},
    {"a party acted, {0}", "一方已操作，{0}"},
    {"it happened, {0}", "事实已发生，{0}"},
    {"the deadline passed, {0}", "期限已届满，{0}"},
    {"then this part ended", "此部分已结束"},
    {"{1} of {0}", "{0} 中的 {1} 方"},
    {"{0} and {1} both sign the handover of {2}; what carries the claim {3} counts",
     "{0} 与 {1} 双方签署 {2} 的交接，只计带有 {3} 声明的部分"},
    {"{0} presents document {1} for {2}", "{0} 就 {2} 提交单据 {1}"},
    {"{0} certifies {2} under {1}", "{0} 按 {1} 为 {2} 出具证书"},
    {", with a grade", "，并评级"},
    {", with a quantity", "，并记录数量"},
    {"; what the sensors show of {0} counts", "；以传感器的 {0} 读数为准"},
    {"the highest {0}", "{0} 最高值"},
    {"the lowest {0}", "{0} 最低值"},
    {"the minutes of {0} above {1}", "{0} 高于 {1} 的分钟数"},
    {"the minutes of {0} below {1}", "{0} 低于 {1} 的分钟数"},
    {"the number of readings of {0}", "{0} 的读数个数"},
    {"the sensors of {0} at {2} show: {1} is more than {3}", "{0} 在 {2} 的传感器显示：{1} 大于 {3}"},
    {"the sensors of {0} at {2} show: {1} is less than {3}", "{0} 在 {2} 的传感器显示：{1} 小于 {3}"},
    {"the sensors of {0} at {2} report {1}", "{0} 在 {2} 的传感器报告{1}"},
    {"report what the sensors at {2} show", "报告 {2} 处传感器的读数"},
    {"present document {1} for {2}", "就 {2} 提交单据 {1}"},
    {"certify {2} under {1}", "按 {1} 为 {2} 出具证书"},
    {"all of {0} into {1}", "{0} 全部转入 {1}"},
    {"from {0} into {1} by the rule of the terms", "由 {0} 按条款规则转入 {1}"},
    {"the terms report {0}", "条款发出 {0}"},
    {"it is checked that a condition of the terms holds", "核对条款所列条件"},
    {"a condition that the terms check did not hold", "条款核对的条件不成立"},
    {"a pot held less than a step asked for", "某一步要求的金额超过托管余额"},
    {"goods whose title could not pass: {0}", "未能转移所有权的货物：{0}"},
    {"what {0} is paid goes to {1}", "付给 {0} 的款项归 {1}"},
}};

class Teller {
 public:
  Teller(Terms const& terms, ledger::ContractRecord const& contract, Naming const& naming, Language language)
      : terms_(terms), contract_(contract), naming_(naming), language_(language) {}

  Explanation tell() {
    out_.label = contract_.label;
    out_.title = terms_.title;
    out_.ended = contract_.closed_ms.has_value();
    for (auto const& move : contract_.past) past(move);
    for (auto const& lane : contract_.lanes) {
      if (!lane.closed()) present(lane);
    }
    later();
    for (auto const& one : contract_.assigned) {
      auto const who = party(number_of(terms_.roles, one.role));
      out_.rows.push_back({Explanation::When::now, one.role, say(Phrase::assigned, {who, one.party.hex()}), 0});
    }
    totals();
    return std::move(out_);
  }

  /// What the deadline of a state brings.
  std::vector<std::string> late(State const& state, std::uint64_t pots) const {
    std::vector<std::string> out;
    for (auto const& end : state.late) {
      if (state.late.size() > 1) out.push_back(end.condition ? condition(*end.condition) : say(Phrase::otherwise));
      auto const lines = results(end, pots);
      out.insert(out.end(), lines.begin(), lines.end());
    }
    return out;
  }

 private:
  std::string say(Phrase phrase, std::vector<std::string> const& with = {}) const {
    auto const& words = phrases[static_cast<std::size_t>(phrase)];
    std::string out;
    auto const text = language_ == Language::zh ? words.zh : words.en;
    for (std::size_t i = 0; i < text.size(); ++i) {
      bool const hole = text[i] == '{' && i + 2 < text.size() && text[i + 2] == '}';
      if (!hole) {
        out += text[i];
        continue;
      }
      out += with[static_cast<std::size_t>(text[i + 1] - '0')];
      i += 2;
    }
    return out;
  }

  std::string const& party(std::size_t role) const { return naming_.parties[role]; }
  std::string const& subject(std::size_t number) const { return terms_.subjects[number].name; }
  std::string amount(std::size_t pot, Amount value) const {
    return grouped(value, naming_.scales[terms_.pots[pot].asset]);
  }
  std::string names(std::vector<std::size_t> const& roles) const {
    std::string out;
    for (auto const role : roles) out += (out.empty() ? "" : ", ") + party(role);
    return out;
  }
  template <class List>
  static std::size_t number_of(List const& list, std::string_view name) {
    auto const found = std::find_if(list.begin(), list.end(), [&](auto const& one) { return one.name == name; });
    CHECK(found != list.end());
    return static_cast<std::size_t>(found - list.begin());
  }

  /// Why a part of the contract went on although no money moved.
  std::string why(ledger::PastMove const& move) const {
    auto const phrase = move.cause == ledger::MoveCause::act    ? Phrase::came_by_act
                        : move.cause == ledger::MoveCause::fact ? Phrase::came_by_fact
                                                                : Phrase::came_by_deadline;
    bool const ends = move.to.empty() || move.to == "close";
    return say(phrase, {ends ? say(Phrase::ended) : say(Phrase::goes_on, {std::string(move.to)})});
  }

  void past(ledger::PastMove const& move) {
    std::string text;
    for (auto const& payment : move.payments) {
      auto const pot = number_of(terms_.pots, payment.pot);
      auto const who = party(number_of(terms_.roles, payment.role));
      auto const much = amount(pot, payment.amount);
      if (!text.empty()) text += "; ";
      text += payment.out ? say(Phrase::paid_out, {payment.pot, much, who}) : say(Phrase::paid_in, {much, who});
    }
    if (text.empty()) text = why(move);
    auto const note = [&](std::string more) { text += (text.empty() ? "" : "; ") + more; };
    for (auto const& code : move.emitted) note(say(Phrase::emitted, {code}));
    if (move.assertions_failed > 0) note(say(Phrase::failed));
    if (move.clamped > 0) note(say(Phrase::clamped));
    if (move.title_missed > 0) {
      note(say(Phrase::missed, {base::to_decimal_literal(static_cast<i128>(move.title_missed), 6)}));
    }
    out_.rows.push_back({Explanation::When::done, move.from, std::move(text), move.time_ms});
  }

  void present(ledger::Lane const& lane) {
    auto const& state = terms_.states[terms_.state(lane.state).value()];
    std::string text;
    auto const pots = terms_.reach[terms_.state(lane.state).value()].pots;
    for (std::size_t i = 0; i < terms_.pots.size(); ++i) {
      if ((pots >> i & 1) == 0 || contract_.pots[i].amount == 0) continue;
      if (!text.empty()) text += "; ";
      text += say(Phrase::held, {terms_.pots[i].name, amount(i, contract_.pots[i].amount)});
    }
    out_.rows.push_back({Explanation::When::now, state.name, std::move(text), lane.due_ms});
    for (std::size_t i = 0; i < state.cases.size(); ++i) {
      auto const& one = state.cases[i];
      out_.ahead.push_back({state.name, event(one.event), results(one.end, pots), std::nullopt});
      acts(state, i);
    }
    out_.ahead.push_back({state.name, say(Phrase::deadline), late(state, pots), lane.due_ms});
  }

  /// States that the open lanes can reach and are not in.
  void later() {
    std::uint64_t reached = 0;
    for (auto const& lane : contract_.lanes) {
      if (!lane.closed()) reached |= terms_.reach[terms_.state(lane.state).value()].states;
    }
    for (std::size_t i = 0; i < terms_.states.size(); ++i) {
      auto const& name = terms_.states[i].name;
      bool const here = std::any_of(contract_.lanes.begin(), contract_.lanes.end(),
                                    [&](auto const& lane) { return lane.state == name; });
      if (!here && (reached >> i & 1) != 0) out_.rows.push_back({Explanation::When::later, name, "", 0});
    }
  }

  std::string attesters(FactPattern const& pattern) const {
    std::vector<std::size_t> roles;
    for (auto const trigger : pattern.triggers) roles.push_back(terms_.triggers[trigger].actor);
    auto const all = names(roles);
    return roles.size() == 1 ? all : say(Phrase::some_of, {all, std::to_string(pattern.needed)});
  }

  std::string fact(FactPattern const& pattern) const {
    auto const& trigger = terms_.triggers[pattern.trigger()];
    auto const& about = subject(trigger.subject);
    auto const who = attesters(pattern);
    switch (trigger.kind) {
      case ledger::WatchKind::handover: {
        auto const phrase = pattern.wanted == Wanted::rejected ? Phrase::rejection
                            : !pattern.claim.empty()           ? Phrase::handover_claimed
                            : pattern.has_value()              ? Phrase::handover_counted
                                                               : Phrase::handover;
        return say(phrase, {party(trigger.actor), party(trigger.to), about, pattern.claim});
      }
      case ledger::WatchKind::sensor:
        return sensor(*pattern.sensor, who, about);
      case ledger::WatchKind::document:
        return say(Phrase::document, {who, trigger.word, about});
      case ledger::WatchKind::certificate:
        return say(Phrase::certificate, {who, trigger.word, about});
      default:
        break;
    }
    auto const phrase = pattern.disposition.empty() ? Phrase::milestone : Phrase::milestone_as;
    auto out = say(phrase, {who, trigger.word, about, pattern.disposition});
    if (pattern.value == FactPattern::Value::grade) out += say(Phrase::with_grade);
    if (pattern.value == FactPattern::Value::quantity) out += say(Phrase::with_quantity);
    if (pattern.reading) out += say(Phrase::with_reading, {terms_.triggers[pattern.reading->triggers.front()].word});
    return out;
  }

  std::string sensor(Sensor const& asked, std::string const& who, std::string const& about) const {
    using Aggregate = Sensor::Aggregate;
    auto const& trigger = terms_.triggers[asked.triggers.front()];
    auto const& unit = trigger.sensor->unit;
    bool const valued = asked.aggregate == Aggregate::max || asked.aggregate == Aggregate::min;
    auto const limit = [&](i128 value) {
      auto const text = base::to_decimal_literal(value, valued ? asked.scale : 0);
      return valued ? text + " " + std::string(unit) : text;
    };
    auto const level = trigger.sensor->threshold
                           ? base::to_decimal_literal(trigger.sensor->threshold->value(), 6) + " " + std::string(unit)
                           : std::string();
    auto const what = asked.aggregate == Aggregate::max             ? say(Phrase::greatest, {trigger.word})
                      : asked.aggregate == Aggregate::min           ? say(Phrase::least, {trigger.word})
                      : asked.aggregate == Aggregate::minutes_above ? say(Phrase::above, {trigger.word, level})
                      : asked.aggregate == Aggregate::minutes_below ? say(Phrase::below, {trigger.word, level})
                                                                    : say(Phrase::readings, {trigger.word});
    if (asked.greater_than) return say(Phrase::sensor_more, {who, what, about, limit(*asked.greater_than)});
    if (asked.less_than) return say(Phrase::sensor_less, {who, what, about, limit(*asked.less_than)});
    return say(Phrase::sensor_any, {who, what, about});
  }

  std::string event(Event const& event) const {
    if (auto const* facts = std::get_if<FactEvent>(&event)) {
      std::string out;
      for (auto const& pattern : facts->facts) out += (out.empty() ? "" : "; ") + fact(pattern);
      return out;
    }
    if (auto const* deposit = std::get_if<DepositEvent>(&event)) {
      auto const much =
          fixed(deposit->amount) ? amount(deposit->pot, static_cast<Amount>(deposit->amount.number)) : "…";
      return say(Phrase::deposit, {party(deposit->role), much, terms_.pots[deposit->pot].name});
    }
    auto const& vote = std::get<VoteEvent>(event);
    auto const phrase = vote.kind == VoteEvent::Kind::choice  ? Phrase::choice
                        : vote.kind == VoteEvent::Kind::award ? Phrase::award
                                                              : Phrase::approve;
    return say(phrase, {names(vote.roles), vote.name, std::to_string(vote.needed)});
  }

  static bool fixed(Expression const& expression) {
    return expression.kind == Expression::Kind::number && expression.number >= 0;
  }

  std::string condition(Condition const& condition) const {
    if (condition.kind != Condition::Kind::seen) return say(Phrase::when_holds);
    if (terms_.triggers[condition.fact.trigger()].kind != ledger::WatchKind::handover) return fact(condition.fact);
    switch (condition.fact.wanted) {
      case Wanted::unanswered:
        return say(Phrase::seen_unanswered);
      case Wanted::rejected:
        return say(Phrase::seen_rejected);
      default:
        return say(Phrase::seen_accepted);
    }
  }

  std::vector<std::string> results(End const& end, std::uint64_t pots) const {
    std::vector<std::string> out;
    for (auto const& one : end.steps) step(one, out);
    if (!end.targets.empty()) {
      std::string names;
      for (auto const target : end.targets) names += (names.empty() ? "" : ", ") + terms_.states[target].name;
      out.push_back(say(Phrase::goes_on, {names}));
      return out;
    }
    std::string who;
    std::set<std::size_t> told;
    for (std::size_t i = 0; i < terms_.pots.size(); ++i) {
      auto const role = terms_.pots[i].residual;
      if ((pots >> i & 1) == 0 || contract_.pots[i].amount == 0 || !told.insert(role).second) continue;
      who += (who.empty() ? "" : ", ") + party(role);
    }
    out.push_back(say(Phrase::ends, {who.empty() ? "-" : who}));
    return out;
  }

  void step(Step const& step, std::vector<std::string>& out) const {
    if (auto const* pay = std::get_if<PayStep>(&step.act)) {
      auto const& pot = terms_.pots[pay->from].name;
      bool const all = pay->take.kind == Take::Kind::all;
      bool const plain = !all && fixed(pay->take.amount);
      auto const much = plain ? amount(pay->from, static_cast<Amount>(pay->take.amount.number)) : "";
      auto const phrase = all ? Phrase::pay_all : plain ? Phrase::pay_fixed : Phrase::pay_rule;
      out.push_back(say(phrase, {pot, party(pay->to), much}));
    } else if (auto const* split = std::get_if<SplitStep>(&step.act)) {
      auto const& pot = terms_.pots[split->from].name;
      for (auto const& part : split->parts) {
        bool const plain = split->take.kind == Take::Kind::all && fixed(part.bps);
        auto const share = plain ? base::to_decimal_literal(part.bps.number, 2) : "";
        out.push_back(say(plain ? Phrase::split_fixed : Phrase::split_rule, {pot, party(part.to), share}));
      }
      out.push_back(say(Phrase::split_rest, {pot, party(split->rest)}));
    } else if (auto const* title = std::get_if<TitleStep>(&step.act)) {
      out.push_back(say(Phrase::title, {subject(title->subject), party(title->from), party(title->to)}));
    } else if (auto const* count = std::get_if<CountStep>(&step.act)) {
      auto const& counter = terms_.counters[count->counter];
      out.push_back(say(Phrase::counted, {counter.name, std::to_string(counter.max)}));
    } else if (auto const* move = std::get_if<MoveStep>(&step.act)) {
      auto const phrase = move->take.kind == Take::Kind::all ? Phrase::move_all : Phrase::move_rule;
      out.push_back(say(phrase, {terms_.pots[move->from].name, terms_.pots[move->into].name}));
    } else if (auto const* emit = std::get_if<EmitStep>(&step.act)) {
      out.push_back(say(Phrase::emitted, {emit->code}));
    } else if (std::holds_alternative<AssertStep>(step.act)) {
      out.push_back(say(Phrase::asserted));
    } else if (std::holds_alternative<IfStep>(step.act)) {
      out.push_back(say(Phrase::changes));
    }
  }

  /// What parties may do for one case.
  void acts(State const& state, std::size_t index) {
    auto const& on = state.cases[index].event;
    if (auto const* facts = std::get_if<FactEvent>(&on)) {
      for (auto const& pattern : facts->facts) {
        for (auto const trigger : pattern.triggers) attest(terms_.triggers[trigger], state);
      }
      return;
    }
    for (auto const role : roles_of(on)) add_act(role, event(on), state, index);
  }

  void attest(Trigger const& trigger, State const& state) {
    auto const& about = subject(trigger.subject);
    switch (trigger.kind) {
      case ledger::WatchKind::handover:
        add_act(trigger.actor, say(Phrase::offer, {"", party(trigger.to), about}), state, {});
        add_act(trigger.to, say(Phrase::answer, {party(trigger.actor), "", about}), state, {});
        return;
      case ledger::WatchKind::sensor:
        return add_act(trigger.actor, say(Phrase::report, {"", "", about}), state, {});
      case ledger::WatchKind::document:
        return add_act(trigger.actor, say(Phrase::present, {"", trigger.word, about}), state, {});
      case ledger::WatchKind::certificate:
        return add_act(trigger.actor, say(Phrase::certify, {"", trigger.word, about}), state, {});
      default:
        return add_act(trigger.actor, say(Phrase::attest, {"", trigger.word, about}), state, {});
    }
  }

  void add_act(std::size_t role, std::string text, State const& state, std::optional<std::size_t> index) {
    auto const& who = party(role);
    auto const same = [&](Explanation::Act const& one) {
      return !index && !one.case_index && one.party == who && one.text == text;
    };
    if (std::any_of(out_.acts.begin(), out_.acts.end(), same)) return;  // two lanes wait for one event
    out_.acts.push_back({who, terms_.roles[role].name, std::move(text), state.name, index});
  }

  void totals() {
    for (std::size_t i = 0; i < terms_.assets.size(); ++i) {
      auto const& asset = terms_.assets[i].id;
      auto const scale = naming_.scales[i];
      Amount paid_in = 0;
      Amount paid_out = 0;
      Amount held = 0;
      for (std::size_t n = 0; n < terms_.pots.size(); ++n) {
        if (terms_.pots[n].asset == i) held += contract_.pots[n].amount;
      }
      for (auto const& total : contract_.totals) {
        if (total.asset != asset) continue;
        paid_in += total.paid_in;
        paid_out += total.paid_out;
        out_.totals.push_back({party(number_of(terms_.roles, total.role)), asset, grouped(total.paid_in, scale),
                               grouped(total.paid_out, scale)});
      }
      out_.sums.push_back({asset, grouped(paid_in, scale), grouped(paid_out, scale), grouped(held, scale)});
    }
  }

  Terms const& terms_;
  ledger::ContractRecord const& contract_;
  Naming const& naming_;
  Language language_;
  Explanation out_;
};

}  // namespace

std::vector<std::string> silence(Terms const& terms, std::size_t state, Language language) {
  Naming naming;
  ledger::ContractRecord full;
  for (auto const& role : terms.roles) naming.parties.push_back(role.name);
  naming.scales.assign(terms.assets.size(), 0);
  for (auto const& pot : terms.pots) full.pots.push_back({pot.name, pot.cap});
  return Teller(terms, full, naming, language).late(terms.states[state], terms.reach[state].pots);
}

std::string words(Warning const& warning, Language language) {
  using Kind = Warning::Kind;
  auto const pick = [&](std::string_view en, std::string_view zh) {
    return std::string(language == Language::zh ? zh : en);
  };
  switch (warning.kind) {
    case Kind::unreachable:
      return pick("this state is never reached", "永远到不了此状态");
    case Kind::never:
      return pick("this can never be taken", "此分支永远不会成立");
    case Kind::clamped:
      return pick("can ask for ", "可能要求 ") + warning.detail + pick(" and get less", "，而实际所得更少");
    case Kind::domain:
      return pick("can be below zero: ", "可能小于零：") + warning.detail;
    case Kind::assertion:
      return pick("may not hold", "可能不成立");
    case Kind::past:
      return pick("is past when the contract is opened", "合约开立时已过期");
    default:
      return pick("ask for an unanswered handover first: silence pays ", "应先查有无未答复的交付：沉默时付给 ") +
             warning.detail;
  }
}

std::string grouped(Amount amount, unsigned scale) {
  auto digits = base::to_decimal(amount);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  auto const whole = digits.size() - scale;
  std::string out;
  for (std::size_t i = 0; i < whole; ++i) {
    if (i > 0 && (whole - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return scale == 0 ? out : out + "." + digits.substr(whole);
}

Explanation explain(Terms const& terms, ledger::ContractRecord const& contract, Naming const& naming,
                    Language language) {
  CHECK(naming.parties.size() == terms.roles.size() && naming.scales.size() == terms.assets.size());
  return Teller(terms, contract, naming, language).tell();
}

}  // namespace contracts::escrow
