// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a page says beside a thing: short words with where they come from. Nothing here is a rule.

#include "ledger/goods_records.hpp"

namespace ledger {

struct Badge {
  /// unrooted, not_balanced, recalled, expired, customs_hold, disputed, certificate_revoked, claimed, warranty, or the
  /// name of an alarm about it.
  std::string word;
  /// The lot, unit, certificate or alarm that it comes from.
  std::string subject;
  /// Figures; "was valid when made" beside a revoked certificate.
  std::string detail;
};
/// The badges of a lot, item, unit or thing at block time `now_ms`, each once, at most 256. Lots upstream count too.
std::vector<Badge> badges_of(StateView const& state, std::string_view link, TimeMs now_ms);

}  // namespace ledger
