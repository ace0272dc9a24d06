// SPDX-License-Identifier: Apache-2.0
#pragma once

// The JSON view of a described structure (base/codec.hpp), both ways. Numbers up to 32 bits are JSON numbers; longer
// ones decimal strings; bytes, hashes and keys 0x and lower-case hexadecimal; an enum and a variant's "type" their
// names; an absent option is left out. A field that the structure does not have is an error.

#include "base/codec.hpp"
#include "base/value.hpp"

namespace base {

/// The names of an enum's values, in order: std::array<std::string_view, n> enum_names(E), found beside the enum.
template <class T>
Value view(T const& value) {
  using namespace detail;
  if constexpr (std::same_as<T, bool>) {
    return Value::of(value);
  } else if constexpr (Unsigned<T>) {
    if constexpr (sizeof(T) <= 4) {
      return Value::of(static_cast<std::uint64_t>(value));
    } else {
      return Value::of(to_decimal(static_cast<u128>(value)));
    }
  } else if constexpr (std::same_as<T, Code>) {
    return Value::of(name(value));
  } else if constexpr (std::is_enum_v<T>) {
    return Value::of(enum_names(value)[static_cast<std::size_t>(value)]);
  } else if constexpr (is_fixed<T>) {
    return Value::of(value.hex());
  } else if constexpr (is_text<T>) {
    return Value::of(static_cast<std::string const&>(value));
  } else if constexpr (is_blob<T>) {
    return Value::of("0x" + to_hex(value));
  } else if constexpr (is_list<T>) {
    Value out = Value::array();
    for (auto const& item : value) out.items.push_back(view(item));
    return out;
  } else if constexpr (is_option<T>) {
    return value ? view(*value) : Value::of_null();
  } else if constexpr (IsVariant<T>) {
    return std::visit(
        [](auto const& chosen) {
          Value out = view(chosen);
          out.members.insert(out.members.begin(), {"type", Value::of(std::remove_cvref_t<decltype(chosen)>::name)});
          return out;
        },
        value);
  } else {
    static_assert(Described<T const>);
    Value out = Value::object();
    auto visit = [&](std::string_view name, auto const& field) {
      Value shown = view(field);
      if (!shown.is(Value::Kind::null)) out.add(std::string(name), std::move(shown));
    };
    T::fields(value, visit);
    return out;
  }
}

namespace detail {
Error view_error(std::string const& path, std::string_view expected);
/// A decimal string or, up to 32 bits, a JSON number.
Result<u128> view_number(Value const& value, std::string const& path, u128 max, bool wide);
Result<Bytes> view_bytes(Value const& value, std::string const& path, std::size_t max);
Result<void> view_members(Value const& value, std::string const& path, std::vector<std::string_view> const& known);
inline std::string view_path(std::string const& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

template <class T>
Result<void> read_into(T& out, Value const& value, std::string const& path, bool tagged = false);

template <class V, std::size_t I = 0>
Result<void> read_alternative(V& out, std::string_view wanted, Value const& value, std::string const& path) {
  if constexpr (I == std::variant_size_v<VariantOf<V>>) {
    return view_error(view_path(path, "type"), "no such kind");
  } else if (std::variant_alternative_t<I, VariantOf<V>>::name == wanted) {
    return read_into(out.template emplace<I>(), value, path, true);
  } else {
    return read_alternative<V, I + 1>(out, wanted, value, path);
  }
}

template <class T>
Result<void> read_into(T& out, Value const& value, std::string const& path, [[maybe_unused]] bool tagged) {
  using Kind = Value::Kind;
  if constexpr (std::same_as<T, bool>) {
    if (!value.is(Kind::boolean)) return view_error(path, "expected true or false");
    out = value.boolean;
  } else if constexpr (Unsigned<T>) {
    TRY_ASSIGN(auto const number, view_number(value, path, static_cast<u128>(static_cast<T>(~T{0})), sizeof(T) > 4));
    out = static_cast<T>(number);
  } else if constexpr (std::same_as<T, Code>) {
    return view_error(path, "outcomes are not input");
  } else if constexpr (std::is_enum_v<T>) {
    auto const names = enum_names(T{});
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (value.is(Kind::string) && names[i] == value.text) {
        out = static_cast<T>(i);
        return {};
      }
    }
    return view_error(path, "not one of its words");
  } else if constexpr (is_fixed<T>) {
    TRY_ASSIGN(auto const bytes, view_bytes(value, path, T::size));
    auto const fixed = T::from(bytes);
    if (!fixed) return view_error(path, "wrong number of bytes");
    out = *fixed;
  } else if constexpr (is_text<T>) {
    if (!value.is(Kind::string)) return view_error(path, "expected a string");
    if (value.text.size() > T::max || !is_utf8(value.text)) return view_error(path, "longer than its bound");
    out = T(value.text);
  } else if constexpr (is_blob<T>) {
    TRY_ASSIGN(auto bytes, view_bytes(value, path, T::max));
    out = T(std::move(bytes));
  } else if constexpr (is_list<T>) {
    if (!value.is(Kind::array)) return view_error(path, "expected a list");
    if (value.items.size() > T::max) return view_error(path, "more entries than its bound");
    out.clear();
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      TRY(read_into(out.emplace_back(), value.items[i], path + "[" + std::to_string(i) + "]"));
    }
  } else if constexpr (is_option<T>) {
    out.reset();
    if (!value.is(Kind::null)) return read_into(out.emplace(), value, path);
  } else if constexpr (IsVariant<T>) {
    return read_alternative(out, value.string_of("type"), value, path);
  } else {
    static_assert(Described<T>);
    std::vector<std::string_view> known;
    if (tagged) known.push_back("type");
    Result<void> result;
    auto visit = [&](std::string_view name, auto& field) {
      known.push_back(name);
      if (!result) return;
      auto const* member = value.find(name);
      if (member != nullptr) {
        result = read_into(field, *member, view_path(path, name));
      } else if constexpr (!is_option<std::remove_cvref_t<decltype(field)>>) {
        result = view_error(view_path(path, name), "is missing");
      }
    };
    if (!value.is(Kind::object)) return view_error(path, "expected an object");
    T::fields(out, visit);
    TRY(result);
    return view_members(value, path, known);
  }
  return {};
}
}  // namespace detail

/// Reads the JSON view of a T; errors are E_ENCODING with the field's path.
template <class T>
Result<T> read_view(Value const& value, std::string const& path = "") {
  T out{};
  TRY(detail::read_into(out, value, path));
  return out;
}

}  // namespace base
