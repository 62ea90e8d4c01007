#include "trainer/corpus/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>

namespace m2tts {

std::string FormatCorpusProgress(const CorpusProgress& progress) {
  std::string line = fmt::format("{} of {} sentences ({} kept), {:.2f} h of audio", progress.done,
                                 progress.total, progress.kept, progress.audio_seconds / 3600);
  if (!progress.finished()) {
    const int eta = static_cast<int>(std::lround(progress.eta_seconds));
    line += fmt::format(", ETA {}:{:02d}", eta / 60, eta % 60);
  }
  return line;
}

CorpusProgressFn PrintCorpusProgress(std::FILE* stream) {
  if (isatty(fileno(stream)) != 0) {
    return [stream](const CorpusProgress& progress) {
      fmt::print(stream, "\r\033[K{}{}", FormatCorpusProgress(progress), progress.finished() ? "\n" : "");
      std::fflush(stream);
    };
  }
  return [stream, tenth = size_t{0}](const CorpusProgress& progress) mutable {
    const size_t now = progress.total > 0 ? progress.done * 10 / progress.total : 10;
    if (now <= tenth) return;
    tenth = now;
    fmt::print(stream, "{}\n", FormatCorpusProgress(progress));
    std::fflush(stream);
  };
}

}  // namespace m2tts
