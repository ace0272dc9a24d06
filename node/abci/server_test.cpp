// SPDX-License-Identifier: Apache-2.0
#include "node/abci/server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/abci/abci.pb.h"
#include "node/abci/comet_rpc.hpp"

namespace node::comet {
namespace {

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    auto name = (std::filesystem::temp_directory_path() / "tally-abci-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    auto made = Server::listen(folder / "abci.sock", [](abci::Request const& request, abci::Response& response) {
      if (request.has_flush()) {
        response.mutable_flush();
      } else {
        response.mutable_echo()->set_message(request.echo().message());
      }
    });
    EXPECT_TRUE(made) << base::to_string(made.error());
    server = std::move(made).value();
    handle = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto const path = (folder / "abci.sock").string();
    std::copy(path.begin(), path.end(), address.sun_path);
    auto const* any = static_cast<sockaddr const*>(static_cast<void const*>(&address));
    EXPECT_EQ(::connect(handle, any, sizeof address), 0);
  }
  ~ServerTest() override {
    ::close(handle);
    server.reset();
    std::filesystem::remove_all(folder);
  }

  static std::string frame(abci::Request const& request) {
    auto const bytes = request.SerializeAsString();
    std::string out;
    for (auto left = bytes.size();; left >>= 7) {
      out.push_back(static_cast<char>(left < 0x80 ? left : left | 0x80));
      if (left < 0x80) break;
    }
    return out + bytes;
  }
  static std::string echo(std::string const& text) {
    abci::Request request;
    request.mutable_echo()->set_message(text);
    return frame(request);
  }
  static std::string flush() {
    abci::Request request;
    request.mutable_flush();
    return frame(request);
  }
  void send(std::string const& bytes) const {
    EXPECT_EQ(::send(handle, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// The next answer; nothing when the connection has ended.
  std::optional<abci::Response> receive() const {
    std::size_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
      char byte = 0;
      if (::recv(handle, &byte, 1, MSG_WAITALL) != 1) return std::nullopt;
      length |= (static_cast<std::size_t>(byte) & 0x7f) << shift;
      if ((byte & 0x80) == 0) break;
    }
    std::string bytes(length, '\0');
    if (length != 0 && ::recv(handle, bytes.data(), length, MSG_WAITALL) != static_cast<ssize_t>(length)) {
      return std::nullopt;
    }
    abci::Response out;
    EXPECT_TRUE(out.ParseFromString(bytes));
    return out;
  }

  std::filesystem::path folder;
  std::unique_ptr<Server> server;
  int handle = -1;
};

TEST_F(ServerTest, AnswersComeInOrderAndEveryFlushIsAnswered) {
  send(echo("one") + echo(std::string(1'000, 'x')) + flush() + echo("three") + flush());
  EXPECT_EQ(receive()->echo().message(), "one");
  EXPECT_EQ(receive()->echo().message().size(), 1'000u);
  EXPECT_TRUE(receive()->has_flush());
  EXPECT_EQ(receive()->echo().message(), "three");
  EXPECT_TRUE(receive()->has_flush());
}

TEST_F(ServerTest, ARequestMayComeInPieces) {
  auto const bytes = echo("in pieces") + flush();
  for (char const byte : bytes) send(std::string(1, byte));
  EXPECT_EQ(receive()->echo().message(), "in pieces");
  EXPECT_TRUE(receive()->has_flush());
}

TEST_F(ServerTest, WhatIsNoRequestIsAnsweredAsSuch) {
  send(std::string("\x02\xff\xff", 3) + flush());
  EXPECT_TRUE(receive()->has_exception());
  EXPECT_TRUE(receive()->has_flush());
}

TEST_F(ServerTest, ALengthBeyondTheBoundEndsTheConnection) {
  send(std::string("\xff\xff\xff\xff\x7f", 5));
  EXPECT_FALSE(receive());
}

TEST_F(ServerTest, OthersMayNotOpenTheSocket) {
  using std::filesystem::perms;
  auto const mode = std::filesystem::status(folder / "abci.sock").permissions();
  EXPECT_EQ(mode & (perms::group_all | perms::others_all), perms::none);
}

TEST(Base64, IsReadAsItIsWritten) {
  for (std::string const text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(from_base64(to_base64(base::bytes_of(text))), base::to_bytes(text));
  }
  EXPECT_EQ(to_base64(base::bytes_of("fooba")), "Zm9vYmE=");
  EXPECT_FALSE(from_base64("Zm9"));
  EXPECT_FALSE(from_base64("Zm9*"));
}

}  // namespace
}  // namespace node::comet
