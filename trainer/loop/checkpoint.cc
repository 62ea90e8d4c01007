#include "trainer/loop/checkpoint.h"

#include <absl/strings/match.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/file.h"
#include "trainer/monitor/crc32c.h"

namespace m2tts {
namespace {

constexpr char kBestFile[] = "best.safetensors";
constexpr char kAsideFile[] = "aside.safetensors";
constexpr char kStepPrefix[] = "step-";
constexpr char kMilestonePrefix[] = "milestone-";
constexpr char kSuffix[] = ".safetensors";
constexpr char kDamaged[] = ".damaged";
constexpr char kLinking[] = ".new";
constexpr char kYes[] = "1";

constexpr char kChecksum[] = "crc32c";
constexpr char kNoChecksum[] = "00000000";
constexpr size_t kDigits = sizeof(kNoChecksum) - 1;
constexpr int64_t kMostSteps = int64_t{1} << 48;
constexpr int kMostParts = 1 << 16;
constexpr int kMostBadSteps = 1 << 16;

// Where the digits of the checksum begin in a file; nullopt: nowhere. In strings of its header, such as the
// config, quotes are escaped: what is found is the key.
std::optional<size_t> ChecksumPlace(std::string_view bytes) {
  constexpr size_t kLengthBytes = 8;
  uint64_t length = 0;
  for (size_t i = std::min(kLengthBytes, bytes.size()); i-- > 0;)
    length = length << 8 | static_cast<uint8_t>(bytes[i]);
  const std::string_view header = bytes.substr(std::min(kLengthBytes, bytes.size())).substr(0, length);
  const std::string key = fmt::format("\"{}\":\"", kChecksum);
  const size_t at = header.find(key);
  if (at == std::string_view::npos || at + key.size() + kDigits > header.size()) return std::nullopt;
  return kLengthBytes + at + key.size();
}

std::string ChecksumOf(std::string_view bytes, size_t place) {
  uint32_t crc = Crc32c(bytes.substr(0, place));
  crc = Crc32c({kNoChecksum, kDigits}, crc);
  return fmt::format("{:08x}", Crc32c(bytes.substr(place + kDigits), crc));
}

void WriteChecksum(std::string* bytes) {
  if (const auto place = ChecksumPlace(*bytes)) bytes->replace(*place, kDigits, ChecksumOf(*bytes, *place));
}

// A file that has the checksum it says, or says none.
bool IsWhole(std::string_view bytes) {
  const auto place = ChecksumPlace(bytes);
  if (!place) return true;
  const std::string_view digits = bytes.substr(*place, kDigits);
  return digits == kNoChecksum || digits == ChecksumOf(bytes, *place);
}

template <typename T>
bool ParseNumber(const std::string& text, T* value) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

// A second name for a file, in place of what had that name: no second copy on disk.
Status Link(const std::filesystem::path& file, const std::filesystem::path& name, const std::string& bytes) {
  const std::filesystem::path temporary = name.string() + kLinking;
  std::error_code error;
  std::filesystem::remove(temporary, error);
  std::filesystem::create_hard_link(file, temporary, error);
  if (!error) std::filesystem::rename(temporary, name, error);
  return error ? WriteFileAtomic(name, bytes) : OkStatus();  // not every file system has links
}

}  // namespace

StatusOr<std::string> SerializeCheckpoint(const Checkpoint& checkpoint, bool is_best, bool is_milestone) {
  std::map<std::string, std::string> metadata = {{"step", std::to_string(checkpoint.step)},
                                                 {"config", checkpoint.config},
                                                 {"parts", std::to_string(checkpoint.parts)},
                                                 {"rate_scale", fmt::format("{}", checkpoint.rate_scale)},
                                                 {kChecksum, kNoChecksum}};
  if (checkpoint.bad_steps > 0) metadata["bad_steps"] = std::to_string(checkpoint.bad_steps);
  if (!checkpoint.piece_plan.empty()) metadata["piece_plan"] = checkpoint.piece_plan;
  if (checkpoint.has_best) metadata["best"] = fmt::format("{}", checkpoint.best);
  if (is_best) metadata["is_best"] = kYes;
  if (is_milestone) metadata["is_milestone"] = kYes;
  return SerializeSafetensors(checkpoint.state, metadata);
}

StatusOr<Checkpoint> ReadCheckpoint(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const auto mapped, MappedFile::Open(path));
  M2TTS_ASSIGN_OR_RETURN(SafetensorsFile file, ParseSafetensors(mapped, path.string()));
  if (!IsWhole(mapped->bytes())) return DataLoss("{}: wrong checksum", path.string());
  Checkpoint checkpoint;
  // Absent, or a number in its range.
  const auto read = [&](const char* name, auto* value, auto least, auto most) {
    const auto found = file.metadata.find(name);
    if (found == file.metadata.end()) return true;
    return ParseNumber(found->second, value) && *value >= least && *value <= most;
  };
  const bool good = file.metadata.count("step") > 0 &&
                    read("step", &checkpoint.step, int64_t{0}, kMostSteps) &&
                    read("parts", &checkpoint.parts, 1, kMostParts) &&
                    read("rate_scale", &checkpoint.rate_scale, 0.0, 1.0) &&
                    read("bad_steps", &checkpoint.bad_steps, 0, kMostBadSteps) &&
                    read("best", &checkpoint.best, -HUGE_VAL, HUGE_VAL);
  if (!good) return DataLoss("{}: its metadata are not those of a checkpoint", path.string());
  checkpoint.has_best = file.metadata.count("best") > 0;
  checkpoint.is_best = file.metadata["is_best"] == kYes;
  checkpoint.is_milestone = file.metadata["is_milestone"] == kYes;
  checkpoint.config = file.metadata["config"];
  checkpoint.piece_plan = file.metadata["piece_plan"];
  checkpoint.state = std::move(file.tensors);
  return checkpoint;
}

Status CheckpointFolder::Save(const Checkpoint& checkpoint, bool is_best, bool is_milestone) {
  M2TTS_ASSIGN_OR_RETURN(std::string bytes, SerializeCheckpoint(checkpoint, is_best, is_milestone));
  return Write(checkpoint.step, std::move(bytes), is_best, is_milestone);
}

Status CheckpointFolder::WriteAside(std::string bytes) {
  WriteChecksum(&bytes);
  return WriteFileAtomic(folder_ / kAsideFile, bytes);
}

void CheckpointFolder::DropAside() {
  std::error_code ignored;  // one that stays is older than what follows
  std::filesystem::remove(folder_ / kAsideFile, ignored);
}

Status CheckpointFolder::Write(int64_t step, std::string bytes, bool is_best, bool is_milestone) {
  WriteChecksum(&bytes);
  const std::string number = fmt::format("{:08d}{}", step, kSuffix);
  const auto path = folder_ / (kStepPrefix + number);
  M2TTS_RETURN_IF_ERROR(WriteFileAtomic(path, bytes));
  M2TTS_RETURN_IF_ERROR(GiveNames(step, is_best, is_milestone, bytes));
  DropAside();
  const auto steps = Files(kStepPrefix);
  for (size_t i = keep_; i < steps.size(); ++i) {
    std::error_code ignored;  // a leftover checkpoint costs disk, not correctness
    std::filesystem::remove(steps[i], ignored);
  }
  return OkStatus();
}

Status CheckpointFolder::GiveNames(int64_t step, bool is_best, bool is_milestone, const std::string& bytes) {
  const std::string number = fmt::format("{:08d}{}", step, kSuffix);
  const auto path = folder_ / (kStepPrefix + number);
  if (is_best) M2TTS_RETURN_IF_ERROR(Link(path, folder_ / kBestFile, bytes));
  if (is_milestone) M2TTS_RETURN_IF_ERROR(Link(path, folder_ / (kMilestonePrefix + number), bytes));
  return OkStatus();
}

Status CheckpointFolder::RepairNames(const Checkpoint& latest) {
  const std::string number = fmt::format("{:08d}{}", latest.step, kSuffix);
  const auto path = folder_ / (kStepPrefix + number);
  if (!Exists(path)) return OkStatus();  // it was read by one of its other names
  const auto is_there = [&](const std::string& name) {
    const auto checkpoint = ReadCheckpoint(folder_ / name);
    return checkpoint.ok() && checkpoint->step >= latest.step;
  };
  const bool best = latest.is_best && !is_there(kBestFile);
  const bool milestone = latest.is_milestone && !is_there(kMilestonePrefix + number);
  if (!best && !milestone) return OkStatus();
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return GiveNames(latest.step, best, milestone, bytes);
}

bool CheckpointFolder::Begun() const {
  const auto names = Names();
  return !Newest().empty() || std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name == kBestFile || absl::EndsWith(name, kDamaged);
  });
}

StatusOr<std::optional<Checkpoint>> CheckpointFolder::LoadLatest(std::vector<std::string>* messages) const {
  std::vector<std::filesystem::path> damaged;
  return Load(messages, &damaged);
}

StatusOr<std::optional<Checkpoint>> CheckpointFolder::Load(
    std::vector<std::string>* messages, std::vector<std::filesystem::path>* damaged) const {
  auto paths = Newest();
  paths.push_back(folder_ / kBestFile);
  for (const auto& path : paths) {
    auto checkpoint = ReadCheckpoint(path);
    if (checkpoint.ok()) return std::optional<Checkpoint>(*std::move(checkpoint));
    if (absl::IsNotFound(checkpoint.status())) continue;
    if (!absl::IsDataLoss(checkpoint.status()) && !absl::IsInvalidArgument(checkpoint.status()))
      return checkpoint.status();
    messages->push_back(
        fmt::format("passing over a damaged checkpoint: {}", std::string(checkpoint.status().message())));
    damaged->push_back(path);
  }
  if (!Begun()) return std::optional<Checkpoint>();
  return DataLoss("{}: no checkpoint that can be read; put one back, or delete the folder to start anew",
                  folder_.string());
}

StatusOr<std::optional<Checkpoint>> CheckpointFolder::Resume(std::vector<std::string>* messages) {
  std::error_code ignored;  // what stays costs disk, not correctness
  for (const std::string& name : Names()) {
    const bool killed = name.front() == '.' && name.find(kSuffix) != std::string::npos;
    if (killed || absl::EndsWith(name, kLinking)) std::filesystem::remove(folder_ / name, ignored);
  }
  std::vector<std::filesystem::path> damaged;
  M2TTS_ASSIGN_OR_RETURN(auto latest, Load(messages, &damaged));
  for (const auto& path : damaged) std::filesystem::rename(path, path.string() + kDamaged, ignored);
  if (!latest.has_value()) return latest;
  M2TTS_RETURN_IF_ERROR(RepairNames(*latest));
  auto aside = ReadCheckpoint(folder_ / kAsideFile);
  if (aside.ok() && aside->step > latest->step) return std::optional<Checkpoint>(*std::move(aside));
  if (!aside.ok() && !absl::IsNotFound(aside.status())) {
    messages->push_back(
        fmt::format("passing over a damaged checkpoint: {}", std::string(aside.status().message())));
  }
  return latest;
}

StatusOr<Checkpoint> CheckpointFolder::LoadBest(std::vector<std::string>* messages) const {
  auto best = ReadCheckpoint(folder_ / kBestFile);
  if (!absl::IsNotFound(best.status())) return best;
  M2TTS_ASSIGN_OR_RETURN(auto latest, LoadLatest(messages));
  if (latest.has_value()) return *std::move(latest);
  return NotFound("{}: no checkpoint; run `m2tts-trainer train` first", folder_.string());
}

std::vector<std::string> CheckpointFolder::Names() const {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder_, error), end;
  for (; !error && entry != end; entry.increment(error)) names.push_back(entry->path().filename().string());
  return names;
}

std::vector<std::filesystem::path> CheckpointFolder::Files(const std::string& prefix) const {
  std::vector<std::filesystem::path> files;
  for (const std::string& name : Names()) {
    if (name.rfind(prefix, 0) == 0 && absl::EndsWith(name, kSuffix)) files.push_back(folder_ / name);
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
