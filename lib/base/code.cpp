// SPDX-License-Identifier: Apache-2.0
#include "base/code.hpp"

namespace base {

std::string_view name(Code code) {
  switch (code) {
#define X(number, name, hint) \
  case Code::name:            \
    return #name;
    TALLY_CODES(X)
#undef X
  }
  return "unknown";
}

std::string_view hint(Code code) {
  switch (code) {
#define X(number, name, hint) \
  case Code::name:            \
    return hint;
    TALLY_CODES(X)
#undef X
  }
  return "";
}

bool known(std::uint16_t number) { return name(static_cast<Code>(number)) != "unknown"; }

}  // namespace base
