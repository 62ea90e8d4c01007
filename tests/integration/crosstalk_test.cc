// No request hears another's audio: many clients with texts of their own, at the same time, each against
// the audio that its text has when it is alone.
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "tests/integration/daemon.h"

namespace m2tts {
namespace {

constexpr int kClients = 16;
constexpr int kRounds = 2;

// Different for every number, and of different lengths.
std::string TextOf(int number) {
  const char* const names[] = {"Alice", "Robert", "Martha", "Edward", "Susan", "Philip", "Laura", "George"};
  const char* const places[] = {"river", "mountain", "garden", "window", "market", "island", "bridge"};
  std::string text = std::string(names[number % 8]) + " walked to the " + places[number % 7] + " number " +
                     std::to_string(number) + ".";
  for (int i = 0; i < number % 4; ++i) {
    text += " Then " + std::string(names[(number + i + 1) % 8]) + " counted " +
            std::to_string(17 * number + i) + " stones.";
  }
  return text;
}

v1::SynthesizeRequest RequestOf(int number) {
  v1::SynthesizeRequest request = Request(TextOf(number));
  if (number % 3 == 1) request.mutable_controls()->set_speed(1.25);
  if (number % 5 == 2) request.mutable_controls()->set_pitch(2.0);
  if (number % 4 == 3) request.mutable_voice()->set_voice("en_US-multi");
  return request;
}

std::vector<int16_t> Samples(const std::string& pcm) {
  std::vector<int16_t> samples(pcm.size() / 2);
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] =
        static_cast<int16_t>(static_cast<uint8_t>(pcm[2 * i]) | static_cast<uint8_t>(pcm[2 * i + 1]) << 8);
  }
  return samples;
}

// Signal to difference, dB; -1000 when the lengths differ.
double Ratio(const std::string& alone, const std::string& together) {
  if (alone.size() != together.size()) return -1000.0;
  const auto a = Samples(alone), b = Samples(together);
  double signal = 0.0, difference = 1e-9;
  for (size_t i = 0; i < a.size(); ++i) {
    signal += double(a[i]) * a[i];
    difference += (double(a[i]) - b[i]) * (double(a[i]) - b[i]);
  }
  return 10.0 * std::log10(signal / difference);
}

class CrosstalkTest : public testing::Test {
 protected:
  // The worst ratio over all answers; fails the test when one did not come.
  static double Worst(DaemonUnderTest* daemon, bool unary) {
    std::vector<std::string> alone;
    for (int i = 0; i < kClients; ++i) {
      const StreamResult result = Stream(&daemon->synthesizer(), RequestOf(i));
      EXPECT_TRUE(result.status.ok()) << result.status.error_message();
      alone.push_back(result.audio);
    }
    for (int i = 0; i < kClients; ++i) {
      for (int j = 0; j < i; ++j) EXPECT_LT(Ratio(alone[i], alone[j]), 10.0) << "the texts sound alike";
    }
    std::vector<double> ratios(kClients, 1e9);
    std::vector<std::thread> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back([&, i] {
        // Half of them share a connection.
        const auto channel = i % 2 == 0 ? nullptr : daemon->NewChannel();
        // gRPC 1.51 takes a connect that is in progress for a failed one now and then (another call of its
        // own has changed errno by the time it looks), and tries again by itself.
        if (channel != nullptr) {
          EXPECT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30)));
        }
        const auto stub = channel == nullptr ? nullptr : v1::Synthesizer::NewStub(channel);
        v1::Synthesizer::Stub* const used = stub == nullptr ? &daemon->synthesizer() : stub.get();
        for (int round = 0; round < kRounds; ++round) {
          std::string audio;
          if (unary) {
            grpc::ClientContext context;
            v1::SynthesizeResponse response;
            EXPECT_TRUE(used->Synthesize(&context, RequestOf(i), &response).ok());
            audio = response.audio();
          } else {
            const StreamResult result = Stream(used, RequestOf(i));
            EXPECT_TRUE(result.status.ok()) << result.status.error_message();
            audio = result.audio;
          }
          ratios[i] = std::min(ratios[i], Ratio(alone[i], audio));
        }
      });
    }
    for (std::thread& client : clients) client.join();
    return *std::min_element(ratios.begin(), ratios.end());
  }
};

// Without batches not a bit may differ.
TEST_F(CrosstalkTest, StreamsAreBitForBitTheirsWithoutBatches) {
  DaemonUnderTest daemon("device: {threads: 1, max_batch: 1}");
  ASSERT_TRUE(daemon.ready());
  EXPECT_GT(Worst(&daemon, /*unary=*/false), 150.0) << "equal samples have 200 dB";
}

// 16-bit samples of equal audio are equal; the bound leaves room for batches, which may round differently.
TEST_F(CrosstalkTest, StreamsGetTheirOwnAudio) {
  DaemonUnderTest daemon;
  ASSERT_TRUE(daemon.ready());
  EXPECT_GT(Worst(&daemon, /*unary=*/false), 60.0);
}

TEST_F(CrosstalkTest, RepliesGetTheirOwnAudio) {
  DaemonUnderTest daemon;
  ASSERT_TRUE(daemon.ready());
  EXPECT_GT(Worst(&daemon, /*unary=*/true), 60.0);
}

}  // namespace
}  // namespace m2tts
