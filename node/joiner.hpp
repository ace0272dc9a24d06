// SPDX-License-Identifier: Apache-2.0
#pragma once

// Takes over a state from peers, part by part, while the node does what it does. Nothing that one peer says is
// believed: the header is certified, each part is checked alone against it, and what the certificate does not cover is
// what f + 1 validators say alike. Who sends what is wrong, or nothing, is asked no more. Parts that are here outlive a
// restart.

#include <set>

#include "node/seams.hpp"
#include "node/snapshot.hpp"
#include "storage/block_log.hpp"
#include "storage/database.hpp"

namespace node {

/// A peer that was asked for a part and has not answered by then is passed over.
constexpr std::uint64_t part_ms_max = 10'000;
/// So many times in one snapshot.
constexpr std::size_t stalls_max = 2;
constexpr std::uint64_t ask_again_ms = 5'000;
/// A snapshot that nobody offers any more is given up.
constexpr std::uint64_t orphaned_ms = 60'000;

struct JoinerSetup {
  Hash chain;
  /// Of the genesis.
  crypto::ValidatorSet validators;
  /// A snapshot is taken over when it is so far above the node's own height.
  Height behind = 10'000;
  std::function<void(std::string_view level, std::string const& text)> log;
};

/// What the joiner needs to know of the node each time.
struct Standing {
  Height height = 0;
  /// Places are of its validators.
  std::uint64_t epoch = 0;
  std::size_t validators = 0;
};

struct JoinProgress {
  Height height = 0;
  std::size_t parts = 0;
  std::size_t here = 0;
  std::size_t refused_peers = 0;
};

/// The snapshot that was chosen.
struct Plan {
  SnapshotStatement statement;
  SnapshotProof proof;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("statement", self.statement);
    visit("proof", self.proof);
  }
};

class Joiner {
 public:
  /// Goes on with what the folder holds.
  Joiner(JoinerSetup setup, Clock& clock, Transport& transport, storage::Folder& folder);

  /// Every second or so.
  void tick(Standing const& standing);
  /// An offer or a part.
  void receive(Place from, SnapshotMessage&& message);
  /// A snapshot that is being taken over; nothing otherwise.
  std::optional<JoinProgress> progress() const;
  /// All parts are here: the owner stops and makes state and log of them.
  bool complete() const { return complete_; }

 private:
  struct Asked {
    std::uint32_t index = 0;
    std::uint64_t at_ms = 0;
  };
  void resume();
  void choose();
  void forget();
  bool is_usable(Place place) const;
  bool offers(Place place, SnapshotStatement const& statement) const;
  std::string givers() const;
  void ask();
  void refuse(Place place, std::string const& why);
  void take(Place from, SnapshotPart&& part);
  void finish();
  void take_offer(Place from, SnapshotOffer&& offer);

  JoinerSetup setup_;
  Clock& clock_;
  Transport& transport_;
  storage::Folder& folder_;
  Standing standing_;
  /// What each has on its shelf, as far as it said so.
  std::map<Place, std::map<Height, SnapshotOffer>> offers_;
  /// Who sent what is wrong, and how often others did not answer.
  std::set<Place> refused_;
  /// Whose offers another version of the program made; said once of each.
  std::set<Place> of_another_version_;
  std::map<Place, std::size_t> stalls_;
  /// Who asked to be left alone until the next tick.
  std::set<Place> busy_;
  std::map<Place, Asked> asked_;
  std::optional<Plan> chosen_;
  std::vector<bool> here_;
  std::size_t here_count_ = 0;
  /// Parts by who sent them, since this start.
  std::map<Place, std::size_t> given_;
  std::uint64_t asked_all_ms_ = 0;
  std::uint64_t offered_ms_ = 0;
  bool complete_ = false;
};

/// Begins with a snapshot of one's own shelf, in an empty folder: what is whole of it is here, and only the rest is
/// asked for. `alone`: when all is whole, no word of the others is needed, because the node forgot nothing that it said
/// since. Returns how much is here.
JoinProgress begin_with(storage::Folder const& shelf, SnapshotOffer const& own, bool alone, storage::Folder& folder);

/// True when a folder holds a snapshot whose parts were all checked.
bool is_complete(storage::Folder const& folder);
/// Makes the state of it, in an empty database. E_FORM: what it says of records beside the tree does not fit the root;
/// then the snapshot is of liars.
Result<void> install_state(storage::Folder const& from, storage::Database& state);
/// Whether the block log holds the snapshot's decision, so that it goes on from there.
bool is_in_log(storage::Folder const& from, storage::BlockLog const& log);
/// Begins an empty block log at the snapshot.
Result<void> begin_log(storage::Folder const& from, storage::Folder& log);

}  // namespace node
