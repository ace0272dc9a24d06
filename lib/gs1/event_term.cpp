// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "base/time.hpp"
#include "gs1/digital_link.hpp"
#include "gs1/event_hash.hpp"
#include "gs1/event_reader.hpp"

namespace gs1::detail {

namespace {

constexpr std::size_t label_bytes_max = 64;
constexpr std::size_t hidden_fields_max = 64;

template <class Enum>
Result<void> read_enum(Value const& value, std::optional<Enum>& out) {
  auto const names = enum_names(Enum{});
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (value.is(Value::Kind::string) && value.text == names[i]) {
      out = static_cast<Enum>(i);
      return {};
    }
  }
  return Error{Code::E_VOCABULARY, "", "not one of its words"};
}

/// A name from a registry or a code list: printable ASCII, no free text.
Result<void> read_label(Value const& value, std::string& out) {
  TRY(read_text(value, out, label_bytes_max));
  if (!std::ranges::all_of(out, [](char c) { return c >= ' ' && c <= '~'; }))
    return form("", "expected printable ASCII");
  return {};
}

Result<void> read_code(Value const& value, std::string& out) {
  TRY(read_label(value, out));
  auto const in_code = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.:+").find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(out, in_code)) return form("", "expected a code of small letters, digits and _-.:+");
  return {};
}

Result<void> read_event_id(Value const& value, std::optional<base::Hash>& out) {
  out = value.is(Value::Kind::string) ? from_event_id(value.text) : std::nullopt;
  if (!out) return form("", "expected an event hash, ni:///sha-256;…?ver=CBV2.0");
  return {};
}

Result<void> read_loss(Value const& value, std::optional<Loss>& out) {
  TRY(check_closed(value, {"tally:quantity", "tally:uom"}));
  auto& loss = out.emplace();
  auto const* quantity = value.find("tally:quantity");
  if (quantity == nullptr) return form("tally:quantity", "is missing");
  TRY_INSIDE("tally:quantity", read_quantity(*quantity, loss.quantity));
  if (auto const* uom = value.find("tally:uom")) TRY_INSIDE("tally:uom", read_uom(*uom, loss.uom));
  return {};
}

Result<void> read_batch(Value const& value, std::optional<SensorBatch>& out) {
  TRY(check_closed(value, {"tally:firstSequence", "tally:previous"}));
  auto& batch = out.emplace();
  auto const* first = value.find("tally:firstSequence");
  auto const sequence = first != nullptr && first->is(Value::Kind::number)
                            ? base::from_decimal(first->text, std::numeric_limits<std::uint32_t>::max())
                            : std::nullopt;
  if (!sequence) return form("tally:firstSequence", "expected a whole number");
  batch.first_sequence = static_cast<std::uint64_t>(*sequence);
  if (auto const* previous = value.find("tally:previous")) {
    TRY_INSIDE("tally:previous", read_event_id(*previous, batch.previous));
  }
  return {};
}

Result<void> read_bind(Value const& value, std::vector<Binding>& out) {
  if (!value.is(Value::Kind::array)) return form("", "expected a list of pairs");
  if (value.items.size() > event_keys_max) return Error{Code::E_TOO_LARGE, "", "at most 4096 pairs an event"};
  out.resize(value.items.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto const& pair = value.items[i];
    if (!pair.is(Value::Kind::array) || pair.items.size() != 2) return form(at("", i), "expected [component, product]");
    TRY_INSIDE(at("", i) + "[0]", read_key_into(pair.items[0], out[i].component));
    TRY_INSIDE(at("", i) + "[1]", read_key_into(pair.items[1], out[i].product));
  }
  return {};
}

/// SHA-256 in base64url without padding: 43 characters (RFC 9901).
Result<void> read_hidden(Value const& value, std::vector<std::string>& out) {
  if (!value.is(Value::Kind::array) || value.items.size() > hidden_fields_max)
    return form("", "expected a list of digests");
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    auto const& digest = value.items[i];
    auto const in_alphabet = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    if (!digest.is(Value::Kind::string) || digest.text.size() != 43 || !std::ranges::all_of(digest.text, in_alphabet)) {
      return form(at("", i), "expected a SHA-256 digest in base64url");
    }
    out.push_back(digest.text);
  }
  return {};
}

Result<void> read_lot(Value const& value, std::string& out) {
  TRY(read_text(value, out, key_bytes_max));
  if (out.find(':') == out.npos) {
    if (judge_value(*find_identifier("10"), out) != ValueFault::none) return form("", "no lot number (AI 10)");
    return {};
  }
  TRY_ASSIGN(auto key, read_key(out));
  if (key.kind != KeyKind::lot) return form("", "names no lot");
  out = std::move(key.uri);
  return {};
}

/// A date, whose day is still good, or a moment.
Result<void> read_expiration(Value const& value, std::optional<base::TimeMs>& out) {
  auto const day = value.is(Value::Kind::string) ? base::from_date(value.text) : std::nullopt;
  if (!day) return read_time(value, out);
  out = *day + base::day_ms - 1;
  return {};
}

Result<void> read_hs6(Value const& value, std::string& out) {
  TRY(read_text(value, out, 6));
  if (out.size() != 6 || out.find_first_not_of("0123456789") != out.npos) return form("", "expected six digits");
  return {};
}

Result<void> read_grade(Value const& value, std::optional<std::uint32_t>& out) {
  constexpr base::u128 grade_max = 1'000'000;
  auto const grade = value.is(Value::Kind::number) ? base::from_decimal(value.text, grade_max) : std::nullopt;
  if (!grade) return form("", "expected a whole number up to 1000000");
  out = static_cast<std::uint32_t>(*grade);
  return {};
}

Result<void> read_unbalanced(Value const& value, bool& out) {
  if (!value.is(Value::Kind::boolean) || !value.boolean) return form("", "expected true, or leave it out");
  out = true;
  return {};
}

}  // namespace

Result<void> read_term(std::string_view key, Value const& value, TallyTerms& out) {
  auto const read = [&]() -> Result<void> {
    auto const term = key.substr(std::string_view("tally:").size());
    if (term == "handover") return read_enum(value, out.handover);
    if (term == "expires") return read_time(value, out.expires_ms);
    if (term == "answers") return read_event_id(value, out.answers);
    if (term == "reason") return read_code(value, out.reason);
    if (term == "mode") return read_enum(value, out.mode);
    if (term == "recipe") return read_label(value, out.recipe);
    if (term == "loss") return read_loss(value, out.loss);
    if (term == "claim") return read_label(value, out.claim);
    if (term == "unbalanced") return read_unbalanced(value, out.unbalanced);
    if (term == "batch") return read_batch(value, out.batch);
    if (term == "bind") return read_bind(value, out.bind);
    if (term == "hs6") return read_hs6(value, out.hs6);
    if (term == "cause") return read_label(value, out.cause);
    if (term == "grade") return read_grade(value, out.grade);
    if (term == "sd") return read_hidden(value, out.sd);
    return form("", "this ledger has no such term here");
  };
  TRY_INSIDE(key, read());
  return {};
}

Result<void> read_ilmd(Value const& value, Context const& context, TallyTerms& out) {
  TRY(check_members(value, context, {}, {"tally:lot", "tally:sd"}));
  if (auto const* lot = value.find("tally:lot")) TRY_INSIDE("tally:lot", read_lot(*lot, out.lot));
  if (auto const* hidden = value.find("tally:sd")) TRY_INSIDE("tally:sd", read_hidden(*hidden, out.sd));
  for (auto const& [key, member] : value.members) {
    auto const iri = context.expand(key);
    if (iri.ends_with(":itemExpirationDate") || iri.ends_with("/itemExpirationDate")) {
      TRY_INSIDE(key, read_expiration(member, out.item_expires_ms));
    }
  }
  return {};
}

}  // namespace gs1::detail
