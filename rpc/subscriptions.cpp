// SPDX-License-Identifier: Apache-2.0
#include "rpc/subscriptions.hpp"

#include <algorithm>
#include <chrono>

#include "base/time.hpp"
#include "ledger/history.hpp"
#include "rpc/epcis.hpp"
#include "rpc/event_search.hpp"
#include "rpc/json.hpp"
#include "rpc/webhook.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using base::Value;

constexpr std::size_t name_bytes_max = 128;
constexpr std::uint64_t poll_ms = 200;
constexpr std::uint64_t retry_ms_max = 3'600'000;

std::uint64_t steady_ms() {
  auto const now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::uint64_t wall_s() {
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
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

Queries::~Queries() {
  {
    std::lock_guard const lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
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

std::optional<Queries::Named> Queries::find(std::string const& name) {
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
  named_[name] = {*definition, *std::move(query)};
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
    std::lock_guard const lock(mutex_);
    if (named_.erase(name) == 0) return no_such(name);
    std::erase_if(subscriptions_, [&](auto const& entry) { return entry.second.query_name == name; });
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
  std::lock_guard const lock(mutex_);
  for (auto const& [id, subscription] : subscriptions_) {
    if (subscription.query_name == name) body.items.push_back(subscription.answer);
  }
  return {200, "application/json", to_text(body), {}};
}

Response Queries::subscribe(Request const& request, std::string const& name) {
  auto const value = from_text(request.body);
  if (!value) return bad_controls(value.error());
  auto const destination = read_destination(value->string_of("dest"));
  if (!destination) return bad_controls(destination.error());
  Subscription fresh;
  fresh.query_name = name;
  fresh.destination = value->string_of("dest");
  fresh.token = value->string_of(value->find("signatureToken") != nullptr ? "signatureToken" : "secret");
  auto const* stream = value->find("stream");
  auto const* schedule = value->find("schedule");
  bool const streams = stream != nullptr && stream->is(Value::Kind::boolean) && stream->boolean;
  if (streams == (schedule != nullptr))
    return bad_controls({Code::E_EVENT_FORM, "schedule", "name either a schedule or \"stream\": true"});
  if (schedule != nullptr) {
    auto read = Schedule::read(*schedule);
    if (!read) return bad_controls(read.error());
    fresh.schedule = *std::move(read);
  }
  auto const* report = value->find("reportIfEmpty");
  fresh.report_if_empty = report != nullptr && report->boolean;
  auto const at = backend_.certified();
  fresh.created_ms = at->header.time_ms;
  fresh.looked_ms = at->header.time_ms;
  fresh.next = ledger::log_size(*at->state);
  if (auto const* initial = value->find("initialRecordTime")) {
    auto const time = base::from_rfc3339(initial->text);
    if (!time)
      return bad_controls({Code::E_EVENT_FORM, "initialRecordTime", "expected a date and time with its offset"});
    fresh.next = first_recorded_at(*at, *time);
  }
  std::lock_guard const lock(mutex_);
  if (subscriptions_.size() >= subscriptions_max)
    return problem(413, "epcisException:ImplementationException", "E_TOO_LARGE", "at most 256 subscriptions");
  auto const seed =
      name + "\n" + fresh.destination + "\n" + std::to_string(++counter_) + "\n" + std::to_string(steady_ms());
  auto const id = base::to_hex(crypto::sha256(base::bytes_of(seed)).view()).substr(0, 32);
  auto& answer = fresh.answer;
  answer = Value::object();
  answer.add("subscriptionID", Value::of(id));
  answer.add("dest", Value::of(fresh.destination));
  answer.add("createdAt", Value::of(base::to_rfc3339(fresh.created_ms)));
  if (streams) answer.add("stream", Value::of(true));
  if (schedule != nullptr) answer.add("schedule", *schedule);
  if (fresh.report_if_empty) answer.add("reportIfEmpty", Value::of(true));
  Response out{201, "application/json", to_text(answer), {}};
  out.headers.emplace_back("Location", "/epcis/queries/" + name + "/subscriptions/" + id);
  subscriptions_[id] = std::move(fresh);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
  return out;
}

Response Queries::subscription(Request const& request, std::string const& name, std::string const& id) {
  std::lock_guard const lock(mutex_);
  auto const found = subscriptions_.find(id);
  if (found == subscriptions_.end() || found->second.query_name != name) return no_such(id);
  if (request.method == "DELETE") {
    subscriptions_.erase(found);
    return {204, "application/json", "", {}};
  }
  auto body = found->second.answer;
  if (found->second.notified_ms) body.add("lastNotifiedAt", Value::of(base::to_rfc3339(*found->second.notified_ms)));
  if (found->second.failures > 0) body.add("failures", Value::of(std::uint64_t{found->second.failures}));
  return {200, "application/json", to_text(body), {}};
}

/// Looks at every subscription again and again; a destination that does not answer waits longer each time.
void Queries::run() {
  while (true) {
    std::vector<std::tuple<std::string, Subscription, Named>> due;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, std::chrono::milliseconds(poll_ms), [&] { return stopping_; });
      if (stopping_) return;
      for (auto const& [id, subscription] : subscriptions_) {
        auto const named = named_.find(subscription.query_name);
        if (named != named_.end() && subscription.retry_at_ms <= steady_ms())
          due.emplace_back(id, subscription, named->second);
      }
    }
    for (auto& [id, subscription, named] : due) {
      // Until a page is not full: what waits is sent in one go, page by page.
      while (deliver(id, subscription, named)) {
        std::lock_guard const lock(mutex_);
        auto const now = subscriptions_.find(id);
        if (stopping_ || now == subscriptions_.end() || now->second.failures > 0) break;
        subscription = now->second;
      }
    }
  }
}

bool Queries::deliver(std::string const& id, Subscription subscription, Named const& named) {
  auto const at = backend_.certified();
  if (subscription.schedule) {
    bool const now = subscription.schedule->is_due(subscription.looked_ms, at->header.time_ms);
    if (!now && subscription.failures == 0) return false;
  }
  auto const before = subscription.next;
  auto const found = search_new(*at, named.query, before);
  subscription.next = found.next;
  if (found.all) subscription.looked_ms = at->header.time_ms;
  bool const empty = found.page.events.empty();
  bool const reports = subscription.schedule && subscription.report_if_empty && found.all;
  if (empty && !reports) {
    settle(id, subscription, true);
    return !found.all && found.next != before;
  }
  auto const destination = read_destination(subscription.destination);
  auto body = query_document(found.page, subscription.query_name, id, at->header.time_ms);
  auto const message_id = "msg_" + id + "_" + std::to_string(found.next);
  subscription.notified_ms = at->header.time_ms;
  auto const sent = post_webhook(*destination, subscription.token, message_id, wall_s(), std::move(body));
  settle(id, subscription, sent.has_value());
  return sent.has_value() && !empty;
}

void Queries::settle(std::string const& id, Subscription const& subscription, bool delivered) {
  std::lock_guard const lock(mutex_);
  auto const found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return;
  auto& kept = found->second;
  if (!delivered) {
    kept.failures = std::min(kept.failures + 1, 12u);
    kept.retry_at_ms = steady_ms() + std::min<std::uint64_t>(retry_ms_max, std::uint64_t{1000} << kept.failures);
    return;
  }
  kept.failures = 0;
  kept.retry_at_ms = 0;
  kept.next = subscription.next;
  kept.looked_ms = subscription.looked_ms;
  kept.notified_ms = subscription.notified_ms;
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
