// SPDX-License-Identifier: Apache-2.0
#include "ledger/tx.hpp"

namespace ledger {

Operation::Operation() = default;
Operation::Operation(Operation const&) = default;
Operation::Operation(Operation&&) noexcept = default;
Operation& Operation::operator=(Operation const&) = default;
Operation& Operation::operator=(Operation&&) noexcept = default;
Operation::~Operation() = default;
bool Operation::operator==(Operation const& other) const {
  return static_cast<OperationVariant const&>(*this) == static_cast<OperationVariant const&>(other);
}

Hash contract_id(Hash const& transaction, std::uint16_t operation) {
  auto const index = base::encode(operation);
  return crypto::hash(crypto::Tag::contract, {transaction.view(), index});
}

}  // namespace ledger

template void base::Writer::put(ledger::Operation const& value);
template void base::Reader::get(ledger::Operation& value);
template base::Value base::view(ledger::Operation const& value);
template base::Result<void> base::detail::read_into(ledger::Operation& out, base::Value const& value,
                                                    std::string const& path, bool tagged);
