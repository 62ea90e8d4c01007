#include "trainer/corpus/wav_check.h"

#include <algorithm>
#include <cmath>

#include "core/audio/codec.h"

namespace m2tts {

StatusOr<double> WavSeconds(const std::filesystem::path& path) {
  M2TTS_ASSIGN_OR_RETURN(const Audio audio, ReadAudioFile(path));
  if (audio.seconds() < 0.05) return DataLoss("{}: only {:.3f} s long", path.string(), audio.seconds());
  if (std::all_of(audio.samples.begin(), audio.samples.end(), [](float x) { return std::abs(x) < 1e-4f; })) {
    return DataLoss("{}: silent", path.string());
  }
  return audio.seconds();
}

}  // namespace m2tts
