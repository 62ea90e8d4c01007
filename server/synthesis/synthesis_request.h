// A request to speak, validated: nothing in it needs another check.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/audio/codec.h"
#include "core/synthesis_controls.h"
#include "core/text/frontend.h"
#include "server/security/client_limits.h"
#include "server/synthesis/audio_sink.h"
#include "server/synthesis/scheduler.h"
#include "server/voices/voice.h"

namespace m2tts {

struct SynthesisRequest {
  std::string text;
  ReadOptions read;  // how the text is to be read
  std::shared_ptr<const Voice> voice;
  int speaker = 0;  // index into voice->speakers
  double speed = 1.0;
  double pitch = 0.0;   // semitones
  double volume = 1.0;  // linear
  double pause_scale = 1.0;
  std::optional<double> sentence_pause;   // seconds, not scaled; absent: as pause_scale and speed say
  std::optional<double> paragraph_pause;  // likewise
  std::vector<SpeakerShare> mix;          // not empty: speaks instead of `speaker`
  double variation = 0.0;
  uint64_t seed = 0;
  std::optional<double> loudness;  // LUFS
  TimestampDetail timestamps = TimestampDetail::kWords;
  AudioEncoding encoding = AudioEncoding::kWav;
  int sample_rate = 0;  // Hz, of the answer
  Priority priority = Priority::kNormal;
  std::string client;                                   // Caller::name: whom fairness counts it for
  double weight = 1.0;                                  // of that client
  std::shared_ptr<ClientLimits::Ticket> client_ticket;  // may be absent; leaves with the place of the request
  TimePoint arrival;
  std::optional<TimePoint> deadline;
};

}  // namespace m2tts
