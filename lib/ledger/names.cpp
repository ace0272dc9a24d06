// SPDX-License-Identifier: Apache-2.0
#include "ledger/names.hpp"

#include <set>

#include "gs1/identifier.hpp"
#include "gs1/json.hpp"
#include "ledger/contract.hpp"

namespace ledger {

namespace {

constexpr std::size_t records_max = decltype(TraceProof::records)::max;

class Names {
 public:
  Names(StateView const& state, std::vector<HistoryProof> const& histories) : state_(state) {
    for (auto const& history : histories) seen_.insert(history.key);
  }

  void read(HistoryProof const& history) {
    auto const name = subject_name(history.key);
    key(name);
    owners(history);
    for (auto const& shown : history.leaves) {
      member(shown.leaf.actor);
      if (is_event(shown.leaf.kind)) head(base::text_of(shown.head));
    }
  }
  std::vector<Bytes> take() && { return std::move(keys_); }

 private:
  void record(Space space, std::string_view id) {
    auto stored = state_key(space, id);
    if (keys_.size() == records_max || !seen_.insert(stored).second || !state_.get(stored)) return;
    keys_.push_back(std::move(stored));
  }
  void member(PartyId const& party) {
    auto const gln = state_.get(state_key(Space::name_index, party.view()));
    if (gln) record(Space::member, base::text_of(*gln));
  }
  void holder(Holder const& held) {
    auto const* at = std::get_if<AtSite>(&held);
    if (at == nullptr) return;
    member(at->party);
    record(Space::site, at->site);
  }
  void owners(HistoryProof const& history) {
    auto const space = static_cast<Space>(history.key[0]);
    if (space == Space::item) {
      auto const item = base::decode<ItemRecord>(history.record);
      if (!item) return;
      member(item->owner);
      holder(item->holder);
    } else if (space == Space::lot) {
      auto const lot = base::decode<LotRecord>(history.record);
      if (lot) member(lot->maker);
    } else if (space == Space::unit) {
      auto const unit = base::decode<UnitRecord>(history.record);
      if (!unit) return;
      if (unit->owner) member(*unit->owner);
      holder(unit->holder);
    } else if (space == Space::contract) {
      auto const contract = base::decode<ContractRecord>(history.record);
      if (!contract) return;
      for (auto const& binding : contract->parties) member(binding.party);
    }
  }
  void key(std::string_view uri) {
    auto const found = gs1::find_key(uri);
    if (!found) return;
    switch (found->kind) {
      case gs1::KeyKind::item:
      case gs1::KeyKind::lot:
      case gs1::KeyKind::product:
        return record(Space::product, found->primary);
      case gs1::KeyKind::site:
        return record(Space::site, found->primary);
      case gs1::KeyKind::party:
        return record(Space::member, found->primary);
      default:
        return;
    }
  }
  void list(base::Value const& event, std::string_view name, std::string_view member_name) {
    auto const* values = event.find(name);
    if (values == nullptr) return;
    for (auto const& value : values->items) key(value.string_of(member_name));
  }
  /// A certificate is named by what stands behind the last "/", ":" or "#" of certificationInfo.
  void certificate(base::Value const& value) {
    if (value.is(base::Value::Kind::string)) {
      record(Space::certificate, std::string_view(value.text).substr(value.text.find_last_of("/:#") + 1));
    }
    for (auto const& one : value.items) certificate(one);
  }
  /// The recipe of a transformation, by which a reader knows what could hide in it.
  void recipe(base::Value const& event, std::string_view place) {
    auto const site = gs1::find_key(place);
    auto const name = event.string_of("tally:recipe");
    if (name.empty() || !site || site->kind != gs1::KeyKind::site) return;
    record(Space::recipe, site->primary + std::string(name));
  }
  void head(std::string_view text) {
    auto const event = gs1::parse_json(text);
    if (!event) return;
    for (auto const* place : {"readPoint", "bizLocation"}) {
      auto const* found = event->find(place);
      if (found == nullptr) continue;
      key(found->string_of("id"));
      recipe(*event, found->string_of("id"));
    }
    list(*event, "sourceList", "source");
    list(*event, "destinationList", "destination");
    for (auto const* quantities : {"quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"}) {
      list(*event, quantities, "epcClass");
    }
    if (auto const* info = event->find("certificationInfo")) certificate(*info);
  }

  StateView const& state_;
  std::set<Bytes> seen_;
  std::vector<Bytes> keys_;
};

}  // namespace

std::vector<Bytes> named_records(StateView const& state, std::vector<HistoryProof> const& histories) {
  Names names(state, histories);
  for (auto const& history : histories) names.read(history);
  return std::move(names).take();
}

}  // namespace ledger
