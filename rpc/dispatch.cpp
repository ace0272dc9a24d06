// SPDX-License-Identifier: Apache-2.0
#include "rpc/dispatch.hpp"

#include <algorithm>

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

Value answer_one(Backend& backend, Access access, Value const& request, std::uint64_t wait_ms, Own const& own) {
  using Kind = Value::Kind;
  auto const* id = request.find("id");
  Value const shown_id =
      id != nullptr && (id->is(Kind::string) || id->is(Kind::number) || id->is(Kind::null)) ? *id : Value::of_null();
  bool const well_formed = request.is(Kind::object) && request.string_of("jsonrpc") == "2.0" &&
                           !request.string_of("method").empty() && (id == nullptr || id->kind == shown_id.kind);
  if (!well_formed) return error_answer(shown_id, invalid_request, "not a JSON-RPC 2.0 request");
  for (auto const& [name, value] : request.members) {
    if (name != "jsonrpc" && name != "id" && name != "method" && name != "params") {
      return error_answer(shown_id, invalid_request, name + ": no field of a request");
    }
  }
  auto const name = request.string_of("method");
  auto const* given = request.find("params");
  Value const params = given != nullptr ? *given : Value::object();
  if (auto mine = own ? own(name, params) : std::nullopt) {
    if (!*mine) return error_answer(shown_id, invalid_params, mine->error().detail);
    return result_answer(shown_id, std::move(*mine).value());
  }
  auto const& all = methods();
  auto const method = std::ranges::find(all, name, &Method::name);
  if (method == all.end() || (access == Access::everybody && method->access == Access::member)) {
    return error_answer(shown_id, method_not_found,
                        "no method " + std::string(name) + " here; rpc.discover lists them");
  }
  if (!params.is(Kind::object)) return error_answer(shown_id, invalid_params, "params: give them by name");
  if (auto const wrong = misfit(*method, params); !wrong.empty()) return error_answer(shown_id, invalid_params, wrong);

  auto const at = backend.certified();
  auto result = method->run({backend, *at, params, wait_ms});
  if (!result)
    return error_answer(shown_id, static_cast<int>(result.error().code), base::to_string(result.error()),
                        &result.error());
  auto value = std::move(result).value();
  if (value.is(Kind::object) && name != "rpc.discover") {
    // A method that waited says itself which height it speaks of.
    if (value.find("height") == nullptr) value.add("height", Value::of(std::to_string(at->header.height)));
    if (value.find("time") == nullptr) value.add("time", Value::of(base::to_rfc3339(at->header.time_ms)));
  }
  return result_answer(shown_id, std::move(value));
}

}  // namespace

std::string dispatch(Backend& backend, Access access, std::string_view body, Own const& own) {
  auto const parsed = from_text(body);
  if (!parsed) return to_text(error_answer(Value::of_null(), parse_error, base::to_string(parsed.error())));
  auto const is_notification = [](Value const& request) {
    return request.is(Value::Kind::object) && request.find("id") == nullptr;
  };
  if (!parsed->is(Value::Kind::array)) {
    auto const answer = answer_one(backend, access, *parsed, wait_ms_max, own);
    bool const silent = is_notification(*parsed) && answer.find("result") != nullptr;
    return silent ? std::string{} : to_text(answer);
  }
  if (parsed->items.empty() || parsed->items.size() > batch_items_max) {
    auto const why =
        parsed->items.empty() ? "an empty batch" : "more than " + std::to_string(batch_items_max) + " in a batch";
    return to_text(error_answer(Value::of_null(), invalid_request, why));
  }
  auto answers = Value::array();
  for (auto const& request : parsed->items) {
    auto answer = answer_one(backend, access, request, wait_ms_max / parsed->items.size(), own);
    if (!is_notification(request)) answers.items.push_back(std::move(answer));
  }
  return answers.items.empty() ? std::string{} : to_text(answers);
}

}  // namespace rpc
