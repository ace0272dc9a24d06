// SPDX-License-Identifier: Apache-2.0
#include "node/service.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "node/cluster_test.hpp"
#include "node/disk_store.hpp"

namespace node {
namespace {

using base::Code;

/// Nobody else is there.
class Alone final : public Transport {
 public:
  void send(Place, SharedBytes) override {}
  void broadcast(SharedBytes) override {}
  void members(std::vector<Member> const&, std::optional<Place>) override {}
  bool is_connected(Place) const override { return false; }
};

/// One validator that is the whole network, with real time, threads and disk. Its test cluster only signs payments.
class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() : loop(2) {
    auto name = (std::filesystem::temp_directory_path() / "tally-service-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    home.path = name;
    auto& genesis = cluster.genesis;
    genesis.validators.validators.resize(1);
    // Payments are valid for some minutes from the genesis on, so time begins there.
    genesis.clock = ledger::TestClock{cluster.key_of_alfa(), loop.wall_ms()};
    home.genesis = genesis;
    home.config.organisation_gln = "9521001000000";
    home.organisation_secret = cluster.secret_of_alfa();
  }
  ~ServiceTest() override {
    service.reset();
    replica.reset();
    // Writes what it has not written yet.
    store.reset();
    std::filesystem::remove_all(home.path);
  }

  void open() {
    auto opened = open_disk_store(home.path / "data");
    ASSERT_TRUE(opened) << base::to_string(opened.error());
    store = std::move(opened).value();
    ReplicaSetup setup;
    setup.genesis = home.genesis;
    setup.secrets = [&] { return std::vector{cluster.secret(0)}; };
    setup.refuse_below_bytes = setup.stop_below_bytes = 0;
    setup.log = [](std::string_view, std::string const&) {};
    setup.publish = [this](std::shared_ptr<ledger::Certified const> certified) {
      if (service) service->publish(std::move(certified));
    };
    auto made = Replica::open(std::move(setup), {loop, transport, loop, *store});
    ASSERT_TRUE(made) << base::to_string(made.error());
    replica = std::move(made).value();
    service = std::make_unique<Service>(loop, *replica, *store, home);
    loop.set_wake([this] { replica->wake(); });
    loop.every(status_period_ms, [this] { service->refresh(); });
    core = std::thread([this] {
      replica->start();
      loop.run_until_stopped();
    });
  }
  void stop() {
    loop.stop();
    core.join();
    service->close();
  }
  bool is_recorded(Hash const& id) const {
    return service->certified()->state->get(ledger::receipt_key(id)).has_value();
  }
  /// Blocks follow one another until it is there; none in half a minute is a failure.
  bool wait_for(Hash const& id) {
    for (int i = 0; i < 30 && !is_recorded(id); ++i) {
      service->wait_beyond(service->certified()->header.height, 1'000);
    }
    return is_recorded(id);
  }

  test::Cluster cluster;
  Home home;
  Loop loop;
  Alone transport;
  std::unique_ptr<DiskStore> store;
  std::unique_ptr<Replica> replica;
  std::unique_ptr<Service> service;
  std::thread core;
};

TEST_F(ServiceTest, AnswersManyThreadsAtOnce) {
  open();
  auto const minted = service->submit(cluster.payment(0));
  ASSERT_TRUE(minted) << base::to_string(minted.error());
  ASSERT_TRUE(wait_for(*minted));
  std::vector<std::thread> callers;
  std::atomic<int> refused = 0;
  for (std::uint64_t caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&, caller] {
      for (std::uint64_t number = 1; number <= 25; ++number) {
        auto const id = service->submit(cluster.payment(100 * caller + number));
        refused += !id;
        if (id) static_cast<void>(service->is_pending(*id));
        static_cast<void>(service->status());
        static_cast<void>(service->block(service->certified()->header.height));
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(refused, 0);
  for (std::uint64_t caller = 0; caller < 4; ++caller) {
    EXPECT_TRUE(wait_for(cluster.id_of(cluster.payment(100 * caller + 25))));
  }
  std::size_t found = 0;
  for (Height height = 0; height <= service->certified()->header.height; ++height) {
    auto const block = service->block(height);
    ASSERT_TRUE(block) << height;
    EXPECT_EQ(block->height, height);
    found += block->transactions.size();
  }
  EXPECT_EQ(found, 101u);
  EXPECT_FALSE(service->block(service->certified()->header.height + 1'000));
  EXPECT_EQ(service->status().not_ready, "");
  EXPECT_EQ(service->status().phase, "running");
  stop();
}

TEST_F(ServiceTest, AnswersEachOfThoseThatComeTogether) {
  open();
  std::vector<ledger::Bytes> transactions;
  for (std::uint64_t number = 0; number < 50; ++number) transactions.push_back(cluster.payment(number));
  transactions[33] = ledger::Bytes(10, 0xee);
  auto const answers = service->submit_all(transactions);
  ASSERT_EQ(answers.size(), transactions.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i == 33) continue;
    ASSERT_TRUE(answers[i]) << i;
    EXPECT_TRUE(wait_for(*answers[i]));
  }
  EXPECT_EQ(answers[33].error().code, Code::E_ENCODING);
  EXPECT_TRUE(service->submit_all({}).empty());
  stop();
}

TEST_F(ServiceTest, SignsForItsOrganisationIfItHasTheKey) {
  open();
  ledger::SetClaimCode operation;
  operation.item = "https://id.gs1.org/01/09521001000109/21/1";
  auto const id = service->submit_own({operation}, {});
  ASSERT_TRUE(id) << base::to_string(id.error());
  EXPECT_TRUE(wait_for(*id)) << "it is recorded, whatever becomes of it";
  home.organisation_secret.reset();
  auto const refused = service->submit_own({operation}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::E_NOT_ALLOWED_HERE);
  stop();
}

TEST_F(ServiceTest, LetsEverybodyGoWhenItStops) {
  open();
  std::thread waiting([&] { service->wait_beyond(1'000'000, 600'000); });
  loop.stop();
  core.join();
  std::thread late([&] {
    auto const answer = service->submit(cluster.payment(0));
    EXPECT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Code::E_BUSY);
  });
  service->close();
  waiting.join();
  late.join();
}

}  // namespace
}  // namespace node
