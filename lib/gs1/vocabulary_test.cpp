// SPDX-License-Identifier: Apache-2.0
#include "gs1/vocabulary.hpp"

#include "gs1/shared_test.hpp"

namespace gs1 {
namespace {

Context context_of(std::string_view text) {
  auto context = read_context(text);
  EXPECT_TRUE(context) << text;
  return context ? *std::move(context) : Context{};
}

std::string word(Vocabulary vocabulary, std::string_view text) {
  auto const context = context_of(R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"tally": "https://tallystick.example/ns/", "ex": "https://ex.example/words/", "c": "https://ref.gs1.org/cbv/"}])");
  auto const read = read_word(vocabulary, text, context, "here");
  return read ? *read : std::string(base::name(read.error().code)) + " " + read.error().field;
}

TEST(Vocabulary, EverySpellingOfAWordIsOneWord) {
  EXPECT_EQ(word(Vocabulary::biz_step, "arriving"), "arriving");
  EXPECT_EQ(word(Vocabulary::biz_step, "c:BizStep-arriving"), "arriving");
  EXPECT_EQ(word(Vocabulary::biz_step, "http://ns.gs1.org/cbv/BizStep-arriving"), "arriving");
  EXPECT_EQ(word(Vocabulary::source_destination, "urn:epcglobal:cbv:sdt:owning_party"), "owning_party");
  EXPECT_EQ(word(Vocabulary::error_reason, "cbv:ER-incorrect_data"), "incorrect_data");
  EXPECT_EQ(word(Vocabulary::component, "cbv:Comp-latitude"), "latitude");
  EXPECT_EQ(word(Vocabulary::measurement, "gs1:Temperature"), "Temperature");
  EXPECT_EQ(word(Vocabulary::measurement, "https://www.gs1.org/voc/Temperature"), "Temperature");
  EXPECT_EQ(word(Vocabulary::sensor_alert, "gs1:ALARM_CONDITION"), "ALARM_CONDITION");
  EXPECT_EQ(word(Vocabulary::biz_transaction, "https://tallystick.example/ns/mrn"), "tally:mrn");
}

TEST(Vocabulary, OtherWordsAreFullUris) {
  EXPECT_EQ(word(Vocabulary::biz_step, "ex:polishing"), "https://ex.example/words/polishing");
  EXPECT_EQ(word(Vocabulary::component, "undeclared:x"), "undeclared:x");
  EXPECT_EQ(word(Vocabulary::biz_step, "polishing"), "E_VOCABULARY here");
  EXPECT_EQ(word(Vocabulary::biz_step, ""), "E_VOCABULARY here");
  EXPECT_EQ(word(Vocabulary::biz_step, "ex:a b"), "E_VOCABULARY here");
  EXPECT_EQ(word(Vocabulary::biz_step, "cbv:Disp-active"), "E_VOCABULARY here");
  EXPECT_EQ(word(Vocabulary::biz_step, "gs1:Temperature"), "E_VOCABULARY here");
  EXPECT_EQ(word(Vocabulary::measurement, "gs1:Warmth"), "E_VOCABULARY here");
  EXPECT_EQ(word(Vocabulary::disposition, "tally:customs_hold"), "E_VOCABULARY here");
  auto const without = context_of(R"("https://ref.gs1.org/standards/epcis/epcis-context.jsonld")");
  EXPECT_EQ(read_word(Vocabulary::biz_step, "tally:customs_hold", without, "x").error().code, base::Code::E_CONTEXT);
}

TEST(Vocabulary, EveryWordOfThePublishedSchemaIsKnown) {
  if (!test::have_shared("the word lists of the EPCIS schema")) return;
  struct List {
    Vocabulary vocabulary;
    std::string_view file, definition;
  };
  constexpr List lists[] = {
      {Vocabulary::biz_step, "bizStep", "bizStep"},
      {Vocabulary::disposition, "disposition", "disposition"},
      {Vocabulary::biz_transaction, "bizTransaction-type", "bizTransaction-type"},
      {Vocabulary::source_destination, "source-dest-type", "source-dest-type"},
      {Vocabulary::error_reason, "error-reason", "error-reason"},
      {Vocabulary::measurement, "measurement-type", "measurementType"},
      {Vocabulary::sensor_alert, "sensor-alert-type", "sensorAlertType"},
      {Vocabulary::component, "component", "component"},
  };
  std::size_t words = 0;
  for (auto const& list : lists) {
    auto const schema = test::read_json("epcis/schema/parts/" + std::string(list.file) + "-JSON-Schema.json");
    for (auto const& choice : schema.find("definitions")->find(list.definition)->find("anyOf")->items) {
      auto const* known = choice.find("enum");
      if (known == nullptr) continue;
      for (auto const& one : known->items) {
        EXPECT_EQ(word(list.vocabulary, one.text), one.text);
        EXPECT_EQ(word(list.vocabulary, word_uri(list.vocabulary, one.text)), one.text);
        ++words;
      }
    }
  }
  EXPECT_GT(words, 170U);
}

TEST(Vocabulary, Units) {
  for (std::string_view const unit : {"KGM", "EA", "LTR", "CEL", "A93", "P71", "H87", "C62", "MTS", "XPK", "2N",
                                      "DD",  "CS", "D6",  "D03", "Q42", "X1",  "X43", "XZZ", "GT",  "10"}) {
    EXPECT_TRUE(is_unit(unit)) << unit;
  }
  for (std::string_view const text : {"",    "K",  "kgm", "KILO", "EUR", "QQQ", "K M", "KGM ", "XP",  "A00",  "A1",
                                      "A25", "D3", "Q00", "Q43",  "Z99", "XXE", "X45", " 10",  "A2-", "10 11"}) {
    EXPECT_FALSE(is_unit(text)) << text;
  }
}

}  // namespace
}  // namespace gs1
