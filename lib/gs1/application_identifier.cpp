// SPDX-License-Identifier: Apache-2.0
#include "gs1/application_identifier.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "gs1/identifier.hpp"
#include "gs1/lint.hpp"

namespace gs1 {

namespace {

constexpr unsigned fixed = ApplicationIdentifier::fixed;
constexpr unsigned attribute = ApplicationIdentifier::attribute;
constexpr unsigned key = ApplicationIdentifier::key;

constexpr ApplicationIdentifier table[] = {
    {"00", "00", "N18*", fixed | attribute | key, ""},
    {"01", "01", "N14*", fixed | attribute | key, "22,10,21|235"},
    {"02", "02", "N14*", fixed | attribute, ""},
    {"03", "03", "N14*", fixed, ""},
    {"10", "10", "X<20", attribute, ""},
    {"11", "11", "N6:yymmd0", fixed | attribute, ""},
    {"12", "12", "N6:yymmd0", fixed | attribute, ""},
    {"13", "13", "N6:yymmd0", fixed | attribute, ""},
    {"15", "15", "N6:yymmd0", fixed | attribute, ""},
    {"16", "16", "N6:yymmd0", fixed | attribute, ""},
    {"17", "17", "N6:yymmd0", fixed | attribute, ""},
    {"20", "20", "N2", fixed | attribute, ""},
    {"21", "21", "X<20", 0, ""},
    {"22", "22", "X<20", 0, ""},
    {"235", "235", "X<28", 0, ""},
    {"240", "240", "X<30", attribute, ""},
    {"241", "241", "X<30", attribute, ""},
    {"242", "242", "N<6", attribute, ""},
    {"243", "243", "X<20", attribute, ""},
    {"250", "250", "X<30", attribute, ""},
    {"251", "251", "X<30", attribute, ""},
    {"253", "253", "N13*X<17?", attribute | key, ""},
    {"254", "254", "X<20", 0, ""},
    {"255", "255", "N13*N<12?", attribute | key, ""},
    {"30", "30", "N<8", attribute, ""},
    {"3100", "3105", "N6", fixed | attribute, ""},
    {"3110", "3115", "N6", fixed | attribute, ""},
    {"3120", "3125", "N6", fixed | attribute, ""},
    {"3130", "3135", "N6", fixed | attribute, ""},
    {"3140", "3145", "N6", fixed | attribute, ""},
    {"3150", "3155", "N6", fixed | attribute, ""},
    {"3160", "3165", "N6", fixed | attribute, ""},
    {"3200", "3205", "N6", fixed | attribute, ""},
    {"3210", "3215", "N6", fixed | attribute, ""},
    {"3220", "3225", "N6", fixed | attribute, ""},
    {"3230", "3235", "N6", fixed | attribute, ""},
    {"3240", "3245", "N6", fixed | attribute, ""},
    {"3250", "3255", "N6", fixed | attribute, ""},
    {"3260", "3265", "N6", fixed | attribute, ""},
    {"3270", "3275", "N6", fixed | attribute, ""},
    {"3280", "3285", "N6", fixed | attribute, ""},
    {"3290", "3295", "N6", fixed | attribute, ""},
    {"3300", "3305", "N6", fixed | attribute, ""},
    {"3310", "3315", "N6", fixed | attribute, ""},
    {"3320", "3325", "N6", fixed | attribute, ""},
    {"3330", "3335", "N6", fixed | attribute, ""},
    {"3340", "3345", "N6", fixed | attribute, ""},
    {"3350", "3355", "N6", fixed | attribute, ""},
    {"3360", "3365", "N6", fixed | attribute, ""},
    {"3370", "3375", "N6", fixed | attribute, ""},
    {"3400", "3405", "N6", fixed | attribute, ""},
    {"3410", "3415", "N6", fixed | attribute, ""},
    {"3420", "3425", "N6", fixed | attribute, ""},
    {"3430", "3435", "N6", fixed | attribute, ""},
    {"3440", "3445", "N6", fixed | attribute, ""},
    {"3450", "3455", "N6", fixed | attribute, ""},
    {"3460", "3465", "N6", fixed | attribute, ""},
    {"3470", "3475", "N6", fixed | attribute, ""},
    {"3480", "3485", "N6", fixed | attribute, ""},
    {"3490", "3495", "N6", fixed | attribute, ""},
    {"3500", "3505", "N6", fixed | attribute, ""},
    {"3510", "3515", "N6", fixed | attribute, ""},
    {"3520", "3525", "N6", fixed | attribute, ""},
    {"3530", "3535", "N6", fixed | attribute, ""},
    {"3540", "3545", "N6", fixed | attribute, ""},
    {"3550", "3555", "N6", fixed | attribute, ""},
    {"3560", "3565", "N6", fixed | attribute, ""},
    {"3570", "3575", "N6", fixed | attribute, ""},
    {"3600", "3605", "N6", fixed | attribute, ""},
    {"3610", "3615", "N6", fixed | attribute, ""},
    {"3620", "3625", "N6", fixed | attribute, ""},
    {"3630", "3635", "N6", fixed | attribute, ""},
    {"3640", "3645", "N6", fixed | attribute, ""},
    {"3650", "3655", "N6", fixed | attribute, ""},
    {"3660", "3665", "N6", fixed | attribute, ""},
    {"3670", "3675", "N6", fixed | attribute, ""},
    {"3680", "3685", "N6", fixed | attribute, ""},
    {"3690", "3695", "N6", fixed | attribute, ""},
    {"37", "37", "N<8", attribute, ""},
    {"3900", "3909", "N<15", attribute, ""},
    {"3910", "3919", "N3:iso4217N<15", attribute, ""},
    {"3920", "3929", "N<15", attribute, ""},
    {"3930", "3939", "N3:iso4217N<15", attribute, ""},
    {"3940", "3943", "N4", attribute, ""},
    {"3950", "3955", "N6", attribute, ""},
    {"400", "400", "X<30", attribute, ""},
    {"401", "401", "X<30", attribute | key, ""},
    {"402", "402", "N17*", attribute | key, ""},
    {"403", "403", "X<30", attribute, ""},
    {"410", "410", "N13*", fixed | attribute, ""},
    {"411", "411", "N13*", fixed | attribute, ""},
    {"412", "412", "N13*", fixed | attribute, ""},
    {"413", "413", "N13*", fixed | attribute, ""},
    {"414", "414", "N13*", fixed | attribute | key, "254|7040"},
    {"415", "415", "N13*", fixed | attribute | key, "8020"},
    {"416", "416", "N13*", fixed | attribute, ""},
    {"417", "417", "N13*", fixed | attribute | key, "7040"},
    {"420", "420", "X<20", attribute, ""},
    {"421", "421", "N3:iso3166X<9", attribute, ""},
    {"422", "422", "N3:iso3166", attribute, ""},
    {"423", "423", "N3:iso3166N3?:iso3166N3?:iso3166N3?:iso3166N3?:iso3166", attribute, ""},
    {"424", "424", "N3:iso3166", attribute, ""},
    {"425", "425", "N3:iso3166N3?:iso3166N3?:iso3166N3?:iso3166N3?:iso3166", attribute, ""},
    {"426", "426", "N3:iso3166", attribute, ""},
    {"427", "427", "X<3", attribute, ""},
    {"4300", "4300", "X<35:pcenc", attribute, ""},
    {"4301", "4301", "X<35:pcenc", attribute, ""},
    {"4302", "4302", "X<70:pcenc", attribute, ""},
    {"4303", "4303", "X<70:pcenc", attribute, ""},
    {"4304", "4304", "X<70:pcenc", attribute, ""},
    {"4305", "4305", "X<70:pcenc", attribute, ""},
    {"4306", "4306", "X<70:pcenc", attribute, ""},
    {"4307", "4307", "X2:iso3166alpha2", attribute, ""},
    {"4308", "4308", "X<30", attribute, ""},
    {"4309", "4309", "N10:latitudeN10:longitude", attribute, ""},
    {"4310", "4310", "X<35:pcenc", attribute, ""},
    {"4311", "4311", "X<35:pcenc", attribute, ""},
    {"4312", "4312", "X<70:pcenc", attribute, ""},
    {"4313", "4313", "X<70:pcenc", attribute, ""},
    {"4314", "4314", "X<70:pcenc", attribute, ""},
    {"4315", "4315", "X<70:pcenc", attribute, ""},
    {"4316", "4316", "X<70:pcenc", attribute, ""},
    {"4317", "4317", "X2:iso3166alpha2", attribute, ""},
    {"4318", "4318", "X<20", attribute, ""},
    {"4319", "4319", "X<30", attribute, ""},
    {"4320", "4320", "X<35:pcenc", attribute, ""},
    {"4321", "4321", "N1:yesno", attribute, ""},
    {"4322", "4322", "N1:yesno", attribute, ""},
    {"4323", "4323", "N1:yesno", attribute, ""},
    {"4324", "4324", "N6:yymmd0N4:hhmi", attribute, ""},
    {"4325", "4325", "N6:yymmd0N4:hhmi", attribute, ""},
    {"4326", "4326", "N6:yymmdd", attribute, ""},
    {"4330", "4330", "N6X1?:hyphen", attribute, ""},
    {"4331", "4331", "N6X1?:hyphen", attribute, ""},
    {"4332", "4332", "N6X1?:hyphen", attribute, ""},
    {"4333", "4333", "N6X1?:hyphen", attribute, ""},
    {"7001", "7001", "N13", attribute, ""},
    {"7002", "7002", "X<30", attribute, ""},
    {"7003", "7003", "N6:yymmddN4:hhmi", attribute, ""},
    {"7004", "7004", "N<4", attribute, ""},
    {"7005", "7005", "X<12", attribute, ""},
    {"7006", "7006", "N6:yymmdd", attribute, ""},
    {"7007", "7007", "N6:yymmddN6?:yymmdd", attribute, ""},
    {"7008", "7008", "X<3", attribute, ""},
    {"7009", "7009", "X<10", attribute, ""},
    {"7010", "7010", "X<2", attribute, ""},
    {"7011", "7011", "N6:yymmddN4?:hhmi", attribute, ""},
    {"7020", "7020", "X<20", attribute, ""},
    {"7021", "7021", "X<20", attribute, ""},
    {"7022", "7022", "X<20", attribute, ""},
    {"7023", "7023", "X<30", attribute, ""},
    {"7030", "7030", "N3:iso3166999X<27", attribute, ""},
    {"7031", "7031", "N3:iso3166999X<27", attribute, ""},
    {"7032", "7032", "N3:iso3166999X<27", attribute, ""},
    {"7033", "7033", "N3:iso3166999X<27", attribute, ""},
    {"7034", "7034", "N3:iso3166999X<27", attribute, ""},
    {"7035", "7035", "N3:iso3166999X<27", attribute, ""},
    {"7036", "7036", "N3:iso3166999X<27", attribute, ""},
    {"7037", "7037", "N3:iso3166999X<27", attribute, ""},
    {"7038", "7038", "N3:iso3166999X<27", attribute, ""},
    {"7039", "7039", "N3:iso3166999X<27", attribute, ""},
    {"7040", "7040", "N1X1X1X1:importeridx", 0, ""},
    {"7041", "7041", "X<4:packagetype", 0, ""},
    {"710", "710", "X<20", attribute, ""},
    {"711", "711", "X<20", attribute, ""},
    {"712", "712", "X<20", attribute, ""},
    {"713", "713", "X<20", attribute, ""},
    {"714", "714", "X<20", attribute, ""},
    {"715", "715", "X<20", attribute, ""},
    {"716", "716", "X<20", attribute, ""},
    {"717", "717", "X<20", attribute, ""},
    {"7230", "7230", "X2X<28", attribute, ""},
    {"7231", "7231", "X2X<28", attribute, ""},
    {"7232", "7232", "X2X<28", attribute, ""},
    {"7233", "7233", "X2X<28", attribute, ""},
    {"7234", "7234", "X2X<28", attribute, ""},
    {"7235", "7235", "X2X<28", attribute, ""},
    {"7236", "7236", "X2X<28", attribute, ""},
    {"7237", "7237", "X2X<28", attribute, ""},
    {"7238", "7238", "X2X<28", attribute, ""},
    {"7239", "7239", "X2X<28", attribute, ""},
    {"7240", "7240", "X<20", attribute, ""},
    {"7241", "7241", "N2:mediatype", attribute, ""},
    {"7242", "7242", "X<25", attribute, ""},
    {"7250", "7250", "N8:yyyymmdd", attribute, ""},
    {"7251", "7251", "N8:yyyymmddN4:hhmi", attribute, ""},
    {"7252", "7252", "N1:iso5218", attribute, ""},
    {"7253", "7253", "X<40:pcenc", attribute, ""},
    {"7254", "7254", "X<40:pcenc", attribute, ""},
    {"7255", "7255", "X<10", attribute, ""},
    {"7256", "7256", "X<90:pcenc", attribute, ""},
    {"7257", "7257", "X<70:pcenc", attribute, ""},
    {"7258", "7258", "X3:posinseqslash", attribute, ""},
    {"7259", "7259", "X<40:pcenc", attribute, ""},
    {"8001", "8001", "N4:nonzeroN5:nonzeroN3:nonzeroN1:windingN1", attribute, ""},
    {"8002", "8002", "X<20", attribute, ""},
    {"8003", "8003", "N1:zeroN13*X<16?", attribute | key, ""},
    {"8004", "8004", "X<30", attribute | key, "7040"},
    {"8005", "8005", "N6", attribute, ""},
    {"8006", "8006", "N14*N4:pieceoftotal", attribute | key, "22,10,21"},
    {"8007", "8007", "X<34:iban", attribute, ""},
    {"8008", "8008", "N6:yymmddN2:hhN2?:miN2?:ss", attribute, ""},
    {"8009", "8009", "X<50", attribute, ""},
    {"8010", "8010", "Y<30", attribute | key, "8011"},
    {"8011", "8011", "N<12:nozeroprefix", 0, ""},
    {"8012", "8012", "X<20", attribute, ""},
    {"8013", "8013", "X<25:csumalpha", attribute | key, ""},
    {"8014", "8014", "X<25:csumalpha:hasnondigit", 0, ""},
    {"8017", "8017", "N18*", attribute | key, "8019"},
    {"8018", "8018", "N18*", attribute | key, "8019"},
    {"8019", "8019", "N<10", 0, ""},
    {"8020", "8020", "X<25", 0, ""},
    {"8026", "8026", "N14*N4:pieceoftotal", attribute, ""},
    {"8030", "8030", "Z<90", attribute, ""},
    {"8040", "8040", "N15", 0, ""},
    {"8041", "8041", "N15", 0, ""},
    {"8042", "8042", "N32", 0, ""},
    {"8043", "8043", "N18N<2?", 0, ""},
    {"8110", "8110", "X<70:couponcode", attribute, ""},
    {"8111", "8111", "N4", attribute, ""},
    {"8112", "8112", "X<70:couponposoffer", attribute, ""},
    {"8200", "8200", "X<70", 0, ""},
    {"90", "90", "X<30", attribute, ""},
    {"91", "99", "X<90", attribute, ""},
};

constexpr std::pair<std::string_view, std::string_view> names[] = {
    {"billTo", "411"}, {"cpid", "8010"},         {"cpsn", "8011"},  {"cpv", "22"},   {"gcn", "255"},
    {"gdti", "253"},   {"giai", "8004"},         {"ginc", "401"},   {"gln", "414"},  {"glnProd", "416"},
    {"glnx", "254"},   {"gmn", "8013"},          {"grai", "8003"},  {"gsin", "402"}, {"gsrn", "8018"},
    {"gsrnp", "8017"}, {"gtin", "01"},           {"itip", "8006"},  {"lot", "10"},   {"party", "417"},
    {"payTo", "415"},  {"purchasedFrom", "412"}, {"refNo", "8020"}, {"ser", "21"},   {"shipFor", "413"},
    {"shipTo", "410"}, {"srin", "8019"},         {"sscc", "00"},
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

/// General Specifications 7.11: the character sets of element strings.
bool in_set(char set, char c) {
  if (is_digit(c)) return true;
  switch (set) {
    case 'X':
      return is_letter(c) || std::string_view("!\"%&'()*+,-./:;<=>?_").find(c) != std::string_view::npos;
    case 'Y':
      return (c >= 'A' && c <= 'Z') || c == '#' || c == '-' || c == '/';
    case 'Z':
      return is_letter(c) || c == '-' || c == '_' || c == '=';
    default:
      return false;
  }
}

struct Component {
  char set = 'N';
  std::size_t min = 0;
  std::size_t max = 0;
  bool check = false;
  /// Names of syntax tests, each with a colon in front.
  std::string_view tests;
};

Component take_component(std::string_view& format) {
  Component out;
  out.set = format.front();
  format.remove_prefix(1);
  bool const variable = format.starts_with('<');
  if (variable) format.remove_prefix(1);
  while (!format.empty() && is_digit(format.front())) {
    out.max = out.max * 10 + static_cast<std::size_t>(format.front() - '0');
    format.remove_prefix(1);
  }
  out.min = variable ? 1 : out.max;
  out.check = format.starts_with('*');
  if (out.check) format.remove_prefix(1);
  if (format.starts_with('?')) {
    format.remove_prefix(1);
    out.min = 0;
  }
  auto const next = std::min(format.find_first_of("NXYZ"), format.size());
  out.tests = format.substr(0, next);
  format.remove_prefix(next);
  return out;
}

bool passes_all(std::string_view tests, std::string_view value) {
  while (!tests.empty()) {
    tests.remove_prefix(1);
    auto const name = tests.substr(0, tests.find(':'));
    if (!passes(name, value)) return false;
    tests.remove_prefix(name.size());
  }
  return true;
}

}  // namespace

ApplicationIdentifier const* find_identifier(std::string_view ai) {
  if (ai.size() < 2 || ai.size() > 4 || !std::ranges::all_of(ai, is_digit)) return nullptr;
  auto const* row = std::ranges::upper_bound(table, ai, {}, &ApplicationIdentifier::first);
  if (row == std::begin(table)) return nullptr;
  --row;
  return row->first.size() == ai.size() && ai <= row->last ? row : nullptr;
}

std::string_view numeric_identifier(std::string_view name) {
  auto const* found = std::ranges::find(names, name, &std::pair<std::string_view, std::string_view>::first);
  return found == std::end(names) ? std::string_view{} : found->second;
}

ValueFault judge_value(ApplicationIdentifier const& identifier, std::string_view value) {
  bool check_wrong = false;
  bool content_wrong = false;
  for (std::string_view format = identifier.format; !format.empty();) {
    Component const component = take_component(format);
    auto const part = value.substr(0, component.max);
    if (part.empty() && component.min == 0) break;
    if (part.size() < std::max<std::size_t>(component.min, 1)) return ValueFault::form;
    if (!std::ranges::all_of(part, [&](char c) { return in_set(component.set, c); })) return ValueFault::form;
    if (component.check && check_digit(part.substr(0, part.size() - 1)) != part.back()) check_wrong = true;
    content_wrong = content_wrong || !passes_all(component.tests, part);
    value.remove_prefix(part.size());
  }
  if (!value.empty()) return ValueFault::form;
  if (check_wrong) return ValueFault::check_digit;
  return content_wrong ? ValueFault::content : ValueFault::none;
}

IdentifierTable identifier_table() { return {std::begin(table), std::end(table)}; }

}  // namespace gs1
