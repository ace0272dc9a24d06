// SPDX-License-Identifier: Apache-2.0
// Every member of a file's `expect`, and of the variant's `sensor.expected`, against what the ledger came to.
#include <algorithm>

#include "testnet/performance.hpp"

namespace testnet {

using base::Result;
using base::Value;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

/// "M2" of "m2_paid_minor" and the like; empty for other names.
std::string milestone_in(std::string_view name) {
  auto const end = std::min(name.find('_'), name.size());
  bool const numbered = end > 1 && name[0] == 'm' && std::all_of(name.begin() + 1, name.begin() + end, is_digit);
  auto const rest = name.substr(end);
  if (!numbered || (rest != "_paid_minor" && rest != "_refund_minor")) return {};
  return "M" + std::string(name.substr(1, end - 1));
}

/// Who was paid what: it ends otherwise when somebody leads the journey elsewhere.
bool is_money(std::string_view name) {
  constexpr std::string_view names[] = {"paid_seller_minor", "refunded_buyer_minor", "paid_by_payee_minor",
                                        "paid_total_minor", "split"};
  return std::ranges::find(names, name) != std::end(names);
}

/// What is compared where it is read: the player's account and condition, the series and its formula.
bool is_read_elsewhere(std::string_view name) {
  constexpr std::string_view names[] = {"goods_account", "readings_per_sensor", "batches_per_sensor", "breach_minutes",
                                        "gap_minutes"};
  return std::ranges::find(names, name) != std::end(names);
}

std::string plain(base::i128 millionths) { return base::to_decimal_literal(millionths, 6); }

/// The decimals of a sentence, in order: "10,000 kg -> 3900 lint" has two, "M2" has none.
std::vector<base::i128> numbers_in(std::string_view text) {
  std::vector<base::i128> out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i]) || (i > 0 && is_word(text[i - 1]))) continue;
    auto const end = std::min(text.find_first_not_of("0123456789.,", i), text.size());
    std::string number(text.substr(i, end - i));
    while (!is_digit(number.back())) number.pop_back();
    std::erase(number, ',');
    if (auto const read = base::from_decimal_literal(number, 6)) out.push_back(*read);
    i = end;
  }
  return out;
}

class Comparer {
 public:
  Comparer(Expectation const& one, Performance& performance) : one_(one), performance_(performance) {}

  Result<Compared> run() {
    auto const& name = one_.name;
    if (name == "organic_chain") return chain();
    if (name == "max_c") {
      TRY_ASSIGN(auto const highest, performance_.condition("highest"));
      return decimals(highest);
    }
    if (!performance_.deal()) return wrong("the journey has no escrow");
    if (name == "paid_seller_minor") return of(performance_.money(deal().seller));
    if (name == "refunded_buyer_minor") return of(performance_.money(deal().buyer));
    if (name == "paid_by_payee_minor") return payees();
    if (name == "paid_total_minor") return of(paid());
    if (name == "split") return split();
    return name == "bps" ? share() : milestone();
  }

 private:
  Deal const& deal() const { return *performance_.deal(); }
  base::Error wrong(std::string detail) const { return {base::Code::E_FORM, one_.place, std::move(detail)}; }
  Result<Compared> of(Result<std::string> came) const {
    if (!came) return came.error();
    return Compared{one_.value.text, *came};
  }
  Result<Compared> decimals(std::string_view came) const {
    auto const expected = base::from_decimal_literal(one_.value.text, 6);
    auto const read = base::from_decimal_literal(came, 6);
    return Compared{expected ? plain(*expected) : one_.value.text, read ? plain(*read) : std::string(came)};
  }
  Result<ledger::Amount> amount(std::string const& code) const {
    TRY_ASSIGN(auto const came, performance_.money(code));
    return base::from_decimal(came).value_or(0);
  }

  /// What all got but the buyer.
  Result<std::string> paid() const {
    ledger::Amount sum = 0;
    std::vector<std::string> seen{deal().buyer};
    for (auto const& [role, code] : deal().parties) {
      if (std::ranges::find(seen, code) != seen.end()) continue;
      seen.push_back(code);
      TRY_ASSIGN(auto const one, amount(code));
      sum += one;
    }
    return base::to_decimal(sum);
  }

  Result<Compared> payees() const {
    Compared out;
    for (auto const& [code, value] : one_.value.members) {
      TRY_ASSIGN(auto const came, performance_.money(code));
      out.expected += code + " " + value.text + " ";
      out.came += code + " " + came + " ";
    }
    return out;
  }

  /// "LIVOLT 17,820,000 and HALDEN 4,455,000 of M2; rest CHRONO".
  Result<Compared> split() const {
    auto const& text = one_.value.text;
    Compared out;
    auto rest = static_cast<base::i128>(deal().total);
    std::string before;
    for (std::size_t i = 0; i < text.size();) {
      auto const end = std::min(text.find_first_of(" ;", i), text.size());
      auto const word = text.substr(i, end - i);
      i = end + 1;
      if (performance_.world().find(word) != nullptr) {
        TRY_ASSIGN(auto const came, performance_.money(word));
        auto const next = numbers_in(std::string_view(text).substr(std::min(i, text.size()), text.find(' ', i) - i));
        if (before != "rest" && next.empty()) return wrong("write CODE AMOUNT and CODE AMOUNT of M2; rest CODE");
        auto const share = before == "rest" ? rest : next.front() / 1'000'000;
        rest -= share;
        out.expected += word + " " + base::to_decimal_literal(share, 0) + " ";
        out.came += word + " " + came + " ";
      }
      before = word;
    }
    if (out.expected.empty()) return wrong("none of the file's orgs is named");
    return out;
  }

  /// "10000 kg seed cotton -> 3900 lint -> … -> 2340 kg tees (13000 x 0.180)": what was made under a claim, in
  /// kilograms, and what its pieces weigh.
  Result<Compared> chain() const {
    auto const& products = performance_.world().products;
    std::vector<base::i128> made;
    std::vector<base::i128> pieces;
    for (auto const& stock : performance_.story().stocks) {
      if (stock.claim.empty()) continue;
      TRY_ASSIGN(auto total, performance_.made(stock.link));
      if (stock.uom == "EA") {
        auto const product = std::ranges::find_if(
            products, [&](auto const& one) { return static_cast<std::string const&>(one.gtin) == stock.gtin; });
        base::i128 const mass = product == products.end() ? 0 : product->unit_mass_micro_kg;
        pieces.insert(pieces.end(), {total, mass});
        total = total / 1'000'000 * mass;
      }
      made.push_back(total);
    }
    made.insert(made.end(), pieces.begin(), pieces.end());
    Compared out;
    for (auto const number : numbers_in(one_.value.text)) out.expected += plain(number) + " ";
    for (auto const number : made) out.came += plain(number) + " ";
    return out;
  }

  /// What the seller got of the milestone that the readings price, when all others were paid in full.
  Result<std::pair<base::i128, ledger::Amount>> priced(std::string const& id) const {
    auto const found = deal().milestones.find(id);
    if (found == deal().milestones.end()) return wrong("escrow.milestones has no " + id);
    TRY_ASSIGN(auto const seller, amount(deal().seller));
    auto const others = deal().total - found->second;
    return std::pair(static_cast<base::i128>(seller) - static_cast<base::i128>(others), found->second);
  }

  Result<Compared> milestone() const {
    if (one_.name.ends_with("_refund_minor")) return of(performance_.money(deal().buyer));
    TRY_ASSIGN(auto const came, priced(milestone_in(one_.name)));
    return Compared{one_.value.text, base::to_decimal_literal(came.first, 0)};
  }

  Result<Compared> share() const {
    TRY_ASSIGN(auto const came, priced(deal().priced));
    auto const whole = static_cast<base::i128>(came.second);
    return Compared{one_.value.text, whole == 0 ? "0" : base::to_decimal_literal(came.first * 10'000 / whole, 0)};
  }

  Expectation const& one_;
  Performance& performance_;
};

/// The members of one object but those that something else reads; a name that nobody compares is refused.
Result<void> gather(Fields const& object, Fields const* variants, std::vector<Expectation>& out) {
  for (auto const& [name, value] : object.members()) {
    bool const of_variant = variants != nullptr && name.starts_with("variant_") && variants->has(name.substr(8));
    // A sentence about a variant, whose numbers stand with its readings.
    if (of_variant || is_read_elsewhere(name)) continue;
    bool const known = is_money(name) || name == "organic_chain" || name == "max_c" || name == "bps";
    if (!known && milestone_in(name).empty()) return object.error(name, "nothing here is compared with this");
    out.push_back({object.error(name, "").field, name, value.value()});
  }
  return {};
}

}  // namespace

Result<std::vector<Expectation>> expectations_of(Fields const& journey, std::string_view variant) {
  std::vector<Expectation> out;
  auto const sensor = journey.object("sensor");
  auto const variants = sensor ? sensor->object("expected") : sensor;
  if (journey.has("expect")) {
    TRY_ASSIGN(auto const expect, journey.object("expect"));
    TRY(gather(expect, variants ? &*variants : nullptr, out));
  }
  if (variant.empty() || !variants) return out;
  TRY_ASSIGN(auto const ours, variants->object(variant));
  TRY(gather(ours, nullptr, out));
  return out;
}

Result<void> Performance::check_expectations(Tell const& tell) {
  for (auto const& one : story_.expectations) {
    if (deal_ && deal_->otherwise && is_money(one.name)) continue;
    TRY_ASSIGN(auto const compared, Comparer(one, *this).run());
    say(tell, {compared.expected == compared.came, one.place, compared.expected, compared.came, nullptr});
  }
  return {};
}

}  // namespace testnet
