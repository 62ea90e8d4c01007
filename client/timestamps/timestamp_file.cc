#include "client/timestamps/timestamp_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>

#include "client/json.h"
#include "client/timestamps/subtitle_cues.h"

namespace m2tts {
namespace {

std::string AsJson(const TimedSpeech& speech) {
  Json sentences = Json::array(), words = Json::array(), marks = Json::array();
  for (const auto& sentence : speech.sentences) sentences.push_back(ToJson(sentence, speech.sample_rate));
  for (const auto& word : speech.words) words.push_back(ToJson(word, speech.sample_rate));
  for (const auto& mark : speech.marks) marks.push_back(ToJson(mark, speech.sample_rate));
  const Json json = {{"sample_rate_hertz", speech.sample_rate},
                     {"seconds", speech.Seconds(speech.total_samples)},
                     {"sentences", sentences},
                     {"words", words},
                     {"marks", marks}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// "01:02:03,456"
std::string Clock(double seconds, char point) {
  const auto ms = static_cast<int64_t>(std::llround(1e3 * std::max(0.0, seconds)));
  return fmt::format("{:02}:{:02}:{:02}{}{:03}", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, point,
                     ms % 1000);
}

std::string Srt(const TimedSpeech& speech) {
  std::string file;
  int number = 0;
  for (const SubtitleCue& cue : MakeSubtitleCues(speech)) {
    file +=
        fmt::format("{}\n{} --> {}\n{}\n\n", ++number, Clock(cue.start, ','), Clock(cue.end, ','), cue.text);
  }
  return file;
}

std::string EscapeHtml(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Vtt(const TimedSpeech& speech) {
  std::string file = "WEBVTT\n\n";
  for (const SubtitleCue& cue : MakeSubtitleCues(speech)) {
    file +=
        fmt::format("{} --> {}\n{}\n\n", Clock(cue.start, '.'), Clock(cue.end, '.'), EscapeHtml(cue.text));
  }
  return file;
}

// A tier of intervals that cover all of the audio; what lies between the added ones is empty.
class Tier {
 public:
  Tier(const TimedSpeech* speech, std::string name) : speech_(speech), name_(std::move(name)) {}

  void Add(int64_t first, int64_t count, const std::string& text) {
    first = std::max(first, end_);
    const int64_t end = std::min(first + count, speech_->total_samples);
    if (end <= first) return;
    if (first > end_) AddInterval(end_, first, "");
    AddInterval(first, end, text);
    end_ = end;
  }

  std::string Finish(int number) {
    if (end_ < speech_->total_samples) AddInterval(end_, speech_->total_samples, "");
    return fmt::format(
               "    item [{}]:\n        class = \"IntervalTier\"\n        name = \"{}\"\n        xmin = 0\n"
               "        xmax = {}\n        intervals: size = {}\n",
               number, name_, Number(speech_->total_samples), count_) +
           intervals_;
  }

 private:
  std::string Number(int64_t sample) const { return fmt::format("{:.6f}", speech_->Seconds(sample)); }

  void AddInterval(int64_t begin, int64_t end, const std::string& text) {
    std::string quoted;
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    intervals_ += fmt::format(
        "        intervals [{}]:\n            xmin = {}\n            xmax = {}\n            text = \"{}\"\n",
        ++count_, Number(begin), Number(end), quoted);
  }

  const TimedSpeech* const speech_;
  const std::string name_;
  int64_t end_ = 0;
  int count_ = 0;
  std::string intervals_;
};

std::string TextGrid(const TimedSpeech& speech) {
  Tier sentences(&speech, "sentences"), words(&speech, "words"), phones(&speech, "phones");
  for (const auto& sentence : speech.sentences) {
    sentences.Add(sentence.first_sample(), sentence.sample_count(), sentence.text());
  }
  for (const auto& word : speech.words) {
    words.Add(word.first_sample(), word.sample_count(), word.text());
    for (const auto& phone : word.phonemes()) {
      phones.Add(phone.first_sample(), phone.sample_count(), phone.symbol());
    }
  }
  return fmt::format(
             "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = {:.6f}\n"
             "tiers? <exists>\nsize = 3\nitem []:\n",
             speech.Seconds(speech.total_samples)) +
         sentences.Finish(1) + words.Finish(2) + phones.Finish(3);
}

}  // namespace

StatusOr<TimestampFormat> TimestampFormatOf(const std::string& file_name) {
  std::string suffix = std::filesystem::path(file_name).extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (suffix == ".json") return TimestampFormat::kJson;
  if (suffix == ".srt") return TimestampFormat::kSrt;
  if (suffix == ".vtt") return TimestampFormat::kVtt;
  if (suffix == ".textgrid") return TimestampFormat::kTextGrid;
  return InvalidArgument("--timestamps: '{}' ends in none of .json, .srt, .vtt, .TextGrid", file_name);
}

v1::Timestamps TimestampsFor(TimestampFormat format) {
  const bool subtitles = format == TimestampFormat::kSrt || format == TimestampFormat::kVtt;
  return subtitles ? v1::TIMESTAMPS_WORDS : v1::TIMESTAMPS_PHONEMES;
}

std::string FormatTimestamps(const TimedSpeech& speech, TimestampFormat format) {
  switch (format) {
    case TimestampFormat::kJson:
      return AsJson(speech);
    case TimestampFormat::kSrt:
      return Srt(speech);
    case TimestampFormat::kVtt:
      return Vtt(speech);
    case TimestampFormat::kTextGrid:
      return TextGrid(speech);
  }
  return "";
}

}  // namespace m2tts
