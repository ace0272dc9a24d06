// SPDX-License-Identifier: Apache-2.0
#pragma once

// What validators say to one another, in canonical bytes (base/codec.hpp). Each message travels in an Envelope that
// names the chain and the epoch; whatever a validator signs is a crypto::Ballot, which names them again.

#include <variant>

#include "base/codec.hpp"
#include "crypto/certificate.hpp"

namespace consensus {

using base::Hash;
using base::Height;
using base::TimeMs;
using crypto::Ballot;
using crypto::Certificate;
using crypto::VoteKind;

/// A view of one epoch, from 1; 0 stands for what was before it.
using View = std::uint64_t;
/// A validator by its place in the epoch's ValidatorSet; an observer's place is any number beyond the set.
using Place = std::uint16_t;

/// One block is at most this much payload (ledger.md, limits), so that a frame holds it with all its certificates.
constexpr std::size_t payload_bytes_max = 8u << 20;
constexpr std::size_t frame_bytes_max = 9u << 20;
/// A proposal shows its newest skipped views; a receiver that lacks older ones fetches them.
constexpr std::size_t nullifications_max = 64;
/// At most this many views are asked for at a time; the answer holds up to two certificates for each, and a
/// finalization.
constexpr std::size_t views_asked_max = 64;
constexpr std::size_t certificates_max = 2 * views_asked_max + 1;
/// Finalized blocks in one answer.
constexpr std::size_t blocks_max = 64;
/// Headers between the last block of an answer and the certificate above it: at most half a MiB.
constexpr std::size_t links_max = 2048;

struct Header {
  std::uint16_t version = 1;
  Hash chain;
  std::uint64_t epoch = 0;
  View view = 0;
  Height height = 0;
  Hash parent_hash;
  TimeMs time_ms = 0;
  Place proposer = 0;
  Hash tx_root;
  std::uint32_t tx_count = 0;
  /// Payload bytes.
  std::uint32_t size = 0;
  /// Zero: the block carries no evidence.
  Hash evidence_root;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("version", self.version);
    visit("chain", self.chain);
    visit("epoch", self.epoch);
    visit("view", self.view);
    visit("height", self.height);
    visit("parent_hash", self.parent_hash);
    visit("time_ms", self.time_ms);
    visit("proposer", self.proposer);
    visit("tx_root", self.tx_root);
    visit("tx_count", self.tx_count);
    visit("size", self.size);
    visit("evidence_root", self.evidence_root);
  }
  bool operator==(Header const&) const = default;

  /// The block hash: H(07 ‖ header). It binds the payload through tx_root, which only the host can check.
  Hash hash() const;
};

struct Block {
  Header header;
  /// The transactions as the host encodes them; opaque here.
  base::Blob<payload_bytes_max> payload;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("header", self.header);
    visit("payload", self.payload);
  }
  bool operator==(Block const&) const = default;
};

/// Notarize, Nullify or Finalize of one validator.
struct Vote {
  static constexpr std::string_view name = "vote";
  Ballot ballot;
  Place place = 0;
  base::ValidatorSignature signature;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("ballot", self.ballot);
    visit("place", self.place);
    visit("signature", self.signature);
  }
  bool operator==(Vote const&) const = default;
};

struct Propose {
  static constexpr std::string_view name = "propose";
  /// The block's own, or a later one in which the epoch's last block is proposed again.
  View view = 0;
  Block block;
  /// The leader's Notarize of the block in this view.
  base::ValidatorSignature signature;
  /// Notarization or finalization of the parent; absent when the parent is what the epoch began on. Of a block that is
  /// proposed again: its own notarization.
  std::optional<Certificate> parent;
  /// Of the views between the certificate's and this one, ascending; the newest of them when they are too many.
  base::List<Certificate, nullifications_max> nullifications;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("view", self.view);
    visit("block", self.block);
    visit("signature", self.signature);
    visit("parent", self.parent);
    visit("nullifications", self.nullifications);
  }
  bool operator==(Propose const&) const = default;

  /// What the leader signs with it.
  Ballot ballot() const;
};

/// News, or the answer to GetCertificates.
struct Certificates {
  static constexpr std::string_view name = "certificates";
  base::List<Certificate, certificates_max> certificates;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("certificates", self.certificates);
  }
  bool operator==(Certificates const&) const = default;
};

/// Asks for every notarization and nullification of the views first..last, at most views_asked_max of them. Who knows a
/// finalization above final_view adds it.
struct GetCertificates {
  static constexpr std::string_view name = "get_certificates";
  View first = 0;
  View last = 0;
  View final_view = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("first", self.first);
    visit("last", self.last);
    visit("final_view", self.final_view);
  }
  bool operator==(GetCertificates const&) const = default;
};

/// Asks for one undecided block. Who has it no more answers with its newest finalization, if that is above final_view.
struct GetBlock {
  static constexpr std::string_view name = "get_block";
  Hash block;
  View final_view = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("block", self.block);
    visit("final_view", self.final_view);
  }
  bool operator==(GetBlock const&) const = default;
};

struct BlockAnswer {
  static constexpr std::string_view name = "block_answer";
  Block block;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("block", self.block);
  }
  bool operator==(BlockAnswer const&) const = default;
};

/// Asks for decided blocks from this height on.
struct GetBlocks {
  static constexpr std::string_view name = "get_blocks";
  Height first = 0;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("first", self.first);
  }
  bool operator==(GetBlocks const&) const = default;
};

/// Decided blocks in a row, then the headers up to the first block at or above the last of them that has a finalization
/// of its own (none when the last has one), and that finalization. It proves itself: nothing of it is believed before
/// the certificate.
struct Blocks {
  static constexpr std::string_view name = "blocks";
  base::List<Block, blocks_max> blocks;
  base::List<Header, links_max> links;
  Certificate finalization;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("blocks", self.blocks);
    visit("links", self.links);
    visit("finalization", self.finalization);
  }
  bool operator==(Blocks const&) const = default;
};

/// Asks all others how far they are in the epoch: by a validator that may have forgotten votes of it. The nonce was
/// drawn after it forgot, so an answer over it is no older.
struct GetStatus {
  static constexpr std::string_view name = "get_status";
  Hash nonce;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("nonce", self.nonce);
  }
  bool operator==(GetStatus const&) const = default;
};

/// The view that the sender is in is the one above its entry certificate, and the first without one.
struct StatusAnswer {
  static constexpr std::string_view name = "status";
  Hash nonce;
  std::optional<Certificate> entry;
  /// Over digest().
  base::ValidatorSignature signature;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("nonce", self.nonce);
    visit("entry", self.entry);
    visit("signature", self.signature);
  }
  bool operator==(StatusAnswer const&) const = default;

  View view() const { return entry ? entry->ballot.view + 1 : 1; }
  /// H(14 ‖ chain ‖ epoch ‖ nonce ‖ view).
  Hash digest(Hash const& chain, std::uint64_t epoch) const;
};

using Message = std::variant<Propose, Vote, Certificates, GetCertificates, GetBlock, BlockAnswer, GetBlocks, Blocks,
                             GetStatus, StatusAnswer>;

struct Envelope {
  Hash chain;
  std::uint64_t epoch = 0;
  Message message;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("chain", self.chain);
    visit("epoch", self.epoch);
    visit("message", self.message);
  }
  bool operator==(Envelope const&) const = default;
};

/// E_TOO_LARGE above frame_bytes_max, E_ENCODING for anything but canonical bytes.
base::Result<Envelope> decode_envelope(base::BytesView bytes);

}  // namespace consensus
