// Phones with their times, as aligners and people write them beside recordings.
//
//   .lab        three kinds, told apart by their lines:
//                 HTK: "begin end label", whole numbers of 100 ns; a full-context label
//                      "a^b-c+d=e..." stands for its phone c
//                 seconds: the same with decimal points
//                 xwaves (festival): lines up to "#" are a header, then "end color label", seconds
//   .TextGrid   Praat's text format, long or short, UTF-8 or UTF-16; the interval tier called
//               phones, phonemes or segments ("anna - phones" too), or the only one
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct Label {
  double begin = 0.0;  // seconds
  double end = 0.0;
  std::string name;  // as written, without blanks around it; may be empty (silence)
};

// In order of time, without overlaps, at least one. INVALID_ARGUMENT names file and line and what is wrong
// there; errors of ReadFile; an ending other than .lab and .TextGrid is INVALID_ARGUMENT.
StatusOr<std::vector<Label>> ReadLabels(const std::filesystem::path& path);

// The two formats by themselves; `source` stands in messages.
StatusOr<std::vector<Label>> ParseLab(std::string_view text, const std::string& source);
StatusOr<std::vector<Label>> ParseTextGrid(std::string_view text, const std::string& source);

// The label file of a recording: beside it, or in labels/, lab/ or textgrid/ of the corpus, there perhaps
// in a folder of the speaker; named as the clip or as the recording. NOT_FOUND says where it was looked for.
StatusOr<std::filesystem::path> FindLabels(const std::filesystem::path& root,
                                           const std::filesystem::path& recording, const std::string& id);

}  // namespace m2tts
