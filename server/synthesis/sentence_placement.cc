#include "server/synthesis/sentence_placement.h"

#include <algorithm>

#include "core/text/arpabet.h"

namespace m2tts {
namespace {

SpokenPhoneme PlacePhoneme(const Phoneme& phoneme, int64_t position, int64_t count) {
  SpokenPhoneme placed{"", position, count};
  AppendArpabet({phoneme.id, phoneme.stress}, &placed.symbol);
  return placed;
}

std::vector<SpokenWord> PlaceWords(const Sentence& sentence, const std::vector<int64_t>& phoneme_samples,
                                   int64_t offset, bool with_phonemes) {
  std::vector<SpokenWord> words;
  int64_t position = offset;
  int32_t current = -1;
  const size_t count = std::min(sentence.phonemes.size(), phoneme_samples.size());
  for (size_t i = 0; i < count; ++i) {
    const Phoneme& phoneme = sentence.phonemes[i];
    if (phoneme.word >= 0 && static_cast<size_t>(phoneme.word) < sentence.words.size()) {
      if (phoneme.word != current) {
        words.push_back({sentence.words[static_cast<size_t>(phoneme.word)], position, 0, {}});
      }
      words.back().sample_count = position + phoneme_samples[i] - words.back().first_sample;
      if (with_phonemes) words.back().phonemes.push_back(PlacePhoneme(phoneme, position, phoneme_samples[i]));
      current = phoneme.word;
    }
    position += phoneme_samples[i];
  }
  return words;
}

// Marks stand where the word after them begins, else where the word before them ends.
std::vector<SpokenMark> PlaceMarks(const Sentence& sentence, const std::vector<SpokenWord>& words,
                                   int64_t offset) {
  std::vector<SpokenMark> marks;
  for (const SentenceMark& mark : sentence.marks) {
    int64_t position = offset;
    if (mark.before_word < words.size()) {
      position = words[mark.before_word].first_sample;
    } else if (!words.empty()) {
      position = words.back().first_sample + words.back().sample_count;
    }
    marks.push_back({mark, position});
  }
  return marks;
}

}  // namespace

void PlaceSentence(const Sentence& sentence, const std::vector<int64_t>& phoneme_samples,
                   TimestampDetail detail, DeviceAudio* audio) {
  const auto offset = static_cast<int64_t>(audio->samples.size());
  std::vector<SpokenWord> words =
      PlaceWords(sentence, phoneme_samples, offset, detail == TimestampDetail::kPhonemes);
  audio->marks = PlaceMarks(sentence, words, offset);
  if (detail == TimestampDetail::kNone) return;
  int64_t samples = 0;
  for (const int64_t count : phoneme_samples) samples += count;
  audio->sentences.push_back({sentence.normalized, sentence.source, offset, samples});
  audio->words = std::move(words);
}

}  // namespace m2tts
