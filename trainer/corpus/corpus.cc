#include "trainer/corpus/corpus.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <sstream>
#include <vector>

#include "core/base/file.h"
#include "core/base/file_lock.h"
#include "core/base/parallel_for.h"
#include "trainer/corpus/sentence_list.h"
#include "trainer/corpus/speech_engine.h"
#include "trainer/corpus/wav_check.h"

namespace m2tts {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

// Enough that loading a voice costs little, few enough that progress moves.
constexpr size_t kChunk = 24;

// Whether all that `engine` makes of a sentence is there; the seconds of its WAV.
StatusOr<double> Made(const SpeechEngine& engine, const SpeechTask& task) {
  if (engine.writes_labels() && !IsFile(task.labels())) {
    return NotFound("{} is missing", task.labels().string());
  }
  return WavSeconds(task.wav);
}

// Which engine, voice and text a WAV was made from, by id.
using Sources = std::map<std::string, std::string>;

Sources ReadSources(const fs::path& path) {
  Sources sources;
  const StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) return sources;  // a first run; or everything is made anew
  std::istringstream lines(*content);
  for (std::string line; std::getline(lines, line);) {
    if (const size_t bar = line.find('|'); bar != std::string::npos)
      sources[line.substr(0, bar)] = line.substr(bar + 1);
  }
  return sources;
}

Status WriteSources(const fs::path& path, const Sources& sources) {
  std::string content;
  for (const auto& [id, source] : sources) content += fmt::format("{}|{}\n", id, source);
  return WriteFileAtomic(path, content);
}

// One run: what is shared by the threads, each of which drives one synthesizer at a time.
class CorpusRun {
 public:
  CorpusRun(const SpeechEngine& engine, fs::path wavs, const std::vector<const ListedSentence*>& missing,
            const CorpusProgress& start, const CorpusProgressFn& report)
      : engine_(engine), wavs_(std::move(wavs)), missing_(missing), report_(report), progress_(start) {}

  CorpusProgress Run(int jobs) {
    const size_t chunks = (missing_.size() + kChunk - 1) / kChunk;
    (void)ParallelFor(chunks, jobs, [this](size_t i) {
      SpeakChunk(i * kChunk, std::min((i + 1) * kChunk, missing_.size()));
      return OkStatus();  // a sentence that fails keeps no other from being read
    });
    MutexLock lock(&mutex_);
    return progress_;
  }

  Status FirstError() const {
    MutexLock lock(&mutex_);
    return first_error_;
  }

 private:
  void SpeakChunk(size_t begin, size_t end) {
    std::vector<SpeechTask> tasks;
    for (size_t i = begin; i < end; ++i) tasks.push_back({missing_[i], PartPath(*missing_[i])});
    Status engine_status = engine_.Speak(tasks);
    for (const SpeechTask& task : tasks) {
      StatusOr<double> seconds = Made(engine_, task);
      if (!seconds.ok()) {  // it may have fallen with another sentence of its chunk
        engine_status = engine_.Speak({task});
        seconds = Made(engine_, task);
      }
      Settle(task, engine_status, seconds);
    }
    MutexLock lock(&mutex_);
    progress_.elapsed_seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const size_t made = progress_.done - progress_.kept;
    progress_.eta_seconds =
        made > 0 ? progress_.elapsed_seconds / made * (progress_.total - progress_.done) : 0.0;
    if (report_) report_(progress_);
  }

  // Gives a whole WAV, and its labels, their final names, and counts it.
  void Settle(const SpeechTask& task, const Status& engine_status, const StatusOr<double>& seconds) {
    Status status = seconds.ok() ? OkStatus() : engine_status.ok() ? seconds.status() : engine_status;
    const SpeechTask final{task.sentence, wavs_ / (task.sentence->id + ".wav")};
    std::error_code error;
    if (status.ok()) {
      if (engine_.writes_labels()) fs::rename(task.labels(), final.labels(), error);
      if (!error) fs::rename(task.wav, final.wav, error);
      if (error) status = Internal("{}: {}", task.wav.string(), error.message());
    } else {
      fs::remove(task.wav, error);
      fs::remove(task.labels(), error);
    }
    MutexLock lock(&mutex_);
    if (status.ok()) {
      ++progress_.done;
      progress_.audio_seconds += *seconds;
    } else if (first_error_.ok()) {
      first_error_ = Annotate(status, fmt::format("sentence '{}'", task.sentence->id));
    }
  }

  fs::path PartPath(const ListedSentence& sentence) const {
    return wavs_ / ("." + sentence.id + ".part.wav");
  }

  const SpeechEngine& engine_;
  const fs::path wavs_;
  const std::vector<const ListedSentence*>& missing_;
  const CorpusProgressFn& report_;
  const Clock::time_point start_ = Clock::now();

  mutable Mutex mutex_;
  CorpusProgress progress_ ABSL_GUARDED_BY(mutex_);
  Status first_error_ ABSL_GUARDED_BY(mutex_);
};

Status MakeWritableFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !IsFolder(folder)) {
    return Errorf(StatusCode::kPermissionDenied, "cannot make the folder {}: {}", folder.string(),
                  error ? error.message() : "a file of this name is in the way");
  }
  if (access(folder.c_str(), W_OK) != 0) {
    return Errorf(StatusCode::kPermissionDenied, "cannot write into {}", folder.string());
  }
  return OkStatus();
}

}  // namespace

Status CorpusOptions::Validate() const {
  if (sentences_file.empty()) return InvalidArgument("sentences_file: no sentence list given");
  if (output_dir.empty()) return InvalidArgument("output_dir: no folder given");
  if (jobs < 0 || jobs > 256) return InvalidArgument("jobs: {} is outside [0, 256]", jobs);
  if (limit < 0) return InvalidArgument("limit: {} is negative", limit);
  return OkStatus();
}

StatusOr<CorpusProgress> MakeCorpus(const CorpusOptions& options, const CorpusProgressFn& progress) {
  M2TTS_RETURN_IF_ERROR(options.Validate());
  M2TTS_ASSIGN_OR_RETURN(std::vector<ListedSentence> sentences, ReadSentenceList(options.sentences_file));
  if (options.limit > 0 && sentences.size() > static_cast<size_t>(options.limit))
    sentences.resize(options.limit);
  M2TTS_ASSIGN_OR_RETURN(const std::unique_ptr<SpeechEngine> engine,
                         SpeechEngine::Create(options.engine, options.voice));
  std::error_code nowhere;
  const fs::path wavs = fs::absolute(options.output_dir, nowhere) / "wavs";
  if (nowhere) return NotFound("{}: {}", options.output_dir.string(), nowhere.message());
  M2TTS_RETURN_IF_ERROR(MakeWritableFolder(wavs));
  const auto lock = FileLock::Acquire(options.output_dir / "lock");
  if (lock.status().code() == StatusCode::kFailedPrecondition) {
    return Errorf(StatusCode::kFailedPrecondition,
                  "{}; a corpus is made there already: wait for it, or choose another folder with --output",
                  std::string(lock.status().message()));
  }
  M2TTS_RETURN_IF_ERROR(lock.status());

  // Stale WAVs go before the new sources are written, so a crash between leaves no wrong pair.
  Sources sources = ReadSources(options.output_dir / "sources.csv");
  CorpusProgress totals;
  totals.total = sentences.size();
  std::vector<const ListedSentence*> missing;
  for (const ListedSentence& sentence : sentences) {
    const SpeechTask made{&sentence, wavs / (sentence.id + ".wav")};
    const std::string source = fmt::format("{}|{}", engine->name(), sentence.text);
    std::string& recorded = sources[sentence.id];
    const StatusOr<double> seconds = Made(*engine, made);
    if (recorded == source && seconds.ok()) {
      ++totals.kept;
      totals.audio_seconds += *seconds;
      continue;
    }
    std::error_code ignored;
    fs::remove(made.wav, ignored);
    fs::remove(made.labels(), ignored);
    recorded = source;
    missing.push_back(&sentence);
  }
  totals.done = totals.kept;
  std::error_code ignored;
  if (!missing.empty()) fs::remove(options.output_dir / "metadata.csv", ignored);
  M2TTS_RETURN_IF_ERROR(WriteSources(options.output_dir / "sources.csv", sources));

  CorpusRun run(*engine, wavs, missing, totals, progress);
  totals = run.Run(options.jobs > 0 ? options.jobs : BusyThreads());
  M2TTS_RETURN_IF_ERROR(Annotate(run.FirstError(), fmt::format("{} of {} sentences were not read; the first",
                                                               totals.total - totals.done, totals.total)));

  std::string metadata;
  for (const ListedSentence& sentence : sentences)
    metadata += fmt::format("{0}|{1}|{1}\n", sentence.id, sentence.text);
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(options.output_dir / "metadata.csv", metadata));
  return totals;
}

}  // namespace m2tts
