// Money: a currency sign or code before or after an amount (amount.h).
//
//   money     := ["-"] [letters] sign ["-"] amount rest | code amount rest
//              | amount rest (sign | code) | [sign] amount cent
//   rest      := [magnitude] ["/" unit]
//   magnitude := "k" "K" "m" "M" "mn" "b" "B" "bn" "tn" ... right after the digits, or a word
//
// "$20.50", "$1.5 million", "-$5", "US$76.3 trillion", "EUR 50", "50 USD", "20c" with the sign,
// "$5/lb", "$60k/yr", "$250-300", "$1-a-day", "a $5-million deal". Two decimals are cents,
// three that do not end in zero are read as a decimal: "twenty point five zero six dollars".
#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/rules/amount.h"
#include "core/text/rules/currency_table.h"
#include "core/text/rules/measure.h"

namespace m2tts {
namespace {

const char* LetterMagnitude(std::string_view suffix) {
  if (suffix == "mil") return "million";
  if (suffix == "k" || suffix == "K") return "thousand";
  if (suffix == "m" || suffix == "M" || suffix == "mm" || suffix == "MM") return "million";
  if (suffix == "b" || suffix == "B") return "billion";
  if (suffix == "t" || suffix == "T") return "trillion";
  return MagnitudeWord(suffix);
}

// "twenty dollars fifty cents".
void SayWithCents(const PlainNumber& number, const Currency& currency, SpokenList* out) {
  std::string cents = number.fraction;
  while (cents.size() > 2 && cents.back() == '0') cents.pop_back();
  if (cents.size() == 1) cents.push_back('0');
  const bool no_cents = cents.find_first_not_of('0') == std::string::npos;
  if (!no_cents && (cents.size() > 2 || currency.cent == nullptr)) {
    if (number.whole.empty()) {
      out->Word("point");
      WordList words;
      AppendDigits(number.fraction, &words);
      out->Words(words);
    } else {
      SayPlainNumber(number, out);
    }
    out->WordsAndLetters(currency.many);
    return;
  }
  const std::string whole = number.whole.empty() ? "0" : number.whole;
  if (no_cents || whole.find_first_not_of('0') != std::string::npos) {
    out->Cardinal(whole);
    out->WordsAndLetters(whole == "1" ? currency.one : currency.many);
  }
  if (no_cents) return;
  out->Cardinal(cents);
  out->WordsAndLetters(cents == "01" ? currency.cent : currency.cents);
}

// Before "a $10 ticket", "the $20 fee", "his $2 million home".
bool OpensPhrase(std::string_view word) {
  for (const std::string_view known :
       {"a", "an", "the", "this", "that", "my", "your", "his", "her", "its", "our", "their"}) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return word.size() > 2 && word.substr(word.size() - 2) == "'s";
}

// "a $10 bill": the sum describes the thing that follows.
bool IsAdjective(const RuleInput& in, size_t begin, size_t end) {
  if (begin == 0 || !in.Is(end, TokenKind::kWord)) return false;
  for (const std::string_view cash : {"bill", "bills", "note", "notes", "coin", "coins"}) {
    if (in.At(end).text == cash) return true;
  }
  if (!in.Is(begin - 1, TokenKind::kWord) || !OpensPhrase(in.At(begin - 1).text)) return false;
  const std::string_view noun = in.At(end).text;
  if (noun.size() < 3 || !AllAlpha(noun) || !IsLowerChar(noun[0])) return false;
  for (const std::string_view other :
       {"and",    "per",  "for",   "each", "from",  "with",  "more", "less", "off",   "every",
        "plus",   "over", "under", "than", "when",  "that",  "but",  "the",  "was",   "were",
        "are",    "has",  "had",   "will", "would", "could", "can",  "may",  "might", "must",
        "should", "she",  "they",  "you",  "does",  "did",   "goes", "went", "came",  "spent",
        "paid",   "lost", "sent",  "into", "which", "who",   "not",  "also", "out"}) {
    if (noun == other) return false;
  }
  return noun.substr(noun.size() - 2) != "ed";  // "the $20 owed"
}

// Says the sum and what belongs to it; `at` is the token after the amount. Returns the first
// token that was not read.
size_t SaySum(const RuleInput& in, size_t begin, size_t at, const Amount& amount, const Currency& currency,
              bool code_follows, SpokenList* out) {
  const char* magnitude = nullptr;
  std::string_view words = amount.trailer;
  if (!words.empty()) {
    const size_t part = std::min(words.find('-'), words.size());
    magnitude = LetterMagnitude(words.substr(0, part));
    if (magnitude != nullptr) words.remove_prefix(std::min(words.size(), part + 1));
  } else if (in.Is(at, TokenKind::kWord) && (magnitude = MagnitudeWord(in.At(at).text)) != nullptr) {
    ++at;
  } else if (in.Is(at, TokenKind::kWord) && in.At(at).text.find('-') != std::string_view::npos) {
    // "$1.2 million-a-year"
    const size_t part = in.At(at).text.find('-');
    magnitude = MagnitudeWord(in.At(at).text.substr(0, part));
    if (magnitude != nullptr) words = in.At(at++).text.substr(part + 1);
  } else if (in.Is(at, TokenKind::kWord) && (in.At(at).text.size() == 1 || in.At(at).text == "mil") &&
             in.At(at).text != "a" && in.At(at).text != "A" &&
             (magnitude = LetterMagnitude(in.At(at).text)) != nullptr) {
    ++at;
  }
  if (code_follows) ++at;
  const bool described = !words.empty() && words.substr(0, 2) != "a-" && words.substr(0, 3) != "an-" &&
                         words.substr(0, 4) != "per-" && words != "plus";
  const bool adjective = described || (amount.hyphen && words.empty()) || IsAdjective(in, begin, at);
  if (amount.range || amount.value.IsFraction() || magnitude != nullptr || adjective) {
    // "$2.50-3.00": cents do not fit into one range of numbers.
    SayAmount(amount, out);
    if (magnitude != nullptr) out->Word(magnitude);
    const bool one = magnitude == nullptr && !amount.range && IsSingular(amount.value);
    out->WordsAndLetters(adjective || one ? currency.one : currency.many);
  } else {
    SayWithCents(amount.value.number, currency, out);
  }
  SayHyphenWords(words, in, out);
  if (in.Is(at, TokenKind::kWord) && in.At(at).text == "ea") {
    out->Word("each");
    return at + 1;
  }
  return at + SayPer(in, at, out);
}

// "$0.002/1K tokens", "$3/1M": a price for so many.
bool SayPricePer(std::string_view text, const Currency& currency, SpokenList* out) {
  const size_t stroke = text.find('/');
  if (stroke == std::string_view::npos || stroke == 0 || text.size() < stroke + 3) return false;
  PlainNumber price;
  const std::string_view count = text.substr(stroke + 1, text.size() - stroke - 2);
  const char* const magnitude = LetterMagnitude(text.substr(text.size() - 1));
  if (magnitude == nullptr || !AllDigits(count) || !ParsePlainNumber(text.substr(0, stroke), &price))
    return false;
  SayWithCents(price, currency, out);
  out->Word("per");
  out->Cardinal(count);
  out->Word(magnitude);
  return true;
}

bool HasCents(const AmountValue& value) {
  return value.number.fraction.size() == 2;
}

// The sign, letters or code that starts a sum at `*at`; moves past it.
const Currency* ReadCurrency(const RuleInput& in, size_t* at) {
  const Token& token = in.At(*at);
  const Currency* currency = nullptr;
  if (token.kind == TokenKind::kSymbol) {
    currency = CurrencyOfSign(token.text[0]);
    *at += 1;
  } else if (token.kind == TokenKind::kWord && IsUpperChar(token.text[0]) && token.text.size() <= 4) {
    if (in.IsMark(*at + 1, '$') && in.Glued(*at + 1)) {
      currency = CurrencyOfPrefix(token.text);
      *at += 2;
    } else if (in.Is(*at + 1, TokenKind::kNumber)) {
      currency = CurrencyOfCode(token.text);
      *at += 1;
    } else if (in.At(*at + 1).kind == TokenKind::kSymbol && in.Is(*at + 2, TokenKind::kNumber)) {
      // "GBP £20": said once.
      currency = CurrencyOfCode(token.text);
      if (CurrencyOfSign(in.At(*at + 1).text[0]) == nullptr) return nullptr;
      *at += 2;
    }
  }
  return currency;
}

size_t SumAfterCurrency(const RuleInput& in, size_t i, SpokenList* out) {
  size_t at = i;
  bool minus = false;
  if (in.IsMark(at, '-') && in.Is(at, TokenKind::kSymbol)) {
    if (!in.Is(at + 1, TokenKind::kSymbol) && !in.Is(at + 1, TokenKind::kWord)) return 0;
    if (i > 0 && in.Glued(i)) return 0;  // "$100-$200"
    minus = true;
    ++at;
  }
  const Currency* const currency = ReadCurrency(in, &at);
  if (currency == nullptr) return 0;
  if (in.IsMark(at, '-') && in.Is(at + 1, TokenKind::kNumber) && in.Glued(at) && in.Glued(at + 1)) {
    minus = true;
    ++at;
  }
  if (!minus && in.Is(at, TokenKind::kNumber) && SayPricePer(in.At(at).text, *currency, out))
    return at + 1 - i;
  Amount amount;
  if (!ReadAmount(in, at, &amount)) return 0;
  // "(5)" in a ledger is "(-5)": only when it is all there is.
  const bool ledger = i == 1 && in.IsMark(0, '(') && in.IsMark(at + amount.used, ')') &&
                      at + amount.used + 1 == in.tokens.size();
  if (minus || ledger) out->Word("minus");
  if (amount.range && (HasCents(amount.from) || HasCents(amount.value)) && amount.trailer.empty()) {
    SayWithCents(amount.from.number, *currency, out);
    out->Word("to");
    amount.range = false;
  }
  // "$5 CAD", "US$20 USD": the code tells which dollars.
  const size_t after = at + amount.used;
  const bool dollar = in.IsMark(at - 1, '$');
  const Currency* const code =
      dollar && in.Is(after, TokenKind::kWord) ? CurrencyOfCode(in.At(after).text) : nullptr;
  return SaySum(in, i, after, amount, code != nullptr ? *code : *currency, code != nullptr, out) - i;
}

size_t SumBeforeCurrency(const RuleInput& in, size_t i, SpokenList* out) {
  const Token* next = &in.At(i + 1);
  // "1 234 567 EUR" is rare; the amount decides where it ends, so look only where one may follow.
  if (next->kind == TokenKind::kPause) return 0;
  Amount amount;
  if (!ReadAmount(in, i, &amount)) return 0;
  const size_t after = i + amount.used;
  next = &in.At(after);
  if (next->kind == TokenKind::kSymbol) {
    if (in.IsMark(after, kCent) && amount.trailer.empty()) {
      SayAmount(amount, out);
      out->Word(!amount.range && IsSingular(amount.value) ? "cent" : "cents");
      return amount.used + 1 + SayPer(in, after + 1, out);
    }
    const Currency* const currency = CurrencyOfSign(next->text[0]);
    // "between 5 and $10", "Take 5 $20 bills": the sign belongs to what follows.
    if (currency == nullptr || (in.Is(after + 1, TokenKind::kNumber) && in.Glued(after + 1))) return 0;
    return SaySum(in, i, after, amount, *currency, true, out) - i;
  }
  if (next->kind != TokenKind::kWord) return 0;
  size_t code = after;
  if (MagnitudeWord(next->text) != nullptr) ++code;
  const Currency* currency = in.Is(code, TokenKind::kWord) ? CurrencyOfCode(in.At(code).text) : nullptr;
  if (currency == nullptr && code > after && in.At(code).kind == TokenKind::kSymbol &&
      !(in.Is(code + 1, TokenKind::kNumber) && in.Glued(code + 1))) {
    currency = CurrencyOfSign(in.At(code).text[0]);  // "5 million €"
  }
  if (currency == nullptr || in.Is(code + 1, TokenKind::kNumber)) return 0;
  return SaySum(in, i, after, amount, *currency, true, out) - i;
}

}  // namespace

size_t MoneyRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (in.Is(i, TokenKind::kNumber)) return SumBeforeCurrency(in, i, out);
  if (in.IsMark(i, kCent) && in.Is(i + 1, TokenKind::kNumber) && in.Glued(i + 1)) {
    Amount amount;
    if (!ReadAmount(in, i + 1, &amount) || !amount.trailer.empty()) return 0;
    SayAmount(amount, out);
    out->Word(IsSingular(amount.value) ? "cent" : "cents");
    return 1 + amount.used;
  }
  return SumAfterCurrency(in, i, out);
}

}  // namespace m2tts
