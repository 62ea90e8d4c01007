// Money: "$5", "$20.50", "$1.5 million", "-$3", "50 cents" with the sign, "5 €", "US$10".
#include <array>

#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

struct Currency {
  char sign;
  const char* one;
  const char* many;
  const char* cent;  // nullptr when there is none in use
  const char* cents;
};

constexpr std::array<Currency, 6> kCurrencies = {{{'$', "dollar", "dollars", "cent", "cents"},
                                                  {kPound, "pound", "pounds", "penny", "pence"},
                                                  {kEuro, "euro", "euros", "cent", "cents"},
                                                  {kYen, "yen", "yen", nullptr, nullptr},
                                                  {kWon, "won", "won", nullptr, nullptr},
                                                  {kRupee, "rupee", "rupees", "paisa", "paise"}}};

const Currency* FindCurrency(const RuleInput& in, size_t i) {
  if (!in.Is(i, TokenKind::kSymbol)) return nullptr;
  for (const Currency& currency : kCurrencies) {
    if (in.IsMark(i, currency.sign)) return &currency;
  }
  return nullptr;
}

// The magnitude of a "1.5bn", "$10K" or "$3M"; nullptr for other suffixes.
const char* SuffixMagnitude(std::string_view suffix) {
  if (suffix == "k" || suffix == "K") return "thousand";
  if (suffix == "m" || suffix == "M" || suffix == "mn") return "million";
  if (suffix == "b" || suffix == "B" || suffix == "bn") return "billion";
  if (suffix == "t" || suffix == "T" || suffix == "tn") return "trillion";
  return nullptr;
}

void SayAmount(const PlainNumber& number, const Currency& currency, SpokenList* out) {
  const bool cents = number.fraction.size() == 2 && currency.cent != nullptr;
  if (!cents) {
    SayPlainNumber(number, out);
    out->Word(IsOne(number) ? currency.one : currency.many);
    return;
  }
  const bool no_whole = number.whole.find_first_not_of('0') == std::string::npos;
  const bool no_cents = number.fraction == "00";
  if (!no_whole || no_cents) {
    WordList words;
    AppendCardinal(number.whole.empty() ? "0" : number.whole, &words);
    out->Words(words);
    out->Word(number.whole == "1" ? currency.one : currency.many);
  }
  if (!no_cents) {
    WordList words;
    AppendCardinal(number.fraction, &words);
    out->Words(words);
    out->Word(number.fraction == "01" ? currency.cent : currency.cents);
  }
}

}  // namespace

size_t MoneyRule(const RuleInput& in, size_t i, SpokenList* out) {
  size_t at = i;
  bool minus = false;
  if (in.IsMark(at, '-') && in.Is(at, TokenKind::kSymbol) && FindCurrency(in, at + 1) != nullptr) {
    minus = true;
    ++at;
  }
  // "US$5": the country is said as "U S".
  const Currency* currency = FindCurrency(in, at);
  if (currency == nullptr && in.Is(at, TokenKind::kWord) && in.At(at).text.size() == 2 &&
      AllUpper(in.At(at).text) && in.Glued(at + 1) && FindCurrency(in, at + 1) != nullptr &&
      in.Is(at + 2, TokenKind::kNumber)) {
    out->Letters(in.At(at).text);
    return 1;
  }
  if (currency != nullptr) {
    if (!in.Is(at + 1, TokenKind::kNumber)) return 0;
    std::string_view text = in.At(at + 1).text;
    size_t digits = text.size();
    while (digits > 0 && IsAlphaChar(text[digits - 1])) --digits;
    const char* magnitude = digits < text.size() ? SuffixMagnitude(text.substr(digits)) : nullptr;
    PlainNumber number;
    PlainNumber upper;
    const std::string_view amount = text.substr(0, digits);
    const size_t dash = amount.find_first_of("-\x81");
    const bool range = dash != std::string_view::npos && ParsePlainNumber(amount.substr(dash + 1), &upper);
    if ((digits < text.size() && magnitude == nullptr) || !ParsePlainNumber(amount.substr(0, dash), &number))
      return 0;
    if (dash != std::string_view::npos && !range) return 0;
    if (minus) out->Word("minus");
    size_t used = at + 2 - i;
    std::string spoken_magnitude = magnitude != nullptr ? magnitude : "";
    if (magnitude == nullptr && in.Is(at + 2, TokenKind::kWord)) {
      const std::string_view next = in.At(at + 2).text;
      if (IsMagnitude(next)) {
        spoken_magnitude = ToLower(next);
        ++used;
      } else if (next == "bn" || next == "mn" || next == "tn") {
        spoken_magnitude = SuffixMagnitude(next);
        ++used;
      }
    }
    if (range) {
      SayPlainNumber(number, out);
      out->Word("to");
      number = upper;
    }
    if (spoken_magnitude.empty()) {
      SayAmount(number, *currency, out);
    } else {
      SayPlainNumber(number, out);
      out->Word(spoken_magnitude);
      out->Word(currency->many);
    }
    return used;
  }
  // "5 €" and "50¢".
  PlainNumber number;
  if (in.Is(i, TokenKind::kNumber) && ParsePlainNumber(in.At(i).text, &number)) {
    if (in.IsMark(i + 1, kCent)) {
      SayPlainNumber(number, out);
      out->Word(IsOne(number) ? "cent" : "cents");
      return 2;
    }
    const Currency* const after = FindCurrency(in, i + 1);
    if (after != nullptr && (in.Glued(i + 1) || after->sign != '$') && !in.Is(i + 2, TokenKind::kNumber)) {
      SayAmount(number, *after, out);
      return 2;
    }
  }
  return 0;
}

}  // namespace m2tts
