// What the text front end costs inside a process. Run by `make bench`:
//
//   Open          start-up: lexicon and G2P model opened and verified
//   FirstSentence of a megabyte of text, until its first sentence is there
//   Throughput    a megabyte of text to phonemes, on one thread
//   GuessNew      a word that no lexicon has and that was not asked before
//   GuessAgain    the same word again
//   PhraseBreaks  parts of speech and phrase breaks of a sentence of 20 words
//   Resident      growth of the process by opening the front end and reading 100 kB (a counter, once)

#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>

#include "core/text/frontend.h"
#include "core/text/phrasing/phrase_model.h"
#include "core/text/word_guesser.h"

namespace m2tts {
namespace {

const std::filesystem::path kLexicon = std::filesystem::path(M2TTS_BINARY_DIR) / "lexicon/en_US.lex";

std::unique_ptr<TextFrontend> Open() {
  TextFrontendOptions options;
  options.lexicon_path = kLexicon;
  auto frontend = TextFrontend::Create(options);
  if (!frontend.ok()) throw std::runtime_error(std::string(frontend.status().message()));
  return *std::move(frontend);
}

// The sentences of the voice's recipe, over and over.
std::string Text(size_t bytes) {
  std::ifstream file(std::filesystem::path(M2TTS_SOURCE_DIR) / "trainer/recipes/en_US-slt/sentences.csv");
  std::string sentences;
  for (std::string line; std::getline(file, line);) sentences += line.substr(line.find('|') + 1) + "\n";
  std::string text;
  while (text.size() < bytes) text += sentences;
  return text.substr(0, text.rfind('\n', bytes));
}

size_t Drain(SentenceReader* reader) {
  size_t phonemes = 0;
  while (const auto sentence = reader->Next()) phonemes += sentence->phonemes.size();
  return phonemes;
}

double ResidentMegabytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * 4096e-6;
}

void BM_Resident(benchmark::State& state) {
  for (auto _ : state) {
    const double before = ResidentMegabytes();
    const auto frontend = Open();
    benchmark::DoNotOptimize(Drain((*frontend->Read(Text(100'000))).get()));
    state.counters["MB"] = ResidentMegabytes() - before;
  }
}
BENCHMARK(BM_Resident)->Iterations(1)->Unit(benchmark::kMillisecond);

void BM_Open(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Open());
}
BENCHMARK(BM_Open)->Unit(benchmark::kMillisecond);

void BM_FirstSentence(benchmark::State& state) {
  const auto frontend = Open();
  const std::string text = Text(1'000'000);
  for (auto _ : state) benchmark::DoNotOptimize((*frontend->Read(text))->Next());
}
BENCHMARK(BM_FirstSentence)->Unit(benchmark::kMicrosecond);

void BM_Throughput(benchmark::State& state) {
  const auto frontend = Open();
  const std::string text = Text(1'000'000);
  for (auto _ : state) benchmark::DoNotOptimize(Drain((*frontend->Read(text)).get()));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(text.size()));
}
BENCHMARK(BM_Throughput)->Unit(benchmark::kMillisecond);

// Letters of a counter: words that nobody has seen.
std::string NewWord(int64_t number) {
  std::string word;
  for (int i = 0; i < 5; ++i, number /= 12) {
    word += "bdfglmnprstv"[number % 12];
    if (i % 2 == 0) word += "aeiou"[(number / 7 + i) % 5];
  }
  return word;
}

void BM_GuessNew(benchmark::State& state) {
  auto path = kLexicon;
  const auto guesser = WordGuesser::Open(path.replace_extension(".g2p"));
  int64_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize((*guesser)->Guess(NewWord(number += 7919)));
}
BENCHMARK(BM_GuessNew)->Unit(benchmark::kMicrosecond);

void BM_GuessAgain(benchmark::State& state) {
  auto path = kLexicon;
  const auto guesser = WordGuesser::Open(path.replace_extension(".g2p"));
  for (auto _ : state) benchmark::DoNotOptimize((*guesser)->Guess("zorvelik"));
}
BENCHMARK(BM_GuessAgain)->Unit(benchmark::kMicrosecond);

void BM_PhraseBreaks(benchmark::State& state) {
  auto path = kLexicon;
  const auto model = PhraseModel::Open(path.replace_extension(".phrasing"));
  std::vector<PhraseWord> words;
  for (const char* word : {"the", "man", "who", "lives", "in",     "the", "old",  "house", "at",    "the",
                           "end", "of",  "the", "quiet", "street", "has", "lost", "his",   "front", "key"}) {
    words.push_back({word});
  }
  for (auto _ : state) benchmark::DoNotOptimize((*model)->Breaks(words));
}
BENCHMARK(BM_PhraseBreaks)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace m2tts

BENCHMARK_MAIN();
