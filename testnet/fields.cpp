// SPDX-License-Identifier: Apache-2.0
#include "testnet/fields.hpp"

#include "base/number.hpp"
#include "base/time.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr std::size_t serials_max = 100'000;
constexpr base::i128 amount_max = base::i128{1'000'000'000} * 1'000'000;

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() <= 12 && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

Error Fields::error(std::string_view name, std::string detail) const {
  return {Code::E_FORM, path_.empty() ? std::string(name) : path_ + "." + std::string(name), std::move(detail)};
}

Result<std::string> Fields::text(std::string_view name) const {
  auto const found = value_->string_of(name);
  if (found.empty()) return error(name, "write a text here");
  return std::string(found);
}

std::string Fields::text_or(std::string_view name, std::string_view otherwise) const {
  auto const found = value_->string_of(name);
  return std::string(found.empty() ? otherwise : found);
}

Result<ledger::Micro> Fields::amount(std::string_view name) const {
  auto const* found = value_->find(name);
  bool const number = found != nullptr && (found->is(Value::Kind::number) || found->is(Value::Kind::string));
  auto const micro = number ? base::from_decimal_literal(found->text, 6) : std::nullopt;
  if (!micro || *micro < 0 || *micro > amount_max) {
    return error(name, "write a decimal from 0 to 1,000,000,000 with at most six decimals");
  }
  return static_cast<ledger::Micro>(*micro);
}

Result<std::uint64_t> Fields::whole(std::string_view name) const {
  auto const* found = value_->find(name);
  auto const read = found == nullptr ? std::nullopt : base::from_decimal(found->text, ~std::uint64_t{0});
  if (!read) return error(name, "write a whole number");
  return static_cast<std::uint64_t>(*read);
}

Result<ledger::TimeMs> Fields::time(std::string_view name) const {
  auto const time = file_time(value_->string_of(name));
  if (!time) return error(name, "write a time like 2026-05-20T02:00Z");
  return *time;
}

Result<std::vector<std::string>> Fields::texts(std::string_view name) const {
  auto const* found = value_->find(name);
  std::vector<std::string> out;
  if (found != nullptr && found->is(Value::Kind::array)) {
    for (auto const& item : found->items) {
      if (item.is(Value::Kind::string) && !item.text.empty()) out.push_back(item.text);
    }
    if (!out.empty() && out.size() == found->items.size()) return out;
  }
  return error(name, "write a list of texts");
}

Result<std::vector<Fields>> Fields::list(std::string_view name) const {
  std::vector<Fields> out;
  auto const* found = value_->find(name);
  if (found == nullptr) return out;
  if (!found->is(Value::Kind::array)) return error(name, "write a list");
  auto const path = error(name, "").field;
  for (auto const& item : found->items) out.emplace_back(item, path + "[" + std::to_string(out.size()) + "]");
  return out;
}

Result<Fields> Fields::object(std::string_view name) const {
  auto const* found = value_->find(name);
  if (found == nullptr || !found->is(Value::Kind::object)) return error(name, "write an object");
  return Fields(*found, error(name, "").field);
}

std::vector<std::pair<std::string, Fields>> Fields::members() const {
  std::vector<std::pair<std::string, Fields>> out;
  for (auto const& [name, value] : value_->members) out.emplace_back(name, Fields(value, error(name, "").field));
  return out;
}

std::optional<ledger::TimeMs> file_time(std::string_view text) {
  if (text.size() == 17 && text.ends_with('Z')) return base::from_rfc3339(std::string(text.substr(0, 16)) + ":00Z");
  return base::from_rfc3339(text);
}

Result<std::vector<std::string>> serials_of(std::string_view range, std::string const& field) {
  auto const dots = range.find("..");
  if (dots == range.npos) return std::vector{std::string(range)};
  auto const first = range.substr(0, dots);
  auto const last = range.substr(dots + 2);
  auto const begin = std::min(first.find_first_of("0123456789"), first.size());
  auto const digits = first.substr(begin);
  bool const alike = first.size() == last.size() && first.substr(0, begin) == last.substr(0, begin);
  Error const wrong{Code::E_FORM, field, "write a range of serials like S000001..S002000"};
  if (!alike || !is_digits(digits) || !is_digits(last.substr(begin))) return wrong;
  auto const from = std::stoull(std::string(digits));
  auto const to = std::stoull(std::string(last.substr(begin)));
  if (to < from || to - from >= serials_max) return wrong;
  std::vector<std::string> out;
  for (auto number = from; number <= to; ++number) {
    auto text = std::to_string(number);
    text.insert(0, digits.size() - text.size(), '0');
    out.push_back(std::string(first.substr(0, begin)) + text);
  }
  return out;
}

std::string decimal(ledger::Micro micro) { return base::to_decimal_literal(static_cast<base::i128>(micro), 6); }

}  // namespace testnet
