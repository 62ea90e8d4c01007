#include "core/model/recompute.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/device/autocast.h"
#include "core/model/m2tts_model.h"
#include "core/text/phoneme.h"
#include "tests/core/model/replaced_allocator.h"

namespace m2tts {
namespace {

// The CPU's allocator, which tells how many bytes were held at most.
class CountingAllocator : public ReplacedAllocator {
 public:
  CountingAllocator() { held_ = peak_ = 0; }
  c10::DeleterFnPtr raw_deleter() const override { return &Release; }
  static int64_t peak() { return peak_; }

 private:
  c10::DataPtr Allocate(size_t bytes) const override {
    auto inner = whole()->allocate(bytes);
    deleter_ = whole()->raw_deleter();
    // The context of a block must be its data: some callers ask for the bare pointer.
    void* const data = inner.release_context();
    if (data == nullptr) return {nullptr, nullptr, &Release, c10::Device(torch::kCPU)};
    sizes_[data] = static_cast<int64_t>(bytes);
    held_ += static_cast<int64_t>(bytes);
    peak_ = std::max(peak_, held_);
    return {data, data, &Release, c10::Device(torch::kCPU)};
  }
  static void Release(void* data) {
    if (data == nullptr) return;
    const auto size = sizes_.find(data);
    if (size != sizes_.end()) {
      held_ -= size->second;
      sizes_.erase(size);
    }
    deleter_(data);
  }
  static inline int64_t held_ = 0, peak_ = 0;
  static inline std::map<void*, int64_t> sizes_;  // the test has one thread
  static inline c10::DeleterFnPtr deleter_ = nullptr;
};

ModelConfig DeepConfig() {
  ModelConfig config;
  config.hidden = 32;
  config.encoder_layers = 2;
  config.decoder_layers = 6;
  config.predictor_hidden = 16;
  config.dropout = 0.2;
  return config;
}

struct Outcome {
  torch::Tensor mel;
  std::vector<torch::Tensor> gradients;
  int64_t peak = 0;
};

Outcome Learn(bool recompute, Precision precision = Precision::kFp32) {
  torch::manual_seed(1);
  AcousticModel model(DeepConfig(), AudioConfig());
  model->set_recompute(recompute);
  PhonemeBatch batch;
  batch.ids = torch::randint(kSpecialCount, kPhonemeCount, {4, 40}, torch::kInt64);
  batch.stress = torch::zeros_like(batch.ids);
  batch.lengths = torch::tensor({40, 35, 30, 20});
  batch.speaker = torch::zeros({4}, torch::kInt64);
  const auto mask = LengthMask(batch.lengths, 40).squeeze(2);
  const auto durations = 8 * mask.to(torch::kInt64);
  const auto pitch = torch::randn({4, 40}) * mask;
  Outcome outcome;
  {
    const CountingAllocator allocator;
    AcousticModelImpl::Output output;
    {
      const Autocast autocast(torch::kCPU, precision);
      output = model->forward(batch, durations, pitch);
    }
    (output.mel.to(torch::kFloat32).square().mean() +
     output.log_durations.to(torch::kFloat32).square().mean())
        .backward();
    outcome.mel = output.mel.detach().to(torch::kFloat32).clone();
    outcome.peak = CountingAllocator::peak();
    output = {};
  }
  for (const auto& item : model->named_parameters()) {
    if (item.value().grad().defined()) outcome.gradients.push_back(item.value().grad().clone());
  }
  return outcome;
}

double Farthest(const Outcome& a, const Outcome& b) {
  double farthest = 0.0;
  for (size_t i = 0; i < a.gradients.size(); ++i) {
    farthest = std::max(farthest, (a.gradients[i] - b.gradients[i]).abs().max().item<double>());
  }
  return farthest;
}

TEST(RecomputeTest, GradientsAreTheSameWithDropoutInLessMemory) {
  const Outcome kept = Learn(false), recomputed = Learn(true);
  EXPECT_TRUE(torch::equal(kept.mel, recomputed.mel));
  ASSERT_EQ(kept.gradients.size(), recomputed.gradients.size());
  ASSERT_GT(kept.gradients.size(), 50u);
  EXPECT_LT(Farthest(kept, recomputed), 1e-6);
  EXPECT_LT(static_cast<double>(recomputed.peak), 0.5 * static_cast<double>(kept.peak));
  RecordProperty("kept_bytes", std::to_string(kept.peak));
  RecordProperty("recomputed_bytes", std::to_string(recomputed.peak));
}

TEST(RecomputeTest, AutocastIsTheSameInBothPasses) {
  const Outcome kept = Learn(false, Precision::kBf16), recomputed = Learn(true, Precision::kBf16);
  EXPECT_TRUE(torch::equal(kept.mel, recomputed.mel));
  EXPECT_LT(Farthest(kept, recomputed), 1e-6);
  EXPECT_GT(Farthest(kept, Learn(false)), 1e-6);  // bf16 is not fp32
}

TEST(RecomputeTest, RandomNumbersAfterThePassGoOnAsIfThereWereNone) {
  const auto next = [](bool recompute) {
    torch::manual_seed(3);
    const auto weight = torch::ones({4}).requires_grad_(true);
    const auto block = [&](const torch::Tensor& x) { return torch::dropout(x * weight, 0.5, true); };
    const auto x = torch::ones({4}).requires_grad_(true);
    const auto y = recompute ? Recompute(block, x, {weight}) : block(x);
    y.sum().backward();
    return torch::cat({torch::rand({2}), x.grad(), weight.grad()});
  };
  EXPECT_TRUE(torch::equal(next(true), next(false)));
}

TEST(RecomputeTest, WithoutGradientsItIsTheBlockAndErrorsComeThrough) {
  const auto x = torch::ones({2});
  int calls = 0;
  const auto block = [&](const torch::Tensor& input) {
    ++calls;
    return input * 2.0;
  };
  EXPECT_FALSE(Recompute(block, x, {}).requires_grad());
  EXPECT_EQ(calls, 1);
  const auto failing = [](const torch::Tensor& input) -> torch::Tensor {
    return torch::matmul(input, torch::ones({3}));
  };
  EXPECT_ANY_THROW(Recompute(failing, torch::ones({2}).requires_grad_(true), {}));
}

// Convolutions in double precision: with floats a library may take another kernel where no gradient is
// wanted, with rounding of its own.
TEST(RecomputeTest, VocodersHaveTheSameGradientsToo) {
  struct Case {
    const char* type;
    torch::ScalarType dtype;
    double tolerance;
  };
  for (const auto& [type, dtype, tolerance] :
       {Case{"istft", torch::kFloat32, 1e-6}, Case{"hifigan", torch::kFloat64, 1e-9}}) {
    VocoderConfig config;
    config.type = type;
    config.hidden = 16;
    config.blocks = 2;
    const auto run = [&, dtype = dtype](bool recompute) {
      torch::manual_seed(4);
      auto vocoder = *MakeVocoder(config, AudioConfig());
      vocoder->to(dtype);
      vocoder->set_recompute(recompute);
      vocoder->forward(torch::randn({2, 20, 64}).to(dtype)).square().sum().backward();
      std::vector<torch::Tensor> gradients;
      for (const auto& parameter : vocoder->parameters()) gradients.push_back(parameter.grad());
      return gradients;
    };
    const auto kept = run(false), recomputed = run(true);
    ASSERT_EQ(kept.size(), recomputed.size());
    for (size_t i = 0; i < kept.size(); ++i) {
      ASSERT_TRUE(recomputed[i].defined()) << type << i;
      EXPECT_TRUE(torch::allclose(kept[i], recomputed[i], tolerance, tolerance)) << type << i;
    }
  }
}

}  // namespace
}  // namespace m2tts
