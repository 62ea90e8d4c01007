// Open files: every connection is one, and systems give a process few of them unless it asks. A server that
// has none left is deaf: gRPC stops to listen when it cannot accept a connection, and does not begin again
// (gRPC issue 20418), though those that are open go on.
#pragma once

namespace m2tts {

// Raises the soft limit to what this process may have, up to a million. Before the first connection.
void RaiseOpenFileLimit();

// Whether another file can be opened now, with a few to spare. Any thread.
bool HasOpenFilesLeft();

}  // namespace m2tts
