// SPDX-License-Identifier: Apache-2.0
#include "wallet/label.hpp"

#include <algorithm>

#include "gs1/digital_link.hpp"
#include "gs1/identifier.hpp"

namespace wallet {

namespace {

/// Lengths in tenths of a millimetre, so that all of them are whole numbers.
constexpr int code_size = 320;
constexpr int label_width = 400;
constexpr int margin = 40;
constexpr int line_height = 38;
constexpr int page_width = 2100;
constexpr int page_height = 2970;
constexpr int columns = 3;
constexpr int rows = 5;

std::string mm(int tenths) { return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "mm"; }

std::string escaped(std::string_view text) {
  std::string out;
  for (char const c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += c;
    }
  }
  return out;
}

int height_of(Label const& label) {
  return code_size + margin + line_height * static_cast<int>(label.lines.size()) + margin;
}

/// The code as runs of dark modules, in a coordinate system of modules with the quiet zone of four.
std::string code_path(Label const& label, int x, int y) {
  auto const& code = label.code;
  constexpr int quiet = 4;
  auto const side = code.width + 2 * quiet;
  std::string path;
  for (int row = 0; row < code.width; ++row) {
    for (int column = 0; column < code.width;) {
      int run = 0;
      while (column + run < code.width && code.is_dark(row, column + run)) ++run;
      if (run == 0) {
        ++column;
        continue;
      }
      path += "M" + std::to_string(column + quiet) + " " + std::to_string(row + quiet) + "h" + std::to_string(run) +
              "v1h-" + std::to_string(run) + "z";
      column += run;
    }
  }
  return "<svg x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" width=\"" + std::to_string(code_size) +
         "\" height=\"" + std::to_string(code_size) + "\" viewBox=\"0 0 " + std::to_string(side) + " " +
         std::to_string(side) + "\" shape-rendering=\"crispEdges\"><path d=\"" + path + "\"/></svg>";
}

std::string label_body(Label const& label, int x, int y) {
  std::string out = code_path(label, x + (label_width - code_size) / 2, y);
  int line_y = y + code_size + line_height;
  for (auto const& line : label.lines) {
    // A long line is set narrower rather than cut.
    bool const is_long = line.size() > 22;
    out +=
        "<text x=\"" + std::to_string(x + label_width / 2) + "\" y=\"" + std::to_string(line_y) +
        "\" text-anchor=\"middle\" font-family=\"monospace\" font-size=\"28\"" +
        (is_long ? " textLength=\"" + std::to_string(label_width - 20) + "\" lengthAdjust=\"spacingAndGlyphs\"" : "") +
        ">" + escaped(line) + "</text>";
    line_y += line_height;
  }
  return out;
}

std::string svg(int width, int height, std::string const& title, std::string const& body) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + mm(width) +
         "\" height=\"" + mm(height) + "\" viewBox=\"0 0 " + std::to_string(width) + " " + std::to_string(height) +
         "\"><title>" + escaped(title) + "</title><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>" + body +
         "</svg>\n";
}

}  // namespace

base::Result<Label> make_label(std::string const& id, std::string const& base_url) {
  bool const whole = id.starts_with("http") || id.starts_with("urn:");
  TRY_ASSIGN(auto const key, gs1::read_key(whole ? id : "https://id.gs1.org/" + id, id));
  auto const elements = gs1::parse_link(key.uri);
  if (key.kind == gs1::KeyKind::plain || !elements)
    return base::Error{base::Code::E_EVENT_FORM, id, "expected a GS1 key: 01/…/21/…, 01/…/10/…, 00/…"};
  Label out;
  auto stem = base_url;
  if (stem.ends_with('/')) stem.pop_back();
  out.url = stem + key.uri.substr(std::string_view("https://id.gs1.org").size());
  auto drawn = qr_code(out.url);
  if (!drawn) return base::Error{drawn.error().code, "--base", drawn.error().detail};
  out.code = *std::move(drawn);
  for (auto const& [ai, value] : *elements) out.lines.push_back("(" + ai + ")" + value);
  return out;
}

std::string label_svg(Label const& label) {
  return svg(label_width, height_of(label), label.url, label_body(label, 0, 0));
}

std::vector<std::string> sheet_svgs(std::vector<Label> const& labels) {
  constexpr int cell_width = page_width / columns;
  constexpr int cell_height = page_height / rows;
  std::vector<std::string> out;
  for (std::size_t first = 0; first < labels.size(); first += columns * rows) {
    std::string body;
    for (std::size_t i = first; i < std::min(labels.size(), first + columns * rows); ++i) {
      auto const place = static_cast<int>(i - first);
      int const x = place % columns * cell_width + (cell_width - label_width) / 2;
      int const y = place / columns * cell_height + (cell_height - height_of(labels[i])) / 2;
      body += label_body(labels[i], x, y);
    }
    for (int row = 1; row < rows; ++row) {
      for (int column = 1; column < columns; ++column) {
        body += "<path d=\"M" + std::to_string(column * cell_width - 20) + " " + std::to_string(row * cell_height) +
                "h40m-20 -20v40\" stroke=\"#999\" stroke-width=\"1\" fill=\"none\"/>";
      }
    }
    out.push_back(svg(page_width, page_height, "Labels, page " + std::to_string(out.size() + 1), body));
  }
  return out;
}

}  // namespace wallet
