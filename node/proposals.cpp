// SPDX-License-Identifier: Apache-2.0
#include "node/proposals.hpp"

#include <algorithm>

#ifdef TALLY_MUTANTS
#define PLANTED(fault) (mutants.fault)
#else
#define PLANTED(fault) false
#endif

namespace node {

void Proposals::begin_epoch(std::size_t validators, std::optional<Place> own, std::uint64_t view_timeout_ms) {
  validators_ = validators;
  patience_ms_ = view_timeout_ms / 2;
  own_place_ = own;
  partial_.clear();
  answered_.clear();
}

void Proposals::made(Hash const& root, std::vector<Pooled> transactions) { own_ = {root, {}, std::move(transactions)}; }

Frame Proposals::frame_of(consensus::Envelope envelope) {
  auto* const propose = std::get_if<consensus::Propose>(&envelope.message);
  bool const fits = propose != nullptr && propose->block.payload.size() >= payload_bytes_min_ &&
                    !own_.transactions.empty() && propose->block.header.tx_root == own_.root;
  if (!fits) return ConsensusFrame{std::move(envelope)};
  own_.block = propose->block.header.hash();
  propose->block.payload.clear();
  ProposalFrame out;
  for (auto const& transaction : own_.transactions) out.names.push_back(short_name(transaction.leaf));
  out.envelope = std::move(envelope);
  return out;
}

Result<void> Proposals::receive(Place from, ProposalFrame&& frame) {
  auto const* const propose = std::get_if<consensus::Propose>(&frame.envelope.message);
  if (propose == nullptr || !propose->block.payload.empty() || frame.names.empty() ||
      propose->block.header.tx_count != frame.names.size()) {
    return base::Error{base::Code::E_ENCODING, "proposal", "its names are not those of a block without its payload"};
  }
  if (from >= validators_ || from == own_place_) return {};
  Partial partial;
  partial.root = propose->block.header.tx_root;
  partial.block = propose->block.header.hash();
  partial.names = std::move(frame.names);
  partial.found = admission_.find(partial.names);
  partial.envelope = std::move(frame.envelope);
  if (finish(from, partial)) return {};
  std::vector<std::uint32_t> missing;
  for (std::uint32_t place = 0; place < partial.found.size(); ++place) {
    if (!partial.found[place].bytes) missing.push_back(place);
  }
  ask(partial, from, std::move(missing));
  partial_.insert_or_assign(from, std::move(partial));
  return {};
}

bool Proposals::finish(Place from, Partial& partial) {
  std::vector<Hash> leaves;
  std::vector<SharedBytes> transactions;
  for (auto const& found : partial.found) {
    if (!found.bytes) return false;
    leaves.push_back(found.leaf);
    transactions.push_back(found.bytes);
  }
  if (crypto::log_root(leaves) != partial.root) return false;
  auto const payload = encode_payload(transactions);
  if (payload.size() > consensus::payload_bytes_max) return false;
  auto& propose = std::get<consensus::Propose>(partial.envelope.message);
  propose.block.payload.assign(payload.begin(), payload.end());
  deliver_(from, std::move(partial.envelope));
  return true;
}

void Proposals::ask(Partial& partial, Place to, std::vector<std::uint32_t> places) {
  partial.asked_last = to;
  partial.again_at_ms = clock_.steady_ms() + patience_ms_;
  ++partial.questions;
  GetTransactionsFrame question;
  question.block = partial.block;
  question.places.assign(places.begin(), places.end());
  partial.asked.insert_or_assign(to, std::move(places));
  if (PLANTED(never_asks)) return;
  transport_.send(to, encode_frame(std::move(question)));
}

bool Proposals::ask_another(Partial& partial) {
  if (partial.questions >= transaction_questions_max) return false;
  auto to = partial.asked_last;
  do {
    to = static_cast<Place>((to + 1) % validators_);
  } while (to == own_place_);
  ask(partial, to, {});
  return true;
}

void Proposals::receive(Place from, TransactionsFrame&& answer) {
  auto const wanted = std::ranges::find_if(
      partial_, [&](auto const& one) { return one.second.block == answer.block && one.second.asked.contains(from); });
  if (wanted == partial_.end()) return;
  auto& [proposer, partial] = *wanted;
  auto const places = partial.asked.extract(from).mapped();
  bool const all = places.empty();
  if (answer.transactions.size() != (all ? partial.names.size() : places.size())) return;
  for (std::size_t i = 0; i < answer.transactions.size(); ++i) {
    auto& found = partial.found[all ? i : places[i]];
    found.bytes = std::make_shared<Bytes const>(std::move(answer.transactions[i]));
    found.leaf = crypto::log_leaf_hash(*found.bytes);
  }
  if (finish(proposer, partial)) {
    partial_.erase(wanted);
  } else if (!all) {
    // A name can stand for another transaction than the one that was here.
    ask(partial, from, {});
  } else if (!ask_another(partial)) {
    partial_.erase(wanted);
  }
}

void Proposals::answer(Place from, GetTransactionsFrame const& question,
                       std::function<std::vector<Bytes>()> const& held) {
  if (from >= validators_) return;
  auto& answered = answered_[from];
  if (answered.block != question.block) answered = {question.block, 0};
  if (++answered.times > transaction_answers_max) return;
  std::vector<SharedBytes> transactions;
  if (question.block == own_.block) {
    for (auto const& one : own_.transactions) transactions.push_back(one.bytes);
  } else {
    for (auto& bytes : held()) transactions.push_back(std::make_shared<Bytes const>(std::move(bytes)));
  }
  if (transactions.empty()) return;
  TransactionsFrame out;
  out.block = question.block;
  // A place that comes twice would make the answer longer than the block.
  std::uint32_t next = 0;
  for (auto const place : question.places) {
    if (place < next || place >= transactions.size()) return;
    next = place + 1;
    out.transactions.emplace_back(*transactions[place]);
  }
  if (question.places.empty()) {
    for (auto const& bytes : transactions) out.transactions.emplace_back(*bytes);
  }
  transport_.send(from, encode_frame(std::move(out)));
}

std::uint64_t Proposals::wake_at_ms() const {
  std::uint64_t at = 0;
  for (auto const& [proposer, partial] : partial_) {
    if (at == 0 || partial.again_at_ms < at) at = partial.again_at_ms;
  }
  return at;
}

void Proposals::wake() {
  auto const now = clock_.steady_ms();
  for (auto one = partial_.begin(); one != partial_.end();) {
    bool const stays = one->second.again_at_ms > now || ask_another(one->second);
    one = stays ? std::next(one) : partial_.erase(one);
  }
}

}  // namespace node
