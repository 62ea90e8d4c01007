#include "trainer/g2p/aligner.h"

#include <map>
#include <tuple>

#include "tests/trainer/g2p/g2p_test_util.h"
#include "trainer/g2p/graphones.h"

namespace m2tts {
namespace {

std::string ChunkText(const g2p_format::Chunk& chunk) {
  std::string out;
  for (const uint8_t byte : chunk) {
    if (byte == 0) break;
    if (!out.empty()) out += '+';
    out += PhonemeSymbol(byte & g2p_format::kIdMask);
  }
  return out.empty() ? "-" : out;
}

std::string Alignment(const AlignedWord& word) {
  std::string out;
  for (size_t i = 0; i < word.letters.size(); ++i) {
    if (i > 0) out += ' ';
    out += std::string(1, word.letters[i]) + ":" + ChunkText(word.chunks[i]);
  }
  return out;
}

TEST(AlignerTest, FindsWhoSaysWhat) {
  const std::vector<AlignedWord> aligned = AlignDictionary(TinyDictionary(), {});
  ASSERT_EQ(aligned.size(), 330u);
  std::map<std::string, std::string> found;
  for (const AlignedWord& word : aligned) found[word.letters] = Alignment(word);
  EXPECT_EQ(found["bat"], "b:B a:AE t:T");
  EXPECT_EQ(found["max"], "m:M a:AE x:K+S");
  EXPECT_EQ(found["stun"], "s:S t:T u:AH n:N");
}

TEST(AlignerTest, KeepsEveryPhonemeInOrderWithItsStress) {
  const std::vector<DictionaryEntry> entries = TinyDictionary();
  const std::vector<AlignedWord> aligned = AlignDictionary(entries, {});
  ASSERT_EQ(aligned.size(), entries.size());
  for (size_t w = 0; w < entries.size(); ++w) {
    Pronunciation joined;
    ASSERT_EQ(aligned[w].chunks.size(), entries[w].word.size());
    for (const g2p_format::Chunk& chunk : aligned[w].chunks) {
      for (const uint8_t byte : chunk) {
        if (byte == 0) break;
        joined.push_back({static_cast<PhonemeId>(byte & g2p_format::kIdMask),
                          static_cast<Stress>(byte >> g2p_format::kStressShift)});
      }
    }
    EXPECT_EQ(joined, entries[w].variants[0]) << entries[w].word;
  }
}

TEST(AlignerTest, LeavesOutWhatCannotBeCut) {
  std::vector<DictionaryEntry> entries = TinyDictionary();
  const size_t regular = entries.size();
  entries.push_back({"a", {ParseArpabet("T R IH1 P AH0 L EY1").value()}});  // over two phonemes a letter
  entries.push_back({"qa", {ParseArpabet("ZH AE1").value()}});              // q as ZH: once, a mistake
  EXPECT_EQ(AlignDictionary(entries, {}).size(), regular);
  EXPECT_TRUE(AlignDictionary({}, {}).empty());
}

TEST(GraphonesTest, AreSortedAndSpellTheWords) {
  const std::vector<AlignedWord> aligned = AlignDictionary(TinyDictionary(), {});
  const GraphoneCorpus corpus = MakeGraphones(aligned);
  ASSERT_EQ(corpus.words.size(), aligned.size());
  for (size_t i = 1; i < corpus.graphones.size(); ++i) {
    const auto key = [](const Graphone& g) { return std::tuple(g.letter, g.chunk); };
    EXPECT_LT(key(corpus.graphones[i - 1]), key(corpus.graphones[i]));
  }
  for (size_t w = 0; w < aligned.size(); ++w) {
    for (size_t i = 0; i < aligned[w].letters.size(); ++i) {
      const Graphone& graphone = corpus.graphones[corpus.words[w][i]];
      EXPECT_EQ(graphone.letter, g2p_format::LetterIndex(aligned[w].letters[i]));
      EXPECT_EQ(graphone.chunk, aligned[w].chunks[i]);
    }
  }
}

}  // namespace
}  // namespace m2tts
