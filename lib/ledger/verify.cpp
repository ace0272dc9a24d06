// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "gs1/identifier.hpp"
#include "gs1/json.hpp"
#include "gs1/view.hpp"
#include "ledger/links.hpp"
#include "ledger/proof.hpp"

namespace ledger {

namespace {

/// Nothing when all is well, else what is wrong, in words.
using Fault = std::optional<std::string>;

Hash leaf_hash(std::variant<ShownLeaf, HiddenLeaf> const& either) {
  if (auto const* shown = std::get_if<ShownLeaf>(&either)) return crypto::log_leaf_hash(base::encode(shown->leaf));
  return std::get<HiddenLeaf>(either).hash;
}

std::vector<HistoryLeaf const*> shown_leaves(HistoryProof const& history) {
  std::vector<HistoryLeaf const*> out;
  for (auto const& either : history.leaves) {
    if (auto const* shown = std::get_if<ShownLeaf>(&either)) out.push_back(&shown->leaf);
  }
  return out;
}

HistoryLeaf const* shown_at(HistoryProof const& history, std::uint64_t sequence) {
  if (sequence < history.first || sequence - history.first >= history.leaves.size()) return nullptr;
  auto const* shown = std::get_if<ShownLeaf>(&history.leaves[static_cast<std::size_t>(sequence - history.first)]);
  return shown == nullptr ? nullptr : &shown->leaf;
}

std::string place(HistoryProof const& history, std::uint64_t sequence) {
  return "leaf " + std::to_string(sequence) + " of " + subject_name(history.key);
}

Fault judge_form(TraceProof const& proof) {
  if (proof.version != 1) return "version " + std::to_string(proof.version);
  if (proof.histories.empty()) return "no history";
  std::set<Bytes> keys;
  for (auto const& history : proof.histories) {
    if (!has_history(history.key)) return "a history under a key that has none";
    if (!history_of(history.record)) return "a record too short for its history";
    if (!keys.insert(history.key).second) return "twice: " + subject_name(history.key);
    for (auto const* leaf : shown_leaves(history)) {
      if (leaf->version != 1) return place(history, leaf->sequence) + ": version " + std::to_string(leaf->version);
    }
  }
  for (auto const& record : proof.records) {
    if (!is_proved(record.key)) return "a record under a key beside the state tree";
    if (!keys.insert(record.key).second) return "twice: the record " + base::to_hex(record.key);
  }
  return std::nullopt;
}

Fault judge_chain(TraceProof const& proof, Anchor const& anchor) {
  bool same = proof.chain == anchor.chain && proof.header.chain == anchor.chain;
  for (auto const& end : proof.epochs) same = same && end.header.chain == anchor.chain;
  if (same) return std::nullopt;
  return "the proof is of chain " + proof.chain.hex();
}

Fault judge_finality(TraceProof const& proof, Anchor const& anchor) {
  Hash set = anchor.validators_hash;
  std::uint64_t epoch = 1;
  std::optional<Height> before;
  auto const holds = [&](ResultHeader const& header, Finality const& finality, crypto::ValidatorSet const& validators) {
    bool const follows = !before || header.height > *before;
    // The anchor names the first set by our hash; after that each engine's headers name the next by its own.
    auto const name = before ? set_name(finality, validators) : validators.hash();
    // Epochs whose set stays leave no end in the chain: those who are trusted for one speak for the next as well.
    bool const counted = std::holds_alternative<CometFinality>(finality) || header.epoch >= epoch;
    if (name != set || !counted || !follows || !verify(finality, header, validators)) return false;
    set = next_set_name(finality, header);
    before = header.height;
    epoch = header.epoch + 1;
    return true;
  };
  for (auto const& end : proof.epochs) {
    if (!holds(end.header, end.finality, end.validators)) return "the end of epoch " + std::to_string(epoch);
  }
  if (!holds(proof.header, proof.finality, proof.validators)) {
    return "height " + std::to_string(proof.header.height) + " is not finalized by the validators of epoch " +
           std::to_string(epoch);
  }
  return std::nullopt;
}

Bytes as_thing(Bytes key) {
  key[0] = static_cast<std::uint8_t>(Space::thing);
  return key;
}

Fault judge_subject(TraceProof const& proof, std::string_view name) {
  auto const asked = subject_of(name);
  if (!asked) return base::to_string(asked.error());
  Bytes const& shown = proof.histories[0].key;
  auto const space = static_cast<Space>((*asked)[0]);
  bool const goods = space == Space::item || space == Space::lot || space == Space::unit;
  bool const instead = goods && shown == as_thing(*asked);
  if (shown != *asked && !instead) return "the proof is of " + subject_name(shown);
  if (instead != proof.unaccounted.has_value()) return "unaccounted belongs to a thing that could be goods";
  return std::nullopt;
}

Fault judge_paths(TraceProof const& proof, std::string_view name) {
  auto const leads = [&](Bytes const& key, std::optional<Bytes> const& record, StatePath const& path) {
    return root_of(tree_key(key), record, path) == proof.header.state_root;
  };
  for (auto const& history : proof.histories) {
    if (!leads(history.key, history.record, history.path)) return "the record of " + subject_name(history.key);
  }
  for (auto const& record : proof.records) {
    if (!leads(record.key, record.record, record.path)) return "the record " + base::to_hex(record.key);
  }
  if (proof.unaccounted && !leads(*subject_of(name), std::nullopt, *proof.unaccounted)) {
    return "the absence of " + std::string(name);
  }
  return std::nullopt;
}

Fault judge_history(HistoryProof const& history, bool is_subject) {
  auto const own = *history_of(history.record);
  auto const name = subject_name(history.key);
  auto const shown = std::to_string(history.leaves.size()) + " of " + std::to_string(own.count) + " leaves of " + name;
  if (history.first > own.count || history.leaves.size() > own.count - history.first) return shown;
  if (is_subject && history.first + history.leaves.size() != own.count) return shown;
  std::vector<Hash> hashes;
  for (auto const& either : history.leaves) hashes.push_back(leaf_hash(either));
  // The record of a subject without leaves is as it was made, with no root yet.
  Hash const expected = own.count == 0 ? crypto::log_root({}) : own.root;
  if (crypto::range_root(own.count, history.first, hashes, history.hashes) != expected) return shown;
  auto const subject = tree_key(history.key);
  for (std::size_t i = 0; i < history.leaves.size(); ++i) {
    auto const* leaf = std::get_if<ShownLeaf>(&history.leaves[i]);
    if (leaf == nullptr) continue;
    if (leaf->leaf.subject != subject || leaf->leaf.sequence != history.first + i)
      return place(history, history.first + i);
  }
  return std::nullopt;
}

/// True when the bytes stand at this place of the view that the leaf commits to.
bool is_viewed(HistoryLeaf const& leaf, std::uint32_t index, BytesView bytes, std::vector<Hash> const& path) {
  return index < leaf.view_size &&
         crypto::range_root(leaf.view_size, index, {crypto::log_leaf_hash(bytes)}, path) == leaf.view_root;
}

bool names(BytesView entry, std::string_view id) {
  auto const decoded = base::decode<gs1::ViewEntry>(entry);
  if (!decoded) return false;
  return std::any_of(decoded->links.begin(), decoded->links.end(), [&](auto const& link) { return link == id; });
}

bool is_object(BytesView head) {
  auto const value = gs1::parse_json(base::text_of(head));
  return value && value->is(base::Value::Kind::object);
}

bool is_event_shown(ShownLeaf const& shown, std::string_view id) {
  if (!is_viewed(shown.leaf, 0, shown.head, shown.head_path) || !is_object(shown.head)) return false;
  std::uint32_t before = 0;
  for (auto const& entry : shown.entries) {
    if (entry.index <= before || !is_viewed(shown.leaf, entry.index, entry.bytes, entry.path)) return false;
    if (!names(entry.bytes, id)) return false;
    before = entry.index;
  }
  return true;
}

bool is_content_shown(ShownLeaf const& shown, std::string_view id) {
  auto const& leaf = shown.leaf;
  if (is_event(leaf.kind)) return is_event_shown(shown, id);
  return leaf.view_size == 1 && shown.head_path.empty() && shown.entries.empty() &&
         crypto::log_leaf_hash(shown.head) == leaf.view_root && crypto::sha256(shown.head) == leaf.payload_hash;
}

Fault judge_content(HistoryProof const& history) {
  auto const id = base::text_of(BytesView(history.key).subspan(1));
  for (std::size_t i = 0; i < history.leaves.size(); ++i) {
    auto const* shown = std::get_if<ShownLeaf>(&history.leaves[i]);
    if (shown != nullptr && !is_content_shown(*shown, id)) return place(history, history.first + i);
  }
  return std::nullopt;
}

/// Follows every link; collects what is led to, and what is not there.
class LinkJudge {
 public:
  explicit LinkJudge(TraceProof const& proof) : proof_(proof) {
    for (std::size_t i = 0; i < proof.histories.size(); ++i) places_.emplace(tree_key(proof.histories[i].key), i);
  }

  Fault judge() {
    for (auto const& history : proof_.histories) {
      for (auto const* leaf : shown_leaves(history)) {
        for (auto const& link : leaf->links) {
          if (!agrees(*leaf, link)) return place(history, leaf->sequence) + " and its " + word(link.role) + " disagree";
        }
      }
    }
    std::vector<std::size_t> next = {0};
    std::set<std::size_t> reached = {0};
    while (!next.empty()) {
      auto const& from = proof_.histories[next.back()];
      next.pop_back();
      for (auto const& need : needs_of(shown_leaves(from))) {
        auto const found = places_.find(need.link.key);
        if (found == places_.end()) {
          missing_.emplace(need.link.key, word(need.link.role) + " of " + subject_name(from.key));
          continue;
        }
        if (!is_covered(need, found->second))
          return "what is " + word(need.link.role) + " of " + subject_name(from.key);
        if (reached.insert(found->second).second) next.push_back(found->second);
      }
    }
    for (std::size_t i = 0; i < proof_.histories.size(); ++i) {
      if (!reached.contains(i)) return "nothing leads to " + subject_name(proof_.histories[i].key);
    }
    return std::nullopt;
  }

  std::map<Hash, std::string> const& missing() const { return missing_; }

 private:
  static std::string word(LinkRole role) { return std::string(enum_names(role)[static_cast<std::size_t>(role)]); }

  /// The other half of a link: the leaf that it points to, when it is here.
  bool agrees(HistoryLeaf const& leaf, Link const& link) const {
    auto const found = places_.find(link.key);
    if (found == places_.end()) return true;
    auto const& history = proof_.histories[found->second];
    if (link.sequence >= history_of(history.record)->count) return false;
    auto const* other = shown_at(history, link.sequence);
    if (other == nullptr) return true;
    bool const same_event = link.role == LinkRole::into || link.role == LinkRole::out_of;
    return other->height <= leaf.height && (!same_event || other->log_index == leaf.log_index);
  }

  bool is_covered(Need const& need, std::size_t index) const {
    auto const& history = proof_.histories[index];
    auto const last = need.last.value_or(history_of(history.record)->count);
    if (need.first >= last) return false;
    // The subject ends at its count, and what is not shown before its first leaf is named.
    if (index == 0) return true;
    return history.first <= need.first && last <= history.first + history.leaves.size();
  }

  TraceProof const& proof_;
  std::map<Hash, std::size_t> places_;
  std::map<Hash, std::string> missing_;
};

void count(TraceProof const& proof, Verdict& verdict) {
  std::set<std::uint64_t> events;
  for (auto const& history : proof.histories) {
    auto const shown = shown_leaves(history);
    verdict.leaves += shown.size();
    for (auto const* leaf : shown) events.insert(leaf->log_index);
    auto const hidden = history.leaves.size() - shown.size();
    if (hidden == 0) continue;
    verdict.partial.push_back(std::to_string(hidden) + " hidden leaves of " + subject_name(history.key));
  }
  verdict.events = events.size();
  auto const& subject = proof.histories[0];
  if (subject.first == 0) return;
  verdict.partial.push_back("the last " + std::to_string(subject.leaves.size()) + " of " +
                            std::to_string(subject.first + subject.leaves.size()) + " leaves of " +
                            subject_name(subject.key));
}

}  // namespace

Verdict verify_trace(TraceProof const& proof, std::string_view subject, Anchor const& anchor) {
  Verdict verdict;
  verdict.signatures = signature_count(proof.finality);
  verdict.validators = proof.validators.size();
  verdict.quorum = proof.validators.size() == 0 ? 0 : proof.validators.quorum();
  auto const fails = [&](ProofCheck check, Fault const& fault) {
    if (!fault) return false;
    verdict.failed = check;
    verdict.detail = *fault;
    return true;
  };
  if (fails(ProofCheck::form, judge_form(proof))) return verdict;
  if (fails(ProofCheck::chain, judge_chain(proof, anchor))) return verdict;
  if (fails(ProofCheck::finality, judge_finality(proof, anchor))) return verdict;
  if (fails(ProofCheck::subject, judge_subject(proof, subject))) return verdict;
  if (fails(ProofCheck::state_path, judge_paths(proof, subject))) return verdict;
  for (std::size_t i = 0; i < proof.histories.size(); ++i) {
    if (fails(ProofCheck::history, judge_history(proof.histories[i], i == 0))) return verdict;
  }
  for (auto const& history : proof.histories) {
    if (fails(ProofCheck::event_content, judge_content(history))) return verdict;
  }
  LinkJudge links(proof);
  if (fails(ProofCheck::links, links.judge())) return verdict;
  count(proof, verdict);
  for (auto const& [key, how] : links.missing()) verdict.partial.push_back(key.hex() + ", " + how);
  return verdict;
}

base::Result<Bytes> verify_record(TraceProof const& proof, BytesView key, Anchor const& anchor) {
  auto const fault = [](char const* check, std::string detail) {
    return base::Error{base::Code::E_SIGNATURE, check, std::move(detail)};
  };
  if (proof.version != 1 || proof.records.size() != 1) return fault("form", "not the proof of one record");
  if (auto const wrong = judge_chain(proof, anchor)) return fault("chain", *wrong);
  if (auto const wrong = judge_finality(proof, anchor)) return fault("finality", *wrong);
  auto const& shown = proof.records.front();
  if (!std::equal(key.begin(), key.end(), shown.key.begin(), shown.key.end())) {
    return fault("subject", "the proof is of another record");
  }
  Bytes const bytes = shown.record;
  if (root_of(tree_key(key), bytes, shown.path) != proof.header.state_root) return fault("state_path", "the record");
  return bytes;
}

}  // namespace ledger
