// Who speaks and how: the flags that `say` and `bench` share.
#pragma once

#include <optional>
#include <string>

#include "client/cli.h"
#include "core/base/status.h"
#include "m2tts/v1/synthesizer.pb.h"

namespace m2tts {

struct SpeechFlags {
  std::string voice;
  std::string speaker;
  std::string mix;  // "slt=0.7,lj=0.3"
  std::optional<double> speed;
  std::optional<double> pitch;
  std::optional<double> volume;
  std::optional<double> pause_scale;
  std::optional<double> sentence_pause;
  std::optional<double> paragraph_pause;
  std::optional<double> variation;
  std::optional<uint64_t> seed;
  std::optional<double> loudness;
  v1::AudioEncoding encoding = v1::AUDIO_ENCODING_UNSPECIFIED;
  int sample_rate = 0;
};

// `rate_flag`: of the samples per second.
void AddSpeechFlags(CLI::App* command, SpeechFlags* flags,
                    const std::string& rate_flag = "--rate,--sample-rate");

// A request without its text. INVALID_ARGUMENT for a mixture that cannot be read; what the daemon can judge
// is left to it.
StatusOr<v1::SynthesizeRequest> ToSpeechRequest(const SpeechFlags& flags);

}  // namespace m2tts
