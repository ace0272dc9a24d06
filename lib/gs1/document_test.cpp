// SPDX-License-Identifier: Apache-2.0
#include "gs1/document.hpp"

#include <gmock/gmock.h>

#include "base/time.hpp"
#include "gs1/event.hpp"

namespace gs1 {
namespace {

using base::Code;
using testing::ElementsAre;

constexpr std::string_view event = R"({"type" : "ObjectEvent", "eventTime":"2026-01-01T00:00:00Z"})";

std::string code_of(std::string_view text) {
  auto const document = read_document(text);
  return document ? "" : std::string(base::name(document.error().code)) + " " + document.error().field;
}

TEST(Document, AnEnvelopeGivesExactBytes) {
  std::string const text =
      R"({"@context": [ "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"a" : "urn:a:"} ],)"
      R"("type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-08-13T07:12:00Z",)"
      R"("epcisBody":{"eventList":[ )" +
      std::string(event) + " ,\n" + std::string(event) + " ]}}";
  auto const document = read_document(text);
  ASSERT_TRUE(document) << base::to_string(document.error());
  EXPECT_EQ(document->kind, DocumentKind::document);
  EXPECT_EQ(document->context, R"([ "https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"a" : "urn:a:"} ])");
  EXPECT_THAT(document->events, ElementsAre(event, event));
  EXPECT_EQ(document->creation_time_ms, *base::from_rfc3339("2026-08-13T07:12:00Z"));
}

TEST(Document, OtherShapes) {
  auto const bare = read_document(event);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->kind, DocumentKind::event);
  EXPECT_EQ(bare->context, "");
  EXPECT_THAT(bare->events, ElementsAre(event));

  std::string const list = " [" + std::string(event) + "]";
  auto const events = read_document(list);
  ASSERT_TRUE(events);
  EXPECT_EQ(events->kind, DocumentKind::event_list);
  EXPECT_THAT(events->events, ElementsAre(event));

  std::string const query =
      R"({"@context":"https://ref.gs1.org/standards/epcis/epcis-context.jsonld","type":"EPCISQueryDocument",)"
      R"("schemaVersion":"2.0","creationDate":"2026-08-13T07:12:00Z","epcisBody":{"queryResults":{)"
      R"("queryName":"SimpleEventQuery","subscriptionID":"7","resultsBody":{"eventList":[)" +
      std::string(event) + "]}}}}";
  auto const results = read_document(query);
  ASSERT_TRUE(results);
  EXPECT_EQ(results->kind, DocumentKind::query_document);
  EXPECT_EQ(results->query_name, "SimpleEventQuery");
  EXPECT_EQ(results->subscription_id, "7");
  EXPECT_THAT(results->events, ElementsAre(event));
}

TEST(Document, WhatIsMissingIsNamed) {
  EXPECT_EQ(code_of("{}"), "E_EVENT_FORM type");
  EXPECT_EQ(code_of("7"), "E_EVENT_FORM ");
  EXPECT_EQ(code_of("[7]"), "E_EVENT_FORM [0]");
  EXPECT_EQ(code_of(R"({"type":"EPCISDocument"})"), "E_CONTEXT @context");
  std::string const context =
      R"({"@context":"https://ref.gs1.org/standards/epcis/epcis-context.jsonld","type":"EPCISDocument")";
  EXPECT_EQ(code_of(context + "}"), "E_EVENT_FORM schemaVersion");
  EXPECT_EQ(code_of(context + R"(,"schemaVersion":"1.2"})"), "E_EVENT_FORM schemaVersion");
  EXPECT_EQ(code_of(context + R"(,"schemaVersion":"2.0"})"), "E_EVENT_FORM creationDate");
  std::string const dated = context + R"(,"schemaVersion":"2.0","creationDate":"2026-08-13T07:12:00Z")";
  EXPECT_EQ(code_of(dated + "}"), "E_EVENT_FORM epcisBody");
  EXPECT_EQ(code_of(dated + R"(,"epcisBody":{}})"), "E_EVENT_FORM epcisBody.eventList");
  EXPECT_EQ(code_of(dated + R"(,"epcisBody":{"eventList":[{},1]}})"), "E_EVENT_FORM epcisBody.eventList[1]");
  EXPECT_EQ(code_of(R"({"@context":")" + std::string(9000, 'x') + R"(","type":"EPCISDocument"})"),
            "E_TOO_LARGE @context");
  EXPECT_EQ(code_of(std::string(document_bytes_max + 1, ' ')), "E_TOO_LARGE ");
}

/// A document without events, with more members at its top, in its header and in its body.
std::string document_with(std::string_view top, std::string_view header = "", std::string_view body = "") {
  return R"({"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"ex":"https://ex.example/"}],)" +
         std::string(top) + R"("type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-08-13T07:12:00Z",)" +
         R"("epcisHeader":{)" + std::string(header) + R"(},"epcisBody":{)" + std::string(body) + R"("eventList":[]}})";
}

TEST(Document, NoContextHidesInTheEnvelope) {
  constexpr std::string_view remote = R"("ex:a":{"b":[{"@context":"https://evil.example/x.jsonld"}]})";
  EXPECT_EQ(code_of(document_with(std::string(remote) + ",")), "E_CONTEXT ex:a.b[0].@context");
  EXPECT_EQ(code_of(document_with("", remote)), "E_CONTEXT epcisHeader.ex:a.b[0].@context");
  EXPECT_EQ(code_of(document_with("", "", std::string(remote) + ",")), "E_CONTEXT epcisBody.ex:a.b[0].@context");
  EXPECT_EQ(code_of(document_with("", R"("epcisMasterData":{"vocabularyList":[{"type":"urn:x:y",)"
                                      R"("@context":"https://evil.example/x.jsonld"}]})")),
            "E_CONTEXT epcisHeader.epcisMasterData.vocabularyList[0].@context");
  EXPECT_EQ(code_of(document_with(R"("_comment":{"@context":"https://evil.example/x.jsonld"},)")),
            "E_CONTEXT _comment.@context");
  EXPECT_EQ(code_of(R"({"@context":"https://ref.gs1.org/standards/epcis/epcis-context.jsonld",)"
                    R"("https://x.example/a":{"@context":"https://evil.example/x.jsonld"},"eventList":[]})"),
            "E_CONTEXT https://x.example/a.@context");
  EXPECT_EQ(code_of(document_with(R"("ex:a":{"@context":{"c":"urn:c:"}},"_comment_why":["b"],)", R"("ex:b":1)",
                                  R"("ex:c":1,)")),
            "");
}

TEST(Document, TheEnvelopeHasTheFormOfTheStandard) {
  EXPECT_EQ(code_of("[]"), "E_EVENT_FORM ");
  EXPECT_EQ(code_of(document_with(R"("note":1,)")), "E_CONTEXT note");
  EXPECT_EQ(code_of(document_with("", "", R"("note":1,)")), "E_CONTEXT epcisBody.note");
  EXPECT_EQ(code_of(document_with("", R"("foo":1)")), "E_CONTEXT epcisHeader.foo");
  EXPECT_EQ(code_of(document_with(R"("id":5,)")), "E_EVENT_FORM id");
  EXPECT_EQ(code_of(document_with(R"("id":"five",)")), "E_EVENT_FORM id");
  EXPECT_EQ(code_of(document_with(R"("sender":5,)")), "E_EVENT_FORM sender");
  EXPECT_EQ(code_of(document_with(R"("tally:mode":"air",)")), "E_CONTEXT tally:mode");
  EXPECT_EQ(code_of(document_with(R"("id":"urn:x:1","sender":"s","receiver":"r","instanceIdentifier":"7","ex:a":1,)")),
            "");
  auto const master = [](std::string const& vocabulary) {
    auto const code = code_of(document_with("", R"("epcisMasterData":{"vocabularyList":[)" + vocabulary + "]}"));
    constexpr std::string_view place = "E_EVENT_FORM epcisHeader.epcisMasterData.vocabularyList[0].";
    return code.starts_with(place) ? code.substr(place.size()) : code;
  };
  EXPECT_EQ(master(R"({"type":"x"})"), "type");
  EXPECT_EQ(master("{}"), "type");
  EXPECT_EQ(master(R"({"type":"urn:v","vocabularyElementList":[{"id":"5"}]})"), "vocabularyElementList[0].id");
  EXPECT_EQ(master(R"({"type":"urn:v:1","vocabularyElementList":[{"id":"urn:e:1","attributes":[{"id":"urn:a:1",)"
                   R"("attribute":true}]}]})"),
            "vocabularyElementList[0].attributes[0].attribute");
  EXPECT_EQ(master(R"({"type":"urn:v:1","vocabularyElementList":[{"id":"urn:e:1","children":["x"]}]})"),
            "vocabularyElementList[0].children[0]");
  EXPECT_EQ(master(R"({"type":"urn:v:1","vocabularyElementList":[{"id":"urn:e:1","attributes":[{"id":"urn:a:1",)"
                   R"("attribute":"Lot"}],"children":["urn:e:2"]}]})"),
            "");
}

TEST(Document, AnEventMayCarryItsContext) {
  std::string const text =
      R"({"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"ex":"https://ex.example/"}],)"
      R"("type":"ObjectEvent","eventTime":"2026-01-01T00:00:00Z","eventTimeZoneOffset":"+00:00",)"
      R"("action":"OBSERVE","epcList":[],"ex:note":"n"})";
  auto const document = read_document(text);
  ASSERT_TRUE(document);
  auto const read = read_event(base::bytes_of(document->events.at(0)), Context{});
  EXPECT_TRUE(read) << base::to_string(read.error());
}

}  // namespace
}  // namespace gs1
