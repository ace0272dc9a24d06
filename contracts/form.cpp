// SPDX-License-Identifier: Apache-2.0
#include "contracts/form.hpp"

#include "base/time.hpp"
#include "contracts/escrow/escrow.hpp"
#include "contracts/goods/goods.hpp"
#include "contracts/members/governance.hpp"
#include "contracts/money/iso4217.hpp"
#include "crypto/party.hpp"
#include "crypto/validator.hpp"
#include "gs1/event.hpp"
#include "gs1/identifier.hpp"
#include "gs1/vocabulary.hpp"

namespace contracts {

namespace {

constexpr std::uint32_t latitudes_micro = 180'000'000;
constexpr std::uint32_t longitudes_micro = 360'000'000;
constexpr std::uint8_t scale_max = 9;
constexpr std::uint32_t roles_all = 0x3fff;
constexpr std::uint32_t acts_all = 0x1f;
constexpr std::uint32_t mandate_acts_all = 0x3;
constexpr std::uint32_t million = 1'000'000;
constexpr std::uint32_t asset_flags_all = 0x1f;
constexpr std::size_t prefix_digits_min = 6;
/// The end of the year 9999, the last that RFC 3339 can write.
constexpr TimeMs time_max_ms = 253'402'300'799'999;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

template <class Holds>
bool all_of(std::string_view text, Holds const& holds) {
  return std::all_of(text.begin(), text.end(), holds);
}

bool is_code(std::string_view text) {
  return !text.empty() && is_upper(text[0]) && all_of(text, [](char c) { return is_upper(c) || is_digit(c); });
}
/// Text for people to read: no control characters, no space at an end.
bool is_line(std::string_view text) {
  auto const is_printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; };
  return !text.empty() && text.front() != ' ' && text.back() != ' ' && all_of(text, is_printable);
}
/// A number or name that programs compare: printable ASCII without spaces.
bool is_token(std::string_view text) {
  return !text.empty() && all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}
bool is_uuid4(std::string_view text) {
  if (text.size() != 36 || text[14] != '4' || std::string_view("89ab").find(text[19]) == text.npos) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
    bool const hex = is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !hex) return false;
  }
  return true;
}

/// The checks of one operation, under the path of its field. One function a kind: a new kind without one does not
/// compile.
class Form {
 public:
  Form(std::vector<ledger::BytesView> const& payloads, ledger::Parameters const& parameters, std::string const& field,
       ReadRecords& read)
      : payloads_(payloads), parameters_(parameters), field_(field), read_(read) {}

  Result<void> operator()(ledger::Record const& operation) const {
    TRY(require(operation.count > 0, "count", "a record has at least one event"));
    TRY_ASSIGN(auto read, goods::check(operation, payloads_, parameters_, field_));
    read_.push_back(std::move(read));
    return {};
  }

  Result<void> operator()(ledger::AddMember const& operation) const {
    TRY(gln(operation.gln, "gln"));
    TRY(require(is_code(operation.short_name), "short_name", "capital letters and digits, a letter first"));
    TRY(names(operation.names, "names"));
    TRY(country(operation.country));
    return require((operation.roles & ~roles_all) == 0, "roles", "a bit that is no role");
  }

  Result<void> operator()(ledger::GrantPrefix const& operation) const {
    TRY(prefix(operation.prefix, "prefix"));
    return party(operation.party, "party");
  }

  Result<void> operator()(ledger::KeyAdd const& operation) const {
    TRY(party(operation.party, "party"));
    TRY(curve_key(operation.key, "key"));
    auto const& scope = operation.scope;
    TRY(require((scope.acts & ~acts_all) == 0, "scope.acts", "a bit that is no act"));
    bool const device = operation.kind == ledger::KeyKind::device;
    bool const records = (scope.acts & ~static_cast<std::uint32_t>(ledger::Act::record)) == 0;
    TRY(require(!device || records, "scope.acts", "a device may record and nothing else"));
    for (std::size_t i = 0; i < scope.prefixes.size(); ++i) TRY(prefix(scope.prefixes[i], at("scope.prefixes", i)));
    for (std::size_t i = 0; i < scope.sites.size(); ++i) TRY(gln(scope.sites[i], at("scope.sites", i)));
    return require(operation.until_ms <= time_max_ms, "until_ms", "after the year 9999");
  }

  Result<void> operator()(ledger::KeyRevoke const& operation) const { return curve_key(operation.key, "key"); }

  Result<void> operator()(ledger::AddSite const& operation) const {
    TRY(gln(operation.gln, "gln"));
    TRY(party(operation.party, "party"));
    TRY(names(operation.names, "names"));
    TRY(names(operation.places, "places"));
    TRY(country(operation.country));
    TRY(require(operation.latitude_micro <= latitudes_micro, "latitude_micro", "north of the north pole"));
    return require(operation.longitude_micro < longitudes_micro, "longitude_micro", "beyond the full circle");
  }

  Result<void> operator()(ledger::AddProduct const& operation) const {
    TRY(gtin(operation.gtin, "gtin"));
    TRY(names(operation.names, "names"));
    TRY(require(gs1::is_unit(operation.unit), "unit", "no unit of UN/ECE Recommendation 20"));
    return quantity(operation.unit_mass_micro_kg, "unit_mass_micro_kg");
  }

  Result<void> operator()(ledger::AddRecipe const& operation) const {
    TRY(gln(operation.site, "site"));
    TRY(require(is_line(operation.recipe), "recipe", "one line of text"));
    TRY(gtins(operation.inputs, "inputs"));
    TRY(gtins(operation.outputs, "outputs"));
    TRY(require(operation.yield_ppm > 0, "yield_ppm", "must be positive"));
    return quantity(operation.capacity_a_day, "capacity_a_day");
  }

  Result<void> operator()(ledger::IssueCertificate const& operation) const {
    TRY(require(is_token(operation.number), "number", "printable ASCII without spaces"));
    TRY(require(is_line(operation.scheme), "scheme", "one line of text"));
    TRY(party(operation.holder, "holder"));
    TRY(gtins(operation.products, "products"));
    for (std::size_t i = 0; i < operation.sites.size(); ++i) TRY(gln(operation.sites[i], at("sites", i)));
    TRY(require(operation.valid_until_ms > operation.valid_from_ms, "valid_until_ms", "ends before it begins"));
    TRY(require(operation.valid_until_ms <= time_max_ms, "valid_until_ms", "after the year 9999"));
    return operation.quota ? quantity(*operation.quota, "quota") : Result<void>{};
  }

  Result<void> operator()(ledger::RevokeCertificate const& operation) const {
    return require(is_token(operation.number), "number", "printable ASCII without spaces");
  }

  Result<void> operator()(ledger::SetQuota const& operation) const {
    TRY(require(is_token(operation.number), "number", "printable ASCII without spaces"));
    return quantity(operation.amount, "amount");
  }

  Result<void> operator()(ledger::SetClaimCode const& operation) const { return item(operation.item); }

  Result<void> operator()(ledger::ClaimItem const& operation) const {
    TRY(item(operation.item));
    TRY(curve_key(operation.code_key, "code_key"));
    return curve_key(operation.owner_key, "owner_key");
  }

  Result<void> operator()(ledger::CreateAsset const& operation) const {
    TRY(require(is_code(operation.code), "code", "capital letters and digits, a letter first"));
    TRY(require(operation.scale <= scale_max, "scale", "0 to 9"));
    auto const iso = money::iso_scale(operation.code);
    TRY(require(!iso || *iso == operation.scale, "scale",
                operation.code + " has " + std::to_string(iso.value_or(0)) + " decimals by ISO 4217"));
    TRY(require((operation.flags & ~asset_flags_all) == 0, "flags", "a bit that is no flag"));
    return operation.approval ? party(operation.approval->approver, "approval.approver") : Result<void>{};
  }

  Result<void> operator()(ledger::Mint const& operation) const {
    TRY(asset(operation.asset));
    TRY(party(operation.to, "to"));
    return require(!operation.reserve.is_zero(), "reserve", "names no reserve attestation");
  }

  Result<void> operator()(ledger::Burn const& operation) const {
    TRY(asset(operation.asset));
    return party(operation.from, "from");
  }

  Result<void> operator()(ledger::Transfer const& operation) const {
    TRY(payment(operation));
    return travel(operation.travel);
  }

  Result<void> operator()(ledger::EscrowOpen const& operation) const {
    TRY(require(is_line(operation.label), "label", "one line of text"));
    for (std::size_t i = 0; i < operation.parties.size(); ++i) {
      auto const& role = operation.parties[i].role;
      auto const same = [&](ledger::RoleBinding const& other) { return other.role == role; };
      auto const here = operation.parties.begin() + static_cast<std::ptrdiff_t>(i);
      TRY(require(is_token(role), at("parties", i) + ".role", "printable ASCII without spaces"));
      TRY(require(std::none_of(operation.parties.begin(), here, same), at("parties", i) + ".role", "bound twice"));
      TRY(party(operation.parties[i].party, at("parties", i) + ".party"));
    }
    return escrow::check(operation, field_);
  }

  Result<void> operator()(ledger::EscrowAct const& operation) const {
    TRY(require(!operation.contract.is_zero(), "contract", "names no contract"));
    bool const catches_up = operation == ledger::EscrowAct{operation.contract, "", 0, 0};
    return require(catches_up || is_token(operation.state), "state", "printable ASCII without spaces");
  }

  Result<void> operator()(ledger::EscrowAssign const& operation) const {
    TRY(require(!operation.contract.is_zero(), "contract", "names no contract"));
    TRY(require(is_token(operation.role), "role", "printable ASCII without spaces"));
    return party(operation.to, "to");
  }

  Result<void> operator()(ledger::ProposeChange const& operation) const {
    return std::visit([&](auto const& change) { return this->change(change); }, operation.change);
  }

  Result<void> operator()(ledger::VoteChange const& operation) const {
    return require(!operation.proposal.is_zero(), "proposal", "names no proposal");
  }

  /// contracts::check verifies it, because it knows the chain.
  Result<void> operator()(ledger::ReportEvidence const&) const { return {}; }

  Result<void> operator()(ledger::Rejoin const& operation) const {
    return require(!operation.loss.is_zero(), "loss", "names no loss");
  }

  Result<void> operator()(ledger::AdvanceTime const& operation) const {
    return require(operation.to_ms <= time_max_ms, "to_ms", "after the year 9999");
  }

  Result<void> operator()(ledger::RegisterDevice const& operation) const {
    TRY(link(operation.device, gs1::KeyKind::device, "device", "the canonical Digital Link of a device (8004)"));
    TRY(party(operation.owner, "owner"));
    TRY(curve_key(operation.key, "key"));
    if (operation.unit.empty()) return {};
    return link(operation.unit, gs1::KeyKind::sscc, "unit", "the canonical Digital Link of a unit, or nothing");
  }

  Result<void> operator()(ledger::RetireDevice const& operation) const {
    return link(operation.device, gs1::KeyKind::device, "device", "the canonical Digital Link of a device (8004)");
  }

  Result<void> operator()(ledger::GiveMandate const& operation) const {
    TRY(require(is_token(operation.number), "number", "printable ASCII without spaces"));
    TRY(party(operation.to, "to"));
    TRY(require(operation.acts != 0 && (operation.acts & ~mandate_acts_all) == 0, "acts", "a bit that is no act"));
    TRY(some_gtins(operation.products, "products"));
    for (std::size_t i = 0; i < operation.sites.size(); ++i) TRY(gln(operation.sites[i], at("sites", i)));
    TRY(require(operation.until_ms > operation.from_ms, "until_ms", "ends before it begins"));
    TRY(require(operation.until_ms <= time_max_ms, "until_ms", "after the year 9999"));
    return !operation.under ? Result<void>{} : party(operation.under->giver, "under.giver");
  }

  Result<void> operator()(ledger::EndMandate const& operation) const {
    return require(is_token(operation.number), "number", "printable ASCII without spaces");
  }

  Result<void> operator()(ledger::LimitKey const& operation) const {
    TRY(curve_key(operation.key, "key"));
    TRY(require(operation.value_a_day <= base::amount_max, "value_a_day", "beyond the largest amount"));
    return {};
  }

  Result<void> operator()(ledger::ReportKey const& operation) const { return curve_key(operation.key, "key"); }

  Result<void> operator()(ledger::AddScheme const& operation) const {
    TRY(require(is_line(operation.scheme), "scheme", "one line of text"));
    return require(is_line(operation.claim), "claim", "one line of text");
  }

  Result<void> operator()(ledger::SetProductRule const& operation) const {
    TRY(gtin(operation.product, "product"));
    TRY(require(is_token(operation.rule), "rule", "printable ASCII without spaces"));
    TRY(require(is_token(operation.type), "type", "a measurement of CBV"));
    TRY(require(gs1::is_unit(operation.uom), "uom", "no unit of UN/ECE Recommendation 20"));
    TRY(require(operation.agree > 0, "agree", "at least one device"));
    return quantity(operation.threshold, "threshold");
  }

  Result<void> operator()(ledger::RegisterMark const& operation) const {
    TRY(require(is_token(operation.number), "number", "printable ASCII without spaces"));
    for (auto const& market : operation.markets) TRY(country(market));
    TRY(gtins(operation.products, "products"));
    return require(operation.until_ms <= time_max_ms, "until_ms", "after the year 9999");
  }

  Result<void> operator()(ledger::WatchMark const& operation) const {
    return require(is_token(operation.number), "number", "printable ASCII without spaces");
  }

  Result<void> operator()(ledger::StateOrigin const& operation) const {
    TRY(link(operation.lot, gs1::KeyKind::lot, "lot", "the canonical Digital Link of a lot"));
    TRY(country(operation.country));
    TRY(require(operation.hs6.size() == 6 && all_of(operation.hs6, is_digit), "hs6", "six digits"));
    TRY(require(is_line(operation.agreement), "agreement", "one line of text"));
    return require(operation.share_ppm <= million, "share_ppm", "at most 1000000");
  }

  Result<void> operator()(ledger::StateCarbon const& operation) const {
    TRY(link(operation.lot, gs1::KeyKind::lot, "lot", "the canonical Digital Link of a lot"));
    TRY(require(is_line(operation.method), "method", "one line of text"));
    TRY(require(is_line(operation.factors), "factors", "the factor table and its version"));
    TRY(require(operation.until_ms > operation.from_ms, "until_ms", "ends before it begins"));
    TRY(require(operation.primary_ppm <= million, "primary_ppm", "at most 1000000"));
    return quantity(operation.micro_kg, "micro_kg");
  }

  Result<void> operator()(ledger::SetGate const& operation) const {
    TRY(country(operation.market));
    TRY(require(is_line(operation.scheme), "scheme", "one line of text"));
    return gtins(operation.products, "products");
  }

  Result<void> operator()(ledger::SetWarranty const& operation) const { return gtin(operation.product, "product"); }

  Result<void> operator()(ledger::ReportScan const& operation) const {
    TRY(item(operation.item));
    return country(operation.country);
  }

  Result<void> operator()(ledger::Authorise const& operation) const {
    TRY(asset(operation.asset));
    return party(operation.party, "party");
  }

  Result<void> operator()(ledger::Freeze const& operation) const {
    TRY(asset(operation.asset));
    TRY(party(operation.party, "party"));
    return require(is_line(operation.reason), "reason", "one line of text");
  }

  Result<void> operator()(ledger::Clawback const& operation) const {
    TRY(asset(operation.asset));
    TRY(party(operation.from, "from"));
    return require(is_line(operation.reason), "reason", "one line of text");
  }

  Result<void> operator()(ledger::SetLimits const& operation) const { return asset(operation.asset); }

  Result<void> operator()(ledger::OpenHold const& operation) const {
    TRY(payment(operation));
    TRY(party(operation.by, "by"));
    TRY(require(operation.expires_ms > 0 && operation.expires_ms <= time_max_ms, "expires_ms", "a hold must expire"));
    return travel(operation.travel);
  }

  Result<void> operator()(ledger::PostHold const& operation) const {
    TRY(require(!operation.hold.is_zero(), "hold", "names no hold"));
    return references(operation);
  }

  Result<void> operator()(ledger::VoidHold const& operation) const {
    return require(!operation.hold.is_zero(), "hold", "names no hold");
  }

  Result<void> operator()(ledger::OpenNetting const& operation) const {
    TRY(require(is_line(operation.label), "label", "one line of text"));
    TRY(require(operation.settles_ms > 0 && operation.settles_ms <= time_max_ms, "settles_ms", "a time"));
    TRY(require(!operation.obligations.empty(), "obligations", "nobody owes anything"));
    for (std::size_t i = 0; i < operation.obligations.size(); ++i) {
      auto const& one = operation.obligations[i];
      TRY(party(one.debtor, at("obligations", i) + ".debtor"));
      TRY(party(one.creditor, at("obligations", i) + ".creditor"));
      TRY(require(one.debtor != one.creditor, at("obligations", i) + ".creditor", "the debtor itself"));
      TRY(asset(one.asset, at("obligations", i) + ".asset"));
    }
    return {};
  }

  Result<void> operator()(ledger::JoinNetting const& operation) const {
    return require(!operation.netting.is_zero(), "netting", "names no netting set");
  }

  Result<void> operator()(ledger::RegisterReceivable const& operation) const {
    TRY(require(!operation.document.is_zero(), "document", "names no document"));
    TRY(party(operation.debtor, "debtor"));
    TRY(asset(operation.asset));
    TRY(require(operation.due_ms <= time_max_ms, "due_ms", "after the year 9999"));
    return require(is_line(operation.number), "number", "one line of text");
  }

  Result<void> operator()(ledger::AssignReceivable const& operation) const {
    TRY(require(!operation.document.is_zero(), "document", "names no document"));
    bool const released = operation.how == ledger::Security::released;
    return require(operation.to.is_zero() == released, "to", "a party; none for a release");
  }

 private:
  Result<void> change(ledger::AddValidator const& change) const {
    TRY(party(change.validator.party, "change.validator.party"));
    TRY(validator_key(change.validator.key, "change.validator.key"));
    TRY(require(!change.validator.tls_key.is_zero(), "change.validator.tls_key", "is missing"));
    auto const colon = change.address.rfind(':');
    bool const is_address = is_token(change.address) && colon != change.address.npos && colon > 0 &&
                            colon + 1 < change.address.size() &&
                            all_of(std::string_view(change.address).substr(colon + 1), is_digit);
    return require(is_address, "change.address", "HOST:PORT");
  }
  Result<void> change(ledger::RemoveValidator const&) const { return {}; }
  Result<void> change(ledger::RotateKey const& change) const { return validator_key(change.next, "change.next"); }
  Result<void> change(ledger::SetTlsKey const& change) const {
    return require(!change.tls_key.is_zero(), "change.tls_key", "is missing");
  }
  Result<void> change(ledger::SetParameters const& change) const {
    // The dearest act that terms can hold must fit in what one member may take of a block.
    constexpr std::uint32_t transitions_min = 1200;
    TRY(require(change.parameters.transitions_a_block_max >= transitions_min,
                "change.parameters.transitions_a_block_max", "below 1200"));
    return members::check_parameters(change.parameters, field_ + ".change.parameters");
  }
  Result<void> change(ledger::SetVersion const& change) const {
    TRY(require(change.version > 1, "change.version", "2 or more"));
    return require(change.height > 0, "change.height", "must be positive");
  }
  Result<void> validator_key(base::ValidatorKey const& key, std::string_view member) const {
    return require(crypto::is_validator_key(key), member, "no Ed25519 key of prime order");
  }

  static std::string at(std::string_view list, std::size_t i) {
    return std::string(list) + "[" + std::to_string(i) + "]";
  }
  Error error(Code code, std::string_view member, std::string_view detail) const {
    return {code, field_ + "." + std::string(member), std::string(detail)};
  }
  Result<void> require(bool holds, std::string_view member, std::string_view detail) const {
    if (holds) return {};
    return error(Code::E_FORM, member, detail);
  }
  Result<void> gs1_digits(std::string_view digits, std::size_t size, std::string_view member) const {
    TRY(require(digits.size() == size && all_of(digits, is_digit), member, std::to_string(size) + " digits"));
    if (gs1::check_digit(digits.substr(0, size - 1)) == digits.back()) return {};
    return error(Code::E_CHECK_DIGIT, member, "the last digit does not follow from the others");
  }
  Result<void> gln(std::string_view digits, std::string_view member) const { return gs1_digits(digits, 13, member); }
  Result<void> gtin(std::string_view digits, std::string_view member) const { return gs1_digits(digits, 14, member); }
  template <class Gtins>
  Result<void> gtins(Gtins const& list, std::string_view member) const {
    TRY(require(!list.empty(), member, "names no product"));
    for (std::size_t i = 0; i < list.size(); ++i) TRY(gtin(list[i], at(member, i)));
    return {};
  }
  template <class Gtins>
  Result<void> some_gtins(Gtins const& list, std::string_view member) const {
    return list.empty() ? Result<void>{} : gtins(list, member);
  }
  Result<void> link(std::string_view uri, gs1::KeyKind kind, std::string_view member, std::string_view form) const {
    auto const key = gs1::read_key(uri, field_ + "." + std::string(member));
    TRY(key);
    return require(key->kind == kind && key->uri == uri, member, form);
  }
  Result<void> prefix(std::string_view digits, std::string_view member) const {
    bool const holds = digits.size() >= prefix_digits_min && all_of(digits, is_digit);
    return require(holds, member, "a GS1 company prefix has 6 to 12 digits");
  }
  Result<void> party(PartyId const& id, std::string_view member) const {
    return require(!id.is_zero(), member, "names no party");
  }
  Result<void> curve_key(ledger::PartyKey const& key, std::string_view member) const {
    return require(crypto::is_party_key(key), member, "no point on the curve");
  }
  Result<void> quantity(ledger::Micro value, std::string_view member) const {
    return require(value <= gs1::quantity_max, member, "beyond 10^12 units");
  }
  Result<void> asset(std::string_view id, std::string_view member = "asset") const {
    auto const dot = id.find('.');
    bool const holds = dot != id.npos && is_code(id.substr(0, dot)) && is_code(id.substr(dot + 1));
    return require(holds, member, "CODE.SHORTNAME");
  }
  /// What transfers and holds share.
  template <class Payment>
  Result<void> payment(Payment const& operation) const {
    TRY(party(operation.from, "from"));
    TRY(party(operation.to, "to"));
    TRY(require(operation.from != operation.to, "to", "the same account as from"));
    TRY(asset(operation.asset));
    return references(operation);
  }
  template <class Payment>
  Result<void> references(Payment const& operation) const {
    TRY(require(operation.purpose.empty() || is_line(operation.purpose), "purpose", "one line of text"));
    TRY(require(!operation.uetr || is_uuid4(*operation.uetr), "uetr", "no UUID version 4 in lower case"));
    return require(!operation.end_to_end || is_line(*operation.end_to_end), "end_to_end", "one line of text");
  }
  Result<void> travel(std::optional<ledger::Travel> const& travel) const {
    if (!travel) return {};
    TRY(require(is_token(travel->reference), "travel.reference", "printable ASCII without spaces"));
    TRY(party(travel->institution, "travel.institution"));
    return curve_key(travel->key, "travel.key");
  }
  Result<void> country(std::string_view text) const {
    return require(text.size() == 2 && all_of(text, is_upper), "country", "two capital letters");
  }
  Result<void> names(ledger::LocalNames const& list, std::string_view member) const {
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto const& language = list[i].language;
      auto const is_tag = [](char c) { return is_upper(c) || is_lower(c) || is_digit(c) || c == '-'; };
      TRY(require(!language.empty() && all_of(language, is_tag), at(member, i) + ".language", "no BCP 47 tag"));
      TRY(require(is_line(list[i].text), at(member, i) + ".text", "one line of text"));
    }
    return {};
  }
  Result<void> item(std::string_view uri) const {
    auto const key = gs1::read_key(uri, field_ + ".item");
    TRY(key);
    bool const holds = key->kind == gs1::KeyKind::item && key->uri == uri;
    return require(holds, "item", "the canonical Digital Link of one item");
  }

  std::vector<ledger::BytesView> const& payloads_;
  ledger::Parameters const& parameters_;
  std::string const& field_;
  ReadRecords& read_;
};

}  // namespace

base::Result<void> check_form(ledger::Operation const& operation, std::vector<ledger::BytesView> const& payloads,
                              ledger::Parameters const& parameters, std::string const& field, ReadRecords& read) {
  return std::visit(Form(payloads, parameters, field, read), operation);
}

bool is_plain_name(std::string_view text) {
  return !text.empty() && all_of(text, [](char c) { return is_lower(c) || is_upper(c) || is_digit(c) || c == '-'; });
}

}  // namespace contracts
