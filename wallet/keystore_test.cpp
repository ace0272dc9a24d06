// SPDX-License-Identifier: Apache-2.0
// Key files: who has the file and not the passphrase has nothing, and a file that was touched opens no more.
#include "wallet/keystore.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/state.hpp"
#include "rpc/json.hpp"

namespace wallet {
namespace {

namespace fs = std::filesystem;
using base::Code;

constexpr char const* passphrase = "correct horse battery";

struct Made {
  KeyInfo info;
  crypto::PartySecret secret;
  std::string file;
};
Made make(std::string name = "SERICA", std::string gln = "9521001000000") {
  Made out;
  out.secret = new_secret();
  out.info = {std::move(name), std::move(gln), *crypto::party_key(out.secret)};
  out.file = seal_key(out.info, out.secret, passphrase, true);
  return out;
}

/// The file with one member replaced.
std::string with(std::string const& file, std::string const& member, base::Value value) {
  auto parsed = rpc::from_text(file);
  for (auto& [name, old] : parsed->members) {
    if (name == member) old = value;
  }
  return rpc::to_text(*parsed);
}
std::string text_of(std::string const& file, std::string const& member) {
  return std::string(rpc::from_text(file)->string_of(member));
}
/// The text with its last hexadecimal digit changed.
std::string flipped(std::string text) {
  text.back() = text.back() == '0' ? '1' : '0';
  return text;
}
std::string refusal(std::string const& file, std::string const& phrase = passphrase) {
  auto const opened = open_key(file, phrase);
  return opened ? "" : std::string(base::name(opened.error().code)) + " " + opened.error().field;
}

/// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  fs::path const path = fs::temp_directory_path() / ("tally-keystore-" + std::to_string(getpid()));
};

TEST(Keystore, OpensWithItsPassphraseAlone) {
  auto const made = make();
  auto const opened = open_key(made.file, passphrase);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->secret.bytes, made.secret.bytes);
  EXPECT_EQ(opened->key, made.info.key);
  EXPECT_EQ(opened->party, ledger::party_id("9521001000000"));
  EXPECT_EQ(refusal(made.file, "correct horse batterz"), "E_SIGNATURE SERICA");
  EXPECT_EQ(refusal(made.file, ""), "E_SIGNATURE SERICA");
  EXPECT_EQ(refusal(made.file, std::string(passphrase) + " "), "E_SIGNATURE SERICA");
}

TEST(Keystore, TheSecretStandsNowhereInTheFile) {
  auto const made = make();
  EXPECT_EQ(made.file.find(base::to_hex(made.secret.bytes)), std::string::npos);
  // Neither salt nor nonce is used twice.
  auto const again = seal_key(made.info, made.secret, passphrase, true);
  for (auto const* member : {"salt", "nonce", "sealed"}) EXPECT_NE(text_of(again, member), text_of(made.file, member));
}

TEST(Keystore, AnAlteredFileOpensNoMore) {
  auto const made = make();
  auto const other = make("OTHER", "9521002000009");
  for (auto const* member : {"salt", "nonce", "sealed"}) {
    auto const changed = with(made.file, member, base::Value::of(flipped(text_of(made.file, member))));
    EXPECT_EQ(refusal(changed), "E_SIGNATURE SERICA") << member;
  }
  // What stands beside the secret is sealed with it: nobody signs for another organisation or under another key.
  EXPECT_EQ(refusal(with(made.file, "gln", base::Value::of("9521002000009"))), "E_SIGNATURE SERICA");
  EXPECT_EQ(refusal(with(made.file, "name", base::Value::of("OTHER"))), "E_SIGNATURE OTHER");
  EXPECT_EQ(refusal(with(made.file, "key", base::Value::of(other.info.key.hex()))), "E_SIGNATURE SERICA");
  EXPECT_EQ(refusal(with(made.file, "sealed", base::Value::of(text_of(other.file, "sealed")))), "E_SIGNATURE SERICA");
}

TEST(Keystore, AnotherFormIsRefusedByItsField) {
  auto const made = make();
  EXPECT_EQ(refusal("{").substr(0, 10), "E_ENCODING");
  EXPECT_EQ(refusal(with(made.file, "format", base::Value::of("tally key 2"))), "E_ENCODING format");
  EXPECT_EQ(refusal(with(made.file, "salt", base::Value::of("0x12"))), "E_ENCODING salt");
  EXPECT_EQ(refusal(with(made.file, "nonce", base::Value::of("12"))), "E_ENCODING nonce");
  EXPECT_EQ(refusal(with(made.file, "sealed", base::Value::of(text_of(made.file, "sealed") + "00"))),
            "E_ENCODING sealed");
  EXPECT_EQ(refusal(made.file.substr(0, made.file.size() / 2)).substr(0, 10), "E_ENCODING");
}

TEST(Keystore, TheWorkOfOpeningIsBounded) {
  auto const made = make();
  // A file from elsewhere cannot make this machine work or allocate for ever.
  auto const number = [&](char const* member, std::uint64_t value) {
    return refusal(with(made.file, member, base::Value::of(value)));
  };
  EXPECT_EQ(number("operations", std::uint64_t{1} << 40), "E_ENCODING operations");
  EXPECT_EQ(number("memory_bytes", std::uint64_t{1} << 50), "E_ENCODING memory_bytes");
  EXPECT_EQ(number("operations", 0), "E_ENCODING operations");
  EXPECT_EQ(number("memory_bytes", 1), "E_ENCODING operations");
  // Another allowed amount of work gives another key.
  EXPECT_EQ(number("operations", 2), "E_SIGNATURE SERICA");
  // What is not for a test network takes the work that libsodium calls moderate.
  auto const slow = seal_key(made.info, made.secret, passphrase);
  auto const parsed = rpc::from_text(slow);
  EXPECT_EQ(parsed->find("operations")->text, "3");
  EXPECT_EQ(parsed->find("memory_bytes")->text, "268435456");
  EXPECT_EQ(refusal(slow), "");
}

TEST(Keystore, OnlyTheOwnerReadsTheFile) {
  Folder const folder;
  auto const made = make();
  ASSERT_TRUE(write_key(folder.path, made.info, made.file));
  struct stat found {};
  ASSERT_EQ(stat((folder.path / "SERICA.key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  EXPECT_FALSE(fs::exists(folder.path / "SERICA.key.part"));
  // A key is never written over.
  auto const again = write_key(folder.path, made.info, make().file);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::E_ALREADY_REGISTERED);
  EXPECT_EQ(*read_text_file(folder.path / "SERICA.key"), made.file);
  for (auto const* name : {"", "../SERICA", "a/b", "a b", "."}) {
    auto info = made.info;
    info.name = name;
    auto const refused = write_key(folder.path, info, made.file);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().field, "name");
  }
  auto const listed = list_keys(folder.path);
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].key, made.info.key);
}

TEST(Keystore, FilesAreReadWholeOrRefusedByName) {
  Folder const folder;
  EXPECT_EQ(read_text_file(folder.path).error().code, Code::E_FORM);
  EXPECT_EQ(read_text_file(folder.path / "nothing").error().field, (folder.path / "nothing").string());
  ASSERT_TRUE(write_text_file(folder.path / "text", "twelve bytes"));
  EXPECT_EQ(read_text_file(folder.path / "text", 11).error().code, Code::E_TOO_LARGE);
  EXPECT_EQ(*read_text_file(folder.path / "text", 12), "twelve bytes");
  EXPECT_EQ(write_text_file(folder.path, "x").error().code, Code::E_DISK);
}

}  // namespace
}  // namespace wallet
