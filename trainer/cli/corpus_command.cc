#include <cstdio>

#include "trainer/cli/commands.h"
#include "trainer/corpus/corpus.h"
#include "trainer/corpus/progress.h"

namespace m2tts {

void AddCorpusCommand(CLI::App* app, Action* action) {
  auto* command = app->add_subcommand("corpus", "Make a corpus by having a free synthesizer read sentences");
  auto options = std::make_shared<CorpusOptions>();
  command->add_option("sentences", options->sentences_file, "CSV file of lines id|text")->required();
  command->add_option("-o,--output", options->output_dir, "Corpus folder to write")->required();
  command->add_option("--engine", options->engine, "festival or flite")
      ->check(CLI::IsMember({"festival", "flite"}))
      ->capture_default_str();
  command->add_option("--voice", options->voice, "Voice of the engine [its slt voice]");
  command->add_option("--jobs", options->jobs, "Synthesizers at once; 0 = one per core")
      ->capture_default_str();
  command->add_option("--limit", options->limit, "Only the first N sentences; 0 = all")
      ->capture_default_str();
  command->callback([=] {
    *action = [=]() -> Status {
      M2TTS_ASSIGN_OR_RETURN(const CorpusProgress done, MakeCorpus(*options, PrintCorpusProgress(stderr)));
      fmt::print("{}: {} sentences, {:.2f} h\n", options->output_dir.string(), done.total,
                 done.audio_seconds / 3600);
      return OkStatus();
    };
  });
}

}  // namespace m2tts
