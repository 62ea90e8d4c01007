#include "server/rpc/proto_convert.h"

#include <cmath>

#include "proto/convert/text_to_proto.h"

namespace m2tts {
namespace {

v1::AudioEncoding ToEncoding(AudioEncoding encoding) {
  switch (encoding) {
    case AudioEncoding::kWav:
      return v1::AUDIO_ENCODING_WAV;
    case AudioEncoding::kPcm16:
      return v1::AUDIO_ENCODING_PCM16;
    case AudioEncoding::kFlac:
      return v1::AUDIO_ENCODING_FLAC;
    case AudioEncoding::kPcmF32:
      return v1::AUDIO_ENCODING_PCM_F32;
    case AudioEncoding::kOggOpus:
      return v1::AUDIO_ENCODING_OGG_OPUS;
    case AudioEncoding::kMp3:
      return v1::AUDIO_ENCODING_MP3;
    case AudioEncoding::kMulaw:
      return v1::AUDIO_ENCODING_MULAW;
    case AudioEncoding::kAlaw:
      return v1::AUDIO_ENCODING_ALAW;
  }
  return v1::AUDIO_ENCODING_UNSPECIFIED;
}

// A mixture is named by its parts: "slt+lj".
std::string SpeakerName(const SynthesisRequest& request) {
  const auto& names = request.voice->speakers;
  if (request.mix.empty()) return names[static_cast<size_t>(request.speaker)];
  std::string name;
  for (const SpeakerShare& share : request.mix) {
    name += (name.empty() ? "" : "+") + names[static_cast<size_t>(share.speaker)];
  }
  return name;
}

}  // namespace

google::protobuf::Duration ToDuration(double seconds) {
  google::protobuf::Duration duration;
  const double whole = std::floor(seconds);
  duration.set_seconds(static_cast<int64_t>(whole));
  duration.set_nanos(static_cast<int32_t>((seconds - whole) * 1e9));
  return duration;
}

v1::StreamHeader ToHeader(const SynthesisRequest& request) {
  v1::StreamHeader header;
  header.set_encoding(ToEncoding(request.encoding));
  header.set_sample_rate_hertz(request.sample_rate);
  header.set_channel_count(1);
  header.set_voice(request.voice->name);
  header.set_speaker(SpeakerName(request));
  return header;
}

v1::SynthesisSummary ToSummary(const SynthesisReport& report) {
  v1::SynthesisSummary summary;
  summary.set_total_samples(report.total_samples);
  summary.set_normalized_text(report.normalized);
  for (const TextWarning& warning : report.warnings) *summary.add_warnings() = ToProto(warning);
  v1::SynthesisTimings* timings = summary.mutable_timings();
  *timings->mutable_queue_wait() = ToDuration(report.queue_wait_seconds);
  *timings->mutable_first_audio() = ToDuration(report.first_audio_seconds);
  *timings->mutable_total() = ToDuration(report.total_seconds);
  *timings->mutable_device() = ToDuration(report.device_seconds);
  *timings->mutable_text() = ToDuration(report.text_seconds);
  *timings->mutable_acoustic() = ToDuration(report.acoustic_seconds);
  *timings->mutable_vocoder() = ToDuration(report.vocoder_seconds);
  *timings->mutable_encode() = ToDuration(report.encode_seconds);
  return summary;
}

v1::WordTiming ToWordTiming(const SpokenWord& word) {
  v1::WordTiming timing;
  timing.set_text(word.word.text);
  *timing.mutable_source() = ToProto(word.word.source);
  timing.set_first_sample(word.first_sample);
  timing.set_sample_count(word.sample_count);
  for (const SpokenPhoneme& phoneme : word.phonemes) {
    v1::PhonemeTiming* proto = timing.add_phonemes();
    proto->set_symbol(phoneme.symbol);
    proto->set_first_sample(phoneme.first_sample);
    proto->set_sample_count(phoneme.sample_count);
  }
  return timing;
}

v1::SentenceTiming ToSentenceTiming(const SpokenSentence& sentence) {
  v1::SentenceTiming timing;
  timing.set_text(sentence.normalized);
  *timing.mutable_source() = ToProto(sentence.source);
  timing.set_first_sample(sentence.first_sample);
  timing.set_sample_count(sentence.sample_count);
  return timing;
}

v1::MarkTiming ToMarkTiming(const SpokenMark& mark) {
  v1::MarkTiming timing;
  timing.set_name(mark.mark.name);
  *timing.mutable_source() = ToProto(mark.mark.source);
  timing.set_first_sample(mark.first_sample);
  return timing;
}

v1::LiveEvent ToLiveEvent(const LiveEvent& event) {
  v1::LiveEvent proto;
  proto.set_kind(event.kind == LiveEvent::Kind::kFlushed ? v1::LiveEvent::FLUSHED
                                                         : v1::LiveEvent::INTERRUPTED);
  proto.set_first_sample(event.first_sample);
  return proto;
}

v1::Voice ToVoice(const Voice& voice, bool is_default) {
  v1::Voice proto;
  proto.set_name(voice.name);
  proto.set_language(voice.language);
  proto.set_description(voice.description);
  proto.set_licence(voice.licence);
  for (const std::string& speaker : voice.speakers) proto.add_speakers(speaker);
  proto.set_sample_rate_hertz(voice.sample_rate);
  proto.set_is_default(is_default);
  proto.set_size_bytes(voice.bytes);
  proto.set_provenance_json(voice.provenance_json);
  proto.set_weights_sha256(voice.sha256);
  proto.set_device(voice.device);
  proto.set_resident_bytes(voice.resident_bytes);
  proto.set_sample_text(voice.sample_text);
  proto.set_unloaded(voice.synthesizer == nullptr);
  return proto;
}

}  // namespace m2tts
