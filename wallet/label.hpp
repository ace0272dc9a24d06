// SPDX-License-Identifier: Apache-2.0
#pragma once

// Printed labels as SVG: one QR code with its human-readable lines, or sheets of them. Sizes are physical (mm), shapes
// are one path, fonts are generic: a printer or a PDF writer needs nothing else.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "wallet/terminal.hpp"

namespace wallet {

constexpr std::size_t labels_max = 10'000;

struct Label {
  /// What the code holds.
  std::string url;
  QrCode code;
  /// The lines under it: "(01)…", "(21)…".
  std::vector<std::string> lines;
};

/// The label of an item, a lot, a unit or a place; E_EVENT_FORM, E_CHECK_DIGIT for text that is no GS1 key,
/// E_TOO_LARGE for a base that no code can hold.
base::Result<Label> make_label(std::string const& id, std::string const& base_url);
/// One label of 40 mm by 40 mm and the height of its lines.
std::string label_svg(Label const& label);
/// A4 pages of 3 by 5 labels with cutting marks at the corners of the grid.
std::vector<std::string> sheet_svgs(std::vector<Label> const& labels);

}  // namespace wallet
