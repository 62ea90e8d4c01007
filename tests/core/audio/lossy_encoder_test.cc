// Encodings that lose something, through their decoders: what comes out is what went in.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/audio/codec.h"
#include "core/audio/resampler.h"
#include "tests/core/audio/test_signals.h"

namespace m2tts {
namespace {

constexpr size_t kMp3Delay = 1105;  // LAME's 576 and the decoder's 529

// A tone whose loudness moves, so that a gap or a shift of a few samples shows.
std::vector<float> Signal(int rate, double seconds = 2.0) {
  std::vector<float> wave = Sine(440.0, seconds, rate, 0.4);
  for (size_t i = 0; i < wave.size(); ++i) {
    wave[i] *= static_cast<float>(1.0 + 0.5 * std::sin(2.0 * M_PI * 3.0 * static_cast<double>(i) / rate));
  }
  return wave;
}

std::string StreamAt(AudioEncoding encoding, int rate, const std::vector<float>& wave, size_t block) {
  auto encoder = AudioEncoder::Create(encoding, rate, -1).value();
  std::string bytes;
  for (size_t at = 0; at < wave.size(); at += block) {
    bytes += encoder->Append(wave.data() + at, std::min(block, wave.size() - at)).value();
  }
  return bytes + encoder->Finish().value();
}

// The expansions of ITU-T G.711 as its text states them, for 16-bit samples.
float FromMulaw(uint8_t code) {
  const uint8_t bits = ~code;
  const int magnitude = (((bits & 15) << 3) + 132) << ((bits >> 4) & 7);
  return static_cast<float>(((bits & 0x80) != 0 ? 132 - magnitude : magnitude - 132) / 32768.0);
}
float FromAlaw(uint8_t code) {
  const uint8_t bits = code ^ 0x55;
  const int segment = (bits >> 4) & 7;
  int magnitude = ((bits & 15) << 4) + 8;
  if (segment > 0) magnitude = (magnitude + 256) << (segment - 1);
  return static_cast<float>(((bits & 0x80) != 0 ? magnitude : -magnitude) / 32768.0);
}

// Samples, the codec's delay taken off.
std::vector<float> Decode(AudioEncoding encoding, const std::string& bytes) {
  std::vector<float> wave;
  if (encoding == AudioEncoding::kMulaw || encoding == AudioEncoding::kAlaw) {
    for (const char c : bytes) {
      const auto code = static_cast<uint8_t>(c);
      wave.push_back(encoding == AudioEncoding::kMulaw ? FromMulaw(code) : FromAlaw(code));
    }
    return wave;
  }
  const auto audio = DecodeAudio(bytes, std::string(AudioEncodingName(encoding)));
  EXPECT_TRUE(audio.ok()) << audio.status();
  if (!audio.ok()) return wave;
  const size_t delay = encoding == AudioEncoding::kMp3 ? kMp3Delay : 0;
  return {audio->samples.begin() + static_cast<ptrdiff_t>(std::min(delay, audio->samples.size())),
          audio->samples.end()};
}

// The worst signal-to-difference ratio of any 50 ms, dB: a gap anywhere makes it small. The first and the
// last do not count: there the tone begins and ends with a step, which codecs smear.
double WorstRatio(const std::vector<float>& sent, const std::vector<float>& got, int rate) {
  const size_t window = static_cast<size_t>(rate) / 20;
  double worst = 1e9;
  for (size_t at = window; at + 2 * window <= sent.size(); at += window) {
    double signal = 1e-12, difference = 1e-12;
    for (size_t i = at; i < at + window; ++i) {
      const double got_i = i < got.size() ? got[i] : 0.0;
      signal += sent[i] * sent[i];
      difference += (sent[i] - got_i) * (sent[i] - got_i);
    }
    worst = std::min(worst, 10.0 * std::log10(signal / difference));
  }
  return worst;
}

struct Case {
  AudioEncoding encoding;
  double least_ratio;  // dB
};
constexpr Case kCases[] = {{AudioEncoding::kOggOpus, 12.0},
                           {AudioEncoding::kMp3, 12.0},
                           {AudioEncoding::kMulaw, 30.0},
                           {AudioEncoding::kAlaw, 30.0}};

TEST(LossyEncoderTest, DecodesToWhatWentInAtEveryRate) {
  for (const Case& test : kCases) {
    std::vector<int> rates = SampleRatesOf(test.encoding);
    if (rates.empty()) rates = {8000, 16000, 22050, 48000};
    for (const int rate : rates) {
      const std::vector<float> wave = Signal(rate);
      const std::vector<float> got = Decode(test.encoding, StreamAt(test.encoding, rate, wave, 6144));
      SCOPED_TRACE(std::string(AudioEncodingName(test.encoding)) + " at " + std::to_string(rate));
      if (test.encoding == AudioEncoding::kMp3) {
        EXPECT_GE(got.size(), wave.size());  // the end of the last frame is padding
        EXPECT_LT(got.size(), wave.size() + 3 * 1152);
      } else {
        EXPECT_EQ(got.size(), wave.size());
      }
      EXPECT_GT(WorstRatio(wave, got, rate), test.least_ratio);
    }
  }
}

TEST(LossyEncoderTest, RecordedSpeechSurvives) {
  const Audio clip = ReadAudioFile(ClipPath("LJ001-0008")).value();
  for (const Case& test : kCases) {
    const int rate = DefaultSampleRate(test.encoding, clip.sample_rate);
    const auto wave = Resample(clip.samples, clip.sample_rate, rate).value();
    const auto got = Decode(test.encoding, StreamAt(test.encoding, rate, wave, 5000));
    double signal = 0.0, product = 0.0, energy = 0.0;
    for (size_t i = 0; i < wave.size() && i < got.size(); ++i) {
      signal += wave[i] * wave[i];
      energy += got[i] * got[i];
      product += wave[i] * got[i];
    }
    EXPECT_GT(product / std::sqrt(signal * energy), 0.9) << AudioEncodingName(test.encoding);
  }
}

TEST(LossyEncoderTest, TheCutIntoBlocksDoesNotMatter) {
  for (const Case& test : kCases) {
    const int rate = DefaultSampleRate(test.encoding, 22050);
    const auto wave = Signal(rate, 0.7);
    const auto whole = Decode(test.encoding, StreamAt(test.encoding, rate, wave, wave.size()));
    for (const size_t block : {size_t{1}, size_t{777}, size_t{6144}}) {
      EXPECT_EQ(Decode(test.encoding, StreamAt(test.encoding, rate, wave, block)), whole)
          << AudioEncodingName(test.encoding) << " in blocks of " << block;
    }
  }
}

TEST(LossyEncoderTest, ShortestAndLoudestAudioIsWellFormed) {
  for (const Case& test : kCases) {
    const int rate = DefaultSampleRate(test.encoding, 22050);
    EXPECT_TRUE(EncodeAudio({}, rate, test.encoding).ok());
    EXPECT_GE(Decode(test.encoding, EncodeAudio({0.25f}, rate, test.encoding).value()).size(), 1u);
    const std::vector<float> loud(5000, 40.0f);  // clamped
    for (const float sample : Decode(test.encoding, EncodeAudio(loud, rate, test.encoding).value())) {
      ASSERT_LT(std::fabs(sample), 2.0f);
    }
    auto encoder = AudioEncoder::Create(test.encoding, rate, -1).value();
    EXPECT_TRUE(encoder->Append(nullptr, 0).ok());
  }
}

// A page is what a player can begin with: its granule position counts samples at 48 kHz.
TEST(LossyEncoderTest, OpusPagesLeaveEvery100Ms) {
  const std::vector<float> first_window = Signal(24000, 0.28);
  auto encoder = AudioEncoder::Create(AudioEncoding::kOggOpus, 24000, -1).value();
  std::string bytes = encoder->Append(first_window.data(), first_window.size()).value();
  const auto granules = [&bytes] {
    std::vector<int64_t> found;
    for (size_t at = 0; (at = bytes.find("OggS", at)) != std::string::npos; at += 4) {
      int64_t granule = 0;
      for (int i = 7; i >= 0; --i) granule = granule << 8 | static_cast<uint8_t>(bytes.at(at + 6 + i));
      if (granule > 0) found.push_back(granule);  // not the headers
    }
    return found;
  };
  ASSERT_FALSE(granules().empty()) << "no audio left with the first window";
  EXPECT_GE(granules().back(), 48 * 160);
  const auto more = Signal(24000, 3.0);
  bytes += encoder->Append(more.data(), more.size()).value();
  bytes += encoder->Finish().value();
  const auto all = granules();
  for (size_t i = 1; i < all.size(); ++i) EXPECT_LE(all[i] - all[i - 1], 48 * 100 + 960) << "page " << i;
}

TEST(LossyEncoderTest, Mp3LeavesWithTheFirstWindow) {
  const std::vector<float> first_window = Signal(22050, 0.28);
  auto encoder = AudioEncoder::Create(AudioEncoding::kMp3, 22050, -1).value();
  const std::string bytes = encoder->Append(first_window.data(), first_window.size()).value();
  EXPECT_GT(bytes.size(), 1000u);  // of 2240 at 64 kbit/s
  EXPECT_EQ(bytes.substr(0, 1), "\xff") << "a frame, and no header that would have to be completed";
}

TEST(AudioEncodingTest, RatesOfEachEncoding) {
  EXPECT_FALSE(CheckSampleRate(AudioEncoding::kOggOpus, 22050).ok());
  EXPECT_FALSE(CheckSampleRate(AudioEncoding::kOggOpus, 44100).ok());
  EXPECT_FALSE(CheckSampleRate(AudioEncoding::kMp3, 10000).ok());
  EXPECT_FALSE(CheckSampleRate(AudioEncoding::kMulaw, 7999).ok());
  EXPECT_TRUE(CheckSampleRate(AudioEncoding::kMulaw, 44100).ok());
  EXPECT_EQ(DefaultSampleRate(AudioEncoding::kOggOpus, 22050), 24000);
  EXPECT_EQ(DefaultSampleRate(AudioEncoding::kOggOpus, 44100), 48000);
  EXPECT_EQ(DefaultSampleRate(AudioEncoding::kMp3, 22050), 22050);
  EXPECT_EQ(DefaultSampleRate(AudioEncoding::kMp3, 96000), 48000);
  EXPECT_EQ(DefaultSampleRate(AudioEncoding::kAlaw, 22050), 8000);
  EXPECT_EQ(DefaultSampleRate(AudioEncoding::kFlac, 96000), 48000);
  for (const auto encoding : AllAudioEncodings()) {
    for (const int rate : SampleRatesOf(encoding)) EXPECT_TRUE(AudioEncoder::Create(encoding, rate, -1).ok());
  }
}

}  // namespace
}  // namespace m2tts
