#include "trainer/g2p/graphones.h"

#include <map>
#include <set>

namespace m2tts {

GraphoneCorpus MakeGraphones(const std::vector<AlignedWord>& aligned) {
  const auto graphone = [](const AlignedWord& word, size_t i) {
    return Graphone{static_cast<uint8_t>(g2p_format::LetterIndex(word.letters[i])), word.chunks[i]};
  };
  std::map<Graphone, uint16_t> symbols;
  for (const AlignedWord& word : aligned) {
    for (size_t i = 0; i < word.letters.size(); ++i) symbols.emplace(graphone(word, i), 0);
  }
  GraphoneCorpus corpus;
  for (auto& [pair, symbol] : symbols) {
    symbol = static_cast<uint16_t>(corpus.graphones.size());
    corpus.graphones.push_back(pair);
  }
  for (const AlignedWord& word : aligned) {
    std::vector<uint16_t>& sequence = corpus.words.emplace_back();
    for (size_t i = 0; i < word.letters.size(); ++i) sequence.push_back(symbols.at(graphone(word, i)));
  }
  return corpus;
}

GraphoneCorpus WithoutStress(const GraphoneCorpus& corpus) {
  const PlainAlphabet plain = MergeStress(corpus.graphones);
  GraphoneCorpus out{plain.graphones, {}};
  std::set<std::vector<uint16_t>> seen;
  for (const std::vector<uint16_t>& word : corpus.words) {
    std::vector<uint16_t> sequence;
    for (const uint16_t symbol : word) sequence.push_back(plain.of[symbol]);
    if (seen.insert(sequence).second) out.words.push_back(std::move(sequence));
  }
  return out;
}

}  // namespace m2tts
