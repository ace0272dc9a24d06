// SPDX-License-Identifier: Apache-2.0
#include "rpc/alarms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "rpc/follower.hpp"
#include "rpc/json.hpp"
#include "rpc/server.hpp"
#include "rpc/state_backend_test.hpp"

namespace rpc {
namespace {

using ledger::AlarmKind;
using ledger::Space;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto patience = std::chrono::seconds(30);

void raise(StateBackend& backend, AlarmKind kind) {
  backend.change([&](ledger::Overlay& state) {
    auto const number = ledger::alarm_count(state);
    ledger::AlarmRecord alarm;
    alarm.kind = kind;
    alarm.subject = "https://id.gs1.org/01/09521001000109/21/S1";
    alarm.height = backend.height() + 1;
    ledger::store(state, ledger::alarm_key(number), alarm);
    state.put(ledger::state_key(Space::alarm, "count"), ledger::big_endian(number + 1));
  });
}

/// A receiver that answers as it is told and keeps what it took.
class Receiver {
 public:
  Receiver() {
    auto opened = listen({}, [this](Request const& request) { return take(request); }, nullptr, {.answered_max = 2});
    EXPECT_TRUE(opened);
    server_ = std::move(opened).value();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook"; }
  void answer(unsigned status) {
    std::lock_guard const lock(mutex_);
    status_ = status;
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return taken_.size() >= count; });
  }
  std::vector<Request> taken() {
    std::lock_guard const lock(mutex_);
    return taken_;
  }
  std::vector<std::string> numbers() {
    std::vector<std::string> out;
    for (auto const& request : taken()) out.emplace_back(from_text(request.body)->find("data")->string_of("number"));
    return out;
  }
  std::size_t refused() {
    std::lock_guard const lock(mutex_);
    return refused_;
  }

 private:
  Response take(Request const& request) {
    std::lock_guard const lock(mutex_);
    if (status_ >= 200 && status_ < 300) {
      taken_.push_back(request);
    } else {
      ++refused_;
    }
    changed_.notify_all();
    return {status_, "text/plain", "", {}};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Request> taken_;
  std::size_t refused_ = 0;
  unsigned status_ = 204;
  std::unique_ptr<Server> server_;
};

class AlarmHooks : public testing::Test {
 protected:
  AlarmHooks() {
    backend.share();
    restart();
  }
  void restart() {
    alarms.reset();
    alarms = std::make_unique<Alarms>(backend, outside.get());
  }
  Response post(std::string const& path, std::string const& body) {
    return alarms->handle({"POST", "/alarms/subscriptions" + path, {}, body});
  }
  Response get(std::string const& path) { return alarms->handle({"GET", "/alarms/subscriptions" + path, {}, ""}); }
  /// The id of a subscription with these members beside its destination.
  std::string subscribe(Receiver const& to, std::string const& rest = "") {
    auto const made = post("", R"({"dest":")" + to.url() + "\"" + rest + "}");
    EXPECT_EQ(made.status, 201u) << made.body;
    return std::string(from_text(made.body)->string_of("subscriptionID"));
  }

  StateBackend backend;
  TestOutside outside;
  std::unique_ptr<Alarms> alarms;
};

TEST_F(AlarmHooks, AreJudged) {
  for (auto const& [body, field] : std::initializer_list<std::pair<char const*, char const*>>{
           {"{", "E_ENCODING"},
           {R"({})", "dest"},
           {R"({"dest":"ftp://a/"})", "dest"},
           {R"({"dest":"https://a.example/","kind":["breach"]})", "kind"},
           {R"({"dest":"https://a.example/","kinds":["breech"]})", "breech"},
           {R"({"dest":"https://a.example/","kinds":[]})", "kinds"},
           {R"({"dest":"https://a.example/","cursor":"1"})", "cursor"},
           {R"({"dest":"https://a.example/","signing":"rsa"})", "signing"},
           {R"({"dest":"https://a.example/","secret":"password"})", "secret"},
           {R"({"dest":"https://a.example/","signing":"ed25519","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})",
            "secret"}}) {
    auto const response = post("", body);
    EXPECT_EQ(response.status, 400u) << body;
    EXPECT_THAT(response.body, HasSubstr(field)) << body;
  }
  EXPECT_EQ(get("/0123").status, 404u);
  EXPECT_EQ(post("/0123/replay", R"({"cursor":"0"})").status, 404u);
  EXPECT_EQ(alarms->handle({"PUT", "/alarms/subscriptions", {}, ""}).status, 405u);
  EXPECT_EQ(alarms->handle({"GET", "/alarms", {}, ""}).status, 404u);
  EXPECT_EQ(get("").body, "[]");
  outside.keep.broken = true;
  EXPECT_EQ(post("", R"({"dest":"https://a.example/"})").status, 503u) << "what would not survive is not promised";
  outside.keep.broken = false;
  for (std::size_t i = 0; i < subscriptions_max; ++i)
    ASSERT_EQ(post("", R"({"dest":"https://a.example/"})").status, 201u);
  EXPECT_EQ(post("", R"({"dest":"https://a.example/"})").status, 413u);
}

TEST_F(AlarmHooks, AreSignedAndFiltered) {
  Receiver all;
  Receiver some;
  auto const made = from_text(post("", R"({"dest":")" + all.url() + R"("})").body);
  auto const secret = std::string(made->string_of("secret"));
  ASSERT_TRUE(is_secret(secret));
  subscribe(some, R"(,"kinds":["recall","brand_alert"],"signing":"ed25519")");
  auto const key = std::string(from_text(get("").body)->items[0].string_of("publicKey")) +
                   std::string(from_text(get("").body)->items[1].string_of("publicKey"));
  ASSERT_TRUE(key.starts_with("whpk_")) << get("").body;
  EXPECT_EQ(get("").body.find(secret), std::string::npos) << "a secret is shown once";
  raise(backend, AlarmKind::breach);
  raise(backend, AlarmKind::recall);
  ASSERT_TRUE(all.wait_for(2));
  ASSERT_TRUE(some.wait_for(1));
  auto const first = all.taken()[0];
  EXPECT_THAT(first.body, HasSubstr(R"("type":"alarm.breach","timestamp":")"));
  EXPECT_THAT(first.body, HasSubstr(R"("cursor":"1")"));
  auto const time = std::stoull(std::string(first.header("webhook-timestamp")));
  EXPECT_EQ(first.header("webhook-signature"),
            webhook_headers({secret, {}}, first.header("webhook-id"), time, first.body)[2].second);
  auto const other = some.taken()[0];
  EXPECT_THAT(other.body, HasSubstr("alarm.recall"));
  auto const key_bytes = *from_base64(key.substr(5));
  auto const signature_bytes = *from_base64(std::string(other.header("webhook-signature")).substr(4));
  base::ValidatorKey public_key;
  base::ValidatorSignature signature;
  std::ranges::copy(key_bytes, public_key.bytes.begin());
  std::ranges::copy(signature_bytes, signature.bytes.begin());
  auto const text =
      std::string(other.header("webhook-id")) + "." + std::string(other.header("webhook-timestamp")) + "." + other.body;
  EXPECT_TRUE(crypto::validator_verify_bytes(public_key, base::bytes_of(text), signature));
}

TEST_F(AlarmHooks, OfEveryKindReachWebhookAndWebSocket) {
  Receiver receiver;
  subscribe(receiver);
  auto const session = open_follower(backend);
  session->receive(R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topic":"alarms"}})");
  auto const kinds = enum_names(AlarmKind{});
  for (std::size_t i = 0; i < kinds.size(); ++i) raise(backend, static_cast<AlarmKind>(i));
  ASSERT_TRUE(receiver.wait_for(kinds.size()));
  auto const taken = receiver.taken();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    EXPECT_EQ(from_text(taken[i].body)->string_of("type"), "alarm." + std::string(kinds[i]));
    auto const notice = session->next_notice();
    ASSERT_TRUE(notice) << kinds[i];
    EXPECT_EQ(from_text(*notice)->find("params")->find("notice")->string_of("kind"), kinds[i]);
  }
}

TEST_F(AlarmHooks, GoOnAfterARestartWithoutLossAndInOrder) {
  Receiver receiver;
  auto const id = subscribe(receiver);
  raise(backend, AlarmKind::breach);
  ASSERT_TRUE(receiver.wait_for(1));
  // Its place is kept before the next is sent.
  while (from_text(get("/" + id).body)->string_of("cursor") != "1") std::this_thread::yield();
  receiver.answer(503);
  raise(backend, AlarmKind::recall);
  while (receiver.refused() == 0) std::this_thread::yield();
  alarms.reset();
  raise(backend, AlarmKind::sensor_gap);
  raise(backend, AlarmKind::late);
  receiver.answer(200);
  restart();
  ASSERT_TRUE(receiver.wait_for(4));
  EXPECT_THAT(receiver.numbers(), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(get("/" + id).body, HasSubstr(R"("cursor":)"));
}

TEST_F(AlarmHooks, WhoeverWasDownGetsAllInOrderAndHoldsUpNobody) {
  Receiver down;
  Receiver up;
  subscribe(down);
  down.answer(500);
  raise(backend, AlarmKind::breach);
  while (down.refused() == 0) std::this_thread::yield();
  subscribe(up, R"(,"cursor":"0")");
  for (unsigned i = 0; i < 30; ++i) raise(backend, AlarmKind::late);
  ASSERT_TRUE(up.wait_for(31));
  EXPECT_TRUE(down.taken().empty());
  down.answer(200);
  ASSERT_TRUE(down.wait_for(31));
  auto const numbers = down.numbers();
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], std::to_string(i));
  EXPECT_EQ(numbers.size(), 31U);
  EXPECT_THAT(outside.said, testing::Contains(HasSubstr("it answered 500")));
}

TEST_F(AlarmHooks, AReceiverThatIsGoneIsLeftAloneUntilItAsksAgain) {
  Receiver receiver;
  auto const id = subscribe(receiver);
  receiver.answer(410);
  raise(backend, AlarmKind::breach);
  while (get("/" + id).body.find("paused") == std::string::npos) std::this_thread::yield();
  raise(backend, AlarmKind::recall);
  restart();
  EXPECT_THAT(get("/" + id).body, HasSubstr(R"("paused":true)"));
  EXPECT_EQ(receiver.refused(), 1U);
  receiver.answer(200);
  EXPECT_EQ(post("/" + id + "/replay", R"({"cursor":"7"})").status, 400u);
  EXPECT_EQ(post("/" + id + "/replay", R"({"cursor":"0"})").status, 200u);
  ASSERT_TRUE(receiver.wait_for(2));
  EXPECT_EQ(post("/" + id + "/replay", R"({"cursor":"1"})").status, 200u);
  ASSERT_TRUE(receiver.wait_for(3));
  EXPECT_THAT(receiver.numbers(), ElementsAre("0", "1", "1"));
  EXPECT_EQ(alarms->handle({"DELETE", "/alarms/subscriptions/" + id, {}, ""}).status, 204u);
  restart();
  EXPECT_EQ(get("").body, "[]");
}

TEST(AlarmFollower, ReplaysFromACursorOrAHeightAndFollows) {
  StateBackend backend;
  for (auto const kind : {AlarmKind::breach, AlarmKind::late, AlarmKind::recall}) raise(backend, kind);
  auto const session = open_follower(backend);
  auto const ask = [&](std::string const& params) {
    return session->receive(R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topic":"alarms")" + params +
                            "}}");
  };
  auto const numbers = [&] {
    std::string out;
    while (auto const notice = session->next_notice())
      out += std::string(from_text(*notice)->find("params")->find("notice")->string_of("number")) + " ";
    return out;
  };
  EXPECT_EQ(numbers(), "");
  ask("");
  EXPECT_EQ(numbers(), "");
  raise(backend, AlarmKind::sensor_gap);
  EXPECT_EQ(numbers(), "3 ");
  ask(R"(,"cursor":"1")");
  EXPECT_EQ(numbers(), "1 2 3 ");
  ask(R"(,"from_height":"0")");
  EXPECT_EQ(numbers(), "0 1 2 3 ");
  ask(R"(,"from_height":"4")");
  EXPECT_EQ(numbers(), "2 3 ") << "the third was raised in block 4";
  ask(R"(,"cursor":"0","kinds":["recall","breach"])");
  EXPECT_EQ(numbers(), "0 2 ");
  EXPECT_THAT(ask(R"(,"cursor":"9")"), HasSubstr("cursor: a number up to 4"));
  EXPECT_THAT(ask(R"(,"kinds":["x"])"), HasSubstr("no kind of alarm: x"));
  session->receive(R"({"jsonrpc":"2.0","id":1,"method":"unsubscribe","params":{"topic":"alarms"}})");
  raise(backend, AlarmKind::breach);
  EXPECT_EQ(numbers(), "");
}

}  // namespace
}  // namespace rpc
