#include "core/text/abbreviation.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/text/char_class.h"

namespace m2tts {
namespace {

using Kind = Abbreviation::Kind;

// Sorted by `written`.
constexpr std::array kTable = {
    Abbreviation{"apr", "april", Kind::kMonth},
    Abbreviation{"art", "article", Kind::kBeforeNumber},
    Abbreviation{"assn", "association", Kind::kOther},
    Abbreviation{"aug", "august", Kind::kMonth},
    Abbreviation{"ave", "avenue", Kind::kOther},
    Abbreviation{"bldg", "building", Kind::kOther},
    Abbreviation{"blvd", "boulevard", Kind::kOther},
    Abbreviation{"brig", "brigadier", Kind::kTitle},
    Abbreviation{"bros", "brothers", Kind::kOther},
    Abbreviation{"c", "circa", Kind::kBeforeNumber},
    Abbreviation{"ca", "circa", Kind::kBeforeNumber},
    Abbreviation{"capt", "captain", Kind::kTitle},
    Abbreviation{"cf", "compare", Kind::kTitle},
    Abbreviation{"ch", "chapter", Kind::kBeforeNumber},
    Abbreviation{"co", "company", Kind::kOther},
    Abbreviation{"col", "colonel", Kind::kTitle},
    Abbreviation{"corp", "corporation", Kind::kOther},
    Abbreviation{"cpl", "corporal", Kind::kTitle},
    Abbreviation{"dec", "december", Kind::kMonth},
    Abbreviation{"dept", "department", Kind::kOther},
    Abbreviation{"dr", "doctor", Kind::kTitle},
    Abbreviation{"ed", "edition", Kind::kBeforeNumber},
    Abbreviation{"est", "established", Kind::kBeforeNumber},
    Abbreviation{"etc", "et cetera", Kind::kOther},
    Abbreviation{"feb", "february", Kind::kMonth},
    Abbreviation{"fig", "figure", Kind::kBeforeNumber},
    Abbreviation{"figs", "figures", Kind::kBeforeNumber},
    Abbreviation{"fri", "friday", Kind::kBeforeNumber},
    Abbreviation{"ft", "fort", Kind::kTitle},
    Abbreviation{"gen", "general", Kind::kTitle},
    Abbreviation{"gov", "governor", Kind::kTitle},
    Abbreviation{"hon", "honorable", Kind::kTitle},
    Abbreviation{"inc", "incorporated", Kind::kOther},
    Abbreviation{"jan", "january", Kind::kMonth},
    Abbreviation{"jr", "junior", Kind::kOther},
    Abbreviation{"jul", "july", Kind::kMonth},
    Abbreviation{"jun", "june", Kind::kMonth},
    Abbreviation{"lt", "lieutenant", Kind::kTitle},
    Abbreviation{"ltd", "limited", Kind::kOther},
    Abbreviation{"maj", "major", Kind::kTitle},
    Abbreviation{"mar", "march", Kind::kBeforeNumber},
    Abbreviation{"messrs", "messieurs", Kind::kTitle},
    Abbreviation{"mr", "mister", Kind::kTitle},
    Abbreviation{"mrs", "missus", Kind::kTitle},
    Abbreviation{"ms", "miz", Kind::kTitle},
    Abbreviation{"mt", "mount", Kind::kTitle},
    Abbreviation{"no", "number", Kind::kBeforeNumber},
    Abbreviation{"nos", "numbers", Kind::kBeforeNumber},
    Abbreviation{"nov", "november", Kind::kMonth},
    Abbreviation{"oct", "october", Kind::kMonth},
    Abbreviation{"p", "page", Kind::kBeforeNumber},
    Abbreviation{"ph.d", "p h d", Kind::kOther},
    Abbreviation{"pp", "pages", Kind::kBeforeNumber},
    Abbreviation{"pres", "president", Kind::kTitle},
    Abbreviation{"prof", "professor", Kind::kTitle},
    Abbreviation{"pvt", "private", Kind::kTitle},
    Abbreviation{"rd", "road", Kind::kOther},
    Abbreviation{"rep", "representative", Kind::kTitle},
    Abbreviation{"rev", "reverend", Kind::kTitle},
    Abbreviation{"sat", "saturday", Kind::kBeforeNumber},
    Abbreviation{"sec", "section", Kind::kBeforeNumber},
    Abbreviation{"sen", "senator", Kind::kTitle},
    Abbreviation{"sep", "september", Kind::kMonth},
    Abbreviation{"sept", "september", Kind::kMonth},
    Abbreviation{"sgt", "sergeant", Kind::kTitle},
    Abbreviation{"sr", "senior", Kind::kOther},
    Abbreviation{"st", "saint", Kind::kTitle},
    Abbreviation{"sun", "sunday", Kind::kBeforeNumber},
    Abbreviation{"vol", "volume", Kind::kBeforeNumber},
    Abbreviation{"vols", "volumes", Kind::kBeforeNumber},
    Abbreviation{"vs", "versus", Kind::kTitle},
};

}  // namespace

const Abbreviation* FindAbbreviation(std::string_view word) {
  constexpr size_t kLongest = 6;
  if (word.empty() || word.size() > kLongest) return nullptr;
  const std::string lower = ToLower(word);
  const std::string_view key = lower;
  const auto* const found =
      std::lower_bound(kTable.begin(), kTable.end(), key,
                       [](const Abbreviation& a, std::string_view k) { return a.written < k; });
  return found != kTable.end() && found->written == key ? found : nullptr;
}

bool IsDottedLetters(std::string_view word) {
  if (word.empty() || word.size() % 2 == 0) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (i % 2 == 0 ? !IsAlphaChar(word[i]) : word[i] != '.') return false;
  }
  return true;
}

}  // namespace m2tts
