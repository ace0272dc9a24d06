// SPDX-License-Identifier: Apache-2.0
#pragma once

// The types of fields that operations and records are made of.

#include "base/codec.hpp"
#include "crypto/hash.hpp"

namespace ledger {

using base::Amount;
using base::Bytes;
using base::BytesView;
using base::Hash;
using base::Height;
using base::List;
using base::Micro;
using base::PartyId;
using base::PartyKey;
using base::Text;
using base::TimeMs;

/// A Global Location Number: 13 digits.
using Gln = Text<13>;
/// A Global Trade Item Number: always 14 digits.
using Gtin = Text<14>;
/// A canonical Digital Link, or a private URI.
using Uri = Text<512>;
/// ISO 4217 or private code, a dot, the issuer's short name: EUR.EUBANK.
using AssetId = Text<32>;

/// Describes a structure (base/codec.hpp) by listing its members.
#define LEDGER_VISIT(member) visit(#member, self.member);
}  // namespace ledger
