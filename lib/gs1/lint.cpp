// SPDX-License-Identifier: Apache-2.0
#include "gs1/lint.hpp"

#include <algorithm>
#include <string>

#include "gs1/application_identifier.hpp"
#include "gs1/identifier.hpp"

namespace gs1 {

namespace {

/// ISO 3166-1 numeric and alpha-2, ISO 4217 numeric, UN/ECE Recommendation 21 as far as (7041) allows it; each code
/// between two blanks.
constexpr std::string_view countries =
    " 004 008 010 012 016 020 024 028 031 032 036 040 044 048 050 051 052 056 060 064 068 070 072 074 076 084 "
    "086 090 092 096 100 104 108 112 116 120 124 132 136 140 144 148 152 156 158 162 166 170 174 175 178 180 "
    "184 188 191 192 196 203 204 208 212 214 218 222 226 231 232 233 234 238 239 242 246 248 250 254 258 260 "
    "262 266 268 270 275 276 288 292 296 300 304 308 312 316 320 324 328 332 334 336 340 344 348 352 356 360 "
    "364 368 372 376 380 384 388 392 398 400 404 408 410 414 417 418 422 426 428 430 434 438 440 442 446 450 "
    "454 458 462 466 470 474 478 480 484 492 496 498 499 500 504 508 512 516 520 524 528 531 533 534 535 540 "
    "548 554 558 562 566 570 574 578 580 581 583 584 585 586 591 598 600 604 608 612 616 620 624 626 630 634 "
    "638 642 643 646 652 654 659 660 662 663 666 670 674 678 682 686 688 690 694 702 703 704 705 706 710 716 "
    "724 728 729 732 740 744 748 752 756 760 762 764 768 772 776 780 784 788 792 795 796 798 800 804 807 818 "
    "826 831 832 833 834 840 850 854 858 860 862 876 882 887 894 ";
constexpr std::string_view country_letters =
    " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV "
    "BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES "
    "ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE "
    "IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY "
    "MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU "
    "NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM "
    "SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE "
    "VG VI VN VU WF WS YE YT ZA ZM ZW ";
constexpr std::string_view currencies =
    " 008 012 032 036 044 048 050 051 052 060 064 068 072 084 090 096 104 108 116 124 132 136 144 152 156 170 "
    "174 188 192 203 208 214 222 230 232 238 242 262 270 292 320 324 328 332 340 344 348 352 356 360 364 368 "
    "376 388 392 396 398 400 404 408 410 414 417 418 422 426 430 434 446 454 458 462 480 484 496 498 504 512 "
    "516 524 532 533 548 554 558 566 578 586 590 598 600 604 608 634 643 646 654 682 690 702 704 706 710 728 "
    "748 752 756 760 764 776 780 784 788 800 807 818 826 834 840 858 860 882 886 901 924 925 926 927 928 929 "
    "930 933 934 936 938 940 941 943 944 946 947 948 949 950 951 952 953 955 956 957 958 959 960 961 962 963 "
    "964 965 967 968 969 970 971 972 973 976 977 978 979 980 981 984 985 986 990 994 997 999 ";

bool all_digits(std::string_view text) { return text.find_first_not_of("0123456789") == text.npos; }

bool in_list(std::string_view list, std::string_view code) {
  return !code.empty() && code.find(' ') == code.npos && list.find(" " + std::string(code) + " ") != list.npos;
}

/// Of digits only.
unsigned number(std::string_view digits) {
  unsigned out = 0;
  for (char const c : digits) out = out * 10 + static_cast<unsigned>(c - '0');
  return out;
}

bool is_date(unsigned year, unsigned month, unsigned day, bool day_may_be_zero) {
  constexpr unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return false;
  bool const leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return (day > 0 || day_may_be_zero) && day <= days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

/// Two digits of a year: the century does not change which of them are leap years, save 1900, which none of them means.
bool is_short_date(std::string_view text, bool day_may_be_zero) {
  return text.size() == 6 && all_digits(text) &&
         is_date(2000 + number(text.substr(0, 2)), number(text.substr(2, 2)), number(text.substr(4)), day_may_be_zero);
}

bool is_long_date(std::string_view text) {
  return text.size() == 8 && all_digits(text) && number(text.substr(0, 4)) > 0 &&
         is_date(number(text.substr(0, 4)), number(text.substr(4, 2)), number(text.substr(6)), false);
}

bool is_below(std::string_view text, unsigned bound) {
  return text.size() == 2 && all_digits(text) && number(text) < bound;
}

bool has_percent_sequences(std::string_view text) {
  auto const hex = [](char c) { return std::string_view("0123456789abcdefABCDEF").find(c) != std::string_view::npos; };
  for (std::size_t i = text.find('%'); i != text.npos; i = text.find('%', i + 1)) {
    if (i + 2 >= text.size() || !hex(text[i + 1]) || !hex(text[i + 2])) return false;
  }
  return true;
}

/// General Specifications 7.9.5: the check pair of a Global Model Number.
bool has_check_pair(std::string_view text) {
  constexpr std::string_view characters =
      "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view pair_characters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  constexpr unsigned primes[] = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37,
                                 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83};
  if (text.size() < 2 || text.size() - 2 > std::size(primes)) return false;
  auto const data = text.substr(0, text.size() - 2);
  unsigned sum = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    auto const place = characters.find(data[data.size() - 1 - i]);
    if (place == characters.npos) return false;
    sum += static_cast<unsigned>(place) * primes[i];
  }
  sum %= 1021;
  return text[text.size() - 2] == pair_characters[sum >> 5] && text.back() == pair_characters[sum & 31];
}

bool is_piece_of_total(std::string_view text) {
  if (text.empty() || text.size() % 2 != 0 || text.size() > 8 || !all_digits(text)) return false;
  auto const piece = number(text.substr(0, text.size() / 2));
  auto const total = number(text.substr(text.size() / 2));
  return piece > 0 && total > 0 && piece <= total;
}

/// ISO 13616: letters count 10 to 35, the first four characters move to the end, the whole is 1 modulo 97.
bool is_iban(std::string_view text) {
  if (text.size() < 5 || !in_list(country_letters, text.substr(0, 2)) || !all_digits(text.substr(2, 2))) return false;
  unsigned rest = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[(i + 4) % text.size()];
    if (c >= '0' && c <= '9') {
      rest = (rest * 10 + static_cast<unsigned>(c - '0')) % 97;
    } else if (c >= 'A' && c <= 'Z') {
      rest = (rest * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
    } else {
      return false;
    }
  }
  return rest == 1;
}

/// Ten digits that count ten millionths of a degree from the South Pole or the antimeridian.
bool is_degrees(std::string_view text, std::string_view greatest) {
  return text.size() == 10 && all_digits(text) && text <= greatest;
}

bool is_position_in_sequence(std::string_view text) {
  auto const slash = text.find('/');
  if (slash == text.npos || slash == 0 || slash + 1 == text.size()) return false;
  auto const position = text.substr(0, slash);
  auto const end = text.substr(slash + 1);
  if (!all_digits(position) || !all_digits(end) || position[0] == '0' || end[0] == '0') return false;
  return position.size() < end.size() || (position.size() == end.size() && position <= end);
}

bool is_import_index(std::string_view text) {
  if (text.size() != 1) return false;
  char const c = text[0];
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

}  // namespace

bool passes(std::string_view test, std::string_view value) {
  if (test == "yymmdd") return is_short_date(value, false);
  if (test == "yymmd0") return is_short_date(value, true);
  if (test == "yyyymmdd") return is_long_date(value);
  if (test == "hhmi") return value.size() == 4 && is_below(value.substr(0, 2), 24) && is_below(value.substr(2), 60);
  if (test == "hh") return is_below(value, 24);
  if (test == "mi" || test == "ss") return is_below(value, 60);
  if (test == "iso3166") return in_list(countries, value);
  if (test == "iso3166999") return value == "999" || in_list(countries, value);
  if (test == "iso3166alpha2") return in_list(country_letters, value);
  if (test == "iso4217") return in_list(currencies, value);
  if (test == "iso5218") return value == "0" || value == "1" || value == "2" || value == "9";
  if (test == "csum")
    return value.size() > 1 && all_digits(value) && check_digit(value.substr(0, value.size() - 1)) == value.back();
  if (test == "csumalpha") return has_check_pair(value);
  if (test == "pcenc") return has_percent_sequences(value);
  if (test == "pieceoftotal") return is_piece_of_total(value);
  if (test == "zero") return !value.empty() && value.find_first_not_of('0') == value.npos;
  if (test == "nonzero") return value.find_first_not_of('0') != value.npos;
  if (test == "nozeroprefix") return value == "0" || (!value.empty() && value[0] != '0');
  if (test == "hasnondigit") return !all_digits(value);
  if (test == "hyphen") return !value.empty() && value.find_first_not_of('-') == value.npos;
  if (test == "yesno") return value == "0" || value == "1";
  if (test == "winding") return value == "0" || value == "1" || value == "9";
  if (test == "mediatype") {
    auto const kind = value.size() == 2 && all_digits(value) ? number(value) : 0;
    return (kind >= 1 && kind <= 10) || (kind >= 80 && kind <= 99);
  }
  if (test == "latitude") return is_degrees(value, "1800000000");
  if (test == "longitude") return is_degrees(value, "3600000000");
  if (test == "iban") return is_iban(value);
  if (test == "posinseqslash") return is_position_in_sequence(value);
  if (test == "importeridx") return is_import_index(value);
  return true;
}

}  // namespace gs1
