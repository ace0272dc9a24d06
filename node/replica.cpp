// SPDX-License-Identifier: Apache-2.0
#include "node/replica.hpp"

namespace node {

using base::Code;
using base::Error;

namespace {

std::string seconds(std::uint64_t ms) { return std::to_string(ms / 1000) + " s"; }

}  // namespace

Replica::Replica(ReplicaSetup setup, World world, Hash const& chain)
    : setup_(std::move(setup)),
      world_(world),
      chain_(chain),
      admission_(chain, world.clock, world.transport, world.workers, setup_.pool, [this] { note_workload(); }),
      proposals_(world.clock, world.transport, admission_, setup_.short_payload_bytes_min,
                 [this](Place from, consensus::Envelope&& envelope) {
                   feed(consensus::Received{from, std::move(envelope)});
                 }),
      started_at_ms_(world.clock.steady_ms()),
      decided_at_ms_(world.clock.steady_ms()) {}

void Replica::start() {
  housekeeping_at_ms_ = world_.clock.steady_ms();
  feed(consensus::Started{});
  note_workload();
  run();
}

Result<void> Replica::receive(Place from, BytesView bytes) {
  TRY_ASSIGN(auto frame, decode_frame(bytes));
  if (auto* consensus = std::get_if<ConsensusFrame>(&frame)) {
    // Messages may be lost anyway; a node that cannot write has no use for them.
    if (consensus->envelope.epoch < epoch_.epoch) {
      serve_older(from, consensus->envelope);
    } else if (!stopped_voting_) {
      heard_epoch_ = std::max(heard_epoch_, consensus->envelope.epoch);
      if (consensus->envelope.epoch > epoch_.epoch) keep_early(from, consensus->envelope.epoch, bytes);
      feed(consensus::Received{from, std::move(consensus->envelope)});
    }
  } else if (auto* gossip = std::get_if<GossipFrame>(&frame)) {
    admission_.receive(from, std::move(*gossip));
  } else if (auto* proposal = std::get_if<ProposalFrame>(&frame)) {
    TRY(receive(from, std::move(*proposal), bytes));
  } else if (auto* question = std::get_if<GetTransactionsFrame>(&frame)) {
    proposals_.answer(from, *question, [&] { return transactions_in(question->block); });
  } else if (auto* transactions = std::get_if<TransactionsFrame>(&frame)) {
    proposals_.receive(from, std::move(*transactions));
  } else if (setup_.on_snapshot) {
    setup_.on_snapshot(from, std::move(std::get<SnapshotFrame>(frame).message));
  }
  run();
  return {};
}

/// Only of this node's epoch; it stops where messages of the engine do.
Result<void> Replica::receive(Place from, ProposalFrame&& frame, BytesView bytes) {
  auto const epoch = frame.envelope.epoch;
  if (epoch < epoch_.epoch || stopped_voting_) return {};
  heard_epoch_ = std::max(heard_epoch_, epoch);
  if (epoch == epoch_.epoch) return proposals_.receive(from, std::move(frame));
  keep_early(from, epoch, bytes);
  // That the epoch is over is all that the engine takes of it.
  feed(consensus::Received{from, std::move(frame.envelope)});
  return {};
}

void Replica::wake() {
  woken_at_ms_ = 0;
  auto const now = world_.clock.steady_ms();
  if (core_timer_ms_ != 0 && core_timer_ms_ <= now) {
    core_timer_ms_ = 0;
    feed(consensus::Tick{});
  }
  if (admission_.gossip_at_ms() != 0 && admission_.gossip_at_ms() <= now) admission_.send_gossip();
  proposals_.wake();
  if (housekeeping_at_ms_ <= now) housekeep();
  run();
}

void Replica::submit(Bytes transaction, Admission::Reply reply) {
  std::vector<Admission::Submission> one;
  one.push_back({std::move(transaction), std::move(reply)});
  submit(std::move(one));
}

void Replica::submit(std::vector<Admission::Submission> submissions) {
  if (auto const refused = refusal()) {
    for (auto const& submission : submissions) submission.reply(*refused);
    return;
  }
  admission_.submit(std::move(submissions));
  run();
}

/// Why this node takes no transaction now.
std::optional<base::Error> Replica::refusal() const {
  if (refuses_) {
    return Error{Code::E_DISK, "",
                 "this node has less than " + std::to_string(setup_.refuse_below_bytes >> 20) + " MiB of disk left"};
  }
  auto const status = core_->status();
  if (status.final_height <= status.tip.height + syncing_blocks) return std::nullopt;
  return Error{
      Code::E_SYNCING, "",
      "this node is at height " + std::to_string(status.tip.height) + " of " + std::to_string(status.final_height)};
}

void Replica::feed(decltype(consensus::Input::event) event) { inputs_.push_back(std::move(event)); }

/// Performing outputs can bring inputs at once; they wait until all outputs of their turn are performed.
void Replica::run() {
  if (running_) return;
  running_ = true;
  while (!inputs_.empty() && !stopped_voting_ && halted_.empty()) {
    consensus::Input input{world_.clock.steady_ms(), wall_ms(), std::move(inputs_.front())};
    inputs_.pop_front();
    perform(core_->step(std::move(input)));
  }
  if (!halted_.empty()) inputs_.clear();
  running_ = false;
  schedule();
}

void Replica::perform(consensus::Outputs outputs) {
  remember(outputs);
  for (auto& output : outputs) {
    std::visit([this](auto& one) { on(one); }, output);
  }
}

/// What must be durable comes first in the outputs: it is one turn of the journal and one sync.
void Replica::remember(consensus::Outputs const& outputs) {
  std::vector<storage::Note> turn;
  for (auto const& output : outputs) {
    if (auto const* save = std::get_if<consensus::SaveBlock>(&output)) {
      turn.push_back({note_block, epoch_.epoch, save->block->header.view, base::encode(*save->block)});
    } else if (auto const* persist = std::get_if<consensus::Persist>(&output)) {
      for (auto const& record : persist->records) {
        if (auto const* floor = std::get_if<consensus::Record::Floor>(&record.body)) {
          note_floor(floor->view, turn);
        } else {
          turn.push_back({note_record, epoch_.epoch, record.view(), base::encode(record)});
        }
      }
    }
  }
  if (!turn.empty()) world_.store.remember(std::move(turn));
}

void Replica::on(consensus::Send& output) {
  world_.transport.send(output.to, encode_frame(ConsensusFrame{std::move(output.envelope)}));
}

void Replica::on(consensus::Broadcast& output) {
  world_.transport.broadcast(encode_frame(proposals_.frame_of(std::move(output.envelope))));
}

void Replica::on(consensus::Accuse const& output) {
  auto const& ballot = output.evidence.first.ballot;
  log("warn", "the validator with the key " + output.evidence.key.hex() + " signed two things in view " +
                  std::to_string(ballot.view) + " of epoch " + std::to_string(ballot.epoch));
  if (setup_.accuse) setup_.accuse(output.evidence);
}

void Replica::on(consensus::Halt const& output) {
  halted_ = output.reason;
  log("error", "halted: " + output.reason);
}

void Replica::schedule() {
  auto at = housekeeping_at_ms_;
  if (core_timer_ms_ != 0) at = std::min(at, core_timer_ms_);
  if (admission_.gossip_at_ms() != 0) at = std::min(at, admission_.gossip_at_ms());
  if (proposals_.wake_at_ms() != 0) at = std::min(at, proposals_.wake_at_ms());
  if (at == woken_at_ms_) return;
  woken_at_ms_ = at;
  world_.clock.wake_at(at);
}

void Replica::housekeep() {
  housekeeping_at_ms_ = world_.clock.steady_ms() + housekeeping_ms;
  watch_disk();
  admission_.pool().expire(wall_ms());
  admission_.send_overdue();
  admission_.give_up_early();
  tell_loss();
  note_workload();
}

/// The last block of the epoch before stays, because the one that runs began on it.
void Replica::let_go() {
  if (!setup_.keep_ms || header_.time_ms < *setup_.keep_ms) return;
  auto const oldest_ms = header_.time_ms - *setup_.keep_ms;
  auto const note = base::encode(LogNote{joined_epoch_, ends_});
  auto const may_go = [&](storage::Decision const& last) {
    auto const result = base::decode<ledger::ResultHeader>(last.blocks.back().result);
    return result && result->time_ms < oldest_ms && last.last() + 1 < epoch_.first;
  };
  for (auto gone = world_.store.prune(may_go, note); gone && *gone;) gone = world_.store.prune(may_go, note);
}

/// What the validators decided about the law: a word to the operator as soon as it is decided, and a stop before the
/// first block that this program cannot execute. Its votes would be wrong from there on.
void Replica::heed_version() {
  auto const record = ledger::load<ledger::VersionRecord>(*state_, ledger::Space::version, "");
  if (!record) return;
  if (auto const next = check_version(*state_, header_.height + 1, setup_.knows_version); !next) {
    return on(consensus::Halt{next.error().detail});
  }
  if (!record->next || record->next->height == warned_of_) return;
  warned_of_ = record->next->height;
  auto const then = check_version(*state_, warned_of_, setup_.knows_version);
  if (!then) log("warn", then.error().detail);
}

void Replica::watch_disk() {
  auto const free = world_.store.free_bytes();
  auto const mib = std::to_string(free >> 20) + " MiB of disk left";
  bool const refuses = free < setup_.refuse_below_bytes;
  bool const stops = free < setup_.stop_below_bytes;
  if (stops && !stopped_voting_) log("error", mib + ": this node stops voting until there is more");
  if (refuses && !refuses_) log("warn", mib + ": new transactions are refused");
  if (refuses_ && !refuses) log("info", mib + ": new transactions are taken again");
  refuses_ = refuses;
  stopped_voting_ = stops;
}

void Replica::note_workload() {
  consensus::Workload const now{admission_.pool().has_waiting(), next_deadline_ms_.value_or(0)};
  if (now.transactions == workload_.transactions && now.next_deadline_ms == workload_.next_deadline_ms) return;
  workload_ = now;
  feed(now);
  run();
}

ReplicaStatus Replica::status() const {
  auto const core = core_->status();
  ReplicaStatus out;
  out.epoch = core.epoch;
  out.view = core.view;
  out.leader = core.leader;
  out.height = header_.height;
  out.prebuilt = prebuilt_;
  out.final_height = std::max(core.final_height, header_.height);
  out.validators = epoch_.validators.size();
  out.quorum = epoch_.validators.quorum();
  for (std::size_t i = 0; i < epoch_.validators.size(); ++i) {
    bool const is_me = place_ == i;
    out.parties.push_back(epoch_.validators.validators[i].party);
    out.connected.push_back(is_me || world_.transport.is_connected(static_cast<Place>(i)));
    if (out.connected.back()) ++out.reachable;
  }
  out.place = place_;
  out.decided_before_ms = world_.clock.steady_ms() - decided_at_ms_;
  out.syncing = out.final_height > out.height + syncing_blocks;
  out.votes = core.votes && !stopped_voting_ && halted_.empty();
  out.rejoins = rejoins(core);
  out.halted = halted_;
  out.not_ready = not_ready(out);
  return out;
}

std::string Replica::not_ready(ReplicaStatus const& status) const {
  if (!halted_.empty()) return "halted: " + halted_;
  if (stopped_voting_) {
    return "not voting: less than " + std::to_string(setup_.stop_below_bytes >> 20) + " MiB of disk left";
  }
  auto const last = "last block " + seconds(status.decided_before_ms) + " ago";
  if (status.reachable < status.quorum) {
    return std::to_string(status.reachable) + " of " + std::to_string(status.validators) + " validators reachable, " +
           std::to_string(status.quorum) + " needed; " + last;
  }
  if (status.syncing) {
    return "syncing: height " + std::to_string(status.height) + " of " + std::to_string(status.final_height);
  }
  if (given_up_ == epoch_.epoch) {
    return "its validator has signed a recovery of epoch " + std::to_string(given_up_) +
           " and votes in it no more: tally recover apply";
  }
  if (heard_epoch_ > epoch_.epoch && status.decided_before_ms > 30'000) {
    return "others are in epoch " + std::to_string(heard_epoch_) + ", this node in " + std::to_string(epoch_.epoch) +
           "; if they recovered the chain by a file: tally recover apply";
  }
  // An idle chain makes a block every idle_block_ms; a few views may fail in between.
  if (status.decided_before_ms > 3 * std::uint64_t{parameters_.idle_block_ms} + 10'000) {
    return last + ", one is due every " + seconds(parameters_.idle_block_ms) + "; view " + std::to_string(status.view);
  }
  return status.rejoins;
}

}  // namespace node
