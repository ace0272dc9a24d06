// SPDX-License-Identifier: Apache-2.0
#include "phone.hpp"

#include <utility>

namespace sim {

namespace {

using ledger::TraceProof;

/// So many lots of a run; each is proved five times.
constexpr std::size_t lots_max = 12;

std::vector<Hash> shown(TraceProof const& proof) {
  std::vector<Hash> out;
  for (auto const& shown : proof.histories[0].leaves) out.push_back(shown.leaf.payload_hash);
  return out;
}

std::vector<std::pair<char const*, TraceProof>> lies(TraceProof const& truth) {
  std::vector<std::pair<char const*, TraceProof>> out;
  auto const lie = [&](char const* what) -> auto& { return out.emplace_back(what, truth).second.histories[0].leaves; };
  lie("without its newest event").pop_back();
  auto& first_gone = lie("without its oldest event");
  first_gone.erase(first_gone.begin());
  auto& twice = lie("with an event told twice");
  twice.push_back(twice.back());
  lie("with another payload").front().leaf.payload_hash.bytes[0] ^= 1;
  if (truth.histories[0].leaves.size() > 1) {
    auto& swapped = lie("with two events exchanged");
    std::swap(swapped[0], swapped[1]);
    auto& renumbered = lie("with two events exchanged under each other's numbers");
    std::swap(renumbered[0], renumbered[1]);
    std::swap(renumbered[0].leaf.sequence, renumbered[1].leaf.sequence);
  }
  return out;
}

std::optional<std::string> finding(ledger::Certified const& at, ledger::Anchor const& anchor, std::string const& lot,
                                   std::vector<Hash> const& events) {
  auto const proof = ledger::prove_trace(at, lot);
  if (!proof) return base::to_string(proof.error());
  auto const verdict = ledger::verify_trace(*proof, lot, anchor);
  if (ledger::word(verdict) != "complete") return std::string(ledger::word(verdict)) + " " + verdict.detail;
  if (shown(*proof) != events) {
    return "shows " + std::to_string(shown(*proof).size()) + " events, and not the " + std::to_string(events.size()) +
           " of the book";
  }
  for (auto const& [what, lie] : lies(*proof)) {
    if (ledger::word(ledger::verify_trace(lie, lot, anchor)) == "complete") return std::string("is believed ") + what;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> phone_finding(ledger::Certified const& at, ledger::Anchor const& anchor,
                                         GoodsBook::Histories const& histories) {
  std::size_t left = lots_max;
  for (auto const& [lot, events] : histories) {
    if (left-- == 0) break;
    if (auto const wrong = finding(at, anchor, lot, events)) return lot + " " + *wrong;
  }
  return std::nullopt;
}

}  // namespace sim
