// Short forms of messages and keyboards, written in small letters or capitals: "btw", "pls", "Ctrl".
// A phrase gives way to letters where a name stands: "an atm", "as np".
#include <array>

#include "core/text/char_class.h"
#include "core/text/rules.h"
#include "core/text/sorted_table.h"

namespace m2tts {
namespace {

struct ShortForm {
  std::string_view written;  // lower case
  const char* words;
};

// Sorted by `written`. Only what nobody reads as a word.
constexpr std::array kForms = {
    ShortForm{"atm", "at the moment"},
    ShortForm{"brb", "be right back"},
    ShortForm{"btw", "by the way"},
    ShortForm{"cmd", "command"},
    ShortForm{"ctrl", "control"},
    ShortForm{"esc", "escape"},
    ShortForm{"fyi", "f y i"},
    ShortForm{"idc", "i don't care"},
    ShortForm{"idk", "i don't know"},
    ShortForm{"iirc", "if i recall correctly"},
    ShortForm{"imho", "in my humble opinion"},
    ShortForm{"imo", "in my opinion"},
    ShortForm{"jk", "just kidding"},
    ShortForm{"lmk", "let me know"},
    ShortForm{"msg", "message"},
    ShortForm{"msgs", "messages"},
    ShortForm{"np", "no problem"},
    ShortForm{"nvm", "never mind"},
    ShortForm{"omg", "o m g"},
    ShortForm{"omw", "on my way"},
    ShortForm{"pls", "please"},
    ShortForm{"plz", "please"},
    ShortForm{"ppl", "people"},
    ShortForm{"rn", "right now"},
    ShortForm{"tbh", "to be honest"},
    ShortForm{"thx", "thanks"},
    ShortForm{"tmrw", "tomorrow"},
    ShortForm{"ttyl", "talk to you later"},

    ShortForm{"ur", "your"},
    ShortForm{"wtf", "w t f"},
};

static_assert(IsSorted(kForms));

// What stands before a name, never before a phrase: "the atm", "numpy as np".
bool IsBeforeName(std::string_view word) {
  for (const std::string_view known :
       {"the", "a", "an", "this", "that", "my", "your", "our", "as", "any", "no"}) {
    if (EqualsIgnoreCase(word, known)) return true;
  }
  return false;
}

}  // namespace

size_t ChatRule(const RuleInput& in, size_t i, SpokenList* out) {
  if (!in.Is(i, TokenKind::kWord)) return 0;
  const std::string_view text = in.At(i).text;
  if (text.size() < 2 || text.size() > 4) return 0;
  // In capitals most are acronyms of something else: "ATM", "RN".
  if (AllUpper(text) && !in.all_caps) return 0;
  const ShortForm* const form = FindSorted(kForms, ToLower(text));
  if (form == nullptr) return 0;
  const std::string_view words = form->words;
  if (words.find(' ') != std::string_view::npos && i > 0 && IsBeforeName(in.At(i - 1).text)) {
    out->Letters(text);
  } else {
    out->WordsAndLetters(words);
  }
  return 1;
}

}  // namespace m2tts
