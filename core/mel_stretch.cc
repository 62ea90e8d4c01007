#include "core/mel_stretch.h"

#include <algorithm>

namespace m2tts {

torch::Tensor MelStretch::Vocode(Vocoder* vocoder, const torch::Tensor& mel, bool last) {
  mel_ = mel_.defined() ? torch::cat({mel_, mel}) : mel;
  const int64_t context = vocoder->context_frames(), end = begin_ + mel_.size(0);
  const int64_t due = last ? end : context < 0 ? spoken_ : std::max(spoken_, end - context);
  TORCH_CHECK(due > spoken_, "a stretch without new audio");
  const auto wave = vocoder->forward(mel_.unsqueeze(0))[0].view({mel_.size(0), -1});
  auto audio = wave.narrow(0, spoken_ - begin_, due - spoken_);
  spoken_ = due;
  const int64_t first = std::max(begin_, context < 0 ? begin_ : spoken_ - context);
  mel_ = mel_.narrow(0, first - begin_, end - first).clone();
  begin_ = first;
  return audio;
}

}  // namespace m2tts
