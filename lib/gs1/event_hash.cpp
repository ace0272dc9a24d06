// SPDX-License-Identifier: Apache-2.0
#include "gs1/event_hash.hpp"

#include <algorithm>
#include <span>

#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "gs1/identifier.hpp"
#include "gs1/vocabulary.hpp"

namespace gs1 {

namespace {

using base::Value;
using Kind = base::Value::Kind;
using Lines = std::vector<std::string>;

/// How a standard field's value is written.
enum class Form : std::uint8_t { text, time, word, keys, quantities, place, dispositions, sensors, pairs, ilmd };

struct Field {
  std::string_view name;
  Form form = Form::text;
  Vocabulary vocabulary = Vocabulary::biz_step;
};

/// The fields in the order of the published vectors. What follows them, sorted as text: the lists below, ilmd, and
/// extensions.
constexpr Field ordered_fields[] = {
    {"eventTime", Form::time},
    {"eventTimeZoneOffset"},
    {"certificationInfo"},
    {"epcList", Form::keys},
    {"parentID"},
    {"inputEPCList", Form::keys},
    {"childEPCs", Form::keys},
    {"quantityList", Form::quantities},
    {"childQuantityList", Form::quantities},
    {"inputQuantityList", Form::quantities},
    {"outputEPCList", Form::keys},
    {"outputQuantityList", Form::quantities},
    {"action"},
    {"transformationID"},
    {"bizStep", Form::word, Vocabulary::biz_step},
    {"disposition", Form::word, Vocabulary::disposition},
    {"persistentDisposition", Form::dispositions},
    {"readPoint", Form::place},
    {"bizLocation", Form::place},
    {"sensorElementList", Form::sensors},
};

constexpr Field metadata_fields[] = {
    {"time", Form::time},     {"startTime", Form::time},
    {"endTime", Form::time},  {"deviceID"},
    {"deviceMetadata"},       {"rawData"},
    {"dataProcessingMethod"}, {"bizRules"},
};

constexpr Field report_fields[] = {
    {"type", Form::word, Vocabulary::measurement},
    {"exception", Form::word, Vocabulary::sensor_alert},
    {"deviceID"},
    {"deviceMetadata"},
    {"rawData"},
    {"dataProcessingMethod"},
    {"bizRules"},
    {"time", Form::time},
    {"microorganism"},
    {"chemicalSubstance"},
    {"value"},
    {"component", Form::word, Vocabulary::component},
    {"stringValue"},
    {"booleanValue"},
    {"hexBinaryValue"},
    {"uriValue"},
    {"minValue"},
    {"maxValue"},
    {"meanValue"},
    {"sDev"},
    {"percRank"},
    {"percValue"},
    {"uom"},
    {"coordinateReferenceSystem"},
};

constexpr std::string_view unhashed[] = {"@context",         "type",         "recordTime", "eventID",
                                         "errorDeclaration", "rdfs:comment", "comment"};

std::string joined(Lines lines) {
  std::ranges::sort(lines);
  std::string out;
  for (auto const& line : lines) out += line;
  return out;
}

std::string_view stripped(std::string_view text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// A decimal literal without plus sign, leading and trailing zeros, or exponent; nothing for other text. XML cannot
/// tell a number from a text that looks like one, so this holds for both.
std::optional<std::string> number_text(std::string_view text) {
  bool const negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string digits;
  std::int64_t point = -1;
  std::size_t i = 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.' && point < 0) {
      point = static_cast<std::int64_t>(digits.size());
    } else if (text[i] >= '0' && text[i] <= '9') {
      digits += text[i];
    } else {
      return std::nullopt;
    }
  }
  if (digits.empty()) return std::nullopt;
  if (point < 0) point = static_cast<std::int64_t>(digits.size());
  if (i < text.size()) {
    auto exponent = text.substr(i + 1);
    bool const shrinks = exponent.starts_with('-');
    if (shrinks || exponent.starts_with('+')) exponent.remove_prefix(1);
    if (exponent.empty() || exponent.size() > 2 || exponent.find_first_not_of("0123456789") != exponent.npos)
      return std::nullopt;
    std::int64_t shift = 0;
    for (char const c : exponent) shift = shift * 10 + (c - '0');
    point += shrinks ? -shift : shift;
  }
  if (point <= 0) digits.insert(0, static_cast<std::size_t>(1 - point), '0');
  point = std::max<std::int64_t>(point, 1);
  if (static_cast<std::size_t>(point) > digits.size())
    digits.append(static_cast<std::size_t>(point) - digits.size(), '0');
  std::string whole = digits.substr(0, static_cast<std::size_t>(point));
  std::string fraction = digits.substr(static_cast<std::size_t>(point));
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  while (fraction.ends_with('0')) fraction.pop_back();
  std::string out = fraction.empty() ? whole : whole + "." + fraction;
  return negative && out != "0" ? "-" + out : out;
}

/// The first six digits of a second's fraction are rounded to milliseconds, a half to the even one: CBV asks for three
/// digits, and so the reference tool comes to them.
std::string time_text(std::string_view text) {
  auto time = base::from_rfc3339(text);
  if (!time) return std::string(text);
  unsigned micro = 0;
  auto const point = text.find('.');
  for (std::size_t i = point + 4; point != text.npos && i < point + 7; ++i) {
    bool const digit = i < text.size() && text[i] >= '0' && text[i] <= '9';
    if (!digit) text = text.substr(0, std::min(i, text.size()));
    micro = micro * 10 + (digit ? static_cast<unsigned>(text[i] - '0') : 0);
  }
  if (micro > 500 || (micro == 500 && *time % 2 == 1)) ++*time;
  std::string out = base::to_rfc3339(*time - *time % 1000);
  std::string millisecond = std::to_string(*time % 1000);
  out.back() = '.';
  return out + std::string(3 - millisecond.size(), '0') + millisecond + "Z";
}

/// CBV words written as URNs in places that have no vocabulary of their own.
std::string web_text(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> families[] = {
      {"urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-"},
      {"urn:epcglobal:cbv:disp:", "https://ref.gs1.org/cbv/Disp-"},
      {"urn:epcglobal:cbv:btt:", "https://ref.gs1.org/cbv/BTT-"},
      {"urn:epcglobal:cbv:sdt:", "https://ref.gs1.org/cbv/SDT-"},
      {"urn:epcglobal:cbv:er:", "https://ref.gs1.org/cbv/ER-"},
  };
  for (auto const& [urn, web] : families) {
    if (text.starts_with(urn)) return std::string(web) + std::string(text.substr(urn.size()));
  }
  return std::string(text);
}

class Prehash {
 public:
  explicit Prehash(Context const& context) : context_(context) {}

  std::string event(Value const& event) const {
    std::string out = "eventType=" + std::string(stripped(event.string_of("type")));
    for (auto const& field : ordered_fields) {
      if (auto const* value = event.find(field.name)) out += standard(field, *value);
    }
    Lines rest;
    for (auto const& [name, value] : event.members) {
      if (is_in(ordered_fields, name) || is_unhashed(name)) continue;
      if (name == "bizTransactionList") {
        rest.push_back(pairs(name, "bizTransaction", Vocabulary::biz_transaction, value));
      } else if (name == "sourceList") {
        rest.push_back(pairs(name, "source", Vocabulary::source_destination, value));
      } else if (name == "destinationList") {
        rest.push_back(pairs(name, "destination", Vocabulary::source_destination, value));
      } else if (name == "ilmd") {
        rest.push_back(named(name, children(value)));
      } else {
        extension(name, value, rest);
      }
    }
    return out + joined(std::move(rest));
  }

 private:
  static bool is_in(std::span<Field const> fields, std::string_view name) {
    return std::ranges::find(fields, name, &Field::name) != fields.end();
  }
  static bool is_unhashed(std::string_view name) { return std::ranges::find(unhashed, name) != std::end(unhashed); }

  /// The name in front of what is not empty.
  static std::string named(std::string_view name, std::string content) {
    return content.empty() ? content : std::string(name) + content;
  }

  std::string scalar(Value const& value) const {
    switch (value.kind) {
      case Kind::boolean:
        return value.boolean ? "true" : "false";
      case Kind::number:
        return number_text(value.text).value_or(value.text);
      case Kind::string:
        return text(value.text);
      default:
        return {};
    }
  }

  std::string text(std::string_view raw) const {
    auto const trimmed = stripped(raw);
    if (auto number = number_text(trimmed)) return *std::move(number);
    // Where an event was read is mostly where it took place.
    if (trimmed == last_link_.first) return last_link_.second;
    auto link = canonical_link(trimmed);
    if (!link.empty()) {
      last_link_ = {trimmed, link};
      return link;
    }
    auto const colon = trimmed.find(':');
    bool const curie = colon != trimmed.npos && !context_.find(trimmed.substr(0, colon)).empty();
    return curie ? context_.expand(trimmed) : web_text(trimmed);
  }

  std::string word(Vocabulary vocabulary, Value const& value) const {
    auto const known = read_word(vocabulary, stripped(value.text), context_, "");
    return known ? word_uri(vocabulary, *known) : text(value.text);
  }

  std::string one(Field const& field, Value const& value) const {
    std::string content = field.form == Form::time   ? time_text(stripped(value.text))
                          : field.form == Form::word ? word(field.vocabulary, value)
                                                     : scalar(value);
    return content.empty() ? content : std::string(field.name) + "=" + content;
  }

  std::string standard(Field const& field, Value const& value) const {
    switch (field.form) {
      case Form::keys:
        return named(field.name, list(value, [&](Value const& item) { return one({"epc"}, item); }));
      case Form::quantities:
        return named(field.name, list(value, [&](Value const& item) { return quantity(item); }));
      case Form::place:
        return named(field.name, of_order(std::span<Field const>(place_fields), value));
      case Form::dispositions:
        return named(field.name, dispositions(value));
      case Form::sensors:
        return named(field.name, list(value, [&](Value const& item) { return sensor(item); }));
      default:
        if (value.is(Kind::array)) return list(value, [&](Value const& item) { return one(field, item); });
        return one(field, value);
    }
  }

  template <class Each>
  static std::string list(Value const& value, Each each) {
    Lines lines;
    for (auto const& item : value.items) lines.push_back(each(item));
    return joined(std::move(lines));
  }

  /// The fields of an object in their order, then its extensions, sorted.
  std::string of_order(std::span<Field const> fields, Value const& object) const {
    std::string out;
    for (auto const& field : fields) {
      if (auto const* value = object.find(field.name)) out += standard(field, *value);
    }
    Lines rest;
    for (auto const& [name, value] : object.members) {
      if (!is_in(fields, name)) extension(name, value, rest);
    }
    return out + joined(std::move(rest));
  }

  std::string quantity(Value const& element) const {
    return named("quantityElement", of_order(std::span<Field const>(quantity_fields), element));
  }

  std::string dispositions(Value const& value) const {
    std::string out;
    for (std::string_view const name : {"set", "unset"}) {
      Field const field{name, Form::word, Vocabulary::disposition};
      if (auto const* words = value.find(name)) out += standard(field, *words);
    }
    return out;
  }

  std::string sensor(Value const& element) const {
    std::string out;
    if (auto const* metadata = element.find("sensorMetadata")) {
      out += named("sensorMetadata", of_order(std::span<Field const>(metadata_fields), *metadata));
    }
    if (auto const* reports = element.find("sensorReport")) {
      out += list(*reports, [&](Value const& item) {
        return named("sensorReport", of_order(std::span<Field const>(report_fields), item));
      });
    }
    Lines rest;
    for (auto const& [name, value] : element.members) {
      if (name != "sensorMetadata" && name != "sensorReport") extension(name, value, rest);
    }
    return named("sensorElement", out + joined(std::move(rest)));
  }

  std::string pairs(std::string_view name, std::string_view id, Vocabulary vocabulary, Value const& value) const {
    return named(name, list(value, [&](Value const& item) {
                   std::string out;
                   if (auto const* type = item.find("type")) out += one({"type", Form::word, vocabulary}, *type);
                   if (auto const* target = item.find(id)) out += one({id}, *target);
                   return out;
                 }));
  }

  /// "{namespace}name" of a declared prefix; the name itself otherwise.
  std::string key(std::string_view name) const {
    auto const colon = name.find(':');
    auto const iri = colon == name.npos ? std::string_view{} : context_.find(name.substr(0, colon));
    if (iri.empty()) return std::string(name);
    return "{" + std::string(iri) + "}" + std::string(name.substr(colon + 1));
  }

  std::string children(Value const& object) const {
    Lines lines;
    for (auto const& [name, value] : object.members) extension(name, value, lines);
    return joined(std::move(lines));
  }

  /// Each element of a list is a line of its own; a list inside a list keeps its order, because there the place means
  /// something.
  void extension(std::string_view name, Value const& value, Lines& lines) const {
    if (is_comment(name) || value.is(Kind::null)) return;
    if (value.is(Kind::array)) {
      for (auto const& item : value.items) {
        if (!item.is(Kind::null)) lines.push_back(key(name) + content(item));
      }
      return;
    }
    lines.push_back(key(name) + content(value));
  }
  static bool is_comment(std::string_view name) { return name == "rdfs:comment" || name == "comment"; }

  std::string content(Value const& value) const {
    if (value.is(Kind::object)) return children(value);
    if (value.is(Kind::array)) {
      std::string out;
      for (auto const& item : value.items) out += content(item);
      return out;
    }
    auto written = scalar(value);
    return written.empty() ? written : "=" + written;
  }

  static constexpr Field place_fields[] = {{"id"}};
  static constexpr Field quantity_fields[] = {{"epcClass"}, {"quantity"}, {"uom"}};

  Context const& context_;
  /// As it stands in the event, and as it is hashed.
  mutable std::pair<std::string_view, std::string> last_link_;
};

constexpr std::string_view id_front = "ni:///sha-256;";
constexpr std::string_view id_back = "?ver=CBV2.0";

}  // namespace

std::string event_prehash(Value const& event, Context const& context) { return Prehash(context).event(event); }

base::Hash event_hash(Value const& event, Context const& context) {
  return crypto::sha256(base::bytes_of(event_prehash(event, context)));
}

std::string to_event_id(base::Hash const& hash) {
  return std::string(id_front) + base::to_hex(hash.view()) + std::string(id_back);
}

std::optional<base::Hash> from_event_id(std::string_view uri) {
  if (!uri.starts_with(id_front)) return std::nullopt;
  uri.remove_prefix(id_front.size());
  if (uri.ends_with(id_back)) uri.remove_suffix(id_back.size());
  if (uri.size() != 64) return std::nullopt;
  return base::Hash::from_text(uri);
}

}  // namespace gs1
