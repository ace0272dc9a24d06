// SPDX-License-Identifier: Apache-2.0
#pragma once

// GS1 keys. EPC URN and GS1 Digital Link become one text, the canonical Digital Link (CBV 2.0 section 8, GS1 Digital
// Link 1.2): host id.gs1.org, numeric AIs, GTIN of 14 digits, only the qualifiers that EPCIS identifies by, unreserved
// characters unescaped.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace gs1 {

/// What a key names, as far as the law of goods cares. `other` is any other GS1 key (GRAI, ITIP, CPI, GSRN, coupon,
/// shipment, UPUI); `plain` is a URI that is no GS1 key.
enum class KeyKind : std::uint8_t { item, lot, product, sscc, site, party, device, document, other, plain };
constexpr std::uint8_t enum_count(KeyKind) { return 10; }

struct Key {
  KeyKind kind = KeyKind::plain;
  /// The canonical Digital Link; for `plain` the URI as it stands.
  std::string uri;
  /// The application identifier of the primary key ("01", "00", "414", …); empty for `plain`.
  std::string ai;
  /// The primary key's value, percent-decoded: GTIN-14, SSCC-18, GLN-13, GIAI …; empty for `plain`.
  std::string primary;
  /// The qualifier's value, percent-decoded: serial of an item, lot number, extension of a site (254), serial of a
  /// component; or empty.
  std::string qualifier;

  auto operator<=>(Key const& right) const { return uri <=> right.uri; }
  bool operator==(Key const& right) const { return uri == right.uri; }
};

constexpr std::size_t key_bytes_max = 512;

/// Reads a URI of at most 512 bytes: EPC URN (urn:epc:id:, class:, idpat:), Digital Link of any domain, or a private
/// URI. E_CHECK_DIGIT for a GS1 key whose check digit is wrong; E_EVENT_FORM for text that is no absolute URI, a
/// urn:epc: that is no EPC, and a path of id.gs1.org that is no key. The error's field is `field`.
base::Result<Key> read_key(std::string_view uri, std::string_view field = {});

/// The same for a GS1 key only, without judging check digits: what the event hash and translations of foreign data use.
std::optional<Key> find_key(std::string_view uri);
/// Its canonical Digital Link; empty for a text that is no GS1 key.
std::string canonical_link(std::string_view uri);

/// The EPC URN of a key; `prefix_digits` is the length of its GS1 company prefix (6 to 12), which the key itself does
/// not tell. A product gives its idpat pattern, a lot its class URN.
base::Result<std::string> to_urn(Key const& key, unsigned prefix_digits);

/// The digits at whose start the GS1 company prefix stands (GTIN-14 without its indicator, SSCC without its extension
/// digit, GRAI without its zero, else the key itself); empty for `plain`.
std::string_view prefix_digits(Key const& key);

/// The primary key one level up: an item's or lot's product ("https://id.gs1.org/01/…"), a site's GLN without
/// extension; else the key.
Key class_of(Key const& key);

/// Canonical keys from their parts; the values must be well formed (CHECK).
Key make_product(std::string_view gtin14);
Key make_lot(std::string_view gtin14, std::string_view lot);
Key make_item(std::string_view gtin14, std::string_view serial);
Key make_site(std::string_view gln13);
Key make_party(std::string_view gln13);

/// The GS1 check digit that belongs behind these digits (General Specifications 7.9.1).
char check_digit(std::string_view digits);

}  // namespace gs1
