// SPDX-License-Identifier: Apache-2.0
// The goods of the workload, and its sales in escrow. All events happen at one moment, so that the order in which they
// are recorded never makes one too early.
#include "book.hpp"
#include "firms.hpp"
#include "gs1/event_hash.hpp"
#include "ledger/record.hpp"
#include "workload.hpp"

namespace sim {

namespace {

constexpr std::size_t alfa = 1;
constexpr std::size_t beta = 2;
constexpr std::size_t remembered_max = 8;

std::string lot_link(std::string_view gtin, std::string_view lot) {
  return "https://id.gs1.org/01/" + std::string(gtin) + "/10/" + std::string(lot);
}

std::string amount(std::string_view list, std::string const& lot, std::uint64_t kilograms) {
  return ",\"" + std::string(list) + R"(":[{"epcClass":")" + lot + R"(","quantity":)" + std::to_string(kilograms) +
         R"(,"uom":"KGM"}])";
}

/// What every event begins with; `number` tells those apart that say the same.
std::string begin(std::string_view type, std::size_t firm, std::uint64_t number) {
  auto const site = R"({"id":"https://id.gs1.org/414/)" + std::string(firms[firm].site) + "\"}";
  return R"({"type":")" + std::string(type) +
         R"(","eventTime":"2026-05-28T20:26:40Z","eventTimeZoneOffset":"+00:00","readPoint":)" + site +
         R"(,"bizLocation":)" + site +
         R"(,"bizTransactionList":[{"type":"desadv","bizTransaction":"https://id.gs1.org/253/9521002000009N)" +
         std::to_string(number) + "\"}]";
}

std::string parties(std::size_t from, std::size_t to) {
  auto const list = [](std::string_view name, std::string_view end, std::size_t firm) {
    auto const one = [&](std::string_view type) {
      return R"({"type":")" + std::string(type) + "\",\"" + std::string(end) + R"(":"https://id.gs1.org/417/)" +
             std::string(firms[firm].gln) + "\"}";
    };
    return ",\"" + std::string(name) + "\":[" + one("possessing_party") + "," + one("owning_party") + "]";
  };
  return list("sourceList", "source", from) + list("destinationList", "destination", to);
}

std::string sale_terms() {
  auto const price = base::to_decimal(sale_price);
  return R"({"escrow":1,"title":"Simulated sale","roles":{"buyer":{},"seller":{}},"assets":{"EUR":")" +
         std::string(sale_asset) + R"("},"subjects":{},"params":{"price":)" + price +
         R"(},"pots":{"paid":{"asset":"EUR","cap":)" + price + R"(,"residual":"buyer"}},"start":"open","states":{)" +
         R"("open":{"when":[{"on":{"deposit":{"by":"buyer","into":"paid","amount":{"param":"price"}}},)" +
         R"("goto":"held"}],"until":{"after":"PT)" + std::to_string(sale_open_ms / 1000) +
         R"(S"},"late":{"goto":"close"}},)" +
         R"("held":{"when":[{"on":{"choice":{"by":"buyer","name":"release","bounds":[1,1]}},)" +
         R"("do":[{"pay":{"from":"paid","to":"seller","all":true}}],"goto":"close"}],)" + R"("until":{"after":"PT)" +
         std::to_string(sale_held_ms / 1000) + R"(S"},"late":{"goto":"close"}}}})";
}

template <class T>
void remember(std::vector<T>& list, T one) {
  if (list.size() >= remembered_max) list.erase(list.begin());
  list.push_back(std::move(one));
}

}  // namespace

Draft Workload::record(std::size_t firm, TimeMs now_ms, std::string const& event) {
  auto const bytes = base::to_bytes(event);
  auto made = ledger::make_record(ledger::RecordMode::rollback, event_context, {ledger::BytesView(bytes)});
  CHECK(made.has_value());
  return sign(body(firm, now_ms, {*std::move(made)}), {firm}, {bytes});
}

/// Some of it under the certificate, whose quota is soon used up: lots of their own, because a lot has one claim.
std::string Workload::produced() {
  bool const claimed = random_.percent(40);
  auto const lot = lot_link(raw_gtin, (claimed ? "C" : "U") + std::to_string(random_.below(2)));
  auto text = begin("ObjectEvent", beta, drawn_) + R"(,"action":"ADD","bizStep":"creating_class_instance")";
  if (claimed) text += R"(,"certificationInfo":"urn:sim:certificate:)" + std::string(certificate_number) + "\"";
  return text + amount("quantityList", lot, 10 + random_.below(60)) + "}";
}

/// Now and then more than the yield allows.
std::string Workload::transformed() {
  auto const in = 10 + random_.below(40);
  auto const out = in * (random_.percent(10) ? yield_tenths + 1 : yield_tenths - random_.below(4)) / 10;
  auto const from = lot_link(raw_gtin, (random_.percent(40) ? "C" : "U") + std::to_string(random_.below(2)));
  return begin("TransformationEvent", alfa, drawn_) + R"(,"bizStep":"creating_class_instance","tally:recipe":")" +
         std::string(recipe_name) + "\"" + amount("inputQuantityList", from, in) +
         amount("outputQuantityList", lot_link(cloth_gtin, "W" + std::to_string(random_.below(2))), out) +
         R"(,"tally:loss":{"tally:quantity":)" + std::to_string(in - out) + R"(,"tally:uom":"KGM"}})";
}

/// From either brand to the other, sometimes of what he has not; ownership goes with it.
std::string Workload::offered() {
  Offered offer;
  offer.giver = random_.percent(60) ? beta : alfa;
  bool const cloth = random_.percent(30);
  auto const lot = (cloth ? "W" : random_.percent(40) ? "C" : "U") + std::to_string(random_.below(2));
  offer.lot = lot_link(cloth ? cloth_gtin : raw_gtin, lot);
  offer.quantity = 1 + random_.below(50);
  auto const text = begin("ObjectEvent", offer.giver, drawn_) +
                    R"(,"action":"OBSERVE","bizStep":"shipping","disposition":"in_transit","tally:handover":"offer")" +
                    amount("quantityList", offer.lot, offer.quantity) +
                    parties(offer.giver, offer.giver == alfa ? beta : alfa) + "}";
  auto const context = gs1::read_context(event_context);
  auto const read = gs1::read_event(base::bytes_of(text), *context);
  CHECK(read.has_value());
  offer.event_id = gs1::to_event_id(read->event_hash);
  remember(offers_, offer);
  return text;
}

/// All of an offer, a part of it, or more than it; of an offer that was recorded or not, or answered before.
Draft Workload::accepted(TimeMs now_ms) {
  auto const& offer = offers_[random_.below(offers_.size())];
  auto const receiver = offer.giver == alfa ? beta : alfa;
  auto const counted = random_.percent(60) ? offer.quantity : 1 + random_.below(offer.quantity + 2);
  return record(
      receiver, now_ms,
      begin("ObjectEvent", receiver, drawn_) +
          R"(,"action":"OBSERVE","bizStep":"receiving","disposition":"in_progress","tally:handover":"accept")" +
          R"(,"tally:answers":")" + offer.event_id + "\"" + amount("quantityList", offer.lot, counted) +
          parties(offer.giver, receiver) + "}");
}

Draft Workload::goods(TimeMs now_ms) {
  auto const kind = random_.below(100);
  if (kind < 30) return record(beta, now_ms, produced());
  if (kind < 45) return record(alfa, now_ms, transformed());
  if (kind < 70 && !offers_.empty()) return accepted(now_ms);
  auto const text = offered();
  return record(offers_.back().giver, now_ms, text);
}

Draft Workload::sale(TimeMs now_ms) {
  auto const buyer = random_.percent(50) ? alfa : beta;
  auto const seller = buyer == alfa ? beta : alfa;
  if (sales_.empty() || random_.percent(30)) {
    ledger::EscrowOpen open;
    open.label = "sale " + std::to_string(drawn_);
    open.terms = sale_terms();
    open.parties =
        std::vector<ledger::RoleBinding>{{std::string("buyer"), party(buyer)}, {std::string("seller"), party(seller)}};
    auto out = sign(body(buyer, now_ms, {open}), {buyer});
    remember(sales_, {ledger::contract_id(out.id, 0), buyer});
    return out;
  }
  auto const& sale = sales_[random_.below(sales_.size())];
  bool const releases = random_.percent(45);
  ledger::EscrowAct act;
  act.contract = sale.contract;
  act.state = std::string(releases ? "held" : "open");
  act.value = releases ? 1 : 0;
  auto const actor = random_.percent(8) ? (sale.buyer == alfa ? beta : alfa) : sale.buyer;
  return sign(body(actor, now_ms, {act}), {actor});
}

}  // namespace sim
