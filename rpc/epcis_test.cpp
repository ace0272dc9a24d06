// SPDX-License-Identifier: Apache-2.0
#include "rpc/epcis.hpp"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "base/time.hpp"

#include "gs1/event.hpp"
#include "gs1/event_hash.hpp"
#include "ledger/history.hpp"
#include "ledger/query_index.hpp"
#include "rpc/event_search.hpp"
#include "rpc/json.hpp"
#include "rpc/server.hpp"
#include "rpc/state_backend_test.hpp"
#include "rpc/webhook.hpp"

namespace rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char const* plain_context = R"("https://ref.gs1.org/standards/epcis/epcis-context.jsonld")";
constexpr char const* other_context =
    R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"ex":"https://ex.example/"}])";

/// A node with what was recorded, indexed as the ledger does.
class RecordedBackend final : public Backend {
 public:
  RecordedBackend() : state_(std::make_shared<ledger::MemoryState>()) { publish(); }

  void record(std::string const& json, std::string const& context = plain_context) {
    std::lock_guard const lock(mutex_);
    auto state = std::make_shared<ledger::MemoryState>(*state_);
    ledger::Overlay overlay(*state);
    ledger::StoredEvent stored;
    stored.recorded_ms = 1'000'000 * ++recorded_;
    stored.context = crypto::sha256(base::bytes_of(context));
    stored.payload = base::to_bytes(json);
    overlay.put(ledger::state_key(ledger::Space::context, stored.context.view()), base::to_bytes(context));
    auto const index = ledger::append_log(overlay, stored);
    auto const event = gs1::read_event(stored.payload, *gs1::read_context(context));
    ASSERT_TRUE(event) << base::to_string(event.error()) << json;
    ledger::Postings postings;
    postings.add(*event, index);
    std::move(postings).write(overlay);
    auto by_hash = ledger::state_key(ledger::Space::event_hash_index, event->event_hash.view());
    base::append(by_hash, ledger::big_endian(index));
    overlay.put(by_hash, {});
    for (auto const& key : event->epcs) {
      ledger::ActLeaf act;
      act.log_index = index;
      ledger::append_history(overlay, ledger::state_key(ledger::Space::thing, key.uri), act, {});
    }
    state->apply(overlay.diff());
    state_ = state;
    publish();
  }

  void end(ledger::Hash const& transaction, ledger::ReceiptRecord const& receipt) {
    std::lock_guard const lock(mutex_);
    auto state = std::make_shared<ledger::MemoryState>(*state_);
    ledger::Overlay overlay(*state);
    ledger::store(overlay, ledger::receipt_key(transaction), receipt);
    state->apply(overlay.diff());
    state_ = state;
    publish();
  }

  std::shared_ptr<ledger::Certified const> certified() const override {
    std::lock_guard const lock(mutex_);
    return at_;
  }
  base::Result<ledger::Hash> submit(ledger::Bytes) override { return base::Error{base::Code::E_BUSY, "", ""}; }
  base::Result<ledger::Hash> submit_own(std::vector<ledger::Operation>, std::vector<ledger::Bytes> given) override {
    payloads = std::move(given);
    return crypto::sha256(ledger::BytesView(payloads.front()));
  }
  bool is_pending(ledger::Hash const&) const override { return true; }
  NodeStatus status() const override { return {}; }
  std::optional<DecidedBlock> block(ledger::Height) const override { return std::nullopt; }
  void wait_beyond(ledger::Height, std::uint64_t) const override {}

  std::vector<ledger::Bytes> payloads;

 private:
  void publish() {
    auto at = std::make_shared<ledger::Certified>();
    at->header.height = ++height_;
    at->header.time_ms = 1'000'000 * (recorded_ + 1);
    at->state = state_;
    at_ = at;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<ledger::MemoryState> state_;
  std::shared_ptr<ledger::Certified const> at_;
  ledger::Height height_ = 0;
  std::uint64_t recorded_ = 0;
};

std::string event(int serial, std::string const& step, int minute, std::string const& rest = "") {
  auto const two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return R"({"type":"ObjectEvent","eventTime":"2026-08-13T07:)" + two(minute) +
         R"(:00Z","eventTimeZoneOffset":"+02:00","epcList":["urn:epc:id:sgtin:9521001.000010.S)" +
         std::to_string(serial) + R"("],"action":"OBSERVE","bizStep":")" + step +
         R"(","readPoint":{"id":"urn:epc:id:sgln:9521004.00001.0"})" + rest + "}";
}

Response get(Epcis& epcis, std::string const& target, std::vector<std::pair<std::string, std::string>> headers = {}) {
  return epcis.handle({"GET", target, std::move(headers), ""});
}

std::string header(Response const& response, std::string_view name) {
  for (auto const& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

/// The serials of a page, in its order.
std::string serials(Response const& response) {
  std::string out;
  for (auto at = response.body.find("000010.S"); at != std::string::npos; at = response.body.find("000010.S", at + 1))
    out += response.body.substr(at + 8, response.body.find('"', at) - at - 8) + " ";
  return out;
}

std::string next_of(Response const& response) {
  auto const link = header(response, "Link");
  return link.empty() ? "" : link.substr(1, link.find('>') - 1);
}

/// All pages, a bar between them.
std::string all_pages(Epcis& epcis, std::string target) {
  std::string out;
  for (int page = 0; page < 100 && !target.empty(); ++page) {
    auto const response = get(epcis, target);
    EXPECT_EQ(response.status, 200u) << response.body;
    out += (page == 0 ? "" : "| ") + serials(response);
    target = next_of(response);
  }
  return out;
}

class Recorded : public testing::Test {
 protected:
  Recorded() : epcis(backend, outside.get()) {
    backend.record(event(1, "shipping", 10));
    backend.record(event(2, "receiving", 30));
    backend.record(event(3, "shipping", 20, R"(,"ex:weight":7)"), other_context);
    backend.record(event(4, "shipping", 5));
    backend.record(event(1, "receiving", 40));
    backend.record(event(1, "shipping", 10, R"(,"errorDeclaration":{"declarationTime":"2026-08-14T00:00:00Z"})"));
  }
  RecordedBackend backend;
  TestOutside outside;
  Epcis epcis;
};

TEST_F(Recorded, PagesHoldOneContextAndTokensLeadOn) {
  EXPECT_EQ(all_pages(epcis, "/epcis/events"), "1 2 | 3 | 4 1 1 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?perPage=1"), "1 | 2 | 3 | 4 | 1 | 1 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?EQ_bizStep=shipping&perPage=2"), "1 | 3 | 4 1 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?EQ_bizStep=shipping%7Creceiving"), "1 2 | 3 | 4 1 1 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?MATCH_epc=urn:epc:id:sgtin:9521001.000010.S1"), "1 1 1 ");
  EXPECT_EQ(all_pages(epcis,
                      "/epcis/events?MATCH_epc=urn:epc:idpat:sgtin:9521001.000010.*&GE_eventTime=2026-08-13T07:30:00Z"),
            "2 1 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?EXISTS_errorDeclaration=true"), "1 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?GE_recordTime=1970-01-01T01:06:40Z&EQ_bizStep=shipping"), "4 1 ");
  // A page is good although a block came between.
  auto const first = get(epcis, "/epcis/events?perPage=2");
  backend.record(event(9, "packing", 50));
  EXPECT_EQ(all_pages(epcis, next_of(first)), "3 | 4 1 | 1 9 ");
}

TEST_F(Recorded, OrdersAndCounts) {
  EXPECT_EQ(all_pages(epcis, "/epcis/events?orderBy=eventTime&orderDirection=ASC"), "4 1 1 | 3 | 2 1 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?orderBy=eventTime&perPage=2"), "1 2 | 3 | 1 1 | 4 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?orderBy=recordTime&orderDirection=DESC&EQ_bizStep=receiving"), "1 2 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?orderBy=eventTime&eventCountLimit=3&perPage=2"), "1 2 | 3 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/events?orderBy=ex:weight&GE_ex:weight=7"), "3 ");
  EXPECT_EQ(get(epcis, "/epcis/events?maxEventCount=6").status, 200u);
  auto const many = get(epcis, "/epcis/events?maxEventCount=5");
  EXPECT_EQ(many.status, 413u);
  EXPECT_THAT(many.body, HasSubstr("epcisException:QueryTooLargeException"));
  EXPECT_EQ(get(epcis, "/epcis/events?eventCountLimit=3").status, 400u);
}

TEST_F(Recorded, WrongQueriesAreNamed) {
  for (char const* const target :
       {"/epcis/events?EQ_bizStep=sending", "/epcis/events?EQ_colour=red", "/epcis/events?perPage=0",
        "/epcis/events?nextPageToken=zz", "/epcis/events?nextPageToken=31", "/epcis/events?GE_eventTime=now",
        "/epcis/bizSteps/shipping/events?EQ_bizStep=shipping"}) {
    auto const response = get(epcis, target);
    EXPECT_EQ(response.status, 400u) << target;
    EXPECT_EQ(response.type, "application/problem+json");
    EXPECT_THAT(response.body, HasSubstr("epcisException:QueryParameterException")) << target;
  }
  EXPECT_EQ(get(epcis, "/epcis/events?EQ_stringValue=" + std::string(9000, 'x')).status, 414u);
}

TEST_F(Recorded, ResourcesListWhatEventsName) {
  EXPECT_THAT(get(epcis, "/epcis").body, HasSubstr(R"("member":["queries","capture","events")"));
  EXPECT_THAT(get(epcis, "/epcis/bizSteps").body, HasSubstr(R"("member":["receiving","shipping"])"));
  auto const first = get(epcis, "/epcis/bizSteps?perPage=1");
  EXPECT_THAT(first.body, HasSubstr(R"("member":["receiving"])"));
  EXPECT_THAT(get(epcis, next_of(first)).body, HasSubstr(R"("member":["shipping"])"));
  EXPECT_THAT(get(epcis, "/epcis/readPoints").body, HasSubstr("https://id.gs1.org/414/9521004000014"));
  EXPECT_THAT(get(epcis, "/epcis/dispositions").body, HasSubstr(R"("member":[])"));
  EXPECT_THAT(get(epcis, "/epcis/eventTypes").body, HasSubstr("AssociationEvent"));
  EXPECT_EQ(get(epcis, "/epcis/eventTypes/ObjectEvent").status, 200u);
  EXPECT_EQ(get(epcis, "/epcis/eventTypes/OtherEvent").status, 400u);
  EXPECT_EQ(all_pages(epcis, "/epcis/eventTypes/ObjectEvent/events?EQ_bizStep=receiving"), "2 1 ");
  EXPECT_EQ(all_pages(epcis, "/epcis/bizSteps/receiving/events"), "2 1 ");
  EXPECT_EQ(
      all_pages(epcis, "/epcis/readPoints/https%3A%2F%2Fid.gs1.org%2F414%2F9521004000014/events?EQ_bizStep=receiving"),
      "2 1 ");
  EXPECT_EQ(get(epcis, "/epcis/bizSteps/packing").status, 404u);
  EXPECT_EQ(get(epcis, "/epcis/bizLocations/urn%3Ax%3A1").status, 404u);
  std::size_t epcs = 0;
  std::string target = "/epcis/epcs?perPage=2";
  for (int page = 0; page < 10 && !target.empty(); ++page) {
    auto const response = get(epcis, target);
    epcs += from_text(response.body)->find("member")->items.size();
    target = next_of(response);
  }
  EXPECT_EQ(epcs, 4u);
  EXPECT_EQ(all_pages(epcis, "/epcis/epcs/https%3A%2F%2Fid.gs1.org%2F01%2F09521001000109%2F21%2FS2/events"), "2 ");
  EXPECT_EQ(get(epcis, "/epcis/epcs/urn%3Aepc%3Aid%3Asgtin%3A9521001.000010.S9").status, 404u);
}

TEST_F(Recorded, AnEventIsFoundByItsHashWithWhatVoidsIt) {
  auto const read = gs1::read_event(base::bytes_of(event(1, "shipping", 10)), *gs1::read_context(plain_context));
  EXPECT_EQ(serials(get(epcis, "/epcis/events/" + gs1::to_event_id(read->event_hash))), "1 1 ");
  EXPECT_EQ(get(epcis, "/epcis/events/ni:///sha-256;" + std::string(64, '0') + "?ver=CBV2.0").status, 404u);
  EXPECT_EQ(get(epcis, "/epcis/events/nonsense").status, 400u);
  backend.record(event(7, "packing", 1, R"(,"eventID":"urn:uuid:7")"));
  EXPECT_EQ(serials(get(epcis, "/epcis/events/urn%3Auuid%3A7")), "7 ");
}

TEST_F(Recorded, HeadersSayWhatIsServedAndRefuseWhatIsNot) {
  auto const discovery = epcis.handle({"OPTIONS", "/epcis/queries/q", {}, ""});
  EXPECT_EQ(discovery.status, 204u);
  EXPECT_EQ(header(discovery, "Allow"), "GET, DELETE, OPTIONS");
  EXPECT_EQ(header(discovery, "GS1-EPCIS-Version"), "2.0.0");
  EXPECT_EQ(header(discovery, "GS1-CBV-Max"), "2.0.0");
  EXPECT_EQ(epcis.handle({"OPTIONS", "/epcis/nothing", {}, ""}).status, 404u);
  EXPECT_EQ(epcis.handle({"PUT", "/epcis/events", {}, ""}).status, 405u);
  EXPECT_EQ(get(epcis, "/epcis/events", {{"gs1-epcis-min", "2.1"}}).status, 406u);
  EXPECT_EQ(get(epcis, "/epcis/events", {{"gs1-epcis-max", "1.2"}}).status, 406u);
  EXPECT_EQ(get(epcis, "/epcis/events", {{"gs1-epcis-version", "1.2"}}).status, 406u);
  EXPECT_EQ(get(epcis, "/epcis/events", {{"gs1-epcis-version", "2.0"}}).status, 200u);
  EXPECT_EQ(get(epcis, "/epcis/events", {{"gs1-epcis-min", "1.2"}, {"gs1-cbv-max", "2.0.0"}}).status, 200u);
  EXPECT_EQ(get(epcis, "/epcis/events", {{"accept", "application/xml"}}).status, 406u);
  EXPECT_EQ(get(epcis, "/epcis/events", {{"gs1-epc-format", "Always_EPC_URN"}}).status, 406u);
  auto const links = get(epcis, "/epcis/events", {{"gs1-epc-format", "Always_GS1_Digital_Link"}});
  EXPECT_THAT(links.body, HasSubstr("https://id.gs1.org/01/09521001000109/21/S1"));
  EXPECT_EQ(links.body.find("urn:epc:"), std::string::npos);
  EXPECT_EQ(get(epcis, "/epcis/events?GE_q:weight=7", {{"gs1-extensions", "q=https://ex.example/"}})
                .body.find("\"eventList\":[]"),
            std::string::npos);
  EXPECT_EQ(epcis.handle({"POST", "/epcis/capture", {{"content-type", "text/csv"}}, "a,b"}).status, 415u);
  EXPECT_EQ(epcis.handle({"DELETE", "/epcis/nextPageToken/12", {}, ""}).status, 501u);
}

TEST_F(Recorded, CaptureTakesXmlAndListsItsJobs) {
  std::string const xml =
      "<epcis:EPCISDocument xmlns:epcis=\"urn:epcglobal:epcis:xsd:2\" schemaVersion=\"2.0\""
      " creationDate=\"2026-07-22T10:30:00Z\"><EPCISBody><EventList><ObjectEvent>"
      "<eventTime>2026-07-22T06:45:00+02:00</eventTime><eventTimeZoneOffset>+02:00</eventTimeZoneOffset>"
      "<epcList><epc>urn:epc:id:sgtin:9521001.000010.1</epc></epcList><action>ADD</action></ObjectEvent>"
      "</EventList></EPCISBody></epcis:EPCISDocument>";
  auto const taken = epcis.handle({"POST", "/epcis/capture", {{"content-type", "application/xml"}}, xml});
  EXPECT_EQ(taken.status, 202u);
  ASSERT_EQ(backend.payloads.size(), 1u);
  EXPECT_THAT(std::string(base::text_of(backend.payloads[0])), HasSubstr(R"("type":"ObjectEvent")"));
  auto const job = get(epcis, header(taken, "Location"));
  EXPECT_THAT(job.body, HasSubstr(R"("running":true,"captureErrorBehaviour":"rollback","success":true,"errors":[])"));
  EXPECT_EQ(from_text(get(epcis, "/epcis/capture").body)->items.size(), 1u);
  auto const bad = epcis.handle({"POST", "/epcis/capture", {}, "<a/>"});
  EXPECT_EQ(bad.status, 400u);
  EXPECT_THAT(bad.body, HasSubstr("epcisException:ValidationException"));
  std::string document = R"({"@context":)" + std::string(plain_context) +
                         R"(,"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-07-22T10:30:00Z",)"
                         R"("epcisBody":{"eventList":[)" +
                         event(1, "sending", 1) + "," + event(2, "shipping", 1) + "]}}";
  auto const some = epcis.handle({"POST", "/epcis/capture", {{"gs1-capture-error-behaviour", "proceed"}}, document});
  EXPECT_EQ(some.status, 202u);
  EXPECT_EQ(backend.payloads.size(), 1u);
  EXPECT_THAT(get(epcis, header(some, "Location")).body, HasSubstr(R"("success":false)"));
  EXPECT_THAT(get(epcis, header(some, "Location")).body, HasSubstr("eventList[0].bizStep"));
  // The law's fields are told by their place in the document too: the only event recorded was its second.
  auto const location = header(some, "Location");
  auto const hash = *ledger::Hash::from_text(location.substr(location.rfind('/') + 1));
  ledger::ReceiptRecord refused;
  refused.receipt.code = base::Code::E_SCOPE;
  refused.receipt.field = "operations[0].events[0].readPoint";
  backend.end(hash, refused);
  EXPECT_THAT(get(epcis, location).body, HasSubstr("eventList[1].readPoint"));
}

TEST_F(Recorded, NamedQueriesAreMadeReadAndDeleted) {
  auto const post = [&](std::string const& body) { return epcis.handle({"POST", "/epcis/queries", {}, body}); };
  auto const made = post(R"({"name":"mine","query":{"EQ_bizStep":["receiving"]}})");
  EXPECT_EQ(made.status, 201u);
  EXPECT_EQ(header(made, "Location"), "/epcis/queries/mine");
  EXPECT_EQ(post(R"({"name":"mine","query":{}})").status, 409u);
  EXPECT_THAT(post(R"({"name":"b","query":{"EQ_bizStep":["x y"]}})").body, HasSubstr("QueryValidationException"));
  EXPECT_EQ(post(R"({"name":"a/b","query":{}})").status, 400u);
  EXPECT_EQ(post(R"({"name":"c"})").status, 400u);
  EXPECT_EQ(get(epcis, "/epcis/queries/mine").body, R"({"name":"mine","query":{"EQ_bizStep":["receiving"]}})");
  EXPECT_EQ(all_pages(epcis, "/epcis/queries/mine/events?perPage=1"), "2 | 1 ");
  EXPECT_THAT(get(epcis, "/epcis/queries/mine/events").body, HasSubstr(R"("queryName":"mine")"));
  EXPECT_EQ(post(R"({"name":"zz","query":{}})").status, 201u);
  auto const first = get(epcis, "/epcis/queries?perPage=1");
  EXPECT_EQ(next_of(first), "/epcis/queries?perPage=1&nextPageToken=mine");
  EXPECT_THAT(get(epcis, next_of(first)).body, HasSubstr("zz"));
  EXPECT_EQ(epcis.handle({"DELETE", "/epcis/queries/mine", {}, ""}).status, 204u);
  EXPECT_EQ(get(epcis, "/epcis/queries/mine/events").status, 404u);
}

TEST_F(Recorded, SubscriptionsAreJudged) {
  epcis.handle({"POST", "/epcis/queries", {}, R"({"name":"mine","query":{}})"});
  auto const post = [&](std::string const& body) {
    return epcis.handle({"POST", "/epcis/queries/mine/subscriptions", {}, body});
  };
  for (char const* const body :
       {R"({"stream":true})", R"({"dest":"ftp://x/","stream":true})", R"({"dest":"http://x/"})",
        R"({"dest":"http://x/","stream":true,"schedule":{"minute":"5"}})",
        R"({"dest":"http://x/","schedule":{"minute":"61"}})", R"({"dest":"http://u@x/","stream":true})",
        R"({"dest":"http://x/","stream":true,"initialRecordTime":"then"})"}) {
    auto const response = post(body);
    EXPECT_EQ(response.status, 400u) << body;
    EXPECT_THAT(response.body, HasSubstr("SubscriptionControlsException")) << body;
  }
  EXPECT_EQ(epcis.handle({"POST", "/epcis/queries/none/subscriptions", {}, "{}"}).status, 404u);
  auto const made =
      post(R"({"dest":"http://127.0.0.1:1/x","signatureToken":"secret","schedule":{"hour":"1","minute":"5"}})");
  EXPECT_EQ(made.status, 201u);
  EXPECT_EQ(made.body.find("secret"), std::string::npos);
  auto const id = std::string(from_text(made.body)->string_of("subscriptionID"));
  EXPECT_EQ(from_text(get(epcis, "/epcis/queries/mine/subscriptions").body)->items.size(), 1u);
  EXPECT_EQ(get(epcis, "/epcis/queries/mine/subscriptions/" + id).status, 200u);
  EXPECT_EQ(epcis.handle({"DELETE", "/epcis/queries/mine/subscriptions/" + id, {}, ""}).status, 204u);
  EXPECT_EQ(get(epcis, "/epcis/queries/mine/subscriptions/" + id).status, 404u);
}

TEST_F(Recorded, AWebhookGetsSignedPagesUntilItTakesThem) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Request> got;
  unsigned status = 500;
  auto const server = listen({},
                             [&](Request const& request) {
                               std::lock_guard const lock(mutex);
                               got.push_back(request);
                               changed.notify_all();
                               auto const answer = status;
                               status = 204;
                               return Response{answer, "text/plain", "", {}};
                             },
                             nullptr, {.answered_max = 1});
  ASSERT_TRUE(server);
  epcis.handle({"POST", "/epcis/queries", {}, R"({"name":"mine","query":{"EQ_bizStep":["packing"]}})"});
  auto const made = epcis.handle({"POST",
                                  "/epcis/queries/mine/subscriptions",
                                  {},
                                  R"({"dest":"http://127.0.0.1:)" + std::to_string((*server)->port()) +
                                      R"(/hook","signatureToken":"secret","stream":true})"});
  ASSERT_EQ(made.status, 201u);
  backend.record(event(8, "packing", 1));
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return got.size() == 2; }));
  EXPECT_EQ(got[0].target, "/hook");
  EXPECT_EQ(got[0].body, got[1].body) << "the refused page comes again";
  EXPECT_THAT(got[1].body, HasSubstr("000010.S8"));
  auto const expected = webhook_headers(
      {"secret", {}}, got[1].header("webhook-id"),
      static_cast<std::uint64_t>(std::stoull(std::string(got[1].header("webhook-timestamp")))), got[1].body);
  EXPECT_EQ(got[1].header("webhook-signature"), expected[2].second);
  EXPECT_EQ(got[1].header("gs1-signature"), expected[3].second);
  EXPECT_EQ(got[0].header("webhook-id"), got[1].header("webhook-id"));
}

TEST_F(Recorded, AWebSocketFollowsItsQuery) {
  epcis.handle({"POST", "/epcis/queries", {}, R"({"name":"mine","query":{"EQ_bizStep":["packing"]}})"});
  EXPECT_EQ(epcis.open_session({"GET", "/epcis/queries/mine/events", {}, ""}), nullptr);
  EXPECT_EQ(epcis.open_session({"GET", "/epcis/queries/none/events?stream=true", {}, ""}), nullptr);
  EXPECT_EQ(epcis.open_session({"GET", "/epcis/events?stream=true", {}, ""}), nullptr);
  auto const session = epcis.open_session({"GET", "/epcis/queries/mine/events?stream=true", {}, ""});
  ASSERT_NE(session, nullptr);
  EXPECT_FALSE(session->next_notice());
  backend.record(event(7, "shipping", 1));
  EXPECT_FALSE(session->next_notice());
  backend.record(event(8, "packing", 1));
  auto const notice = session->next_notice();
  ASSERT_TRUE(notice);
  EXPECT_THAT(*notice, HasSubstr("000010.S8"));
  EXPECT_FALSE(session->next_notice());
  auto const before = epcis.open_session(
      {"GET", "/epcis/queries/mine/events?stream=true&initialRecordTime=1970-01-01T00:00:00Z", {}, ""});
  EXPECT_TRUE(before->next_notice());
}

TEST(Webhook, SignsAsRfc4231AndStandardWebhooksSay) {
  // RFC 4231, test case 2.
  EXPECT_EQ(base::to_hex(hmac_sha256(base::bytes_of("Jefe"), base::bytes_of("what do ya want for nothing?")).view()),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // Test case 6: a key longer than a block.
  EXPECT_EQ(base::to_hex(hmac_sha256(base::Bytes(131, 0xaa),
                                     base::bytes_of("Test Using Larger Than Block-Size Key - Hash Key First"))
                             .view()),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(to_base64(base::bytes_of("foobar")), "Zm9vYmFy");
  EXPECT_EQ(to_base64(base::bytes_of("foob")), "Zm9vYg==");
  EXPECT_EQ(to_base64(base::bytes_of("fooba")), "Zm9vYmE=");
  EXPECT_EQ(to_base64({}), "");
  // The example of Standard Webhooks 1.0.
  auto const headers = webhook_headers({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", {}}, "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                       1614265330, R"({"test": 2432232314})");
  EXPECT_EQ(headers[2].second, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  for (std::string_view const text : {"", "Zg==", "Zm8=", "Zm9v"}) EXPECT_EQ(to_base64(*from_base64(text)), text);
  for (std::string_view const text : {"Zg", "Z===", "Zm9=", "Zg==Zg==", "Z*==", "Zh=="})
    EXPECT_FALSE(from_base64(text)) << text;
  EXPECT_TRUE(is_secret(make_secret()));
  EXPECT_FALSE(is_secret("whsec_Zm9v")) << "too short";
}

TEST(Webhook, SignsByTheNodesKey) {
  auto const secret = *crypto::ValidatorSecret::from_text("0x" + std::string(64, '7'));
  auto const headers = webhook_headers({"", secret}, "m", 5, "{}");
  ASSERT_TRUE(headers[2].second.starts_with("v1a,"));
  auto const bytes = *from_base64(headers[2].second.substr(4));
  base::ValidatorSignature signature;
  std::ranges::copy(bytes, signature.bytes.begin());
  EXPECT_TRUE(crypto::validator_verify_bytes(crypto::validator_key(secret), base::bytes_of("m.5.{}"), signature));
  EXPECT_EQ(headers.size(), 3U);
}

TEST(Webhook, DestinationsAreReadStrictly) {
  EXPECT_EQ(read_destination("http://a:1/b?c")->path, "/b?c");
  EXPECT_EQ(read_destination("http://a")->path, "/");
  EXPECT_EQ(read_destination("http://a?x")->path, "/?x");
  EXPECT_EQ(read_destination("https://a.example/x")->port, "443");
  EXPECT_TRUE(read_destination("https://a.example/x")->secure);
  EXPECT_EQ(read_destination("https://[2001:db8::1]:8443/x")->host, "2001:db8::1");
  EXPECT_EQ(read_destination("https://[2001:db8::1]:8443/x")->authority(), "[2001:db8::1]:8443");
  for (std::string_view const url :
       {"http:///x", "ftp://a/", "https://u@a/", "https://a/#x", "https://a:0/", "https://a:65536/", "https://a:8x/",
        "https://[::1/", "https://[::1]x/", "https://a\\b/", "https://%61/", "https://a b/", ""})
    EXPECT_FALSE(read_destination(url)) << url;
}

TEST(Webhook, AddressesThatAreNotPublicAreKnown) {
  for (std::string_view const address :
       {"127.0.0.1",      "127.255.1.2",     "0.0.0.0",         "10.1.2.3",    "172.16.0.1",
        "172.31.255.255", "192.168.1.1",     "169.254.169.254", "100.64.0.1",  "198.18.0.1",
        "192.0.2.7",      "224.0.0.1",       "255.255.255.255", "::1",         "::",
        "fe80::1",        "fc00::1",         "fd12::1",         "ff02::1",     "::ffff:127.0.0.1",
        "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::",   "2001:db8::1", "2001::1",
        "no address"})
    EXPECT_FALSE(is_public_address(address)) << address;
  for (std::string_view const address :
       {"8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2002:0808:0808::"})
    EXPECT_TRUE(is_public_address(address)) << address;
}

TEST(Webhook, GoesToPrivateAddressesOnlyWhereThatIsAllowed) {
  auto const closed = open_poster({});
  ASSERT_TRUE(closed);
  for (char const* const url :
       {"http://127.0.0.1:1/", "https://localhost:1/", "https://[::1]:1/", "https://0.0.0.0:1/"}) {
    auto const sent = (*closed)->post(*read_destination(url), "{}", {});
    ASSERT_FALSE(sent) << url;
    EXPECT_EQ(sent.error().code, base::Code::E_NOT_ALLOWED_HERE) << to_string(sent.error());
  }
  // Of a public address it says that plain http does not go there, without calling it.
  auto const open = open_poster({.allow_private = true, .ca_file = {}});
  auto const plain = (*open)->post(*read_destination("http://8.8.8.8:9/"), "{}", {});
  EXPECT_EQ(plain.error().code, base::Code::E_NOT_ALLOWED_HERE);
  EXPECT_EQ((*open)->post(*read_destination("http://127.0.0.1:1/"), "{}", {}).error().code, base::Code::E_UNREACHABLE);
  EXPECT_FALSE(open_poster({.ca_file = "/no/such.pem"}));
}

TEST(Webhook, DoesNotWaitForASilentNameServer) {
  std::promise<void> silence;
  auto const silent = silence.get_future().share();
  PostLimits limits{.allow_private = true, .ca_file = {}, .timeout_ms = 100};
  limits.resolve = [silent](std::string const& host) {
    if (host != "silent.example") return system_addresses(host);
    silent.wait();
    return base::Result<Addresses>(Addresses{"127.0.0.1"});
  };
  auto poster = std::move(open_poster(limits)).value();
  auto const detail_of = [&](char const* url) { return poster->post(*read_destination(url), "{}", {}).error().detail; };
  auto const hangs = "no name server told its address in time";
  EXPECT_EQ(detail_of("http://silent.example/"), hangs);
  // Others are called meanwhile.
  EXPECT_EQ(detail_of("http://127.0.0.1:1/"), "Connection refused");
  for (unsigned i = 1; i < Lookup::running_max; ++i) EXPECT_EQ(detail_of("http://silent.example/"), hangs);
  EXPECT_EQ(detail_of("http://127.0.0.1:1/"), "Connection refused");
  EXPECT_EQ(detail_of("http://localhost:1/"), "16 look-ups of names hang already");
  // Those that hang neither hold up its end nor outlive what they use.
  poster.reset();
  silence.set_value();
}

TEST(Schedule, FiresAtItsMinutes) {
  auto const schedule = [](std::string_view text) { return Schedule::read(*from_text(text)); };
  auto const at = [](char const* text) { return *base::from_rfc3339(text); };
  auto const nightly = schedule(R"({"hour":"1","minute":"5"})");
  ASSERT_TRUE(nightly);
  EXPECT_TRUE(nightly->is_due(at("2026-08-13T01:04:59Z"), at("2026-08-13T01:05:00Z")));
  EXPECT_FALSE(nightly->is_due(at("2026-08-13T01:05:00Z"), at("2026-08-13T01:05:59Z")));
  EXPECT_TRUE(nightly->is_due(at("2026-01-13T01:05:00Z"), at("2026-08-13T01:05:59Z")));
  auto const weekdays = schedule(R"({"dayOfWeek":"[1-5]","hour":"9,17","minute":"0"})");
  ASSERT_TRUE(weekdays);
  EXPECT_TRUE(weekdays->is_due(at("2026-08-14T16:00:00Z"), at("2026-08-14T17:00:00Z")));
  EXPECT_FALSE(weekdays->is_due(at("2026-08-15T16:00:00Z"), at("2026-08-15T17:00:00Z")));
  for (std::string_view const text :
       {"{}", R"({"minute":""})", R"({"minute":"[5-1]"})", R"({"month":"0"})", R"({"year":"1"})"})
    EXPECT_FALSE(schedule(text)) << text;
}

}  // namespace
}  // namespace rpc
