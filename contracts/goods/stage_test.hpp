// SPDX-License-Identifier: Apache-2.0
#pragma once

// A small world for the tests of goods: firms with keys, sites, products, recipes and certificates, and events as the
// JSON texts that partners send.

#include "contracts/goods/goods.hpp"
#include "contracts/goods/recount.hpp"
#include "ledger/goods.hpp"

namespace contracts::goods::test {

/// An amount of a class: link, decimal literal, unit of measure (empty: EA).
struct Amount {
  std::string link;
  std::string quantity;
  std::string uom;
};

/// One EPCIS event, written member by member.
class Text {
 public:
  Text(std::string_view type, std::string_view time);
  Text& word(std::string_view name, std::string_view value);
  Text& list(std::string_view name, std::vector<std::string> const& values);
  Text& amounts(std::string_view name, std::vector<Amount> const& values);
  /// A member whose value is JSON already.
  Text& raw(std::string_view name, std::string_view json);
  Text& step(std::string_view biz_step, std::string_view disposition = {});
  /// readPoint and bizLocation.
  Text& at(std::string_view site);
  Text& shipment(std::string_view number);
  /// sourceList and destinationList: possession, and ownership where `owners` is set.
  Text& parties(std::string_view from, std::string_view to,
                std::optional<std::pair<std::string, std::string>> const& owners = std::nullopt);
  std::string json() const { return text_ + "}"; }
  operator std::string() const { return json(); }

 private:
  std::string text_;
};

std::string lot(std::string_view gtin, std::string_view number);
std::string item(std::string_view gtin, std::string_view serial);
std::string unit(std::string_view sscc);
/// An SSCC under a company prefix of seven digits, with its check digit.
std::string new_unit(std::string_view prefix, unsigned number);
/// "S000001" … for GTIN `gtin`, `count` of them from `first` on.
std::vector<std::string> serials(std::string_view gtin, unsigned first, unsigned count);
/// The party GLN and a site's GLN of a firm by short name ("SERICA", "SERICA.FIN").
std::string gln(std::string_view name);
PartyId party(std::string_view name);
base::PartyKey key_of(std::string_view name);
/// The eventID of an event under the tests' context.
std::string event_id(std::string const& event);

struct Verdict {
  Code code = Code::done;
  std::string field;
  Recorded recorded;
};

/// The two halves of a handover; the offer names EPCs or amounts, the accept counts.
struct Handover {
  std::string from;
  std::string to;
  std::string site;
  std::vector<std::string> epcs;
  std::vector<Amount> counts;
  std::optional<std::pair<std::string, std::string>> owners = std::nullopt;
  std::string expires = {};
};
std::string offer_text(Handover const& handover, std::string_view time);
std::string accept_text(Handover const& handover, std::string_view time, std::string const& offer);

class Stage {
 public:
  Stage();

  /// Records events as one transaction of `actor`, cosigned by others, in a block of its own a minute after the latest
  /// event. What fails changes nothing.
  Verdict record(std::string_view actor, std::vector<std::string> const& events,
                 std::vector<std::string> const& cosigners = {},
                 ledger::RecordMode mode = ledger::RecordMode::rollback);
  /// The same under a document's own context.
  Verdict record_under(std::string_view context, std::string_view actor, std::vector<std::string> const& events,
                       std::vector<std::string> const& cosigners = {},
                       ledger::RecordMode mode = ledger::RecordMode::rollback);
  /// The same, which must succeed with every event recorded.
  Recorded must(std::string_view actor, std::vector<std::string> const& events,
                std::vector<std::string> const& cosigners = {});
  /// "CODE field" of what must fail; "" when it is done.
  std::string refusal(std::string_view actor, std::vector<std::string> const& events,
                      std::vector<std::string> const& cosigners = {});
  /// Offer and accept, both done. Returns the accept's facts.
  Recorded hand_over(Handover const& handover, std::string_view offered, std::string_view accepted);
  /// Runs an act on the state in a block of its own.
  void act(std::string_view actor, std::vector<ledger::Signer> signers,
           std::function<Result<void>(Context&)> const& act, std::string* refusal = nullptr);
  /// The same; returns "CODE field" of what it refuses, "" when it is done.
  std::string tried(std::string_view actor, std::vector<ledger::Signer> signers,
                    std::function<Result<void>(Context&)> const& act);
  /// More signers of the next record, by any key.
  void also_signs(ledger::Signer signer) { more_signers_.push_back(signer); }

  /// A firm's key may do no more than this from now on.
  void limit(std::string_view firm, ledger::Scope scope);
  /// Where a site lies, in degrees; until then all lie at one point.
  void place(std::string_view site, int latitude, int longitude);
  /// The alarms so far, as "kind subject detail".
  std::vector<std::string> alarms() const;
  /// The block of the next record is at this time instead.
  void block_at(std::string_view time);

  /// "MAASHUB/SERICA 1600, …" (custodian/owner and quantity, "!n" for disputed), by name.
  std::string balance(std::string_view lot) const;
  std::uint64_t leaves(std::string_view link) const;
  ledger::MemoryState const& state() const { return state_; }
  /// The diff of the last block.
  ledger::StateDiff const& changes() const { return changes_; }
  std::string audit() const { return recount(state_); }

 private:
  void found(std::string_view name, bool accounting, std::uint32_t roles);
  void make_world(Context& context);
  void close(ledger::Overlay& block);

  ledger::MemoryState state_;
  ledger::StateDiff changes_;
  ledger::Parameters parameters_;
  ledger::Height height_ = 0;
  TimeMs next_block_ms_ = 0;
  std::vector<ledger::Signer> more_signers_;
};

// The products of the world.
constexpr std::string_view cocoon = "09521002000016";
constexpr std::string_view raw_silk = "09521001000017";
constexpr std::string_view fabric = "09521001000024";
constexpr std::string_view scarf = "09521001000109";
constexpr std::string_view lint = "09521006000029";
constexpr std::string_view yarn = "09521007000011";
constexpr std::string_view cell = "09521013000012";
constexpr std::string_view watch = "09521012000105";
constexpr std::string_view refurbished = "09521012000112";

}  // namespace contracts::goods::test
