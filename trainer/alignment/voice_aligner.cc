#include "trainer/alignment/voice_aligner.h"

#include <algorithm>
#include <cmath>

#include "core/device/guard.h"
#include "core/model/length_regulator.h"
#include "core/sentence_batch.h"
#include "trainer/evaluation/dtw.h"
#include "trainer/export/stage_weights.h"

namespace m2tts {

StatusOr<std::unique_ptr<VoiceAligner>> VoiceAligner::Load(const std::filesystem::path& source,
                                                           const std::string& speaker) {
  M2TTS_ASSIGN_OR_RETURN(const StageWeights found, LoadWeightsOf(source, "acoustic"));
  M2TTS_ASSIGN_OR_RETURN(AcousticModel model, MakeAcousticModel(found, source));
  const auto named = std::find(found.speakers.begin(), found.speakers.end(), speaker);
  const int index = named == found.speakers.end() ? 0 : static_cast<int>(named - found.speakers.begin());
  return std::unique_ptr<VoiceAligner>(new VoiceAligner(std::move(model), index));
}

StatusOr<std::vector<int64_t>> VoiceAligner::Align(const Sentence& sentence, const torch::Tensor& mel) const {
  return Guard("alignment", [&]() -> StatusOr<std::vector<int64_t>> {
    torch::NoGradGuard no_grad;
    const PhonemeBatch batch = MakePhonemeBatch({&sentence}, {speaker_});
    const auto plan = model_->Predict(batch);
    std::vector<double> frames;
    const auto log_durations = plan.log_durations.contiguous();
    for (int64_t t = 0; t < log_durations.size(1); ++t) {
      frames.push_back(std::exp(static_cast<double>(log_durations.data_ptr<float>()[t])));
    }
    const std::vector<int64_t> spoken = RoundDurations(frames);
    const auto expanded = model_->Expand(plan, plan.pitch, torch::tensor(spoken).unsqueeze(0), batch.speaker);
    const auto mask = torch::ones({1, expanded.hidden.size(1), 1});
    const auto log_mel = model_->DecodeMel(expanded.hidden, expanded.position, mask, batch.speaker);
    const auto distance = torch::cdist(mel, model_->StandardizeMel(log_mel, batch.speaker)[0]).contiguous();
    const float* values = distance.data_ptr<float>();
    const auto rows = static_cast<size_t>(distance.size(0)), cols = static_cast<size_t>(distance.size(1));
    M2TTS_ASSIGN_OR_RETURN(const WarpingPath path, DynamicTimeWarp(rows, cols, [&](size_t i, size_t j) {
                             return static_cast<double>(values[i * cols + j]);
                           }));
    // The frame of the recording at which the voice comes to each phoneme.
    std::vector<int64_t> starts;
    int64_t begin = 0;
    auto pair = path.begin();
    for (const int64_t duration : spoken) {
      while (pair != path.end() && static_cast<int64_t>(pair->second) < begin) ++pair;
      starts.push_back(static_cast<int64_t>(pair == path.end() ? rows : pair->first));
      begin += duration;
    }
    return DurationsFromStarts(std::move(starts), static_cast<int64_t>(rows));
  });
}

std::vector<int64_t> DurationsFromStarts(std::vector<int64_t> starts, int64_t frames) {
  const auto count = static_cast<int64_t>(starts.size());
  std::vector<int64_t> durations(starts.size());
  starts.front() = 0;
  for (int64_t t = 1; t < count; ++t) starts[t] = std::max(starts[t], starts[t - 1] + 1);
  int64_t end = frames;
  for (int64_t t = count - 1; t >= 0; --t) {
    starts[t] = std::min(starts[t], end - 1);
    durations[t] = end - starts[t];
    end = starts[t];
  }
  return durations;
}

}  // namespace m2tts
