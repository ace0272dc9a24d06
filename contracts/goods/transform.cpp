// SPDX-License-Identifier: Apache-2.0
// Transformations: rule 2 (conservation), rule 3 (claims) and rule 10 (capacity).
#include "base/time.hpp"
#include "contracts/goods/alarm.hpp"
#include "contracts/goods/origin.hpp"
#include "contracts/goods/rules.hpp"
#include "contracts/goods/statement.hpp"
#include "contracts/members/members.hpp"

namespace contracts::goods {

namespace {

using base::u128;
using ledger::Space;

constexpr std::uint64_t million = 1'000'000;
/// Yields in a row that look made up: the same to the millionth, or within half a percent of the ceiling.
constexpr std::uint16_t alike_runs = 3;
constexpr std::uint32_t ceiling_share_ppm = 995'000;

/// What all events of the transformation share.
struct Batch {
  ledger::AddRecipe recipe;
  bool unbalanced = false;
  /// Serials get new labels, one for one.
  bool relabels = false;
  u128 in = 0;
  u128 out = 0;
  u128 loss = 0;
  std::optional<PartyId> custodian;
  std::set<PartyId> owners;
  /// What the inputs under each claim weigh; the empty claim is that of goods without one.
  std::map<std::string, u128> claims;
  /// Under a mass balance: what may still be claimed, as it weighs.
  std::map<std::string, u128> budgets;
  Sources sources;
  bool unrooted = false;
  bool weighs() const { return !unbalanced && !relabels; }
};

std::string_view outputs_path(Job const& job) {
  return job.event.output_quantities.empty() && !job.event.output_epcs.empty() ? "outputEPCList" : "outputQuantityList";
}

Result<ledger::AddRecipe> recipe_of(std::vector<Job*> const& jobs) {
  Job const& first = *jobs.front();
  std::string const& name = first.event.tally.recipe;
  for (auto const* job : jobs) {
    auto const& own = job->event.tally.recipe;
    if (own != name || job->site() != first.site()) {
      return job->error(Code::E_RECIPE_UNKNOWN, "tally:recipe", "one recipe and site for one transformationID");
    }
  }
  auto record = ledger::load<ledger::RecipeRecord>(first.state, members::recipe_key(first.site(), name));
  if (name.empty() || !record) {
    return first.error(Code::E_RECIPE_UNKNOWN, "tally:recipe",
                       "no recipe \"" + name + "\" at site " + std::string(first.site()));
  }
  return std::move(record->recipe);
}

/// What one micro-unit of a product weighs in the balance: micro-kilograms, or micro-pieces.
Result<Micro> weight_of(Job const& job, Batch const& batch, std::string_view gtin, std::string const& path) {
  if (!batch.weighs() || batch.recipe.balance == ledger::Balance::pieces) return Micro{1};
  TRY_ASSIGN(auto const product, product_of(job, gtin, path));
  if (product.unit_mass_micro_kg == 0) return job.error(Code::E_PRODUCT_UNKNOWN, path, "the product has no unit mass");
  return product.unit_mass_micro_kg;
}

/// Adds what a quantity of a product weighs in the balance.
Result<void> weigh(Job const& job, Batch const& batch, std::string_view gtin, Micro quantity,
                   std::vector<ledger::Gtin> const& allowed, u128& sum, std::string const& path) {
  if (std::find(allowed.begin(), allowed.end(), gtin) == allowed.end()) {
    return job.error(Code::E_RECIPE_UNKNOWN, path, "the recipe does not name product " + std::string(gtin));
  }
  TRY(product_of(job, gtin, path));
  TRY_ASSIGN(auto const unit, weight_of(job, batch, gtin, path));
  auto const total = base::add(sum, u128{quantity} * unit);
  if (!total) return job.error(Code::E_MASS_BALANCE, path, "beyond what can be weighed");
  sum = *total;
  return {};
}

Result<void> weigh_side(Job const& job, Batch const& batch, std::vector<gs1::QuantityElement> const& quantities,
                        std::vector<gs1::Key> const& epcs, std::vector<ledger::Gtin> const& allowed, u128& sum,
                        std::string const& side) {
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    auto const path = at(side + "QuantityList", i);
    TRY_ASSIGN(auto const quantity, base_quantity(job, quantities[i], path));
    TRY(weigh(job, batch, quantities[i].key.primary, quantity, allowed, sum, path));
  }
  std::map<std::string_view, std::pair<std::size_t, Micro>> serials;
  for (std::size_t i = 0; i < epcs.size(); ++i) {
    serials.try_emplace(epcs[i].primary, i, 0).first->second.second += piece;
  }
  for (auto const& [gtin, count] : serials) {
    TRY(weigh(job, batch, gtin, count.second, allowed, sum, at(side + "EPCList", count.first)));
  }
  return {};
}

Result<void> weigh_loss(Job const& job, Batch& batch) {
  if (!job.event.tally.loss) return {};
  bool const mass = batch.recipe.balance == ledger::Balance::mass;
  auto const& loss = *job.event.tally.loss;
  auto const quantity = convert(loss.quantity, loss.uom, mass ? "KGM" : "EA");
  if (!quantity) return job.error(Code::E_MASS_BALANCE, "tally:loss.tally:uom", mass ? "a mass" : "pieces");
  // Inputs and outputs are products of two micro-numbers, so a mass is brought to the same scale.
  batch.loss += u128{*quantity} * (mass ? million : 1);
  return {};
}

Result<void> judge_balance(Job const& first, Batch const& batch) {
  auto const path = outputs_path(first);
  auto const after = base::add(batch.out, batch.loss);
  if (batch.in == 0 || !after || *after != batch.in) {
    return first.error(Code::E_MASS_BALANCE, path, "inputs must equal outputs and loss");
  }
  auto const most = base::mul_div(batch.in, batch.recipe.yield_ppm, million, base::Round::down);
  if (most && batch.out > *most) {
    return first.error(Code::E_YIELD, path, "at most " + std::to_string(batch.recipe.yield_ppm) + " ppm of the input");
  }
  return {};
}

/// tally:unbalanced: as many pieces as before at most, by serial only; what comes out has no source to show.
Result<void> judge_unbalanced(std::vector<Job*> const& jobs) {
  std::size_t in = 0;
  std::size_t out = 0;
  for (auto const* job : jobs) {
    in += job->event.input_epcs.size();
    out += job->event.output_epcs.size();
    if (!job->event.output_quantities.empty() || !job->event.tally.unbalanced) {
      return job->error(Code::E_MASS_BALANCE, "tally:unbalanced", "serials for serials only");
    }
  }
  if (out > in) return jobs.front()->error(Code::E_MASS_BALANCE, "outputEPCList", "more serials than went in");
  return {};
}

/// One event without recipe that brings out as many serials of the same products as went in.
bool is_relabelling(std::vector<Job*> const& jobs) {
  auto const& event = jobs.front()->event;
  bool const serials = event.input_quantities.empty() && event.output_quantities.empty() && !event.input_epcs.empty() &&
                       event.input_epcs.size() == event.output_epcs.size();
  if (jobs.size() != 1 || !serials || !event.tally.recipe.empty() || event.tally.loss) return false;
  auto const& gtin = event.input_epcs.front().primary;
  auto const same = [&](gs1::Key const& key) { return key.primary == gtin && key.kind == gs1::KeyKind::item; };
  return std::all_of(event.input_epcs.begin(), event.input_epcs.end(), same) &&
         std::all_of(event.output_epcs.begin(), event.output_epcs.end(), same);
}

/// Rule 10, and the yields that look made up.
Result<void> judge_production(Job& first, std::vector<Job*> const& jobs, Batch const& batch) {
  u128 made = 0;
  for (auto const* job : jobs) {
    made += u128{job->event.output_epcs.size()} * piece;
    for (auto const& element : job->event.output_quantities) {
      TRY_ASSIGN(auto const quantity, base_quantity(*job, element, outputs_path(*job)));
      made += quantity;
    }
  }
  auto const key = ledger::state_key(Space::production, std::string(first.site()) + batch.recipe.recipe);
  auto record = ledger::load<ledger::ProductionRecord>(first.state, key).value_or(ledger::ProductionRecord{});
  auto const day = first.event.time_ms / base::day_ms;
  // A late report of an earlier day is held against that day's capacity alone.
  auto const before = record.day == day ? record.made : 0;
  auto const capacity = batch.recipe.capacity_a_day;
  if (capacity != 0 && before + made > capacity) {
    return first.error(Code::E_CAPACITY, outputs_path(first),
                       base::to_decimal_literal(static_cast<base::i128>(capacity), 6) + " a day");
  }
  auto const ppm =
      static_cast<std::uint32_t>(base::mul_div(batch.out, million, batch.in, base::Round::down).value_or(0));
  bool const high = u128{ppm} * million >= u128{batch.recipe.yield_ppm} * ceiling_share_ppm;
  auto const next = [](bool again, std::uint16_t count) {
    return static_cast<std::uint16_t>(again ? std::min(count + 1, 0xffff) : 0);
  };
  record.same = next(ppm == record.last_ppm, record.same);
  record.high = next(high, record.high);
  record.last_ppm = ppm;
  if (day >= record.day) {
    record.made = static_cast<Micro>(std::min<u128>(before + made, ~Micro{0}));
    record.day = day;
  }
  ledger::store(first.state, key, record);
  auto const site = "https://id.gs1.org/414/" + std::string(first.site());
  // Pieces for pieces have no variance to show.
  if (batch.recipe.balance == ledger::Balance::pieces) return {};
  if (record.same + 1 == alike_runs) {
    raise(first, ledger::AlarmKind::yield_without_variance, site, first.context.actor,
          "recipe " + batch.recipe.recipe + ", " + std::to_string(ppm) + " ppm three times");
  }
  if (record.high == alike_runs) {
    raise(first, ledger::AlarmKind::yield_at_ceiling, site, first.context.actor,
          "recipe " + batch.recipe.recipe + ", ceiling " + std::to_string(batch.recipe.yield_ppm) + " ppm");
  }
  return {};
}

Result<Batch> balanced(std::vector<Job*> const& jobs) {
  Batch batch;
  batch.unbalanced = jobs.front()->event.tally.unbalanced;
  batch.unrooted = batch.unbalanced;
  if (batch.unbalanced) {
    TRY(judge_unbalanced(jobs));
    return batch;
  }
  batch.relabels = is_relabelling(jobs);
  if (batch.relabels) return batch;
  TRY_ASSIGN(batch.recipe, recipe_of(jobs));
  for (auto const* job : jobs) {
    auto const& event = job->event;
    TRY(weigh_side(*job, batch, event.input_quantities, event.input_epcs, batch.recipe.inputs, batch.in, "input"));
    TRY(weigh_side(*job, batch, event.output_quantities, event.output_epcs, batch.recipe.outputs, batch.out, "output"));
    TRY(weigh_loss(*job, batch));
  }
  TRY(judge_balance(*jobs.front(), batch));
  TRY(judge_production(*jobs.front(), jobs, batch));
  return batch;
}

struct UsedInput {
  PartyId custodian;
  PartyId owner;
  Account const& account;
  std::string_view gtin;
  Micro quantity = 0;
};
Result<void> note_input(Job const& job, Batch& batch, UsedInput const& input, std::string const& path) {
  TRY(job.require(input.owner, Code::E_NOT_OWNER, path));
  if (batch.custodian && *batch.custodian != input.custodian) {
    return job.error(Code::E_NOT_CUSTODIAN, path, "one custodian transforms");
  }
  batch.custodian = input.custodian;
  batch.owners.insert(input.owner);
  TRY_ASSIGN(auto const unit, weight_of(job, batch, input.gtin, path));
  auto const weight = u128{input.quantity} * unit;
  batch.claims[input.account.claim] += weight;
  batch.sources.add(input.account.lot, weight, input.quantity);
  auto const lot = ledger::load<ledger::LotRecord>(job.state, Space::lot, input.account.lot);
  batch.unrooted = batch.unrooted || (lot && lot->unrooted);
  return {};
}

Result<void> use_inputs(Job& job, Batch& batch) {
  SerialMoves moves;
  Leaving leaving;
  auto const& event = job.event;
  for (std::size_t i = 0; i < event.input_epcs.size(); ++i) {
    auto const path = at("inputEPCList", i);
    TRY_ASSIGN(auto item, held_item(job, event.input_epcs[i], path));
    TRY(not_recalled(job, item, path));
    TRY(note_input(job, batch, {item.place.party, item.owner, item.account, item.record.gtin, piece}, path));
    use_item(job, event.input_epcs[i], item, ledger::GoodsStatus::consumed, moves, leaving);
  }
  for (std::size_t i = 0; i < event.input_quantities.size(); ++i) {
    auto const& element = event.input_quantities[i];
    auto const path = at("inputQuantityList", i);
    TRY_ASSIGN(auto const quantity, base_quantity(job, element, path));
    TRY(not_recalled(job, element.key.uri, path));
    Want want;
    want.lot = element.key.uri;
    want.quantity = quantity;
    want.owners_sign = true;
    want.packed_too = true;
    TRY_ASSIGN(auto const taken, find_quantity(job, want, path));
    for (auto const& part : taken) {
      TRY(note_input(job, batch, {part.place.party, part.owner, part.account, element.key.primary, part.quantity},
                     path));
    }
    use_quantity(job, element.key.primary, taken, leaving);
  }
  TRY(leaving.apply(job, event.input_epcs.empty() ? "inputQuantityList" : "inputEPCList"));
  moves.apply(job.state);
  return {};
}

/// How much of an output may carry the claim, of what the inputs bring under the scheme's model.
Result<Micro> claimable(Job const& job, Batch& batch, std::string const& claim, Micro quantity, Micro unit) {
  auto const segregated = [&] { return batch.claims.size() == 1 && batch.claims.begin()->first == claim; };
  switch (model_of(job.state, claim)) {
    case ledger::ClaimModel::mass_balance: {
      auto const carried = batch.claims.find(claim);
      if (carried == batch.claims.end()) break;
      auto const [budget, fresh] = batch.budgets.try_emplace(claim, 0);
      if (fresh) {
        budget->second = base::mul_div(carried->second, batch.recipe.yield_ppm, million, base::Round::down).value_or(0);
      }
      auto const claimed = std::min<u128>(quantity, budget->second / unit);
      budget->second -= claimed * unit;
      return static_cast<Micro>(claimed);
    }
    case ledger::ClaimModel::identity_preserved:
      if (segregated() && batch.sources.size() == 1) return quantity;
      break;
    default:
      if (segregated()) return quantity;
  }
  return job.error(Code::E_SEGREGATION, "tally:claim", "the inputs do not carry this claim");
}

/// The claim of an output: the inputs' own at most, under a certificate of the processor.
struct Claimed {
  std::string claim;
  Micro quantity = 0;
};
Result<Claimed> output_claim(Job const& job, Batch& batch, std::string_view gtin, Micro quantity, bool serials) {
  if (batch.relabels) {
    // The goods are what they were.
    return Claimed{batch.claims.size() == 1 ? batch.claims.begin()->first : std::string(), quantity};
  }
  auto const& claim = job.event.tally.claim;
  TRY_ASSIGN(auto const named, certificates(job, gtin, *batch.custodian));
  if (claim.empty()) return Claimed{{}, quantity};
  auto const speaks = [&](ledger::CertificateRecord const& record) {
    auto const scheme = scheme_of(job.state, record.certificate.scheme);
    bool const described = job.state.has(ledger::state_key(Space::scheme, record.certificate.scheme));
    return !described || scheme.claim == claim;
  };
  if (std::none_of(named.begin(), named.end(), speaks)) {
    return job.error(Code::E_CLAIM_UNSCOPED, "tally:claim", "no certificate is named for it");
  }
  if (batch.unbalanced) return job.error(Code::E_SEGREGATION, "tally:claim", "what comes out has no source to show");
  TRY_ASSIGN(auto const unit, weight_of(job, batch, gtin, "tally:claim"));
  TRY_ASSIGN(auto const claimed, claimable(job, batch, claim, quantity, unit));
  if (serials && claimed < quantity) {
    return job.error(Code::E_SEGREGATION, "tally:claim", "serials of one lot are claimed whole");
  }
  return Claimed{claim, claimed};
}

Result<Account> make_output(Job& job, Batch& batch, gs1::Key const& lot, Micro quantity, Micro serialised,
                            std::string const& path) {
  TRY_ASSIGN(auto const maker, creator_of(job, lot, path));
  TRY_ASSIGN(auto const claimed, output_claim(job, batch, lot.primary, quantity, serialised > 0));
  auto const owner = batch.owners.size() == 1 ? *batch.owners.begin() : maker.value_or(*batch.custodian);
  NewStock stock{lot,
                 quantity,
                 serialised,
                 ledger::LotOrigin::transformed,
                 batch.unrooted,
                 claimed.claim,
                 maker.value_or(*batch.custodian),
                 quantity - claimed.quantity};
  TRY(add_stock(job, stock, path));
  TRY_ASSIGN(auto const unit, weight_of(job, batch, lot.primary, path));
  batch.sources.write(job.state, lot.uri, u128{quantity} * unit, batch.weighs() ? batch.out : 0);
  Account const account{lot.uri, owner, ledger::AtSite{*batch.custodian, job.site()}, claimed.claim};
  auto const time_ms = serialised == 0 ? job.event.time_ms : 0;
  if (claimed.quantity > 0) credit(job.state, account, claimed.quantity, serialised, time_ms);
  if (stock.unclaimed > 0) {
    auto rest = account;
    rest.claim = std::string();
    credit(job.state, rest, stock.unclaimed, 0, time_ms);
  }
  return account;
}

Result<void> make_outputs(Job& job, Batch& batch) {
  auto const& event = job.event;
  for (std::size_t i = 0; i < event.output_quantities.size(); ++i) {
    auto const path = at("outputQuantityList", i);
    TRY_ASSIGN(auto const quantity, base_quantity(job, event.output_quantities[i], path));
    TRY(make_output(job, batch, event.output_quantities[i].key, quantity, 0, path + ".epcClass"));
  }
  if (event.output_epcs.empty()) return {};
  TRY_ASSIGN(auto const lot, lot_of_serials(job, event.output_epcs.front()));
  for (std::size_t i = 0; i < event.output_epcs.size(); ++i) {
    TRY(creator_of(job, event.output_epcs[i], at("outputEPCList", i)));
  }
  auto const quantity = static_cast<Micro>(event.output_epcs.size()) * piece;
  TRY_ASSIGN(auto const account, make_output(job, batch, lot, quantity, quantity, "outputEPCList[0]"));
  return add_items(job, event.output_epcs, lot, account, "outputEPCList");
}

/// tally:bind names a component that goes in and a product that comes out.
Result<void> judge_bindings(std::vector<Job*> const& jobs) {
  std::set<std::string_view> in;
  std::set<std::string_view> out;
  for (auto const* job : jobs) {
    for (auto const& key : job->event.input_epcs) in.insert(key.uri);
    for (auto const& key : job->event.output_epcs) out.insert(key.uri);
  }
  for (auto const* job : jobs) {
    auto const& bind = job->event.tally.bind;
    for (std::size_t i = 0; i < bind.size(); ++i) {
      if (in.contains(bind[i].component.uri) && out.contains(bind[i].product.uri)) continue;
      return job->error(Code::E_UNKNOWN_GOODS, at("tally:bind", i), "not of this transformation");
    }
  }
  return {};
}

/// Leads from components to products and back, for recalls. A serial that became another one is bound to it.
void write_bindings(std::vector<Job*> const& jobs, Batch const& batch) {
  auto const bind = [](Overlay& state, std::string_view component, std::string_view product) {
    state.put(ledger::pair_key(Space::bind, component, product), {});
    state.put(ledger::pair_key(Space::bound, product, component), {});
  };
  for (auto* job : jobs) {
    auto const& event = job->event;
    for (auto const& pair : event.tally.bind) bind(job->state, pair.component.uri, pair.product.uri);
    bool const one_to_one = !batch.weighs() && event.tally.bind.empty();
    if (!one_to_one || event.input_epcs.size() != event.output_epcs.size()) continue;
    for (std::size_t i = 0; i < event.input_epcs.size(); ++i) {
      bind(job->state, event.input_epcs[i].uri, event.output_epcs[i].uri);
    }
  }
}

}  // namespace

Result<void> transform(std::vector<Job*> const& jobs) {
  TRY_ASSIGN(auto batch, balanced(jobs));
  TRY(judge_bindings(jobs));
  for (auto* job : jobs) TRY(use_inputs(*job, batch));
  if (!batch.custodian) return jobs.front()->error(Code::E_MASS_BALANCE, outputs_path(*jobs.front()), "no inputs");
  for (auto* job : jobs) TRY(make_outputs(*job, batch));
  write_bindings(jobs, batch);
  return {};
}

}  // namespace contracts::goods
