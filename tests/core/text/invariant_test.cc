// What must hold for any input: nothing with content is lost without a warning, the output is
// bounded by the input, reading again changes nothing, and sentences come one at a time.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/text/char_class.h"
#include "tests/core/text/text_test_util.h"

namespace m2tts {
namespace {

// Pieces that rules treat specially, in every family.
const std::vector<std::string>& Pieces() {
  static const auto* const pieces = new std::vector<std::string>{
      "$",      "-",   ".",      ",",     "1",     "23",    "/",    ":",    "'",    "\"",   "(",    ")",
      "%",      "°",   "C",      "VIII",  " ",     "\n",    "\n\n", "é",    "½",    "…",    "—",    "–",
      "😀",      "中",  "a.m.",   "St.",   "No.",   "www.",  "@",    "#",    "th",   "s",    "July", "000",
      "US$",    "+",   "x",      "_",     "\x7f",  "km",    "lbs.", "Dr",   "&",    "AT",   "T",    "1990",
      "10:30",  "pm",  "p.m.",   "7/4",   "1/2",   "=",     "*",    "^",    "~",    "\\",   "C:\\", ".com",
      "http:",  "//",  "Elm",    "Ave",   "IL",    "62704", "x²",   "⁵",    "β",    "→",    "₩",    "¢",
      "M",      "bn",  "iPhone", "COVID", "Mon",   "Fri",   "Jan.", "ext.", "2nd",  "007",  "e.g.", "i.e.",
      "[",      "]",   "{",      "}",     "|",     "<",     ">",    "…",    "’",    "“",    "”",    "!",
      "?",      ";",   "the",    "A",     "I",     "Ph.D.", "w/",   "pH",   "#tag", "@bob", "\t",   "0",
      "5'10\"", "2x4", "v2.1",   "B-52",  "1,000", "1.5",   "MHz",  "m/s",  "mid-", "80s",  "'90s", "24/7"};
  return *pieces;
}

// More of them: marks of Markdown, signs that go together, numbers with a company of their own.
const std::vector<std::string>& MorePieces() {
  static const auto* const pieces = new std::vector<std::string>{
      "->", "==",     "<b>",  "[x] ", "## ", "> ",    "](a.com)", "Rom.",     "8:28",  "20C",    "4.5/5",
      "⁺",  "1:23.4", "100s", "1/1K", "Sat", "feat.", "Okla.",    "14:30:00", "ratio", "present"};
  return *pieces;
}

std::string RandomText(std::mt19937* random, size_t pieces, bool more = false) {
  std::uniform_int_distribution<size_t> pick(0, Pieces().size() - 1);
  std::string text;
  for (size_t i = 0; i < pieces; ++i) {
    const size_t choice = pick(*random);
    text += more && i % 3 == 1 ? MorePieces()[choice % MorePieces().size()] : Pieces()[choice];
    if (pick(*random) % 3 == 0) text += ' ';
  }
  return text;
}

// Marks each byte that a word or a warning accounts for.
std::vector<bool> Covered(const std::string& text) {
  std::vector<bool> covered(text.size(), false);
  const auto cover = [&](TextRange range) {
    ASSERT_LE(range.begin, range.end);
    ASSERT_LE(range.end, text.size());
    std::fill(covered.begin() + static_cast<ptrdiff_t>(range.begin),
              covered.begin() + static_cast<ptrdiff_t>(range.end), true);
  };
  std::vector<TextWarning> trailing;
  for (const Sentence& sentence : ReadAll(BuiltFrontend(), text, &trailing)) {
    for (const Word& word : sentence.words) cover(word.source);
    for (const TextWarning& warning : sentence.warnings) cover(warning.range);
  }
  for (const TextWarning& warning : trailing) cover(warning.range);
  return covered;
}

TEST(TextInvariantTest, LettersAndDigitsAreSaidOrWarnedAbout) {
  std::mt19937 random(1);
  for (int round = 0; round < 4000; ++round) {
    const std::string text = RandomText(&random, 14, round % 2 == 1);
    const std::vector<bool> covered = Covered(text);
    for (size_t i = 0; i < text.size(); ++i) {
      ASSERT_TRUE(covered[i] || !IsAlnumChar(text[i])) << "byte " << i << " of: " << text;
    }
  }
}

TEST(TextInvariantTest, SignsWithAReadingAreSaid) {
  for (const std::string sign :
       {"$", "€", "£", "%", "&", "@", "+", "=", "±", "×", "÷", "§", "°", "©", "<", ">", "→", "π"}) {
    const std::string text = "one " + sign + " two";
    const std::vector<bool> covered = Covered(text);
    for (size_t i = 4; i < 4 + sign.size(); ++i) EXPECT_TRUE(covered[i]) << text;
  }
}

TEST(TextInvariantTest, OutputIsLinearInInput) {
  std::mt19937 random(2);
  for (const size_t pieces : {10u, 100u, 1000u}) {
    const std::string text = RandomText(&random, pieces);
    size_t said = 0;
    for (const Sentence& sentence : ReadAll(BuiltFrontend(), text)) said += sentence.normalized.size();
    EXPECT_LE(said, text.size() * 24 + 64);
  }
}

TEST(TextInvariantTest, ReadingTheResultChangesNothing) {
  for (const char* text :
       {"Dr. Smith paid $20.50 on July 25, 2012.", "3-5 km at 60 mph", "The 1990s and Henry VIII",
        "Call 555-1234", "10:30 p.m. on 5th Ave, Reno, NV 89501", "5 1/2 cups, 20% off",
        "H2O, B-52 and 747-400"}) {
    const auto say = [](const std::string& input) {
      std::string out;
      for (const Sentence& sentence : ReadAll(BuiltFrontend(), input)) {
        if (!out.empty()) out += ' ';
        out += sentence.normalized;
      }
      return out;
    };
    const std::string once = say(text);
    EXPECT_EQ(say(once), once) << text;
  }
}

TEST(TextInvariantTest, EveryCutOfUtf8IsReadOrRefused) {
  const std::string text = "naïve 😀 — €5 中 ½ x²";
  for (size_t end = 0; end <= text.size(); ++end) {
    const auto reader = BuiltFrontend().Read(text.substr(0, end));
    EXPECT_TRUE(reader.ok() || reader.status().code() == StatusCode::kInvalidArgument) << reader.status();
  }
}

// A long text costs nothing before its sentences are asked for: each Next touches a bounded
// stretch, so the first sentence is the same whatever follows.
TEST(TextInvariantTest, FirstSentenceDoesNotDependOnTheRest) {
  const std::string first = "A first sentence.";
  std::string text = first;
  for (int i = 0; i < 5000; ++i) text += " Another sentence follows, number " + std::to_string(i) + ".";
  const auto reader = BuiltFrontend().Read(text).value();
  EXPECT_EQ(FormatPhonemes(*reader->Next()), FormatPhonemes(ReadAll(BuiltFrontend(), first).at(0)));
}

}  // namespace
}  // namespace m2tts
