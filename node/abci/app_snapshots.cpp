// SPDX-License-Identifier: Apache-2.0
// A state taken over from peers. What must hold: the result header has the app hash that CometBFT's light client
// verified, each chunk has the hash that the description says, and the state that they make has the header's root, with
// all that this root says of the records beside the tree.
#include "ledger/beside.hpp"
#include "node/abci/abci.pb.h"
#include "node/abci/app.hpp"
#include "node/abci/note.hpp"

namespace node::comet {

using base::Code;
using base::Error;

namespace {

/// The set changes lead from the genesis to those who sign after the snapshot.
bool leads(Description const& description, crypto::ValidatorSet const& genesis) {
  auto name = ledger::comet_set_hash(genesis);
  for (auto const& end : description.epochs) {
    if (!std::holds_alternative<ledger::CometFinality>(end.finality)) return false;
    if (ledger::comet_set_hash(end.validators.keyed()) != name || !verify(end.finality, end.header, end.validators))
      return false;
    name = next_set_name(end.finality, end.header);
  }
  return ledger::comet_set_hash(description.signers) == name;
}

}  // namespace

void App::list(abci::ResponseListSnapshots& out) const {
  for (auto const& description : snapshots_->list()) {
    auto const bytes = base::encode(description);
    auto& one = *out.add_snapshots();
    one.set_height(description.header.height);
    one.set_format(snapshot_format);
    one.set_chunks(static_cast<std::uint32_t>(description.chunks.size()));
    one.set_hash(std::string(base::text_of(crypto::sha256(bytes).view())));
    one.set_metadata(std::string(base::text_of(bytes)));
  }
}

void App::offer(abci::RequestOfferSnapshot const& in, abci::ResponseOfferSnapshot& out) {
  using Answer = abci::ResponseOfferSnapshot;
  auto const& snapshot = in.snapshot();
  if (snapshot.format() != snapshot_format) return out.set_result(Answer::REJECT_FORMAT);
  auto const metadata = base::bytes_of(snapshot.metadata());
  auto description = base::decode<Description>(metadata);
  auto const app_hash = Hash::from(base::bytes_of(in.app_hash()));
  auto const hash = Hash::from(base::bytes_of(snapshot.hash()));
  bool const holds = description && app_hash && hash && *hash == crypto::sha256(metadata) &&
                     description->chunks.size() == snapshot.chunks() && description->header.chain == chain_ &&
                     description->header.height == snapshot.height() && description->header.hash() == *app_hash &&
                     leads(*description, setup_.genesis.validators);
  if (!holds) return out.set_result(Answer::REJECT);
  if (tip()->height != 0) {
    setup_.log("error", "a snapshot is taken over only by a node that is at height 0: remove data/cometbft first");
    return out.set_result(Answer::ABORT);
  }
  // From here on until the end the state on disk is nobody's; a start in between makes the genesis again.
  setup_.database->apply(replacing(*setup_.database->snapshot(), {}), 0);
  setup_.log("info", "taking over the state of height " + std::to_string(snapshot.height()) + ", " +
                         std::to_string(snapshot.chunks()) + " chunks");
  restore_ = Restore{std::move(description).value(), 0, {}};
  out.set_result(Answer::ACCEPT);
}

void App::apply_chunk(abci::RequestApplySnapshotChunk const& in, abci::ResponseApplySnapshotChunk& out) {
  using Answer = abci::ResponseApplySnapshotChunk;
  if (!restore_ || in.index() != restore_->next) return out.set_result(Answer::ABORT);
  auto const bytes = base::bytes_of(in.chunk());
  if (crypto::sha256(bytes) != restore_->description.chunks[restore_->next]) {
    setup_.log("warn", "chunk " + std::to_string(in.index()) + " from " + in.sender() + " is not what was described");
    out.set_result(Answer::RETRY);
    out.add_refetch_chunks(in.index());
    out.add_reject_senders(in.sender());
    return;
  }
  // The chunk is what the description says; if it is wrong nevertheless, the snapshot is.
  auto const reject = [&](std::string const& why) {
    setup_.log("error", "the snapshot is wrong: " + why);
    restore_.reset();
    out.set_result(Answer::REJECT_SNAPSHOT);
  };
  auto const chunk = base::decode<Chunk>(bytes);
  if (!chunk) return reject(base::to_string(chunk.error()));
  ledger::StateDiff diff;
  for (auto const& [key, record] : chunk->records) {
    bool const ascends = base::less(restore_->last_key, key);
    if (!ascends || key[0] >= static_cast<std::uint8_t>(ledger::Space::engine)) return reject("keys out of order");
    restore_->last_key = key;
    diff[key] = record;
  }
  setup_.database->apply(diff, 0);
  if (++restore_->next < restore_->description.chunks.size()) return out.set_result(Answer::ACCEPT);
  auto const finished = finish_restore();
  if (!finished) return reject(base::to_string(finished.error()));
  out.set_result(Answer::ACCEPT);
}

Result<void> App::finish_restore() {
  auto const description = std::move(restore_->description);
  auto const state = setup_.database->snapshot();
  auto const& header = description.header;
  if (ledger::StateTree::of(*state).root() != header.state_root) {
    return Error{Code::E_FORM, "state_root", "the records do not give it"};
  }
  TRY(ledger::verify_beside(*state, header));
  Note note;
  note.header = header;
  note.signers = description.signers;
  ledger::StateDiff diff{{note_key(), base::encode(note)}};
  for (std::size_t i = 0; i < description.epochs.size(); ++i) {
    diff[end_key(i)] = base::encode(description.epochs[i]);
  }
  setup_.database->apply(diff, header.height);
  restore_.reset();
  TRY(load());
  setup_.changed();
  return {};
}

}  // namespace node::comet
