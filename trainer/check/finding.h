// What may be wrong with a clip, and what to do about it.
//
// A problem stops training, leaves the clip out of it, or teaches a voice something wrong. A note is worth a
// look.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace m2tts {

enum class FindingKind : uint8_t {
  // Problems.
  kBadRow,
  kUnreadableAudio,
  kUnreadableText,
  kSilent,
  kTooShort,
  kTooLong,
  kClipping,
  kOffset,
  kUnreadScript,
  kWrongTime,
  kSameAudioOtherText,
  // Notes.
  kShort,
  kSilentEnds,
  kLongPause,
  kLevel,
  kUnusualTime,
  kMixedFormats,
  kUnlistedAudio,
  kSameAudio,
  kSameText,
};
inline constexpr int kFindingKinds = static_cast<int>(FindingKind::kSameText) + 1;

struct Finding {
  std::string where;   // file and line of the transcript; empty when `detail` names it, or it concerns all
  std::string id;      // of the clip; empty where the row gave none
  std::string detail;  // the figure, or the message of what failed
};

struct FindingText {
  const char* key;  // in JSON
  bool problem;
  const char* title;
  const char* advice;
};
const FindingText& Describe(FindingKind kind);

}  // namespace m2tts
