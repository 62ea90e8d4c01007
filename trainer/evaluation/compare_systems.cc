#include "trainer/evaluation/compare_systems.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/ranges.h>

#include "core/audio/codec.h"
#include "trainer/corpus/process.h"
#include "trainer/data/dataset.h"
#include "trainer/evaluation/stoi.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostTold = 20;

// All recordings first, then the sentences of each system.
fs::path WavPath(const fs::path& folder, size_t index) {
  return folder / fmt::format("{:06d}.wav", index);
}

StatusOr<EvalSentence> Measure(const EvalSystem& system, const EvalItem& item,
                               const std::vector<float>& recording, const EvalOptions& options,
                               const fs::path& wav) {
  const int rate = options.audio.sample_rate;
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> spoken, system.speak(item.text, recording));
  EvalSentence sentence;
  M2TTS_ASSIGN_OR_RETURN(sentence.acoustic,
                         CompareAcoustics(recording, spoken, options.audio, system.aligned));
  if (system.aligned) {
    const auto stoi = Stoi(recording, spoken, rate);
    if (stoi.ok()) sentence.stoi = *stoi;
  }
  if (options.mos != nullptr) {
    M2TTS_ASSIGN_OR_RETURN(sentence.mos, options.mos->Predict(spoken, rate));
  }
  if (options.recognize) M2TTS_RETURN_IF_ERROR(WriteRecognizerWav(spoken, rate, wav));
  return sentence;
}

StatusOr<std::vector<float>> ReadRecording(const EvalItem& item, const EvalOptions& options,
                                           const fs::path& wav, EvalSentence* sentence) {
  M2TTS_ASSIGN_OR_RETURN(const Audio recording, ReadAudioFile(item.recording));
  if (options.recognize) {
    M2TTS_ASSIGN_OR_RETURN(const std::vector<float> heard, ToMono(recording, kRecognizerRate));
    M2TTS_RETURN_IF_ERROR(WriteRecognizerWav(heard, kRecognizerRate, wav));
  }
  M2TTS_ASSIGN_OR_RETURN(const auto samples, ToMono(recording, options.audio.sample_rate));
  if (options.mos != nullptr) {
    M2TTS_ASSIGN_OR_RETURN(sentence->mos, options.mos->Predict(samples, options.audio.sample_rate));
  }
  return samples;
}

Status CheckItem(const EvalItem& item, const AudioConfig& audio) {
  M2TTS_ASSIGN_OR_RETURN(const Audio recording, ReadAudioFile(item.recording));
  M2TTS_ASSIGN_OR_RETURN(const auto samples, ToMono(recording, audio.sample_rate));
  return Annotate(CheckRecording(samples, audio), item.recording.string());
}

// Rows of tables, and keys of objects in JSON.
Status CheckNames(const std::vector<EvalSystem>& systems) {
  std::set<std::string> names;
  for (const EvalSystem& system : systems) {
    if (!names.insert(system.name).second) {
      return InvalidArgument("two systems are called '{}': give each voice once", system.name);
    }
  }
  return OkStatus();
}

// Over the sentences that have the value: a word alone may be too short for some measures.
template <typename Value>
std::optional<double> Mean(const std::vector<EvalSentence>& sentences, const Value& value) {
  double sum = 0.0;
  int count = 0;
  for (const EvalSentence& sentence : sentences) {
    const std::optional<double> found = value(sentence);
    if (!found.has_value()) continue;
    sum += *found;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

void Summarize(SystemReport* report) {
  const auto count = static_cast<double>(report->sentences.size());
  for (const EvalSentence& sentence : report->sentences) {
    const AcousticDistance& acoustic = sentence.acoustic;
    report->mcd_db += acoustic.mcd_db / count;
    report->mel_distance_db += acoustic.mel_distance_db / count;
    report->duration_error += std::abs(acoustic.system_seconds / acoustic.reference_seconds - 1.0) / count;
    report->pitch += acoustic.pitch;
  }
  report->mos_estimate =
      Mean(report->sentences, [](const EvalSentence& sentence) { return sentence.acoustic.mos_estimate; });
  report->stoi = Mean(report->sentences, [](const EvalSentence& sentence) { return sentence.stoi; });
  report->mos = Mean(report->sentences, [](const EvalSentence& sentence) { return sentence.mos; });
}

// Errors of reading are none of the comparison: a recognizer may print anything.
std::vector<std::string> WordsOf(const std::string& text, const EvalOptions& options) {
  if (options.spoken_words) {
    const auto spoken = options.spoken_words(WithoutAlternatives(text));
    auto words = NormalizeWords(spoken.value_or(""));
    if (!words.empty()) return words;
  }
  return NormalizeWords(text);
}

// Takes what was heard in the files [first, first + sentences), and returns the errors per sentence.
std::vector<int> CountErrors(const std::vector<EvalItem>& items, const std::vector<std::string>& heard,
                             size_t first, const EvalOptions& options, SystemReport* report) {
  std::vector<int> errors;
  for (size_t i = 0; i < items.size(); ++i) {
    EvalSentence& sentence = report->sentences[i];
    sentence.heard = heard[first + i];
    sentence.errors = CountWordErrors(WordsOf(items[i].text, options), WordsOf(sentence.heard, options));
    report->errors += sentence.errors;
    errors.push_back(sentence.errors.errors());
  }
  return errors;
}

Status CompareWords(const EvalOptions& options, const fs::path& folder, const EvalProgressFn& progress,
                    EvalReport* report) {
  const size_t count = report->items.size(), total = count * (1 + report->systems.size());
  std::vector<fs::path> wavs;
  for (size_t i = 0; i < total; ++i) wavs.push_back(WavPath(folder, i));
  const auto tell = [&](size_t done) {
    if (progress) progress("recognition", done, total);
  };
  M2TTS_ASSIGN_OR_RETURN(const std::vector<std::string> heard, Recognize(wavs, options.recognizer, tell));
  const std::vector<int> recording_errors =
      CountErrors(report->items, heard, 0, options, &report->recordings);
  std::vector<int> words;
  for (const EvalSentence& sentence : report->recordings.sentences) words.push_back(sentence.errors.words);
  for (size_t s = 0; s < report->systems.size(); ++s) {
    SystemReport& system = report->systems[s];
    const std::vector<int> errors = CountErrors(report->items, heard, count * (s + 1), options, &system);
    M2TTS_ASSIGN_OR_RETURN(system.difference,
                           PairedBootstrap(errors, recording_errors, words, options.bootstrap));
  }
  report->recognized = true;
  return OkStatus();
}

}  // namespace

std::string EvalItem::Describe() const {
  return fmt::format("{}{}sentence '{}'", where, where.empty() ? "" : ": ", id);
}

Status CheckRecordings(const std::vector<EvalItem>& items, const AudioConfig& audio,
                       const EvalProgressFn& progress) {
  std::vector<Status> bad;
  for (size_t i = 0; i < items.size(); ++i) {
    const Status status = CheckItem(items[i], audio);
    if (!status.ok()) bad.push_back(Annotate(status, items[i].Describe()));
    if (progress) progress("recordings", i + 1, items.size());
  }
  if (bad.size() <= 1) return bad.empty() ? OkStatus() : bad.front();
  std::string message;
  for (size_t i = 0; i < std::min(bad.size(), kMostTold); ++i) {
    message += std::string(bad[i].message()) + "\n";
  }
  // Last, where a job looks for its reason.
  message += fmt::format("{} of {} recordings cannot be compared with{}", bad.size(), items.size(),
                         bad.size() > kMostTold ? fmt::format("; the first {} are named", kMostTold) : "");
  return Status(bad.front().code(), message);
}

StatusOr<std::vector<EvalItem>> ReadEvalItems(const fs::path& corpus_dir, int limit,
                                              const std::string& speaker) {
  if (limit < 0) return InvalidArgument("limit: {} is negative", limit);
  M2TTS_ASSIGN_OR_RETURN(const std::vector<Clip> clips, ReadDataset(corpus_dir));
  std::vector<EvalItem> items;
  std::set<std::string> others;
  for (const Clip& clip : clips) {
    if (limit > 0 && items.size() == static_cast<size_t>(limit)) break;
    if (speaker.empty() || clip.speaker.empty() || clip.speaker == speaker) {
      items.push_back({clip.id, clip.text, clip.audio, clip.where, clip.speaker});
    } else {
      others.insert(clip.speaker);
    }
  }
  if (items.empty()) {
    return InvalidArgument("{}: no clip of the speaker '{}'; there are '{}'", corpus_dir.string(), speaker,
                           fmt::join(others, "', '"));
  }
  return items;
}

StatusOr<EvalReport> CompareSystems(const std::vector<EvalItem>& items,
                                    const std::vector<EvalSystem>& systems, const EvalOptions& options,
                                    const EvalProgressFn& progress) {
  if (items.empty()) return InvalidArgument("nothing to evaluate: no sentences");
  M2TTS_RETURN_IF_ERROR(CheckNames(systems));
  M2TTS_RETURN_IF_ERROR(options.audio.Validate());
  // Before the long part: a missing recognizer should not be found out after it.
  if (options.recognize) M2TTS_RETURN_IF_ERROR(options.recognizer.Validate());
  M2TTS_RETURN_IF_ERROR(CheckRecordings(items, options.audio, progress));
  M2TTS_ASSIGN_OR_RETURN(const ScratchFolder scratch, ScratchFolder::Create());

  EvalReport report;
  report.items = items;
  report.recordings.name = "natural";
  report.recordings.sentences.resize(items.size());
  for (const EvalSystem& system : systems) {
    report.systems.emplace_back();
    report.systems.back().name = system.name;
    report.systems.back().aligned = system.aligned;
  }
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string where = items[i].Describe();
    const auto recording =
        ReadRecording(items[i], options, WavPath(scratch.path(), i), &report.recordings.sentences[i]);
    M2TTS_RETURN_IF_ERROR(Annotate(recording.status(), where));
    for (size_t s = 0; s < systems.size(); ++s) {
      auto sentence = Measure(systems[s], items[i], *recording, options,
                              WavPath(scratch.path(), items.size() * (s + 1) + i));
      if (!sentence.ok()) return Annotate(sentence.status(), systems[s].name + ": " + where);
      report.systems[s].sentences.push_back(*std::move(sentence));
    }
    if (progress) progress("synthesis", i + 1, items.size());
  }
  report.recordings.mos =
      Mean(report.recordings.sentences, [](const EvalSentence& sentence) { return sentence.mos; });
  for (SystemReport& system : report.systems) Summarize(&system);
  if (options.recognize) M2TTS_RETURN_IF_ERROR(CompareWords(options, scratch.path(), progress, &report));
  return report;
}

}  // namespace m2tts
