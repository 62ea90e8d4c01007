#include "client/timestamps/subtitle_cues.h"

#include <algorithm>
#include <cctype>

#include "core/base/utf8.h"

namespace m2tts {
namespace {

constexpr size_t kMaxCharacters = 84;

// Blanks and line breaks become one blank, none at the ends.
std::string OneLine(const std::string& text) {
  std::string line;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

class CueMaker {
 public:
  explicit CueMaker(const TimedSpeech& speech) : speech_(speech) {}

  std::vector<SubtitleCue> Make() {
    size_t word = 0;
    for (const v1::SentenceTiming& sentence : speech_.sentences) {
      const int64_t end = sentence.first_sample() + sentence.sample_count();
      std::vector<const v1::WordTiming*> words;
      for (; word < speech_.words.size() && speech_.words[word].first_sample() < end; ++word) {
        words.push_back(&speech_.words[word]);
      }
      AddSentence(sentence, words);
    }
    return std::move(cues_);
  }

 private:
  using Words = std::vector<const v1::WordTiming*>;

  void AddSentence(const v1::SentenceTiming& sentence, const Words& words) {
    const int64_t end = sentence.first_sample() + sentence.sample_count();
    size_t first = 0;  // of the cue
    for (size_t i = 1; i < words.size(); ++i) {
      if (!CanCutBefore(words, i) ||
          CountCharacters(Text(sentence, words, first, NextCut(words, i))) <= kMaxCharacters) {
        continue;
      }
      Add(words[first]->first_sample(), words[i]->first_sample(), Text(sentence, words, first, i));
      first = i;
    }
    const int64_t start = words.empty() ? sentence.first_sample() : words[first]->first_sample();
    Add(start, end, Text(sentence, words, first, words.size()));
  }

  // "$5" is two words of one place in the text.
  bool CanCutBefore(const Words& words, size_t i) const {
    return speech_.ssml || words[i]->source().begin() >= words[i - 1]->source().end();
  }
  size_t NextCut(const Words& words, size_t i) const {
    for (++i; i < words.size() && !CanCutBefore(words, i);) ++i;
    return i;
  }

  // Of the words [first, last) of a sentence, with the punctuation around them.
  std::string Text(const v1::SentenceTiming& sentence, const Words& words, size_t first, size_t last) const {
    if (speech_.ssml) {
      if (first == 0 && last == words.size()) return sentence.text();
      std::string text;
      for (size_t i = first; i < last; ++i) text += words[i]->text() + " ";
      return OneLine(text);
    }
    const int64_t begin = first == 0 ? sentence.source().begin() : words[first]->source().begin();
    const int64_t end = last == words.size() ? sentence.source().end() : words[last]->source().begin();
    const auto size = static_cast<int64_t>(speech_.text.size());
    if (begin < 0 || end > size || begin >= end) return "";
    return OneLine(speech_.text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  }

  void Add(int64_t first_sample, int64_t end_sample, std::string text) {
    if (text.empty()) return;
    cues_.push_back({speech_.Seconds(first_sample), speech_.Seconds(end_sample), std::move(text)});
  }

  const TimedSpeech& speech_;
  std::vector<SubtitleCue> cues_;
};

}  // namespace

std::vector<SubtitleCue> MakeSubtitleCues(const TimedSpeech& speech) {
  return CueMaker(speech).Make();
}

}  // namespace m2tts
