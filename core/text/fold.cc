#include "core/text/fold.h"

#include <utf8proc.h>

#include <array>

#include "core/base/status.h"
#include "core/text/char_class.h"
#include "core/text/sign_names.h"
#include "core/text/special_fold.h"

namespace m2tts {
namespace {

constexpr utf8proc_int32_t kSuperscriptMinus = 0x207B;

enum class Unreadable { kNo, kIgnorable, kBlank, kSkipped, kScript };

// What to do with a character that folding cannot turn into readable text.
Unreadable Classify(utf8proc_int32_t c) {
  // Variation selectors and the marks that join emoji carry nothing by themselves.
  if ((c >= 0xFE00 && c <= 0xFE0F) || c == 0x20E3) return Unreadable::kIgnorable;
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
      return Unreadable::kIgnorable;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return Unreadable::kBlank;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return Unreadable::kScript;
    default:
      return Unreadable::kSkipped;
  }
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Appends to the folded text and keeps the map and the warnings.
class Folder {
 public:
  Folder(FoldedText* out, std::vector<TextWarning>* warnings) : out_(out), warnings_(warnings) {}

  void Put(char c, TextRange range) {
    out_->text.push_back(c);
    out_->source.push_back(range);
  }

  void Character(utf8proc_int32_t c, TextRange range) {
    // "10" with a superscript minus: the exponent's digits follow.
    if (c == kSuperscriptMinus && !out_->text.empty() && IsAlnumChar(out_->text.back())) {
      Put('^', range);
      Put('-', range);
      negative_exponent_ = true;
      return;
    }
    if (negative_exponent_) {
      const int digit = c == 0xB2 ? 2 : c == 0xB3 ? 3 : SuperscriptDigit(c);
      if (digit >= 0) {
        Put(static_cast<char>('0' + digit), range);
        return;
      }
      negative_exponent_ = false;
    }
    if (const char* folded = SpecialFold(c)) {
      for (; *folded != 0; ++folded) Put(*folded, range);
      return;
    }
    if (const int digit = SuperscriptDigit(c); digit >= 0) {
      Superscript(digit, range);
      return;
    }
    if (const char* name = SignName(c)) {
      Name(name, range);
      return;
    }
    if (Decompose(c, range)) return;
    switch (Classify(c)) {
      case Unreadable::kNo:
      case Unreadable::kIgnorable:
        return;
      case Unreadable::kBlank:
        Put(' ', range);
        return;
      case Unreadable::kSkipped:
        Warn(TextWarning::Kind::kSkippedCharacter, "skipped a symbol or emoji without a reading", range);
        return;
      case Unreadable::kScript:
        Warn(TextWarning::Kind::kUnsupportedScript, "skipped text in a script other than Latin", range);
        return;
    }
  }

  // After a superscript minus: digits go on.
  bool InExponent() const { return negative_exponent_; }

  // An exponent after a number; elsewhere the mark of a footnote, read as a number.
  void Superscript(int digit, TextRange range) {
    const bool exponent = !out_->text.empty() && IsDigit(out_->text.back());
    if (!exponent_ || !exponent) Put(exponent ? '^' : ' ', range);
    exponent_ = true;
    Put(static_cast<char>('0' + digit), range);
  }

  void Warn(TextWarning::Kind kind, const char* message, TextRange range) {
    Put(' ', range);
    // A run of such characters, blanks between them included, is one warning.
    if (open_ && warnings_->back().kind == kind) {
      warnings_->back().range.end = range.end;
    } else {
      warnings_->push_back({kind, range, message});
      open_ = true;
    }
  }

  void EndRun() {
    open_ = false;
    exponent_ = false;
    negative_exponent_ = false;
  }

  // A sign or letter said as words, apart from its neighbours.
  void Name(const char* name, TextRange range) {
    Put(' ', range);
    for (; *name != 0; ++name) Put(*name, range);
    Put(' ', range);
  }

 private:
  // Compatibility decomposition without marks, when all of it is ASCII.
  bool Decompose(utf8proc_int32_t c, TextRange range) {
    std::array<utf8proc_int32_t, 32> parts;
    int boundary = 0;
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                                                        UTF8PROC_STRIPMARK | UTF8PROC_STABLE);
    const auto count = utf8proc_decompose_char(c, parts.data(), parts.size(), options, &boundary);
    if (count <= 0 || count > static_cast<utf8proc_ssize_t>(parts.size())) return false;
    std::string ascii;
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
      const utf8proc_int32_t part = parts[static_cast<size_t>(i)];
      if (part == 0x2044) {
        ascii.push_back('/');
      } else if (part >= 0x20 && part < 0x7f) {
        ascii.push_back(static_cast<char>(part));
      } else if (const char* folded = SpecialFold(part)) {
        ascii += folded;
      } else {
        return false;
      }
    }
    // "5½" is "5 1/2", not "51/2".
    const bool fraction = ascii.size() >= 3 && IsDigit(ascii[0]) && ascii.find('/') != std::string::npos;
    if (fraction && !out_->text.empty() && IsDigit(out_->text.back())) Put(' ', range);
    for (const char a : ascii) Put(a, range);
    return true;
  }

  FoldedText* out_;
  std::vector<TextWarning>* warnings_;
  bool open_ = false;               // the last warning may still grow
  bool exponent_ = false;           // the last character was a superscript digit
  bool negative_exponent_ = false;  // inside an exponent that began with a superscript minus
};

}  // namespace

namespace {

// The character at byte `i`; a blank at the end.
utf8proc_int32_t CharacterAt(std::string_view utf8, size_t i) {
  utf8proc_int32_t c = ' ';
  if (i < utf8.size()) {
    utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()) + i,
                     static_cast<utf8proc_ssize_t>(utf8.size() - i), &c);
  }
  return c;
}

// Whether a superscript 2 or 3 after `text` is a power: what stands right before can have one ("x",
// "10", ")"), and no charge follows. Else it is a footnote's mark, or one of several digits.
bool IsPower(std::string_view text, utf8proc_int32_t previous, utf8proc_int32_t after) {
  constexpr utf8proc_int32_t kSuperscriptPlus = 0x207A;
  if (text.empty() || after == kSuperscriptPlus) return false;
  const char last = text.back();
  if (IsDigit(last)) return previous < 0x80;  // not the digit of another superscript
  return IsAlphaChar(last) || last == ')' || last == kSquared || last == kCubed || IsGreek(previous);
}

}  // namespace

FoldedText Fold(std::string_view utf8, size_t base, std::vector<TextWarning>* warnings) {
  FoldedText out;
  out.text.reserve(utf8.size());
  out.source.reserve(utf8.size());
  Folder folder(&out, warnings);
  utf8proc_int32_t previous = 0;
  for (size_t i = 0; i < utf8.size();) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      const TextRange range{base + i, base + i + 1};
      if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r' && byte != '\f' && byte != '\v') {
        folder.Warn(TextWarning::Kind::kSkippedCharacter, "skipped a control character", range);
      } else if (byte == 0x7f) {
        folder.Warn(TextWarning::Kind::kSkippedCharacter, "skipped a control character", range);
      } else {
        if (byte > 0x20) folder.EndRun();
        folder.Put(byte <= 0x20 ? ' ' : static_cast<char>(byte), range);
      }
      previous = byte;
      ++i;
      continue;
    }
    utf8proc_int32_t c = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()) + i,
                                         static_cast<utf8proc_ssize_t>(utf8.size() - i), &c);
    if (length <= 0) {  // unreachable for valid UTF-8; skip the byte rather than loop
      ++i;
      continue;
    }
    const size_t next = i + static_cast<size_t>(length);
    const TextRange range{base + i, base + next};
    // A Greek letter alone is a symbol of science; Greek words are another script. The micro
    // sign stays a prefix of units.
    const utf8proc_int32_t after = CharacterAt(utf8, next);
    const char* const greek = c == 0x3BC && after < 0x80 && after > ' ' ? nullptr : GreekName(c);
    if (greek != nullptr && !IsGreek(previous) && !IsGreek(after)) {
      folder.Name(greek, range);
    } else if ((c == 0xB2 || c == 0xB3) && !folder.InExponent() && !IsPower(out.text, previous, after)) {
      folder.Superscript(c - 0xB0, range);
    } else {
      folder.Character(c, range);
    }
    previous = c;
    i = next;
  }
  return out;
}

size_t FindInvalidUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0) return i;
    if (byte < 0x80) {
      ++i;
      continue;
    }
    utf8proc_int32_t c = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + i,
                                         static_cast<utf8proc_ssize_t>(text.size() - i), &c);
    if (length <= 0) return i;
    i += static_cast<size_t>(length);
  }
  return std::string_view::npos;
}

}  // namespace m2tts
