// SPDX-License-Identifier: Apache-2.0
#include "wallet/memory.hpp"

#include <algorithm>
#include <chrono>

#include "base/value.hpp"
#include "gs1/identifier.hpp"
#include "rpc/json.hpp"
#include "wallet/keystore.hpp"
#include "wallet/statement.hpp"

namespace wallet {

namespace {

using base::Amount;
using base::Code;
using base::Error;
using base::Value;

constexpr ledger::TimeMs day_ms = 24 * 3600 * 1000;
constexpr std::size_t file_bytes_max = std::size_t{1} << 20;

/// An empty object where there is no file yet.
base::Result<Value> read_object(std::filesystem::path const& path) {
  if (!std::filesystem::exists(path)) return Value::object();
  TRY_ASSIGN(auto const text, read_text_file(path, file_bytes_max));
  TRY_ASSIGN(auto value, rpc::from_text(text));
  if (!value.is(Value::Kind::object)) return Error{Code::E_ENCODING, path.string(), "expected an object"};
  return value;
}

base::Result<void> write_object(std::filesystem::path const& path, Value const& value) {
  return write_text_file(path, rpc::to_pretty_text(value) + "\n", true);
}

base::Result<std::optional<Amount>> amount_member(Value const& object, std::string_view name) {
  auto const* value = object.find(name);
  if (value == nullptr) return std::optional<Amount>();
  auto const amount = base::from_decimal(value->text, base::amount_max);
  if (!amount) return Error{Code::E_AMOUNT, std::string(name), "minor units as a decimal string"};
  return std::optional(*amount);
}

struct Spent {
  std::string asset;
  /// From when on it can be recorded, by the chain's clock, and when it was signed, by this machine's.
  ledger::TimeMs time_ms = 0;
  ledger::TimeMs signed_ms = 0;
  Amount amount = 0;
  /// The idempotency key; empty for a payment without one.
  std::string key;
};

base::Result<std::vector<Spent>> read_spent(std::filesystem::path const& folder) {
  TRY_ASSIGN(auto const file, read_object(folder / "spent.json"));
  std::vector<Spent> out;
  auto const* list = file.find("payments");
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    auto const& one = list->items[i];
    auto const time = base::from_decimal(one.string_of("time_ms"), ~std::uint64_t{0});
    auto const amount = base::from_decimal(one.string_of("amount"));
    if (!time || !amount) return Error{Code::E_ENCODING, "spent.json", "payment " + std::to_string(i)};
    auto const signed_ms = base::from_decimal(one.string_of("signed_ms"), ~std::uint64_t{0}).value_or(*time);
    out.push_back({std::string(one.string_of("asset")), static_cast<ledger::TimeMs>(*time),
                   static_cast<ledger::TimeMs>(signed_ms), *amount, std::string(one.string_of("key"))});
  }
  return out;
}

}  // namespace

ledger::TimeMs wall_time_ms() {
  using namespace std::chrono;
  return static_cast<ledger::TimeMs>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

base::Result<Contacts> read_contacts(std::filesystem::path const& folder) {
  TRY_ASSIGN(auto const file, read_object(folder / "contacts.json"));
  Contacts out;
  for (auto const& [name, gln] : file.members) out[name] = gln.text;
  return out;
}

base::Result<void> add_contact(std::filesystem::path const& folder, std::string const& name, std::string const& gln) {
  if (!gs1::read_key("https://id.gs1.org/417/" + gln)) {
    return Error{Code::E_CHECK_DIGIT, "GLN", "not a GLN: 13 digits with their check digit"};
  }
  TRY_ASSIGN(auto contacts, read_contacts(folder));
  auto const [at, is_new] = contacts.emplace(name, gln);
  if (!is_new && at->second != gln) return Error{Code::E_ALREADY_REGISTERED, name, "is " + at->second};
  auto file = Value::object();
  for (auto const& [known, number] : contacts) file.add(known, Value::of(number));
  return write_object(folder / "contacts.json", file);
}

base::Result<SpendingLimits> read_limits(std::filesystem::path const& folder) {
  TRY_ASSIGN(auto const file, read_object(folder / "limits.json"));
  SpendingLimits out;
  for (auto const& [asset, told] : file.members) {
    SpendingLimit limit;
    TRY_ASSIGN(limit.transfer, amount_member(told, "transfer"));
    TRY_ASSIGN(limit.day, amount_member(told, "day"));
    // One that bounds nothing is none: it must not make amounts that are not known a hindrance.
    if (limit.transfer || limit.day) out[asset] = limit;
  }
  return out;
}

base::Result<void> set_limit(std::filesystem::path const& folder, std::string const& asset,
                             SpendingLimit const& limit) {
  TRY_ASSIGN(auto limits, read_limits(folder));
  limits[asset] = limit;
  auto file = Value::object();
  for (auto const& [name, one] : limits) {
    auto shown = Value::object();
    if (one.transfer) shown.add("transfer", Value::of(base::to_decimal(*one.transfer)));
    if (one.day) shown.add("day", Value::of(base::to_decimal(*one.day)));
    file.add(name, std::move(shown));
  }
  return write_object(folder / "limits.json", file);
}

namespace {

std::string key_text(Outlay const& outlay) { return outlay.key ? outlay.key->hex() : ""; }

/// Leaves out what the same key paid before.
base::Result<std::vector<Spent>> other_spending(std::filesystem::path const& folder, Outlay const& outlay) {
  TRY_ASSIGN(auto spent, read_spent(folder));
  auto const key = key_text(outlay);
  if (!key.empty()) std::erase_if(spent, [&](Spent const& one) { return one.key == key; });
  return spent;
}

}  // namespace

base::Result<void> check_spending(std::filesystem::path const& folder, Outlay const& outlay, ledger::TimeMs at_ms) {
  TRY_ASSIGN(auto const limits, read_limits(folder));
  if (limits.empty()) return {};
  if (!outlay.spending.unknown.empty()) {
    return Error{Code::E_LIMIT, "limits.json",
                 outlay.spending.unknown.front() + " is not proved: name a node, and its chain with --genesis"};
  }
  TRY_ASSIGN(auto const spent, other_spending(folder, outlay));
  for (auto const& [asset, sums] : outlay.spending.assets) {
    auto const limit = limits.find(asset);
    if (limit == limits.end()) continue;
    auto const scale = outlay.scales.find(asset);
    auto const said = [&](Amount amount) {
      return scale == outlay.scales.end() ? base::to_decimal(amount) + " minor units" : decimal(amount, scale->second);
    };
    auto const& [transfer, day] = limit->second;
    if (transfer && sums.largest > *transfer) {
      return Error{Code::E_LIMIT, asset, "this wallet pays at most " + said(*transfer) + " at once"};
    }
    Amount before = 0;
    for (auto const& one : spent) {
      auto const apart_ms = std::max(one.time_ms, at_ms) - std::min(one.time_ms, at_ms);
      if (one.asset == asset && apart_ms < day_ms) before = base::add(before, one.amount).value_or(~Amount{0});
    }
    if (day && base::add(before, sums.total).value_or(~Amount{0}) > *day) {
      return Error{Code::E_LIMIT, asset, "of " + said(*day) + " in 24 hours " + said(before) + " are spent"};
    }
  }
  return {};
}

base::Result<void> note_spending(std::filesystem::path const& folder, Outlay const& outlay, ledger::TimeMs at_ms,
                                 ledger::TimeMs wall_ms) {
  TRY_ASSIGN(auto spent, other_spending(folder, outlay));
  std::erase_if(spent, [&](Spent const& one) { return std::max(one.time_ms, one.signed_ms) + day_ms <= wall_ms; });
  for (auto const& [asset, sums] : outlay.spending.assets)
    spent.push_back({asset, at_ms, wall_ms, sums.total, key_text(outlay)});
  auto list = Value::array();
  for (auto const& one : spent) {
    auto shown = Value::object();
    shown.add("asset", Value::of(one.asset));
    shown.add("time_ms", Value::of(std::to_string(one.time_ms)));
    shown.add("signed_ms", Value::of(std::to_string(one.signed_ms)));
    shown.add("amount", Value::of(base::to_decimal(one.amount)));
    if (!one.key.empty()) shown.add("key", Value::of(one.key));
    list.items.push_back(std::move(shown));
  }
  auto file = Value::object();
  file.add("payments", std::move(list));
  return write_object(folder / "spent.json", file);
}

}  // namespace wallet
