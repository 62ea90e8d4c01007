#include "core/text/rules/spelling.h"

#include <algorithm>
#include <array>

#include "core/text/char_class.h"
#include "core/text/letter_name.h"
#include "core/text/morphology.h"
#include "core/text/sorted_table.h"

namespace m2tts {
namespace {

// No word is longer in earnest; a longer run of letters is read in pieces, so that the
// phonemes of one word stay bounded.
constexpr size_t kMaxWordLetters = 40;

// Each list is sorted, so that a look-up is a bisection.
constexpr std::array<std::string_view, 87> kSpoken = {
    "ACID",   "AIDS",    "AJAX",   "ALGOL",   "ANSI",    "APEC",  "ARPA", "ASAP",     "ASCII", "ASEAN",
    "BAFTA",  "BASIC",   "BIOS",   "CAPTCHA", "CERN",    "CIRCA", "CMOS", "COBOL",    "COVID", "CRISPR",
    "DARPA",  "DIY",     "DOS",    "EBITDA",  "EFTA",    "EPCOT", "FAQ",  "FEMA",     "FICA",  "FIFA",
    "FOMO",   "FORTRAN", "GIF",    "GUI",     "HIPAA",   "IKEA",  "IMAX", "INTERPOL", "ISIS",  "JPEG",
    "JSON",   "LAN",     "LASER",  "LIDAR",   "LOL",     "MAC",   "MIDI", "MODEM",    "MPEG",  "NAFTA",
    "NASA",   "NASCAR",  "NASDAQ", "NATO",    "NICU",    "NIMBY", "NOAA", "OLED",     "OPEC",  "OSHA",
    "PAC",    "PIN",     "POTUS",  "RADAR",   "RAM",     "RICO",  "ROM",  "SAFTA",    "SARS",  "SCOTUS",
    "SCUBA",  "SEAL",    "SIM",    "SONAR",   "SWAT",    "TASER", "TIFF", "TOEFL",    "UEFA",  "UNESCO",
    "UNICEF", "VAT",     "VIN",    "WAP",     "WYSIWYG", "YOLO",  "ZIP"};

constexpr std::array<std::string_view, 116> kSpelled = {
    "AA",  "AAA",  "AARP", "ABC",  "AC",  "ACLU", "AD",  "ADHD", "AI",   "AK",  "AKA", "AM",  "AMC",
    "AMD", "AOL",  "API",  "APR",  "AR",  "ATM",  "BA",  "BBC",  "BBQ",  "CAD", "CAT", "CD",  "CEO",
    "CFO", "CIA",  "CIO",  "CNN",  "CPA", "CPU",  "CTO", "DA",   "DC",   "DIN", "DNA", "DOA", "DOB",
    "DOJ", "DOT",  "DUI",  "DVD",  "EEG", "EPA",  "ER",  "ESL",  "ESPN", "ETA", "EU",  "EUR", "EV",
    "FAA", "FBI",  "FDA",  "FDIC", "FYI", "GAO",  "GDP", "GE",   "GED",  "GOP", "GPA", "GPS", "GPU",
    "HIV", "HR",   "IBM",  "ICE",  "ICU", "ID",   "IMF", "IOU",  "IP",   "IPO", "IQ",  "IRA", "IRS",
    "ISO", "ISP",  "IT",   "IV",   "IVF", "LA",   "LED", "LSAT", "MA",   "MBA", "MIT", "MRI", "NAACP",
    "NBA", "NCAA", "OMG",  "PA",   "PAL", "PC",   "PE",  "PHD",  "PM",   "PR",  "PTA", "SAT", "SUV",
    "TV",  "UCLA", "UFO",  "UK",   "UN",  "UPS",  "URL", "US",   "USA",  "USB", "VIP", "WHO"};

// Two and three letters that are words when they shout.
constexpr std::array<std::string_view, 284> kShortWords = {
    "ACE", "ACT", "ADD", "AGE", "AGO", "AIR", "ALL", "AN",  "AND", "ANY", "APP", "ARE", "ARM", "ART", "AS",
    "ASK", "AT",  "ATE", "BAD", "BAG", "BAN", "BAR", "BE",  "BED", "BEE", "BEG", "BET", "BIG", "BIN", "BIT",
    "BOW", "BOX", "BOY", "BUG", "BUN", "BUS", "BUT", "BUY", "BY",  "CAN", "CAP", "CAR", "COP", "COW", "CRY",
    "CUB", "CUP", "CUT", "DAD", "DAY", "DEN", "DID", "DIE", "DIG", "DIP", "DO",  "DOG", "DRY", "DUE", "EAR",
    "EAT", "EEL", "EGG", "EGO", "ELF", "END", "ERA", "EVE", "EYE", "FAN", "FAR", "FAT", "FED", "FEE", "FEW",
    "FIG", "FIN", "FIT", "FIX", "FLY", "FOG", "FOR", "FOX", "FUN", "FUR", "GAS", "GEM", "GET", "GO",  "GOD",
    "GOT", "GUN", "GUY", "GYM", "HA",  "HAD", "HAM", "HAS", "HAT", "HAY", "HE",  "HEN", "HER", "HEY", "HI",
    "HIM", "HIP", "HIS", "HIT", "HMM", "HOP", "HOT", "HOW", "HUB", "HUG", "ICY", "IF",  "ILL", "IN",  "INK",
    "IS",  "ITS", "IVY", "JAM", "JAR", "JAW", "JET", "JOB", "JOG", "JOY", "JUG", "KEY", "KID", "LAB", "LAP",
    "LAW", "LAY", "LEG", "LET", "LIE", "LIP", "LIT", "LOG", "LOT", "LOW", "MAD", "MAN", "MAP", "MAX", "MAY",
    "ME",  "MEN", "MET", "MIC", "MIX", "MOB", "MOM", "MUD", "MUG", "MY",  "NAP", "NET", "NEW", "NO",  "NOR",
    "NOT", "NOW", "NUN", "NUT", "OAK", "ODD", "OF",  "OFF", "OH",  "OIL", "OK",  "OLD", "ON",  "ONE", "OR",
    "OUR", "OUT", "OWE", "OWN", "PAD", "PAN", "PAW", "PAY", "PEA", "PEN", "PER", "PET", "PIE", "PIG", "PIT",
    "POD", "POP", "POT", "PRO", "PUB", "PUT", "RAN", "RAT", "RAW", "RAY", "RED", "RIB", "RID", "RIP", "ROD",
    "ROW", "RUB", "RUG", "RUN", "SAD", "SAP", "SAW", "SAY", "SEA", "SEE", "SET", "SEW", "SEX", "SHE", "SIN",
    "SIP", "SIT", "SIX", "SKI", "SKY", "SO",  "SOB", "SON", "SPA", "SPY", "SUE", "SUM", "SUN", "TAB", "TAG",
    "TAN", "TAP", "TAX", "TEA", "TEE", "TEN", "THE", "TIE", "TIN", "TIP", "TO",  "TON", "TOO", "TOP", "TOY",
    "TRY", "TUB", "TUG", "TWO", "UGH", "UP",  "USE", "VAN", "VET", "VIA", "VOW", "WAR", "WAS", "WAX", "WAY",
    "WE",  "WEB", "WET", "WHY", "WIG", "WIN", "WON", "WOW", "YAM", "YES", "YET", "YOU", "ZEN", "ZOO"};

static_assert(IsSorted(kSpoken));
static_assert(IsSorted(kSpelled));
static_assert(IsSorted(kShortWords));

bool HasVowel(std::string_view upper) {
  return upper.find_first_of("AEIOUY") != std::string_view::npos;
}

void SayWord(std::string_view word, SpokenList* out) {
  while (!word.empty()) {
    out->Word(ToLower(word.substr(0, kMaxWordLetters)));
    word.remove_prefix(std::min(word.size(), kMaxWordLetters));
  }
}

// Letters that are names, not words: "vitamin C", "Plan B". "A", "I" and "O" are words.
bool IsLetterName(std::string_view part) {
  return part.size() == 1 && part != "a" && part != "A" && part != "I" && part != "i" && part != "O";
}

// The end of the part of a mixed-case word that begins at `begin`: "mac|OS", "HTML|Parser".
size_t SegmentEnd(std::string_view text, size_t begin) {
  size_t end = begin + 1;
  const bool upper_run = IsUpperChar(text[begin]) && end < text.size() && IsUpperChar(text[end]);
  if (upper_run) {
    while (end < text.size() && IsUpperChar(text[end])) ++end;
    // The last capital begins the next part, unless what follows is a plural "s".
    const bool plural = end + 1 == text.size() && text[end] == 's';
    if (end < text.size() && !plural) --end;
    return plural ? text.size() : end;
  }
  while (end < text.size() && !IsUpperChar(text[end])) ++end;
  return end;
}

void SayMixedCase(std::string_view text, const RuleInput& in, SpokenList* out) {
  // "iOS", "mRNA": a small letter before capitals.
  if (text.size() > 2 && IsLowerChar(text[0]) && AllUpper(text.substr(1))) {
    out->Letter(text[0]);
    SayPart(text.substr(1), in, out);
    return;
  }
  // "pH", "YoY", "IoT".
  if (text.size() <= 3) {
    out->Letters(text);
    return;
  }
  const std::string lower = ToLower(text);
  if (in.lexicon.Contains(lower) || (text.size() <= kMaxWordLetters && PronounceByParts(lower, in.lexicon))) {
    out->Word(lower);
    return;
  }
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = SegmentEnd(text, begin);
    SayPart(text.substr(begin, end - begin), in, out);
    begin = end;
  }
}

// A capital after a small letter, or a small one after two capitals.
bool IsMixedCase(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (IsUpperChar(text[i])) return true;
  }
  return false;
}

// Spelled ones that are words, too, in a text all in capitals.
bool IsShortEnglishWord(std::string_view upper) {
  for (const std::string_view word :
       {"US", "IT", "AM", "WHO", "ICE", "CAT", "DOT", "PA", "LED", "SAT", "UN", "PAL"}) {
    if (upper == word) return true;
  }
  return false;
}

}  // namespace

bool LexiconSpells(const Lexicon& lexicon, std::string_view lower) {
  const std::optional<LexiconEntry> entry = lexicon.Find(lower);
  if (!entry) return false;
  Pronunciation sound;
  entry->Append(0, &sound);
  size_t at = 0;
  for (const char c : lower) {
    if (!IsLowerChar(c)) return false;
    for (const StressedPhoneme phoneme : LetterName(c)) {
      if (at == sound.size() || sound[at++].id != phoneme.id) return false;
    }
  }
  return at == sound.size();
}

bool IsSpelledOut(std::string_view upper, const RuleInput& in) {
  if (upper.size() == 1) return true;
  if (FindSorted(kSpoken, upper) != nullptr) return false;
  if (FindSorted(kSpelled, upper) != nullptr && !(in.all_caps && IsShortEnglishWord(upper))) return true;
  if (!HasVowel(upper)) return true;
  if (FindSorted(kShortWords, upper) != nullptr) return false;
  const std::string lower = ToLower(upper);
  if (!in.lexicon.Contains(lower)) return upper.size() <= 3 || (upper.size() <= 5 && !in.all_caps);
  return (upper.size() <= 3 && !in.all_caps) || LexiconSpells(in.lexicon, lower);
}

void SayLetters(std::string_view letters, bool suffix, SpokenList* out) {
  out->Letters(letters);
  if (suffix) out->items.back().text += "'s";
}

void SayPart(std::string_view part, const RuleInput& in, SpokenList* out) {
  if (part.empty()) return;
  if (IsLetterName(part)) {
    out->Letter(part[0]);
    return;
  }
  std::string_view stem = part;
  bool suffix = false;
  if (stem.size() > 3 && stem.substr(stem.size() - 2) == "'s") {
    stem.remove_suffix(2);
    suffix = true;
  } else if (stem.size() > 2 && stem.back() == 's' && AllUpper(stem.substr(0, stem.size() - 1))) {
    stem.remove_suffix(1);
    suffix = true;
  }
  if (AllUpper(stem) && stem.size() > 1) {
    if (IsSpelledOut(stem, in)) {
      SayLetters(stem, suffix, out);
    } else {
      SayWord(part, out);
    }
    return;
  }
  if (part == "PhD" || part == "PhDs") {
    SayLetters("phd", part.size() == 4, out);
    return;
  }
  if (IsMixedCase(part) && AllAlpha(part)) {
    SayMixedCase(part, in, out);
    return;
  }
  SayWord(part, out);
}

}  // namespace m2tts
