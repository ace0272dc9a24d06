// SPDX-License-Identifier: Apache-2.0
#pragma once

// The peaks of an append-only log, where the state keeps them (PeaksRecord).

#include "ledger/records.hpp"

namespace ledger {

inline crypto::Peaks peaks_of(PeaksRecord record) { return {record.count, std::move(record.hashes)}; }
inline PeaksRecord record_of(crypto::Peaks peaks) { return {peaks.count, std::move(peaks.hashes)}; }

/// Of a log that nothing was appended to yet: none.
inline crypto::Peaks load_peaks(StateView const& state, BytesView key) {
  return peaks_of(load<PeaksRecord>(state, key).value_or(PeaksRecord{}));
}

inline void store_peaks(Overlay& state, BytesView key, crypto::Peaks peaks) {
  store(state, key, record_of(std::move(peaks)));
}

}  // namespace ledger
