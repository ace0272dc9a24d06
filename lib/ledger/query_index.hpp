// SPDX-License-Identifier: Apache-2.0
#pragma once

// Finding events by what they say (Space::query_index), for the query interface: kind ‖ text ‖ 00 ‖ log index (8 bytes,
// most significant first). Those of a block that share a text stand in one row, as long as their indexes have the same
// quotient by 256: its key names the first, its value the last bytes of the others, ascending. Events of a serial, lot
// or unit are found through their histories; here is everything else that queries begin with. An index follows from the
// blocks; nothing is proved by it.

#include "gs1/event.hpp"
#include "ledger/state.hpp"

namespace ledger {

enum class IndexKind : std::uint8_t {
  /// The text is the word in gs1/vocabulary.hpp's internal form.
  biz_step = 's',
  disposition = 'd',
  /// Canonical keys.
  read_point = 'r',
  biz_location = 'l',
  epc_class = 'c',
  transaction = 'x',
  transformation = 'f',
  /// "ObjectEvent" and so on.
  event_type = 't',
  /// An eventID that is not the event's own hash.
  event_id = 'i',
  /// Without a text: events that void another; events with sensor elements.
  error = 'e',
  sensors = 'm',
};

/// The texts of a block's events, and where they stand in the log.
class Postings {
 public:
  /// Log indexes ascend.
  void add(gs1::Event const& event, std::uint64_t log_index);
  /// Drops what was added from this index on.
  void forget_from(std::uint64_t log_index);
  /// Takes over what another has; its indexes come behind all here.
  void merge(Postings&& later);
  /// Writes the rows: once, at the end of the block.
  void write(Overlay& state) &&;

 private:
  /// By kind ‖ text.
  std::map<std::string, std::vector<std::uint64_t>> found_;
  /// Where the word that is looked up is put together.
  std::string word_;
};

/// Visits the log indexes of a text from `from` on, ascending, until the visitor returns false.
void scan_index(StateView const& state, IndexKind kind, std::string_view text, std::uint64_t from,
                std::function<bool(std::uint64_t)> const& visit);
/// The texts of a kind that sort after `after`, at most so many.
std::vector<std::string> indexed_texts(StateView const& state, IndexKind kind, std::string_view after, std::size_t max);
/// True when some event has that text.
bool is_indexed(StateView const& state, IndexKind kind, std::string_view text);

}  // namespace ledger
