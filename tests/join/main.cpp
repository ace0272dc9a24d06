// SPDX-License-Identifier: Apache-2.0
// tally_join: four real validators under load, and a fifth node that is far behind them.
#include <charconv>
#include <cstdio>

#include "join/doctor.hpp"
#include "join/newcomer.hpp"

namespace join {
namespace {

constexpr char const* usage =
    "usage: tally_join [--doctor] [--blocks N] [--bytes B] [--port-shift P]\n"
    "\n"
    "Four validator processes with a past of N blocks go on under load; a fifth joins them by a snapshot. One of the\n"
    "four hands out altered parts, and the fifth is killed (kill -9) while it fetches. It must go on with what it "
    "has,\n"
    "refuse the liar, follow, come to the same results, and be needed for decisions once it is voted in.\n"
    "\n"
    "  --doctor        instead: tally doctor --deep must find every byte that is altered in the folder of a stopped\n"
    "                  node, and what it puts aside must come again, from the block log or from the other nodes\n"
    "  --blocks N      3000; a node's own limit for snapshots is 10,000 blocks, here a fifth of N at most\n"
    "  --bytes B       of the state, about; 64000000\n"
    "  --port-shift P  1500\n"
    "\n"
    "Exit: 0 all that came true, 1 not, 2 usage.\n";

std::optional<Options> read(int argc, char** argv) {
  Options out;
  for (int i = 1; i < argc; i += 2) {
    std::string_view const word = argv[i];
    if (word == "--doctor") {
      out.doctor = true;
      --i;
      continue;
    }
    std::string_view const value = i + 1 < argc ? argv[i + 1] : "";
    auto* const into = word == "--blocks"       ? &out.blocks
                       : word == "--bytes"      ? &out.bytes
                       : word == "--port-shift" ? &out.port_shift
                                                : nullptr;
    if (into == nullptr || value.empty()) return std::nullopt;
    auto const* const end = value.data() + value.size();
    if (std::from_chars(value.data(), end, *into).ptr != end) return std::nullopt;
  }
  if (out.blocks < 100 || out.port_shift > 20'000) return std::nullopt;
  return out;
}

}  // namespace
}  // namespace join

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  bool const help = argc == 2 && std::string_view(argv[1]) == "--help";
  auto const options = help ? std::nullopt : join::read(argc, argv);
  if (!options) {
    std::fputs(join::usage, help ? stdout : stderr);
    return help ? 0 : 2;
  }
  auto const done = options->doctor ? join::visit(*options) : join::join(*options);
  if (done) return 0;
  std::fprintf(stderr, "failed      %s\n", base::to_string(done.error()).c_str());
  return 1;
}
