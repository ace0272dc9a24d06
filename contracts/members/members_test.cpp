// SPDX-License-Identifier: Apache-2.0
#include "contracts/members/members.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "contracts/world_test.hpp"
#include "ledger/goods_records.hpp"
#include "ledger/history.hpp"

namespace contracts::test {

namespace {

using base::Code;
using ledger::KeyKind;
using ledger::Space;

ledger::AddSite site(Firm const& firm, std::string_view gln) {
  ledger::AddSite out;
  out.gln = gln;
  out.party = firm.id;
  out.country = "DE";
  return out;
}
ledger::AddSite alfa_mill(World const& world) { return site(world.alfa, "9521001000017"); }
ledger::AddProduct silk() { return {"09521001000017", {}, "KGM", 1'000'000}; }
ledger::AddProduct cocoon() { return {"09521002000016", {}, "KGM", 1'000'000}; }
ledger::AddRecipe reel() {
  return {"9521001000017", "reel", ledger::Balance::mass, {"09521002000016"}, {"09521001000017"}, 160'000, 0};
}
ledger::IssueCertificate organic(World const& world) {
  ledger::IssueCertificate out;
  out.number = "C-1";
  out.scheme = "organic";
  out.holder = world.beta.id;
  out.products = {"09521002000016"};
  out.valid_until_ms = 2'000'000'000'000;
  out.quota = 5000;
  return out;
}

/// A world in which ALFA and BETA registered what the recipe and the certificate speak of.
World furnished() {
  World world;
  world.apply({world.by(world.alfa, "admin", {alfa_mill(world), silk()}), world.by(world.beta, "admin", {cocoon()})});
  return world;
}

std::string outcome(World& world, ledger::Transaction const& transaction) {
  auto const receipt = world.one(transaction);
  return std::string(base::name(receipt.code)) + (receipt.field.empty() ? "" : " " + receipt.field);
}

ledger::KeyAdd key_add(Firm const& firm, std::string_view name, KeyKind kind, ledger::Scope scope = {}) {
  return {firm.id, key_of(name), kind, std::move(scope), 0};
}

}  // namespace

TEST(Members, AreFoundByPartyAndPrefix) {
  World world;
  auto const record = members::member(world.state, world.alfa.id);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->gln, world.alfa.gln);
  EXPECT_EQ(record->short_name, "ALFA");
  EXPECT_FALSE(members::member(world.state, ledger::party_id("none")));
  EXPECT_TRUE(members::is_member(world.state, world.beta.id));
  EXPECT_EQ(members::prefix_holder(world.state, "9521001000017"), world.alfa.id);
  EXPECT_EQ(members::prefix_holder(world.state, "9521002"), world.beta.id);
  EXPECT_EQ(members::prefix_holder(world.state, "952100"), std::nullopt);
  EXPECT_EQ(members::prefix_holder(world.state, "4012345000009"), std::nullopt);
  EXPECT_EQ(members::prefix_holder(world.state, ""), std::nullopt);
}

TEST(Members, TheLongestPrefixHolds) {
  World world;
  ledger::Overlay overlay(world.state);
  Context context{overlay, world.first.parameters};
  context.genesis = true;
  ASSERT_TRUE(members::grant_prefix(context, {"95210017", world.beta.id}, "f"));
  EXPECT_EQ(members::prefix_holder(overlay, "9521001700000"), world.beta.id);
  EXPECT_EQ(members::prefix_holder(overlay, "9521001800000"), world.alfa.id);
  auto const twice = members::grant_prefix(context, {"95210017", world.alfa.id}, "f");
  EXPECT_EQ(twice.error().code, Code::E_ALREADY_REGISTERED);
}

TEST(Members, RootKeysKeepAdminKeysAndAdminKeysTheOthers) {
  World world;
  auto const& alfa = world.alfa;
  auto const admin = key_add(alfa, "ALFA.second", KeyKind::admin);
  auto const staff = key_add(alfa, "ALFA.clerk", KeyKind::staff);
  EXPECT_EQ(outcome(world, world.by(alfa, "staff", {staff})), "E_SCOPE operations[0].party");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {admin})), "E_SCOPE operations[0].party");
  EXPECT_EQ(outcome(world, world.by(alfa, "root", {staff})), "E_SCOPE operations[0].party");
  EXPECT_EQ(outcome(world, world.by(world.beta, "admin", {staff})), "E_MISSING_SIGNER operations[0].party");
  EXPECT_EQ(outcome(world, world.by(alfa, "root", {admin})), "done");
  EXPECT_EQ(outcome(world, world.by(alfa, "second", {staff})), "done");
  EXPECT_EQ(outcome(world, world.by(alfa, "second", {staff})), "E_ALREADY_REGISTERED operations[0].key");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {ledger::KeyRevoke{key_of("ALFA.second")}})),
            "E_SCOPE operations[0].key");
  EXPECT_EQ(outcome(world, world.by(alfa, "root", {ledger::KeyRevoke{key_of("ALFA.second")}})), "done");
  EXPECT_EQ(outcome(world, world.by(alfa, "root", {ledger::KeyRevoke{key_of("ALFA.second")}})),
            "E_KEY_REVOKED operations[0].key");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {ledger::KeyRevoke{key_of("ALFA.none")}})),
            "E_KEY_UNKNOWN operations[0].key");
  auto stranger = staff;
  stranger.party = ledger::party_id("none");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {stranger})), "E_MEMBER_UNKNOWN operations[0].party");
}

TEST(Members, ACompromisedKeyIsNotedByItsAdminAndLosesNothing) {
  World world;
  auto const& alfa = world.alfa;
  auto const noted = [&] {
    return ledger::load<ledger::CompromisedRecord>(world.state,
                                                   ledger::state_key(Space::compromised, key_of("ALFA.staff").view()));
  };
  auto const since = world.time_ms;
  ledger::ReportKey const report{key_of("ALFA.staff"), since};
  EXPECT_EQ(outcome(world, world.by(alfa, "staff", {report})), "E_SCOPE operations[0].key");
  EXPECT_EQ(outcome(world, world.by(world.beta, "admin", {report})), "E_MISSING_SIGNER operations[0].key");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {ledger::ReportKey{key_of("ALFA.none"), since}})),
            "E_KEY_UNKNOWN operations[0].key");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {ledger::ReportKey{key_of("ALFA.staff"), since + base::day_ms}})),
            "E_TIME_WINDOW operations[0].since_ms");
  EXPECT_FALSE(noted());
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {report})), "done");
  ASSERT_TRUE(noted());
  EXPECT_EQ(noted()->since_ms, since);
  EXPECT_EQ(noted()->reported_ms, world.time_ms);
  // A note deletes nothing and revokes nothing: that is another operation.
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {ledger::KeyRevoke{key_of("ALFA.staff")}})), "done");
  EXPECT_EQ(noted()->since_ms, since);
}

TEST(Members, ScopesOnlyNarrow) {
  World world;
  auto const& alfa = world.alfa;
  auto narrow = key_add(alfa, "ALFA.mill", KeyKind::admin, {0, {"9521001"}, {"9521001000017"}});
  narrow.until_ms = world.time_ms + 1'000'000;
  ASSERT_EQ(outcome(world, world.by(alfa, "root", {narrow})), "done");
  auto staff = key_add(alfa, "ALFA.clerk", KeyKind::staff, {1, {"95210010"}, {"9521001000017"}});
  staff.until_ms = narrow.until_ms;
  auto const wider = [&](auto const& change) {
    auto operation = staff;
    change(operation);
    return outcome(world, world.by(alfa, "mill", {operation}));
  };
  EXPECT_EQ(wider([](auto& k) { k.scope.prefixes = {}; }), "E_SCOPE operations[0].scope");
  EXPECT_EQ(wider([](auto& k) { k.scope.prefixes = {"952100"}; }), "E_SCOPE operations[0].scope");
  EXPECT_EQ(wider([](auto& k) { k.scope.sites = {}; }), "E_SCOPE operations[0].scope");
  EXPECT_EQ(wider([](auto& k) { k.scope.sites = {"9521001000017", "9521001000024"}; }), "E_SCOPE operations[0].scope");
  EXPECT_EQ(wider([](auto& k) { k.until_ms = 0; }), "E_SCOPE operations[0].scope");
  EXPECT_EQ(wider([](auto& k) { k.until_ms += 1; }), "E_SCOPE operations[0].scope");
  EXPECT_EQ(wider([](auto&) {}), "done");
}

TEST(Members, SitesAndProductsStandUnderTheirMembersPrefix) {
  World world;
  auto const& alfa = world.alfa;
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {alfa_mill(world)})), "done");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {alfa_mill(world)})), "E_ALREADY_REGISTERED operations[0].gln");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {site(alfa, "9521002000016")})),
            "E_PREFIX_NOT_OWNED operations[0].gln");
  EXPECT_EQ(outcome(world, world.by(alfa, "staff", {site(alfa, "9521001000024")})), "E_SCOPE operations[0].party");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {silk()})), "done");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {silk()})), "E_ALREADY_REGISTERED operations[0].gtin");
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {cocoon()})), "E_PREFIX_NOT_OWNED operations[0].gtin");
  auto foreign = silk();
  foreign.gtin = "04012345123456";
  EXPECT_EQ(outcome(world, world.by(alfa, "admin", {foreign})), "E_PREFIX_NOT_OWNED operations[0].gtin");
  auto const record = ledger::load<ledger::ProductRecord>(world.state, Space::product, "09521001000017");
  EXPECT_EQ(record.value().party, alfa.id);
}

TEST(Members, KeyOfOneSiteActsForThatSite) {
  World world;
  auto const acts = static_cast<std::uint32_t>(ledger::Act::admin);
  auto const narrow = key_add(world.alfa, "ALFA.mill", KeyKind::staff, {acts, {}, {"9521001000017"}});
  ASSERT_EQ(outcome(world, world.by(world.alfa, "admin", {narrow})), "done");
  EXPECT_EQ(outcome(world, world.by(world.alfa, "mill", {site(world.alfa, "9521001000024")})),
            "E_SCOPE operations[0].party");
  EXPECT_EQ(outcome(world, world.by(world.alfa, "mill", {alfa_mill(world)})), "done");
}

TEST(Members, RecipesAreAuditedByOthers) {
  auto world = furnished();
  EXPECT_EQ(outcome(world, world.by(world.beta, "staff", {reel()})), "E_SCOPE operations[0]");
  EXPECT_EQ(outcome(world, world.by(world.cert, "root", {reel()})), "E_SCOPE operations[0]");
  auto unknown = reel();
  unknown.site = "9521001000024";
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {unknown})), "E_SITE_UNKNOWN operations[0].site");
  unknown = reel();
  unknown.inputs.push_back("09521001000109");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {unknown})), "E_PRODUCT_UNKNOWN operations[0].inputs[1]");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {reel()})), "done");
  auto const record = ledger::load<ledger::RecipeRecord>(world.state, members::recipe_key("9521001000017", "reel"));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->auditor, world.cert.id);

  ASSERT_EQ(outcome(world, world.by(world.cert, "admin", {site(world.cert, "9521015000010")})), "done");
  auto own = reel();
  own.site = "9521015000010";
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {own})), "E_NOT_INDEPENDENT operations[0].site");
}

TEST(Members, CertificatesAreIssuedChangedAndRevokedByTheirIssuer) {
  auto world = furnished();
  EXPECT_EQ(outcome(world, world.by(world.alfa, "staff", {organic(world)})), "E_SCOPE operations[0]");
  auto wrong = organic(world);
  wrong.holder = ledger::party_id("none");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {wrong})), "E_MEMBER_UNKNOWN operations[0].holder");
  wrong = organic(world);
  wrong.products.push_back("09521001000109");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {wrong})), "E_PRODUCT_UNKNOWN operations[0].products[1]");
  wrong = organic(world);
  wrong.sites.push_back("9521002000016");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {wrong})), "E_SITE_UNKNOWN operations[0].sites[0]");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {organic(world)})), "done");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {organic(world)})),
            "E_ALREADY_REGISTERED operations[0].number");

  auto const key = ledger::state_key(Space::certificate, std::string_view("C-1"));
  auto record = ledger::load<ledger::CertificateRecord>(world.state, key).value();
  EXPECT_EQ(record.issuer, world.cert.id);
  record.used = 4000;
  ledger::StateDiff change{{key, base::encode(record)}};
  world.tree = world.tree.with(world.state, change);
  world.state.apply(change);
  EXPECT_EQ(outcome(world, world.by(world.alfa, "staff", {ledger::SetQuota{"C-1", 9000}})),
            "E_MISSING_SIGNER operations[0].number");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {ledger::SetQuota{"C-1", 3999}})),
            "E_QUOTA_EXCEEDED operations[0].amount");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {ledger::SetQuota{"C-1", 4000}})), "done");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {ledger::SetQuota{"C-2", 1}})),
            "E_CERT_UNKNOWN operations[0].number");

  ledger::RevokeCertificate const revoke{"C-1"};
  EXPECT_EQ(outcome(world, world.by(world.beta, "staff", {revoke})), "E_MISSING_SIGNER operations[0].number");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {revoke})), "done");
  EXPECT_EQ(outcome(world, world.by(world.cert, "staff", {revoke})), "E_CERT_EXPIRED operations[0].number");
  record = ledger::load<ledger::CertificateRecord>(world.state, key).value();
  EXPECT_EQ(record.certificate.quota, 4000u);
  EXPECT_EQ(record.used, 4000u);
  EXPECT_TRUE(record.revoked_ms);
  // Issue, quota, revocation: the holder's history has them beside itself, three keys and a product.
  EXPECT_EQ(members::member(world.state, world.beta.id)->history.count, 5u + 3u);
}

}  // namespace contracts::test
