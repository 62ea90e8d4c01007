#include "server/synthesis/sentence_controls.h"

#include <gtest/gtest.h>

namespace m2tts {
namespace {

TEST(SentenceControlsTest, ProsodyWorksOnTopOfTheRequestWithinLimits) {
  SynthesisRequest request;
  request.speed = 2.0;
  request.pitch = 8.0;
  request.volume = 0.5;
  request.mix = {{0, 1.0}, {1, 3.0}};
  request.variation = 0.5;
  request.seed = 7;
  request.loudness = -16.0;
  const SynthesisControls controls = ControlsFor(request, {3.0, 9.0, 0.5});
  EXPECT_EQ(controls.speed, 4.0);
  EXPECT_EQ(controls.pitch, 12.0);
  EXPECT_EQ(controls.volume, 0.25);
  EXPECT_EQ(controls.mix.size(), 2u);
  EXPECT_EQ(controls.variation, 0.5);
  EXPECT_EQ(controls.seed, 7u);
  EXPECT_EQ(controls.loudness, -16.0);
}

TEST(SentenceControlsTest, PausesGivenInSecondsAreExact) {
  SynthesisRequest request;
  request.pause_scale = 2.0;
  Sentence sentence;
  EXPECT_DOUBLE_EQ(PauseSecondsAfter(sentence, request, 2.0), 0.2);
  sentence.ends_paragraph = true;
  EXPECT_DOUBLE_EQ(PauseSecondsAfter(sentence, request, 2.0), 0.5);
  request.paragraph_pause = 1.25;
  EXPECT_DOUBLE_EQ(PauseSecondsAfter(sentence, request, 2.0), 1.25);
  sentence.ends_paragraph = false;
  request.sentence_pause = 0.0;
  EXPECT_DOUBLE_EQ(PauseSecondsAfter(sentence, request, 2.0), 0.0);
  sentence.pause_after = 0.75;  // <break>
  EXPECT_DOUBLE_EQ(PauseSecondsAfter(sentence, request, 2.0), 1.5);
}

}  // namespace
}  // namespace m2tts
