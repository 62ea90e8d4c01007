#include "trainer/export/compressor.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/audio/codec.h"
#include "core/voice/voice_bundle.h"
#include "trainer/speak.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// Spoken when there are no recordings: every English phoneme is in them.
constexpr const char* kSentences[] = {
    "The beige hue on the waters of the loch impressed all, including the French queen.",
    "With tenure, Suzie would have all the more leisure for yachting, but her publications are no good.",
    "That quick brown fox jumped over the lazy dog, thinking of joy and measure.",
    "Should we chase those young voyagers who thought they heard a church bell?"};

// Speaks, and counts time spent and audio made.
class TimedSpeaker {
 public:
  static StatusOr<TimedSpeaker> Load(const std::filesystem::path& voice, const CompressOptions& options) {
    SynthesizerOptions synthesizer;
    synthesizer.device = "cpu";
    TimedSpeaker timed;
    M2TTS_ASSIGN_OR_RETURN(timed.speaker_, Speaker::Load(voice, options.lexicon, synthesizer));
    M2TTS_ASSIGN_OR_RETURN(timed.controls_.speaker, timed.speaker_->Index(options.speaker));
    M2TTS_RETURN_IF_ERROR(timed.speaker_->Say(kSentences[0], timed.controls_).status());  // warms up
    return timed;
  }

  StatusOr<std::vector<float>> Say(const std::string& text) {
    const auto start = std::chrono::steady_clock::now();
    M2TTS_ASSIGN_OR_RETURN(auto wave, speaker_->Say(text, controls_));
    compute_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    audio_ += static_cast<double>(wave.size()) / speaker_->sample_rate();
    return wave;
  }

  double real_time_factor() const { return audio_ > 0 ? compute_ / audio_ : 0.0; }
  const VoiceManifest& manifest() { return speaker_->synthesizer().manifest(); }
  int64_t bytes() { return speaker_->synthesizer().bundle_bytes(); }

 private:
  std::unique_ptr<Speaker> speaker_;
  SynthesisControls controls_;
  double compute_ = 0.0;
  double audio_ = 0.0;
};

CompressedSide Describe(TimedSpeaker* speaker, double mcd_sum, size_t recordings) {
  CompressedSide side;
  side.dtype = speaker->manifest().weights_dtype;
  side.bytes = speaker->bytes();
  side.real_time_factor = speaker->real_time_factor();
  if (recordings > 0) side.mcd_db = mcd_sum / static_cast<double>(recordings);
  return side;
}

nlohmann::ordered_json ToJson(const CompressedSide& side) {
  nlohmann::ordered_json json = {
      {"dtype", side.dtype}, {"bytes", side.bytes}, {"rtf", side.real_time_factor}};
  if (side.mcd_db.has_value()) json["mcd_db"] = *side.mcd_db;
  return json;
}

// Whether `path` is `folder` or lies somewhere in it, links resolved.
bool IsWithin(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  const fs::path inner = fs::weakly_canonical(path, error), outer = fs::weakly_canonical(folder, error);
  const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return !outer.empty() && end == outer.end();
}

// The output is put in place of what was there, with a copy of the voice's other files: neither may hold the
// other.
Status CheckOutput(const CompressOptions& options) {
  if (IsWithin(options.output, options.voice)) {
    return InvalidArgument("{}: is the voice itself, or in its folder; choose another folder",
                           options.output.string());
  }
  if (IsWithin(options.voice, options.output)) {
    return InvalidArgument("{}: holds the voice; choose another folder", options.output.string());
  }
  return OkStatus();
}

Status Store(const CompressOptions& options) {
  M2TTS_ASSIGN_OR_RETURN(VoiceBundle bundle, LoadVoiceBundle(options.voice));
  bundle.manifest.weights_dtype = options.dtype;
  bundle.manifest.name = FolderName(options.output);
  return SaveVoiceBundle(options.output, bundle.manifest, bundle.weights, options.voice);
}

}  // namespace

StatusOr<CompressReport> CompressVoice(const CompressOptions& options) {
  M2TTS_RETURN_IF_ERROR(CheckOutput(options));
  // Whatever can be wrong with the voice, the speaker or the recordings, before anything is written.
  M2TTS_ASSIGN_OR_RETURN(TimedSpeaker before, TimedSpeaker::Load(options.voice, options));
  const AudioConfig audio = before.manifest().audio;
  M2TTS_RETURN_IF_ERROR(CheckRecordings(options.recordings, audio));
  M2TTS_RETURN_IF_ERROR(Store(options));
  M2TTS_ASSIGN_OR_RETURN(TimedSpeaker after, TimedSpeaker::Load(options.output, options));

  CompressReport report;
  double before_mcd = 0.0, after_mcd = 0.0;
  const auto compare = [&](const std::string& text, const EvalItem* item) -> Status {
    M2TTS_ASSIGN_OR_RETURN(const auto old_wave, before.Say(text));
    M2TTS_ASSIGN_OR_RETURN(const auto new_wave, after.Say(text));
    M2TTS_ASSIGN_OR_RETURN(const auto between, CompareAcoustics(old_wave, new_wave, audio));
    report.mcd_between_db += between.mcd_db;
    ++report.sentences;
    if (item == nullptr) return OkStatus();
    M2TTS_ASSIGN_OR_RETURN(const Audio recording, ReadAudioFile(item->recording));
    M2TTS_ASSIGN_OR_RETURN(const auto natural, ToMono(recording, audio.sample_rate));
    M2TTS_ASSIGN_OR_RETURN(const auto old_distance, CompareAcoustics(natural, old_wave, audio));
    M2TTS_ASSIGN_OR_RETURN(const auto new_distance, CompareAcoustics(natural, new_wave, audio));
    before_mcd += old_distance.mcd_db;
    after_mcd += new_distance.mcd_db;
    return OkStatus();
  };
  for (const EvalItem& item : options.recordings) {
    M2TTS_RETURN_IF_ERROR(Annotate(compare(item.text, &item), item.Describe()));
  }
  if (options.recordings.empty()) {
    for (const char* text : kSentences) M2TTS_RETURN_IF_ERROR(compare(text, nullptr));
  }
  report.mcd_between_db /= static_cast<double>(report.sentences);
  report.before = Describe(&before, before_mcd, options.recordings.size());
  report.after = Describe(&after, after_mcd, options.recordings.size());
  return report;
}

std::string FormatCompressTable(const CompressReport& report) {
  const auto row = [](const char* name, const CompressedSide& side) {
    const std::string mcd = side.mcd_db.has_value() ? fmt::format("{:>10.3f}", *side.mcd_db) : "";
    return fmt::format("{:<8}{:>6}{:>10.2f}{:>10.4f}{}\n", name, side.dtype,
                       static_cast<double>(side.bytes) * 1e-6, side.real_time_factor, mcd);
  };
  std::string table = fmt::format("{:<8}{:>6}{:>10}{:>10}{}\n", "", "dtype", "MB", "RTF",
                                  report.before.mcd_db.has_value() ? fmt::format("{:>10}", "MCD dB") : "");
  table += row("before", report.before) + row("after", report.after);
  table += fmt::format("MCD between the two {:.3f} dB, over {} sentences\n", report.mcd_between_db,
                       report.sentences);
  if (report.after.dtype == "int8") {
    table += "int8 saves bytes alone: weights are widened to fp32 when a voice is loaded (no int8 kernels)\n";
  }
  return table;
}

std::string FormatCompressJson(const CompressReport& report) {
  const nlohmann::ordered_json json = {{"before", ToJson(report.before)},
                                       {"after", ToJson(report.after)},
                                       {"mcd_between_db", report.mcd_between_db},
                                       {"sentence_count", report.sentences}};
  return json.dump(2) + "\n";
}

}  // namespace m2tts
