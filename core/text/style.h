// How numbers and dates are read, where careful readers differ.
//
// A plain value: a voice or a request sets it, rules read it. The default is US English.
#pragma once

namespace m2tts {

struct TextStyle {
  // "one hundred and five" rather than "one hundred five".
  bool say_and = false;
  // 10/06 is October 6 (US) or 10 June (GB). A number above 12 settles it either way, and so
  // does the ISO order 2012-10-06.
  enum class DateOrder { kMonthFirst, kDayFirst } date_order = DateOrder::kMonthFirst;
  // Long runs of digits (telephone numbers, codes): "four four two one" or "forty four twenty one".
  enum class DigitStyle { kOneByOne, kPairs } digits = DigitStyle::kOneByOne;
  // A pause where a phrase ends, though no punctuation asks for one (core/text/phrasing). For voices that
  // learned from recordings with such pauses marked.
  bool phrase_breaks = false;
};

}  // namespace m2tts
