// SPDX-License-Identifier: Apache-2.0
#include "wallet/trace.hpp"

#include <algorithm>
#include <map>

#include "base/time.hpp"
#include "gs1/json.hpp"
#include "gs1/vocabulary.hpp"

namespace wallet {

namespace {

using base::Value;
using ledger::Space;

/// One recorded act: the same in each history that it touched.
struct Act {
  std::uint64_t log_index = 0;
  ledger::HistoryLeaf leaf;
  Value head;
  bool inside = false;
  bool plain = false;
  std::string step;
  std::string handover;
  std::string reference;
};

std::string bare(std::string_view word) {
  auto const cut = word.find_last_of("/:#-");
  return std::string(cut == std::string_view::npos ? word : word.substr(cut + 1));
}

std::string last_part(std::string_view uri) { return std::string(uri.substr(uri.rfind('/') + 1)); }

std::string grouped(std::string const& literal) {
  auto const point = std::min(literal.find('.'), literal.size());
  std::string out = literal.substr(0, point);
  for (std::size_t i = point; i > 3; i -= 3) out.insert(i - 3, ",");
  return out + literal.substr(point);
}

/// "1,200 KGM" of the first element of a quantity list; empty when there is none.
std::string quantity(Value const& head, std::string_view list) {
  auto const* values = head.find(list);
  if (values == nullptr || values->items.empty()) return {};
  auto const* amount = values->items.front().find("quantity");
  if (amount == nullptr) return {};
  auto const unit = values->items.front().string_of("uom");
  return grouped(amount->text) + (unit.empty() || unit == "EA" ? "" : unit == "KGM" ? " kg" : " " + std::string(unit));
}

std::string lot_of(Value const& head, std::string_view list) {
  auto const* values = head.find(list);
  if (values == nullptr || values->items.empty()) return {};
  return last_part(values->items.front().string_of("epcClass"));
}

class Reading {
 public:
  explicit Reading(ledger::TraceProof const& proof) : proof_(proof) {
    for (auto const& record : proof.records) remember(record.key, record.record);
    for (auto const& history : proof.histories) remember(history.key, history.record);
    collect();
  }

  TraceReading read() {
    TraceReading out;
    std::vector<Act> acts;
    for (auto& [index, act] : acts_) acts.push_back(std::move(act));
    out.events = acts.size();
    std::ranges::stable_sort(acts, {}, [](Act const& act) { return std::pair(act.leaf.event_time_ms, act.log_index); });
    Act const* previous = nullptr;
    for (auto const& act : acts) {
      if (previous != nullptr && continues(*previous, act)) {
        extend(out.steps.back(), *previous, act);
      } else {
        out.steps.push_back(begin(act));
      }
      previous = &act;
    }
    out.name = subject_name();
    out.recalled = is_recalled(acts);
    out.status = subject_status(out.recalled);
    out.unrooted = unrooted_lots();
    return out;
  }

 private:
  void remember(ledger::BytesView key, ledger::BytesView bytes) {
    if (key.empty()) return;
    auto const id = std::string(base::text_of(key.subspan(1)));
    if (key[0] == static_cast<std::uint8_t>(Space::member)) {
      auto const member = base::decode<ledger::MemberRecord>(bytes);
      if (member) members_[ledger::party_id(member->gln)] = *member;
    } else if (key[0] == static_cast<std::uint8_t>(Space::site)) {
      auto const site = base::decode<ledger::SiteRecord>(bytes);
      if (site) sites_[id] = *site;
    } else if (key[0] == static_cast<std::uint8_t>(Space::product)) {
      auto const product = base::decode<ledger::ProductRecord>(bytes);
      if (product) brands_[id] = product->party;
      if (product && !product->product.names.empty()) products_[id] = product->product.names.front().text;
    }
  }

  void collect() {
    for (auto const& history : proof_.histories) {
      bool const unit = !history.key.empty() && history.key[0] == static_cast<std::uint8_t>(Space::unit);
      for (auto const& shown : history.leaves) {
        auto& act = acts_[shown.leaf.log_index];
        act.log_index = shown.leaf.log_index;
        act.inside = act.inside || unit;
        if (act.leaf.log_index == act.log_index && !act.step.empty()) continue;
        act.leaf = shown.leaf;
        act.plain = shown.leaf.kind == ledger::LeafKind::plain;
        if (!is_event(shown.leaf.kind)) {
          act.step = "contract";
          continue;
        }
        auto head = gs1::parse_json(base::text_of(shown.head));
        if (!head) continue;
        act.head = std::move(head).value();
        act.step = bare(act.head.string_of("bizStep"));
        if (act.head.string_of("type") == "ObjectEvent") act.handover = act.head.string_of("tally:handover");
        if (auto const* list = act.head.find("bizTransactionList"); list != nullptr && !list->items.empty()) {
          act.reference = list->items.front().string_of("bizTransaction");
        }
      }
    }
  }

  std::string who(ledger::PartyId const& party) const {
    auto const found = members_.find(party);
    return found == members_.end() ? party.hex().substr(0, 10)
                                   : static_cast<std::string const&>(found->second.short_name);
  }
  bool has_role(ledger::PartyId const& party, ledger::Role role) const {
    auto const found = members_.find(party);
    return found != members_.end() && found->second.has(role);
  }
  std::string place(Value const& head) const {
    auto const* point = head.find("readPoint");
    auto const site = sites_.find(point == nullptr ? std::string{} : last_part(point->string_of("id")));
    if (site == sites_.end() || site->second.places.empty()) return {};
    return site->second.places.front().text;
  }

  static bool continues(Act const& before, Act const& act) {
    if (act.step == "contract") return true;
    // Two statements that nobody held against each other are two steps.
    if (before.plain || act.plain) return false;
    bool const answer = before.handover == "offer" && !act.handover.empty() && before.reference == act.reference;
    bool const packed_on = before.step == "packing" && act.step == "packing";
    bool const arrived = before.step == "departing" && act.step == "arriving" && before.leaf.actor == act.leaf.actor;
    bool const released =
        before.step.starts_with("customs_") && before.step == act.step && before.reference == act.reference;
    bool const unpacked_for =
        before.step == "unpacking" && act.handover == "offer" && before.leaf.actor == act.leaf.actor;
    return answer || packed_on || arrived || released || unpacked_for;
  }

  TraceStep begin(Act const& act) const {
    TraceStep out;
    out.time_ms = act.leaf.event_time_ms;
    out.events = 1;
    out.balanced = !act.plain;
    out.place = place(act.head);
    if (!act.leaf.actor.is_zero()) out.signers.push_back(who(act.leaf.actor));
    out.what = words(act);
    out.mark = act.inside ? '|' : ' ';
    if (act.head.string_of("type") == "TransformationEvent") out.mark = '>';
    if (act.step == "packing") out.mark = '[';
    if (act.step == "unpacking") out.mark = ']';
    if (act.handover == "sale") out.mark = ' ';
    if (act.step == "inspecting" && has_role(act.leaf.actor, ledger::Role::certifier)) out.source = Source::independent;
    return out;
  }

  void extend(TraceStep& step, Act const& before, Act const& act) const {
    ++step.events;
    if (act.step == "contract") return;
    step.time_ms = act.leaf.event_time_ms;
    if (auto const at = place(act.head); !at.empty()) step.place = at;
    auto const name = who(act.leaf.actor);
    if (std::ranges::find(step.signers, name) == step.signers.end()) step.signers.push_back(name);
    if (act.handover == "accept") {
      step.source = Source::both_parties;
      auto const counted = quantity(act.head, "quantityList");
      step.what = std::string(before.handover.empty() ? step.what
                              : step.mark == ']'      ? "unpacked, handed over"
                                                      : "handed over");
      if (!counted.empty()) step.what += ", " + counted;
    } else if (act.handover == "reject") {
      step.what = "refused by the receiver";
    } else if (act.step == "arriving") {
      step.what = words(act);
    } else if (act.step.starts_with("customs_") && has_role(act.leaf.actor, ledger::Role::customs)) {
      step.source = Source::customs;
      step.what = act.step == "customs_export" ? "export cleared" : "import cleared";
    } else if (act.step == "packing") {
      // Of an SSCC the serial's end; a parent may be named by any URI.
      auto const unit = last_part(act.head.string_of("parentID"));
      step.what = "packed in unit .." + unit.substr(unit.size() > 4 ? unit.size() - 4 : 0);
    }
  }

  static std::string words(Act const& act) {
    auto const type = act.head.string_of("type");
    if (type == "TransformationEvent") {
      auto const made = quantity(act.head, "outputQuantityList");
      auto const recipe = std::string(act.head.string_of("tally:recipe"));
      return made.empty() ? "made by " + recipe : made + " " + lot_of(act.head, "outputQuantityList") + ", " + recipe;
    }
    auto const amount = quantity(act.head, "quantityList");
    if (act.step == "creating_class_instance" || act.step == "commissioning") {
      return "made" + (amount.empty() ? "" : ", " + amount + " " + lot_of(act.head, "quantityList"));
    }
    if (act.step == "inspecting") {
      auto const result = bare(act.head.string_of("disposition"));
      return std::string("inspected: ") + (result == "conformant" ? "pass" : result);
    }
    if (act.handover == "offer") return "offered" + (amount.empty() ? "" : ", " + amount);
    if (act.handover == "accept") return "accepted" + (amount.empty() ? "" : ", " + amount);
    if (act.handover == "sale") return "sold";
    if (act.handover == "return") return "returned";
    if (says_recalled(act)) return "recalled";
    if (act.step == "packing") return "packed";
    if (act.step == "unpacking") return "unpacked";
    if (act.step == "arriving") {
      auto const mode = act.head.string_of("tally:mode");
      return "arrived" + (mode.empty() ? "" : " by " + std::string(mode));
    }
    return act.step.empty() ? "recorded" : act.step;
  }

  /// Of an item's, lot's or product's link; empty for others.
  static std::string gtin_of(std::string const& link) {
    auto const at = link.find("/01/");
    return at == std::string::npos ? std::string() : link.substr(at + 4, 14);
  }

  std::string subject_name() const {
    if (proof_.histories.empty()) return {};
    auto const id = name_of(proof_.histories.front());
    auto const product = products_.find(gtin_of(id));
    return (product == products_.end() ? std::string{} : product->second + " ") + last_part(id);
  }

  static bool says_recalled(Act const& act) { return bare(act.head.string_of("disposition")) == "recalled"; }

  template <class Record>
  static std::optional<Record> read_as(ledger::HistoryProof const& history, Space space) {
    if (history.key.empty() || history.key[0] != static_cast<std::uint8_t>(space)) return std::nullopt;
    auto record = base::decode<Record>(history.record);
    return record ? std::optional(std::move(record).value()) : std::nullopt;
  }
  static std::string name_of(ledger::HistoryProof const& history) {
    return std::string(base::text_of(ledger::BytesView(history.key).subspan(1)));
  }

  /// In accounts the ledger itself has judged who recalls: the status of the item, or of its lot, says so. Outside them
  /// it counts when who registered the product says so.
  bool is_recalled(std::vector<Act> const& acts) const {
    if (proof_.histories.empty()) return false;
    auto const& first = proof_.histories.front();
    auto const item = read_as<ledger::ItemRecord>(first, Space::item);
    if (item && item->status == ledger::GoodsStatus::recalled) return true;
    auto const lot_name = item ? static_cast<std::string const&>(item->lot) : name_of(first);
    for (auto const& history : proof_.histories) {
      auto const lot = read_as<ledger::LotRecord>(history, Space::lot);
      if (lot && lot->status == ledger::GoodsStatus::recalled && name_of(history) == lot_name) return true;
    }
    auto const brand = brands_.find(gtin_of(name_of(first)));
    if (first.key[0] != static_cast<std::uint8_t>(Space::thing) || brand == brands_.end()) return false;
    return std::ranges::any_of(acts,
                               [&](Act const& act) { return says_recalled(act) && act.leaf.actor == brand->second; });
  }

  std::vector<std::string> unrooted_lots() const {
    std::vector<std::string> out;
    for (auto const& history : proof_.histories) {
      auto const lot = read_as<ledger::LotRecord>(history, Space::lot);
      if (lot && lot->unrooted) out.push_back(last_part(name_of(history)));
    }
    return out;
  }

  std::string subject_status(bool recalled) const {
    if (recalled) return "recalled";
    if (proof_.histories.empty()) return {};
    auto const item = read_as<ledger::ItemRecord>(proof_.histories.front(), Space::item);
    if (!item) return {};
    std::string const status(enum_names(item->status)[static_cast<std::size_t>(item->status)]);
    return status + (item->claimed_by ? ", registered once" : ", not registered") + ", not recalled";
  }

  ledger::TraceProof const& proof_;
  std::map<std::uint64_t, Act> acts_;
  std::map<ledger::PartyId, ledger::MemberRecord> members_;
  std::map<std::string, ledger::SiteRecord> sites_;
  std::map<std::string, std::string> products_;
  /// Who registered a product: only the holder of its prefix can.
  std::map<std::string, ledger::PartyId> brands_;
};

}  // namespace

TraceReading read_trace(ledger::TraceProof const& proof) { return Reading(proof).read(); }

}  // namespace wallet
