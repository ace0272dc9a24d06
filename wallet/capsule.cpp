// SPDX-License-Identifier: Apache-2.0
#include "wallet/capsule.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include "rpc/json.hpp"
#include "wallet/embedded.hpp"

namespace wallet {

namespace {

/// As zlib (RFC 1950), in base64.
std::string packed(ledger::BytesView bytes) {
  auto size = compressBound(bytes.size());
  ledger::Bytes made(size);
  CHECK(compress2(made.data(), &size, bytes.data(), bytes.size(), Z_BEST_COMPRESSION) == Z_OK);
  std::string out((size + 2) / 3 * 4 + 1, '\0');
  auto* const text = static_cast<unsigned char*>(static_cast<void*>(out.data()));
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(text, made.data(), static_cast<int>(size))));
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
  put(out, "{{proof}}", packed(proof));
  put(out, "{{about}}", about(subject, anchor));
  return out;
}

}  // namespace wallet
