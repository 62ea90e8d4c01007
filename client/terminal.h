// The size of a terminal.
#pragma once

namespace m2tts {

// Columns of the terminal behind `fd`; where that is none, $COLUMNS, or 80.
int TerminalColumns(int fd);

}  // namespace m2tts
