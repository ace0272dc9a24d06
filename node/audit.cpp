// SPDX-License-Identifier: Apache-2.0
#include "node/audit.hpp"

#include <cstdio>

#include "base/number.hpp"
#include "base/time.hpp"
#include "contracts/goods/recount.hpp"
#include "contracts/members/governance.hpp"
#include "contracts/money/recount.hpp"
#include "ledger/accounts.hpp"
#include "ledger/beside.hpp"
#include "ledger/finality.hpp"
#include "ledger/goods_records.hpp"
#include "node/disk_store.hpp"
#include "node/execution.hpp"
#include "node/home.hpp"
#include "node/recover.hpp"

namespace node {

namespace {

using base::Code;
using base::Error;
using ledger::Space;

Error wrong(Height height, std::string const& what) { return {Code::E_FORM, "height " + std::to_string(height), what}; }

/// A chain as it grows from the genesis.
class Replay {
 public:
  Replay(ledger::Genesis const& genesis, Executed first) : chain_(genesis.chain()), header_(first.header) {
    tree_ = first.tree;
    state_.apply(first.diff);
    read();
  }

  Height height() const { return header_.height; }
  ledger::ResultHeader const& header() const { return header_; }
  ledger::MemoryState const& state() const { return state_; }
  std::uint64_t transactions() const { return transactions_; }
  std::uint64_t epochs() const { return epoch_.epoch; }

  /// Blocks that were decided together, and the certificate of the last.
  Result<void> take(storage::Decision const& decision) {
    crypto::SignerSet const set(epoch_.validators);
    for (auto const& logged : decision.blocks) TRY(take(logged));
    auto certificate = base::decode<crypto::Certificate>(decision.finality);
    if (!certificate) return wrong(height(), "no certificate");
    if (!ledger::verify(ledger::SimplexFinality{*std::move(certificate)}, header_, set)) {
      return wrong(height(), "its certificate does not hold");
    }
    return {};
  }

  /// The epochs that a quorum began here by signed files.
  Result<void> recover(std::vector<Recovery> const& recoveries) {
    for (auto const& recovery : recoveries) {
      if (recovery.epoch != epoch_.epoch || recovery.height != height()) continue;
      if (recovery.result != header_.hash()) return wrong(height(), "a recovery begins on another result");
      auto const held = verify(recovery, chain_, epoch_.validators);
      if (!held) return wrong(height(), "its recovery: " + base::to_string(held.error()));
      ledger::Overlay overlay(state_);
      contracts::members::recover_epoch(overlay, height() + 1, recovery.validators);
      auto change = std::move(overlay).take();
      tree_ = tree_.with(state_, change);
      state_.apply(change);
      read();
      return recover(recoveries);
    }
    return {};
  }

 private:
  Result<void> take(storage::LoggedBlock const& logged) {
    auto const next = height() + 1;
    auto const block = base::decode<consensus::Block>(logged.block);
    if (!block || block->header.height != next) return wrong(next, "no block of this height");
    auto const& header = block->header;
    auto const parent = height() == 0 ? chain_ : header_.block_hash;
    if (header.parent_hash != parent) return wrong(next, "its block does not stand on the one before");
    auto payload = decode_payload(block->payload, parameters_);
    if (!payload) return wrong(next, base::to_string(payload.error()));
    if (payload->root != header.tx_root) return wrong(next, "its transactions are not those of its header");
    auto const checked = check_payload(*payload, chain_, parameters_, header.time_ms, verified_);
    if (!checked) return wrong(next, base::to_string(checked.error()));
    TRY(check_version(state_, next, newest_version()));
    transactions_ += payload->transactions.size();
    bool const ends = payload->ends_epoch || next == epoch_.first + parameters_.epoch_blocks - 1;
    BlockPlace const place{chain_,         header.epoch,         header.view,    next,
                           header.time_ms, block->header.hash(), header_.hash(), ends};
    auto executed = execute_block(state_, tree_, place, std::move(payload->transactions), payload->ids,
                                  verified_.take(payload->leaves));
    if (!executed.alarms.empty()) return wrong(next, executed.alarms.front());
    if (base::encode(executed.header) != logged.result) return wrong(next, "it executes unlike what was certified");
    state_.apply(executed.diff);
    tree_ = executed.tree;
    header_ = executed.header;
    if (ends) read();
    return {};
  }

  void read() {
    parameters_ = ledger::load<ledger::ParametersRecord>(state_, Space::parameters, "")->parameters;
    epoch_ = *ledger::load<ledger::EpochRecord>(state_, Space::epoch, "");
  }

  Hash chain_;
  ledger::ResultHeader header_;
  ledger::MemoryState state_;
  ledger::StateTree tree_;
  ledger::Parameters parameters_;
  ledger::EpochRecord epoch_;
  Verified verified_;
  std::uint64_t transactions_ = 0;
};

/// Every record of one state is in the other. Ids of the replay window that has passed may lie about for a while.
Result<void> contains(ledger::StateView const& state, ledger::StateView const& all, Height height) {
  Result<void> out;
  all.scan({}, [&](BytesView key, BytesView record) {
    if (key[0] == static_cast<std::uint8_t>(Space::replay_id)) return true;
    auto const there = state.get(key);
    if (!there || !base::equal(*there, record)) {
      out = wrong(height, "data/state: the record 0x" + base::to_hex(key) + " is not what the blocks give");
    }
    return out.has_value();
  });
  return out;
}

std::string number(base::u128 value, unsigned scale) {
  return base::to_decimal_literal(static_cast<base::i128>(value), scale);
}

void tell(ledger::StateView const& state, Audited& out) {
  auto const each = [&](Space space, auto const& visit) {
    state.scan(ledger::state_key(space, ""), [&](BytesView key, BytesView record) {
      visit(std::string(base::text_of(key.subspan(1))), record);
      return true;
    });
  };
  each(Space::asset, [&](std::string const& name, BytesView record) {
    auto const asset = base::decode<ledger::AssetRecord>(record);
    out.assets.emplace_back(name, number(asset->issued, asset->scale));
  });
  each(Space::claim_total, [&](std::string name, BytesView record) {
    auto const total = base::decode<ledger::ClaimTotalRecord>(record);
    name.replace(name.find('\0'), 1, name.front() == '\0' ? "without claim " : " ");
    out.claims.emplace_back(
        name, number(total->origins, 6) + " = " + number(total->stock, 6) + " + " + number(total->loss, 6));
  });
}

}  // namespace

base::Result<Audited> audit(ledger::Genesis const& genesis, std::vector<Recovery> const& recoveries, Store& store,
                            std::function<void(Height)> const& progress) {
  auto const kept = store.recover();
  if (kept.base.height > 0) {
    return Error{Code::E_FORM, "data/log",
                 "begins behind height " + std::to_string(kept.base.height) + "; a node with blocks.archive keeps all"};
  }
  TRY_ASSIGN(auto first, execute_genesis(genesis));
  Replay replay(genesis, std::move(first));
  Audited out;
  if (kept.logged > 0) TRY(replay.recover(recoveries));
  while (replay.height() < kept.logged) {
    TRY_ASSIGN(auto const decision, store.decision(replay.height() + 1));
    if (!decision) return wrong(replay.height() + 1, "is not in data/log");
    TRY(replay.take(*decision));
    ++out.certificates;
    if (kept.state && kept.applied == replay.height()) {
      TRY(contains(replay.state(), *kept.state, replay.height()));
      TRY(contains(*kept.state, replay.state(), replay.height()));
    }
    // Until the next block it is in no state on disk.
    if (replay.height() < kept.logged) TRY(replay.recover(recoveries));
    progress(replay.height());
  }
  TRY(ledger::verify_beside(replay.state(), replay.header()));
  for (auto const& fault : {contracts::money::recount(replay.state()), contracts::goods::recount(replay.state())}) {
    if (!fault.empty()) return wrong(replay.height(), fault);
  }
  out.last = replay.header();
  out.transactions = replay.transactions();
  out.epochs = replay.epochs();
  tell(replay.state(), out);
  return out;
}

int run_audit(std::filesystem::path const& home_path) {
  auto const failed = [](Error const& error) {
    std::fprintf(stderr, "NOT SO  %s\n", base::to_string(error).c_str());
    return 1;
  };
  auto const home = open_home(home_path);
  if (!home) return failed(home.error());
  auto const recoveries = read_recoveries(home_path);
  if (!recoveries) return failed(recoveries.error());
  auto const store = open_disk_store(home_path / "data");
  if (!store) return failed(store.error());
  Height said = 0;
  auto const audited = audit(home->genesis, *recoveries, **store, [&](Height height) {
    if (height < said + 10'000) return;
    said = height;
    std::fprintf(stderr, "height %lu\n", height);
  });
  if (!audited) return failed(audited.error());
  auto const& last = audited->last;
  std::printf("all is so   heights 0 to %lu, %s\n", last.height, base::to_rfc3339(last.time_ms).c_str());
  std::printf("  checked   %lu transactions, %lu certificates, %lu epochs, %lu events\n", audited->transactions,
              audited->certificates, audited->epochs, last.event_log_size);
  std::printf("  state     %s\n  events    %s\n", last.state_root.hex().c_str(), last.event_log_root.hex().c_str());
  for (auto const& [name, issued] : audited->assets) {
    std::printf("  asset     %s: %s issued = accounts + contracts\n", name.c_str(), issued.c_str());
  }
  for (auto const& [name, sum] : audited->claims) {
    std::printf("  claim     %s: origins %s (stock + loss)\n", name.c_str(), sum.c_str());
  }
  return 0;
}

}  // namespace node
