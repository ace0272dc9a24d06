// SPDX-License-Identifier: Apache-2.0
#include "rpc/subscriptions.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "ledger/history.hpp"
#include "rpc/epcis.hpp"
#include "rpc/event_search.hpp"
#include "rpc/json.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using base::Value;

constexpr std::size_t name_bytes_max = 128;
/// Of a named query, as it is kept.
constexpr std::size_t query_bytes_max = std::size_t{64} << 10;
constexpr std::string_view query_front = "query-";

/// Names may be longer than those of files.
std::string file_of(std::string const& name) {
  return std::string(query_front) + base::to_hex(crypto::sha256(base::bytes_of(name)).view());
}

Response no_such(std::string_view what) {
  return problem(404, "epcisException:NoSuchNameException", "not found", what);
}

Response bad_controls(Error const& error) {
  return problem(400, "epcisException:SubscriptionControlsException", base::name(error.code), to_string(error));
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= name_bytes_max && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("-._~").find(c) != std::string_view::npos;
  });
}

/// The place in the log behind all events recorded before that time.
std::uint64_t first_recorded_at(ledger::Certified const& at, ledger::TimeMs time) {
  std::uint64_t low = 0;
  std::uint64_t high = ledger::log_size(*at.state);
  while (low < high) {
    auto const middle = low + (high - low) / 2;
    auto const event = ledger::stored_event(*at.state, middle);
    if (event && event->recorded_ms < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Value described(Subscription const& subscription) {
  auto out = Value::object();
  out.add("subscriptionID", Value::of(subscription.id));
  out.add("dest", Value::of(subscription.destination));
  out.add("createdAt", Value::of(base::to_rfc3339(subscription.created_ms)));
  for (auto const& [name, value] : subscription.controls.members) out.add(name, value);
  return out;
}

/// Results of a query over one WebSocket: each page as it comes about, or at the moments of a schedule.
class QueryFollower final : public Session {
 public:
  QueryFollower(Backend& backend, gs1::Query query, std::string name, std::optional<Schedule> schedule,
                bool report_if_empty, std::uint64_t from)
      : backend_(backend),
        query_(std::move(query)),
        name_(std::move(name)),
        schedule_(std::move(schedule)),
        report_if_empty_(report_if_empty),
        next_(from),
        looked_ms_(backend.certified()->header.time_ms) {}

  std::string receive(std::string_view) override { return {}; }

  std::optional<std::string> next_notice() override {
    auto const at = backend_.certified();
    bool due = !schedule_ || more_;
    if (schedule_ && !more_) {
      due = schedule_->is_due(looked_ms_, at->header.time_ms);
      looked_ms_ = at->header.time_ms;
    }
    if (!due) return std::nullopt;
    while (true) {
      auto const found = search_new(*at, query_, next_);
      bool const moved = found.next != next_;
      next_ = found.next;
      more_ = !found.all;
      if (!found.page.events.empty()) return query_document(found.page, name_, "", at->header.time_ms);
      if (!more_ || !moved) break;
    }
    if (schedule_ && report_if_empty_) return query_document({}, name_, "", at->header.time_ms);
    return std::nullopt;
  }

 private:
  Backend& backend_;
  gs1::Query query_;
  std::string name_;
  std::optional<Schedule> schedule_;
  bool report_if_empty_;
  std::uint64_t next_;
  ledger::TimeMs looked_ms_;
  bool more_ = false;
};

}  // namespace

Queries::Queries(Backend& backend, Outside const& outside) : backend_(backend), keep_(outside.keep), log_(outside.log) {
  for (auto const& [file, text] : keep_.all()) {
    if (file.starts_with(query_front)) take_up(file, text);
  }
  outbox_ = std::make_unique<Outbox>(
      backend, outside, "subscription-",
      [this](ledger::Certified const& at, Subscription const& subscription) { return step_of(at, subscription); });
}

void Queries::take_up(std::string const& file, std::string const& text) {
  auto const value = from_text(text);
  auto const* definition = value ? value->find("query") : nullptr;
  if (definition == nullptr) return log_("error", "the query in " + file + " cannot be read and is not served");
  auto const extensions = std::string(value->string_of("extensions"));
  Request request;
  request.headers.emplace_back("gs1-extensions", extensions);
  auto query = gs1::read_query(*definition, extension_context(request));
  if (!query) return log_("error", "the query in " + file + " is not served: " + to_string(query.error()));
  named_[std::string(value->string_of("name"))] = {*definition, extensions, *std::move(query)};
}

Response Queries::handle(Request const& request, std::vector<std::string> const& path) {
  bool const posts = request.method == "POST";
  if (path.size() == 1) return posts ? create(request) : list(request);
  auto const& name = path[1];
  if (path.size() == 2) return one(request, name);
  if (path[2] == "events") return events(request, name);
  if (!find(name)) return no_such(name);
  if (path.size() == 3) return posts ? subscribe(request, name) : subscriptions(request, name);
  return subscription(request, name, path[3]);
}

std::optional<Queries::Named> Queries::find(std::string const& name) const {
  std::lock_guard const lock(mutex_);
  auto const found = named_.find(name);
  return found == named_.end() ? std::nullopt : std::optional(found->second);
}

Response Queries::create(Request const& request) {
  auto const value = from_text(request.body);
  if (!value) return epcis_refusal(value.error());
  auto const name = std::string(value->string_of("name"));
  auto const* definition = value->find("query");
  if (!is_name(name)) return epcis_refusal({Code::E_EVENT_FORM, "name", "expected letters, digits and -._~"});
  if (definition == nullptr) return epcis_refusal({Code::E_EVENT_FORM, "query", "is missing"});
  auto query = gs1::read_query(*definition, extension_context(request));
  if (!query) {
    auto const& error = query.error();
    return problem(400, "epcisException:QueryValidationException", base::name(error.code), to_string(error));
  }
  std::lock_guard const lock(mutex_);
  if (named_.contains(name) || name == "SimpleEventQuery")
    return problem(409, "epcisException:ResourceAlreadyExistsException", "exists", name);
  if (named_.size() >= named_queries_max)
    return problem(413, "epcisException:QueryTooComplexException", "E_TOO_LARGE", "at most 1000 named queries");
  auto kept = Value::object();
  kept.add("name", Value::of(name));
  kept.add("extensions", Value::of(request.header("gs1-extensions")));
  kept.add("query", *definition);
  auto const text = to_text(kept);
  if (text.size() > query_bytes_max)
    return problem(413, "epcisException:QueryTooComplexException", "E_TOO_LARGE", "a query of at most 64 KiB");
  if (auto const written = keep_.put(file_of(name), text); !written)
    return problem(503, "epcisException:ImplementationException", "E_DISK", to_string(written.error()));
  named_[name] = {*definition, std::string(request.header("gs1-extensions")), *std::move(query)};
  return {201, "application/json", "", {{"Location", "/epcis/queries/" + name}}};
}

Response Queries::list(Request const& request) {
  auto const per_page = per_page_of(request);
  if (per_page == 0) return epcis_refusal({Code::E_FORM, "perPage", "expected a positive whole number"}, true);
  auto const token = request.query("nextPageToken");
  auto body = Value::array();
  std::string last;
  bool more = false;
  {
    std::lock_guard const lock(mutex_);
    auto place = token.empty() ? named_.begin() : named_.upper_bound(token.front());
    for (; place != named_.end() && body.items.size() < per_page; ++place) {
      auto entry = Value::object();
      entry.add("name", Value::of(place->first));
      entry.add("query", place->second.definition);
      body.items.push_back(std::move(entry));
      last = place->first;
    }
    more = place != named_.end();
  }
  Response out{200, "application/json", to_text(body), {}};
  if (more) {
    out.headers.emplace_back(
        "Link", "</epcis/queries?perPage=" + std::to_string(per_page) + "&nextPageToken=" + last + ">; rel=\"next\"");
  }
  return out;
}

Response Queries::one(Request const& request, std::string const& name) {
  if (request.method == "DELETE") {
    {
      std::lock_guard const lock(mutex_);
      if (!named_.contains(name)) return no_such(name);
      if (auto const erased = keep_.erase(file_of(name)); !erased)
        return problem(503, "epcisException:ImplementationException", "E_DISK", to_string(erased.error()));
      named_.erase(name);
    }
    for (auto const& subscription : outbox_->all()) {
      if (subscription.topic == name) outbox_->remove(subscription.id);
    }
    return {204, "application/json", "", {}};
  }
  auto const named = find(name);
  if (!named) return no_such(name);
  auto body = Value::object();
  body.add("name", Value::of(name));
  body.add("query", named->definition);
  return {200, "application/json", to_text(body), {}};
}

Response Queries::events(Request const& request, std::string const& name) {
  auto const named = find(name);
  if (!named) return no_such(name);
  return answer_page(*backend_.certified(), named->query, request, name);
}

Response Queries::subscriptions(Request const&, std::string const& name) {
  auto body = Value::array();
  for (auto const& subscription : outbox_->all()) {
    if (subscription.topic == name) body.items.push_back(described(subscription));
  }
  return {200, "application/json", to_text(body), {}};
}

base::Result<Subscription> Queries::read(Request const& request, std::string const& name) {
  TRY_ASSIGN(auto const value, from_text(request.body));
  Subscription out;
  out.topic = name;
  out.destination = value.string_of("dest");
  TRY(read_destination(out.destination));
  out.secret = value.string_of(value.find("signatureToken") != nullptr ? "signatureToken" : "secret");
  auto const* stream = value.find("stream");
  auto const* schedule = value.find("schedule");
  bool const streams = stream != nullptr && stream->is(Value::Kind::boolean) && stream->boolean;
  if (streams == (schedule != nullptr))
    return Error{Code::E_EVENT_FORM, "schedule", "name either a schedule or \"stream\": true"};
  if (streams) out.controls.add("stream", Value::of(true));
  if (schedule != nullptr) {
    TRY(Schedule::read(*schedule));
    out.controls.add("schedule", *schedule);
  }
  auto const* report = value.find("reportIfEmpty");
  if (report != nullptr && report->boolean) out.controls.add("reportIfEmpty", Value::of(true));
  auto const at = backend_.certified();
  out.created_ms = at->header.time_ms;
  out.looked_ms = at->header.time_ms;
  out.next = ledger::log_size(*at->state);
  if (auto const* initial = value.find("initialRecordTime")) {
    auto const time = base::from_rfc3339(initial->text);
    if (!time) return Error{Code::E_EVENT_FORM, "initialRecordTime", "expected a date and time with its offset"};
    out.next = first_recorded_at(*at, *time);
  }
  return out;
}

Response Queries::subscribe(Request const& request, std::string const& name) {
  auto fresh = read(request, name);
  if (!fresh) return bad_controls(fresh.error());
  auto const added = outbox_->add(*std::move(fresh));
  if (!added) {
    unsigned const status = added.error().code == Code::E_DISK ? 503 : 413;
    return problem(status, "epcisException:ImplementationException", base::name(added.error().code),
                   to_string(added.error()));
  }
  Response out{201, "application/json", to_text(described(*added)), {}};
  out.headers.emplace_back("Location", "/epcis/queries/" + name + "/subscriptions/" + added->id);
  return out;
}

Response Queries::subscription(Request const& request, std::string const& name, std::string const& id) {
  auto const found = outbox_->find(id);
  if (!found || found->topic != name) return no_such(id);
  if (request.method == "DELETE") {
    outbox_->remove(id);
    return {204, "application/json", "", {}};
  }
  auto body = described(*found);
  if (found->notified_ms) body.add("lastNotifiedAt", Value::of(base::to_rfc3339(*found->notified_ms)));
  if (found->failures > 0) body.add("failures", Value::of(std::uint64_t{found->failures}));
  if (found->paused) body.add("paused", Value::of(true));
  return {200, "application/json", to_text(body), {}};
}

Step Queries::step_of(ledger::Certified const& at, Subscription const& subscription) const {
  Step out;
  out.next = subscription.next;
  out.looked_ms = at.header.time_ms;
  auto const named = find(subscription.topic);
  if (!named) return out;
  auto const* asked = subscription.controls.find("schedule");
  if (asked != nullptr) {
    auto const schedule = Schedule::read(*asked);
    bool const now = schedule && schedule->is_due(subscription.looked_ms, at.header.time_ms);
    if (!now && subscription.failures == 0) return out;
  }
  auto const found = search_new(at, named->query, subscription.next);
  out.next = found.next;
  // While pages are left the same moment of the schedule goes on.
  if (!found.all) out.looked_ms = subscription.looked_ms;
  out.more = !found.all && found.next != subscription.next;
  bool const reports = asked != nullptr && subscription.controls.find("reportIfEmpty") != nullptr && found.all;
  if (found.page.events.empty() && !reports) return out;
  out.message_id = "msg_" + subscription.id + "_" + std::to_string(found.next);
  out.body = query_document(found.page, subscription.topic, subscription.id, at.header.time_ms);
  return out;
}

std::unique_ptr<Session> Queries::open_session(Request const& request) {
  std::string_view path = request.path();
  constexpr std::string_view front = "/epcis/queries/";
  constexpr std::string_view back = "/events";
  if (!path.starts_with(front) || !path.ends_with(back) || path.size() <= front.size() + back.size()) return nullptr;
  auto const name = percent_decoded(path.substr(front.size(), path.size() - front.size() - back.size()));
  auto const named = find(name);
  if (!named) return nullptr;
  auto fields = Value::object();
  for (char const* const field : {"second", "minute", "hour", "dayOfMonth", "month", "dayOfWeek"}) {
    if (auto const given = request.query(field); !given.empty()) fields.add(field, Value::of(given.front()));
  }
  auto const stream = request.query("stream");
  bool const streams = !stream.empty() && stream.front() == "true";
  if (streams == !fields.members.empty()) return nullptr;
  std::optional<Schedule> schedule;
  if (!streams) {
    auto read = Schedule::read(fields);
    if (!read) return nullptr;
    schedule = *std::move(read);
  }
  auto const at = backend_.certified();
  auto from = ledger::log_size(*at->state);
  if (auto const initial = request.query("initialRecordTime"); !initial.empty()) {
    auto const time = base::from_rfc3339(initial.front());
    if (!time) return nullptr;
    from = first_recorded_at(*at, *time);
  }
  auto const report = request.query("reportIfEmpty");
  return std::make_unique<QueryFollower>(backend_, named->query, name, std::move(schedule),
                                         !report.empty() && report.front() == "true", from);
}

}  // namespace rpc
