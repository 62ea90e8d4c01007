// A small valid voice for tests; its weights fit no model, which a bundle does not mind.
#pragma once

#include "core/text/phoneme.h"
#include "core/voice/voice_bundle.h"

namespace m2tts {

inline VoiceManifest TinyManifest() {
  VoiceManifest manifest;
  manifest.name = "tiny";
  manifest.language = "en-US";
  manifest.description = "A \"test\" voice, naïve";
  manifest.licence = "Apache-2.0";
  manifest.speakers = {"slt"};
  manifest.phoneme_set_version = kPhonemeSetVersion;
  manifest.model.hidden = 32;
  manifest.weights_dtype = "fp32";
  manifest.weights_sha256 = std::string(64, 'a');
  manifest.provenance_json = R"({"corpus":"none","steps":12,"nested":{"anything":[1.5,null]}})";
  return manifest;
}

inline TensorMap TinyWeights() {
  return {{"encoder.weight", torch::linspace(-1, 1, 12).reshape({3, 4})},
          {"encoder.bias", torch::ones({3}) / 3}};
}

}  // namespace m2tts
