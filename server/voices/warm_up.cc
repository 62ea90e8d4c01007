#include "server/voices/warm_up.h"

#include <chrono>

#include "core/synthesizer.h"

namespace m2tts {

StatusOr<WarmUp> WarmUpVoice(const Voice& voice, const TextFrontend& frontend) {
  M2TTS_ASSIGN_OR_RETURN(const auto reader, frontend.Read("The quick brown fox jumps over the lazy dog."));
  const std::optional<Sentence> sentence = reader->Next();
  if (!sentence.has_value()) return Internal("the text front end reads nothing in the warm-up sentence");
  WarmUp result;
  for (int i = 0; i < 2; ++i) {
    const auto start = std::chrono::steady_clock::now();
    M2TTS_ASSIGN_OR_RETURN(const std::vector<float> samples,
                           SynthesizeSentence(voice.synthesizer.get(), *sentence, {}));
    result.device_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result.audio_seconds = static_cast<double>(samples.size()) / voice.sample_rate;
  }
  if (result.audio_seconds <= 0.0)
    return Internal("voice '{}' makes no audio of the warm-up sentence", voice.name);
  return result;
}

}  // namespace m2tts
