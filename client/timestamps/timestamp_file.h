// Files of timestamps: JSON, subtitles, and labels for Praat. docs/cli.md shows them.
#pragma once

#include <string>

#include "client/timestamps/timed_speech.h"
#include "core/base/status.h"

namespace m2tts {

enum class TimestampFormat : uint8_t {
  kJson,      // sentences, words with phonemes, marks
  kSrt,       // SubRip
  kVtt,       // WebVTT
  kTextGrid,  // Praat: tiers of sentences, words and phones without a gap
};

// By the suffix: .json, .srt, .vtt, .TextGrid, in any case. INVALID_ARGUMENT that names them.
StatusOr<TimestampFormat> TimestampFormatOf(const std::string& file_name);

// The detail that a format needs.
v1::Timestamps TimestampsFor(TimestampFormat format);

// The content of the file.
std::string FormatTimestamps(const TimedSpeech& speech, TimestampFormat format);

}  // namespace m2tts
