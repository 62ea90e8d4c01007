#include "trainer/check/text_measure.h"

#include <utf8proc.h>

#include <functional>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

// Calls `visit` with each code point, -1 for a byte that is no UTF-8, and its bytes.
void ForEachCharacter(std::string_view text, const std::function<void(int32_t, std::string_view)>& visit) {
  while (!text.empty()) {
    utf8proc_int32_t code = -1;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                         static_cast<utf8proc_ssize_t>(text.size()), &code);
    const size_t bytes = length > 0 ? static_cast<size_t>(length) : 1;
    visit(length > 0 ? code : -1, text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
}

bool IsUsual(std::string_view character) {
  constexpr std::string_view kUsual = " .,;:!?'\"()-";
  return character.size() == 1 &&
         (IsAlnumChar(character[0]) || kUsual.find(character[0]) != std::string_view::npos);
}

bool IsControl(int32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

}  // namespace

StatusOr<TextMeasure> MeasureText(const TextFrontend& frontend, const std::string& text) {
  M2TTS_ASSIGN_OR_RETURN(const auto reader, frontend.Read(text));
  TextMeasure measure;
  const auto warn = [&measure](const TextWarning& warning) {
    if (warning.kind == TextWarning::Kind::kUnsupportedScript) measure.unread.push_back(warning.message);
  };
  while (const auto sentence = reader->Next()) {
    for (const Phoneme& phoneme : sentence->phonemes) measure.phonemes += phoneme.word >= 0 ? 1 : 0;
    for (const Word& word : sentence->words) {
      ++measure.words;
      if (word.pronunciation == PronunciationSource::kModel) measure.guessed.push_back(word.text);
    }
    for (const TextWarning& warning : sentence->warnings) warn(warning);
  }
  for (const TextWarning& warning : reader->trailing_warnings()) warn(warning);
  if (measure.phonemes == 0) return InvalidArgument("nothing to say in '{}'", text);
  ForEachCharacter(Trim(text), [&measure](int32_t, std::string_view character) {
    ++measure.characters;
    if (!IsUsual(character)) ++measure.unusual[std::string(character)];
  });
  return measure;
}

std::string Printable(const std::string& text) {
  std::string out;
  ForEachCharacter(text, [&out](int32_t code, std::string_view character) {
    out += IsControl(code) ? "?" : std::string(character);
  });
  return out;
}

}  // namespace m2tts
