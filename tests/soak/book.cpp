// SPDX-License-Identifier: Apache-2.0
#include "soak/book.hpp"

#include <algorithm>
#include <chrono>

namespace soak {

namespace {

/// More say nothing new.
constexpr std::size_t violations_max = 10;

std::uint64_t steady_ms() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

std::string at(std::size_t node, Height height) {
  return "node " + std::to_string(node) + " at height " + std::to_string(height) + ": ";
}

}  // namespace

Height Book::floor(std::size_t node) const {
  std::lock_guard const lock(mutex_);
  return floors_[node];
}

void Book::answered(std::size_t node, Height floor, Height height) {
  std::lock_guard const lock(mutex_);
  ++figures_.answers;
  if (height < floor) note(at(node, height) + "a stale answer, it had shown height " + std::to_string(floor));
  floors_[node] = std::max(floors_[node], height);
  if (height <= figures_.height) return;
  auto const now = steady_ms();
  if (risen_at_ms_ != 0) figures_.worst_stall_ms = std::max(figures_.worst_stall_ms, now - risen_at_ms_);
  risen_at_ms_ = now;
  figures_.height = height;
}

void Book::root(std::size_t node, Height height, std::string const& root) {
  std::lock_guard const lock(mutex_);
  auto const& known = roots_.emplace(height, root).first->second;
  if (known != root) note(at(node, height) + "state root " + root + ", another node has " + known);
}

void Book::balances(std::size_t node, Balances const& seen) {
  std::lock_guard const lock(mutex_);
  figures_.balances += seen.size();
  Amount sum = 0;
  bool one_height = true;
  for (std::size_t account = 0; account < accounts; ++account) {
    auto const [height, amount] = seen[account];
    auto& known = seen_[height][account];
    if (known.value_or(amount) != amount) {
      note(at(node, height) + "account " + std::to_string(account) + " holds " + base::to_decimal(amount) +
           ", another answer said " + base::to_decimal(*known));
    }
    known = amount;
    sum += amount;
    one_height = one_height && height == seen.front().first;
  }
  if (one_height && sum != total_) {
    note(at(node, seen.front().first) + "the accounts hold " + base::to_decimal(sum) + " of " +
         base::to_decimal(total_));
  }
}

void Book::history(std::size_t node, std::string const& subject, Height height, std::vector<Hash> const& payloads) {
  std::lock_guard const lock(mutex_);
  ++figures_.proofs;
  auto& known = subjects_[subject];
  auto const common = std::min(known.payloads.size(), payloads.size());
  if (!std::equal(payloads.begin(), payloads.begin() + static_cast<long>(common), known.payloads.begin()))
    note(at(node, height) + "another history of " + subject);
  if (payloads.size() > known.payloads.size()) known.payloads = payloads;
  auto const length = known.lengths.emplace(height, payloads.size()).first->second;
  if (length != payloads.size()) {
    note(at(node, height) + subject + " has " + std::to_string(payloads.size()) + " events, another answer had " +
         std::to_string(length));
  }
}

void Book::receipt(std::size_t node, Hash const& id, Height recorded, Height answered, std::string const& state,
                   Height said) {
  std::lock_guard const lock(mutex_);
  bool const settled = state == "done" || state == "failed";
  if (!settled && answered >= recorded) {
    note(at(node, answered) + "lost " + id.hex() + ", acknowledged at height " + std::to_string(recorded) + ": it is " +
         state);
  } else if (settled && said != recorded) {
    note(at(node, answered) + id.hex() + " is of height " + std::to_string(said) + ", acknowledged at height " +
         std::to_string(recorded));
  }
}

void Book::acknowledged(std::size_t node, Deed const& deed, Height height, bool done) {
  std::lock_guard const lock(mutex_);
  ++figures_.acknowledged;
  floors_[node] = std::max(floors_[node], height);
  acknowledged_.emplace_back(deed.id, height);
  if (!done) {
    ++figures_.failed;
  } else if (auto const* payment = std::get_if<Payment>(&deed.what)) {
    payments_.emplace(height, *payment);
  } else {
    auto const& recording = std::get<Recording>(deed.what);
    subjects_[recording.subject].acknowledged.emplace_back(height, recording.payload);
  }
}

void Book::unresolved(Deed const& deed, ledger::Transaction const& transaction) {
  std::lock_guard const lock(mutex_);
  unresolved_.emplace_back(deed, transaction);
}

std::vector<std::pair<Deed, ledger::Transaction>> Book::take_unresolved() {
  std::lock_guard const lock(mutex_);
  return std::exchange(unresolved_, {});
}

std::optional<std::pair<Hash, Height>> Book::some(sim::Random& random) const {
  std::lock_guard const lock(mutex_);
  if (acknowledged_.empty()) return std::nullopt;
  return acknowledged_[random.below(acknowledged_.size())];
}

std::vector<std::pair<Hash, Height>> Book::all() const {
  std::lock_guard const lock(mutex_);
  return acknowledged_;
}

std::vector<std::string> Book::subjects() const {
  std::lock_guard const lock(mutex_);
  std::vector<std::string> out;
  for (auto const& [subject, known] : subjects_) out.push_back(subject);
  return out;
}

void Book::settle() {
  std::lock_guard const lock(mutex_);
  settle_money();
  settle_histories();
}

void Book::settle_money() {
  std::array<Amount, accounts> balance{};
  balance.front() = total_;
  auto next = payments_.begin();
  for (auto const& [height, seen] : seen_) {
    for (; next != payments_.end() && next->first <= height; ++next) {
      balance[next->second.from] -= next->second.amount;
      balance[next->second.to] += next->second.amount;
    }
    for (std::size_t account = 0; account < accounts; ++account) {
      if (!seen[account] || *seen[account] == balance[account]) continue;
      note("height " + std::to_string(height) + ": account " + std::to_string(account) + " was shown with " +
           base::to_decimal(*seen[account]) + ", acknowledged were " + base::to_decimal(balance[account]));
    }
  }
}

void Book::settle_histories() {
  for (auto& [subject, known] : subjects_) {
    auto& acknowledged = known.acknowledged;
    std::ranges::sort(acknowledged);
    for (auto const& [height, length] : known.lengths) {
      auto const expected = std::ranges::upper_bound(acknowledged, height, {}, &std::pair<Height, Hash>::first);
      if (static_cast<std::size_t>(expected - acknowledged.begin()) == length) continue;
      note("height " + std::to_string(height) + ": " + subject + " was proved with " + std::to_string(length) +
           " events, acknowledged were " + std::to_string(expected - acknowledged.begin()));
    }
    // Events of one block come in the block's order, which no client knows: the sets must agree.
    std::multiset<Hash> mine, shown(known.payloads.begin(), known.payloads.end());
    for (auto const& one : acknowledged) mine.insert(one.second);
    if (mine != shown) note(subject + ": the events proved are not those acknowledged");
  }
}

void Book::violation(std::string const& what) {
  std::lock_guard const lock(mutex_);
  note(what);
}

void Book::note(std::string const& what) {
  bool const repeated = !violations_.empty() && violations_.back() == what;
  if (!repeated && violations_.size() < violations_max) violations_.push_back(what);
}

bool Book::violated() const {
  std::lock_guard const lock(mutex_);
  return !violations_.empty();
}

std::vector<std::string> Book::violations() const {
  std::lock_guard const lock(mutex_);
  return violations_;
}

Book::Figures Book::figures() const {
  std::lock_guard const lock(mutex_);
  return figures_;
}

}  // namespace soak
