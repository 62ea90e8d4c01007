// Every connection is an open file, and systems give a process few of them unless it asks.
#pragma once

namespace m2tts {

// Raises the soft limit of open files to what this process may have, up to 65 536. Before the first connection.
void RaiseOpenFileLimit();

}  // namespace m2tts
