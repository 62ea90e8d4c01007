#include "core/text/frontend.h"

#include <thread>

#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

// Checks the layout that sentence.h promises.
void CheckLayout(const Sentence& s) {
  ASSERT_GE(s.phonemes.size(), 4u);
  EXPECT_EQ(s.phonemes.front().id, kBegin);
  EXPECT_EQ(s.phonemes.back().id, kEnd);
  EXPECT_FALSE(s.words.empty());
  int32_t word = 0;
  bool separator = true;
  for (size_t i = 1; i + 1 < s.phonemes.size(); ++i) {
    const Phoneme& p = s.phonemes[i];
    if (IsSpecial(p.id)) {
      EXPECT_FALSE(separator) << "two separators in a row";
      EXPECT_EQ(p.word, -1);
      EXPECT_GE(p.id, kWordBoundary);
      separator = true;
      ++word;
    } else {
      EXPECT_EQ(p.word, word);
      separator = false;
    }
  }
  EXPECT_TRUE(separator);
  EXPECT_EQ(static_cast<size_t>(word), s.words.size());
  EXPECT_NE(s.phonemes[s.phonemes.size() - 2].id, kWordBoundary);
}

TEST(FrontendTest, HelloWorld) {
  const auto sentences = ReadAll(BuiltFrontend(), "Hello world");
  ASSERT_EQ(sentences.size(), 1u);
  CheckLayout(sentences[0]);
  EXPECT_EQ(FormatPhonemes(sentences[0]), "HH AH0 L OW1 | W ER1 L D");
  EXPECT_EQ(sentences[0].normalized, "hello world");
  EXPECT_EQ(sentences[0].phonemes[sentences[0].phonemes.size() - 2].id, kLongPause);
  EXPECT_TRUE(sentences[0].ends_paragraph);
  EXPECT_EQ(sentences[0].words[1].source.begin, 6u);
  EXPECT_EQ(sentences[0].words[1].source.end, 11u);
}

TEST(FrontendTest, PausesFollowPunctuation) {
  const auto s = ReadAll(BuiltFrontend(), "Yes, (no) maybe; so: who? Me! Go");
  ASSERT_EQ(s.size(), 3u);
  std::vector<PhonemeId> specials;
  for (const Phoneme& p : s[0].phonemes) {
    if (IsSpecial(p.id)) specials.push_back(p.id);
  }
  EXPECT_EQ(specials, (std::vector<PhonemeId>{kBegin, kShortPause, kShortPause, kShortPause, kLongPause,
                                              kQuestion, kEnd}));
  EXPECT_EQ(s[1].phonemes[s[1].phonemes.size() - 2].id, kExclamation);
  for (const Sentence& sentence : s) CheckLayout(sentence);
}

// What depends on where sentences end: "\n" in a case is a line's end, " | " parts sentences.
TEST(FrontendTest, SentencesAreReadAsWritten) {
  for (auto& [input, expected] : LoadCases("sentence")) {
    std::string text = input;
    for (size_t at = 0; (at = text.find("\\n", at)) != std::string::npos;) text.replace(at, 2, "\n");
    std::string said;
    for (const Sentence& sentence : ReadAll(BuiltFrontend(), text)) {
      if (!said.empty()) said += " | ";
      said += sentence.normalized;
    }
    EXPECT_EQ(said, expected) << "input: " << input;
  }
}

TEST(FrontendTest, TheBeforeVowels) {
  const auto s = ReadAll(BuiltFrontend(), "the end the man");
  EXPECT_EQ(FormatPhonemes(s.at(0)), "DH IY0 | EH1 N D | DH AH0 | M AE1 N");
}

TEST(FrontendTest, UnknownWordsWarnWithTheirRange) {
  const auto s = ReadAll(BuiltFrontend(), "My zorblatt is blue.");
  ASSERT_EQ(s.at(0).warnings.size(), 1u);
  EXPECT_EQ(s[0].warnings[0].kind, TextWarning::Kind::kUnknownWord);
  EXPECT_EQ(s[0].warnings[0].range.begin, 3u);
  EXPECT_EQ(s[0].warnings[0].range.end, 11u);
  EXPECT_EQ(s[0].words[1].pronunciation, PronunciationSource::kModel);
}

TEST(FrontendTest, RefusesInvalidInputWithTheByte) {
  for (const std::string& bad : {std::string("ab\xff"), std::string("ab\0", 3)}) {
    const auto reader = BuiltFrontend().Read(bad);
    EXPECT_EQ(reader.status().code(), StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(reader.status().message()).find("byte 2"), std::string::npos);
  }
}

TEST(FrontendTest, NothingToSayIsEmptyAndWarned) {
  std::vector<TextWarning> trailing;
  for (const char* text : {"", "   \n ", "...", "\"\"", "--- ***"}) {
    EXPECT_TRUE(ReadAll(BuiltFrontend(), text, &trailing).empty()) << text;
    EXPECT_TRUE(trailing.empty());
  }
  EXPECT_TRUE(ReadAll(BuiltFrontend(), "你好。😀", &trailing).empty());
  EXPECT_FALSE(trailing.empty());
}

TEST(FrontendTest, LongInputIsCutUnderTheCap) {
  std::vector<std::string> texts(5);
  for (int i = 0; i < 3000; ++i) {
    texts[0] += "word ";
    texts[1] += "clause here, ";
    texts[2] += "x";
    texts[3] += "strengths";
    texts[4] += "9";
  }
  for (const std::string& text : texts) {
    size_t warned = 0;
    for (const Sentence& s : ReadAll(BuiltFrontend(), text)) {
      CheckLayout(s);
      EXPECT_LE(s.phonemes.size(), 250u);
      for (const TextWarning& w : s.warnings) warned += w.kind == TextWarning::Kind::kLongSentence ? 1 : 0;
    }
    EXPECT_GT(warned, 0u);
  }
}

// First audio waits for the first part: it is short where the text had to be cut anyway, and nowhere else.
TEST(FrontendTest, TheFirstPartOfALongStretchIsShort) {
  std::string words;
  for (int i = 0; i < 300; ++i) words += "nobody knew ";
  std::vector<Sentence> parts = ReadAll(BuiltFrontend(), words);
  ASSERT_GT(parts.size(), 3u);
  EXPECT_LE(parts[0].phonemes.size(), 48u);
  EXPECT_GT(parts[0].phonemes.size(), 35u);
  EXPECT_GT(parts[1].phonemes.size(), 200u);

  parts = ReadAll(BuiltFrontend(), "When they had come back to the old harbour at night, " + words);
  EXPECT_EQ(parts[0].words.back().text, "night") << "a pause is to be heard there";
  parts = ReadAll(BuiltFrontend(), "Well, nobody knew, " + words);
  EXPECT_EQ(parts[0].words.size(), 9u) << "not after 'well'";

  parts = ReadAll(BuiltFrontend(),
                  "When the evening came, the fishermen sat together near the fire and told each other long "
                  "stories about the sea, the storms and the strange lights.");
  EXPECT_EQ(parts.size(), 1u) << "it fits";
  parts = ReadAll(BuiltFrontend(), "It was late. " + words);
  EXPECT_GT(parts[1].phonemes.size(), 200u) << "only the first sentence is waited for";
}

// "the only sense , with which": the words, a comma where a short pause is heard between them.
std::string WithPauses(const Sentence& sentence) {
  std::string text;
  int32_t word = -1;
  for (const Phoneme& phoneme : sentence.phonemes) {
    if (phoneme.id == kShortPause) text += " ,";
    if (phoneme.word <= word) continue;
    word = phoneme.word;
    if (!text.empty()) text += ' ';
    text += sentence.words[static_cast<size_t>(word)].text;
  }
  return text;
}

std::string ReadWithBreaks(const std::string& text, bool ssml = false) {
  ReadOptions options;
  options.style.phrase_breaks = true;
  options.ssml = ssml;
  return WithPauses(*BuiltFrontend().Read(text, options).value()->Next());
}

TEST(FrontendTest, PausesWherePhrasesEndOnlyWhenAsked) {
  const std::string text =
      "The man who lives in the old house at the end of the street has lost the key to his door.";
  EXPECT_EQ(WithPauses(ReadAll(BuiltFrontend(), text)[0]).find(','), std::string::npos);
  const std::string read = ReadWithBreaks(text);
  EXPECT_NE(read.find(','), std::string::npos);
  EXPECT_EQ(read.find("the , "), std::string::npos) << "an article belongs to its noun: " << read;
  EXPECT_EQ(ReadWithBreaks("<speak>" + text + "</speak>", true), read);
  EXPECT_EQ(ReadWithBreaks("Good morning."), "good morning");
}

TEST(FrontendTest, PhrasesDoNotEndInsideOfWhatIsOneThing) {
  const std::string number = ReadWithBreaks("They counted 1,234,567,891 grains of sand.");
  const size_t begin = number.find("one billion"), end = number.find("grains");
  ASSERT_NE(begin, std::string::npos);
  EXPECT_EQ(number.substr(begin, end - begin - 2).find(','), std::string::npos) << number;
}

TEST(FrontendTest, LongStretchesAreCutWherePhrasesEnd) {
  std::string text;
  for (int i = 0; i < 12; ++i) text += "the people of the small town went to the market by the river ";
  const std::vector<Sentence> parts = ReadAll(BuiltFrontend(), text);
  ASSERT_GT(parts.size(), 2u);
  for (size_t i = 1; i + 1 < parts.size(); ++i) {  // the first may have to end earlier, so as to be short
    const std::string& last = parts[i].words.back().text;
    EXPECT_TRUE(last != "the" && last != "of" && last != "to" && last != "by" && last != "small") << last;
  }
}

TEST(FrontendTest, TinyCapStillHolds) {
  TextFrontendOptions options;
  options.lexicon_path = BuiltLexiconPath();
  options.max_sentence_phonemes = 16;
  const auto frontend = TextFrontend::Create(options).value();
  for (const Sentence& s :
       ReadAll(*frontend, "Antidisestablishmentarianism, wwwwwwwww internationalization.")) {
    CheckLayout(s);
    EXPECT_LE(s.phonemes.size(), 16u);
  }
  options.max_sentence_phonemes = 15;
  EXPECT_EQ(TextFrontend::Create(options).status().code(), StatusCode::kInvalidArgument);
}

TEST(FrontendTest, MissingLexiconIsAnError) {
  TextFrontendOptions options;
  options.lexicon_path = "/nonexistent/en_US.lex";
  EXPECT_FALSE(TextFrontend::Create(options).ok());
}

// Deterministic noise over everything the front end treats specially.
TEST(FrontendTest, SurvivesNoise) {
  const std::vector<std::string> parts = {
      "$",   "-",    ".", ",",  "1",    "23", "/",    ":",   "'",   "\"", "(", ")",  "%",    "°",
      "C",   "VIII", " ", "\n", "\n\n", "é",  "½",    "…",   "—",   "–",  "😀", "中", "a.m.", "St.",
      "No.", "www.", "@", "#",  "th",   "s",  "July", "000", "US$", "+",  "x", "_",  "\x7f"};
  uint64_t state = 12345;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 30; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      text += parts[(state >> 33) % parts.size()];
    }
    for (const Sentence& s : ReadAll(BuiltFrontend(), text)) {
      CheckLayout(s);
      EXPECT_LE(s.source.begin, s.source.end);
      EXPECT_LE(s.source.end, text.size());
      for (const Word& w : s.words) EXPECT_LE(w.source.end, text.size());
      if (::testing::Test::HasFailure()) FAIL() << text;
    }
  }
}

TEST(FrontendTest, ManyThreadsReadAtOnce) {
  const std::string text = "Dr. Zorblatt paid $20.50 on July 25, 2012. The rest is silence.";
  const auto expected = FormatPhonemes(ReadAll(BuiltFrontend(), text).at(0));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) EXPECT_EQ(FormatPhonemes(ReadAll(BuiltFrontend(), text).at(0)), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace m2tts
