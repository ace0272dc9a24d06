// SPDX-License-Identifier: Apache-2.0
#include "testnet/performance.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "ledger/goods.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

Value one_param(char const* name, std::string const& value) {
  auto out = Value::object();
  out.add(name, Value::of(value));
  return out;
}

std::string holdings_text(std::map<std::string, ledger::Micro> const& held) {
  std::string out;
  for (auto const& [name, amount] : held) out += (out.empty() ? "" : ", ") + name + " " + decimal(amount);
  return out.empty() ? "nobody" : out;
}

}  // namespace

std::string said(Result<wallet::Outcome> const& outcome) {
  if (!outcome) return base::to_string(outcome.error());
  return outcome->state == "done" ? "done" : outcome->code + " " + outcome->field;
}

std::string code_of(Result<wallet::Outcome> const& outcome) {
  if (!outcome) return std::string(base::name(outcome.error().code));
  bool const old = std::ranges::find(outcome->event_codes, "exists") != outcome->event_codes.end();
  return outcome->state != "done" ? outcome->code : old ? "exists" : "done";
}

void Performance::say(Tell const& tell, Line line) {
  good_ = good_ && line.good;
  tell(line);
}

Result<void> Performance::must(Act const& act, std::string const& what) {
  auto const outcome = chain_.play(act);
  if (!outcome) return Error{outcome.error().code, what, base::to_string(outcome.error())};
  if (outcome->state == "done") return {};
  return Error{Code::E_NOT_ALLOWED_HERE, what, said(outcome)};
}

Result<void> Performance::open() {
  opened_ = true;
  auto const dot = deal_->asset.find('.');
  auto const bank = deal_->asset.substr(dot + 1);
  ledger::CreateAsset asset;
  asset.code = deal_->asset.substr(0, dot);
  asset.scale = 2;
  asset.max_supply = deal_->total;
  ledger::Mint mint;
  mint.asset = deal_->asset;
  mint.to = world_.organisation(deal_->buyer).party();
  mint.amount = deal_->total;
  mint.reserve = crypto::sha256(base::bytes_of("reserve statement of the demo bank"));
  TRY(must({{bank}, {}, {asset, mint}, deal_->open_ms}, "money"));
  ledger::EscrowOpen open;
  open.terms = deal_->terms;
  open.label = deal_->label;
  for (auto const& [role, code] : deal_->parties) {
    open.parties.push_back({role, world_.organisation(code).party()});
  }
  auto const opened = chain_.play({{deal_->buyer, deal_->seller}, {}, {open}, deal_->open_ms});
  if (!opened || opened->state != "done") return Error{Code::E_NOT_ALLOWED_HERE, deal_->label, said(opened)};
  contract_ = ledger::contract_id(opened->id, 0);
  for (auto const& state : deal_->deposits) {
    ledger::EscrowAct deposit;
    deposit.contract = contract_;
    deposit.state = state;
    TRY(must({{deal_->buyer}, {}, {deposit}, deal_->open_ms}, deal_->label + " deposit " + state));
  }
  return {};
}

Result<bool> Performance::step(Step const& step, Tell const& tell, Before const& before) {
  if (step.acts.empty()) {
    TRY_ASSIGN(bool const on, before ? before(step, 0) : Result<bool>(true));
    if (!on) return false;
    TRY(chain_.advance(step.time_ms));
  }
  for (std::size_t i = 0; i < step.acts.size(); ++i) {
    TRY_ASSIGN(bool const on, before ? before(step, i) : Result<bool>(true));
    if (!on) return false;
    auto const outcome = chain_.play(step.acts[i]);
    if (outcome && outcome->state == "done") continue;
    say(tell, {false, std::to_string(step.number), "done", said(outcome), &step});
    return false;
  }
  say(tell, {true, std::to_string(step.number), "done", "done", &step});
  TRY(check_owner(step, tell));
  return true;
}

Result<std::string> Performance::owner(std::string const& link) {
  std::set<std::string> names;
  if (link.find("/10/") != link.npos) {
    TRY_ASSIGN(auto const answer, chain_.call("goods_account", one_param("lot", link)));
    auto const* holdings = answer.find("holdings");
    for (auto const& one : holdings != nullptr ? holdings->items : std::vector<Value>())
      names.emplace(one.string_of("owner"));
  } else {
    TRY_ASSIGN(auto const answer, chain_.call("trace_where", one_param("id", link)));
    auto const* found = answer.find("owner");
    if (found != nullptr && found->string_of("id") == ledger::consumer().hex()) {
      names.emplace("consumer");
    } else if (found != nullptr) {
      names.emplace(found->is(Value::Kind::string) ? std::string_view(found->text) : found->string_of("name"));
    }
  }
  std::string out;
  for (auto const& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// Of a lot others may own other parts.
Result<void> Performance::check_owner(Step const& step, Tell const& tell) {
  if (step.by_contract && !opened_) return {};
  for (auto const& link : step.owned) {
    TRY_ASSIGN(auto const came, owner(link));
    bool const is_lot = link.find("/10/") != link.npos;
    bool const good =
        is_lot ? (", " + came + ",").find(", " + step.owner + ",") != std::string::npos : came == step.owner;
    auto const name = std::to_string(step.number) + " owner of " + link.substr(link.rfind('/') + 1);
    say(tell, {good, name, step.owner, came, nullptr});
  }
  return {};
}

Result<void> Performance::play(Tell const& tell, Before const& before) {
  for (auto const& act : story_.preparations) TRY(must(act, "preparation"));
  for (auto const& one : story_.steps) {
    auto const begins = one.acts.empty() ? one.time_ms : one.acts.front().time_ms;
    if (deal_ && !opened_ && begins > deal_->open_ms) TRY(open());
    TRY_ASSIGN(bool const done, step(one, tell, before));
    if (!done) return {};
  }
  // A deadline fires at the beginning of a block of its time: the one after that which moved the clock there.
  auto const last = story_.steps.back().time_ms;
  TRY(chain_.advance(last + base::minute_ms));
  return chain_.advance(last + 2 * base::minute_ms);
}

Result<std::string> Performance::held(std::string const& link) {
  TRY_ASSIGN(auto const answer, chain_.call("goods_account", one_param("lot", link)));
  std::map<std::string, ledger::Micro> out;
  auto const* holdings = answer.find("holdings");
  if (holdings == nullptr) return Error{Code::E_ENCODING, "goods_account", "no holdings in the answer"};
  for (auto const& one : holdings->items) {
    // What is disputed stays with whoever gave it.
    auto const amount = base::from_decimal_literal(one.string_of("quantity"), 6).value_or(0) +
                        base::from_decimal_literal(one.string_of("disputed"), 6).value_or(0);
    if (amount > 0) out[std::string(one.string_of("custodian"))] += static_cast<ledger::Micro>(amount);
  }
  return "made " + std::string(answer.string_of("total")) + ": " + holdings_text(out);
}

Result<std::string> Performance::money(std::string const& code) {
  if (!deal_) return Error{Code::E_FORM, "escrow", "the journey has none"};
  auto params = one_param("party", code);
  params.add("asset", Value::of(deal_->asset));
  TRY_ASSIGN(auto const answer, chain_.call("account_get", std::move(params)));
  return std::string(answer.string_of("posted"));
}

Result<std::string> Performance::condition(std::string_view member) {
  if (!story_.condition) return Error{Code::E_FORM, "sensor", "the journey has none"};
  TRY_ASSIGN(auto const answer, chain_.call("trace_where", one_param("id", story_.condition->first)));
  auto const* conditions = answer.find("conditions");
  if (conditions == nullptr || conditions->items.empty()) return std::string("no readings");
  return std::string(conditions->items.front().string_of(member));
}

Result<base::i128> Performance::made(std::string const& link) {
  TRY_ASSIGN(auto const answer, chain_.call("goods_account", one_param("lot", link)));
  return base::from_decimal_literal(answer.string_of("total"), 6).value_or(0);
}

Result<std::string> Performance::accounts() {
  std::string out;
  for (auto const& stock : story_.stocks) {
    auto const one = held(stock.link);
    out += stock.link + " " + (one ? *one : std::string("unknown")) + "; ";
  }
  if (!deal_ || !opened_) return out;
  for (auto const& [role, code] : deal_->parties) {
    TRY_ASSIGN(auto const amount, money(code));
    out += code + " " + amount + "; ";
  }
  return out;
}

Result<void> Performance::check_goods(Tell const& tell) {
  for (auto const& stock : story_.stocks) {
    TRY_ASSIGN(auto const came, held(stock.link));
    auto const name = "lot " + stock.link.substr(stock.link.rfind('/') + 1);
    auto const expected = "made " + decimal(stock.total) + ": " + holdings_text(stock.held);
    say(tell, {came == expected, name, expected, came, nullptr});
    if (stock.claim.empty()) continue;
    TRY_ASSIGN(auto const answer, chain_.call("goods_account", one_param("lot", stock.link)));
    auto const claim = std::string(answer.string_of("claim"));
    say(tell, {claim == stock.claim, name + " claim", stock.claim, claim, nullptr});
  }
  for (auto const& link : story_.recalled) {
    TRY_ASSIGN(auto const answer, chain_.call("trace_where", one_param("id", link)));
    auto const status = std::string(answer.string_of("status"));
    // One line is enough where all are well.
    if (status != "recalled" || link == story_.recalled.front()) {
      auto const name = link.substr(link.rfind('/') + 1);
      say(tell, {status == "recalled", name, "recalled", status, nullptr});
    }
  }
  return {};
}

/// The account that the file tells in words, of the lot with that total.
Result<void> Performance::check_account(Tell const& tell) {
  auto const& text = story_.account;
  if (text.empty()) return {};
  auto const wrong = [&](std::string const& why) {
    return Error{Code::E_FORM, "expect.goods_account", why + ": write it as scarf 2000 EA = 1600 MAASHUB + 400 SPREE"};
  };
  auto const words = [](std::string const& part) {
    std::istringstream in(part);
    return std::vector<std::string>(std::istream_iterator<std::string>(in), {});
  };
  auto const equals = text.find(" = ");
  auto const left = words(text.substr(0, equals));
  if (equals == text.npos || left.size() < 2) return wrong("no sum");
  auto const total = base::from_decimal_literal(left[left.size() - 2], 6);
  auto const stock = std::ranges::find_if(story_.stocks, [&](Stock const& one) {
    return total && one.total == static_cast<ledger::Micro>(*total) && one.uom == left.back();
  });
  if (stock == story_.stocks.end()) return wrong("no lot of " + left[left.size() - 2] + " " + left.back());
  std::map<std::string, ledger::Micro> held_by;
  auto const right = words(text.substr(equals + 3));
  for (std::size_t i = 0; i < right.size(); i += 3) {
    auto const amount = base::from_decimal_literal(right[i], 6);
    bool const ends = i + 2 == right.size();
    if (!amount || *amount < 0 || i + 1 >= right.size() || (!ends && right[i + 2] != "+")) return wrong(right[i]);
    held_by[right[i + 1]] += static_cast<ledger::Micro>(*amount);
  }
  TRY_ASSIGN(auto const came, held(stock->link));
  auto const expected = "made " + decimal(stock->total) + ": " + holdings_text(held_by);
  say(tell, {came == expected, "goods account", expected, came, nullptr});
  return {};
}

Result<void> Performance::check_money(Tell const& tell) {
  if (!deal_) return {};
  for (auto const& [code, amount] : deal_->expected) {
    auto const expected = base::to_decimal(amount);
    TRY_ASSIGN(auto const came, money(code));
    say(tell, {came == expected, "money of " + code, expected, came, nullptr});
  }
  return {};
}

Result<void> Performance::check_condition(Tell const& tell) {
  if (!story_.condition) return {};
  TRY_ASSIGN(auto const came, condition("minutes"));
  auto const expected = std::to_string(story_.condition->second);
  say(tell, {came == expected, "breach minutes", expected, came, nullptr});
  return {};
}

Result<void> Performance::check(Tell const& tell) {
  TRY(check_goods(tell));
  TRY(check_account(tell));
  TRY(check_money(tell));
  TRY(check_condition(tell));
  return check_expectations(tell);
}

}  // namespace testnet
