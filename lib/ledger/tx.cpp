// SPDX-License-Identifier: Apache-2.0
#include "ledger/tx.hpp"

namespace ledger {

Hash contract_id(Hash const& transaction, std::uint16_t operation) {
  auto const index = base::encode(operation);
  return crypto::hash(crypto::Tag::contract, {transaction.view(), index});
}

}  // namespace ledger
