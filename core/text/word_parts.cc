#include "core/text/word_parts.h"

#include <algorithm>
#include <array>

namespace m2tts::parts {
namespace {

struct Spelling {
  std::string_view british;
  std::string_view american;
};

// Endings, tried where the word ends so or ends so before an inflection.
constexpr std::array kBritish = {
    Spelling{"our", "or"},       Spelling{"ours", "ors"},        Spelling{"oured", "ored"},
    Spelling{"ouring", "oring"}, Spelling{"ourful", "orful"},    Spelling{"ourable", "orable"},
    Spelling{"tre", "ter"},      Spelling{"tres", "ters"},       Spelling{"bre", "ber"},
    Spelling{"ise", "ize"},      Spelling{"ised", "ized"},       Spelling{"ises", "izes"},
    Spelling{"ising", "izing"},  Spelling{"yse", "yze"},         Spelling{"ysed", "yzed"},
    Spelling{"ysing", "yzing"},  Spelling{"isation", "ization"}, Spelling{"elled", "eled"},
    Spelling{"elling", "eling"}, Spelling{"eller", "eler"},      Spelling{"ogue", "og"},
    Spelling{"ence", "ense"},    Spelling{"aemia", "emia"},      Spelling{"aemic", "emic"},
    Spelling{"ae", "e"}};

// Of 15 + 15: below it a split is less sure than a guess (measured by morphology_test.cc).
constexpr int kLeastCompoundScore = 15;

}  // namespace

bool EndsWith(std::string_view word, std::string_view end) {
  return word.size() > end.size() && word.substr(word.size() - end.size()) == end;
}

bool StartsWith(std::string_view word, std::string_view start) {
  return word.size() > start.size() && word.substr(0, start.size()) == start;
}

std::optional<Pronunciation> Look(std::string_view word, const Lexicon& lexicon) {
  const std::optional<LexiconEntry> entry = lexicon.Find(word);
  if (!entry) return std::nullopt;
  Pronunciation out;
  entry->Append(0, &out);
  return out;
}

void DemoteStress(Pronunciation* p) {
  for (StressedPhoneme& phoneme : *p) {
    if (phoneme.stress == Stress::kPrimary) phoneme.stress = Stress::kSecondary;
  }
}

std::string UndoBritish(std::string_view word, const Lexicon& lexicon) {
  for (const Spelling& spelling : kBritish) {
    if (!EndsWith(word, spelling.british)) continue;
    std::string other(word.substr(0, word.size() - spelling.british.size()));
    other += spelling.american;
    if (other.size() > 3 && lexicon.Contains(other)) return other;
  }
  // "manoeuvre", "anaesthetic", "oestrogen", "mould": inside the word.
  for (const Spelling& spelling :
       {Spelling{"oeuvr", "euver"}, Spelling{"anaes", "anes"}, Spelling{"paed", "ped"},
        Spelling{"haem", "hem"}, Spelling{"oestr", "estr"}, Spelling{"foet", "fet"}, Spelling{"moul", "mol"},
        Spelling{"olour", "olor"}, Spelling{"avour", "avor"}, Spelling{"abour", "abor"},
        Spelling{"onour", "onor"}}) {
    const size_t at = word.find(spelling.british);
    if (at == std::string_view::npos) continue;
    std::string other(word);
    other.replace(at, spelling.british.size(), spelling.american);
    if (other.size() > 4 && lexicon.Contains(other)) return other;
  }
  return {};
}

std::string UndoElongation(std::string_view word, const Lexicon& lexicon) {
  // Runs of three and more of a letter, to two ("soooon") or to one ("soooo").
  std::string one;
  std::string two;
  bool elongated = false;
  for (size_t i = 0; i < word.size();) {
    size_t end = i + 1;
    while (end < word.size() && word[end] == word[i]) ++end;
    const size_t run = end - i;
    elongated = elongated || run > 2;
    one.append(run > 2 ? 1 : run, word[i]);
    two.append(std::min<size_t>(run, 2), word[i]);
    i = end;
  }
  if (!elongated) return {};
  // "no" before "noo", but "soon" before "son".
  const bool last_run = word.size() > 2 && word[word.size() - 1] == word[word.size() - 2];
  const std::string& first = last_run ? one : two;
  const std::string& second = last_run ? two : one;
  if (lexicon.Contains(first)) return first;
  return lexicon.Contains(second) ? second : std::string();
}

std::string RestoreApostrophe(std::string_view word, const Lexicon& lexicon) {
  for (const Spelling& spelling :
       {Spelling{"nt", "n't"}, Spelling{"ve", "'ve"}, Spelling{"ll", "'ll"}, Spelling{"re", "'re"}}) {
    if (!EndsWith(word, spelling.british)) continue;
    std::string other(word.substr(0, word.size() - spelling.british.size()));
    other += spelling.american;
    if (lexicon.Contains(other)) return other;
  }
  return {};
}

std::optional<Pronunciation> Compound(std::string_view word, const Lexicon& lexicon) {
  if (word.size() < 6) return std::nullopt;
  const size_t middle = word.size() / 2;
  for (size_t step = 0; step <= middle; ++step) {
    for (const size_t cut : {middle + step, middle - step}) {
      if (cut < 3 || cut + 3 > word.size()) continue;
      const std::optional<LexiconEntry> head = lexicon.Find(word.substr(0, cut));
      if (!head) continue;
      const std::optional<LexiconEntry> tail = lexicon.Find(word.substr(cut));
      if (!tail || head->compound_first() + tail->compound_last() < kLeastCompoundScore) continue;
      Pronunciation first;
      head->Append(0, &first);
      Pronunciation second;
      tail->Append(0, &second);
      DemoteStress(&second);
      first.insert(first.end(), second.begin(), second.end());
      return first;
    }
  }
  return std::nullopt;
}

}  // namespace m2tts::parts
