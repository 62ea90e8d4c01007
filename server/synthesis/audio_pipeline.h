// Samples of the model -> bytes of the answer: resampling, encoding, bookkeeping of positions.
#pragma once

#include <memory>
#include <vector>

#include "core/audio/codec.h"
#include "core/audio/resampler.h"
#include "server/synthesis/audio_sink.h"

namespace m2tts {

// What the device hands on: a window of one sentence, pauses before it included.
struct DeviceAudio {
  std::vector<float> samples;     // at the voice's rate, in [-1, 1]
  std::vector<SpokenWord> words;  // of a sentence that begins here; positions from samples[0]
  std::vector<SpokenMark> marks;  // likewise
  std::vector<SpokenSentence> sentences;
  std::vector<LiveEvent> events;  // at the end of the samples
};

// One thread at a time.
class AudioPipeline {
 public:
  static StatusOr<std::unique_ptr<AudioPipeline>> Create(int from_rate, int to_rate, AudioEncoding encoding);

  // The bytes that became ready; they may be none, and come with a later chunk.
  StatusOr<EncodedChunk> Process(DeviceAudio audio);
  // The rest.
  StatusOr<EncodedChunk> Finish();
  int64_t total_samples() const { return samples_out_; }

 private:
  AudioPipeline(int from_rate, int to_rate) : from_rate_(from_rate), to_rate_(to_rate) {}
  // Turns places in `audio` into places of the answer.
  void Place(DeviceAudio* audio);
  Status Encode(const std::vector<float>& samples);
  EncodedChunk TakeChunk();

  const int from_rate_;
  const int to_rate_;
  std::unique_ptr<Resampler> resampler_;
  std::unique_ptr<AudioEncoder> encoder_;
  EncodedChunk pending_;     // what has no bytes yet
  int64_t samples_in_ = 0;   // at the voice's rate
  int64_t samples_out_ = 0;  // at the answer's rate
};

}  // namespace m2tts
