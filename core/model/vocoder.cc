#include "core/model/vocoder.h"

#include "core/model/griffin_lim_vocoder.h"
#include "core/model/hifigan_vocoder.h"
#include "core/model/istft_vocoder.h"

namespace m2tts {

StatusOr<std::shared_ptr<Vocoder>> MakeVocoder(const VocoderConfig& config, const AudioConfig& audio) {
  if (config.type == "istft") return std::make_shared<IstftVocoder>(config, audio);
  if (config.type == "griffin_lim") return std::make_shared<GriffinLimVocoder>(audio);
  if (config.type != "hifigan") {
    return InvalidArgument("model.vocoder.type: '{}' is not one of istft, hifigan, griffin_lim", config.type);
  }
  int64_t product = 1;
  for (const int factor : config.upsample) product *= factor;
  if (product != audio.hop_length) {
    return InvalidArgument("model.vocoder.upsample: the product of the factors is {}, the hop length {}",
                           product, audio.hop_length);
  }
  return std::make_shared<HifiganVocoder>(config, audio);
}

}  // namespace m2tts
