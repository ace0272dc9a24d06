// SPDX-License-Identifier: Apache-2.0
#pragma once

// The view tree of one event: how a consumer is shown the event and the own serial, but not its 1,999 sisters. RFC 6962
// over the leaves [head, entry 1, …, entry n].
//
// head: the event's exact bytes in which the value of each top-level member epcList, childEPCs, inputEPCList,
// outputEPCList and
//       tally:bind that is an array is replaced by the two bytes "[]".
// entry: canonical bytes of ViewEntry below. Its first byte is the number of the list, always below 0x20, so it is
// never a head,
//       which begins with "{" (0x7b):
//         1 byte   list: 0 epcList, 1 childEPCs, 2 inputEPCList, 3 outputEPCList, 4 tally:bind
//         4 bytes  index in that list as submitted, little endian
//         ULEB128  number of links (1; for tally:bind 2, component then product)
//         each     ULEB128 length in bytes, then the canonical Digital Link (or private URI) in UTF-8
// Entries stand in the order of list number, then index, whatever the order of members in the JSON.

#include "base/codec.hpp"
#include "crypto/merkle.hpp"
#include "gs1/identifier.hpp"

namespace gs1 {

struct ViewEntry {
  std::uint8_t list = 0;
  std::uint32_t index = 0;
  base::List<base::Text<key_bytes_max>, 2> links;

  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("list", self.list);
    visit("index", self.index);
    visit("links", self.links);
  }
  bool operator==(ViewEntry const&) const = default;
};

struct EventView {
  base::Bytes head;
  std::vector<ViewEntry> entries;

  /// Leaf hashes (RFC 6962): the head, then the entries.
  std::vector<base::Hash> leaves() const;
};

struct ViewRoot {
  base::Hash root;
  /// 1 + number of entries.
  std::uint32_t size = 1;
  bool operator==(ViewRoot const&) const = default;
};

/// E_EVENT_FORM and E_CHECK_DIGIT as in read_event; an event that read_event accepted always has a view.
base::Result<EventView> view_of(base::BytesView event);
ViewRoot view_root(EventView const& view);
/// For a payload that is no event (an operation's bytes): the one leaf.
ViewRoot view_root_of_bytes(base::BytesView payload);

}  // namespace gs1
