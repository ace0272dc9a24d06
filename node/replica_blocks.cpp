// SPDX-License-Identifier: Apache-2.0
#include "node/replica.hpp"

namespace node {

using consensus::Judgement;

/// A block on this one, of this time at the latest; nothing while workers have not read what it stands on.
std::optional<Draft> Replica::draft(Hash const& parent, TimeMs time_ms) const {
  auto const taken = ids_above_tip(parent);
  if (!taken) return std::nullopt;
  BlockRoom const room{block_transactions_max, parameters_.block_bytes_max - payload_overhead, aim_.bytes()};
  return Draft::of(parent, admission_.pool().select(time_ms, room, payload_overhead,
                                                    [&](Hash const& id) { return taken->contains(id); }));
}

/// After my vote on a block: if the next view is mine, its block is made while the others vote.
void Replica::prebuild(Hash const& parent) {
  auto const status = core_->status();
  auto const found = undecided_.find(parent);
  bool const mine = place_ && status.next_leader == *place_ && status.votes;
  if (!mine || found == undecided_.end() || found->second.block->header.view != status.view) return;
  draft_ = draft(parent, time_above(parent));
}

/// Of a block on this one that is made now.
TimeMs Replica::time_above(Hash const& parent) const {
  auto const found = undecided_.find(parent);
  auto const parent_ms = found == undecided_.end() ? header_.time_ms : found->second.block->header.time_ms;
  return std::max(wall_ms(), parent_ms + 1);
}

void Replica::propose() {
  if (!proposal_) return;
  auto const& parent = proposal_->parent;
  auto made = std::exchange(draft_, {});
  if (proposal_->empty) {
    made = Draft::of(parent, {});
  } else if (made && made->fits(parent, time_above(parent), admission_.pool())) {
    ++prebuilt_;
  } else if (made = draft(parent, time_above(parent)); !made) {
    return;
  }
  // What the others have not heard of yet goes ahead of the proposal that names it.
  admission_.send_gossip();
  auto const count = static_cast<std::uint32_t>(made->chosen.transactions.size());
  proposals_.made(made->root, std::move(made->chosen.transactions));
  feed(consensus::ProposalReady{proposal_->view, std::move(made->payload), made->root, count,
                                made->ends_epoch || is_last(proposal_->height)});
  proposal_.reset();
}

/// Of an undecided block; none of others.
std::vector<Bytes> Replica::transactions_in(Hash const& block) const {
  auto const found = undecided_.find(block);
  if (found == undecided_.end() || !found->second.block) return {};
  auto transactions = transactions_of(found->second.block->payload);
  return transactions ? std::move(transactions).value() : std::vector<Bytes>();
}

/// What the undecided blocks up to this one hold; nothing while workers have not read them all.
std::optional<std::set<Hash>> Replica::ids_above_tip(Hash block) const {
  std::set<Hash> out;
  for (auto found = undecided_.find(block); found != undecided_.end(); found = undecided_.find(block)) {
    if (!found->second.payload) return std::nullopt;
    out.insert(found->second.payload->ids.begin(), found->second.payload->ids.end());
    block = found->second.block->header.parent_hash;
  }
  return out;
}

Replica::Undecided& Replica::know(Hash const& hash) {
  auto const [known, is_new] = undecided_.try_emplace(hash);
  if (is_new) known->second.known_at_ms = world_.clock.steady_ms();
  return known->second;
}

void Replica::on(consensus::NeedVerdict const& output) {
  struct Verdict {
    std::shared_ptr<Payload> payload;
    bool valid = false;
  };
  auto const hash = output.block->header.hash();
  know(hash).block = output.block;
  auto const verdict = std::make_shared<Verdict>();
  auto job = [verdict, block = output.block, certified = output.certified, chain = chain_, parameters = parameters_,
              verified = admission_.shared_verified()] {
    auto payload = decode_payload(block->payload, parameters, verified.get());
    if (!payload || payload->root != block->header.tx_root) return;
    if (payload->transactions.size() != block->header.tx_count) return;
    verdict->valid =
        certified || check_payload(*payload, chain, parameters, block->header.time_ms, *verified).has_value();
    verdict->payload = std::make_shared<Payload>(std::move(payload).value());
  };
  world_.workers.run(Workers::Rank::block, std::move(job),
                     [this, verdict, hash] { judged(hash, verdict->payload, verdict->valid); });
}

void Replica::judged(Hash const& hash, std::shared_ptr<Payload> payload, bool valid) {
  auto const found = undecided_.find(hash);
  if (!valid) {
    log("warn", "block " + hash.hex() + " is not valid");
    forget(hash);
  } else if (found != undecided_.end()) {
    keep_payload(found->second, std::move(payload));
  }
  bool const last = valid && found != undecided_.end() &&
                    (found->second.payload->ends_epoch || is_last(found->second.block->header.height));
  feed(consensus::Verdict{hash, valid ? Judgement::valid : Judgement::invalid, last});
  propose();
  run();
  if (valid && !last) prebuild(hash);
}

void Replica::keep_payload(Undecided& block, std::shared_ptr<Payload> payload) {
  block.payload = std::move(payload);
  if (block.holds) return;
  block.holds = true;
  admission_.pool().hold(block.payload->ids);
}

void Replica::forget(Hash const& hash) {
  auto const found = undecided_.find(hash);
  if (found == undecided_.end()) return;
  if (found->second.holds) admission_.pool().release(found->second.payload->ids);
  undecided_.erase(found);
}

void Replica::on(consensus::NeedResult const& output) {
  struct Work {
    std::shared_ptr<Payload> payload;
    std::shared_ptr<Executed const> executed;
  };
  auto const& header = output.block->header;
  auto const hash = header.hash();
  auto& block = know(hash);
  block.block = output.block;
  bool const on_tip = header.parent_hash == tip_;
  auto const& parent = on_tip ? nullptr : undecided_.at(header.parent_hash).executed;
  auto place = place_of(header, hash, on_tip ? header_.hash() : parent->header.hash());
  auto const work = std::make_shared<Work>();
  work->payload = block.payload;
  auto state = state_at(header.parent_hash);
  if (auto const known = check_version(*state, header.height, setup_.knows_version); !known) {
    return on(consensus::Halt{known.error().detail});
  }
  auto job = [work, place, block = output.block, state = std::move(state), tree = on_tip ? tree_ : parent->tree,
              parameters = parameters_, verified = admission_.shared_verified()]() mutable {
    if (!work->payload) {
      // My own proposal, or one that I had judged before a restart.
      auto payload = decode_payload(block->payload, parameters, verified.get());
      CHECK(payload.has_value());
      work->payload = std::make_shared<Payload>(std::move(payload).value());
    }
    place.ends_epoch = place.ends_epoch || work->payload->ends_epoch;
    work->executed =
        std::make_shared<Executed const>(execute_block(*state, tree, place, std::move(work->payload->transactions),
                                                       work->payload->ids, verified->take(work->payload->leaves)));
  };
  world_.workers.run(Workers::Rank::block, std::move(job),
                     [this, work, hash] { executed(hash, work->payload, work->executed); });
}

void Replica::executed(Hash const& hash, std::shared_ptr<Payload> payload, std::shared_ptr<Executed const> result) {
  for (auto const& alarm : result->alarms) log("error", "alarm: " + alarm);
  auto const found = undecided_.find(hash);
  if (found != undecided_.end()) {
    if (!found->second.payload) keep_payload(found->second, std::move(payload));
    found->second.executed = result;
  }
  feed(consensus::Executed{hash, result->header.hash()});
  propose();
  run();
}

/// The state after a block that is decided or executed: the diffs of its undecided ancestors on the decided state.
std::shared_ptr<ledger::StateView const> Replica::state_at(Hash const& block) const {
  std::vector<std::shared_ptr<Executed const>> above;
  for (Hash next = block; next != tip_;) {
    auto const& undecided = undecided_.at(next);
    CHECK(undecided.executed != nullptr);
    above.push_back(undecided.executed);
    next = undecided.block->header.parent_hash;
  }
  auto state = state_;
  for (auto executed = above.rbegin(); executed != above.rend(); ++executed) {
    state = std::make_shared<ledger::LayeredState const>(
        state, std::shared_ptr<ledger::StateDiff const>(*executed, &(*executed)->diff));
  }
  return state;
}

BlockPlace Replica::place_of(consensus::Header const& header, Hash const& block, Hash const& previous_result) const {
  return {chain_,         header.epoch, header.view,     header.height,
          header.time_ms, block,        previous_result, is_last(header.height)};
}

void Replica::on(consensus::Decided const& output) {
  storage::Decision decision;
  decision.first = output.blocks.front()->header.height;
  decision.epoch = output.finalization.ballot.epoch;
  decision.view = output.finalization.ballot.view;
  for (auto const& block : output.blocks) {
    auto const& executed = undecided_.at(block->header.hash()).executed;
    decision.blocks.push_back({base::encode(*block), base::encode(executed->header)});
  }
  decision.finality = base::encode(output.finalization);
  auto const& newest = *output.blocks.back();
  aim_.decided(newest.payload.size(), world_.clock.steady_ms() - undecided_.at(newest.header.hash()).known_at_ms);
  world_.store.decide(std::move(decision));
  finalization_ = output.finalization;
  decided_at_ms_ = world_.clock.steady_ms();
  apply(output.blocks);
  publish();
  if (output.ends_epoch) {
    begin_epoch();
    let_go();
  } else if (begin_recovered_epoch()) {
    return;
  }
  heed_version();
  // Even if the work is the same, the clock may not be: block times are judged anew.
  workload_ = {admission_.pool().has_waiting(), next_deadline_ms_.value_or(0)};
  feed(workload_);
}

/// Brings the state up to executed blocks that follow the tip and are in the block log: one batch on disk.
void Replica::apply(std::vector<consensus::SharedBlock> const& blocks) {
  std::shared_ptr<Executed const> last;
  std::vector<ledger::StateDiff const*> diffs;
  if (recovered_) diffs.push_back(&*recovered_);
  for (auto const& block : blocks) {
    auto const hash = block->header.hash();
    auto const& undecided = undecided_.at(hash);
    last = undecided.executed;
    diffs.push_back(&last->diff);
    if (undecided.payload) admission_.decided(*undecided.payload);
    tip_ = hash;
  }
  state_ = world_.store.apply(diffs, last->header.height);
  recovered_.reset();
  tree_ = last->tree;
  header_ = last->header;
  clock_offset_ms_ = last->clock_offset_ms;
  next_deadline_ms_ = last->next_deadline_ms;
  for (auto const& block : blocks) forget(block->header.hash());
}

/// The newest decided height has its own certificate, and this is where readers find both.
void Replica::publish() {
  std::optional<ledger::Finality> finality;
  if (finalization_) finality = ledger::SimplexFinality{*finalization_};
  auto ends = ends_;
  // The end of its own epoch is the header itself.
  if (!ends.empty() && ends.back().header.height == header_.height) ends.pop_back();
  certified_ = std::make_shared<ledger::Certified const>(
      ledger::Certified{chain_, validators_of_tip(), header_, std::move(finality), state_, tree_, std::move(ends)});
  admission_.follow(certified_, parameters_, clock_offset_ms_);
  if (setup_.publish) setup_.publish(certified_);
}

void Replica::on(consensus::Dropped const& output) {
  for (auto const& hash : output.blocks) forget(hash);
  note_workload();
}

void Replica::on(consensus::ServeBlocks const& output) {
  consensus::Blocks answer;
  std::uint64_t epoch = 0;
  std::size_t bytes = 0;
  bool full = false;
  for (Height next = output.first; !full && next <= header_.height;) {
    auto const decision = world_.store.decision(next);
    if (!decision || !*decision) {
      log("error", "cannot read " + std::to_string(next) + (decision ? "" : ": " + base::to_string(decision.error())));
      break;
    }
    // One answer has one certificate, so it ends with its epoch.
    if (!answer.blocks.empty() && (*decision)->epoch != epoch) break;
    epoch = (*decision)->epoch;
    auto const served = answer.blocks.size();
    for (auto i = next - (*decision)->first; i < (*decision)->blocks.size(); ++i) {
      auto block = base::decode<consensus::Block>((*decision)->blocks[i].block);
      CHECK(block.has_value());
      bytes += block->payload.size();
      bool const fits = answer.blocks.empty() || bytes <= consensus::payload_bytes_max;
      full = full || !fits || answer.blocks.size() >= consensus::blocks_max;
      if (!full) {
        answer.blocks.push_back(std::move(block).value());
      } else if (answer.blocks.size() > served) {
        // The rest of a decision is shown by its headers, up to the certificate.
        answer.links.push_back(block->header);
      } else {
        break;
      }
    }
    if (answer.blocks.size() > served) {
      auto finalization = base::decode<consensus::Certificate>((*decision)->finality);
      CHECK(finalization.has_value());
      answer.finalization = std::move(finalization).value();
    }
    next = (*decision)->last() + 1;
  }
  if (answer.blocks.empty() || answer.links.size() > consensus::links_max) return;
  consensus::Send send{output.to, {chain_, epoch, std::move(answer)}};
  on(send);
}

}  // namespace node
