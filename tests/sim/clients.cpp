// SPDX-License-Identifier: Apache-2.0
#include "clients.hpp"

#include "ledger/records.hpp"
#include "world.hpp"

namespace sim {

namespace {

/// What a client does not wait for any longer: block times may run behind its own clock by so much.
constexpr TimeMs patience_ms = 3'000;

std::optional<ledger::ReceiptRecord> receipt(ledger::StateView const& state, Hash const& id) {
  return ledger::load<ledger::ReceiptRecord>(state, ledger::receipt_key(id));
}

}  // namespace

void Clients::send_next(std::optional<std::size_t> to) {
  auto const draft = workload_.next(world_.wall_ms());
  if (draft.good && !numbers_.contains(draft.id)) {
    numbers_[draft.id] = ++sent_;
    pending_[sent_] = {draft, 0};
  }
  ask(draft, to ? *to : world_.random().below(world_.machines()));
}

void Clients::ask(Draft const& draft, std::size_t asked) {
  if (auto const number = numbers_.find(draft.id); number != numbers_.end()) {
    if (auto const pending = pending_.find(number->second); pending != pending_.end()) pending->second.asked = asked;
  }
  world_.machine(asked).submit(draft.bytes,
                               [this, draft](base::Result<Hash> const& answer) { answered(draft, answer); });
}

void Clients::answered(Draft const& draft, base::Result<Hash> const& answer) {
  if (answer) {
    if (!draft.good) world_.judge().fail("P3: a bad transaction was admitted");
    if (draft.good && *answer != draft.id) world_.judge().fail("P3: the wrong id was answered");
  } else if (draft.good && base::is_malformed(answer.error().code)) {
    world_.judge().fail("P3: a good transaction was refused: " + base::to_string(answer.error()));
  }
}

void Clients::send_again() {
  std::vector<Draft> again;
  for (auto next = pending_.begin(); next != pending_.end();) {
    auto const& draft = next->second.draft;
    bool const too_late =
        world_.wall_ms() > draft.valid_until_ms + patience_ms && world_.judge().recorded(draft.id) == nullptr;
    if (!too_late) again.push_back(draft);
    next = too_late ? pending_.erase(next) : std::next(next);
  }
  for (auto const& draft : again) ask(draft, world_.random().below(world_.machines()));
}

void Clients::published(Machine const& machine, ledger::Certified const& certified) {
  for (auto next = pending_.begin(); next != pending_.end();) {
    auto const& [draft, asked] = next->second;
    auto const found = asked == machine.index() ? receipt(*certified.state, draft.id) : std::nullopt;
    if (found) acknowledged_[draft.id] = {found->height, found->receipt.code};
    next = found ? pending_.erase(next) : std::next(next);
  }
}

void Clients::check(Machine const& machine, ledger::StateView const& state) const {
  for (auto const& [id, told] : acknowledged_) {
    auto const found = receipt(state, id);
    auto const* decided = world_.judge().recorded(id);
    bool const stands = found && found->height == told.height && found->receipt.code == told.code;
    bool const agrees = decided != nullptr && decided->height == told.height && decided->code == told.code;
    if (!stands || !agrees) {
      return world_.judge().fail("P10: machine " + std::to_string(machine.index()) + " lost " + id.hex() +
                                 ", acknowledged" + " at height " + std::to_string(told.height));
    }
  }
}

}  // namespace sim
