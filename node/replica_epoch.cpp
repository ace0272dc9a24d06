// SPDX-License-Identifier: Apache-2.0
#include "node/replica.hpp"

#include <algorithm>
#include <utility>

namespace node {

using base::Code;
using base::Error;

base::ValidatorKey ReplicaSetup::key_of(crypto::ValidatorSecret const& secret) const {
#ifdef TALLY_MUTANTS
  if (mutants.cheap_signatures) return consensus::cheap_key(secret);
#endif
  return crypto::validator_key(secret);
}

Result<void> Replica::read_epoch() {
  auto parameters = ledger::load<ledger::ParametersRecord>(*state_, ledger::Space::parameters, "");
  auto epoch = ledger::load<ledger::EpochRecord>(*state_, ledger::Space::epoch, "");
  if (!parameters || !epoch) {
    return Error{Code::E_FORM, "data/state", "holds no parameters: remove it, and it is made again"};
  }
  parameters_ = std::move(parameters->parameters);
  clock_offset_ms_ = parameters->clock_offset_ms;
  epoch_ = *std::move(epoch);
  return {};
}

/// The last block of an epoch is the last of its decision.
Result<Replica::Opening> Replica::opening() const {
  if (epoch_.first == 1) return Opening{first_result_, std::nullopt};
  if (epoch_.first == header_.height + 1) return Opening{header_.hash(), finalization_};
  TRY_ASSIGN(auto const decision, logged(epoch_.first - 1));
  TRY_ASSIGN(auto const result, base::decode<ledger::ResultHeader>(decision.blocks.back().result));
  TRY_ASSIGN(auto finalization, base::decode<consensus::Certificate>(decision.finality));
  return Opening{result.hash(), std::move(finalization)};
}

/// Those who signed it: of the epoch before, when its last block is the tip.
crypto::ValidatorSet Replica::validators_of_tip() const {
  if (header_.height == 0 || header_.height >= epoch_.first) return epoch_.validators;
  auto const key = ledger::state_key(ledger::Space::epoch, ledger::big_endian(epoch_.epoch - 1));
  auto const before = ledger::load<ledger::EpochRecord>(*state_, key);
  CHECK(before.has_value());
  return before->validators;
}

/// A light client follows the sets from the genesis by these (ledger::TraceProof::epochs). Beyond what a proof can hold
/// it needs a newer anchor than the genesis.
void Replica::note_end(ledger::ResultHeader const& header, consensus::Certificate const& finalization,
                       crypto::ValidatorSet const& validators) {
  if (header.next_validators_hash == header.validators_hash || ends_.size() == ends_.max) return;
  ends_.push_back({header, ledger::SimplexFinality{finalization}, validators});
}

/// From the state, which names all epochs, and the block log. The end of an epoch that is the tip belongs to the next
/// one: begin_epoch notes it, and so does this after a restart.
Result<void> Replica::read_ends(BytesView base_note) {
  ends_.clear();
  if (!base_note.empty()) {
    TRY_ASSIGN(auto note, base::decode<LogNote>(base_note));
    joined_epoch_ = note.joined_epoch;
    ends_ = std::move(note.ends);
  }
  auto const of = [&](std::uint64_t epoch) {
    return epoch == epoch_.epoch ? epoch_
                                 : ledger::load<ledger::EpochRecord>(
                                       *state_, ledger::state_key(ledger::Space::epoch, ledger::big_endian(epoch)))
                                       .value_or(ledger::EpochRecord{});
  };
  auto before = of(1);
  for (std::uint64_t epoch = 2; epoch <= epoch_.epoch; ++epoch) {
    auto const after = of(epoch);
    // What the log no longer has stands in its note.
    if (before.validators != after.validators && after.first - 1 > base_) {
      TRY_ASSIGN(auto const decision, logged(after.first - 1));
      TRY_ASSIGN(auto const header, base::decode<ledger::ResultHeader>(decision.blocks.back().result));
      TRY_ASSIGN(auto const finalization, base::decode<consensus::Certificate>(decision.finality));
      note_end(header, finalization, before.validators);
    }
    before = after;
  }
  return {};
}

/// What the journal holds of this epoch; what it holds of older ones has had its time.
Result<void> Replica::open_core(std::vector<storage::Note> const& journal) {
  std::vector<consensus::Record> records;
  std::vector<consensus::SharedBlock> blocks;
  for (auto const& note : journal) {
    if (note.epoch != epoch_.epoch || note.view == storage::note_pinned) continue;
    if (note.kind == note_record) {
      TRY_ASSIGN(auto record, base::decode<consensus::Record>(note.bytes));
      records.push_back(std::move(record));
    } else {
      TRY_ASSIGN(auto block, base::decode<consensus::Block>(note.bytes));
      blocks.push_back(std::make_shared<consensus::Block const>(std::move(block)));
    }
  }
  if (loss_ && loss_->floor && loss_->epoch == epoch_.epoch) {
    records.push_back({consensus::Record::Floor{*loss_->floor}});
  }
  TRY_ASSIGN(auto opened, opening());
  make_core(std::move(opened), records, blocks);
  return {};
}

std::optional<consensus::Identity> Replica::identity() const {
  if (epoch_.epoch <= joined_epoch_ || epoch_.epoch == given_up_) return std::nullopt;
  auto const& validators = epoch_.validators.validators;
  auto const secrets = setup_.secrets ? setup_.secrets() : std::vector<crypto::ValidatorSecret>();
  for (std::size_t place = 0; place < validators.size(); ++place) {
    for (auto const& secret : secrets) {
      if (setup_.key_of(secret) == validators[place].key) return consensus::Identity{static_cast<Place>(place), secret};
    }
  }
  return std::nullopt;
}

std::vector<Member> Replica::members() const {
  std::vector<Member> out;
  for (auto const& validator : epoch_.validators.validators) {
    auto const key = ledger::state_key(ledger::Space::endpoint, validator.key.view());
    out.push_back({validator, ledger::load<ledger::EndpointRecord>(*state_, key).value_or(ledger::EndpointRecord())});
  }
  return out;
}

void Replica::make_core(Opening opening, std::vector<consensus::Record> const& records,
                        std::vector<consensus::SharedBlock> const& blocks) {
  consensus::Config config;
  config.chain = chain_;
  config.epoch = epoch_.epoch;
  config.last_height = last_height();
  config.predecessor = std::move(opening.finalization);
  config.validators = epoch_.validators;
  config.seed = opening.result;
  config.parameters = {parameters_.view_timeout_ms, parameters_.idle_block_ms, parameters_.block_bytes_max};
  config.identity = identity();
  if (loss_ && config.identity && loss_is_over(*config.identity)) end_loss();
  if (loss_) config.loss = loss_->number;
#ifdef TALLY_MUTANTS
  config.mutants = setup_.mutants;
#endif
  place_ = config.identity ? std::optional(config.identity->place) : std::nullopt;
  consensus::Tip tip{header_.height, tip_, header_.hash(), header_.time_ms, 0, std::nullopt};
  if (header_.height >= epoch_.first) {
    tip.view = finalization_->ballot.view;
    tip.finalization = finalization_;
  }
  world_.transport.members(members(), place_);
  proposals_.begin_epoch(epoch_.validators.size(), place_, parameters_.view_timeout_ms);
#ifdef TALLY_MUTANTS
  proposals_.mutants = setup_.mutants;
#endif
  core_.emplace(std::move(config), std::move(tip), records, blocks);
}

/// The tip ended its epoch and is durable. Nothing that was on its way in the old one is of use in the new.
void Replica::begin_epoch() {
  auto const read = read_epoch();
  auto opened = opening();
  CHECK(read.has_value() && opened.has_value());
  note_end(header_, *finalization_, validators_of_tip());
  if (setup_.epoch_ended) hand_over();
  begin_core(std::move(opened).value());
}

void Replica::begin_core(Opening opening) {
  while (!undecided_.empty()) forget(undecided_.begin()->first);
  inputs_.clear();
  proposal_.reset();
  draft_.reset();
  core_timer_ms_ = 0;
  make_core(std::move(opening), {}, {});
  log("info", "epoch " + std::to_string(epoch_.epoch) + " begins after height " + std::to_string(header_.height) +
                  " with " + std::to_string(epoch_.validators.size()) + " validators; this node " +
                  (place_ ? "votes" : "follows"));
  feed(consensus::Started{});
  tell_early();
}

/// Who ends an epoch later than others would miss the first proposal of the next one, which is sent once.
void Replica::keep_early(Place from, std::uint64_t epoch, BytesView frame) {
  if (epoch != epoch_.epoch + 1 || from >= epoch_.validators.size() || frame.size() > early_bytes_max) return;
  auto const& sender = epoch_.validators.validators[from];
  auto const drop = [&](auto one) {
    early_bytes_ -= one->frame.size();
    early_.erase(one);
  };
  if (static_cast<std::size_t>(std::ranges::count(early_, sender, &Early::sender)) >= early_frames_max) {
    drop(std::ranges::find(early_, sender, &Early::sender));
  }
  early_.push_back({sender, Bytes(frame.begin(), frame.end())});
  early_bytes_ += frame.size();
  while (early_bytes_ > early_bytes_max) drop(early_.begin());
}

/// Places are those of the new epoch; a validator keeps one of its keys from one to the next.
void Replica::tell_early() {
  for (auto const& [sender, bytes] : std::exchange(early_, {})) {
    auto const same = [&, &was = sender](crypto::Validator const& now) {
      return now.key == was.key || now.tls_key == was.tls_key;
    };
    auto const& validators = epoch_.validators.validators;
    auto const found = std::ranges::find_if(validators, same);
    auto frame = decode_frame(bytes);
    if (!frame || found == validators.end()) continue;
    auto const from = static_cast<Place>(found - validators.begin());
    auto const* const said = spoken(*frame);
    if (said == nullptr || said->epoch != epoch_.epoch) continue;
    if (auto* whole = std::get_if<ConsensusFrame>(&*frame)) {
      feed(consensus::Received{from, std::move(whole->envelope)});
    } else {
      (void)proposals_.receive(from, std::move(std::get<ProposalFrame>(*frame)));
    }
  }
  early_bytes_ = 0;
}

/// What another node needs to begin behind the epoch that ended.
void Replica::hand_over() {
  auto const decision = logged(header_.height);
  CHECK(decision.has_value());
  SnapshotProof proof{header_, *finalization_, validators_of_tip(), ends_};
  if (!proof.ends.empty() && proof.ends.back().header.height == header_.height) proof.ends.pop_back();
  setup_.epoch_ended(std::move(proof), decision->blocks.back().block, state_);
}

/// Who is in an epoch that is over needs the blocks up to its end; nothing else is said in it any more.
void Replica::serve_older(Place from, consensus::Envelope const& envelope) {
  auto const* request = std::get_if<consensus::GetBlocks>(&envelope.message);
  if (request == nullptr || envelope.chain != chain_) return;
  if (request->first > 0 && request->first <= header_.height) on(consensus::ServeBlocks{from, request->first});
}

}  // namespace node
