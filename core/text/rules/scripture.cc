// Chapter and verse of the Bible: "John 3:16", "Genesis 1:1-3", "Rom. 8:28", "1 Cor. 13:4-7".
//
//   place := ["1" | "2" | "3"] book chapter ":" verse [dash [chapter ":"] verse]
//
// Each number on its own, a dash as "to". Short names ("Rev.", "Phil") are books only here.
#include <array>

#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/sorted_table.h"

namespace m2tts {
namespace {

// Sorted.
constexpr std::array<std::string_view, 60> kBooks = {
    "Acts",         "Amos",        "Chronicles",   "Colossians", "Corinthians", "Daniel",     "Deuteronomy",
    "Ecclesiastes", "Ephesians",   "Esther",       "Exodus",     "Ezekiel",     "Ezra",       "Galatians",
    "Genesis",      "Habakkuk",    "Haggai",       "Hebrews",    "Hosea",       "Isaiah",     "James",
    "Jeremiah",     "Job",         "Joel",         "John",       "Jonah",       "Joshua",     "Jude",
    "Judges",       "Kings",       "Lamentations", "Leviticus",  "Luke",        "Malachi",    "Mark",
    "Matthew",      "Micah",       "Nahum",        "Nehemiah",   "Numbers",     "Obadiah",    "Peter",
    "Philemon",     "Philippians", "Proverbs",     "Psalm",      "Psalms",      "Revelation", "Revelations",
    "Romans",       "Ruth",        "Samuel",       "Solomon",    "Song",        "Songs",      "Thessalonians",
    "Timothy",      "Titus",       "Zechariah",    "Zephaniah"};
static_assert(IsSorted(kBooks));

// A short name that is something else elsewhere.
const char* ShortBook(std::string_view written) {
  if (written == "rev") return "revelation";
  if (written == "gen") return "genesis";
  if (written == "ex") return "exodus";
  const Abbreviation* const found = FindAbbreviation(written);
  return found != nullptr && found->kind == Abbreviation::Kind::kBook ? found->spoken.data() : nullptr;
}

// The short name at `i`, in full; nullptr when it is none.
const char* ShortBookAt(const RuleInput& in, size_t i) {
  std::string_view text = in.At(i).text;
  if (!in.IsCapitalized(i) || text.size() > 6) return nullptr;
  if (text.back() == '.') text.remove_suffix(1);
  return ShortBook(ToLower(text));
}

bool IsBook(const RuleInput& in, size_t i) {
  return in.IsCapitalized(i) &&
         (FindSorted(kBooks, in.At(i).text) != nullptr || ShortBookAt(in, i) != nullptr);
}

// Whether "8:28" or "1:1-3" stands at `i`, and no time before "pm".
bool IsVerse(const RuleInput& in, size_t i) {
  const std::string_view text = in.At(i).text;
  if (!in.Is(i, TokenKind::kNumber) || text.size() > 15 || !VerseFollows(text)) return false;
  if (text.find_first_not_of("0123456789:-\x81") != std::string_view::npos) return false;
  if (!in.Is(i + 1, TokenKind::kWord)) return true;
  std::string_view after = in.At(i + 1).text;
  if (after.back() == '.') after.remove_suffix(1);
  return after.size() > 3 || after.empty() || ToLowerChar(after.back()) != 'm';
}

void SayVerse(std::string_view text, SpokenList* out) {
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin;
    while (end < text.size() && IsDigitChar(text[end])) ++end;
    if (end > begin) out->Cardinal(text.substr(begin, end - begin));
    if (end < text.size() && text[end] != ':') out->Word("to");
    begin = end + 1;
  }
}

}  // namespace

size_t ScriptureRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (in.Is(i, TokenKind::kWord)) {
    if (!IsVerse(in, i + 1)) return 0;
    const char* const book = ShortBookAt(in, i);
    if (book == nullptr) return 0;
    out->Word(book);
    return 1;
  }
  if (!in.Is(i, TokenKind::kNumber)) return 0;
  const std::string_view text = in.At(i).text;
  // "1 Corinthians"
  if (text.size() == 1 && text >= "1" && text <= "3" && IsBook(in, i + 1) && IsVerse(in, i + 2)) {
    out->Ordinal(text);
    return 1;
  }
  if (i == 0 || !IsBook(in, i - 1) || !IsVerse(in, i)) return 0;
  SayVerse(text, out);
  return 1;
}

}  // namespace m2tts
