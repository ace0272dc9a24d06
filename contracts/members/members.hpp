// SPDX-License-Identifier: Apache-2.0
#pragma once

// Organisations, their keys, prefixes, sites, products, recipes and certificates.

#include "contracts/context.hpp"
#include "ledger/records.hpp"

namespace contracts::members {

Result<void> add_member(Context& context, ledger::AddMember const& operation, std::string const& field);
Result<void> grant_prefix(Context& context, ledger::GrantPrefix const& operation, std::string const& field);
Result<void> add_key(Context& context, ledger::KeyAdd const& operation, std::string const& field);
Result<void> revoke_key(Context& context, ledger::KeyRevoke const& operation, std::string const& field);
Result<void> add_site(Context& context, ledger::AddSite const& operation, std::string const& field);
Result<void> add_product(Context& context, ledger::AddProduct const& operation, std::string const& field);
Result<void> add_recipe(Context& context, ledger::AddRecipe const& operation, std::string const& field);
Result<void> issue_certificate(Context& context, ledger::IssueCertificate const& operation, std::string const& field);
Result<void> revoke_certificate(Context& context, ledger::RevokeCertificate const& operation, std::string const& field);
/// What contracts hear of a certificate that was just issued or revoked.
Fact certificate_fact(Context const& context, std::string_view number);
Result<void> set_quota(Context& context, ledger::SetQuota const& operation, std::string const& field);
Result<void> advance_time(Context& context, ledger::AdvanceTime const& operation, std::string const& field);

/// The party that holds the longest registered prefix of these digits (gs1 prefix_digits); nothing when nobody does.
std::optional<PartyId> prefix_holder(ledger::StateView const& state, std::string_view digits);
std::optional<ledger::MemberRecord> member(ledger::StateView const& state, PartyId const& party);
bool is_member(ledger::StateView const& state, PartyId const& party);
/// The stored key of a member's record, the subject of its history; the party must be a member.
ledger::Bytes member_key(ledger::StateView const& state, PartyId const& party);
/// A leaf of the operation in the member's history: its keys, sites, recipes and certificates are a story of their own.
void tell(Context& context, PartyId const& party, ledger::Operation const& operation);
/// The stored key of a recipe.
ledger::Bytes recipe_key(std::string_view site, std::string_view recipe);

}  // namespace contracts::members
