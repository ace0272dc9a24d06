// SPDX-License-Identifier: Apache-2.0
#include "wallet/phrase.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "crypto/derive.hpp"
#include "crypto/hash.hpp"
#include "wallet/embedded.hpp"

namespace wallet {

namespace {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using Digest = std::array<std::uint8_t, crypto_auth_hmacsha512_BYTES>;

constexpr std::size_t words_in_list = 2048;
constexpr unsigned bits_a_word = 11;

std::vector<std::string_view> const& word_list() {
  static std::vector<std::string_view> const words = [] {
    std::vector<std::string_view> out;
    auto const text = embedded("bip39_english.txt");
    CHECK(text.has_value());
    for (std::size_t at = 0; at < text->size();) {
      auto const end = std::min(text->find('\n', at), text->size());
      auto const line = text->substr(at, end - at);
      if (!line.empty() && line[0] != '#') out.push_back(line);
      at = end + 1;
    }
    CHECK(out.size() == words_in_list && std::is_sorted(out.begin(), out.end()));
    return out;
  }();
  return words;
}

Digest hmac(BytesView key, std::initializer_list<BytesView> parts) {
  crypto_auth_hmacsha512_state state;
  crypto_auth_hmacsha512_init(&state, key.data(), key.size());
  for (auto const& part : parts) crypto_auth_hmacsha512_update(&state, part.data(), part.size());
  Digest out;
  crypto_auth_hmacsha512_final(&state, out.data());
  return out;
}

/// Left half a secret, right half a chain code.
std::pair<BytesView, base::Hash> halves(Digest const& digest) {
  auto const view = BytesView(digest);
  return {view.first(32), *base::Hash::from(view.subspan(32))};
}

bool bit_of(BytesView bytes, std::size_t i) { return (bytes[i / 8] >> (7 - i % 8) & 1) != 0; }

std::vector<std::string> words_of(std::string const& phrase) {
  std::vector<std::string> out;
  std::string word;
  for (char const c : phrase + " ") {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!word.empty()) {
      out.push_back(std::move(word));
      word.clear();
    }
  }
  return out;
}

std::string joined(std::vector<std::string> const& words) {
  std::string out;
  for (auto const& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace

std::string phrase_of(BytesView entropy) {
  CHECK(entropy.size() >= 16 && entropy.size() <= 32 && entropy.size() % 4 == 0);
  Bytes bits(entropy.begin(), entropy.end());
  bits.push_back(crypto::sha256(entropy).bytes[0]);
  auto const words = entropy.size() * 3 / 4;
  std::string out;
  for (std::size_t w = 0; w < words; ++w) {
    std::size_t index = 0;
    for (unsigned b = 0; b < bits_a_word; ++b) index = index << 1 | bit_of(bits, w * bits_a_word + b);
    out += (w == 0 ? "" : " ") + std::string(word_list()[index]);
  }
  return out;
}

base::Result<Bytes> entropy_of(std::string const& phrase) {
  auto const words = words_of(phrase);
  if (words.size() < 12 || words.size() > 24 || words.size() % 3 != 0) {
    return Error{Code::E_ENCODING, "phrase", "12, 15, 18, 21 or 24 words, not " + std::to_string(words.size())};
  }
  Bytes bits((words.size() * bits_a_word + 7) / 8);
  std::size_t at = 0;
  for (std::size_t w = 0; w < words.size(); ++w) {
    auto const& list = word_list();
    auto const found = std::lower_bound(list.begin(), list.end(), words[w]);
    if (found == list.end() || *found != words[w]) {
      return Error{Code::E_ENCODING, "phrase", "word " + std::to_string(w + 1) + " is not of the list of BIP-39"};
    }
    auto const index = static_cast<std::size_t>(found - list.begin());
    for (unsigned b = bits_a_word; b-- > 0; ++at) {
      if ((index >> b & 1) != 0) bits[at / 8] |= static_cast<std::uint8_t>(0x80 >> at % 8);
    }
  }
  auto const size = words.size() * 4 / 3;
  Bytes entropy(bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(size));
  if (phrase_of(entropy) != joined(words)) {
    return Error{Code::E_ENCODING, "phrase", "the last word does not follow from the others: one is wrong"};
  }
  return entropy;
}

base::Result<Seed> seed_of(std::string const& phrase, std::string const& passphrase) {
  TRY(entropy_of(phrase));
  auto const is_ascii = [](char c) { return c >= 0x20 && c < 0x7f; };
  if (!std::all_of(passphrase.begin(), passphrase.end(), is_ascii)) {
    return Error{Code::E_ENCODING, "passphrase", "printable ASCII"};
  }
  auto const text = joined(words_of(phrase));
  auto const key = base::bytes_of(text);
  auto const salt = "mnemonic" + passphrase;
  constexpr std::array<std::uint8_t, 4> first_block = {0, 0, 0, 1};
  auto round = hmac(key, {base::bytes_of(salt), first_block});
  auto sum = round;
  for (int i = 1; i < 2048; ++i) {
    round = hmac(key, {round});
    for (std::size_t b = 0; b < sum.size(); ++b) sum[b] ^= round[b];
  }
  Seed out;
  std::copy(sum.begin(), sum.end(), out.bytes.begin());
  return out;
}

base::Result<TreeKey> root_of(Seed const& seed) {
  auto const digest = hmac(base::bytes_of("Bitcoin seed"), {seed.view()});
  auto const [secret, chain_code] = halves(digest);
  TreeKey out{*crypto::PartySecret::from(secret), chain_code};
  if (!crypto::party_key(out.secret)) return Error{Code::E_ENCODING, "phrase", "gives no key; take another"};
  return out;
}

base::Result<TreeKey> child_of(TreeKey const& parent, std::uint32_t number) {
  Bytes data;
  if (number >= hardened) {
    data.push_back(0);
    base::append(data, parent.secret.view());
  } else {
    data = crypto::compressed_key(parent.secret).value();
  }
  for (int shift = 24; shift >= 0; shift -= 8) data.push_back(static_cast<std::uint8_t>(number >> shift));
  auto const digest = hmac(parent.chain_code.view(), {data});
  auto const [tweak, chain_code] = halves(digest);
  auto const secret = crypto::add_secret(parent.secret, tweak);
  if (!secret) return Error{Code::E_ENCODING, "path", "gives no key here; take the next number"};
  return TreeKey{*secret, chain_code};
}

base::Result<TreeKey> follow(TreeKey const& root, std::string const& path) {
  if (!path.starts_with("m")) return Error{Code::E_ENCODING, "path", "begins with m"};
  auto key = root;
  for (std::size_t at = 1; at < path.size();) {
    auto const end = std::min(path.find('/', at + 1), path.size());
    auto step = path.substr(at + 1, end - at - 1);
    bool const is_hardened = step.ends_with('\'');
    if (is_hardened) step.pop_back();
    auto const number = base::from_decimal(step, hardened - 1);
    if (path[at] != '/' || !number) return Error{Code::E_ENCODING, "path", "m/44'/0'/1: numbers below 2^31"};
    TRY_ASSIGN(key, child_of(key, static_cast<std::uint32_t>(*number) + (is_hardened ? hardened : 0)));
    at = end;
  }
  return key;
}

std::string path_of(std::uint32_t index) { return "m/44'/9521'/0'/0'/" + std::to_string(index) + "'"; }

}  // namespace wallet
