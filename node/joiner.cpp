// SPDX-License-Identifier: Apache-2.0
#include "node/joiner.hpp"

#include <algorithm>

#include "ledger/beside.hpp"
#include "node/shelf.hpp"
#include "node/wire.hpp"

namespace node {

using base::Code;
using base::Error;

namespace {

/// What was chosen, and when all parts are here the epoch in which that was.
constexpr char const* plan_name = "plan";
constexpr char const* complete_name = "complete";

Bytes whole_file(storage::Folder const& folder, std::string const& name) {
  auto const files = folder.list();
  auto const file = files.find(name);
  return file == files.end() ? Bytes{} : folder.read(name, 0, file->second);
}

void write_file(storage::Folder& folder, std::string const& name, BytesView bytes) {
  if (folder.list().contains(name)) folder.remove(name);
  folder.append(name, bytes);
  folder.sync(name);
}

std::string of_height(Height height) { return "the snapshot of height " + std::to_string(height); }

}  // namespace

Joiner::Joiner(JoinerSetup setup, Clock& clock, Transport& transport, storage::Folder& folder)
    : setup_(std::move(setup)), clock_(clock), transport_(transport), folder_(folder) {
  resume();
}

/// A part that a crash tore, or that the disk altered, is fetched again.
void Joiner::resume() {
  auto plan = base::decode<Plan>(whole_file(folder_, plan_name));
  if (!plan || !plan->statement.is_of_this_program() || !verify_proof(plan->proof, setup_.chain, setup_.validators))
    return forget();
  chosen_ = std::move(plan).value();
  here_.assign(chosen_->statement.parts(), false);
  for (std::uint32_t index = 0; index < here_.size(); ++index) {
    auto const bytes = whole_file(folder_, part_name(index));
    if (bytes.empty() || !verify_part(chosen_->statement, chosen_->proof.header, index, bytes)) continue;
    here_[index] = true;
    ++here_count_;
  }
  offered_ms_ = clock_.steady_ms();
  setup_.log("info", "goes on with " + of_height(chosen_->statement.height) + ": " + std::to_string(here_count_) +
                         " of " + std::to_string(here_.size()) + " parts are here");
}

void Joiner::forget() {
  chosen_.reset();
  here_.clear();
  here_count_ = 0;
  asked_.clear();
  refused_.clear();
  stalls_.clear();
  given_.clear();
  // The plan first: parts without one are removed with the next.
  if (folder_.list().contains(plan_name)) folder_.remove(plan_name);
  for (auto const& [name, size] : folder_.list()) folder_.remove(name);
}

void Joiner::tick(Standing const& standing) {
  if (complete_) return;
  if (standing.epoch != standing_.epoch) {
    // Places mean others now.
    offers_.clear();
    refused_.clear();
    stalls_.clear();
    asked_.clear();
    asked_all_ms_ = 0;
  }
  standing_ = standing;
  auto const now = clock_.steady_ms();
  if (asked_all_ms_ == 0 || now >= asked_all_ms_ + ask_again_ms) {
    asked_all_ms_ = now;
    transport_.broadcast(encode_frame(SnapshotFrame{GetOffer{}}));
  }
  for (auto asked = asked_.begin(); asked != asked_.end();) {
    auto const place = asked->first;
    bool const late = now >= asked->second.at_ms + part_ms_max;
    asked = late ? asked_.erase(asked) : std::next(asked);
    if (late && ++stalls_[place] == stalls_max) {
      setup_.log("warn", "validator " + std::to_string(place) + " does not answer: it is passed over");
    }
  }
  busy_.clear();
  // When none is left, those who were slow get another chance.
  if (std::ranges::none_of(offers_, [&](auto const& one) { return is_usable(one.first); })) stalls_.clear();
  if (chosen_ && now >= offered_ms_ + orphaned_ms) {
    setup_.log("warn", "nobody offers " + of_height(chosen_->statement.height) + " any more: looking for another");
    forget();
  }
  if (chosen_ && standing.height >= chosen_->statement.height) {
    setup_.log("info", "came to height " + std::to_string(standing.height) +
                           " by blocks: " + of_height(chosen_->statement.height) + " is needed no more");
    forget();
  }
  if (!chosen_) choose();
  finish();
  ask();
}

void Joiner::receive(Place from, SnapshotMessage&& message) {
  if (complete_ || from >= standing_.validators) return;
  if (auto* offer = std::get_if<SnapshotOffer>(&message)) return take_offer(from, std::move(*offer));
  auto* part = std::get_if<SnapshotPart>(&message);
  if (part == nullptr || !chosen_) return;
  // Only what was asked for, and of whom; what comes late is as good.
  if (part->height != chosen_->statement.height || part->index >= here_.size()) return;
  auto const asked = asked_.find(from);
  if (asked == asked_.end() || asked->second.index != part->index) return;
  asked_.erase(asked);
  if (part->bytes.empty()) {
    busy_.insert(from);
    return ask();
  }
  auto const verified = verify_part(chosen_->statement, chosen_->proof.header, part->index, part->bytes);
  if (!verified) {
    refuse(from, "sent a wrong part " + std::to_string(part->index) + ": " + base::to_string(verified.error()));
  } else {
    take(from, std::move(*part));
  }
  ask();
}

void Joiner::take_offer(Place from, SnapshotOffer&& offer) {
  auto const& header = offer.proof.header;
  if (!offer.statement.is_of_this_program()) {
    // It may be honest: nobody is refused.
    if (of_another_version_.insert(from).second) {
      setup_.log("warn", of_height(header.height) + " is offered by another version of this program: not taken");
    }
    return;
  }
  bool const fits = offer.statement.chain == setup_.chain && offer.statement.height == header.height &&
                    offer.statement.result == header.hash() &&
                    verify_proof(offer.proof, setup_.chain, setup_.validators) &&
                    ledger::ranges_of(offer.statement.proved) && ledger::ranges_of(offer.statement.beside);
  if (!fits) {
    refuse(from, "offers a snapshot that is not certified");
    return;
  }
  if (chosen_ && offer.statement == chosen_->statement) offered_ms_ = clock_.steady_ms();
  auto& shelf = offers_[from];
  auto const height = header.height;
  shelf.insert_or_assign(height, std::move(offer));
  if (shelf.size() > shelf_max) shelf.erase(shelf.begin());
  if (!chosen_) choose();
  ask();
}

/// The newest that f + 1 validators state alike: one of them at least is right.
void Joiner::choose() {
  if (standing_.validators == 0) return;
  auto const needed = (standing_.validators - 1) / 3 + 1;
  SnapshotOffer const* best = nullptr;
  for (auto const& [place, shelf] : offers_) {
    for (auto const& [height, offer] : shelf) {
      if (best != nullptr && height <= best->statement.height) continue;
      auto const alike =
          std::ranges::count_if(offers_, [&](auto const& one) { return offers(one.first, offer.statement); });
      if (static_cast<std::size_t>(alike) >= needed) best = &offer;
    }
  }
  if (best == nullptr || best->statement.height < standing_.height + setup_.behind) return;
  forget();
  chosen_ = Plan{best->statement, best->proof};
  here_.assign(best->statement.parts(), false);
  offered_ms_ = clock_.steady_ms();
  write_file(folder_, plan_name, base::encode(*chosen_));
  setup_.log("info", "takes over " + of_height(best->statement.height) + ", " + std::to_string(here_.size()) +
                         " parts; this node is at height " + std::to_string(standing_.height));
}

bool Joiner::is_usable(Place place) const {
  auto const stalls = stalls_.find(place);
  return !refused_.contains(place) && (stalls == stalls_.end() || stalls->second < stalls_max) &&
         transport_.is_connected(place);
}

bool Joiner::offers(Place place, SnapshotStatement const& statement) const {
  auto const shelf = offers_.find(place);
  if (shelf == offers_.end()) return false;
  auto const offer = shelf->second.find(statement.height);
  return offer != shelf->second.end() && offer->second.statement == statement;
}

/// One part at a time of each peer that offers the same.
void Joiner::ask() {
  if (!chosen_ || complete_) return;
  std::set<std::uint32_t> under_way;
  for (auto const& [place, asked] : asked_) under_way.insert(asked.index);
  std::uint32_t next = 0;
  for (auto const& [place, shelf] : offers_) {
    if (!offers(place, chosen_->statement) || !is_usable(place) || busy_.contains(place)) continue;
    if (asked_.contains(place)) continue;
    while (next < here_.size() && (here_[next] || under_way.contains(next))) ++next;
    if (next == here_.size()) return;
    asked_[place] = {next, clock_.steady_ms()};
    transport_.send(place, encode_frame(SnapshotFrame{GetPart{chosen_->statement.height, next}}));
    ++next;
  }
}

void Joiner::refuse(Place place, std::string const& why) {
  refused_.insert(place);
  asked_.erase(place);
  setup_.log("warn", "validator " + std::to_string(place) + " " + why + ": it is asked no more for this snapshot");
}

std::string Joiner::givers() const {
  std::string out;
  for (auto const& [place, parts] : given_) {
    out += (out.empty() ? "" : ", ") + std::to_string(parts) + " from validator " + std::to_string(place);
  }
  return out;
}

void Joiner::take(Place from, SnapshotPart&& part) {
  if (here_[part.index]) return;
  ++given_[from];
  write_file(folder_, part_name(part.index), part.bytes);
  here_[part.index] = true;
  ++here_count_;
  auto const tenth = std::max<std::size_t>(1, here_.size() / 10);
  if (here_count_ % tenth == 0 || here_count_ == here_.size()) {
    setup_.log("info", of_height(chosen_->statement.height) + ": " + std::to_string(here_count_) + " of " +
                           std::to_string(here_.size()) + " parts are here, " + givers());
  }
  finish();
}

/// When all parts are here, and it is known in which epoch the chain is: one that f + 1 say is not made up.
void Joiner::finish() {
  auto const honest = (standing_.validators - 1) / 3;
  if (!chosen_ || here_count_ < here_.size() || offers_.size() <= honest) return;
  std::vector<std::uint64_t> epochs;
  for (auto const& [place, shelf] : offers_) epochs.push_back(shelf.rbegin()->second.epoch);
  std::ranges::sort(epochs, std::greater<>());
  auto const epoch = std::max(epochs[honest], chosen_->proof.header.epoch + 1);
  write_file(folder_, complete_name, base::encode(epoch));
  complete_ = true;
}

std::optional<JoinProgress> Joiner::progress() const {
  if (!chosen_) return std::nullopt;
  return JoinProgress{chosen_->statement.height, here_.size(), here_count_, refused_.size()};
}

bool is_complete(storage::Folder const& folder) {
  return base::decode<std::uint64_t>(whole_file(folder, complete_name)).has_value();
}

JoinProgress begin_with(storage::Folder const& shelf, SnapshotOffer const& own, bool alone, storage::Folder& folder) {
  JoinProgress out{own.statement.height, own.statement.parts(), 0, 0};
  each_part(shelf, own, [&](std::uint32_t index, BytesView bytes) {
    if (!verify_part(own.statement, own.proof.header, index, bytes)) return;
    write_file(folder, part_name(index), bytes);
    ++out.here;
  });
  write_file(folder, plan_name, base::encode(Plan{own.statement, own.proof}));
  if (alone && out.here == out.parts) write_file(folder, complete_name, base::encode(own.proof.header.epoch));
  return out;
}

Result<void> install_state(storage::Folder const& from, storage::Database& state) {
  TRY_ASSIGN(auto const plan, base::decode<Plan>(whole_file(from, plan_name)));
  auto const& [statement, proof] = plan;
  for (std::uint32_t index = 1; index < statement.parts(); ++index) {
    auto const bytes = whole_file(from, part_name(index));
    TRY(verify_part(statement, proof.header, index, bytes));
    TRY_ASSIGN(auto chunk, base::decode<ledger::Chunk>(bytes));
    ledger::StateDiff diff;
    for (auto& [key, record] : chunk.records) diff[std::move(key)] = std::move(record);
    ledger::add_rows(diff);
    state.apply(diff, statement.height);
  }
  TRY(ledger::verify_beside(*state.snapshot(), proof.header));
  state.settle();
  return {};
}

bool is_in_log(storage::Folder const& from, storage::BlockLog const& log) {
  auto const plan = base::decode<Plan>(whole_file(from, plan_name));
  if (!plan) return false;
  auto const decision = log.read(plan->statement.height);
  return decision && *decision && (*decision)->blocks.back().result == base::encode(plan->proof.header);
}

Result<void> begin_log(storage::Folder const& from, storage::Folder& log_folder) {
  TRY_ASSIGN(auto const plan, base::decode<Plan>(whole_file(from, plan_name)));
  TRY_ASSIGN(auto const joined_epoch, base::decode<std::uint64_t>(whole_file(from, complete_name)));
  auto const& [statement, proof] = plan;
  TRY_ASSIGN(auto log, storage::BlockLog::open(log_folder));
  LogNote note{joined_epoch, proof.ends};
  storage::LogBase log_base{statement.height - 1, {}, {}};
  auto const noted = base::encode(note);
  log_base.note.assign(noted.begin(), noted.end());
  log->begin(std::move(log_base));
  storage::Decision decision;
  decision.first = statement.height;
  decision.epoch = proof.finality.ballot.epoch;
  decision.view = proof.finality.ballot.view;
  decision.blocks.push_back({whole_file(from, part_name(0)), base::encode(proof.header)});
  decision.finality = base::encode(proof.finality);
  log->append(std::move(decision));
  return {};
}

}  // namespace node
