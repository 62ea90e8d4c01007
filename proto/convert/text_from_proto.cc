#include "proto/convert/text_from_proto.h"

namespace m2tts {
namespace {

StatusOr<TextStyle> StyleFrom(const v1::TextOptions& options, TextStyle style) {
  if (options.has_say_and()) style.say_and = options.say_and();
  if (options.has_phrase_breaks()) style.phrase_breaks = options.phrase_breaks();
  switch (options.date_order()) {
    case v1::TextOptions::DATE_ORDER_UNSPECIFIED:
      break;
    case v1::TextOptions::MONTH_FIRST:
      style.date_order = TextStyle::DateOrder::kMonthFirst;
      break;
    case v1::TextOptions::DAY_FIRST:
      style.date_order = TextStyle::DateOrder::kDayFirst;
      break;
    default:
      return InvalidArgument("date_order: {} is not known", static_cast<int>(options.date_order()));
  }
  switch (options.digits()) {
    case v1::TextOptions::DIGIT_STYLE_UNSPECIFIED:
      break;
    case v1::TextOptions::ONE_BY_ONE:
      style.digits = TextStyle::DigitStyle::kOneByOne;
      break;
    case v1::TextOptions::PAIRS:
      style.digits = TextStyle::DigitStyle::kPairs;
      break;
    default:
      return InvalidArgument("digits: {} is not known", static_cast<int>(options.digits()));
  }
  return style;
}

}  // namespace

StatusOr<ReadOptions> FromProto(const v1::TextOptions& options, const TextStyle& style) {
  ReadOptions read;
  M2TTS_ASSIGN_OR_RETURN(read.style, StyleFrom(options, style));
  read.ssml = options.ssml();
  if (options.has_inline_phonemes()) read.inline_phonemes = options.inline_phonemes();
  if (!options.lexicon().empty()) {
    M2TTS_ASSIGN_OR_RETURN(auto lexicon, UserLexicon::Parse(options.lexicon(), "lexicon"));
    read.user.push_back(std::move(lexicon));
  }
  return read;
}

}  // namespace m2tts
