#include "trainer/monitor/sample_files.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

namespace m2tts {
namespace {

constexpr char kNatural[] = "natural";
constexpr size_t kStepDigits = 8;  // at least

bool ParseStep(std::string_view text, int64_t* step) {
  if (text == kNatural) {
    *step = -1;
    return true;
  }
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, *step);
  return text.size() >= kStepDigits && error == std::errc() && stopped == end && *step >= 0;
}

// STAGE-STEP-NAME. A stage may have dashes of its own ("grow-1"), so it ends where a step stands.
bool ParseStem(const std::string& stem, SampleFile* file) {
  size_t dash = stem.find('-');
  for (size_t next = 0; dash != std::string::npos; dash = next) {
    next = stem.find('-', dash + 1);
    if (next == std::string::npos) return false;
    const std::string_view field = std::string_view(stem).substr(dash + 1, next - dash - 1);
    if (dash == 0 || !ParseStep(field, &file->step)) continue;
    file->stage = stem.substr(0, dash);
    file->name = stem.substr(next + 1);
    return true;
  }
  return false;
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
    const std::string extension = it->path().extension().string();
    SampleFile file;
    file.path = it->path();
    if (extension != ".png" && extension != ".wav") continue;
    if (ParseStem(it->path().stem().string(), &file)) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(), [](const SampleFile& a, const SampleFile& b) {
    return std::make_tuple(a.stage, a.name, a.path.extension(), a.step) <
           std::make_tuple(b.stage, b.name, b.path.extension(), b.step);
  });
  return files;
}

}  // namespace m2tts
