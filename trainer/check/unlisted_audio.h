// Audio files of a corpus that no row of it names.
#pragma once

#include <filesystem>
#include <vector>

#include "trainer/data/dataset.h"

namespace m2tts {

// Relative to `root`, sorted. Files are looked for beside the clips: in their folders and, where those are
// speakers' folders, in their siblings. Second microphones of VCTK ("_mic2") do not count.
std::vector<std::filesystem::path> UnlistedAudio(const std::filesystem::path& root,
                                                 const std::vector<Clip>& clips);

}  // namespace m2tts
