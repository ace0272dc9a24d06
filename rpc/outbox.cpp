// SPDX-License-Identifier: Apache-2.0
#include "rpc/outbox.hpp"

#include <algorithm>
#include <chrono>

#include "base/number.hpp"
#include "base/time.hpp"
#include "rpc/json.hpp"

namespace rpc {

namespace {

using base::Code;
using base::Error;
using base::Value;

/// So many slow receivers are waited for at a time; the others then wait longer each time.
constexpr unsigned senders = 4;
constexpr std::uint64_t poll_ms = 200;
constexpr std::uint64_t retry_ms_min = 1'000;
constexpr std::uint64_t retry_ms_max = 3'600'000;
constexpr unsigned failures_max = 12;
constexpr unsigned gone = 410;
constexpr char const* key_name = "webhook-key";

std::uint64_t steady_ms() {
  auto const now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::uint64_t wall_s() {
  auto const now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

std::string to_kept(Subscription const& one) {
  auto out = Value::object();
  out.add("topic", Value::of(one.topic));
  out.add("dest", Value::of(one.destination));
  out.add("secret", Value::of(one.secret));
  out.add("by_key", Value::of(one.by_key));
  out.add("controls", one.controls);
  out.add("created_ms", Value::of(std::to_string(one.created_ms)));
  if (one.notified_ms) out.add("notified_ms", Value::of(std::to_string(*one.notified_ms)));
  out.add("next", Value::of(std::to_string(one.next)));
  out.add("looked_ms", Value::of(std::to_string(one.looked_ms)));
  out.add("paused", Value::of(one.paused));
  return to_text(out);
}

std::optional<std::uint64_t> number_of(Value const& value, std::string_view name) {
  auto const number = base::from_decimal(value.string_of(name), ~std::uint64_t{0});
  return number ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

bool flag_of(Value const& value, std::string_view name) {
  auto const* found = value.find(name);
  return found != nullptr && found->boolean;
}

std::optional<Subscription> from_kept(std::string id, std::string const& text) {
  auto const value = from_text(text);
  auto const* controls = value ? value->find("controls") : nullptr;
  if (controls == nullptr) return std::nullopt;
  auto const next = number_of(*value, "next");
  auto const created = number_of(*value, "created_ms");
  auto const looked = number_of(*value, "looked_ms");
  if (!next || !created || !looked) return std::nullopt;
  Subscription out;
  out.id = std::move(id);
  out.topic = value->string_of("topic");
  out.destination = value->string_of("dest");
  out.secret = value->string_of("secret");
  out.by_key = flag_of(*value, "by_key");
  out.controls = *controls;
  out.created_ms = *created;
  out.notified_ms = number_of(*value, "notified_ms");
  out.next = *next;
  out.looked_ms = *looked;
  out.paused = flag_of(*value, "paused");
  return out;
}

}  // namespace

Outbox::Outbox(Backend& backend, Outside outside, std::string prefix, Source source)
    : backend_(backend), outside_(std::move(outside)), prefix_(std::move(prefix)), source_(std::move(source)) {
  for (auto const& [name, text] : outside_.keep.all()) {
    if (!name.starts_with(prefix_)) continue;
    auto read = from_kept(name.substr(prefix_.size()), text);
    if (!read) {
      outside_.log("error", "the subscription in " + name + " cannot be read and is not served");
      continue;
    }
    live_[read->id].subscription = *std::move(read);
  }
  std::lock_guard const lock(mutex_);
  if (!live_.empty()) start();
}

Outbox::~Outbox() {
  {
    std::lock_guard const lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

base::Result<Subscription> Outbox::add(Subscription subscription) {
  subscription.id = base::to_hex(random_bytes(16));
  std::lock_guard const lock(mutex_);
  if (live_.size() >= subscriptions_max)
    return Error{Code::E_TOO_LARGE, "", "at most " + std::to_string(subscriptions_max) + " subscriptions; delete one"};
  TRY(outside_.keep.put(name_of(subscription.id), to_kept(subscription)));
  live_[subscription.id].subscription = subscription;
  start();
  changed_.notify_all();
  return subscription;
}

std::vector<Subscription> Outbox::all() const {
  std::lock_guard const lock(mutex_);
  std::vector<Subscription> out;
  for (auto const& [id, live] : live_) out.push_back(live.subscription);
  return out;
}

std::optional<Subscription> Outbox::find(std::string const& id) const {
  std::lock_guard const lock(mutex_);
  auto const found = live_.find(id);
  return found == live_.end() ? std::nullopt : std::optional(found->second.subscription);
}

bool Outbox::remove(std::string const& id) {
  std::lock_guard const lock(mutex_);
  if (live_.erase(id) == 0) return false;
  auto const erased = outside_.keep.erase(name_of(id));
  if (!erased)
    outside_.log("error", "a deleted subscription comes back at the next start: " + to_string(erased.error()));
  return true;
}

base::Result<bool> Outbox::replay(std::string const& id, std::uint64_t next) {
  std::lock_guard const lock(mutex_);
  auto const found = live_.find(id);
  if (found == live_.end()) return false;
  auto& live = found->second;
  auto changed = live.subscription;
  changed.next = next;
  changed.paused = false;
  changed.failures = 0;
  TRY(outside_.keep.put(name_of(id), to_kept(changed)));
  live.subscription = std::move(changed);
  live.more = true;
  live.retry_at_ms = 0;
  ++live.replays;
  changed_.notify_all();
  return true;
}

base::Result<crypto::ValidatorSecret> Outbox::key() {
  std::lock_guard const lock(key_mutex_);
  if (key_) return *key_;
  auto const kept = outside_.keep.all();
  if (auto const found = kept.find(key_name); found != kept.end()) {
    auto const read = crypto::ValidatorSecret::from_text(found->second);
    if (!read) return Error{Code::E_DISK, key_name, "is damaged; webhooks signed by the key cannot be sent"};
    key_ = *read;
    return *key_;
  }
  crypto::ValidatorSecret made;
  auto const bytes = random_bytes(made.bytes.size());
  std::ranges::copy(bytes, made.bytes.begin());
  TRY(outside_.keep.put(key_name, "0x" + base::to_hex(made.view())));
  key_ = made;
  return made;
}

base::Result<base::ValidatorKey> Outbox::public_key() {
  TRY_ASSIGN(auto const secret, key());
  return crypto::validator_key(secret);
}

void Outbox::start() {
  if (!threads_.empty()) return;
  threads_.emplace_back([this] { watch(); });
  for (unsigned i = 0; i < senders; ++i) threads_.emplace_back([this] { work(); });
}

/// Wakes the senders with each block.
void Outbox::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    auto const before = height_;
    lock.unlock();
    backend_.wait_beyond(before, poll_ms);
    auto const height = backend_.certified()->header.height;
    lock.lock();
    if (height > height_) {
      height_ = height;
      changed_.notify_all();
    } else {
      // A node that stops answers at once.
      changed_.wait_for(lock, std::chrono::milliseconds(10), [&] { return stopping_; });
    }
  }
}

void Outbox::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (auto* const live = due(steady_ms())) {
      serve(lock, *live);
    } else {
      changed_.wait_for(lock, std::chrono::milliseconds(poll_ms));
    }
  }
}

/// The one that has waited longest of those that there may be something for.
Outbox::Live* Outbox::due(std::uint64_t now_ms) {
  Live* out = nullptr;
  for (auto& [id, live] : live_) {
    bool const waits = live.busy || live.subscription.paused || live.retry_at_ms > now_ms;
    if (waits || (!live.more && live.looked_at >= height_)) continue;
    if (out == nullptr || live.served < out->served) out = &live;
  }
  return out;
}

base::Result<unsigned> Outbox::send(Subscription const& subscription, Step const& step) {
  TRY_ASSIGN(auto const destination, read_destination(subscription.destination));
  WebhookSigner signer{subscription.secret, std::nullopt};
  if (subscription.by_key) {
    TRY_ASSIGN(signer.key, key());
  }
  auto headers = webhook_headers(signer, step.message_id, wall_s(), step.body);
  headers.emplace_back("GS1-EPCIS-Version", "2.0.0");
  headers.emplace_back("GS1-CBV-Version", "2.0.0");
  return outside_.poster.post(destination, step.body, headers);
}

void Outbox::serve(std::unique_lock<std::mutex>& lock, Live& live) {
  live.busy = true;
  live.served = ++turns_;
  auto subscription = live.subscription;
  auto const replays = live.replays;
  lock.unlock();
  auto const at = backend_.certified();
  auto const step = source_(*at, subscription);
  std::optional<base::Result<unsigned>> answer;
  if (!step.message_id.empty()) answer = send(subscription, step);
  bool const taken = !answer || (*answer && **answer >= 200 && **answer < 300);
  bool const is_gone = answer && *answer && **answer == gone;
  lock.lock();
  auto const found = live_.find(subscription.id);
  if (found == live_.end()) return;  // deleted meanwhile
  auto& kept = found->second;
  kept.busy = false;
  if (kept.replays != replays) return;  // it has another place now
  auto& place = kept.subscription;
  if (!taken) {
    auto const why = *answer ? "it answered " + std::to_string(**answer) : to_string(answer->error());
    if (place.failures == 0) outside_.log("warn", "webhook " + place.destination + ": " + why + "; it is tried again");
    auto const wait = retry_ms_min << std::min(place.failures, failures_max);
    place.failures = std::min(place.failures + 1, failures_max + 1);
    kept.retry_at_ms = steady_ms() + std::min(wait, retry_ms_max);
    place.paused = is_gone;
    kept.more = true;
  } else {
    place.next = step.next;
    place.looked_ms = step.looked_ms;
    kept.more = step.more;
    kept.looked_at = at->header.height;
    kept.retry_at_ms = 0;
    if (!answer) return;
    place.failures = 0;
    place.notified_ms = at->header.time_ms;
  }
  // What was passed over without a message is looked at again after a restart; only messages and pauses are kept.
  if (!taken && !is_gone) return;
  auto const written = outside_.keep.put(name_of(place.id), to_kept(place));
  if (!written) outside_.log("error", "a webhook's place is not kept and is sent again: " + to_string(written.error()));
}

}  // namespace rpc
