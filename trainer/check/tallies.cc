#include "trainer/check/tallies.h"

#include <algorithm>
#include <cmath>

namespace m2tts {
namespace {

// Counts things and remembers where the first of each stands.
class Occurrences {
 public:
  void Add(const std::string& what, int count, const Clip& clip) {
    Occurrence& found = found_[what];
    if (found.count == 0) found = {what, 0, clip.where, clip.text};
    found.count += count;
  }
  std::vector<Occurrence> MostFrequentFirst() const {
    std::vector<Occurrence> all;
    for (const auto& entry : found_) all.push_back(entry.second);
    std::stable_sort(all.begin(), all.end(),
                     [](const Occurrence& a, const Occurrence& b) { return a.count > b.count; });
    return all;
  }

 private:
  std::map<std::string, Occurrence> found_;
};

std::vector<int> Histogram(const std::vector<double>& seconds) {
  std::vector<int> counts;
  for (const double s : seconds) {
    const size_t bin = std::min(static_cast<size_t>(s), kHistogramSeconds);
    if (counts.size() <= bin) counts.resize(bin + 1);
    ++counts[bin];
  }
  return counts;
}

template <typename Measure>
Distribution DescribeSpeech(const std::vector<const ScannedClip*>& clips, const Measure& measure) {
  std::vector<double> values;
  for (const ScannedClip* clip : clips) {
    if (HasSpeech(*clip)) values.push_back(measure(*clip));
  }
  return Describe(std::move(values));
}

double Level(const ScannedClip& clip) {
  return clip.audio->level_dbfs;
}

std::map<std::string, std::vector<const ScannedClip*>> BySpeaker(const std::vector<ScannedClip>& clips) {
  std::map<std::string, std::vector<const ScannedClip*>> speakers;
  for (const ScannedClip& clip : clips) speakers[clip.clip.speaker].push_back(&clip);
  return speakers;
}

void TallyText(const std::vector<ScannedClip>& clips, CheckReport* report) {
  Occurrences characters, guessed;
  for (const ScannedClip& scanned : clips) {
    if (!scanned.text.ok()) continue;
    report->word_count += scanned.text->words;
    report->guessed_count += static_cast<int>(scanned.text->guessed.size());
    for (const auto& [character, count] : scanned.text->unusual)
      characters.Add(character, count, scanned.clip);
    for (const std::string& word : scanned.text->guessed) guessed.Add(word, 1, scanned.clip);
  }
  report->characters = characters.MostFrequentFirst();
  report->guessed_words = guessed.MostFrequentFirst();
}

}  // namespace

bool HasSpeech(const ScannedClip& clip) {
  return clip.audio.ok() && clip.text.ok() && !clip.audio->silent;
}

double PhonemesPerSecond(const ScannedClip& clip) {
  return clip.text->phonemes / clip.audio->speaking;
}

double CharactersPerSecond(const ScannedClip& clip) {
  return clip.text->characters / clip.audio->speaking;
}

std::map<std::string, SpeakerUsual> UsualOfSpeakers(const std::vector<ScannedClip>& clips) {
  std::map<std::string, SpeakerUsual> usual;
  for (const auto& [name, own] : BySpeaker(clips)) {
    std::vector<std::pair<int, double>> pairs;
    for (const ScannedClip* clip : own) {
      if (HasSpeech(*clip)) pairs.emplace_back(clip->text->phonemes, clip->audio->speaking);
    }
    SpeakerUsual& speaker = usual[name];
    speaker.level_dbfs = DescribeSpeech(own, Level);
    speaker.time = FitSpeakingTime(std::move(pairs));
    if (!speaker.time.known()) continue;
    speaker.log_ratio = DescribeSpeech(own, [&speaker](const ScannedClip& clip) {
      return std::log(clip.audio->speaking / speaker.time.seconds(clip.text->phonemes));
    });
  }
  return usual;
}

void Tally(const std::vector<ScannedClip>& clips, CheckReport* report) {
  report->clips = static_cast<int>(clips.size());
  std::vector<const ScannedClip*> all;
  std::vector<double> seconds;
  for (const ScannedClip& scanned : clips) {
    all.push_back(&scanned);
    if (!scanned.audio.ok()) continue;
    ++report->formats[{scanned.audio->sample_rate, scanned.audio->channels}];
    report->seconds += scanned.audio->seconds;
    seconds.push_back(scanned.audio->seconds);
  }
  report->duration_histogram = Histogram(seconds);
  report->duration = Describe(std::move(seconds));
  report->level_dbfs = DescribeSpeech(all, Level);
  report->phonemes_per_second = DescribeSpeech(all, PhonemesPerSecond);
  report->characters_per_second = DescribeSpeech(all, CharactersPerSecond);
  for (const auto& [name, own] : BySpeaker(clips)) {
    SpeakerTotals totals;
    totals.name = name;
    totals.clips = static_cast<int>(own.size());
    for (const ScannedClip* clip : own) {
      totals.seconds += clip->audio.ok() ? clip->audio->seconds : 0.0;
      totals.words += clip->text.ok() ? clip->text->words : 0;
    }
    totals.level_dbfs = DescribeSpeech(own, Level);
    totals.phonemes_per_second = DescribeSpeech(own, PhonemesPerSecond);
    report->speakers.push_back(std::move(totals));
  }
  TallyText(clips, report);
}

}  // namespace m2tts
