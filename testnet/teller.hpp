// SPDX-License-Identifier: Apache-2.0
#pragma once

// Turns one event of a journeys file into what its parties sign. It keeps books of its own on what was made, packed and
// handed over, because the file names goods shortly ("SSCC", a lot by its number) and because the ledger's accounts are
// held against these books in the end. A copy tells what might have happened instead.

#include "testnet/events.hpp"
#include "testnet/story.hpp"

namespace testnet {

class Teller {
 public:
  /// `devices`: links of loggers by the ids that the file gives them.
  Teller(World const& world, std::string hs6, KeyOf const& key_of, std::map<std::string, std::string> devices)
      : world_(&world), hs6_(std::move(hs6)), key_of_(key_of), devices_(std::move(devices)) {}

  base::Result<Step> step(Fields const& event);

  std::vector<Stock> const& stocks() const { return stocks_; }
  std::vector<std::string> const& recalled() const { return recalled_; }

 private:
  /// What a unit holds: pieces or base units by lot, links of items and of units.
  struct Content {
    std::map<std::string, ledger::Micro> lots;
    std::vector<std::string> items;
    std::vector<std::string> units;
  };
  /// Goods as an event names them.
  struct Subject {
    std::vector<std::string> epcs;
    std::vector<EventWriter::Quantity> counts;
    std::map<std::string, ledger::Micro> lots;
  };
  using Told = base::Result<void>;

  /// What the member `title` says of who owns the goods afterwards.
  static void note_owner(Fields const& event, Subject const& goods, Step& out);
  Told produce(Fields const& event, Step& out);
  Told transform(Fields const& event, Step& out);
  Told refurbish(Fields const& event, Step& out);
  Told remove(Fields const& event, Step& out);
  Told move(Fields const& event, Step& out);
  Told inspect(Fields const& event, Step& out);
  Told aggregate(Fields const& event, Step& out);
  Told pack(Fields const& event, Step& out);
  Told handover(Fields const& event, Step& out);
  Told unpack(Fields const& event, Step& out);
  Told arrive(Fields const& event, Step& out);
  Told customs(Fields const& event, Step& out);
  Told sell(Fields const& event, Step& out);
  Told take_back(Fields const& event, Step& out);
  Told recall(Fields const& event, Step& out);

  EventWriter writer(char const* type, ledger::TimeMs time) const;
  std::string gln(std::string const& code) const { return world_->organisation(code).member.gln; }
  std::string document(std::string const& code, std::string const& kind, Step const& step) const;
  base::Result<std::vector<std::string>> signers(Fields const& event) const;
  base::Result<std::string> party(Fields const& event, std::string_view name) const;
  base::Result<Subject> subject(Fields const& event, std::string_view list) const;
  base::Result<Subject> inputs(Fields const& event) const;
  Subject units(std::vector<std::string> const& links) const;
  void count(Subject& subject) const;
  /// Links of the items that these serials or ranges name.
  base::Result<std::vector<std::string>> items(Fields const& event, std::vector<std::string> const& names) const;
  Stock* stock(std::string const& link);
  Stock const* stock(std::string const& link) const;
  base::Result<Stock*> make(Fields const& output, std::string const& claim, std::string const& owner);
  /// The lots of these items, a piece each.
  std::map<std::string, ledger::Micro> lots_of(std::vector<std::string> const& links) const;
  /// Writes quantities of lots from one name in the books to another; empty names none.
  void book(std::map<std::string, ledger::Micro> const& lots, std::string const& from, std::string const& to);
  void take_out(std::string const& item);
  void write(EventWriter& text, Subject const& subject) const;
  std::string new_unit(std::string const& parent);
  void add_claim(EventWriter& text, Fields const& event) const;
  void add_mode(EventWriter& text, Fields const& event) const;

  World const* world_;
  std::string hs6_;
  KeyOf key_of_;
  std::map<std::string, std::string> devices_;
  ledger::AddSite const* site_ = nullptr;
  std::vector<Stock> stocks_;
  /// Link of the lot by its number, and of a serial's item.
  std::map<std::string, std::string> lots_;
  std::map<std::string, std::string> items_;
  /// Lot of an item, by its link.
  std::map<std::string, std::string> item_lots_;
  std::map<std::string, Content> units_;
  std::map<std::string, unsigned> unit_numbers_;
  /// Which items a component went into.
  std::map<std::string, std::string> bound_;
  /// The unit that was packed last, and the goods that the file spoke of last.
  std::string unit_;
  Subject last_;
  /// Where a lot or unit was last.
  std::map<std::string, ledger::AddSite const*> where_;
  std::vector<std::string> recalled_;
};

}  // namespace testnet
