// SPDX-License-Identifier: Apache-2.0
#pragma once

// Canonical bytes: the BCS subset of docs/encoding.md. One value has one byte string, and decoding accepts no other.
//
// A structure describes itself once, by a static function template that names its fields in order:
//   template <class Self, class Visit>
//   static void fields(Self& self, Visit& visit) { visit("height", self.height); ... }
// Encoding, decoding and the JSON view (base/view.hpp) all follow that description. An enum class has a function
// `constexpr std::uint8_t enum_count(E)`; a variant is an enum whose alternatives are structures with a static `name`.

#include <algorithm>
#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/number.hpp"
#include "base/result.hpp"

namespace base {

/// A list, a text, bytes with the most elements that they may hold; the bound is part of the format.
template <class T, std::size_t Max>
struct List : std::vector<T> {
  using std::vector<T>::vector;
  List() = default;
  List(std::vector<T> items) : std::vector<T>(std::move(items)) {}
  static constexpr std::size_t max = Max;
};
template <std::size_t Max>
struct Text : std::string {
  using std::string::string;
  Text() = default;
  Text(std::string text) : std::string(std::move(text)) {}
  Text(std::string_view text) : std::string(text) {}
  static constexpr std::size_t max = Max;
};
template <std::size_t Max>
struct Blob : Bytes {
  using Bytes::Bytes;
  Blob() = default;
  Blob(Bytes bytes) : Bytes(std::move(bytes)) {}
  static constexpr std::size_t max = Max;
};

namespace detail {
template <class T>
inline constexpr bool is_list = false;
template <class T, std::size_t N>
inline constexpr bool is_list<List<T, N>> = true;
template <class T>
inline constexpr bool is_text = false;
template <std::size_t N>
inline constexpr bool is_text<Text<N>> = true;
template <class T>
inline constexpr bool is_blob = false;
template <std::size_t N>
inline constexpr bool is_blob<Blob<N>> = true;
template <class T>
inline constexpr bool is_option = false;
template <class T>
inline constexpr bool is_option<std::optional<T>> = true;
template <class... T>
std::variant<T...> variant_of(std::variant<T...> const&);
/// A std::variant, or a structure that is one (so that its copying can be compiled in one place).
template <class T>
concept IsVariant = requires(T const& value) {
  variant_of(value);
};
template <class T>
using VariantOf = decltype(variant_of(std::declval<T const&>()));
template <class T>
inline constexpr bool is_fixed = false;
template <class Tag, std::size_t N>
inline constexpr bool is_fixed<Fixed<Tag, N>> = true;
template <class T>
concept Unsigned = std::same_as<T, std::uint8_t> || std::same_as<T, std::uint16_t> || std::same_as<T, std::uint32_t> ||
    std::same_as<T, std::uint64_t> || std::same_as<T, u128>;
struct AnyVisit {
  template <class T>
  void operator()(std::string_view, T&) {}
};
}  // namespace detail

template <class T>
concept Described = requires(T& value, detail::AnyVisit& visit) {
  T::fields(value, visit);
};

class Writer {
 public:
  Bytes take() && {
    out_.resize(used_);
    return std::move(out_);
  }

  template <class T>
  void put(T const& value) {
    using namespace detail;
    if constexpr (std::same_as<T, bool>) {
      *room(1) = value ? 1 : 0;
    } else if constexpr (Unsigned<T>) {
      auto* const at = room(sizeof(T));
      for (std::size_t i = 0; i < sizeof(T); ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
    } else if constexpr (std::is_enum_v<T>) {
      put_enum(value);
    } else if constexpr (is_fixed<T>) {
      put_raw(value.view());
    } else if constexpr (is_text<T>) {
      put_length(value.size(), T::max);
      put_raw(bytes_of(value));
    } else if constexpr (is_blob<T>) {
      put_length(value.size(), T::max);
      put_raw(value);
    } else if constexpr (is_list<T>) {
      put_length(value.size(), T::max);
      for (auto const& item : value) put(item);
    } else if constexpr (is_option<T>) {
      put(value.has_value());
      if (value) put(*value);
    } else if constexpr (IsVariant<T>) {
      put_length(value.index(), std::variant_size_v<VariantOf<T>> - 1);
      std::visit([&](auto const& chosen) { put(chosen); }, value);
    } else {
      static_assert(Described<T const>, "describe the structure with fields()");
      auto visit = [&](std::string_view, auto const& field) { put(field); };
      T::fields(value, visit);
    }
  }

 private:
  template <class E>
  void put_enum(E value) {
    if constexpr (std::same_as<E, Code>) {
      put(static_cast<std::uint16_t>(value));
    } else {
      CHECK(static_cast<std::uint8_t>(value) < enum_count(value));
      *room(1) = static_cast<std::uint8_t>(value);
    }
  }
  /// Lengths and alternatives: ULEB128. A value beyond its bound is our own bug here: input was bounded when it was
  /// read.
  void put_length(std::size_t length, std::size_t max) {
    CHECK(length <= max);
    do {
      auto const low = static_cast<std::uint8_t>(length & 0x7f);
      length >>= 7;
      *room(1) = length == 0 ? low : static_cast<std::uint8_t>(low | 0x80);
    } while (length != 0);
  }
  void put_raw(BytesView bytes) {
    if (bytes.size() <= ahead) {
      std::ranges::copy(bytes, room(bytes.size()));
    } else {
      out_.resize(used_);
      append(out_, bytes);
      used_ = out_.size();
    }
  }
  /// For so many more bytes. Most values fit into what is there at first.
  std::uint8_t* room(std::size_t bytes) {
    if (out_.size() - used_ < bytes) grow(used_ + bytes + ahead);
    used_ += bytes;
    return out_.data() + used_ - bytes;
  }
  void grow(std::size_t size) {
    if (size > out_.capacity()) out_.reserve(std::max(size, 2 * out_.capacity()));
    out_.resize(size);
  }

  static constexpr std::size_t ahead = 256;
  Bytes out_;
  std::size_t used_ = 0;
};

class Reader {
 public:
  explicit Reader(BytesView in) : in_(in) {}

  bool failed() const { return failed_; }
  bool at_end() const { return position_ == in_.size(); }
  std::string const& field() const { return field_; }

  template <class T>
  void get(T& value) {
    using namespace detail;
    if (failed_) return;
    if constexpr (std::same_as<T, bool>) {
      auto const byte = get_byte();
      if (byte > 1) fail();
      value = byte == 1;
    } else if constexpr (Unsigned<T>) {
      auto const raw = get_raw(sizeof(T));
      value = 0;
      for (std::size_t i = raw.size(); i-- > 0;) {
        if constexpr (sizeof(T) > 1) value = static_cast<T>(value << 8);
        value = static_cast<T>(value | raw[i]);
      }
    } else if constexpr (std::is_enum_v<T>) {
      get_enum(value);
    } else if constexpr (is_fixed<T>) {
      auto const raw = get_raw(T::size);
      if (!failed_) std::copy(raw.begin(), raw.end(), value.bytes.begin());
    } else if constexpr (is_text<T>) {
      auto const raw = get_raw(get_length(T::max));
      if (!is_utf8(text_of(raw))) fail();
      value = T(text_of(raw));
    } else if constexpr (is_blob<T>) {
      auto const raw = get_raw(get_length(T::max));
      value = T(Bytes(raw.begin(), raw.end()));
    } else if constexpr (is_list<T>) {
      auto const count = get_length(T::max);
      value.clear();
      // No more than what follows may hold, and not for its word alone.
      value.reserve(std::min({count, in_.size() - position_, std::size_t{64}}));
      for (std::size_t i = 0; i < count && !failed_; ++i) get(value.emplace_back());
    } else if constexpr (is_option<T>) {
      bool present = false;
      get(present);
      value.reset();
      if (present && !failed_) get(value.emplace());
    } else if constexpr (IsVariant<T>) {
      get_alternative(value, get_length(std::variant_size_v<VariantOf<T>> - 1),
                      std::make_index_sequence<std::variant_size_v<VariantOf<T>>>{});
    } else {
      static_assert(Described<T>, "describe the structure with fields()");
      auto visit = [&](std::string_view name, auto& field) {
        get(field);
        if (failed_ && !named_) prepend(name);
      };
      T::fields(value, visit);
      named_ = false;
    }
  }

 private:
  void fail() { failed_ = true; }
  void prepend(std::string_view name) {
    field_ = field_.empty() ? std::string(name) : std::string(name) + "." + field_;
    named_ = true;
  }
  BytesView get_raw(std::size_t count) {
    if (failed_ || count > in_.size() - position_) {
      fail();
      return {};
    }
    position_ += count;
    return in_.subspan(position_ - count, count);
  }
  std::uint8_t get_byte() {
    auto const raw = get_raw(1);
    return raw.empty() ? 0 : raw[0];
  }
  std::size_t get_length(std::size_t max) {
    std::uint64_t length = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      auto const byte = get_byte();
      if (failed_) return 0;
      length |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) {
        bool const padded = byte == 0 && shift > 0;
        if (padded || length > max) break;
        return static_cast<std::size_t>(length);
      }
    }
    fail();
    return 0;
  }
  template <class E>
  void get_enum(E& value) {
    if constexpr (std::same_as<E, Code>) {
      std::uint16_t number = 0;
      get(number);
      if (!known(number)) fail();
      value = static_cast<Code>(number);
    } else {
      auto const byte = get_byte();
      if (byte >= enum_count(E{})) fail();
      value = static_cast<E>(byte);
    }
  }
  template <class V, std::size_t... I>
  void get_alternative(V& value, std::size_t index, std::index_sequence<I...>) {
    if (failed_) return;
    static_cast<void>(((I == index ? (get(value.template emplace<I>()), true) : false) || ...));
  }

  BytesView in_;
  std::size_t position_ = 0;
  bool failed_ = false;
  bool named_ = false;
  std::string field_;
};

template <class T>
Bytes encode(T const& value) {
  Writer writer;
  writer.put(value);
  return std::move(writer).take();
}

/// Consumes every byte or fails with E_ENCODING and the field's name.
template <class T>
Result<T> decode(BytesView bytes) {
  Reader reader(bytes);
  T value{};
  reader.get(value);
  if (reader.failed()) return Error{Code::E_ENCODING, reader.field(), "not its canonical form, or beyond its bound"};
  if (!reader.at_end()) return Error{Code::E_ENCODING, "", "bytes after the end"};
  return value;
}

}  // namespace base
