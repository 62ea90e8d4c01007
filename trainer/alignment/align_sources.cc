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
  std::map<std::pair<std::string, int>, std::unique_ptr<VoiceAligner>> aligners;
  SourceAlignment result;
  std::map<int, Fit> fits;  // by source
  for (size_t i = 0; i < corpus->utterances.size(); ++i) {
    M2TTS_RETURN_IF_ERROR(progress(i, corpus->utterances.size()));
    Utterance& utterance = corpus->utterances[i];
    const DataSource& source = config.data.sources[utterance.source];
    if (source.align_by.empty()) continue;
    if (source.align_by == kLabels) {
      M2TTS_ASSIGN_OR_RETURN(const auto path, FindLabels(source.root, utterance.recording, utterance.id));
      auto durations = AlignByLabels(utterance, path, config.audio);
      Fit& fit = fits[utterance.source];
      ++fit.clips;
      if (durations.status().code() == StatusCode::kFailedPrecondition) {
        result.misfits.emplace_back(durations.status().message());
        if (fit.misfits++ == 0) fit.first = result.misfits.back();
        continue;
      }
      M2TTS_ASSIGN_OR_RETURN(utterance.durations, std::move(durations));
      ++result.aligned;
      continue;
    }
    ++result.aligned;
    auto& aligner = aligners[{source.align_by, utterance.speaker}];
    if (aligner == nullptr) {
      M2TTS_ASSIGN_OR_RETURN(aligner,
                             VoiceAligner::Load(source.align_by, config.speakers[utterance.speaker]));
    }
    M2TTS_ASSIGN_OR_RETURN(const ClipFeatures features, corpus->Features(static_cast<int>(i)));
    const SpeechStatistics& statistics = corpus->statistics;
    const auto mel = (features.mel - statistics.mel_mean[utterance.speaker]) / statistics.mel_deviation;
    M2TTS_ASSIGN_OR_RETURN(utterance.durations, aligner->Align(utterance.sentence, mel));
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
