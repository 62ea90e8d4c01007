#include "core/text/arpabet.h"

namespace m2tts {
namespace {

const PhonemeId kAh = *PhonemeFromSymbol("AH");
const PhonemeId kEr = *PhonemeFromSymbol("ER");
const PhonemeId kIh = *PhonemeFromSymbol("IH");
const PhonemeId kAx = *PhonemeFromSymbol("AX");
const PhonemeId kAxr = *PhonemeFromSymbol("AXR");
const PhonemeId kIx = *PhonemeFromSymbol("IX");

Stress StressFromDigit(char digit) {
  switch (digit) {
    case '1':
      return Stress::kPrimary;
    case '2':
      return Stress::kSecondary;
    default:
      return Stress::kUnstressed;
  }
}

}  // namespace

StressedPhoneme ReduceIfUnstressed(PhonemeId id, Stress stress) {
  if (stress != Stress::kUnstressed) return {id, stress};
  if (id == kAh) return {kAx, stress};
  if (id == kEr) return {kAxr, stress};
  if (id == kIh) return {kIx, stress};
  return {id, stress};
}

PhonemeId FullVowel(PhonemeId id) {
  if (id == kAx) return kAh;
  if (id == kAxr) return kEr;
  return id == kIx ? kIh : id;
}

StatusOr<StressedPhoneme> ParseArpabetSymbol(std::string_view symbol) {
  std::string_view name = symbol;
  char digit = 0;
  if (!name.empty() && name.back() >= '0' && name.back() <= '2') {
    digit = name.back();
    name.remove_suffix(1);
  }
  const std::optional<PhonemeId> id = PhonemeFromSymbol(name);
  if (!id || IsSpecial(*id)) return InvalidArgument("unknown phoneme '{}'", symbol);
  if (!IsVowel(*id)) {
    if (digit != 0) return InvalidArgument("consonant '{}' carries a stress digit", symbol);
    return StressedPhoneme{*id, Stress::kNone};
  }
  const bool reduced = *id == kAx || *id == kAxr || *id == kIx;
  if (digit == 0 && !reduced) return InvalidArgument("vowel '{}' lacks a stress digit (0, 1 or 2)", symbol);
  return ReduceIfUnstressed(*id, StressFromDigit(digit));
}

StatusOr<Pronunciation> ParseArpabet(std::string_view text) {
  Pronunciation out;
  size_t i = 0;
  while (true) {
    while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
    if (i == text.size()) break;
    size_t end = i;
    while (end < text.size() && text[end] != ' ' && text[end] != '\t') ++end;
    M2TTS_ASSIGN_OR_RETURN(const StressedPhoneme phoneme, ParseArpabetSymbol(text.substr(i, end - i)));
    out.push_back(phoneme);
    i = end;
  }
  if (out.empty()) return InvalidArgument("no phonemes");
  return out;
}

void AppendArpabet(StressedPhoneme phoneme, std::string* out) {
  // The reduced vowels are this project's; the rest of the world writes AH0, ER0, IH0.
  const PhonemeId id = phoneme.id == kAx    ? kAh
                       : phoneme.id == kAxr ? kEr
                       : phoneme.id == kIx  ? kIh
                                            : phoneme.id;
  out->append(PhonemeSymbol(id));
  switch (phoneme.stress) {
    case Stress::kNone:
      break;
    case Stress::kUnstressed:
      out->push_back('0');
      break;
    case Stress::kPrimary:
      out->push_back('1');
      break;
    case Stress::kSecondary:
      out->push_back('2');
      break;
  }
}

}  // namespace m2tts
