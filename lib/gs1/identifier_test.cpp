// SPDX-License-Identifier: Apache-2.0
#include "gs1/identifier.hpp"

#include <algorithm>
#include <sstream>

#include "gs1/digital_link.hpp"
#include "gs1/shared_test.hpp"

namespace gs1 {
namespace {

std::string code_of(std::string_view uri) {
  auto const key = read_key(uri, "epcList[0]");
  return key ? "" : std::string(base::name(key.error().code)) + " " + key.error().field;
}

TEST(Identifier, FormsOfOneKeyBecomeOneLink) {
  for (std::string_view const uri : {
           "urn:epc:id:sgtin:9521001.000010.S000042",
           "https://id.gs1.org/01/09521001000109/21/S000042",
           "http://id.gs1.org/01/09521001000109/21/S000042",
           "https://example.com/some/path/01/09521001000109/21/S000042?17=271231#x",
           "https://id.gs1.org/01/09521001000109/10/L1/21/S000042",
           "https://id.gs1.org/gtin/9521001000109/ser/S000042",
           "https://id.gs1.org/01/09521001000109/21/S00004%32",
       }) {
    auto const key = read_key(uri);
    ASSERT_TRUE(key) << uri;
    EXPECT_EQ(key->uri, "https://id.gs1.org/01/09521001000109/21/S000042") << uri;
    EXPECT_EQ(key->kind, KeyKind::item);
    EXPECT_EQ(key->primary, "09521001000109");
    EXPECT_EQ(key->qualifier, "S000042");
    EXPECT_EQ(class_of(*key), make_product("09521001000109"));
  }
}

TEST(Identifier, Kinds) {
  auto const kind = [](std::string_view uri) {
    auto const key = read_key(uri);
    EXPECT_TRUE(key) << uri;
    return key ? key->kind : KeyKind::plain;
  };
  EXPECT_EQ(kind("https://id.gs1.org/01/09521001000017/10/R2606"), KeyKind::lot);
  EXPECT_EQ(kind("https://id.gs1.org/01/09521001000109"), KeyKind::product);
  EXPECT_EQ(kind("https://id.gs1.org/00/095210010000000017"), KeyKind::sscc);
  EXPECT_EQ(kind("https://id.gs1.org/414/9521004000014"), KeyKind::site);
  EXPECT_EQ(kind("https://id.gs1.org/414/9521004000014/254/dock7"), KeyKind::site);
  EXPECT_EQ(kind("https://id.gs1.org/417/9521003000008"), KeyKind::party);
  EXPECT_EQ(kind("https://id.gs1.org/8004/9521016SNS0001"), KeyKind::device);
  EXPECT_EQ(kind("https://id.gs1.org/253/9521003000008SHIP0001"), KeyKind::document);
  EXPECT_EQ(kind("urn:epc:id:grai:4012345.66666.87"), KeyKind::other);
  EXPECT_EQ(kind("https://id.gs1.org/01/09521001000109/235/ABC"), KeyKind::other);
  EXPECT_EQ(kind("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), KeyKind::plain);
  EXPECT_EQ(kind("http://transaction.acme.com/po/12345678"), KeyKind::plain);
  EXPECT_EQ(kind("urn:epc:id:gid:95100000.12345.400"), KeyKind::plain);
}

TEST(Identifier, WrongKeysAreRefusedWithTheirField) {
  EXPECT_EQ(code_of("https://id.gs1.org/01/09521001000108/21/1"), "E_CHECK_DIGIT epcList[0]");
  EXPECT_EQ(code_of("https://partner.example/01/09521001000108"), "E_CHECK_DIGIT epcList[0]");
  EXPECT_EQ(code_of("https://id.gs1.org/00/095210010000000018"), "E_CHECK_DIGIT epcList[0]");
  EXPECT_EQ(code_of("https://id.gs1.org/01/0952100100010"), "E_CHECK_DIGIT epcList[0]");
  EXPECT_EQ(code_of("https://id.gs1.org/01/97803"), "E_EVENT_FORM epcList[0]");
  EXPECT_EQ(code_of("https://id.gs1.org/99/9780345418913"), "E_EVENT_FORM epcList[0]");
  EXPECT_EQ(code_of("https://id.gs1.org/01/09521001000109/21/" + std::string(21, 'x')), "E_EVENT_FORM epcList[0]");
  EXPECT_EQ(code_of("urn:epc:id:sgtin:9521001.00010.S1"), "E_EVENT_FORM epcList[0]");
  EXPECT_EQ(code_of("urn:epc:id:sgtin:9521001.000010"), "E_EVENT_FORM epcList[0]");
  EXPECT_EQ(code_of("urn:epc:idpat:sgtin:9521001.*.*"), "E_EVENT_FORM epcList[0]");
  EXPECT_EQ(code_of("42"), "E_EVENT_FORM epcList[0]");
  EXPECT_EQ(code_of("Hello World!"), "E_EVENT_FORM epcList[0]");
  EXPECT_EQ(code_of(""), "E_EVENT_FORM epcList[0]");
  EXPECT_EQ(code_of("https://example.com/" + std::string(600, 'x')), "E_EVENT_FORM epcList[0]");
}

TEST(Identifier, CompanyPrefixStandsAtTheStartOfThePrefixDigits) {
  EXPECT_EQ(prefix_digits(*read_key("https://id.gs1.org/01/09521001000109/21/1")), "9521001000109");
  EXPECT_EQ(prefix_digits(*read_key("https://id.gs1.org/00/095210010000000017")), "95210010000000017");
  EXPECT_EQ(prefix_digits(*read_key("https://id.gs1.org/414/9521004000014")), "9521004000014");
  EXPECT_EQ(prefix_digits(*read_key("urn:epc:id:grai:4012345.66666.87")), "401234566666387");
  EXPECT_EQ(prefix_digits(*read_key("https://id.gs1.org/8004/9521016SNS0001")), "9521016SNS0001");
  EXPECT_EQ(prefix_digits(*read_key("urn:uuid:1")), "");
}

TEST(Identifier, MakersGiveWhatIsRead) {
  EXPECT_EQ(make_lot("09521001000017", "R/26").uri, "https://id.gs1.org/01/09521001000017/10/R%2F26");
  for (auto const& key : {make_lot("09521001000017", "R/26"), make_item("09521001000109", "S(1)"),
                          make_site("9521004000014"), make_party("9521003000008"), make_product("09521001000109")}) {
    auto const read = read_key(key.uri);
    ASSERT_TRUE(read) << key.uri;
    EXPECT_EQ(read->uri, key.uri);
    EXPECT_EQ(read->kind, key.kind);
    EXPECT_EQ(read->qualifier, key.qualifier);
  }
}

TEST(Identifier, PublishedNormalisations) {
  if (!test::have_shared("digital-link/normalise.json")) return;
  auto const vectors = test::read_json("digital-link/normalise.json");
  EXPECT_GE(vectors.items.size(), 42U);
  for (auto const& vector : vectors.items) {
    EXPECT_EQ(canonical_link(vector.string_of("in")), vector.string_of("canonical")) << vector.string_of("in");
  }
}

/// What a published translation feeds in that is no URI: raw quotes, question marks, angle brackets or slashes inside a
/// value. The translation library takes it apart with patterns of its own; here such a text is no Digital Link.
bool is_malformed_link(std::string_view text) {
  return !is_uri_text(text) || text.find("//19") != text.npos || text.find('#') != text.npos;
}

TEST(Identifier, PublishedTranslations) {
  if (!test::have_shared("digital-link/translate-urn.json")) return;
  auto const vectors = test::read_json("digital-link/translate-urn.json");
  std::size_t compared = 0;
  std::size_t malformed = 0;
  for (auto const& vector : vectors.items) {
    auto const in = vector.string_of("in");
    auto const out = vector.string_of("out");
    ++compared;
    if (vector.string_of("op").starts_with("toURI")) {
      EXPECT_EQ(percent_decoded(canonical_link(in)), percent_decoded(out)) << in;
    } else if (is_malformed_link(in)) {
      ++malformed;
    } else {
      // Where the library looks the company prefix up in a table that is no open data, the vector's answer tells its
      // length.
      auto const dot = out.find('.');
      auto const urn = to_urn(find_key(in).value_or(Key{}), static_cast<unsigned>(dot - out.rfind(':', dot) - 1));
      EXPECT_EQ(urn ? percent_decoded(*urn) : base::to_string(urn.error()), percent_decoded(out)) << in;
    }
  }
  EXPECT_EQ(compared, vectors.items.size());
  EXPECT_LE(malformed, 9U);
}

TEST(Identifier, EveryUrnComesBack) {
  for (std::string_view const urn :
       {"urn:epc:id:sgtin:9521001.000010.S42",    "urn:epc:class:lgtin:9521001.000001.R2606",
        "urn:epc:idpat:sgtin:9521001.000010.*",   "urn:epc:id:sscc:9521001.0000000001",
        "urn:epc:id:sgln:9521004.00001.0",        "urn:epc:id:sgln:9521004.00001.dock%2F7",
        "urn:epc:id:pgln:9521003.00000",          "urn:epc:id:grai:9521003.66666.87",
        "urn:epc:idpat:grai:9521003.66666.*",     "urn:epc:id:giai:9521016.SNS0001",
        "urn:epc:id:gsrn:9521003.9876540000",     "urn:epc:id:gsrnp:9521003.0000098765",
        "urn:epc:id:gdti:9521003.00000.SHIP0001", "urn:epc:idpat:gdti:9521003.55555.*",
        "urn:epc:id:cpi:9521003.ABC.123",         "urn:epc:idpat:cpi:9521003.ABC.*",
        "urn:epc:id:sgcn:9521003.99999.44",       "urn:epc:id:ginc:9521003.333",
        "urn:epc:id:gsin:9521003.999987654",      "urn:epc:id:itip:9521003.012345.01.02.999",
        "urn:epc:id:upui:9521003.012345.AB12"}) {
    auto const key = read_key(urn);
    ASSERT_TRUE(key) << urn;
    auto const back = to_urn(*key, 7);
    ASSERT_TRUE(back) << urn;
    EXPECT_EQ(*back, urn);
    EXPECT_EQ(read_key(key->uri)->uri, key->uri);
  }
}

TEST(DigitalLink, PublishedLinks) {
  if (!test::have_shared("digital-link/parse.json")) return;
  auto const vectors = test::read_json("digital-link/parse.json");
  EXPECT_GE(vectors.items.size(), 60U);
  for (auto const& vector : vectors.items) {
    LinkOptions options;
    if (auto const* given = vector.find("options")) {
      auto const on = [&](std::string_view name) { return given->find(name) != nullptr && given->find(name)->boolean; };
      options = {on("convenience_alphas"), on("zero_suppressed_gtin"), on("unknown_ais")};
    }
    auto const uri = vector.string_of("uri");
    auto const elements = parse_link(uri, options);
    EXPECT_EQ(elements.has_value(), vector.find("valid")->boolean) << uri;
    EXPECT_EQ(elements ? element_string(*elements) : "", vector.string_of("elements")) << uri;
  }
}

TEST(DigitalLink, TheTableIsInOrder) {
  EXPECT_TRUE(std::ranges::is_sorted(identifier_table(), {}, &ApplicationIdentifier::first));
  EXPECT_EQ(find_identifier("3103")->format, "N6");
  EXPECT_EQ(find_identifier("3106"), nullptr);
  EXPECT_EQ(find_identifier("100"), nullptr);
  EXPECT_EQ(find_identifier("4"), nullptr);
  EXPECT_EQ(numeric_identifier("ser"), "21");
}

/// One line of the dictionary in our notation.
std::string format_of(std::vector<std::string>& words) {
  std::string out;
  while (!words.empty() && words.front().find_first_of("NXYZ") <= 1 && words.front().find('=') == std::string::npos) {
    std::string word = words.front();
    std::string tests;
    bool check = false;
    for (auto comma = word.find(','); comma != word.npos; comma = word.find(',', comma + 1)) {
      auto const test = word.substr(comma + 1, word.find(',', comma + 1) - comma - 1);
      check = check || test == "csum";
      // The list of company prefixes is no open data.
      if (test != "csum" && !test.starts_with("gcppos")) tests += ":" + test;
    }
    std::erase(tests, ']');
    word = word.substr(0, word.find(','));
    bool const optional = word.starts_with('[');
    std::erase_if(word, [](char c) { return c == '[' || c == ']'; });
    if (auto const dots = word.find(".."); dots != word.npos) word.replace(dots, 2, "<");
    out += word + (check ? "*" : "") + (optional ? "?" : "") + tests;
    words.erase(words.begin());
  }
  return out;
}

TEST(DigitalLink, TheTableIsTheDictionary) {
  if (!test::have_shared("digital-link/gs1-syntax-dictionary.txt")) return;
  std::ifstream in(test::shared() / "digital-link" / "gs1-syntax-dictionary.txt");
  std::size_t rows = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream split(line.substr(0, line.find('#')));
    std::vector<std::string> words{std::istream_iterator<std::string>(split), {}};
    if (words.empty()) continue;
    ++rows;
    std::string const first = words[0].substr(0, words[0].find('-'));
    std::string const last = words[0].substr(words[0].find('-') == std::string::npos ? 0 : words[0].find('-') + 1);
    auto const* row = find_identifier(first);
    ASSERT_NE(row, nullptr) << line;
    EXPECT_EQ(row->last, last);
    words.erase(words.begin());
    std::string flags;
    if (words[0].find_first_not_of("*?") == std::string::npos) {
      flags = words[0];
      words.erase(words.begin());
    }
    EXPECT_EQ(row->is(ApplicationIdentifier::fixed), flags.find('*') != flags.npos) << line;
    EXPECT_EQ(row->is(ApplicationIdentifier::attribute), flags.find('?') != flags.npos) << line;
    EXPECT_EQ(row->format, format_of(words)) << line;
    auto const key = std::ranges::find_if(words, [](auto const& word) { return word.starts_with("dlpkey"); });
    EXPECT_EQ(row->is(ApplicationIdentifier::key), key != words.end()) << line;
    EXPECT_EQ(row->qualifiers, key != words.end() && key->size() > 7 ? key->substr(7) : "") << line;
  }
  EXPECT_EQ(rows, static_cast<std::size_t>(identifier_table().end() - identifier_table().begin()));
}

}  // namespace
}  // namespace gs1
