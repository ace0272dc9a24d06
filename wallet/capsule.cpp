// SPDX-License-Identifier: Apache-2.0
#include "wallet/capsule.hpp"

#include <zlib.h>

#include "rpc/json.hpp"
#include "wallet/embedded.hpp"

namespace wallet {

namespace {

/// Seven bits a character; a value that an HTML parser changes or takes for markup is, with the next one, a character
/// from U+0080 on. Base64 would be a sixth larger. The size stands in front. Read in web/capsule/capsule.html.
std::string seven_bit(ledger::BytesView bytes) {
  auto const sevens = (bytes.size() * 8 + 6) / 7;
  auto const seven = [&](std::size_t index) {
    unsigned value = 0;
    for (auto bit = index * 7; bit < index * 7 + 7; ++bit) {
      value = value << 1 | (bit / 8 < bytes.size() ? bytes[bit / 8] >> (7 - bit % 8) & 1u : 0u);
    }
    return value;
  };
  constexpr std::string_view unsafe{"\0\r<", 3};
  auto out = std::to_string(bytes.size()) + ":";
  for (std::size_t i = 0; i < sevens; ++i) {
    auto const value = seven(i);
    auto const place = unsafe.find(static_cast<char>(value));
    if (place == std::string_view::npos) {
      out.push_back(static_cast<char>(value));
      continue;
    }
    auto const both = 128 * (place + 1) + seven(++i);
    out.push_back(static_cast<char>(0xc0 | both >> 6));
    out.push_back(static_cast<char>(0x80 | (both & 0x3f)));
  }
  return out;
}

/// As zlib (RFC 1950).
ledger::Bytes compressed(ledger::BytesView bytes) {
  auto size = compressBound(bytes.size());
  ledger::Bytes out(size);
  CHECK(compress2(out.data(), &size, bytes.data(), bytes.size(), Z_BEST_COMPRESSION) == Z_OK);
  out.resize(size);
  return out;
}

/// JSON that an HTML script element may hold.
std::string about(std::string const& subject, ledger::Anchor const& anchor) {
  auto pinned = base::Value::object();
  pinned.add("chain", base::Value::of(base::to_hex(anchor.chain.view())));
  pinned.add("validators_hash", base::Value::of(base::to_hex(anchor.validators_hash.view())));
  auto value = base::Value::object();
  value.add("subject", base::Value::of(subject));
  value.add("anchor", std::move(pinned));
  auto text = rpc::to_text(value);
  for (auto at = text.find('<'); at != std::string::npos; at = text.find('<')) text.replace(at, 1, "\\u003c");
  return text;
}

void put(std::string& page, std::string_view place, std::string const& text) {
  auto const at = page.find(place);
  CHECK(at != std::string::npos);
  page.replace(at, place.size(), text);
}

}  // namespace

std::string make_capsule(ledger::BytesView proof, std::string const& subject, ledger::Anchor const& anchor) {
  auto const page = embedded("capsule.html");
  CHECK(page.has_value());
  std::string out(*page);
  put(out, "{{proof}}", seven_bit(compressed(proof)));
  put(out, "{{about}}", about(subject, anchor));
  return out;
}

}  // namespace wallet
