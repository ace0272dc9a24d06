// SPDX-License-Identifier: Apache-2.0
#pragma once

// From which lots a lot was made, and how much of each: what origin, carbon and recalls are computed from.

#include "contracts/goods/job.hpp"
#include "ledger/goods_records.hpp"

namespace contracts::goods {

/// The input lots of one transformation.
class Sources {
 public:
  void add(std::string const& lot, base::u128 weight, Micro quantity);
  std::size_t size() const { return lots_.size(); }
  /// Gives an output its part of every input, by weight; with `all` zero, every output all of them.
  void write(Overlay& state, std::string const& output, base::u128 part, base::u128 all) const;

 private:
  std::map<std::string, ledger::SourceRecord> lots_;
};

}  // namespace contracts::goods
