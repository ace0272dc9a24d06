// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "phone.hpp"

namespace sim {

namespace {

constexpr std::uint64_t tick_ms = 100;
/// After the faults machines come back within so much time, and have talked once.
constexpr std::uint64_t settling_ms = 1'000;
/// P11: a finalization within so many views, everything within so much time; ten views last at most 100 s.
constexpr consensus::View views_max = 10;
constexpr std::uint64_t calm_ms_max = 200'000;
/// Far above what a run of a minute votes, far below what it would without forgetting.
constexpr std::size_t journal_bytes_max = 32u << 20;
constexpr std::int64_t clock_jump_ms = 600'000;

}  // namespace

void World::run() {
  while (in_chaos() && judge_.findings().empty()) {
    disturb();
    run_until(now_ms_ + tick_ms);
    check_bounds();
  }
  if (!judge_.findings().empty()) return;
  heal();
  calm();
  if (judge_.findings().empty()) check_end();
}

void World::disturb() {
  for (auto due = now_ms_ / scenario_.transaction_every_ms; due * scenario_.transaction_every_ms < now_ms_ + tick_ms;
       ++due) {
    if (due * scenario_.transaction_every_ms < now_ms_) continue;
    at(due * scenario_.transaction_every_ms, [this] { clients_.send_next(); });
  }
  if (now_ms_ % 1'000 == 0) clients_.send_again();
  if (scenario_.partitions && (scenario_.flapping || random_.percent(15))) disturb_network();
  if (scenario_.twin && random_.percent(10)) {
    twin_sides_.reset();
    if (random_.percent(70)) twin_sides_ = static_cast<std::uint32_t>(random_.next());
  }
  if (scenario_.clocks_jump && random_.percent(5)) disturb_clocks();
  if (second_loss_) disturb_journals();
  if (scenario_.membership) change_membership();
  if (scenario_.full_disks && random_.percent(5)) {
    machine(random_.below(machines())).free_disk_bytes = random_.one_of({100u << 20, 1u << 30, std::uint64_t{1} << 40});
  }
}

/// P13: what a machine keeps for others has its named limit, and the journal forgets what is decided. The rest of the
/// engine's bounds are its own tests' (consensus/sync_test.cpp, rules_test.cpp).
void World::check_bounds() {
  for (auto const& machine : machines_) {
    if (machine->disk.size("journal") > journal_bytes_max)
      judge_.fail("P13: the journal of machine " + std::to_string(machine->index()) + " grows");
    if (machine->runs() && machine->replica().pool().size() > node::PoolLimits().transactions)
      judge_.fail("P13: the pool of machine " + std::to_string(machine->index()) + " grows");
  }
}

void World::disturb_network() {
  cut_.assign(machines(), 0);
  auto const all = (1u << machines()) - 1;
  auto const kind = random_.below(6);
  auto const drawn = static_cast<std::uint32_t>(random_.next()) & all;
  for (std::size_t i = 0; i < machines(); ++i) {
    bool const inside = (drawn >> i & 1) != 0;
    if (kind == 0) cut_[i] = inside ? all & ~drawn : drawn;  // two sides
    if (kind == 1) cut_[i] = inside ? all & ~drawn : 0;      // one side hears, but is not heard
    if (kind == 2) cut_[i] = static_cast<std::uint32_t>(random_.next() & random_.next()) & all;
  }
  if (kind == 3) {
    auto const alone = random_.below(machines());
    for (auto& cut : cut_) cut |= 1u << alone;
    cut_[alone] = all;
  }
}

/// At most f machines at a time: whose quorum of clocks is wrong has blocks of another time.
void World::disturb_clocks() {
  std::size_t wrong = scenario_.wrong_clock ? 1 : 0;
  for (auto& machine : machines_) {
    if (std::abs(machine->skew_ms) == clock_jump_ms) continue;
    machine->skew_ms = static_cast<std::int64_t>(random_.below(201)) - 100;
    if (wrong >= scenario_.faulty_max() || !random_.percent(20)) continue;
    machine->skew_ms += static_cast<std::int64_t>(random_.below(2 * clock_jump_ms)) - clock_jump_ms;
    ++wrong;
  }
}

/// At most one at a time has forgotten what it signed, or nobody could tell it.
void World::disturb_journals() {
  auto const first = scenario_.validators / 2;
  auto& loser = machine(first);
  if (loser.loses_journal || !loser.runs() || loser.lost_journals == 0 || !loser.replica().status().votes) return;
  second_loss_ = false;
  machine(first + random_.below(2)).loses_journal = true;
}

/// One at a time: asked for and voted for, again and again, until both are decided and the epoch with them.
void World::change_membership() {
  auto const& chain = genesis_.chain();
  if (!change_ && random_.percent(25)) {
    auto const asked =
        signed_by_validators(chain, ledger::ProposeChange{membership_.draw(judge_.validators(), random_)}, wall_ms());
    auto const voted =
        signed_by_validators(chain, ledger::VoteChange{ledger::contract_id(asked.id, 0), true}, wall_ms(), asked.id);
    change_ = {asked, voted};
  }
  if (!change_ || now_ms_ % 300 != 0) return;
  if (judge_.recorded(change_->second.id) != nullptr) return change_.reset();
  bool const is_asked = judge_.recorded(change_->first.id) != nullptr;
  auto const& next = is_asked ? change_->second : change_->first;
  machine(random_.below(machines())).submit(next.bytes, [](auto const&) {});
}

void World::heal() {
  tell("faults stop");
  cut_.assign(machines(), 0);
  for (auto& machine : machines_) {
    machine->free_disk_bytes = std::uint64_t{1} << 40;
    if (std::abs(machine->skew_ms) != clock_jump_ms)
      machine->skew_ms = static_cast<std::int64_t>(random_.below(201)) - 100;
    if (scenario_.all_crash) crash(*machine, true);
    start_at(now_ms_ + random_.below(300), *machine);
  }
}

/// The newest epoch and its highest view.
std::pair<std::uint64_t, consensus::View> World::moment_max() const {
  std::pair<std::uint64_t, consensus::View> out;
  for (auto const& machine : machines_) {
    if (!must_follow(*machine) || !machine->runs()) continue;
    auto const status = machine->replica().status();
    out = std::max(out, {status.epoch, status.view});
  }
  return out;
}

Height World::height_max() const {
  Height out = 0;
  for (auto const& machine : machines_) {
    if (must_follow(*machine) && machine->runs()) out = std::max(out, machine->replica().status().final_height);
  }
  return out;
}

bool World::drained() {
  if (!clients_.are_content()) return false;
  for (auto const& machine : machines_) {
    if (!must_follow(*machine)) continue;
    if (!machine->runs()) return false;
    // Whose clock is late keeps for long what nobody can record any more.
    bool const late = machine->skew_ms == -clock_jump_ms;
    if (!late && machine->replica().pool().size() > 0) return false;
  }
  return true;
}

std::string World::state_of_all() const {
  std::string out = "; clients wait for " + std::to_string(clients_.waiting());
  for (auto const& machine : machines_) {
    out += "; " + std::to_string(machine->index());
    if (!machine->runs()) {
      out += " is down";
      continue;
    }
    auto const status = machine->replica().status();
    out += " view " + std::to_string(status.view) + " height " + std::to_string(status.height) + " of " +
           std::to_string(status.final_height) + " pool " + std::to_string(machine->replica().pool().size()) +
           (status.votes ? "" : " silent");
  }
  return out;
}

/// P11. Who was cut off has to catch up too.
void World::calm() {
  clients_.send_next();
  run_until(now_ms_ + settling_ms);
  auto const begun_ms = now_ms_;
  auto const [first_epoch, first_view] = moment_max();
  auto const first_height = height_max();
  bool finalized = false;
  std::optional<Height> goal;
  while (judge_.findings().empty()) {
    run_until(now_ms_ + tick_ms / 2);
    if (now_ms_ % 1'000 == 0) clients_.send_again();
    finalized = finalized || height_max() > first_height;
    // An epoch ends with a finalization.
    auto const [epoch, view] = moment_max();
    if (!finalized && epoch == first_epoch && view > first_view + views_max) {
      return judge_.fail("P11: no finalization within " + std::to_string(views_max) + " views after the faults");
    }
    if (now_ms_ > begun_ms + calm_ms_max) {
      return judge_.fail((finalized ? "P11: the backlog does not drain" : "P11: no finalization after the faults") +
                         state_of_all());
    }
    if (!finalized || !drained()) continue;
    if (!goal) goal = height_max();
    bool reached = true;
    for (auto const& machine : machines_) reached = reached && (!must_follow(*machine) || machine->height() >= *goal);
    if (reached) break;
  }
  while (judge_.findings().empty() && !all_vote()) {
    if (now_ms_ > begun_ms + calm_ms_max) {
      return judge_.fail("P11: who lost its journal does not vote again" + state_of_all());
    }
    run_until(now_ms_ + tick_ms);
  }
}

bool World::all_vote() const {
  return std::ranges::all_of(machines_, [this](auto const& machine) {
    return !must_follow(*machine) || machine->replica().status().rejoins.empty();
  });
}

/// P8, where signatures are real: on one machine's newest state, because all agree.
void World::check_phone() {
  if (!scenario_.real_signatures) return;
  for (auto const& machine : machines_) {
    if (!must_follow(*machine) || machine->height() < judge_.height()) continue;
    auto const finding = phone_finding(*machine->replica().certified(), {genesis_.chain(), genesis_.validators.hash()},
                                       judge_.book().histories());
    if (finding) judge_.fail("P8: " + *finding);
    return;
  }
}

void World::check_end() {
  check_bounds();
  check_phone();
  for (auto const& machine : machines_) {
    if (!must_follow(*machine)) continue;
    auto const certified = machine->replica().certified();
    clients_.check(*machine, *certified->state);
    bool const same = ledger::StateTree::of(*certified->state).root() == certified->header.state_root;
    if (!same || !ledger::verify_rows(*certified->state)) {
      judge_.fail("P9: the state of machine " + std::to_string(machine->index()) + " is not what was certified");
    }
  }
}

}  // namespace sim
