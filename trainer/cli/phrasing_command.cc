#include "core/base/file.h"
#include "core/text/phrasing/phrase_model.h"
#include "trainer/cli/commands.h"
#include "trainer/phrasing/phrasing_evaluation.h"
#include "trainer/phrasing/phrasing_training.h"

namespace m2tts {
namespace {

StatusOr<std::vector<TaggedSentence>> ReadTagged(const std::vector<std::string>& paths) {
  std::vector<TaggedSentence> all;
  for (const std::string& path : paths) {
    M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
    M2TTS_ASSIGN_OR_RETURN(std::vector<TaggedSentence> sentences, ParseTaggedText(text, path));
    for (TaggedSentence& sentence : sentences) all.push_back(std::move(sentence));
  }
  return all;
}

struct TrainArguments {
  std::vector<std::string> texts;
  std::string output;
  BreakOptions options;
};

Status Train(const TrainArguments& arguments) {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<TaggedSentence> sentences, ReadTagged(arguments.texts));
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes,
                         TrainPhrasing(sentences, arguments.options,
                                       [](const std::string& line) { fmt::print(stderr, "{}\n", line); }));
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(arguments.output, bytes));
  fmt::print("{}: {} bytes\n", arguments.output, bytes.size());
  return OkStatus();
}

struct EvalArguments {
  std::string model;
  std::vector<std::string> texts;
};

Status Evaluate(const EvalArguments& arguments) {
  M2TTS_ASSIGN_OR_RETURN(const auto model, PhraseModel::Open(arguments.model));
  M2TTS_ASSIGN_OR_RETURN(const std::vector<TaggedSentence> sentences, ReadTagged(arguments.texts));
  const PhrasingScore score = ScorePhrasing(*model, sentences);
  fmt::print("{} sentences, {} words: {:.2f} % of the tags right\n", sentences.size(), score.words,
             100 * score.TagAccuracy());
  fmt::print("{} places without punctuation, {} breaks: {} found, {} missed, {} more\n", score.places,
             score.breaks, score.found, score.breaks - score.found, score.wrong);
  fmt::print("precision {:.3f}, recall {:.3f}, F1 {:.3f}\n", score.Precision(), score.Recall(), score.F1());
  return OkStatus();
}

}  // namespace

void AddPhrasingCommand(CLI::App* app, Action* action) {
  auto* command =
      app->add_subcommand("phrasing", "The model of pauses between phrases: train it, measure it");
  command->require_subcommand(1);

  auto* train = command->add_subcommand(
      "train", "Train on sentences with parts of speech and pauses (trainer/phrasing/tagged_text.h)");
  auto training = std::make_shared<TrainArguments>();
  train->add_option("text", training->texts, "Files of tagged sentences")->required();
  train->add_option("-o,--output", training->output, "Model file to write")->required();
  train->add_option("--epochs", training->options.epochs, "Passes over the sentences")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  train->add_option("--seed", training->options.seed, "Seed of their order")->capture_default_str();
  train->callback([=] { *action = [=] { return Train(*training); }; });

  auto* eval = command->add_subcommand("eval", "Errors on tagged sentences that training did not see");
  auto evaluating = std::make_shared<EvalArguments>();
  eval->add_option("model", evaluating->model, "Model file")->required();
  eval->add_option("text", evaluating->texts, "Files of tagged sentences")->required();
  eval->callback([=] { *action = [=] { return Evaluate(*evaluating); }; });
}

}  // namespace m2tts
