// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

#include <algorithm>

#include "world.hpp"

namespace sim {

Machine::Machine(World& world, std::size_t index, Place place)
    : disk([&world, this] {
        if (++writes == dies_at_write) throw Crash();
        world.may_crash(*this);
        return world.write_fails(*this);
      }),
      world_(world),
      index_(index),
      place_(place) {}

Height Machine::height() const { return replica_ ? replica_->certified()->header.height : 0; }

template <class Act>
void Machine::guard(Act const& act) {
  try {
    act();
  } catch (Crash const&) {
    world_.crashed(*this);
  }
}

void Machine::at(std::uint64_t at_ms, std::function<void()> act) {
  world_.at(at_ms, [this, incarnation = incarnation_, act = std::move(act)] {
    if (incarnation_ == incarnation && replica_) guard(act);
  });
}

node::Result<std::unique_ptr<node::Replica>> Machine::open() {
  TRY_ASSIGN(store_, node::DiskStore::open({disk.folder("log"), disk.folder("journal"), disk.database(), nullptr}));
  return node::Replica::open(world_.setup_of(*this), {*this, *this, *this, *this});
}

void Machine::start() {
  if (replica_) return;
  ++starts_;
  steady_offset_ms_ = 1 + world_.random().below(1'000'000);
  guard([this] {
    auto opened = open();
    if (!opened) return world_.cannot_open(*this, base::to_string(opened.error()));
    replica_ = std::move(opened).value();
    replica_->start();
  });
}

void Machine::stop(bool power_fails) {
  ++incarnation_;
  ++wake_;
  replica_.reset();
  store_.reset();
  if (rots && told_ > 0) {
    rots = false;
    world_.excuse(*this);
    disk.rot(world_.random());
  }
  if (!power_fails) return disk.lose_process(world_.random());
  disk.lose_power(world_.random());
  if (!loses_journal || told_ == 0) return;
  loses_journal = false;
  ++lost_journals;
  disk.lose_folder("journal");
}

void Machine::deliver(Place from, SharedBytes const& frame) {
  if (!replica_) return;
  guard([&] {
    auto const place = std::find(order_.begin(), order_.end(), from) - order_.begin();
    auto const received = replica_->receive(static_cast<Place>(place), *frame);
    if (!received) world_.judge().fail("a frame was refused: " + base::to_string(received.error()));
  });
}

void Machine::submit(Bytes transaction, node::Admission::Reply reply) {
  if (!replica_) return;
  guard([&] { replica_->submit(std::move(transaction), std::move(reply)); });
}

std::uint64_t Machine::steady_ms() const { return world_.now_ms() + steady_offset_ms_; }

TimeMs Machine::wall_ms() const { return static_cast<TimeMs>(static_cast<std::int64_t>(world_.wall_ms()) + skew_ms); }

void Machine::wake_at(std::uint64_t at_ms) {
  auto const wake = ++wake_;
  auto const world_ms = at_ms > steady_offset_ms_ ? at_ms - steady_offset_ms_ : 0;
  at(std::max(world_ms, world_.now_ms()), [this, wake] {
    if (wake == wake_) replica_->wake();
  });
}

void Machine::members(std::vector<node::Member> const& validators, std::optional<Place>) {
  crypto::ValidatorSet set;
  for (auto const& member : validators) set.validators.push_back(member.validator);
  order_ = world_.order_of(set);
}

void Machine::send(Place to, SharedBytes frame) { world_.send(*this, order_.at(to), frame); }

void Machine::broadcast(SharedBytes frame) { world_.send(*this, std::nullopt, frame); }

bool Machine::is_connected(Place place) const { return world_.is_connected(*this, order_.at(place)); }

void Machine::run(Rank, std::function<void()> job, std::function<void()> done) {
  auto const delay = world_.random().below(world_.work_ms_max() + 1);
  at(world_.now_ms() + delay, [job = std::move(job), done = std::move(done)] {
    job();
    done();
  });
}

node::Kept Machine::recover() {
  auto kept = store_->recover();
  if (kept.logged < told_ && world_.is_excused(*this)) told_ = kept.logged;
  if (kept.logged < told_) {
    world_.judge().fail("P10: machine " + std::to_string(index_) + " lost height " + std::to_string(told_));
    told_ = kept.logged;
  }
  tell_judge();
  return kept;
}

void Machine::decide(storage::Decision decision) {
  store_->decide(std::move(decision));
  tell_judge();
}

/// Tells what became durable since the last time, also what a crash kept from being told.
void Machine::tell_judge() {
  for (;;) {
    auto const decision = store_->decision(told_ + 1);
    if (!decision && world_.is_excused(*this)) return;
    if (!decision) return world_.judge().fail("block log: " + base::to_string(decision.error()));
    if (!*decision) return;
    told_ = (*decision)->last();
    world_.judge().saw_decision(**decision);
  }
}

std::shared_ptr<ledger::StateView const> Machine::apply(ledger::StateDiffs diffs, Height height) {
  return store_->apply(diffs, height);
}

node::Result<std::optional<storage::Decision>> Machine::decision(Height height) const {
  return store_->decision(height);
}

}  // namespace sim
