// SPDX-License-Identifier: Apache-2.0
// Transformations: rule 2 (conservation) and the part of rule 3 that one claim for a lot needs.
#include "contracts/goods/rules.hpp"
#include "contracts/members/members.hpp"

namespace contracts::goods {

namespace {

using base::u128;
using ledger::Space;

constexpr std::uint64_t million = 1'000'000;

/// What all events of the transformation share.
struct Batch {
  ledger::AddRecipe recipe;
  bool unbalanced = false;
  u128 in = 0;
  u128 out = 0;
  u128 loss = 0;
  std::optional<PartyId> custodian;
  std::set<PartyId> owners;
  std::set<std::string> claims;
  bool unrooted = false;
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

/// Adds what a quantity of a product weighs in the balance: micro-kilograms a micro-unit, or micro-pieces.
Result<void> weigh(Job const& job, Batch const& batch, std::string_view gtin, Micro quantity,
                   std::vector<ledger::Gtin> const& allowed, u128& sum, std::string const& path) {
  if (std::find(allowed.begin(), allowed.end(), gtin) == allowed.end()) {
    return job.error(Code::E_RECIPE_UNKNOWN, path, "the recipe does not name product " + std::string(gtin));
  }
  TRY_ASSIGN(auto const product, product_of(job, gtin, path));
  u128 weight = quantity;
  if (batch.recipe.balance == ledger::Balance::mass) {
    if (product.unit_mass_micro_kg == 0)
      return job.error(Code::E_PRODUCT_UNKNOWN, path, "the product has no unit mass");
    weight *= product.unit_mass_micro_kg;
  }
  auto const total = base::add(sum, weight);
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

Result<Batch> balanced(std::vector<Job*> const& jobs) {
  Batch batch;
  batch.unbalanced = jobs.front()->event.tally.unbalanced;
  batch.unrooted = batch.unbalanced;
  if (batch.unbalanced) {
    TRY(judge_unbalanced(jobs));
    return batch;
  }
  TRY_ASSIGN(batch.recipe, recipe_of(jobs));
  for (auto const* job : jobs) {
    auto const& event = job->event;
    TRY(weigh_side(*job, batch, event.input_quantities, event.input_epcs, batch.recipe.inputs, batch.in, "input"));
    TRY(weigh_side(*job, batch, event.output_quantities, event.output_epcs, batch.recipe.outputs, batch.out, "output"));
    TRY(weigh_loss(*job, batch));
  }
  TRY(judge_balance(*jobs.front(), batch));
  return batch;
}

Result<void> note_input(Job const& job, Batch& batch, PartyId const& custodian, PartyId const& owner,
                        Account const& account, std::string const& path) {
  TRY(job.require(owner, Code::E_NOT_OWNER, path));
  if (batch.custodian && *batch.custodian != custodian) {
    return job.error(Code::E_NOT_CUSTODIAN, path, "one custodian transforms");
  }
  batch.custodian = custodian;
  batch.owners.insert(owner);
  batch.claims.insert(account.claim);
  auto const lot = ledger::load<ledger::LotRecord>(job.state, Space::lot, account.lot);
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
    TRY(note_input(job, batch, item.place.party, item.owner, item.account, path));
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
    for (auto const& part : taken) TRY(note_input(job, batch, part.place.party, part.owner, part.account, path));
    use_quantity(job, element.key.primary, taken, leaving);
  }
  TRY(leaving.apply(job, event.input_epcs.empty() ? "inputQuantityList" : "inputEPCList"));
  moves.apply(job.state);
  return {};
}

/// The claim of the outputs: the inputs' own at most, under a certificate of the processor.
Result<std::string> output_claim(Job const& job, Batch const& batch, std::string_view gtin) {
  auto const& claim = job.event.tally.claim;
  TRY_ASSIGN(auto const named, certificates(job, gtin, *batch.custodian));
  if (claim.empty()) return std::string();
  if (named.empty()) return job.error(Code::E_CLAIM_UNSCOPED, "tally:claim", "no certificate is named for it");
  if (batch.unbalanced || batch.claims != std::set<std::string>{claim}) {
    return job.error(Code::E_SEGREGATION, "tally:claim", "not all inputs are claimed under this scheme");
  }
  return claim;
}

Result<Account> make_output(Job& job, Batch const& batch, gs1::Key const& lot, Micro quantity, Micro serialised,
                            std::string const& path) {
  TRY_ASSIGN(auto const maker, creator_of(job, lot, path));
  TRY_ASSIGN(auto const claim, output_claim(job, batch, lot.primary));
  auto const owner = batch.owners.size() == 1 ? *batch.owners.begin() : maker.value_or(*batch.custodian);
  NewStock const stock{lot,
                       quantity,
                       serialised,
                       ledger::LotOrigin::transformed,
                       batch.unrooted,
                       claim,
                       maker.value_or(*batch.custodian)};
  TRY(add_stock(job, stock, path));
  Account const account{lot.uri, owner, ledger::AtSite{*batch.custodian, job.site()}, claim};
  credit(job.state, account, quantity, serialised, serialised == 0 ? job.event.time_ms : 0);
  return account;
}

Result<void> make_outputs(Job& job, Batch const& batch) {
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

}  // namespace

Result<void> transform(std::vector<Job*> const& jobs) {
  TRY_ASSIGN(auto batch, balanced(jobs));
  TRY(judge_bindings(jobs));
  for (auto* job : jobs) TRY(use_inputs(*job, batch));
  if (!batch.custodian) return jobs.front()->error(Code::E_MASS_BALANCE, outputs_path(*jobs.front()), "no inputs");
  for (auto* job : jobs) TRY(make_outputs(*job, batch));
  return {};
}

}  // namespace contracts::goods
