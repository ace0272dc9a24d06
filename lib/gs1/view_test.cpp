// SPDX-License-Identifier: Apache-2.0
#include "gs1/view.hpp"

#include <gtest/gtest.h>

namespace gs1 {
namespace {

constexpr std::string_view event =
    R"({"type":"AssociationEvent",)"
    R"( "outputEPCList" : [ "urn:epc:id:sgtin:9521001.000010.Z" ],"tally:bind":[["urn:x:1","urn:x:2"]],)"
    R"("n": 1.50, "epcList":["https://id.gs1.org/01/09521001000109/21/A", "urn:epc:id:sgtin:9521001.000010.B"],)"
    R"( "ex:x": {"epcList":["kept"]}, "childEPCs":[], "tally:sd": ["d"]})";

TEST(View, TheHeadIsTheEventWithItsListsCut) {
  auto const view = view_of(base::bytes_of(event));
  ASSERT_TRUE(view) << base::to_string(view.error());
  EXPECT_EQ(base::text_of(view->head), R"({"type":"AssociationEvent", "outputEPCList" : [],"tally:bind":[],)"
                                       R"("n": 1.50, "epcList":[],)"
                                       R"( "ex:x": {"epcList":["kept"]}, "childEPCs":[], "tally:sd": ["d"]})");
}

TEST(View, EntriesStandInTheOrderOfTheListsWithTheirCanonicalLinks) {
  auto const view = view_of(base::bytes_of(event));
  ASSERT_TRUE(view);
  ASSERT_EQ(view->entries.size(), 4U);
  EXPECT_EQ(view->entries[0], (ViewEntry{0, 0, {{"https://id.gs1.org/01/09521001000109/21/A"}}}));
  EXPECT_EQ(view->entries[1], (ViewEntry{0, 1, {{"https://id.gs1.org/01/09521001000109/21/B"}}}));
  EXPECT_EQ(view->entries[2], (ViewEntry{3, 0, {{"https://id.gs1.org/01/09521001000109/21/Z"}}}));
  EXPECT_EQ(view->entries[3], (ViewEntry{4, 0, {{"urn:x:1"}, {"urn:x:2"}}}));
}

TEST(View, EveryListHasItsNumber) {
  auto const view =
      view_of(base::bytes_of(R"({"tally:bind":[["urn:x:5","urn:x:6"]],"outputEPCList":["urn:x:4"],)"
                             R"("inputEPCList":["urn:x:3"],"childEPCs":["urn:x:2"],"epcList":["urn:x:1"]})"));
  ASSERT_TRUE(view);
  ASSERT_EQ(view->entries.size(), 5U);
  for (std::uint8_t list = 0; list < 5; ++list) {
    EXPECT_EQ(view->entries[list].list, list);
    EXPECT_EQ(view->entries[list].links[0], "urn:x:" + std::to_string(list + 1));
  }
}

TEST(View, TheBytesOfAnEntryAreFixed) {
  // The vector that the verifier in the browser repeats: list, index (little endian), links, each with its length.
  ViewEntry const bind{4, 258, {{"urn:x:1"}, {"urn:x:22"}}};
  EXPECT_EQ(base::to_hex(base::encode(bind)),
            "04"
            "02010000"
            "02"
            "07"
            "75726e3a783a31"
            "08"
            "75726e3a783a3232");
  EXPECT_LT(base::encode(bind)[0], 0x20);
}

TEST(View, TheRootIsRfc6962OverHeadAndEntries) {
  auto const view = view_of(base::bytes_of(event));
  ASSERT_TRUE(view);
  auto const leaf = [](base::BytesView data) { return crypto::log_leaf_hash(data); };
  std::vector<base::Hash> leaves = {leaf(view->head)};
  for (auto const& entry : view->entries) leaves.push_back(leaf(base::encode(entry)));
  auto const node = crypto::log_node_hash;
  auto const expected = node(node(node(leaves[0], leaves[1]), node(leaves[2], leaves[3])), leaves[4]);
  EXPECT_EQ(view_root(*view), (ViewRoot{expected, 5}));
}

TEST(View, AnEventWithoutListsIsOneLeafAndSoIsAnyOtherPayload) {
  constexpr std::string_view plain = R"({"type":"ObjectEvent"})";
  auto const view = view_of(base::bytes_of(plain));
  ASSERT_TRUE(view);
  EXPECT_EQ(base::text_of(view->head), plain);
  EXPECT_EQ(view_root(*view), view_root_of_bytes(base::bytes_of(plain)));
  EXPECT_EQ(view_root(*view).size, 1U);
}

TEST(View, WrongEntriesAreRefused) {
  auto const field = [](std::string_view text) {
    auto const view = view_of(base::bytes_of(text));
    return view ? "" : view.error().field;
  };
  EXPECT_EQ(field(R"({"epcList":[7]})"), "epcList[0]");
  EXPECT_EQ(field(R"({"epcList":["https://id.gs1.org/01/09521001000109/21/A","x"]})"), "epcList[1]");
  EXPECT_EQ(field(R"({"tally:bind":[["urn:x:1"]]})"), "tally:bind[0]");
  EXPECT_FALSE(view_of(base::bytes_of("[]")));
}

}  // namespace
}  // namespace gs1
