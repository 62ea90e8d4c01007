// The readers behind ReadDataset, one per layout. A row that is wrong is an error in its place, so
// that a caller can tell of all of them.
#pragma once

#include <filesystem>
#include <vector>

#include "trainer/data/dataset.h"

namespace m2tts {

// LJSpeech's metadata.csv, or a table with a line of column names.
StatusOr<std::vector<StatusOr<Clip>>> ReadMetadata(const std::filesystem::path& root);

// Sorted by speaker and id.
StatusOr<std::vector<StatusOr<Clip>>> ReadVctk(const std::filesystem::path& root);

// INVALID_ARGUMENT for an id that could leave the folder, or an empty transcript.
Status CheckClip(const Clip& clip);

}  // namespace m2tts
