// SPDX-License-Identifier: Apache-2.0
#pragma once

// The events of a large file, one after another, without a tree of the whole: an EPCIS document of any length, a list
// of events, or one event or document a line.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace wallet {

constexpr std::size_t import_bytes_max = std::size_t{1} << 30;

struct FileEvent {
  /// The exact bytes.
  std::string_view bytes;
  /// Index into EventFile::contexts.
  std::size_t context = 0;
};

struct EventFile {
  /// The exact bytes of the contexts that stand outside the events; empty for none.
  std::vector<std::string> contexts;
  std::vector<FileEvent> events;
};

/// The views point into `text`. E_EVENT_FORM with the line or the field at which the file is no such thing; the events
/// themselves are not judged.
base::Result<EventFile> split_events(std::string_view text);

}  // namespace wallet
