#include "server/voices/warm_up.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "core/synthesizer.h"

namespace m2tts {
namespace {

// `count` times the sentence, window by window.
Status SpeakTogether(Synthesizer* synthesizer, const Sentence& sentence, int count) {
  std::vector<std::unique_ptr<SentenceSynthesis>> begun;
  std::vector<SentenceSynthesis*> batch;
  for (int i = 0; i < count; ++i) {
    M2TTS_ASSIGN_OR_RETURN(auto synthesis, synthesizer->Begin(sentence, {}));
    batch.push_back(synthesis.get());
    begun.push_back(std::move(synthesis));
  }
  while (!batch.front()->done()) {
    if (batch.front()->size_class() == SentenceSynthesis::kAlone) return OkStatus();
    M2TTS_RETURN_IF_ERROR(synthesizer->Next(batch).status());
  }
  return OkStatus();
}

}  // namespace

StatusOr<WarmUp> WarmUpVoice(const Voice& voice, const TextFrontend& frontend, int max_batch) {
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
  for (int size = 2; max_batch > 1; size *= 2) {
    const Status spoken = SpeakTogether(voice.synthesizer.get(), *sentence, std::min(size, max_batch));
    // Requests whose batch does not fit are computed one by one.
    if (spoken.code() == StatusCode::kResourceExhausted) break;
    M2TTS_RETURN_IF_ERROR(spoken);
    if (size >= max_batch) break;
  }
  return result;
}

}  // namespace m2tts
