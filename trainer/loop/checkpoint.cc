#include "trainer/loop/checkpoint.h"

#include <algorithm>
#include <charconv>

#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr char kBestFile[] = "best.safetensors";
constexpr char kStepPrefix[] = "step-";
constexpr char kMilestonePrefix[] = "milestone-";
constexpr char kSuffix[] = ".safetensors";

template <typename T>
bool ParseNumber(const std::string& text, T* value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

// A second name for a file, in place of what had that name: no second copy on disk.
Status Link(const std::filesystem::path& file, const std::filesystem::path& name, const std::string& bytes) {
  const std::filesystem::path temporary = name.string() + ".new";
  std::error_code error;
  std::filesystem::remove(temporary, error);
  std::filesystem::create_hard_link(file, temporary, error);
  if (!error) std::filesystem::rename(temporary, name, error);
  return error ? WriteFileAtomic(name, bytes) : OkStatus();  // not every file system has links
}

}  // namespace

StatusOr<std::string> SerializeCheckpoint(const Checkpoint& checkpoint) {
  std::map<std::string, std::string> metadata = {{"step", std::to_string(checkpoint.step)},
                                                 {"config", checkpoint.config},
                                                 {"parts", std::to_string(checkpoint.parts)},
                                                 {"rate_scale", fmt::format("{}", checkpoint.rate_scale)}};
  if (!checkpoint.piece_plan.empty()) metadata["piece_plan"] = checkpoint.piece_plan;
  if (checkpoint.has_best) metadata["best"] = fmt::format("{}", checkpoint.best);
  return SerializeSafetensors(checkpoint.state, metadata);
}

StatusOr<Checkpoint> ReadCheckpoint(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(SafetensorsFile file, ReadSafetensors(path));
  Checkpoint checkpoint;
  if (!ParseNumber(file.metadata["step"], &checkpoint.step)) {
    return DataLoss("{}: no step number in its metadata", path.string());
  }
  checkpoint.has_best = ParseNumber(file.metadata["best"], &checkpoint.best);
  checkpoint.config = file.metadata["config"];
  ParseNumber(file.metadata["parts"], &checkpoint.parts);
  checkpoint.piece_plan = file.metadata["piece_plan"];
  ParseNumber(file.metadata["rate_scale"], &checkpoint.rate_scale);
  checkpoint.state = std::move(file.tensors);
  return checkpoint;
}

Status CheckpointFolder::Save(const Checkpoint& checkpoint, bool is_best, bool is_milestone) {
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, SerializeCheckpoint(checkpoint));
  return Write(checkpoint.step, bytes, is_best, is_milestone);
}

Status CheckpointFolder::Write(int64_t step, const std::string& bytes, bool is_best, bool is_milestone) {
  const std::string number = fmt::format("{:08d}{}", step, kSuffix);
  const auto path = folder_ / (kStepPrefix + number);
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, bytes));
  if (is_best) M2TTS_RETURN_IF_ERROR(Link(path, folder_ / kBestFile, bytes));
  if (is_milestone) M2TTS_RETURN_IF_ERROR(Link(path, folder_ / (kMilestonePrefix + number), bytes));
  const auto steps = Files(kStepPrefix);
  for (size_t i = keep_; i < steps.size(); ++i) {
    std::error_code ignored;  // a leftover checkpoint costs disk, not correctness
    std::filesystem::remove(steps[i], ignored);
  }
  return OkStatus();
}

StatusOr<std::optional<Checkpoint>> CheckpointFolder::LoadLatest(std::vector<std::string>* messages) const {
  for (const auto& path : Newest()) {
    auto checkpoint = ReadCheckpoint(path);
    if (checkpoint.ok()) return std::optional<Checkpoint>(*std::move(checkpoint));
    messages->push_back(
        fmt::format("passing over a damaged checkpoint: {}", std::string(checkpoint.status().message())));
  }
  return std::optional<Checkpoint>();
}

StatusOr<Checkpoint> CheckpointFolder::LoadBest() const {
  auto best = ReadCheckpoint(folder_ / kBestFile);
  if (best.ok()) return best;
  const auto files = Newest();
  if (files.empty()) return NotFound("{}: no checkpoint; run `m2tts-trainer train` first", folder_.string());
  return ReadCheckpoint(files.front());
}

std::vector<std::filesystem::path> CheckpointFolder::Files(const std::string& prefix) const {
  std::vector<std::filesystem::path> files;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, missing)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(prefix, 0) == 0 && entry.path().extension() == kSuffix) files.push_back(entry.path());
  }
  std::sort(files.rbegin(), files.rend());
  return files;
}

std::vector<std::filesystem::path> CheckpointFolder::Newest() const {
  auto files = Files(kStepPrefix);
  const auto milestones = Files(kMilestonePrefix);
  files.insert(files.end(), milestones.begin(), milestones.end());
  const auto number = [](const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    return name.substr(name.find('-') + 1);
  };
  std::stable_sort(files.begin(), files.end(),
                   [&](const auto& a, const auto& b) { return number(a) > number(b); });
  return files;
}

}  // namespace m2tts
