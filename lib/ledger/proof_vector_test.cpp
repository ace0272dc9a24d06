// SPDX-License-Identifier: Apache-2.0
// Proofs that hold and proofs that lie, each with the check that must name the lie. The same cases are written as
// vectors for other verifiers (tests/golden/proof).
#include <gtest/gtest.h>

#include "base/view.hpp"
#include "crypto/places.hpp"
#include "gs1/view.hpp"
#include "ledger/vector_test.hpp"
#include "ledger/world_test.hpp"

namespace ledger {
namespace {

using test::expect;
using test::judge;
using test::Vector;
using test::vector_of;
using test::World;

World const& world() {
  static World const made;
  return made;
}

TraceProof good(std::string_view name = test::bobbin_name) { return prove_trace(world().certified(), name).value(); }

/// A lie about the bobbin, whose proof is: bobbin (made, boxed, unboxed), lot (made), box (filled, deadline, emptied).
template <class Lie>
void expect_lie(std::string name, std::string_view check, Lie const& lie) {
  auto proof = good();
  lie(proof);
  expect(vector_of(std::move(name), proof, test::bobbin_name, world().anchor()), check);
}

ShownLeaf& shown(TraceProof& proof, std::size_t history, std::size_t leaf) {
  return proof.histories[history].leaves[leaf];
}

/// The paths of the records that the proof holds now.
void place_all(TraceProof& proof) {
  std::vector<Hash> keys;
  for (auto const& history : proof.histories) keys.push_back(tree_key(history.key));
  for (auto const& record : proof.records) keys.push_back(tree_key(record.key));
  auto const at = world().certified();
  auto const paths = at.tree.prove(*at.state, keys);
  auto depth = paths.depths.begin();
  for (auto& history : proof.histories) history.depth = *depth++;
  for (auto& record : proof.records) record.depth = *depth++;
  proof.siblings = paths.siblings;
}

std::size_t place_of(TraceProof const& proof, std::string_view name) {
  for (std::size_t i = 0; i < proof.histories.size(); ++i) {
    if (subject_name(proof.histories[i].key) == name) return i;
  }
  ADD_FAILURE() << name;
  return 0;
}

/// Certified again after the header was changed: what only validators that lie could do, or another chain.
void certify(TraceProof& proof, std::size_t set_size = 4, std::uint8_t from = 1) {
  proof.finality = test::finality_of(proof.header, set_size, set_size, from);
}

crypto::Certificate& certificate(TraceProof& proof) { return std::get<SimplexFinality>(proof.finality).certificate; }

TEST(Vectors, ThatHold) {
  expect(vector_of("good-item", good(), test::bobbin_name, world().anchor()), "complete");
  expect(vector_of("good-lot", good(test::raw_name), test::raw_name, world().anchor()), "complete");
  constexpr std::string_view member = "https://id.gs1.org/417/9521004000007";
  expect(vector_of("good-member-without-leaves", good(member), member, world().anchor()), "complete");
  // A quorum is enough.
  auto three = good();
  three.finality = test::finality_of(three.header, 4, 3);
  expect(vector_of("good-three-of-four", three, test::bobbin_name, world().anchor()), "complete");
  // The last block of an epoch is final in a later view than its own.
  auto later = good();
  auto const view = certificate(later).ballot.view;
  std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
  auto ballot = certificate(later).ballot;
  ballot.view = view + 5;
  for (std::uint8_t i = 0; i < 4; ++i) {
    votes.emplace_back(
        i, crypto::validator_sign(test::validator_secret(static_cast<std::uint8_t>(i + 1)), ballot.digest()));
  }
  later.finality = SimplexFinality{crypto::make_certificate(ballot, 4, votes)};
  expect(vector_of("good-later-view", later, test::bobbin_name, world().anchor()), "complete");
}

TEST(Vectors, OfAThing) {
  World other;
  constexpr std::string_view name = "https://id.gs1.org/01/09521001000109/21/FOREIGN";
  other.event("9521004000007", R"({"epcList": ["https://id.gs1.org/01/09521001000109/21/FOREIGN"]})",
              {{state_key(Space::thing, name)}});
  other.end_block();
  auto proof = prove_trace(other.certified(), name).value();
  expect(vector_of("good-thing-named-like-an-item", proof, name, other.anchor()), "complete");
  auto bare = proof;
  bare.absent.clear();
  expect(vector_of("bad-thing-without-absence", bare, name, other.anchor()), "subject");
  auto const at = other.certified();
  proof.absent[0].path = at.tree.prove(*at.state, tree_key(Space::item, test::bobbin_name));
  expect(vector_of("bad-absence-of-another-key", proof, name, other.anchor()), "state_path");
}

TEST(Vectors, OfWhatNobodyBalanced) {
  World other;
  constexpr std::string_view name = "https://id.gs1.org/8003/09521005000013A1";
  auto const sale = R"({"epcList": ["https://id.gs1.org/8003/09521005000013A1"], "tally:handover": "sale"})";
  other.event("9521004000007", sale, {{state_key(Space::thing, name)}}, LeafKind::plain);
  other.end_block();
  auto proof = prove_trace(other.certified(), name).value();
  expect(vector_of("good-plain-event", proof, name, other.anchor()), "complete");
  // The leaf itself says that it is plain, so no server can make it look balanced.
  shown(proof, 0, 0).leaf.kind = LeafKind::event;
  expect(vector_of("bad-plain-leaf-called-event", proof, name, other.anchor()), "history");
}

TEST(Vectors, ThatAreNoCanonicalBytes) {
  auto const bytes = base::encode(good());
  auto const expect_bytes = [](std::string name, Bytes changed) {
    expect({std::move(name), std::string(test::bobbin_name), world().anchor(), std::move(changed)}, "form");
  };
  auto longer = bytes;
  longer.push_back(0);
  expect_bytes("bad-bytes-after-the-end", longer);
  auto shorter = bytes;
  shorter.pop_back();
  expect_bytes("bad-bytes-missing", shorter);
  // Behind version and chain stands the number of epochs, 0: the same number in two bytes.
  auto padded = bytes;
  padded[34] = 0x80;
  padded.insert(padded.begin() + 35, 0);
  expect_bytes("bad-padded-length", padded);
  auto two = bytes;
  two.back() = 3;
  expect_bytes("bad-count-beyond-its-bound", two);
  expect_lie("bad-version", "form", [](TraceProof& proof) { proof.version = 1; });
  expect_lie("bad-leaf-version", "form", [](TraceProof& proof) { shown(proof, 0, 0).leaf.version = 2; });
  expect_lie("bad-no-history", "form", [](TraceProof& proof) { proof.histories.clear(); });
  expect_lie("bad-history-twice", "form", [](TraceProof& proof) { proof.histories.push_back(proof.histories[1]); });
  expect_lie("bad-record-twice", "form", [](TraceProof& proof) { proof.records.push_back(proof.records[0]); });
  expect_lie("bad-record-beside-the-tree", "form", [](TraceProof& proof) { proof.records[0].key[0] = 0x93; });
  expect_lie("bad-history-of-a-site", "form", [](TraceProof& proof) { proof.histories[2].key[0] = 0x04; });
}

TEST(Vectors, OfAnotherChain) {
  expect_lie("bad-foreign-chain", "chain", [](TraceProof& proof) { proof.chain = crypto::sha256(Bytes{1}); });
  expect_lie("bad-foreign-header", "chain", [](TraceProof& proof) {
    proof.header.chain = crypto::sha256(Bytes{1});
    certify(proof);
  });
}

TEST(Vectors, ThatAreNotFinal) {
  expect_lie("bad-too-few-signers", "finality",
             [](TraceProof& proof) { proof.finality = test::finality_of(proof.header, 4, 2); });
  expect_lie("bad-signer-twice", "finality", [](TraceProof& proof) {
    auto& made = certificate(proof);
    made.signers = Bytes{0x07};
    made.signatures = {made.signatures[0], made.signatures[1], made.signatures[1]};
  });
  expect_lie("bad-signature-more", "finality",
             [](TraceProof& proof) { certificate(proof).signatures.push_back(certificate(proof).signatures[3]); });
  expect_lie("bad-signer-beyond-the-set", "finality",
             [](TraceProof& proof) { certificate(proof).signers = Bytes{0x1f}; });
  expect_lie("bad-signature", "finality", [](TraceProof& proof) { certificate(proof).signatures[2].bytes[40] ^= 1; });
  expect_lie("bad-certificate-of-a-notarization", "finality", [](TraceProof& proof) {
    proof.finality = test::finality_of(proof.header, 4, 4, 1, crypto::VoteKind::notarize);
  });
  expect_lie("bad-notarization-called-finalization", "finality", [](TraceProof& proof) {
    auto const ballot = certificate(proof).ballot;
    proof.finality = test::finality_of(proof.header, 4, 4, 1, crypto::VoteKind::notarize);
    certificate(proof).ballot = ballot;
  });
  expect_lie("bad-foreign-validators", "finality", [](TraceProof& proof) {
    proof.validators = test::validators(4, 11);
    proof.header.validators_hash = proof.validators.hash();
    certify(proof, 4, 11);
  });
  expect_lie("bad-foreign-epoch", "finality", [](TraceProof& proof) {
    proof.header.epoch = 0;
    certify(proof);
  });
  expect_lie("bad-ballot-of-another-epoch", "finality", [](TraceProof& proof) {
    auto header = proof.header;
    header.epoch = 2;
    proof.finality = test::finality_of(header, 4, 4);
  });
  expect_lie("bad-header", "finality", [](TraceProof& proof) { proof.header.time_ms += 1; });
}

/// The same proof under a second epoch, whose validators the first one's last header names.
TraceProof second_epoch() {
  auto proof = good();
  EpochEnd end;
  end.validators = test::validators(4);
  end.header = proof.header;
  end.header.height = 2;
  end.header.state_root = crypto::sha256(Bytes{2});
  end.header.next_validators_hash = test::validators(7, 21).hash();
  end.finality = test::finality_of(end.header, 4, 3);
  proof.epochs = {end};
  proof.validators = test::validators(7, 21);
  proof.header.epoch = 2;
  proof.header.validators_hash = proof.header.next_validators_hash = proof.validators.hash();
  certify(proof, 7, 21);
  return proof;
}

TEST(Vectors, OverEpochs) {
  auto const anchor = world().anchor();
  expect(vector_of("good-second-epoch", second_epoch(), test::bobbin_name, anchor), "complete");
  auto later = good();
  later.header.epoch = 3;
  certify(later, 4);
  expect(vector_of("good-later-epoch-of-the-same-set", later, test::bobbin_name, anchor), "complete");
  auto again = second_epoch();
  again.header.epoch = 1;
  certify(again, 7, 21);
  expect(vector_of("bad-epoch-again", again, test::bobbin_name, anchor), "finality");
  auto skipped = second_epoch();
  skipped.epochs.clear();
  expect(vector_of("bad-epoch-skipped", skipped, test::bobbin_name, anchor), "finality");
  auto uncertified = second_epoch();
  uncertified.epochs[0].finality = test::finality_of(uncertified.epochs[0].header, 4, 2);
  expect(vector_of("bad-epoch-not-certified", uncertified, test::bobbin_name, anchor), "finality");
  auto backwards = second_epoch();
  backwards.epochs[0].header.height = backwards.header.height;
  backwards.epochs[0].finality = test::finality_of(backwards.epochs[0].header, 4, 4);
  expect(vector_of("bad-epoch-not-before", backwards, test::bobbin_name, anchor), "finality");
}

TEST(Vectors, OfAnotherSubject) {
  auto const anchor = world().anchor();
  expect(vector_of("bad-other-subject", good(test::bobbins_name), test::bobbin_name, anchor), "subject");
  auto not_first = good();
  std::swap(not_first.histories[0], not_first.histories[1]);
  expect(vector_of("bad-subject-not-first", not_first, test::bobbin_name, anchor), "subject");
  auto const absence = [](TraceProof& proof) {
    auto const& key = proof.histories[0].key;
    auto const at = world().certified();
    proof.absent.push_back({key, at.tree.prove(*at.state, tree_key(key))});
  };
  expect_lie("bad-absence-of-what-is-shown", "subject", absence);
  expect_lie("bad-absence-of-what-is-there", "state_path", [&](TraceProof& proof) {
    absence(proof);
    proof.absent.push_back({as_thing(proof.histories[0].key), proof.absent[0].path});
    proof.histories.clear();
    proof.records.clear();
    proof.siblings.clear();
  });
}

TEST(Vectors, OfNothing) {
  constexpr std::string_view none = "https://id.gs1.org/01/09521001000017/21/NONE";
  auto proof = good(none);
  expect(vector_of("good-absent-item", proof, none, world().anchor()), "absent");
  constexpr std::string_view thing = "https://crates.example/7";
  expect(vector_of("good-absent-thing", good(thing), thing, world().anchor()), "absent");
  auto other = proof;
  other.absent[0].path = good(thing).absent[0].path;
  expect(vector_of("bad-absence-by-another-path", other, none, world().anchor()), "state_path");
  other = proof;
  other.siblings.push_back({});
  expect(vector_of("bad-absence-with-siblings", other, none, world().anchor()), "state_path");
  proof.absent.pop_back();
  expect(vector_of("bad-absence-of-goods-alone", proof, none, world().anchor()), "subject");
}

TEST(Vectors, WithWrongPaths) {
  expect_lie("bad-record", "state_path", [](TraceProof& proof) { proof.histories[0].record[20] ^= 1; });
  expect_lie("bad-record-of-a-name", "state_path", [](TraceProof& proof) { proof.records[0].record[9] ^= 1; });
  expect_lie("bad-path-too-short", "state_path", [](TraceProof& proof) { proof.siblings.pop_back(); });
  expect_lie("bad-path-too-long", "state_path", [](TraceProof& proof) { proof.siblings.push_back({}); });
  expect_lie("bad-path-order", "state_path",
             [](TraceProof& proof) { std::swap(proof.siblings[0], proof.siblings[1]); });
  expect_lie("bad-depth-above", "state_path", [](TraceProof& proof) { --proof.histories[0].depth; });
  expect_lie("bad-depth-below", "state_path", [](TraceProof& proof) { ++proof.histories[0].depth; });
  expect_lie("bad-depth-deepest", "state_path", [](TraceProof& proof) { proof.records[0].depth = 255; });
  expect_lie("bad-record-of-another-key", "state_path",
             [](TraceProof& proof) { std::swap(proof.records[0].record, proof.records[1].record); });
  expect_lie("bad-record-left-out", "state_path", [](TraceProof& proof) { proof.records.pop_back(); });
  expect_lie("bad-leaf-as-sibling-of-itself", "state_path", [](TraceProof& proof) {
    auto const& one = proof.histories[0];
    proof.siblings[0] = crypto::hash(
        crypto::Tag::state_leaf, {tree_key(one.key).view(), crypto::hash(crypto::Tag::record, {one.record}).view()});
  });
}

TEST(Vectors, WithWrongHistories) {
  expect_lie("bad-last-leaf-dropped", "history", [](TraceProof& proof) { proof.histories[0].leaves.pop_back(); });
  expect_lie("bad-first-leaf-dropped", "history",
             [](TraceProof& proof) { proof.histories[0].leaves.erase(proof.histories[0].leaves.begin()); });
  expect_lie("bad-leaf-inserted", "history",
             [](TraceProof& proof) { proof.histories[0].leaves.push_back(proof.histories[0].leaves[2]); });
  expect_lie("bad-leaf-order", "history",
             [](TraceProof& proof) { std::swap(proof.histories[0].leaves[0], proof.histories[0].leaves[1]); });
  expect_lie("bad-leaf-time", "history", [](TraceProof& proof) { shown(proof, 0, 1).leaf.event_time_ms += 1; });
  expect_lie("bad-leaf-link", "history", [](TraceProof& proof) { shown(proof, 0, 1).leaf.links.clear(); });
  expect_lie("bad-leaf-of-another-subject", "history",
             [](TraceProof& proof) { proof.histories[0].leaves[0] = proof.histories[1].leaves[0]; });
  expect_lie("bad-leaf-as-node", "history", [](TraceProof& proof) {
    // The node above two leaves passed off as the first of them.
    auto& leaves = proof.histories[0].leaves;
    proof.histories[0].hashes = {crypto::log_node_hash(crypto::log_leaf_hash(base::encode(leaves[0].leaf)),
                                                       crypto::log_leaf_hash(base::encode(leaves[1].leaf)))};
    leaves.erase(leaves.begin());
  });
  expect_lie("bad-hash-more", "history", [](TraceProof& proof) { proof.histories[0].hashes.push_back({}); });
  expect_lie("bad-sequence-moved", "history", [](TraceProof& proof) { shown(proof, 0, 2).leaf.sequence = 3; });
  expect_lie("bad-leaf-of-the-box-hashed-as-another", "history", [](TraceProof& proof) {
    auto& box = proof.histories[place_of(proof, test::box_name)];
    box.hashes.insert(box.hashes.begin(), crypto::log_leaf_hash(base::encode(box.leaves[0].leaf)));
    box.leaves.erase(box.leaves.begin());
    std::swap(box.hashes[0], box.hashes[1]);
  });
}

TEST(Vectors, WithWrongContent) {
  expect_lie("bad-head", "event_content", [](TraceProof& proof) { shown(proof, 0, 0).head[12] ^= 1; });
  expect_lie("bad-head-of-another-event", "event_content",
             [](TraceProof& proof) { shown(proof, 0, 0).head = shown(proof, 0, 1).head; });
  expect_lie("bad-entry", "event_content", [](TraceProof& proof) { shown(proof, 0, 0).entries[0].bytes.back() ^= 1; });
  expect_lie("bad-entry-place", "event_content", [](TraceProof& proof) { shown(proof, 0, 1).entries[0].index = 1; });
  expect_lie("bad-entry-twice", "event_content", [](TraceProof& proof) {
    auto& entries = shown(proof, 0, 0).entries;
    entries.insert(entries.begin(), entries[0]);
  });
  expect_lie("bad-entry-order", "event_content", [](TraceProof& proof) {
    auto& entries = shown(proof, 0, 0).entries;
    ASSERT_EQ(entries.size(), 2u);
    std::swap(entries[0], entries[1]);
  });
  expect_lie("bad-entry-of-a-sister", "event_content", [](TraceProof& proof) {
    // The neighbour's entry, with its true path.
    auto const stored = stored_event(*world().certified().state, shown(proof, 0, 1).leaf.log_index);
    auto const view = gs1::view_of(stored->payload).value();
    shown(proof, 0, 1).entries = {{1, base::encode(view.entries[0]), crypto::range_proof(view.leaves(), 1, 2)}};
  });
  expect_lie("bad-head-shown-as-entry", "event_content", [](TraceProof& proof) {
    auto& leaf = shown(proof, 0, 1);
    leaf.entries = {{0, leaf.head, leaf.head_path}};
  });
  expect_lie("bad-deadline-payload", "event_content",
             [](TraceProof& proof) { shown(proof, place_of(proof, test::box_name), 1).head.back() ^= 1; });
  expect_lie("bad-deadline-with-path", "event_content",
             [](TraceProof& proof) { shown(proof, place_of(proof, test::box_name), 1).head_path = {Hash{}}; });
  expect_lie("bad-deadline-with-entry", "event_content", [](TraceProof& proof) {
    shown(proof, place_of(proof, test::box_name), 1).entries = shown(proof, 0, 1).entries;
  });
}

/// Shows other leaves of a history than the proof does, with the hashes that belong to them.
void show(TraceProof& proof, std::size_t place, std::vector<std::uint64_t> const& sequences) {
  auto& history = proof.histories[place];
  auto const whole = good(subject_name(history.key)).histories[0];
  std::vector<Hash> hashes;
  for (auto const& one : whole.leaves) hashes.push_back(crypto::log_leaf_hash(base::encode(one.leaf)));
  history.leaves.clear();
  for (auto const sequence : sequences) history.leaves.push_back(whole.leaves[static_cast<std::size_t>(sequence)]);
  history.hashes = crypto::places_proof(hashes, sequences);
}

/// Without a history that nothing leads to any more, under the paths of the others.
void drop(TraceProof& proof, std::string_view name) {
  proof.histories.erase(proof.histories.begin() + static_cast<std::ptrdiff_t>(place_of(proof, name)));
  place_all(proof);
}

TEST(Vectors, WithWrongLinks) {
  expect_lie("bad-stay-ends-early", "links", [](TraceProof& proof) {
    show(proof, place_of(proof, test::box_name), {0, 1});
  });
  expect_lie("bad-stay-begins-late", "links", [](TraceProof& proof) {
    show(proof, place_of(proof, test::box_name), {1, 2});
  });
  expect_lie("bad-lot-not-whole", "links",
             [](TraceProof& proof) { show(proof, place_of(proof, test::bobbins_name), {}); });
  expect_lie("bad-stay-with-a-gap", "links", [](TraceProof& proof) {
    show(proof, place_of(proof, test::box_name), {0, 2});
  });
  expect_lie("bad-history-that-nothing-leads-to", "links", [](TraceProof& proof) {
    proof.histories.push_back(good(test::cocoons_name).histories[0]);
    place_all(proof);
  });
  expect_lie("good-stay-shown-to-its-end", "complete", [](TraceProof& proof) {
    show(proof, place_of(proof, test::box_name), {0, 1, 2, 3});
  });
}

/// A state whose own links are wrong: our bug, which a verifier must not smooth over.
template <class Make>
void expect_wrong_state(std::string name, std::string_view check, Make const& make) {
  World other;
  auto const child = state_key(Space::thing, "https://crates.example/1");
  auto const parent = state_key(Space::thing, "https://crates.example/2");
  auto const touch = [&](std::vector<World::Touch> const& touches) { other.event("9521004000007", "{}", touches); };
  make(other, touch, child, parent);
  other.end_block();
  auto const proof = prove_trace(other.certified(), subject_name(child)).value();
  expect(vector_of(std::move(name), proof, subject_name(child), other.anchor()), check);
}

using Touches = std::vector<World::Touch>;

TEST(Vectors, OfStatesWithWrongLinks) {
  auto const expect_links = [](std::string name, auto const& make) {
    expect_wrong_state(std::move(name), "links", make);
  };
  expect_links("bad-stay-links-another-event", [](World&, auto const& touch, Bytes const& child, Bytes const& parent) {
    touch(Touches{{parent}});
    touch(Touches{{child, {{LinkRole::into, tree_key(parent), 0}}}});
  });
  expect_links("bad-exit-links-another-event", [](World&, auto const& touch, Bytes const& child, Bytes const& parent) {
    touch(Touches{{parent}, {child, {{LinkRole::into, tree_key(parent), 0}}}});
    touch(Touches{{parent}});
    touch(Touches{{child, {{LinkRole::out_of, tree_key(parent), 1}}}});
  });
  expect_links("bad-link-beyond-the-history", [](World&, auto const& touch, Bytes const& child, Bytes const& parent) {
    touch(Touches{{parent}, {child, {{LinkRole::lot, tree_key(parent), 1}}}});
  });
  expect_links("bad-link-to-the-future", [](World& other, auto const& touch, Bytes const& child, Bytes const& parent) {
    touch(Touches{{child, {{LinkRole::lot, tree_key(parent), 0}}}});
    other.end_block();
    touch(Touches{{parent}});
  });
}

/// An operation's leaf whose commitments are not those of its bytes.
template <class Change>
void expect_wrong_operation(std::string name, Change const& change) {
  auto const make = [&](World& other, auto const&, Bytes const& child, Bytes const&) {
    StoredEvent stored;
    stored.payload = Bytes{1, 2, 3};
    auto const view = gs1::view_root_of_bytes(stored.payload);
    ActLeaf leaf;
    leaf.kind = LeafKind::operation;
    leaf.payload_hash = crypto::sha256(stored.payload);
    leaf.view_root = view.root;
    change(leaf);
    leaf.log_index = append_log(other.block(), stored);
    append_history(other.block(), child, leaf, {});
  };
  expect_wrong_state(std::move(name), "event_content", make);
}

TEST(Vectors, OfStatesWithWrongOperations) {
  Hash const other = crypto::sha256(Bytes{9});
  expect_wrong_operation("bad-operation-payload-hash", [&](ActLeaf& leaf) { leaf.payload_hash = other; });
  expect_wrong_operation("bad-operation-view-root", [&](ActLeaf& leaf) { leaf.view_root = other; });
  expect_wrong_operation("bad-operation-view-size", [&](ActLeaf& leaf) { leaf.view_size = 2; });
}

TEST(Vectors, OfStatesWithWrongLeaves) {
  // A leaf as it is signed for, under the history of a subject that it is not of.
  auto const expect_leaf = [](std::string name, auto const& change) {
    expect_wrong_state(std::move(name), "history",
                       [&](World& other, auto const& touch, Bytes const& child, Bytes const&) {
                         touch(Touches{{child}});
                         auto leaf = history_leaf(other.block(), tree_key(child), 0).value();
                         change(leaf);
                         crypto::Peaks peaks;
                         peaks.append(crypto::log_leaf_hash(base::encode(leaf)));
                         auto const key = state_key(Space::history_leaf, tree_key(child).view());
                         other.block().scan(key, [&](BytesView found, BytesView) {
                           store(other.block(), Bytes(found.begin(), found.end()), leaf);
                           return false;
                         });
                         store(other.block(), subject_row(tree_key(child)), SubjectRecord{child, {1, peaks.hashes}});
                       });
  };
  expect_leaf("bad-leaf-signed-for-another-subject",
              [](HistoryLeaf& leaf) { leaf.subject = crypto::sha256(Bytes{3}); });
  expect_leaf("bad-leaf-signed-with-another-sequence", [](HistoryLeaf& leaf) { leaf.sequence = 1; });

  World other;
  constexpr std::string_view crate = "https://crates.example/1";
  ActLeaf leaf;
  leaf.view_root = gs1::view_root_of_bytes(base::bytes_of("[1]")).root;
  StoredEvent stored;
  stored.payload = base::to_bytes("{}");
  leaf.log_index = append_log(other.block(), stored);
  append_history(other.block(), state_key(Space::thing, crate), leaf, {});
  other.end_block();
  auto proof = prove_trace(other.certified(), crate).value();
  shown(proof, 0, 0).head = base::to_bytes("[1]");
  expect(vector_of("bad-head-that-is-no-object", proof, crate, other.anchor()), "event_content");
}

TEST(Vectors, ThatAreNotWhole) {
  expect_lie("partial-lot-missing", "partial", [](TraceProof& proof) { drop(proof, test::bobbins_name); });
  // Out of the box is not shown, so the box is asked for to its end.
  expect_lie("partial-end-hidden", "partial", [](TraceProof& proof) {
    show(proof, 0, {0, 1});
    show(proof, place_of(proof, test::box_name), {0, 1, 2, 3});
  });
  expect_lie("bad-end-hidden-and-the-stay-cut", "links", [](TraceProof& proof) { show(proof, 0, {0, 1}); });
  expect_lie("partial-last-leaves", "partial", [](TraceProof& proof) {
    show(proof, 0, {1, 2});
    drop(proof, test::bobbins_name);
  });
  expect_lie("partial-first-and-last-leaf", "partial", [](TraceProof& proof) {
    show(proof, 0, {0, 2});
    drop(proof, test::box_name);
  });
}

TEST(Proof, IsTheWorkedExampleOfItsDocument) {
  std::ifstream in(std::string(TALLY_SOURCE_DIR) + "/docs/proof.md");
  std::string const document{std::istreambuf_iterator<char>(in), {}};
  auto const proof = good();
  auto const& first = proof.histories[0];
  auto const& leaf = first.leaves[0];
  for (auto const& hash : {proof.validators.hash(), proof.header.hash(), proof.header.state_root,
                           std::get<SimplexFinality>(proof.finality).certificate.ballot.digest(), tree_key(first.key),
                           history_of(first.record)->root, leaf.leaf.view_root}) {
    EXPECT_NE(document.find(base::to_hex(hash.view())), std::string::npos) << hash.hex();
  }
  EXPECT_NE(document.find(base::text_of(leaf.head)), std::string::npos);
}

TEST(Proof, NoFlippedBitIsAccepted) {
  auto const bytes = base::encode(good());
  auto const anchor = world().anchor();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] ^= static_cast<std::uint8_t>(1u << (i * 7 % 8));
    Vector const vector{"flipped", std::string(test::bobbin_name), anchor, changed};
    ASSERT_TRUE(judge(vector).failed) << "byte " << i << " of " << bytes.size();
  }
}

}  // namespace
}  // namespace ledger
