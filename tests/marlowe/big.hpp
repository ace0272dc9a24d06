// SPDX-License-Identifier: Apache-2.0
#pragma once

// Whole numbers without a bound, for the few published executions whose numbers do not fit the core's 127 bits.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marlowe {

class Big {
 public:
  Big() = default;
  explicit Big(std::string_view decimal) {
    negative_ = decimal.starts_with('-');
    if (negative_) decimal.remove_prefix(1);
    while (!decimal.empty()) {
      auto const size = std::min<std::size_t>(digits, decimal.size());
      std::uint32_t part = 0;
      for (char const c : decimal.substr(decimal.size() - size)) part = part * 10 + static_cast<std::uint32_t>(c - '0');
      parts_.push_back(part);
      decimal.remove_suffix(size);
    }
    trim();
  }

  std::string text() const {
    if (parts_.empty()) return "0";
    std::string out = (negative_ ? "-" : "") + std::to_string(parts_.back());
    for (std::size_t i = parts_.size() - 1; i-- > 0;) {
      auto const part = std::to_string(parts_[i]);
      out += std::string(digits - part.size(), '0') + part;
    }
    return out;
  }

  bool is_zero() const { return parts_.empty(); }

  Big operator-() const {
    Big out = *this;
    out.negative_ = !negative_ && !is_zero();
    return out;
  }
  Big operator+(Big const& other) const {
    if (negative_ == other.negative_) return signed_as(negative_, sum(*this, other));
    bool const larger = compare_size(*this, other) >= 0;
    return larger ? signed_as(negative_, rest(*this, other)) : signed_as(other.negative_, rest(other, *this));
  }
  Big operator-(Big const& other) const { return *this + -other; }
  Big operator*(Big const& other) const {
    Big out;
    out.parts_.assign(parts_.size() + other.parts_.size() + 1, 0);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      std::uint64_t carry = 0;
      for (std::size_t n = 0; n < other.parts_.size() || carry > 0; ++n) {
        auto const factor = n < other.parts_.size() ? other.parts_[n] : 0;
        auto const at = out.parts_[i + n] + std::uint64_t{parts_[i]} * factor + carry;
        out.parts_[i + n] = static_cast<std::uint32_t>(at % base);
        carry = at / base;
      }
    }
    return signed_as(negative_ != other.negative_, std::move(out));
  }
  /// Towards zero; by zero it is zero.
  Big operator/(Big const& other) const {
    Big quotient;
    if (other.is_zero()) return quotient;
    Big left;
    auto const divisor = signed_as(false, other);
    quotient.parts_.assign(parts_.size(), 0);
    for (std::size_t i = parts_.size(); i-- > 0;) {
      left.parts_.insert(left.parts_.begin(), parts_[i]);
      left.trim();
      // The greatest digit whose product is not above what is left.
      std::uint32_t low = 0;
      std::uint32_t high = base - 1;
      while (low < high) {
        auto const middle = low + (high - low + 1) / 2;
        if (compare_size(divisor * Big(std::to_string(middle)), left) <= 0) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      quotient.parts_[i] = low;
      left = left - divisor * Big(std::to_string(low));
    }
    return signed_as(negative_ != other.negative_, std::move(quotient));
  }
  bool operator==(Big const&) const = default;
  bool operator<(Big const& other) const { return (*this - other).negative_; }

 private:
  static constexpr std::size_t digits = 9;
  static constexpr std::uint32_t base = 1'000'000'000;

  void trim() {
    while (!parts_.empty() && parts_.back() == 0) parts_.pop_back();
    if (parts_.empty()) negative_ = false;
  }
  static Big signed_as(bool negative, Big value) {
    value.negative_ = negative;
    value.trim();
    return value;
  }
  static int compare_size(Big const& a, Big const& b) {
    if (a.parts_.size() != b.parts_.size()) return a.parts_.size() < b.parts_.size() ? -1 : 1;
    for (std::size_t i = a.parts_.size(); i-- > 0;) {
      if (a.parts_[i] != b.parts_[i]) return a.parts_[i] < b.parts_[i] ? -1 : 1;
    }
    return 0;
  }
  static Big sum(Big const& a, Big const& b) {
    Big out;
    std::uint32_t carry = 0;
    for (std::size_t i = 0; i < std::max(a.parts_.size(), b.parts_.size()) || carry > 0; ++i) {
      auto const at = carry + (i < a.parts_.size() ? a.parts_[i] : 0) + (i < b.parts_.size() ? b.parts_[i] : 0);
      out.parts_.push_back(at % base);
      carry = at / base;
    }
    return out;
  }
  /// Of the larger less the smaller.
  static Big rest(Big const& a, Big const& b) {
    Big out;
    std::int64_t borrow = 0;
    for (std::size_t i = 0; i < a.parts_.size(); ++i) {
      auto at = std::int64_t{a.parts_[i]} - borrow - (i < b.parts_.size() ? std::int64_t{b.parts_[i]} : 0);
      borrow = at < 0 ? 1 : 0;
      if (at < 0) at += base;
      out.parts_.push_back(static_cast<std::uint32_t>(at));
    }
    return out;
  }

  bool negative_ = false;
  /// Least first.
  std::vector<std::uint32_t> parts_;
};

}  // namespace marlowe
