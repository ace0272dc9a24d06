// SPDX-License-Identifier: Apache-2.0
#include "storage/frame.hpp"

#include <array>

namespace storage {

namespace {

constexpr std::uint32_t castagnoli = 0x82f63b78;  // reflected
constexpr std::size_t slices = 8;

/// Tables for eight bytes a step: row k is the CRC of a byte that k zero bytes follow.
constexpr std::array<std::array<std::uint32_t, 256>, slices> make_tables() {
  std::array<std::array<std::uint32_t, 256>, slices> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? castagnoli : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t row = 1; row < slices; ++row) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      auto const before = tables[row - 1][byte];
      tables[row][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}
constexpr auto tables = make_tables();

std::uint32_t number_at(BytesView bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} | std::uint32_t{bytes[at + 1]} << 8 | std::uint32_t{bytes[at + 2]} << 16 |
         std::uint32_t{bytes[at + 3]} << 24;
}

void put_number(Bytes& out, std::uint32_t number) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}

constexpr std::size_t head_crc_at = 9;

/// The end that a whole head at `offset` announces; nothing when no whole head stands there.
std::optional<std::uint64_t> announced_end(BytesView file, std::uint64_t offset) {
  if (file.size() - offset < frame_head_bytes) return std::nullopt;
  auto const head = file.subspan(offset, frame_head_bytes);
  if (crc32c(head.first(head_crc_at)) != number_at(head, head_crc_at)) return std::nullopt;
  return offset + frame_head_bytes + number_at(head, 0);
}

/// A torn frame ends its file. Whole frames behind a broken one show that it was not torn but damaged later; where its
/// head still tells its end, only what begins there counts, because a payload may hold anything.
bool is_followed(BytesView file, std::uint64_t offset) {
  auto const end = announced_end(file, offset);
  for (auto next = end.value_or(offset + 1); next < file.size(); ++next) {
    if (frame_at(file, next)) return true;
  }
  return false;
}

}  // namespace

std::uint32_t crc32c(BytesView bytes) {
  std::uint32_t crc = ~std::uint32_t{0};
  std::size_t at = 0;
  for (; bytes.size() - at >= slices; at += slices) {
    auto const low = crc ^ number_at(bytes, at);
    auto const high = number_at(bytes, at + 4);
    crc = tables[7][low & 0xff] ^ tables[6][(low >> 8) & 0xff] ^ tables[5][(low >> 16) & 0xff] ^ tables[4][low >> 24] ^
          tables[3][high & 0xff] ^ tables[2][(high >> 8) & 0xff] ^ tables[1][(high >> 16) & 0xff] ^
          tables[0][high >> 24];
  }
  for (; at < bytes.size(); ++at) crc = (crc >> 8) ^ tables[0][(crc ^ bytes[at]) & 0xff];
  return ~crc;
}

Bytes make_frame(std::uint8_t type, BytesView payload) {
  CHECK(payload.size() <= ~std::uint32_t{0});
  Bytes out;
  out.reserve(frame_head_bytes + payload.size());
  put_number(out, static_cast<std::uint32_t>(payload.size()));
  out.push_back(type);
  put_number(out, crc32c(payload));
  put_number(out, crc32c(out));
  base::append(out, payload);
  return out;
}

std::optional<Frame> frame_at(BytesView file, std::uint64_t offset) {
  auto const end = announced_end(file, offset);
  if (!end || *end > file.size()) return std::nullopt;
  auto const payload = file.subspan(offset + frame_head_bytes, *end - offset - frame_head_bytes);
  if (crc32c(payload) != number_at(file, offset + 5)) return std::nullopt;
  return Frame{file[offset + 4], offset, *end, payload};
}

Result<std::uint64_t> walk_frames(BytesView file, std::string const& name, bool may_be_torn,
                                  std::function<Result<void>(Frame const&)> const& visit) {
  std::uint64_t offset = 0;
  while (offset < file.size()) {
    auto const frame = frame_at(file, offset);
    if (!frame) break;
    TRY(visit(*frame));
    offset = frame->end;
  }
  if (offset < file.size() && (!may_be_torn || is_followed(file, offset))) {
    return base::Error{base::Code::E_ENCODING, name + ":" + std::to_string(offset),
                       "damaged: this is no whole frame, and others were written after it"};
  }
  return offset;
}

}  // namespace storage
