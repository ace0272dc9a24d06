// SPDX-License-Identifier: Apache-2.0
// Acceptance: what the receiver counted moves, what he missed stays with the giver as disputed.
#include "base/time.hpp"
#include "contracts/goods/alarm.hpp"
#include "contracts/goods/customs.hpp"
#include "contracts/goods/device.hpp"
#include "contracts/goods/handover.hpp"
#include "contracts/goods/rules.hpp"
#include "contracts/goods/travel.hpp"
#include "ledger/contract.hpp"

namespace contracts::goods {

namespace {

using gs1::KeyKind;
using ledger::AtSite;
using ledger::OfferRecord;
using ledger::OfferState;
using ledger::Space;
using ledger::UnitRecord;

Account disputed_account(std::string_view unit, PartyId const& owner, PartyId const& giver) {
  return {ledger::Uri(unit), owner, AtSite{giver, {}}, {}};
}

/// One acceptance, as far as it has got.
struct Acceptance {
  Job& job;
  OfferRecord offer;
  AtSite to;
  /// Subjects accepted, and what was accepted of each lot or disputed unit.
  std::vector<ledger::Uri> subjects;
  std::vector<ledger::OfferedQuantity> counts;
  Micro usable = 0;
  Micro accepted = 0;
  std::string unit = "EA";
  /// Whether a contract waits for something about these goods, who then may ask for their claims.
  bool watched = false;
  std::map<std::string, Micro> claims;
  SerialMoves moves;
};

/// Goods that go back to who gave them last time, without having been sold in between.
void watch_custody(Job& job, std::string const& unit, OfferRecord const& offer) {
  auto const key = ledger::state_key(Space::custody, ledger::tree_key(Space::unit, unit).view());
  auto const before = ledger::load<ledger::CustodyRecord>(job.state, key);
  if (before && before->before == offer.to) {
    raise(job, ledger::AlarmKind::round_trip, unit, offer.to, "back with who gave it last");
  }
  ledger::store(job.state, key, ledger::CustodyRecord{offer.giver, 0});
}

Result<void> take_unit(Acceptance& acceptance, gs1::Key const& key, std::string const& path) {
  auto& job = acceptance.job;
  auto unit = ledger::load<UnitRecord>(job.state, Space::unit, key.uri);
  CHECK(unit.has_value());
  auto const* holder = std::get_if<AtSite>(&unit->holder);
  if (holder == nullptr) return job.error(Code::E_ALREADY_PACKED, path);
  if (holder->party != acceptance.offer.giver) {
    return job.error(Code::E_NOT_CUSTODIAN, path, "the giver no longer has it");
  }
  TRY(job.not_before(unit->last_ms, path));
  TRY(judge_travel(job, holder->site, unit->last_ms, path));
  TRY(judge_hold(job, key.uri, unit->holder, path));
  watch_custody(job, key.uri, acceptance.offer);
  watch_door(job, key.uri, acceptance.offer.giver);
  unit->holder = acceptance.to;
  unit->last_ms = job.event.time_ms;
  ledger::store(job.state, Space::unit, key.uri, *unit);
  acceptance.usable += usable_of(*unit);
  if (acceptance.watched) claims_inside(job.state, key.uri, acceptance.claims);
  return {};
}

Result<void> take_item(Acceptance& acceptance, gs1::Key const& key, std::string const& path) {
  auto& job = acceptance.job;
  auto item = ledger::load<ledger::ItemRecord>(job.state, Space::item, key.uri);
  CHECK(item.has_value());
  auto const* holder = std::get_if<AtSite>(&item->holder);
  if (holder == nullptr) return job.error(Code::E_ALREADY_PACKED, path);
  if (holder->party != acceptance.offer.giver) {
    return job.error(Code::E_NOT_CUSTODIAN, path, "the giver no longer has it");
  }
  if (!in_stock(item->status)) return job.error(Code::E_RETIRED, path);
  TRY(job.not_before(item->last_ms, path));
  TRY(judge_travel(job, holder->site, item->last_ms, path));
  TRY(judge_hold(job, key.uri, item->holder, path));
  acceptance.moves.out_of(account_of(job.state, *item));
  item->holder = acceptance.to;
  item->last_ms = job.event.time_ms;
  auto const account = account_of(job.state, *item);
  acceptance.moves.into(account);
  acceptance.claims[account.claim] += piece;
  ledger::store(job.state, Space::item, key.uri, *item);
  acceptance.usable += piece;
  return {};
}

/// The one unit that is short: the giver keeps the rest, disputed.
Result<void> take_short(Acceptance& acceptance, Micro counted) {
  auto& job = acceptance.job;
  if (acceptance.subjects.size() != 1 || job.event.epcs.front().kind != KeyKind::sscc) {
    return job.error(Code::E_INSUFFICIENT_GOODS, "quantityList", "accept the unit that is short by itself");
  }
  auto const& name = acceptance.subjects.front();
  auto unit = ledger::load<UnitRecord>(job.state, Space::unit, name);
  auto const missing = acceptance.usable - counted;
  unit->accepted = counted;
  unit->disputed += missing;
  ledger::store(job.state, Space::unit, name, *unit);
  auto const owner = unit->owner.value_or(acceptance.offer.giver);
  dispute(job.state, disputed_account(name, owner, acceptance.offer.giver), missing, false);
  return {};
}

Result<void> take_counted(Acceptance& acceptance) {
  auto& job = acceptance.job;
  auto const& event = job.event;
  for (std::size_t i = 0; i < event.epcs.size(); ++i) {
    auto const& key = event.epcs[i];
    auto const path = at("epcList", i);
    auto const& offered = acceptance.offer.subjects;
    if (std::find(offered.begin(), offered.end(), key.uri) == offered.end()) {
      return job.error(Code::E_UNKNOWN_OFFER, path, "not in the offer");
    }
    if (key.kind == KeyKind::sscc) {
      TRY(take_unit(acceptance, key, path));
    } else {
      TRY(take_item(acceptance, key, path));
    }
    acceptance.subjects.push_back(key.uri);
  }
  acceptance.moves.apply(job.state);
  base::u128 counted = event.quantities.empty() ? acceptance.usable : 0;
  for (std::size_t i = 0; i < event.quantities.size(); ++i) {
    TRY_ASSIGN(auto const quantity, base_quantity(job, event.quantities[i], at("quantityList", i)));
    counted += quantity;
  }
  if (counted > acceptance.usable) {
    return job.error(Code::E_INSUFFICIENT_GOODS, "quantityList", "more than was offered");
  }
  acceptance.accepted = static_cast<Micro>(counted);
  if (acceptance.accepted < acceptance.usable) return take_short(acceptance, acceptance.accepted);
  return {};
}

Result<void> take_lot(Acceptance& acceptance, ledger::OfferedQuantity const& offered, Micro counted,
                      std::string const& path) {
  auto& job = acceptance.job;
  if (counted > offered.quantity) return job.error(Code::E_INSUFFICIENT_GOODS, path, "more than was offered");
  Want want;
  want.lot = offered.subject;
  want.quantity = offered.quantity;
  want.custodian = acceptance.offer.giver;
  if (acceptance.offer.title) want.owner = acceptance.offer.title->from;
  want.disputed_too = true;
  TRY_ASSIGN(auto const found, find_quantity(job, want, path));
  Micro left = counted;
  for (auto const& part : found) {
    auto const moved = std::min(part.quantity, left);
    left -= moved;
    auto next = part.account;
    next.holder = acceptance.to;
    if (moved > 0) {
      debit(job.state, part.account, moved, 0, job.event.time_ms, true);
      credit(job.state, next, moved, 0, job.event.time_ms);
      acceptance.claims[next.claim] += moved;
    }
    auto const record = ledger::load<ledger::GoodsRecord>(
        job.state, ledger::goods_key(part.account.lot, part.account.owner, part.account.holder, part.account.claim));
    auto const kept = part.quantity - moved;
    // Pieces offered a second time and missed a second time are disputed once.
    if (kept > 0) dispute(job.state, part.account, std::min(kept, record->quantity - record->disputed), false);
  }
  acceptance.subjects.push_back(offered.subject);
  acceptance.counts.push_back({offered.subject, counted});
  acceptance.accepted += counted;
  return {};
}

bool contains(auto const& list, std::string_view one) {
  return std::any_of(list.begin(), list.end(), [&](auto const& other) { return other == one; });
}

Result<void> take_lots(Acceptance& acceptance) {
  auto& job = acceptance.job;
  auto const& event = job.event;
  auto const& counts = acceptance.offer.counts;
  if (!counts.empty() && !contains(acceptance.offer.subjects, counts.front().subject)) {
    return job.error(Code::E_UNKNOWN_OFFER, "epcList", "name the units or serials that were offered");
  }
  for (auto const& offered : counts) {
    if (event.quantities.empty()) TRY(take_lot(acceptance, offered, offered.quantity, "quantityList"));
  }
  for (std::size_t i = 0; i < event.quantities.size(); ++i) {
    auto const& subject = event.quantities[i].key.uri;
    auto const offered =
        std::find_if(counts.begin(), counts.end(), [&](auto const& one) { return one.subject == subject; });
    auto const path = at("quantityList", i);
    if (offered == counts.end() || contains(acceptance.subjects, subject)) {
      return job.error(Code::E_UNKNOWN_OFFER, path, "not in the offer, or named twice");
    }
    TRY_ASSIGN(auto const counted, base_quantity(job, event.quantities[i], path));
    TRY(take_lot(acceptance, *offered, counted, path));
  }
  return {};
}

/// Disputed pieces that turned up: the unit's receiver may use so many more.
Result<void> take_disputed(Acceptance& acceptance) {
  auto& job = acceptance.job;
  auto const& offered = acceptance.offer.counts.front();
  auto unit = ledger::load<UnitRecord>(job.state, Space::unit, offered.subject);
  if (job.event.epcs.size() != 1 || job.event.epcs.front().uri != offered.subject) {
    return job.error(Code::E_UNKNOWN_OFFER, "epcList", "name the unit that was offered");
  }
  auto const place = ledger::place_of(job.state, ledger::InUnit{offered.subject});
  if (place.party != acceptance.offer.to) return job.error(Code::E_NOT_CUSTODIAN, "epcList[0]", "of the unit");
  base::u128 counted = job.event.quantities.empty() ? offered.quantity : 0;
  for (std::size_t i = 0; i < job.event.quantities.size(); ++i) {
    TRY_ASSIGN(auto const quantity, base_quantity(job, job.event.quantities[i], at("quantityList", i)));
    counted += quantity;
  }
  auto const still = disputed_of(job.state, offered.subject, acceptance.offer.giver);
  if (counted > offered.quantity || counted > still) {
    return job.error(Code::E_INSUFFICIENT_GOODS, "quantityList", "more than was offered");
  }
  acceptance.accepted = static_cast<Micro>(counted);
  Micro left = acceptance.accepted;
  for (auto const& account : disputed_accounts(job.state, offered.subject, acceptance.offer.giver)) {
    auto const found = std::min(left, account.disputed);
    left -= found;
    if (found == 0) continue;
    dispute(job.state, account_of(account), found, true);
    // Nobody can tell which pieces they are, so an owner who is not the unit's keeps a count of them.
    if (place.owner && *place.owner != account.owner) {
      credit(job.state, owed_account(offered.subject, account.owner), found, 0, job.event.time_ms);
    }
  }
  unit->disputed -= std::min(unit->disputed, acceptance.accepted);
  if (unit->accepted) *unit->accepted += acceptance.accepted;
  if (unit->disputed == 0) unit->accepted.reset();
  ledger::store(job.state, Space::unit, offered.subject, *unit);
  acceptance.subjects.push_back(offered.subject);
  acceptance.counts.push_back({offered.subject, acceptance.accepted});
  return {};
}

bool offers_disputed(OfferRecord const& offer) {
  return offer.subjects.size() == 1 && offer.counts.size() == 1 &&
         offer.counts.front().subject == offer.subjects.front() && is_unit(offer.subjects.front());
}

/// The base unit in which the accept counted.
std::string counted_unit(Job const& job) {
  if (job.event.quantities.empty()) return "EA";
  auto const product = product_of(job, job.event.quantities.front().key.primary, {});
  return product ? product->unit : "EA";
}

bool is_watched(Job const& job) {
  auto const names = watch_names(job.event);
  return std::any_of(names.begin(), names.end(),
                     [&](Hash const& name) { return job.state.has(ledger::watch_key(name)); });
}

/// What of the accepted quantity carries each claim. Nobody knows which pieces are missing, so those of every claim may
/// be.
std::vector<ClaimedPart> claimed_parts(Acceptance const& acceptance) {
  base::u128 all = 0;
  for (auto const& [claim, quantity] : acceptance.claims) all += quantity;
  auto const missing = all > acceptance.accepted ? all - acceptance.accepted : 0;
  std::vector<ClaimedPart> out;
  for (auto const& [claim, quantity] : acceptance.claims) {
    if (quantity > missing) out.push_back({claim, static_cast<Micro>(quantity - missing)});
  }
  return out;
}

}  // namespace

void claims_inside(StateView const& state, ledger::Uri const& unit, std::map<std::string, Micro>& sums) {
  std::vector<ledger::Uri> open{unit};
  while (!open.empty()) {
    auto const name = open.back();
    open.pop_back();
    for (auto const space : {Space::goods, Space::unit}) {
      for (auto const& child : children_of(state, name, space)) {
        if (space == Space::unit) {
          open.emplace_back(base::text_of(ledger::BytesView(child).subspan(1)));
          continue;
        }
        auto const account = ledger::load<ledger::GoodsRecord>(state, child);
        if (account && account->lot != name) sums[account->claim] += account->quantity;
      }
    }
  }
}

Account owed_account(std::string_view unit, PartyId const& owner) {
  return {ledger::Uri(unit), owner, ledger::InUnit{ledger::Uri(unit)}, {}};
}

Result<void> give_outside(Job& job, OfferRecord const& offer) {
  if (offers_disputed(offer)) return job.error(Code::E_NOT_CUSTODIAN, "epcList[0]", "disputed pieces stay inside");
  Acceptance acceptance{job, offer, AtSite{ledger::outside(), {}}, {}, {}, 0, 0, {}, false, {}, {}};
  if (job.event.epcs.empty()) {
    TRY(take_lots(acceptance));
  } else {
    TRY(take_counted(acceptance));
  }
  auto given = offer;
  given.subjects = std::move(acceptance.subjects);
  given.counts = std::move(acceptance.counts);
  if (offer.title) pass_accepted(job.state, given, {}, offer.title->from, offer.title->to);
  return {};
}

Result<void> accept(Job& job) {
  TRY_ASSIGN(auto offer, answered(job));
  TRY(job.require(offer.record.to, Code::E_HANDOVER_UNILATERAL, "destinationList"));
  if (job.context.time_ms > offer.record.expires_ms) {
    return job.error(Code::E_OFFER_EXPIRED, "tally:answers", "at " + base::to_rfc3339(offer.record.expires_ms));
  }
  Acceptance acceptance{
      job, offer.record, AtSite{offer.record.to, job.site()}, {}, {}, 0, 0, counted_unit(job), is_watched(job), {}, {}};
  if (offers_disputed(offer.record)) {
    TRY(take_disputed(acceptance));
  } else if (job.event.epcs.empty()) {
    TRY(take_lots(acceptance));
  } else {
    TRY(take_counted(acceptance));
  }
  offer.record.state = OfferState::accepted;
  offer.record.subjects = std::move(acceptance.subjects);
  offer.record.counts = std::move(acceptance.counts);
  ledger::store(job.state, offer.key, offer.record);
  if (offer.record.title) {
    pass_accepted(job.state, offer.record, {}, offer.record.title->from, offer.record.title->to);
  }
  tell(job, offer.record, offer.offer, Answer::accepted, acceptance.accepted, acceptance.unit);
  job.handover->claims = claimed_parts(acceptance);
  return {};
}

}  // namespace contracts::goods
