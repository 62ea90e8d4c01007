#include "trainer/stages/sample_maps.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/audio/mel.h"
#include "core/text/phoneme.h"

namespace m2tts {
namespace {

constexpr size_t kMostClips = 2;
constexpr double kShownSeconds = 6.0;
constexpr int kMostLabelledPhonemes = 60;
constexpr int kPhonemeHeight = 12;  // fits a label

// The bands that round frequencies fall into.
std::vector<Tick> FrequencyTicks(const AudioConfig& audio) {
  const auto peaks = MelFilterbank(audio).argmax(1);
  std::vector<Tick> ticks;
  int64_t band = 0;
  for (const int hertz : {500, 1000, 2000, 4000, 8000}) {
    const double bin = static_cast<double>(hertz) * audio.n_fft / audio.sample_rate;
    while (band < audio.n_mels && static_cast<double>(peaks[band].item<int64_t>()) < bin) ++band;
    if (band == audio.n_mels) break;
    ticks.push_back({static_cast<double>(band), hertz < 1000 ? "0.5k" : fmt::format("{}k", hertz / 1000)});
  }
  return ticks;
}

std::string PhonemeLabel(const Phoneme& phoneme) {
  switch (phoneme.id) {
    case kBegin:
      return "BEGIN";
    case kEnd:
      return "END";
    case kWordBoundary:
      return "-";
    case kShortPause:
    case kLongPause:
    case kQuestion:
    case kExclamation:
      return "PAUSE";
    default:
      return std::string(PhonemeSymbol(phoneme.id));
  }
}

}  // namespace

std::vector<float> FloatVector(const torch::Tensor& tensor) {
  const auto flat = tensor.detach().to(torch::kCPU).to(torch::kFloat32).contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

std::vector<float> RecordedWave(const torch::Tensor& audio) {
  return FloatVector(audio.to(torch::kFloat32) / 32767.0);
}

std::vector<int> SampleClips(const Corpus& corpus, const AudioConfig& audio) {
  std::vector<int> order = corpus.validation;
  const auto longest = static_cast<int64_t>(kShownSeconds * audio.frames_per_second());
  // The longest of those that fit come first.
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    const int64_t left = corpus.utterances[a].frames, right = corpus.utterances[b].frames;
    const bool left_fits = left <= longest, right_fits = right <= longest;
    if (left_fits != right_fits) return left_fits;
    return left_fits ? left > right : left < right;
  });
  std::vector<int> clips;
  std::set<int> speakers;
  for (const bool new_speaker : {true, false}) {
    for (const int clip : order) {
      if (clips.size() == kMostClips) return clips;
      if (speakers.insert(corpus.utterances[clip].speaker).second == new_speaker &&
          std::find(clips.begin(), clips.end(), clip) == clips.end()) {
        clips.push_back(clip);
      }
    }
  }
  return clips;
}

Picture DrawMels(const std::vector<std::pair<std::string, torch::Tensor>>& mels, const AudioConfig& audio) {
  std::vector<HeatMap> maps;
  for (const auto& [title, mel] : mels) {
    HeatMap map;
    map.title = title;
    map.rows = static_cast<int>(mel.size(1));
    map.columns = static_cast<int>(mel.size(0));
    map.values = FloatVector(mel);
    map.low = mels.front().second.min().item<float>();
    map.high = mels.front().second.max().item<float>();
    map.cell_width = 2;
    map.x_ticks = TimeTicks(map.columns, audio.frames_per_second());
    map.y_ticks = FrequencyTicks(audio);
    maps.push_back(std::move(map));
  }
  return DrawHeatMaps(maps);
}

Picture DrawAlignment(const std::string& title, const torch::Tensor& scores,
                      const std::vector<int64_t>& durations, const Sentence& sentence,
                      const AudioConfig& audio) {
  HeatMap map;
  map.title = title;
  map.rows = static_cast<int>(scores.size(1));
  map.columns = static_cast<int>(scores.size(0));
  map.values = FloatVector(torch::softmax(scores, 1));
  map.cell_width = 2;
  map.cell_height = map.rows <= kMostLabelledPhonemes ? kPhonemeHeight : kPhonemeHeight / 2;
  map.x_ticks = TimeTicks(map.columns, audio.frames_per_second());
  for (size_t t = 0; t < durations.size(); ++t) {
    map.y_ticks.push_back({static_cast<double>(t), PhonemeLabel(sentence.phonemes[t])});
    map.path.insert(map.path.end(), static_cast<size_t>(durations[t]), static_cast<int>(t));
  }
  return DrawHeatMaps({map});
}

}  // namespace m2tts
