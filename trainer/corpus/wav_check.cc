#include "trainer/corpus/wav_check.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace m2tts {

StatusOr<double> WavSeconds(const std::filesystem::path& path) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  if (error) return NotFound("{}: {}", path.string(), error.message());
  SF_INFO info = {};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr) return DataLoss("{}: {}", path.string(), sf_strerror(nullptr));
  // libsndfile clips the frame count to the bytes there are, and says so only in its log.
  std::vector<char> log(4096, '\0');
  sf_command(file, SFC_GET_LOG_INFO, log.data(), static_cast<int>(log.size()));
  std::vector<float> samples(static_cast<size_t>(std::max<sf_count_t>(info.frames, 0)) * info.channels);
  const sf_count_t frames = sf_readf_float(file, samples.data(), info.frames);
  sf_close(file);

  if (std::string(log.data()).find("should be") != std::string::npos || frames != info.frames) {
    return DataLoss("{}: truncated at {} bytes", path.string(), size);
  }
  const double seconds = static_cast<double>(frames) / info.samplerate;
  if (seconds < 0.05) return DataLoss("{}: only {:.3f} s long", path.string(), seconds);
  if (std::all_of(samples.begin(), samples.end(), [](float x) { return std::abs(x) < 1e-4f; })) {
    return DataLoss("{}: silent", path.string());
  }
  return seconds;
}

}  // namespace m2tts
