#include "trainer/g2p/ngram_trainer.h"

#include <cmath>

#include "tests/trainer/g2p/g2p_test_util.h"

namespace m2tts {
namespace {

class NgramTrainerTest : public ::testing::Test {
 protected:
  NgramTrainerTest() : corpus_(MakeGraphones(AlignDictionary(TinyDictionary(), {}))) {}

  static uint32_t Child(const NgramTrie& trie, uint32_t node, uint32_t symbol) {
    const NgramTrie::Node& parent = trie.nodes[node];
    for (uint32_t c = parent.first_child; c < parent.first_child + parent.children; ++c) {
      if (trie.nodes[c].symbol == symbol) return c;
    }
    return 0;
  }

  // p(symbol | history) by backing off.
  static double Probability(const NgramTrie& trie, std::vector<uint32_t> history, uint32_t symbol) {
    double backoff = 0;
    for (;; history.erase(history.begin())) {
      uint32_t node = 0;
      bool known = true;
      for (const uint32_t h : history) {
        node = Child(trie, node, h);
        known = known && node != 0;
        if (!known) break;
      }
      if (known) {
        if (const uint32_t child = Child(trie, node, symbol); child != 0) {
          return std::exp(backoff + trie.nodes[child].log_probability);
        }
        backoff += trie.nodes[node].log_backoff;
      }
      if (history.empty()) return 0;
    }
  }

  double Sum(const NgramTrie& trie, const std::vector<uint32_t>& history) const {
    double sum = 0;
    for (uint32_t symbol = 0; symbol <= corpus_.end(); ++symbol) {
      if (symbol != corpus_.begin()) sum += Probability(trie, history, symbol);
    }
    return sum;
  }

  GraphoneCorpus corpus_;
};

TEST_F(NgramTrainerTest, EveryDistributionSumsToOne) {
  const NgramTrie trie = TrainNgram(corpus_, {4, 1000000});
  EXPECT_NEAR(Sum(trie, {}), 1, 0.02);  // but for what the uniform distribution keeps
  EXPECT_NEAR(Sum(trie, {corpus_.begin()}), 1, 0.02);
  for (size_t w = 0; w < corpus_.words.size(); w += 17) {
    std::vector<uint32_t> history{corpus_.begin()};
    for (const uint16_t symbol : corpus_.words[w]) {
      history.push_back(symbol);
      if (history.size() > 3) history.erase(history.begin());
      EXPECT_NEAR(Sum(trie, history), 1, 0.02);
    }
  }
}

TEST_F(NgramTrainerTest, PruningKeepsTheBudgetAndTheTreeWhole) {
  const NgramTrie full = TrainNgram(corpus_, {4, 1000000});
  const NgramTrie pruned = TrainNgram(corpus_, {4, 300});
  EXPECT_GT(full.nodes.size(), 600u);
  EXPECT_LE(pruned.nodes.size(), 302u);
  uint32_t next = 1;
  for (size_t i = 0; i < pruned.nodes.size(); ++i) {
    const NgramTrie::Node& node = pruned.nodes[i];
    if (node.children == 0) continue;
    EXPECT_EQ(node.first_child, next) << "children are contiguous and breadth first";
    next += node.children;
    for (uint32_t c = node.first_child + 1; c < next; ++c) {
      EXPECT_LT(pruned.nodes[c - 1].symbol, pruned.nodes[c].symbol);
    }
  }
  EXPECT_EQ(next, pruned.nodes.size());
}

TEST_F(NgramTrainerTest, PrefersWhatItHasSeen) {
  const NgramTrie trie = TrainNgram(corpus_, {4, 1000000});
  // "ng" says NG once: after n:NG comes a silent g.
  for (size_t w = 0; w < corpus_.words.size(); ++w) {
    const std::vector<uint16_t>& word = corpus_.words[w];
    if (corpus_.graphones[word.back()].letter != 'g' - 'a') continue;
    const size_t n = word.size();
    EXPECT_GT(Probability(trie, {word[n - 3], word[n - 2]}, word[n - 1]), 0.3);
    EXPECT_GT(Probability(trie, {word[n - 2], word[n - 1]}, corpus_.end()), 0.5);
  }
}

}  // namespace
}  // namespace m2tts
