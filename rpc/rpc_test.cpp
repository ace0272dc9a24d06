// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/view.hpp"
#include "gs1/shared_test.hpp"
#include "rpc/client.hpp"
#include "rpc/dispatch.hpp"
#include "rpc/json.hpp"
#include "rpc/places.hpp"
#include "rpc/server.hpp"
#include "rpc/site.hpp"
#include "rpc/state_backend_test.hpp"

namespace rpc {
namespace {

using ::testing::HasSubstr;

/// A node whose state holds one member and one recorded event, and which keeps what it is given.
class FakeBackend final : public Backend {
 public:
  FakeBackend() {
    auto state = std::make_shared<ledger::MemoryState>();
    ledger::Overlay overlay(*state);
    ledger::MemberRecord member;
    member.gln = "9521001000000";
    member.short_name = "SERICA";
    ledger::store(overlay, ledger::Space::member, member.gln, member);
    overlay.put(ledger::state_key(ledger::Space::name_index, "SERICA"), base::to_bytes(member.gln));
    ledger::store(overlay, ledger::Space::parameters, "", ledger::ParametersRecord{});
    ledger::EpochRecord epoch;
    epoch.validators.validators.push_back({ledger::party_id("9521001000000"), {}, {}});
    ledger::store(overlay, ledger::state_key(ledger::Space::epoch, ledger::big_endian(1)), epoch);
    epoch.epoch = 2;
    epoch.first = 5;
    ledger::store(overlay, ledger::Space::epoch, "", epoch);
    ledger::ProposalRecord proposal;
    proposal.change = ledger::RemoveValidator{};
    proposal.votes.push_back({ledger::party_id("9521001000000"), true});
    auto proposal_id = ledger::big_endian(4);
    proposal_id.resize(proposal_id.size() + 32, 0xab);
    ledger::store(overlay, ledger::state_key(ledger::Space::proposal, proposal_id), proposal);
    ledger::ProductRecord product;
    product.product.gtin = "09521001000109";
    product.product.names.push_back({"en", "Mulberry silk scarf"});
    ledger::store(overlay, ledger::Space::product, product.product.gtin, product);
    ledger::ReceiptRecord receipt;
    receipt.height = 5;
    receipt.receipt.code = base::Code::E_INSUFFICIENT_FUNDS;
    receipt.receipt.field = "operations[0].amount";
    ledger::store(overlay, ledger::receipt_key(failed), receipt);
    state->apply(overlay.diff());
    auto at = std::make_shared<ledger::Certified>();
    at->header.height = 7;
    at->header.time_ms = 1'000'000;
    at->state = state;
    at_ = at;
  }
  std::shared_ptr<ledger::Certified const> certified() const override { return at_; }
  base::Result<ledger::Hash> submit(ledger::Bytes transaction) override {
    submitted.push_back(transaction);
    if (submitted.size() > 1) return base::Error{base::Code::E_BUSY, "mempool", ""};
    return crypto::sha256(ledger::BytesView(transaction));
  }
  std::vector<base::Result<ledger::Hash>> submit_all(std::vector<ledger::Bytes> transactions) override {
    together.push_back(transactions.size());
    return Backend::submit_all(std::move(transactions));
  }
  base::Result<ledger::Hash> submit_own(std::vector<ledger::Operation> operations,
                                        std::vector<ledger::Bytes> payloads) override {
    own_operations = std::move(operations);
    own_payloads = std::move(payloads);
    return pending;
  }
  bool is_pending(ledger::Hash const& id) const override { return id == pending; }
  NodeStatus status() const override {
    NodeStatus out;
    out.chain_name = "test";
    out.phase = "running";
    out.not_ready = not_ready;
    return out;
  }
  std::optional<DecidedBlock> block(ledger::Height height) const override {
    if (height > 7) return std::nullopt;
    DecidedBlock out;
    out.height = height;
    out.time_ms = 1000 * height;
    if (height > 0) {
      out.result.emplace();
      out.result->height = height;
      out.finality = ledger::SimplexFinality{};
    }
    return out;
  }
  void wait_beyond(ledger::Height, std::uint64_t) const override {}

  ledger::Hash const failed = crypto::sha256(base::bytes_of("failed"));
  ledger::Hash const pending = crypto::sha256(base::bytes_of("pending"));
  std::vector<ledger::Bytes> submitted;
  std::vector<std::size_t> together;
  std::vector<ledger::Operation> own_operations;
  std::vector<ledger::Bytes> own_payloads;
  std::string not_ready;

 private:
  std::shared_ptr<ledger::Certified const> at_;
};

std::string ask(FakeBackend& backend, std::string const& body, Access access = Access::member) {
  return dispatch(backend, access, body);
}

TEST(Dispatch, AnswersAndNamesErrors) {
  FakeBackend backend;
  EXPECT_THAT(ask(backend, R"({"jsonrpc":"2.0","id":1,"method":"member_get","params":{"party":"SERICA"}})"),
              HasSubstr("9521001000000"));
  EXPECT_THAT(ask(backend, R"({"jsonrpc":"2.0","id":1,"method":"chain_status"})"), HasSubstr(R"("height":"7")"));
  struct Case {
    char const* body;
    char const* expected;
  };
  for (auto const& [body, expected] : std::initializer_list<Case>{
           {R"({"jsonrpc":"2.0","id":1,"method":"chain_validators"})", R"("epoch":"2","first_height":"5")"},
           {R"({"jsonrpc":"2.0","id":1,"method":"chain_validators","params":{"epoch":"1"}})", R"("quorum":1)"},
           {R"({"jsonrpc":"2.0","id":1,"method":"chain_validators","params":{"epoch":"9"}})", "no such epoch"},
           {R"({"jsonrpc":"2.0","id":1,"method":"chain_proposals"})", R"("proposal":"0xabab)"},
           {R"({"jsonrpc":"2.0","id":1,"method":"chain_proposals"})", R"("type":"remove_validator")"},
           {R"({"jsonrpc":"2.0","id":1,"method":"chain_proposals"})", R"("yes":true)"},
           {"{", "-32700"},
           {R"({"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"chain_status"})", "-32700"},
           {"[]", "-32600"},
           {"3", "-32600"},
           {R"({"jsonrpc":"1.0","id":1,"method":"chain_status"})", "-32600"},
           {R"({"jsonrpc":"2.0","id":{},"method":"chain_status"})", "-32600"},
           {R"({"jsonrpc":"2.0","id":1,"method":"chain_status","extra":1})", "extra"},
           {R"({"jsonrpc":"2.0","id":1,"method":"nothing"})", "-32601"},
           {R"({"jsonrpc":"2.0","id":1,"method":"member_get","params":["SERICA"]})", "-32602"},
           {R"({"jsonrpc":"2.0","id":1,"method":"member_get"})", "party: is missing"},
           {R"({"jsonrpc":"2.0","id":1,"method":"member_get","params":{"party":"SERICA","x":1}})", "x: no parameter"},
           {R"({"jsonrpc":"2.0","id":1,"method":"member_get","params":{"party":1}})", "party: expected string"},
           {R"({"jsonrpc":"2.0","id":1,"method":"member_get","params":{"party":"NOBODY"}})", "E_MEMBER_UNKNOWN"},
           {R"({"jsonrpc":"2.0","id":1,"method":"tx_get","params":{"id":"0x12"}})", "E_ENCODING"},
           {R"({"jsonrpc":"2.0","id":1,"method":"tx_submit","params":{"bytes":"12"}})", "hexadecimal"},
           {R"({"jsonrpc":"2.0","id":1,"method":"chain_block","params":{"height":"99"}})", "no decided block"},
           {R"({"jsonrpc":"2.0","id":1,"method":"trace_proof","params":{"id":"01/09521001000108"}})", "E_CHECK_DIGIT"},
       }) {
    EXPECT_THAT(ask(backend, body), HasSubstr(expected)) << body;
  }
}

TEST(Dispatch, KeepsBatchesBoundedAndNotificationsSilent) {
  FakeBackend backend;
  std::string const one = R"({"jsonrpc":"2.0","id":1,"method":"chain_status"})";
  std::string batch = "[" + one;
  for (std::size_t i = 1; i < batch_items_max; ++i) batch += "," + one;
  EXPECT_THAT(ask(backend, batch + "]"), HasSubstr("result"));
  EXPECT_THAT(ask(backend, batch + "," + one + "]"), HasSubstr("more than 50"));
  EXPECT_EQ(ask(backend, R"({"jsonrpc":"2.0","method":"chain_status"})"), "");
  EXPECT_EQ(ask(backend, R"([{"jsonrpc":"2.0","method":"chain_status"}])"), "");
}

TEST(Dispatch, SubmitsWhatFollowsEachOtherInABatchTogether) {
  FakeBackend backend;
  auto const submit = [](std::string const& bytes) {
    return R"({"jsonrpc":"2.0","id":")" + bytes + R"(","method":"tx_submit","params":{"bytes":")" + bytes + "\"}}";
  };
  auto const answer =
      ask(backend, "[" + submit("0x01") + "," + submit("02") + "," + submit("0x03") +
                       R"(,{"jsonrpc":"2.0","method":"tx_submit","params":{"bytes":"0x04"}},)" +
                       R"({"jsonrpc":"2.0","id":"s","method":"chain_status"},7,)" + submit("0x05") + "]");
  auto const answers = from_text(answer);
  ASSERT_TRUE(answers);
  std::vector<std::pair<std::string, std::string>> seen;
  for (auto const& one : answers->items) {
    auto const* error = one.find("error");
    auto const* data = error != nullptr ? error->find("data") : nullptr;
    seen.emplace_back(one.string_of("id"), error == nullptr  ? "result"
                                           : data == nullptr ? error->find("code")->text
                                                             : std::string(data->string_of("name")));
  }
  std::vector<std::pair<std::string, std::string>> const expected = {{"0x01", "result"}, {"02", "E_ENCODING"},
                                                                     {"0x03", "E_BUSY"}, {"s", "result"},
                                                                     {"", "-32600"},     {"0x05", "E_BUSY"}};
  EXPECT_EQ(seen, expected) << answer;
  std::vector<std::size_t> const sizes = {3, 1};
  EXPECT_EQ(backend.together, sizes) << "what stands between them parts them";
  EXPECT_EQ(backend.submitted, (std::vector<ledger::Bytes>{{1}, {3}, {4}, {5}})) << "in their order, notifications too";
}

TEST(Dispatch, ShowsTheHeaderOfAnyHeight) {
  FakeBackend backend;
  auto const header = [&](std::string const& params) {
    return ask(backend, R"({"jsonrpc":"2.0","id":1,"method":"chain_header","params":{)" + params + "}}");
  };
  EXPECT_THAT(header(""), HasSubstr(R"("height":"7")"));
  EXPECT_THAT(header(R"("height":"3")"), HasSubstr(R"("view":"0","height":"3")"));
  EXPECT_THAT(header(R"("height":"3")"), HasSubstr(R"("finality":"0x)"));
  EXPECT_THAT(header(R"("height":"8")"), HasSubstr("E_FORM"));
  EXPECT_THAT(header(R"("height":"0")"), HasSubstr("no decided block there"));
}

TEST(Follower, SubscribesByTheSameRulesAsAnyRequest) {
  FakeBackend backend;
  TestOutside outside;
  Site site(
      backend, [](std::string_view) -> std::optional<Asset> { return std::nullopt; }, outside.get());
  auto const follower = site.open_session({"GET", "/", {}, ""});
  std::string const call = R"("id":1,"method":"subscribe","params":{"topic":"blocks","from_height":"6"}})";
  EXPECT_THAT(follower->receive("{" + call), HasSubstr("-32600"));
  EXPECT_FALSE(follower->next_notice());
  EXPECT_THAT(follower->receive(R"({"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topic":"x"}})"),
              HasSubstr("-32602"));
  auto const both =
      follower->receive(R"([{"jsonrpc":"2.0","id":2,"method":"chain_status"},{"jsonrpc":"2.0",)" + call + "]");
  EXPECT_THAT(both, HasSubstr(R"({"jsonrpc":"2.0","id":1,"result":true})"));
  EXPECT_THAT(both, HasSubstr(R"("id":2)"));
  EXPECT_THAT(follower->next_notice().value_or(""), HasSubstr(R"("height":"6")"));
  EXPECT_THAT(follower->next_notice().value_or(""), HasSubstr(R"("height":"7")"));
  EXPECT_FALSE(follower->next_notice());
  EXPECT_EQ(follower->receive(R"({"jsonrpc":"2.0","method":"unsubscribe"})"), "");
}

TEST(Dispatch, EverybodyMayReadTracesAndNothingElse) {
  FakeBackend backend;
  EXPECT_THAT(
      ask(backend, R"({"jsonrpc":"2.0","id":1,"method":"tx_submit","params":{"bytes":"0x"}})", Access::everybody),
      HasSubstr("-32601"));
  EXPECT_THAT(ask(backend, R"({"jsonrpc":"2.0","id":1,"method":"member_list"})", Access::everybody),
              HasSubstr("-32601"));
  EXPECT_THAT(ask(backend, R"({"jsonrpc":"2.0","id":1,"method":"chain_status"})", Access::everybody),
              HasSubstr("result"));
}

TEST(Dispatch, TellsOutcomesAndRefusals) {
  FakeBackend backend;
  auto const wait = [&](ledger::Hash const& id) {
    return ask(backend,
               R"({"jsonrpc":"2.0","id":1,"method":"tx_wait","params":{"timeout_ms":10,"id":")" + id.hex() + "\"}}");
  };
  EXPECT_THAT(wait(backend.failed),
              HasSubstr(R"("state":"failed","code":"E_INSUFFICIENT_FUNDS","field":"operations[0].amount")"));
  EXPECT_THAT(wait(backend.pending), HasSubstr(R"("state":"pending")"));
  EXPECT_THAT(wait({}), HasSubstr(R"("state":"unknown")"));
  auto const submit = R"({"jsonrpc":"2.0","id":1,"method":"tx_submit","params":{"bytes":"0x00"}})";
  EXPECT_THAT(ask(backend, submit), HasSubstr("result"));
  EXPECT_THAT(ask(backend, submit), HasSubstr(R"("name":"E_BUSY","field":"mempool")"));
}

TEST(Discover, DescribesEveryMethodOnce) {
  auto const document = openrpc_document();
  EXPECT_EQ(document.find("methods")->items.size(), methods().size());
  std::vector<std::string> names;
  for (auto const& method : methods()) names.emplace_back(method.name);
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

constexpr char const* bare_event =
    R"({"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"ObjectEvent",)"
    R"("eventTime":"2026-08-13T07:10:00Z",)"
    R"("eventTimeZoneOffset":"+02:00","epcList":["https://id.gs1.org/01/09521001000109/21/S000042"],)"
    R"("action":"OBSERVE","bizStep":"%"})";

std::string event_with(std::string const& step) {
  std::string text = bare_event;
  return text.replace(text.find('%'), 1, step);
}

TEST(Epcis, CapturesWithTheNodesKeyAndNamesWhatIsWrong) {
  FakeBackend backend;
  TestOutside outside;
  Epcis epcis(backend, outside.get());
  auto const good = epcis.handle({"POST", "/epcis/capture", {}, event_with("receiving")});
  EXPECT_EQ(good.status, 202u);
  ASSERT_EQ(backend.own_payloads.size(), 1u);
  EXPECT_EQ(base::text_of(backend.own_payloads[0]), event_with("receiving"));
  auto const job = epcis.handle({"GET", "/epcis/capture/" + backend.pending.hex(), {}, ""});
  EXPECT_THAT(job.body, HasSubstr(R"("running":true)"));
  auto const bad = epcis.handle({"POST", "/epcis/capture", {}, event_with("receivingg")});
  EXPECT_EQ(bad.status, 400u);
  EXPECT_THAT(bad.body, HasSubstr("E_VOCABULARY"));
  EXPECT_THAT(bad.body, HasSubstr("eventList[0].bizStep"));
  EXPECT_EQ(
      epcis.handle({"POST", "/epcis/capture", {{"gs1-capture-error-behaviour", "perhaps"}}, event_with("receiving")})
          .status,
      400u);
  EXPECT_EQ(epcis.handle({"GET", "/epcis/capture/0x12", {}, ""}).status, 404u);
  EXPECT_EQ(epcis.handle({"GET", "/epcis/events/nonsense", {}, ""}).status, 400u);
  EXPECT_EQ(epcis.handle({"GET", "/epcis/events?perPage=0", {}, ""}).status, 400u);
  EXPECT_EQ(epcis.handle({"GET", "/epcis/nothing", {}, ""}).status, 404u);
}

TEST(Site, ServesPagesLinksAndHealth) {
  FakeBackend backend;
  TestOutside outside;
  auto const assets = [](std::string_view name) -> std::optional<Asset> {
    if (name == "trace.html") return Asset{"<html>", "text/html"};
    return std::nullopt;
  };
  Site site(backend, assets, outside.get());
  auto const page = site.everybody({"GET", "/01/09521001000109/21/S000042", {{"accept", "text/html"}}, ""});
  EXPECT_EQ(page.body, "<html>");
  auto const links =
      site.everybody({"GET", "/01/09521001000109/21/S000042", {{"accept", "application/linkset+json"}}, ""});
  EXPECT_EQ(links.type, "application/linkset+json");
  // The serial is not recorded, its product is: the walk up ends there.
  EXPECT_THAT(links.body, HasSubstr(R"("anchor":"https://id.gs1.org/01/09521001000109")"));
  EXPECT_THAT(links.body, HasSubstr(R"("itemDescription":"Mulberry silk scarf")"));
  EXPECT_THAT(links.body, HasSubstr(R"("https://gs1.org/voc/pip":[{"href":"/01/09521001000109")"));
  EXPECT_THAT(page.headers.at(page.headers.size() - 2).second, HasSubstr("rel=\"linkset\""));
  EXPECT_EQ(site.everybody({"GET", "/01/09521001000108/21/S000042", {}, ""}).status, 400u);
  EXPECT_EQ(site.everybody({"GET", "/proof/01/09521001000109/21/S000042", {}, ""}).status, 404u);
  EXPECT_EQ(site.everybody({"DELETE", "/", {}, ""}).status, 405u);
  EXPECT_EQ(site.everybody({"POST", "/epcis/capture", {}, ""}).status, 405u);
  EXPECT_EQ(site.admin({"GET", "/readyz", {}, ""}).status, 200u);
  backend.not_ready = "2 of 4 validators reachable";
  EXPECT_EQ(site.admin({"GET", "/readyz", {}, ""}).status, 503u);
  EXPECT_THAT(site.admin({"GET", "/metrics", {}, ""}).body, HasSubstr("tally_consensus_height 7"));
}

TEST(Site, ServesHeadersWithTheirFinalityToPagesOfOtherServers) {
  FakeBackend backend;
  TestOutside outside;
  Site site(
      backend, [](std::string_view) { return std::optional<Asset>(); }, outside.get());
  auto const get = [&](std::string const& target) { return site.everybody({"GET", target, {}, ""}); };
  auto const found = get("/header/5");
  EXPECT_EQ(found.status, 200u);
  ledger::ResultHeader header;
  header.height = 5;
  auto expected = base::encode(header);
  auto const finality = base::encode(ledger::Finality(ledger::SimplexFinality{}));
  expected.insert(expected.end(), finality.begin(), finality.end());
  EXPECT_EQ(base::to_bytes(found.body), expected);
  std::pair<std::string, std::string> const open{"Access-Control-Allow-Origin", "*"};
  EXPECT_THAT(found.headers, ::testing::Contains(open));
  EXPECT_EQ(get("/header/8").status, 404u);
  EXPECT_EQ(get("/header/x").status, 400u);
  EXPECT_EQ(get("/header/").status, 400u);
  EXPECT_EQ(get("/proof/01/09521001000109/21/S000042?witnessed=61").status, 400u);
  EXPECT_THAT(get("/anchor.json").headers, ::testing::Not(::testing::Contains(open)));
}

TEST(Site, ResolvesLinkTypesAndSaysWhatItIs) {
  FakeBackend backend;
  TestOutside outside;
  auto const assets = [](std::string_view) -> std::optional<Asset> { return Asset{"<html>", "text/html"}; };
  Site site(backend, assets, outside.get());
  auto const get = [&](std::string const& target) {
    return site.everybody({"GET", target, {{"host", "node.example:8080"}}, ""});
  };
  auto const all = get("/01/09521001000109/10/L1/21/S1?linkType=all");
  EXPECT_EQ(all.status, 200u);
  EXPECT_THAT(all.body, HasSubstr(R"("href":"http://node.example:8080/proof/01/09521001000109")"));
  auto const proof = get("/01/09521001000109/21/S1?linkType=gs1:traceability");
  EXPECT_EQ(proof.status, 307u);
  EXPECT_EQ(proof.headers.at(0).second, "/proof/01/09521001000109");
  EXPECT_EQ(get("/01/09521001000109?linkType=https%3A%2F%2Fgs1.org%2Fvoc%2Fpip").status, 307u);
  EXPECT_EQ(get("/01/09521001000109?linkType=gs1:recipeInfo").status, 404u);
  EXPECT_EQ(get("/01/09506000134352?linkType=all").status, 404u);
  EXPECT_EQ(get("/01/09506000134352").body, "<html>");
  EXPECT_EQ(get("/gtin/09521001000109?linkType=all").status, 200u);
  EXPECT_EQ(get("/8004/095060001343").body, "<html>");
  auto const written_out = get("/ARFRJydaKCCNV4JG");
  EXPECT_EQ(written_out.status, 307u);
  EXPECT_EQ(written_out.headers.at(0).second, "/01/09520123456788/10/ABC123");
  EXPECT_EQ(get("/nothing").status, 404u);
  auto const self = get("/.well-known/gs1resolver");
  EXPECT_EQ(self.status, 200u);
  auto const ours = from_text(self.body);
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->string_of("resolverRoot"), "http://node.example:8080");
  EXPECT_EQ(ours->find("supportedPrimaryKeys")->items.size(), 16u);
  if (!gs1::test::have_shared("digital-link/resolver/gs1resolver.json")) return;
  // Of the published description we have everything but who to write to and lists of contexts, which we do not use.
  for (auto const& [name, value] : gs1::test::read_json("digital-link/resolver/gs1resolver.json").members) {
    bool const left_out =
        name == "_id" || name == "termsOfUse" || name == "contact" || name.starts_with("supportedContext");
    EXPECT_EQ(ours->find(name) == nullptr, left_out) << name;
    EXPECT_TRUE(left_out || ours->find(name)->kind == value.kind) << name;
  }
  auto const published = gs1::test::read_json("digital-link/resolver/linkset.json");
  auto const linkset = from_text(all.body);
  for (auto const* one : {&published, &*linkset}) {
    auto const& context = one->find("linkset")->items.at(0);
    EXPECT_NE(context.find("anchor"), nullptr);
    EXPECT_NE(context.find("itemDescription"), nullptr);
    for (char const* const type : {"https://gs1.org/voc/defaultLink", "https://gs1.org/voc/pip"})
      EXPECT_FALSE(context.find(type)->items.at(0).string_of("href").empty());
  }
}

TEST(Server, CarriesRequestsBothWaysAndBoundsThem) {
  ServerLimits limits;
  limits.body_bytes_max = 1000;
  limits.answered_max = 2;
  auto server = listen(
      {},
      [](Request const& request) {
        return Response{200, "text/plain", request.method + " " + request.target + " " + request.body, {}};
      },
      nullptr, limits);
  ASSERT_TRUE(server);
  auto client = connect("http://127.0.0.1:" + std::to_string((*server)->port()));
  ASSERT_TRUE(client);
  EXPECT_EQ((*client)->send("POST", "/a?b=c", "hello")->body, "POST /a?b=c hello");
  EXPECT_EQ((*client)->send("GET", "/again", "")->body, "GET /again ");
  EXPECT_EQ((*client)->send("POST", "/", std::string(2000, 'x'))->status, 413u);
  EXPECT_EQ((*client)->send("GET", "/after", "")->status, 200u);
  auto const nobody = connect("http://127.0.0.1:1");
  EXPECT_EQ((*nobody)->send("GET", "/", "").error().code, base::Code::E_UNREACHABLE);
  EXPECT_FALSE(connect("ftp://x"));
  EXPECT_FALSE(listen(
      {"127.0.0.1", (*server)->port()}, [](Request const&) { return Response{}; }, nullptr));
}

TEST(Server, CallsThatWaitLeaveTheirPlaces) {
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;
  bool open = false;
  ServerLimits limits;
  limits.answered_max = 1;
  limits.waiting_max = 3;
  auto const handler = [&](Request const& request) {
    if (request.target == "/wait") {
      Places::Left const left;
      std::unique_lock lock(mutex);
      ++waiting;
      changed.notify_all();
      changed.wait(lock, [&] { return open; });
    }
    return Response{200, "text/plain", request.target, {}};
  };
  auto server = listen({}, handler, nullptr, limits);
  ASSERT_TRUE(server);
  auto const url = "http://127.0.0.1:" + std::to_string((*server)->port());
  std::vector<std::jthread> callers;
  for (unsigned i = 0; i < limits.waiting_max; ++i) {
    callers.emplace_back([&] { EXPECT_EQ((*connect(url))->send("GET", "/wait", "")->body, "/wait"); });
  }
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] { return waiting == 3; }));
  }
  EXPECT_EQ((*connect(url))->send("GET", "/now", "")->body, "/now");
  std::lock_guard const lock(mutex);
  open = true;
  changed.notify_all();
}

TEST(Http, DecodesQueriesOnce) {
  Request const request{"GET", "/x?a=1%2B1&a=b+c&d", {}, ""};
  EXPECT_EQ(request.query("a"), (std::vector<std::string>{"1+1", "b c"}));
  EXPECT_EQ(request.query("d"), (std::vector<std::string>{""}));
  EXPECT_EQ(percent_decoded("%2525%zz"), "%25%zz");
}

}  // namespace
}  // namespace rpc
