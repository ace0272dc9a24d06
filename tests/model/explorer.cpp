// SPDX-License-Identifier: Apache-2.0
#include "explorer.hpp"

#include <algorithm>
#include <bit>

#include "crypto/hash.hpp"

namespace explore {

using namespace consensus;

namespace {

constexpr std::uint64_t states_max = 20'000'000;
/// Of the states of validators that are reached in a second way, one in so many is compared.
constexpr std::uint64_t compared_every = 64;

/// Numbers of events: a certificate for each ballot, then the proposals.
constexpr std::size_t timeout_event = 2 * bits_max;
constexpr std::size_t crash_event = timeout_event + 1;
constexpr std::size_t events_max = crash_event + 1;

constexpr std::uint32_t unknown = ~std::uint32_t{0};
constexpr unsigned part_bits = 21;

/// Open addressing; keys are never zero.
class KeySet {
 public:
  bool insert(std::uint64_t key) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    if (!place(key)) return false;
    ++count_;
    return true;
  }
  std::uint64_t size() const { return count_; }

 private:
  bool place(std::uint64_t key) {
    auto const mask = slots_.size() - 1;
    for (auto at = key * 0x9e3779b97f4a7c15 >> 20 & mask;; at = (at + 1) & mask) {
      if (slots_[at] == key) return false;
      if (slots_[at] == 0) {
        slots_[at] = key;
        return true;
      }
    }
  }
  void grow() {
    std::vector<std::uint64_t> old(std::max<std::size_t>(1 << 16, 2 * slots_.size()));
    old.swap(slots_);
    for (auto const key : old) {
      if (key != 0) place(key);
    }
  }
  std::vector<std::uint64_t> slots_;
  std::uint64_t count_ = 0;
};

struct Part {
  Party party;
  std::string wrong;
  std::array<std::uint32_t, events_max> next;
};

struct Frame {
  std::uint64_t key;
  /// Who acted last.
  std::size_t who = 0;
  std::vector<Frame> successors;
};

class Explorer {
 public:
  explicit Explorer(Setup const& setup) : setup_(setup), registry_(setup.mutants) {
    liar_ = registry_.leaders.of(setup.liar == Liar::leads_first ? 1 : setup.liar == Liar::leads_second ? 2 : 3);
    for (Place place = 0; place < validators; ++place) {
      if (place != liar_) places_.push_back(place);
    }
  }

  Report run() {
    std::uint64_t first = 0;
    for (std::size_t i = 0; i < honest_count; ++i) {
      Party party(registry_, places_[i]);
      party.start();
      first |= part_key(i, enter(i, std::move(party)));
    }
    invent_proposals();
    std::vector<Frame> stack;
    if (visit({first, 0, {}}, stack)) walk(stack);
    report_.states = seen_.size();
    for (auto const& parts : parts_) report_.parts += parts.size();
    return report_;
  }

 private:
  /// Numbers begin with one, so that no key is zero.
  static std::uint64_t part_key(std::size_t i, std::uint32_t number) {
    return (std::uint64_t{number} + 1) << (part_bits * i);
  }
  static std::uint32_t number_of(std::uint64_t key, std::size_t i) {
    return static_cast<std::uint32_t>(key >> (part_bits * i) & ((1u << part_bits) - 1)) - 1;
  }
  Part const& part(std::uint64_t key, std::size_t i) const { return parts_[i][number_of(key, i)]; }

  /// The liar's proposals: two on genesis, or one on genesis and one on what the honest leader of the first view
  /// proposes.
  void invent_proposals() {
    if (setup_.liar == Liar::follows) return;
    View const view = setup_.liar == Liar::leads_first ? 1 : 2;
    std::vector<Block const*> parents{nullptr};
    for (auto const& [hash, block] : registry_.blocks()) parents.push_back(block.get());
    std::vector<Block> blocks;
    for (auto const* parent : parents) {
      for (std::uint64_t variant = view == 1 ? 2 : 1; variant > 0; --variant) {
        Block block;
        block.payload = base::encode(variant);
        block.header = {1,
                        registry_.config.chain,
                        registry_.config.epoch,
                        view,
                        parent != nullptr ? parent->header.height + 1 : 1,
                        parent != nullptr ? parent->header.hash() : registry_.genesis.block,
                        (parent != nullptr ? parent->header.time_ms : registry_.genesis.time_ms) + 1,
                        liar_,
                        crypto::sha256(block.payload),
                        1,
                        static_cast<std::uint32_t>(block.payload.size()),
                        {}};
        blocks.push_back(std::move(block));
      }
    }
    for (auto const& block : blocks) invented_ |= Bits{1} << registry_.proposal(registry_.propose(block));
  }

  std::uint32_t enter(std::size_t i, Party party) {
    auto const [at, is_new] = numbers_[i].emplace(party.key(), static_cast<std::uint32_t>(parts_[i].size()));
    if (!is_new) return at->second;
    CHECK(parts_[i].size() + 2 < (1u << part_bits));
    Part made{std::move(party), {}, {}};
    made.wrong = made.party.double_vote();
    if (made.party.halted && !setup_.diverges) made.wrong = "fork: an honest validator saw it and stopped";
    made.next.fill(unknown);
    parts_[i].push_back(std::move(made));
    return at->second;
  }

  Party after(Party party, std::size_t event) {
    if (event == timeout_event) {
      party.time_out();
    } else if (event == crash_event) {
      ++party.crashes;
      party.restart(setup_.diverges ? 1 : 0);
    } else if (event < bits_max) {
      party.receive(Certificates{{registry_.certificate(registry_.ballots()[event], liar_)}}, liar_);
    } else {
      auto const propose = registry_.proposals()[event - bits_max];
      party.receive(propose, propose.block.header.proposer);
    }
    return party;
  }

  std::uint32_t next(std::size_t i, std::uint32_t number, std::size_t event) {
    auto const known = parts_[i][number].next[event];
    if (known != unknown) return known;
    auto party = after(parts_[i][number].party, event);
    auto const before = parts_[i].size();
    // Kept for the comparison: another way to the same state.
    auto const copy = party;
    auto const found = enter(i, std::move(party));
    parts_[i][number].next[event] = found;
    if (found < before && ++reached_again_ % compared_every == 0) compare(i, found, copy);
    return found;
  }

  /// Two validators with the same key act alike, as far as the one of them has acted.
  void compare(std::size_t i, std::uint32_t number, Party const& other) {
    ++report_.compared;
    for (std::size_t event = 0; event < events_max; ++event) {
      auto const known = parts_[i][number].next[event];
      if (known != unknown) CHECK(after(other, event).key() == parts_[i][known].party.key());
    }
  }

  /// Ballots for which a certificate can be made: the liar signs everything.
  Bits certified(std::uint64_t key) {
    auto const a = part(key, 0).party.ballots, b = part(key, 1).party.ballots, c = part(key, 2).party.ballots;
    return (a & b) | (a & c) | (b & c);
  }

  /// What can happen to a validator: the certificates and proposals that there are, timeouts, and perhaps a crash.
  struct Possible {
    Bits certificates = 0, proposals = 0;
    bool crash = false;
    auto operator<=>(Possible const&) const = default;
  };

  Possible possible(std::uint64_t key) {
    Possible out{certified(key), invented_, false};
    unsigned crashes = 0;
    for (std::size_t i = 0; i < honest_count; ++i) {
      out.proposals |= part(key, i).party.proposals;
      crashes += part(key, i).party.crashes;
    }
    out.crash = crashes < setup_.crashes_max;
    return out;
  }

  std::vector<std::size_t> events(Part const& at, Possible const& now) const {
    std::vector<std::size_t> out;
    if (at.party.halted) return out;
    for (auto rest = now.certificates; rest != 0; rest &= rest - 1)
      out.push_back(static_cast<std::size_t>(std::countr_zero(rest)));
    for (auto rest = now.proposals; rest != 0; rest &= rest - 1)
      out.push_back(bits_max + static_cast<std::size_t>(std::countr_zero(rest)));
    if (at.party.view() <= views_max) out.push_back(timeout_event);
    if (now.crash && at.party.crashes == 0) out.push_back(crash_event);
    return out;
  }

  /// What a validator does becomes visible when it says something. What happens to it before that can as well happen
  /// right before that, because nothing that was said ever goes away: so a step of the walk is any number of events of
  /// one validator, the last of which makes it say something.
  static bool is_visible(Part const& before, Part const& after) {
    return before.party.ballots != after.party.ballots || before.party.proposals != after.party.proposals ||
           before.party.halted != after.party.halted || before.wrong != after.wrong;
  }

  /// The states right after a validator says something next, each with the event and the state before.
  struct Reached {
    std::uint32_t number, from;
    std::size_t event;
  };
  struct Reach {
    std::vector<Reached> silent, visible;
  };
  Reach const& reach(std::size_t i, std::uint32_t number, Possible const& now) {
    auto const [at, is_new] = reaches_[i].try_emplace({number, now});
    auto& out = at->second;
    if (!is_new) return out;
    std::set<std::uint32_t> met{number};
    out.silent.push_back({number, number, 0});
    for (std::size_t done = 0; done < out.silent.size(); ++done) {
      auto const here = out.silent[done].number;
      for (auto const event : events(parts_[i][here], now)) {
        auto const there = next(i, here, event);
        ++report_.transitions;
        if (!met.insert(there).second) continue;
        (is_visible(parts_[i][here], parts_[i][there]) ? out.visible : out.silent).push_back({there, here, event});
      }
    }
    return out;
  }

  std::vector<Frame> successors(std::uint64_t key) {
    std::vector<Frame> out;
    auto const now = possible(key);
    auto const mask = (std::uint64_t{1} << part_bits) - 1;
    for (std::size_t i = 0; i < honest_count; ++i) {
      for (auto const& there : reach(i, number_of(key, i), now).visible)
        out.push_back({(key & ~(mask << (part_bits * i))) | part_key(i, there.number), i, {}});
    }
    return out;
  }

  void update_conflicts() {
    auto const& ballots = registry_.ballots();
    if (conflicts_.size() == ballots.size()) return;
    conflicts_.assign(ballots.size(), 0);
    for (std::size_t i = 0; i < ballots.size(); ++i) {
      for (std::size_t j = 0; j < ballots.size(); ++j) {
        if (conflict(ballots[i], ballots[j])) conflicts_[i] |= Bits{1} << j;
      }
    }
  }

  bool conflict(Ballot const& first, Ballot const& second) const {
    if (first.kind != VoteKind::finalize) return false;
    if (second.kind == VoteKind::nullify) return first.view == second.view;
    if (second.kind != VoteKind::finalize) return false;
    auto const histories = std::pair(registry_.history(first), registry_.history(second));
    for (auto const& [height, said] : histories.first) {
      auto const other = histories.second.find(height);
      if (other != histories.second.end() && other->second != said) return true;
    }
    return false;
  }

  std::string wrong_at(std::uint64_t key) {
    update_conflicts();
    auto const final = certified(key);
    for (auto rest = final; rest != 0; rest &= rest - 1) {
      auto const i = static_cast<std::size_t>(std::countr_zero(rest));
      auto const with = conflicts_[i] & final;
      if (with == 0) continue;
      auto const& other = registry_.ballots()[static_cast<std::size_t>(std::countr_zero(with))];
      if (other.kind == VoteKind::finalize) return "fork: " + say(i) + " beside " + say(registry_.ballot(other));
      if (setup_.expected.empty()) return "both certificates of a view: " + say(i);
    }
    for (std::size_t i = 0; i < honest_count; ++i) {
      auto const& wrong = part(key, i).wrong;
      if (!wrong.empty() && wrong.starts_with(setup_.expected)) return wrong;
    }
    return "";
  }

  /// False when the walk is over.
  bool visit(Frame frame, std::vector<Frame>& stack) {
    if (!seen_.insert(frame.key)) return true;
    report_.finding = wrong_at(frame.key);
    report_.cut = seen_.size() >= states_max;
    frame.successors = successors(frame.key);
    stack.push_back(std::move(frame));
    if (report_.finding.empty() && !report_.cut) return true;
    for (std::size_t step = 1; step < stack.size(); ++step) describe(stack[step - 1].key, stack[step]);
    return false;
  }

  void walk(std::vector<Frame>& stack) {
    while (!stack.empty()) {
      auto& rest = stack.back().successors;
      if (rest.empty()) {
        stack.pop_back();
        continue;
      }
      auto const next = std::move(rest.back());
      rest.pop_back();
      if (!visit(next, stack)) return;
    }
  }

  std::string say(std::size_t number) const {
    auto const& ballot = registry_.ballots()[number];
    std::string out(enum_names(VoteKind())[static_cast<std::size_t>(ballot.kind)]);
    out += " of view " + std::to_string(ballot.view);
    if (ballot.kind != VoteKind::nullify) out += ", block " + ballot.block.hex().substr(0, 6);
    if (ballot.kind == VoteKind::finalize) out += ", result " + ballot.result.hex().substr(0, 6);
    return out;
  }
  /// Adds to the report how the one that acted came from there to here.
  void describe(std::uint64_t before, Frame const& frame) {
    auto const& reach_there = reach(frame.who, number_of(before, frame.who), possible(before));
    auto const find = [](std::vector<Reached> const& all, std::uint32_t number) {
      return *std::find_if(all.begin(), all.end(), [&](Reached const& one) { return one.number == number; });
    };
    std::vector<std::string> lines;
    for (auto at = find(reach_there.visible, number_of(frame.key, frame.who));;
         at = find(reach_there.silent, at.from)) {
      if (at.number == at.from) break;
      lines.push_back(describe(frame.who, at.event));
    }
    report_.path.insert(report_.path.end(), lines.rbegin(), lines.rend());
  }
  std::string describe(std::size_t i, std::size_t event) const {
    auto const who = std::to_string(places_[i]) + " ";
    if (event == timeout_event) return who + "times out";
    if (event == crash_event) return who + "crashes and comes back";
    if (event < bits_max) return who + "gets the certificate: " + say(event);
    auto const& header = registry_.proposals()[event - bits_max].block.header;
    return who + "gets the proposal of view " + std::to_string(header.view) + ": block " +
           header.hash().hex().substr(0, 6) + " on " + header.parent_hash.hex().substr(0, 6);
  }

  Setup setup_;
  Registry registry_;
  Place liar_ = 0;
  std::vector<Place> places_;
  Bits invented_ = 0;
  std::array<std::vector<Part>, honest_count> parts_;
  std::array<std::map<Hash, std::uint32_t>, honest_count> numbers_;
  std::array<std::map<std::pair<std::uint32_t, Possible>, Reach>, honest_count> reaches_;
  std::vector<Bits> conflicts_;
  std::uint64_t reached_again_ = 0;
  KeySet seen_;
  Report report_;
};

}  // namespace

Report explore(Setup const& setup) { return Explorer(setup).run(); }

}  // namespace explore
