#include "trainer/data/clip_list.h"

#include <fmt/ranges.h>

#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "core/base/file.h"
#include "core/base/sha256.h"

namespace m2tts {
namespace {

constexpr char kHeld[] = "hold";
constexpr size_t kMostNamed = 5;

struct Line {
  std::string part;
  std::string content;  // features and phonemes
};

// By id, which may hold spaces: the other fields are the last three.
std::map<std::string, Line> Parse(const std::string& text) {
  std::map<std::string, Line> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const size_t phonemes = line.rfind(' ');
    const size_t features = phonemes == std::string::npos ? phonemes : line.rfind(' ', phonemes - 1);
    const size_t part = features == std::string::npos ? features : line.rfind(' ', features - 1);
    if (part == std::string::npos) continue;
    lines[line.substr(0, part)] = {line.substr(part + 1, features - part - 1), line.substr(features + 1)};
  }
  return lines;
}

std::vector<std::string> Differences(const std::map<std::string, Line>& before,
                                     const std::map<std::string, Line>& now) {
  std::vector<std::string> found;
  for (const auto& [id, line] : before) {
    const auto other = now.find(id);
    if (other == now.end()) {
      found.push_back(fmt::format("'{}' is gone", id));
    } else if (other->second.content != line.content) {
      found.push_back(fmt::format("'{}' has other sound or text", id));
    } else if (other->second.part != line.part) {
      found.push_back(fmt::format("'{}' was {}", id, line.part == kHeld ? "held out" : "learned from"));
    }
  }
  for (const auto& [id, line] : now) {
    if (before.count(id) == 0) found.push_back(fmt::format("'{}' is new", id));
  }
  return found;
}

// Lists of earlier versions have the number of phonemes alone.
bool HasHashes(const std::string& list) {
  const std::string line = list.substr(0, list.find('\n'));
  return line.find(':', line.rfind(' ') + 1) != std::string::npos;
}

std::string WithoutHashes(const std::string& list) {
  std::string text;
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) text += line.substr(0, line.rfind(':')) + "\n";
  return text;
}

}  // namespace

std::string ListClips(const Corpus& corpus) {
  const std::set<int> held(corpus.validation.begin(), corpus.validation.end());
  std::string text;
  for (size_t i = 0; i < corpus.utterances.size(); ++i) {
    const Utterance& utterance = corpus.utterances[i];
    text += fmt::format("{} {} {} {}:{}\n", utterance.id,
                        held.count(static_cast<int>(i)) > 0 ? kHeld : "learn", utterance.features_key,
                        utterance.sentence.phonemes.size(), HashOfReading(utterance.sentence));
  }
  return text;
}

std::string HashOfReading(const Sentence& sentence) {
  constexpr size_t kDigits = 12;
  std::string bytes;
  for (const Phoneme& phoneme : sentence.phonemes) {
    bytes.push_back(static_cast<char>(phoneme.id));
    bytes.push_back(static_cast<char>(phoneme.stress));
  }
  return Sha256Hex(bytes).substr(0, kDigits);
}

Status CheckClips(const std::filesystem::path& file, const Corpus& corpus) {
  std::string now = ListClips(corpus);
  const auto before = ReadFile(file);
  if (absl::IsNotFound(before.status())) return WriteFileAtomic(file, now);
  M2TTS_RETURN_IF_ERROR(before.status());
  if (!HasHashes(*before)) now = WithoutHashes(now);
  if (*before == now) return OkStatus();
  auto differences = Differences(Parse(*before), Parse(now));
  if (differences.empty()) differences.push_back("their order is another");
  const size_t more = differences.size() - std::min(differences.size(), kMostNamed);
  differences.resize(differences.size() - more);
  return Errorf(
      StatusCode::kFailedPrecondition,
      "{}: the clips are not those that the run was started with: {}{}; put them back, or train into "
      "another folder with --run",
      file.string(), fmt::join(differences, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

}  // namespace m2tts
