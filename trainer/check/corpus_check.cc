#include "trainer/check/corpus_check.h"

#include <algorithm>
#include <cmath>

#include "core/base/parallel_for.h"
#include "trainer/check/duplicates.h"
#include "trainer/check/tallies.h"
#include "trainer/check/unlisted_audio.h"

namespace m2tts {
namespace {

void Add(FindingKind kind, Finding finding, CheckReport* report) {
  report->findings[static_cast<size_t>(kind)].push_back(std::move(finding));
}

// The findings of one clip, each into its kind.
class ClipFindings {
 public:
  ClipFindings(const Clip& clip, CheckReport* report) : clip_(clip), report_(report) {}

  template <typename... Args>
  void Add(FindingKind kind, fmt::format_string<Args...> format, Args&&... args) {
    m2tts::Add(kind, {clip_.where, clip_.id, fmt::format(format, std::forward<Args>(args)...)}, report_);
  }

 private:
  const Clip& clip_;
  CheckReport* report_;
};

void CheckAudio(const AudioMeasure& audio, const CheckOptions& options, ClipFindings* findings) {
  if (audio.full_scale_share > options.max_full_scale_share) {
    findings->Add(FindingKind::kClipping, "{:.2g} % of the samples at full scale",
                  100 * audio.full_scale_share);
  }
  if (std::abs(audio.offset) > options.max_offset) {
    findings->Add(FindingKind::kOffset, "mean {:+.3f} of full scale", audio.offset);
  }
  if (audio.silent) return findings->Add(FindingKind::kSilent, "{:.2f} s below -60 dBFS", audio.seconds);
  const double sound = audio.kept();
  if (sound < options.min_seconds) {
    findings->Add(FindingKind::kTooShort, "{:.2f} s without the silence at the ends, wanted {} or more",
                  sound, options.min_seconds);
  } else if (audio.seconds < options.short_seconds) {
    findings->Add(FindingKind::kShort, "{:.2f} s", audio.seconds);
  }
  if (sound > options.max_seconds) {
    findings->Add(FindingKind::kTooLong, "{:.2f} s without the silence at the ends, wanted {} or less", sound,
                  options.max_seconds);
  }
  if (std::max(audio.leading, audio.trailing) > options.max_silent_end) {
    findings->Add(FindingKind::kSilentEnds, "{:.2f} s before the first sound, {:.2f} s after the last",
                  audio.leading, audio.trailing);
  }
  if (audio.longest_pause > options.max_pause) {
    findings->Add(FindingKind::kLongPause, "{:.2f} s", audio.longest_pause);
  }
}

// How the clip compares with the others of its speaker.
void CheckLevel(const AudioMeasure& audio, const SpeakerUsual& usual, const CheckOptions& options,
                ClipFindings* findings) {
  const double difference = audio.level_dbfs - usual.level_dbfs.median;
  if (std::abs(difference) > options.max_level_difference &&
      std::abs(OutlierScore(audio.level_dbfs, usual.level_dbfs)) > options.max_outlier_score) {
    findings->Add(FindingKind::kLevel, "{:.1f} dBFS, {:+.1f} dB to the median of the speaker",
                  audio.level_dbfs, difference);
  }
}

// Whether the text takes as long as the speaker usually needs for so many phonemes.
void CheckSpeakingTime(const ScannedClip& scanned, const SpeakerUsual& usual, const CheckOptions& options,
                       ClipFindings* findings) {
  constexpr double kFixedSeconds = 0.5;
  const int phonemes = scanned.text->phonemes;
  const double seconds = scanned.audio->speaking;
  const bool possible = seconds <= kFixedSeconds + phonemes / options.min_phonemes_per_second &&
                        seconds >= phonemes / options.max_phonemes_per_second;
  const double expected = usual.time.seconds(phonemes);
  const bool heard = usual.time.known() && std::abs(seconds - expected) > options.max_time_difference;
  const double log_ratio = heard ? std::log(seconds / expected) : 0.0;
  const bool wrong = !possible || std::abs(log_ratio) > std::log(options.wrong_time_ratio);
  const bool unusual = std::abs(log_ratio) > std::log(options.max_time_ratio) &&
                       std::abs(OutlierScore(log_ratio, usual.log_ratio)) > options.max_outlier_score;
  if (!wrong && !unusual) return;
  const std::string wanted = usual.time.known() ? fmt::format(", {:.2f} s expected", expected) : "";
  findings->Add(wrong ? FindingKind::kWrongTime : FindingKind::kUnusualTime,
                "{} phonemes, {} characters in {:.2f} s of speaking{}: '{}'", phonemes,
                scanned.text->characters, seconds, wanted, scanned.clip.text);
}

void CheckClips(const std::vector<ScannedClip>& clips, const CheckOptions& options, CheckReport* report) {
  const auto usual = UsualOfSpeakers(clips);
  for (const ScannedClip& scanned : clips) {
    ClipFindings findings(scanned.clip, report);
    if (!scanned.audio.ok()) {
      findings.Add(FindingKind::kUnreadableAudio, "{}", std::string(scanned.audio.status().message()));
    } else {
      CheckAudio(*scanned.audio, options, &findings);
    }
    if (!scanned.text.ok()) {
      findings.Add(FindingKind::kUnreadableText, "{}", std::string(scanned.text.status().message()));
    } else if (!scanned.text->unread.empty()) {
      findings.Add(FindingKind::kUnreadScript, "{}: '{}'", scanned.text->unread.front(), scanned.clip.text);
    }
    if (!HasSpeech(scanned)) continue;
    const SpeakerUsual& speaker = usual.at(scanned.clip.speaker);
    CheckLevel(*scanned.audio, speaker, options, &findings);
    CheckSpeakingTime(scanned, speaker, options, &findings);
  }
}

void CheckFormats(CheckReport* report) {
  if (report->formats.size() < 2) return;
  for (const auto& [format, count] : report->formats) {
    Add(FindingKind::kMixedFormats,
        {"", "", fmt::format("{} clips of {} Hz with {} channels", count, format.first, format.second)},
        report);
  }
}

void CheckDuplicates(const std::vector<ScannedClip>& clips, CheckReport* report) {
  for (const Duplicate& found : FindDuplicates(clips)) {
    Add(found.kind,
        {found.clip->where, found.clip->id,
         fmt::format("as {} ({}): '{}'", found.first->id, found.first->where, found.first->text)},
        report);
  }
}

}  // namespace

StatusOr<CheckReport> CheckCorpus(const std::filesystem::path& root, const TextFrontend& frontend,
                                  const CheckOptions& options, const CheckProgress& progress) {
  CheckReport report;
  report.root = root;
  auto clips = ReadDataset(root, [&report](const Status& status) {
    Add(FindingKind::kBadRow, {"", "", std::string(status.message())}, &report);
  });
  // A corpus of bad rows alone has a report all the same.
  const bool only_bad_rows = !report.of(FindingKind::kBadRow).empty();
  if (!clips.ok() && !only_bad_rows) return clips.status();
  if (!clips.ok()) return report;
  for (const auto& path : UnlistedAudio(root, *clips)) {
    Add(FindingKind::kUnlistedAudio, {"", "", path.string()}, &report);
  }
  const int jobs = options.jobs > 0 ? options.jobs : BusyThreads();
  const auto scanned = ScanClips(*std::move(clips), frontend, jobs, progress);
  Tally(scanned, &report);
  CheckClips(scanned, options, &report);
  CheckFormats(&report);
  CheckDuplicates(scanned, &report);
  return report;
}

}  // namespace m2tts
