// SPDX-License-Identifier: Apache-2.0
#pragma once

// Frames: how records lie in a file that only grows. A frame is {length u32, type u8, CRC32C of the payload u32, CRC32C
// of these nine bytes u32, payload}, numbers least significant byte first. What one sync made durable is one frame, so
// a crash leaves whole frames and at most one torn one behind them.

#include <functional>

#include "storage/folder.hpp"

namespace storage {

constexpr std::size_t frame_head_bytes = 13;

/// CRC32C (Castagnoli), as of RFC 3720.
std::uint32_t crc32c(BytesView bytes);

Bytes make_frame(std::uint8_t type, BytesView payload);

struct Frame {
  std::uint8_t type = 0;
  /// Where the head begins, and where the next frame does.
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  BytesView payload;
};

/// The frame at `offset`; nothing when no whole one stands there.
std::optional<Frame> frame_at(BytesView file, std::uint64_t offset);

/// Visits the frames of a file from its beginning and returns where the whole ones end. Behind them may be the rest of
/// one frame that a crash tore, if the file is the last of its log (`may_be_torn`); anything else is damage, and an
/// error that names `name` and the offset. An error of the visitor ends the walk.
Result<std::uint64_t> walk_frames(BytesView file, std::string const& name, bool may_be_torn,
                                  std::function<Result<void>(Frame const&)> const& visit);

}  // namespace storage
