#include "core/text/letter_name.h"

#include <array>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

std::array<Pronunciation, 26> MakeLetterNames() {
  constexpr std::array<std::string_view, 26> kNames = {"EY1",
                                                       "B IY1",
                                                       "S IY1",
                                                       "D IY1",
                                                       "IY1",
                                                       "EH1 F",
                                                       "JH IY1",
                                                       "EY1 CH",
                                                       "AY1",
                                                       "JH EY1",
                                                       "K EY1",
                                                       "EH1 L",
                                                       "EH1 M",
                                                       "EH1 N",
                                                       "OW1",
                                                       "P IY1",
                                                       "K Y UW1",
                                                       "AA1 R",
                                                       "EH1 S",
                                                       "T IY1",
                                                       "Y UW1",
                                                       "V IY1",
                                                       "D AH1 B AH0 L Y UW0",
                                                       "EH1 K S",
                                                       "W AY1",
                                                       "Z IY1"};
  std::array<Pronunciation, 26> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = *ParseArpabet(kNames[i]);
  return names;
}

}  // namespace

const Pronunciation& LetterName(char letter) {
  static const std::array<Pronunciation, 26> kNames = MakeLetterNames();
  return kNames[static_cast<size_t>(letter - 'a')];
}

Pronunciation SpellOut(std::string_view word) {
  Pronunciation out;
  for (const char c : word) {
    if (!IsLowerChar(c)) continue;
    const Pronunciation& name = LetterName(c);
    out.insert(out.end(), name.begin(), name.end());
  }
  return out;
}

}  // namespace m2tts
