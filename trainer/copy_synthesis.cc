#include "trainer/copy_synthesis.h"

#include "core/device/guard.h"
#include "core/voice/voice_bundle.h"

namespace m2tts {

StatusOr<std::unique_ptr<CopySynthesis>> CopySynthesis::Load(const std::filesystem::path& voice,
                                                             const std::string& vocoder) {
  M2TTS_ASSIGN_OR_RETURN(const VoiceBundle bundle, LoadVoiceBundle(voice));
  M2TTS_ASSIGN_OR_RETURN(auto model,
                         M2TTSModel::Create(bundle.manifest.model, bundle.manifest.audio, vocoder));
  M2TTS_RETURN_IF_ERROR(model->LoadWeights(bundle.weights));
  model->Eval();
  model->Settle();
  return std::unique_ptr<CopySynthesis>(new CopySynthesis(std::move(model), bundle.manifest.audio));
}

StatusOr<std::vector<float>> CopySynthesis::Speak(const std::vector<float>& recording) {
  return Guard("copy-synthesis", [&]() -> StatusOr<std::vector<float>> {
    c10::InferenceMode inference;
    const auto frames = static_cast<int64_t>(recording.size()) / hop_;
    if (frames == 0) return InvalidArgument("the recording is shorter than one frame");
    const auto mel = mel_(torch::tensor(recording).unsqueeze(0)).narrow(2, 0, frames).transpose(1, 2);
    const auto wave = model_->vocoder->forward(mel.contiguous())[0].contiguous();
    return std::vector<float>(wave.data_ptr<float>(), wave.data_ptr<float>() + wave.numel());
  });
}

}  // namespace m2tts
