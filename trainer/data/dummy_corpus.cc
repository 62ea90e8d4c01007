#include <cmath>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "trainer/data/dataset.h"

namespace m2tts {
namespace {

// A tone per letter, 60 ms each, with a short fade, and silence for a blank: enough structure to learn from.
std::vector<float> ToneFor(const std::string& text, int sample_rate) {
  const int length = sample_rate * 60 / 1000;
  std::vector<float> samples;
  double phase = 0.0;
  for (const char c : text) {
    if (c == ' ') {
      samples.insert(samples.end(), length, 0.0f);
      continue;
    }
    const double hertz = 120.0 + 8.0 * (c - 'a');
    for (int i = 0; i < length; ++i) {
      phase += 2.0 * M_PI * hertz / sample_rate;
      const double fade = std::sin(M_PI * (i + 0.5) / length);
      const double tone = std::sin(phase) + 0.5 * std::sin(2 * phase) + 0.25 * std::sin(3 * phase);
      samples.push_back(static_cast<float>(0.3 * fade * tone));
    }
  }
  return samples;
}

}  // namespace

Status WriteDummyCorpus(const std::filesystem::path& root, int clips, int sample_rate) {
  static constexpr const char* kWords[] = {"one", "two",   "three", "four", "five", "six",
                                           "ten", "seven", "eight", "nine", "zero", "hello"};
  constexpr int kWordCount = sizeof(kWords) / sizeof(kWords[0]);
  std::string metadata;
  for (int i = 0; i < clips; ++i) {
    const std::string text = fmt::format("{} {} {}", kWords[i % kWordCount], kWords[(i * 5 + 3) % kWordCount],
                                         kWords[(i * 7 + 1) % kWordCount]);
    const std::string id = fmt::format("dummy-{:04d}", i);
    M2TTS_ASSIGN_OR_RETURN(const std::string wav,
                           EncodeAudio(ToneFor(text, sample_rate), sample_rate, AudioEncoding::kWav));
    M2TTS_RETURN_IF_ERROR(WriteFileAtomic(root / "wavs" / (id + ".wav"), wav));
    metadata += fmt::format("{}|{}|{}\n", id, text, text);
  }
  return WriteFileAtomic(root / "metadata.csv", metadata);
}

}  // namespace m2tts
