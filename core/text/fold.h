// Unicode folding: UTF-8 to a one-byte alphabet that every later rule can read, with the
// way back to the input.
//
// The alphabet is ASCII plus the few symbols below. Smart quotes, exotic spaces, full-width
// forms and ligatures become their ASCII equals, diacritics are dropped ("café" -> "cafe"),
// "½" becomes "1/2". What has no reading becomes a blank and a warning with its range.
// Pure function; any thread may call it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/sentence.h"

namespace m2tts {

// Bytes beyond ASCII in folded text. The values are private to core/text.
inline constexpr char kEnDash = '\x81';
inline constexpr char kEmDash = '\x82';
inline constexpr char kEllipsis = '\x83';
inline constexpr char kDegree = '\x84';
inline constexpr char kSectionSign = '\x85';
inline constexpr char kPlusMinus = '\x86';
inline constexpr char kTimes = '\x87';
inline constexpr char kDivide = '\x88';
inline constexpr char kPound = '\x89';
inline constexpr char kEuro = '\x8a';
inline constexpr char kYen = '\x8b';
inline constexpr char kWon = '\x8c';
inline constexpr char kRupee = '\x8d';
inline constexpr char kCent = '\x8e';
inline constexpr char kSquared = '\x8f';
inline constexpr char kCubed = '\x90';
inline constexpr char kMicro = '\x91';
inline constexpr char kCopyright = '\x92';
inline constexpr char kRegistered = '\x93';
inline constexpr char kTrademark = '\x94';
inline constexpr char kPilcrow = '\x95';
inline constexpr char kApproximately = '\x96';
inline constexpr char kNotEqual = '\x97';
inline constexpr char kLessEqual = '\x98';
inline constexpr char kGreaterEqual = '\x99';

struct FoldedText {
  std::string text;
  std::vector<TextRange> source;  // of each byte of `text`, in the original input
};

// Folds `utf8` (valid UTF-8), whose first byte is byte `base` of the input. Appends warnings
// (kSkippedCharacter, kUnsupportedScript), one per run of characters.
FoldedText Fold(std::string_view utf8, size_t base, std::vector<TextWarning>* warnings);

// The offset of the first byte that is not valid UTF-8 or is NUL; npos when all is well.
size_t FindInvalidUtf8(std::string_view text);

}  // namespace m2tts
