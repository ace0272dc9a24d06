// SPDX-License-Identifier: Apache-2.0
// EPCIS documents that others wrote: in through both doors, out with the same bytes in a document with their recorded
// context.
#include <algorithm>
#include <chrono>
#include <thread>

#include "e2e/fixture.hpp"
#include "gs1/document.hpp"
#include "gs1/event.hpp"
#include "gs1/event_hash.hpp"
#include "wallet/keystore.hpp"

namespace e2e {
namespace {

std::vector<std::filesystem::path> json_documents() {
  std::vector<std::filesystem::path> out;
  auto const shared = shared_folder();
  if (shared.empty()) return out;
  for (auto const& entry :
       std::filesystem::recursive_directory_iterator(shared / "standards" / "epcis" / "documents")) {
    auto const extension = entry.path().extension();
    if (extension == ".json" || extension == ".jsonld") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

/// What the node answers about an event; a node may be a moment behind the one that recorded it.
struct Served {
  rpc::Answer first;
  /// Of all pages.
  std::string text;
};
Served served(rpc::Client& client, base::Hash const& event_hash) {
  Served out;
  constexpr int rounds = 100;
  for (int round = 0; round < rounds; ++round) {
    auto const answer = client.send("GET", "/epcis/events/" + gs1::to_event_id(event_hash), "");
    if (answer) out.first = *answer;
    if (out.first.status == 200) {
      // Records under another context stand on the next page.
      out.text = out.first.body;
      auto const more =
          std::ranges::find_if(out.first.headers, [](auto const& header) { return header.first == "Link"; });
      if (more == out.first.headers.end()) break;
      auto const next = client.send("GET", more->second.substr(1, more->second.find('>') - 1), "");
      if (next) out.text += next->body;
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return out;
}

/// Each event of the document is served with its very bytes, in a document that carries the context it was recorded
/// under.
void expect_served(std::string const& text, std::string const& url) {
  auto const document = gs1::read_document(text);
  ASSERT_TRUE(document) << base::to_string(document.error());
  auto const context = gs1::read_context(document->context);
  ASSERT_TRUE(context);
  auto client = rpc::connect(url);
  ASSERT_TRUE(client);
  for (auto const event : document->events) {
    auto const read = gs1::read_event(base::bytes_of(event), *context);
    ASSERT_TRUE(read) << base::to_string(read.error());
    auto const answer = served(**client, read->event_hash).first;
    ASSERT_EQ(answer.status, 200u) << answer.body;
    // The first recorded stands for an event that several documents bring in other words.
    auto const found = gs1::read_document(answer.body);
    ASSERT_TRUE(found) << base::to_string(found.error());
    ASSERT_GE(found->events.size(), 1u);
    auto const again = gs1::read_event(base::bytes_of(found->events[0]), *gs1::read_context(found->context));
    ASSERT_TRUE(again) << base::to_string(again.error());
    EXPECT_EQ(again->event_hash, read->event_hash);
  }
}

bool served_exactly(std::string const& text, std::string const& url) {
  auto const document = gs1::read_document(text);
  auto const context = gs1::read_context(document->context);
  auto client = rpc::connect(url);
  return std::ranges::all_of(document->events, [&](std::string_view event) {
    auto const read = gs1::read_event(base::bytes_of(event), *context);
    auto const text_served = served(**client, read->event_hash).text;
    bool const has_context = document->context.empty() || text_served.find(document->context) != std::string::npos;
    return text_served.find(event) != std::string::npos && has_context;
  });
}

TEST(Documents, OfOthersGoInByTheCommandLineAndComeBackUnchanged) {
  auto& net = running();
  std::size_t exact = 0;
  std::size_t repeated = 0;
  auto const documents = json_documents();
  for (auto const& path : documents) {
    auto const text = wallet::read_text_file(path);
    ASSERT_TRUE(text);
    auto const ran = run_tally({"capture", path.string(), "--node", net.network.member_url(1), "--keys",
                                net.network.keys_folder().string(), "--passphrase-file",
                                (net.network.keys_folder() / "passphrase").string(), "--key", "SOKE"});
    ASSERT_EQ(ran.exit, 0) << path << "\n" << ran.output;
    bool const new_events = ran.output.find("  exists  ") == std::string::npos;
    repeated += new_events ? 0u : 1u;
    expect_served(*text, net.network.member_url(2));
    if (new_events) {
      EXPECT_TRUE(served_exactly(*text, net.network.member_url(3))) << path;
      ++exact;
    }
  }
  if (!documents.empty()) {
    std::printf("%zu documents, %zu new and unchanged, %zu with events that came before\n", documents.size(), exact,
                repeated);
    EXPECT_GT(exact, 20u);
    EXPECT_GT(repeated, 0u);
  }
}

TEST(Documents, OfOthersGoInByTheEpcisInterface) {
  auto& net = running();
  auto client = rpc::connect(net.network.member_url(0));
  ASSERT_TRUE(client);
  for (auto const& path : json_documents()) {
    auto const text = wallet::read_text_file(path);
    ASSERT_TRUE(text);
    auto const accepted = (*client)->send("POST", "/epcis/capture", *text);
    ASSERT_TRUE(accepted);
    ASSERT_EQ(accepted->status, 202u) << path << "\n" << accepted->body;
    auto const location =
        std::ranges::find_if(accepted->headers, [](auto const& header) { return header.first == "Location"; });
    ASSERT_NE(location, accepted->headers.end());
    auto const id = ledger::Hash::from_text(location->second.substr(std::string_view("/epcis/capture/").size()));
    ASSERT_TRUE(id);
    auto const outcome = wallet::wait(**client, *id, 20'000);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->state, "done") << path << " " << outcome->code << " " << outcome->field;
    auto const job = (*client)->send("GET", location->second, "");
    ASSERT_TRUE(job);
    EXPECT_NE(job->body.find("\"success\":true"), std::string::npos) << path << "\n" << job->body;
    expect_served(*text, net.network.member_url(1));
    // The same document again: each event is answered as known, and nothing is recorded twice.
    auto const again = (*client)->send("POST", "/epcis/capture", *text);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->status, 202u);
  }
}

}  // namespace
}  // namespace e2e
