#include "core/text/rules/currency_table.h"

#include <array>

#include "core/text/fold.h"

namespace m2tts {
namespace {

constexpr Currency kDollar{"dollar", "dollars", "cent", "cents"};
constexpr Currency kUsDollar{"u s dollar", "u s dollars", "cent", "cents"};
constexpr Currency kCanadian{"canadian dollar", "canadian dollars", "cent", "cents"};
constexpr Currency kAustralian{"australian dollar", "australian dollars", "cent", "cents"};
constexpr Currency kNewZealand{"new zealand dollar", "new zealand dollars", "cent", "cents"};
constexpr Currency kHongKong{"hong kong dollar", "hong kong dollars", "cent", "cents"};
constexpr Currency kSingapore{"singapore dollar", "singapore dollars", "cent", "cents"};
constexpr Currency kBritish{"pound", "pounds", "penny", "pence"};
constexpr Currency kEuros{"euro", "euros", "cent", "cents"};
constexpr Currency kYenName{"yen", "yen"};
constexpr Currency kWonName{"won", "won"};
constexpr Currency kRupees{"rupee", "rupees", "paisa", "paise"};
constexpr Currency kReal{"real", "reais", "centavo", "centavos"};

struct Named {
  std::string_view code;
  Currency currency;
};

constexpr std::array kCodes = {
    Named{"USD", kUsDollar},
    Named{"EUR", kEuros},
    Named{"GBP", kBritish},
    Named{"JPY", kYenName},
    Named{"CHF", {"swiss franc", "swiss francs", "centime", "centimes"}},
    Named{"CAD", kCanadian},
    Named{"AUD", kAustralian},
    Named{"NZD", kNewZealand},
    Named{"HKD", kHongKong},
    Named{"SGD", kSingapore},
    Named{"CNY", {"yuan", "yuan"}},
    Named{"RMB", {"yuan", "yuan"}},
    Named{"INR", kRupees},
    Named{"Rs", kRupees},
    Named{"Rs.", kRupees},
    Named{"KRW", kWonName},
    Named{"MXN", {"mexican peso", "mexican pesos", "centavo", "centavos"}},
    Named{"BRL", kReal},
    Named{"SEK", {"swedish krona", "swedish kronor"}},
    Named{"NOK", {"norwegian krone", "norwegian kroner"}},
    Named{"DKK", {"danish krone", "danish kroner"}},
    Named{"PLN", {"polish zloty", "polish zlotys"}},
    Named{"CZK", {"czech koruna", "czech korunas"}},
    Named{"RUB", {"ruble", "rubles"}},
    Named{"TRY", {"turkish lira", "turkish lira"}},
    Named{"ZAR", {"rand", "rand", "cent", "cents"}},
    Named{"ILS", {"shekel", "shekels"}},
    Named{"THB", {"baht", "baht"}},
    Named{"BTC", {"bitcoin", "bitcoins"}},
};

constexpr std::array kPrefixes = {
    Named{"US", kUsDollar},  Named{"U.S.", kUsDollar}, Named{"C", kCanadian},    Named{"CA", kCanadian},
    Named{"CDN", kCanadian}, Named{"A", kAustralian},  Named{"AU", kAustralian}, Named{"NZ", kNewZealand},
    Named{"HK", kHongKong},  Named{"S", kSingapore},   Named{"R", kReal},
};

template <size_t N>
const Currency* Find(const std::array<Named, N>& table, std::string_view code) {
  for (const Named& named : table) {
    if (named.code == code) return &named.currency;
  }
  return nullptr;
}

}  // namespace

const Currency* CurrencyOfSign(char sign) {
  switch (sign) {
    case '$':
      return &kDollar;
    case kPound:
      return &kBritish;
    case kEuro:
      return &kEuros;
    case kYen:
      return &kYenName;
    case kWon:
      return &kWonName;
    case kRupee:
      return &kRupees;
    default:
      return nullptr;
  }
}

const Currency* CurrencyOfCode(std::string_view code) {
  if (code.size() < 2 || code.size() > 3) return nullptr;
  return Find(kCodes, code);
}

const Currency* CurrencyOfPrefix(std::string_view letters) {
  return letters.size() <= 4 ? Find(kPrefixes, letters) : nullptr;
}

}  // namespace m2tts
