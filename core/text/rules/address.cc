// Postal addresses, US style: "1428 N. Elm St. NW, Apt. 4B, Springfield, IL 62704".
//
// House numbers in pairs, points of the compass and states in full, ZIP codes digit by digit.
// Names of streets are read by AbbreviationRule and OrdinalRule as they come.
#include <array>

#include "core/text/abbreviation.h"
#include "core/text/char_class.h"
#include "core/text/rules.h"

namespace m2tts {
namespace {

struct Name {
  std::string_view code;
  const char* words;
};

constexpr std::array<Name, 51> kStates = {{
    {"AL", "alabama"},        {"AK", "alaska"},         {"AZ", "arizona"},
    {"AR", "arkansas"},       {"CA", "california"},     {"CO", "colorado"},
    {"CT", "connecticut"},    {"DE", "delaware"},       {"DC", "d c"},
    {"FL", "florida"},        {"GA", "georgia"},        {"HI", "hawaii"},
    {"ID", "idaho"},          {"IL", "illinois"},       {"IN", "indiana"},
    {"IA", "iowa"},           {"KS", "kansas"},         {"KY", "kentucky"},
    {"LA", "louisiana"},      {"ME", "maine"},          {"MD", "maryland"},
    {"MA", "massachusetts"},  {"MI", "michigan"},       {"MN", "minnesota"},
    {"MS", "mississippi"},    {"MO", "missouri"},       {"MT", "montana"},
    {"NE", "nebraska"},       {"NV", "nevada"},         {"NH", "new hampshire"},
    {"NJ", "new jersey"},     {"NM", "new mexico"},     {"NY", "new york"},
    {"NC", "north carolina"}, {"ND", "north dakota"},   {"OH", "ohio"},
    {"OK", "oklahoma"},       {"OR", "oregon"},         {"PA", "pennsylvania"},
    {"RI", "rhode island"},   {"SC", "south carolina"}, {"SD", "south dakota"},
    {"TN", "tennessee"},      {"TX", "texas"},          {"UT", "utah"},
    {"VT", "vermont"},        {"VA", "virginia"},       {"WA", "washington"},
    {"WV", "west virginia"},  {"WI", "wisconsin"},      {"WY", "wyoming"},
}};

constexpr std::array<Name, 8> kCompass = {{{"N", "north"},
                                           {"S", "south"},
                                           {"E", "east"},
                                           {"W", "west"},
                                           {"NE", "northeast"},
                                           {"NW", "northwest"},
                                           {"SE", "southeast"},
                                           {"SW", "southwest"}}};

std::string_view WithoutStop(std::string_view text) {
  return !text.empty() && text.back() == '.' ? text.substr(0, text.size() - 1) : text;
}

template <size_t N>
const char* Find(std::string_view code, const std::array<Name, N>& names) {
  for (const Name& name : names) {
    if (name.code == code) return name.words;
  }
  return nullptr;
}

const char* Compass(const RuleInput& in, size_t i) {
  return in.Is(i, TokenKind::kWord) ? Find(WithoutStop(in.At(i).text), kCompass) : nullptr;
}

bool IsOrdinal(const RuleInput& in, size_t i) {
  const std::string_view text = in.At(i).text;
  return in.Is(i, TokenKind::kNumber) && text.size() >= 3 && IsDigitChar(text[0]) && IsLowerChar(text.back());
}

// "Street", "St.", "ave".
bool IsStreetType(const RuleInput& in, size_t i) {
  if (!in.Is(i, TokenKind::kWord)) return false;
  const std::string_view text = WithoutStop(in.At(i).text);
  for (const std::string_view type :
       {"street",   "avenue",  "boulevard", "road",    "drive",  "lane",   "court", "place",
        "way",      "highway", "parkway",   "terrace", "circle", "square", "trail", "expressway",
        "broadway", "st",      "dr",        "ln",      "sq",     "trl"}) {
    if (EqualsIgnoreCase(text, type)) return true;
  }
  const Abbreviation* const found = FindAbbreviation(text);
  return found != nullptr && found->kind == Abbreviation::Kind::kStreet;
}

// Whether a street's name and type follow from token `i` on: at most four words of name.
bool StreetFollows(const RuleInput& in, size_t i) {
  for (size_t k = i; k < i + 5; ++k) {
    if (k > i && IsStreetType(in, k)) return true;
    if (!in.IsCapitalized(k) && !IsOrdinal(in, k)) return false;
  }
  return false;
}

void SayHouseNumber(std::string_view text, SpokenList* out) {
  std::string_view digits = text;
  while (!digits.empty() && !IsDigitChar(digits.back())) digits.remove_suffix(1);
  WordList words;
  const size_t n = digits.size();
  if (n <= 2 || digits.find_first_not_of('0', 1) == std::string_view::npos) {
    AppendCardinal(digits, &words);
  } else if (n == 3 && digits[1] != '0') {
    AppendCardinal(digits.substr(0, 1), &words);
    AppendCardinal(digits.substr(1), &words);
  } else if (n == 4 && digits.substr(2) == "00") {
    AppendCardinal(digits.substr(0, 2), &words);
    words.emplace_back("hundred");
  } else if (n == 4 && digits[2] != '0') {
    AppendCardinal(digits.substr(0, 2), &words);
    AppendCardinal(digits.substr(2), &words);
  } else if (n == 4 && digits[2] == '0' && digits[1] != '0') {
    AppendCardinal(digits.substr(0, 2), &words);
    AppendDigits(digits.substr(2), &words);
  } else {
    AppendDigits(digits, &words);
  }
  out->Words(words);
  out->Letters(text.substr(n));
}

// "123", "221B".
bool IsHouseNumber(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && IsDigitChar(text[digits])) ++digits;
  if (digits == 0 || digits > 5 || text[0] == '0') return false;
  return digits == text.size() || (digits + 1 == text.size() && IsUpperChar(text[digits]));
}

// Five digits, or nine as "95051-1234".
bool IsZip(const RuleInput& in, size_t i) {
  const std::string_view text = in.At(i).text;
  if (!in.Is(i, TokenKind::kNumber) || !AllDigits(text.substr(0, std::min<size_t>(text.size(), 5))))
    return false;
  return text.size() == 5 || (text.size() == 10 && text[5] == '-' && AllDigits(text.substr(6)));
}

// The state that newspapers call "Okla." or "Mass."; nullptr for other words.
const char* ShortState(std::string_view written) {
  const Abbreviation* const found = written.back() == '.' ? FindAbbreviation(WithoutStop(written)) : nullptr;
  return found != nullptr && found->kind == Abbreviation::Kind::kState ? found->spoken.data() : nullptr;
}

size_t SayState(const RuleInput& in, size_t i, SpokenList* out) {
  const std::string_view text = in.At(i).text;
  if (const char* const state = ShortState(text)) {
    out->Words(state);
    if (!IsZip(in, i + 1)) return 1;
    out->Letters(in.At(i + 1).text);
    return 2;
  }
  if (text.size() != 2 || i < 2) return 0;
  const char* const state = Find(text, kStates);
  if (state == nullptr) return 0;
  const bool zip = IsZip(in, i + 1);
  const bool comma = in.IsMark(i - 1, ',') && in.IsCapitalized(i - 2);
  if (!comma && !(zip && in.IsCapitalized(i - 1))) return 0;
  // "John Smith, MD" and "Jane Roe, PA" are people; "Baltimore, MD" is a place.
  const bool person =
      (text == "MD" || text == "PA" || text == "MA") && i >= 3 && in.IsCapitalized(i - 3) && !zip;
  if (person || (in.all_caps && !zip)) return 0;
  out->WordsAndLetters(state);
  if (!zip) return 1;
  out->Letters(in.At(i + 1).text);
  return 2;
}

}  // namespace

size_t AddressRule(const RuleInput& in, size_t i, SpokenList* out) {
  const Token& token = in.At(i);
  if (token.kind == TokenKind::kNumber) {
    const bool box = i > 0 && EqualsIgnoreCase(in.At(i - 1).text, "box");
    if (!box && !in.IsCapitalized(i + 1) && !IsOrdinal(in, i + 1)) return 0;
    if (!IsHouseNumber(token.text)) return 0;
    if (!box && !StreetFollows(in, i + (Compass(in, i + 1) != nullptr ? 2 : 1))) return 0;
    SayHouseNumber(token.text, out);
    return 1;
  }
  if (token.kind != TokenKind::kWord || !IsUpperChar(token.text[0]) || token.text.size() > 8) return 0;
  // "(D-MA)", "(R-Okla.)": the party and the state of a politician.
  if (token.text.size() >= 4 && token.text[1] == '-' && i > 0 && in.IsMark(i - 1, '(')) {
    const char* state = Find(token.text.substr(2), kStates);
    if (state == nullptr) state = ShortState(token.text.substr(2));
    if (state == nullptr) return 0;
    out->Letter(token.text[0]);
    out->Words(state);
    return 1;
  }
  if (const char* const compass = Compass(in, i)) {
    const bool before_name = StreetFollows(in, i + 1);
    const bool after_type = i > 1 && IsStreetType(in, i - 1);
    if (before_name || after_type) {
      out->Word(compass);
      return 1;
    }
  }
  return SayState(in, i, out);
}

}  // namespace m2tts
