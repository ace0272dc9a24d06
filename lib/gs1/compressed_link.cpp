// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "gs1/digital_link.hpp"

namespace gs1 {

namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t segment_max = 512;

Error fault(std::string detail) { return {Code::E_EVENT_FORM, "", "no compressed Digital Link: " + std::move(detail)}; }

/// The bits of a segment, most significant first; reading past the end is noted, not done.
class Bits {
 public:
  explicit Bits(std::string_view segment) {
    for (char const c : segment) {
      auto const value = alphabet.find(c);
      for (unsigned bit = 6; bit-- > 0;) bits_ += ((value >> bit) & 1) != 0 ? '1' : '0';
    }
  }
  std::size_t left() const { return bits_.size() - at_; }
  bool overrun() const { return overrun_; }
  unsigned number(std::size_t count) {
    unsigned out = 0;
    for (char const bit : take(count)) out = out * 2 + (bit == '1' ? 1U : 0U);
    return out;
  }
  /// A number of so many decimal digits, in as many bits as the largest of them needs.
  std::string decimal(std::size_t digits) {
    std::string out(digits, '0');
    for (char const bit : take(bits_of(digits))) {
      unsigned carry = bit == '1' ? 1 : 0;
      for (auto digit = out.rbegin(); digit != out.rend(); ++digit) {
        unsigned const twice = static_cast<unsigned>(*digit - '0') * 2 + carry;
        *digit = static_cast<char>('0' + twice % 10);
        carry = twice / 10;
      }
      if (carry != 0) overrun_ = true;
    }
    return out;
  }

 private:
  static std::size_t bits_of(std::size_t digits) {
    // digits * log2(10), rounded up, with the margin of the standard's formula.
    return (digits * 33'219'281 + 100'000 + 9'999'999) / 10'000'000;
  }
  std::string_view take(std::size_t count) {
    if (count > left()) {
      overrun_ = true;
      count = left();
    }
    auto const out = std::string_view(bits_).substr(at_, count);
    at_ += count;
    return out;
  }

  std::string bits_;
  std::size_t at_ = 0;
  bool overrun_ = false;
};

/// A component as compression sees it.
struct Piece {
  bool digits = true;
  bool variable = false;
  std::size_t size = 0;
};

/// Fixed runs of digits are one number; optional ones behind them are another of variable length.
std::vector<Piece> pieces_of(ApplicationIdentifier const& row) {
  std::vector<Piece> out;
  std::string_view format = row.format;
  while (!format.empty()) {
    Piece piece;
    piece.digits = format.front() == 'N';
    format.remove_prefix(1);
    piece.variable = format.starts_with('<');
    if (piece.variable) format.remove_prefix(1);
    while (!format.empty() && format.front() >= '0' && format.front() <= '9') {
      piece.size = piece.size * 10 + static_cast<std::size_t>(format.front() - '0');
      format.remove_prefix(1);
    }
    auto const rest = std::min(format.find_first_of("NXYZ"), format.size());
    if (format.substr(0, rest).find('?') != std::string_view::npos) piece.variable = true;
    format.remove_prefix(rest);
    auto* last = out.empty() ? nullptr : &out.back();
    bool const joins = last != nullptr && last->digits && piece.digits && last->variable == piece.variable;
    if (joins) {
      last->size += piece.size;
    } else {
      out.push_back(piece);
    }
  }
  // Lists of countries and ranges of dates count as one number from the start.
  bool const whole = row.first == "423" || row.first == "425" || row.first == "7007";
  if (whole && out.size() == 2) out = {{true, true, out[0].size + out[1].size}};
  return out;
}

std::string characters(Bits& bits, unsigned encoding, std::size_t count) {
  std::string out;
  constexpr std::string_view lower = "0123456789abcdef";
  constexpr std::string_view upper = "0123456789ABCDEF";
  if (encoding == 0) return bits.decimal(count);
  for (std::size_t i = 0; i < count && !bits.overrun(); ++i) {
    switch (encoding) {
      case 1:
        out += lower[bits.number(4)];
        break;
      case 2:
        out += upper[bits.number(4)];
        break;
      case 3:
        out += alphabet[bits.number(6)];
        break;
      default:
        out += static_cast<char>(bits.number(7));
    }
  }
  return out;
}

std::string value_of(Bits& bits, ApplicationIdentifier const& row) {
  std::string out;
  for (auto const& piece : pieces_of(row)) {
    unsigned const encoding = piece.digits ? 0 : bits.number(3);
    auto const count = piece.variable ? bits.number(static_cast<std::size_t>(std::bit_width(piece.size))) : piece.size;
    out += characters(bits, encoding, count);
  }
  return out;
}

/// Sequences that have a code of their own: two hexadecimal digits, one of them a letter.
std::vector<std::string> sequence_of(unsigned code) {
  auto const number = [](unsigned first, unsigned digit) { return std::to_string(first + digit); };
  unsigned const high = code >> 4;
  unsigned const low = code & 15;
  struct Named {
    unsigned code;
    std::vector<std::string> identifiers;
  };
  Named const named[] = {
      {0x0a, {"01", "22"}},
      {0x0b, {"01", "10"}},
      {0x0c, {"01", "21"}},
      {0x0d, {"01", "17"}},
      {0x0e, {"01", "7003"}},
      {0x0f, {"01", "30"}},
      {0x1a, {"01", "10", "21", "17"}},
      {0x1b, {"01", "15"}},
      {0x1c, {"01", "11"}},
      {0x1d, {"01", "16"}},
      {0x1e, {"01", "91"}},
      {0x1f, {"01", "10", "15"}},
      {0x9a, {"8010", "8011"}},
      {0x9b, {"8017", "8019"}},
      {0x9c, {"8018", "8019"}},
      {0x9d, {"414", "254"}},
  };
  for (auto const& one : named) {
    if (one.code == code) return one.identifiers;
  }
  if (high == 2 && low >= 10) return {"01", number(3100, low - 10)};
  if (high == 3 && low >= 10) return {"01", number(3200, low - 10)};
  if (high == 10 && low <= 9) return {"01", number(3920, low)};
  if (high == 12 && low <= 9) return {"255", number(3900, low)};
  if (high == 12 && low <= 13) return {"255", number(3940, low - 10)};
  return {};
}

/// The length of the identifiers that begin with these two digits.
std::size_t identifier_size(std::string_view front) {
  for (auto const& row : identifier_table()) {
    if (row.first.starts_with(front) || (row.first.substr(0, 2) <= front && front <= row.last.substr(0, 2)))
      return row.first.size();
  }
  return 0;
}

Result<void> take_element(Bits& bits, std::string const& ai, std::vector<Element>& out) {
  auto const* row = find_identifier(ai);
  if (row == nullptr) return fault(ai + " is no application identifier");
  if (std::ranges::find(out, ai, &Element::first) != out.end()) return fault(ai + " stands twice");
  out.emplace_back(ai, value_of(bits, *row));
  if (bits.overrun()) return fault("it ends inside the value of " + ai);
  switch (judge_value(*row, out.back().second)) {
    case ValueFault::form:
    case ValueFault::content:
      return Error{Code::E_EVENT_FORM, ai, "value of another form"};
    case ValueFault::check_digit:
      return Error{Code::E_CHECK_DIGIT, ai, "in a compressed link"};
    case ValueFault::none:
      break;
  }
  return {};
}

Result<void> take_sequence(Bits& bits, std::vector<std::string> const& sequence, std::vector<Element>& out) {
  for (auto const& ai : sequence) TRY(take_element(bits, ai, out));
  return {};
}

Result<void> take_elements(std::string_view segment, std::vector<Element>& out) {
  if (segment.empty() || segment.size() > segment_max || segment.find_first_not_of(alphabet) != segment.npos)
    return fault("not in the alphabet of base64url");
  Bits bits(segment);
  while (bits.left() > 8) {
    unsigned const code = bits.number(8);
    unsigned const high = code >> 4;
    if (high <= 9 && (code & 15) <= 9) {
      std::string ai = {static_cast<char>('0' + high), static_cast<char>('0' + (code & 15))};
      auto const size = identifier_size(ai);
      if (size == 0) return fault(ai + " begins no application identifier");
      while (ai.size() < size) {
        auto const digit = bits.number(4);
        if (digit > 9) return fault(ai + " is followed by no digit");
        ai += static_cast<char>('0' + digit);
      }
      TRY(take_element(bits, ai, out));
    } else if (high == 15) {
      // A pair that is no GS1 data: 7 bits of the key's length, key, encoding, 7 bits of the value's length, value.
      auto const size = (code & 15) * 8 + bits.number(3);
      auto const key = characters(bits, 3, size);
      auto const encoding = bits.number(3);
      characters(bits, encoding, bits.number(7));
      if (bits.overrun()) return fault("it ends inside " + key);
    } else {
      auto sequence = sequence_of(code);
      if (sequence.empty()) return fault("a code that is not assigned");
      // Some writers sort the sequence first.
      auto const before = bits;
      auto const size = out.size();
      if (take_sequence(bits, sequence, out)) continue;
      bits = before;
      out.resize(size);
      std::ranges::sort(sequence);
      TRY(take_sequence(bits, sequence, out));
    }
  }
  if (bits.number(bits.left()) != 0) return fault("it ends with bits that mean nothing");
  return {};
}

}  // namespace

Result<std::vector<Element>> read_compressed_link(std::string_view uri) {
  auto const scheme = uri.find("://");
  if (scheme == uri.npos || (!uri.starts_with("http://") && !uri.starts_with("https://"))) return fault("no web URI");
  auto path = uri.substr(scheme + 3);
  path = path.substr(0, path.find_first_of("?#"));
  auto const slash = path.rfind('/');
  if (slash == path.npos) return fault("no path");
  auto const segment = path.substr(slash + 1);
  path = path.substr(0, slash);
  std::vector<Element> out;
  // Partly compressed: the primary key stands before the segment.
  auto const value_at = path.rfind('/');
  auto const name_at = value_at == path.npos || value_at == 0 ? path.npos : path.rfind('/', value_at - 1);
  if (name_at != path.npos) {
    auto const ai = path.substr(name_at + 1, value_at - name_at - 1);
    auto const* row = find_identifier(ai);
    auto value = percent_decoded(path.substr(value_at + 1));
    if (row != nullptr && row->is(ApplicationIdentifier::key) && judge_value(*row, value) == ValueFault::none)
      out.emplace_back(ai, std::move(value));
  }
  TRY(take_elements(segment, out));
  if (out.empty()) return fault("it holds nothing");
  return out;
}

}  // namespace gs1
