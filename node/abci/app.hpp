// SPDX-License-Identifier: Apache-2.0
#pragma once

// The ledger as an application of CometBFT 0.38 (ABCI 2.0). CometBFT orders transactions and asks; this executes them,
// answers with the result's hash as app hash, and keeps the state in Commit, never ahead of CometBFT's own store.
//
// A block without transactions in which no deadline falls due makes no result: its app hash is that of the block
// before, so an idle chain does not prove itself for ever.

#include <set>

#include "ledger/proof.hpp"
#include "node/abci/snapshots.hpp"
#include "node/execution.hpp"
#include "storage/database.hpp"

namespace abci {
class Request;
class RequestApplySnapshotChunk;
class RequestBlock;
class RequestCheckTx;
class RequestInitChain;
class RequestOfferSnapshot;
class RequestPrepareProposal;
class RequestQuery;
class Response;
class ResponseApplySnapshotChunk;
class ResponseCheckTx;
class ResponseFinalizeBlock;
class ResponseInfo;
class ResponseInitChain;
class ResponseListSnapshots;
class ResponseOfferSnapshot;
class ResponsePrepareProposal;
class ResponseQuery;
}  // namespace abci

namespace node::comet {

using base::Bytes;
using base::BytesView;
using base::Hash;
using base::Height;
using base::Result;
using base::TimeMs;

/// Ids that are known to be in the mempool; what is beyond is forgotten, and then reads "unknown".
constexpr std::size_t pending_max = 100'000;
/// A snapshot is made after so many blocks.
constexpr Height snapshot_blocks = 1'000;

/// The newest block that CometBFT decided, and the newest result; it never changes.
struct Tip {
  Height height = 0;
  /// Its height is that of the last block that made a result.
  ledger::ResultHeader header;
  /// Who signs the header of header.height + 1, and who the ones after it.
  crypto::ValidatorSet signers;
  crypto::ValidatorSet set;
  std::shared_ptr<ledger::StateView const> state;
  ledger::StateTree tree;
  ledger::Parameters parameters;
  std::uint64_t clock_offset_ms = 0;
  std::optional<TimeMs> next_deadline_ms;
};

/// A result after which other validators sign: a proof leads over it once CometBFT certified it.
struct SetChange {
  ledger::ResultHeader header;
  crypto::ValidatorSet signers;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    LEDGER_VISIT(header) LEDGER_VISIT(signers)
  }
};

struct AppSetup {
  ledger::Genesis genesis;
  std::unique_ptr<storage::Database> database;
  std::filesystem::path snapshots;
  Height snapshot_every = snapshot_blocks;
  /// The newest version of the law that it can execute.
  std::uint32_t knows_version = newest_version();
  std::function<TimeMs()> wall_ms;
  std::function<void(std::string_view level, std::string const& text)> log;
  /// CometBFT's ids of those who may connect.
  std::set<std::string> peers;
  /// The tip or what is decided has changed; from any thread.
  std::function<void()> changed;
};

class App {
 public:
  /// Errors say what does not fit and what to do.
  static Result<std::unique_ptr<App>> open(AppSetup setup);

  /// One request of one of CometBFT's four connections; each of them is serial, and they may come at once.
  void answer(abci::Request const& request, abci::Response& response);

  std::shared_ptr<Tip const> tip() const;
  /// The highest block that CometBFT said is decided: it is executed or being executed.
  Height decided() const;
  /// The newest result that a decided header may carry; at the start the one that was found.
  std::shared_ptr<Tip const> certifiable() const;
  /// Judges a transaction as CheckTx does. A recorded one has an id and nothing to admit.
  Result<Candidate> judge(BytesView transaction) const;
  bool is_pending(Hash const& id) const;
  std::size_t pending() const;
  /// Set changes that are not certified yet, and the certified ones, in order.
  std::vector<SetChange> open_changes() const;
  std::vector<ledger::EpochEnd> epochs() const;
  /// Certified: it is kept with the next block.
  void certify(ledger::EpochEnd end);
  /// What readers are told as certified; for queries.
  void publish(std::shared_ptr<ledger::Certified const> certified);
  Hash const& chain() const { return chain_; }
  ledger::Genesis const& genesis() const { return setup_.genesis; }

 private:
  explicit App(AppSetup setup) : setup_(std::move(setup)), chain_(setup_.genesis.chain()) {}

  // app_open.cpp: what the disk holds.
  Result<void> load();
  Result<void> make_genesis();
  Result<std::shared_ptr<Tip const>> stored_tip() const;

  // app.cpp: the chain and its queries.
  void info(abci::ResponseInfo& out) const;
  Result<void> init_chain(abci::RequestInitChain const& in, abci::ResponseInitChain& out) const;
  void query(abci::RequestQuery const& in, abci::ResponseQuery& out) const;
  void commit();
  void adopt(std::shared_ptr<Tip const> tip);
  void note_ends(ledger::StateDiff& diff);

  // app_blocks.cpp: transactions and blocks.
  void check_tx(abci::RequestCheckTx const& in, abci::ResponseCheckTx& out);
  void prepare(abci::RequestPrepareProposal const& in, abci::ResponsePrepareProposal& out) const;
  bool accepts(abci::RequestBlock const& in) const;
  Result<void> finalize(abci::RequestBlock const& in, abci::ResponseFinalizeBlock& out);
  Result<Payload> read_block(abci::RequestBlock const& in, TimeMs time_ms) const;
  std::shared_ptr<Tip const> execute(Tip const& tip, BlockPlace const& place, Payload payload);

  // app_snapshots.cpp: state sync.
  void list(abci::ResponseListSnapshots& out) const;
  void offer(abci::RequestOfferSnapshot const& in, abci::ResponseOfferSnapshot& out);
  void apply_chunk(abci::RequestApplySnapshotChunk const& in, abci::ResponseApplySnapshotChunk& out);
  Result<void> finish_restore();

  AppSetup setup_;
  Hash chain_;
  std::unique_ptr<Snapshots> snapshots_;
  std::shared_ptr<Verified> verified_ = std::make_shared<Verified>();

  // Of the consensus connection: the block that FinalizeBlock executed and Commit keeps.
  std::shared_ptr<Tip const> next_;
  ledger::StateDiff diff_;
  std::vector<Hash> ids_;
  // Of the snapshot connection.
  std::optional<Restore> restore_;

  mutable std::mutex mutex_;
  std::shared_ptr<Tip const> tip_;
  std::shared_ptr<Tip const> certifiable_;
  std::shared_ptr<ledger::Certified const> certified_;
  Height decided_ = 0;
  /// Ids in the mempool, with the time until which they may stand in a block.
  std::map<Hash, TimeMs> pending_;
  std::vector<SetChange> changes_;
  std::vector<ledger::EpochEnd> epochs_;
  /// How many of epochs_ are on disk.
  std::size_t epochs_kept_ = 0;
  /// Where the last snapshot was begun.
  Height snapshot_height_ = 0;
};

}  // namespace node::comet
