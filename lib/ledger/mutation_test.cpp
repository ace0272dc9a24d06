// SPDX-License-Identifier: Apache-2.0
// Good proofs with bytes changed by chance: none is accepted. The other verifier makes the same changes from the same
// numbers (web/test/mutants.mjs) and must say the same word of each: TALLY_MUTANTS is their number, TALLY_MUTANT_WORDS
// the file that the words go to, one a line.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/view.hpp"
#include "gs1/json.hpp"
#include "ledger/golden_test.hpp"
#include "ledger/proof.hpp"

namespace ledger {
namespace {

struct Good {
  std::string subject;
  Anchor anchor;
  Bytes proof;
};

/// By name, those of a phone's size first engine, then the other's.
std::vector<Good> read_good() {
  std::vector<Good> out;
  for (auto const* folder : {"proof", "comet"}) {
    std::vector<std::filesystem::path> paths;
    auto const golden = std::filesystem::path(TALLY_SOURCE_DIR) / "tests/golden" / folder;
    for (auto const& entry : std::filesystem::directory_iterator(golden)) {
      auto const name = entry.path().filename().string();
      if (name.starts_with("good-") && !name.starts_with("good-large")) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (auto const& path : paths) {
      std::ifstream in(path, std::ios::binary);
      std::string const text{std::istreambuf_iterator<char>(in), {}};
      auto const value = gs1::parse_json(text).value();
      out.push_back({std::string(value.string_of("subject")),
                     {*Hash::from_text(value.string_of("chain")), *Hash::from_text(value.string_of("validators_hash"))},
                     base::from_hex(value.string_of("proof")).value()});
    }
  }
  return out;
}

/// Marsaglia's xorshift: the same numbers in every language.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : state_(seed * 2654435761u + 1) {}
  std::size_t below(std::size_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ % bound;
  }

 private:
  std::uint32_t state_;
};

using Offset = std::ptrdiff_t;

/// One change: a bit, a byte, a piece gone, a piece twice, two pieces of 32 bytes swapped, an end cut, a byte more.
void change(Bytes& bytes, Chance& chance) {
  auto const kind = chance.below(8);
  auto const at = chance.below(bytes.size());
  auto const size = std::min(bytes.size() - at, 1 + chance.below(64));
  auto const here = bytes.begin() + static_cast<Offset>(at);
  auto const end = here + static_cast<Offset>(size);
  if (kind <= 1) {
    *here = static_cast<std::uint8_t>(*here ^ 1u << chance.below(8));
  } else if (kind == 2) {
    *here = static_cast<std::uint8_t>(chance.below(256));
  } else if (kind == 3) {
    bytes.erase(here, end);
  } else if (kind == 4) {
    Bytes const piece(here, end);
    bytes.insert(end, piece.begin(), piece.end());
  } else if (kind == 5) {
    auto const other = chance.below(bytes.size());
    for (std::size_t i = 0; i < 32 && std::max(at, other) + i < bytes.size(); ++i) {
      std::swap(bytes[at + i], bytes[other + i]);
    }
  } else if (kind == 6) {
    bytes.resize(at);
  } else {
    bytes.insert(here, static_cast<std::uint8_t>(chance.below(256)));
  }
}

TEST(Mutants, AreNeverAccepted) {
  auto const* wanted = std::getenv("TALLY_MUTANTS");
  auto const* file = std::getenv("TALLY_MUTANT_WORDS");
  auto const count = static_cast<std::uint32_t>(wanted == nullptr ? 2000 : std::strtoul(wanted, nullptr, 10));
  std::ofstream words(file == nullptr ? "/dev/null" : file);
  auto const good = read_good();
  ASSERT_GT(good.size(), 15u);
  std::map<std::string, std::size_t> said;
  for (std::uint32_t i = 0; i < count; ++i) {
    Chance chance(i);
    auto const& of = good[chance.below(good.size())];
    auto bytes = of.proof;
    for (auto changes = 1 + chance.below(3); changes > 0 && !bytes.empty(); --changes) change(bytes, chance);
    auto const proof = base::decode<TraceProof>(bytes);
    auto const verdict = proof ? verify_trace(*proof, of.subject, of.anchor) : Verdict{};
    auto const said_word = bytes == of.proof ? "same" : proof ? std::string(word(verdict)) : "form";
    ++said[said_word];
    words << said_word << "\n";
    EXPECT_TRUE(bytes == of.proof || !proof || verdict.failed) << "mutant " << i << ": " << said_word;
  }
  for (auto const& [one, times] : said) std::printf("%8zu %s\n", times, one.c_str());
}

}  // namespace
}  // namespace ledger
