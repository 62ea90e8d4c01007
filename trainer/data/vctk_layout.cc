#include <algorithm>

#include "core/base/file.h"
#include "trainer/data/layouts.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxTranscriptBytes = 1 << 16;

StatusOr<std::vector<fs::path>> Sorted(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  if (error) return NotFound("{}: {}", folder.string(), error.message());
  std::sort(entries.begin(), entries.end());
  return entries;
}

StatusOr<Clip> Row(const fs::path& root, const std::string& speaker, const fs::path& transcript) {
  Clip clip;
  clip.id = transcript.stem().string();
  clip.speaker = speaker;
  clip.where = transcript.string();
  M2TTS_ASSIGN_OR_RETURN(clip.text, ReadFile(transcript, kMaxTranscriptBytes));
  while (!clip.text.empty() && (clip.text.back() == '\n' || clip.text.back() == '\r')) clip.text.pop_back();
  M2TTS_RETURN_IF_ERROR(CheckClip(clip));
  for (const char* folder : {"wav48_silence_trimmed", "wav48", "wav"}) {
    for (const char* ending : {"_mic1.flac", ".wav", ".flac", "_mic2.flac"}) {
      clip.audio = root / folder / speaker / (clip.id + ending);
      if (IsFile(clip.audio)) return clip;
    }
  }
  return InvalidArgument("{}: no audio file of '{}' in wav48_silence_trimmed/, wav48/ or wav/ of {}",
                         clip.where, clip.id, root.string());
}

}  // namespace

StatusOr<std::vector<StatusOr<Clip>>> ReadVctk(const fs::path& root) {
  M2TTS_ASSIGN_OR_RETURN(const auto speakers, Sorted(root / "txt"));
  std::vector<StatusOr<Clip>> rows;
  for (const fs::path& speaker : speakers) {
    if (!IsFolder(speaker)) continue;
    M2TTS_ASSIGN_OR_RETURN(const auto transcripts, Sorted(speaker));
    for (const fs::path& transcript : transcripts) {
      if (transcript.extension() != ".txt") continue;
      rows.push_back(Row(root, speaker.filename().string(), transcript));
    }
  }
  return rows;
}

}  // namespace m2tts
