#include "trainer/corpus/speech_engine.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "core/base/file.h"
#include "core/base/program.h"
#include "trainer/corpus/process.h"
#include "trainer/corpus/wav_check.h"

namespace m2tts {
namespace {

class Festival : public SpeechEngine {
 public:
  explicit Festival(std::string voice) : voice_(std::move(voice)) {}

  Status Speak(const std::vector<SpeechTask>& tasks) const override {
    M2TTS_ASSIGN_OR_RETURN(const ScratchFolder scratch, ScratchFolder::Create());
    const std::filesystem::path script = scratch.path() / "speak.scm";
    M2TTS_RETURN_IF_ERROR(WriteFileAtomic(script, FestivalScript(voice_, tasks)));
    M2TTS_ASSIGN_OR_RETURN(const ProcessResult result, RunProcess({"festival", "--batch", script.string()}));
    if (!result.ok()) return Internal("festival: {}", result.Describe());
    return OkStatus();
  }

  bool writes_labels() const override { return true; }

  std::string name() const override { return "festival:" + voice_; }

 private:
  const std::string voice_;
};

class Flite : public SpeechEngine {
 public:
  explicit Flite(std::string voice) : voice_(std::move(voice)) {}

  Status Speak(const std::vector<SpeechTask>& tasks) const override {
    for (const SpeechTask& task : tasks) {
      M2TTS_ASSIGN_OR_RETURN(
          const ProcessResult result,
          RunProcess({"flite", "-voice", voice_, "-t", task.sentence->text, "-o", task.wav.string()}));
      if (!result.ok()) return Internal("flite: {}", result.Describe());
    }
    return OkStatus();
  }

  std::string name() const override { return "flite:" + voice_; }

 private:
  const std::string voice_;
};

// flite speaks with another voice, and says nothing, when it lacks the one asked for.
Status CheckFliteVoice(const std::string& voice) {
  M2TTS_ASSIGN_OR_RETURN(const ProcessResult result, RunProcess({"flite", "-lv"}));
  std::istringstream words(result.out);  // "Voices available: kal slt"
  for (std::string word; words >> word;) {
    if (word == voice) return OkStatus();
  }
  return NotFound("flite has no voice '{}' ({})", voice, result.Describe());
}

}  // namespace

std::string SchemeString(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal + '"';
}

std::string FestivalScript(const std::string& voice, const std::vector<SpeechTask>& tasks) {
  std::string script = fmt::format("(voice_{})\n", voice);
  for (const SpeechTask& task : tasks) {
    // unwind-protect: an error in one sentence must not end the batch.
    script += fmt::format(
        "(unwind-protect (let ((utt (utt.synth (Utterance Text {}))))"
        " (utt.save.segs utt {}) (utt.save.wave utt {} 'riff)) nil)\n",
        SchemeString(task.sentence->text), SchemeString(task.labels().string()),
        SchemeString(task.wav.string()));
  }
  return script;
}

StatusOr<std::unique_ptr<SpeechEngine>> SpeechEngine::Create(const std::string& engine,
                                                             const std::string& voice) {
  // The voice becomes part of a Scheme program.
  if (!std::all_of(voice.begin(), voice.end(),
                   [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; })) {
    return InvalidArgument("voice '{}': letters, digits and '_' make a voice name", voice);
  }
  std::unique_ptr<SpeechEngine> speaker;
  std::string packages;
  if (engine == "festival") {
    speaker = std::make_unique<Festival>(voice.empty() ? "cmu_us_slt_arctic_hts" : voice);
    packages = "festival festvox-us-slt-hts";
  } else if (engine == "flite") {
    if (ProgramExists(engine)) M2TTS_RETURN_IF_ERROR(CheckFliteVoice(voice.empty() ? "slt" : voice));
    speaker = std::make_unique<Flite>(voice.empty() ? "slt" : voice);
    packages = "flite";
  } else {
    return InvalidArgument("unknown engine '{}': festival or flite", engine);
  }
  if (!ProgramExists(engine)) {
    return NotFound("{0} is not installed; on Debian: apt install {1} (deploy/setup.sh voice does it)",
                    engine, packages);
  }
  M2TTS_ASSIGN_OR_RETURN(const ScratchFolder scratch, ScratchFolder::Create());
  const ListedSentence word{"trial", "Hello."};
  const std::filesystem::path wav = scratch.path() / "trial.wav";
  Status status = speaker->Speak({{&word, wav}});
  if (status.ok()) status = WavSeconds(wav).status();
  if (!status.ok()) {
    return NotFound("{} cannot read with its voice ({}); is the voice installed? On Debian: apt install {}",
                    speaker->name(), std::string(status.message()), packages);
  }
  return speaker;
}

}  // namespace m2tts
