// SPDX-License-Identifier: Apache-2.0
#include "gs1/query.hpp"

#include "base/time.hpp"
#include "gs1/document.hpp"
#include "gs1/shared_test.hpp"

namespace gs1 {
namespace {

constexpr std::string_view context_text =
    R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"ex": "https://ex.example/"}])";

constexpr std::string_view event_text = R"({"type": "ObjectEvent", "eventTime": "2026-08-13T06:40:00Z",
  "eventTimeZoneOffset": "+02:00", "eventID": "urn:uuid:7", "epcList": ["urn:epc:id:sgtin:9521001.000010.S1"],
  "quantityList": [{"epcClass": "urn:epc:class:lgtin:9521001.000001.R26", "quantity": 168.5, "uom": "KGM"}],
  "action": "ADD", "bizStep": "commissioning", "disposition": "active",
  "persistentDisposition": {"set": ["completeness_verified"]},
  "readPoint": {"id": "urn:epc:id:sgln:9521004.00001.dock7", "ex:gate": 7},
  "bizLocation": {"id": "https://id.gs1.org/414/9521004000014"},
  "bizTransactionList": [{"type": "po", "bizTransaction": "http://acme.example/po/1"}],
  "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:9521003.00000"}],
  "destinationList": [{"type": "possessing_party", "destination": "https://id.gs1.org/417/9521004000007"}],
  "sensorElementList": [{"sensorMetadata": {"deviceID": "urn:epc:id:giai:9521016.S1", 
     "startTime": "2026-08-13T05:00:00Z", "bizRules": "https://ex.example/rules", "ex:place": "top"},
     "sensorReport": [{"type": "Temperature", "value": 6.9, "uom": "CEL", "percRank": 50, "component": "x",
       "stringValue": "s", "booleanValue": true, "hexBinaryValue": "f0", "exception": "ALARM_CONDITION",
       "ex:raw": {"ex:deep": 3}}], "ex:note": "n"}],
  "errorDeclaration": {"declarationTime": "2026-08-14T00:00:00Z", "reason": "incorrect_data",
     "correctiveEventIDs": ["urn:uuid:8"], "ex:who": "me"},
  "ilmd": {"ex:best": "2027-01-01T00:00:00Z", "ex:inner": {"ex:size": 12}, "cbvmda:lotNumber": "R26"},
  "ex:weight": 20, "ex:box": {"ex:lid": ["red", "blue"]}})";

constexpr std::string_view making_text = R"({"type": "TransformationEvent", "eventTime": "2026-06-05T09:00:00Z",
  "eventTimeZoneOffset": "+08:00", "inputEPCList": ["urn:epc:id:sgtin:9521001.000010.S1"],
  "outputQuantityList": [{"epcClass": "https://id.gs1.org/01/09521001000109", "quantity": 4}],
  "inputQuantityList": [{"epcClass": "https://id.gs1.org/01/09521001000017/10/R26", "quantity": 1, "uom": "KGM"}],
  "transformationID": "urn:x:t1"})";

struct Subject {
  explicit Subject(std::string_view text)
      : value(*parse_json(text)),
        context(*read_context(context_text)),
        event(*read_event(base::bytes_of(text), context)) {}
  base::Value value;
  Context context;
  Event event;
  QueriedEvent queried() const { return {event, value, context, *base::from_rfc3339("2026-08-13T07:00:00Z")}; }
};

/// "yes", "no", or the parameter at fault.
std::string answer(std::string_view query_text, std::string_view text = event_text, MasterData const& data = {}) {
  auto const query = read_query(*parse_json(query_text));
  if (!query) return std::string(base::name(query.error().code)) + " " + query.error().field;
  return matches(*query, Subject(text).queried(), data) ? "yes" : "no";
}

struct Pair {
  std::string_view yes, no;
};
constexpr Pair pairs[] = {
    {R"({"eventType":["ObjectEvent","AggregationEvent"]})", R"({"eventType":["AggregationEvent"]})"},
    {R"({"GE_eventTime":"2026-08-13T08:40:00+02:00"})", R"({"LT_eventTime":"2026-08-13T06:40:00Z"})"},
    {R"({"LT_recordTime":"2026-08-13T07:00:00.001Z"})", R"({"GE_recordTime":"2026-08-13T07:00:00.001Z"})"},
    {R"({"EQ_action":["OBSERVE","ADD"]})", R"({"EQ_action":["DELETE"]})"},
    {R"({"EQ_bizStep":["https://ref.gs1.org/cbv/BizStep-commissioning"]})", R"({"EQ_bizStep":["shipping"]})"},
    {R"({"EQ_disposition":["urn:epcglobal:cbv:disp:active"]})", R"({"EQ_disposition":["in_transit"]})"},
    {R"({"EQ_persistentDisposition_set":["completeness_verified"]})",
     R"({"EQ_persistentDisposition_unset":["completeness_verified"]})"},
    {R"({"EQ_readPoint":["https://id.gs1.org/414/9521004000014/254/dock7"]})",
     R"({"EQ_readPoint":["https://id.gs1.org/414/9521004000014"]})"},
    {R"({"WD_readPoint":["https://id.gs1.org/414/9521004000014"]})",
     R"({"WD_readPoint":["https://id.gs1.org/414/9521003000008"]})"},
    {R"({"EQ_bizLocation":["urn:epc:id:sgln:9521004.00001.0"]})", R"({"EQ_bizLocation":["urn:x:1"]})"},
    {R"({"EQ_bizTransaction_po":["http://acme.example/po/1"]})",
     R"({"EQ_bizTransaction_inv":["http://acme.example/po/1"]})"},
    {R"({"EQ_source_owning_party":["https://id.gs1.org/417/9521003000008"]})",
     R"({"EQ_source_possessing_party":["https://id.gs1.org/417/9521003000008"]})"},
    {R"({"EQ_destination_possessing_party":["https://id.gs1.org/417/9521004000007"]})",
     R"({"EQ_destination_owning_party":["https://id.gs1.org/417/9521004000007"]})"},
    {R"({"MATCH_epc":["https://other.example/01/09521001000109/21/S1"]})",
     R"({"MATCH_epc":["https://id.gs1.org/01/09521001000109/21/S2"]})"},
    {R"({"MATCH_epc":["urn:epc:idpat:sgtin:9521001.000010.*"]})",
     R"({"MATCH_epc":["urn:epc:idpat:sgtin:9521001.000011.*"]})"},
    {R"({"MATCH_anyEPC":["urn:epc:idpat:sgtin:9521001.*.*"]})",
     R"({"MATCH_anyEPC":["urn:epc:idpat:sgtin:9521002.*.*"]})"},
    {R"({"MATCH_epcClass":["https://id.gs1.org/01/09521001000017/10/R26"]})",
     R"({"MATCH_epcClass":["https://id.gs1.org/01/09521001000017"]})"},
    {R"({"MATCH_anyEPCClass":["urn:epc:idpat:lgtin:9521001.000001.*"]})",
     R"({"MATCH_inputEPCClass":["https://id.gs1.org/01/09521001000017/10/R26"]})"},
    {R"({"EQ_quantity":[168.50]})", R"({"EQ_quantity":[168]})"},
    {R"({"GT_quantity_KGM":168})", R"({"GT_quantity_LBR":168})"},
    {R"({"GE_quantity":168.5,"LE_quantity":168.5})", R"({"LT_quantity":168.5})"},
    {R"({"EQ_eventID":["urn:uuid:7"]})", R"({"EQ_eventID":["urn:uuid:9"]})"},
    {R"({"EXISTS_errorDeclaration":true})", R"({"EQ_errorReason":["did_not_occur"]})"},
    {R"({"EQ_errorReason":["incorrect_data"]})", R"({"GE_errorDeclaration_Time":"2026-08-14T00:00:01Z"})"},
    {R"({"GE_errorDeclarationTime":"2026-08-14T00:00:00Z"})", R"({"LT_errorDeclarationTime":"2026-08-14T00:00:00Z"})"},
    {R"({"EQ_correctiveEventID":["urn:uuid:8"]})", R"({"EQ_correctiveEventID":["urn:uuid:7"]})"},
    {R"({"EXISTS_sensorElementList":null})", R"({"EQ_type":["Speed"]})"},
    {R"({"EQ_type":["gs1:Temperature"]})", R"({"EQ_component":["y"]})"},
    {R"({"EQ_deviceID":["https://id.gs1.org/8004/9521016S1"]})", R"({"EQ_deviceID":["urn:x:1"]})"},
    {R"({"EQ_bizRules":["https://ex.example/rules"]})", R"({"EQ_microorganism":["https://ex.example/rules"]})"},
    {R"({"EQ_stringValue":["s","t"]})", R"({"EQ_stringValue":["S"]})"},
    {R"({"EQ_booleanValue":true})", R"({"EQ_booleanValue":false})"},
    {R"({"EQ_hexBinaryValue":["f0"]})", R"({"EQ_uriValue":["urn:x:1"]})"},
    {R"({"GE_value_CEL":6.9})", R"({"GE_value_FAH":6.9})"},
    {R"({"EQ_value_CEL":[6.9]})", R"({"LT_value_CEL":6.9})"},
    {R"({"GE_percRank":50})", R"({"GT_percRank":50})"},
    {R"({"GE_startTime":"2026-08-13T05:00:00Z"})", R"({"LT_startTime":"2026-08-13T05:00:00Z"})"},
    {R"({"EQ_exception":["ALARM_CONDITION"]})", R"({"GE_endTime":"2020-01-01T00:00:00Z"})"},
    {R"({"@context":{"q":"https://ex.example/"},"GE_q:weight":20})", R"({"GT_ex:weight":20})"},
    {R"({"EQ_ex:weight":["20.0"]})", R"({"EQ_ex:weight":["21"]})"},
    {R"({"EQ_https://ex.example/#weight":20})", R"({"EQ_https://ex.example#weight":20})"},
    {R"({"EXISTS_ex:weight":1})", R"({"EXISTS_ex:lid":1})"},
    {R"({"EQ_INNER_ex:lid":["blue"]})", R"({"EQ_ex:lid":["blue"]})"},
    {R"({"LT_ILMD_ex:best":"2027-01-02T00:00:00Z"})", R"({"LT_ILMD_ex:best":"2027-01-01T00:00:00Z"})"},
    {R"({"EQ_ILMD_cbvmda:lotNumber":["R26"]})", R"({"EQ_cbvmda:lotNumber":["R26"]})"},
    {R"({"EQ_INNER_ILMD_ex:size":12})", R"({"EQ_ILMD_ex:size":12})"},
    {R"({"EQ_ERROR_DECLARATION_ex:who":["me"]})", R"({"EQ_ERROR_DECLARATION_ex:who":["you"]})"},
    {R"({"EQ_readPoint_ex:gate":7})", R"({"EQ_bizLocation_ex:gate":7})"},
    {R"({"EQ_SENSORELEMENT_ex:note":["n"]})", R"({"EQ_SENSORELEMENT_ex:place":["top"]})"},
    {R"({"EQ_SENSORMETADATA_ex:place":["top"]})", R"({"EQ_SENSORMETADATA_ex:note":["n"]})"},
    {R"({"GE_INNER_SENSORREPORT_ex:deep":3})", R"({"GE_SENSORREPORT_ex:deep":3})"},
    {R"({"EXISTS_SENSORREPORT_ex:raw":1})", R"({"EXISTS_SENSORMETADATA_ex:raw":1})"}};

TEST(Query, EachParameterFindsItsEventAndNoOther) {
  for (auto const& [yes, no] : pairs) {
    EXPECT_EQ(answer(yes), "yes") << yes;
    EXPECT_EQ(answer(no), "no") << no;
  }
}

TEST(Query, TransformationsAreFoundByWhatGoesInAndOut) {
  EXPECT_EQ(answer(R"({"MATCH_inputEPC":["urn:epc:id:sgtin:9521001.000010.S1"]})", making_text), "yes");
  EXPECT_EQ(answer(R"({"MATCH_outputEPC":["urn:epc:id:sgtin:9521001.000010.S1"]})", making_text), "no");
  EXPECT_EQ(answer(R"({"MATCH_epc":["urn:epc:id:sgtin:9521001.000010.S1"]})", making_text), "no");
  EXPECT_EQ(answer(R"({"MATCH_anyEPC":["urn:epc:id:sgtin:9521001.000010.S1"]})", making_text), "yes");
  EXPECT_EQ(answer(R"({"MATCH_outputEPCClass":["urn:epc:idpat:sgtin:9521001.000010.*"]})", making_text), "yes");
  EXPECT_EQ(answer(R"({"EQ_transformationID":["urn:x:t1"]})", making_text), "yes");
  EXPECT_EQ(answer(R"({"EQ_action":["ADD"]})", making_text), "no");
}

TEST(Query, MasterDataAnswersForPlaces) {
  MasterData const data = [](Key const& key, std::string_view attribute) -> std::optional<std::string> {
    if (key.uri == "https://id.gs1.org/414/9521004000014" && attribute == "cbvmda:countryCode") return "CN";
    return std::nullopt;
  };
  EXPECT_EQ(answer(R"({"HASATTR_bizLocation":["cbvmda:countryCode"]})", event_text, data), "yes");
  EXPECT_EQ(answer(R"({"HASATTR_readPoint":["cbvmda:countryCode"]})", event_text, data), "no");
  EXPECT_EQ(answer(R"({"EQ_ATTR_bizLocation_cbvmda:countryCode":["CN"]})", event_text, data), "yes");
  EXPECT_EQ(answer(R"({"EQATTR_bizLocation_cbvmda:countryCode":["DE"]})", event_text, data), "no");
  EXPECT_EQ(answer(R"({"HASATTR_bizLocation":["cbvmda:countryCode"]})"), "no");
}

TEST(Query, WhatIsNoQueryIsRefusedByItsParameter) {
  EXPECT_EQ(answer(R"({"EQ_colour":["red"]})"), "E_EVENT_FORM EQ_colour");
  EXPECT_EQ(answer(R"({"bizStep":["shipping"]})"), "E_EVENT_FORM bizStep");
  EXPECT_EQ(answer(R"({"EQ_bizStep":["sending"]})"), "E_VOCABULARY EQ_bizStep");
  EXPECT_EQ(answer(R"({"EQ_bizStep":"shipping"})"), "E_EVENT_FORM EQ_bizStep");
  EXPECT_EQ(answer(R"({"EQ_bizStep":[]})"), "E_EVENT_FORM EQ_bizStep");
  EXPECT_EQ(answer(R"({"GE_eventTime":"yesterday"})"), "E_EVENT_FORM GE_eventTime");
  EXPECT_EQ(answer(R"({"GE_eventTime":["2026-01-01T00:00:00Z"]})"), "E_EVENT_FORM GE_eventTime");
  EXPECT_EQ(answer(R"({"MATCH_epc":["https://id.gs1.org/01/09521001000108"]})"), "E_CHECK_DIGIT MATCH_epc");
  EXPECT_EQ(answer(R"({"EQ_bizLocation":["https://id.gs1.org/414/9521141123452"]})"), "no");
  EXPECT_EQ(answer(R"({"MATCH_epc":["S000042"]})"), "E_EVENT_FORM MATCH_epc");
  EXPECT_EQ(answer(R"({"GT_quantity":"7"})"), "E_EVENT_FORM GT_quantity");
  EXPECT_EQ(answer(R"({"GT_value":7})"), "E_EVENT_FORM GT_value");
  EXPECT_EQ(answer(R"({"orderDirection":"SIDEWAYS"})"), "E_EVENT_FORM orderDirection");
  EXPECT_EQ(answer(R"({"orderBy":"colour"})"), "E_EVENT_FORM orderBy");
  EXPECT_EQ(answer(R"({"eventCountLimit":5})"), "E_EVENT_FORM eventCountLimit");
  EXPECT_EQ(answer(R"({"orderBy":"eventTime","eventCountLimit":5,"maxEventCount":5})"), "E_EVENT_FORM eventCountLimit");
  EXPECT_EQ(answer(R"({"maxEventCount":0})"), "E_EVENT_FORM maxEventCount");
  EXPECT_EQ(answer(R"({"EQ_source_sender":["urn:x:1"]})"), "E_VOCABULARY EQ_source_sender");
  EXPECT_EQ(answer(R"({"HASATTR_colour":["x"]})"), "E_EVENT_FORM HASATTR_colour");
  std::string many = "{\"EQ_stringValue\":[\"0\"";
  for (std::size_t i = 1; i <= query_values_max; ++i) many += ",\"" + std::to_string(i) + "\"";
  EXPECT_EQ(answer(many + "]}"), "E_TOO_LARGE EQ_stringValue");
}

TEST(Query, AUrlsListsAreSeparatedByBars) {
  auto const query =
      read_query({{"EQ_bizStep", "shipping|receiving"}, {"GE_quantity", "7"}, {"EXISTS_errorDeclaration", ""}});
  ASSERT_TRUE(query) << base::to_string(query.error());
  EXPECT_EQ(query->find("EQ_bizStep")->operands.size(), 2U);
  EXPECT_EQ(query->criteria.size(), 3U);
  EXPECT_FALSE(read_query({{"GE_quantity", "7|8"}}));
}

TEST(Query, PublishedQueries) {
  if (!test::have_shared("the published queries")) return;
  auto const value = test::read_json("epcis/queries/SimpleEventQuery.json");
  EXPECT_TRUE(is_query(value));
  auto const query = read_query(value);
  ASSERT_TRUE(query) << base::to_string(query.error());
  EXPECT_EQ(query->criteria.size(), 10U);
  EXPECT_EQ(query->event_count_limit, 100U);
  EXPECT_FALSE(query->ascending);
}

/// Each name of the published schema is a parameter here.
TEST(Query, EveryParameterOfThePublishedSchemaIsKnown) {
  if (!test::have_shared("the published query schema")) return;
  auto const schema = test::read_json("epcis/schema/query-schema.json");
  auto const* query = schema.find("definitions")->find("EPCIS-Query");
  std::size_t names = 0;
  for (auto const& [name, ignored] : query->find("properties")->members) {
    if (name == "@context") continue;
    auto const read = read_query({{name, "?"}});
    // A wrong value is refused, but never as an unknown name.
    EXPECT_TRUE(read || read.error().detail.find("is no parameter") == std::string::npos) << name;
    ++names;
  }
  for (auto const& [pattern, ignored] : query->find("patternProperties")->members) {
    auto name = pattern.substr(1, pattern.find('[') - 1);
    if (pattern.find("ATTR_") != pattern.npos)
      name = pattern.starts_with("^HAS") ? "HASATTR_readPoint" : "EQ_ATTR_readPoint_x";
    else if (pattern.find("{2,4}") != pattern.npos)
      name += "KGM";
    else if (name == "EQ_bizTransaction_")
      name += "po";
    else if (name == "EQ_source_" || name == "EQ_destination_")
      name += "location";
    else
      name += "ex:field";
    auto const read = read_query({{name, "1"}});
    EXPECT_TRUE(read || read.error().detail.find("is no parameter") == std::string::npos) << name;
    ++names;
  }
  EXPECT_GE(names, 150U);
}

}  // namespace
}  // namespace gs1
