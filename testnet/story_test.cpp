// SPDX-License-Identifier: Apache-2.0
// The silk journey as its parties would sign it, before any node sees it.
#include "testnet/story.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "gs1/event.hpp"
#include "gs1/json.hpp"
#include "testnet/embedded.hpp"
#include "testnet/events.hpp"

namespace testnet {
namespace {

World const& world() {
  static World const read = read_world(*embedded("network.json")).value();
  return read;
}
base::PartyKey no_key(std::string const&) { return {}; }
base::Value journeys() { return gs1::parse_json(*embedded("journeys.json")).value(); }
Story silk() { return tell(journeys(), "J1-silk", world(), no_key).value(); }

/// The file with one text in it replaced.
std::string changed(std::string_view file, std::string_view from, std::string_view to) {
  std::string out(*embedded(file));
  auto const at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return out.replace(at, from.size(), to);
}
template <class T>
std::string refusal(base::Result<T> const& result) {
  return result ? "" : result.error().field;
}

TEST(Story, TellsSeventeenStepsInOrder) {
  auto const story = silk();
  ASSERT_EQ(story.steps.size(), 17u);
  ledger::TimeMs before = 0;
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    EXPECT_EQ(story.steps[i].number, i + 1);
    EXPECT_GE(story.steps[i].time_ms, before) << "step " << i + 1;
    before = story.steps[i].time_ms;
  }
  EXPECT_EQ(story.steps.front().kind, "produce");
  // The last step is a deadline's: nobody signs it.
  EXPECT_TRUE(story.steps.back().acts.empty());
  EXPECT_EQ(story.preparations.size(), 2u);
}

TEST(Story, EveryEventIsOneThatAPartnerCouldSend) {
  auto const context = gs1::read_context(event_context());
  ASSERT_TRUE(context);
  std::set<std::string> ids;
  std::size_t events = 0;
  for (auto const& step : silk().steps) {
    for (auto const& act : step.acts) {
      EXPECT_FALSE(act.signers.empty());
      for (auto const& signer : act.signers) EXPECT_NO_FATAL_FAILURE(world().organisation(signer));
      for (auto const& text : act.events) {
        auto const event = gs1::read_event(base::bytes_of(text), *context);
        ASSERT_TRUE(event) << base::to_string(event.error()) << "\n" << text;
        EXPECT_TRUE(ids.insert(event_id(text)).second) << "twice: " << text;
        ++events;
      }
    }
  }
  EXPECT_EQ(events, 44u);
}

/// For the judge of documents (tests/judges/epcis.sh): with TALLY_SAMPLES, a file for each step of each journey.
TEST(Story, EveryStepIsADocument) {
  char const* folder = std::getenv("TALLY_SAMPLES");
  auto const file = journeys();
  auto const all = world_of(file);
  ASSERT_TRUE(all) << base::to_string(all.error());
  std::set<std::string> kinds;
  for (auto const& [name, value] : file.find("journeys")->members) {
    auto const story = tell(file, name, *all, no_key);
    ASSERT_TRUE(story) << base::to_string(story.error());
    for (std::size_t i = 0; i < story->steps.size(); ++i) {
      auto const& step = story->steps[i];
      std::vector<std::string> events;
      for (auto const& act : step.acts) events.insert(events.end(), act.events.begin(), act.events.end());
      if (events.empty()) continue;
      kinds.insert(step.kind);
      if (folder == nullptr) continue;
      std::ofstream(std::filesystem::path(folder) / (name + "-" + std::to_string(i) + "_" + step.kind + ".json"))
          << document(events, step.time_ms);
    }
  }
  EXPECT_EQ(kinds.size(), 19u);
}

TEST(Story, AHandoverIsAnOfferAndItsAnswerByTwoParties) {
  auto const context = gs1::read_context(event_context());
  std::map<base::Hash, std::string> offers;
  std::size_t answered = 0;
  for (auto const& step : silk().steps) {
    for (auto const& act : step.acts) {
      for (auto const& text : act.events) {
        auto const event = gs1::read_event(base::bytes_of(text), *context);
        if (event->tally.handover == gs1::Handover::offer) offers[event->event_hash] = act.signers.front();
        if (event->tally.handover != gs1::Handover::accept) continue;
        auto const offer = offers.find(*event->tally.answers);
        ASSERT_NE(offer, offers.end()) << text;
        EXPECT_NE(offer->second, act.signers.front()) << text;
        ++answered;
      }
    }
  }
  EXPECT_EQ(answered, offers.size());
  EXPECT_EQ(answered, 4u);
}

TEST(Story, WhatCannotBeToldIsNamed) {
  EXPECT_EQ(refusal(tell(journeys(), "J9-nothing", world(), no_key)), "J9-nothing");
  auto const unknown = gs1::parse_json(changed("journeys.json", R"("kind": "produce")", R"("kind": "conjure")"));
  ASSERT_TRUE(unknown);
  EXPECT_EQ(refusal(tell(*unknown, "J1-silk", world(), no_key)), "events[1].kind");
  auto const never =
      gs1::parse_json(changed("journeys.json", R"("time": "2026-05-20T02:00Z")", R"("time": "some day")"));
  ASSERT_TRUE(never);
  EXPECT_EQ(refusal(tell(*never, "J1-silk", world(), no_key)), "events[1].time");
}

TEST(World, IsReadWholeOrRefusedByField) {
  EXPECT_EQ(world().validators.size(), 4u);
  EXPECT_EQ(world().organisation("SERICA").member.gln, "9521001000000");
  EXPECT_EQ(world().site("SERICA.MILL").party, world().organisation("SERICA").party());
  EXPECT_EQ(refusal(read_world(changed("network.json", R"("members")", R"("strangers")"))), "members");
  EXPECT_EQ(refusal(read_world(changed("network.json", R"("yield_ppm": )", R"("yield_ppm": -)"))).substr(0, 4), "reel");
  EXPECT_FALSE(read_world("{"));
}

}  // namespace
}  // namespace testnet
