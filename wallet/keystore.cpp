// SPDX-License-Identifier: Apache-2.0
#include "wallet/keystore.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "ledger/state.hpp"
#include "rpc/json.hpp"

namespace wallet {

namespace {

using base::Code;
using base::Error;
using base::Value;

using SealKey = base::Fixed<struct SealKeyTag, crypto_aead_xchacha20poly1305_ietf_KEYBYTES>;

/// Work of Argon2id: bounds on what a file may ask for, so that a foreign file cannot take the machine's memory.
constexpr std::uint64_t operations_max = 10;
constexpr std::uint64_t memory_bytes_max = std::uint64_t{1} << 30;

std::optional<SealKey> derive(std::string const& passphrase, base::Bytes const& salt, std::uint64_t operations,
                              std::uint64_t memory_bytes) {
  SealKey key;
  int const failed =
      crypto_pwhash(key.bytes.data(), key.bytes.size(), passphrase.data(), passphrase.size(), salt.data(), operations,
                    static_cast<std::size_t>(memory_bytes), crypto_pwhash_ALG_ARGON2ID13);
  return failed == 0 ? std::optional(key) : std::nullopt;
}

/// What the seal covers beside the secret: the visible part of the file, so that nobody can swap names.
std::string sealed_context(KeyInfo const& info) {
  return "tally key 1\n" + info.name + "\n" + info.gln + "\n" + info.key.hex();
}

base::Result<base::Bytes> bytes_member(Value const& file, std::string_view name, std::size_t size) {
  auto const text = file.string_of(name);
  auto bytes = text.starts_with("0x") ? base::from_hex(text) : std::nullopt;
  if (!bytes || bytes->size() != size) {
    return Error{Code::E_ENCODING, std::string(name),
                 "expected 0x and " + std::to_string(2 * size) + " hexadecimal digits"};
  }
  return *std::move(bytes);
}

base::Result<std::uint64_t> number_member(Value const& file, std::string_view name, std::uint64_t max) {
  auto const* value = file.find(name);
  auto const number = value == nullptr ? std::nullopt : base::from_decimal(value->text, max);
  if (!number)
    return Error{Code::E_ENCODING, std::string(name), "expected a whole number up to " + std::to_string(max)};
  return static_cast<std::uint64_t>(*number);
}

}  // namespace

base::Hash random_bytes() {
  CHECK(sodium_init() >= 0);
  base::Hash out;
  randombytes_buf(out.bytes.data(), out.bytes.size());
  return out;
}

crypto::PartySecret new_secret() {
  while (true) {
    crypto::PartySecret const secret{random_bytes().bytes};
    if (crypto::party_key(secret)) return secret;
  }
}

std::string seal_key(KeyInfo const& info, crypto::PartySecret const& secret, std::string const& passphrase, bool fast) {
  CHECK(sodium_init() >= 0);
  base::Bytes salt(crypto_pwhash_SALTBYTES);
  randombytes_buf(salt.data(), salt.size());
  base::Bytes nonce(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  randombytes_buf(nonce.data(), nonce.size());
  std::uint64_t const operations = fast ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_MODERATE;
  std::uint64_t const memory_bytes = fast ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_MODERATE;
  auto const key = derive(passphrase, salt, operations, memory_bytes);
  CHECK(key.has_value());
  auto const context = sealed_context(info);
  base::Bytes sealed(secret.bytes.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  auto const extra = base::bytes_of(context);
  CHECK(crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data(), nullptr, secret.bytes.data(), secret.bytes.size(),
                                                   extra.data(), extra.size(), nullptr, nonce.data(),
                                                   key->bytes.data()) == 0);
  auto file = Value::object();
  file.add("format", Value::of("tally key 1"));
  file.add("name", Value::of(info.name));
  file.add("gln", Value::of(info.gln));
  file.add("key", Value::of(info.key.hex()));
  file.add("kdf", Value::of("argon2id13"));
  file.add("operations", Value::of(operations));
  file.add("memory_bytes", Value::of(memory_bytes));
  file.add("salt", Value::of("0x" + base::to_hex(salt)));
  file.add("cipher", Value::of("xchacha20-poly1305"));
  file.add("nonce", Value::of("0x" + base::to_hex(nonce)));
  file.add("sealed", Value::of("0x" + base::to_hex(sealed)));
  return rpc::to_pretty_text(file) + "\n";
}

base::Result<KeyInfo> read_key_info(std::string const& text) {
  TRY_ASSIGN(auto const file, rpc::from_text(text));
  if (file.string_of("format") != "tally key 1") return Error{Code::E_ENCODING, "format", "expected tally key 1"};
  TRY_ASSIGN(auto const key, bytes_member(file, "key", base::PartyKey::size));
  return KeyInfo{std::string(file.string_of("name")), std::string(file.string_of("gln")), *base::PartyKey::from(key)};
}

base::Result<Identity> open_key(std::string const& text, std::string const& passphrase) {
  CHECK(sodium_init() >= 0);
  TRY_ASSIGN(auto const info, read_key_info(text));
  TRY_ASSIGN(auto const file, rpc::from_text(text));
  TRY_ASSIGN(auto const operations, number_member(file, "operations", operations_max));
  TRY_ASSIGN(auto const memory_bytes, number_member(file, "memory_bytes", memory_bytes_max));
  TRY_ASSIGN(auto const salt, bytes_member(file, "salt", crypto_pwhash_SALTBYTES));
  TRY_ASSIGN(auto const nonce, bytes_member(file, "nonce", crypto_aead_xchacha20poly1305_ietf_NPUBBYTES));
  TRY_ASSIGN(auto const sealed,
             bytes_member(file, "sealed", crypto::PartySecret::size + crypto_aead_xchacha20poly1305_ietf_ABYTES));
  auto const key = derive(passphrase, salt, operations, memory_bytes);
  if (!key) return Error{Code::E_ENCODING, "operations", "Argon2id refuses these parameters"};
  auto const context = sealed_context(info);
  auto const extra = base::bytes_of(context);
  Identity out;
  out.key = info.key;
  if (!info.gln.empty()) out.party = ledger::party_id(info.gln);
  int const failed = crypto_aead_xchacha20poly1305_ietf_decrypt(out.secret.bytes.data(), nullptr, nullptr,
                                                                sealed.data(), sealed.size(), extra.data(),
                                                                extra.size(), nonce.data(), key->bytes.data());
  if (failed != 0) return Error{Code::E_SIGNATURE, info.name, "wrong passphrase, or the file was altered"};
  if (crypto::party_key(out.secret) != info.key)
    return Error{Code::E_SIGNATURE, info.name, "the secret is not of this key"};
  return out;
}

base::Result<std::string> read_text_file(std::filesystem::path const& path, std::size_t bytes_max) {
  std::error_code error;
  auto const size = std::filesystem::file_size(path, error);
  if (error) return Error{Code::E_FORM, path.string(), error.message()};
  if (size > bytes_max)
    return Error{Code::E_TOO_LARGE, path.string(), "at most " + std::to_string(bytes_max) + " bytes"};
  std::ifstream in(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(text.size())))
    return Error{Code::E_FORM, path.string(), "cannot be read"};
  return text;
}

namespace {

/// Brings a file or folder to the disk.
bool is_synced(std::filesystem::path const& path) {
  int const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  bool const synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

}  // namespace

base::Result<void> write_text_file(std::filesystem::path const& path, std::string const& text, bool secret) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  auto part = path;
  part += ".part";
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    // The mode is set before the secret is written.
    if (secret) fs::permissions(part, fs::perms::owner_read | fs::perms::owner_write, error);
    out << text;
    out.flush();
    if (!out) return Error{Code::E_DISK, path.string(), "cannot be written"};
  }
  if (!is_synced(part)) return Error{Code::E_DISK, path.string(), "is not on the disk for certain"};
  fs::rename(part, path, error);
  if (error) return Error{Code::E_DISK, path.string(), error.message()};
  auto const folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!is_synced(folder)) return Error{Code::E_DISK, folder.string(), "is not on the disk for certain"};
  return {};
}

base::Result<void> write_key(std::filesystem::path const& folder, KeyInfo const& info, std::string const& sealed) {
  bool const plain_name = !info.name.empty() && info.name.size() <= 64 && std::ranges::all_of(info.name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!plain_name) return Error{Code::E_ENCODING, "name", "letters, digits, - and _, at most 64"};
  auto const path = folder / (info.name + ".key");
  if (std::filesystem::exists(path))
    return Error{Code::E_ALREADY_REGISTERED, path.string(), "a key of this name is there"};
  return write_text_file(path, sealed, true);
}

std::vector<KeyInfo> list_keys(std::filesystem::path const& folder) {
  std::vector<KeyInfo> out;
  std::error_code error;
  for (auto const& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".key") continue;
    auto const text = read_text_file(entry.path(), 65536);
    auto const info = text ? read_key_info(*text) : base::Result<KeyInfo>(text.error());
    if (info) out.push_back(*info);
  }
  std::ranges::sort(out, {}, &KeyInfo::name);
  return out;
}

}  // namespace wallet
