// SPDX-License-Identifier: Apache-2.0
#include "rpc/follower.hpp"

#include "base/number.hpp"
#include "base/time.hpp"
#include "rpc/alarms.hpp"
#include "rpc/dispatch.hpp"
#include "rpc/json.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

std::string message(std::string_view topic, Value notice) {
  auto parameters = Value::object();
  parameters.add("topic", Value::of(topic));
  parameters.add("notice", std::move(notice));
  auto out = Value::object();
  out.add("jsonrpc", Value::of("2.0"));
  out.add("method", Value::of("notice"));
  out.add("params", std::move(parameters));
  return to_text(out);
}

class Follower final : public Session {
 public:
  explicit Follower(Backend& backend) : backend_(backend) {}

  std::string receive(std::string_view text) override {
    return dispatch(backend_, Access::member, text,
                    [this](std::string_view method, Value const& params) { return own(method, params); });
  }

  std::optional<std::string> next_notice() override {
    if (auto alarm = next_alarm()) return alarm;
    return next_block();
  }

 private:
  std::optional<std::string> next_block() {
    if (!next_block_ || *next_block_ > backend_.certified()->header.height) return std::nullopt;
    auto const block = backend_.block(*next_block_);
    if (!block) return std::nullopt;
    auto notice = Value::object();
    notice.add("height", Value::of(std::to_string(block->height)));
    notice.add("time", Value::of(base::to_rfc3339(block->time_ms)));
    notice.add("hash", Value::of(block->hash.hex()));
    auto transactions = Value::array();
    for (auto const& bytes : block->transactions) {
      auto const transaction = base::decode<ledger::Transaction>(bytes);
      if (transaction) transactions.items.push_back(Value::of(transaction->body.id().hex()));
    }
    notice.add("transactions", std::move(transactions));
    // The cursor to resume from when this connection is lost.
    notice.add("cursor", Value::of(std::to_string(block->height + 1)));
    ++*next_block_;
    return message("blocks", std::move(notice));
  }

  std::optional<std::string> next_alarm() {
    if (!next_alarm_) return std::nullopt;
    auto const at = backend_.certified();
    for (auto const count = ledger::alarm_count(*at->state); *next_alarm_ < count;) {
      auto const number = (*next_alarm_)++;
      auto const alarm = ledger::load<ledger::AlarmRecord>(*at->state, ledger::alarm_key(number));
      CHECK(alarm.has_value());
      if (filter_.takes(alarm->kind)) return message("alarms", alarm_value(number, *alarm));
    }
    return std::nullopt;
  }

  /// What belongs to this connection.
  std::optional<Result<Value>> own(std::string_view method, Value const& params) {
    if (method != "subscribe" && method != "unsubscribe") return std::nullopt;
    auto const topic = params.string_of("topic");
    if (method == "unsubscribe") {
      if (topic.empty() || topic == "blocks") next_block_.reset();
      if (topic.empty() || topic == "alarms") next_alarm_.reset();
      return Value::of(true);
    }
    if (topic == "blocks") return follow_blocks(params);
    if (topic == "alarms") return follow_alarms(params);
    return Error{Code::E_FORM, "topic", "topic: blocks or alarms"};
  }

  static Result<std::optional<std::uint64_t>> place(Value const& params, std::string_view name, std::uint64_t max) {
    auto const* given = params.find(name);
    if (given == nullptr) return std::optional<std::uint64_t>();
    auto const number = base::from_decimal(given->text, max);
    if (!number)
      return Error{Code::E_FORM, std::string(name), std::string(name) + ": a number up to " + std::to_string(max)};
    return std::optional(static_cast<std::uint64_t>(*number));
  }

  Result<Value> follow_blocks(Value const& params) {
    auto const newest = backend_.certified()->header.height;
    TRY_ASSIGN(auto const from, place(params, "from_height", newest + 1));
    next_block_ = from.value_or(newest + 1);
    return Value::of(true);
  }

  Result<Value> follow_alarms(Value const& params) {
    auto const at = backend_.certified();
    auto const count = ledger::alarm_count(*at->state);
    TRY_ASSIGN(auto const height, place(params, "from_height", at->header.height + 1));
    TRY_ASSIGN(auto const cursor, place(params, "cursor", count));
    TRY_ASSIGN(filter_, AlarmFilter::read(params.find("kinds")));
    next_alarm_ = cursor ? *cursor : height ? first_alarm_at(*at->state, *height) : count;
    return Value::of(true);
  }

  Backend& backend_;
  std::optional<ledger::Height> next_block_;
  std::optional<std::uint64_t> next_alarm_;
  AlarmFilter filter_;
};

}  // namespace

std::unique_ptr<Session> open_follower(Backend& backend) { return std::make_unique<Follower>(backend); }

}  // namespace rpc
