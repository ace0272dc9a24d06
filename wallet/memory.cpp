// SPDX-License-Identifier: Apache-2.0
#include "wallet/memory.hpp"

#include "base/value.hpp"
#include "gs1/identifier.hpp"
#include "rpc/json.hpp"
#include "wallet/keystore.hpp"

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

/// By asset, what a body takes from the accounts of its signers.
std::map<std::string, std::pair<Amount, Amount>> payments_of(ledger::Body const& body) {
  std::map<std::string, std::pair<Amount, Amount>> out;  // the largest, and the sum
  auto const count = [&](std::string const& asset, Amount amount) {
    auto& sums = out[asset];
    sums.first = std::max(sums.first, amount);
    sums.second = base::add(sums.second, amount).value_or(~Amount{0});
  };
  for (auto const& operation : body.operations) {
    if (auto const* transfer = std::get_if<ledger::Transfer>(&operation)) count(transfer->asset, transfer->amount);
    if (auto const* hold = std::get_if<ledger::OpenHold>(&operation)) count(hold->asset, hold->amount);
  }
  return out;
}

struct Spent {
  std::string asset;
  ledger::TimeMs time_ms = 0;
  Amount amount = 0;
};

base::Result<std::vector<Spent>> read_spent(std::filesystem::path const& folder, ledger::TimeMs now_ms) {
  TRY_ASSIGN(auto const file, read_object(folder / "spent.json"));
  std::vector<Spent> out;
  auto const* list = file.find("payments");
  for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
    auto const& one = list->items[i];
    auto const time = base::from_decimal(one.string_of("time_ms"), ~std::uint64_t{0});
    auto const amount = base::from_decimal(one.string_of("amount"));
    if (!time || !amount) return Error{Code::E_ENCODING, "spent.json", "payment " + std::to_string(i)};
    auto const time_ms = static_cast<ledger::TimeMs>(*time);
    if (time_ms + day_ms > now_ms) out.push_back({std::string(one.string_of("asset")), time_ms, *amount});
  }
  return out;
}

}  // namespace

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
  for (auto const& [asset, limit] : file.members) {
    TRY_ASSIGN(out[asset].transfer, amount_member(limit, "transfer"));
    TRY_ASSIGN(out[asset].day, amount_member(limit, "day"));
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

base::Result<void> check_spending(std::filesystem::path const& folder, ledger::Body const& body,
                                  ledger::TimeMs now_ms) {
  TRY_ASSIGN(auto const limits, read_limits(folder));
  if (limits.empty()) return {};
  TRY_ASSIGN(auto const spent, read_spent(folder, now_ms));
  for (auto const& [asset, sums] : payments_of(body)) {
    auto const limit = limits.find(asset);
    if (limit == limits.end()) continue;
    auto const& [transfer, day] = limit->second;
    if (transfer && sums.first > *transfer) {
      return Error{Code::E_LIMIT, asset, "this wallet pays at most " + base::to_decimal(*transfer) + " at once"};
    }
    Amount total = sums.second;
    for (auto const& one : spent) {
      if (one.asset == asset) total = base::add(total, one.amount).value_or(~Amount{0});
    }
    if (day && total > *day) {
      auto const before = total - sums.second;
      return Error{Code::E_LIMIT, asset,
                   "of " + base::to_decimal(*day) + " in 24 hours " + base::to_decimal(before) + " are spent"};
    }
  }
  return {};
}

base::Result<void> note_spending(std::filesystem::path const& folder, ledger::Body const& body, ledger::TimeMs now_ms) {
  TRY_ASSIGN(auto spent, read_spent(folder, now_ms));
  for (auto const& [asset, sums] : payments_of(body)) spent.push_back({asset, now_ms, sums.second});
  auto list = Value::array();
  for (auto const& one : spent) {
    auto shown = Value::object();
    shown.add("asset", Value::of(one.asset));
    shown.add("time_ms", Value::of(std::to_string(one.time_ms)));
    shown.add("amount", Value::of(base::to_decimal(one.amount)));
    list.items.push_back(std::move(shown));
  }
  auto file = Value::object();
  file.add("payments", std::move(list));
  return write_object(folder / "spent.json", file);
}

}  // namespace wallet
