// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

namespace base {

std::string to_string(Error const& error) {
  std::string line{name(error.code)};
  if (!error.field.empty()) line += " " + error.field;
  if (!error.detail.empty()) line += ": " + error.detail;
  return line;
}

}  // namespace base
