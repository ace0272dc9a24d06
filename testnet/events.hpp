// SPDX-License-Identifier: Apache-2.0
#pragma once

// EPCIS 2.0 events as the parties of a journey write them: JSON-LD texts, nothing a partner's own system could not
// send.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/value.hpp"

namespace testnet {

/// Starts an event of this type at this time, in the zone ("+08:00").
class EventWriter {
 public:
  EventWriter(char const* type, base::TimeMs time_ms, std::string zone);

  EventWriter& text(std::string name, std::string value);
  EventWriter& texts(std::string name, std::vector<std::string> const& values);
  /// A quantity element: class or lot, decimal quantity, unit (empty for pieces).
  struct Quantity {
    std::string epc_class;
    std::string quantity;
    std::string unit;
  };
  EventWriter& quantities(std::string name, std::vector<Quantity> const& values);
  EventWriter& step(char const* biz_step, char const* disposition);
  /// readPoint and bizLocation by GLN; an empty location is left out.
  EventWriter& at(std::string const& read_point, std::string const& location);
  EventWriter& transaction(char const* type, std::string const& id);
  /// sourceList and destinationList by GLN: possession goes to the receiver, the giver's ownership to `new_owner`, or
  /// stays where that is empty.
  EventWriter& parties(std::string const& giver, std::string const& receiver, std::string const& new_owner = {});
  EventWriter& value(std::string name, base::Value value);
  std::string json() const;

 private:
  base::Value event_;
};

/// The context that our events need: EPCIS's own and the inline prefix tally.
std::string const& event_context();
/// One EPCISDocument around these events.
std::string document(std::vector<std::string> const& events, base::TimeMs created_ms);
/// The event hash of one of them: an offer's name, which its answer repeats.
std::string event_id(std::string const& event);

/// Digital Links.
std::string lot_link(std::string_view gtin, std::string_view lot);
std::string item_link(std::string_view gtin, std::string_view serial);
std::string class_link(std::string_view gtin);
std::string sscc_link(std::string_view sscc);
std::string shipment_link(std::string_view gln, std::string_view number);

}  // namespace testnet
