#include "trainer/speak.h"

namespace m2tts {

StatusOr<std::unique_ptr<Speaker>> Speaker::Load(const std::filesystem::path& voice,
                                                 const std::filesystem::path& lexicon,
                                                 const SynthesizerOptions& options) {
  std::unique_ptr<Speaker> speaker(new Speaker);
  TextFrontendOptions text;
  text.lexicon_path = lexicon;
  M2TTS_ASSIGN_OR_RETURN(speaker->frontend_, TextFrontend::Create(text));
  M2TTS_ASSIGN_OR_RETURN(speaker->synthesizer_, Synthesizer::Load(voice, options));
  return speaker;
}

StatusOr<std::vector<float>> Speaker::Say(const std::string& text, const SynthesisControls& controls) {
  M2TTS_ASSIGN_OR_RETURN(const auto reader, frontend_->Read(text));
  std::vector<float> wave;
  double pause = 0.0;
  bool spoken = false;
  while (const auto sentence = reader->Next()) {
    wave.resize(wave.size() + static_cast<size_t>(pause / controls.speed * sample_rate()), 0.0f);
    M2TTS_ASSIGN_OR_RETURN(const auto samples, SynthesizeSentence(synthesizer_.get(), *sentence, controls));
    wave.insert(wave.end(), samples.begin(), samples.end());
    pause = PauseAfter(*sentence);
    spoken = true;
  }
  if (!spoken) return InvalidArgument("text: nothing in it can be spoken");
  return wave;
}

}  // namespace m2tts
