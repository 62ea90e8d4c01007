#include "trainer/g2p/g2p_training.h"

#include <fstream>

#include "core/text/g2p_model.h"
#include "tests/trainer/g2p/g2p_test_util.h"
#include "trainer/g2p/g2p_evaluation.h"
#include "trainer/g2p/held_out_chain.h"
#include "trainer/g2p/matrix.h"

namespace m2tts {
namespace {

std::filesystem::path WriteTinyModel(const char* name) {
  const auto path = std::filesystem::path(::testing::TempDir()) / name;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << TinyModel();
  return path;
}

TEST(G2pTrainingTest, TrainingTwiceGivesTheSameBytes) {
  EXPECT_EQ(TrainG2p(TinyDictionary(), TinyOptions(), nullptr).value(), TinyModel());
  G2pOptions other = TinyOptions();
  other.tagger.seed = 2;
  EXPECT_NE(TrainG2p(TinyDictionary(), other, nullptr).value(), TinyModel());
}

TEST(G2pTrainingTest, LossFallsAndProgressIsHeard) {
  std::vector<double> losses;
  const GraphoneCorpus corpus = MakeGraphones(AlignDictionary(TinyDictionary(), {}));
  TrainTagger(corpus, TinyOptions().tagger, [&](int epoch, double loss) {
    EXPECT_EQ(epoch, static_cast<int>(losses.size()) + 1);
    losses.push_back(loss);
  });
  ASSERT_EQ(losses.size(), 8u);
  EXPECT_LT(losses.back(), losses.front() / 4);
}

TEST(G2pTrainingTest, EachPartLearnsARegularSpelling) {
  const auto path = WriteTinyModel("tiny_parts.g2p");
  const auto model = G2pModel::Open(path);
  ASSERT_TRUE(model.ok()) << model.status();
  using Parts = G2pModel::Parts;
  for (const Parts parts : {Parts::kBoth, Parts::kNgram, Parts::kTagger}) {
    const G2pScore score =
        ScoreG2p(TinyDictionary(), [&](std::string_view word) { return (*model)->Read(word, parts); });
    EXPECT_LE(score.WordError(), 0.02) << static_cast<int>(parts);
  }
  // Never seen as a whole.
  EXPECT_EQ(Spell((*model)->Read("stachoot")), "S T AE1 CH UW1 T");
  EXPECT_TRUE((*model)->Read("").empty());
  EXPECT_TRUE((*model)->Read("123").empty());
}

TEST(G2pTrainingTest, FailsWithoutWords) {
  EXPECT_EQ(TrainG2p({}, TinyOptions(), nullptr).status().code(), StatusCode::kInvalidArgument);
}

TEST(HeldOutChainTest, KnownWordsComeFromTheLexiconOthersFromTheModel) {
  const auto path = WriteTinyModel("tiny_chain.g2p");
  std::vector<DictionaryEntry> entries = TinyDictionary();
  entries.push_back({"phat", {ParseArpabet("Z IH1 T").value()}});  // not what its spelling says
  const auto known = MakeHeldOutFrontend(entries, {}, path);
  ASSERT_FALSE(known.ok());  // "phat" twice
  entries.back().word = "phaat";
  const auto front = MakeHeldOutFrontend(entries, {}, path);
  ASSERT_TRUE(front.ok()) << front.status();
  EXPECT_EQ(Spell(ReadByFrontend(**front, "phaat")), "Z IH1 T");
  const auto without = MakeHeldOutFrontend(entries, {entries.back()}, path);
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_NE(Spell(ReadByFrontend(**without, "phaat")), "Z IH1 T");
  EXPECT_FALSE(ReadByFrontend(**without, "phaat").empty());
}

TEST(MatrixTest, ProductsAreThoseOfTheTextbook) {
  for (const size_t rows : {1u, 5u, 6u, 13u}) {
    constexpr size_t kDepth = 3;
    constexpr size_t kWidth = 48;
    std::vector<float> x(rows * kDepth), w(kDepth * kWidth), y(rows * kWidth, 1.0F), g(kDepth * kWidth, 0.0F);
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7) - 3;
    for (size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(i % 5) - 2;
    MultiplyAdd(x.data(), w.data(), y.data(), rows, kDepth, kWidth);
    for (size_t r = 0; r < rows; ++r) {
      for (size_t n = 0; n < kWidth; ++n) {
        float expected = 1;
        for (size_t k = 0; k < kDepth; ++k) expected += x[r * kDepth + k] * w[k * kWidth + n];
        EXPECT_EQ(y[r * kWidth + n], expected);
      }
    }
    TransposedMultiplyAdd(x.data(), y.data(), g.data(), rows, kDepth, kWidth);
    for (size_t k = 0; k < kDepth; ++k) {
      for (size_t n = 0; n < kWidth; ++n) {
        float expected = 0;
        for (size_t r = 0; r < rows; ++r) expected += x[r * kDepth + k] * y[r * kWidth + n];
        EXPECT_EQ(g[k * kWidth + n], expected);
      }
    }
  }
}

}  // namespace
}  // namespace m2tts
