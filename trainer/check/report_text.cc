// The report of a check for people.
#include <algorithm>

#include "core/base/utf8.h"
#include "trainer/check/check_report.h"
#include "trainer/check/text_measure.h"

namespace m2tts {
namespace {

constexpr int kBarWidth = 40;
constexpr size_t kMaxDetail = 160;  // bytes; transcripts can be long
constexpr size_t kMaxListed = 12;   // characters, words, speakers unless more are asked for

std::string Channels(int channels) {
  return channels == 1 ? "mono" : channels == 2 ? "stereo" : fmt::format("{} channels", channels);
}

// Cut between characters.
std::string Shortened(const std::string& text) {
  if (text.size() <= kMaxDetail) return text;
  return text.substr(0, CutBetweenCharacters(text, kMaxDetail)) + "...";
}

std::string Spread(const char* name, const Distribution& d, int decimals, const char* unit) {
  if (d.count == 0) return "";
  return fmt::format("  {:<20}{:>8.{}f}{:>8.{}f}{:>8.{}f}  {}\n", name, d.low, decimals, d.median, decimals,
                     d.high, decimals, unit);
}

std::string Histogram(const std::vector<int>& counts) {
  if (counts.empty()) return "";
  std::string text = "\nDuration, s\n";
  const int most = *std::max_element(counts.begin(), counts.end());
  size_t first = 0;
  while (counts[first] == 0) ++first;

  for (size_t bin = first; bin < counts.size(); ++bin) {
    const int width = (counts[bin] * kBarWidth + most - 1) / most;
    const std::string name =
        bin < kHistogramSeconds ? fmt::format("{} to {}", bin, bin + 1) : fmt::format("{} and more", bin);
    text += fmt::format("  {:<12}{:>7}  {:#<{}}\n", name, counts[bin], "", width);
  }
  return text;
}

std::string List(const char* title, const std::vector<Occurrence>& found, size_t show) {
  if (found.empty()) return "";
  std::string text = fmt::format("\n{}\n", title);
  for (size_t i = 0; i < std::min(show, found.size()); ++i) {
    text += fmt::format("  {:>6}  {}   {}: {}\n", found[i].count, Printable(found[i].what),
                        Printable(found[i].where), Printable(Shortened(found[i].text)));
  }
  if (found.size() > show) text += fmt::format("          and {} others\n", found.size() - show);
  return text;
}

std::string Speakers(const std::vector<SpeakerTotals>& speakers) {
  if (speakers.size() < 2) return "";
  std::string text = fmt::format("\n{:<20}{:>8}{:>9}{:>9}{:>9}{:>14}\n", "Speaker", "clips", "hours", "words",
                                 "dBFS", "phonemes/s");
  for (const SpeakerTotals& speaker : speakers) {
    text += fmt::format("  {:<18}{:>8}{:>9.2f}{:>9}{:>9.1f}{:>14.1f}\n",
                        speaker.name.empty() ? "(none)" : Printable(speaker.name), speaker.clips,
                        speaker.seconds / 3600, speaker.words, speaker.level_dbfs.median,
                        speaker.phonemes_per_second.median);
  }
  return text;
}

std::string Line(const Finding& finding) {
  std::string place = finding.where;
  if (!finding.id.empty()) place += (place.empty() ? "" : " ") + finding.id;
  return fmt::format("    {}{}\n", Printable(place.empty() ? "" : place + ": "),
                     Printable(Shortened(finding.detail)));
}

std::string Findings(const CheckReport& report, bool problems, size_t show) {
  std::string text;
  for (int k = 0; k < kFindingKinds; ++k) {
    const auto kind = static_cast<FindingKind>(k);
    const auto& found = report.of(kind);
    const FindingText& about = Describe(kind);
    if (found.empty() || about.problem != problems) continue;
    text += fmt::format("  {} ({}): {}\n", about.title, found.size(), about.advice);
    for (size_t i = 0; i < std::min(show, found.size()); ++i) text += Line(found[i]);
    if (found.size() > show) text += fmt::format("    and {} more\n", found.size() - show);
  }
  return text.empty() ? text : (problems ? "\nProblems\n" : "\nNotes\n") + text;
}

}  // namespace

std::string FormatCheckText(const CheckReport& report, size_t show) {
  std::string text = fmt::format("{}: {} clips, {:.2f} h, {} words", Printable(report.root.string()),
                                 report.clips, report.seconds / 3600, report.word_count);
  if (report.speakers.size() > 1) text += fmt::format(", {} speakers", report.speakers.size());
  text += "\n";
  for (const auto& [format, count] : report.formats) {
    text += fmt::format("  {} Hz {}: {} clips\n", format.first, Channels(format.second), count);
  }
  text += fmt::format("\n{:<22}{:>8}{:>8}{:>8}\n", "Of the clips", "5 %", "median", "95 %");
  text += Spread("duration", report.duration, 2, "s");
  text += Spread("level", report.level_dbfs, 1, "dBFS, RMS without silence");
  text += Spread("phonemes", report.phonemes_per_second, 1, "a second of speaking");
  text += Spread("characters", report.characters_per_second, 1, "a second of speaking");
  text += Histogram(report.duration_histogram);
  text += Speakers(report.speakers);
  text += List("Unusual characters", report.characters, std::max(show, kMaxListed));
  const std::string guessed = fmt::format("Words that no dictionary has, read by a guess ({} of {})",
                                          report.guessed_count, report.word_count);
  text += List(guessed.c_str(), report.guessed_words, std::max(show, kMaxListed));
  text += Findings(report, false, show);
  text += Findings(report, true, show);
  return text + fmt::format("\nProblems: {}, notes: {}\n", report.problems(), report.notes());
}

}  // namespace m2tts
