// SPDX-License-Identifier: Apache-2.0
#pragma once

// The rules, one for each kind of event. A rule either changes the state whole or returns an error, after which the
// caller drops what it changed.

#include "contracts/goods/job.hpp"

namespace contracts::goods {

// create.cpp
/// ObjectEvent ADD: lots by quantity, serials of a lot, empty units. Rules 1 and 7.
Result<void> commission(Job& job);
/// ObjectEvent DELETE: destroying, decommissioning.
Result<void> destroy(Job& job);

// transform.cpp
/// TransformationEvents of one transformationID in one operation, or one alone: rule 2 over all of them together, then
/// all inputs are used, then all outputs made. E_RECIPE_UNKNOWN, E_MASS_BALANCE, E_YIELD, E_SEGREGATION.
Result<void> transform(std::vector<Job*> const& jobs);

// pack.cpp
Result<void> pack(Job& job);
Result<void> unpack(Job& job);

// handover.cpp, accept.cpp
Result<void> offer(Job& job);
Result<void> accept(Job& job);
Result<void> reject(Job& job);
Result<void> withdraw(Job& job);

// border.cpp
/// True for what a firm in goods accounting receives from one that is not, as far as it can be counted.
bool is_intake(Job const& job);
/// Receives it: goods that went outside before come back, a lot from outside enters unrooted, without claim unless a
/// quota covers it.
Result<void> take_in(Job& job);

// sell.cpp
Result<void> sell(Job& job);
Result<void> take_back(Job& job);

// observe.cpp
/// Moves nothing; an arrival that the custodian signs tells the site, a recall that the brand signs sets the status of
/// the items and lots that it names.
Result<void> observe(Job& job);

// What rules share.

/// Brings a lot into being or adds to one of the same origin, maker and claim; E_ALREADY_COMMISSIONED, E_LIMIT.
struct NewStock {
  gs1::Key lot;
  Micro quantity = 0;
  Micro serialised = 0;
  ledger::LotOrigin origin = ledger::LotOrigin::produced;
  bool unrooted = false;
  std::string claim;
  PartyId maker;
  /// Under a mass balance: the part of the quantity without the claim.
  Micro unclaimed = 0;
};
Result<void> add_stock(Job& job, NewStock const& stock, std::string_view path);
/// Rule 1: what stands behind new goods. A claim consumes the quota of a certificate that the event names.
struct Source {
  bool unrooted = true;
  std::string claim;
};
Result<Source> source_of(Job& job, std::string_view gtin, Micro quantity, PartyId const& maker);
/// New serials of a lot that stand in this account: E_ALREADY_COMMISSIONED, E_UNKNOWN_GOODS for another product.
Result<void> add_items(Job& job, std::vector<gs1::Key> const& keys, gs1::Key const& lot, Account const& account,
                       std::string_view list);
/// The lot that `tally:lot` names for serials of this product.
Result<gs1::Key> lot_of_serials(Job const& job, gs1::Key const& serial);
/// The certificates that certificationInfo names, judged for this product, site, holder and day: E_CERT_UNKNOWN,
/// E_CERT_EXPIRED, E_CERT_SCOPE.
Result<std::vector<ledger::CertificateRecord>> certificates(Job const& job, std::string_view gtin,
                                                            PartyId const& holder);
/// Takes an item out of stock for good, out of its unit too.
void use_item(Job& job, gs1::Key const& key, HeldItem& item, ledger::GoodsStatus status, SerialMoves& moves,
              Leaving& leaving);
/// Takes a found quantity out of stock for good.
void use_quantity(Job& job, std::string_view gtin, std::vector<Taken> const& taken, Leaving& leaving);

/// Makes a unit mixed: what is inside knows its owner from now on, up the chain.
void mix_owners(Overlay& state, ledger::Uri const& unit);
/// Passes ownership of a unit and all inside from one party to another; returns micro-units that `from` does not own.
Micro pass_unit(Overlay& state, ledger::Uri const& unit, PartyId const& from, PartyId const& to);

}  // namespace contracts::goods
