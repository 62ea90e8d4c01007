// Where synthesized audio goes: a file, standard output, a player.
//
// A sink is used by one thread: Write() any number of times, then Finish(). One that is destroyed
// without Finish() leaves nothing behind.
#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "core/base/status.h"

namespace m2tts {

class AudioSink {
 public:
  virtual ~AudioSink() = default;
  // The next bytes of the encoded audio.
  virtual Status Write(std::string_view bytes) = 0;
  // The audio is complete: makes it visible, or waits until it was heard.
  virtual Status Finish() = 0;
};

// A temporary file beside `path`, renamed over it by Finish(). With `is_wav` the sizes in the header
// are made exact first. A path that exists and is no regular file (/dev/null, a FIFO) is written
// directly. Errors name the path.
StatusOr<std::unique_ptr<AudioSink>> OpenFileSink(const std::filesystem::path& path, bool is_wav);

// `out` must outlive the sink; each write is flushed.
std::unique_ptr<AudioSink> MakeStreamSink(std::ostream* out);

// A WAV player found on $PATH: aplay, afplay, paplay or ffplay. Those that can play from a pipe begin
// with the first chunk. UNAVAILABLE when there is none.
StatusOr<std::unique_ptr<AudioSink>> OpenPlayerSink();

}  // namespace m2tts
