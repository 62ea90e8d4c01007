// Units of measure and what they are called. Immutable table, searched by bisection.
//
// Case matters ("mW" and "MW"); forms that people write in any case are listed each.
#pragma once

#include <string>
#include <string_view>

namespace m2tts {

struct Unit {
  enum Where : unsigned char {
    kAnywhere,  // "5km" and "5 km"
    kGlued,     // a letter or word of its own elsewhere: only right after the digits
    kSpaced,    // only apart from the digits: "300 K", for "4K" is no temperature
  };
  std::string_view written;
  const char* one;
  const char* many = nullptr;  // nullptr: `one` and "s"
  Where where = kAnywhere;
};

// nullptr when `text` is no unit.
const Unit* FindUnit(std::string_view text);

// The words for one or several: "foot", "miles per hour".
std::string UnitWords(const Unit& unit, bool singular);

// Whether `lower` names a unit in full ("kilometers", "dollars", "percent"): what follows a
// count, never a year.
bool IsUnitWord(std::string_view lower);

}  // namespace m2tts
