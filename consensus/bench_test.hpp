// SPDX-License-Identifier: Apache-2.0
#pragma once

// One core under test among validators whose keys the test holds: it crafts their messages and reads the outputs.

#include <algorithm>
#include <deque>

#include "consensus/network_test.hpp"
#include "crypto/hash.hpp"

namespace consensus::test {

constexpr TimeMs bench_wall_ms = 1'700'000'000'000;

class Bench {
 public:
  explicit Bench(std::size_t validators = 4, Place place = 0, Parameters parameters = {150, 10'000, 64 << 10})
      : config(make_config(validators, secrets, true)),
        leaders(validators, config.seed),
        genesis(make_genesis(config)) {
    config.parameters = parameters;
    config.identity = Identity{place, secrets[place]};
    me = place;
  }

  Bench(Bench const&) = delete;
  Bench& operator=(Bench const&) = delete;

  void start() { restart(genesis); }
  void restart(Tip tip, std::vector<SharedBlock> const& blocks = {}) {
    core = std::make_unique<Core>(config, std::move(tip), records, blocks);
    step(Started{});
  }

  /// Performs nothing but the host's answers (when answering is on); keeps all outputs of the call in `out`.
  void step(decltype(Input::event) event) {
    out.clear();
    feed(std::move(event));
  }
  void receive(Place from, Message message) { step(Received{from, {config.chain, config.epoch, std::move(message)}}); }
  /// Time passes, with all ticks asked for on the way.
  void pass(std::uint64_t ms) {
    out.clear();
    auto const end = now_ms + ms;
    while (timer_ms != 0 && timer_ms <= end) {
      now_ms = std::max(now_ms, timer_ms);
      timer_ms = 0;
      feed(Tick{});
    }
    now_ms = end;
  }

  Ballot ballot(VoteKind kind, View view, Block const* block = nullptr, Hash const& result = {}) const {
    bool const final = kind == VoteKind::finalize;
    return {kind,
            config.chain,
            config.epoch,
            view,
            final ? block->header.height : 0,
            block ? block->header.hash() : Hash{},
            final ? result : Hash{}};
  }
  Vote vote(Place place, Ballot const& said) const { return signed_vote(config, secrets[place], place, said); }
  Certificate certificate(Ballot const& said) const {
    std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
    for (std::size_t i = secrets.size() - config.validators.quorum(); i < secrets.size(); ++i) {
      votes.emplace_back(i, vote(static_cast<Place>(i), said).signature);
    }
    return crypto::make_certificate(said, secrets.size(), votes);
  }
  Certificate notarization(Block const& block) const {
    return certificate(ballot(VoteKind::notarize, block.header.view, &block));
  }
  Certificate nullification(View view) const { return certificate(ballot(VoteKind::nullify, view)); }
  Certificate finalization(Block const& block) const {
    return certificate(ballot(VoteKind::finalize, block.header.view, &block, result_of(block)));
  }
  /// A child of the block, or of genesis, with a payload that names the view.
  Block block(View view, Block const* parent = nullptr, bool empty = false) {
    Block made;
    if (!empty) made.payload = base::encode(std::uint64_t{view});
    made.header = {1,
                   config.chain,
                   config.epoch,
                   view,
                   parent ? parent->header.height + 1 : 1,
                   parent ? parent->header.hash() : genesis.block,
                   bench_wall_ms + now_ms + view,
                   leaders.of(view),
                   crypto::sha256(made.payload),
                   empty ? 0u : 1u,
                   static_cast<std::uint32_t>(made.payload.size()),
                   {}};
    return made;
  }
  Propose proposal(Block const& block, std::optional<Certificate> parent = {},
                   std::vector<Certificate> skipped = {}) const {
    return proposal_again(block.header.view, block, std::move(parent), std::move(skipped));
  }
  /// The block in a later view than its own, by the leader of that one.
  Propose proposal_again(View view, Block const& block, std::optional<Certificate> parent,
                         std::vector<Certificate> skipped = {}) const {
    auto const said = ballot(VoteKind::notarize, view, &block);
    return {view, block, vote(leaders.of(view), said).signature, std::move(parent), std::move(skipped)};
  }
  void propose(Block const& block, std::optional<Certificate> parent = {}, std::vector<Certificate> skipped = {}) {
    receive(block.header.proposer, proposal(block, std::move(parent), std::move(skipped)));
  }
  void tell(Certificate const& certificate) { receive(other(), Certificates{{certificate}}); }
  /// Any place that is not the core's.
  Place other(std::size_t n = 1) const { return static_cast<Place>((me + n) % secrets.size()); }
  /// The places that are neither the core's nor the leader's of the view.
  std::vector<Place> bystanders(View view) const {
    std::vector<Place> found;
    for (Place place = 0; place < secrets.size(); ++place) {
      if (place != me && place != leaders.of(view)) found.push_back(place);
    }
    return found;
  }
  /// A result that depends on nothing but the block's hash.
  Hash result_of(Block const& block) const { return crypto::sha256(block.header.hash().view()); }
  /// The first view from `from` on that this place leads.
  View view_of(Place place, View from = 1) const {
    while (leaders.of(from) != place) ++from;
    return from;
  }

  template <class T>
  std::vector<T> outputs() const {
    std::vector<T> found;
    for (auto const& output : out) {
      if (auto const* one = std::get_if<T>(&output)) found.push_back(*one);
    }
    return found;
  }
  /// Messages of one kind in `out`, whether sent or broadcast.
  template <class T>
  std::vector<T> messages() const {
    std::vector<T> found;
    for (auto const& output : out) {
      auto const* broadcast = std::get_if<Broadcast>(&output);
      auto const* sent = std::get_if<Send>(&output);
      if (broadcast == nullptr && sent == nullptr) continue;
      auto const& envelope = broadcast != nullptr ? broadcast->envelope : sent->envelope;
      if (auto const* one = std::get_if<T>(&envelope.message)) found.push_back(*one);
    }
    return found;
  }
  /// True when one of my votes of this kind for this view is in `out`.
  bool voted(VoteKind kind, View view) const {
    auto const votes = messages<Vote>();
    return std::any_of(votes.begin(), votes.end(), [&](Vote const& vote) {
      return vote.place == me && vote.ballot.kind == kind && vote.ballot.view == view;
    });
  }
  View view() const { return core->status().view; }

  std::vector<crypto::ValidatorSecret> secrets;
  Config config;
  Leaders leaders;
  Tip genesis;
  Place me = 0;
  std::unique_ptr<Core> core;
  std::vector<Record> records;
  std::vector<SharedBlock> saved;
  Outputs out;
  std::uint64_t now_ms = 1'000, timer_ms = 0;
  /// Ahead of the steady clock.
  std::int64_t wall_skew_ms = 0;
  bool judges = true, executes = true;
  std::function<bool(Block const&)> ends_epoch = [](Block const&) { return false; };
  std::function<Hash(Block const&)> execution = [this](Block const& block) { return result_of(block); };

 private:
  void feed(decltype(Input::event) event) {
    std::deque<decltype(Input::event)> events{std::move(event)};
    for (; !events.empty(); events.pop_front()) {
      auto const wall = static_cast<std::int64_t>(bench_wall_ms + now_ms) + wall_skew_ms;
      auto const outputs = core->step({now_ms, static_cast<TimeMs>(wall), std::move(events.front())});
      out.insert(out.end(), outputs.begin(), outputs.end());
      for (auto const& output : outputs) {
        if (auto const answer = perform(output)) events.push_back(*answer);
      }
    }
  }
  std::optional<decltype(Input::event)> perform(Output const& output) {
    if (auto const* persist = std::get_if<Persist>(&output)) {
      records.insert(records.end(), persist->records.begin(), persist->records.end());
    } else if (auto const* save = std::get_if<SaveBlock>(&output)) {
      saved.push_back(save->block);
    } else if (auto const* timer = std::get_if<SetTimer>(&output)) {
      timer_ms = timer->at_ms;
    } else if (auto const* verdict = std::get_if<NeedVerdict>(&output); verdict != nullptr && judges) {
      auto const& block = *verdict->block;
      bool const fits = crypto::sha256(block.payload) == block.header.tx_root;
      return Verdict{block.header.hash(), fits ? Judgement::valid : Judgement::invalid, ends_epoch(block)};
    } else if (auto const* result = std::get_if<NeedResult>(&output); result != nullptr && executes) {
      return Executed{result->block->header.hash(), execution(*result->block)};
    }
    return std::nullopt;
  }
};

}  // namespace consensus::test
