// Plain text with what its markup said: where it came from, how parts of it are to be read,
// where it breaks. Made by the SSML parser or from text with inline phonemes; read by the
// front end. A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/arpabet.h"
#include "core/text/sentence.h"

namespace m2tts {

// How <say-as> wants its content read.
enum class SayAs : uint8_t {
  kNormal,
  kCardinal,
  kOrdinal,
  kDigits,
  kCharacters,
  kTelephone,
  kTime,
  kCurrency,
  kDate,
  kDateDayFirst
};

// A part of the text that is not read like the rest. Never empty; never overlaps another.
struct MarkupSpan {
  size_t begin = 0;  // bytes of MarkedText::text
  size_t end = 0;
  std::vector<Pronunciation> words;  // given sounds, one per word; else `say_as`
  SayAs say_as = SayAs::kNormal;
};

// Where one stretch of text ends and the next begins. The stretch before it is read as sentences
// of its own.
struct MarkupBoundary {
  size_t at = 0;                // byte of MarkedText::text
  std::optional<double> pause;  // seconds of silence before the next stretch; absent: the usual
  bool ends_paragraph = false;
  bool mid_sentence = false;  // no end of a sentence: the voice stays up
  Prosody prosody;            // of the text after it
};

struct MarkedText {
  std::string text;
  std::vector<MarkupSpan> spans;           // by position
  std::vector<MarkupBoundary> boundaries;  // by position
  struct Mark {
    std::string name;
    size_t at = 0;  // byte of `text` that it stands before
    TextRange source;
  };
  std::vector<Mark> marks;            // by position
  std::vector<TextWarning> warnings;  // with ranges of the source

  // Appends text whose source is the range; of equal length it maps byte by byte, else as a whole.
  void Append(std::string_view piece, TextRange source);
  // The range of the source that a range of `text` came from.
  TextRange SourceOf(TextRange range) const;

 private:
  struct Piece {
    size_t begin = 0;  // in `text`
    size_t end = 0;
    TextRange source;
  };
  const Piece* PieceAt(size_t at) const;

  std::vector<Piece> pieces_;
};

}  // namespace m2tts
