// SPDX-License-Identifier: Apache-2.0
#include "ledger/badge.hpp"

#include <set>

#include "base/time.hpp"
#include "ledger/condition.hpp"
#include "ledger/goods.hpp"
#include "ledger/recall.hpp"

namespace ledger {

namespace {

constexpr std::size_t badges_max = 256;
constexpr std::size_t lots_max = 256;

class Badges {
 public:
  Badges(StateView const& state, TimeMs now_ms) : state_(state), now_ms_(now_ms) {}

  void item(std::string const& link, ItemRecord const& record) {
    if (auto const recall = recall_of_item(state_, link, record.lot)) add("recalled", link, recall->cause);
    if (record.claimed_by) add("claimed", link, "");
    if (auto const sale = load<SaleNoteRecord>(state_, Space::sale_note, link)) {
      if (sale->warranty_until_ms != 0) {
        auto const word = sale->warranty_until_ms >= now_ms_ ? "warranty" : "warranty_ended";
        add(word, link, base::to_date(sale->warranty_until_ms));
      }
    }
    alarms(link);
    for (auto const& unit : place_of(state_, record.holder).units) this->unit(unit);
    lot(record.lot, 0);
  }

  void unit(std::string const& link) {
    alarms(link);
    if (state_.get(state_key(Space::customs_hold, link))) add("customs_hold", link, "");
    auto const record = load<UnitRecord>(state_, Space::unit, link);
    if (record && record->disputed > 0) {
      add("disputed", link, base::to_decimal_literal(static_cast<base::i128>(record->disputed), 6));
    }
    for (auto const& rule : rules_inside(state_, link)) {
      auto const condition = condition_of(state_, link, rule);
      if (condition.breached()) add("breach", link, std::to_string(condition.minutes) + " minutes");
    }
  }

  void lot(std::string const& link, std::size_t depth) {
    if (!lots_.insert(link).second || lots_.size() > lots_max) return;
    auto const record = load<LotRecord>(state_, Space::lot, link);
    if (!record) return;
    if (depth == 0) {
      if (record->unrooted) add("unrooted", link, "");
      if (auto const recall = recall_of_lot(state_, link)) add("recalled", link, recall->cause);
      if (auto const expiry = load<ExpiryRecord>(state_, Space::expiry, link)) {
        if (expiry->expires_ms < now_ms_) add("expired", link, base::to_date(expiry->expires_ms));
      }
    }
    if (record->origin == LotOrigin::taken_in) add("not_balanced", link, "came in from outside goods accounting");
    alarms(link);
    certificates(link, record->made_ms);
    for (auto const& source : pairs_of(state_, Space::source, link, lots_max)) lot(source, depth + 1);
  }

  void thing(std::string const& link) {
    add("not_balanced", link, "outside goods accounting");
    alarms(link);
  }

  std::vector<Badge> take() && { return std::move(out_); }

 private:
  void add(std::string_view word, std::string_view subject, std::string_view detail) {
    if (out_.size() >= badges_max || !said_.insert({std::string(word), std::string(subject)}).second) return;
    out_.push_back({std::string(word), std::string(subject), std::string(detail)});
  }

  void alarms(std::string const& link) {
    for (auto const number : alarms_about(state_, link, badges_max)) {
      auto const alarm = load<AlarmRecord>(state_, alarm_key(number));
      CHECK(alarm.has_value());
      add(enum_names(alarm->kind)[static_cast<std::size_t>(alarm->kind)], link, alarm->detail);
    }
  }

  void certificates(std::string const& link, TimeMs made_ms) {
    for (auto const& number : pairs_of(state_, Space::lot_certificate, link, lots_max)) {
      auto const record = load<CertificateRecord>(state_, Space::certificate, number);
      if (!record || !record->revoked_ms) continue;
      add("certificate_revoked", number, *record->revoked_ms > made_ms ? "was valid when made" : "");
    }
  }

  StateView const& state_;
  TimeMs now_ms_;
  std::vector<Badge> out_;
  std::set<std::pair<std::string, std::string>> said_;
  std::set<std::string> lots_;
};

}  // namespace

std::vector<Badge> badges_of(StateView const& state, std::string_view link, TimeMs now_ms) {
  Badges badges(state, now_ms);
  std::string const name(link);
  if (auto const item = load<ItemRecord>(state, Space::item, name)) {
    badges.item(name, *item);
  } else if (state.get(state_key(Space::unit, name))) {
    badges.unit(name);
  } else if (state.get(state_key(Space::lot, name))) {
    badges.lot(name, 0);
  } else if (state.get(state_key(Space::thing, name))) {
    badges.thing(name);
  }
  return std::move(badges).take();
}

}  // namespace ledger
