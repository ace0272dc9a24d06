// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "contracts/machine.hpp"
#include "contracts/world_test.hpp"

namespace contracts::test {

namespace {

using base::Code;
using ledger::Body;
using ledger::Operation;
using ledger::Transaction;

/// A sound operation of each kind that form alone can judge.
ledger::AddMember sound_member() { return {"9521003000008", "GAMMA", {{"en", "Gamma Ltd"}}, "NL", 2, true}; }
ledger::AddSite sound_site(World const& world) {
  ledger::AddSite site;
  site.gln = "9521001000017";
  site.party = world.alfa.id;
  site.names = {{"en", "Mill"}};
  site.places = {{"zh", "苏州"}};
  site.country = "CN";
  site.latitude_micro = 121'300'000;
  site.longitude_micro = 300'580'000;
  return site;
}
ledger::AddProduct sound_product() { return {"09521001000109", {{"en", "Scarf"}}, "EA", 90'000}; }
ledger::AddRecipe sound_recipe() {
  return {
      "9521001000017", "reel-fresh-cocoon", ledger::Balance::mass, {"09521002000016"}, {"09521001000017"}, 160'000, 0};
}
ledger::IssueCertificate sound_certificate(World const& world) {
  ledger::IssueCertificate out;
  out.number = "CERT-SILK-ORIG-001";
  out.scheme = "demo silk origin quota";
  out.holder = world.beta.id;
  out.products = {"09521002000016"};
  out.valid_from_ms = 1;
  out.valid_until_ms = 2;
  out.quota = 2'000'000'000;
  return out;
}
ledger::KeyAdd sound_key(World const& world) {
  return {world.alfa.id, key_of("ALFA.new"), ledger::KeyKind::staff, {1, {"9521001"}, {"9521001000017"}}, 0};
}
ledger::ClaimItem sound_claim() {
  return {"https://id.gs1.org/01/09521001000109/21/S000042", key_of("code"), key_of("owner")};
}

std::string verdict(World const& world, Transaction const& transaction) {
  auto const result = check(transaction, world.chain, world.first.parameters, world.time_ms + 1000);
  return result ? "fine" : std::string(base::name(result.error().code)) + " " + result.error().field;
}
/// What check says of one operation, soundly signed by ALFA.
std::string verdict(World const& world, Operation const& operation) {
  return verdict(world, world.by(world.alfa, "staff", {operation}));
}
/// The same of an operation after a change of one field.
template <class T, class Change>
std::string changed(World const& world, T operation, Change const& change) {
  change(operation);
  return verdict(world, Operation(operation));
}

}  // namespace

TEST(Check, TakesSoundOperations) {
  World world;
  for (auto const& operation : std::vector<Operation>{
           sound_member(), sound_site(world), sound_product(), sound_recipe(), sound_certificate(world),
           sound_key(world), sound_claim(), ledger::GrantPrefix{"9521003", world.alfa.id},
           ledger::KeyRevoke{key_of("ALFA.staff")}, ledger::RevokeCertificate{"CERT-1"}, ledger::SetQuota{"CERT-1", 0},
           ledger::CreateAsset{"EUR", 2, 1}, mint(world.alfa, 1), ledger::Burn{"EUR.BANK", world.alfa.id, 1},
           transfer(world.alfa, world.beta, 1), ledger::AdvanceTime{0}, ledger::EscrowAct{world.chain, "shipped", 0, 0},
           ledger::SetClaimCode{sound_claim().item, world.chain}}) {
    EXPECT_EQ(verdict(world, operation), "fine") << "operation kind " << operation.index();
  }
}

TEST(Check, NamesTheFieldOfAMalformedBody) {
  World world;
  auto const now = world.time_ms + 1000;
  auto const body = [&](auto const& change) {
    auto out = world.body(world.alfa, {transfer(world.alfa, world.beta, 1)});
    change(out);
    return verdict(world, world.sign(out, {"ALFA.staff"}));
  };
  EXPECT_EQ(body([](Body&) {}), "fine");
  EXPECT_EQ(body([](Body& b) { b.version = 2; }), "E_FORM version");
  EXPECT_EQ(body([](Body& b) { b.chain = {}; }), "E_CHAIN chain");
  EXPECT_EQ(body([](Body& b) { b.valid_until_ms = b.valid_from_ms - 1; }), "E_FORM valid_until_ms");
  EXPECT_EQ(body([](Body& b) { b.valid_until_ms += 24 * 3'600'000; }), "E_FORM valid_until_ms");
  EXPECT_EQ(body([&](Body& b) { b.valid_until_ms = now - 1; }), "E_EXPIRED valid_until_ms");
  EXPECT_EQ(body([&](Body& b) { b.valid_until_ms = now; }), "fine");
  EXPECT_EQ(body([&](Body& b) { b.valid_from_ms = now + 1; }), "E_NOT_YET_VALID valid_from_ms");
  EXPECT_EQ(body([&](Body& b) { b.valid_from_ms = now; }), "fine");
  EXPECT_EQ(body([](Body& b) { b.operations.clear(); }), "E_FORM operations");
  EXPECT_EQ(body([](Body& b) { b.operations.emplace_back(ledger::Record{}); }), "E_FORM operations[1].count");
  EXPECT_EQ(body([](Body& b) { b.operations.emplace_back(ledger::Record{{}, "", 1, {}}); }), "E_FORM payloads");
}

TEST(Check, RefusesWhatIsNotSoundlySigned) {
  World world;
  auto const body = world.body(world.alfa, {transfer(world.alfa, world.beta, 1)});
  auto const sent = [&](auto const& change) {
    auto out = world.sign(body, {"ALFA.staff", "BETA.staff"});
    change(out);
    return verdict(world, out);
  };
  EXPECT_EQ(sent([](Transaction&) {}), "fine");
  EXPECT_EQ(sent([](Transaction& t) { t.signatures.pop_back(); }), "E_SIGNATURE signatures");
  EXPECT_EQ(sent([](Transaction& t) { t.signatures.push_back(t.signatures[0]); }), "E_SIGNATURE signatures");
  EXPECT_EQ(sent([](Transaction& t) { std::swap(t.signatures[0], t.signatures[1]); }), "E_SIGNATURE signatures[0]");
  EXPECT_EQ(sent([](Transaction& t) { t.signatures[1].bytes[9] ^= 1; }), "E_SIGNATURE signatures[1]");
  EXPECT_EQ(sent([](Transaction& t) { t.signatures[1] = {}; }), "E_SIGNATURE signatures[1]");
  EXPECT_EQ(sent([](Transaction& t) { t.body.valid_until_ms += 1; }), "E_SIGNATURE signatures[0]");
  EXPECT_EQ(sent([](Transaction& t) { t.body.signers[1].key = {}; }), "E_SIGNATURE signatures[0]");
  EXPECT_EQ(sent([](Transaction& t) { std::swap(t.body.signers[0], t.body.signers[1]); }), "E_FORM signers[1]");
  EXPECT_EQ(sent([](Transaction& t) { t.payloads.emplace_back(); }), "E_FORM payloads");
  EXPECT_EQ(verdict(world, world.sign(body, {})), "E_SIGNATURE signers");
  EXPECT_EQ(verdict(world, world.sign(body, {"ALFA.staff", "ALFA.staff"})), "E_FORM signers[1]");
}

TEST(Check, HoldsTheLimitsOfTheLedger) {
  ledger::Parameters parameters;
  parameters.operations_max = 2;
  parameters.signers_max = 1;
  parameters.events_max = 1;
  parameters.event_bytes_max = 10;
  World world(parameters);
  auto const pay = transfer(world.alfa, world.beta, 1);
  EXPECT_EQ(verdict(world, world.by(world.alfa, "staff", {pay, pay})), "fine");
  EXPECT_EQ(verdict(world, world.by(world.alfa, "staff", {pay, pay, pay})), "E_TOO_LARGE operations");
  EXPECT_EQ(verdict(world, world.sign(world.body(world.alfa, {pay}), {"ALFA.staff", "BETA.staff"})),
            "E_TOO_LARGE signers");
  auto record = world.by(world.alfa, "staff", {ledger::Record{{}, "", 2, {}}});
  record.payloads.resize(2);
  EXPECT_EQ(verdict(world, record), "E_TOO_LARGE payloads");
  record = world.by(world.alfa, "staff", {ledger::Record{{}, "", 1, {}}});
  record.payloads.emplace_back(ledger::Bytes(11));
  EXPECT_EQ(verdict(world, record), "E_TOO_LARGE payloads[0]");
}

TEST(Check, NamesTheFieldOfAMalformedOperation) {
  World world;
  EXPECT_EQ(changed(world, sound_member(), [](auto& m) { m.gln = "9521003000009"; }),
            "E_CHECK_DIGIT operations[0].gln");
  EXPECT_EQ(changed(world, sound_member(), [](auto& m) { m.gln = "952100300000"; }), "E_FORM operations[0].gln");
  EXPECT_EQ(changed(world, sound_member(), [](auto& m) { m.gln = "95210030000a8"; }), "E_FORM operations[0].gln");
  EXPECT_EQ(changed(world, sound_member(), [](auto& m) { m.short_name = "Gamma"; }), "E_FORM operations[0].short_name");
  EXPECT_EQ(changed(world, sound_member(), [](auto& m) { m.short_name = ""; }), "E_FORM operations[0].short_name");
  EXPECT_EQ(changed(world, sound_member(), [](auto& m) { m.names[0].language = "e n"; }),
            "E_FORM operations[0].names[0].language");
  EXPECT_EQ(changed(world, sound_member(), [](auto& m) { m.names[0].text = "a\nb"; }),
            "E_FORM operations[0].names[0].text");
  EXPECT_EQ(changed(world, sound_member(), [](auto& m) { m.country = "nl"; }), "E_FORM operations[0].country");
  EXPECT_EQ(changed(world, sound_member(), [](auto& m) { m.roles = 1u << 14; }), "E_FORM operations[0].roles");
  EXPECT_EQ(changed(world, ledger::GrantPrefix{"9521003", world.alfa.id}, [](auto& p) { p.prefix = "95210"; }),
            "E_FORM operations[0].prefix");
  EXPECT_EQ(changed(world, ledger::GrantPrefix{"9521003", world.alfa.id}, [](auto& p) { p.party = {}; }),
            "E_FORM operations[0].party");
  EXPECT_EQ(changed(world, sound_key(world), [](auto& k) { k.key = {}; }), "E_FORM operations[0].key");
  EXPECT_EQ(changed(world, sound_key(world), [](auto& k) { k.scope.acts = 32; }), "E_FORM operations[0].scope.acts");
  EXPECT_EQ(changed(world, sound_key(world),
                    [](auto& k) {
                      k.kind = ledger::KeyKind::device;
                      k.scope.acts = 3;
                    }),
            "E_FORM operations[0].scope.acts");
  EXPECT_EQ(changed(world, sound_key(world), [](auto& k) { k.scope.prefixes[0] = "x"; }),
            "E_FORM operations[0].scope.prefixes[0]");
  EXPECT_EQ(changed(world, sound_key(world), [](auto& k) { k.scope.sites[0] = "9521001000018"; }),
            "E_CHECK_DIGIT operations[0].scope.sites[0]");
  EXPECT_EQ(changed(world, sound_key(world), [](auto& k) { k.until_ms = ~0ull; }), "E_FORM operations[0].until_ms");
  EXPECT_EQ(changed(world, sound_site(world), [](auto& s) { s.latitude_micro = 180'000'001; }),
            "E_FORM operations[0].latitude_micro");
  EXPECT_EQ(changed(world, sound_site(world), [](auto& s) { s.longitude_micro = 360'000'000; }),
            "E_FORM operations[0].longitude_micro");
  EXPECT_EQ(changed(world, sound_site(world), [](auto& s) { s.places[0].text = ""; }),
            "E_FORM operations[0].places[0].text");
  EXPECT_EQ(changed(world, sound_product(), [](auto& p) { p.gtin = "09521001000100"; }),
            "E_CHECK_DIGIT operations[0].gtin");
  EXPECT_EQ(changed(world, sound_product(), [](auto& p) { p.gtin = "9521001000109"; }), "E_FORM operations[0].gtin");
  EXPECT_EQ(changed(world, sound_product(), [](auto& p) { p.unit = "??"; }), "E_FORM operations[0].unit");
  EXPECT_EQ(changed(world, sound_recipe(), [](auto& r) { r.outputs.clear(); }), "E_FORM operations[0].outputs");
  EXPECT_EQ(changed(world, sound_recipe(), [](auto& r) { r.inputs[0] = "09521002000017"; }),
            "E_CHECK_DIGIT operations[0].inputs[0]");
  EXPECT_EQ(changed(world, sound_recipe(), [](auto& r) { r.recipe = "a b "; }), "E_FORM operations[0].recipe");
  EXPECT_EQ(changed(world, sound_recipe(), [](auto& r) { r.yield_ppm = 0; }), "E_FORM operations[0].yield_ppm");
  EXPECT_EQ(changed(world, sound_certificate(world), [](auto& c) { c.number = "no 1"; }),
            "E_FORM operations[0].number");
  EXPECT_EQ(changed(world, sound_certificate(world), [](auto& c) { c.scheme = " x"; }), "E_FORM operations[0].scheme");
  EXPECT_EQ(changed(world, sound_certificate(world), [](auto& c) { c.valid_until_ms = 1; }),
            "E_FORM operations[0].valid_until_ms");
  EXPECT_EQ(changed(world, sound_certificate(world), [](auto& c) { c.quota = ~0ull; }), "E_FORM operations[0].quota");
  EXPECT_EQ(changed(world, sound_claim(), [](auto& c) { c.item = "https://id.gs1.org/01/09521001000109"; }),
            "E_FORM operations[0].item");
  EXPECT_EQ(changed(world, sound_claim(), [](auto& c) { c.item = "https://example.com/01/09521001000109/21/S1"; }),
            "E_FORM operations[0].item");
  EXPECT_EQ(changed(world, sound_claim(), [](auto& c) { c.item = "https://id.gs1.org/01/09521001000100/21/S1"; }),
            "E_CHECK_DIGIT operations[0].item");
  EXPECT_EQ(changed(world, sound_claim(), [](auto& c) { c.owner_key.bytes.fill(0xff); }),
            "E_FORM operations[0].owner_key");
}

TEST(Check, NamesTheFieldOfMalformedMoney) {
  World world;
  ledger::CreateAsset const asset{"EUR", 2, 1};
  EXPECT_EQ(changed(world, asset, [](auto& a) { a.code = "eur"; }), "E_FORM operations[0].code");
  EXPECT_EQ(changed(world, asset, [](auto& a) { a.code = "E.R"; }), "E_FORM operations[0].code");
  EXPECT_EQ(changed(world, asset, [](auto& a) { a.scale = 10; }), "E_FORM operations[0].scale");
  EXPECT_EQ(changed(world, asset, [](auto& a) { a.scale = 3; }), "E_FORM operations[0].scale") << "ISO 4217 says 2";
  EXPECT_EQ(changed(world, asset, [](auto& a) { a.code = "JPY"; }), "E_FORM operations[0].scale");
  EXPECT_EQ(changed(world, asset, [](auto& a) { a.code = "EURX", a.scale = 3; }), "fine") << "a code of its own";
  EXPECT_EQ(changed(world, asset, [](auto& a) { a.flags = 32; }), "E_FORM operations[0].flags");
  EXPECT_EQ(changed(world, asset, [](auto& a) { a.approval = ledger::Approval{}; }),
            "E_FORM operations[0].approval.approver");
  EXPECT_EQ(changed(world, mint(world.alfa, 1), [](auto& m) { m.reserve = {}; }), "E_FORM operations[0].reserve");
  EXPECT_EQ(changed(world, mint(world.alfa, 1), [](auto& m) { m.asset = "EUR"; }), "E_FORM operations[0].asset");
  EXPECT_EQ(changed(world, mint(world.alfa, 1), [](auto& m) { m.asset = "EUR.BANK.X"; }), "E_FORM operations[0].asset");
  auto const pay = transfer(world.alfa, world.beta, 1);
  EXPECT_EQ(changed(world, pay, [](auto& t) { t.to = t.from; }), "E_FORM operations[0].to");
  EXPECT_EQ(changed(world, pay, [](auto& t) { t.to = {}; }), "E_FORM operations[0].to");
  EXPECT_EQ(changed(world, pay, [](auto& t) { t.purpose = "a\tb"; }), "E_FORM operations[0].purpose");
  EXPECT_EQ(changed(world, pay, [](auto& t) { t.uetr = "8a562c67-ca16-48ba-b074-65581be6f01"; }),
            "E_FORM operations[0].uetr");
  EXPECT_EQ(changed(world, pay, [](auto& t) { t.uetr = "8a562c67-ca16-18ba-b074-65581be6f011"; }),
            "E_FORM operations[0].uetr");
  EXPECT_EQ(changed(world, pay, [](auto& t) { t.uetr = "8a562c67-ca16-48ba-b074-65581be6f011"; }), "fine");
  EXPECT_EQ(changed(world, pay, [](auto& t) { t.end_to_end = ""; }), "E_FORM operations[0].end_to_end");
  ledger::OpenHold hold;
  hold.from = world.alfa.id;
  hold.to = world.beta.id;
  hold.by = world.bank.id;
  hold.asset = "EUR.BANK";
  hold.amount = 1;
  hold.expires_ms = world.time_ms + 1;
  EXPECT_EQ(changed(world, hold, [](auto&) {}), "fine");
  EXPECT_EQ(changed(world, hold, [](auto& h) { h.to = h.from; }), "E_FORM operations[0].to");
  EXPECT_EQ(changed(world, hold, [](auto& h) { h.by = {}; }), "E_FORM operations[0].by");
  EXPECT_EQ(changed(world, hold, [](auto& h) { h.expires_ms = 0; }), "E_FORM operations[0].expires_ms");
  EXPECT_EQ(changed(world, ledger::PostHold{}, [](auto&) {}), "E_FORM operations[0].hold");
  EXPECT_EQ(changed(world, ledger::VoidHold{}, [](auto&) {}), "E_FORM operations[0].hold");
  EXPECT_EQ(changed(world, ledger::JoinNetting{}, [](auto&) {}), "E_FORM operations[0].netting");
  ledger::OpenNetting const netting{"N1", {{world.alfa.id, world.beta.id, "EUR.BANK", 1}}, world.time_ms + 1};
  EXPECT_EQ(changed(world, netting, [](auto&) {}), "fine");
  EXPECT_EQ(changed(world, netting, [](auto& n) { n.obligations[0].creditor = n.obligations[0].debtor; }),
            "E_FORM operations[0].obligations[0].creditor");
  EXPECT_EQ(changed(world, netting, [](auto& n) { n.obligations.clear(); }), "E_FORM operations[0].obligations");
  ledger::AssignReceivable const assign{world.chain, ledger::Security::released, {}};
  EXPECT_EQ(changed(world, assign, [](auto&) {}), "fine");
  EXPECT_EQ(changed(world, assign, [](auto& a) { a.how = ledger::Security::pledged; }), "E_FORM operations[0].to");
  EXPECT_EQ(changed(world, ledger::Freeze{"EUR.BANK", world.alfa.id, true, ""}, [](auto&) {}),
            "E_FORM operations[0].reason");
  ledger::EscrowAct const act{world.chain, "shipped", 0, 0};
  EXPECT_EQ(changed(world, act,
                    [](auto& a) {
                      a.state = "";
                      a.value = 1;
                    }),
            "E_FORM operations[0].state");
  EXPECT_EQ(changed(world, act, [](auto& a) { a.contract = {}; }), "E_FORM operations[0].contract");
  ledger::EscrowOpen const open{"{}", {{"buyer", world.alfa.id}, {"seller", world.beta.id}}, "ESC-1"};
  EXPECT_EQ(changed(world, open, [](auto& o) { o.label = ""; }), "E_FORM operations[0].label");
  EXPECT_EQ(changed(world, open, [](auto& o) { o.parties[1].role = "buyer"; }), "E_FORM operations[0].parties[1].role");
  EXPECT_EQ(changed(world, open, [](auto& o) { o.parties[0].party = {}; }), "E_FORM operations[0].parties[0].party");
  EXPECT_EQ(changed(world, ledger::AdvanceTime{1}, [](auto& a) { a.to_ms = ~0ull; }), "E_FORM operations[0].to_ms");
}

TEST(Check, ReadsCanonicalBytesOnly) {
  World world;
  auto const sound = world.by(world.alfa, "staff", {transfer(world.alfa, world.beta, 1)});
  auto const bytes = base::encode(sound);
  auto const read = read_transaction(bytes, world.first.parameters);
  ASSERT_TRUE(read);
  EXPECT_EQ(read.value(), sound);

  auto longer = bytes;
  longer.push_back(0);
  EXPECT_EQ(read_transaction(longer, world.first.parameters).error().code, Code::E_ENCODING);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(read_transaction(ledger::BytesView(bytes).first(size), world.first.parameters)) << size;
  }
  ledger::Parameters small;
  small.transaction_bytes_max = static_cast<std::uint32_t>(bytes.size()) - 1;
  EXPECT_EQ(read_transaction(bytes, small).error().code, Code::E_TOO_LARGE);
}

}  // namespace contracts::test
