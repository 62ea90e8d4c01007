#include "trainer/data/dataset.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/audio/codec.h"
#include "core/base/file.h"
#include "core/base/sha256.h"

namespace m2tts {
namespace {

std::vector<std::string> SplitFields(const std::string& line) {
  std::vector<std::string> fields;
  size_t begin = 0;
  for (size_t bar = line.find('|'); bar != std::string::npos; bar = line.find('|', begin)) {
    fields.push_back(line.substr(begin, bar - begin));
    begin = bar + 1;
  }
  fields.push_back(line.substr(begin));
  return fields;
}

bool IsSafeId(const std::string& id) {
  const auto plain = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; };
  return !id.empty() && id.size() <= 128 && id[0] != '.' && std::all_of(id.begin(), id.end(), plain);
}

StatusOr<Clip> ParseRow(const std::string& line, int number, const std::filesystem::path& root,
                        const std::string& where) {
  const auto fields = SplitFields(line);
  if (fields.size() != 2 && fields.size() != 3) {
    return InvalidArgument("{}: {} columns, wanted 'id|transcript' or 'id|transcript|normalized'", where,
                           fields.size());
  }
  Clip clip;
  clip.id = fields[0];
  clip.text = fields.back();
  clip.line = number;
  if (!IsSafeId(clip.id)) {
    return InvalidArgument("{}: id '{}' may only hold letters, digits, '.', '_' and '-'", where, clip.id);
  }
  if (clip.text.find_first_not_of(" \t") == std::string::npos) {
    return InvalidArgument("{}: the transcript of '{}' is empty", where, clip.id);
  }
  for (const char* extension : {".wav", ".flac"}) {
    clip.audio = root / "wavs" / (clip.id + extension);
    if (std::filesystem::is_regular_file(clip.audio)) return clip;
  }
  return InvalidArgument("{}: no audio file wavs/{}.wav or .flac under {}", where, clip.id, root.string());
}

// A tone per letter, 60 ms each, with a short fade: enough structure to learn from.
std::vector<float> ToneFor(const std::string& text, int sample_rate) {
  const int length = sample_rate * 60 / 1000;
  std::vector<float> samples;
  double phase = 0.0;
  for (const char c : text) {
    const double hertz = c == ' ' ? 0.0 : 120.0 + 8.0 * (c - 'a');
    for (int i = 0; i < length; ++i) {
      phase += 2.0 * M_PI * hertz / sample_rate;
      const double fade = std::sin(M_PI * (i + 0.5) / length);
      const double tone = std::sin(phase) + 0.5 * std::sin(2 * phase) + 0.25 * std::sin(3 * phase);
      samples.push_back(static_cast<float>(0.3 * fade * tone));
    }
  }
  return samples;
}

}  // namespace

StatusOr<std::vector<Clip>> ReadLjspeech(const std::filesystem::path& root) {
  const auto path = root / "metadata.csv";
  M2TTS_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  std::vector<Clip> clips;
  std::set<std::string> seen;
  int number = 0;
  for (size_t begin = 0; begin < content.size();) {
    size_t end = content.find('\n', begin);
    if (end == std::string::npos) end = content.size();
    std::string line = content.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    const std::string where = fmt::format("{}:{}", path.string(), number);
    M2TTS_ASSIGN_OR_RETURN(Clip clip, ParseRow(line, number, root, where));
    if (!seen.insert(clip.id).second) return InvalidArgument("{}: id '{}' occurs twice", where, clip.id);
    clips.push_back(std::move(clip));
  }
  if (clips.empty()) return InvalidArgument("{}: no clips", path.string());
  return clips;
}

Status WriteDummyCorpus(const std::filesystem::path& root, int clips, int sample_rate) {
  static constexpr const char* kWords[] = {"one", "two",   "three", "four", "five", "six",
                                           "ten", "seven", "eight", "nine", "zero", "hello"};
  constexpr int kWordCount = sizeof(kWords) / sizeof(kWords[0]);
  std::string metadata;
  for (int i = 0; i < clips; ++i) {
    const std::string text = fmt::format("{} {} {}", kWords[i % kWordCount], kWords[(i * 5 + 3) % kWordCount],
                                         kWords[(i * 7 + 1) % kWordCount]);
    const std::string id = fmt::format("dummy-{:04d}", i);
    M2TTS_ASSIGN_OR_RETURN(const std::string wav,
                           EncodeAudio(ToneFor(text, sample_rate), sample_rate, AudioEncoding::kWav));
    M2TTS_RETURN_IF_ERROR(WriteFileAtomic(root / "wavs" / (id + ".wav"), wav));
    metadata += fmt::format("{}|{}|{}\n", id, text, text);
  }
  return WriteFileAtomic(root / "metadata.csv", metadata);
}

bool IsHeldOut(const std::string& id, double share) {
  const std::string digest = Sha256Hex(id);
  return std::stoul(digest.substr(0, 8), nullptr, 16) < share * 4294967296.0;
}

}  // namespace m2tts
