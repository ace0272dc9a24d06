// SPDX-License-Identifier: Apache-2.0
#include "gs1/json.hpp"

#include <simdjson.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "base/number.hpp"

namespace gs1 {

namespace {

namespace ondemand = simdjson::ondemand;
using base::Error;
using base::Result;
using base::Value;

constexpr std::string_view white_space = " \t\n\r";

/// Code points that I-JSON keeps out of its strings (RFC 7493 section 2.1) beside surrogates: U+FDD0 to U+FDEF and the
/// last two of each plane.
bool has_noncharacter(std::string_view text) {
  // They all begin with a byte of ef or more, and most texts have none.
  if (std::ranges::none_of(text, [](unsigned char c) { return c >= 0xef; })) return false;
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    auto const at = [&](std::size_t offset) { return static_cast<unsigned char>(text[i + offset]); };
    if (at(0) < 0xef) continue;
    if (at(0) == 0xef) {
      if (at(1) == 0xb7 && at(2) >= 0x90 && at(2) <= 0xaf) return true;
      if (at(1) == 0xbf && at(2) >= 0xbe) return true;
    } else if (i + 3 < text.size() && (at(1) & 0x0f) == 0x0f && at(2) == 0xbf && at(3) >= 0xbe) {
      return true;
    }
  }
  return false;
}

bool is_number(std::string_view text) {
  auto const digits = [&] {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  bool const zero = text.starts_with('0');
  auto const whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

std::string_view trimmed(std::string_view text) {
  auto const last = text.find_last_not_of(white_space);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string joined(std::string const& outer, std::string const& inner) {
  if (inner.empty() || inner.starts_with('[')) return outer + inner;
  return outer + "." + inner;
}

/// Walks one document. The document itself and the values in it are two types of simdjson with the same functions, so
/// the walk is a template over them.
class Walk {
 public:
  Walk(std::string_view text, JsonLimits const& limits, ondemand::document& document)
      : text_(text), limits_(limits), document_(document) {}

  template <class Element>
  Result<void> read(Element& element, Value& out, unsigned depth) {
    if (++values_ > limits_.values_max) return fail("more values than allowed");
    simdjson::simdjson_result<std::string_view> raw = element.raw_json_token();
    std::string_view token;
    if (std::move(raw).get(token) != simdjson::SUCCESS) return fail("not a JSON text");
    token = trimmed(token);
    out.begin = static_cast<std::uint32_t>(token.data() - start_);
    out.end = static_cast<std::uint32_t>(out.begin + token.size());
    reached_ = out.begin;
    ondemand::json_type type{};
    if (element.type().get(type) != simdjson::SUCCESS) return fail("not a JSON value");
    switch (type) {
      case ondemand::json_type::object:
        return read_object(element, out, depth);
      case ondemand::json_type::array:
        return read_array(element, out, depth);
      case ondemand::json_type::string:
        return read_string(element, out);
      case ondemand::json_type::number:
        out.kind = Value::Kind::number;
        out.text = std::string(token);
        if (!is_number(token)) return fail("not a JSON number");
        return {};
      case ondemand::json_type::boolean:
        out.kind = Value::Kind::boolean;
        out.boolean = token == "true";
        if (token != "true" && token != "false") return fail("not a JSON value");
        return {};
      case ondemand::json_type::null:
        if (token != "null") return fail("not a JSON value");
        return {};
    }
    return fail("not a JSON value");
  }

  void starts_at(char const* start) { start_ = start; }

  /// Where the last value begins that was looked at.
  std::size_t reached() const { return reached_; }

 private:
  Error fail(std::string detail) const { return {limits_.code, "", std::move(detail)}; }

  /// The position behind the closing bracket of the container just left: the parser stands at the token after it.
  std::uint32_t behind_bracket() {
    char const* next = nullptr;
    std::size_t position = text_.size();
    if (document_.current_location().get(next) == simdjson::SUCCESS) position = static_cast<std::size_t>(next - start_);
    return static_cast<std::uint32_t>(trimmed(text_.substr(0, std::min(position, text_.size()))).size());
  }

  template <class Element>
  Result<void> read_string(Element& element, Value& out) {
    out.kind = Value::Kind::string;
    std::string_view text;
    if (element.get_string().get(text) != simdjson::SUCCESS || !base::is_utf8(text) || has_noncharacter(text)) {
      return fail("not a string of Unicode characters");
    }
    out.text = std::string(text);
    return {};
  }

  template <class Element>
  Result<void> read_array(Element& element, Value& out, unsigned depth) {
    out.kind = Value::Kind::array;
    if (depth >= limits_.depth_max) return fail("nested too deep");
    ondemand::array array;
    if (element.get_array().get(array) != simdjson::SUCCESS) return fail("not a JSON list");
    for (auto item : array) {
      ondemand::value value;
      auto result = item.get(value) == simdjson::SUCCESS ? read(value, out.items.emplace_back(), depth + 1)
                                                         : Result<void>(fail("not a JSON list"));
      if (!result) return inside("[" + std::to_string(out.items.size() - 1) + "]", result.error());
    }
    out.end = behind_bracket();
    if (text_[out.end - 1] != ']') return fail("not a JSON list");
    return {};
  }

  template <class Element>
  Result<void> read_object(Element& element, Value& out, unsigned depth) {
    out.kind = Value::Kind::object;
    if (depth >= limits_.depth_max) return fail("nested too deep");
    ondemand::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) return fail("not a JSON object");
    for (auto item : object) {
      ondemand::field field;
      std::string_view name;
      if (std::move(item).get(field) != simdjson::SUCCESS || field.unescaped_key().get(name) != simdjson::SUCCESS ||
          !base::is_utf8(name) || has_noncharacter(name)) {
        return fail("not a JSON object");
      }
      auto& member = out.members.emplace_back(std::string(name), Value{});
      auto result = read(field.value(), member.second, depth + 1);
      if (!result) return inside(member.first, result.error());
    }
    out.end = behind_bracket();
    if (text_[out.end - 1] != '}') return fail("not a JSON object");
    return names_differ(out);
  }

  Result<void> names_differ(Value const& object) {
    std::vector<std::string_view> names;
    names.reserve(object.members.size());
    for (auto const& [name, ignored] : object.members) names.push_back(name);
    std::ranges::sort(names);
    auto const twice = std::ranges::adjacent_find(names);
    if (twice == names.end()) return {};
    for (auto const& [name, value] : object.members) {
      if (name == *twice) reached_ = value.begin;
    }
    return Error{limits_.code, std::string(*twice), "stands twice in one object"};
  }

  static Error inside(std::string const& name, Error error) {
    error.field = joined(name, error.field);
    return error;
  }

  std::string_view text_;
  JsonLimits const& limits_;
  ondemand::document& document_;
  char const* start_ = nullptr;
  std::size_t values_ = 0;
  std::size_t reached_ = 0;
};

/// Where a string breaks off in a text that has no structure for that: at its line's end, or it never ends.
std::size_t broken_string(std::string_view text) {
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      inside = !inside;
      begin = i;
    } else if (inside && static_cast<unsigned char>(text[i]) < 0x20) {
      break;
    } else if (inside && text[i] == '\\') {
      ++i;
    }
  }
  return inside ? begin : 0;
}

Error near(Error error, std::string_view text, std::size_t position) {
  auto const before = text.substr(0, position);
  auto const line = 1 + std::ranges::count(before, '\n');
  auto const column = before.size() - (before.rfind('\n') + 1) + 1;
  error.detail += ", near line " + std::to_string(line) + ", column " + std::to_string(column);
  return error;
}

/// Order of names in RFC 8785: by UTF-16 code units. It differs from the order of UTF-8 bytes only where a character
/// beyond the basic plane (lead byte F0 and up; surrogates D800 to DFFF) meets one of U+E000 to U+FFFF (lead byte EE or
/// EF).
bool utf16_less(std::string_view a, std::string_view b) {
  auto const [left, right] = std::ranges::mismatch(a, b);
  if (left == a.end() || right == b.end()) return left == a.end() && right != b.end();
  auto const x = static_cast<unsigned char>(*left);
  auto const y = static_cast<unsigned char>(*right);
  if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0)) return x >= 0xf0;
  return x < y;
}

void put_string(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  constexpr std::string_view escaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view letters = "\"\\bfnrt";
  out += '"';
  for (char const c : text) {
    auto const letter = escaped.find(c);
    auto const code = static_cast<unsigned char>(c);
    if (letter != std::string_view::npos) {
      out += '\\';
      out += letters[letter];
    } else if (code < 0x20) {
      out += "\\u00";
      out += hex[code >> 4];
      out += hex[code & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

bool is_plain_integer(std::string_view literal) {
  constexpr base::u128 largest = (base::u128{1} << 53) - 1;
  bool const negative = literal.starts_with('-');
  if (negative) literal.remove_prefix(1);
  auto const value = base::from_decimal(literal, largest);
  return value && !(negative && *value == 0);
}

Result<void> put_canonical(std::string& out, Value const& value, base::Code code) {
  switch (value.kind) {
    case Value::Kind::null:
      out += "null";
      return {};
    case Value::Kind::boolean:
      out += value.boolean ? "true" : "false";
      return {};
    case Value::Kind::number:
      if (!is_plain_integer(value.text)) return Error{code, "", "expected a whole number of at most 53 bits"};
      out += value.text;
      return {};
    case Value::Kind::string:
      put_string(out, value.text);
      return {};
    case Value::Kind::array:
      out += '[';
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i != 0) out += ',';
        auto result = put_canonical(out, value.items[i], code);
        if (!result) {
          return Error{code, joined("[" + std::to_string(i) + "]", result.error().field), result.error().detail};
        }
      }
      out += ']';
      return {};
    case Value::Kind::object:
      break;
  }
  std::vector<std::pair<std::string, Value> const*> members;
  for (auto const& member : value.members) members.push_back(&member);
  std::ranges::sort(members, [](auto const* a, auto const* b) { return utf16_less(a->first, b->first); });
  out += '{';
  for (auto const* member : members) {
    if (member != members.front()) out += ',';
    put_string(out, member->first);
    out += ':';
    auto result = put_canonical(out, member->second, code);
    if (!result) return Error{code, joined(member->first, result.error().field), result.error().detail};
  }
  out += '}';
  return {};
}

}  // namespace

Result<Value> parse_json(std::string_view text, JsonLimits const& limits) {
  if (text.size() > limits.bytes_max) {
    return Error{base::Code::E_TOO_LARGE, "", "at most " + std::to_string(limits.bytes_max) + " bytes of JSON"};
  }
  if (text.starts_with("\xef\xbb\xbf")) return Error{limits.code, "", "begins with a byte order mark"};
  simdjson::padded_string const padded(text);
  ondemand::parser parser;
  ondemand::document document;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) {
    return near({limits.code, "", "not a JSON text in UTF-8"}, text, broken_string(text));
  }
  Walk walk(text, limits, document);
  walk.starts_at(padded.data());
  Value out;
  if (auto const read = walk.read(document, out, 0); !read) return near(read.error(), text, walk.reached());
  if (trimmed(text).size() != out.end) return near({limits.code, "", "bytes after the end"}, text, out.end);
  return out;
}

Result<std::string> canonical_json(Value const& value, base::Code code) {
  std::string out;
  TRY(put_canonical(out, value, code));
  return out;
}

}  // namespace gs1
