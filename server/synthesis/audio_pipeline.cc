#include "server/synthesis/audio_pipeline.h"

#include <utility>

namespace m2tts {

StatusOr<std::unique_ptr<AudioPipeline>> AudioPipeline::Create(int from_rate, int to_rate,
                                                               AudioEncoding encoding) {
  std::unique_ptr<AudioPipeline> pipeline(new AudioPipeline(from_rate, to_rate));
  M2TTS_ASSIGN_OR_RETURN(pipeline->resampler_, Resampler::Create(from_rate, to_rate));
  M2TTS_ASSIGN_OR_RETURN(pipeline->encoder_, AudioEncoder::Create(encoding, to_rate, -1));
  return pipeline;
}

Status AudioPipeline::Encode(const std::vector<float>& samples) {
  M2TTS_ASSIGN_OR_RETURN(std::string bytes, encoder_->Append(samples.data(), samples.size()));
  if (pending_.bytes.empty()) {
    pending_.bytes = std::move(bytes);
  } else {
    pending_.bytes += bytes;
  }
  pending_.sample_count += static_cast<int64_t>(samples.size());
  samples_out_ += static_cast<int64_t>(samples.size());
  return OkStatus();
}

EncodedChunk AudioPipeline::TakeChunk() {
  if (pending_.bytes.empty()) {
    // Events do not wait for bytes: those of a pause follow them soon enough.
    EncodedChunk events;
    events.first_sample = samples_out_;
    events.events = std::exchange(pending_.events, {});
    return events;
  }
  EncodedChunk chunk = std::move(pending_);
  pending_ = {};
  pending_.first_sample = samples_out_;
  return chunk;
}

void AudioPipeline::Place(DeviceAudio* audio) {
  // Both ends are rounded, so that neighbours stay neighbours.
  const auto move = [this](int64_t* first, int64_t* count) {
    const auto scale = [this](int64_t sample) {
      return ((samples_in_ + sample) * to_rate_ + from_rate_ / 2) / from_rate_;
    };
    const int64_t begin = scale(*first);
    *count = scale(*first + *count) - begin;
    *first = begin;
  };
  for (SpokenWord& word : audio->words) {
    move(&word.first_sample, &word.sample_count);
    for (SpokenPhoneme& phoneme : word.phonemes) move(&phoneme.first_sample, &phoneme.sample_count);
    pending_.words.push_back(std::move(word));
  }
  for (SpokenSentence& sentence : audio->sentences) {
    move(&sentence.first_sample, &sentence.sample_count);
    pending_.sentences.push_back(std::move(sentence));
  }
  for (SpokenMark& mark : audio->marks) {
    int64_t none = 0;
    move(&mark.first_sample, &none);
    pending_.marks.push_back(std::move(mark));
  }
  for (LiveEvent& event : audio->events) {
    int64_t none = 0;
    event.first_sample = static_cast<int64_t>(audio->samples.size());
    move(&event.first_sample, &none);
    pending_.events.push_back(event);
  }
}

StatusOr<EncodedChunk> AudioPipeline::Process(DeviceAudio audio) {
  Place(&audio);
  samples_in_ += static_cast<int64_t>(audio.samples.size());
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> ready, resampler_->Process(std::move(audio.samples)));
  M2TTS_RETURN_IF_ERROR(Encode(ready));
  return TakeChunk();
}

StatusOr<EncodedChunk> AudioPipeline::Finish() {
  M2TTS_ASSIGN_OR_RETURN(const std::vector<float> rest, resampler_->Finish());
  M2TTS_RETURN_IF_ERROR(Encode(rest));
  M2TTS_ASSIGN_OR_RETURN(const std::string bytes, encoder_->Finish());
  pending_.bytes += bytes;
  return TakeChunk();
}

}  // namespace m2tts
