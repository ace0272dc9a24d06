// SPDX-License-Identifier: Apache-2.0
#include "goods_book.hpp"

#include "ledger/records.hpp"

namespace sim {

void GoodsBook::make(gs1::Key const& lot, std::string_view claim, PartyId const& owner, Micro quantity) {
  auto& record = lots_[lot.uri];
  record.gtin = lot.primary;
  record.claim = claim;
  record.holdings[owner].quantity += quantity;
  totals_[{record.claim, record.gtin}].origins += quantity;
}

Code GoodsBook::find(std::string const& lot, PartyId const& party, Micro quantity, bool disputed_too) const {
  auto const found = lots_.find(lot);
  if (found == lots_.end()) return Code::E_UNKNOWN_GOODS;
  Micro free = 0;
  bool others = false;
  for (auto const& [holder, holding] : found->second.holdings) {
    if (holder == party) {
      free = holding.quantity - (disputed_too ? 0 : holding.disputed);
    } else {
      others = others || holding.quantity > 0;
    }
  }
  if (free >= quantity) return Code::done;
  return free == 0 && others ? Code::E_NOT_CUSTODIAN : Code::E_INSUFFICIENT_GOODS;
}

Code GoodsBook::certify() {
  bool const is_new = !std::exchange(certified_, true);
  return is_new ? Code::done : Code::E_ALREADY_REGISTERED;
}

Code GoodsBook::produce(PartyId const& actor, gs1::Event const& event) {
  auto const& element = event.quantities.front();
  bool const claimed = !event.certification_info.empty();
  if (claimed && !certified_) return Code::E_CERT_UNKNOWN;
  if (claimed && *element.quantity > claim_quota - quota_used_) return Code::E_QUOTA_EXCEEDED;
  if (claimed) quota_used_ += *element.quantity;
  make(element.key, claimed ? claim_scheme : std::string_view(), actor, *element.quantity);
  return Code::done;
}

Code GoodsBook::transform(PartyId const& actor, gs1::Event const& event) {
  auto const& input = event.input_quantities.front();
  auto const& output = event.output_quantities.front();
  if (*output.quantity * 10 > *input.quantity * yield_tenths) return Code::E_YIELD;
  auto const code = find(input.key.uri, actor, *input.quantity, false);
  if (code != Code::done) return code;
  auto& used = lots_[input.key.uri];
  used.holdings[actor].quantity -= *input.quantity;
  totals_[{used.claim, used.gtin}].loss += *input.quantity;
  make(output.key, {}, actor, *output.quantity);
  return Code::done;
}

Code GoodsBook::offer(PartyId const& actor, gs1::Event const& event) {
  auto const& element = event.quantities.front();
  auto const code = find(element.key.uri, actor, *element.quantity, true);
  if (code == Code::done) offers_[event.event_hash] = {actor, element.key.uri, *element.quantity};
  return code;
}

Code GoodsBook::accept(PartyId const& actor, gs1::Event const& event) {
  auto const found = offers_.find(*event.tally.answers);
  if (found == offers_.end() || !found->second.open) return Code::E_UNKNOWN_OFFER;
  auto& offer = found->second;
  auto const counted = *event.quantities.front().quantity;
  if (counted > offer.quantity) return Code::E_INSUFFICIENT_GOODS;
  auto const code = find(offer.lot, offer.giver, offer.quantity, true);
  if (code != Code::done) return code;
  offer.open = false;
  auto& holdings = lots_[offer.lot].holdings;
  auto& given = holdings[offer.giver];
  given.quantity -= counted;
  given.disputed -= std::min(given.disputed, counted);
  // What the receiver missed stays with the giver, marked.
  given.disputed += std::min(offer.quantity - counted, given.quantity - given.disputed);
  holdings[actor].quantity += counted;
  return Code::done;
}

Code GoodsBook::apply(PartyId const& actor, gs1::Event const& event, Hash const& payload) {
  auto const code = decide(actor, event);
  if (code != Code::done) return code;
  for (auto const* elements : {&event.quantities, &event.input_quantities, &event.output_quantities}) {
    for (auto const& element : *elements) histories_[element.key.uri].push_back(payload);
  }
  return code;
}

Code GoodsBook::decide(PartyId const& actor, gs1::Event const& event) {
  if (event.type == gs1::EventType::transformation) return transform(actor, event);
  if (event.action == gs1::Action::add) return produce(actor, event);
  CHECK(event.tally.handover.has_value());
  return *event.tally.handover == gs1::Handover::offer ? offer(actor, event) : accept(actor, event);
}

std::map<std::pair<std::string, std::string>, Micro> GoodsBook::stock() const {
  std::map<std::pair<std::string, std::string>, Micro> out;
  for (auto const& [name, lot] : lots_) {
    for (auto const& [holder, holding] : lot.holdings) out[{lot.claim, lot.gtin}] += holding.quantity;
  }
  return out;
}

std::optional<std::string> GoodsBook::mismatch(ledger::StateView const& state) const {
  std::optional<std::string> out;
  std::size_t accounts = 0;
  state.scan(ledger::state_key(ledger::Space::goods, base::BytesView()), [&](auto, auto value) {
    auto const record = base::decode<ledger::GoodsRecord>(value);
    auto const lot = lots_.find(record->lot);
    auto const mine = lot == lots_.end() ? Holding{} : [&] {
      auto const held = lot->second.holdings.find(record->owner);
      return held == lot->second.holdings.end() ? Holding{} : held->second;
    }();
    ++accounts;
    if (mine.quantity != record->quantity || mine.disputed != record->disputed) out = record->lot + ": an account";
    return true;
  });
  std::size_t mine = 0;
  for (auto const& [name, lot] : lots_) {
    for (auto const& [holder, holding] : lot.holdings) mine += holding.quantity > 0 ? 1 : 0;
  }
  if (accounts != mine) out = "an account of goods is missing";
  auto const held = stock();
  std::size_t totals = 0;
  state.scan(ledger::state_key(ledger::Space::claim_total, base::BytesView()), [&](auto key, auto value) {
    auto const id = std::string(base::text_of(key.subspan(1)));
    auto const cut = id.find('\0');
    std::pair const name(id.substr(0, cut), id.substr(cut + 1));
    auto const record = base::decode<ledger::ClaimTotalRecord>(value);
    auto const known = totals_.find(name);
    ++totals;
    bool const same = known != totals_.end() && record->origins == known->second.origins &&
                      record->loss == known->second.loss && record->stock == held.at(name);
    if (!same) out = name.first + " " + name.second + ": totals";
    if (record->stock + record->loss != record->origins) out = name.second + ": goods + loss = origins";
    return true;
  });
  if (totals != totals_.size()) out = "a claim's totals are missing";
  return out;
}

}  // namespace sim
