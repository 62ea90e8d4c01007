#include "core/text/abbreviation.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/text/char_class.h"
#include "core/text/sorted_table.h"

namespace m2tts {
namespace {

using Kind = Abbreviation::Kind;
using Small = Abbreviation::Small;

// Sorted by `written`.
constexpr std::array kTable = {
    Abbreviation{"acct", "account", Kind::kOther},
    Abbreviation{"adj", "adjective", Kind::kOther},
    Abbreviation{"adm", "admiral", Kind::kTitle},
    Abbreviation{"al", "al", Kind::kOther},
    Abbreviation{"ala", "alabama", Kind::kState},
    Abbreviation{"alt", "altitude", Kind::kBeforeNumber, false, Small::kEither},
    Abbreviation{"amt", "amount", Kind::kOther},
    Abbreviation{"approx", "approximately", Kind::kOther},
    Abbreviation{"appt", "appointment", Kind::kOther},
    Abbreviation{"apr", "april", Kind::kMonth},
    Abbreviation{"apt", "apartment", Kind::kBeforeNumber, true, Small::kEither},
    Abbreviation{"apts", "apartments", Kind::kOther},
    Abbreviation{"ariz", "arizona", Kind::kState},
    Abbreviation{"ark", "arkansas", Kind::kState},
    Abbreviation{"art", "article", Kind::kBeforeNumber, false, Small::kEither},
    Abbreviation{"arts", "articles", Kind::kBeforeNumber, false, Small::kEither},
    Abbreviation{"assn", "association", Kind::kOther},
    Abbreviation{"assoc", "associate", Kind::kOther},
    Abbreviation{"asst", "assistant", Kind::kTitle},
    Abbreviation{"attn", "attention", Kind::kOther},
    Abbreviation{"atty", "attorney", Kind::kTitle},
    Abbreviation{"aug", "august", Kind::kMonth},
    Abbreviation{"ave", "avenue", Kind::kStreet, true},
    Abbreviation{"avg", "average", Kind::kOther},
    Abbreviation{"bldg", "building", Kind::kOther, true},
    Abbreviation{"blvd", "boulevard", Kind::kStreet, true},
    Abbreviation{"brig", "brigadier", Kind::kTitle},
    Abbreviation{"bros", "brothers", Kind::kOther, true},
    Abbreviation{"c", "circa", Kind::kBeforeNumber},
    Abbreviation{"ca", "circa", Kind::kBeforeNumber},
    Abbreviation{"calif", "california", Kind::kState},
    Abbreviation{"capt", "captain", Kind::kTitle},
    Abbreviation{"cc", "", Kind::kUnit},
    Abbreviation{"cf", "compare", Kind::kTitle},
    Abbreviation{"ch", "chapter", Kind::kBeforeNumber},
    Abbreviation{"chap", "chapter", Kind::kBeforeNumber},
    Abbreviation{"cir", "circle", Kind::kStreet, true},
    Abbreviation{"cm", "", Kind::kUnit},
    Abbreviation{"cmdr", "commander", Kind::kTitle},
    Abbreviation{"co", "company", Kind::kOther},
    Abbreviation{"col", "colonel", Kind::kTitle},
    Abbreviation{"colo", "colorado", Kind::kState},
    Abbreviation{"comdr", "commander", Kind::kTitle},
    Abbreviation{"conn", "connecticut", Kind::kState},
    Abbreviation{"cont", "continued", Kind::kOther},
    Abbreviation{"cor", "corinthians", Kind::kBook},
    Abbreviation{"corp", "corporation", Kind::kOther, true},
    Abbreviation{"cpl", "corporal", Kind::kTitle},
    Abbreviation{"ct", "court", Kind::kStreet, true},
    Abbreviation{"cu", "cubic", Kind::kUnit},
    Abbreviation{"dan", "daniel", Kind::kBook},
    Abbreviation{"dec", "december", Kind::kMonth},
    Abbreviation{"del", "delaware", Kind::kState},
    Abbreviation{"dept", "department", Kind::kOther, true},
    Abbreviation{"deut", "deuteronomy", Kind::kBook},
    Abbreviation{"dist", "district", Kind::kOther},
    Abbreviation{"div", "division", Kind::kOther},
    Abbreviation{"doz", "", Kind::kUnit},
    Abbreviation{"dr", "doctor", Kind::kTitle, true},
    Abbreviation{"drs", "doctors", Kind::kTitle},
    Abbreviation{"ed", "edition", Kind::kBeforeNumber, false, Small::kEither},
    Abbreviation{"eds", "editors", Kind::kOther},
    Abbreviation{"enc", "enclosure", Kind::kOther},
    Abbreviation{"encl", "enclosure", Kind::kOther},
    Abbreviation{"eph", "ephesians", Kind::kBook},
    Abbreviation{"eq", "equation", Kind::kBeforeNumber},
    Abbreviation{"esp", "especially", Kind::kOther},
    Abbreviation{"esq", "esquire", Kind::kOther},
    Abbreviation{"est", "established", Kind::kBeforeNumber},
    Abbreviation{"etc", "et cetera", Kind::kOther, true},
    Abbreviation{"ex", "example", Kind::kBeforeNumber, false, Small::kEither},
    Abbreviation{"excl", "excluding", Kind::kOther},
    Abbreviation{"exec", "executive", Kind::kOther},
    Abbreviation{"expy", "expressway", Kind::kStreet, true},
    Abbreviation{"ext", "extension", Kind::kBeforeNumber},
    Abbreviation{"feat", "featuring", Kind::kOther},
    Abbreviation{"feb", "february", Kind::kMonth},
    Abbreviation{"fig", "figure", Kind::kBeforeNumber},
    Abbreviation{"figs", "figures", Kind::kBeforeNumber},
    Abbreviation{"fl", "", Kind::kUnit},
    Abbreviation{"fla", "florida", Kind::kState},
    Abbreviation{"fri", "friday", Kind::kMonth},
    Abbreviation{"ft", "fort", Kind::kTitle, true},
    Abbreviation{"fwy", "freeway", Kind::kStreet, true},
    Abbreviation{"ga", "georgia", Kind::kState},
    Abbreviation{"gal", "", Kind::kUnit},
    Abbreviation{"gen", "general", Kind::kTitle},
    Abbreviation{"gov", "governor", Kind::kTitle},
    Abbreviation{"govt", "government", Kind::kOther, true},
    Abbreviation{"heb", "hebrews", Kind::kBook},
    Abbreviation{"hon", "honorable", Kind::kTitle},
    Abbreviation{"hr", "", Kind::kUnit},
    Abbreviation{"hrs", "", Kind::kUnit},
    Abbreviation{"hwy", "highway", Kind::kStreet, true},
    Abbreviation{"ill", "illinois", Kind::kState},
    Abbreviation{"in", "", Kind::kUnit},
    Abbreviation{"inc", "incorporated", Kind::kOther, true},
    Abbreviation{"incl", "including", Kind::kOther},
    Abbreviation{"ind", "indiana", Kind::kState},
    Abbreviation{"insp", "inspector", Kind::kTitle},
    Abbreviation{"intl", "international", Kind::kOther, true},
    Abbreviation{"isa", "isaiah", Kind::kBook},
    Abbreviation{"jan", "january", Kind::kMonth},
    Abbreviation{"jer", "jeremiah", Kind::kBook},
    Abbreviation{"josh", "joshua", Kind::kBook},
    Abbreviation{"jr", "junior", Kind::kOther, true},
    Abbreviation{"jul", "july", Kind::kMonth},
    Abbreviation{"jun", "june", Kind::kMonth},
    Abbreviation{"kan", "kansas", Kind::kState},
    Abbreviation{"kg", "", Kind::kUnit},
    Abbreviation{"km", "", Kind::kUnit},
    Abbreviation{"ky", "kentucky", Kind::kState},
    Abbreviation{"lb", "", Kind::kUnit},
    Abbreviation{"lbs", "", Kind::kUnit},
    Abbreviation{"lev", "leviticus", Kind::kBook},
    Abbreviation{"lt", "lieutenant", Kind::kTitle},
    Abbreviation{"ltd", "limited", Kind::kOther, true},
    Abbreviation{"maj", "major", Kind::kTitle},
    Abbreviation{"mar", "march", Kind::kBeforeNumber, false, Small::kEither},
    Abbreviation{"mass", "massachusetts", Kind::kState},
    Abbreviation{"matt", "matthew", Kind::kBook},
    Abbreviation{"max", "maximum", Kind::kOther},
    Abbreviation{"md", "maryland", Kind::kState},
    Abbreviation{"messrs", "messieurs", Kind::kTitle},
    Abbreviation{"mfg", "manufacturing", Kind::kOther},
    Abbreviation{"mgr", "manager", Kind::kOther},
    Abbreviation{"mi", "", Kind::kUnit},
    Abbreviation{"mich", "michigan", Kind::kState},
    Abbreviation{"min", "minimum", Kind::kOther},
    Abbreviation{"minn", "minnesota", Kind::kState},
    Abbreviation{"mins", "", Kind::kUnit},
    Abbreviation{"misc", "miscellaneous", Kind::kOther},
    Abbreviation{"ml", "", Kind::kUnit},
    Abbreviation{"mm", "", Kind::kUnit},
    Abbreviation{"mo", "missouri", Kind::kState},
    Abbreviation{"mon", "monday", Kind::kMonth},
    Abbreviation{"mont", "montana", Kind::kState},
    Abbreviation{"mr", "mister", Kind::kTitle, true},
    Abbreviation{"mrs", "missus", Kind::kTitle, true},
    Abbreviation{"ms", "miz", Kind::kTitle},
    Abbreviation{"mt", "mount", Kind::kTitle, true},
    Abbreviation{"mtn", "mountain", Kind::kOther},
    Abbreviation{"mts", "mountains", Kind::kOther},
    Abbreviation{"natl", "national", Kind::kOther},
    Abbreviation{"neb", "nebraska", Kind::kState},
    Abbreviation{"nev", "nevada", Kind::kState},
    Abbreviation{"no", "number", Kind::kBeforeNumber},
    Abbreviation{"nos", "numbers", Kind::kBeforeNumber},
    Abbreviation{"nov", "november", Kind::kMonth},
    Abbreviation{"oct", "october", Kind::kMonth},
    Abbreviation{"okla", "oklahoma", Kind::kState},
    Abbreviation{"op", "opus", Kind::kBeforeNumber, false, Small::kEither},
    Abbreviation{"ore", "oregon", Kind::kState},
    Abbreviation{"orig", "originally", Kind::kOther},
    Abbreviation{"oz", "", Kind::kUnit},
    Abbreviation{"p", "page", Kind::kBeforeNumber},
    Abbreviation{"pa", "pennsylvania", Kind::kState},
    Abbreviation{"para", "paragraph", Kind::kBeforeNumber},
    Abbreviation{"pct", "percent", Kind::kUnit},
    Abbreviation{"pet", "peter", Kind::kBook},
    Abbreviation{"pg", "page", Kind::kBeforeNumber},
    Abbreviation{"phil", "philippians", Kind::kBook},
    Abbreviation{"pkg", "package", Kind::kOther},
    Abbreviation{"pkwy", "parkway", Kind::kStreet, true},
    Abbreviation{"pl", "place", Kind::kStreet},
    Abbreviation{"pp", "pages", Kind::kBeforeNumber},
    Abbreviation{"pres", "president", Kind::kTitle},
    Abbreviation{"prof", "professor", Kind::kTitle, true},
    Abbreviation{"prov", "proverbs", Kind::kBook},
    Abbreviation{"ps", "psalm", Kind::kBook},
    Abbreviation{"pseud", "pseudonym", Kind::kOther},
    Abbreviation{"pt", "part", Kind::kBeforeNumber},
    Abbreviation{"pts", "points", Kind::kOther},
    Abbreviation{"pvt", "private", Kind::kTitle},
    Abbreviation{"qt", "", Kind::kUnit},
    Abbreviation{"qty", "quantity", Kind::kOther, true},
    Abbreviation{"rd", "road", Kind::kStreet, true},
    Abbreviation{"rep", "representative", Kind::kTitle},
    Abbreviation{"reps", "representatives", Kind::kTitle},
    Abbreviation{"rev", "reverend", Kind::kTitle},
    Abbreviation{"rm", "room", Kind::kBeforeNumber},
    Abbreviation{"rom", "romans", Kind::kBook},
    Abbreviation{"rs", "rupees", Kind::kBeforeNumber},
    Abbreviation{"rte", "route", Kind::kBeforeNumber},
    Abbreviation{"sam", "samuel", Kind::kBook},
    Abbreviation{"sat", "saturday", Kind::kBeforeNumber, false, Small::kWord},
    Abbreviation{"sec", "section", Kind::kBeforeNumber, false, Small::kEither},
    Abbreviation{"secs", "", Kind::kUnit},
    Abbreviation{"sect", "section", Kind::kBeforeNumber},
    Abbreviation{"sen", "senator", Kind::kTitle},
    Abbreviation{"sens", "senators", Kind::kTitle},
    Abbreviation{"sep", "september", Kind::kMonth},
    Abbreviation{"sept", "september", Kind::kMonth},
    Abbreviation{"sgt", "sergeant", Kind::kTitle},
    Abbreviation{"sq", "square", Kind::kUnit},
    Abbreviation{"sr", "senior", Kind::kOther, true},
    Abbreviation{"st", "saint", Kind::kTitle, true},
    Abbreviation{"sta", "station", Kind::kOther},
    Abbreviation{"ste", "suite", Kind::kBeforeNumber, true},
    Abbreviation{"sts", "saints", Kind::kTitle},
    Abbreviation{"sun", "sunday", Kind::kBeforeNumber, false, Small::kWord},
    Abbreviation{"supt", "superintendent", Kind::kTitle},
    Abbreviation{"tbs", "", Kind::kUnit},
    Abbreviation{"tbsp", "", Kind::kUnit},
    Abbreviation{"tel", "telephone", Kind::kBeforeNumber},
    Abbreviation{"temp", "temperature", Kind::kBeforeNumber, false, Small::kEither},
    Abbreviation{"tenn", "tennessee", Kind::kState},
    Abbreviation{"ter", "terrace", Kind::kStreet},
    Abbreviation{"tex", "texas", Kind::kState},
    Abbreviation{"thess", "thessalonians", Kind::kBook},
    Abbreviation{"thu", "thursday", Kind::kMonth},
    Abbreviation{"thur", "thursday", Kind::kMonth},
    Abbreviation{"thurs", "thursday", Kind::kMonth},
    Abbreviation{"tim", "timothy", Kind::kBook},
    Abbreviation{"tsp", "", Kind::kUnit},
    Abbreviation{"tue", "tuesday", Kind::kMonth},
    Abbreviation{"tues", "tuesday", Kind::kMonth},
    Abbreviation{"univ", "university", Kind::kOther},
    Abbreviation{"va", "virginia", Kind::kState},
    Abbreviation{"viz", "namely", Kind::kOther},
    Abbreviation{"vol", "volume", Kind::kBeforeNumber},
    Abbreviation{"vols", "volumes", Kind::kBeforeNumber},
    Abbreviation{"vs", "versus", Kind::kTitle, true},
    Abbreviation{"vt", "vermont", Kind::kState},
    Abbreviation{"wash", "washington", Kind::kState},
    Abbreviation{"wed", "wednesday", Kind::kBeforeNumber, false, Small::kWord},
    Abbreviation{"wis", "wisconsin", Kind::kState},
    Abbreviation{"wk", "", Kind::kUnit},
    Abbreviation{"wks", "", Kind::kUnit},
    Abbreviation{"wt", "weight", Kind::kOther},
    Abbreviation{"wyo", "wyoming", Kind::kState},
    Abbreviation{"yd", "", Kind::kUnit},
    Abbreviation{"yds", "", Kind::kUnit},
    Abbreviation{"yr", "", Kind::kUnit},
    Abbreviation{"yrs", "", Kind::kUnit},
};

static_assert(IsSorted(kTable), "FindAbbreviation searches by bisection");

constexpr size_t kLongest = 6;

// Sorted.
constexpr std::array<std::string_view, 88> kStarters = {
    "A",     "After",   "All",    "Also",    "Although", "An",     "And",       "Another", "Are",   "As",
    "At",    "Because", "Before", "But",     "By",       "Can",    "Did",       "Do",      "Does",  "During",
    "Each",  "Even",    "Every",  "Finally", "First",    "For",    "From",      "Go",      "He",    "Her",
    "Here",  "His",     "How",    "However", "I",        "If",     "In",        "Is",      "It",    "Its",
    "Just",  "Last",    "Later",  "Let",     "Many",     "Maybe",  "Meanwhile", "Most",    "My",    "Next",
    "No",    "Nobody",  "None",   "Not",     "Now",      "On",     "Once",      "One",     "Our",   "Please",
    "She",   "Since",   "So",     "Some",    "Still",    "Thanks", "That",      "The",     "Their", "Then",
    "There", "These",   "They",   "This",    "Those",    "Though", "To",        "Two",     "Was",   "We",
    "What",  "When",    "Where",  "While",   "Who",      "Why",    "Yes",       "You"};
static_assert(IsSorted(kStarters));

}  // namespace

const Abbreviation* FindAbbreviation(std::string_view word) {
  if (word.empty() || word.size() > kLongest) return nullptr;
  std::array<char, kLongest> lower{};
  for (size_t i = 0; i < word.size() && i < kLongest; ++i) lower[i] = ToLowerChar(word[i]);
  const std::string_view key(lower.data(), word.size());
  const Abbreviation* const found = FindSorted(kTable, key);
  const bool word_only = found != nullptr && found->small == Small::kWord && IsLowerChar(word[0]);
  return word_only ? nullptr : found;
}

bool NumeralFollows(const Abbreviation& abbreviation, std::string_view word, std::string_view rest) {
  const bool upper = !rest.empty() && IsUpperChar(rest[0]);
  const std::string_view digits = upper ? "IVXLC" : "ivxl";
  const size_t end = std::min(rest.find_first_not_of(digits), rest.size());
  if (end == 0 || (end < rest.size() && IsAlnumChar(rest[end]))) return false;
  const bool no = abbreviation.written == "no";
  if (no && !(upper && IsUpperChar(word[0]) && end > 1)) return false;
  if (end > 1 || ToLowerChar(rest[0]) != 'i') return true;
  // "I" alone is the pronoun after what may be a word, and before "'m" and the like.
  const std::string_view after = rest.substr(end);
  if (StartsWith(after, "'") || StartsWith(after, "\u2019")) return false;
  return abbreviation.small == Small::kSame || IsUpperChar(word[0]);
}

bool VerseFollows(std::string_view rest) {
  size_t at = 0;
  while (at < rest.size() && at < 3 && IsDigitChar(rest[at])) ++at;
  return at > 0 && at + 1 < rest.size() && rest[at] == ':' && rest[at + 1] > '0' && rest[at + 1] <= '9';
}

bool IsDottedLetters(std::string_view word) {
  if (word.empty() || word.size() % 2 == 0) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (i % 2 == 0 ? !IsAlphaChar(word[i]) : word[i] != '.') return false;
  }
  return true;
}

bool IsDottedDegree(std::string_view word) {
  for (const std::string_view degree : {"Ph.D", "Ph.Ds", "B.Sc", "M.Sc", "Ed.D", "D.Phil", "M.Phil", "Psy.D",
                                        "Pharm.D", "LL.B", "LL.M", "Th.D"}) {
    if (word == degree) return true;
  }
  return false;
}

bool IsSentenceStarter(std::string_view word) {
  return FindSorted(kStarters, word) != nullptr;
}

}  // namespace m2tts
