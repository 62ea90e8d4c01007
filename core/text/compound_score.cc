#include "core/text/compound_score.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace m2tts {
namespace {

constexpr size_t kLeastPart = 3;  // letters

struct Tally {
  int tried = 0;
  int right = 0;
};

// Laplace-like smoothing that puts a part never seen at a third.
uint8_t Score(Tally tally) {
  const double share = (tally.right + 0.5) / (tally.tried + 1.5);
  return static_cast<uint8_t>(std::min(15.0, share * 16));
}

// Phoneme ids alone: stress moves in compounds.
std::string Sounds(const Pronunciation& pronunciation) {
  std::string out;
  for (const StressedPhoneme p : pronunciation) out.push_back(static_cast<char>(p.id));
  return out;
}

}  // namespace

std::vector<uint8_t> CompoundScores(const std::vector<DictionaryEntry>& entries) {
  std::unordered_map<std::string_view, size_t> index;
  std::vector<std::string> first_variant(entries.size());
  for (size_t e = 0; e < entries.size(); ++e) {
    index.emplace(entries[e].word, e);
    if (!entries[e].variants.empty()) first_variant[e] = Sounds(entries[e].variants[0]);
  }
  std::vector<Tally> first(entries.size());
  std::vector<Tally> last(entries.size());
  for (const DictionaryEntry& entry : entries) {
    const std::string_view word = entry.word;
    if (word.size() < 2 * kLeastPart) continue;
    // A plural says nothing that its stem does not.
    if (word.back() == 's' && index.count(word.substr(0, word.size() - 1)) != 0) continue;
    for (size_t cut = kLeastPart; cut + kLeastPart <= word.size(); ++cut) {
      const auto head = index.find(word.substr(0, cut));
      if (head == index.end()) continue;
      const auto tail = index.find(word.substr(cut));
      if (tail == index.end()) continue;
      const std::string joined = first_variant[head->second] + first_variant[tail->second];
      const bool right = std::any_of(entry.variants.begin(), entry.variants.end(),
                                     [&](const Pronunciation& variant) { return Sounds(variant) == joined; });
      for (Tally* tally : {&first[head->second], &last[tail->second]}) {
        ++tally->tried;
        tally->right += right ? 1 : 0;
      }
    }
  }
  std::vector<uint8_t> scores(entries.size());
  for (size_t e = 0; e < entries.size(); ++e) {
    scores[e] = static_cast<uint8_t>(Score(first[e]) << 4 | Score(last[e]));
  }
  return scores;
}

}  // namespace m2tts
