#include "trainer/speak.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "core/text/voice_text.h"

namespace m2tts {

StatusOr<std::string> SpokenWords(const TextFrontend& frontend, const std::string& text) {
  M2TTS_ASSIGN_OR_RETURN(const auto reader, frontend.Read(text));
  std::string words;
  while (const auto sentence = reader->Next()) {
    for (const Word& word : sentence->words) words += (words.empty() ? "" : " ") + word.text;
  }
  return words;
}

StatusOr<std::unique_ptr<Speaker>> Speaker::Load(const std::filesystem::path& voice,
                                                 const std::filesystem::path& lexicon,
                                                 const SynthesizerOptions& options) {
  std::unique_ptr<Speaker> speaker(new Speaker);
  TextFrontendOptions text;
  text.lexicon_path = lexicon;
  M2TTS_ASSIGN_OR_RETURN(speaker->frontend_, TextFrontend::Create(text));
  M2TTS_ASSIGN_OR_RETURN(speaker->synthesizer_, Synthesizer::Load(voice, options));
  M2TTS_ASSIGN_OR_RETURN(speaker->reading_,
                         ReadVoiceText(voice, speaker->synthesizer_->manifest().phrase_breaks));
  return speaker;
}

StatusOr<std::vector<float>> Speaker::Say(const std::string& text, const SynthesisControls& controls) {
  M2TTS_RETURN_IF_ERROR(controls.Validate(static_cast<int>(synthesizer_->manifest().speakers.size())));
  M2TTS_ASSIGN_OR_RETURN(const auto reader, frontend_->Read(text, reading_));
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

StatusOr<int> Speaker::Index(const std::string& name) const {
  const auto& names = synthesizer_->manifest().speakers;
  const auto found = std::find(names.begin(), names.end(), name);
  if (name.empty()) return 0;
  if (found != names.end()) return static_cast<int>(found - names.begin());
  return InvalidArgument("speaker: '{}' is not one of {}", name, fmt::join(names, ", "));
}

}  // namespace m2tts
