// A tiny dictionary with regular spelling, and a model of it that trains in a moment.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "trainer/g2p/g2p_training.h"

namespace m2tts {

// "bat", "bats", "chat" ...: every letter pair of a few consonants and vowels. 330 words.
inline std::vector<DictionaryEntry> TinyDictionary() {
  struct Sound {
    const char* letters;
    const char* phonemes;
  };
  constexpr Sound kFirst[] = {{"b", "B"},   {"ch", "CH"}, {"d", "D"},    {"f", "F"},  {"m", "M"}, {"p", "P"},
                              {"sh", "SH"}, {"t", "T"},   {"st", "S T"}, {"ph", "F"}, {"z", "Z"}};
  constexpr Sound kVowels[] = {{"a", "AE1"}, {"e", "EH1"}, {"i", "IH1"}, {"oo", "UW1"}, {"u", "AH1"}};
  constexpr Sound kLast[] = {{"t", "T"}, {"n", "N"}, {"x", "K S"}, {"ck", "K"}, {"p", "P"}, {"ng", "NG"}};
  std::vector<DictionaryEntry> entries;
  for (const Sound& first : kFirst) {
    for (const Sound& vowel : kVowels) {
      for (const Sound& last : kLast) {
        entries.push_back(
            {std::string(first.letters) + vowel.letters + last.letters,
             {ParseArpabet(std::string(first.phonemes) + " " + vowel.phonemes + " " + last.phonemes)
                  .value()}});
      }
    }
  }
  return entries;
}

inline G2pOptions TinyOptions() {
  G2pOptions options;
  options.ngram.order = 4;
  options.tagger.width = 16;
  options.tagger.dilations = {1, 2};
  options.tagger.hashed_rows = 64;
  options.tagger.epochs = 8;
  options.tagger.batch_words = 16;
  options.tagger.learning_rate = 1e-2F;
  return options;
}

// The bytes of a model of TinyDictionary.
inline const std::string& TinyModel() {
  static const auto* const bytes =
      new std::string(TrainG2p(TinyDictionary(), TinyOptions(), nullptr).value());
  return *bytes;
}

inline std::string Spell(const Pronunciation& pronunciation) {
  std::string out;
  for (const StressedPhoneme phoneme : pronunciation) {
    if (!out.empty()) out += ' ';
    AppendArpabet(phoneme, &out);
  }
  return out;
}

}  // namespace m2tts
