// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one registry of everything that can be said of a transaction: stable numbers and names that are part of the
// ledger. A number is never reused. The hundreds are the class.

#include <cstdint>
#include <string_view>

namespace base {

/// X(number, name, hint): the hint says what the sender can do about it.
#define TALLY_CODES(X)                                                                           \
  X(0, done, "")                                                                                 \
  X(1, exists, "recorded before; nothing changed")                                               \
  X(100, E_ENCODING, "send the canonical bytes of docs/encoding.md")                             \
  X(101, E_CHAIN, "sign for the chain id that chain_status names")                               \
  X(102, E_SIGNATURE, "sign the transaction id with the key named in signers")                   \
  X(103, E_TOO_LARGE, "split it: the limit is named in the field")                               \
  X(104, E_EVENT_FORM, "correct the field as EPCIS 2.0 section 7 defines it")                    \
  X(105, E_VOCABULARY, "use a word of CBV 2.0 or a full URI of your own")                        \
  X(106, E_CHECK_DIGIT, "recompute the GS1 check digit")                                         \
  X(107, E_CONTEXT, "declare the prefix inline in @context")                                     \
  X(108, E_ESCROW_FORM, "correct the terms at the path named; docs/escrow-language.md")          \
  X(109, E_FORM, "correct the field: the detail names its form or range")                        \
  X(200, E_NOT_YET_VALID, "send it again after valid_from_ms")                                   \
  X(201, E_AFTER, "send it again when the transaction named in after is recorded")               \
  X(202, E_SYNCING, "send it to another node, or again when this one has caught up")             \
  X(300, E_EXPIRED, "sign it again with a later valid_until_ms")                                 \
  X(301, E_BUSY, "the queue is full; send it again later")                                       \
  X(302, E_METER, "the member's work allowance is used up; send it again later")                 \
  X(303, E_DISK, "the node is low on disk; send it to another node")                             \
  X(304, E_UNREACHABLE, "start the node, or name another with --node; tally status asks it")     \
  X(400, E_KEY_UNKNOWN, "register the key first (key_add)")                                      \
  X(401, E_KEY_REVOKED, "sign with a key that is valid")                                         \
  X(402, E_SCOPE, "sign with a key whose scope or whose member's role covers this")              \
  X(403, E_LIMIT, "wait, or ask an admin key to raise the limit")                                \
  X(404, E_MISSING_SIGNER, "let the party named in the field sign too")                          \
  X(405, E_MEMBER_UNKNOWN, "name a member of this network")                                      \
  X(406, E_ALREADY_REGISTERED, "use another identifier, or leave it as it is")                   \
  X(407, E_NOT_ALLOWED_HERE, "this act is made by genesis or governance, or needs a test clock") \
  X(500, E_QUOTA_EXCEEDED, "ask the certificate's issuer for a larger quota")                    \
  X(501, E_CERT_EXPIRED, "name a certificate that is valid on the event's day")                  \
  X(502, E_CERT_SCOPE, "name a certificate that covers this product, holder and site")           \
  X(503, E_MASS_BALANCE, "inputs must equal outputs plus declared loss")                         \
  X(504, E_YIELD, "the output exceeds the site's audited yield for this recipe")                 \
  X(505, E_SEGREGATION, "an output's claim cannot exceed its inputs'")                           \
  X(506, E_CLAIM_UNSCOPED, "name the claim's scheme")                                            \
  X(507, E_INSUFFICIENT_GOODS, "the account holds less than the event uses")                     \
  X(508, E_ALREADY_PACKED, "unpack it first, or act on the unit that holds it")                  \
  X(509, E_NOT_OWNER, "the owner must sign")                                                     \
  X(510, E_NOT_CUSTODIAN, "the custodian must sign")                                             \
  X(511, E_HANDOVER_UNILATERAL, "the other party must sign its own event")                       \
  X(512, E_SAME_CONTROLLER, "a handover needs two organisations")                                \
  X(513, E_OFFER_EXPIRED, "the giver must offer again")                                          \
  X(514, E_UNKNOWN_OFFER, "name an open offer by its eventID in tally:answers")                  \
  X(515, E_PREFIX_NOT_OWNED, "identifiers are made by the holder of their GS1 prefix")           \
  X(516, E_TIME_WINDOW, "correct the event time")                                                \
  X(517, E_IMPOSSIBLE_TRAVEL, "correct place, time or mode")                                     \
  X(518, E_CAPACITY, "the site's registered capacity is used up for the day")                    \
  X(519, E_SEQ, "a sensor batch was sent before")                                                \
  X(520, E_DEVICE_UNKNOWN, "register the device key first")                                      \
  X(521, E_NOT_INDEPENDENT, "an independent party must sign")                                    \
  X(522, E_RECALLED, "recalled goods cannot be sold")                                            \
  X(523, E_EXPIRED_LOT, "expired goods cannot be sold")                                          \
  X(524, E_RETIRED, "it was sold, used up or destroyed before")                                  \
  X(525, E_UNKNOWN_GOODS, "commission it first")                                                 \
  X(526, E_ALREADY_COMMISSIONED, "it was commissioned before")                                   \
  X(527, E_RECIPE_UNKNOWN, "register the recipe for this site first")                            \
  X(528, E_PRODUCT_UNKNOWN, "register the product (unit, unit mass) first")                      \
  X(529, E_CERT_UNKNOWN, "name a certificate of this ledger")                                    \
  X(530, E_SITE_UNKNOWN, "register the site first")                                              \
  X(531, E_ORIGIN_RULE, "state no more than the inputs on the ledger carry")                     \
  X(532, E_CUSTOMS_HOLD, "wait for the release of the customs authority that holds it")          \
  X(600, E_INSUFFICIENT_FUNDS, "the account's available balance is smaller")                     \
  X(601, E_FROZEN, "the account is frozen for debits")                                           \
  X(602, E_NOT_AUTHORISED, "the asset's issuer must authorise the account")                      \
  X(603, E_SUPPLY, "this exceeds the asset's maximum supply")                                    \
  X(604, E_ASSET_UNKNOWN, "name an asset of this ledger")                                        \
  X(605, E_AMOUNT, "the amount must be positive and within the asset's range")                   \
  X(606, E_NOT_ISSUER, "only the asset's issuer may do this")                                    \
  X(607, E_INVARIANT, "a fault of the ledger itself, which changed nothing; report it")          \
  X(608, E_HOLD_UNKNOWN, "name a hold of this ledger")                                           \
  X(609, E_HOLD_ENDED, "it was posted, voided or has expired; open another")                     \
  X(610, E_TRAVEL_RULE, "let the institution that the issuer named for the payee sign it")       \
  X(611, E_NETTING_UNKNOWN, "name a netting set that is open")                                   \
  X(612, E_RECEIVABLE_UNKNOWN, "register the claim first")                                       \
  X(613, E_NOT_TRANSFERABLE, "pay its issuer, or use another asset")                             \
  X(650, exists_with_different_fields, "this idempotency key was used with other fields")        \
  X(651, id_already_failed, "this idempotency key is burnt; choose a new one")                   \
  X(652, exists_with_different_kind, "the key was used with another kind")                       \
  X(653, exists_with_different_from, "the key was used with another from")                       \
  X(654, exists_with_different_to, "the key was used with another to")                           \
  X(655, exists_with_different_asset, "the key was used with another asset")                     \
  X(656, exists_with_different_amount, "the key was used with another amount")                   \
  X(657, exists_with_different_purpose, "the key was used with another purpose")                 \
  X(658, exists_with_different_uetr, "the key was used with another uetr")                       \
  X(659, exists_with_different_end_to_end, "the key was used with another end to end")           \
  X(660, exists_with_different_expires_ms, "the key was used with another expires ms")           \
  X(661, exists_with_different_by, "the key was used with another by")                           \
  X(662, exists_with_different_hold, "the key was used with another hold")                       \
  X(663, exists_with_different_final, "the key was used with another final")                     \
  X(664, exists_with_different_up_to, "the key was used with another up to")                     \
  X(665, exists_with_different_travel, "the key was used with another travel")                   \
  X(700, E_ANALYSIS, "the terms break a guarantee; tally escrow analyse shows the path")         \
  X(701, E_NOT_PARTY, "only the role that the terms name may do this")                           \
  X(702, E_NO_CASE, "the contract waits for nothing of this kind now")                           \
  X(703, E_DEADLINE_DUE, "a deadline has passed; it fires first")                                \
  X(704, E_ALREADY_PLEDGED, "the claim was assigned before")                                     \
  X(705, E_CONTRACT_UNKNOWN, "name an open contract")                                            \
  X(706, E_ROLE_UNBOUND, "bind each role of the terms to a member")

enum class Code : std::uint16_t {
#define X(number, name, hint) name = number,
  TALLY_CODES(X)
#undef X
};

/// The stable name; "unknown" for a number outside the registry.
std::string_view name(Code code);
/// What the sender can do about it; empty for done.
std::string_view hint(Code code);
/// True when the number is in the registry.
bool known(std::uint16_t number);

constexpr bool is_malformed(Code code) { return static_cast<unsigned>(code) / 100 == 1; }
/// Never enters a block: malformed, not yet, refused. What is left is recorded.
constexpr bool is_excluded(Code code) {
  unsigned const hundreds = static_cast<unsigned>(code) / 100;
  return hundreds >= 1 && hundreds <= 3;
}
constexpr bool is_success(Code code) { return code == Code::done || code == Code::exists; }

}  // namespace base
