// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "crypto/places.hpp"
#include "gs1/identifier.hpp"
#include "gs1/json.hpp"
#include "gs1/view.hpp"
#include "ledger/accuse.hpp"
#include "ledger/links.hpp"
#include "ledger/proof.hpp"

namespace ledger {

namespace {

/// Nothing when all is well, else what is wrong, in words.
using Fault = std::optional<std::string>;

std::vector<HistoryLeaf const*> leaves_of(HistoryProof const& history) {
  std::vector<HistoryLeaf const*> out;
  for (auto const& shown : history.leaves) out.push_back(&shown.leaf);
  return out;
}

/// The shown leaf of this sequence, or the place where it would stand. Leaves ascend once check 7 holds.
auto find(HistoryProof const& history, std::uint64_t sequence) {
  return std::lower_bound(history.leaves.begin(), history.leaves.end(), sequence,
                          [](ShownLeaf const& shown, std::uint64_t wanted) { return shown.leaf.sequence < wanted; });
}

HistoryLeaf const* shown_at(HistoryProof const& history, std::uint64_t sequence) {
  auto const found = find(history, sequence);
  return found == history.leaves.end() || found->leaf.sequence != sequence ? nullptr : &found->leaf;
}

std::string place(HistoryProof const& history, std::uint64_t sequence) {
  return "leaf " + std::to_string(sequence) + " of " + subject_name(history.key);
}

Fault judge_form(TraceProof const& proof) {
  if (proof.version != 3) return "version " + std::to_string(proof.version);
  if (proof.histories.empty() && proof.absent.empty()) return "no history";
  std::set<Bytes> keys;
  for (auto const& history : proof.histories) {
    if (!has_history(history.key)) return "a history under a key that has none";
    if (!history_of(history.record)) return "a record too short for its history";
    if (!keys.insert(history.key).second) return "twice: " + subject_name(history.key);
    for (auto const* leaf : leaves_of(history)) {
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
  auto const holds = [&](ResultHeader const& header, Finality const& finality, crypto::SignerSet const& validators) {
    bool const follows = !before || header.height > *before;
    // The anchor names the first set by our hash; after that each engine's headers name the next by its own.
    auto const name = before ? set_name(finality, validators) : validators.hash();
    // Epochs whose set stays leave no end in the chain: those who are trusted for one speak for the next as well.
    bool const counted = std::holds_alternative<CometFinality>(finality) || header.epoch >= epoch;
    bool const unsigned_rest = before && std::holds_alternative<CometFinality>(finality);
    if (unsigned_rest && !validators.others.is_zero()) return false;
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

Fault judge_subject(TraceProof const& proof, std::string_view name) {
  auto const asked = subject_of(name);
  if (!asked) return base::to_string(asked.error());
  auto const thing = as_thing(*asked);
  // Under which keys nothing must be recorded: all of the name when there is no history; those of goods when the
  // history is that of a thing of their name.
  std::vector<Bytes> absent;
  bool const none = proof.histories.empty();
  bool const instead = !none && is_goods(*asked) && proof.histories[0].key == thing;
  if (none || instead) absent.push_back(*asked);
  if (none && is_goods(*asked)) absent.push_back(thing);
  if (!none && !instead && proof.histories[0].key != *asked) {
    return "the proof is of " + subject_name(proof.histories[0].key);
  }
  bool const same = std::equal(absent.begin(), absent.end(), proof.absent.begin(), proof.absent.end(),
                               [](Bytes const& key, AbsenceProof const& one) { return one.key == key; });
  if (!same) return "what is absent is not what the name asks for";
  return std::nullopt;
}

Fault judge_paths(TraceProof const& proof) {
  std::vector<PlacedRecord> records;
  for (auto const& history : proof.histories) {
    records.push_back({tree_key(history.key), history.record, history.depth});
  }
  for (auto const& record : proof.records) records.push_back({tree_key(record.key), record.record, record.depth});
  bool const none = records.empty() && proof.siblings.empty();
  if (!none && root_of(records, proof.siblings) != proof.header.state_root) return "the records";
  for (auto const& one : proof.absent) {
    if (root_of(tree_key(one.key), std::nullopt, one.path) != proof.header.state_root) {
      return "the absence of " + subject_name(one.key);
    }
  }
  return std::nullopt;
}

/// The record of this kind under a place in the tree, decoded.
template <class Record>
std::optional<Record> record_at(TraceProof const& proof, Space space, Hash const& place) {
  auto const read = [&](auto const& one) -> std::optional<Record> {
    if (static_cast<Space>(one.key[0]) != space || tree_key(one.key) != place) return std::nullopt;
    auto record = base::decode<Record>(one.record);
    return record ? std::optional(*std::move(record)) : std::nullopt;
  };
  for (auto const& one : proof.records) {
    if (auto found = read(one)) return found;
  }
  for (auto const& one : proof.histories) {
    if (auto found = read(one)) return found;
  }
  return std::nullopt;
}

/// Only once the records are known to be in the signed state.
Fault judge_witnesses(TraceProof const& proof, std::vector<Witness>& witnesses) {
  PartyKey before;
  for (auto const& one : proof.witnesses) {
    if (one.key <= before) return "their keys do not ascend";
    before = one.key;
    auto const key = record_at<KeyRecord>(proof, Space::key, tree_key(state_key(Space::key, one.key.view())));
    // A party's id is the place of its record.
    auto const party = Hash::from((key ? key->party : PartyId{}).view());
    auto const member = record_at<MemberRecord>(proof, Space::member, *party);
    auto const judged = judge_cosignature(one, proof.header, key, member);
    if (!judged) return base::to_string(judged.error());
    witnesses.push_back(Witness{key->party, member->short_name, one.key, one.time_ms});
  }
  return std::nullopt;
}

Fault judge_history(HistoryProof const& history) {
  auto const own = *history_of(history.record);
  auto const subject = tree_key(history.key);
  std::vector<crypto::Placed> placed;
  for (auto const& shown : history.leaves) {
    if (shown.leaf.subject != subject) return place(history, shown.leaf.sequence);
    placed.emplace_back(shown.leaf.sequence, crypto::log_leaf_hash(base::encode(shown.leaf)));
  }
  // The record of a subject without leaves is as it was made, with no root yet.
  Hash const expected = own.count == 0 ? crypto::log_root({}) : own.root;
  if (crypto::places_root(own.count, placed, history.hashes) == expected) return std::nullopt;
  return std::to_string(placed.size()) + " of " + std::to_string(own.count) + " leaves of " + subject_name(history.key);
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
  for (auto const& shown : history.leaves) {
    if (!is_content_shown(shown, id)) return place(history, shown.leaf.sequence);
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
      for (auto const* leaf : leaves_of(history)) {
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
      for (auto const& need : needs_of(leaves_of(from))) {
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
    // What is not shown of the subject is named.
    if (index == 0) return true;
    auto const begin = find(history, need.first);
    auto const shown = static_cast<std::uint64_t>(find(history, last) - begin);
    return shown == last - need.first;
  }

  TraceProof const& proof_;
  std::map<Hash, std::size_t> places_;
  std::map<Hash, std::string> missing_;
};

/// What is counted of the subject and not shown, in words.
void count_subject(HistoryProof const& subject, std::vector<std::string>& partial) {
  auto const shown = subject.leaves.size();
  auto const count = history_of(subject.record)->count;
  if (shown == count) return;
  bool const last = shown != 0 && subject.leaves[0].leaf.sequence == count - shown;
  partial.push_back((last ? "the last " : "") + std::to_string(shown) + " of " + std::to_string(count) + " leaves of " +
                    subject_name(subject.key));
}

void count(TraceProof const& proof, Verdict& verdict) {
  std::set<std::uint64_t> events;
  for (auto const& history : proof.histories) {
    verdict.leaves += history.leaves.size();
    for (auto const& shown : history.leaves) events.insert(shown.leaf.log_index);
  }
  verdict.events = events.size();
  count_subject(proof.histories[0], verdict.partial);
}

}  // namespace

Verdict verify_trace(TraceProof const& proof, std::string_view subject, Anchor const& anchor) {
  Verdict verdict;
  verdict.signatures = signature_count(proof.finality);
  verdict.validators = proof.validators.size();
  verdict.quorum = proof.validators.size() == 0 ? 0 : proof.validators.keyed().quorum();
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
  if (fails(ProofCheck::state_path, judge_paths(proof))) return verdict;
  if (fails(ProofCheck::witness, judge_witnesses(proof, verdict.witnesses))) return verdict;
  verdict.absent = proof.histories.empty();
  if (verdict.absent) return verdict;
  for (auto const& history : proof.histories) {
    if (fails(ProofCheck::history, judge_history(history))) return verdict;
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

std::string_view word(Verdict const& verdict) {
  if (verdict.failed) return enum_names(*verdict.failed)[static_cast<std::size_t>(*verdict.failed)];
  if (verdict.absent) return "absent";
  return verdict.partial.empty() ? "complete" : "partial";
}

base::Result<Bytes> verify_record(TraceProof const& proof, BytesView key, Anchor const& anchor) {
  auto const fault = [](char const* check, std::string detail) {
    return base::Error{base::Code::E_SIGNATURE, check, std::move(detail)};
  };
  if (proof.version != 3 || proof.records.size() != 1 || !proof.histories.empty())
    return fault("form", "not the proof of one record");
  if (auto const wrong = judge_chain(proof, anchor)) return fault("chain", *wrong);
  if (auto const wrong = judge_finality(proof, anchor)) return fault("finality", *wrong);
  auto const& shown = proof.records.front();
  if (!std::equal(key.begin(), key.end(), shown.key.begin(), shown.key.end())) {
    return fault("subject", "the proof is of another record");
  }
  if (judge_paths(proof)) return fault("state_path", "the record");
  return Bytes(shown.record);
}

namespace {

/// Who signed: places in the set.
std::vector<std::size_t> signers_of(Finality const& finality, crypto::SignerSet const& set) {
  if (auto const* simplex = std::get_if<SimplexFinality>(&finality)) {
    return crypto::signers_of(simplex->certificate, set.size());
  }
  std::vector<std::size_t> out;
  auto const& votes = std::get<CometFinality>(finality).votes;
  auto const order = comet_order(set.keyed());
  for (std::size_t i = 0; i < votes.size(); ++i) {
    if (std::holds_alternative<CometCommitted>(votes[i])) out.push_back(order[i]);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

base::Result<Accusation> accuse(TraceProof const& first, TraceProof const& second, Anchor const& anchor) {
  using base::Code;
  using base::Error;
  for (auto const* proof : {&first, &second}) {
    auto fault = judge_chain(*proof, anchor);
    if (!fault) fault = judge_finality(*proof, anchor);
    if (fault) return Error{Code::E_SIGNATURE, proof == &first ? "first" : "second", *fault};
  }
  auto const& [a, b] = std::pair<ResultHeader const&, ResultHeader const&>(first.header, second.header);
  if (a.height != b.height || a.hash() == b.hash()) {
    return Error{Code::E_FORM, "height", "they do not conflict: two results of one height are needed"};
  }
  if (first.validators != second.validators || first.finality.index() != second.finality.index()) {
    return Error{Code::E_FORM, "validators", "signed by different sets: compare the ends of the epochs before"};
  }
  Accusation out{a.height, a.epoch, a.hash(), b.hash(), {}, first.validators.keyed().faulty_max()};
  auto const both = signers_of(second.finality, second.validators);
  for (auto const place : signers_of(first.finality, first.validators)) {
    if (std::find(both.begin(), both.end(), place) != both.end()) out.guilty.push_back(first.validators.keys[place]);
  }
  return out;
}

}  // namespace ledger
