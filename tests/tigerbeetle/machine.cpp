// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <cstdio>

#include "contracts/machine.hpp"
#include "contracts/replay.hpp"
#include "crypto/party.hpp"

namespace tigerbeetle {

namespace {

namespace money = contracts::money;
using base::Code;
using ledger::HoldState;
using ledger::PartyId;

constexpr Amount no_id_max = ~Amount{0};
/// The tables' clock ticks in nanoseconds; here a tick is a millisecond.
constexpr TimeMs second = 1'000'000'000;
/// The end of the year 9999, beyond which no operation's time may lie.
constexpr TimeMs clock_end_ms = 253'402'300'799'999;

/// 0 and the largest number both stand for "no id" in the tables; here zero does.
template <class Id>
Id id_of(Amount number, std::uint8_t kind) {
  Id out;
  if (number == 0 || number == no_id_max) return out;
  for (std::size_t i = 0; i < 16; ++i) out.bytes[Id::size - 1 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  if (Id::size > 16) out.bytes[0] = kind;
  return out;
}
PartyId party(Amount number) { return id_of<PartyId>(number, 1); }
Hash hold_id(Amount number) { return id_of<Hash>(number, 2); }

std::string asset(Amount ledger) { return ledger == 0 ? "" : "L" + base::to_decimal(ledger) + ".TABLES"; }

std::optional<ledger::Text<36>> uetr(Amount number) {
  if (number == 0) return std::nullopt;
  char text[37];
  std::snprintf(text, sizeof(text), "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(number));
  return ledger::Text<36>(std::string(text));
}
ledger::Text<35> words(Amount number) { return number == 0 ? "" : base::to_decimal(number); }
std::optional<ledger::Text<35>> reference(Amount number) {
  return number == 0 ? std::nullopt : std::optional(words(number));
}

ledger::UpTo up_to(Row const& row) {
  bool const funds = row.is("balancing_debit");
  bool const room = row.is("balancing_credit");
  return funds && room ? ledger::UpTo::both
         : funds       ? ledger::UpTo::funds
         : room        ? ledger::UpTo::room
                       : ledger::UpTo::exact;
}

/// True when the row says something for which this ledger's bytes have no place.
bool is_unwritable(Row const& row) {
  bool const timed = row.timestamp != 0 && !row.is("imported");
  if (row.has_reserved || timed) return true;
  if (row.is_account) return row.is("debits_must_not_exceed_credits") && row.is("credits_must_not_exceed_debits");
  auto const kinds =
      row.flags.count("pending") + row.flags.count("post_pending_transfer") + row.flags.count("void_pending_transfer");
  bool const ends = row.is("post_pending_transfer") || row.is("void_pending_transfer");
  bool const names_itself = row.pending == row.id && row.pending != 0;
  bool const closes = (row.is("closing_debit") || row.is("closing_credit")) && !row.is("pending");
  return kinds > 1 || (ends && up_to(row) != ledger::UpTo::exact) || (!ends && row.pending != 0) || names_itself ||
         (row.timeout != 0 && !row.is("pending")) || closes;
}

crypto::PartySecret const& secret() {
  static crypto::PartySecret const out{crypto::sha256(base::bytes_of("tables")).bytes};
  return out;
}

ledger::Transaction sign(ledger::Body body) {
  ledger::Transaction out;
  auto const id = body.id();
  out.body = std::move(body);
  out.signatures = {crypto::party_sign(secret(), id, {})};
  return out;
}

Result failed(base::Error const& error) { return {error.code, error.field, std::nullopt}; }

}  // namespace

Amount Machine::posted_amount(Row const& row) const {
  auto const hold = holds_.find(row.pending);
  return row.amount == no_id_max && hold != holds_.end() ? hold->second.amount : row.amount;
}

TimeMs Machine::expires_ms(Row const& row) const {
  return row.timeout == 0 ? clock_end_ms : now_ms_ + static_cast<TimeMs>(row.timeout) * second;
}

ledger::Operation Machine::payment_of(Row const& row) const {
  if (row.is("post_pending_transfer")) {
    return ledger::PostHold{hold_id(row.pending), posted_amount(row), true,
                            words(row.user_128),  uetr(row.user_64),  reference(row.user_32)};
  }
  if (row.is("void_pending_transfer")) return ledger::VoidHold{hold_id(row.pending)};
  auto const from = party(row.debit_account);
  auto const to = party(row.credit_account);
  if (row.is("pending")) {
    return ledger::OpenHold{from,
                            to,
                            asset(row.ledger),
                            row.amount,
                            words(row.user_128),
                            uetr(row.user_64),
                            reference(row.user_32),
                            expires_ms(row),
                            party(row.code),
                            std::nullopt,
                            up_to(row)};
  }
  return ledger::Transfer{from,
                          to,
                          asset(row.ledger),
                          row.amount,
                          words(row.user_128),
                          uetr(row.user_64),
                          reference(row.user_32),
                          std::nullopt,
                          up_to(row)};
}

/// An account is opened by what its tier may do and by its authorisation.
std::vector<ledger::Operation> Machine::operations_of(Row const& row) const {
  if (!row.is_account) return {payment_of(row)};
  ledger::SetLimits limits;
  limits.asset = "FLAGS.TABLES";
  limits.tier =
      static_cast<std::uint8_t>(row.flags.count("linked") + 2 * row.flags.count("debits_must_not_exceed_credits") +
                                4 * row.flags.count("credits_must_not_exceed_debits"));
  limits.balance_max = row.user_128;
  limits.transfer_max = row.user_64;
  limits.day_max = row.user_32;
  return {limits, ledger::Authorise{asset(row.ledger), party(row.id), true, static_cast<std::uint8_t>(row.code)}};
}

ledger::Body Machine::body_of(Row const& row, TimeMs at_ms) const {
  ledger::Body body;
  body.chain = crypto::sha256(base::bytes_of("tables"));
  body.actor = party(row.is_account ? 1 : 2);
  body.signers = {{body.actor, crypto::party_key(secret()).value()}};
  body.valid_from_ms = at_ms;
  body.valid_until_ms = at_ms;
  body.idempotency_key = id_of<ledger::IdempotencyKey>(row.id, 0);
  body.operations = operations_of(row);
  return body;
}

Result Machine::create(Row const& row) {
  auto const at_ms = row.is("imported") ? static_cast<TimeMs>(row.timestamp) : now_ms_;
  auto const body = body_of(row, at_ms);
  auto const transaction = sign(body);
  ledger::Parameters const parameters;
  if (is_unwritable(row)) {
    auto bytes = base::encode(transaction);
    bytes.push_back(1);
    return failed(contracts::read_transaction(bytes, parameters).error());
  }
  // Recorded as early as its window wants, never before what was recorded, never later than now.
  auto const time_ms = std::max(last_ms_, std::min(at_ms, now_ms_));
  auto const checked = contracts::check(transaction, body.chain, parameters, time_ms);
  if (!checked) return failed(checked.error());
  if (auto const earlier = contracts::replay::earlier(keys_, body)) return {earlier->code, earlier->field, {}};
  auto const result = operate(row, time_ms);
  if (result.code == Code::done) last_ms_ = time_ms;
  burn(row, result);
  return result;
}

Result Machine::create_truncated(Row const& row) const {
  auto bytes = base::encode(sign(body_of(row, now_ms_)));
  bytes.pop_back();
  return failed(contracts::read_transaction(bytes, ledger::Parameters{}).error());
}

void Machine::burn(Row const& row, Result const& result) {
  auto const body = body_of(row, now_ms_);
  ledger::Overlay overlay(keys_);
  contracts::replay::keep(overlay, body, body.id(), result.code);
  keys_.apply(std::move(overlay).take());
}

Result Machine::operate(Row const& row, TimeMs now_ms) {
  if (!row.is_account) {
    bool const ends = row.is("post_pending_transfer") || row.is("void_pending_transfer");
    return ends ? end(row, now_ms) : move(row, now_ms);
  }
  Account account;
  account.ledger = row.ledger;
  account.counters.debits_within_credits = row.is("debits_must_not_exceed_credits");
  if (row.is("credits_must_not_exceed_debits")) account.counters.balance_max = 0;
  accounts_[row.id] = account;
  return {};
}

Result Machine::move(Row const& row, TimeMs now_ms) {
  auto const from = accounts_.find(row.debit_account);
  auto const to = accounts_.find(row.credit_account);
  if (from == accounts_.end()) return {Code::E_MEMBER_UNKNOWN, "from", {}};
  if (to == accounts_.end()) return {Code::E_MEMBER_UNKNOWN, "to", {}};
  // An account is of one asset: a payment of another one has no such accounts.
  if (from->second.ledger != to->second.ledger) return {Code::E_FORM, "to", {}};
  if (from->second.ledger != row.ledger) return {Code::E_FORM, "asset", {}};
  auto& debits = from->second.counters;
  auto& credits = to->second.counters;
  auto const amount = money::meant(up_to(row), row.amount, debits, credits);
  if (auto const checked = money::check_debit(debits, amount); !checked) return failed(checked.error());
  if (auto const checked = money::check_credit(credits, amount); !checked) return failed(checked.error());
  if (row.is("pending")) {
    money::set_aside(debits, credits, amount);
    auto const terms = std::get<ledger::OpenHold>(payment_of(row));
    holds_[row.id] = ledger::HoldRecord{terms, amount, 0, HoldState::open};
  } else {
    money::debit(debits, amount);
    money::credit(credits, amount);
  }
  transfers_[row.id] = {amount, now_ms};
  return {};
}

Result Machine::end(Row const& row, TimeMs now_ms) {
  auto const found = holds_.find(row.pending);
  if (found == holds_.end()) return {Code::E_HOLD_UNKNOWN, "hold", {}};
  auto& hold = found->second;
  bool const posts = row.is("post_pending_transfer");
  auto const amount = posts ? posted_amount(row) : 0;
  if (auto const checked = money::check_post(hold, amount, now_ms); !checked) {
    auto result = failed(checked.error());
    result.hold = money::ended(hold, now_ms);
    return result;
  }
  auto& debits = accounts_.at(hold.terms.from.bytes.back()).counters;
  auto& credits = accounts_.at(hold.terms.to.bytes.back()).counters;
  money::settle(debits, credits, hold.rest(), amount);
  hold.paid += amount;
  hold.state = posts ? HoldState::posted : HoldState::voided;
  transfers_[row.id] = {posts ? amount : hold.amount, now_ms};
  return {};
}

void Machine::set_balance(Amount account, money::Counters const& counters) {
  auto& mine = accounts_.at(account).counters;
  mine.debits_pending = counters.debits_pending;
  mine.debits_posted = counters.debits_posted;
  mine.credits_pending = counters.credits_pending;
  mine.credits_posted = counters.credits_posted;
}

void Machine::tick(TimeMs by_ms) {
  now_ms_ += by_ms;
  for (auto& [id, hold] : holds_) {
    if (hold.state != HoldState::open || money::ended(hold, now_ms_) != HoldState::expired) continue;
    money::settle(accounts_.at(hold.terms.from.bytes.back()).counters,
                  accounts_.at(hold.terms.to.bytes.back()).counters, hold.rest(), 0);
    hold.state = HoldState::expired;
  }
}

void Machine::tick_to_end(TimeMs before_ms) { tick(clock_end_ms - before_ms - now_ms_); }

Account const* Machine::account(Amount id) const {
  auto const found = accounts_.find(id);
  return found == accounts_.end() ? nullptr : &found->second;
}

Transfer const* Machine::transfer(Amount id) const {
  auto const found = transfers_.find(id);
  return found == transfers_.end() ? nullptr : &found->second;
}

}  // namespace tigerbeetle
