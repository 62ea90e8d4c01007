#include "trainer/check/clip_scan.h"

#include <atomic>
#include <thread>

#include "core/base/mutex.h"

namespace m2tts {
namespace {

StatusOr<AudioMeasure> ReadAndMeasure(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const Audio audio, ReadAudioFile(path));
  auto measure = MeasureAudio(audio);
  M2TTS_RETURN_IF_ERROR(Annotate(measure.status(), path.string()));
  return measure;
}

}  // namespace

std::vector<ScannedClip> ScanClips(std::vector<Clip> clips, const TextFrontend& frontend, int jobs,
                                   const CheckProgress& progress) {
  std::vector<ScannedClip> scanned(clips.size());
  std::atomic<size_t> next{0};
  Mutex mutex;
  size_t done = 0;
  const auto work = [&] {
    for (size_t i = next++; i < clips.size(); i = next++) {
      scanned[i].audio = ReadAndMeasure(clips[i].audio);
      scanned[i].text = MeasureText(frontend, clips[i].text);
      scanned[i].clip = std::move(clips[i]);
      MutexLock lock(&mutex);
      ++done;
      if (progress) progress(done, scanned.size());
    }
  };
  std::vector<std::thread> workers;
  for (int job = 0; job < jobs; ++job) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  return scanned;
}

}  // namespace m2tts
