// SPDX-License-Identifier: Apache-2.0
#include "gs1/event.hpp"

#include <algorithm>
#include <map>

#include "base/time.hpp"
#include "gs1/document.hpp"
#include "gs1/event_hash.hpp"
#include "gs1/query.hpp"
#include "gs1/shared_test.hpp"
#include "gs1/view.hpp"

namespace gs1 {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view offer =
    R"({"type": "ObjectEvent", "eventTime": "2026-08-13T06:40:00Z", "eventTimeZoneOffset": "+02:00",)"
    R"( "epcList": ["https://id.gs1.org/00/095210010000000017"],)"
    R"( "quantityList": [{"epcClass": "https://id.gs1.org/01/09521001000109", "quantity": 2000}],)"
    R"( "action": "OBSERVE", "bizStep": "shipping", "disposition": "in_transit",)"
    R"( "readPoint": {"id": "https://id.gs1.org/414/9521004000014"},)"
    R"( "bizTransactionList": [{"type": "desadv", "bizTransaction": "https://id.gs1.org/253/9521003000008SHIP0001"}],)"
    R"( "sourceList": [{"type": "possessing_party", "source": "https://id.gs1.org/417/9521003000008"}],)"
    R"( "destinationList": [{"type": "possessing_party", "destination": "https://id.gs1.org/417/9521004000007"}],)"
    R"( "tally:handover": "offer", "tally:expires": "2026-08-16T06:40:00Z", "tally:mode": "truck"})";

constexpr std::string_view reeling =
    R"({"type": "TransformationEvent", "eventTime": "2026-06-05T09:00:00Z", "eventTimeZoneOffset": "+08:00",)"
    R"( "inputQuantityList": [{"epcClass": "https://id.gs1.org/01/09521002000016/10/C2605", "quantity": 1200,)"
    R"( "uom": "KGM"}],)"
    R"( "outputQuantityList": [{"epcClass": "https://id.gs1.org/01/09521001000017/10/R2606",)"
    R"( "quantity": 168.25, "uom": "KGM"}],)"
    R"( "transformationID": "https://id.gs1.org/253/9521001000000T0001", "bizStep": "creating_class_instance",)"
    R"( "disposition": "active", "readPoint": {"id": "https://id.gs1.org/414/9521001000017"},)"
    R"( "bizLocation": {"id": "https://id.gs1.org/414/9521001000017"},)"
    R"( "tally:recipe": "reel-fresh-cocoon", "tally:loss": {"tally:quantity": 1031.75, "tally:uom": "KGM"}})";

constexpr std::string_view context_text =
    R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"tally": "https://tallystick.example/ns/"}])";

Context our_context() {
  auto context = read_context(context_text);
  EXPECT_TRUE(context);
  return context ? *std::move(context) : Context{};
}

Result<Event> read(std::string_view text, Context const& context = our_context()) {
  return read_event(base::bytes_of(text), context);
}

/// The offer with one piece of its text replaced: "CODE field", or "" when it reads.
std::string verdict(std::string_view base_text, std::string_view old_text, std::string_view new_text) {
  std::string text(base_text);
  auto const at = text.find(old_text);
  EXPECT_NE(at, text.npos) << old_text;
  text.replace(at, old_text.size(), new_text);
  auto const event = read(text);
  return event ? "" : std::string(base::name(event.error().code)) + " " + event.error().field;
}

TEST(Event, AnOfferIsReadAsTypedFacts) {
  auto const event = read(offer);
  ASSERT_TRUE(event) << base::to_string(event.error());
  EXPECT_EQ(event->type, EventType::object);
  EXPECT_EQ(event->action, Action::observe);
  EXPECT_EQ(event->time_ms, *base::from_rfc3339("2026-08-13T06:40:00Z"));
  EXPECT_EQ(event->zone_minutes, 120);
  ASSERT_EQ(event->epcs.size(), 1U);
  EXPECT_EQ(event->epcs[0].kind, KeyKind::sscc);
  EXPECT_EQ(event->quantities.at(0).quantity, 2'000'000'000U);
  EXPECT_EQ(event->quantities.at(0).uom, "EA");
  EXPECT_EQ(event->biz_step, "shipping");
  EXPECT_EQ(event->disposition, "in_transit");
  EXPECT_EQ(event->read_point->primary, "9521004000014");
  EXPECT_EQ(event->transactions.at(0).type, "desadv");
  EXPECT_EQ(event->source("possessing_party")->primary, "9521003000008");
  EXPECT_EQ(event->destination("possessing_party")->primary, "9521004000007");
  EXPECT_EQ(event->destination("owning_party"), nullptr);
  EXPECT_EQ(event->tally.handover, Handover::offer);
  EXPECT_EQ(event->tally.expires_ms, *base::from_rfc3339("2026-08-16T06:40:00Z"));
  EXPECT_EQ(event->tally.mode, TravelMode::truck);
  EXPECT_FALSE(event->is_error());
}

TEST(Event, ATransformationKeepsItsDecimalsExactly) {
  auto const event = read(reeling);
  ASSERT_TRUE(event) << base::to_string(event.error());
  EXPECT_EQ(event->type, EventType::transformation);
  EXPECT_EQ(event->action, Action::none);
  EXPECT_EQ(event->input_quantities.at(0).key.kind, KeyKind::lot);
  EXPECT_EQ(event->output_quantities.at(0).quantity, 168'250'000U);
  EXPECT_EQ(event->tally.loss->quantity, 1'031'750'000U);
  EXPECT_EQ(event->tally.loss->uom, "KGM");
  EXPECT_EQ(event->tally.recipe, "reel-fresh-cocoon");
  EXPECT_EQ(event->transformation_id->kind, KeyKind::document);
}

TEST(Event, OurTermsAreTyped) {
  std::string const text =
      R"({"type": "ObjectEvent", "eventTime": "2026-08-13T06:40:00.5+02:00", "eventTimeZoneOffset": "-05:30",)"
      R"( "action": "ADD",)"
      R"( "epcList": ["https://id.gs1.org/01/09521001000109/21/S1"], "ilmd": {"tally:lot": "S2607"},)"
      R"( "bizStep": "https://tallystick.example/ns/customs_export", "certificationInfo": ["https://certa.example/1"],)"
      R"( "tally:answers": "ni:///sha-256;)" +
      std::string(64, 'a') +
      R"(?ver=CBV2.0", "tally:handover": "return", "tally:reason": "defect:strap", "tally:claim": "organic",)"
      R"( "tally:unbalanced": true, "tally:hs6": "621410", "tally:cause": "demo cell batch", "tally:grade": 2,)"
      R"( "tally:batch": {"tally:firstSequence": 468, "tally:previous": "ni:///sha-256;)" +
      std::string(64, '0') +
      R"("}, "tally:sd": ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],)"
      R"( "tally:bind": [["urn:epc:id:sgtin:9521013.000001.B1", "https://id.gs1.org/01/09521012000105/21/W1"]]})";
  auto const event = read(text);
  ASSERT_TRUE(event) << base::to_string(event.error());
  EXPECT_EQ(event->time_ms, *base::from_rfc3339("2026-08-13T04:40:00.5Z"));
  EXPECT_EQ(event->zone_minutes, -330);
  EXPECT_EQ(event->biz_step, "tally:customs_export");
  EXPECT_EQ(event->tally.lot, "S2607");
  EXPECT_EQ(event->tally.handover, Handover::returned);
  EXPECT_EQ(event->tally.answers->hex(), "0x" + std::string(64, 'a'));
  EXPECT_EQ(event->tally.reason, "defect:strap");
  EXPECT_EQ(event->tally.batch->first_sequence, 468U);
  EXPECT_TRUE(event->tally.batch->previous->is_zero());
  EXPECT_TRUE(event->tally.unbalanced);
  EXPECT_EQ(event->tally.bind.at(0).component.uri, "https://id.gs1.org/01/09521013000012/21/B1");
  EXPECT_EQ(event->tally.bind.at(0).product.qualifier, "W1");
  EXPECT_EQ(event->tally.sd.size(), 1U);
  EXPECT_EQ(event->tally.grade, 2U);
  EXPECT_EQ(event->certification_info.at(0), "https://certa.example/1");
}

struct Case {
  std::string_view old_text, new_text, verdict;
};
constexpr Case wrong_fields[] = {
    {"ObjectEvent", "QuantityEvent", "E_EVENT_FORM type"},
    {"2026-08-13T06:40:00Z", "13-08-2026", "E_EVENT_FORM eventTime"},
    {"2026-08-13T06:40:00Z", "2026-08-13T06:40:00", "E_EVENT_FORM eventTime"},
    {"2026-08-13T06:40:00Z", "2026-02-30T06:40:00Z", "E_EVENT_FORM eventTime"},
    {R"("eventTimeZoneOffset": "+02:00",)", "", "E_EVENT_FORM eventTimeZoneOffset"},
    {R"("+02:00")", R"("+14:30")", "E_EVENT_FORM eventTimeZoneOffset"},
    {R"("+02:00")", R"("Z")", "E_EVENT_FORM eventTimeZoneOffset"},
    {R"("action": "OBSERVE",)", "", "E_EVENT_FORM action"},
    {"OBSERVE", "CREATE", "E_EVENT_FORM action"},
    {R"("shipping")", R"("transporting_away")", "E_VOCABULARY bizStep"},
    {R"("shipping")", R"("urn:epcglobal:cbv:bizstep:teleporting")", "E_VOCABULARY bizStep"},
    {R"("shipping")", R"("urn:epcglobal:cbv:disp:active")", "E_VOCABULARY bizStep"},
    {R"("shipping")", R"("https://ref.gs1.org/cbv/Disp-active")", "E_VOCABULARY bizStep"},
    {R"("shipping")", R"("tally:customs_dance")", "E_VOCABULARY bizStep"},
    {R"("in_transit")", R"("in_transport")", "E_VOCABULARY disposition"},
    {R"("desadv")", R"("letter")", "E_VOCABULARY bizTransactionList[0].type"},
    {R"("possessing_party", "source")", R"("place", "source")", "E_VOCABULARY sourceList[0].type"},
    {R"("epcClass": "https://id.gs1.org/01/09521001000109")", R"("epcClass": "https://id.gs1.org/01/09521001000108")",
     "E_CHECK_DIGIT quantityList[0].epcClass"},
    {R"("epcClass": "https://id.gs1.org/01/09521001000109")",
     R"("epcClass": "https://id.gs1.org/01/09521001000109/21/1")", "E_EVENT_FORM quantityList[0].epcClass"},
    {R"("epcClass": "https://id.gs1.org/01/09521001000109",)", "", "E_EVENT_FORM quantityList[0].epcClass"},
    {"2000}", "2000.5}", "E_EVENT_FORM quantityList[0].quantity"},
    {"2000}", R"(2000.5, "uom": "EA"})", "E_EVENT_FORM quantityList[0].quantity"},
    {"2000}", "-1}", "E_EVENT_FORM quantityList[0].quantity"},
    {"2000}", "2e3}", "E_EVENT_FORM quantityList[0].quantity"},
    {"2000}", R"("2000"})", "E_EVENT_FORM quantityList[0].quantity"},
    {"2000}", R"(0.0000001, "uom": "KGM"})", "E_EVENT_FORM quantityList[0].quantity"},
    {"2000}", "1000000000001}", "E_EVENT_FORM quantityList[0].quantity"},
    {"2000}", R"(2000, "uom": "KILO"})", "E_EVENT_FORM quantityList[0].uom"},
    {"2000}", R"(2000, "uom": "QQQ"})", "E_EVENT_FORM quantityList[0].uom"},
    {"2000}", R"(2000, "weight": 5})", "E_EVENT_FORM quantityList[0].weight"},
    {R"("https://id.gs1.org/00/095210010000000017")", R"("https://id.gs1.org/00/095210010000000018")",
     "E_CHECK_DIGIT epcList[0]"},
    {R"(["https://id.gs1.org/00/095210010000000017"])",
     R"(["https://id.gs1.org/00/095210010000000017", "https://id.gs1.org/00/095210010000000017"])",
     "E_EVENT_FORM epcList[1]"},
    {R"("epcList": [)", R"("childEPCs": [)", "E_EVENT_FORM childEPCs"},
    {R"("action")", R"("ilmd": {}, "action")", "E_EVENT_FORM ilmd"},
    {R"("action")", R"("materialType": "soil", "action")", "E_CONTEXT materialType"},
    {R"("action")", R"("ex:materialType": "soil", "action")", "E_CONTEXT ex:materialType"},
    {R"("tally:handover")", R"("tally:handovr")", "E_EVENT_FORM tally:handovr"},
    {R"("tally:handover")", R"("https://tallystick.example/ns/handover")",
     "E_EVENT_FORM https://tallystick.example/ns/handover"},
    {R"("tally:handover": "offer")", R"("tally:handover": "gift")", "E_VOCABULARY tally:handover"},
    {R"("truck")", R"("rocket")", "E_VOCABULARY tally:mode"},
    {"2026-08-16T06:40:00Z", "tomorrow", "E_EVENT_FORM tally:expires"},
    {R"("truck")", R"("truck", "tally:hs6": "62141")", "E_EVENT_FORM tally:hs6"},
    {R"("truck")", R"("truck", "tally:bind": [["https://id.gs1.org/01/09521001000109/21/1"]])",
     "E_EVENT_FORM tally:bind[0]"},
    {R"("truck")", R"("truck", "tally:loss": {"tally:quantity": -1})", "E_EVENT_FORM tally:loss.tally:quantity"},
    {R"("truck")", R"("truck", "tally:lot": "L1")", "E_EVENT_FORM tally:lot"},
    {R"("truck")", R"("truck", "tally:unbalanced": false)", "E_EVENT_FORM tally:unbalanced"},
    {R"("truck")", R"("truck", "tally:answers": "urn:uuid:1")", "E_EVENT_FORM tally:answers"},
    {R"("truck")", R"("truck", "tally:batch": {"tally:firstSequence": 1.5})",
     "E_EVENT_FORM tally:batch.tally:firstSequence"},
    {R"("truck")", R"("truck", "tally:sd": ["short"])", "E_EVENT_FORM tally:sd[0]"},
    {R"("readPoint": {"id")", R"("readPoint": {"ex:a": 1, "id")", "E_CONTEXT readPoint.ex:a"},
    {R"("readPoint": {"id")", R"("readPoint": {"tally:a": 1, "id")", "E_EVENT_FORM readPoint.tally:a"},
    {R"("action")", R"("certificationInfo": "certificate 7", "action")", "E_EVENT_FORM certificationInfo"},
    {R"("action")", R"("persistentDisposition": {}, "action")", "E_EVENT_FORM persistentDisposition"},
    {R"("action")", R"("persistentDisposition": {"set": ["lost"]}, "action")",
     "E_VOCABULARY persistentDisposition.set[0]"},
    {R"("action")", R"("errorDeclaration": {"reason": "incorrect_data"}, "action")",
     "E_EVENT_FORM errorDeclaration.declarationTime"},
    {R"("action")", R"("sensorElementList": [{"sensorReport": []}], "action")",
     "E_EVENT_FORM sensorElementList[0].sensorReport"},
    {R"("action")", R"("sensorElementList": [{"sensorReport": [{"type": "Warmth"}]}], "action")",
     "E_VOCABULARY sensorElementList[0].sensorReport[0].type"},
    {R"("action")", R"("sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": "7"}]}], "action")",
     "E_EVENT_FORM sensorElementList[0].sensorReport[0].value"},
    {R"("action")",
     R"("sensorElementList": [{"sensorReport": [{"type": "Temperature", "minValue": 8, "maxValue": 7}]}], "action")",
     "E_EVENT_FORM sensorElementList[0].sensorReport[0].minValue"},
    {R"("action")", R"("action": "OBSERVE", "action")", "E_EVENT_FORM action"},
    {", \"quantity\": 2000}", R"(, "uom": "KGM"})", "E_EVENT_FORM quantityList[0].uom"},
    {R"("readPoint": {"id": "https://id.gs1.org/414/9521004000014"})", R"("readPoint": {"id": "geo:91,0"})",
     "E_EVENT_FORM readPoint.id"},
    {R"("readPoint": {"id": "https://id.gs1.org/414/9521004000014"})", R"("readPoint": {"id": "geo:9"})",
     "E_EVENT_FORM readPoint.id"},
};

/// The fault of an observation with one sensor report of these members.
std::string fault_of_report(std::string_view members) {
  auto const text = R"("sensorElementList": [{"sensorReport": [{)" + std::string(members) + R"(}]}], "action")";
  auto const fault = verdict(offer, R"("action")", text);
  constexpr std::string_view place = "E_EVENT_FORM sensorElementList[0].sensorReport[0].";
  return fault.starts_with(place) ? fault.substr(place.size()) : fault;
}

TEST(Event, SensorValuesKeepTheirRanges) {
  for (auto const& [members, wrong] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {R"("type": "Temperature", "percRank": 100, "percValue": 250)", ""},
           {R"("type": "Temperature", "percRank": 100.000001)", "percRank"},
           {R"("type": "Temperature", "percRank": -1)", "percRank"},
           {R"("type": "Temperature", "sDev": 0)", ""},
           {R"("type": "Temperature", "sDev": -1)", "sDev"},
           {R"("type": "Count", "hexBinaryValue": "F0f0")", ""},
           {R"("type": "Count", "hexBinaryValue": "F0f")", "hexBinaryValue"},
           {R"("type": "Temperature", "value": 7, "uom": "KEL")", ""},
           {R"("type": "Temperature", "value": 7, "uom": "KGM")", "uom"},
           {R"("type": "gs1:Temperature", "value": 7, "uom": "A93")", "uom"},
           {R"("type": "Mass", "value": 7, "uom": "CEL")", "uom"},
           {R"("type": "AbsoluteHumidity", "value": 7, "uom": "A93")", ""},
           {R"("type": "https://x.example/Warmth", "value": 7, "uom": "CEL")", ""},
           {R"("exception": "ALARM_CONDITION", "uom": "CEL")", ""},
           {R"("type": "Angle", "component": "latitude", "value": -90, "uom": "DD")", ""},
           {R"("type": "Angle", "component": "cbv:Comp-latitude", "value": 91, "uom": "DD")", "value"},
           {R"("type": "Angle", "component": "longitude", "maxValue": 180.1, "uom": "DD")", "maxValue"},
           {R"("type": "Angle", "component": "azimuth", "value": 300, "uom": "DD")", ""}}) {
    EXPECT_EQ(fault_of_report(members), wrong) << members;
  }
}

TEST(Event, WrongFieldsAreRefusedByName) {
  for (auto const& one : wrong_fields)
    EXPECT_EQ(verdict(offer, one.old_text, one.new_text), one.verdict) << one.new_text;
  EXPECT_EQ(verdict(reeling, R"("outputQuantityList")", R"("tally:sd": [], "quantityList")"),
            "E_EVENT_FORM quantityList");
  EXPECT_EQ(verdict(reeling, R"("bizStep")", R"("action": "ADD", "bizStep")"), "E_EVENT_FORM action");
}

TEST(Event, ForeignExtensionsAreKeptButHideNoneOfOurTerms) {
  auto const context = read_context(
      R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"tally": "https://tallystick.example/ns/"},)"
      R"( {"ex": "https://ex.example/"}])");
  auto const with = [&](std::string_view extension) {
    std::string text(offer);
    text.insert(text.find("\"action\""), extension);
    auto const event = read(text, *context);
    return event ? "" : std::string(base::name(event.error().code)) + " " + event.error().field;
  };
  EXPECT_EQ(with(R"("ex:a": {"b": [{"other:c": 1}]}, )"), "");
  EXPECT_EQ(with(R"("https://partner.example/b": 1, )"), "");
  EXPECT_EQ(with(R"("ex:a": {"b": [{"tally:handover": "accept"}]}, )"), "E_EVENT_FORM ex:a.b[0].tally:handover");
  EXPECT_EQ(with(R"("ex:a": {"https://tallystick.example/ns/mode": 1}, )"),
            "E_EVENT_FORM ex:a.https://tallystick.example/ns/mode");
}

TEST(Event, NoContextHidesInsideWhatIsKept) {
  auto const context = read_context(
      R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"tally": "https://tallystick.example/ns/"},)"
      R"( {"ex": "https://ex.example/"}])");
  auto const with = [&](std::string_view extension, std::string_view in = "\"action\"") {
    std::string text(R"({"type": "ObjectEvent", "eventTime": "2026-08-13T06:40:00Z", "eventTimeZoneOffset": "+02:00",)"
                     R"( "epcList": [], "action": "ADD", "ilmd": {}})");
    text.insert(text.find(in) + (in == "{}" ? 1 : 0), extension);
    auto const event = read(text, *context);
    return event ? "" : std::string(base::name(event.error().code)) + " " + event.error().field;
  };
  constexpr std::string_view remote = R"("ex:a": {"@context": "https://evil.example/x.jsonld", "b": 1})";
  EXPECT_EQ(with(std::string(remote) + ", "), "E_CONTEXT ex:a.@context");
  EXPECT_EQ(with(R"("ex:a": [{"ex:b": {"@context": [{"c": "urn:c:"}, "https://evil.example/x.jsonld"]}}], )"),
            "E_CONTEXT ex:a[0].ex:b.@context");
  EXPECT_EQ(with(remote, "{}"), "E_CONTEXT ilmd.ex:a.@context");
  EXPECT_EQ(with(R"("ex:a": {"@context": {"t": "https://tallystick.example/ns/"}, "t:mode": "air"}, )"),
            "E_CONTEXT ex:a.@context.t");
  EXPECT_EQ(with(R"("@context": {"q": {"@id": "urn:q", "@context": "https://evil.example/x.jsonld"}}, )"),
            "E_CONTEXT @context.q.@context");
  EXPECT_EQ(with(R"("ex:a": {"@context": {"c": "urn:c:"}, "c:d": 1}, )"), "");
}

TEST(Event, WordsOfAllSpellingsBecomeOne) {
  for (std::string_view const spelling : {"receiving", "cbv:BizStep-receiving", "urn:epcglobal:cbv:bizstep:receiving",
                                          "https://ref.gs1.org/cbv/BizStep-receiving"}) {
    std::string text(offer);
    text.replace(text.find("shipping"), 8, spelling);
    auto const event = read(text);
    ASSERT_TRUE(event) << spelling;
    EXPECT_EQ(event->biz_step, "receiving");
  }
  std::string text(offer);
  text.replace(text.find("shipping"), 8, "tally:customs_import");
  EXPECT_EQ(read(text)->biz_step, "tally:customs_import");
  text.replace(text.find("tally:customs_import"), 20, "https://partner.example/steps/polishing");
  EXPECT_EQ(read(text)->biz_step, "https://partner.example/steps/polishing");
}

TEST(Event, ContextsAreNeverFetchedAndOneOfOursIsEnough) {
  auto const code = [](std::string_view context) {
    auto const read_in = read_context(context);
    if (!read_in) return std::string(base::name(read_in.error().code)) + " " + read_in.error().field;
    auto const event = read(offer, *read_in);
    return event ? "" : std::string(base::name(event.error().code)) + " " + event.error().field;
  };
  EXPECT_EQ(code(context_text), "");
  EXPECT_EQ(code(R"(["https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld",)"
                 R"( {"tally": "https://tallystick.example/ns/"}])"),
            "");
  EXPECT_EQ(code(R"({"tally": "https://tallystick.example/ns/"})"), "E_CONTEXT @context");
  EXPECT_EQ(code(R"("https://ref.gs1.org/standards/epcis/epcis-context.jsonld")"), "E_CONTEXT tally:handover");
  EXPECT_EQ(code(R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"tally": "https://else.example/"}])"),
            "E_CONTEXT @context.tally");
  EXPECT_EQ(
      code(R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"t": "https://tallystick.example/ns/"}])"),
      "E_CONTEXT @context.t");
  EXPECT_EQ(code(R"({"cbv": "https://else.example/"})"), "E_CONTEXT @context.cbv");
  EXPECT_EQ(code("[1]"), "E_CONTEXT @context");
  EXPECT_EQ(code("[[]]"), "E_CONTEXT @context");
  EXPECT_EQ(code("{"), "E_CONTEXT @context");
  EXPECT_EQ(code("\"" + std::string(9000, 'x') + "\""), "E_TOO_LARGE @context");
  EXPECT_EQ(code(""), "E_CONTEXT @context");
  EXPECT_EQ(code(R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", "https://else.example/c.jsonld",)"
                 R"( {"tally": "https://tallystick.example/ns/"}])"),
            "E_CONTEXT @context");
  auto const unknown = read_context(R"("https://else.example/c.jsonld")");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().detail.find("https://else.example/c.jsonld"), std::string::npos);
}

TEST(Event, MoreThanTheBoundIsRefused) {
  auto const list = [](std::size_t count) {
    std::string text(offer);
    std::string epcs;
    for (std::size_t i = 0; i < count; ++i) {
      epcs +=
          (i == 0 ? "" : ",") + std::string("\"https://id.gs1.org/01/09521001000109/21/") + std::to_string(i) + "\"";
    }
    constexpr std::string_view pallet = "\"https://id.gs1.org/00/095210010000000017\"";
    text.replace(text.find(pallet), pallet.size(), epcs);
    return text;
  };
  EXPECT_TRUE(read(list(4095)));
  EXPECT_EQ(read(list(4096)).error().code, Code::E_TOO_LARGE);
  EXPECT_EQ(read(list(4097)).error(), (Error{Code::E_TOO_LARGE, "epcList", "at most 4096 keys an event"}));
  EXPECT_EQ(read(std::string((std::size_t{1} << 20) + 1, ' ')).error().code, Code::E_TOO_LARGE);
  EXPECT_EQ(read(" " + std::string(offer)).error().code, Code::E_EVENT_FORM);
}

TEST(Event, EveryPublishedDocumentReads) {
  if (!test::have_shared("every published EPCIS document")) return;
  auto const files = test::files_under("epcis/documents", {".json", ".jsonld"});
  EXPECT_GE(files.size(), 55U);
  std::size_t events = 0;
  for (auto const& file : files) {
    auto const text = test::read_text(file);
    auto const document = read_document(text);
    ASSERT_TRUE(document) << file << ": " << base::to_string(document.error());
    auto const context = read_context(document->context);
    ASSERT_TRUE(context) << file;
    for (auto const& event : document->events) {
      ++events;
      auto const read_in = read_event(base::bytes_of(event), *context);
      EXPECT_TRUE(read_in) << file << ": " << (read_in ? "" : base::to_string(read_in.error()));
      EXPECT_TRUE(view_of(base::bytes_of(event))) << file;
    }
  }
  EXPECT_GE(events, 80U);
}

/// The first thing wrong with a document: the document itself, its context, or its first event at fault.
std::optional<Error> first_error(std::string_view text) {
  auto const value = parse_json(text);
  if (value && is_query(*value)) {
    auto const query = read_query(*value);
    return query ? std::nullopt : std::optional(query.error());
  }
  auto const document = read_document(text);
  if (!document) return document.error();
  auto const context = read_context(document->context);
  if (!context) return context.error();
  for (auto const& event : document->events) {
    auto const read_in = read_event(base::bytes_of(event), *context);
    if (!read_in) return read_in.error();
  }
  return std::nullopt;
}

TEST(Event, EveryPublishedInvalidDocumentIsRefusedWithItsField) {
  if (!test::have_shared("every published invalid EPCIS document")) return;
  std::map<std::string, std::string> const expected = {
      {"Combination_of_multiple_invalid_fields.json", "E_VOCABULARY bizStep"},
      {"Combination_of_non_standard_bizStep_and_disposition.json", "E_VOCABULARY bizStep"},
      {"EPCISDocument_without_context.json", "E_CONTEXT @context"},
      {"ObjectEvent_with_ilmd_field_without_namespace.json", "E_CONTEXT ilmd.materialType"},
      {"ObjectEvent_with_invalid_action.json", "E_EVENT_FORM action"},
      {"ObjectEvent_with_invalid_eventTime_format.json", "E_EVENT_FORM eventTime"},
      {"ObjectEvent_with_non_standard_bizStep.json", "E_VOCABULARY bizStep"},
      {"ObjectEvent_with_non_standard_disposition.json", "E_VOCABULARY disposition"},
      {"ObjectEvent_with_unknown_field_in_quantityList.json", "E_EVENT_FORM quantityList[0].weight"},
      {"ObjectEvent_without_action_and_eventTime.json", "E_EVENT_FORM eventTime"},
      {"Query_with_invalid_values.json", "E_EVENT_FORM GE_eventTime"},
      {"QueryDocument_with_invalid_action.json", "E_EVENT_FORM action"},
  };
  auto const files = test::files_under("epcis/invalid/json", {".json"});
  EXPECT_EQ(files.size(), expected.size());
  for (auto const& file : files) {
    auto text = test::read_text(file);
    auto error = first_error(text);
    ASSERT_TRUE(error) << file;
    EXPECT_EQ(std::string(base::name(error->code)) + " " + error->field, expected.at(file.filename())) << error->detail;
  }
}

TEST(Event, ExamplesOfTheDesignRead) {
  auto const page = std::filesystem::path(TALLY_SOURCE_DIR) / ".." / "shared" / "design" / "events.md";
  if (!test::have_shared("the examples of design/events.md")) return;
  auto const text = test::read_text(page);
  std::size_t documents = 0;
  std::size_t events = 0;
  for (auto at = text.find("```json\n"); at != text.npos; at = text.find("```json\n", at + 1)) {
    auto const end = text.find("```", at + 8);
    auto const json = std::string_view(text).substr(at + 8, end - at - 8);
    auto const document = read_document(json);
    ASSERT_TRUE(document) << base::to_string(document.error());
    ++documents;
    for (auto const& event : document->events) {
      auto const read_in = read(event, *read_context(document->context));
      ASSERT_TRUE(read_in) << base::to_string(read_in.error());
      ++events;
    }
  }
  EXPECT_EQ(documents, 3U);
  EXPECT_EQ(events, 4U);
}

TEST(Event, MutatedBytesNeverCrash) {
  std::string const seeds[] = {std::string(offer), std::string(reeling)};
  auto const context = our_context();
  std::uint64_t state = 20260813;
  auto const next = [&](std::size_t bound) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((state >> 33) % bound);
  };
  constexpr std::string_view bytes = "{}[]\",:\\ 019eEtfn-./%\x00\xc3\xff";
  std::size_t accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = seeds[next(2)];
    for (auto edits = next(3) + 1; edits > 0; --edits) {
      auto const at = next(text.size());
      switch (next(4)) {
        case 0:
          text[at] = bytes[next(bytes.size())];
          break;
        case 1:
          text.erase(at, next(8) + 1);
          break;
        case 2:
          text.insert(at, 1, bytes[next(bytes.size())]);
          break;
        default:
          text.insert(at, text.substr(next(text.size()), next(40)));
      }
      if (text.empty()) text = "{";
    }
    auto const event = read(text, context);
    // What reads has a view, and reads again to the same hash.
    if (event) {
      ++accepted;
      EXPECT_TRUE(view_of(base::bytes_of(text))) << text;
      EXPECT_EQ(read(text, context)->event_hash, event->event_hash);
    } else {
      EXPECT_TRUE(base::is_malformed(event.error().code)) << text;
    }
    static_cast<void>(read_document(text));
  }
  EXPECT_GT(accepted, 100U);
}

}  // namespace
}  // namespace gs1
