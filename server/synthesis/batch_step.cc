#include "server/synthesis/batch_step.h"

#include <algorithm>
#include <utility>

#include "core/synthesizer.h"

namespace m2tts {
namespace {

// One call of the model for the jobs of `group` (indices into `results`). When it fails with all of them,
// each is tried alone: a sentence that the model cannot speak, or for which memory is short, must not end its
// neighbours'.
void Speak(const std::vector<size_t>& group, const std::function<TimePoint()>& now,
           std::vector<StepResult>* results) {
  std::vector<SentenceSynthesis*> sentences;
  for (const size_t i : group) sentences.push_back((*results)[i].job->sentence());
  Synthesizer* const synthesizer = (*results)[group[0]].job->request().voice->synthesizer.get();
  const TimePoint start = now();
  StatusOr<std::vector<std::vector<float>>> windows = synthesizer->Next(sentences);
  const double seconds = std::chrono::duration<double>(now() - start).count();
  const StatusCode code = windows.status().code();
  if ((code == StatusCode::kInternal || code == StatusCode::kResourceExhausted) && group.size() > 1) {
    for (const size_t i : group) Speak({i}, now, results);
    return;
  }
  size_t total = 0;
  if (windows.ok()) {
    for (const auto& window : *windows) total += window.size();
  }
  for (size_t k = 0; k < group.size(); ++k) {
    StepResult& result = (*results)[group[k]];
    if (!windows.ok()) {
      result.job->Fail(windows.status(), seconds / static_cast<double>(group.size()));
      result.finished = true;
      continue;
    }
    std::vector<float>& samples = (*windows)[k];
    const double share =
        static_cast<double>(samples.size()) / static_cast<double>(std::max<size_t>(total, 1));
    result.audio_seconds = static_cast<double>(samples.size()) / result.job->request().voice->sample_rate;
    result.finished = result.job->Deliver(std::move(samples), seconds * share);
  }
}

}  // namespace

std::vector<StepResult> ComputeBatch(const std::vector<std::shared_ptr<SynthesisJob>>& jobs,
                                     const std::function<TimePoint()>& now) {
  std::vector<StepResult> results;
  std::vector<size_t> together;
  for (const auto& job : jobs) {
    results.push_back({job, 0.0, false});
    switch (job->Prepare()) {
      case SynthesisJob::Step::kEnded:
        results.back().finished = true;
        break;
      case SynthesisJob::Step::kNothing:
        break;
      case SynthesisJob::Step::kWindow:
        if (job->sentence()->size_class() == SentenceSynthesis::kAlone) {
          Speak({results.size() - 1}, now, &results);
        } else {
          together.push_back(results.size() - 1);
        }
        break;
    }
  }
  if (!together.empty()) Speak(together, now, &results);
  return results;
}

}  // namespace m2tts
