#include "trainer/data/predicted_mels.h"

#include <algorithm>

#include "core/base/file.h"
#include "core/device/guard.h"
#include "trainer/data/batch.h"
#include "trainer/export/stage_weights.h"

namespace m2tts {
namespace {

bool HasAll(const SafetensorsFile& file, const Corpus& corpus) {
  return std::all_of(corpus.utterances.begin(), corpus.utterances.end(), [&](const Utterance& utterance) {
    if (utterance.durations.empty()) return true;  // left out
    const auto found = file.tensors.find(utterance.id);
    return found != file.tensors.end() && found->second.dim() == 2 &&
           found->second.size(0) == utterance.frames;
  });
}

// Index in the model of each speaker of the corpus.
StatusOr<std::vector<int64_t>> MatchSpeakers(const std::vector<std::string>& speakers,
                                             const std::vector<std::string>& model,
                                             const std::filesystem::path& source) {
  std::vector<int64_t> indices;
  for (const std::string& speaker : speakers) {
    const auto found = std::find(model.begin(), model.end(), speaker);
    if (found == model.end()) {
      return InvalidArgument("vocoder.predicted_by: {} has no speaker '{}'", source.string(), speaker);
    }
    indices.push_back(found - model.begin());
  }
  return indices;
}

}  // namespace

StatusOr<SafetensorsFile> PredictMels(const std::filesystem::path& source, const Corpus& corpus,
                                      const std::vector<std::string>& speakers,
                                      const std::filesystem::path& file) {
  if (std::filesystem::exists(file)) {
    auto kept = ReadSafetensors(file);
    if (kept.ok() && HasAll(*kept, corpus)) return kept;
  }
  M2TTS_ASSIGN_OR_RETURN(AcousticModel model, LoadAcousticModel(source));
  M2TTS_ASSIGN_OR_RETURN(const StageWeights found, LoadWeightsOf(source, "acoustic"));
  M2TTS_ASSIGN_OR_RETURN(const auto indices, MatchSpeakers(speakers, found.speakers, source));
  TensorMap mels;
  for (size_t i = 0; i < corpus.utterances.size(); ++i) {
    if (corpus.utterances[i].durations.empty()) continue;  // left out
    M2TTS_ASSIGN_OR_RETURN(AcousticBatch batch, MakeAcousticBatch(corpus, {static_cast<int>(i)}));
    batch.phonemes.speaker.fill_(indices[corpus.utterances[i].speaker]);
    M2TTS_RETURN_IF_ERROR(Guard("prediction of mels", [&]() -> Status {
      torch::NoGradGuard no_grad;
      const auto output =
          model->forward(batch.phonemes, batch.durations, batch.pitch, batch.frame_pitch, batch.energy);
      mels.emplace(corpus.utterances[i].id,
                   model->RestoreMel(output.mel, batch.phonemes.speaker)[0].to(torch::kHalf));
      return OkStatus();
    }));
  }
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, SerializeSafetensors(mels, {}));
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(file, bytes));
  return ReadSafetensors(file);
}

}  // namespace m2tts
