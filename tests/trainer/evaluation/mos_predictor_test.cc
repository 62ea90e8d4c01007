#include "trainer/evaluation/mos_predictor.h"

#include <gtest/gtest.h>
#include <torch/script.h>

namespace m2tts {
namespace {

// A module of one method in a file of its own.
class MosPredictorTest : public ::testing::Test {
 protected:
  ~MosPredictorTest() override { std::filesystem::remove(file_); }

  StatusOr<double> Predict(const std::string& body) {
    torch::jit::Module module("predictor");
    module.define("def forward(self, x):\n  return " + body + "\n");
    module.save(file_.string());
    M2TTS_ASSIGN_OR_RETURN(const auto predictor, MosPredictor::Load(file_));
    return predictor->Predict(std::vector<float>(44100, 0.25f), 22050);
  }

  const std::filesystem::path file_ =
      std::filesystem::path(testing::TempDir()) / fmt::format("mos-{}.pt", getpid());
};

TEST_F(MosPredictorTest, GivesTheModuleSixteenKilohertzAndTakesTheMean) {
  const auto seconds = Predict("torch.tensor([float(x.size(1)) / 16000.0])");
  ASSERT_TRUE(seconds.ok()) << seconds.status();
  EXPECT_NEAR(*seconds, 2.0, 1e-3);
  EXPECT_NEAR(*Predict("torch.tensor([[3.0], [4.0]])"), 3.5, 1e-6);
  EXPECT_NEAR(*Predict("x.narrow(1, 8000, 8000).mean()"), 0.25, 1e-3);
}

TEST_F(MosPredictorTest, AModuleThatFailsIsAnError) {
  for (const char* body : {"x.reshape(3, 7)", "torch.log(-x.abs())", "(x, x)", "'five'"}) {
    const Status status = Predict(body).status();
    EXPECT_EQ(status.code(), StatusCode::kInternal) << body;
    EXPECT_EQ(status.message().find('\n'), std::string::npos) << status;  // no stack
    EXPECT_LT(status.message().size(), 300u) << status;
  }
  // The cause, not that there is one.
  EXPECT_NE(Predict("x.reshape(3, 7)").status().message().find("invalid for input of size"),
            std::string::npos)
      << Predict("x.reshape(3, 7)").status();
}

TEST_F(MosPredictorTest, AFileThatIsNoModuleIsNamed) {
  EXPECT_EQ(MosPredictor::Load(file_).status().code(), StatusCode::kInvalidArgument);
  ASSERT_TRUE(Predict("x.mean()").ok());
  const auto size = std::filesystem::file_size(file_);
  for (const auto kept : {size_t{0}, size_t{20}, size / 2}) {
    std::filesystem::resize_file(file_, kept);
    const auto truncated = MosPredictor::Load(file_);
    EXPECT_EQ(truncated.status().code(), StatusCode::kInvalidArgument) << kept;
    EXPECT_NE(truncated.status().message().find(file_.string()), std::string::npos);
    EXPECT_EQ(truncated.status().message().find('\n'), std::string::npos) << truncated.status();
    EXPECT_EQ(truncated.status().message().find("frame #"), std::string::npos) << truncated.status();
  }
}

}  // namespace
}  // namespace m2tts
