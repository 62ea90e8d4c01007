// Names of what a run writes to look at and to listen to:
//
//   RUN/samples/STAGE-00001000-NAME.png    a picture (or .wav: a sound) made at step 1000
//   RUN/samples/STAGE-natural-NAME.wav     the recording that it should be like, written once
//
// A step has eight digits or more. A stage may hold dashes: "grow-1-00001000-mel.png".
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace m2tts {

struct SampleFile {
  std::filesystem::path path;
  std::string stage;
  std::string name;
  int64_t step = -1;  // -1: a natural recording
};

// "acoustic-00001000-mel-1.png". `extension` with its dot.
std::string SampleFileName(const std::string& stage, int64_t step, const std::string& name,
                           const std::string& extension);

// Those in `folder` (none when it is missing), by stage, name and step. Files with other names are passed
// over.
std::vector<SampleFile> ListSamples(const std::filesystem::path& folder);

}  // namespace m2tts
