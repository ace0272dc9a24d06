// SPDX-License-Identifier: Apache-2.0
#include "rpc/dispatch.hpp"

#include <algorithm>
#include <iterator>
#include <span>

#include "base/time.hpp"
#include "rpc/json.hpp"

namespace rpc {

namespace {

constexpr int parse_error = -32700;
constexpr int invalid_request = -32600;
constexpr int method_not_found = -32601;
constexpr int invalid_params = -32602;

Value error_answer(Value const& id, int code, std::string message, base::Error const* cause = nullptr) {
  auto error = Value::object();
  Value number = Value::of(std::uint64_t{0});
  number.text = std::to_string(code);
  error.add("code", std::move(number));
  error.add("message", Value::of(std::move(message)));
  if (cause != nullptr) {
    auto data = Value::object();
    data.add("name", Value::of(base::name(cause->code)));
    data.add("field", Value::of(cause->field));
    data.add("hint", Value::of(cause->detail.empty() ? std::string(base::hint(cause->code)) : cause->detail));
    auto const hundreds = static_cast<unsigned>(cause->code) / 100;
    data.add("retryable", Value::of(hundreds == 2 || (hundreds == 3 && cause->code != base::Code::E_EXPIRED)));
    error.add("data", std::move(data));
  }
  auto answer = Value::object();
  answer.add("jsonrpc", Value::of("2.0"));
  answer.add("id", id);
  answer.add("error", std::move(error));
  return answer;
}

/// What is wrong with the parameters by the method's own declaration; empty when nothing is.
std::string misfit(Method const& method, Value const& params) {
  for (auto const& [name, value] : params.members) {
    auto const known =
        std::ranges::any_of(method.parameters, [&, &key = name](auto const& p) { return p.name == key; });
    if (!known) return name + ": no parameter of " + std::string(method.name);
  }
  for (auto const& parameter : method.parameters) {
    auto const* value = params.find(parameter.name);
    if (value == nullptr) {
      if (parameter.required) return std::string(parameter.name) + ": is missing";
      continue;
    }
    using Kind = Value::Kind;
    bool const fits = parameter.type == "string"    ? value->is(Kind::string)
                      : parameter.type == "integer" ? value->is(Kind::number) || value->is(Kind::string)
                      : parameter.type == "array"   ? value->is(Kind::array)
                                                    : value->is(Kind::object);
    if (!fits) return std::string(parameter.name) + ": expected " + std::string(parameter.type);
  }
  return {};
}

/// A call occupies one of few threads while it waits, so the calls of a batch share this.
constexpr std::uint64_t wait_ms_max = 5'000;

Value result_answer(Value const& id, Value result) {
  auto answer = Value::object();
  answer.add("jsonrpc", Value::of("2.0"));
  answer.add("id", id);
  answer.add("result", std::move(result));
  return answer;
}

/// A request as far as it is understood.
struct Asked {
  Value id;
  Value params;
  /// Nothing to run where the answer is here already.
  std::optional<Value> answer;
  Method const* method = nullptr;

  bool submits() const { return method != nullptr && method->name == "tx_submit"; }
};

Asked understand(Access access, Value const& request, Own const& own) {
  using Kind = Value::Kind;
  auto const* id = request.find("id");
  Asked out;
  out.id =
      id != nullptr && (id->is(Kind::string) || id->is(Kind::number) || id->is(Kind::null)) ? *id : Value::of_null();
  auto const refuse = [&out](int code, std::string why) {
    out.answer = error_answer(out.id, code, std::move(why));
    return std::move(out);
  };
  bool const well_formed = request.is(Kind::object) && request.string_of("jsonrpc") == "2.0" &&
                           !request.string_of("method").empty() && (id == nullptr || id->kind == out.id.kind);
  if (!well_formed) return refuse(invalid_request, "not a JSON-RPC 2.0 request");
  for (auto const& [name, value] : request.members) {
    if (name != "jsonrpc" && name != "id" && name != "method" && name != "params") {
      return refuse(invalid_request, name + ": no field of a request");
    }
  }
  auto const name = request.string_of("method");
  auto const* given = request.find("params");
  out.params = given != nullptr ? *given : Value::object();
  if (auto mine = own ? own(name, out.params) : std::nullopt) {
    if (!*mine) return refuse(invalid_params, mine->error().detail);
    out.answer = result_answer(out.id, std::move(*mine).value());
    return out;
  }
  auto const& all = methods();
  auto const method = std::ranges::find(all, name, &Method::name);
  if (method == all.end() || (access == Access::everybody && method->access == Access::member)) {
    return refuse(method_not_found, "no method " + std::string(name) + " here; rpc.discover lists them");
  }
  if (!out.params.is(Kind::object)) return refuse(invalid_params, "params: give them by name");
  if (auto wrong = misfit(*method, out.params); !wrong.empty()) return refuse(invalid_params, std::move(wrong));
  out.method = &*method;
  return out;
}

Value answer_with(Asked const& asked, ledger::Certified const& at, Result<Value> result) {
  if (!result) {
    auto const& error = result.error();
    return error_answer(asked.id, static_cast<int>(error.code), base::to_string(error), &error);
  }
  auto value = std::move(result).value();
  if (value.is(Value::Kind::object) && asked.method->name != "rpc.discover") {
    // A method that waited says itself which height it speaks of.
    if (value.find("height") == nullptr) value.add("height", Value::of(std::to_string(at.header.height)));
    if (value.find("time") == nullptr) value.add("time", Value::of(base::to_rfc3339(at.header.time_ms)));
  }
  return result_answer(asked.id, std::move(value));
}

Value answer_one(Backend& backend, Asked const& asked, std::uint64_t wait_ms) {
  if (asked.answer) return *asked.answer;
  auto const at = backend.certified();
  return answer_with(asked, *at, asked.method->run({backend, *at, asked.params, wait_ms}));
}

/// Transactions that follow one another in a batch are checked together.
std::vector<Value> submit_together(Backend& backend, std::span<Asked const> asked) {
  std::vector<std::optional<base::Error>> errors;
  std::vector<ledger::Bytes> transactions;
  for (auto const& one : asked) {
    auto bytes = submitted_bytes(one.params);
    errors.push_back(bytes ? std::nullopt : std::optional(bytes.error()));
    if (bytes) transactions.push_back(std::move(bytes).value());
  }
  auto const at = backend.certified();
  auto const ids = backend.submit_all(std::move(transactions));
  std::vector<Value> out;
  auto id = ids.begin();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (errors[i]) {
      out.push_back(answer_with(asked[i], *at, *errors[i]));
      continue;
    }
    out.push_back(answer_with(asked[i], *at, *id ? Result<Value>(submitted(**id)) : Result<Value>(id->error())));
    ++id;
  }
  return out;
}

std::vector<Value> answer_batch(Backend& backend, std::vector<Asked> const& asked) {
  std::vector<Value> out;
  for (auto at = asked.begin(); at != asked.end();) {
    auto const end = std::find_if_not(at, asked.end(), [](Asked const& one) { return one.submits(); });
    if (at == end) {
      out.push_back(answer_one(backend, *at++, wait_ms_max / asked.size()));
    } else {
      auto answers = submit_together(backend, {at, end});
      std::move(answers.begin(), answers.end(), std::back_inserter(out));
      at = end;
    }
  }
  return out;
}

}  // namespace

std::string dispatch(Backend& backend, Access access, std::string_view body, Own const& own) {
  auto const parsed = from_text(body);
  if (!parsed) return to_text(error_answer(Value::of_null(), parse_error, base::to_string(parsed.error())));
  auto const is_notification = [](Value const& request) {
    return request.is(Value::Kind::object) && request.find("id") == nullptr;
  };
  if (!parsed->is(Value::Kind::array)) {
    auto const answer = answer_one(backend, understand(access, *parsed, own), wait_ms_max);
    bool const silent = is_notification(*parsed) && answer.find("result") != nullptr;
    return silent ? std::string{} : to_text(answer);
  }
  if (parsed->items.empty() || parsed->items.size() > batch_items_max) {
    auto const why =
        parsed->items.empty() ? "an empty batch" : "more than " + std::to_string(batch_items_max) + " in a batch";
    return to_text(error_answer(Value::of_null(), invalid_request, why));
  }
  std::vector<Asked> asked;
  for (auto const& request : parsed->items) asked.push_back(understand(access, request, own));
  auto all = answer_batch(backend, asked);
  auto answers = Value::array();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!is_notification(parsed->items[i])) answers.items.push_back(std::move(all[i]));
  }
  return answers.items.empty() ? std::string{} : to_text(answers);
}

}  // namespace rpc
