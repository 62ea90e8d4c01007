// Currencies: their signs, their codes and what they are called. Immutable tables.
#pragma once

#include <string_view>

namespace m2tts {

struct Currency {
  const char* one;
  const char* many;
  const char* cent = nullptr;  // nullptr when no smaller unit is in use
  const char* cents = nullptr;
};

// "$", the private bytes of fold.h for the others; nullptr for other characters.
const Currency* CurrencyOfSign(char sign);
// "USD", "EUR", "Rs"; nullptr for other words.
const Currency* CurrencyOfCode(std::string_view code);
// The letters before a dollar sign: "US", "C", "HK"; nullptr for others.
const Currency* CurrencyOfPrefix(std::string_view letters);

}  // namespace m2tts
