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

StatusOr<std::vector<float>> VoiceAligner::Align(const Sentence& sentence, const torch::Tensor& mel) const {
  return Guard("alignment", [&]() -> StatusOr<std::vector<float>> {
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
    std::vector<double> starts;
    int64_t begin = 0;
    auto pair = path.begin();
    for (const int64_t duration : spoken) {
      while (pair != path.end() && static_cast<int64_t>(pair->second) < begin) ++pair;
      starts.push_back(static_cast<double>(pair == path.end() ? rows : pair->first));
      begin += duration;
    }
    return DurationsFromStarts(std::move(starts), static_cast<int64_t>(rows));
  });
}

std::vector<float> DurationsFromStarts(std::vector<double> starts, int64_t frames) {
  std::vector<float> durations(starts.size());
  starts.front() = 0.0;
  for (size_t t = 1; t < starts.size(); ++t) starts[t] = std::max(starts[t], starts[t - 1] + 1.0);
  auto end = static_cast<double>(frames);
  for (size_t t = starts.size(); t-- > 0;) {
    starts[t] = std::min(starts[t], end - 1.0);
    durations[t] = static_cast<float>(end - starts[t]);
    end = starts[t];
  }
  return durations;
}

}  // namespace m2tts
