// SPDX-License-Identifier: Apache-2.0
#pragma once

// The ledger's state: a map from keys (a namespace byte and an id) to records, read through views and changed through
// overlays. Namespaces below 80 are proved (state tree); those from 80 on are indexes and payloads that follow from the
// blocks, kept beside them.

#include <functional>
#include <map>
#include <memory>
#include <span>

#include "ledger/diff.hpp"
#include "ledger/tx.hpp"

namespace ledger {

enum class Space : std::uint8_t {
  member = 0x01,
  key = 0x02,
  prefix = 0x03,
  site = 0x04,
  product = 0x05,
  certificate = 0x06,
  recipe = 0x07,
  lot = 0x08,
  goods = 0x09,
  item = 0x0a,
  unit = 0x0b,
  thing = 0x0c,
  claim_total = 0x0d,
  offer = 0x0e,
  event = 0x0f,
  device = 0x10,
  sale = 0x11,
  key_limit = 0x12,
  compromised = 0x13,
  scheme = 0x14,
  product_rule = 0x15,
  mark = 0x16,
  origin = 0x17,
  asset = 0x18,
  balance = 0x19,
  hold = 0x1a,
  transfer = 0x1b,
  limits = 0x1c,
  spending = 0x1d,
  netting = 0x1e,
  receivable = 0x1f,
  contract = 0x20,
  terms = 0x21,
  watch = 0x22,
  facts = 0x23,
  institution = 0x24,
  travel_reference = 0x25,
  paid = 0x26,
  version = 0x27,
  meter = 0x28,
  parameters = 0x29,
  epoch = 0x2a,
  replay_minute = 0x2b,
  proposal = 0x2c,
  accused = 0x2d,
  endpoint = 0x2e,
  rejoin = 0x2f,
  carbon = 0x30,
  gate = 0x31,
  declaration = 0x32,
  customs_hold = 0x33,
  sensor_track = 0x34,
  production = 0x35,
  warranty = 0x36,
  recall = 0x37,
  expiry = 0x38,
  custody = 0x39,
  scan = 0x3a,
  sale_note = 0x3b,
  alarm = 0x3c,
  lot_split = 0x3d,
  signers = 0x3e,
  mandate = 0x3f,
  // Beside the tree.
  replay_id = 0x80,
  deadline_index = 0x81,
  trigger_index = 0x82,
  unit_index = 0x83,
  pending_index = 0x84,
  expiry_index = 0x85,
  hold_index = 0x86,
  history_leaf = 0x90,
  subject = 0x91,
  log_peaks = 0x92,
  stored_event = 0x93,
  context = 0x94,
  event_hash_index = 0x95,
  receipt = 0x96,
  name_index = 0x97,
  entry_index = 0x98,
  contract_index = 0x99,
  query_index = 0x9b,
  account_peaks = 0x9c,
  alarm_index = 0xb0,
  lot_items = 0xb1,
  bind = 0xb2,
  bound = 0xb3,
  certificate_index = 0xb4,
  source = 0xb5,
  derived = 0xb6,
  lot_certificate = 0xb7,
  mandate_index = 0xb8,
  scheme_index = 0xb9,
  log_tile = 0xba,
  // From here on what a node keeps with its state for itself, in no snapshot: that of another engine (node/abci), and
  // the leaves of the state tree.
  engine = 0xf0,
  tree_leaf = 0xf1,
};

/// A key as stored: the namespace byte, then the id.
Bytes state_key(Space space, BytesView id);
Bytes state_key(Space space, std::string_view id);
/// The key in the state tree, and the name of a subject: H(05 ‖ namespace ‖ id).
Hash tree_key(BytesView stored_key);
inline Hash tree_key(Space space, std::string_view id) { return tree_key(state_key(space, id)); }
/// True for namespaces that the state tree covers.
inline bool is_proved(BytesView stored_key) { return !stored_key.empty() && stored_key[0] < 0x80; }
/// Eight bytes, most significant first: ids that sort by number.
Bytes big_endian(std::uint64_t number);
std::uint64_t from_big_endian(BytesView bytes);
inline PartyId party_id(std::string_view gln) { return {tree_key(Space::member, gln).bytes}; }

/// A state at one moment. Implementations may be read from any thread.
class StateView {
 public:
  virtual ~StateView() = default;
  std::optional<Bytes> get(BytesView key) const;
  bool has(BytesView key) const;
  /// Shows the record where it stands; false when there is none. `hash` is the key's Row::hash_of, by which all that
  /// stands above one another finds it.
  using Reader = std::function<void(BytesView record)>;
  virtual bool read(BytesView key, std::uint32_t hash, Reader const& reader) const = 0;
  /// A key with its Row::hash_of.
  struct HashedKey {
    BytesView key;
    std::uint32_t hash = 0;
  };
  /// Shows what stands under each of these keys, in any order; nothing where there is no record. A database finds many
  /// in less time than one after the other.
  using ManyReader = std::function<void(HashedKey const& key, std::optional<BytesView> record)>;
  virtual void read_many(std::span<HashedKey const> keys, ManyReader const& reader) const;
  /// These keys will be asked for soon; who remembers reads them now.
  virtual void expect(std::span<Bytes const>) const {}
  /// Visits the keys that begin with `prefix` and are >= `from`, ascending, until the visitor returns false.
  using Visitor = std::function<bool(BytesView key, BytesView value)>;
  virtual void scan(BytesView prefix, BytesView from, Visitor const& visit) const = 0;
  void scan(BytesView prefix, Visitor const& visit) const { scan(prefix, prefix, visit); }
};

/// A state in memory: the empty one that a genesis starts from, and tests.
class MemoryState final : public StateView {
 public:
  bool read(BytesView key, std::uint32_t hash, Reader const& reader) const override;
  using StateView::scan;
  void scan(BytesView prefix, BytesView from, Visitor const& visit) const override;
  void apply(StateDiff const& diff);

 private:
  std::map<Bytes, Bytes> records_;
};

/// A diff on top of a state, both immutable and owned: the state of a block that is not decided yet.
class LayeredState final : public StateView {
 public:
  LayeredState(std::shared_ptr<StateView const> below, std::shared_ptr<StateDiff const> diff);
  bool read(BytesView key, std::uint32_t hash, Reader const& reader) const override;
  void read_many(std::span<HashedKey const> keys, ManyReader const& reader) const override;
  using StateView::scan;
  void scan(BytesView prefix, BytesView from, Visitor const& visit) const override;

 private:
  std::shared_ptr<StateView const> below_;
  std::shared_ptr<StateDiff const> diff_;
};

/// A state that remembers what was read of it, for a block whose transactions ask for the same members and accounts.
class RememberedState final : public StateView {
 public:
  explicit RememberedState(StateView const& below) : below_(below) {}
  bool read(BytesView key, std::uint32_t hash, Reader const& reader) const override;
  void expect(std::span<Bytes const> keys) const override;
  using StateView::scan;
  void scan(BytesView prefix, BytesView from, Visitor const& visit) const override { below_.scan(prefix, from, visit); }

 private:
  StateView const& below_;
  /// One thread executes a block.
  mutable StateDiff read_;
};

/// Changes that are being made on top of a state. Layers nest: a transaction's overlay stands on its block's, and is
/// merged or dropped. A visitor must not change the overlay that it scans, nor those below.
class Overlay final : public StateView {
 public:
  explicit Overlay(StateView const& below) : below_(below) {}
  /// Stands on an overlay like on any other state; an overlay is never copied.
  explicit Overlay(Overlay& below) : Overlay(static_cast<StateView const&>(below)) {}
  Overlay(Overlay const&) = delete;
  Overlay& operator=(Overlay const&) = delete;
  bool read(BytesView key, std::uint32_t hash, Reader const& reader) const override;
  void expect(std::span<Bytes const> keys) const override { below_.expect(keys); }
  using StateView::scan;
  void scan(BytesView prefix, BytesView from, Visitor const& visit) const override;
  void put(BytesView key, BytesView value);
  void erase(BytesView key);
  StateDiff const& diff() const { return diff_; }
  StateDiff take() && { return std::move(diff_); }
  /// Takes over all changes of an overlay that stands on this one.
  void merge(Overlay&& above);

 private:
  StateView const& below_;
  StateDiff diff_;
};

/// The record under a key; a record that does not decode is our own bug.
template <class R>
std::optional<R> load(StateView const& state, BytesView key) {
  std::optional<R> out;
  state.read(key, Row::hash_of(key), [&out](BytesView bytes) {
    auto record = base::decode<R>(bytes);
    CHECK(record.has_value());
    out = std::move(record).value();
  });
  return out;
}
template <class R>
std::optional<R> load(StateView const& state, Space space, std::string_view id) {
  return load<R>(state, state_key(space, id));
}
template <class R>
void store(Overlay& state, BytesView key, R const& record) {
  state.put(key, base::encode(record));
}
template <class R>
void store(Overlay& state, Space space, std::string_view id, R const& record) {
  store(state, state_key(space, id), record);
}

}  // namespace ledger
