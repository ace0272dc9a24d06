// SPDX-License-Identifier: Apache-2.0
#pragma once

// The peaks of an append-only log, where the state keeps them (PeaksRecord).

#include "ledger/records.hpp"

namespace ledger {

/// Of a log that nothing was appended to yet: none.
inline crypto::Peaks load_peaks(StateView const& state, BytesView key) {
  auto record = load<PeaksRecord>(state, key).value_or(PeaksRecord{});
  return {record.count, std::move(record.hashes)};
}

inline void store_peaks(Overlay& state, BytesView key, crypto::Peaks peaks) {
  store(state, key, PeaksRecord{peaks.count, std::move(peaks.hashes)});
}

}  // namespace ledger
