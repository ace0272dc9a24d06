// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who acts in the workload.

#include <array>

#include "crypto/party.hpp"
#include "ledger/state.hpp"

namespace sim {

struct Firm {
  std::string_view name;
  std::string_view gln;
  ledger::Role role;
  /// Where its goods are; empty for firms without goods.
  std::string_view site;
};
/// The first issues the asset; the brands keep goods accounts, under the first seven digits of their GLNs.
constexpr std::array<Firm, 4> firms = {{{"BANK", "9521020000005", ledger::Role::issuer, {}},
                                        {"ALFA", "9521001000000", ledger::Role::brand, "9521001000017"},
                                        {"BETA", "9521002000009", ledger::Role::brand, "9521002000016"},
                                        {"CERT", "9521015000003", ledger::Role::certifier, {}}}};
/// BETA makes the first, ALFA the second out of it.
constexpr std::string_view raw_gtin = "09521002000016";
constexpr std::string_view cloth_gtin = "09521001000017";
constexpr std::string_view certificate_number = "CERT-1";
constexpr std::string_view recipe_name = "weave";

constexpr std::size_t certifier = 3;

/// No firm: who may put a test clock forward.
constexpr std::size_t clock_keeper = firms.size();

inline base::PartyId party(std::size_t firm) {
  return firm == clock_keeper ? base::PartyId() : ledger::party_id(firms[firm].gln);
}
inline crypto::PartySecret secret(std::size_t firm) {
  auto const name = firm == clock_keeper ? "CLOCK" : firms[firm].name;
  return {crypto::sha256(base::bytes_of(name)).bytes};
}
inline base::PartyKey key(std::size_t firm) { return crypto::party_key(secret(firm)).value(); }

}  // namespace sim
