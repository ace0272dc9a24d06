// SPDX-License-Identifier: Apache-2.0
// A state taken over from peers. What must hold: the result header has the app hash that CometBFT's light client
// verified, each chunk of the tree holds alone under the header's root, each of the rest under the root that the
// description says, and at the end the rest is all that the certified records say of it.
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

bool is_of(SnapshotStatement const& statement, ledger::ResultHeader const& header) {
  return statement.chain == header.chain && statement.height == header.height && statement.result == header.hash() &&
         ledger::ranges_of(statement.proved) && ledger::ranges_of(statement.beside);
}

}  // namespace

void App::list(abci::ResponseListSnapshots& out) const {
  for (auto const& description : snapshots_->list()) {
    auto const bytes = base::encode(description);
    auto& one = *out.add_snapshots();
    one.set_height(description.header.height);
    one.set_format(snapshot_format);
    one.set_chunks(static_cast<std::uint32_t>(description.chunks()));
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
                     description->chunks() == snapshot.chunks() && is_of(description->statement, description->header) &&
                     description->header.chain == chain_ && description->header.height == snapshot.height() &&
                     description->header.hash() == *app_hash && leads(*description, setup_.genesis.validators);
  if (!holds) return out.set_result(Answer::REJECT);
  if (tip()->height != 0) {
    setup_.log("error", "a snapshot is taken over only by a node that is at height 0: remove data/cometbft first");
    return out.set_result(Answer::ABORT);
  }
  // From here on until the end the state on disk is nobody's; a start in between makes the genesis again.
  setup_.database->apply(replacing(*setup_.database->snapshot(), {}), 0);
  setup_.log("info", "taking over the state of height " + std::to_string(snapshot.height()) + ", " +
                         std::to_string(snapshot.chunks()) + " chunks");
  restore_ = Restore{std::move(description).value(), 0};
  out.set_result(Answer::ACCEPT);
}

void App::apply_chunk(abci::RequestApplySnapshotChunk const& in, abci::ResponseApplySnapshotChunk& out) {
  using Answer = abci::ResponseApplySnapshotChunk;
  if (!restore_ || in.index() != restore_->next) return out.set_result(Answer::ABORT);
  auto const bytes = base::bytes_of(in.chunk());
  auto const& [header, signers, epochs, statement] = restore_->description;
  // Part 0 is a block, which CometBFT has itself.
  auto const verified = verify_part(statement, header, in.index() + 1, bytes);
  if (!verified) {
    setup_.log("warn", "chunk " + std::to_string(in.index()) + " from " + in.sender() +
                           " is refused: " + base::to_string(verified.error()));
    out.set_result(Answer::RETRY);
    out.add_refetch_chunks(in.index());
    out.add_reject_senders(in.sender());
    return;
  }
  auto const chunk = base::decode<ledger::Chunk>(bytes);
  CHECK(chunk.has_value());
  ledger::StateDiff diff;
  for (auto const& [key, record] : chunk->records) {
    // A node's notes of its own engine are in no snapshot.
    if (key[0] < static_cast<std::uint8_t>(ledger::Space::engine)) diff[key] = record;
  }
  ledger::add_rows(diff);
  setup_.database->apply(diff, 0);
  if (++restore_->next < restore_->description.chunks()) return out.set_result(Answer::ACCEPT);
  auto const finished = finish_restore();
  if (finished) return out.set_result(Answer::ACCEPT);
  setup_.log("error", "the snapshot is wrong: " + base::to_string(finished.error()));
  restore_.reset();
  out.set_result(Answer::REJECT_SNAPSHOT);
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
