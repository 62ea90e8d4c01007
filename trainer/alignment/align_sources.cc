#include "trainer/alignment/align_sources.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/file.h"
#include "trainer/alignment/voice_aligner.h"
#include "trainer/data/features.h"
#include "trainer/labels/label_file.h"
#include "trainer/labels/phone_match.h"

namespace m2tts {
namespace {

constexpr char kLabels[] = "labels";
constexpr double kMaxOverhang = 0.1;  // seconds by which labels may outlast their recording
constexpr double kMostMisfits = 0.1;  // of the clips of a source
constexpr size_t kMostNamed = 5;      // recordings without labels

struct Fit {
  int clips = 0;
  int misfits = 0;
  std::string first;  // misfit
};

// The voices that align, by source and speaker.
using Aligners = std::map<std::pair<std::string, int>, std::unique_ptr<VoiceAligner>>;

StatusOr<Aligners> LoadAligners(const TrainConfig& config, const Corpus& corpus) {
  Aligners aligners;
  for (const Utterance& utterance : corpus.utterances) {
    const std::string& by = config.data.sources[utterance.source].align_by;
    if (by.empty() || by == kLabels) continue;
    auto& aligner = aligners[{by, utterance.speaker}];
    if (aligner != nullptr) continue;
    M2TTS_ASSIGN_OR_RETURN(aligner, VoiceAligner::Load(by, config.speakers[utterance.speaker]));
  }
  return aligners;
}

// Durations of one utterance of a source that says align_by. FAILED_PRECONDITION: its labels do not fit.
StatusOr<std::vector<int64_t>> AlignOne(const TrainConfig& config, const Aligners& aligners,
                                        const Corpus& corpus, int item) {
  const Utterance& utterance = corpus.utterances[item];
  const DataSource& source = config.data.sources[utterance.source];
  if (source.align_by == kLabels) {
    M2TTS_ASSIGN_OR_RETURN(const auto path, FindLabels(source.root, utterance.recording, utterance.id));
    return AlignByLabels(utterance, path, config.audio);
  }
  M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, corpus.Features(item));
  const SpeechStatistics& statistics = corpus.statistics;
  const auto mel = (features.mel - statistics.mel_mean[utterance.speaker]) / statistics.mel_deviation;
  return aligners.at({source.align_by, utterance.speaker})->Align(utterance.sentence, mel);
}

}  // namespace

StatusOr<std::vector<int64_t>> AlignByLabels(const Utterance& utterance, const std::filesystem::path& labels,
                                             const AudioConfig& audio) {
  M2TTS_ASSIGN_OR_RETURN(const auto read, ReadLabels(labels));
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(utterance.recording));
  M2TTS_ASSIGN_OR_RETURN(const SoundSpan sound, FindSound(bytes, utterance.recording.string(), audio));
  if (read.back().end > sound.total + kMaxOverhang) {
    return InvalidArgument("{}: labels end at {:.3f} s, the recording {} at {:.3f} s", labels.string(),
                           read.back().end, utterance.recording.string(), sound.total);
  }
  M2TTS_ASSIGN_OR_RETURN(const auto seconds, MatchLabels(read, utterance.sentence, labels.string()));
  std::vector<int64_t> starts;
  for (const double start : seconds) {
    const auto frame = std::llround((start - sound.begin) * audio.frames_per_second());
    starts.push_back(std::clamp<int64_t>(frame, 0, utterance.frames));
  }
  return DurationsFromStarts(std::move(starts), utterance.frames);
}

Status CheckLabelFiles(const TrainConfig& config, const Corpus& corpus) {
  std::vector<std::string> missing;
  for (const Utterance& utterance : corpus.utterances) {
    const DataSource& source = config.data.sources[utterance.source];
    if (source.align_by != kLabels) continue;
    const auto path = FindLabels(source.root, utterance.recording, utterance.id);
    if (!path.ok()) missing.emplace_back(path.status().message());
  }
  if (missing.empty()) return OkStatus();
  const size_t all = missing.size();
  missing.resize(std::min(all, kMostNamed));
  return NotFound("{}{}", fmt::join(missing, "\n"),
                  all > kMostNamed ? fmt::format("\nand {} more like these", all - kMostNamed) : "");
}

StatusOr<SourceAlignment> AlignSources(const TrainConfig& config, Corpus* corpus,
                                       const LoadProgress& progress) {
  M2TTS_ASSIGN_OR_RETURN(const Aligners aligners, LoadAligners(config, *corpus));
  std::vector<int> items;
  for (size_t i = 0; i < corpus->utterances.size(); ++i) {
    if (!config.data.sources[corpus->utterances[i].source].align_by.empty())
      items.push_back(static_cast<int>(i));
  }
  std::vector<StatusOr<std::vector<int64_t>>> found(items.size());
  M2TTS_RETURN_IF_ERROR(ParallelForShown(items.size(), progress, [&](size_t i) -> Status {
    found[i] = AlignOne(config, aligners, *corpus, items[i]);
    return found[i].status().code() == StatusCode::kFailedPrecondition ? OkStatus() : found[i].status();
  }));
  SourceAlignment result;
  std::map<int, Fit> fits;  // by source
  for (size_t i = 0; i < items.size(); ++i) {
    Utterance& utterance = corpus->utterances[items[i]];
    Fit& fit = fits[utterance.source];
    ++fit.clips;
    if (found[i].ok()) {
      utterance.durations = *std::move(found[i]);
      ++result.aligned;
      continue;
    }
    utterance.durations.clear();  // that the aligner may have found for a wrong transcript
    result.misfits.emplace_back(found[i].status().message());
    if (fit.misfits++ == 0) fit.first = result.misfits.back();
  }
  for (const auto& [source, fit] : fits) {
    if (fit.misfits <= kMostMisfits * fit.clips) continue;
    return Errorf(StatusCode::kFailedPrecondition,
                  "{}: the labels of {} of {} clips do not fit their transcripts; the first: {}",
                  config.data.sources[source].root, fit.misfits, fit.clips, fit.first);
  }
  return result;
}

}  // namespace m2tts
