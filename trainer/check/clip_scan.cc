#include "trainer/check/clip_scan.h"

#include "core/base/parallel_for.h"
#include "trainer/data/features.h"

namespace m2tts {
namespace {

StatusOr<AudioMeasure> ReadAndMeasure(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const Audio audio, ReadAudioFile(path, kMaxRecordingSeconds));
  auto measure = MeasureAudio(audio);
  M2TTS_RETURN_IF_ERROR(Annotate(measure.status(), path.string()));
  return measure;
}

}  // namespace

std::vector<ScannedClip> ScanClips(std::vector<Clip> clips, const TextFrontend& frontend, int jobs,
                                   const CheckProgress& progress) {
  std::vector<ScannedClip> scanned(clips.size());
  Mutex mutex;
  size_t done = 0;
  (void)ParallelFor(clips.size(), jobs, [&](size_t i) {  // what is wrong with a clip is part of the result
    scanned[i].audio = ReadAndMeasure(clips[i].audio);
    scanned[i].text = MeasureText(frontend, clips[i].text);
    scanned[i].clip = std::move(clips[i]);
    MutexLock lock(&mutex);
    ++done;
    if (progress) progress(done, scanned.size());
    return OkStatus();
  });
  return scanned;
}

}  // namespace m2tts
