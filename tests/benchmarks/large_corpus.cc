#include "tests/benchmarks/large_corpus.h"

#include <cmath>
#include <fstream>
#include <string>

#include "core/audio/codec.h"
#include "core/base/file.h"

namespace m2tts {

namespace fs = std::filesystem;

std::vector<float> WanderingTone(int number, int sample_rate) {
  std::vector<float> wave(static_cast<size_t>((5.0 + 0.06 * number) * sample_rate));
  double phase = 0.0;
  for (size_t i = 0; i < wave.size(); ++i) {
    const double t = static_cast<double>(i) / sample_rate;
    phase += 2.0 * M_PI * (150.0 + number + 30.0 * std::sin(3.0 * t)) / sample_rate;
    wave[i] = static_cast<float>(0.2 * std::sin(phase) + 0.1 * std::sin(3.0 * phase));
  }
  return wave;
}

Status WriteLargeCorpus(const fs::path& root, int clips, int sample_rate) {
  constexpr int kRecordings = 48;
  std::ifstream sentences(fs::path(M2TTS_SOURCE_DIR) / "trainer/recipes/en_US-slt/sentences.csv");
  std::vector<std::string> texts;
  for (std::string line; std::getline(sentences, line);) texts.push_back(line.substr(line.find('|') + 1));
  if (texts.empty()) return NotFound("trainer/recipes/en_US-slt/sentences.csv: no sentences");
  std::string metadata;
  for (int i = 0; i < clips; ++i) {
    const fs::path path = root / "wavs" / fmt::format("c{:05d}.wav", i);
    if (i < kRecordings) {
      M2TTS_ASSIGN_OR_RETURN(const std::string wav,
                             EncodeAudio(WanderingTone(i, sample_rate), sample_rate, AudioEncoding::kWav));
      M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, wav));
    } else {
      std::error_code error;
      fs::create_hard_link(root / "wavs" / fmt::format("c{:05d}.wav", i % kRecordings), path, error);
      if (error) return Internal("{}: {}", path.string(), error.message());
    }
    metadata += fmt::format("c{:05d}|{}\n", i, texts[static_cast<size_t>(i) % texts.size()]);
  }
  return WriteFileAtomic(root / "metadata.csv", metadata);
}

void AlignEvenly(Corpus* corpus) {
  for (Utterance& utterance : corpus->utterances) {
    const auto count = static_cast<int64_t>(utterance.sentence.phonemes.size());
    utterance.durations.clear();
    for (int64_t t = 0; t < count; ++t) {
      utterance.durations.push_back(utterance.frames * (t + 1) / count - utterance.frames * t / count);
    }
  }
}

}  // namespace m2tts
