// SPDX-License-Identifier: Apache-2.0
#include "ledger/records.hpp"

namespace ledger {

Bytes goods_key(std::string_view lot, PartyId const& owner, Holder const& holder, std::string_view claim) {
  Bytes key = state_key(Space::goods, tree_key(Space::lot, lot).view());
  base::append(key, owner.view());
  base::append(key, crypto::hash_of(crypto::Tag::key, holder).view());
  base::append(key, crypto::hash(crypto::Tag::key, {base::bytes_of(claim)}).view());
  return key;
}

}  // namespace ledger
