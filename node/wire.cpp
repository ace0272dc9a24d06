// SPDX-License-Identifier: Apache-2.0
#include "node/wire.hpp"

namespace node {

Result<Frame> decode_frame(BytesView bytes) {
  if (bytes.size() > frame_bytes_max) {
    return base::Error{base::Code::E_TOO_LARGE, "frame", "at most " + std::to_string(frame_bytes_max) + " bytes"};
  }
  return base::decode<Frame>(bytes);
}

}  // namespace node
