#include <chrono>

#include "core/base/file.h"
#include "core/text/g2p_model.h"
#include "core/text/word_guesser.h"
#include "trainer/cli/commands.h"
#include "trainer/g2p/dictionary_split.h"
#include "trainer/g2p/g2p_evaluation.h"
#include "trainer/g2p/g2p_training.h"
#include "trainer/g2p/held_out_chain.h"

namespace m2tts {
namespace {

StatusOr<std::vector<DictionaryEntry>> ReadDictionary(const std::string& path) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseDictionary(text, path);
}

struct G2pTrainArguments {
  std::string dictionary;
  std::string output;
  bool all = false;
  G2pOptions options;
};

Status TrainG2p(const G2pTrainArguments& arguments) {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<DictionaryEntry> entries, ReadDictionary(arguments.dictionary));
  DictionarySplit split = SplitDictionary(entries);
  std::vector<DictionaryEntry> words = std::move(split.train);
  if (arguments.all) {
    words.insert(words.end(), split.development.begin(), split.development.end());
    words.insert(words.end(), split.test.begin(), split.test.end());
  }
  M2TTS_ASSIGN_OR_RETURN(
      const std::string bytes,
      TrainG2p(words, arguments.options, [](const std::string& line) { fmt::print(stderr, "{}\n", line); }));
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(arguments.output, bytes));
  fmt::print("{}: {} bytes\n", arguments.output, bytes.size());
  return OkStatus();
}

struct MeasureArguments {
  std::string model;
  std::string dictionary;
  std::string part = "test";
};

void PrintScore(const char* name, const std::vector<DictionaryEntry>& words, const WordReader& read) {
  const auto start = std::chrono::steady_clock::now();
  const G2pScore score = ScoreG2p(words, read);
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
  fmt::print("{:<12} {:>6.2f} {:>6.2f}   {:>6.2f} {:>6.2f}   {:>6.1f}\n", name, 100 * score.WordError(),
             100 * score.PhonemeError(), 100 * score.WordErrorWithStress(),
             100 * score.PhonemeErrorWithStress(), time.count() / static_cast<double>(score.words));
}

Status Measure(const MeasureArguments& arguments) {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<DictionaryEntry> entries, ReadDictionary(arguments.dictionary));
  const DictionarySplit split = SplitDictionary(entries);
  const std::vector<DictionaryEntry>& words = arguments.part == "test" ? split.test : split.development;
  M2TTS_ASSIGN_OR_RETURN(const auto model, G2pModel::Open(arguments.model));
  M2TTS_ASSIGN_OR_RETURN(const auto guesser, WordGuesser::Open(arguments.model));
  M2TTS_ASSIGN_OR_RETURN(const auto frontend, MakeHeldOutFrontend(entries, words, arguments.model));
  fmt::print("{} {} words; word and phoneme error in %, without and with stress; us per word with scoring\n",
             words.size(), arguments.part);
  using Parts = G2pModel::Parts;
  PrintScore("n-gram", words, [&](std::string_view word) { return model->Read(word, Parts::kNgram); });
  PrintScore("tagger", words, [&](std::string_view word) { return model->Read(word, Parts::kTagger); });
  PrintScore("both", words, [&](std::string_view word) { return model->Read(word); });
  PrintScore("guesser", words, [&](std::string_view word) { return guesser->Guess(word); });
  PrintScore("front end", words, [&](std::string_view word) { return ReadByFrontend(*frontend, word); });
  return OkStatus();
}

}  // namespace

void AddG2pCommand(CLI::App* app, Action* action) {
  auto* command = app->add_subcommand("g2p", "The model that reads unknown words: train it, measure it");
  command->require_subcommand(1);

  auto* train =
      command->add_subcommand("train", "Train on a dictionary, without its test and development words");
  auto training = std::make_shared<G2pTrainArguments>();
  train->add_option("dictionary", training->dictionary, "Dictionary in the format of the CMU dictionary")
      ->required();
  train->add_option("-o,--output", training->output, "Model file to write")->required();
  train->add_flag("--all", training->all, "Train on the test and development words too: for shipping");
  train->add_option("--epochs", training->options.tagger.epochs, "Passes of the tagger over the words")
      ->capture_default_str();
  train->add_option("--ngrams", training->options.ngram.max_ngrams, "How many n-grams to keep")
      ->capture_default_str();
  train->add_option("--seed", training->options.tagger.seed, "Seed of the tagger")->capture_default_str();
  train->callback([=] { *action = [=] { return TrainG2p(*training); }; });

  auto* eval = command->add_subcommand("eval", "Errors on words that training without --all never saw");
  auto measuring = std::make_shared<MeasureArguments>();
  eval->add_option("model", measuring->model, "Model file")->required();
  eval->add_option("dictionary", measuring->dictionary, "The dictionary that the model was trained on")
      ->required();
  eval->add_option("--part", measuring->part, "test or development")
      ->check(CLI::IsMember({"test", "development"}))
      ->capture_default_str();
  eval->callback([=] { *action = [=] { return Measure(*measuring); }; });
}

}  // namespace m2tts
