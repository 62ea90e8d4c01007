#include "server/rpc/request_validation.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

constexpr int kMinSampleRate = 8000;
constexpr int kMaxSampleRate = 48000;

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

StatusOr<AudioEncoding> FromProto(v1::AudioEncoding encoding) {
  switch (encoding) {
    case v1::AUDIO_ENCODING_UNSPECIFIED:
    case v1::AUDIO_ENCODING_WAV:
      return AudioEncoding::kWav;
    case v1::AUDIO_ENCODING_PCM16:
      return AudioEncoding::kPcm16;
    case v1::AUDIO_ENCODING_FLAC:
      return AudioEncoding::kFlac;
    default:
      return FieldErrorf("audio_format.encoding", "{} is not known; use WAV, PCM16 or FLAC",
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
  for (const auto& entry : voices.voices()) {
    if (known.size() < 20) known.push_back(entry.first);
  }
  return NotFound("{}: there is no voice '{}'; loaded are: {}", field, name.substr(0, 64),
                  fmt::join(known, ", "));
}

StatusOr<SynthesisRequest> ValidateRequest(const v1::SynthesizeRequest& request, const VoiceRegistry& voices,
                                           const TextSettings& text, const ServerConfig::Limits& limits) {
  SynthesisRequest valid;
  M2TTS_RETURN_IF_ERROR(ValidateText(request.text(), limits.max_text_bytes));
  M2TTS_ASSIGN_OR_RETURN(valid.voice, FindVoice(voices, request.voice().voice(), "voice.voice"));
  M2TTS_ASSIGN_OR_RETURN(valid.speaker, FindSpeaker(*valid.voice, request.voice().speaker()));

  const v1::SynthesisControls& controls = request.controls();
  if (controls.has_speed()) valid.speed = controls.speed();
  if (controls.has_pitch()) valid.pitch = controls.pitch();
  if (controls.has_volume()) valid.volume = controls.volume();
  if (controls.has_pause_scale()) valid.pause_scale = controls.pause_scale();
  M2TTS_RETURN_IF_ERROR(CheckRange("controls.speed", valid.speed, 0.25, 4.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("controls.pitch", valid.pitch, -12.0, 12.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("controls.volume", valid.volume, 0.0, 4.0));
  M2TTS_RETURN_IF_ERROR(CheckRange("controls.pause_scale", valid.pause_scale, 0.0, 4.0));

  M2TTS_ASSIGN_OR_RETURN(valid.encoding, FromProto(request.audio_format().encoding()));
  valid.sample_rate = request.audio_format().sample_rate_hertz();
  if (valid.sample_rate == 0) valid.sample_rate = valid.voice->sample_rate;
  M2TTS_RETURN_IF_ERROR(
      CheckRange("audio_format.sample_rate_hertz", valid.sample_rate, kMinSampleRate, kMaxSampleRate));
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
