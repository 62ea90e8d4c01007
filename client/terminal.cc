#include "client/terminal.h"

#include <sys/ioctl.h>

#include <cstdlib>
#include <utility>

namespace m2tts {
namespace {

std::string WithoutControls(std::string text, bool keep_lines) {
  unsigned char before = 0;
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool kept = keep_lines && (c == '\n' || c == '\t');
    // U+0080 to U+009F, of which one begins an escape sequence, are C2 80 to C2 9F in UTF-8. What stays of
    // them is U+00A0, a blank that does not break.
    if (before == 0xc2 && byte >= 0x80 && byte < 0xa0) c = '\xa0';
    if ((byte < 0x20 && !kept) || byte == 0x7f) c = ' ';
    before = byte;
  }
  return text;
}

}  // namespace

int TerminalColumns(int fd) {
  constexpr int kUsual = 80;
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* const columns = std::getenv("COLUMNS");
  const int given = columns == nullptr ? 0 : std::atoi(columns);
  return given > 0 ? given : kUsual;
}

std::string Harmless(std::string text) {
  return WithoutControls(std::move(text), /*keep_lines=*/false);
}

std::string HarmlessLines(std::string text) {
  return WithoutControls(std::move(text), /*keep_lines=*/true);
}

}  // namespace m2tts
