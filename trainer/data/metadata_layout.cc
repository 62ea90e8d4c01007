#include <algorithm>

#include "core/base/file.h"
#include "trainer/data/layouts.h"

namespace m2tts {
namespace {

namespace fs = std::filesystem;

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

// Where a table keeps what; -1: nowhere.
struct Columns {
  int file = -1;
  int text = -1;
  int speaker = -1;
  size_t count = 0;
  bool named() const { return file >= 0 && text >= 0; }
};

Columns ColumnNames(const std::string& line) {
  const auto fields = SplitFields(line);
  const auto find = [&](const char* name) {
    const auto found = std::find(fields.begin(), fields.end(), name);
    return found == fields.end() ? -1 : static_cast<int>(found - fields.begin());
  };
  return {find("file"), find("text"), find("speaker"), fields.size()};
}

StatusOr<Clip> LjspeechRow(const std::vector<std::string>& fields, const fs::path& root, Clip clip) {
  if (fields.size() != 2 && fields.size() != 3) {
    return InvalidArgument("{}: {} columns, wanted 'id|transcript' or 'id|transcript|normalized'", clip.where,
                           fields.size());
  }
  clip.id = fields[0];
  clip.text = fields.back();
  M2TTS_RETURN_IF_ERROR(CheckClip(clip));
  for (const char* extension : {".wav", ".flac"}) {
    clip.audio = root / "wavs" / (clip.id + extension);
    if (IsFile(clip.audio)) return clip;
  }
  return InvalidArgument("{}: no audio file wavs/{}.wav or .flac under {}", clip.where, clip.id,
                         root.string());
}

StatusOr<Clip> TableRow(const std::vector<std::string>& fields, const Columns& columns, const fs::path& root,
                        Clip clip) {
  if (fields.size() != columns.count) {
    return InvalidArgument("{}: {} columns, the first line names {}", clip.where, fields.size(),
                           columns.count);
  }
  clip.id = fields[columns.file];
  clip.text = fields[columns.text];
  if (columns.speaker >= 0) clip.speaker = fields[columns.speaker];
  M2TTS_RETURN_IF_ERROR(CheckClip(clip));
  clip.audio = root / clip.id;
  if (IsFile(clip.audio)) return clip;
  return InvalidArgument("{}: no audio file {}", clip.where, clip.audio.string());
}

}  // namespace

StatusOr<std::vector<StatusOr<Clip>>> ReadMetadata(const fs::path& root) {
  const auto path = root / "metadata.csv";
  M2TTS_ASSIGN_OR_RETURN(std::string content, ReadFile(path));
  if (content.rfind("\xEF\xBB\xBF", 0) == 0)
    content.erase(0, 3);  // a byte order mark, as spreadsheets write it
  std::vector<StatusOr<Clip>> rows;
  Columns columns;
  int number = 0;
  for (size_t begin = 0; begin < content.size();) {
    size_t end = content.find('\n', begin);
    if (end == std::string::npos) end = content.size();
    std::string line = content.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    if (number == 1) columns = ColumnNames(line);
    if (number == 1 && columns.named()) continue;
    Clip clip;
    clip.where = fmt::format("{}:{}", path.string(), number);
    const auto fields = SplitFields(line);
    rows.push_back(columns.named() ? TableRow(fields, columns, root, std::move(clip))
                                   : LjspeechRow(fields, root, std::move(clip)));
  }
  return rows;
}

}  // namespace m2tts
