// What fuzz targets of the lease protocol hold on to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/frames.h"
#include "tests/fuzz/fuzz_check.h"

namespace m2tts {

// The frames of a stream that arrives in pieces; a last one, "damaged", when it ends in an error.
inline std::vector<std::string> FramesOf(std::string_view stream, size_t piece) {
  std::vector<std::string> frames;
  FrameReader reader;
  for (size_t at = 0; at < stream.size(); at += piece) {
    reader.Append(stream.substr(at, piece));
    auto frame = reader.Next();
    for (; frame.ok() && frame->has_value(); frame = reader.Next()) frames.push_back(**frame);
    if (frame.ok()) continue;
    FUZZ_CHECK(frame.status().code() == StatusCode::kDataLoss);
    frames.emplace_back("damaged");
    break;
  }
  return frames;
}

}  // namespace m2tts
