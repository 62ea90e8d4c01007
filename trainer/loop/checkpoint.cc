#include "trainer/loop/checkpoint.h"

#include <algorithm>
#include <charconv>

#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr char kBestFile[] = "best.safetensors";
constexpr char kStepPrefix[] = "step-";

template <typename T>
bool ParseNumber(const std::string& text, T* value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

}  // namespace

Status CheckpointFolder::Save(const Checkpoint& checkpoint, bool is_best) {
  std::map<std::string, std::string> metadata = {{"step", std::to_string(checkpoint.step)},
                                                 {"config", checkpoint.config}};
  if (checkpoint.has_best) metadata["best"] = fmt::format("{}", checkpoint.best);
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, SerializeSafetensors(checkpoint.state, metadata));
  const auto path = folder_ / fmt::format("{}{:08d}.safetensors", kStepPrefix, checkpoint.step);
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, bytes));
  if (is_best) M2TTS_RETURN_IF_ERROR(WriteFileAtomic(folder_ / kBestFile, bytes));
  const auto steps = Steps();
  for (size_t i = keep_; i < steps.size(); ++i) {
    std::error_code ignored;  // a leftover checkpoint costs disk, not correctness
    std::filesystem::remove(steps[i], ignored);
  }
  return OkStatus();
}

StatusOr<std::optional<Checkpoint>> CheckpointFolder::LoadLatest(std::vector<std::string>* messages) const {
  for (const auto& path : Steps()) {
    auto checkpoint = Load(path);
    if (checkpoint.ok()) return std::optional<Checkpoint>(*std::move(checkpoint));
    messages->push_back(
        fmt::format("passing over a damaged checkpoint: {}", std::string(checkpoint.status().message())));
  }
  return std::optional<Checkpoint>();
}

StatusOr<Checkpoint> CheckpointFolder::LoadBest() const {
  auto best = Load(folder_ / kBestFile);
  if (best.ok()) return best;
  const auto steps = Steps();
  if (steps.empty()) return NotFound("{}: no checkpoint; run `m2tts-trainer train` first", folder_.string());
  return Load(steps.front());
}

StatusOr<Checkpoint> CheckpointFolder::Load(const std::filesystem::path& path) const {
  M2TTS_ASSIGN_OR_RETURN(SafetensorsFile file, ReadSafetensors(path));
  Checkpoint checkpoint;
  if (!ParseNumber(file.metadata["step"], &checkpoint.step)) {
    return DataLoss("{}: no step number in its metadata", path.string());
  }
  checkpoint.has_best = ParseNumber(file.metadata["best"], &checkpoint.best);
  checkpoint.config = file.metadata["config"];
  checkpoint.state = std::move(file.tensors);
  return checkpoint;
}

std::vector<std::filesystem::path> CheckpointFolder::Steps() const {
  std::vector<std::filesystem::path> steps;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, missing)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(kStepPrefix, 0) == 0 && entry.path().extension() == ".safetensors")
      steps.push_back(entry.path());
  }
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

}  // namespace m2tts
