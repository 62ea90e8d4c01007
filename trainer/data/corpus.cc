#include "trainer/data/corpus.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "core/base/mutex.h"
#include "core/text/frontend.h"

namespace m2tts {
namespace {

// A clip is one sentence for the model, however many the reader finds in it: the inner
// begin and end marks go, the pauses between stay.
StatusOr<Sentence> WholeClip(const TextFrontend& frontend, const std::string& text) {
  M2TTS_ASSIGN_OR_RETURN(auto reader, frontend.Read(text));
  Sentence whole;
  while (auto part = reader->Next()) {
    if (!whole.phonemes.empty()) whole.phonemes.pop_back();
    const auto offset = static_cast<int32_t>(whole.words.size());
    for (size_t i = whole.phonemes.empty() ? 0 : 1; i < part->phonemes.size(); ++i) {
      Phoneme phoneme = part->phonemes[i];
      if (phoneme.word >= 0) phoneme.word += offset;
      whole.phonemes.push_back(phoneme);
    }
    whole.words.insert(whole.words.end(), part->words.begin(), part->words.end());
  }
  if (whole.phonemes.empty()) return InvalidArgument("nothing to say in the transcript '{}'", text);
  return whole;
}

// The first error of any thread, and a count of what is done.
class ParallelProgress {
 public:
  ParallelProgress(size_t total, const LoadProgress& report) : total_(total), report_(report) {}
  void Done() {
    MutexLock lock(&mutex_);
    if (report_) report_(++done_, total_);
  }
  void Fail(const Status& status) {
    MutexLock lock(&mutex_);
    if (status_.ok()) status_ = status;
    failed_ = true;
  }
  bool failed() const { return failed_; }
  Status status() {
    MutexLock lock(&mutex_);
    return status_;
  }

 private:
  const size_t total_;
  const LoadProgress& report_;
  std::atomic<bool> failed_{false};
  Mutex mutex_;
  size_t done_ ABSL_GUARDED_BY(mutex_) = 0;
  Status status_ ABSL_GUARDED_BY(mutex_);
};

Status LoadClip(const Clip& clip, const TrainConfig& config, const TextFrontend& frontend,
                Utterance* utterance) {
  auto sentence = WholeClip(frontend, clip.text);
  M2TTS_RETURN_IF_ERROR(
      Annotate(sentence.status(), fmt::format("{}/metadata.csv:{}", config.data.root, clip.line)));
  utterance->id = clip.id;
  utterance->text = clip.text;
  utterance->sentence = *std::move(sentence);
  M2TTS_ASSIGN_OR_RETURN(utterance->features, LoadFeatures(clip.audio, config.audio, config.data.cache));
  return OkStatus();
}

bool Fits(const Utterance& utterance, const TrainConfig& config) {
  const double seconds = static_cast<double>(utterance.features.frames()) / config.audio.frames_per_second();
  // Alignment gives every phoneme at least one frame.
  const bool room = utterance.features.frames() >= static_cast<int64_t>(utterance.sentence.phonemes.size());
  return room && seconds >= config.data.min_seconds && seconds <= config.data.max_seconds;
}

// The held-out part: the `validation` clips whose ids hash lowest.
void Split(const TrainConfig& config, Corpus* corpus) {
  const auto count = static_cast<int>(corpus->utterances.size());
  const double share = std::min(0.5, static_cast<double>(config.data.validation) / count);
  for (int i = 0; i < count; ++i) {
    (IsHeldOut(corpus->utterances[i].id, share) ? corpus->validation : corpus->training).push_back(i);
  }
  if (corpus->validation.empty()) {
    corpus->validation.push_back(corpus->training.back());
    corpus->training.pop_back();
  }
}

CorpusStatistics Statistics(const Corpus& corpus, int n_mels) {
  const auto doubles = torch::TensorOptions().dtype(torch::kFloat64);
  auto sum = torch::zeros({n_mels}, doubles), squares = torch::zeros({n_mels}, doubles);
  double frames = 0, pitch_sum = 0, pitch_squares = 0, pitch_frames = 0;
  for (const int i : corpus.training) {
    const auto& features = corpus.utterances[i].features;
    const auto mel = features.mel.to(torch::kFloat64);
    sum += mel.sum(0);
    squares += mel.square().sum(0);
    frames += static_cast<double>(features.frames());
    const auto pitch = features.log_pitch.to(torch::kFloat64);
    if (pitch[0].item<double>() == 0.0) continue;  // never voiced
    pitch_sum += pitch.sum().item<double>();
    pitch_squares += pitch.square().sum().item<double>();
    pitch_frames += static_cast<double>(features.frames());
  }
  CorpusStatistics statistics;
  const auto mean = sum / frames;
  statistics.mel_mean = mean.to(torch::kFloat32);
  statistics.mel_deviation = (squares / frames - mean.square()).clamp_min(1e-4).sqrt().to(torch::kFloat32);
  if (pitch_frames > 0) {
    statistics.pitch_mean = pitch_sum / pitch_frames;
    const double variance = pitch_squares / pitch_frames - statistics.pitch_mean * statistics.pitch_mean;
    statistics.pitch_deviation = std::sqrt(std::max(variance, 1e-4));
  }
  return statistics;
}

}  // namespace

std::vector<int64_t> TrainingFrames(const Corpus& corpus) {
  std::vector<int64_t> frames;
  for (const int i : corpus.training) frames.push_back(corpus.utterances[i].features.frames());
  return frames;
}

StatusOr<Corpus> LoadCorpus(const TrainConfig& config, const std::filesystem::path& lexicon,
                            const LoadProgress& progress) {
  M2TTS_ASSIGN_OR_RETURN(auto clips, ReadLjspeech(config.data.root));
  if (config.data.limit > 0 && static_cast<int>(clips.size()) > config.data.limit)
    clips.resize(config.data.limit);
  TextFrontendOptions options;
  options.lexicon_path = lexicon;
  options.max_sentence_phonemes = 2000;
  M2TTS_ASSIGN_OR_RETURN(const auto frontend, TextFrontend::Create(options));

  std::vector<Utterance> loaded(clips.size());
  ParallelProgress state(clips.size(), progress);
  std::atomic<size_t> next{0};
  std::vector<std::thread> workers;
  for (unsigned w = 0; w < std::max(1u, std::thread::hardware_concurrency()); ++w) {
    workers.emplace_back([&] {
      for (size_t i = next++; i < clips.size() && !state.failed(); i = next++) {
        const Status status = LoadClip(clips[i], config, *frontend, &loaded[i]);
        if (!status.ok()) state.Fail(status);
        state.Done();
      }
    });
  }
  for (auto& worker : workers) worker.join();
  M2TTS_RETURN_IF_ERROR(state.status());

  Corpus corpus;
  for (auto& utterance : loaded) {
    if (Fits(utterance, config)) {
      corpus.utterances.push_back(std::move(utterance));
    } else {
      ++corpus.left_out;
    }
  }
  if (corpus.utterances.size() < 2) {
    return InvalidArgument("{}: {} of {} clips are usable; training needs at least 2", config.data.root,
                           corpus.utterances.size(), clips.size());
  }
  Split(config, &corpus);
  corpus.statistics = Statistics(corpus, config.audio.n_mels);
  return corpus;
}

}  // namespace m2tts
