// SPDX-License-Identifier: Apache-2.0
// Alarms of four real processes: told within two blocks by WebSocket and by webhook, plain and behind TLS; nothing is
// lost when a receiver or the node itself is away.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "e2e/fixture.hpp"
#include "rpc/json.hpp"
#include "rpc/server.hpp"
#include "rpc/webhook.hpp"
#include "wallet/keystore.hpp"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
constexpr auto patience = std::chrono::seconds(60);
constexpr std::size_t blocks_max = 2;

bool until(std::function<bool()> const& so) {
  auto const end = Clock::now() + patience;
  while (!so() && Clock::now() < end) usleep(5'000);
  return so();
}

std::uint64_t height_of(std::string const& url) {
  auto client = rpc::connect(url);
  auto const status = client ? (*client)->call("chain_status", base::Value::object()) : client.error();
  return status ? std::stoull(std::string(status->string_of("height"))) : ~std::uint64_t{0};
}

/// The least of a WebSocket (RFC 6455) that a test needs: one text sent, texts received.
class Socket {
 public:
  explicit Socket(std::uint16_t port) : handle_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval const limit{60, 0};
    setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    EXPECT_EQ(::connect(handle_, static_cast<sockaddr const*>(static_cast<void const*>(&to)), sizeof to), 0);
    write("GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      auto const more = read(1);
      if (more.empty()) break;
      head += more;
    }
    EXPECT_TRUE(head.starts_with("HTTP/1.1 101")) << head;
  }
  ~Socket() { ::close(handle_); }
  Socket(Socket const&) = delete;
  Socket& operator=(Socket const&) = delete;

  void send(std::string const& text) {
    ASSERT_LT(text.size(), 65'536U);
    std::string frame = "\x81";  // one text frame, masked, its length in the fewest bytes
    if (text.size() < 126) {
      frame += static_cast<char>(0x80 | text.size());
    } else {
      frame += "\xfe";
      frame += static_cast<char>(text.size() >> 8);
      frame += static_cast<char>(text.size() & 0xff);
    }
    frame += std::string(4, '\0');  // the mask changes nothing
    write(frame + text);
  }
  std::string receive() {
    auto const head = read(2);
    if (head.size() < 2) return {};
    std::size_t size = static_cast<unsigned char>(head[1]) & 0x7fU;
    auto const longer = read(size == 126 ? 2 : size == 127 ? 8 : 0);
    if (!longer.empty()) size = 0;
    for (char const c : longer) size = size << 8 | static_cast<unsigned char>(c);
    return read(size);
  }
  /// The number of the next alarm that it is told of.
  std::string alarm() {
    auto const notice = rpc::from_text(receive());
    auto const* params = notice ? notice->find("params") : nullptr;
    auto const* alarm = params != nullptr ? params->find("notice") : nullptr;
    return alarm != nullptr ? std::string(alarm->string_of("number")) : "none";
  }

 private:
  void write(std::string const& text) {
    EXPECT_EQ(::send(handle_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  std::string read(std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t done = 0; done < size;) {
      auto const got = ::recv(handle_, out.data() + done, size - done, 0);
      if (got <= 0) return {};
      done += static_cast<std::size_t>(got);
    }
    return out;
  }
  int handle_;
};

/// A receiver in this process.
class Hook {
 public:
  explicit Hook(std::string node_url) : node_url_(std::move(node_url)) {
    auto opened =
        rpc::listen({}, [this](rpc::Request const& request) { return take(request); }, nullptr, {.answered_max = 1});
    EXPECT_TRUE(opened);
    server_ = std::move(opened).value();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/alarms"; }
  void answer(unsigned status) {
    std::lock_guard const lock(mutex_);
    status_ = status;
  }
  struct Taken {
    std::string number;
    std::uint64_t blocks_late = 0;
    rpc::Request request;
  };
  std::vector<Taken> taken() {
    std::lock_guard const lock(mutex_);
    return taken_;
  }
  std::size_t refused() {
    std::lock_guard const lock(mutex_);
    return refused_;
  }

 private:
  rpc::Response take(rpc::Request const& request) {
    auto const now = height_of(node_url_);
    std::lock_guard const lock(mutex_);
    auto const body = rpc::from_text(request.body);
    if (status_ >= 300 || !body || body->find("data") == nullptr) {
      ++refused_;
      return {status_, "text/plain", "", {}};
    }
    auto const* data = body->find("data");
    taken_.push_back(
        {std::string(data->string_of("number")), now - std::stoull(std::string(data->string_of("height"))), request});
    return {status_, "text/plain", "", {}};
  }

  std::string node_url_;
  std::mutex mutex_;
  std::vector<Taken> taken_;
  std::size_t refused_ = 0;
  unsigned status_ = 204;
  std::unique_ptr<rpc::Server> server_;
};

class AlarmsTold : public ::testing::Test {
 protected:
  static testnet::Network& network() { return running().network; }
  static std::string url() { return network().member_url(0); }

  /// Something that happened days ago, told only now: the alarm "late". Its number.
  static std::uint64_t raise() {
    static unsigned serial = 0;
    testnet::Act act;
    act.signers = {"SERICA"};
    act.events = {R"({"type":"ObjectEvent","eventTime":"2026-04-20T08:00:00Z","eventTimeZoneOffset":"+00:00",)"
                  R"("epcList":["https://id.gs1.org/01/09521001000109/21/LATE)" +
                  std::to_string(++serial) + R"("],"action":"OBSERVE","bizStep":"inspecting"})"};
    auto const outcome = running().player->play(act);
    EXPECT_TRUE(outcome && outcome->state == "done") << (outcome ? outcome->code : base::to_string(outcome.error()));
    return count_++;
  }
  static rpc::Answer post(std::string const& path, std::string const& body) {
    auto client = rpc::connect(url());
    EXPECT_TRUE(client);
    auto const answer = (*client)->send("POST", "/alarms/subscriptions" + path, body);
    EXPECT_TRUE(answer) << base::to_string(answer.error());
    return answer ? *answer : rpc::Answer{};
  }
  static rpc::Answer get(std::string const& path) {
    auto client = rpc::connect(url());
    auto const answer = client ? (*client)->send("GET", "/alarms/subscriptions" + path, "") : client.error();
    return answer ? *answer : rpc::Answer{};
  }
  static void restart(bool hard) {
    network().stop(0, hard);
    network().start(0);
    ASSERT_TRUE(network().wait_ready(0, 60'000));
  }
  /// How many alarms the chain has; the first test asks.
  static inline std::uint64_t count_ = 0;
};

TEST_F(AlarmsTold, WithinTwoBlocksByBothWaysAndFromTheCursorAfterAKill) {
  auto client = rpc::connect(url());
  ASSERT_TRUE(client);
  auto const listed = (*client)->call("alarm_list", base::Value::object());
  ASSERT_TRUE(listed) << base::to_string(listed.error());
  count_ = std::stoull(std::string(listed->string_of("cursor")));
  auto const first = count_;
  Hook hook(url());
  auto const made = rpc::from_text(post("", R"({"dest":")" + hook.url() + R"("})").body);
  ASSERT_TRUE(made);
  auto const id = std::string(made->string_of("subscriptionID"));
  auto const secret = std::string(made->string_of("secret"));
  auto const port = static_cast<std::uint16_t>(std::stoul(url().substr(url().rfind(':') + 1)));
  Socket socket(port);
  socket.send(R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topic":"alarms","kinds":["late"]}})");
  EXPECT_EQ(socket.receive(), R"({"jsonrpc":"2.0","id":1,"result":true})");
  for (unsigned i = 0; i < 5; ++i) {
    auto const number = std::to_string(raise());
    EXPECT_EQ(socket.alarm(), number);
    EXPECT_TRUE(until([&] { return hook.taken().size() > i; }));
  }
  for (auto const& one : hook.taken()) {
    EXPECT_LE(one.blocks_late, blocks_max) << one.number;
    auto const time = std::stoull(std::string(one.request.header("webhook-timestamp")));
    auto const headers = rpc::webhook_headers({secret, {}}, one.request.header("webhook-id"), time, one.request.body);
    EXPECT_EQ(one.request.header("webhook-signature"), headers[2].second);
  }

  // The receiver is down; the node is killed while it tries; more happens while the node is away.
  hook.answer(503);
  raise();
  EXPECT_TRUE(until([&] { return hook.refused() > 0; }));
  raise();
  network().stop(0, true);
  raise();
  hook.answer(204);
  network().start(0);
  ASSERT_TRUE(network().wait_ready(0, 60'000));
  ASSERT_TRUE(until([&] { return hook.taken().size() >= 8; }));
  auto const taken = hook.taken();
  for (std::size_t i = 0; i < taken.size(); ++i) EXPECT_EQ(taken[i].number, std::to_string(first + i));
  EXPECT_EQ(taken.size(), 8U);

  // A WebSocket resumes from the cursor of its last notice.
  Socket again(port);
  again.send(R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topic":"alarms","cursor":")" +
             std::to_string(first + 5) + "\"}}");
  again.receive();
  for (std::uint64_t i = 5; i < 8; ++i) EXPECT_EQ(again.alarm(), std::to_string(first + i));

  // And a webhook is sent again what it asks for.
  EXPECT_EQ(post("/" + id + "/replay", R"({"cursor":")" + std::to_string(first + 6) + "\"}").status, 200u);
  ASSERT_TRUE(until([&] { return hook.taken().size() >= 10; }));
  EXPECT_EQ(hook.taken()[8].number, std::to_string(first + 6));
  EXPECT_EQ(hook.taken()[8].request.header("webhook-id"), taken[6].request.header("webhook-id"));
}

TEST_F(AlarmsTold, BehindTlsOnlyWhereTheCertificateHolds) {
  auto const folder = fs::temp_directory_path() / ("tally-receiver-" + std::to_string(getpid()));
  fs::create_directories(folder);
  testnet::Process receiver(
      {"/usr/bin/env", "python3", std::string(TALLY_SOURCE_DIR) + "/tests/e2e/receiver.py", folder.string()},
      folder / "log");
  ASSERT_TRUE(until([&] { return fs::exists(folder / "port"); })) << *wallet::read_text_file(folder / "log");
  auto const port = *wallet::read_text_file(folder / "port");
  auto const subscribe = [&](std::string const& host) {
    auto const made = post("", R"({"signing":"ed25519","dest":"https://)" + host + ":" + port + R"(/hook"})");
    EXPECT_EQ(made.status, 201u) << made.body;
    return std::string(rpc::from_text(made.body)->string_of("subscriptionID"));
  };
  auto const fails = [&](std::string const& id) {
    return until([&] { return get("/" + id).body.find("failures") != std::string::npos; });
  };
  auto const stranger = subscribe("localhost");
  raise();
  EXPECT_TRUE(fails(stranger)) << "its authority is not among the system's";
  EXPECT_FALSE(fs::exists(folder / "taken"));

  auto const settings = network().genesis_path().parent_path() / running().world.validators[0] / "node.toml";
  auto text = *wallet::read_text_file(settings);
  std::string const line = "allow_private = true\n";
  ASSERT_NE(text.find(line), std::string::npos);
  text.insert(text.find(line) + line.size(), "ca_file = \"" + (folder / "ca.pem").string() + "\"\n");
  ASSERT_TRUE(wallet::write_text_file(settings, text));
  restart(false);
  ASSERT_TRUE(until([&] { return fs::exists(folder / "taken"); })) << get("").body;
  EXPECT_NE(wallet::read_text_file(folder / "taken")->find("alarm.late"), std::string::npos);

  // The certificate is localhost's; under another name it is nobody's.
  auto const misnamed = subscribe("127.0.0.1");
  raise();
  EXPECT_TRUE(fails(misnamed));
  auto const lines = [&] {
    auto const all = *wallet::read_text_file(folder / "taken");
    return std::ranges::count(all, '\n');
  };
  EXPECT_TRUE(until([&] { return lines() >= 2; }));
  EXPECT_EQ(lines(), 2) << "one by the good name each time, none by the other";
  fs::remove_all(folder);
}

}  // namespace
}  // namespace e2e
