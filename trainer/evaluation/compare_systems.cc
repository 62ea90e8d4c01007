#include "trainer/evaluation/compare_systems.h"

#include <cmath>

#include "core/audio/codec.h"
#include "trainer/corpus/process.h"
#include "trainer/corpus/sentence_list.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// Two files a sentence: 2 i is the recording, 2 i + 1 the voice.
fs::path WavPath(const fs::path& folder, size_t index) {
  return folder / fmt::format("{:06d}.wav", index);
}

StatusOr<EvalSentence> Synthesize(const EvalItem& item, const SynthesizeFn& synthesize,
                                  const EvalOptions& options, const fs::path& recording_wav,
                                  const fs::path& voice_wav) {
  const int rate = options.audio.sample_rate;
  M2TTS_ASSIGN_OR_RETURN(const Audio recording, ReadAudioFile(item.recording));
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> reference, ToMono(recording, rate));
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> voice, synthesize(item.text));
  EvalSentence sentence;
  sentence.item = item;
  M2TTS_ASSIGN_OR_RETURN(sentence.acoustic, CompareAcoustics(reference, voice, options.audio));
  if (options.recognize) {
    M2TTS_ASSIGN_OR_RETURN(const std::vector<float> heard, ToMono(recording, kRecognizerRate));
    M2TTS_RETURN_IF_ERROR(WriteRecognizerWav(heard, kRecognizerRate, recording_wav));
    M2TTS_RETURN_IF_ERROR(WriteRecognizerWav(voice, rate, voice_wav));
  }
  return sentence;
}

Status CompareWords(const EvalOptions& options, const fs::path& folder, const EvalProgressFn& progress,
                    EvalReport* report) {
  const size_t total = report->sentences.size() * 2;
  std::vector<fs::path> wavs;
  for (size_t i = 0; i < total; ++i) wavs.push_back(WavPath(folder, i));
  const auto tell = [&](size_t done) {
    if (progress) progress("recognition", done, total);
  };
  M2TTS_ASSIGN_OR_RETURN(const std::vector<std::string> heard, Recognize(wavs, options.recognizer, tell));

  std::vector<int> voice_errors;
  std::vector<int> recording_errors;
  std::vector<int> words;
  for (size_t i = 0; i < report->sentences.size(); ++i) {
    EvalSentence& sentence = report->sentences[i];
    const std::vector<std::string> reference = NormalizeWords(sentence.item.text);
    sentence.heard_in_recording = heard[2 * i];
    sentence.heard_in_voice = heard[2 * i + 1];
    sentence.recording_errors = CountWordErrors(reference, NormalizeWords(heard[2 * i]));
    sentence.voice_errors = CountWordErrors(reference, NormalizeWords(heard[2 * i + 1]));
    report->recording_errors += sentence.recording_errors;
    report->voice_errors += sentence.voice_errors;
    voice_errors.push_back(sentence.voice_errors.errors());
    recording_errors.push_back(sentence.recording_errors.errors());
    words.push_back(static_cast<int>(reference.size()));
  }
  M2TTS_ASSIGN_OR_RETURN(report->difference,
                         PairedBootstrap(voice_errors, recording_errors, words, options.bootstrap));
  report->recognized = true;
  return OkStatus();
}

}  // namespace

StatusOr<std::vector<EvalItem>> ReadEvalItems(const fs::path& corpus_dir, int limit) {
  if (limit < 0) return InvalidArgument("limit: {} is negative", limit);
  M2TTS_ASSIGN_OR_RETURN(const std::vector<ListedSentence> sentences,
                         ReadSentenceList(corpus_dir / "metadata.csv", SentenceCharset::kAny));
  std::vector<EvalItem> items;
  for (const ListedSentence& sentence : sentences) {
    if (limit > 0 && items.size() == static_cast<size_t>(limit)) break;
    items.push_back({sentence.id, sentence.text, corpus_dir / "wavs" / (sentence.id + ".wav")});
    if (!fs::exists(items.back().recording))
      return NotFound("no recording {}", items.back().recording.string());
  }
  return items;
}

StatusOr<EvalReport> CompareSystems(const std::vector<EvalItem>& items, const SynthesizeFn& synthesize,
                                    const EvalOptions& options, const EvalProgressFn& progress) {
  if (items.empty()) return InvalidArgument("nothing to evaluate: no sentences");
  M2TTS_RETURN_IF_ERROR(options.audio.Validate());
  // Before the long part: a missing recognizer should not be found out after it.
  if (options.recognize) M2TTS_RETURN_IF_ERROR(options.recognizer.Validate());
  M2TTS_ASSIGN_OR_RETURN(const ScratchFolder scratch, ScratchFolder::Create());

  EvalReport report;
  for (size_t i = 0; i < items.size(); ++i) {
    StatusOr<EvalSentence> sentence = Synthesize(
        items[i], synthesize, options, WavPath(scratch.path(), 2 * i), WavPath(scratch.path(), 2 * i + 1));
    if (!sentence.ok()) return Annotate(sentence.status(), fmt::format("sentence '{}'", items[i].id));
    const AcousticDistance& acoustic = sentence->acoustic;
    report.mcd_db += acoustic.mcd_db / static_cast<double>(items.size());
    report.pitch += acoustic.pitch;
    report.duration_error += std::abs(acoustic.system_seconds / acoustic.reference_seconds - 1.0) /
                             static_cast<double>(items.size());
    report.sentences.push_back(*std::move(sentence));
    if (progress) progress("synthesis", i + 1, items.size());
  }
  if (options.recognize) M2TTS_RETURN_IF_ERROR(CompareWords(options, scratch.path(), progress, &report));
  return report;
}

}  // namespace m2tts
