#include "client/terminal.h"

#include <sys/ioctl.h>

#include <cstdlib>

namespace m2tts {

int TerminalColumns(int fd) {
  constexpr int kUsual = 80;
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const char* const columns = std::getenv("COLUMNS");
  const int given = columns == nullptr ? 0 : std::atoi(columns);
  return given > 0 ? given : kUsual;
}

}  // namespace m2tts
