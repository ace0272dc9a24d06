// SPDX-License-Identifier: Apache-2.0
// What an application finds on its disk when it starts.
#include "node/abci/app.hpp"
#include "node/abci/note.hpp"

namespace node::comet {

using base::Code;
using base::Error;

namespace {

Error misfit(std::string what) { return {Code::E_FORM, "data/cometbft/state", std::move(what)}; }

}  // namespace

ledger::StateDiff replacing(ledger::StateView const& old, ledger::StateDiff records) {
  old.scan({}, [&](BytesView key, BytesView) {
    records.try_emplace(key, std::nullopt);
    return true;
  });
  return records;
}

Bytes note_key() { return ledger::state_key(ledger::Space::engine, "note"); }
Bytes result_key(Height height) {
  auto key = ledger::state_key(ledger::Space::engine, "result");
  base::append(key, ledger::big_endian(height));
  return key;
}
Bytes end_key(std::size_t index) {
  auto key = ledger::state_key(ledger::Space::engine, "end");
  base::append(key, ledger::big_endian(index));
  return key;
}

Result<std::unique_ptr<App>> App::open(AppSetup setup) {
  std::unique_ptr<App> app(new App(std::move(setup)));
  app->snapshots_ = std::make_unique<Snapshots>(app->setup_.snapshots, app->setup_.log);
  auto const snapshots = app->snapshots_->list();
  if (!snapshots.empty()) app->snapshot_height_ = snapshots.back().header.height;
  if (!app->setup_.database->applied()) TRY(app->make_genesis());
  TRY(app->load());
  return app;
}

Result<void> App::make_genesis() {
  TRY_ASSIGN(auto genesis, execute_genesis(setup_.genesis));
  genesis.header.validators_hash = genesis.header.next_validators_hash = {};
  Note note;
  note.header = genesis.header;
  note.signers = setup_.genesis.validators;
  auto diff = std::move(genesis.diff);
  diff[note_key()] = base::encode(note);
  setup_.database->apply(replacing(*setup_.database->snapshot(), std::move(diff)), 0);
  return {};
}

Result<std::shared_ptr<Tip const>> App::stored_tip() const {
  auto const state = setup_.database->snapshot();
  auto const note = ledger::load<Note>(*state, note_key());
  if (!note) return misfit("holds no CometBFT chain: remove it, and it is made again");
  auto tip = std::make_shared<Tip>();
  tip->height = *setup_.database->applied();
  tip->header = note->header;
  tip->signers = note->signers;
  tip->state = state;
  tip->tree = ledger::StateTree::of(*state);
  if (tip->header.chain != chain_) {
    return misfit("belongs to the chain " + tip->header.chain.hex() + ", genesis.json says " + chain_.hex());
  }
  if (tip->tree.root() != tip->header.state_root) {
    return misfit("its root is " + tip->tree.root().hex() + ", that of height " + std::to_string(tip->header.height) +
                  " is " + tip->header.state_root.hex() +
                  ": remove data/cometbft, and it is made again from CometBFT's blocks");
  }
  auto const parameters = ledger::load<ledger::ParametersRecord>(*state, ledger::Space::parameters, "");
  auto const epoch = ledger::load<ledger::EpochRecord>(*state, ledger::Space::epoch, "");
  if (!parameters || !epoch) return misfit("holds no parameters: remove it, and it is made again");
  tip->set = epoch->validators;
  tip->parameters = parameters->parameters;
  tip->clock_offset_ms = parameters->clock_offset_ms;
  tip->next_deadline_ms = next_deadline(*state);
  return std::shared_ptr<Tip const>(std::move(tip));
}

Result<void> App::load() {
  auto tip = stored_tip();
  if (!tip && setup_.database->applied() == Height{0}) {
    // A snapshot that was not taken over whole.
    TRY(make_genesis());
    tip = stored_tip();
  }
  if (!tip) return tip.error();
  auto const& state = *(*tip)->state;
  std::vector<ledger::EpochEnd> epochs;
  while (auto end = ledger::load<ledger::EpochEnd>(state, end_key(epochs.size()))) epochs.push_back(std::move(*end));
  std::lock_guard const lock(mutex_);
  tip_ = certifiable_ = std::move(tip).value();
  decided_ = tip_->height;
  changes_ = ledger::load<Note>(state, note_key())->changes;
  epochs_kept_ = epochs.size();
  epochs_ = std::move(epochs);
  return {};
}

}  // namespace node::comet
