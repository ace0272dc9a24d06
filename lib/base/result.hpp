// SPDX-License-Identifier: Apache-2.0
#pragma once

// A value or the reason why there is none, with the names of std::expected (C++23). Wrong input from a peer, a client
// or a file ends here, never in an exception.

#include <string>
#include <utility>
#include <variant>

#include "base/check.hpp"
#include "base/code.hpp"

namespace base {

/// Why something was refused: the stable code, the path of the field ("events[3].eventTime"), and a remark that helps
/// to mend it.
struct Error {
  Code code = Code::E_ENCODING;
  std::string field;
  std::string detail;
  bool operator==(Error const&) const = default;
};

/// The error in one line: NAME field: detail.
std::string to_string(Error const& error);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & {
    CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  T const& value() const& {
    CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    CHECK(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  Error const& error() const {
    CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  T& operator*() & { return value(); }
  T const& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  T const* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}

  bool has_value() const { return !failed_; }
  explicit operator bool() const { return has_value(); }
  Error const& error() const {
    CHECK(failed_);
    return error_;
  }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace base

/// TRY(expression): returns the error of a Result from the enclosing function, else goes on.
#define TALLY_JOIN_(a, b) a##b
#define TALLY_JOIN(a, b) TALLY_JOIN_(a, b)
#define TRY_(result, expression)        \
  do {                                  \
    auto result = (expression);         \
    if (!result) return result.error(); \
  } while (false)
#define TRY(expression) TRY_(TALLY_JOIN(result_, __COUNTER__), expression)
/// TRY_ASSIGN(auto name, expression): the value of a Result, or return its error.
#define TRY_ASSIGN_(result, target, expression) \
  auto result = (expression);                   \
  if (!result) return result.error();           \
  target = std::move(result).value()
#define TRY_ASSIGN(target, expression) TRY_ASSIGN_(TALLY_JOIN(result_, __COUNTER__), target, expression)
