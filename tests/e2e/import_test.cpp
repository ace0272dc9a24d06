// SPDX-License-Identifier: Apache-2.0
// tally import is killed again and again and still ends with every event recorded once and every refusal told.
#include <unistd.h>

#include <fstream>

#include "e2e/fixture.hpp"
#include "wallet/keystore.hpp"

namespace e2e {
namespace {

namespace fs = std::filesystem;

constexpr unsigned events = 6'000;
/// One in so many has a step that is in no vocabulary, another is dated after its recording.
constexpr unsigned unread_every = 500;
constexpr unsigned early_every = 700;

bool is_unread(unsigned number) { return number % unread_every == 7; }
bool is_early(unsigned number) { return number % early_every == 11; }

std::string event(unsigned number) {
  std::string const context = R"("https://ref.gs1.org/standards/epcis/epcis-context.jsonld")";
  std::string const time = is_early(number) ? "2099-01-01T00:00:00Z" : "2026-04-30T08:00:00Z";
  return R"({"@context":[)" + context + R"(],"type":"ObjectEvent","eventTime":")" + time +
         R"(","eventTimeZoneOffset":"+00:00","epcList":["https://id.gs1.org/01/09521001000109/21/IMPORT)" +
         std::to_string(number) + R"("],"action":"OBSERVE","bizStep":")" +
         (is_unread(number) ? "storring" : "storing") + R"("})";
}

class Import : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder);
    std::ofstream out(file);
    for (unsigned i = 0; i < events; ++i) out << event(i) << "\n";
    for (unsigned i = 0; i < events; ++i) {
      if (is_unread(i) || is_early(i)) refusals.push_back("event " + std::to_string(i + 1) + " ");
    }
  }
  void TearDown() override { fs::remove_all(folder); }

  std::vector<std::string> words() const {
    auto const& network = running().network;
    return {"import",
            file.string(),
            "--key",
            "SERICA",
            "--node",
            network.member_url(0),
            "--keys",
            network.keys_folder().string(),
            "--passphrase-file",
            (network.keys_folder() / "passphrase").string()};
  }
  /// How many events the place beside the file says are done.
  std::size_t done() const {
    auto const kept = wallet::read_text_file(file.string() + ".import");
    auto const at = kept ? kept->find(R"("done":")") : std::string::npos;
    return at == std::string::npos ? 0 : std::stoul(kept->substr(at + 8));
  }
  /// Which events the list of refusals names.
  std::vector<std::string> told() const {
    std::ifstream list(file.string() + ".refused");
    std::vector<std::string> out;
    for (std::string line; std::getline(list, line);) out.push_back(line.substr(0, line.find(' ', 6) + 1));
    return out;
  }

  fs::path folder = fs::temp_directory_path() / ("tally-import-" + std::to_string(getpid()));
  fs::path file = folder / "history.jsonl";
  std::vector<std::string> refusals;
};

TEST_F(Import, GoesOnAfterEachKillAndForgetsNoRefusal) {
  unsigned kills = 0;
  std::size_t before = 0;
  for (; kills < 6; ++kills) {
    auto arguments = words();
    arguments.insert(arguments.begin(), (testnet::own_binary().parent_path() / "tally").string());
    testnet::Process process(arguments, folder / "log");
    for (unsigned wait = 0; wait < 4'000 && process.running() && done() <= before; ++wait) usleep(5'000);
    usleep(1'000 * (kills * 17 % 60));
    process.stop(true);
    ASSERT_GE(done(), before) << "an import went back";
    before = done();
    if (before >= events) break;
  }
  EXPECT_GE(kills, 3U) << "it was over too soon to be killed";
  auto const ended = run_tally(words());
  EXPECT_EQ(ended.exit, 3) << ended.output;
  EXPECT_EQ(told(), refusals);
  std::size_t recorded = 0;
  std::size_t known = 0;
  std::size_t refused = 0;
  auto const text = ended.output.substr(ended.output.rfind('\n', ended.output.find(" recorded, ")) + 1);
  ASSERT_EQ(std::sscanf(text.c_str(), "%zu recorded, %zu recorded before, %zu refused", &recorded, &known, &refused), 3)
      << ended.output;
  // What a kill cut off between sending and noting counts as recorded before.
  EXPECT_EQ(recorded + known, events - refusals.size());
  EXPECT_EQ(refused, refusals.size());
  auto const again = run_tally(words());
  EXPECT_EQ(again.exit, 3) << "a finished import still says what was refused: " << again.output;

  auto client = rpc::connect(running().network.member_url(0));
  ASSERT_TRUE(client);
  for (unsigned const number : {0U, events / 2, events - 1}) {
    auto params = base::Value::object();
    params.add("id", base::Value::of("https://id.gs1.org/01/09521001000109/21/IMPORT" + std::to_string(number)));
    auto const trace = (*client)->call("trace_get", std::move(params));
    ASSERT_TRUE(trace) << base::to_string(trace.error());
    EXPECT_EQ(trace->find("events")->items.size(), 1U) << number;
  }
}

}  // namespace
}  // namespace e2e
