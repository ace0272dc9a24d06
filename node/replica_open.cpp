// SPDX-License-Identifier: Apache-2.0
#include "node/replica.hpp"

namespace node {

using base::Code;
using base::Error;

namespace {

Error misfit(std::string where, std::string what) { return {Code::E_FORM, std::move(where), std::move(what)}; }

std::string at_height(Height height) { return "height " + std::to_string(height); }

/// What makes one state of another.
ledger::StateDiff replacing(ledger::StateView const& old, ledger::StateDiff const& records) {
  auto out = records;
  old.scan({}, [&](BytesView key, BytesView) {
    out.try_emplace(key, std::nullopt);
    return true;
  });
  return out;
}

}  // namespace

Result<std::unique_ptr<Replica>> Replica::open(ReplicaSetup setup, World world) {
  auto const chain = setup.genesis.chain();
  std::unique_ptr<Replica> replica(new Replica(std::move(setup), world, chain));
  TRY(replica->recover());
  return replica;
}

Result<void> Replica::recover() {
  auto kept = world_.store.recover();
  TRY_ASSIGN(auto const genesis, execute_genesis(setup_.genesis));
  first_result_ = genesis.header.hash();
  TRY(read_loss(kept.journal, kept.journal_lost));
  TRY(read_given_up(kept.journal));
  base_ = kept.base.height;
  if (base_ > 0 && (!kept.applied || *kept.applied <= base_ || *kept.applied > kept.logged)) {
    return misfit("data/state", "does not fit the block log, which begins behind " + at_height(base_) +
                                    ": remove data/state and data/log, and this node joins by a snapshot");
  }
  if (kept.applied && *kept.applied > kept.logged) {
    log("warn", "the state is of " + at_height(*kept.applied) + " and the block log ends at " + at_height(kept.logged) +
                    ": making the state again");
    state_ = world_.store.apply(replacing(*kept.state, genesis.diff), 0);
    kept.applied = 0;
  } else if (!kept.applied) {
    state_ = world_.store.apply(genesis.diff, 0);
    kept.applied = 0;
  } else {
    state_ = kept.state;
  }
  TRY(adopt(*kept.applied, genesis.header));
  TRY(read_epoch());
  next_deadline_ms_ = next_deadline(*state_);
  if (*kept.applied < kept.logged) {
    log("info", "replaying heights " + std::to_string(*kept.applied + 1) + " to " + std::to_string(kept.logged));
  }
  while (header_.height < kept.logged) TRY(replay(header_.height + 1));
  TRY(read_epoch());
  TRY(read_ends(kept.base.note));
  publish();
  TRY(take_recovery());
  TRY(open_core(kept.journal));
  heed_version();
  return {};
}

Result<storage::Decision> Replica::logged(Height height) const {
  TRY_ASSIGN(auto decision, world_.store.decision(height));
  if (!decision) return misfit("data/log", at_height(height) + " is not in it");
  return *std::move(decision);
}

/// Takes over what is decided up to the state's height, and compares the state with it.
Result<void> Replica::adopt(Height applied, ledger::ResultHeader const& genesis) {
  header_ = genesis;
  tip_ = chain_;
  if (applied > 0) {
    TRY_ASSIGN(auto const decision, logged(applied));
    if (decision.last() != applied) return misfit("data/state", at_height(applied) + " is inside a decision");
    TRY_ASSIGN(header_, base::decode<ledger::ResultHeader>(decision.blocks.back().result));
    TRY_ASSIGN(finalization_, base::decode<consensus::Certificate>(decision.finality));
    tip_ = header_.block_hash;
  }
  if (header_.chain != chain_) {
    return misfit("data/log", "belongs to the chain " + header_.chain.hex() + ", genesis.json says " + chain_.hex());
  }
  tree_ = ledger::StateTree::of(*state_);
  if (tree_.root() != header_.state_root) {
    return misfit("data/state", "its root at " + at_height(applied) + " is " + tree_.root().hex() +
                                    ", the certified one is " + header_.state_root.hex() +
                                    ": remove data/state, and it is made again from the block log");
  }
  return {};
}

/// Executes the decision again that begins at this height and brings the state up to it.
Result<void> Replica::replay(Height height) {
  TRY(read_epoch());
  TRY(take_recovery());
  TRY_ASSIGN(auto const decision, logged(height));
  if (decision.epoch != epoch_.epoch) {
    return misfit("data/recovery", at_height(height) + " is of epoch " + std::to_string(decision.epoch) +
                                       ", and no recovery of epoch " + std::to_string(epoch_.epoch) +
                                       " is there: tally recover apply");
  }
  std::vector<consensus::SharedBlock> blocks;
  auto state = state_;
  auto tree = tree_;
  auto previous = header_.hash();
  for (auto const& logged_block : decision.blocks) {
    TRY_ASSIGN(auto block, base::decode<consensus::Block>(logged_block.block));
    TRY_ASSIGN(auto payload, decode_payload(block.payload, parameters_));
    auto const hash = block.header.hash();
    auto place = place_of(block.header, hash, previous);
    place.ends_epoch = place.ends_epoch || payload.ends_epoch;
    TRY(check_version(*state, block.header.height, setup_.knows_version));
    auto const executed = std::make_shared<Executed const>(
        execute_block(*state, tree, place, std::move(payload.transactions), payload.ids));
    if (base::encode(executed->header) != logged_block.result) {
      return misfit("data/log", at_height(block.header.height) +
                                    " executes unlike the result that was certified: run the version that decided it");
    }
    state = std::make_shared<ledger::LayeredState const>(
        state, std::shared_ptr<ledger::StateDiff const>(executed, &executed->diff));
    tree = executed->tree;
    previous = executed->header.hash();
    blocks.push_back(std::make_shared<consensus::Block const>(std::move(block)));
    undecided_[hash] = {blocks.back(), nullptr, executed, false};
  }
  TRY_ASSIGN(finalization_, base::decode<consensus::Certificate>(decision.finality));
  apply(blocks);
  return {};
}

}  // namespace node
