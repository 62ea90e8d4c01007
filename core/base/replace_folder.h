// Putting a whole folder in place at once.
#pragma once

#include <filesystem>

#include "core/base/status.h"

namespace m2tts {

// Makes an empty, hidden folder beside `path` (on the same file system), and missing parents.
StatusOr<std::filesystem::path> MakeFolderBeside(const std::filesystem::path& path);

// Renames `from` to `to`. When `to` is there already, the two change places in one step (in
// two where the file system cannot exchange): afterwards `from` is the old folder, for the
// caller to delete. A reader finds the old folder or the new one, never a mixture.
Status ReplaceFolder(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace m2tts
