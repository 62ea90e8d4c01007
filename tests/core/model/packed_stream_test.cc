#include "core/model/packed_stream.h"

#include <gtest/gtest.h>

#include "core/model/layers.h"
#include "core/model/m2tts_model.h"

namespace m2tts {
namespace {

using torch::Tensor;

// Streams that get their frames in parts, side by side.
class Streams {
 public:
  // inputs: [frames, C] each. parts: how many frames each stream gets at each step; the rest comes last.
  Streams(std::vector<Tensor> inputs, std::vector<std::vector<int64_t>> parts)
      : inputs_(std::move(inputs)),
        parts_(std::move(parts)),
        fed_(inputs_.size()),
        memories_(inputs_.size()),
        outputs_(inputs_.size()) {}

  // network: a step over the rows of the streams that still have frames.
  template <typename Network>
  std::vector<Tensor> Run(const Network& network, bool few_lengths = false) {
    for (size_t round = 0;; ++round) {
      std::vector<size_t> members;
      std::vector<StreamMemory*> memories;
      std::vector<bool> last;
      PackedStep::Rows rows;
      for (size_t i = 0; i < inputs_.size(); ++i) {
        const int64_t left = inputs_[i].size(0) - fed_[i];
        if (left == 0) continue;
        const int64_t part = round < parts_[i].size() ? std::min(parts_[i][round], left) : left;
        members.push_back(i);
        memories.push_back(&memories_[i]);
        last.push_back(part == left);
        rows.push_back(inputs_[i].narrow(0, fed_[i], part));
        fed_[i] += part;
      }
      if (members.empty()) break;
      PackedStep step(memories, last, few_lengths);
      const PackedStep::Rows given = network(&step, rows);
      for (size_t k = 0; k < members.size(); ++k) outputs_[members[k]].push_back(given[k]);
    }
    std::vector<Tensor> whole;
    for (const auto& parts : outputs_) whole.push_back(torch::cat(parts));
    return whole;
  }

 private:
  const std::vector<Tensor> inputs_;
  const std::vector<std::vector<int64_t>> parts_;
  std::vector<int64_t> fed_;
  std::vector<StreamMemory> memories_;
  std::vector<std::vector<Tensor>> outputs_;
};

class PackedStreamTest : public testing::Test {
 protected:
  PackedStreamTest() { torch::manual_seed(1); }
  torch::NoGradGuard no_grad_;
};

void ExpectNear(const Tensor& a, const Tensor& b, const std::string& what) {
  ASSERT_EQ(a.sizes(), b.sizes()) << what;
  EXPECT_LT((a - b).abs().max().item<double>(), 1e-4) << what;
}

TEST_F(PackedStreamTest, ConvolutionsGiveWhatTheyGiveAtOnce) {
  TimeConv first(4, 6, 5), second(6, 3, 3);
  const std::vector<Tensor> inputs = {torch::randn({40, 4}), torch::randn({1, 4}), torch::randn({23, 4})};
  const auto network = [&](PackedStep* step, const PackedStep::Rows& rows) {
    const auto hidden = step->Through(
        2, [&](const Tensor& x, const Tensor&) { return first(x); }, rows);
    const auto bent = step->Each([](const Tensor& x) { return torch::tanh(x); }, hidden);
    return step->Through(
        1, [&](const Tensor& x, const Tensor&) { return second(x); }, bent);
  };
  for (const bool few_lengths : {false, true}) {
    Streams streams(inputs, {{4, 1, 1, 30}, {}, {5, 17}});
    const auto outputs = streams.Run(network, few_lengths);
    for (size_t i = 0; i < inputs.size(); ++i) {
      ExpectNear(outputs[i], second(torch::tanh(first(inputs[i].unsqueeze(0))))[0], std::to_string(i));
    }
  }
}

TEST_F(PackedStreamTest, AMaskTellsWhatIsPadding) {
  // Counts the neighbours that exist.
  const auto count = [](const Tensor& x, const Tensor& mask) {
    const auto there = mask.defined() ? mask : torch::ones({1, x.size(1), 1});
    const auto padded = torch::constant_pad_nd(there, {0, 0, 2, 2});
    return padded.unfold(1, 5, 1).sum(3);
  };
  Streams streams({torch::zeros({6, 1}), torch::zeros({2, 1})}, {{3, 2}, {}});
  const auto outputs = streams.Run(
      [&](PackedStep* step, const PackedStep::Rows& rows) { return step->Through(2, count, rows); });
  EXPECT_TRUE(torch::equal(outputs[0].flatten(), torch::tensor({3.0F, 4.0F, 5.0F, 5.0F, 4.0F, 3.0F})));
  EXPECT_TRUE(torch::equal(outputs[1].flatten(), torch::tensor({2.0F, 2.0F})));
}

TEST_F(PackedStreamTest, AStepThatFailsChangesNothing) {
  TimeConv conv(2, 2, 3);
  const auto through = [&](StreamMemory* memory, const Tensor& row, bool fail) {
    PackedStep step({memory}, {false});
    return step.Through(1,
                        [&](const Tensor& x, const Tensor&) -> Tensor {
                          if (fail) throw std::bad_alloc();
                          return conv(x);
                        },
                        {row})[0];
  };
  const auto a = torch::randn({5, 2}), b = torch::randn({5, 2});
  StreamMemory undisturbed, disturbed;
  (void)through(&undisturbed, a, false);
  (void)through(&disturbed, a, false);
  StreamMemory copy = disturbed;
  EXPECT_THROW((void)through(&copy, b, true), std::bad_alloc);
  copy = disturbed;
  EXPECT_TRUE(torch::equal(through(&copy, b, false), through(&undisturbed, b, false)));
}

TEST_F(PackedStreamTest, AStreamWithoutFramesIsRefused) {
  StreamMemory memory;
  PackedStep step({&memory}, {true});
  const auto same = [](const Tensor& x, const Tensor&) { return x; };
  EXPECT_THROW((void)step.Through(1, same, {torch::zeros({0, 2})}), c10::Error);
}

TEST_F(PackedStreamTest, TheMelDecoderStreams) {
  for (const int depthwise : {0, 5}) {
    ModelConfig config;
    config.hidden = 32;
    config.encoder_layers = 1;
    config.decoder_layers = 2;
    config.decoder_attention = 4;
    config.depthwise_kernel = depthwise;
    AcousticModel model(config, AudioConfig());
    for (auto& parameter : model->parameters()) parameter.normal_(0, 0.2);
    model->eval();
    const auto speaker = torch::zeros({1}, torch::kInt64);
    std::vector<Tensor> inputs, expected;
    for (const int64_t frames : {90, 3, 51}) {
      const Expanded whole{torch::randn({1, frames, 32}), torch::rand({1, frames, 3}), {}};
      inputs.push_back(model->DecoderInput(whole)[0]);
      expected.push_back(model->DecodeMel(whole.hidden, whole.position, {}, speaker)[0]);
    }
    Streams streams(inputs, {{24, 1, 40}, {}, {30, 5, 5}});
    const auto outputs = streams.Run([&](PackedStep* step, const PackedStep::Rows& rows) {
      return model->DecodeStream(step, rows, std::vector<Tensor>(rows.size(), speaker));
    });
    for (size_t i = 0; i < inputs.size(); ++i) ExpectNear(outputs[i], expected[i], std::to_string(i));
  }
}

TEST_F(PackedStreamTest, TheVocoderStreams) {
  VocoderConfig config;
  config.type = "istft";
  config.hidden = 24;
  config.blocks = 2;
  // Hops that do not divide half a window as well: a frame then reaches into one hop more.
  for (const int hop : {256, 200, 275, 320}) {
    AudioConfig audio;
    audio.hop_length = hop;
    const auto vocoder = MakeVocoder(config, audio);
    ASSERT_TRUE(vocoder.ok()) << vocoder.status();
    std::vector<Tensor> mels;
    for (const int64_t frames : {80, 2, 37}) mels.push_back(torch::randn({frames, 64}) - 5.0);
    const int64_t lag = (*vocoder)->context_frames();
    Streams streams(mels, {{lag + 1, 7, 1}, {}, {lag + 3}});
    const auto waves = streams.Run(
        [&](PackedStep* step, const PackedStep::Rows& rows) { return (*vocoder)->Stream(step, rows); });
    for (size_t i = 0; i < mels.size(); ++i) {
      ExpectNear(waves[i].flatten(), (*vocoder)->forward(mels[i].unsqueeze(0))[0],
                 fmt::format("{} hop {}", i, hop));
    }
  }
}

}  // namespace
}  // namespace m2tts
