// SPDX-License-Identifier: Apache-2.0
#include "ledger/proof.hpp"

#include <deque>
#include <set>

#include "crypto/places.hpp"
#include "gs1/identifier.hpp"
#include "gs1/view.hpp"
#include "ledger/links.hpp"
#include "ledger/names.hpp"

namespace ledger {

namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t key_bytes_max = decltype(HistoryProof::key)::max;
constexpr std::size_t record_bytes_max = decltype(HistoryProof::record)::max;
constexpr std::size_t records_max = decltype(TraceProof::records)::max;
constexpr std::size_t entries_max = decltype(ShownLeaf::entries)::max;

/// Leaves with what they commit to, from the events as they are stored.
class Shower {
 public:
  explicit Shower(StateView const& state) : state_(state) {}

  ShownLeaf show(HistoryLeaf const& leaf, std::string_view subject) {
    ShownLeaf out;
    out.leaf = leaf;
    auto const event = stored_event(state_, leaf.log_index);
    CHECK(event.has_value());
    if (!is_event(leaf.kind)) {
      out.head = event->payload;
      return out;
    }
    auto const& viewed = view(leaf.log_index, event->payload);
    out.head = viewed.view.head;
    out.head_path = crypto::range_proof(viewed.hashes, 0, 1);
    auto const& entries = viewed.view.entries;
    for (std::size_t i = 0; i < entries.size() && out.entries.size() < entries_max; ++i) {
      auto const& links = entries[i].links;
      if (std::find(links.begin(), links.end(), subject) == links.end()) continue;
      auto const place = static_cast<std::uint32_t>(i + 1);
      out.entries.push_back({place, base::encode(entries[i]), crypto::range_proof(viewed.hashes, place, place + 1)});
    }
    return out;
  }

 private:
  struct Viewed {
    gs1::EventView view;
    std::vector<Hash> hashes;
  };
  Viewed const& view(std::uint64_t log_index, BytesView payload) {
    auto const found = views_.find(log_index);
    if (found != views_.end()) return found->second;
    // The same event stands in several histories, mostly in one after the other; large events take much memory.
    constexpr std::size_t views_max = 16;
    if (views_.size() == views_max) views_.clear();
    auto made = gs1::view_of(payload);
    CHECK(made.has_value());
    auto hashes = made->leaves();
    return views_.emplace(log_index, Viewed{std::move(*made), std::move(hashes)}).first->second;
  }

  StateView const& state_;
  std::map<std::uint64_t, Viewed> views_;
};

/// A history of the proof in the making: the leaves [first, last) of it.
struct Traced {
  Bytes key;
  Bytes record;
  History history;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  unsigned depth = 0;
  /// More leaves are needed of it than a proof may hold.
  bool too_long = false;
  std::vector<HistoryLeaf> leaves{};

  std::vector<HistoryLeaf const*> pointers() const {
    std::vector<HistoryLeaf const*> out;
    for (auto const& leaf : leaves) out.push_back(&leaf);
    return out;
  }
};

/// Follows links breadth first, so that what is nearest to the subject is in the proof when not all fits.
class Tracer {
 public:
  explicit Tracer(Certified const& at) : at_(at), state_(*at.state), shower_(state_) {}

  /// False for a subject without a record, or with one that no proof can hold.
  bool start(Bytes const& key, std::size_t last) {
    auto traced = open(key);
    if (!traced) return false;
    auto const count = traced->history.count;
    traced->first = traced->last = count;
    std::vector<ShownLeaf> leaves;
    while (traced->first > 0 && leaves.size() < std::min(last, trace_leaves_max)) {
      auto leaf = history_leaf(state_, tree_key(key), traced->first - 1);
      CHECK(leaf.has_value());
      auto shown = shower_.show(*leaf, subject_name(key));
      auto const size = base::encode(shown).size();
      if (bytes_ + size > trace_bytes_max) break;
      bytes_ += size;
      --traced->first;
      traced->leaves.push_back(std::move(*leaf));
      leaves.push_back(std::move(shown));
    }
    std::reverse(traced->leaves.begin(), traced->leaves.end());
    std::reverse(leaves.begin(), leaves.end());
    shown_.emplace(tree_key(key), std::move(leaves));
    order_.push_back(tree_key(key));
    traced_.emplace(order_[0], std::move(*traced));
    follow();
    return true;
  }

  std::vector<HistoryProof> histories() {
    show_what_fits();
    std::vector<HistoryProof> out;
    auto const reached = reach();
    for (auto const& subject : order_) {
      if (reached.contains(subject)) out.push_back(prove(subject));
    }
    return out;
  }

 private:
  std::optional<Traced> open(Bytes const& key) const {
    auto record = state_.get(key);
    if (!record || record->size() > record_bytes_max || key.size() > key_bytes_max) return std::nullopt;
    auto const history = history_of(*record);
    CHECK(history.has_value());
    Traced traced;
    traced.key = key;
    traced.record = std::move(*record);
    traced.history = *history;
    return traced;
  }

  void follow() {
    std::deque<Hash> grown = {order_[0]};
    while (!grown.empty()) {
      auto const subject = grown.front();
      grown.pop_front();
      auto const& from = traced_.at(subject);
      auto const depth = from.depth + 1;
      if (from.too_long || depth > trace_depth_max) continue;
      for (auto const& need : needs_of(from.pointers())) {
        if (grow(need, depth)) grown.push_back(need.link.key);
      }
    }
  }

  /// True when the history takes more leaves into the proof than before.
  bool grow(Need const& need, unsigned depth) {
    auto const& subject = need.link.key;
    auto found = traced_.find(subject);
    if (found == traced_.end()) {
      if (order_.size() == trace_histories_max) return false;
      auto const key = subject_key(state_, subject);
      CHECK(key.has_value());
      auto traced = open(*key);
      if (!traced) return false;
      traced->first = traced->last = need.first;
      traced->depth = depth;
      order_.push_back(subject);
      found = traced_.emplace(subject, std::move(*traced)).first;
    } else if (subject == order_[0]) {
      return false;
    }
    auto& traced = found->second;
    auto const end = need.last.value_or(traced.history.count);
    // A state with such a link is wrong, which is for the verifier to say.
    if (need.first >= end || end > traced.history.count) return false;
    auto const first = std::min(traced.first, need.first);
    auto const last = std::max(traced.last, end);
    if (traced.too_long || (first == traced.first && last == traced.last)) return false;
    traced.first = first;
    traced.last = last;
    traced.too_long = last - first > trace_leaves_max;
    traced.leaves.clear();
    if (traced.too_long) return false;
    for (auto i = first; i < last; ++i) traced.leaves.push_back(history_leaf(state_, subject, i).value());
    return true;
  }

  void show_what_fits() {
    for (std::size_t i = 1; i < order_.size(); ++i) {
      auto const& traced = traced_.at(order_[i]);
      if (traced.too_long) continue;
      std::vector<ShownLeaf> leaves;
      auto bytes = bytes_;
      for (auto const& leaf : traced.leaves) {
        auto shown = shower_.show(leaf, subject_name(traced.key));
        bytes += base::encode(shown).size();
        if (bytes > trace_bytes_max) break;
        leaves.push_back(std::move(shown));
      }
      if (leaves.size() != traced.leaves.size()) continue;
      bytes_ = bytes;
      shown_.emplace(order_[i], std::move(leaves));
    }
  }

  /// The shown histories that links of shown histories lead to from the subject: a proof holds no others.
  std::set<Hash> reach() const {
    std::set<Hash> reached = {order_[0]};
    std::deque<Hash> next = {order_[0]};
    while (!next.empty()) {
      auto const& from = traced_.at(next.front());
      next.pop_front();
      for (auto const& need : needs_of(from.pointers())) {
        if (shown_.contains(need.link.key) && reached.insert(need.link.key).second) next.push_back(need.link.key);
      }
    }
    return reached;
  }

  HistoryProof prove(Hash const& subject) {
    auto const& traced = traced_.at(subject);
    HistoryProof proof;
    proof.key = traced.key;
    proof.record = traced.record;
    proof.leaves = std::move(shown_.at(subject));
    auto const count = traced.history.count;
    if (proof.leaves.size() != count) {
      std::vector<std::uint64_t> places;
      for (auto const& shown : proof.leaves) places.push_back(shown.leaf.sequence);
      proof.hashes = crypto::places_proof(history_leaf_hashes(state_, subject, count), places);
    }
    return proof;
  }

  Certified const& at_;
  StateView const& state_;
  Shower shower_;
  std::vector<Hash> order_;
  std::map<Hash, Traced> traced_;
  std::map<Hash, std::vector<ShownLeaf>> shown_;
  std::size_t bytes_ = 0;
};

std::vector<RecordProof> prove_records(Certified const& at, std::vector<HistoryProof> const& histories) {
  std::vector<RecordProof> out;
  for (auto const& key : named_records(*at.state, histories)) {
    auto record = at.state->get(key);
    CHECK(record.has_value());
    if (key.size() > key_bytes_max || record->size() > record_bytes_max) continue;
    out.push_back({key, std::move(*record)});
  }
  return out;
}

/// The co-signatures with the records that say whose they are, as long as there is room for these.
void put_witnesses(TraceProof& proof, Certified const& at) {
  auto const& state = *at.state;
  std::set<Bytes> known;
  for (auto const& history : proof.histories) known.insert(history.key);
  for (auto const& record : proof.records) known.insert(record.key);
  for (auto const& one : at.witnesses) {
    Bytes const key = state_key(Space::key, one.key.view());
    auto const record = load<KeyRecord>(state, key);
    auto const gln = record ? state.get(state_key(Space::name_index, record->party.view())) : std::nullopt;
    if (!gln || proof.records.size() + 2 > records_max) continue;
    for (auto const& needed : {key, state_key(Space::member, base::text_of(*gln))}) {
      if (known.insert(needed).second) proof.records.push_back({needed, state.get(needed).value(), 0});
    }
    proof.witnesses.push_back(one);
  }
}

}  // namespace

Result<Bytes> subject_of(std::string_view name) {
  if (name.starts_with("0x")) {
    auto const contract = Hash::from_text(name);
    if (!contract) return Error{Code::E_EVENT_FORM, "subject", "a contract is 0x and 64 hexadecimal digits"};
    return state_key(Space::contract, contract->view());
  }
  TRY_ASSIGN(auto const key, gs1::read_key(name, "subject"));
  switch (key.kind) {
    case gs1::KeyKind::item:
      return state_key(Space::item, key.uri);
    case gs1::KeyKind::lot:
      return state_key(Space::lot, key.uri);
    case gs1::KeyKind::sscc:
      return state_key(Space::unit, key.uri);
    case gs1::KeyKind::party:
      return state_key(Space::member, key.primary);
    default:
      return state_key(Space::thing, key.uri);
  }
}

std::string subject_name(BytesView stored_key) {
  CHECK(!stored_key.empty());
  auto const id = stored_key.subspan(1);
  if (static_cast<Space>(stored_key[0]) == Space::contract) return "0x" + base::to_hex(id);
  std::string const text(base::text_of(id));
  return static_cast<Space>(stored_key[0]) == Space::member ? "https://id.gs1.org/417/" + text : text;
}

namespace {

/// What the certified result brings to a proof.
void put_result(TraceProof& proof, Certified const& at) {
  proof.chain = at.chain;
  proof.epochs = at.epochs;
  proof.validators = at.validators;
  proof.header = at.header;
  proof.finality = *at.finality;
  // CometBFT's headers name later sets by their keys alone: nobody signs for the rest.
  if (!std::holds_alternative<CometFinality>(proof.finality) || proof.epochs.empty()) return;
  for (std::size_t i = 1; i < proof.epochs.size(); ++i) proof.epochs[i].validators.others = {};
  proof.validators.others = {};
}

/// The paths of all records in the proof.
void put_paths(TraceProof& proof, Certified const& at) {
  std::vector<Hash> keys;
  for (auto const& history : proof.histories) keys.push_back(tree_key(history.key));
  for (auto const& record : proof.records) keys.push_back(tree_key(record.key));
  auto paths = at.tree.prove(*at.state, keys);
  auto depth = paths.depths.begin();
  for (auto& history : proof.histories) history.depth = *depth++;
  for (auto& record : proof.records) record.depth = *depth++;
  proof.siblings = std::move(paths.siblings);
}

}  // namespace

bool is_goods(BytesView key) {
  auto const space = static_cast<Space>(key[0]);
  return space == Space::item || space == Space::lot || space == Space::unit;
}

Bytes as_thing(Bytes key) {
  key[0] = static_cast<std::uint8_t>(Space::thing);
  return key;
}

Result<TraceProof> prove_record(Certified const& at, Bytes const& key) {
  if (!at.finality) return Error{Code::E_SYNCING, "", "block 0 is the genesis; proofs begin with the next"};
  auto const record = at.state->get(key);
  if (!record) return Error{Code::E_UNKNOWN_GOODS, "key", "no record under this key"};
  TraceProof proof;
  put_result(proof, at);
  proof.records.push_back({key, *record});
  put_paths(proof, at);
  return proof;
}

Result<TraceProof> prove_trace(Certified const& at, std::string_view subject, std::size_t last) {
  if (!at.finality) return Error{Code::E_SYNCING, "", "block 0 is the genesis; proofs begin with the next"};
  TRY_ASSIGN(auto key, subject_of(subject));
  if (key.size() > key_bytes_max) return Error{Code::E_EVENT_FORM, "subject", "a name of at most 599 bytes"};
  TraceProof proof;
  put_result(proof, at);
  if (is_goods(key) && !at.state->get(key)) {
    proof.absent.push_back({key, at.tree.prove(*at.state, tree_key(key))});
    key = as_thing(std::move(key));
  }
  if (!at.state->get(key)) {
    proof.absent.push_back({key, at.tree.prove(*at.state, tree_key(key))});
    put_witnesses(proof, at);
    if (!proof.records.empty()) put_paths(proof, at);
    return proof;
  }
  Tracer tracer(at);
  if (!tracer.start(key, last))
    return Error{Code::E_TOO_LARGE, "subject", "its record is larger than a proof may hold"};
  auto histories = tracer.histories();
  proof.records = prove_records(at, histories);
  proof.histories = std::move(histories);
  put_witnesses(proof, at);
  put_paths(proof, at);
  return proof;
}

}  // namespace ledger
