// SPDX-License-Identifier: Apache-2.0
#include "rpc/webhook.hpp"

#include "crypto/hash.hpp"
#include "rpc/client.hpp"

namespace rpc {

namespace {
constexpr std::size_t block_bytes = 64;
constexpr std::uint64_t answer_ms_max = 5000;
}  // namespace

base::Hash hmac_sha256(base::BytesView key, base::BytesView message) {
  base::Bytes inner(block_bytes, 0);
  base::Hash shortened;
  if (key.size() > block_bytes) {
    shortened = crypto::sha256(key);
    key = shortened.view();
  }
  for (std::size_t i = 0; i < key.size(); ++i) inner[i] = key[i];
  auto outer = inner;
  for (std::size_t i = 0; i < block_bytes; ++i) {
    inner[i] ^= 0x36;
    outer[i] ^= 0x5c;
  }
  auto const hash = crypto::sha256({inner, message});
  return crypto::sha256({outer, hash.view()});
}

std::string to_base64(base::BytesView bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += i + k > bytes.size() ? '=' : alphabet[group >> (18 - 6 * k) & 63];
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> webhook_headers(std::string_view token, std::string_view message_id,
                                                                 std::uint64_t time_s, std::string_view body) {
  auto const time = std::to_string(time_s);
  std::vector<std::pair<std::string, std::string>> out = {{"webhook-id", std::string(message_id)},
                                                          {"webhook-timestamp", time}};
  if (token.empty()) return out;
  auto const key = base::bytes_of(token);
  auto const signed_text = std::string(message_id) + "." + time + "." + std::string(body);
  out.emplace_back("webhook-signature", "v1," + to_base64(hmac_sha256(key, base::bytes_of(signed_text)).view()));
  out.emplace_back("GS1-Signature", base::to_hex(hmac_sha256(key, base::bytes_of(body)).view()));
  return out;
}

base::Result<Destination> read_destination(std::string_view url) {
  base::Error const wrong{base::Code::E_EVENT_FORM, "dest", "expected http://host:port/path"};
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme) || url.size() > 1024) return wrong;
  for (char const c : url) {
    if (c <= ' ' || c > '~') return wrong;
  }
  auto const rest = url.substr(scheme.size());
  auto const slash = std::min(rest.find('/'), rest.size());
  auto const host = rest.substr(0, slash);
  if (host.empty() || host.find_first_of("@?#") != host.npos || rest.find('#') != rest.npos) return wrong;
  return Destination{std::string(scheme) + std::string(host),
                     slash == rest.size() ? "/" : std::string(rest.substr(slash))};
}

base::Result<void> post_webhook(Destination const& destination, std::string_view token, std::string_view message_id,
                                std::uint64_t time_s, std::string body) {
  TRY_ASSIGN(auto const client, connect(destination.origin, answer_ms_max));
  auto headers = webhook_headers(token, message_id, time_s, body);
  headers.emplace_back("GS1-EPCIS-Version", "2.0.0");
  headers.emplace_back("GS1-CBV-Version", "2.0.0");
  TRY_ASSIGN(auto const answer, client->send("POST", destination.path, std::move(body), headers));
  if (answer.status >= 200 && answer.status < 300) return {};
  return base::Error{base::Code::E_BUSY, destination.origin, "answered " + std::to_string(answer.status)};
}

}  // namespace rpc
