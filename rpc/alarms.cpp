// SPDX-License-Identifier: Apache-2.0
#include "rpc/alarms.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"
#include "base/view.hpp"
#include "rpc/json.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using base::Result;
using base::Value;
using ledger::AlarmKind;

constexpr char const* front = "/alarms/subscriptions";
/// Alarms that one look passes over.
constexpr std::uint64_t looked_at_max = 1'000;

Response refusal(Error const& error) {
  unsigned const status = error.code == Code::E_DISK ? 503 : error.code == Code::E_TOO_LARGE ? 413 : 400;
  return problem(status, "about:blank", base::name(error.code), to_string(error));
}

Response no_such(std::string_view what) { return problem(404, "about:blank", "not found", what); }

/// A cursor: the number of an alarm, or of the next that will be raised.
Result<std::uint64_t> read_cursor(Value const& value, ledger::StateView const& state) {
  auto const count = ledger::alarm_count(state);
  auto const* given = value.find("cursor");
  if (given == nullptr) return count;
  auto const number = base::from_decimal(given->text, count);
  if (!number) return Error{Code::E_FORM, "cursor", "a number up to " + std::to_string(count) + ", the next alarm's"};
  return static_cast<std::uint64_t>(*number);
}

Step step_of(ledger::Certified const& at, Subscription const& subscription) {
  auto const filter = AlarmFilter::read(subscription.controls.find("kinds"));
  auto const& state = *at.state;
  auto const count = ledger::alarm_count(state);
  Step out;
  out.next = subscription.next;
  out.looked_ms = at.header.time_ms;
  for (std::uint64_t looked = 0; out.next < count && looked < looked_at_max; ++looked) {
    auto const number = out.next++;
    auto const alarm = ledger::load<ledger::AlarmRecord>(state, ledger::alarm_key(number));
    CHECK(alarm.has_value());
    if (filter && !filter->takes(alarm->kind)) continue;
    out.message_id = "alarm_" + subscription.id + "_" + std::to_string(number);
    auto body = Value::object();
    body.add("type", Value::of("alarm." + std::string(enum_names(alarm->kind)[static_cast<std::size_t>(alarm->kind)])));
    body.add("timestamp", Value::of(base::to_rfc3339(alarm->time_ms)));
    body.add("data", alarm_value(number, *alarm));
    out.body = to_text(body);
    break;
  }
  out.more = out.next < count;
  return out;
}

}  // namespace

Value alarm_value(std::uint64_t number, ledger::AlarmRecord const& alarm) {
  auto out = base::view(alarm);
  out.add("time", Value::of(base::to_rfc3339(alarm.time_ms)));
  out.add("number", Value::of(std::to_string(number)));
  out.add("cursor", Value::of(std::to_string(number + 1)));
  return out;
}

std::uint64_t first_alarm_at(ledger::StateView const& state, ledger::Height height) {
  std::uint64_t low = 0;
  auto high = ledger::alarm_count(state);
  while (low < high) {
    auto const middle = low + (high - low) / 2;
    auto const alarm = ledger::load<ledger::AlarmRecord>(state, ledger::alarm_key(middle));
    if (alarm && alarm->height < height) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Result<AlarmFilter> AlarmFilter::read(Value const* names) {
  AlarmFilter out;
  if (names == nullptr) return out;
  auto const known = enum_names(AlarmKind{});
  if (!names->is(Value::Kind::array) || names->items.empty() || names->items.size() > known.size())
    return Error{Code::E_FORM, "kinds", "a list of kinds of alarms; leave it out for all"};
  for (auto const& item : names->items) {
    auto const found = std::ranges::find(known, item.text);
    if (!item.is(Value::Kind::string) || found == known.end()) {
      std::string all;
      for (auto const name : known) all += " " + std::string(name);
      return Error{Code::E_FORM, "kinds", "no kind of alarm: " + item.text + "; there are" + all};
    }
    out.kinds.push_back(static_cast<AlarmKind>(found - known.begin()));
  }
  return out;
}

bool AlarmFilter::takes(AlarmKind kind) const { return kinds.empty() || std::ranges::find(kinds, kind) != kinds.end(); }

Alarms::Alarms(Backend& backend, Outside const& outside)
    : backend_(backend), outbox_(backend, outside, "alarm-", step_of) {}

Response Alarms::handle(Request const& request) {
  auto const path = request.path();
  bool const posts = request.method == "POST";
  if (path == front) {
    if (posts) return create(request);
    return request.method == "GET" ? list() : problem(405, "about:blank", "method not allowed", request.method);
  }
  std::string_view const stem = front;
  if (!path.starts_with(stem) || path[stem.size()] != '/') return no_such(path);
  auto id = path.substr(stem.size() + 1);
  constexpr std::string_view replay_end = "/replay";
  if (id.ends_with(replay_end) && posts)
    return replay(request, std::string(id.substr(0, id.size() - replay_end.size())));
  if (request.method != "GET" && request.method != "DELETE")
    return problem(405, "about:blank", "method not allowed", request.method);
  return one(request, std::string(id));
}

Result<Subscription> Alarms::read(Request const& request) {
  TRY_ASSIGN(auto const value, from_text(request.body));
  for (auto const& [name, member] : value.members) {
    constexpr std::string_view known[] = {"dest", "kinds", "cursor", "signing", "secret"};
    if (std::ranges::find(known, name) == std::end(known))
      return Error{Code::E_FORM, name, "no member of a subscription: dest, kinds, cursor, signing, secret"};
  }
  Subscription out;
  out.topic = "alarms";
  out.destination = value.string_of("dest");
  TRY(read_destination(out.destination));
  TRY(AlarmFilter::read(value.find("kinds")));
  if (auto const* kinds = value.find("kinds")) out.controls.add("kinds", *kinds);
  auto const signing = value.find("signing") == nullptr ? "hmac" : value.string_of("signing");
  if (signing != "hmac" && signing != "ed25519") return Error{Code::E_FORM, "signing", "hmac or ed25519"};
  out.by_key = signing == "ed25519";
  auto const* secret = value.find("secret");
  if (secret != nullptr && (out.by_key || !is_secret(secret->text)))
    return Error{Code::E_FORM, "secret", "whsec_ and base64 of 24 to 64 bytes, for hmac; left out, one is made"};
  if (!out.by_key) out.secret = secret != nullptr ? secret->text : make_secret();
  auto const at = backend_.certified();
  TRY_ASSIGN(out.next, read_cursor(value, *at->state));
  out.created_ms = at->header.time_ms;
  out.looked_ms = at->header.time_ms;
  return out;
}

Response Alarms::create(Request const& request) {
  auto fresh = read(request);
  if (!fresh) return refusal(fresh.error());
  auto const secret = fresh->secret;
  auto const added = outbox_.add(*std::move(fresh));
  if (!added) return refusal(added.error());
  auto out = described(201, *added);
  out.headers.emplace_back("Location", std::string(front) + "/" + added->id);
  if (secret.empty()) return out;
  // The one time that it is shown.
  auto body = from_text(out.body);
  CHECK(body.has_value());
  body->add("secret", Value::of(secret));
  out.body = to_text(*body);
  return out;
}

Response Alarms::described(unsigned status, Subscription const& subscription) {
  auto body = Value::object();
  body.add("subscriptionID", Value::of(subscription.id));
  body.add("dest", Value::of(subscription.destination));
  if (auto const* kinds = subscription.controls.find("kinds")) body.add("kinds", *kinds);
  body.add("signing", Value::of(subscription.by_key ? "ed25519" : "hmac"));
  if (subscription.by_key) {
    auto const key = outbox_.public_key();
    if (!key) return refusal(key.error());
    body.add("publicKey", Value::of(public_key_text(*key)));
  }
  body.add("createdAt", Value::of(base::to_rfc3339(subscription.created_ms)));
  body.add("cursor", Value::of(std::to_string(subscription.next)));
  if (subscription.notified_ms) body.add("lastNotifiedAt", Value::of(base::to_rfc3339(*subscription.notified_ms)));
  if (subscription.failures > 0) body.add("failures", Value::of(std::uint64_t{subscription.failures}));
  if (subscription.paused) body.add("paused", Value::of(true));
  return {status, "application/json", to_text(body), {}};
}

Response Alarms::list() {
  auto body = Value::array();
  for (auto const& subscription : outbox_.all()) {
    auto const one = from_text(described(200, subscription).body);
    CHECK(one.has_value());
    body.items.push_back(*one);
  }
  return {200, "application/json", to_text(body), {}};
}

Response Alarms::one(Request const& request, std::string const& id) {
  if (request.method == "DELETE") {
    if (!outbox_.remove(id)) return no_such(id);
    return {204, "application/json", "", {}};
  }
  auto const found = outbox_.find(id);
  return found ? described(200, *found) : no_such(id);
}

Response Alarms::replay(Request const& request, std::string const& id) {
  auto const value = from_text(request.body);
  if (!value) return refusal(value.error());
  if (value->find("cursor") == nullptr) return refusal({Code::E_FORM, "cursor", "is missing"});
  auto const cursor = read_cursor(*value, *backend_.certified()->state);
  if (!cursor) return refusal(cursor.error());
  auto const done = outbox_.replay(id, *cursor);
  if (!done) return refusal(done.error());
  auto const found = outbox_.find(id);
  return *done && found ? described(200, *found) : no_such(id);
}

}  // namespace rpc
