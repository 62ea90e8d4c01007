#include "server/rpc/request_validation.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

Status CheckRange(const char* field, double value, double min, double max) {
  if (std::isfinite(value) && value >= min && value <= max) return OkStatus();
  return FieldErrorf(field, "{} is outside [{}, {}]", value, min, max);
}

StatusOr<int> FindSpeaker(const Voice& voice, const std::string& name) {
  if (name.empty()) return 0;
  const auto found = std::find(voice.speakers.begin(), voice.speakers.end(), name);
  if (found != voice.speakers.end()) return static_cast<int>(found - voice.speakers.begin());
  return FieldErrorf(
      "voice.speaker", "voice '{}' has no such speaker; it has: {}", voice.name,
      fmt::join(voice.speakers.begin(), std::min(voice.speakers.begin() + 20, voice.speakers.end()), ", "));
}

Status ReadMix(const v1::VoiceSelection& selection, SynthesisRequest* request) {
  constexpr int kMaxShares = 16;
  constexpr double kMaxWeight = 1000.0;
  if (selection.speakers().empty()) return OkStatus();
  if (!selection.speaker().empty()) {
    return FieldError("voice.speakers", "a mixture and a single speaker exclude each other");
  }
  if (selection.speakers_size() > kMaxShares) {
    return FieldErrorf("voice.speakers", "has {} speakers, {} are allowed", selection.speakers_size(),
                       kMaxShares);
  }
  for (int i = 0; i < selection.speakers_size(); ++i) {
    const v1::SpeakerWeight& share = selection.speakers(i);
    const std::string field = fmt::format("voice.speakers[{}]", i);
    if (share.name().empty()) return FieldError(field + ".name", "is required and empty");
    if (!std::isfinite(share.weight()) || share.weight() <= 0.0 || share.weight() > kMaxWeight) {
      return FieldErrorf(field + ".weight", "{} is outside (0, {}]", share.weight(), kMaxWeight);
    }
    M2TTS_ASSIGN_OR_RETURN(const int speaker, FindSpeaker(*request->voice, share.name()));
    for (const SpeakerShare& other : request->mix) {
      if (other.speaker == speaker) return FieldErrorf(field + ".name", "'{}' is there twice", share.name());
    }
    request->mix.push_back({speaker, share.weight()});
  }
  return OkStatus();
}

// The value of an optional field, if it is there and in its range.
Status ReadOptional(const char* field, bool present, double value, double min, double max,
                    std::optional<double>* result) {
  if (!present) return OkStatus();
  *result = value;
  return CheckRange(field, value, min, max);
}

Status ReadControls(const v1::SynthesisControls& controls, SynthesisRequest* request) {
  if (controls.has_speed()) request->speed = controls.speed();
  if (controls.has_pitch()) request->pitch = controls.pitch();
  if (controls.has_volume()) request->volume = controls.volume();
  if (controls.has_pause_scale()) request->pause_scale = controls.pause_scale();
  if (controls.has_variation()) request->variation = controls.variation();
  request->seed = controls.seed();
  M2TTS_RETURN_IF_ERROR(CheckRange("controls.speed", request->speed, 0.25, 4.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("controls.pitch", request->pitch, -12.0, 12.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("controls.volume", request->volume, 0.0, 4.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("controls.pause_scale", request->pause_scale, 0.0, 4.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("controls.variation", request->variation, 0.0, 1.0));
  M2TTS_RETURN_IF_ERROR(ReadOptional("controls.sentence_pause_seconds", controls.has_sentence_pause_seconds(),
                                     controls.sentence_pause_seconds(), 0.0, 10.0, &request->sentence_pause));
  M2TTS_RETURN_IF_ERROR(
      ReadOptional("controls.paragraph_pause_seconds", controls.has_paragraph_pause_seconds(),
                   controls.paragraph_pause_seconds(), 0.0, 30.0, &request->paragraph_pause));
  return ReadOptional("controls.loudness_lufs", controls.has_loudness_lufs(), controls.loudness_lufs(), -40.0,
                      -10.0, &request->loudness);
}

StatusOr<TimestampDetail> FromProto(v1::Timestamps timestamps) {
  switch (timestamps) {
    case v1::TIMESTAMPS_NONE:
      return TimestampDetail::kNone;
    case v1::TIMESTAMPS_UNSPECIFIED:
    case v1::TIMESTAMPS_WORDS:
      return TimestampDetail::kWords;
    case v1::TIMESTAMPS_PHONEMES:
      return TimestampDetail::kPhonemes;
    default:
      return FieldErrorf("timestamps", "{} is not known; use NONE, WORDS or PHONEMES",
                         static_cast<int>(timestamps));
  }
}

StatusOr<AudioEncoding> FromProto(v1::AudioEncoding encoding) {
  switch (encoding) {
    case v1::AUDIO_ENCODING_UNSPECIFIED:
    case v1::AUDIO_ENCODING_WAV:
      return AudioEncoding::kWav;
    case v1::AUDIO_ENCODING_PCM16:
      return AudioEncoding::kPcm16;
    case v1::AUDIO_ENCODING_FLAC:
      return AudioEncoding::kFlac;
    case v1::AUDIO_ENCODING_PCM_F32:
      return AudioEncoding::kPcmF32;
    case v1::AUDIO_ENCODING_OGG_OPUS:
      return AudioEncoding::kOggOpus;
    case v1::AUDIO_ENCODING_MP3:
      return AudioEncoding::kMp3;
    case v1::AUDIO_ENCODING_MULAW:
      return AudioEncoding::kMulaw;
    case v1::AUDIO_ENCODING_ALAW:
      return AudioEncoding::kAlaw;
    default:
      return FieldErrorf("audio_format.encoding",
                         "{} is not known; use WAV, PCM16, FLAC, PCM_F32, OGG_OPUS, MP3, MULAW or ALAW",
                         static_cast<int>(encoding));
  }
}

StatusOr<Priority> FromProto(v1::Priority priority) {
  switch (priority) {
    case v1::PRIORITY_INTERACTIVE:
      return Priority::kInteractive;
    case v1::PRIORITY_UNSPECIFIED:
    case v1::PRIORITY_NORMAL:
      return Priority::kNormal;
    case v1::PRIORITY_BULK:
      return Priority::kBulk;
    default:
      return FieldErrorf("priority", "{} is not known; use INTERACTIVE, NORMAL or BULK",
                         static_cast<int>(priority));
  }
}

Status ReadFormat(const v1::AudioFormat& format, int voice_rate, SynthesisRequest* request) {
  M2TTS_ASSIGN_OR_RETURN(request->encoding, FromProto(format.encoding()));
  request->sample_rate = format.sample_rate_hertz();
  if (request->sample_rate == 0) request->sample_rate = DefaultSampleRate(request->encoding, voice_rate);
  const Status status = CheckSampleRate(request->encoding, request->sample_rate);
  return status.ok() ? status : FieldError("audio_format.sample_rate_hertz", std::string(status.message()));
}

}  // namespace

Status ValidateText(const std::string& text, int64_t max_bytes) {
  if (text.empty()) return FieldError("text", "is required and empty");
  if (static_cast<int64_t>(text.size()) > max_bytes) {
    return FieldErrorf("text", "has {} bytes, {} are allowed; split it at paragraphs", text.size(),
                       max_bytes);
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
      return FieldErrorf("text", "control character 0x{:02x} at byte {}", c, i);
    }
  }
  return OkStatus();
}

StatusOr<std::shared_ptr<const Voice>> FindVoice(const VoiceRegistry& voices, const std::string& name,
                                                 const std::string& field) {
  std::shared_ptr<const Voice> voice = voices.Find(name);
  if (voice != nullptr) return voice;
  std::vector<std::string> known;
  for (const auto& entry : voices.known()) {
    if (known.size() < 20) known.push_back(entry.first);
  }
  return NotFound("{}: there is no voice '{}'; there are: {}", field, name.substr(0, 64),
                  fmt::join(known, ", "));
}

StatusOr<SynthesisRequest> ValidateRequest(const v1::SynthesizeRequest& request, const VoiceRegistry& voices,
                                           const TextSettings& text, const ServerConfig::Limits& limits,
                                           bool live) {
  SynthesisRequest valid;
  if (!live || !request.text().empty()) {
    M2TTS_RETURN_IF_ERROR(ValidateText(request.text(), limits.max_text_bytes));
  }
  if (live && request.text_options().ssml()) {
    return FieldError("text_options.ssml",
                      "is not supported in a live answer: a document is whole or malformed");
  }
  M2TTS_ASSIGN_OR_RETURN(valid.voice, FindVoice(voices, request.voice().voice(), "voice.voice"));
  M2TTS_ASSIGN_OR_RETURN(valid.speaker, FindSpeaker(*valid.voice, request.voice().speaker()));

  M2TTS_RETURN_IF_ERROR(ReadMix(request.voice(), &valid));
  M2TTS_RETURN_IF_ERROR(ReadControls(request.controls(), &valid));
  M2TTS_ASSIGN_OR_RETURN(valid.timestamps, FromProto(request.timestamps()));
  M2TTS_RETURN_IF_ERROR(ReadFormat(request.audio_format(), valid.voice->sample_rate, &valid));
  M2TTS_ASSIGN_OR_RETURN(
      valid.read, ReadOptionsFor(request.text_options(), *valid.voice, text, limits.max_lexicon_bytes));
  M2TTS_ASSIGN_OR_RETURN(valid.priority, FromProto(request.priority()));
  valid.text = request.text();
  return valid;
}

StatusOr<int> ValidatePageSize(int page_size) {
  if (page_size == 0) return 100;
  M2TTS_RETURN_IF_ERROR(CheckRange("page_size", page_size, 1, 1000));
  return page_size;
}

}  // namespace m2tts
