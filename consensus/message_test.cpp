// SPDX-License-Identifier: Apache-2.0
#include "consensus/message.hpp"

#include <gtest/gtest.h>

#include "consensus/core.hpp"
#include "crypto/hash.hpp"

namespace consensus {
namespace {

template <class T>
T filled(std::uint8_t byte) {
  T out;
  out.bytes.fill(byte);
  return out;
}

Block sample_block() {
  Block block;
  block.header = {1, filled<Hash>(2), 3, 4, 5, filled<Hash>(6), 7, 8, filled<Hash>(9), 10, 3, filled<Hash>(11)};
  block.payload = base::Bytes{1, 2, 3};
  return block;
}
Ballot sample_ballot(VoteKind kind) {
  Ballot ballot{kind, filled<Hash>(2), 3, 4, 0, {}, {}};
  if (kind != VoteKind::nullify) ballot.block = filled<Hash>(5);
  if (kind == VoteKind::finalize) ballot.height = 6;
  if (kind == VoteKind::finalize) ballot.result = filled<Hash>(7);
  return ballot;
}
Certificate sample_certificate(VoteKind kind) {
  return crypto::make_certificate(sample_ballot(kind), 4, {{0, filled<base::ValidatorSignature>(8)}});
}
std::vector<Message> samples() {
  auto const signature = filled<base::ValidatorSignature>(12);
  return {
      Propose{3,
              sample_block(),
              signature,
              sample_certificate(VoteKind::notarize),
              {sample_certificate(VoteKind::nullify)}},
      Vote{sample_ballot(VoteKind::finalize), 2, signature},
      Certificates{{sample_certificate(VoteKind::finalize)}},
      GetCertificates{1, 2, 3},
      GetBlock{filled<Hash>(1), 2},
      BlockAnswer{sample_block()},
      GetBlocks{258},
      Blocks{{sample_block()}, {sample_block().header}, sample_certificate(VoteKind::finalize)},
  };
}

/// The bytes of the small ones, the digests of the others: whoever changes one changes the protocol.
TEST(Message, BytesAreFixed) {
  char const* const golden[] = {
      "04250c95461a428d6f1bdac6975ee8898fc7e00f58a461bfd3864c5e3d68ece1",
      "8f7c74378746c5b6b5e257c81d70df12ebb2b69b928039935aecc28305c76e22",
      "7172d36e55c1fa3daf7bc4685c45c407f6bbf134d7d5d26d44100ab770d61cea",
      "03010000000000000002000000000000000300000000000000",
      "0401010101010101010101010101010101010101010101010101010101010101010200000000000000",
      "52419bb493d98f0747ed1774b08755e2d97d40f6204304eff0fa4f7a8a1e15b8",
      "060201000000000000",
      "5043d97bbee7dd91fc27a2bd30e8505799f71f3a8545a5a01757df88114e56d4",
  };
  auto const messages = samples();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto const bytes = base::encode(messages[i]);
    auto const shown = bytes.size() < 64 ? base::to_hex(bytes) : base::to_hex(crypto::sha256(bytes).view());
    EXPECT_EQ(shown, golden[i]) << i;
  }
  EXPECT_EQ(sample_block().header.hash().hex(), "0xba1a84cb99f20832eaee48e7d20864d99ea5c9f77b17e77a06194ac7f99ac781");
  EXPECT_EQ(base::encode(sample_block().header).size(), 172u);
  // Journal records are on disks.
  auto const entry = base::encode(Record{Record::Entry{sample_certificate(VoteKind::nullify)}});
  EXPECT_EQ(base::to_hex(entry), "00" + base::to_hex(base::encode(sample_certificate(VoteKind::nullify))));
  auto const vote = Vote{sample_ballot(VoteKind::nullify), 2, {}};
  EXPECT_EQ(base::to_hex(base::encode(Record{vote})), "01" + base::to_hex(base::encode(vote)));
}

TEST(Message, DecodesWhatItEncodesAndNothingElse) {
  for (auto const& message : samples()) {
    Envelope const envelope{filled<Hash>(2), 3, message};
    auto const bytes = base::encode(envelope);
    auto const back = decode_envelope(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, envelope);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(decode_envelope(base::BytesView(bytes).first(length)));
    }
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      auto changed = bytes;
      changed[i] ^= 0x80;
      auto const other = decode_envelope(changed);
      if (other) {
        EXPECT_EQ(base::encode(*other), changed) << i;
      }
    }
  }
}

TEST(Message, BoundsHold) {
  GetBlocks const small{1};
  auto bytes = base::encode(Envelope{{}, 0, Message{small}});
  bytes.resize(frame_bytes_max + 1);
  EXPECT_EQ(decode_envelope(bytes).error().code, base::Code::E_TOO_LARGE);

  // The largest proposal of the largest set fits into a frame.
  std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
  for (std::size_t i = 0; i < crypto::validators_max; ++i) votes.emplace_back(i, filled<base::ValidatorSignature>(1));
  auto const certificate = crypto::make_certificate(sample_ballot(VoteKind::nullify), crypto::validators_max, votes);
  Propose propose{3, sample_block(), {}, certificate, {}};
  propose.block.payload = base::Bytes(payload_bytes_max, 1);
  for (std::size_t i = 0; i < nullifications_max; ++i) propose.nullifications.push_back(certificate);
  EXPECT_LE(base::encode(Envelope{{}, 0, propose}).size(), frame_bytes_max);
  Certificates answer;
  for (std::size_t i = 0; i < certificates_max; ++i) answer.certificates.push_back(certificate);
  EXPECT_LE(base::encode(Envelope{{}, 0, answer}).size(), frame_bytes_max);
  Blocks blocks{{propose.block}, {}, certificate};
  for (std::size_t i = 0; i < links_max; ++i) blocks.links.push_back(sample_block().header);
  for (std::size_t i = 1; i < blocks_max; ++i) blocks.blocks.push_back(sample_block());
  EXPECT_LE(base::encode(Envelope{{}, 0, blocks}).size(), frame_bytes_max);

  auto many = base::encode(Message{Certificates{}});
  EXPECT_EQ(base::to_hex(many), "0200");
  many = {0x02, static_cast<std::uint8_t>(0x80 | ((certificates_max + 1) & 0x7f)), 0x01};
  EXPECT_FALSE(base::decode<Message>(many));
}

}  // namespace
}  // namespace consensus
