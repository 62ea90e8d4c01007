#include "client/audio_encodings.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace m2tts {

const std::map<std::string, v1::AudioEncoding>& NamedEncodings() {
  static const auto* encodings = new std::map<std::string, v1::AudioEncoding>{
      {"wav", v1::AUDIO_ENCODING_WAV},       {"pcm16", v1::AUDIO_ENCODING_PCM16},
      {"s16le", v1::AUDIO_ENCODING_PCM16},   {"flac", v1::AUDIO_ENCODING_FLAC},
      {"f32", v1::AUDIO_ENCODING_PCM_F32},   {"f32le", v1::AUDIO_ENCODING_PCM_F32},
      {"opus", v1::AUDIO_ENCODING_OGG_OPUS}, {"ogg", v1::AUDIO_ENCODING_OGG_OPUS},
      {"mp3", v1::AUDIO_ENCODING_MP3},       {"mulaw", v1::AUDIO_ENCODING_MULAW},
      {"ulaw", v1::AUDIO_ENCODING_MULAW},    {"alaw", v1::AUDIO_ENCODING_ALAW}};
  return *encodings;
}

v1::AudioEncoding EncodingForFile(const std::string& name) {
  static const auto* suffixes = new std::map<std::string, v1::AudioEncoding>{
      {".flac", v1::AUDIO_ENCODING_FLAC},    {".pcm", v1::AUDIO_ENCODING_PCM16},
      {".raw", v1::AUDIO_ENCODING_PCM16},    {".f32", v1::AUDIO_ENCODING_PCM_F32},
      {".ogg", v1::AUDIO_ENCODING_OGG_OPUS}, {".opus", v1::AUDIO_ENCODING_OGG_OPUS},
      {".oga", v1::AUDIO_ENCODING_OGG_OPUS}, {".mp3", v1::AUDIO_ENCODING_MP3},
      {".ulaw", v1::AUDIO_ENCODING_MULAW},   {".ul", v1::AUDIO_ENCODING_MULAW},
      {".alaw", v1::AUDIO_ENCODING_ALAW},    {".al", v1::AUDIO_ENCODING_ALAW}};
  std::string suffix = std::filesystem::path(name).extension().string();
  std::transform(suffix.begin(), suffix.end(), suffix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto found = suffixes->find(suffix);
  return found == suffixes->end() ? v1::AUDIO_ENCODING_WAV : found->second;
}

}  // namespace m2tts
