// SPDX-License-Identifier: Apache-2.0
#include "contracts/money/iso4217.hpp"

namespace contracts::money {

namespace {

/// Codes of the list that are in use, by their minor units; each code is three letters.
struct Group {
  std::uint8_t scale;
  std::string_view codes;
};

constexpr Group groups[] = {
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "},
    {2,
     "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
     "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
     "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK "
     "MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD "
     "RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH "
     "USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG "},
    {3, "BHD IQD JOD KWD LYD OMR TND "},
    {4, "CLF UYW "},
};

}  // namespace

std::optional<std::uint8_t> iso_scale(std::string_view code) {
  if (code.size() != 3) return std::nullopt;
  for (auto const& group : groups) {
    for (std::size_t at = 0; at + 3 <= group.codes.size(); at += 4) {
      if (group.codes.substr(at, 3) == code) return group.scale;
    }
  }
  return std::nullopt;
}

}  // namespace contracts::money
