// SPDX-License-Identifier: Apache-2.0
#include "node/abci/app.hpp"

#include "node/abci/abci.pb.h"
#include "node/abci/note.hpp"

namespace node::comet {

using base::Code;
using base::Error;

namespace {

/// Of this application's rules, as headers carry it: block-protocol versions of the ledger.
constexpr std::uint64_t app_version = 1;

std::string text_of(Hash const& hash) { return std::string(base::text_of(hash.view())); }

}  // namespace

void add_update(abci::ValidatorUpdate& out, base::ValidatorKey const& key, std::int64_t power) {
  out.mutable_pub_key()->set_ed25519(std::string(base::text_of(key.view())));
  out.set_power(power);
}

std::shared_ptr<Tip const> App::tip() const {
  std::lock_guard const lock(mutex_);
  return tip_;
}

Height App::decided() const {
  std::lock_guard const lock(mutex_);
  return decided_;
}

std::shared_ptr<Tip const> App::certifiable() const {
  std::lock_guard const lock(mutex_);
  return certifiable_;
}

bool App::is_pending(Hash const& id) const {
  std::lock_guard const lock(mutex_);
  return pending_.contains(id);
}

std::size_t App::pending() const {
  std::lock_guard const lock(mutex_);
  return pending_.size();
}

std::vector<SetChange> App::open_changes() const {
  std::lock_guard const lock(mutex_);
  return changes_;
}

std::vector<ledger::EpochEnd> App::epochs() const {
  std::lock_guard const lock(mutex_);
  return epochs_;
}

void App::certify(ledger::EpochEnd end) {
  std::lock_guard const lock(mutex_);
  if (changes_.empty() || changes_.front().header != end.header) return;
  changes_.erase(changes_.begin());
  epochs_.push_back(std::move(end));
}

void App::publish(std::shared_ptr<ledger::Certified const> certified) {
  std::lock_guard const lock(mutex_);
  certified_ = std::move(certified);
}

void App::answer(abci::Request const& request, abci::Response& response) {
  using Kind = abci::Request::ValueCase;
  Result<void> done;
  switch (request.value_case()) {
    case Kind::kEcho:
      response.mutable_echo()->set_message(request.echo().message());
      break;
    case Kind::kFlush:
      response.mutable_flush();
      break;
    case Kind::kInfo:
      info(*response.mutable_info());
      break;
    case Kind::kInitChain:
      done = init_chain(request.init_chain(), *response.mutable_init_chain());
      break;
    case Kind::kQuery:
      query(request.query(), *response.mutable_query());
      break;
    case Kind::kCheckTx:
      check_tx(request.check_tx(), *response.mutable_check_tx());
      break;
    case Kind::kPrepareProposal:
      prepare(request.prepare_proposal(), *response.mutable_prepare_proposal());
      break;
    case Kind::kProcessProposal:
      response.mutable_process_proposal()->set_status(
          accepts(request.process_proposal()) ? abci::ResponseStatus::ACCEPT : abci::ResponseStatus::REJECT);
      break;
    case Kind::kFinalizeBlock:
      done = finalize(request.finalize_block(), *response.mutable_finalize_block());
      break;
    case Kind::kCommit:
      commit();
      response.mutable_commit();
      break;
    case Kind::kListSnapshots:
      list(*response.mutable_list_snapshots());
      break;
    case Kind::kOfferSnapshot:
      offer(request.offer_snapshot(), *response.mutable_offer_snapshot());
      break;
    case Kind::kLoadSnapshotChunk: {
      auto const& in = request.load_snapshot_chunk();
      auto const chunk = in.format() == snapshot_format ? snapshots_->chunk(in.height(), in.chunk()) : Bytes();
      response.mutable_load_snapshot_chunk()->set_chunk(std::string(base::text_of(chunk)));
      break;
    }
    case Kind::kApplySnapshotChunk:
      apply_chunk(request.apply_snapshot_chunk(), *response.mutable_apply_snapshot_chunk());
      break;
    case Kind::kExtendVote:
    case Kind::kVerifyVoteExtension:
      done = Error{Code::E_NOT_ALLOWED_HERE, "vote extensions", "this chain has none"};
      break;
    case Kind::VALUE_NOT_SET:
      done = Error{Code::E_ENCODING, "request", "of no kind that ABCI 2.0 has"};
      break;
  }
  if (done) return;
  setup_.log("error", base::to_string(done.error()));
  response.mutable_exception()->set_error(base::to_string(done.error()));
}

void App::info(abci::ResponseInfo& out) const {
  auto const at = tip();
  out.set_data("tally");
  out.set_app_version(app_version);
  out.set_last_block_height(static_cast<std::int64_t>(at->height));
  out.set_last_block_app_hash(text_of(at->header.hash()));
}

Result<void> App::init_chain(abci::RequestInitChain const& in, abci::ResponseInitChain& out) const {
  auto const expected = ledger::comet_chain_id(chain_);
  if (in.chain_id() != expected) {
    return Error{Code::E_CHAIN, "chain_id", "CometBFT's genesis says " + in.chain_id() + ", ours makes " + expected};
  }
  auto const at = tip();
  if (in.initial_height() != 1 || at->height != 0) {
    return Error{Code::E_FORM, "initial_height",
                 "the chain begins at height 1, this state is of height " + std::to_string(at->height) +
                     ": remove data/cometbft"};
  }
  for (auto const& validator : at->set.validators) add_update(*out.add_validators(), validator.key, 1);
  out.set_app_hash(text_of(at->header.hash()));
  return {};
}

void App::query(abci::RequestQuery const& in, abci::ResponseQuery& out) const {
  auto const refuse = [&](Error const& error) {
    out.set_code(static_cast<std::uint32_t>(error.code));
    out.set_codespace("tally");
    out.set_log(base::to_string(error));
  };
  constexpr std::string_view by_id = "/p2p/filter/id/";
  if (in.path().starts_with(by_id)) {
    if (!setup_.peers.contains(in.path().substr(by_id.size()))) refuse({Code::E_NOT_ALLOWED_HERE, "id", "no peer"});
    return;
  }
  // A connection is judged by the key that it proves, not by where it comes from.
  if (in.path().starts_with("/p2p/filter/addr/")) return;
  std::shared_ptr<ledger::Certified const> at;
  {
    std::lock_guard const lock(mutex_);
    at = certified_;
  }
  auto const data = base::bytes_of(in.data());
  if (!at) return refuse({Code::E_SYNCING, "", "nothing is certified yet"});
  out.set_height(static_cast<std::int64_t>(at->header.height));
  out.set_key(in.data());
  if (in.height() != 0 && static_cast<Height>(in.height()) != at->header.height) {
    return refuse({Code::E_NOT_ALLOWED_HERE, "height", "only the newest certified one is kept"});
  }
  if (in.path() == "/proof") {
    auto const proof = ledger::prove_trace(*at, in.data());
    if (!proof) return refuse(proof.error());
    out.set_value(std::string(base::text_of(base::encode(*proof))));
  } else if (in.path() == "/record") {
    auto const record = at->state->get(data);
    if (!record) return refuse({Code::E_UNKNOWN_GOODS, "data", "no record under this key"});
    out.set_value(std::string(base::text_of(*record)));
  } else {
    refuse({Code::E_ENCODING, "path", "expected /record with a stored key or /proof with a subject's name"});
  }
}

/// Everything of a block reaches the disk in one batch, and only now: CometBFT replays what is above.
void App::commit() {
  CHECK(next_ != nullptr);
  auto const before = tip();
  bool const is_result = next_->header.height == next_->height;
  if (is_result) {
    std::lock_guard const lock(mutex_);
    if (before->set != next_->set) changes_.push_back({next_->header, next_->signers});
    Note note;
    note.header = next_->header;
    note.signers = next_->signers;
    CHECK(changes_.size() <= note.changes.max);
    note.changes = changes_;
    diff_[note_key()] = base::encode(note);
    diff_[result_key(next_->height)] = base::encode(next_->header);
    note_ends(diff_);
  }
  setup_.database->apply(diff_, next_->height);
  auto kept = std::make_shared<Tip>(*next_);
  kept->state = setup_.database->snapshot();
  next_.reset();
  diff_ = {};
  adopt(kept);
  bool const settled = is_result && open_changes().empty();
  if (settled && kept->height >= snapshot_height_ + setup_.snapshot_every) {
    snapshot_height_ = kept->height;
    snapshots_->make({kept->header, kept->signers, epochs(), {}}, kept->state);
  }
  setup_.changed();
}

/// With the lock held.
void App::note_ends(ledger::StateDiff& diff) {
  for (; epochs_kept_ < epochs_.size(); ++epochs_kept_) {
    diff[end_key(epochs_kept_)] = base::encode(epochs_[epochs_kept_]);
  }
}

void App::adopt(std::shared_ptr<Tip const> tip) {
  std::lock_guard const lock(mutex_);
  for (auto const& id : ids_) pending_.erase(id);
  ids_.clear();
  constexpr Height look_at = 64;
  if (tip->height % look_at == 0) {
    auto const now = setup_.wall_ms() + tip->clock_offset_ms;
    std::erase_if(pending_, [&](auto const& one) { return one.second < now; });
  }
  tip_ = std::move(tip);
}

}  // namespace node::comet
