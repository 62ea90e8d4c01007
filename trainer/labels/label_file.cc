#include "trainer/labels/label_file.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include <fmt/format.h>

#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr size_t kMaxBytes = size_t{16} << 20;

std::string LowerCase(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

StatusOr<std::vector<Label>> ReadLabels(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxBytes));
  const std::string ending = LowerCase(path.extension().string());
  if (ending == ".lab") return ParseLab(text, path.string());
  if (ending == ".textgrid") return ParseTextGrid(text, path.string());
  return InvalidArgument("{}: ends neither in .lab nor in .TextGrid", path.string());
}

StatusOr<std::filesystem::path> FindLabels(const std::filesystem::path& root,
                                           const std::filesystem::path& recording, const std::string& id) {
  const std::string name = std::filesystem::path(id).filename().string();
  // Its own file first; an id may end like its recording, and may have dots of its own.
  std::vector<std::string> names = {name, recording.stem().string()};
  if (std::filesystem::path(name).extension() == recording.extension())
    names.push_back(std::filesystem::path(name).stem().string());
  std::vector<std::filesystem::path> folders = {recording.parent_path()};
  for (const char* folder : {"labels", "lab", "textgrid", "TextGrid"}) {
    folders.push_back(root / folder);
    folders.push_back(root / folder / recording.parent_path().filename());
  }
  for (const auto& folder : folders) {
    for (const std::string& stem : names) {
      for (const char* ending : {".TextGrid", ".textgrid", ".lab"}) {
        const auto path = folder / (stem + ending);
        if (IsFile(path)) return path;
      }
    }
  }
  return NotFound("{}: no {}.TextGrid or .lab beside it, nor in labels/, lab/ or textgrid/ of {}",
                  recording.string(), name, root.string());
}

}  // namespace m2tts
