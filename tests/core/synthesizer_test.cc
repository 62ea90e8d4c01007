#include "core/synthesizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "core/audio/pitch.h"
#include "core/model/m2tts_model.h"
#include "core/sentence_batch.h"
#include "core/text/frontend.h"
#include "core/voice/voice_bundle.h"
#include "core/window_synthesis.h"
#include "tests/core/base/temp_folder.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// The shipped voice, a little different options each time.
std::unique_ptr<Synthesizer> Load(const SynthesizerOptions& options) {
  auto loaded = Synthesizer::Load(fs::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt", options);
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return loaded.ok() ? *std::move(loaded) : nullptr;
}

Sentence Parse(const std::string& text) {
  TextFrontendOptions options;
  options.lexicon_path = fs::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";
  const auto frontend = TextFrontend::Create(options);
  EXPECT_TRUE(frontend.ok()) << frontend.status();
  return *(*(*frontend)->Read(text))->Next();
}

double Rms(const std::vector<float>& wave) {
  const double sum = std::inner_product(wave.begin(), wave.end(), wave.begin(), 0.0);
  return std::sqrt(sum / static_cast<double>(wave.size()));
}

class SynthesizerTest : public testing::Test {
 protected:
  std::vector<float> Say(Synthesizer* synthesizer, const SynthesisControls& controls = {}) {
    auto wave = SynthesizeSentence(synthesizer, sentence_, controls);
    EXPECT_TRUE(wave.ok()) << wave.status();
    return wave.ok() ? *std::move(wave) : std::vector<float>();
  }
  const Sentence sentence_ = Parse("The quick brown fox jumps over the lazy dog, and then it sleeps.");
};

TEST_F(SynthesizerTest, SpeaksWithTheShippedVoice) {
  const auto synthesizer = Load({});
  ASSERT_NE(synthesizer, nullptr);
  EXPECT_FALSE(synthesizer->device().reason.empty());
  const auto wave = Say(synthesizer.get());
  const double seconds = static_cast<double>(wave.size()) / synthesizer->sample_rate();
  EXPECT_GT(seconds, 2.0);
  EXPECT_LT(seconds, 8.0);
  EXPECT_GT(Rms(wave), 0.01);
  for (const float sample : wave) ASSERT_LE(std::abs(sample), 1.0f);
}

TEST_F(SynthesizerTest, ShippedVoiceNeitherClipsNorClicksNorDawdles) {
  const auto synthesizer = Load({});
  ASSERT_NE(synthesizer, nullptr);
  for (const char* text :
       {"Yes.", "Is that really so?", "One, two, three, four, five.", "Stop! Look at the sixth street.",
        "It was the best of times, it was the worst of times."}) {
    const auto wave = SynthesizeSentence(synthesizer.get(), Parse(text), {});
    ASSERT_TRUE(wave.ok()) << wave.status();
    const auto loud = [](float x) { return std::abs(x) > 0.01f; };
    const auto first = std::find_if(wave->begin(), wave->end(), loud);
    const auto last = std::find_if(wave->rbegin(), wave->rend(), loud);
    EXPECT_LT(first - wave->begin(), 0.3 * synthesizer->sample_rate()) << text;
    EXPECT_LT(last - wave->rbegin(), 0.3 * synthesizer->sample_rate()) << text;
    float loudest = 0.0f, jump = 0.0f;
    for (size_t i = 1; i < wave->size(); ++i) {
      loudest = std::max(loudest, std::abs((*wave)[i]));
      jump = std::max(jump, std::abs((*wave)[i] - (*wave)[i - 1]));
    }
    EXPECT_LT(loudest, 0.95f) << text;
    EXPECT_LT(jump, 0.5f) << text;
    EXPECT_LT(std::abs(wave->front()), 0.01f) << text;
    EXPECT_LT(std::abs(wave->back()), 0.01f) << text;
  }
}

TEST_F(SynthesizerTest, WindowSizesDoNotChangeTheAudio) {
  SynthesizerOptions small, whole;
  small.first_window_frames = 8;
  small.max_window_frames = 40;
  whole.first_window_frames = whole.max_window_frames = 100000;
  const auto in_small = Load(small), in_one = Load(whole);
  for (const double pitch : {0.0, 12.0, -9.0}) {
    SynthesisControls controls;
    controls.pitch = pitch;
    const auto a = Say(in_small.get(), controls), b = Say(in_one.get(), controls);
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-4) << i << ", pitch " << pitch;
  }
}

// The shipped voice, taught at random to draw harmonics where the pitch of a frame puts them.
TEST_F(SynthesizerTest, WindowSizesDoNotChangeTheAudioOfAVoiceWithFramePitch) {
  auto bundle = LoadVoiceBundle(fs::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt");
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  torch::manual_seed(1);
  bundle->manifest.model.frame_pitch = true;
  bundle->manifest.name = "framed";
  bundle->weights["acoustic.decoder.pitch.weight"] = 0.05 * torch::randn({128, 65});
  bundle->weights["acoustic.decoder.pitch.bias"] = torch::zeros({128});
  const TempFolder folder;
  const auto voice = folder.path() / "framed";
  const Status saved = SaveVoiceBundle(voice, bundle->manifest, bundle->weights);
  ASSERT_TRUE(saved.ok()) << saved;
  const auto load = [&](int first, int most) {
    SynthesizerOptions options;
    options.first_window_frames = first;
    options.max_window_frames = most;
    auto loaded = Synthesizer::Load(voice, options);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *std::move(loaded);
  };
  const auto a = Say(load(8, 40).get()), b = Say(load(100000, 100000).get());
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-4) << i;
  EXPECT_NE(a, Say(Load({}).get()));
}

// The networks of the shipped voice, fed with frames that are all `value`.
class BrokenDeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    auto bundle = LoadVoiceBundle(fs::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt");
    ASSERT_TRUE(bundle.ok()) << bundle.status();
    hidden_ = bundle->manifest.model.hidden;
    auto model = M2TTSModel::Create(bundle->manifest.model, bundle->manifest.audio);
    ASSERT_TRUE(model.ok()) << model.status();
    model_ = *std::move(model);
    ASSERT_TRUE(model_->LoadWeights(bundle->weights).ok());
    model_->Eval();
  }
  WindowSynthesis Begin(float value) {
    constexpr int64_t kFrames = 60;
    return {WindowShape(), *model_, torch::full({kFrames, hidden_}, value), torch::ones({1, 1}), {kFrames},
            256,           1.0,     PitchShift::Create(0.0, 22050).value()};
  }

  int64_t hidden_ = 0;
  std::unique_ptr<M2TTSModel> model_;
};

TEST_F(BrokenDeviceTest, NotANumberIsTheFaultOfTheDevice) {
  WindowSynthesis broken = Begin(std::nanf(""));
  WindowSynthesis whole = Begin(0.1F);
  const int size_class = broken.size_class();
  for (const auto& sentences : std::vector<std::vector<WindowSynthesis*>>{{&broken}, {&whole, &broken}}) {
    const Status status = SpeakWindows(model_.get(), sentences).status();
    EXPECT_EQ(status.code(), StatusCode::kInternal) << status;
    EXPECT_NE(status.message().find("is not a finite number"), std::string::npos) << status;
    EXPECT_EQ(broken.size_class(), size_class) << "it is where it was";
    EXPECT_EQ(whole.size_class(), size_class);
  }
  EXPECT_TRUE(SpeakWindows(model_.get(), {&whole}).ok());
}

TEST_F(SynthesizerTest, TheGoldenSentenceIsSpoken) {
  EXPECT_EQ(SpeakGolden(Load({}).get()), OkStatus());
}

TEST_F(SynthesizerTest, PhonemeSamplesSumToTheTotal) {
  const auto synthesizer = Load({});
  for (const double pitch : {0.0, 12.0, -12.0}) {
    SynthesisControls controls;
    controls.pitch = pitch;
    auto synthesis = synthesizer->Begin(sentence_, controls);
    ASSERT_TRUE(synthesis.ok()) << synthesis.status();
    const auto& samples = (*synthesis)->phoneme_samples();
    EXPECT_EQ(samples.size(), sentence_.phonemes.size());
    EXPECT_EQ(std::accumulate(samples.begin(), samples.end(), int64_t{0}), (*synthesis)->total_samples());
    const auto wave = Say(synthesizer.get(), controls);
    EXPECT_EQ(static_cast<int64_t>(wave.size()), (*synthesis)->total_samples());
  }
}

TEST_F(SynthesizerTest, EndsWithAnErrorNotWithMoreAudio) {
  const auto synthesizer = Load({});
  auto synthesis = *synthesizer->Begin(sentence_, {});
  while (!synthesis->done()) ASSERT_TRUE(synthesizer->Next({synthesis.get()}).ok());
  EXPECT_TRUE(absl::IsOutOfRange(synthesizer->Next({synthesis.get()}).status()));
}

TEST_F(SynthesizerTest, SpeedVolumeAndPitchDoWhatTheySay) {
  const auto synthesizer = Load({});
  const auto plain = Say(synthesizer.get());
  SynthesisControls controls;
  controls.speed = 2.0;
  EXPECT_NEAR(static_cast<double>(Say(synthesizer.get(), controls).size()) / plain.size(), 0.5, 0.05);
  controls = {};
  controls.volume = 0.5;
  EXPECT_NEAR(Rms(Say(synthesizer.get(), controls)) / Rms(plain), 0.5, 0.02);
  controls.volume = 0.0;
  EXPECT_EQ(Rms(Say(synthesizer.get(), controls)), 0.0);
}

TEST_F(SynthesizerTest, TheSlowestAndTheFastestSpeed) {
  const auto synthesizer = Load({});
  const auto plain = static_cast<double>(Say(synthesizer.get()).size());
  SynthesisControls controls;
  controls.speed = 0.25;
  EXPECT_NEAR(static_cast<double>(Say(synthesizer.get(), controls).size()) / plain, 4.0, 0.1);
  controls.speed = 4.0;
  EXPECT_NEAR(static_cast<double>(Say(synthesizer.get(), controls).size()) / plain, 0.25, 0.03);
}

// Median over the frames that are voiced in both, as an independent estimator hears them.
double SemitonesAbove(const std::vector<float>& low, const std::vector<float>& high) {
  PitchOptions options;
  options.max_hz = 600.0;
  const auto below = EstimatePitch(low, {}, options), above = EstimatePitch(high, {}, options);
  std::vector<double> semitones;
  for (size_t i = 0; i < std::min(below.size(), above.size()); ++i) {
    if (below[i] > 0.0F && above[i] > 0.0F) semitones.push_back(12.0 * std::log2(above[i] / below[i]));
  }
  EXPECT_GT(semitones.size(), 50U);
  std::nth_element(semitones.begin(), semitones.begin() + static_cast<ptrdiff_t>(semitones.size() / 2),
                   semitones.end());
  return semitones[semitones.size() / 2];
}

TEST_F(SynthesizerTest, PitchIsInSemitones) {
  const auto synthesizer = Load({});
  const auto plain = Say(synthesizer.get());
  for (const double semitones : {-12.0, -6.0, -3.0, -1.0, 1.0, 3.0, 6.0, 12.0}) {
    SynthesisControls controls;
    controls.pitch = semitones;
    const auto moved = Say(synthesizer.get(), controls);
    EXPECT_NEAR(static_cast<double>(moved.size()) / static_cast<double>(plain.size()), 1.0, 0.02);
    EXPECT_NEAR(SemitonesAbove(plain, moved), semitones, 0.5) << semitones;
  }
}

TEST(PitchShiftTest, AVoiceWithoutAPitchPredictorIsShiftedByItsAudioAlone) {
  for (const double semitones : {-12.0, -2.0, 0.5, 12.0}) {
    const auto shift = PitchShift::Create(semitones, 22050, /*model_follows=*/false);
    ASSERT_TRUE(shift.ok()) << shift.status();
    EXPECT_EQ(shift->model_semitones(), 0.0);
    EXPECT_NEAR(shift->stretch(), std::exp2(semitones / 12.0), 1e-4);
  }
  const auto followed = PitchShift::Create(2.0, 22050);
  ASSERT_TRUE(followed.ok()) << followed.status();
  EXPECT_EQ(followed->model_semitones(), 2.0);
  EXPECT_EQ(followed->stretch(), 1.0);
  EXPECT_FALSE(followed->remembers());
}

TEST_F(SynthesizerTest, RefusesControlsOutOfRangeByName) {
  const auto synthesizer = Load({});
  const auto message = [&](const SynthesisControls& controls) {
    const auto begun = synthesizer->Begin(sentence_, controls);
    EXPECT_TRUE(absl::IsInvalidArgument(begun.status()));
    return std::string(begun.status().message());
  };
  SynthesisControls controls;
  controls.speed = 9.0;
  EXPECT_NE(message(controls).find("speed: 9"), std::string::npos);
  controls.speed = std::nan("");
  EXPECT_NE(message(controls).find("speed"), std::string::npos);
  controls = {};
  controls.pitch = -13;
  EXPECT_NE(message(controls).find("pitch"), std::string::npos);
  controls = {};
  controls.volume = -1;
  EXPECT_NE(message(controls).find("volume"), std::string::npos);
  controls = {};
  controls.speaker = 1;
  EXPECT_NE(message(controls).find("speaker"), std::string::npos);
  EXPECT_FALSE(synthesizer->Begin(Sentence(), {}).ok());
}

TEST_F(SynthesizerTest, GriffinLimSpeaksTheSameLength) {
  SynthesizerOptions options;
  options.vocoder = "griffin_lim";
  EXPECT_EQ(Say(Load(options).get()).size(), Say(Load({}).get()).size());
}

TEST(SynthesizerLoadTest, NamesWhatIsMissing) {
  const auto missing = Synthesizer::Load("/nonexistent/voice", {});
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.status().message().find("/nonexistent/voice"), std::string::npos);
  SynthesizerOptions options;
  options.device = "abacus";
  const auto device = Synthesizer::Load(fs::path(M2TTS_SOURCE_DIR) / "voices/en_US-slt", options);
  ASSERT_FALSE(device.ok());
  EXPECT_NE(device.status().message().find("abacus"), std::string::npos);
}

TEST(SentenceBatchTest, PadsIdsAndStress) {
  const Sentence& golden = GoldenSentence();
  Sentence other = golden;
  other.phonemes.resize(5);
  const PhonemeBatch batch = MakePhonemeBatch({&golden, &other}, {0, 2});
  EXPECT_EQ(batch.ids.size(1), static_cast<int64_t>(golden.phonemes.size()));
  EXPECT_EQ(batch.lengths[1].item<int64_t>(), 5);
  EXPECT_EQ(batch.ids[1][5].item<int64_t>(), kPad);
  EXPECT_EQ(batch.speaker[1].item<int64_t>(), 2);
  for (const Phoneme& phoneme : golden.phonemes) EXPECT_NE(phoneme.id, kPad);
}

}  // namespace
}  // namespace m2tts
