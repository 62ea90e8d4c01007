#include "core/text/pronouncer.h"

#include "core/text/morphology.h"
#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

std::string Spell(const Pronunciation& pronunciation) {
  std::string out;
  for (const StressedPhoneme phoneme : pronunciation) {
    if (!out.empty()) out += ' ';
    AppendArpabet(phoneme, &out);
  }
  return out;
}

TEST(MorphologyTest, BuildsFromKnownParts) {
  const auto parts = [](const char* word) {
    const auto p = PronounceByParts(word, BuiltLexicon());
    return p ? Spell(*p) : "none";
  };
  EXPECT_EQ(parts("helloes"), "HH AH0 L OW1 Z");
  EXPECT_EQ(parts("rebooked"), "R IY0 B UH1 K T");
  EXPECT_EQ(parts("bananaphone's"), "B AH0 N AE1 N AH0 F OW2 N Z");
  EXPECT_EQ(parts("zxqv"), "none");
}

}  // namespace
}  // namespace m2tts
