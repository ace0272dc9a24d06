// SPDX-License-Identifier: Apache-2.0
#include "testnet/likeness.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "base/time.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

/// GTINs, GLNs and SSCCs; a shorter number inside a link is an application identifier.
constexpr std::size_t key_digits_min = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// The words of a text and what stands between them, in turns; a point or comma between digits belongs to the number.
std::vector<std::string> pieces_of(std::string_view text) {
  std::vector<std::string> out(1);
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    bool const mark =
        (c == '.' || c == ',') && i > 0 && is_digit(text[i - 1]) && i + 1 < text.size() && is_digit(text[i + 1]);
    bool const in_word = mark || is_digit(c) || is_capital(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
    if (in_word != inside) out.emplace_back();
    inside = in_word;
    out.back() += c;
  }
  return out;
}

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return is_digit(c) || c == '.' || c == ','; });
}

/// "1,980" as it stands in JSON, "1000" of "1000x".
std::string plain(std::string word) {
  auto const end = word.find_first_not_of("0123456789.,");
  if (end != word.npos && end > 0 && is_digit(word[0])) word.resize(end);
  if (is_number(word)) std::erase(word, ',');
  return word;
}

/// A number, a serial, a code of an organisation, certificate or contract.
bool is_parameter(std::string_view word) {
  bool const code = word.size() > 2 && std::ranges::all_of(word, [](char c) { return is_capital(c) || c == '-'; });
  return code || std::ranges::any_of(word, is_digit);
}

Value const* events_in(Value const& journey) {
  auto const* out = journey.find("events");
  return out != nullptr && out->is(Value::Kind::array) ? out : nullptr;
}

/// The longest row of steps whose kinds come in both journeys one after the other, as indices.
std::vector<std::pair<std::size_t, std::size_t>> common(std::vector<Value> const& a, std::vector<Value> const& b) {
  auto const same = [&](std::size_t i, std::size_t j) { return a[i].string_of("kind") == b[j].string_of("kind"); };
  // By what is left of both.
  std::vector<std::vector<std::size_t>> length(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (auto i = a.size(); i-- > 0;) {
    for (auto j = b.size(); j-- > 0;)
      length[i][j] = same(i, j) ? length[i + 1][j + 1] + 1 : std::max(length[i + 1][j], length[i][j + 1]);
  }
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (same(i, j)) {
      out.emplace_back(i++, j++);
    } else if (length[i + 1][j] >= length[i][j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return out;
}

std::string number_of(Value const& event) {
  auto const* number = event.find("n");
  return number == nullptr ? std::string() : number->text;
}

bool equal(Value const& a, Value const& b) {
  auto const same = [](auto const& x, auto const& y) { return x.first == y.first && equal(x.second, y.second); };
  return a.kind == b.kind && a.boolean == b.boolean && a.text == b.text &&
         std::ranges::equal(a.items, b.items, equal) && std::ranges::equal(a.members, b.members, same);
}

}  // namespace

std::optional<std::map<std::string, std::string>> parameters_of(std::string_view known, std::string_view sentence) {
  auto const before = pieces_of(known);
  auto const after = pieces_of(sentence);
  std::map<std::string, std::string> out;
  if (before.size() != after.size()) return std::nullopt;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    auto const from = plain(before[i]);
    auto const to = plain(after[i]);
    if (!is_parameter(before[i]) || !is_parameter(after[i]) || is_number(from) != is_number(to)) return std::nullopt;
    // One word cannot become two.
    if (!out.try_emplace(from, to).second && out[from] != to) return std::nullopt;
  }
  return out;
}

Likeness::Likeness(Value const& home, Value const& mine) : same_(equal(home, mine)) {
  auto const* theirs = events_in(home);
  auto const* here = events_in(mine);
  if (theirs == nullptr || here == nullptr) return;
  for (auto const& event : theirs->items) kinds_[number_of(event)] = event.string_of("kind");
  for (auto const& [i, j] : common(theirs->items, here->items)) {
    steps_[number_of(theirs->items[i])] = number_of(here->items[j]);
    align(theirs->items[i], here->items[j]);
  }
  for (auto const& [name, value] : home.members) {
    auto const* other = mine.find(name);
    if (name != "events" && name != "title" && other != nullptr) align(value, *other);
  }
}

void Likeness::align(Value const& home, Value const& mine) {
  if (home.kind != mine.kind) return;
  for (auto const& [name, value] : home.members) {
    if (auto const* other = mine.find(name)) align(value, *other);
  }
  for (std::size_t i = 0; i < std::min(home.items.size(), mine.items.size()); ++i) align(home.items[i], mine.items[i]);
  if (!home.is(Value::Kind::string)) return;
  auto const from = file_time(home.text);
  auto const to = file_time(mine.text);
  if (from && to) times_.try_emplace(*from, *to);
  if (from || home.text == mine.text) return;
  auto const before = pieces_of(home.text);
  auto const after = pieces_of(mine.text);
  for (std::size_t i = 0; before.size() == after.size() && i < before.size(); ++i) {
    if (before[i] != after[i] && is_parameter(before[i])) words_.try_emplace(before[i], after[i]);
  }
}

void Likeness::learn(std::map<std::string, std::string> const& parameters) {
  parameters_.insert(parameters.begin(), parameters.end());
}

/// As far from the last time before it that both journeys have as it was.
ledger::TimeMs Likeness::time(ledger::TimeMs known) const {
  auto at = times_.upper_bound(known);
  if (times_.empty()) return known;
  if (at != times_.begin()) --at;
  return known + at->second - at->first;
}

std::string Likeness::words(std::string const& known) const {
  bool const is_link = known.find('/') != known.npos;
  std::string out;
  for (auto const& piece : pieces_of(known)) {
    auto const* found = &piece;
    bool const counts = !is_number(piece) || !is_link || piece.size() >= key_digits_min;
    if (auto const one = words_.find(piece); counts && one != words_.end()) found = &one->second;
    if (auto const one = parameters_.find(piece); counts && one != parameters_.end()) found = &one->second;
    out += *found;
  }
  return out;
}

/// A time, perhaps with "+ 40 min", "- 4 days" or the like behind it; or words.
std::string Likeness::text(std::string const& known) const {
  auto const space = std::min(known.find(' '), known.size());
  auto const base_ms = file_time(std::string_view(known).substr(0, space));
  if (!base_ms) return words(known);
  auto moved = time(*base_ms);
  if (space + 3 < known.size()) {
    auto const rest = words(known.substr(space + 3));
    auto const gap = std::min(rest.find(' '), rest.size());
    auto const unit = rest.substr(gap);
    auto const length = unit == " min" ? base::minute_ms : unit == " h" ? base::hour_ms : base::day_ms;
    auto const far = static_cast<ledger::TimeMs>(base::from_decimal(rest.substr(0, gap), 100'000).value_or(0)) * length;
    moved = known[space + 1] == '-' ? moved - far : moved + far;
  }
  return base::to_rfc3339(moved);
}

Result<Value> Likeness::member(std::string const& name, Value const& value) const {
  Value out = value;
  if (name == "before" || name == "like" || name == "again") {
    auto const found = steps_.find(value.text);
    if (same_ || value.text == "0") return out;
    if (found == steps_.end()) {
      auto const kind = kinds_.find(value.text);
      return Error{
          Code::E_FORM, name,
          "the journey has no step like number " + value.text + (kind == kinds_.end() ? "" : ", " + kind->second)};
    }
    out.text = found->second;
    return out;
  }
  if (name == "n" || name == "act" || name == "acts" || name == "events" || name == "readings") return out;
  if (value.is(Value::Kind::string)) out.text = text(value.text);
  if (value.is(Value::Kind::number) && parameters_.contains(value.text)) out.text = parameters_.at(value.text);
  for (auto& item : out.items) {
    TRY_ASSIGN(item, member("", item));
  }
  for (auto& [key, item] : out.members) {
    TRY_ASSIGN(item, member(key, item));
    key = words(key);
  }
  return out;
}

Result<Value> Likeness::played(Value const& entry) const {
  Value out = entry;
  for (auto& [name, value] : out.members) {
    if (name == "id" || name == "journey" || name == "attack" || name == "expected" || name == "elsewhere") continue;
    TRY_ASSIGN(value, member(name, value));
  }
  return out;
}

}  // namespace testnet
