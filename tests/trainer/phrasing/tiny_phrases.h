// A tiny language in which a pause stands before each preposition that begins a phrase of three words, and a
// model of it.
#pragma once

#include <string>
#include <vector>

#include "trainer/phrasing/phrasing_training.h"

namespace m2tts {

inline constexpr char kTinyText[] =
    "# a comment\n"
    "the/dt dog/nn saw/vbd a/dt cat/nn | in/in the/dt garden/nn\n"
    "\n"
    "a/dt man/nn walked/vbd the/dt dog/nn | by/in the/dt river/nn\n"
    "the/dt man/nn 's/pos cat/nn , the/dt dog/nn saw/vbd a/dt house/nn | in/in the/dt river/nn\n"
    "the/dt cat/nn walked/vbd a/dt house/nn | by/in a/dt garden/nn\n"
    "a/dt saw/nn\n"
    "the/dt house/nn in/in a/dt garden/nn\n";

inline std::vector<TaggedSentence> TinySentences() {
  return ParseTaggedText(kTinyText, "tiny").value();
}

// The bytes of a model of it.
inline const std::string& TinyPhraseModel() {
  static const auto* const bytes = new std::string(TrainPhrasing(TinySentences(), {}, nullptr).value());
  return *bytes;
}

}  // namespace m2tts
