#include "tests/benchmarks/large_corpus.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "core/base/parallel_for.h"

namespace m2tts {

namespace fs = std::filesystem;

std::vector<float> WanderingTone(int number, int sample_rate) {
  constexpr int kLengths = 48;
  const double hertz = 150.0 + number % kLengths + 0.1 * (number / kLengths);
  std::vector<float> wave(static_cast<size_t>((5.0 + 0.06 * (number % kLengths)) * sample_rate));
  double phase = 0.0;
  for (size_t i = 0; i < wave.size(); ++i) {
    const double t = static_cast<double>(i) / sample_rate;
    phase += 2.0 * M_PI * (hertz + 30.0 * std::sin(3.0 * t)) / sample_rate;
    wave[i] = static_cast<float>(0.2 * std::sin(phase) + 0.1 * std::sin(3.0 * phase));
  }
  return wave;
}

Status WriteLargeCorpus(const fs::path& root, int clips, int recordings, int sample_rate) {
  std::ifstream sentences(fs::path(M2TTS_SOURCE_DIR) / "trainer/recipes/en_US-slt/sentences.csv");
  std::vector<std::string> texts;
  for (std::string line; std::getline(sentences, line);) texts.push_back(line.substr(line.find('|') + 1));
  if (texts.empty()) return NotFound("trainer/recipes/en_US-slt/sentences.csv: no sentences");
  const auto path_of = [&](int i) { return root / "wavs" / fmt::format("c{:05d}.wav", i); };
  M2TTS_RETURN_IF_ERROR(ParallelFor(std::min(clips, recordings), BusyThreads(), [&](size_t i) -> Status {
    const auto wave = WanderingTone(static_cast<int>(i), sample_rate);
    M2TTS_ASSIGN_OR_RETURN(const std::string wav, EncodeAudio(wave, sample_rate, AudioEncoding::kWav));
    return WriteFileAtomic(path_of(static_cast<int>(i)), wav);
  }));
  std::string metadata;
  for (int i = 0; i < clips; ++i) {
    metadata += fmt::format("c{:05d}|{}\n", i, texts[static_cast<size_t>(i) % texts.size()]);
    if (i < recordings) continue;
    std::error_code error;
    fs::create_hard_link(path_of(i % recordings), path_of(i), error);
    if (error) return Internal("{}: {}", path_of(i).string(), error.message());
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
