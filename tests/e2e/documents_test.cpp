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
Served served(rpc::Client& client, base::Hash const& event_hash, int rounds = 100) {
  Served out;
  for (int round = 0; round < rounds; ++round) {
    auto const answer = client.send("GET", "/epcis/events/" + gs1::to_event_id(event_hash), "");
    if (answer) out.first = *answer;
    if (out.first.status == 200) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  // Records under another context stand on the next page.
  auto page = out.first;
  for (int pages = 0; page.status == 200 && pages < 20; ++pages) {
    out.text += page.body;
    auto const more = std::ranges::find_if(page.headers, [](auto const& header) { return header.first == "Link"; });
    if (more == page.headers.end()) break;
    auto const next = client.send("GET", more->second.substr(1, more->second.find('>') - 1), "");
    if (!next) break;
    page = *next;
  }
  return out;
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t out = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++out;
  return out;
}

/// How often each event of the document is served now with its very bytes.
std::vector<std::size_t> served_bytes(rpc::Client& client, gs1::Document const& document) {
  auto const context = gs1::read_context(document.context);
  std::vector<std::size_t> out;
  for (auto const event : document.events) {
    auto const read = gs1::read_event(base::bytes_of(event), *context);
    out.push_back(occurrences(served(client, read->event_hash, 1).text, event));
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

/// The same for all of a document, with its context; waits for a node that is a moment behind.
bool served_exactly(std::string const& text, std::string const& url) {
  auto const document = gs1::read_document(text);
  auto const context = gs1::read_context(document->context);
  auto client = rpc::connect(url);
  auto const is_served = [&](std::string_view event) {
    auto const read = gs1::read_event(base::bytes_of(event), *context);
    auto const found = served(**client, read->event_hash).text;
    bool const has_context = document->context.empty() || found.find(document->context) != std::string::npos;
    return found.find(event) != std::string::npos && has_context;
  };
  constexpr int rounds = 100;
  for (int round = 0; round < rounds; ++round) {
    if (std::ranges::all_of(document->events, is_served)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
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

/// Sends a document to the EPCIS interface and waits for what comes of it.
wallet::Outcome posted(rpc::Client& client, std::string const& text) {
  auto const accepted = client.send("POST", "/epcis/capture", text);
  if (!accepted || accepted->status != 202) {
    ADD_FAILURE() << (accepted ? accepted->body : base::to_string(accepted.error()));
    return {};
  }
  auto const location =
      std::ranges::find_if(accepted->headers, [](auto const& header) { return header.first == "Location"; });
  auto const place = location == accepted->headers.end() ? std::string() : location->second;
  auto const id = ledger::Hash::from_text(place.substr(place.rfind('/') + 1));
  auto const outcome = id ? wallet::wait(client, *id, 20'000) : base::Result<wallet::Outcome>(wallet::Outcome{});
  auto const job = client.send("GET", place, "");
  EXPECT_TRUE(job && job->body.find("\"success\":true") != std::string::npos) << place;
  return outcome ? *outcome : wallet::Outcome{};
}

TEST(Documents, OfOthersGoInByTheEpcisInterface) {
  auto& net = running();
  auto client = rpc::connect(net.network.member_url(0));
  ASSERT_TRUE(client);
  std::size_t exact = 0;
  for (auto const& path : json_documents()) {
    auto const text = wallet::read_text_file(path);
    ASSERT_TRUE(text);
    auto const document = gs1::read_document(*text);
    ASSERT_TRUE(document);
    // The same bytes may be there already, recorded by another party.
    auto const before = served_bytes(**client, *document);
    auto const outcome = posted(**client, *text);
    EXPECT_EQ(outcome.state, "done") << path << " " << outcome.code << " " << outcome.field;
    expect_served(*text, net.network.member_url(1));
    auto const after = served_bytes(**client, *document);
    ASSERT_EQ(outcome.event_codes.size(), after.size()) << path;
    for (std::size_t i = 0; i < after.size(); ++i) {
      bool const is_new = outcome.event_codes[i] == "done";
      EXPECT_GE(after[i], before[i] + (is_new ? 1u : 0u)) << path << " event " << i;
      exact += is_new ? 1u : 0u;
    }
    // The same document again: each event is answered as known, and nothing is recorded twice.
    auto const again = posted(**client, *text);
    EXPECT_EQ(again.event_codes, std::vector<std::string>(after.size(), "exists")) << path;
    EXPECT_EQ(served_bytes(**client, *document), after) << path;
  }
  if (!json_documents().empty()) {
    EXPECT_GT(exact, 20u);
  }
}

}  // namespace
}  // namespace e2e
