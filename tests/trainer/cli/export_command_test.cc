// `export` of a run whose newest checkpoint is damaged.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/trainer/cli/trainer_command.h"
#include "trainer/data/dataset.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

using ::testing::HasSubstr;

class ExportCommandTest : public TrainerCommandTest {};

TEST_F(ExportCommandTest, NamesTheDamagedCheckpointThatItPassesOver) {
  ASSERT_TRUE(WriteDummyCorpus(folder_.path() / "corpus", 12, 22050).ok());
  Put("config.yaml", "threads: 1\nlicence: Apache-2.0\ndata: {root: " + Path("corpus") +
                         ", cache: " + Path("cache") + R"(, validation: 2}
model: {hidden: 16, heads: 2, encoder_layers: 1, decoder_layers: 1, ffn_multiplier: 1, predictor_hidden: 16,
  predictor_layers: 1, vocoder: {type: griffin_lim}}
aligner: {steps: 4, frames_per_batch: 1500}
acoustic: {steps: 4, frames_per_batch: 1500, checkpoint_every: 2}
)");
  const ProcessResult trained = Run({"train", Path("config.yaml"), "--run", Path("run")});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const ProcessResult whole = Run({"export", Path("run"), "-o", Path("voice/")});
  EXPECT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_EQ(whole.err, "");
  EXPECT_THAT(whole.out, HasSubstr("acoustic 4"));

  const fs::path newest = folder_.path() / "run/acoustic/step-00000004.safetensors";
  ASSERT_TRUE(fs::exists(newest));
  fs::resize_file(newest, fs::file_size(newest) / 2);
  const ProcessResult damaged = Run({"export", Path("run"), "-o", Path("voice")});
  EXPECT_EQ(damaged.exit_code, 0) << damaged.err;
  EXPECT_THAT(damaged.err, HasSubstr("warning: passing over a damaged checkpoint"));
  EXPECT_THAT(damaged.err, HasSubstr("step-00000004.safetensors"));
  EXPECT_THAT(damaged.out, HasSubstr("acoustic 2"));
}

}  // namespace
}  // namespace m2tts
