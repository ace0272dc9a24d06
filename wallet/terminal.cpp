// SPDX-License-Identifier: Apache-2.0
#include "wallet/terminal.hpp"

#include <qrencode.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace wallet {

std::string shown(std::string_view text) {
  auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool const control = byte(i) < 0x20 || byte(i) == 0x7f;
    bool const c1 = byte(i) == 0xc2 && byte(i + 1) >= 0x80 && byte(i + 1) < 0xa0;
    // U+200E, U+200F, U+202A to U+202E; U+2066 to U+2069.
    bool const turns = byte(i) == 0xe2 && ((byte(i + 1) == 0x80 && (byte(i + 2) == 0x8e || byte(i + 2) == 0x8f ||
                                                                    (byte(i + 2) >= 0xaa && byte(i + 2) <= 0xae))) ||
                                           (byte(i + 1) == 0x81 && byte(i + 2) >= 0xa6 && byte(i + 2) <= 0xa9));
    out += control || c1 || turns ? std::string("\xef\xbf\xbd") : std::string(1, text[i]);
    i += turns ? 2u : c1 ? 1u : 0u;
  }
  return out;
}

Exit report(base::Error const& error, std::string const& next) {
  auto const line = [](char const* word, std::string const& text) {
    if (!text.empty()) std::fprintf(stderr, "       %-5s  %s\n", word, shown(text).c_str());
  };
  // What a transaction's bytes must look like helps nobody who mistyped something else.
  bool const elsewhere = error.code == base::Code::E_ENCODING && !error.detail.empty();
  auto const hint = elsewhere ? std::string() : std::string(base::hint(error.code));
  auto const what = error.detail.empty() ? hint : error.detail;
  std::fprintf(stderr, "%s  %s  %s\n", painted("31", "error").c_str(), std::string(base::name(error.code)).c_str(),
               shown(what).c_str());
  line("at", error.field);
  line("next", !next.empty() ? next : what == hint ? std::string{} : hint);
  if (error.code == base::Code::E_UNREACHABLE) return Exit::unreachable;
  return Exit::refused;
}

bool wants_colour() {
  char const* const no_colour = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0');
}

std::string painted(char const* code, std::string const& text) {
  return wants_colour() ? std::string("\033[") + code + "m" + shown(text) + "\033[0m" : shown(text);
}

base::Result<QrCode> qr_code(std::string const& content, bool for_print) {
  std::unique_ptr<QRcode, void (*)(QRcode*)> const made(
      QRcode_encodeString(content.c_str(), 0, for_print ? QR_ECLEVEL_M : QR_ECLEVEL_L, QR_MODE_8, 1), QRcode_free);
  if (made == nullptr) {
    std::string const most = for_print ? "2,331" : "2,953";
    return base::Error{base::Code::E_TOO_LARGE, "", "a QR code holds at most " + most + " bytes"};
  }
  QrCode out{made->width, {}};
  for (int i = 0; i < made->width * made->width; ++i) out.dark.push_back((made->data[i] & 1) != 0);
  return out;
}

base::Result<std::string> qr_text(std::string const& content, bool colour, bool inverted) {
  TRY_ASSIGN(auto const made, qr_code(content, false));
  constexpr int quiet = 4;
  int const width = made.width;
  auto const dark = [&](int row, int column) { return made.is_dark(row, column); };
  // By colour: black on white whatever the terminal's own are. Without: the light modules are drawn, for dark
  // terminals.
  bool const draws_dark = colour || inverted;
  std::string out;
  for (int row = -quiet; row < width + quiet; row += 2) {
    if (colour) out += "\033[30;107m";
    for (int column = -quiet; column < width + quiet; ++column) {
      bool const upper = dark(row, column) == draws_dark;
      bool const lower = dark(row + 1, column) == draws_dark && (draws_dark || row + 1 < width + quiet);
      out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    if (colour) out += "\033[0m";
    out += '\n';
  }
  return out;
}

}  // namespace wallet
