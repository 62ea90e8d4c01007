// What a terminal is: how wide, and what may not reach it.
#pragma once

#include <string>

namespace m2tts {

// Columns of the terminal behind `fd`; where that is none, $COLUMNS, or 80.
int TerminalColumns(int fd);

// `text` of a daemon, a job or a file with blanks in place of the control characters (C0, DEL, C1) that could
// steer a terminal or forge a line. Everything from elsewhere that is printed for a person goes through here;
// JSON and text for scripts (--stage) stay as they are.
std::string Harmless(std::string text);

// The same for several lines: '\n' and '\t' stay.
std::string HarmlessLines(std::string text);

}  // namespace m2tts
