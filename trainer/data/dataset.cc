#include "trainer/data/dataset.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "core/base/file.h"
#include "core/base/sha256.h"
#include "trainer/data/layouts.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

// The first bad row ends the reading when nobody wants to hear of all.
class RowErrors {
 public:
  explicit RowErrors(const BadRowFn& tell) : tell_(tell) {}
  void Add(const Status& status) {
    if (tell_) tell_(status);
    if (first_.ok()) first_ = status;
  }
  bool stop() const { return !tell_ && !first_.ok(); }
  const Status& first() const { return first_; }

 private:
  const BadRowFn& tell_;
  Status first_;
};

}  // namespace

StatusOr<std::vector<Clip>> ReadDataset(const fs::path& root, const BadRowFn& bad_row) {
  std::vector<StatusOr<Clip>> rows;
  if (IsFile(root / "metadata.csv")) {
    M2TTS_ASSIGN_OR_RETURN(rows, ReadMetadata(root));
  } else if (IsFolder(root / "txt")) {
    M2TTS_ASSIGN_OR_RETURN(rows, ReadVctk(root));
  } else {
    return NotFound("{}: no corpus; expected metadata.csv (LJSpeech or a table) or txt/SPEAKER/ (VCTK)",
                    root.string());
  }
  std::vector<Clip> clips;
  std::set<std::string> seen;
  RowErrors errors(bad_row);
  for (auto& row : rows) {
    if (row.ok() && !seen.insert(row->id).second)
      row = InvalidArgument("{}: id '{}' occurs twice", row->where, row->id);
    if (row.ok()) {
      clips.push_back(*std::move(row));
    } else {
      errors.Add(row.status());
    }
    if (errors.stop()) return errors.first();
  }
  if (clips.empty()) return InvalidArgument("{}: no clips", root.string());
  return clips;
}

Status CheckClip(const Clip& clip) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '/';
  };
  const bool safe = !clip.id.empty() && clip.id.size() <= 128 &&
                    std::all_of(clip.id.begin(), clip.id.end(), plain) && clip.id.front() != '.' &&
                    clip.id.front() != '/' && clip.id.find("..") == std::string::npos;
  if (!safe) {
    return InvalidArgument("{}: '{}' may only hold letters, digits, '.', '_', '-' and '/' between folders",
                           clip.where, clip.id);
  }
  if (clip.text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return InvalidArgument("{}: the transcript of '{}' is empty", clip.where, clip.id);
  }
  return OkStatus();
}

bool IsHeldOut(const std::string& id, double share) {
  const std::string digest = Sha256Hex(id);
  return std::stoul(digest.substr(0, 8), nullptr, 16) < share * 4294967296.0;
}

}  // namespace m2tts
