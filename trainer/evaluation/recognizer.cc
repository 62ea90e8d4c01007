#include "trainer/evaluation/recognizer.h"

#include <algorithm>
#include <sstream>

#include "core/audio/codec.h"
#include "core/audio/resampler.h"
#include "core/base/file.h"
#include "core/base/parallel_for.h"
#include "core/base/program.h"
#include "trainer/corpus/process.h"

namespace m2tts {
namespace {

constexpr std::string_view kPlaceholder = "{wav}";

std::vector<std::string> Arguments(const std::string& command, const std::string& wav) {
  std::vector<std::string> arguments;
  std::istringstream words(command);
  for (std::string word; words >> word;) {
    if (const size_t at = word.find(kPlaceholder); at != std::string::npos) {
      word.replace(at, kPlaceholder.size(), wav);
    }
    arguments.push_back(std::move(word));
  }
  return arguments;
}

StatusOr<std::string> RecognizeOne(const std::filesystem::path& wav, const RecognizerOptions& options) {
  ProcessOptions process;
  process.timeout = options.timeout;
  M2TTS_ASSIGN_OR_RETURN(ProcessResult result, RunProcess(Arguments(options.command, wav.string()), process));
  if (!result.ok()) return Internal("recognizer on {}: {}", wav.filename().string(), result.Describe());
  std::replace(result.out.begin(), result.out.end(), '\n', ' ');
  return result.out;
}

bool Blank(const std::string& text) {
  return text.find_first_not_of(" \t\r") == std::string::npos;
}

}  // namespace

Status RecognizerOptions::Validate() const {
  if (command.find(kPlaceholder) == std::string::npos) {
    return InvalidArgument("recognizer command '{}' has no {} for the file to read", command, kPlaceholder);
  }
  if (const std::string program = Arguments(command, "")[0]; !ProgramExists(program)) {
    return NotFound(
        "recognizer '{}' is not installed; on Debian: apt install pocketsphinx pocketsphinx-en-us", program);
  }
  if (jobs < 1 || jobs > 256) return InvalidArgument("recognizer jobs: {} is outside [1, 256]", jobs);
  return OkStatus();
}

Status WriteRecognizerWav(const std::vector<float>& samples, int sample_rate,
                          const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> resampled, Resample(samples, sample_rate, kRecognizerRate));
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes,
                         EncodeAudio(resampled, kRecognizerRate, AudioEncoding::kWav));
  return WriteFileAtomic(path, bytes);
}

StatusOr<std::vector<std::string>> Recognize(const std::vector<std::filesystem::path>& wavs,
                                             const RecognizerOptions& options,
                                             const std::function<void(size_t)>& progress) {
  M2TTS_RETURN_IF_ERROR(options.Validate());
  std::vector<std::string> texts(wavs.size());
  Mutex mutex;
  size_t done = 0;
  M2TTS_RETURN_IF_ERROR(ParallelFor(wavs.size(), options.jobs, [&](size_t i) -> Status {
    M2TTS_ASSIGN_OR_RETURN(texts[i], RecognizeOne(wavs[i], options));
    MutexLock lock(&mutex);
    ++done;
    if (progress) progress(done);
    return OkStatus();
  }));
  if (!texts.empty() && std::all_of(texts.begin(), texts.end(), Blank)) {
    return Internal("recognizer '{}' printed nothing for any of {} files", options.command, wavs.size());
  }
  return texts;
}

}  // namespace m2tts
