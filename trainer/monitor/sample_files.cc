#include "trainer/monitor/sample_files.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

namespace m2tts {
namespace {

constexpr char kNatural[] = "natural";

bool ParseStep(const std::string& text, int64_t* step) {
  if (text == kNatural) {
    *step = -1;
    return true;
  }
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, *step);
  return error == std::errc() && stopped == end && *step >= 0;
}

}  // namespace

std::string SampleFileName(const std::string& stage, int64_t step, const std::string& name,
                           const std::string& extension) {
  const std::string place = step < 0 ? kNatural : fmt::format("{:08d}", step);
  return fmt::format("{}-{}-{}{}", stage, place, name, extension);
}

std::vector<SampleFile> ListSamples(const std::filesystem::path& folder) {
  std::vector<SampleFile> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string extension = it->path().extension().string(), stem = it->path().stem().string();
    const size_t first = stem.find('-'), second = stem.find('-', first + 1);
    if ((extension != ".png" && extension != ".wav") || second == std::string::npos) continue;
    SampleFile file = {it->path(), stem.substr(0, first), stem.substr(second + 1)};
    if (ParseStep(stem.substr(first + 1, second - first - 1), &file.step)) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(), [](const SampleFile& a, const SampleFile& b) {
    return std::make_tuple(a.stage, a.name, a.path.extension(), a.step) <
           std::make_tuple(b.stage, b.name, b.path.extension(), b.step);
  });
  return files;
}

}  // namespace m2tts
