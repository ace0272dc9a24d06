// SPDX-License-Identifier: Apache-2.0
#pragma once

// A small world for tests of proofs: silk from cocoons to one sold scarf, in histories made directly, under a state
// root that four validators certify. Lots in a row: C2605, R2606, F2606, S2607; three scarves, one carton, one pallet.

#include "ledger/proof.hpp"

namespace ledger::test {

inline constexpr std::string_view item_name = "https://id.gs1.org/01/09521001000109/21/S000042";
inline constexpr std::string_view sister_name = "https://id.gs1.org/01/09521001000109/21/S000043";
inline constexpr std::string_view cocoons_name = "https://id.gs1.org/01/09521002000016/10/C2605";
inline constexpr std::string_view raw_name = "https://id.gs1.org/01/09521001000017/10/R2606";
inline constexpr std::string_view fabric_name = "https://id.gs1.org/01/09521001000024/10/F2606";
inline constexpr std::string_view scarves_name = "https://id.gs1.org/01/09521001000109/10/S2607";
inline constexpr std::string_view carton_name = "https://id.gs1.org/00/095210010000000116";
inline constexpr std::string_view pallet_name = "https://id.gs1.org/00/095210010000000017";

/// A story of seven leaves beside it, in the same state: one bobbin of a lot, into a box and out of it again.
inline constexpr std::string_view bobbin_name = "https://id.gs1.org/01/09521001000017/21/B1";
inline constexpr std::string_view bobbins_name = "https://id.gs1.org/01/09521001000017/10/B2606";
inline constexpr std::string_view box_name = "https://id.gs1.org/00/095210010000000123";

crypto::ValidatorSecret validator_secret(std::uint8_t number);
/// The set of `size` validators whose secrets are the bytes `from`, `from` + 1, …
crypto::ValidatorSet validators(std::size_t size, std::uint8_t from = 1);
/// A finality of this header by the first `signers` of the set.
Finality finality_of(ResultHeader const& header, std::size_t set_size, std::size_t signers, std::uint8_t from = 1,
                     crypto::VoteKind kind = crypto::VoteKind::finalize);

class World {
 public:
  World();

  /// One act that touches subjects; each with its links. Returns their sequences.
  struct Touch {
    Bytes subject;
    std::vector<Link> links{};
  };
  void event(std::string_view actor, std::string const& json, std::vector<Touch> const& touches,
             LeafKind kind = LeafKind::event);
  void operation(std::string_view actor, Bytes const& payload, LeafKind kind, std::vector<Touch> const& touches);
  /// The sequence that the subject's next leaf will have.
  std::uint64_t next(Bytes const& subject) const { return history_count(*block_, subject); }
  Overlay& block() { return *block_; }
  /// Ends the block: folds histories into the state and goes on with the next.
  void end_block();

  /// The state as of the last block, certified by all four.
  Certified certified() const;
  Anchor anchor() const { return {chain_, validators(4).hash()}; }

 private:
  void add_names();
  void make();
  void ship();
  void box();
  void act(std::string_view actor, Bytes const& payload, LeafKind kind, Hash const& view_root, std::uint32_t view_size,
           std::vector<Touch> const& touches);

  Hash chain_;
  std::shared_ptr<MemoryState> state_;
  std::unique_ptr<Overlay> block_;
  StateTree tree_;
  Height height_ = 1;
  std::uint16_t acts_ = 0;
};

}  // namespace ledger::test
