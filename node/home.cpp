// SPDX-License-Identifier: Apache-2.0
#include "node/home.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/view.hpp"
#include "gs1/json.hpp"
#include "node/execution.hpp"

namespace node {

using base::Code;
using base::Error;
using base::Result;

namespace {

/// A genesis with its 4,096 operations stays far below.
constexpr std::size_t file_bytes_max = std::size_t{64} << 20;

Error wrong(std::filesystem::path const& file, std::string what) {
  return {Code::E_FORM, file.string(), std::move(what)};
}

Result<std::string> read_file(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return wrong(file, "cannot be read");
  std::ostringstream out;
  out << in.rdbuf();
  if (out.view().size() > file_bytes_max) return wrong(file, "is too large");
  return std::move(out).str();
}

Result<std::string> read_secret(std::filesystem::path const& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return wrong(file, "is missing");
  if ((status.st_mode & 077) != 0) return wrong(file, "can be read by others. Fix: chmod 600 " + file.string());
  return read_file(file);
}

template <class Secret>
Result<Secret> read_key(std::filesystem::path const& file) {
  TRY_ASSIGN(auto text, read_secret(file));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  auto const secret = Secret::from_text(text);
  if (!secret) return wrong(file, "is no key. Expected: 0x and 64 hexadecimal digits");
  return *secret;
}

/// Never overwrites.
Result<void> write_new(std::filesystem::path const& file, std::string_view text, mode_t mode) {
  int const handle = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (handle < 0 && errno == EEXIST) return Error{Code::E_ALREADY_REGISTERED, file.string(), "is there already"};
  if (handle < 0) return Error{Code::E_DISK, file.string(), std::strerror(errno)};
  auto const written = ::write(handle, text.data(), text.size());
  bool const good = written == static_cast<ssize_t>(text.size()) && ::fsync(handle) == 0;
  ::close(handle);
  if (!good) return Error{Code::E_DISK, file.string(), "cannot be written"};
  return {};
}

constexpr mode_t secret_mode = 0600;
constexpr mode_t open_mode = 0644;

}  // namespace

Result<crypto::Validator> make_home(std::filesystem::path const& home, base::PartyId const& party,
                                    NodeConfig const& config,
                                    std::optional<crypto::PartySecret> const& organisation_key) {
  std::error_code error;
  std::filesystem::create_directories(home, error);
  if (error) return Error{Code::E_DISK, home.string(), error.message()};
  crypto::ValidatorSecret const secret{random_bytes().bytes};
  auto const tls = make_tls_identity();
  TRY(write_new(home / "validator.key", secret.hex() + "\n", secret_mode));
  TRY(write_new(home / "tls.key", tls.key_pem, secret_mode));
  TRY(write_new(home / "tls.crt", tls.certificate_pem, open_mode));
  if (organisation_key) TRY(write_new(home / "organisation.key", organisation_key->hex() + "\n", secret_mode));
  TRY(write_new(home / "node.toml", to_toml(config), open_mode));
  return crypto::Validator{party, crypto::validator_key(secret), tls.pin};
}

Result<crypto::ValidatorSecret> read_validator_secret(std::filesystem::path const& home) {
  return read_key<crypto::ValidatorSecret>(home / "validator.key");
}

namespace {

Result<TlsIdentity> read_tls(std::filesystem::path const& home, std::string const& name) {
  TlsIdentity out;
  TRY_ASSIGN(out.key_pem, read_secret(home / (name + ".key")));
  TRY_ASSIGN(out.certificate_pem, read_file(home / (name + ".crt")));
  TRY_ASSIGN(out.pin, tls_pin(out.certificate_pem));
  return out;
}

/// Who comes later has no place in the genesis. Who has one begins with the two keys that it names there, and may have
/// replaced them since.
Result<std::optional<std::uint16_t>> place_of(std::filesystem::path const& path, Home const& home) {
  auto const& validators = home.genesis.validators.validators;
  auto const key = crypto::validator_key(home.validator_secret);
  for (std::size_t place = 0; place < validators.size(); ++place) {
    bool const is_key = validators[place].key == key;
    bool const is_tls = validators[place].tls_key == home.tls.pin;
    bool const begins = is_key != is_tls && !std::filesystem::exists(path / "data");
    std::string const since = ". If the validators accepted another one since, make the folder data";
    if (begins && is_tls)
      return wrong(path / "validator.key", "is the key " + key.hex() + ", which genesis.json does not name" + since);
    if (begins) {
      return wrong(path / "tls.crt", "has the key " + home.tls.pin.hex() + "; genesis.json pins " +
                                         validators[place].tls_key.hex() + since);
    }
    if (is_key || is_tls) return std::optional(static_cast<std::uint16_t>(place));
  }
  return std::optional<std::uint16_t>();
}

}  // namespace

Result<std::vector<crypto::ValidatorSecret>> read_validator_secrets(std::filesystem::path const& home) {
  std::vector<crypto::ValidatorSecret> out;
  for (auto const* name : {"validator.key", "validator.next.key"}) {
    if (!out.empty() && !std::filesystem::exists(home / name)) continue;
    TRY_ASSIGN(auto const secret, read_key<crypto::ValidatorSecret>(home / name));
    out.push_back(secret);
  }
  return out;
}

Result<std::vector<TlsIdentity>> read_tls_identities(std::filesystem::path const& home) {
  std::vector<TlsIdentity> out;
  for (auto const* name : {"tls", "tls.next"}) {
    if (!out.empty() && !std::filesystem::exists(home / (std::string(name) + ".crt"))) continue;
    TRY_ASSIGN(auto identity, read_tls(home, name));
    out.push_back(std::move(identity));
  }
  return out;
}

Result<base::ValidatorKey> make_next_validator_key(std::filesystem::path const& home) {
  crypto::ValidatorSecret const secret{random_bytes().bytes};
  TRY(write_new(home / "validator.next.key", secret.hex() + "\n", secret_mode));
  return crypto::validator_key(secret);
}

Result<base::Hash> make_next_tls_key(std::filesystem::path const& home) {
  auto const tls = make_tls_identity();
  TRY(write_new(home / "tls.next.key", tls.key_pem, secret_mode));
  TRY(write_new(home / "tls.next.crt", tls.certificate_pem, open_mode));
  return tls.pin;
}

Result<Home> open_home(std::filesystem::path const& path) {
  Home home;
  home.path = path;
  TRY_ASSIGN(auto const toml, read_file(path / "node.toml"));
  TRY_ASSIGN(home.config, read_config(toml, (path / "node.toml").string()));
  TRY_ASSIGN(auto const genesis, read_file(path / "genesis.json"));
  gs1::JsonLimits limits;
  limits.bytes_max = file_bytes_max;
  limits.values_max = std::size_t{1} << 22;
  limits.code = Code::E_FORM;
  auto const value = gs1::parse_json(genesis, limits);
  if (!value) return wrong(path / "genesis.json", base::to_string(value.error()));
  auto const read = base::read_view<ledger::Genesis>(*value);
  if (!read) return wrong(path / "genesis.json", base::to_string(read.error()));
  home.genesis = *read;
  TRY_ASSIGN(home.validator_secret, read_validator_secret(path));
  TRY_ASSIGN(home.tls, read_tls(path, "tls"));
  if (!home.config.organisation_gln.empty()) {
    TRY_ASSIGN(home.organisation_secret, read_key<crypto::PartySecret>(path / "organisation.key"));
  }
  TRY_ASSIGN(home.place, place_of(path, home));
  auto const validators = home.genesis.validators.size();
  if (home.config.peers.size() != validators) {
    return wrong(path / "node.toml", "peers.addresses has " + std::to_string(home.config.peers.size()) +
                                         " entries. Expected: " + std::to_string(validators) +
                                         ", one for each validator in the order of genesis.json");
  }
  return home;
}

std::uint32_t known_version() {
  auto const* const text = std::getenv("TALLY_KNOWS_VERSION");
  auto const number = base::from_decimal(text == nullptr ? "" : text, newest_version());
  return number && *number > 0 ? static_cast<std::uint32_t>(*number) : newest_version();
}

}  // namespace node
