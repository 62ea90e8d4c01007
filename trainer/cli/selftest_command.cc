#include "core/base/install_paths.h"
#include "trainer/cli/commands.h"
#include "trainer/corpus/process.h"
#include "trainer/selftest.h"

namespace m2tts {

void AddSelftestCommand(CLI::App* app, Action* action) {
  auto* command =
      app->add_subcommand("selftest", "Check this installation: train, export and speak, in miniature");
  command->callback([=] {
    *action = []() -> Status {
      M2TTS_ASSIGN_OR_RETURN(const ScratchFolder scratch, ScratchFolder::Create());
      M2TTS_RETURN_IF_ERROR(
          RunSelftest(scratch.path(), FindInstallPaths().lexicon, [](const std::string& line) {
            fmt::print("ok  {}\n", line);
            std::fflush(stdout);
          }));
      fmt::print("selftest passed\n");
      return OkStatus();
    };
  });
}

}  // namespace m2tts
